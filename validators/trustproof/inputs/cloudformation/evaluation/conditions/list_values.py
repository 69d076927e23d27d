"""
Values of a parameter that make of a list, or of the items of a text, what a condition compares it with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.parameters.samples import candidates
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.values import scalar_text

#: No longer lists are made up.
_MAX_ITEMS = 64


def suggest_items(side: object, other: object) -> tuple[str, str, list[Sequence[str | None]]] | None:
    """
    For one side of a comparison: the parameter whose items it looks at, what stands between these, and items for which
    it is what the other side is, or is not; None stands for any item. None for a side of any other kind.
    """
    if not isinstance(side, dict) or len(side) != 1:
        return None
    ((function, argument),) = side.items()
    text = scalar_text(other)
    found: list[Sequence[str | None]]
    if function == "Fn::Length":
        source, count = argument, _count(text)
        found = [[None] * n for n in dict.fromkeys((count, count + 1, 1, 2)) if 0 < n <= _MAX_ITEMS]
    elif function == "Fn::Join" and text is not None and _is_pair(argument) and isinstance(argument[0], str):
        delimiter, source = argument
        found = [text.split(delimiter) if delimiter else [text]]
    elif function == "Fn::Select" and text is not None and _is_pair(argument):
        index, source = argument
        least = min(_count(scalar_text(index)), _MAX_ITEMS) + 1
        # Another comparison may ask how many there are.
        found = [[text] * n for n in range(least, least + 3)]
    else:
        return None
    items = _items_of(source)
    return None if items is None else (*items, found)


def texts_of_list(items: Sequence[str | None], delimiter: str, parameter: Parameter) -> Iterator[str]:
    """The value of a parameter that has these items, if it admits one."""
    samples = [None] if None not in items else [*parameter.listed, *candidates(parameter.symbol)]
    for sample in samples:
        chosen = [sample if item is None else item for item in items]
        value = delimiter.join(item or "" for item in chosen)
        if value.split(delimiter) == chosen and parameter.refusal(value) is None:
            yield value
            return


def chosen_list(scope: Scope, source: object) -> str:
    """
    Why nothing follows from the one item that a list has in a reading, where it is the parameter that the reading has
    chosen one of the ``AllowedValues`` for: it may have several. Empty for any other list.
    """
    name = source.get("Ref") if isinstance(source, dict) and len(source) == 1 else None
    parameter = scope.environment.parameters.get(name) if isinstance(name, str) else None
    if parameter is None or not parameter.is_list or not parameter.listed or scope.choices is None:
        return ""
    # One of the readings stands for all lists of several; the others show what each value does alone.
    if scope.choices.taken.get(parameter.name) != parameter.listed[0]:
        return ""
    return f"{parameter.name} is a list of any number of its AllowedValues"


def allowed_items(scope: Scope, source: object) -> tuple[str, ...]:
    """What each item of a list is one of: the ``AllowedValues`` of the parameter that it is; empty for any other."""
    name = source.get("Ref") if isinstance(source, dict) and len(source) == 1 else None
    parameter = scope.environment.parameters.get(name) if isinstance(name, str) else None
    if parameter is None or not parameter.is_list or parameter.is_ssm or parameter.name in scope.environment.bindings:
        return ()
    return () if any("," in value for value in parameter.listed) else tuple(parameter.listed)


def _is_pair(argument: object) -> bool:
    return isinstance(argument, list) and len(argument) == 2


def _count(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 5 else 0


def _items_of(source: object) -> tuple[str, str] | None:
    """The parameter that a list is made of, and what stands between its items there."""
    if not isinstance(source, dict) or len(source) != 1:
        return None
    ((function, argument),) = source.items()
    if function == "Ref" and isinstance(argument, str):
        return argument, ","
    if function == "Fn::Split" and isinstance(argument, list) and len(argument) == 2:
        delimiter, inner = argument
        name = inner.get("Ref") if isinstance(inner, dict) and len(inner) == 1 else None
        if isinstance(delimiter, str) and delimiter and isinstance(name, str):
            return name, delimiter
    return None
