"""
Classes of the values of one parameter, as parts of assignments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from trustproof.inputs.cloudformation.parameters.samples import candidates
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.model.deployments import Assignment, equality_key


def pinned(name: str, value: str) -> Assignment:
    """The class of one value."""
    return Assignment(((name, value),), (), ((name, value),))


def class_of_others(parameter: Parameter, texts: Sequence[str], *, in_part: bool = False) -> Assignment:
    """
    The class of all values of a parameter but its default and some texts.

    Args:
        in_part: whether it is compared otherwise than as a whole with these texts: then it may be one of these, too.
    """
    name = parameter.name
    if in_part:
        return Assignment((), (name,), sample_value(parameter, texts))
    excluded = tuple((equality_key(name, text), "false") for text in texts)
    return Assignment(excluded, (name,), sample_value(parameter, texts))


def classes_of_listed(parameters: Iterable[Parameter]) -> dict[str, list[Assignment]]:
    """What each parameter may be that is one of some values, by name: made once, as each part of a template asks."""
    found: dict[str, list[Assignment]] = {}
    for parameter in parameters:
        if parameter.listed and not parameter.is_ssm and not parameter.is_list:
            default = parameter.judged_default
            listed = dict.fromkeys(parameter.listed if default is None else (default, *parameter.listed))
            # Without a default it is known only by its one value.
            is_several = len(listed) > 1 or default is None
            found[parameter.name] = [pinned(parameter.name, value) for value in listed] if is_several else []
    return found


def distinguished(
    parameter: Parameter, default: str | None, compared: Iterable[str], *, in_part: bool
) -> list[Assignment]:
    """
    The classes that conditions make of the values of a parameter; empty where there is one.

    Args:
        default: at which it is judged if it can be.
        compared: the texts that it is compared with.
        in_part: whether it is compared otherwise than as a whole, too.
    """
    literals = [text for text in compared if text == default or parameter.refusal(text) is None]
    known = literals if default is None else [default, *literals]
    found = [pinned(parameter.name, value) for value in dict.fromkeys(known)]
    if in_part or default is None or default in literals:
        # What is none of the texts may be anything else.
        found.append(class_of_others(parameter, literals, in_part=in_part))
    return found if len(found) > 1 else []


def joined(chosen: Sequence[Assignment]) -> Assignment:
    """The assignment that is in all of some classes."""

    def together(field: int) -> Iterator[object]:
        return (part for one in chosen for part in one[field])

    return Assignment(*(tuple(together(field)) for field in range(3)))  # type: ignore[arg-type]


def sample_value(parameter: Parameter, taken: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """A value that is none of some texts, to name one deployment."""
    fitting = (v for v in candidates(parameter.symbol) if v not in taken and parameter.refusal(v) is None)
    return tuple((parameter.name, value) for value in islice(fitting, 1))
