"""
Twice as much of one thing takes about twice the steps: whatever takes four times as many does not end at a megabyte.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import ItemsView, Iterator
from pathlib import Path

import pytest

from tests.hostile.comparisons import ACCOUNT
from tests.hostile.growing import GROWING
from trustproof.analysis.assignments.names_at_other_values import with_open_names
from trustproof.analysis.role_chains.written_names import names_like
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.text import MAY_BE_PATTERN, STACK_NAME, Symbol, Symbolic

#: A fourth of some of one thing, half of them, and all.
_SIZES = (15, 30, 60)
#: How much more the second half takes than the second fourth: 2 where each takes the same, 4 where each asks for all.
_AT_MOST = 2.15
#: The same of what is compared, which takes several times as much for each.
_SIZES_COMPARED = (8, 16, 32)
#: Comparisons that end within their budgets at these sizes.
_COMPARED = (
    "boundaries",
    "buckets",
    "chains",
    "control-policies",
    "denied-roles",
    "denied-users",
    "files",
    "inline-policies",
    "managed-policies",
    "moved-roles",
    "named-users",
    "narrowed-roles",
    "one-boundary",
    "one-control-policy",
    "one-link",
    "plans",
    "renamed-roles",
    "reordered-roles",
    "roles",
    "tags",
    "users-of-one-group",
)


def _steps(*arguments: str) -> tuple[int, int, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.growth", *arguments],
        cwd=Path(__file__).resolve().parents[2],
        check=True,
        capture_output=True,
        text=True,
    )
    fourth, half, whole = map(int, done.stdout.split())
    return fourth, half, whole


@pytest.mark.parametrize("kind", sorted(GROWING))
def test_twice_as_many_take_twice_the_steps(kind: str) -> None:
    """The second half of them takes what the second fourth does, twice."""
    fourth, half, whole = _steps(kind, *map(str, _SIZES))
    assert whole - half <= _AT_MOST * (half - fourth)


@pytest.mark.parametrize("kind", _COMPARED)
def test_twice_as_many_changes_take_twice_the_steps(kind: str) -> None:
    """So it is where each of them has changed, and two sides are compared."""
    compared = ("--", "diff", "--account", ACCOUNT, "old", "new")
    fourth, half, whole = _steps(f"diff-of-{kind}", *map(str, _SIZES_COMPARED), *compared)
    assert whole - half <= _AT_MOST * (half - fourth)


class _LookedUp(dict[str, str]):
    """
    Values that nobody goes through: each of as many roles would.
    """

    def __iter__(self) -> Iterator[str]:
        raise AssertionError

    def items(self) -> ItemsView[str, str]:
        raise AssertionError


def test_the_name_of_a_role_is_looked_up_and_not_searched_for() -> None:
    """The values have the names of all roles of a template, and an ARN has the name of one."""
    names = {STACK_NAME: "stack", "R1.Name": "r1", "R2.Name": "r2"}
    arn = Symbolic(("arn:aws:iam::111122223333:role/", Symbol("P", "parameter"), "-x"))
    assert names_like(arn, _LookedUp({**names, "P": "team"}), names) == ""
    assert names_like(arn, _LookedUp({**names, "P": "team"}), names, given={"P"}) == ".*\\-x"


def test_a_name_is_searched_for_only_where_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a thousand roles asks about a thousand variables."""
    asked: list[str] = []
    search = re.search

    def searched(pattern: str, text: str) -> re.Match[str] | None:
        asked.append(pattern)
        return search(pattern, text)

    monkeypatch.setattr(re, "search", searched)
    condition = Condition("StringLike", "sts:ExternalId", (Symbolic((Symbol("var.v1", "parameter"),)),))
    document = Document(TRUST, Policy((Statement("Allow", conditions=(condition,)),)), "R", "", ())
    opened = with_open_names(document, [document], [f"var.v{n}" for n in range(100)])
    ((text,),) = (one.operands for one in opened.policy.statements[0].conditions)
    assert isinstance(text, Symbolic)
    assert [symbol.holds for symbol in text.symbols] == [MAY_BE_PATTERN]
    assert len(asked) == 1
