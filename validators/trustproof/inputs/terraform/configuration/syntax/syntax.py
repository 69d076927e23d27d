"""
Files of HCL as blocks and expressions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NoReturn

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.syntax.blocks import Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Literal
from trustproof.inputs.terraform.configuration.syntax.nodes import NodeReader
from trustproof.inputs.terraform.configuration.syntax.scanned_texts import first_difference
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.syntax.template_depth import MAX_TEMPLATES, too_deep
from trustproof.inputs.terraform.configuration.syntax.trees import NoTree, tree
from trustproof.inputs.terraform.configuration.syntax.unterminated_texts import unterminated_text
from trustproof.inputs.terraform.values.place import Place
from trustproof.results.result import BUDGET

if TYPE_CHECKING:
    from tree_sitter import Node

#: How many files are kept as they were parsed: a configuration is evaluated again wherever it is asked what follows
#: from its defaults, and each of its modules may be that of many root modules.
_KEPT = 128

#: What may be missing at the end of something, as a user would call it.
_ENDS = {
    "quoted_template_end": 'a closing "',
    "block_end": "a closing }",
    "object_end": "a closing }",
    "template_interpolation_end": "a closing }",
    "tuple_end": "a closing ]",
    ")": "a closing )",
    "heredoc_identifier": "the end of a heredoc",
}


#: What may be the name of an argument in quotes; and of so many it is asked which one is none of an object.
_QUOTED_NAME, _MOST_QUOTED = re.compile(rb'^[ \t]*("([A-Za-z_][\w-]*)")[ \t]*=(?!=)', re.MULTILINE), 20
_MANY_BLANKS = re.compile(rb"[ \t\r\n]{3,}")


def _tree(source: SourceText, place: Place | None = None) -> Node:
    """
    The root of the tree of a text.

    Args:
        place: of the text, where that is a part of another one.

    Raises:
        InputError: with line and column: it asks more of the parser than it may.
    """
    try:
        return tree(source.content)
    except NoTree as error:
        place = place or source.place(error.place, error.place + 1)
        raise InputError(error.why, source.file, place.line, place.column) from None


def parse(source: SourceText) -> Body:
    """
    The blocks and arguments of a file.

    Raises:
        InputError: with line and column: it is not HCL, or names an argument twice; or the extra is not installed.
    """
    return _parsed(source.file, source.content)


@lru_cache(maxsize=_KEPT)
def _parsed(file: str, content: bytes) -> Body:
    source = SourceText(file, content)
    _refuse_too_deep(source)
    root = _tree(source)
    if root.has_error:
        _refuse(source, root)
    _refuse_lone_returns(source, root)
    _refuse_misread(source, root)
    body = next((child for child in root.children if child.type == "body"), None)
    if body is None and (found := next((child for child in root.children if child.type == "object"), None)):
        # The parser takes JSON for HCL, which Terraform does under another name only.
        place = NodeReader(source).place(found)
        raise InputError("not HCL: JSON is in files that end in .tf.json", source.file, place.line, place.column)
    return NodeReader(source).body(body)


def _refuse_too_deep(source: SourceText, place: Place | None = None) -> None:
    """
    Refuse templates too deep inside each other, before the parser takes memory for each with all around it.

    Args:
        place: of the text, where that is a part of another one.

    Raises:
        InputError: with line and column.
    """
    start = too_deep(source.content)
    if start is not None:
        place = place or source.place(start, start + 1)
        message = f"{BUDGET}: templates inside each other ({MAX_TEMPLATES})"
        raise InputError(message, source.file, place.line, place.column)


def _refuse_lone_returns(source: SourceText, root: Node) -> None:
    """
    Refuse a carriage return between tokens that ends no line with a line feed: the parser takes it for a blank.

    Raises:
        InputError: with line and column.
    """
    for found in _LONE_RETURN.finditer(source.content) if b"\r" in source.content else ():
        node = root.descendant_for_byte_range(found.start(), found.end())
        if node is None or node.children:
            place = source.place(found.start(), found.end())
            message = "not HCL: a line ends with a carriage return alone"
            raise InputError(message, source.file, place.line, place.column)


def _refuse_misread(source: SourceText, root: Node, place: Place | None = None) -> None:
    """
    Refuse a file of which the parser takes something for text that is none to Terraform, or the other way round.

    Args:
        place: of the text, where that is a part of another one.

    Raises:
        InputError: with line and column.
    """
    found = first_difference(source.content, root)
    if found is not None:
        at, is_terraforms = found
        place = place or source.place(at, at + 1)
        who = "Terraform" if is_terraforms else "the parser"
        message = f"not read: for {who} alone a text, a comment or a part to fill in begins or ends here"
        raise InputError(message, source.file, place.line, place.column)


_LONE_RETURN = re.compile(rb"\r(?!\n)")


def parse_expression(source: SourceText) -> Expression:
    """
    The expression that a text is.

    Raises:
        InputError: it is none.
    """
    return _only(SourceText(source.file, b"_ = " + source.content + b"\n"))


def parse_expression_at(text: str, place: Place) -> Expression:
    """
    The expression that a text of a JSON file is.

    Args:
        place: of the text, which all that is in it gets.

    Raises:
        InputError: it is none.
    """
    return _only(SourceText(place.file, f"_ = {text}\n".encode("utf-8", "replace")), place)


def parse_template(text: str, place: Place) -> Expression:
    """
    A text that is not written in HCL, and may have parts to fill in: of a JSON file, or of a file of its own.

    Args:
        place: of the text, which all that is in it gets.

    Raises:
        InputError: a part to fill in is no expression.
    """
    if "${" not in text and "%{" not in text:
        return Literal(text, place)
    mark = "EOT"
    while mark in text:
        mark += "_"
    content = f"_ = <<{mark}\n{text}\n{mark}\n"
    return _only(SourceText(place.file, content.encode("utf-8", "replace")), place, unfinished=True)


def _only(source: SourceText, place: Place | None = None, *, unfinished: bool = False) -> Expression:
    _refuse_too_deep(source, place)
    root = _tree(source, place)
    body = next((child for child in root.children if child.type == "body"), None)
    if root.has_error or body is None or len(body.children) != 1 or body.children[0].type != "attribute":
        if place is None:
            raise InputError("not an expression", source.file)
        raise InputError(
            f"{'a part that is to be filled in' if unfinished else 'the text'} is not an expression",
            place.file,
            place.line,
            place.column,
        )
    _refuse_misread(source, root, place)
    return NodeReader(source, place, unfinished=unfinished).expression(body.children[0].children[-1])


def _refuse(source: SourceText, root: Node) -> NoReturn:
    """Say where the first thing stands that is no HCL."""
    node = root
    while True:
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
        if node.is_error or node.is_missing:
            break
    place = NodeReader(source).place(node)
    shown = source.text[place.start :].split("\n")[0][:30].strip()
    what = f"unexpected {shown!r}" if shown else "something is missing"
    if node.is_missing and node.type in _ENDS:
        what = f"expected {_ENDS[node.type]}"
    start = unterminated_text(source.content)
    if start is not None and start < node.end_byte:
        place, what = source.place(start, start + 1), f"expected {_ENDS['quoted_template_end']}"
    if (quoted := _quoted_name(source.content)) is not None:
        place, what = source.place(*quoted.span(1)), "the name of an argument is in quotes: write it without"
    raise InputError(f"not HCL: {what}", source.file, place.line, place.column)


def _quoted_name(content: bytes) -> re.Match[bytes] | None:
    """The first argument of a block that has its name in quotes, if nothing else is wrong: keys of objects may."""
    found = [*_QUOTED_NAME.finditer(content)]
    if not found or len(found) > _MOST_QUOTED or _has_error(content, found):
        return None
    others = ((one, [other for other in found if other is not one]) for one in found)
    return next((one for one, rest in others if _has_error(content, rest)), None)


def _has_error(content: bytes, names: Sequence[re.Match[bytes]]) -> bool:
    """Whether a text with these names out of their quotes has an error, however many blanks it has in a row."""
    for name in names:
        content = content[: name.start(1)] + b" " + name[2] + b" " + content[name.end(1) :]
    try:
        return tree(_MANY_BLANKS.sub(lambda run: b"\n" if b"\n" in run[0] else b" ", content)).has_error
    except NoTree:
        return True
