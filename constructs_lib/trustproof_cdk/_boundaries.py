"""
Permissions boundaries of callers: who may not ask for a role by one gets into none, whatever else allows it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import aws_cdk as cdk
import jsii
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct, IValidation

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _objects as objects
from trustproof_cdk import _order as order
from trustproof_cdk import _own_policies as policies
from trustproof_cdk import _unique as unique
from trustproof_cdk._calls import Call, arn_pattern, may_allow
from trustproof_cdk._trust import ASSUME_ROLE

_NO_ROLE = "it gets into no role"
_PROPERTY = "PermissionsBoundary"
#: So many roles are named in a message.
_SHOWN = 3
#: Stands before the path and the name in the ARN of a policy that an account has.
_POLICY = ":policy/"
_OF_AWS = ":iam::aws:policy/"


def refuse_callers_that_may_not_ask(
    construct: Construct,
    callers: Iterable[object],
    actions: Iterable[str] = (ASSUME_ROLE,),
    lost: str = _NO_ROLE,
    roles: Iterable[str | iam.IRole] | None = None,
) -> None:
    """
    Fail the synthesis if somebody is let in, or is granted a role, whose permissions boundary is against it.

    Boundaries count that they were made with, and those of `iam.PermissionsBoundary.of` and of stacks, stages and apps
    (`cdk.PermissionsBoundary`), where they refer to a policy of the app, or name one that the app or stage has in the
    account of the caller, as it is in the end, or one that AWS manages. What another Aspect or an override writes into
    the template is not asked here: that is for the gate.

    Of a boundary counts which actions it has, on which resources, and whether it asks for an MFA, which no session of a
    role has. Other conditions are taken to be met.

    Args:
        construct: what lets them in or grants.
        callers: users and roles; those that are given by ARN, or imported, pass.
        actions: what they must be able to call.
        lost: what becomes of a caller who cannot, in words.
        roles: on which of these they must be able to call it: on one at least. Default: on anything.
    """
    made = [resource for caller in callers if (resource := order.created(caller)) is not None]
    if made:
        asked = None if roles is None else list(roles)
        construct.node.add_validation(_MayAsk(construct, made, sorted(set(actions)), lost, asked))


def warn_of_members_that_may_not(construct: Construct, users: Iterable[object], action: str, lost: str) -> None:
    """
    Warn of users whose permissions boundary is against what they have to do before they have used MFA.

    Args:
        construct: what they are members of.
        users: those that are imported pass.
        action: what they have to call.
        lost: what becomes of who cannot, in words, and what to do.
    """
    made = [resource for user in users if isinstance(resource := order.created(user), iam.CfnUser)]
    if made:
        construct.node.add_validation(_MembersMay(construct, made, Call(action, may_have_mfa=False), lost))


@jsii.implements(IValidation)
class _MayAsk:
    """Reads the permissions boundaries of callers, when everything is in them."""

    def __init__(
        self,
        construct: Construct,
        callers: list[cdk.CfnResource],
        actions: Sequence[str],
        lost: str,
        roles: list[str | iam.IRole] | None,
    ) -> None:
        self._construct, self._callers, self._actions, self._lost = construct, callers, actions, lost
        self._roles = roles

    def validate(self) -> list[str]:
        return [said for caller in self._callers if (said := self._said(caller))]

    def _said(self, caller: cdk.CfnResource) -> str:
        if not isinstance(caller, (iam.CfnRole, iam.CfnUser)):
            return ""
        # A user whom a trust policy of its own account names needs no other policy, and no boundary stops it.
        same = cdk.Stack.of(caller).account == cdk.Stack.of(self._construct).account
        if same and isinstance(caller, iam.CfnUser) and isinstance(self._construct, iam.Role):
            return ""
        policies = _policies_of(caller)
        if not policies:
            return ""
        lacking: dict[str, list[str]] = {}
        for action in self._actions:
            where = self._where_not(caller, policies, action)
            if where is not None:
                lacking.setdefault(where, []).append(action)
        if not lacking:
            self._warn_of_some(caller, policies)
            return ""
        named = " and ".join(f"{' and '.join(those)}{where}" for where, those in lacking.items())
        shown, _, is_of_aws = policies[0]
        add = f"add {named} to the boundary" if lacking.keys() == {""} else "let the boundary allow that"
        return (
            f"{caller.node.path} has the permissions boundary {shown}, which does not allow {named}: whatever else "
            f"allows it, {self._lost}; {'give it another boundary' if is_of_aws else add}, or take the caller away"
        )

    def _warn_of_some(self, caller: cdk.CfnResource, policies: Sequence[_Policy]) -> None:
        """Warn of those of several roles that the boundary does not have, where it has others."""
        roles = self._roles or []
        if len(roles) < 2 or ASSUME_ROLE not in self._actions:
            return
        has_mfa = not isinstance(caller, iam.CfnRole)
        missed = [
            role if isinstance(role, str) else role.node.path
            for role in roles
            if not any(may_allow(one.document, Call(ASSUME_ROLE, (self._pattern(role),), has_mfa)) for one in policies)
        ]
        if missed:
            more = f" and {len(missed) - _SHOWN} more" if len(missed) > _SHOWN else ""
            cdk.Annotations.of(self._construct).add_warning_v2(
                f"trustproof:grant-boundary-{caller.node.path}",
                f"{caller.node.path} has the permissions boundary {policies[0].shown}, which does not allow "
                f"{ASSUME_ROLE} on {', '.join(missed[:_SHOWN])}{more}: it gets into the other roles only; let the "
                "boundary allow that, or grant the others only",
            )

    def _where_not(self, caller: cdk.CfnResource, policies: Sequence[_Policy], action: str) -> str | None:
        """What a call has that no policy of a boundary allows, in words, after the name of the action; None of none."""
        roles = None if self._roles is None else tuple(map(self._pattern, self._roles))
        in_role = isinstance(caller, iam.CfnRole)
        named = "this role" if self._construct in (self._roles or ()) else "any of the roles"
        for where, call in (
            ("", Call(action)),
            (f" on {named}", Call(action, roles)),
            (" without MFA, which no session of a role has", Call(action, roles, may_have_mfa=not in_role)),
        ):
            # Of two of one name, conditions leave one in a deployment.
            if not any(may_allow(one.document, call) for one in policies):
                return where
        return None

    def _pattern(self, role: str | iam.IRole) -> str:
        """The ARNs that a role may have: no reference says what is called by its name."""
        stack = cdk.Stack.of(self._construct)
        made = order.created(role)
        if not isinstance(made, iam.CfnRole):
            return arn_pattern(stack.resolve(role if isinstance(role, str) else role.role_arn))
        theirs = cdk.Stack.of(made)
        account = "*" if arguments.is_token(theirs.account) else theirs.account
        path, name = theirs.resolve(made.path) or "/", theirs.resolve(made.role_name)
        if not isinstance(path, str) or not isinstance(name, str):
            return f"arn:*:iam::{account}:role/*"
        return f"arn:*:iam::{account}:role{path}{name}"


@jsii.implements(IValidation)
class _MembersMay:
    """Reads the permissions boundaries of members, when everything is in them."""

    def __init__(self, construct: Construct, users: list[iam.CfnUser], call: Call, lost: str) -> None:
        self._construct, self._users, self._call, self._lost = construct, users, call, lost

    def validate(self) -> list[str]:
        for user in self._users:
            policies = _policies_of(user)
            if policies and not any(may_allow(one.document, self._call) for one in policies):
                cdk.Annotations.of(self._construct).add_warning_v2(
                    f"trustproof:member-boundary-{user.node.path}",
                    f"{user.node.path} has the permissions boundary {policies[0].shown}, which does not allow "
                    f"{self._call.action} without MFA: {self._lost}",
                )
        return []


class _Policy(NamedTuple):
    """A policy that a boundary may be."""

    #: Its path in the app, or its name.
    shown: str
    document: Any
    is_of_aws: bool = False


def _policies_of(caller: iam.CfnRole | iam.CfnUser) -> list[_Policy]:
    boundary = boundary_of(caller)
    return [] if boundary is None else _policies(caller, boundary)


def _policies(caller: cdk.CfnResource, boundary: str) -> list[_Policy]:
    """
    What a boundary may be: a policy that AWS manages, or those of the app
    that are referred to, or that have its name in the account of the caller.
    """
    if (of_aws := _named_of_aws(boundary)) is not None:
        # Only who has such a boundary has to wait for the text of all of them.
        import trustproof

        document = trustproof.managed_policy_document(of_aws)
        return [] if document is None else [_Policy(of_aws, document, is_of_aws=True)]
    referred_to = objects.referred_to(boundary)
    if isinstance(referred_to, iam.CfnManagedPolicy):
        return [_of_app(referred_to)]
    _, separator, named = boundary.rpartition(_POLICY)
    if not separator or arguments.is_token(named):
        return []
    return [_of_app(one) for one in unique.managed_policies_named(caller, named.rpartition("/")[2])]


def _of_app(policy: iam.CfnManagedPolicy) -> _Policy:
    return _Policy(policy.node.path, cdk.Stack.of(policy).resolve(policy.policy_document))


def _named_of_aws(boundary: str | None) -> str | None:
    """The path and name of a policy that AWS manages, where a boundary is one."""
    _, separator, named = (boundary or "").rpartition(_OF_AWS)
    return named if separator and not arguments.is_token(named) else None


def refuse_misspelt_later(scope: Construct) -> None:
    """
    Fail the synthesis if a role or user of the app or stage has a permissions boundary whose name AWS has given to no
    policy: those of `iam.PermissionsBoundary.of` come when it is made.
    """
    unique.check_beside_names(scope, _misspelt)


def _misspelt(stage: cdk.Stage, walked: Sequence[tuple[cdk.Stack, Sequence[IConstruct]]]) -> list[str]:
    there = [one for _, inside in walked for one in inside]
    # Hardly anybody gives boundaries by aspects, and each question is a call into the CDK.
    by_aspects = any(map(_may_give_boundaries, [*stage.node.scopes, *there]))
    said: list[str] = []
    for one in there:
        if not isinstance(one, (iam.CfnRole, iam.CfnUser)):
            continue
        arn = boundary_of(one) if by_aspects else one.permissions_boundary
        if arn is not None:
            try:
                policies.refuse_misspelt_name(arn, "permissions_boundary")
            except ValueError as error:
                said.append(f"{one.node.path}: {error}")
    return said


def _may_give_boundaries(scope: IConstruct) -> bool:
    """Whether there is an aspect of the CDK at a construct, beside the one with which a role divides long policies."""
    if isinstance(scope, cdk.CfnElement):
        # Whoever has a resource at hand sets its property; to ask each would be half of what an app costs.
        return False
    own = 1 if isinstance(scope, iam.Role) else 0
    aspects = cdk.Aspects.of(scope).all
    return len(aspects) > own and any(map(_is_of_cdk, aspects[own:]))


def boundary_of(caller: iam.CfnRole | iam.CfnUser) -> str | None:
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
