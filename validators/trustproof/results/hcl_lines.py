"""
Edits as lines of a diff in Terraform's language: objects of HCL, blocks of a policy document, arguments.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby

from trustproof.model.text import Symbol, Symbolic
from trustproof.results.edit import ADD, DATA, END, Edit, beside_the_one, data_source_line, intrinsic

#: How something is written: as an object in ``jsonencode``, as the blocks of a policy document, as these in JSON, or as
#: JSON. Anything else is the name of the argument that it is.
OBJECT, DOCUMENT, DOCUMENT_IN_JSON, JSON = "object", "document", "document in JSON", ""

#: How a policy variable begins, where nothing stands before it that has Terraform leave it as it is. No expression of
#: Terraform's has a name and a colon at its beginning.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
POLICY_VARIABLE = re.compile(r"(?<!\$)\$\{(?=[\w.-]+:|[*?$]\})")

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
        elif pairs[0][1] == OBJECT and all(edit.path[-1] == END for edit in found) and len(found) < len(edits):
            yield f"  {_key(str(holder[-1]))} = [..."
            yield from lines
            yield "  ]"
        elif pairs[0][1] == OBJECT and (more := beside_the_one(found)):
            yield from (line for edit, way in pairs if edit.path[-1] != END for line in _lines(edit, way))
            yield f"- {_key(str(holder[-1]))} = {{...}}"
            yield f"+ {_key(str(holder[-1]))} = [{{...}}, {', '.join(hcl_line(edit.value) for edit in more)}]"
        else:
            yield from lines


def with_policy_variables(line: str, literal: str) -> str:
    """
    A line of a text that something fills in, in which the policy variables are left to IAM.

    Args:
        literal: how ``${`` is written there.
    """
    return POLICY_VARIABLE.sub(lambda _: literal, line)


def in_quotes(line: str) -> str:
    """A line of JSON as it is written in a text in quotes; a data source stands outside of that."""
    return line if line.startswith(f"+ {DATA} ") else line.replace("\\", "\\\\").replace('"', '\\"')


def hcl_line(value: object) -> str:
    """A value on one line; a list of one value as the value."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{_key(str(key))} = {hcl_line(found)}' for key, found in value.items())} }}"
    if isinstance(value, Symbolic):
        if (of_template := intrinsic(value)) is not None:
            # A template of CloudFormation that is written with ``jsonencode`` keeps its functions.
            return hcl_line(of_template)
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
    if written == DOCUMENT_IN_JSON:
        yield from _in_json(edit)
        return
    if written == DOCUMENT and step == END and isinstance(edit.value, Mapping):
        yield from (f"+ {line}" for line in _statement(edit.value))
        return
    if written == DOCUMENT and "Condition" in edit.path:
        depth = len(edit.path) - 1 - edit.path.index("Condition")
        before, after = (_blocks(edit.path, depth, value) for value in (edit.before, edit.value))
        # A block for each test of a key: those that stay are not shown.
        for sign, own, others in (("-", before, after), ("+", after, before)):
            yield from (f"{sign} {line}" for block in own if block not in others for line in block)
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


def _in_json(edit: Edit) -> Iterator[str]:
    """The lines of an edit of a policy document that is written in JSON, a property of the statement each."""
    depth = len(edit.path) - 1 - edit.path.index("Condition") if "Condition" in edit.path else 0
    is_one_more = depth > 0 and edit.operation == ADD
    if is_one_more:
        yield '  "condition": [...'
    for sign, value in (("-", edit.before), ("+", edit.value)):
        if value is None:
            continue
        if edit.path[-1] == END and isinstance(value, Mapping):
            properties: dict[str, object] = {"statement": _properties(value)}
        else:
            found: object = value
            for step in reversed(edit.path[len(edit.path) - depth :] if depth else ()):
                found = {str(step): found}
            properties = _properties({"Condition" if "Condition" in edit.path else str(edit.path[-1]): found})
        for name, shown in properties.items():
            before = "" if is_one_more else f"{json.dumps(name)}: "
            yield f"{sign} {before}{json.dumps(shown, ensure_ascii=False)}"
    if is_one_more:
        yield "  ]"


def _properties(statement: Mapping[str, object]) -> dict[str, object]:
    """The properties of a statement of a policy document in JSON; of several blocks of one type, a list."""
    found: dict[str, object] = {}
    for name, value in statement.items():
        blocks: list[object] = []
        if name == "Condition":
            tests = value.items() if isinstance(value, Mapping) else ()
            blocks += (
                {"test": str(test), "variable": str(variable), "values": _texts(values)}
                for test, keys in tests
                for variable, values in (keys.items() if isinstance(keys, Mapping) else ())
            )
            name = "condition"
        elif name in _PRINCIPALS:
            kinds = value if isinstance(value, Mapping) else {"*": value}
            blocks += ({"type": str(kind), "identifiers": _texts(names)} for kind, names in kinds.items())
            name = _PRINCIPALS[name]
        else:
            name = _ARGUMENTS.get(name, name)
            blocks.append(_in_template(value) if name in ("sid", "effect") else _texts(value))
        found[name] = blocks[0] if len(blocks) == 1 else blocks
    return found


def _texts(value: object) -> list[str]:
    """The texts of a list, where a policy variable is written with an ampersand."""
    items = value if isinstance(value, tuple) and not isinstance(value, Symbolic) else (value,)
    return [_in_template(item).replace("$${", "&{") for item in items]


def _in_template(value: object) -> str:
    """A text as it stands between quotation marks in a template of Terraform's, without what JSON escapes."""
    if isinstance(value, Symbolic):
        return "".join(f"${{{part.name}}}" if isinstance(part, Symbol) else _in_template(part) for part in value.parts)
    return str(value).replace("${", "$${").replace("%{", "%%{")


def _statement(value: Mapping[str, object]) -> Iterator[str]:
    """The lines of the block that a statement is."""
    yield "statement {"
    for name, found in value.items():
        if name in _PRINCIPALS:
            lines: Iterable[str] = _principals(_PRINCIPALS[name], found)
        elif name == "Condition":
            lines = chain.from_iterable(_blocks((), 0, found))
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


def _blocks(path: Sequence[str | int], depth: int, value: object) -> list[tuple[str, ...]]:
    """The condition blocks that a value is, each as its lines."""
    for step in reversed(path[len(path) - depth :] if depth else ()):
        value = {str(step): value} if value is not None else None
    return [
        (
            "condition {",
            f"  test     = {hcl_line(str(test))}",
            f"  variable = {hcl_line(str(variable))}".replace("$${", "&{"),
            f"  values   = {_listed(values)}",
            "}",
        )
        for test, keys in (value.items() if isinstance(value, Mapping) else ())
        for variable, values in (keys.items() if isinstance(keys, Mapping) else ())
    ]
