"""
What an account answers was written by others: it is escaped where it is printed, and its pages come to an end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

import pytest

from trustproof.live import account as account_module
from trustproof.live import command
from trustproof.live.account import LiveAccount
from trustproof.live.check import Finding
from trustproof.live.errors import CannotCheck
from trustproof.live.other_roles import other_roles
from trustproof.live.policy_comparison import DIFFERS, Comparison
from trustproof.live.verify import Verification

#: What a runner takes for a command, what moves a cursor or turns the reading direction, and a digit of another kind.
HOSTILE = ("##vso[task.setvariable variable=x]y", "##[error]x", "::error::x", "\x1b[2J", "\x7f", "\u202e", "\uff11")


class _Client:
    """A client of which each operation answers the same page, or one of its own for each token."""

    def __init__(self, answer: Callable[[int], dict[str, Any]]) -> None:
        self._answer, self.asked = answer, 0

    def list_things(self, **given: Any) -> dict[str, Any]:
        self.asked += 1
        return self._answer(self.asked)


class _Account(LiveAccount):
    """An account with one client."""

    def __init__(self, client: _Client) -> None:
        self._client = client
        self.profile = None

    def client(self, service: str, region: str | None = None) -> Any:
        return self._client


@pytest.mark.parametrize(
    ("answer", "most"),
    [(lambda n: {"Names": [n], "NextToken": "a"}, 2), (lambda n: {"Names": [n], "NextToken": str(n)}, 6)],
    ids=["the same token", "another token"],
)
def test_pages_without_an_end_are_not_followed(
    answer: Callable[[int], dict[str, Any]], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer whose pages lead to each other, or never end, is none."""
    monkeypatch.setattr(account_module, "MAX_PAGES", 5)
    client = _Client(answer)
    with pytest.raises(CannotCheck, match="pages of the answer"):
        _Account(client).call("s3", "ListThings", {}, "eu-west-1")
    assert client.asked == most


def test_pages_that_end_are_put_together() -> None:
    """The lists of all pages are one, in their order."""
    client = _Client(lambda n: {"Names": [n], **({"NextToken": str(n)} if n < 4 else {})})
    found = _Account(client).call("s3", "ListThings", {}, "eu-west-1")
    assert found is not None
    assert found["Names"] == [1, 2, 3, 4]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_an_account_says_is_escaped(
    hostile: str, form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name, a value and an error of an account are shown without what they would do to a terminal or a runner."""
    comparison = Comparison(DIFFERS, (hostile, "x" * 100_000))
    found = Verification([Finding("111122223333", hostile, comparison)], [hostile], frozenset(), {}, {})
    monkeypatch.setattr(command, "verify", lambda *given, **named: found)
    assert command.run_verify("cdk.out", [None], form=form) == command.DIFFERS
    said = capsys.readouterr()
    for line in (said.out + said.err).splitlines():
        assert not line.strip().startswith("::")
        assert hostile == "::error::x" or hostile not in line
        assert len(line) < 10_000
    if form == "json":
        assert json.loads(said.out)["findings"][0]["subject"] == hostile


@pytest.mark.parametrize(
    "trust",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        "1" * 5_000,
        '{"Statement": [1]}',
        '{"Statement": {"Effect": "Allow", "Principal": ["*"]}}',
        '{"Statement": {"Effect": "Allow", "Principal": "*", "Condition": {"Bool": 1}}}',
    ],
)
def test_a_trust_policy_that_is_none_is_unknown(trust: str) -> None:
    """One role that cannot be read keeps nobody from hearing of the others."""

    class Account:
        id = "111122223333"
        identities: ClassVar = {
            ("role", name): account_module.Identity("role", name, f"arn:{name}", {}, (), text, None, "/", "")
            for name, text in (("a", trust), ("b", '{"Statement": {"Effect": "Allow", "Principal": "*"}}'))
        }

    class Expected:
        holdings: ClassVar[dict[Any, Any]] = {}

    found = [comparison.verdict for _, comparison in other_roles(Account(), Expected())]  # type: ignore[arg-type]
    assert found == ["unknown", "other"]
