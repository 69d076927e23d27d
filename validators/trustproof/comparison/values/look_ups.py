"""
Which values two policies call by other names, and look up alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeAlias

from trustproof.model.document import Document
from trustproof.model.policy import Statement
from trustproof.model.query import texts
from trustproof.model.text import Symbol, Symbolic

#: Gives what a value is looked up by, by its name; empty where nothing looks it up.
LookUp: TypeAlias = "Callable[[str], str]"


def names_in(documents: Iterable[Document]) -> set[str]:
    """The names of what is not known of policies."""
    return {name for document in documents for one in document.policy.statements for name in names_of(one)}


def names_of(statement: Statement) -> set[str]:
    """The names of what is not known of a statement."""
    return {symbol.name for symbol in symbols_of(statement)}


def symbols_of(statement: Statement) -> Iterator[Symbol]:
    """What of a statement is not known, in its order."""
    return (symbol for one, _ in texts(statement) if isinstance(one, Symbolic) for symbol in one.symbols)


def renamed_between(
    new: tuple[Iterable[Document], LookUp], old: tuple[Iterable[Document], LookUp], renamed: Mapping[str, str]
) -> Mapping[str, str]:
    """
    What is renamed between two sides: all, without values of which either side has both names, or looks up another.

    Args:
        renamed: names of the new side to those of the old side; others than those of values stay.
    """
    looked_up = {name: found for name in renamed if (found := new[1](name))}
    if not looked_up:
        return renamed
    after, before = names_in(new[0]), names_in(old[0])
    apart = {
        name
        for name, found in looked_up.items()
        if not (name in after - before and renamed[name] in before - after and found == old[1](renamed[name]))
    }
    return {name: other for name, other in renamed.items() if name not in apart}
