"""
The library cannot pass by accident: what is misspelt is an error, and an answer is no truth value.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof

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
