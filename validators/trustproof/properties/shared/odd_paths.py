"""
Callers who look like another kind of caller: by colons in their path, ``user/:role/deploy``, or by the name or path of
what Identity Center makes, ``user/AWSReservedSSO_Admin``.

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
_AS_TEXT = "stringlike"
_LIKE = (_AS_TEXT, "arnlike", "arnequals")
#: Records of callers in whose ARN a colon follows a slash.
_ODD = join(ANY_RUN, "/", ANY_RUN, ":", ANY_RUN, SEPARATOR, ANY_RUN)
#: What the names of Identity Center's roles begin with, and where their path leads:
#: https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
SSO_NAME, SSO_PATH = "AWSReservedSSO_", "aws-reserved/sso.amazonaws.com/"
#: Records of users who are called like them.
_LIKE_SSO = tuple(join(ANY_RUN, ":user/", ANY_RUN, one, ANY_RUN) for one in (SSO_NAME, SSO_PATH))


def wide_arns(statement: Statement) -> list[Condition]:
    """The conditions of a statement that compare the caller's ARN, with a wildcard before its name."""
    return [
        condition
        for condition in statement.conditions
        if condition.key.lower() == _ARN
        and condition.operator.lower() in _LIKE
        and any(_is_wide(str(operand), condition.operator.lower()) for operand in condition.operands)
    ]


def _is_wide(operand: str, operator: str) -> bool:
    """
    Whether a wildcard stands before the name, and nothing says that users are meant. One of an operator for ARNs does
    not reach over colons: in place of ``role`` it admits users who are called alike.
    """
    before = operand.partition("/")[0]
    if operator != _AS_TEXT:
        return "*" in before.rpartition(":")[2] and (SSO_NAME in operand or SSO_PATH in operand)
    return "*" in before and ":user/" not in operand


def plain_first(policy: Policy, regions: Sequence[Region]) -> tuple[Region, ...]:
    """Requests, those first of callers without such a path, where the policy may admit any: nobody has one."""
    if not any(wide_arns(statement) for statement in policy.statements if statement.effect == ALLOW):
        return tuple(regions)
    plain = tuple(("caller", not_text(one)) for one in (_ODD, *_LIKE_SSO))
    return (*(one._replace(constraints=(*one.constraints, *plain)) for one in regions), *regions)


def is_like_identity_center(request: Request) -> bool:
    """Whether a user is called like a role of Identity Center."""
    called = request.caller.arn.partition(":user/")[2]
    return SSO_NAME in called or SSO_PATH in called


def has_odd_path(request: Request) -> bool:
    """Whether the path of a caller has a colon in it, or it is called like a role of Identity Center."""
    return ":" in request.caller.arn.partition("/")[2] or is_like_identity_center(request)


def is_odd(request: Request, statement: Statement) -> bool:
    """Whether a statement lets in a caller only since it looks like another kind of caller, by its path or name."""
    conditions = wide_arns(statement)
    if not conditions or not has_odd_path(request):
        return False
    # Who names a user that is called like a role of Identity Center has one.
    named = any(":user/" in str(operand) for condition in conditions for operand in condition.operands)
    return not (named and is_like_identity_center(request))
