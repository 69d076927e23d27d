"""
The identity side of a role in another account: who may ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._callers import demanded_tags, denied_grants, grants_by_arn, useless_grants
from trustproof_cdk._constructor import construct, renamed_argument
from trustproof_cdk._names import misnamed_arns, objects, order
from trustproof_cdk._policies.boundary_needs import Need
from trustproof_cdk._roles import roles_by_arn
from trustproof_cdk._roles.granting_policy import GrantingPolicy
from trustproof_cdk._roles.role import TrustingRole
from trustproof_cdk._trust.trust import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof_cdk.conditions import ConditionBlock, conjoin

_SHORTER = (
    "; where the roles bear one name in many accounts, give role_names and organization (or organizational_units), and "
    "else several grants"
)


@construct
class AssumeRoleGrant(GrantingPolicy):
    """
    A managed policy, in the account of the callers, that allows them to assume exactly the given roles.

    They are given by ARN or, where the accounts are too many for that, by name in the accounts of our organization.

    A role of another account needs both sides: its trust policy, and a policy like this one. Here is no condition on
    MFA: it belongs into the trust policy, which sees the MFA code that is passed with the call itself.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        target_roles: ARNs of roles without wildcards, or roles of this app that have a ``role_name``.
        role_names: names of roles that are in many accounts, with their path where they have one (``ops/Auditor``),
            instead of an ARN for each account: IAM has room for about 130 ARNs in a policy. Needs one of the two below.
        organization: id of the organization that the accounts of `role_names` are in.
        organizational_units: paths of the units that they are in, like ``o-a1b2c3d4e5/r-ab12/ou-ab12-11111111``; the
            accounts below them are too.
        managed_policy_name: default: a name made by CloudFormation.
        path: default: ``/``.
        description: what the policy is for.
        groups: groups that may assume the roles.
        users: users that may assume the roles.
        roles: roles whose sessions may assume the roles. Without `target_roles` and `role_names`, this is what
            `target_roles` is, as it was before; deprecated.
        source_roles: the name of `roles` before; deprecated.
        session_tags: whether callers may pass session tags; the roles must allow it too.
        source_identity: whether callers may set a source identity; the roles must allow it too.

    Raises:
        ValueError: a holder of another account than the stack's, one whom none of the roles lets in (a role where they
            demand MFA, which no session of a role has), an ARN with a wildcard or of something else, no role
            at all, or a name in anybody's account.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        target_roles: Iterable[str | iam.IRole] | None = None,
        role_names: Iterable[str] | None = None,
        organization: str | None = None,
        organizational_units: Iterable[str] | None = None,
        managed_policy_name: str | None = None,
        path: str | None = None,
        description: str | None = None,
        groups: Sequence[iam.IGroup] | None = None,
        users: Sequence[iam.IUser] | None = None,
        roles: Iterable[iam.IRole] | Iterable[str | iam.IRole] | None = None,
        source_roles: Sequence[iam.IRole] | None = None,
        session_tags: bool = False,
        source_identity: bool = False,
    ) -> None:
        if target_roles is None and role_names is None and roles is not None:
            target_roles = renamed_argument(target_roles, "target_roles", roles, "roles")
            roles = None
        holders = renamed_argument(cast("Iterable[iam.IRole] | None", roles), "roles", source_roles, "source_roles")
        actions = [
            ASSUME_ROLE,
            *([SET_SOURCE_IDENTITY] if arguments.flag(source_identity, "source_identity") else []),
            *([TAG_SESSION] if arguments.flag(session_tags, "session_tags") else []),
        ]
        if target_roles is None and role_names is None:
            raise ValueError("target_roles or role_names must be given, got neither")
        named = () if role_names is None else arguments.once(role_names)
        role_names = None if role_names is None else named
        statements, granted = [], list[str | iam.IRole]()
        if target_roles is not None:
            target_roles = arguments.once(target_roles)
            arns = arguments.arns(target_roles, "target_roles", "role_arn")
            for role in target_roles:
                order.refuse_out_of_reach(scope, role, "target_roles")
                _refuse_what_lacks(scope, role, actions)
            listed = arguments.each(arns, "target_roles", arguments.role_arn)
            regions.of_partition(scope, listed, "target_roles")
            statements.append(iam.PolicyStatement(actions=actions, resources=listed))
            granted += target_roles
        if role_names is not None or organization is not None or organizational_units is not None:
            anywhere = _named(actions, role_names, organization, organizational_units)
            statements.append(anywhere)
            granted += anywhere.resources
        held = objects.holders(scope, groups=groups, users=users, roles=holders)
        useless_grants.refuse_who_gets_nowhere(scope, held, map(objects.made_by_app, granted), "target_roles")
        super().__init__(
            scope,
            construct_id,
            statements=statements,
            managed_policy_name=managed_policy_name,
            path=path,
            description=description,
            held=held,
            needs=[
                Need((ASSUME_ROLE,), on=tuple(granted), left="it gets into the other roles only"),
                Need(tuple(actions[1:]), "its calls that pass it are refused", tuple(granted)),
            ],
            shorter=_SHORTER,
        )
        order.hold_to_names(self, map(objects.made_by_app, target_roles or ()))
        misnamed_arns.refuse_misnamed(self, target_roles or ())
        grants_by_arn.refuse_who_gets_nowhere_later(self, held, granted, "target_roles")
        roles_by_arn.warn_of_what_lacks(self, held, target_roles or (), named, actions)
        demanded_tags.warn_of_untagged(self, [*(held["users"] or ()), *(held["groups"] or ())], target_roles or ())
        targets = [arn for one in statements for arn in one.resources]
        denied_grants.warn_of_denied_later(self, held, [ASSUME_ROLE], targets)
        if named:
            misnamed_arns.warn_of_misnamed(self, named)


def _refuse_what_lacks(scope: Construct, role: str | iam.IRole, actions: Sequence[str]) -> None:
    """A call that passes what the role demands fails where the caller is not allowed to pass it."""
    demanded = role.demanded_actions if isinstance(role, TrustingRole) else frozenset()
    if isinstance(role, TrustingRole) and useless_grants.needs_no_grant(role, scope):
        return
    for argument, action in (("source_identity", SET_SOURCE_IDENTITY), ("session_tags", TAG_SESSION)):
        if action in demanded and action not in actions:
            raise ValueError(
                f"{argument} must be True for {cast('TrustingRole', role).node.path}, which demands it: without "
                f"{action} in this policy AWS STS refuses every call"
            )


def _named(
    actions: list[str],
    role_names: Iterable[str] | None,
    organization: str | None,
    organizational_units: Iterable[str] | None,
) -> iam.PolicyStatement:
    """The roles of these names in any account that is ours."""
    if role_names is None:
        given = "organizational_units" if organization is None else "organization"
        raise ValueError(f"{given} is for role_names, got none")
    if organization is not None and organizational_units is not None:
        raise ValueError(
            "organization and organizational_units cannot be given together: a path of a unit begins with the "
            "organization"
        )
    conditions: ConditionBlock
    if organization is not None:
        conditions = {"StringEquals": {"aws:ResourceOrgID": arguments.organization(organization)}}
    elif organizational_units is not None:
        paths = arguments.each(organizational_units, "organizational_units", arguments.organizational_unit_path)
        conditions = {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": [f"{path}*" for path in paths]}}
    else:
        raise ValueError(
            "role_names must come with organization or organizational_units, got neither: a name alone is that of a "
            "role in anybody's account"
        )
    names = arguments.each(role_names, "role_names", _name)
    return iam.PolicyStatement(
        actions=actions,
        resources=[f"arn:{cdk.Aws.PARTITION}:iam::*:role/{name}" for name in names],
        conditions=conjoin(conditions),
    )


def _name(value: str, argument: str) -> str:
    accepted = "the name of a role like 'Auditor', after its path where it has one, without wildcards"
    pattern = r"(?!arn:)([!-)+-.0->@-~]+/)*[\w+=,.@-]{1,64}"
    try:
        return arguments.matching(value, argument, pattern, accepted)
    except ValueError as refused:
        # A path begins with the slash that is in the ARN already; a second one is that of another path.
        meant = "/".join(part for part in value.split("/") if part)
        hint = f"; did you mean {meant!r}?" if meant != value and re.fullmatch(pattern, meant, re.ASCII) else ""
        raise ValueError(f"{refused}{hint}") from None
