"""
Permissions boundaries of callers: who may not ask for a role by one gets into none, whatever else allows it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _objects as objects
from trustproof_cdk import _order as order
from trustproof_cdk import _unique as unique
from trustproof_cdk._trust import ASSUME_ROLE

_NO_ROLE = "it gets into no role"
_PROPERTY = "PermissionsBoundary"
#: Stands before the path and the name in the ARN of a policy that an account has.
_POLICY = ":policy/"
_OF_AWS = ":iam::aws:policy/"


def refuse_callers_that_may_not_ask(
    construct: Construct, callers: Iterable[object], actions: Iterable[str] = (ASSUME_ROLE,), lost: str = _NO_ROLE
) -> None:
    """
    Fail the synthesis if somebody is let in, or is granted a role, whose permissions boundary is against it.

    Boundaries count that they were made with, and those of `iam.PermissionsBoundary.of` and of stacks, stages and apps
    (`cdk.PermissionsBoundary`), where they refer to a policy of the app, or name one that the app or stage has in the
    account of the caller, as it is in the end, or one that AWS manages. What another Aspect or an override writes into
    the template is not asked here: that is for the gate.

    Args:
        construct: what lets them in or grants.
        callers: users and roles; those that are given by ARN, or imported, pass.
        actions: what they must be able to call.
        lost: what becomes of a caller who cannot, in words.
    """
    made = [resource for caller in callers if (resource := order.created(caller)) is not None]
    if made:
        construct.node.add_validation(_MayAsk(construct, made, sorted(set(actions)), lost))


@jsii.implements(IValidation)
class _MayAsk:
    """Reads the permissions boundaries of callers, when everything is in them."""

    def __init__(self, construct: Construct, callers: list[cdk.CfnResource], actions: Sequence[str], lost: str) -> None:
        self._construct, self._callers, self._actions, self._lost = construct, callers, actions, lost

    def validate(self) -> list[str]:
        return [said for caller in self._callers if (said := self._said(caller))]

    def _said(self, caller: cdk.CfnResource) -> str:
        if not isinstance(caller, (iam.CfnRole, iam.CfnUser)):
            return ""
        # A user whom a trust policy of its own account names needs no other policy, and no boundary stops it.
        same = cdk.Stack.of(caller).account == cdk.Stack.of(self._construct).account
        if same and isinstance(caller, iam.CfnUser) and isinstance(self._construct, iam.Role):
            return ""
        boundary = _boundary(caller)
        policies = [] if boundary is None else _policies(caller, boundary)
        # Of two of one name, conditions leave one in a deployment.
        lacking = [one for one in self._actions if not any(_may_allow(document, one) for _, document in policies)]
        if not policies or not lacking:
            return ""
        shown, named = policies[0][0], " and ".join(lacking)
        add = f"add {named} to the boundary" if shown != _named_of_aws(boundary) else "give it another boundary"
        return (
            f"{caller.node.path} has the permissions boundary {shown}, which does not allow {named}: whatever else "
            f"allows it, {self._lost}; {add}, or take the caller away"
        )


def _policies(caller: cdk.CfnResource, boundary: str) -> list[tuple[str, Any]]:
    """
    What a boundary may be, each with what it is called and its document: a policy that AWS manages, or those of the app
    that are referred to, or that have its name in the account of the caller.
    """
    if (of_aws := _named_of_aws(boundary)) is not None:
        # Only who has such a boundary has to wait for the text of all of them.
        import trustproof

        document = trustproof.managed_policy_document(of_aws)
        return [] if document is None else [(of_aws, document)]
    referred_to = objects.referred_to(boundary)
    if isinstance(referred_to, iam.CfnManagedPolicy):
        return [_of_app(referred_to)]
    _, separator, named = boundary.rpartition(_POLICY)
    if not separator or arguments.is_token(named):
        return []
    return [_of_app(one) for one in unique.managed_policies_named(caller, named.rpartition("/")[2])]


def _of_app(policy: iam.CfnManagedPolicy) -> tuple[str, Any]:
    return policy.node.path, cdk.Stack.of(policy).resolve(policy.policy_document)


def _named_of_aws(boundary: str | None) -> str | None:
    """The path and name of a policy that AWS manages, where a boundary is one."""
    _, separator, named = (boundary or "").rpartition(_OF_AWS)
    return named if separator and not arguments.is_token(named) else None


def _boundary(caller: iam.CfnRole | iam.CfnUser) -> str | None:
    """The ARN of the boundary that a user or role has when aspects have been applied."""
    given = [one for around in caller.node.scopes for one in cdk.Aspects.of(around).applied if _is_of_cdk(one.aspect)]
    if not given:
        return caller.permissions_boundary
    # What is no construct of this app cannot be changed by anybody who visits it.
    stack = cdk.Stack(cdk.App(auto_synth=False, analytics_reporting=False), "Asked")
    kind = _AskedRole if isinstance(caller, iam.CfnRole) else _AskedUser
    asked = kind(stack, "Caller", caller.permissions_boundary)
    # Later ones count, and those further in of the same priority.
    for one in sorted(given, key=lambda one: one.priority):
        one.aspect.visit(asked)
    return asked.boundary


def _is_of_cdk(aspect: object) -> bool:
    """Whether an aspect is an object of the CDK that has no class, as those are that give permissions boundaries."""
    return type(aspect).__module__.startswith("jsii.")


class _Asked:
    """Takes notice of the permissions boundary that an aspect gives."""

    boundary: str | None

    def add_property_override(self, property_path: str, value: Any) -> None:
        if property_path == _PROPERTY:
            self.boundary = value

    def add_property_deletion_override(self, property_path: str) -> None:
        if property_path == _PROPERTY:
            self.boundary = None


class _AskedRole(_Asked, iam.CfnRole):
    """A role in the place of one that the app has."""

    def __init__(self, scope: Construct, construct_id: str, boundary: str | None) -> None:
        super().__init__(scope, construct_id, assume_role_policy_document={})
        self.boundary = boundary


class _AskedUser(_Asked, iam.CfnUser):
    """A user in the place of one that the app has."""

    def __init__(self, scope: Construct, construct_id: str, boundary: str | None) -> None:
        super().__init__(scope, construct_id)
        self.boundary = boundary


def _may_allow(document: Any, action: str) -> bool:
    """Whether a policy may allow an action on something; what cannot be read may."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    return not isinstance(statements, list) or any(_statement_may(one, action) for one in statements)


def _statement_may(statement: Any, action: str) -> bool:
    if not isinstance(statement, Mapping):
        return True
    if statement.get("Effect") != "Allow":
        return False
    named = statement.get("Action", statement.get("NotAction"))
    listed = named if isinstance(named, list) else [named]
    if not all(isinstance(one, str) for one in listed):
        return True
    return any(_covers(one, action) for one in listed) == ("Action" in statement)


def _covers(pattern: str, action: str) -> bool:
    # The characters that IAM takes for itself are no wildcards of its patterns.
    return fnmatch.fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))
