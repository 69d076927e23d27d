"""
Blocks and arguments of ``aws_iam_policy_document``, as an edit adds them to a source.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from trustproof.inputs.terraform.edits.hcl_values import hcl
from trustproof.inputs.text.replacements import NotWritable
from trustproof.model.policy import ALLOW, Path
from trustproof.results.edit import Edit, set_value

_REFERENCE = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)+")
#: A text between quotes.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_COMMENT = re.compile(rf"{_QUOTED.pattern}|(?P<comment>/\*|(?:#|//).*)")
#: What stands behind the last item of a line, and behind another one.
_AFTER_ITEM = re.compile(r"[ \t]*,?[ \t]*(?:(?:#|//)[^\n]*)?\n")
_COMMA = re.compile(r"\s*,[ \t]*")
#: Elements of a statement, to the arguments of its block.
_ARGUMENTS = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
#: Elements of a statement, to the blocks that say who is let in.
PRINCIPALS = {"Principal": "principals", "NotPrincipal": "not_principals"}


def is_replaceable(written: str, new: str) -> bool:
    """
    Whether a block stands for itself. One that is made of what others pass to it says something else for them, and what
    it says may be changed where it is passed only.
    """
    names = set(_REFERENCE.findall(_QUOTED.sub("", written)))
    return not written.startswith("dynamic") and "${" not in written and names <= set(_REFERENCE.findall(new))


def comments(written: str) -> list[str]:
    """The comments in a block, which somebody wrote about what it is for."""
    found = [one["comment"] for one in _COMMENT.finditer(written) if one["comment"]]
    if any(one.startswith("/*") for one in found):
        raise NotWritable
    return [one.rstrip() for one in found]


def indent_lines(lines: Sequence[str], indent: str) -> str:
    """Lines with blanks before each that is not empty."""
    return "\n".join(f"{indent}{line}" if line else line for line in lines)


def _listed(value: object) -> str:
    items = value if type(value) is tuple else (value,)
    return f"[{', '.join(hcl(item) for item in items)}]".replace("$${", "&{")


def block_lines(rest: Path, edit: Edit) -> Iterator[str]:
    """The lines of the blocks and arguments that add something to a statement."""
    element = next((step for step in rest if step in ("Condition", *PRINCIPALS, *_ARGUMENTS)), None)
    depth = len(rest) - 1 - list(rest).index(element) if element is not None else -1
    if element in _ARGUMENTS and depth == 0:
        shown = hcl(edit.value) if element in ("Sid", "Effect") else _listed(edit.value)
        yield f"{_ARGUMENTS[str(element)]} = {shown}"
    elif element in PRINCIPALS and depth == 0 and isinstance(edit.value, Mapping):
        for kind, names in edit.value.items():
            yield from (
                f"{PRINCIPALS[str(element)]} {{",
                f"  type        = {hcl(kind)}",
                f"  identifiers = {_listed(names)}",
                "}",
            )
    elif element == "Condition":
        for test, variable, values in _conditions(rest, depth, edit):
            yield from (
                "condition {",
                f"  test     = {hcl(test)}",
                f"  variable = {hcl(variable)}".replace("$${", "&{"),
                f"  values   = {_listed(values)}",
                "}",
            )
    else:
        raise NotWritable


def without_items(text: str, start: int, end: int) -> tuple[int, int]:
    """
    The characters that go with neighbouring items of a list: a comma, and all of the lines that only they stand on.

    Args:
        text: of the file.
        start: of the first of them.
        end: of the last of them.
    """
    following = _AFTER_ITEM.match(text, end)
    line = text.rfind("\n", 0, start) + 1
    if following is not None and not text[line:start].strip():
        return line, following.end()
    comma = _COMMA.match(text, end)
    if comma is not None:
        return start, comma.end()
    before = text[:start].rstrip()
    return (len(before) - 1 if before.endswith(",") else start), end


def statement_lines(value: object) -> Iterator[str]:
    """
    The lines of the block that a new statement is.

    Raises:
        NotWritable: a part of it is not known.
    """
    if not isinstance(value, Mapping):
        raise NotWritable
    yield "statement {"
    for element, found in value.items():
        if (element, found) != ("Effect", ALLOW):
            added = set_value((str(element),), None, found)
            yield from (f"  {line}" for line in block_lines(added.path, added))
    yield "}"


def _conditions(rest: Path, depth: int, edit: Edit) -> Iterator[tuple[str, str, object]]:
    """Operator, key and values of each condition that an edit adds."""
    steps = [str(edit.path[-1])] if depth == 1 else [str(rest[-2]), str(edit.path[-1])] if depth == 2 else []
    value: object = edit.value
    for step in reversed(steps):
        value = {step: value}
    if not isinstance(value, Mapping):
        raise NotWritable
    for test, keys in value.items():
        if not isinstance(keys, Mapping):
            raise NotWritable
        for variable, values in keys.items():
            yield str(test), str(variable), values
