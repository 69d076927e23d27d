"""
The lists that a parameter may be of which all items are ``AllowedValues``, as classes that nothing tells apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from math import comb

from trustproof.inputs.cloudformation.evaluation.declarations.value_classes import pinned, sample_value
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.inputs.grammar.values import scalar_text
from trustproof.model.deployments import Assignment

#: So many choices of the ``AllowedValues`` of a list are judged, or as many as it has values.
_MAX_CHOICES = 80


def classes_of_lists(
    parameter: Parameter, decisive: int | None, joined: Iterable[tuple[str, str]], *, is_ordered: bool
) -> list[Assignment]:
    """
    The lists that a parameter may be, of which a policy that takes the items as they come sees a choice alone.

    Args:
        decisive: so many items decide whatever is decided; None where it may be any number of them. A request that
            a policy lets in for a long list then gets in for these items of it.
        joined: what conditions compare the list with as one text, each with what they join its items with.
        is_ordered: whether something else looks at one item, at all as one text or at how many there are.
    """
    default, values = parameter.default, tuple(dict.fromkeys(parameter.listed))
    most = len(values) if decisive is None else min(decisive, len(values))
    choices: list[tuple[str, ...]] = []
    size = 0
    while size < most and (size == 0 or len(choices) + comb(len(values), size + 1) <= _MAX_CHOICES):
        size += 1
        choices += combinations(values, size)
    if values not in choices and values:
        choices.append(values)
    told = None if is_ordered else _told_apart(parameter, joined)
    written = [",".join(chosen) for chosen in choices if default is None or {*chosen} != {*_items(default)}]
    found = [*([] if default is None else [default]), *written, *(told or ())]
    classes = [pinned(parameter.name, text) for text in dict.fromkeys(found)]
    if told is None or size < most:
        # There are more lists than these.
        classes.append(Assignment((), (parameter.name,), sample_value(parameter, [default or ""])))
    return classes


def joined_list(side: object) -> tuple[str, str] | None:
    """The name of the list that a side of a comparison makes one text of, and what it joins the items with."""
    argument = side.get("Fn::Join") if isinstance(side, dict) and len(side) == 1 else None
    if not isinstance(argument, list) or len(argument) != 2:
        return None
    delimiter, name = scalar_text(argument[0]), _referred(argument[1])
    return None if delimiter is None or name is None else (name, delimiter)


def split_again(function: str, argument: object) -> tuple[str, str] | None:
    """The same of a function that splits that text where it was joined."""
    if function != "Fn::Split" or not isinstance(argument, list) or len(argument) != 2:
        return None
    found = joined_list(argument[1])
    return found if found is not None and found[1] == scalar_text(argument[0]) else None


def is_list_again(parameter: Parameter | None, delimiter: str) -> bool:
    """Whether the items of a parameter are what they were, when they are joined and split again."""
    if parameter is None or not parameter.is_list or parameter.is_ssm or not parameter.listed or not delimiter:
        return False
    return not any(delimiter in one for one in parameter.listed)


def _told_apart(parameter: Parameter, joined: Iterable[tuple[str, str]]) -> list[str] | None:
    """
    The lists that are some texts when they are joined, each with one that has the same items and is none of these;
    None where it is not known which they are.
    """
    found: dict[str, None] = {}
    if any("," in one for one in parameter.listed):
        return None
    for delimiter, text in joined:
        items = text.split(delimiter) if delimiter else _taken_apart(text, parameter.listed)
        if items is None or (delimiter and not is_list_again(parameter, delimiter)):
            return None
        if {*items} <= {*parameter.listed} and parameter.refusal(",".join(items)) is None:
            found[",".join(items)] = None
    for written in [*found]:
        other = written
        while other in found:
            other = f"{other},{other.rpartition(',')[2]}"
        found[other] = None
        if len(found) > _MAX_CHOICES or parameter.refusal(other) is not None:
            return None
    return [*found]


def _taken_apart(text: str, values: Sequence[str]) -> list[str] | None:
    """The values that a text is one after the other, and what is left; None where it may be several of them."""
    if any(one is not other and other.startswith(one) for one in values for other in values):
        return None
    found: list[str] = []
    while value := next(filter(text.startswith, values), ""):
        found, text = [*found, value], text[len(value) :]
    return [*found, text] if text or not found else found


def _referred(source: object) -> str | None:
    name = source.get("Ref") if isinstance(source, dict) and len(source) == 1 else None
    return name if isinstance(name, str) else None


def _items(value: str) -> Iterator[str]:
    return (item.strip() for item in value.split(","))
