"""
Users whom a Deny exempts by name, as one for emergencies is exempted: whoever wrote that meant it.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.operators import parse_operator
from trustproof.model.policy import DENY, Condition, Statement
from trustproof.model.request import Caller
from trustproof.properties.question import Refutation
from trustproof.spec.conditions import ConditionOutcome as Tested

#: Keys that say who a user is.
_ARN, _NAMES = "aws:principalarn", ("aws:username", "aws:userid")


def exempted_user(exempting: Sequence[Tested], refutation: Refutation) -> str:
    """
    The name of the user that a Deny exempts by name, and by nothing else; empty where it does not.

    Args:
        exempting: what of the Deny does not hold, besides what asks for MFA.
    """
    caller = refutation.request.caller
    by_name = exempting and all(_names(one.condition, caller) for one in exempting)
    return caller.arn.rpartition("/")[2] if by_name else ""


def exempts(statement: Statement, caller: Caller) -> bool:
    """Whether a statement is a Deny that exempts a user by name."""
    return statement.effect == DENY and any(_names(one, caller) for one in statement.conditions)


def exempted_by(conditions: Sequence[Condition]) -> tuple[str, ...]:
    """The users, or patterns of them, that conditions of a Deny exempt by name: no other change stops them."""
    return tuple(
        str(operand).rpartition(":user/")[2]
        for one in conditions
        for operand in one.operands
        if is_negated(one) and (one.key.lower() in _NAMES or (one.key.lower() == _ARN and ":user/" in str(operand)))
    )


def _names(condition: Condition, caller: Caller) -> bool:
    own = {
        _ARN: caller.arn,
        "aws:username": caller.arn.rpartition("/")[2],
        "aws:userid": caller.userid,
    }
    return is_negated(condition) and own.get(condition.key.lower(), "") in condition.operands


def is_negated(condition: Condition) -> bool:
    """Whether a condition is one that holds for all but what it names."""
    operator = parse_operator(condition.operator)
    return operator is not None and operator.negated
