"""
Other spellings of a comparison: ``Fn::Sub: "${Stage}"`` is ``Ref: Stage``, and so is ``Fn::Join`` or ``Fn::Select`` of
it alone; and where ``${Stage}-hub`` is ``prod-hub``, it is ``prod``. What decides about a parameter is looked for as
comparisons of it, and is not to depend on how somebody writes one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from trustproof.inputs.cloudformation.values.intrinsics import sub_parts
from trustproof.inputs.grammar.values import scalar_text

_EQUALS = "Fn::Equals"
_INDEX = range(1_000)


class PlainReferences:
    """
    Writes values with references where these have another spelling of one.

    Args:
        parameters: the names of those that are no lists.
    """

    def __init__(self, parameters: Collection[str]) -> None:
        self._parameters = parameters

    def written(self, value: object) -> object:
        """A value in which whatever is another spelling of a reference or comparison is one; itself where none is."""
        if isinstance(value, list):
            items = [self.written(item) for item in value]
            return value if all(one is other for one, other in zip(items, value, strict=True)) else items
        if not isinstance(value, dict):
            return value
        inner = {key: self.written(one) for key, one in value.items()}
        if all(inner[key] is value[key] for key in value):
            inner = value
        if len(inner) != 1:
            return inner
        if isinstance(sides := inner.get(_EQUALS), list) and len(sides) == 2:
            return next(filter(None, (self._comparison(*both) for both in (sides, sides[::-1]))), inner)
        found = _respelled(inner)
        return found if isinstance(found, str) or self.parameter(found) is not None else inner

    def parameter(self, value: object) -> str | None:
        """The name of a parameter that a value refers to; None for any other value."""
        name = value.get("Ref") if isinstance(value, dict) and len(value) == 1 else None
        return name if isinstance(name, str) and (name in self._parameters or name.startswith("AWS::")) else None

    def _comparison(self, side: object, other: object) -> object:
        """What says the same as a comparison, of a parameter by itself; None where that is none."""
        text = scalar_text(other)
        if text is None or not isinstance(side, dict) or len(side) != 1:
            return None
        ((function, argument),) = side.items()
        between, parts = _parts_of(function, argument)
        at = [place for place, part in enumerate(parts) if not isinstance(part, str)]
        if len(at) != 1 or self.parameter(parts[at[0]]) is None:
            return None
        before, after = parts[: at[0]], parts[at[0] + 1 :]
        start = "".join(f"{one}{between}" for one in before)
        end = "".join(f"{between}{one}" for one in after)
        is_within = len(start) + len(end) <= len(text) and text.startswith(start) and text.endswith(end)
        if not is_within or {*"${}"} & {*start, *end}:
            return None
        return {_EQUALS: [parts[at[0]], text[len(start) : len(text) - len(end)]]}


def _respelled(value: Mapping[str, object]) -> object:
    """The text or reference that a function gives which puts some together, or takes one of a list; else None."""
    ((function, argument),) = value.items()
    if function == "Fn::Select" and isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], list):
        index = str(argument[0])
        found = argument[1][int(index)] if index.isdigit() and int(index) in _INDEX[: len(argument[1])] else None
        return found if not isinstance(found, str) or _stands_for_itself(found) else None
    between, parts = _parts_of(function, argument)
    if parts and all(isinstance(one, str) for one in parts):
        text = between.join(map(str, parts))
        return text if _stands_for_itself(text) else None
    kept = parts if between else [one for one in parts if one != ""]
    return kept[0] if len(kept) == 1 else None


def _stands_for_itself(text: str) -> bool:
    """Whether nothing in a text may be for another tool, or a dynamic reference: where it is written decides that."""
    return not {*"${}"} & {*text}


def _parts_of(function: str, argument: object) -> tuple[str, Sequence[object]]:
    """What ``Fn::Join`` and ``Fn::Sub`` put together, and what they put between; nothing of other functions."""
    if function == "Fn::Sub":
        return "", _parts_of_sub(argument)
    if function == "Fn::Join" and isinstance(argument, list) and len(argument) == 2:
        between, parts = argument
        return (between, parts) if isinstance(between, str) and isinstance(parts, list) else ("", [])
    return "", []


def _parts_of_sub(argument: object) -> Sequence[object]:
    text, given = argument if isinstance(argument, list) and len(argument) == 2 else (argument, {})
    if not isinstance(text, str) or not isinstance(given, dict):
        return []
    return [given.get(part, {"Ref": part}) if is_variable else part for is_variable, part in sub_parts(text)]
