"""
Words that several properties share.
"""

from __future__ import annotations

from trustproof.model.keys import spelling
from trustproof.model.policy import DENY, Statement
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, SERVICE, USER_KEY, USERS, Request
from trustproof.properties._base import Refutation
from trustproof.spec.conditions import (
    ABSENT,
    ABSENT_IF_EXISTS,
    NEGATED_ABSENT,
    NO_VALUE,
    PRESENCE,
    VACUOUS,
    VALUE,
    Finding,
)


def who(request: Request) -> str:
    """The caller, as one would say it: ``alice's access key``, ``a session of role app``."""
    name = request.caller.arn.rsplit("/", 1)[-1]
    kind = request.caller.kind
    if kind == USER_KEY:
        return f"{name}'s access key"
    if kind in USERS:
        return f"{name}'s session"
    if kind in (ROLE_SESSION, IDENTITY_CENTER):
        return f"a session of role {name} of account {request.caller.account}"
    return request.caller.arn if kind == SERVICE else request.caller.display_arn


def because(refutation: Refutation, statement: Statement) -> tuple[str, ...]:
    """Why the conditions of the statement hold, and why those of each Deny that looks at the same caller do not."""
    out: list[str] = []
    for explanation in refutation.decision.explanations:
        if explanation.statement is statement or explanation.statement == statement:
            out.extend(sentence(finding) for finding in explanation.conditions)
        elif explanation.statement.effect == DENY and explanation.principal and explanation.action:
            failed = [finding for finding in explanation.conditions if not finding.matched]
            out.extend(f"the Deny does not apply: {sentence(finding)}" for finding in failed[:1])
    return tuple(dict.fromkeys(out))


def sentence(finding: Finding) -> str:
    """Why a condition holds or does not hold, in one sentence."""
    name = finding.condition.operator
    key = spelling(finding.condition.key)
    outcome = "true" if finding.matched else "false"
    operands = " or ".join(str(o) for o in finding.condition.operands) or "nothing"
    match finding.because:
        case cause if cause == ABSENT:
            return f"{key} is absent, and {name} is false when the key is absent"
        case cause if cause == ABSENT_IF_EXISTS:
            return f"{key} is absent, and {name} is true when the key is absent"
        case cause if cause == NEGATED_ABSENT:
            return f"{key} is absent, and {name}, a negated operator, is true when the key is absent"
        case cause if cause == VACUOUS:
            return f"{key} is absent, and ForAllValues is true when there is no value to test"
        case cause if cause == NO_VALUE:
            return f"{key} is absent, and ForAnyValue is false when there is no value to test"
        case cause if cause == PRESENCE:
            there = "absent" if finding.value in (None, "") else "present"
            return f"{key} is {there}, so {name} {operands} is {outcome}"
        case cause if cause == VALUE:
            return f"{key} is {show(finding.value)}, so {name} {operands} is {outcome}"
        case _:
            return f"{name} {key} {operands} is {outcome}"


def show(value: object) -> str:
    """A value of a condition key."""
    if isinstance(value, tuple):
        return "[" + ", ".join(str(v) for v in value) + "]"
    return str(value)
