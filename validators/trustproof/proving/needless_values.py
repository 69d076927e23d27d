"""
Values that are not known before deployment, and decide nothing: whatever they are, a request can suit them.

A vendor's external id says nothing of whose account the vendor's is; nobody is to be asked for it because of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from trustproof.engine.dimensions import condition_key, is_key
from trustproof.engine.region import AllowedPart
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Statement
from trustproof.model.query import open_texts
from trustproof.properties.question import Direction, Subject
from trustproof.proving.hints import hints, hints_of_data, with_hints

#: Keys whose values whoever calls writes as they like, and the beginnings of others.
_CHOSEN_BY_CALLERS = frozenset("aws:referer aws:useragent sts:externalid sts:rolesessionname".split())
_FAMILIES_CHOSEN_BY_CALLERS = ("aws:requesttag/", "s3:requestobjecttag/", "secretsmanager:versionstage")


def open_reasons(found: AllowedPart, notes: Sequence[str], subject: Subject, direction: Direction) -> tuple[str, ...]:
    """
    Why nobody knows whether a request gets in, and how to say what decides that.

    Args:
        found: what may let it in.
        notes: what is approximate about that.
        subject: the policies.
        direction: of the question: where somebody is to get in, each value may decide.
    """
    known = {**hints(subject), **hints_of_data(subject)}
    if direction is not Direction.FORBIDDEN:
        return with_hints(notes, known)
    suited = _suited(found, subject)
    needless = _needless(found, subject, suited)
    about = tuple(f"{condition.operator} {condition.key} " for condition in suited)
    kept = [note for note in notes if not (note.startswith(about) or any(_speaks_of(note, one) for one in needless))]
    if not kept:
        return with_hints(notes, known)
    return with_hints(kept, {name: hint for name, hint in known.items() if name not in needless})


def _suited(found: AllowedPart, subject: Subject) -> list[Condition]:
    """The conditions that callers can meet whatever is compared there: nothing else looks at the key."""
    keys = {condition_key(dimension) for dimension, _ in found.region.constraints if is_key(dimension)}
    compared = Counter(c.key.lower() for one in _statements(subject) for c in one.conditions)
    return [
        condition
        for condition in found.encoded.statement.conditions
        if _suits_each_value(condition) and compared[condition.key.lower()] == 1 and condition.key.lower() not in keys
    ]


def _needless(found: AllowedPart, subject: Subject, suited: Sequence[Condition]) -> frozenset[str]:
    """The names of symbols that stand only where a request suits each value."""
    statement = found.encoded.statement
    others = {name for one in _statements(subject) if one != statement for name in _names(one)}
    rest = statement._replace(conditions=tuple(c for c in statement.conditions if c not in suited))
    if all(dimension != "resource" for dimension, _ in found.region.constraints):
        # Requests are about what a statement is about, unless another statement speaks of that.
        rest = rest._replace(resources=None, not_resources=None)
    return frozenset(_names(statement)) - {*others, *_names(rest)}


def _statements(subject: Subject) -> list[Statement]:
    return [statement for document in subject.documents for statement in document.policy.statements]


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
