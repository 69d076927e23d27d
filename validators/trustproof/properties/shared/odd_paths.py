"""
Callers whose path has colons in it, by which they look like another kind of caller: ``user/:role/deploy``.

A path may have any printable character, and a wildcard of StringLike reaches over colons, so that
``arn:aws:iam::*:role/deploy`` matches such a user: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.domains import not_text
from trustproof.engine.region import Region
from trustproof.model.policy import ALLOW, Condition, Policy, Statement
from trustproof.model.request import Request
from trustproof.sets.patterns import ANY_RUN, join

_ARN = "aws:principalarn"
#: Records of callers in whose ARN a colon follows a slash.
_ODD = join(ANY_RUN, "/", ANY_RUN, ":", ANY_RUN, SEPARATOR, ANY_RUN)


def wide_arns(statement: Statement) -> list[Condition]:
    """The conditions of a statement that compare the caller's ARN as text, with a wildcard before its name."""
    return [
        condition
        for condition in statement.conditions
        if condition.key.lower() == _ARN
        and condition.operator.lower() == "stringlike"
        and any("*" in str(operand).partition("/")[0] for operand in condition.operands)
    ]


def plain_first(policy: Policy, regions: Sequence[Region]) -> tuple[Region, ...]:
    """Requests, those first of callers without such a path, where the policy may admit any: nobody has one."""
    if not any(wide_arns(statement) for statement in policy.statements if statement.effect == ALLOW):
        return tuple(regions)
    plain = (("caller", not_text(_ODD)),)
    return (*(one._replace(constraints=(*one.constraints, *plain)) for one in regions), *regions)


def has_odd_path(request: Request) -> bool:
    """Whether the path of a caller has a colon in it."""
    return ":" in request.caller.arn.partition("/")[2]
