"""
The steps of paths that lead through what makes a value, and not into a part of it.

They are called as CloudFormation calls its functions, whatever an input is written in.
"""

from __future__ import annotations

from trustproof.model.policy import Path

_FUNCTION = "Fn::"
#: What has one value or another as a condition comes out.
_CHOICE = "Fn::If"
#: What calls a macro: for a whole template, and for a part of it.
_MACROS = ("Transform", "Fn::Transform")


def is_function(step: object) -> bool:
    """Whether a step leads into the arguments of a function."""
    return str(step).startswith(_FUNCTION)


def is_choice(step: object) -> bool:
    """Whether a step leads into what a condition chooses from."""
    return step == _CHOICE


def before_choices(path: Path) -> Path:
    """A path as far as no condition chooses between what it leads to."""
    return path[: path.index(_CHOICE)] if _CHOICE in path else path


def calls_macro(path: Path) -> bool:
    """Whether a path leads to the call of a macro, which may make anything of what it is given."""
    return path[-1:] != () and path[-1] in _MACROS
