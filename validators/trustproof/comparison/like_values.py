"""
Other values for what is not known, where several have the same sample: two buckets that are called alike are one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from trustproof.comparison.look_ups import symbols_of
from trustproof.model.deployments import Deployments
from trustproof.model.text import Symbol
from trustproof.properties.question import Subject

#: What ends in a name that may be longer. Accounts, numbers, networks, Regions and partitions are what they are.
_NAMED = re.compile(r"(?P<name>(?=.*[A-Za-z]).*[A-Za-z])(?P<end>/?)")
_OF_THEIR_OWN = re.compile(r"true|false|aws[a-z-]*|[a-z.]*amazonaws\.com[a-z.]*|.*@.*|.*\.(?:[a-z]+)")
#: Ids that AWS gives, of which the last character may be another one.
_ID = re.compile(r"(?:i|o|ou|r|sg|subnet|vpc|vpce)-[0-9a-z-]+")
_LETTERS = "bcdefghijklmnopqrstuvwxyz"
#: What is computed of other values, and so may not be anything beside these.
_COMPUTED = re.compile(r"[{(?\"]")


def with_other_names(
    bound: Mapping[str, str], fixed: Collection[str], asked: Subject, deployments: Deployments
) -> dict[str, str]:
    """
    The same, with a longer name for each value but the first of those that have the same.

    Args:
        bound: the value of each name.
        fixed: what has to be as it is.
        asked: whose policies the values are for.
        deployments: what may have which value.
    """
    symbols: dict[str, Symbol] = {
        symbol.name: symbol
        for document in asked.documents
        for statement in document.policy.statements
        for symbol in symbols_of(statement)
    }
    taken: set[str] = set()
    apart = dict(bound)
    for name, value in bound.items():
        symbol = symbols.get(name)
        if value in taken and symbol is not None and name not in fixed and not _is_computed(symbol):
            admitted = (one for one in _longer(value) if one not in taken and deployments.admits(symbol, one))
            apart[name] = next(admitted, value)
        taken.add(apart[name])
    return apart


def _is_computed(symbol: Symbol) -> bool:
    return symbol.kind == "intrinsic" or bool(symbol.doubt) or _COMPUTED.search(symbol.name) is not None


def _longer(value: str) -> Iterator[str]:
    """Values like one: the name has a letter more, or the last one of an id is another."""
    if _ID.fullmatch(value):
        yield from (f"{value[:-1]}{letter}" for letter in "bcdef")
        return
    found = _NAMED.fullmatch(value)
    if found is not None and not _OF_THEIR_OWN.fullmatch(value):
        yield from (f"{found['name']}-{letter}{found['end']}" for letter in _LETTERS)
        yield from (f"{found['name']}{letter}{found['end']}" for letter in _LETTERS)
