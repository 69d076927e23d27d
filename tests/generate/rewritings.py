"""
Random rewritings of a policy that leave its meaning as it is.
"""

from __future__ import annotations

from random import Random
from typing import TypeVar

from tests.generate.statements import ACTIONS
from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Policy, Principal, Statement

_T = TypeVar("_T")


def rewritten(rng: Random, policy: Policy) -> Policy:
    """A trust policy in other words: split, reordered, repeated, in other spellings."""
    statements = [part for statement in policy.statements for part in _split(rng, statement)]
    statements = [_respelled(rng, statement) for statement in statements]
    if rng.randrange(3) == 0:
        statements.append(rng.choice(statements))
    rng.shuffle(statements)
    return policy._replace(statements=tuple(statements))


def _split(rng: Random, statement: Statement) -> list[Statement]:
    """A statement as several, each with a part of one list."""
    for name in rng.sample(("principals", "actions"), 2):
        values = getattr(statement, name)
        if values and len(values) > 1 and rng.randrange(2):
            at = rng.randrange(1, len(values))
            return [statement._replace(**{name: values[:at]}), statement._replace(**{name: values[at:]})]
    return [statement]


def _respelled(rng: Random, statement: Statement) -> Statement:
    """The same statement: lists in another order, names in another case, an account as its root, a complement."""
    statement = statement._replace(
        principals=_shuffled(rng, statement.principals),
        actions=_shuffled(rng, statement.actions),
        conditions=tuple(_condition(rng, one) for one in _shuffled(rng, statement.conditions) or ()),
        sid=rng.choice((None, "Other")),
    )
    if statement.principals is not None:
        statement = statement._replace(principals=tuple(_principal(rng, one) for one in statement.principals))
    if statement.actions is not None:
        if set(statement.actions) <= set(ACTIONS) and rng.randrange(4) == 0:
            # All that may be asked of a role.
            others = tuple(action for action in ACTIONS if action not in statement.actions)
            return statement._replace(actions=None, not_actions=others) if others else statement
        statement = statement._replace(
            actions=tuple(rng.choice((str(one), str(one).lower(), str(one).upper())) for one in statement.actions)
        )
    return statement


def _principal(rng: Random, entry: Principal) -> Principal:
    value = str(entry.value)
    if entry.kind == "AWS" and len(value) == 12 and value.isdigit() and rng.randrange(2):
        return entry._replace(value=f"arn:aws:iam::{value}:root")
    return entry


def _condition(rng: Random, condition: Condition) -> Condition:
    operands = condition.operands
    if operands and rng.randrange(3) == 0:
        operands = (*operands, rng.choice(operands))
    operator = condition.operator
    if parse_operator(operator) is not None:
        operator = rng.choice((operator, operator.lower()))
    return Condition(operator, rng.choice((condition.key, condition.key.lower())), _shuffled(rng, operands) or ())


def _shuffled(rng: Random, values: tuple[_T, ...] | None) -> tuple[_T, ...] | None:
    if values is None:
        return None
    found = list(values)
    rng.shuffle(found)
    return tuple(found)
