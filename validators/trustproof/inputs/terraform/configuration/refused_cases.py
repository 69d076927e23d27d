"""
Cases in which an expression has no value: Terraform refuses them, so they are left out, unless ``try`` or ``can`` waits
for that.
"""

from __future__ import annotations

from contextvars import ContextVar

from trustproof.inputs.terraform.conditions import Condition

#: A condition, and whether the case that is left out is the one in which it holds; None where nobody waits for them.
LEFT_OUT: ContextVar[list[tuple[Condition, bool]] | None] = ContextVar("LEFT_OUT", default=None)


def leave_out(condition: Condition, *, holds: bool) -> None:
    """Say that in one case there is no value."""
    found = LEFT_OUT.get()
    if found is not None:
        found.append((condition, holds))
