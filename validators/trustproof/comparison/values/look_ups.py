"""
Which values two policies call by other names, and look up alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from trustproof.inputs.reader import Input
from trustproof.model.document import Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.policy import Statement
from trustproof.model.query import texts
from trustproof.model.text import Symbol, Symbolic

#: What is renamed between two sides is asked for by each of their pairs.
_LOOKED_UP = IdentityMemory["dict[str, str]"](4)
_VALUES = IdentityMemory["frozenset[str]"](4)


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
    new: tuple[Iterable[Document], Input], old: tuple[Iterable[Document], Input], renamed: Mapping[str, str]
) -> Mapping[str, str]:
    """
    What is renamed between two sides: all, without values of which either side has both names, or looks up another.

    Args:
        renamed: names of the new side to those of the old side; others than those of values stay.
    """
    looked_up = _LOOKED_UP.get(partial(_looked_up, new[1], renamed), new[1], renamed)
    if not looked_up:
        return renamed
    after, before = names_in(new[0]), names_in(old[0])
    apart = {
        name
        for name, found in looked_up.items()
        if not (
            name in after
            and name not in before
            and (other := renamed[name]) in before
            and other not in after
            and found == old[1].look_up(other)
        )
    }
    return {name: other for name, other in renamed.items() if name not in apart}


def _looked_up(template: Input, renamed: Mapping[str, str]) -> dict[str, str]:
    """What values of a template are looked up by, by their names; without those that nothing looks up."""
    return {name: found for name in renamed if (found := template.look_up(name))}


def values_of(renamed: Mapping[str, str]) -> frozenset[str]:
    """What the old side calls what is renamed."""
    return _VALUES.get(lambda: frozenset(renamed.values()), renamed)
