"""
Policies that AWS would refuse.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from trustproof.inputs.grammar.values import scalar_text
from trustproof.model.policy import Path

#: What is to stand where an empty list does.
LIST_OF_TEXTS: Final = "expected text or a list of texts"
#: No statement that has an empty list.
NONE_EMPTIED: Final[Mapping[Path, str]] = MappingProxyType({})


class MalformedPolicy(Exception):
    """
    A policy that AWS would refuse.

    Args:
        message: lower-case, without a full stop.
        path: of what is wrong.
    """

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message, path)
        self.message = message
        self.path = path
        #: Whether it is one in some of the cases only that conditions, or values that may be absent, tell apart.
        self.in_some_cases = False


class WithoutResource(MalformedPolicy):
    """
    A statement of an identity policy that says nothing of what it is about.
    """


class WithoutPrincipal(MalformedPolicy):
    """
    A statement of which the list of principals is empty.
    """


def quote_value(value: object) -> str:
    """A value as an error message shows it."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}..."'
    if value is None:
        return "null"
    if isinstance(value, (dict, list)):
        kind = "object" if isinstance(value, dict) else "list"
        return f"an {kind}" if kind == "object" else f"a{'n empty' if not value else ''} {kind}"
    return scalar_text(value) or str(value)
