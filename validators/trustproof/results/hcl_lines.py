"""
Edits as lines of a diff in Terraform's language: objects of HCL, blocks of a policy document, arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from trustproof.model.text import Symbol, Symbolic
from trustproof.results.edit import ADD, END, Edit, data_source_line

#: How something is written: as an object in ``jsonencode``, or as the blocks of a policy document. Anything else is the
#: name of the argument that it is.
OBJECT, DOCUMENT = "object", "document"

_NAME = r"[A-Za-z_][\w-]*"
_ARGUMENTS = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}


#: The blocks of a policy document that say who is let in.
_PRINCIPALS = {"Principal": "principals", "NotPrincipal": "not_principals"}


def to_hcl_lines(edits: Sequence[Edit], written: Sequence[str]) -> Iterator[str]:
    """
    The lines of a diff, each beginning with ``-``, ``+`` or a space.

    Args:
        written: how what each of them changes is written.
    """
    for holder, group in groupby(zip(edits, written, strict=True), key=lambda one: one[0].path[:-1]):
        pairs = list(group)
        found = [edit for edit, _ in pairs]
        lines = [line for edit, way in pairs for line in _lines(edit, way)]
        if pairs[0][1] == OBJECT and holder[-1:] == ("Condition",) and all(edit.operation == ADD for edit in found):
            yield "  Condition = {..."
            yield from lines
            yield "  }"
        else:
            yield from lines


def hcl_line(value: object) -> str:
    """A value on one line; a list of one value as the value."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(str(key))} = {hcl_line(found)}' for key, found in value.items())} }}"
    if isinstance(value, Symbolic):
        if len(value.parts) == 1:
            return value.symbols[0].name
        return (
            f'"{"".join(f"${{{part.name}}}" if isinstance(part, Symbol) else _escaped(part) for part in value.parts)}"'
        )
    if isinstance(value, tuple):
        return hcl_line(value[0]) if len(value) == 1 else f"[{', '.join(map(hcl_line, value))}]"
    return f'"{_escaped(str(value))}"'


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1].replace("${", "$${").replace("%{", "%%{")


def _key(key: str) -> str:
    return key if re.fullmatch(_NAME, key) else json.dumps(key, ensure_ascii=False)


def _lines(edit: Edit, written: str) -> Iterator[str]:
    step = edit.path[-1]
    if line := data_source_line(edit):
        yield line
        return
    if written == DOCUMENT and step == END and isinstance(edit.value, Mapping):
        yield from (f"+ {line}" for line in _statement(edit.value))
        return
    if written == DOCUMENT and "Condition" in edit.path:
        depth = len(edit.path) - 1 - edit.path.index("Condition")
        for sign, value in (("-", edit.before), ("+", edit.value)):
            yield from (f"{sign} {line}" for line in _blocks(edit.path, depth, value))
        return
    if written == DOCUMENT and step in _PRINCIPALS:
        for sign, value in (("-", edit.before), ("+", edit.value)):
            yield from (f"{sign} {line}" for line in _principals(_PRINCIPALS[str(step)], value))
        return
    name = written
    if written in (OBJECT, DOCUMENT):
        name = _ARGUMENTS.get(str(step), _key(str(step))) if written == DOCUMENT else _key(str(step))
    for sign, value in (("-", edit.before), ("+", edit.value)):
        if isinstance(value, Mapping) and written not in (OBJECT, DOCUMENT):
            yield f"{sign} {name} {{"
            yield from (f"{sign}   {str(key).lower()} = {hcl_line(found)}" for key, found in value.items())
            yield f"{sign} }}"
        elif value is not None:
            shown = str(value) if not edit.is_json else hcl_line(value)
            if written == DOCUMENT and name in _ARGUMENTS.values() and name not in ("sid", "effect"):
                shown = _listed(value)
            yield f"{sign} {shown}" if step == END else f"{sign} {name} = {shown}"


def _statement(value: Mapping[str, object]) -> Iterator[str]:
    """The lines of the block that a statement is."""
    yield "statement {"
    for name, found in value.items():
        if name in _PRINCIPALS:
            lines: Iterable[str] = _principals(_PRINCIPALS[name], found)
        elif name == "Condition":
            lines = _blocks((), 0, found)
        elif name in ("Sid", "Effect"):
            lines = (f"{_ARGUMENTS[name]} = {hcl_line(found)}",)
        else:
            lines = (f"{_ARGUMENTS.get(name, name)} = {_listed(found)}",)
        yield from (f"  {line}" for line in lines)
    yield "}"


def _principals(block: str, value: object) -> Iterator[str]:
    """The lines of the blocks of principals that a value is, one for each type."""
    kinds = value if isinstance(value, Mapping) else {} if value is None else {"*": value}
    for kind, entries in kinds.items():
        yield f"{block} {{"
        yield f"  type        = {hcl_line(str(kind))}"
        yield f"  identifiers = {_listed(entries)}"
        yield "}"


def _listed(value: object) -> str:
    """The values of a list, in a document, where a policy variable is written with an ampersand."""
    items = value if isinstance(value, tuple) and not isinstance(value, Symbolic) else (value,)
    return f"[{', '.join(map(hcl_line, items))}]".replace("$${", "&{")


def _blocks(path: Sequence[str | int], depth: int, value: object) -> Iterator[str]:
    """The lines of the condition blocks that a value is."""
    for step in reversed(path[len(path) - depth :] if depth else ()):
        value = {str(step): value} if value is not None else None
    for test, keys in value.items() if isinstance(value, Mapping) else ():
        for variable, values in keys.items() if isinstance(keys, Mapping) else ():
            yield "condition {"
            yield f"  test     = {hcl_line(str(test))}"
            yield f"  variable = {hcl_line(str(variable))}".replace("$${", "&{")
            yield f"  values   = {_listed(values)}"
            yield "}"
