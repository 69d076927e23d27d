"""
Values that are not known before deployment, and decide nothing: whatever they are, a request can suit them.

A vendor's external id says nothing of whose account the vendor's is; nobody is to be asked for it because of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from trustproof.engine.dimensions import condition_key, is_key
from trustproof.engine.region import Found
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Statement
from trustproof.model.query import open_texts
from trustproof.properties.question import Direction, Subject
from trustproof.proving.hints import hints, with_hints

#: Keys whose values whoever calls writes as they like, and the beginnings of others.
_CHOSEN_BY_CALLERS = frozenset("aws:referer aws:useragent sts:externalid sts:rolesessionname".split())
_FAMILIES_CHOSEN_BY_CALLERS = ("aws:requesttag/", "s3:requestobjecttag/")


def open_reasons(found: Found, notes: Sequence[str], subject: Subject, direction: Direction) -> tuple[str, ...]:
    """
    Why nobody knows whether a request gets in, and how to say what decides that.

    Args:
        found: what may let it in.
        notes: what is approximate about that.
        subject: the policies.
        direction: of the question: where somebody is to get in, each value may decide.
    """
    known = hints(subject)
    needless = _needless(found, subject) if direction is Direction.FORBIDDEN else frozenset()
    kept = [note for note in notes if not any(_speaks_of(note, name) for name in needless)]
    if not kept:
        return with_hints(notes, known)
    return with_hints(kept, {name: hint for name, hint in known.items() if name not in needless})


def _needless(found: Found, subject: Subject) -> frozenset[str]:
    """The names of symbols that stand only where a request suits each value."""
    asked = {dimension for dimension, _ in found.region.constraints}
    keys = {condition_key(dimension) for dimension in asked if is_key(dimension)}
    statement = found.encoded.statement
    everywhere = [s for document in subject.documents for s in document.policy.statements]
    compared = Counter(condition.key.lower() for one in everywhere for condition in one.conditions)
    kept = tuple(
        condition
        for condition in statement.conditions
        if not _suits_each_value(condition) or compared[condition.key.lower()] > 1 or condition.key.lower() in keys
    )
    rest = statement._replace(conditions=kept)
    deciding = {name for one in everywhere for name in _names(rest if one == statement else one)}
    if "resource" not in asked:
        # Requests are about what a statement is about, unless another statement speaks of that.
        alone = rest._replace(resources=None, not_resources=None)
        about = set(_names(rest)) - set(_names(alone))
        others = {name for one in everywhere if one != statement for name in _names(one)}
        deciding -= about - others
    return frozenset(name for one in everywhere for name in _names(one)) - deciding


def _names(statement: Statement) -> Iterator[str]:
    return (symbol.name for text, _ in open_texts(statement) for symbol in text.symbols)


def _suits_each_value(condition: Condition) -> bool:
    """Whether callers can send what a condition asks for, whatever that is."""
    operator, key = parse_operator(condition.operator), condition.key.lower()
    if operator is None or operator.negated or operator.family != "string":
        return False
    return key in _CHOSEN_BY_CALLERS or key.startswith(_FAMILIES_CHOSEN_BY_CALLERS)


def _speaks_of(note: str, name: str) -> bool:
    return f"<{name}>" in note or f"the value of {name} " in note
