"""
Demand MFA of a role that somebody else's construct made.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._lazy import lazily
from trustproof_cdk.conditions import conjoin
from trustproof_cdk.mfa import mfa_conditions


def require_mfa(role: iam.IRole | iam.CfnRole, *, max_mfa_age: cdk.Duration | None = None) -> None:
    """
    Demand MFA of every account and user that the role trusts.

    `iam.Role` writes an open trust statement of its own, and a statement with a condition that is added beside it
    closes nothing, since one statement that allows is enough. This function puts the condition into the statements
    that are there, and into those that are added later: it works on the trust policy as it is synthesized.

    Statements that trust only AWS services or identity providers stay as they are: their requests never carry MFA, and
    they are no way in for an IAM user.

    A role that is trusted by reference (a token), not by ARN, is not recognized as a role; the validator then finds
    that nobody can use the statement.

    Args:
        role: a role of this app; an `iam.Role` of any construct, or the `CfnRole` in it.
        max_mfa_age: how long ago the MFA code may have been entered at most: 1 second to 36 hours.

    Raises:
        ValueError: the trust policy is not ours to change (an imported role), trusts nobody who may use MFA, trusts a
            role (whose sessions never carry it), or has a form that cannot be hardened. For statements that are added
            later, the synthesis fails instead.
    """
    resource = _resource(role)
    demanded = mfa_conditions(max_mfa_age)
    original = resource.assume_role_policy_document
    place = resource.node.path

    def harden() -> dict[str, Any]:
        return _hardened(cdk.Stack.of(resource).resolve(original), demanded, place)

    harden()
    resource.assume_role_policy_document = lazily(harden)


def _resource(role: iam.IRole | iam.CfnRole) -> iam.CfnRole:
    found: IConstruct | None = role if isinstance(role, iam.CfnRole) else role.node.default_child
    if not isinstance(found, iam.CfnRole):
        raise ValueError(f"role must be a role that this app creates, got {role.node.path!r}, which is imported")
    return found


def _hardened(document: Any, demanded: Mapping[str, Mapping[str, str]], place: str) -> dict[str, Any]:
    if not isinstance(document, Mapping) or not isinstance(document.get("Statement"), list):
        raise ValueError(f"cannot harden {place}: its trust policy is not a document with a list of statements")
    statements = [
        _hardened_statement(statement, demanded, f"{place}: statement {index} of its trust policy")
        for index, statement in enumerate(document["Statement"])
    ]
    if statements == document["Statement"]:
        raise ValueError(f"cannot harden {place}: it trusts only services or providers, whose requests never carry MFA")
    return {**document, "Statement": statements}


def _hardened_statement(statement: Any, demanded: Mapping[str, Mapping[str, str]], place: str) -> Any:
    if not isinstance(statement, Mapping) or "Effect" not in statement:
        raise ValueError(f"cannot harden {place}: it is known only in a deployment")
    if statement["Effect"] != "Allow":
        return statement
    principals = statement.get("Principal")
    if not isinstance(principals, Mapping) or "NotAction" in statement:
        raise ValueError(f"cannot harden {place}: it has no Principal with kinds, or NotAction")
    if "AWS" not in principals:
        return statement
    if len(principals) > 1:
        others = ", ".join(sorted(kind for kind in principals if kind != "AWS"))
        raise ValueError(f"cannot harden {place}: it trusts {others} beside AWS principals; give them a statement each")
    for principal in _listed(principals["AWS"]):
        if isinstance(principal, str) and (":role/" in principal or ":assumed-role/" in principal):
            raise ValueError(
                f"cannot harden {place}: it trusts {principal}, and role sessions never carry "
                "aws:MultiFactorAuthPresent; demand MFA where these sessions begin"
            )
    return {**statement, "Condition": conjoin(statement.get("Condition", {}), demanded)}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
