"""
What a remedy changes, as edits of values in a template; and the edits written as the lines of a diff.

The operations are those of JSON Patch: https://datatracker.ietf.org/doc/html/rfc6902
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple, TypeAlias

from trustproof.escaping.text import printable_repr
from trustproof.model.policy import DENY, Path
from trustproof.model.text import Symbol, Symbolic, Text

Operation: TypeAlias = Literal["add", "replace", "remove"]
ADD: Operation = "add"
REPLACE: Operation = "replace"
REMOVE: Operation = "remove"
#: Stands in a path for the place behind the last item of a list.
END = "-"
#: How the path of a data source of Terraform begins.
DATA = "data"

#: A text, the items of a list, or an object of such values. JSON has a list of one item as the item.
Value: TypeAlias = "Text | tuple[Value, ...] | Mapping[str, Value] | WrittenValue"


class WrittenValue:
    """
    A value as the template writes it, with functions that no text stands for.

    It is no tuple, which is the items of a list here.
    """

    def __init__(self, json: str) -> None:
        self.json = json

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WrittenValue) and other.json == self.json

    def __hash__(self) -> int:
        return hash(self.json)


#: What CloudFormation calls a parameter, and an attribute of a resource.
_PARAMETER = r"[A-Za-z0-9]+|AWS::[A-Za-z]+"
_ATTRIBUTE = r"[A-Za-z0-9]+(\.[A-Za-z0-9.]+)?"


@printable_repr
class Edit(NamedTuple):
    """
    One value that is put into a template, put in the place of another, or taken out.
    """

    #: From the root of the template; it ends in a key, or in `END` for one more item of a list.
    path: Path
    operation: Operation
    #: What is there afterwards; None where nothing is.
    value: Value | None
    #: What is there before; None where nothing is.
    before: Value | None = None
    #: Whether the template writes key and value as JSON does: a number or a duration it does not.
    is_json: bool = True


def set_value(path: Path, before: Value | None, after: Value | None, *, is_json: bool = True) -> Edit:
    """The edit that leaves one value at a path where another was; None for nothing."""
    operation = REMOVE if after is None else ADD if before is None else REPLACE
    return Edit(path, operation, after, before, is_json)


def data_source(type_: str) -> Edit:
    """The edit of a configuration of Terraform that adds a data source, called ``current``."""
    return Edit((DATA, type_, "current"), ADD, {})


def data_source_line(edit: Edit) -> str:
    """The line that an edit adds which is a data source; empty for another edit."""
    first, type_, *names = (*edit.path, "", "")
    return f'+ {DATA} "{type_}" "{names[0]}" {{}}' if first == DATA else ""


def to_lines(edits: Sequence[Edit], *, has_dashes: bool = False) -> Iterator[str]:
    """
    The lines of a diff, each beginning with ``-``, ``+`` or a space.

    Operators that are added to a Condition are shown in it: a JSON object names nothing twice. So are items of a list
    that stand below other lines: they would be read as a part of what these add.

    Args:
        has_dashes: whether the lists are written as YAML's are, with a dash before each item.
    """
    for holder, group in groupby(edits, key=lambda edit: edit.path[:-1]):
        found = list(group)
        lines = [line for edit in found for line in _lines(edit, "- " if has_dashes else "")]
        if holder[-1:] == ("Condition",) and all(edit.operation == ADD for edit in found):
            yield '  "Condition": {...'
            yield from lines
            yield "  }"
        elif all(edit.path[-1] == END for edit in found) and len(found) < len(edits) and not has_dashes:
            yield f"  {json_line(holder[-1])}: [..."
            yield from lines
            yield "  ]"
        elif more := beside_the_one(found):
            # What is an object so far becomes a list, in which the object is the first.
            yield from (line for edit in found if edit.path[-1] != END for line in _lines(edit, ""))
            yield f"- {json_line(holder[-1])}: {{...}}"
            yield f"+ {json_line(holder[-1])}: [{{...}}, {', '.join(json_line(edit.value) for edit in more)}]"
        else:
            yield from lines


def beside_the_one(edits: Sequence[Edit]) -> list[Edit]:
    """Of edits in one place, those that add items to what is no list so far, since the others change its keys."""
    more = [edit for edit in edits if edit.path[-1] == END]
    return more if len(more) < len(edits) else []


def json_line(value: object) -> str:
    """JSON on one line; a list of one value as the value."""
    if isinstance(value, WrittenValue):
        return value.json
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json_line(key)}: {json_line(found)}" for key, found in value.items()) + "}"
    if isinstance(value, Symbolic):
        found = intrinsic(value)
        return json_line(str(value)) if found is None else json_line(found)
    if isinstance(value, tuple):
        return json_line(value[0]) if len(value) == 1 else "[" + ", ".join(map(json_line, value)) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def intrinsic(text: Symbolic) -> Mapping[str, Value] | None:
    """
    A text with unknown parts as CloudFormation writes it: ``{"Ref": "VendorAccount"}``; None where that is not known.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
    """
    names = [_reference(part) if isinstance(part, Symbol) else None for part in text.parts]
    if any(name is None for name, part in zip(names, text.parts, strict=True) if isinstance(part, Symbol)):
        return None
    if len(text.parts) == 1:
        (name,) = names
        logical_id, dot, attribute = (name or "").partition(".")
        return {"Fn::GetAtt": (logical_id, attribute)} if dot else {"Ref": logical_id}
    said = (part.replace("${", "${!") if isinstance(part, str) else f"${{{part.name}}}" for part in text.parts)
    return {"Fn::Sub": "".join(said)}


def unknown_names(value: object) -> Iterator[str]:
    """The names of what is not known in a value."""
    if isinstance(value, Symbolic):
        yield from (symbol.name for symbol in value.symbols)
    elif isinstance(value, Mapping):
        for found in value.values():
            yield from unknown_names(found)
    elif isinstance(value, tuple):
        for found in value:
            yield from unknown_names(found)


def resources_in(value: Value | None) -> Iterator[str]:
    """The resources whose attributes a value takes, by their logical ids or addresses."""
    if isinstance(value, Mapping):
        given = value.get("Fn::GetAtt")
        if isinstance(given, tuple) and given:
            yield str(given[0])
        for inner in value.values():
            yield from resources_in(inner)
    elif isinstance(value, tuple) and not isinstance(value, Symbolic):
        for item in value:
            yield from resources_in(item)
    elif isinstance(value, Symbolic):
        yield from (one.name.rpartition(".")[0] for one in value.symbols if one.kind == "attribute")


def _reference(symbol: Symbol) -> str | None:
    """What a function of CloudFormation calls a value; None where no function gives just that value."""
    pattern = {"parameter": _PARAMETER, "pseudo-parameter": _PARAMETER, "attribute": _ATTRIBUTE}.get(symbol.kind)
    is_one = pattern is not None and not symbol.is_list and not symbol.doubt
    return symbol.name if is_one and pattern is not None and re.fullmatch(pattern, symbol.name) else None


def _lines(edit: Edit, dash: str) -> Iterator[str]:
    if line := data_source_line(edit):
        yield line
        return
    name = edit.path[-1]
    if name == END:
        yield from (f"+ {dash if n == 0 else ' ' * len(dash)}{line}" for n, line in enumerate(_item(edit.value)))
        return
    for sign, value in (("-", edit.before), ("+", edit.value)):
        if value is not None:
            yield f"{sign} {json_line(name)}: {json_line(value)}" if edit.is_json else f"{sign} {name}: {value}"


def _item(value: object) -> Iterator[str]:
    """One more item; of a Deny, what it is about and where on lines of their own."""
    if not isinstance(value, Mapping) or value.get("Effect") != DENY:
        yield json_line(value)
        return
    elements = [f"{json_line(key)}: {json_line(found)}" for key, found in value.items()]
    lines = [", ".join(elements[:2]), *elements[2:]]
    yield from (
        f"{'{' if number == 0 else ' '}{line}{',' if number < len(lines) - 1 else '}'}"
        for number, line in enumerate(lines)
    )
