"""
Cases in which an expression has no value: Terraform refuses them, so they are left out, unless ``try`` or ``can`` waits
for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from trustproof.inputs.terraform.values.conditions import Condition

#: A condition, and whether the case that is left out is the one in which it holds; None where nobody waits for them.
LEFT_OUT: ContextVar[list[tuple[Condition, bool]] | None] = ContextVar("LEFT_OUT", default=None)
#: What cannot be, since Terraform would refuse the whole configuration: what is under way is evaluated in every case.
#: None where it may not be.
NEVER: ContextVar[list[Condition] | None] = ContextVar("NEVER", default=None)


def leave_out(condition: Condition, *, holds: bool) -> None:
    """Say that in one case there is no value."""
    found = LEFT_OUT.get()
    if found is not None:
        found.append((condition, holds))


def refuse(condition: Condition) -> None:
    """Say that there is no value where a condition holds, and that nothing is applied there if one is asked for."""
    leave_out(condition, holds=True)
    found = NEVER.get()
    if found is not None:
        found.append(condition)


@contextmanager
def in_some_cases() -> Iterator[None]:
    """Where something is evaluated that Terraform need not evaluate, or whose faults it forgets."""
    token = NEVER.set(None)
    try:
        yield
    finally:
        NEVER.reset(token)
