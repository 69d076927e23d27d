"""
What commands need that `trustproof check` does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from trustproof.errors import UsageError


def demand(command: str, extra: str, modules: Sequence[str]) -> None:
    """
    See that the extra of a command is installed, without importing it.

    Args:
        command: as it is typed.
        extra: its name in `pyproject.toml`.
        modules: what has to be there.

    Raises:
        UsageError: something is not.
    """
    missing = next((name for name in modules if find_spec(name) is None), None)
    if missing is not None:
        raise UsageError(f"{command}: {missing} is not installed: pip install 'trustproof[{extra}]'")
