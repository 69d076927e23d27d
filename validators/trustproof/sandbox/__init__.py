"""
An embedded AWS in which trust is enforced, for tests and for people who want to see it.

`trustproof sandbox` runs it; in tests, `with Sandbox(accounts=...) as aws`. Moto keeps the resources; who may do what
is decided by `trustproof.spec`. docs/limits/sandbox.md says what is not decided here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustproof.sandbox.server import Sandbox as Sandbox

__all__ = ["Sandbox"]


def __getattr__(name: str) -> object:
    """Import the server when it is asked for: the commands for a running sandbox do not need it."""
    if name == "Sandbox":
        from trustproof.sandbox.server import Sandbox

        return Sandbox
    raise AttributeError(name)
