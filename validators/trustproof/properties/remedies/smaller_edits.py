"""
Remedies that keep what is right: the values of a list that name whom they should, and the operator but for its end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition, Statement
from trustproof.model.text import Text
from trustproof.properties.edits import Demand, as_written, change
from trustproof.properties.question import Subject
from trustproof.results.edit import Edit


def strict(subject: Subject, statement: Statement, tested: Sequence[Condition]) -> tuple[Edit, ...]:
    """
    The edits that leave conditions of an Allow as they are, but for operators that are true without the key.

    Args:
        tested: on keys of one value.
    """
    written, own = _own(subject, statement, tested)
    demands = [(_strict(c.operator), c.key, c.operands) for c in own]
    return _changed(written, own, demands)


def without(
    subject: Subject,
    statement: Statement,
    tested: Sequence[Condition],
    good: Callable[[Text], bool],
    instead: Callable[[Text], Sequence[Text]] = lambda operand: (),
) -> tuple[Edit, ...]:
    """
    The edits that take values out of conditions of an Allow; none where nothing good is left.

    Args:
        good: whether a value may stay.
        instead: what to put in the place of one that may not.
    """
    written, own = _own(subject, statement, tested)
    demands: list[Demand] = []
    for condition in own:
        kept = dict.fromkeys(
            one for operand in condition.operands for one in ((operand,) if good(operand) else instead(operand))
        )
        if not kept:
            return ()
        demands.append((_strict(condition.operator), condition.key, tuple(kept)))
    return _changed(written, own, demands)


def _own(subject: Subject, statement: Statement, tested: Sequence[Condition]) -> tuple[Statement, list[Condition]]:
    """The statement as it is written, with those conditions of it."""
    written = as_written(subject, statement)
    wanted = {(c.operator, c.key) for c in tested}
    return written, [c for c in written.conditions if (c.operator, c.key) in wanted]


def _changed(written: Statement, own: Sequence[Condition], demands: Sequence[Demand]) -> tuple[Edit, ...]:
    places = {(operator, key) for operator, key, _ in demands}
    others = {(c.operator, c.key) for c in written.conditions if c not in own}
    if "" in {operator for operator, _ in places} or len(places) < len(demands) or places & others:
        # Two conditions would become one, which says something else.
        return ()
    return change(written, own, demands)


def _strict(name: str) -> str:
    """The operator that is false without the key; empty where it is another one that is not negated."""
    operator = parse_operator(name)
    if operator is None or operator.negated or operator.base == "Null":
        return ""
    return operator.base if operator.if_exists or operator.quantifier else name
