"""
Demand MFA of a role that somebody else's construct made.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk._constructor import function
from trustproof_cdk._synthesis import raw_resources, stacks
from trustproof_cdk._synthesis.lazy import Resolve, lazily
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._trust.added_trust import added_callers
from trustproof_cdk.conditions import conjoin
from trustproof_cdk.mfa import mfa_conditions


@function
def require_mfa(role: iam.IRole | iam.Role | iam.CfnRole, *, max_mfa_age: cdk.Duration | None = None) -> None:
    """
    Demand MFA of every account and user that the role trusts.

    `iam.Role` writes an open trust statement of its own, and a statement with a condition that is added beside it
    closes nothing, since one statement that allows is enough. This function puts the condition into the statements
    that are there, and into those that are added later: it works on the trust policy as it is synthesized.

    AWS services and identity providers stay trusted as they are: their requests never carry MFA, and they are no way in
    for an IAM user. Where a statement trusts them beside accounts or users, they get a statement of their own.

    A role of this app is recognized as a role. Of another reference that only a deployment knows (a parameter, an
    import) nobody can say what it is; if it is a role, nobody can use the statement then.

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

    made: dict[str, Any] = {}

    def harden(resolve: Resolve) -> dict[str, Any]:
        hardened = _hardened(resolve(original), demanded, resource)
        made["last"] = hardened
        return hardened

    def said(properties: Mapping[str, Any]) -> str:
        written = properties.get("AssumeRolePolicyDocument")
        added = added_callers(stack, made["last"], written)
        if not added:
            return ""
        return (
            f"{resource.node.path}: an override has taken away what require_mfa() demands, or lets in more, for "
            f"{' and '.join(added)}: change the role before it is given to require_mfa(), which works on what is there"
        )

    stack = cdk.Stack.of(resource)
    harden(stack.resolve)
    resource.assume_role_policy_document = lazily(harden)
    promise(stack, lambda: resource, said, lambda: made["last"])


def _resource(role: iam.IRole | iam.CfnRole) -> iam.CfnRole:
    if not isinstance(role, iam.CfnRole) and not hasattr(role, "role_arn"):
        raise TypeError(f"role must be a role that this app creates, an iam.Role or iam.CfnRole, got {role!r}")
    found: IConstruct | None = role if isinstance(role, iam.CfnRole) else role.node.default_child
    if isinstance(role, iam.LazyRole):
        raise ValueError(
            f"role must be a role that this app creates, got {role.node.path!r}, a LazyRole, which makes none before "
            "something needs it: make it an iam.Role"
        )
    if not isinstance(found, iam.CfnRole):
        raise ValueError(f"role must be a role that this app creates, got {role.node.path!r}, which is imported")
    return found


def _hardened(document: Any, demanded: Mapping[str, Mapping[str, str]], resource: iam.CfnRole) -> dict[str, Any]:
    place = stacks.path_of(resource)
    document = _read(document)
    if not isinstance(document, Mapping) or not isinstance(document.get("Statement"), (list, Mapping)):
        raise ValueError(f"cannot harden {place}: its trust policy is not a document with statements")
    statements = [
        one
        # IAM takes one statement without a list around it.
        for index, statement in enumerate(_listed(document["Statement"]))
        for one in _hardened_statement(statement, demanded, resource, f"{place}: statement {index} of its trust policy")
    ]
    if not any(one["Effect"] == "Allow" and "AWS" in one["Principal"] for one in statements):
        raise ValueError(f"cannot harden {place}: it trusts only services or providers, whose requests never carry MFA")
    return {**document, "Statement": statements}


def _read(document: Any) -> Any:
    """A document that a template has as text, as CloudFormation takes it, read; anything else as it is."""
    try:
        return json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return document


def _hardened_statement(
    statement: Any, demanded: Mapping[str, Mapping[str, str]], resource: iam.CfnRole, place: str
) -> list[Any]:
    """The statement with the condition; where it trusts others too, these in a statement of their own without it."""
    if not isinstance(statement, Mapping) or "Effect" not in statement:
        raise ValueError(f"cannot harden {place}: it is known only in a deployment")
    if statement["Effect"] != "Allow":
        return [statement]
    principals = statement.get("Principal")
    if not isinstance(principals, Mapping) or "NotAction" in statement:
        raise ValueError(f"cannot harden {place}: it has no Principal with kinds, or NotAction")
    if "AWS" not in principals:
        return [statement]
    for principal in _listed(principals["AWS"]):
        text = principal if isinstance(principal, str) else json.dumps(principal)
        if ":role/" in text or ":assumed-role/" in text or _is_role(principal, resource):
            raise ValueError(
                f"cannot harden {place}: it trusts {text}, and role sessions never carry "
                "aws:MultiFactorAuthPresent; demand MFA where these sessions begin"
            )
    try:
        conditions = conjoin(statement.get("Condition", {}), demanded)
    except ValueError as error:
        # Of a statement that is added later, nothing else of a failing synthesis says whose it is.
        raise ValueError(f"cannot harden {place}: {error}") from error
    hardened = {**statement, "Principal": {"AWS": principals["AWS"]}, "Condition": conditions}
    others = {kind: values for kind, values in principals.items() if kind != "AWS"}
    # The CDK puts statements into one that differ in their principals only; a Sid is there once.
    apart = {key: value for key, value in statement.items() if key != "Sid"}
    return [hardened, *([{**apart, "Principal": others}] if others else [])]


def _is_role(principal: Any, resource: iam.CfnRole) -> bool:
    """Whether a principal is a reference to the ARN of a role of the app."""
    if (
        not isinstance(principal, Mapping)
        or list(principal) != ["Fn::GetAtt"]
        or principal["Fn::GetAtt"][1:] != ["Arn"]
    ):
        return False
    stack = cdk.Stack.of(resource)
    named = [
        found
        for found in raw_resources.all_in(resource.node.root)
        if isinstance(found, cdk.CfnResource) and stack.resolve(found.logical_id) == principal["Fn::GetAtt"][0]
    ]
    # Before the synthesis, a resource of another stack is referred to as if it were one of this stack.
    near = [found for found in named if cdk.Stack.of(found) is stack]
    return any(isinstance(found, iam.CfnRole) for found in near or named)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
