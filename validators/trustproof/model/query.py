"""
Questions about the parts of a policy that every reader of policies asks.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache

from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.text import Symbolic, Text

#: Of statements, the texts that are not known.
_OPEN = IdentityMemory[tuple[tuple[Symbolic, str], ...]](1024)
_EVERYTHING = re.compile(r"\*+(?::\*+)?")


def texts(statement: Statement) -> Iterator[tuple[Text, str]]:
    """Every text of a statement, with its place."""
    for entry in (*(statement.principals or ()), *(statement.not_principals or ())):
        yield entry.value, entry.kind
    for action in (*(statement.actions or ()), *(statement.not_actions or ())):
        yield action, "action"
    for resource in (*(statement.resources or ()), *(statement.not_resources or ())):
        yield resource, "resource"
    for condition in statement.conditions:
        for operand in condition.operands:
            yield operand, condition.key.lower()


def characters(policy: Policy) -> int:
    """How many characters the texts of a policy have that are known: it is written with more."""
    return sum(len(text) for one in policy.statements for text, _ in texts(one) if isinstance(text, str))


def placeless(statement: Statement) -> Statement:
    """A statement as it says the same wherever it stands: what is known of it is then known of each."""
    conditions = tuple(Condition(c.operator, c.key, c.operands) for c in statement.conditions)
    return statement._replace(sid=None, path=(), conditions=conditions)


def open_texts(statement: Statement) -> tuple[tuple[Symbolic, str], ...]:
    """The texts of a statement that are not known, with their places."""
    return _OPEN.get(lambda: _open_texts(placeless(statement)), statement)


@lru_cache(maxsize=1024)
def _open_texts(statement: Statement) -> tuple[tuple[Symbolic, str], ...]:
    return tuple((text, place) for text, place in texts(statement) if isinstance(text, Symbolic))


def covers_everything(patterns: Iterable[Text] | None) -> bool:
    """Whether one of some entries of Action or Resource stands for all there are: ``*``, or ``*:*`` of actions."""
    return any(isinstance(one, str) and _EVERYTHING.fullmatch(one) is not None for one in patterns or ())


def principals(policy: Policy) -> Iterator[Text]:
    """Whoever a policy names in Principal and NotPrincipal."""
    for statement in policy.statements:
        for entry in (*(statement.principals or ()), *(statement.not_principals or ())):
            yield entry.value


def operands(policy: Policy, keys: Container[str] | None = None) -> Iterator[Text]:
    """
    What the conditions of a policy compare with.

    Args:
        keys: lower-cased; None for all.
    """
    for statement in policy.statements:
        for condition in statement.conditions:
            if keys is None or condition.key.lower() in keys:
                yield from condition.operands


def is_concrete(policy: Policy) -> bool:
    """Whether everything in a policy is known, so that the evaluator can decide it."""
    return all(is_known(statement) for statement in policy.statements)


def is_known(statement: Statement) -> bool:
    """Whether everything in a statement is known."""
    return not (statement.unreadable or statement.guards or open_texts(statement))


@lru_cache(maxsize=256)
def mentioned_texts(policy: Policy, with_keys: bool) -> str:
    """The texts of a policy that have policy variables, lower-cased; its condition keys written as such, if asked."""
    return "\n".join(
        text
        for statement in policy.statements
        for text in (
            *(str(one) for one in (*(statement.resources or ()), *(statement.not_resources or ())) if "${" in str(one)),
            *(str(value) for c in statement.conditions for value in c.operands if "${" in str(value)),
            *("${" + c.key for c in statement.conditions if with_keys),
        )
    ).lower()


def looks_at_resource_tags(policy: Policy) -> bool:
    """Whether a policy looks at the tags of what it is about."""
    return "resourcetag/" in mentioned_texts(policy, True)
