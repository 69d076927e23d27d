"""
Permissions boundaries of callers: who may not ask for a role by one gets into none, whatever else allows it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct, IValidation

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _objects as objects
from trustproof_cdk import _order as order
from trustproof_cdk import _unique as unique

_ASSUME_ROLE = "sts:assumerole"
_PROPERTY = "PermissionsBoundary"
#: Stands before the path and the name in the ARN of a policy that an account has.
_POLICY = ":policy/"


def refuse_callers_that_may_not_ask(construct: Construct, callers: Iterable[object]) -> None:
    """
    Fail the synthesis if somebody is let in, or is granted a role, whose permissions boundary is against it.

    Boundaries count that they were made with, and those of `iam.PermissionsBoundary.of` and of stacks, stages and apps
    (`cdk.PermissionsBoundary`), where they refer to a policy of the app, or name one that the app or stage has in the
    account of the caller, as it is in the end. What another Aspect or an override writes into the template is not asked
    here: that is for the gate.

    Args:
        construct: what lets them in or grants.
        callers: users and roles; those that are given by ARN, or imported, pass.
    """
    made = [resource for caller in callers if (resource := order.created(caller)) is not None]
    if made:
        construct.node.add_validation(_MayAsk(construct, made))


@jsii.implements(IValidation)
class _MayAsk:
    """Reads the permissions boundaries of callers, when everything is in them."""

    def __init__(self, construct: Construct, callers: list[cdk.CfnResource]) -> None:
        self._construct, self._callers = construct, callers

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
        if not policies or any(_may_allow(cdk.Stack.of(one).resolve(one.policy_document)) for one in policies):
            return ""
        return (
            f"{caller.node.path} has the permissions boundary {policies[0].node.path}, which does not allow "
            "sts:AssumeRole: whatever else allows it, it gets into no role; add sts:AssumeRole to the boundary, or "
            "take the caller away"
        )


def _policies(caller: cdk.CfnResource, boundary: str) -> list[iam.CfnManagedPolicy]:
    """The policies of the app that a boundary may be, by a reference or by its name in the account of the caller."""
    referred_to = objects.referred_to(boundary)
    if isinstance(referred_to, iam.CfnManagedPolicy):
        return [referred_to]
    _, separator, named = boundary.rpartition(_POLICY)
    if not separator or arguments.is_token(named):
        return []
    return unique.managed_policies_named(caller, named.rpartition("/")[2])


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


def _may_allow(document: Any) -> bool:
    """Whether a policy may allow to assume a role; what cannot be read may."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    return not isinstance(statements, list) or any(_statement_may(one) for one in statements)


def _statement_may(statement: Any) -> bool:
    if not isinstance(statement, Mapping):
        return True
    if statement.get("Effect") != "Allow":
        return False
    named = statement.get("Action", statement.get("NotAction"))
    listed = named if isinstance(named, list) else [named]
    if not all(isinstance(action, str) for action in listed):
        return True
    return any(_covers(action) for action in listed) == ("Action" in statement)


def _covers(action: str) -> bool:
    # The characters that IAM takes for itself are no wildcards of its patterns.
    return fnmatch.fnmatchcase(_ASSUME_ROLE, action.lower().replace("[", "[[]"))
