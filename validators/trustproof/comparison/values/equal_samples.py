"""
Other values for what is not known, where several have the same sample: two buckets that are called alike are one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from trustproof.aws.examples import ACCOUNTS
from trustproof.comparison.values.look_ups import symbols_of
from trustproof.model.deployments import Deployments
from trustproof.model.policy import Statement
from trustproof.model.text import RESOURCE_NAME, Symbol
from trustproof.properties.question import Subject

#: What ends in a name that may be longer. Accounts, numbers, networks, Regions and partitions are what they are.
_NAMED = re.compile(r"(?P<name>(?=.*[A-Za-z]).*[A-Za-z])(?P<end>/?)")
_OF_THEIR_OWN = re.compile(r"true|false|aws[a-z-]*|[a-z.]*amazonaws\.com[a-z.]*|.*@.*|.*\.(?:[a-z]+)")
#: Ids that AWS gives, of which the last character may be another one.
_ID = re.compile(r"(?:i|o|ou|r|sg|subnet|vpc|vpce)-[0-9a-z-]+")
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_LETTERS = "bcdefghijklmnopqrstuvwxyz"
#: What is computed of other values, and so may not be anything beside these.
_COMPUTED = re.compile(r"[{?\"]|\((?!a list\)$)")


def with_values_apart(
    fillings: Iterable[dict[str, str]],
    fixed: Collection[str],
    asked: Subject,
    statement: Statement | None,
    deployments: Deployments,
) -> Iterator[dict[str, str]]:
    """
    The same ways to fill in what is not known, and after the first one what it is where no two values are of the same
    account, no two resources have the same name, and no two values are the same; at the end, what it is where whom a
    statement speaks of is of the account of the policies.

    Two sides that take the same values in another order differ only where these differ, and actions that reach no other
    account only where somebody of their own asks.

    Args:
        fillings: the value of each name, the likeliest first.
        fixed: what has to be as it is.
        asked: whose policies the values are for.
        statement: the one that gives something; None where its values are not to be of that account.
        deployments: what may have which value.
    """
    last: dict[str, str] = {}
    for number, bound in enumerate(fillings):
        yield bound
        last = dict(bound)
        if number:
            continue
        named = _names_apart(bound, fixed, asked)
        if named != bound:
            yield dict(named)
        bound = named
        free = iter(ACCOUNTS)
        apart = dict(bound)
        for name, value in bound.items():
            if name not in fixed and (found := ACCOUNT.search(value)):
                apart[name] = value.replace(found[0], next(free, found[0]), 1)
        if apart != bound:
            yield dict(apart)
        other = _with_other_names(apart, fixed, asked, deployments)
        if other != apart:
            yield other
    ours = last if statement is None else _in_own_account(last, fixed, asked.account, statement, deployments)
    if ours != last:
        yield dict(ours)


def _names_apart(bound: Mapping[str, str], fixed: Collection[str], asked: Subject) -> dict[str, str]:
    """The same, with another name for each resource that AWS gives one when it makes it."""
    generated = {
        symbol.name
        for document in asked.documents
        for statement in document.policy.statements
        for symbol in symbols_of(statement)
        if symbol.holds == RESOURCE_NAME and not symbol.doubt
    }
    shared = Counter(value for name, value in bound.items() if name in generated)
    apart = {
        name: f"{bound[name]}-{_NO_LETTERS.sub('-', name.lower()).strip('-')}"
        for name in generated
        if name in bound and name not in fixed and shared[bound[name]] > 1
    }
    return {**bound, **apart}


def _with_other_names(
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


def _in_own_account(
    bound: Mapping[str, str], fixed: Collection[str], account: str, statement: Statement, deployments: Deployments
) -> dict[str, str]:
    """
    The same, with another account in place of the first one in each value that a statement speaks of.

    Args:
        bound: the value of each name.
        fixed: what has to be as it is.
        account: that of the policies.
        statement: says who is let in.
        deployments: what may have which value.
    """
    ours = dict(bound)
    for symbol in symbols_of(statement):
        name = symbol.name
        if name in bound and name not in fixed and not _is_computed(symbol):
            own = ACCOUNT.sub(account, bound[name], count=1)
            ours[name] = own if deployments.admits(symbol, own) else bound[name]
    return ours


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
