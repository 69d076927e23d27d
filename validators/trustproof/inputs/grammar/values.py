"""
Values that are not quite there: removed, unknown before deployment, or known in part.
"""

from __future__ import annotations

from typing import Final

from trustproof.model.text import Text


class NoValue:
    """``AWS::NoValue``: the entry or item is not there."""

    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE: Final = NoValue()


class OpenKey(str):
    """A key of a mapping that has unknown parts, as a user would see it."""

    __slots__ = ()


class LeftOverKey(OpenKey):
    """A key with a placeholder of another tool in it."""

    __slots__ = ()


class Unreadable(Exception):
    """A value cannot be read before deployment; `args` is the reason, a clause."""


class Partial:
    """A list of which only the first items are known."""

    def __init__(self, items: list[Text], source: object) -> None:
        self.items = items
        self.source = source


def scalar_text(value: object) -> str | None:
    """
    The text IAM and CloudFormation compare for a scalar: ``true`` for a boolean, digits for a number.

    None for what is not a scalar.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    return None
