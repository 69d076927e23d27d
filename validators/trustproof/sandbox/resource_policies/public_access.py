"""
Settings of buckets against public policies: whom they keep out, and which policies S3 refuses.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.errors import AccessDenied, Undecided

#: Keys with which S3 calls a statement for everybody not public, where their values are fixed.
_FIXING = frozenset(
    """
    aws:principalaccount aws:principalarn aws:principalorgid aws:sourceaccount aws:sourcearn aws:sourceip
    aws:sourceowner aws:sourcevpc aws:sourcevpce aws:userid s3:dataaccesspointaccount s3:dataaccesspointarn
    """.split()
)
_POSITIVE = ("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress")


def is_public(text: str) -> bool:
    """
    Whether S3 calls a bucket policy public.

    Raises:
        Undecided: it depends on conditions of which that is not known here.
    """
    doubtful = False
    try:
        statements = json.loads(text).get("Statement") or []
    except (ValueError, AttributeError):
        # It is no policy, and is refused as such.
        return False
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement.get("Effect") != "Allow" or not _is_for_everybody(statement):
            continue
        condition = statement.get("Condition") or {}
        if not condition:
            return True
        doubtful = doubtful or not _is_fixed(condition)
    if doubtful:
        raise Undecided("whether S3 calls the policy public is not known here, and the answer depends on it")
    return False


def check_policy(text: str, *, blocked: bool) -> None:
    """
    See that a policy may be put on a bucket.

    Raises:
        Denied: it is public, and the bucket blocks such policies.
    """
    if blocked and is_public(text):
        raise AccessDenied("public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access")


def check_status(text: str) -> None:
    """
    See that what moto answers of a policy is right: to it one is public that lets everybody in without conditions.

    Raises:
        Undecided: it depends on conditions, or on a `NotPrincipal`.
    """
    if is_public(text) and "NotPrincipal" in text:
        raise Undecided("whether S3 calls a policy with NotPrincipal public is not known here")


def _is_for_everybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        return principal == "*"
    named = principal.get("AWS", [])
    return "*" in (named if isinstance(named, list) else [named])


def _is_fixed(condition: Mapping[str, Any]) -> bool:
    """Whether some condition lets in fixed values only."""
    for operator, keys in condition.items():
        if operator.lower() not in _POSITIVE:
            continue
        for key, values in keys.items():
            texts = values if isinstance(values, list) else [values]
            fixed = key.lower() in _FIXING and not any(set(str(one)) & set("*?$") for one in texts)
            # How wide a range may be is not looked up: narrow ones count.
            if fixed and (key.lower() != "aws:sourceip" or all(_is_narrow(str(one)) for one in texts)):
                return True
    return False


def _is_narrow(block: str) -> bool:
    _, _, length = block.partition("/")
    return not length or (length.isdigit() and int(length) >= (32 if ":" in block else 8))
