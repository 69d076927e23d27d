"""
The library cannot pass by accident: what is misspelt is an error, and an answer is no truth value.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from trustproof.testing import assert_proved

TEMPLATE = {"Resources": {}}
TRUST = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: trustproof.check("x.yaml"), trustproof.UsageError, "must be a list of paths"),
        (lambda: trustproof.check([TEMPLATE], properties="mfa-required"), trustproof.UsageError, "must be a list"),
        (lambda: trustproof.check([TEMPLATE], account="1111-2222-3333"), trustproof.UsageError, "12 digits"),
        (lambda: trustproof.check([TEMPLATE], account="１２３４５６７８９０１２"), trustproof.UsageError, "12 digits"),
        (lambda: trustproof.check_templates([("x.yaml", "zzz", None)]), trustproof.UsageError, "12 digits"),
        (lambda: trustproof.prove(TRUST, account="zzz"), trustproof.UsageError, "12 digits"),
        (lambda: trustproof.prove(None), trustproof.UsageError, "mapping or JSON text, got None"),
        (lambda: trustproof.prove(TRUST, ["mfa-required"]), trustproof.UsageError, "by its identifier, got \\['mfa"),
        (lambda: trustproof.check([TEMPLATE], properties=[None]), trustproof.UsageError, "identifier, got None"),
        (lambda: trustproof.check([TEMPLATE], config=Path("x.toml")), trustproof.ConfigError, "what load_config gives"),
        (lambda: trustproof.check([TEMPLATE], parameters=["a"]), trustproof.UsageError, "mapping of names to values"),
        (lambda: trustproof.check([TEMPLATE], jobs="2"), trustproof.UsageError, "at least 1"),
        (lambda: trustproof.explain([TEMPLATE], 3), trustproof.UsageError, "named by a text, got 3"),
        (lambda: trustproof.diff(TEMPLATE, TEMPLATE, source=3), trustproof.UsageError, "expected a path, got 3"),
        (lambda: trustproof.diff_since("HEAD", [None]), trustproof.UsageError, "expected a path, got None"),
        (lambda: trustproof.diff_since("HEAD", [TEMPLATE]), trustproof.UsageError, "expected a path, got {"),
        (lambda: trustproof.diff_since("HEAD", TEMPLATE), trustproof.UsageError, "must be a list of paths"),
        (lambda: trustproof.diff_since("HEAD", 5), trustproof.UsageError, "must be a list of paths"),
        (lambda: trustproof.diff_since(None, ["x.yaml"]), trustproof.UsageError, "name of a revision"),
        (lambda: assert_proved(TEMPLATE, ["mfa-required"]), trustproof.UsageError, "by its identifier"),
        (lambda: assert_proved(TEMPLATE, config="x.toml"), trustproof.ConfigError, "what load_config gives"),
        (lambda: bool(trustproof.prove(TRUST)), TypeError, "neither true nor false"),
        (lambda: bool(trustproof.check([TEMPLATE])), TypeError, "neither true nor false"),
        (lambda: trustproof.check([TEMPLATE]).raise_for_status("all"), ValueError, "error, warning, note"),
        (lambda: trustproof.check(["gone.yaml"]).raise_for_status(), trustproof.InputError, "gone.yaml"),
    ],
)
def test_what_could_pass_by_accident_is_an_error(
    call: Callable[[], object], error: type[Exception], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bare string, an account that is none, and an answer that is taken for a truth value."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=said):
        call()


def test_errors_are_part_of_what_iterating_yields() -> None:
    """A file that cannot be read is not passed over in a loop over a report."""
    (found,) = trustproof.check(["gone.yaml"])
    assert isinstance(found, trustproof.InputError)


def test_the_version_is_that_of_the_installation() -> None:
    """As the command prints it."""
    assert str(trustproof.__version__).count(".") == 2
    with pytest.raises(AttributeError):
        _ = trustproof.nothing
