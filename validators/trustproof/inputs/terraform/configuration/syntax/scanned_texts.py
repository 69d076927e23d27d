"""
Where texts, comments and what is filled in begin and end as Terraform has it, held to what the parser has found: where
the two disagree, a block that Terraform sees may be text for the parser, and nobody would look at it.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/scan_tokens.rl
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from trustproof.inputs.terraform.configuration.syntax.text_parts import KINDS

if TYPE_CHECKING:
    from tree_sitter import Node

#: What may stand around the end of a heredoc in its line: what Go calls white space, which is more than blanks.
_WHITE = " \t\v\f\r\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
#: Comments, and what begins or ends something in code.
_CODE = re.compile(
    rb"(?P<comment>(?:#|//)[^\n]*|/\*.*?(?:\*/|\Z))"
    rb'|<<-?(?P<mark>[A-Za-z_\x80-\xff][\w\x80-\xff-]*)[ \t]*\r?\n|["{}]',
    re.DOTALL,
)
_IN_TEXT = re.compile(rb'\\.|\$\$\{|%%\{|[$%]\{|"', re.DOTALL)
#: The same of a heredoc, and its lines in which nothing is filled in.
_IN_HEREDOC = re.compile(rb"\$\$\{|%%\{|[$%]\{|\n(?P<line>[^\n$%]*)(?=\n|\Z)")
_QUOTE, _BRACE, _FILLED_IN, _NEWLINE = b'"', b"{", (b"${", b"%{"), b"\n"
#: The nodes of the parser at whose start something begins or ends.
_EDGES = frozenset(
    (
        "comment",
        "heredoc_identifier",
        "heredoc_start",
        "quoted_template_end",
        "quoted_template_start",
        "template_directive_end",
        "template_directive_start",
        "template_interpolation_end",
        "template_interpolation_start",
    )
)


def first_difference(content: bytes, root: Node) -> tuple[int, bool] | None:
    """
    Where something begins or ends for one of the two alone, in bytes, and whether it does for Terraform; None where
    they agree.
    """
    parsed = _parsed(content, root)
    for at in _scanned(content):
        if not parsed[at]:
            before = parsed.find(1, 0, at)
            return (at, True) if before < 0 else (before, False)
        parsed[at] = 0
    at = parsed.find(1)
    return None if at < 0 else (at, False)


def _parsed(content: bytes, root: Node) -> bytearray:
    """One where something begins or ends for the parser."""
    found = bytearray(len(content) + 1)
    escaped: list[tuple[int, int]] = []
    for node in _nodes(root):
        if node.type in _EDGES:
            found[node.start_byte] = 1
        elif node.type in KINDS:
            at = node.start_byte
            # Of `$$${` the last three characters are an escape, and what follows is text.
            if content[at - 1 : at] == content[at : at + 1]:
                escaped.append((at, node.end_byte))
    for start, end in escaped:
        found[start:end] = bytes(end - start)
    return found


def _nodes(root: Node) -> Iterator[Node]:
    """All nodes, one after the other: a query takes the square of the steps in one value."""
    cursor = root.walk()
    while True:
        if cursor.node is not None:
            yield cursor.node
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _scanned(content: bytes) -> Iterator[int]:
    #: What has begun: a text by its quotation mark, a heredoc by a new line and its name, code by its brace.
    inside: list[bytes] = []
    at = 0
    while True:
        around = inside[-1] if inside else _BRACE
        is_heredoc = around.startswith(_NEWLINE)
        pattern = _IN_HEREDOC if is_heredoc else _IN_TEXT if around == _QUOTE else _CODE
        found = pattern.search(content, at)
        if found is None:
            return
        start, at, token = found.start(), found.end(), found[0]
        if token in _FILLED_IN:
            yield start
            inside.append(token)
        elif is_heredoc:
            if token.startswith(_NEWLINE) and _ends(found["line"], mark := around[1:]):
                yield content.index(mark, start)
                inside.pop()
        elif around == _QUOTE:
            if token == _QUOTE:
                yield start
                inside.pop()
        elif found["comment"]:
            yield start
        elif found["mark"]:
            yield from (start, found.start("mark"))
            inside.append(_NEWLINE + found["mark"])
            # An end may stand in its first line.
            at -= 1
        elif token == _QUOTE:
            yield start
            inside.append(token)
        elif token == _BRACE:
            inside.append(token)
        elif inside and inside.pop() in _FILLED_IN:
            yield start


def _ends(line: bytes, mark: bytes) -> bool:
    """Whether a line ends a heredoc."""
    return mark in line and line.decode().strip(_WHITE) == mark.decode()
