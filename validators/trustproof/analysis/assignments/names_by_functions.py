"""
Names that functions make of parameters: which these are, and what somebody may know such a name by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from trustproof.model.text import Symbolic, Text

#: A text in an expression; and what in an expression is none: a reference, what is filled in, the name of a function.
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_REFERENCE = re.compile(r'\{"\w+": "[\w.:]+"\}')
_NO_WORD = re.compile(r"\{[^{}]*\}|\b\w+::\w+")
#: A variable of Terraform, as an expression names it.
_VARIABLE = re.compile(r"(?<![\w.])var\.[\w-]+")
#: What is in one.
_WITHIN = re.compile(r"(var\.[\w-]+)[.\[]")
#: What somebody may know a name by.
_WORD = re.compile(r"[A-Za-z0-9]{3,}")


def is_made_whole(text: Text) -> TypeGuard[Symbolic]:
    """Whether functions make all of a text, so that no part of it is written where it stands."""
    return isinstance(text, Symbolic) and len(text.parts) == 1 and text.symbols[0].kind == "intrinsic"


def is_written_in(text: Symbolic, pattern: str) -> bool:
    """Whether a pattern has a word that is written in what functions make a text of."""
    quoted = " ".join(_QUOTED.findall(_REFERENCE.sub(" ", text.symbols[0].name)))
    return any(word.lower() in pattern.lower() for word in _WORD.findall(_NO_WORD.sub(" ", quoted)))


def behind(text: Symbolic, free: Iterable[str], *, with_others: bool = False) -> Iterator[str]:
    """
    The parameters of which functions make a part of a text, or of which it has what is in them.

    Args:
        free: those that are looked for.
        with_others: whether variables of Terraform are found that are none of these: they have no value at all.
    """
    made = " ".join(symbol.name for symbol in text.symbols if symbol.kind == "intrinsic")
    yield from named_in(made, free)
    # What is in a variable (`var.app.env`) has a name of its own there.
    within = [found[1] for symbol in text.symbols if (found := _WITHIN.match(symbol.name))]
    yield from (name for name in free if name in within)
    yield from _VARIABLE.findall(made) if with_others else ()


def named_in(text: str, free: Iterable[str]) -> Iterator[str]:
    """The parameters of which an expression speaks."""
    yield from (name for name in free if re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text))
