"""
Texts as a configuration writes them: with the expressions that stand in them, whatever these are worth.

https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
"""

from __future__ import annotations

import json
import re

from trustproof.model.text import Symbol, Text, concat

#: A whole value that is a name with its indices and attributes. What calls functions is none: nobody can tell which
#: part of it would have to change.
_REFERENCE = r"[A-Za-z_][\w-]*(?:\.[\w-]+|\[(?:\d+|\"[^\"\\\]]*\"|[A-Za-z_][\w.-]*)\])+"
_ESCAPES = {"$${": "${", "%%{": "%{"}
_PIECE = re.compile(r"\$\$\{|%%\{|\$\{|%\{|[^$%]+|[$%]", re.DOTALL)
_IN_EXPRESSION = re.compile(r'"(?:[^"\\$]|\\.)*"|[{}]|[^"{}]+', re.DOTALL)


def reference_in(text: str) -> Symbol | None:
    """What a value is where it is nothing but a reference; None for anything else."""
    return Symbol(text, "intrinsic") if re.fullmatch(_REFERENCE, text) else None


def read_quoted_text(text: str) -> Text | None:
    """A text in quotes, as it is written in a file; None for anything else, and for what cannot be taken apart."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return None
    parts = _parts(text[1:-1])
    if parts is None:
        return None
    try:
        return concat(part if isinstance(part, Symbol) else json.loads(f'"{part}"') for part in parts)
    except ValueError:
        return None


def read_template_text(text: str) -> Text | None:
    """A text with its expressions as symbols, called as they are written; None where it has parts of other kinds."""
    parts = _parts(text)
    return None if parts is None else concat(parts)


def _parts(text: str) -> list[str | Symbol] | None:
    parts: list[str | Symbol] = []
    at = 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        assert piece is not None
        at = piece.end()
        if piece[0] == "%{":
            return None
        if piece[0] != "${":
            parts.append(_ESCAPES.get(piece[0], piece[0]))
            continue
        end = _end(text, at)
        name = text[at : end - 1].strip()
        if end < 0 or "\n" in name or name.startswith("~") or name.endswith("~"):
            return None
        parts.append(Symbol(name, "intrinsic"))
        at = end
    return parts


def _end(text: str, at: int) -> int:
    """Behind the brace that closes an expression which begins at an offset; -1 where none does."""
    depth = 1
    while depth and (found := _IN_EXPRESSION.match(text, at)) is not None:
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        at = found.end()
    return -1 if depth else at


_INTERPOLATION = re.compile(r"\$\{([^{}]*)\}")


def without_interpolations(name: str) -> str:
    """The name of an expression, in which an interpolation is none of a template's."""
    return _INTERPOLATION.sub(r"(\1)", name).replace("${", "(")
