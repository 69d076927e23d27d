"""
What a trust policy says of external ids, in whatever form: third parties pass them, and nobody else does.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
"""

from __future__ import annotations

from trustproof.model.operators import FOR_ALL_VALUES, admits_absence_alone, parse_operator
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Statement
from trustproof.model.request import Request
from trustproof.properties.question import Subject
from trustproof.sets.patterns import Pattern, exact, ignoring_case

EXTERNAL_ID = "sts:externalid"


def external_id_tests(policy: Policy, statement: Statement, request: Request) -> tuple[Condition, ...]:
    """
    The tests of the external id of a caller: of the statement that lets it in, and of each Deny, where the caller gets
    past these by an external id.
    """
    denying = (one for one in policy.statements if one.effect == DENY) if EXTERNAL_ID in request.context else ()
    # Who is to pass none is no third party: so the roles of cdk bootstrap keep out who acts for others.
    asking = (c for c in statement.conditions if not admits_absence_alone(c.operator, c.operands))
    return tuple(c for c in (*asking, *(c for one in denying for c in one.conditions)) if c.key.lower() == EXTERNAL_ID)


def insists_on_external_id(policy: Policy, statement: Statement, request: Request) -> bool:
    """Whether a caller gets in with an external id only: without one the Allow is false, or a Deny is true."""
    tests = external_id_tests(policy, statement, request)
    return any(map(is_false_without, statement.conditions)) or len(tests) > sum(
        one.key.lower() == EXTERNAL_ID for one in statement.conditions
    )


def is_false_without(condition: Condition) -> bool:
    """Whether a condition of an Allow is false of a request without an external id."""
    operator = parse_operator(condition.operator)
    if condition.key.lower() != EXTERNAL_ID or operator is None:
        return False
    if operator.base == "Null":
        return all(str(operand).lower() == "false" for operand in condition.operands)
    return not (operator.negated or operator.if_exists or operator.quantifier == FOR_ALL_VALUES)


def written_out(tests: tuple[Condition, ...], statement: Statement) -> tuple[str, ...]:
    """The external ids that tests ask for, as far as they are written in full."""
    found: dict[str, None] = {}
    for test in tests:
        operator = parse_operator(test.operator)
        if operator is None or operator.base == "Null" or operator.negated is (test in statement.conditions):
            # What an Allow excludes is nobody's, and so is what a Deny is about.
            continue
        found.update((one, None) for one in test.operands if isinstance(one, str) and not set(one) & set("*?"))
    return tuple(found)


def literal_external_ids(subject: Subject) -> list[Pattern]:
    """The external ids that the policy names literally: in an Allow, or in a Deny for all others, or one around it."""
    out: list[Pattern] = []
    for statement in subject.naming.statements:
        for condition in statement.conditions:
            operator = parse_operator(condition.operator)
            if condition.key.lower() != EXTERNAL_ID or operator is None:
                continue
            if operator.negated is (statement.effect == ALLOW):
                continue
            named = [
                exact(o) for o in map(str, condition.operands) if not ("Like" in operator.base and set(o) & set("*?"))
            ]
            # The vendor does not tell its customers apart by letter case alone.
            out += map(ignoring_case, named) if "IgnoreCase" in operator.base else named
    return out
