"""
The names of values that functions of a template make, as `Symbol.name` and the guards have them.

They are written as CloudFormation writes functions, whatever an input is written in: ``Fn::ImportValue hub-account``,
``Fn::Select [0, {"Ref": "Hubs"}]``.
"""

from __future__ import annotations

import json
import re

_FUNCTION = "Fn::"
#: What calls a macro, what compares in a condition, and what makes a list of a text.
_MACRO, _COMPARISON, _LIST = "Fn::Transform", "Fn::Equals ", "Fn::Split"
#: Begins the names by which conditions are known of which nobody knows how they come out.
_CONDITION = "Condition "
#: Ends the names of those that no template declares, or that CloudFormation refuses.
OF_NOBODY = " (refused)"
#: A reference, as JSON has it.
_REF = re.compile(r'{"Ref": "([^"]*)"}')
#: Begins what is no parameter: a pseudo parameter.
_PSEUDO = "AWS::"
#: What YAML takes for a text, or for a number that is written alike, without quotation marks.
_WORD = re.compile(r"[A-Za-z0-9][\w./-]*(?:::\w+)*")


def is_made(name: str) -> bool:
    """Whether a name is that of what a function makes, and not of a parameter or resource."""
    return name.startswith(_FUNCTION)


def is_decided_by_macro(name: str) -> bool:
    """Whether a name is that of a condition, or of a comparison in one, of which a macro decides how it comes out."""
    return name.startswith(_CONDITION) or (name.startswith(_COMPARISON) and _MACRO in name)


def names_macro(text: str) -> bool:
    """Whether a sentence speaks of what a macro makes or may change."""
    return f"<{_MACRO}" in text or "the macro " in text


def parameter_in_list(name: str) -> str:
    """
    The one parameter whose text a list is made of, by the name of that list; empty where it is not one.

    >>> parameter_in_list('Fn::Split [",", {"Ref": "Hubs"}]')
    'Hubs'
    """
    found = {one for one in _REF.findall(name) if not one.startswith(_PSEUDO)}
    return found.pop() if len(found) == 1 and name.startswith(_LIST) else ""


def in_short(name: str) -> str:
    """
    A function as a template writes it in short; empty for the name of anything else.

    >>> in_short('Fn::Select [0, {"Ref": "Hubs"}]')
    '!Select [0, !Ref Hubs]'
    """
    function, _, argument = name.partition(" ")
    if not is_made(function) or not argument.startswith(("[", "{")):
        return ""
    try:
        return f"!{function.removeprefix(_FUNCTION)} {_short(json.loads(argument))}"
    except ValueError:
        return ""


def _short(value: object) -> str:
    """A value with functions as YAML writes it in one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(_short, value))}]"
    if isinstance(value, dict) and len(value) == 1:
        ((name, argument),) = value.items()
        if name == "Ref" or is_made(name):
            return f"!{name.removeprefix(_FUNCTION)} {_short(argument)}"
    return value if isinstance(value, str) and _WORD.fullmatch(value) else json.dumps(value, sort_keys=True)
