"""
Remedies as edits that can be made as they stand: what a statement says of a key, added, replaced or taken out.

A JSON object names nothing twice, so a condition goes into the ``Condition`` that is there, and into the operator that
is there; and what has no ``Condition`` gets the property that stands for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from trustproof.model.document import Grant
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.text import Text
from trustproof.properties.question import Subject
from trustproof.results.edit import Edit, Value, set_value

#: Operator, key and values.
Demand: TypeAlias = "tuple[str, str, tuple[Text, ...]]"
#: Operators to keys to values.
Block: TypeAlias = "dict[str, dict[str, tuple[Text, ...]]]"


def as_written(subject: Subject, statement: Statement) -> Statement:
    """The statement as the template has it, where a deployment of it is at hand."""
    found = _forms(subject, statement)
    return statement if statement in found or len(found) != 1 else found[0]


def where(subject: Subject, statement: Statement) -> str:
    """What to add to a remedy where a statement has several forms, of which its diff shows one."""
    found = _forms(subject, statement)
    return (
        ", in each form that parameters and conditions give it"
        if len(found) > 1 and any(s.guards for s in found) and not found[0].effect_is_given
        else ""
    )


def _forms(subject: Subject, statement: Statement) -> list[Statement]:
    return [s for document in subject.documents for s in document.policy.statements if s.path == statement.path]


def demand(subject: Subject, statement: Statement, *demands: Demand) -> tuple[Edit, ...]:
    """The edits that add conditions to an Allow statement, each in place of what the statement says of its key."""
    written = as_written(subject, statement)
    grant = subject.document.grant
    if grant is not None:
        return tuple(edit for one in demands for edit in _property(grant, written, one))
    keys = {key.lower() for _, key, _ in demands}
    return change(written, [c for c in written.conditions if c.key.lower() in keys], demands)


def change(
    statement: Statement, drop: Sequence[Condition] = (), demands: Sequence[Demand] = (), *, whole: bool = False
) -> tuple[Edit, ...]:
    """
    The edits that take conditions out of a statement, and put others in.

    Args:
        whole: whether the whole Condition is shown, where the remedy does not stand next to it.
    """
    after = block([c for c in statement.conditions if c not in drop])
    for operator, key, values in demands:
        after.setdefault(operator, {})[key] = values
    return change_between(statement, block(statement.conditions), after, whole=whole)


def change_between(statement: Statement, before: Block, after: Block, *, whole: bool = False) -> tuple[Edit, ...]:
    """The edits that make one Condition of another."""
    path = (*statement.path, "Condition")
    if before == after:
        return ()
    if whole or not before or not after:
        return (set_value(path, before or None, after or None),)
    return tuple(
        set_value((*path, operator), before.get(operator), after.get(operator))
        for operator in dict.fromkeys((*before, *after))
        if before.get(operator) != after.get(operator)
    )


def replace(statement: Statement, element: str, after: Sequence[Text], becomes: str = "") -> tuple[Edit, ...]:
    """
    The edits that replace a list of a statement.

    Args:
        element: its name; of the new list too, unless `becomes` says another.
    """
    lists = {
        "Action": statement.actions,
        "NotAction": statement.not_actions,
        "Resource": statement.resources,
        "NotResource": statement.not_resources,
    }
    before, new = lists[element], tuple(after)
    if becomes in ("", element) or before is None:
        return (set_value((*statement.path, becomes or element), before, new),)
    return set_value((*statement.path, element), before, None), set_value((*statement.path, becomes), None, new)


def version(policy: Policy) -> tuple[Edit, ...]:
    """The edit that gives a policy the version that has policy variables."""
    return (set_value((*policy.path, "Version"), policy.version, "2012-10-17"),)


def _property(grant: Grant, statement: Statement, one: Demand) -> tuple[Edit, ...]:
    operator, key, values = one
    if grant.has_condition:
        old = next((_as_property(c.operator, c.key, c.operands) for c in statement.conditions), None)
        return (set_value((*statement.path, "Condition"), old, _as_property(operator, key, values)),)
    name = dict(grant.properties).get(key.lower())
    if name is None:
        return ()
    held = next((c.operands for c in statement.conditions if c.key.lower() == key.lower()), None)
    return (set_value((*statement.path, name), held, values),)


def _as_property(operator: str, key: str, values: tuple[Text, ...]) -> dict[str, Value]:
    return {"Type": operator, "Key": key, "Value": values}


def block(conditions: Sequence[Condition]) -> Block:
    """What a Condition says, as JSON has it."""
    out: Block = {}
    for condition in conditions:
        out.setdefault(condition.operator, {})[condition.key] = condition.operands
    return out
