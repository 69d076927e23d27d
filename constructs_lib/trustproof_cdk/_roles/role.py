"""
The role that all role constructs are: `iam.Role` with a trust policy that is written once, measured and readable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypedDict, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, regions
from trustproof_cdk._arguments import published_actions as published
from trustproof_cdk._callers import bounded_callers as callers
from trustproof_cdk._callers import callers_without_grant as without_grant
from trustproof_cdk._callers import demanded_tags, denied_entries, denied_grants, useless_grants, without_policies
from trustproof_cdk._names import misnamed_arns, objects, order, quotas, unique
from trustproof_cdk._names import own_policies as policies
from trustproof_cdk._policies import attachments, boundaries, denying_of_aws
from trustproof_cdk._roles import handed_roles, role_arguments, roles_by_arn
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.stack_checks import check_later
from trustproof_cdk._trust import endpoint_policies
from trustproof_cdk._trust.added_trust import added_trust
from trustproof_cdk._trust.trust import (
    ASSUME_ROLE,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
    TrustStatement,
    trust_principal,
    unwritten,
    written_with,
)

_DEFAULT_SESSION = cdk.Duration.hours(1)
#: Operators that a request without the key does not meet.
_DEMANDING = ("StringEquals", "StringEqualsIgnoreCase", "StringLike")
#: What a caller may pass only if it is allowed the action, by how the keys begin that say so.
_PASSED = {SET_SOURCE_IDENTITY: "sts:sourceidentity", TAG_SESSION: "aws:requesttag/"}
_SESSION_PROPERTY = "trustproof::session-duration-bounded"


class _Grants:
    """
    What `iam.RoleGrants` does, by the role itself.
    """

    def __init__(self, role: TrustingRole) -> None:
        self._role = role

    def assume_role(self, grantee: iam.IPrincipal) -> iam.Grant:
        """See `TrustingRole.grant_assume_role`."""
        return self._role.grant_assume_role(grantee)

    def pass_role(self, grantee: iam.IPrincipal) -> iam.Grant:
        """Allow somebody to hand the role to a service."""
        return self._role.grant_pass_role(grantee)


class _GrantsOf:
    """
    An attribute for Python only: a property would be that of the CDK too, which asks for its own object there.
    """

    def __get__(self, role: TrustingRole, _kind: type) -> _Grants:
        return _Grants(role)


class RoleOptions(TypedDict, total=False):
    """
    What every role takes, with the meaning and the names it has for `iam.Role`.
    """

    #: Default: a name made by CloudFormation. Other accounts can refer to the role only when it has a name.
    role_name: str | None
    #: Default: ``/``.
    path: str | None
    description: str | None
    #: 1 to 12 hours. Default: 1 hour. More needs a reason.
    max_session_duration: cdk.Duration
    #: Why sessions must last more than an hour. `TrustproofChecks` accepts the role with it, and reports it.
    session_duration_reason: str | None
    managed_policies: Sequence[iam.IManagedPolicy] | None
    inline_policies: Mapping[str, iam.PolicyDocument] | None
    permissions_boundary: iam.IManagedPolicy | None
    #: Characters in the trust policy, without whitespace. Default: 2,048, the quota of an account that asked for no
    #: more; AWS grants up to 8,192.
    max_trust_policy_size: int
    #: Managed policies of the role. Default: 10, the quota of an account that asked for no more; AWS grants up to 25.
    max_managed_policies: int


class TrustingRole(iam.Role):
    """
    A role whose trust policy is the given statements.

    Subclasses make the statements; everything that `iam.Role` can do, they can.

    Args:
        scope: as of every construct.
        construct_id: as of every construct. The role gets the logical id that an `iam.Role` of this id has.
        statements: the trust policy.
        role_name: see `RoleOptions`, as for all that follow.
        path: see there.
        description: see there.
        max_session_duration: see there.
        managed_policies: see there.
        inline_policies: see there.
        permissions_boundary: see there.
        max_trust_policy_size: see there.
        session_duration_reason: see there.
        max_managed_policies: see there.
        trusted: users and roles of this app that the statements trust; they are deployed before this role.
        trusted_as: the name of the argument that has them, as the caller wrote it.
    """

    #: The trust policy where it is a text that only a deployment knows.
    _trust_text: object = None

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        statements: Sequence[TrustStatement],
        role_name: str | None = None,
        path: str | None = None,
        description: str | None = None,
        max_session_duration: cdk.Duration | None = None,
        managed_policies: Sequence[iam.IManagedPolicy] | None = None,
        inline_policies: Mapping[str, iam.PolicyDocument] | None = None,
        permissions_boundary: iam.IManagedPolicy | None = None,
        max_trust_policy_size: int = quotas.TRUST_POLICY,
        session_duration_reason: str | None = None,
        max_managed_policies: int = quotas.MANAGED_POLICIES,
        trusted: Sequence[object] = (),
        trusted_as: str = "trusted",
    ) -> None:
        role_arguments.refuse_other_conditions(scope, statements)
        for statement in statements:
            for values in statement.principals.values():
                regions.of_partition(scope, values, "principals")
        self._demanded = demanded_actions_of(statements)
        self._actions = frozenset(action for statement in statements for action in statement.actions)
        reason = role_arguments.session_reason(max_session_duration, session_duration_reason)
        for argument, given, least, most in (
            ("max_trust_policy_size", max_trust_policy_size, quotas.TRUST_POLICY, quotas.MAX_TRUST_POLICY),
            ("max_managed_policies", max_managed_policies, quotas.MANAGED_POLICIES, quotas.MAX_MANAGED_POLICIES),
        ):
            if type(given) is not int or not least <= given <= most:
                raise ValueError(f"{argument} must be {least} to {most}, got {given!r}")
        attached = objects.several(managed_policies, "managed_policies", "managed_policy_arn")
        quotas.refuse_too_many(len(attached or ()), max_managed_policies)
        policies.refuse_foreign(scope, attached or (), "managed_policies")
        if permissions_boundary is not None:
            objects.one(permissions_boundary, "permissions_boundary", "managed_policy_arn")
            policies.refuse_foreign(scope, [permissions_boundary], "permissions_boundary")
        inline = {} if inline_policies is None else dict(arguments.mapping(inline_policies, "inline_policies"))
        for name, document in inline.items():
            objects.document(document, f"inline_policies[{arguments.policy_name(name, 'inline_policies')!r}]")
        unique.claim_in_account(scope, construct_id, "role", "role_name", role_name)
        unique.claim_users(scope, trusted)
        for entity in trusted:
            order.refuse_out_of_reach(scope, entity, trusted_as)
        trusted = [objects.made_by_app(entity) for entity in trusted]
        statements = _by_names(scope, statements, trusted)
        # A property injector may have the role created with another one, and very many roles have this one.
        principal = unwritten(trust_principal(statements))
        super().__init__(
            scope,
            construct_id,
            assumed_by=principal,
            role_name=arguments.optional(role_name, "role_name", arguments.role_name),
            path=arguments.optional(path, "path", arguments.path),
            description=arguments.optional(description, "description", arguments.description),
            max_session_duration=_DEFAULT_SESSION if max_session_duration is None else max_session_duration,
            managed_policies=attached,
            inline_policies=inline or None,
            permissions_boundary=permissions_boundary,
        )
        stacks.note_made_in(self, scope)
        check_later(stacks.stack_of(self), _warn_of_precreated)
        handed_roles.note_made(self)
        self._statements = tuple(statements)
        self._most_attached = max_managed_policies
        self._given_policies = list(attached or ())
        objects.attached_to_role(self, len(attached or ()), max_managed_policies)
        added = added_trust(self, statements, lambda: self._trust_text)
        quotas.limit_trust_policy(self, written_with(principal), max_trust_policy_size, added)
        quotas.limit_inline_policies(self, inline, self._look_at_inline)
        attachments.limit_attached(self, max_managed_policies)
        arns = [objects.arn_of(one, "managed_policy_arn") for one in attached or ()]
        denying_of_aws.warn_of_denied(self, arns, "managed_policies")
        if permissions_boundary is not None:
            boundary = objects.arn_of(permissions_boundary, "managed_policy_arn")
            denying_of_aws.warn_of_denied(self, [boundary], "permissions_boundary")
        boundaries.refuse_unusable_later(self)
        if reason is not None:
            cdk.Validations.of(self).acknowledge(cdk.Acknowledgment(id=_SESSION_PROPERTY, reason=reason))
            role_arguments.hold_to_session(self, max_session_duration)
        order.deploy_after(self, trusted)
        endpoint_policies.hold_to_endpoints(self, statements)
        self._look_at_callers(trusted)
        if self._demanded:
            roles_by_arn.note_demanding(self)

    def _look_at_callers(self, trusted: Sequence[object]) -> None:
        """See that users and roles whom it trusts, perhaps by their ARNs, get in."""
        misnamed_arns.refuse_misnamed(self, trusted)
        callers.refuse_callers_that_may_not_ask(self, trusted, {ASSUME_ROLE, *self._demanded})
        demanded_tags.warn_of_untagged(self, trusted, [self])
        without_grant.warn_of_callers_without_grant(self, trusted)
        denied_grants.warn_of_denied_callers_later(self, self._statements, self._demanded)
        self._look_at_control_policies()

    def _look_at_control_policies(self) -> None:
        """See that the resource control policies of the app let in whom it is for."""
        denied_entries.warn_of_denied_later(self, self._statements, self._demanded)

    def add_managed_policy(self, policy: iam.IManagedPolicy) -> None:
        """
        Attach one more managed policy, as `iam.Role` does.

        Raises:
            ValueError: it is one more than IAM takes, see `RoleOptions`, or one of another account.
        """
        quotas.refuse_too_many(objects.attached_count(self) + 1, self._most_attached)
        objects.one(policy, "policy", "managed_policy_arn")
        policies.refuse_foreign(self, [policy], "policy")
        objects.attached_to_role(self, 1)
        self._given_policies.append(policy)
        denying_of_aws.warn_of_denied(self, [objects.arn_of(policy, "managed_policy_arn")], "managed_policies")
        super().add_managed_policy(policy)

    def grant_assume_role(self, grantee: iam.IPrincipal) -> iam.Grant:
        """
        Let somebody ask for the role, as `iam.Role` does; of a role that takes no policies from here, and of a
        principal that is an ARN only (`iam.ArnPrincipal`), the synthesis warns.

        Raises:
            ValueError: a user, role or group of the app whom the role does not let in, as a role (of a function, say)
                where it demands MFA, which no session of a role has; an organization, which has no policies; or the
                role demands what this does not let the caller pass.
        """
        principal = self._refuse_grant(grantee, [ASSUME_ROLE], "grant_assume_role, which allows sts:AssumeRole alone")
        granted = super().grant_assume_role(grantee)
        self._look_at_grant(granted, principal, [ASSUME_ROLE])
        return granted

    def grant_pass_role(self, grantee: iam.IPrincipal) -> iam.Grant:
        """
        Let somebody hand the role to a service, as `iam.Role` does.

        Raises:
            ValueError: an organization or another principal that has no policies.
        """
        without_policies.refuse(self, grantee)
        return super().grant_pass_role(grantee)

    def grant(self, grantee: iam.IPrincipal, *actions: str) -> iam.Grant:
        """
        Allow somebody actions on the role, as `iam.Role` does; where ``sts:AssumeRole`` is one of them, like
        `grant_assume_role`. Of an action that AWS has not published, the synthesis warns.

        Raises:
            ValueError: as there.
        """
        published.warn_of_unknown(self, actions, "grant()")
        without_policies.refuse(self, grantee)
        if not any(arguments.covers(action, ASSUME_ROLE) for action in actions):
            return super().grant(grantee, *actions)
        principal = self._refuse_grant(grantee, actions, "these actions alone")
        granted = super().grant(grantee, *actions)
        self._look_at_grant(granted, principal, actions)
        return granted

    def _look_at_grant(self, granted: iam.Grant, principal: object, actions: Sequence[str]) -> None:
        useless_grants.warn_of_grant_in_vain(self, principal, actions, is_dropped=not granted.success)
        if granted.success:
            callers.refuse_grantee_that_may_not_ask(self, principal, [ASSUME_ROLE, *sorted(self._demanded)])

    grants = _GrantsOf()  # type: ignore[assignment]

    def _refuse_grant(self, grantee: iam.IPrincipal, actions: Sequence[str], by: str) -> object:
        """Refuse to grant the role to whom that is of no use, by such actions; returns who gets it."""
        without_policies.refuse(self, grantee)
        principal = useless_grants.principal_of(grantee)
        useless_grants.refuse_grantee(self, principal)
        missing = sorted(one for one in self._demanded if not any(arguments.covers(action, one) for action in actions))
        is_granted = isinstance(principal, Construct) and useless_grants.needs_no_grant(self, principal)
        if missing and not is_granted:
            raise ValueError(
                f"{self.node.path} cannot be granted by {by}, and it demands what needs {' and '.join(missing)} too: "
                "use AssumeRoleGrant"
            )
        return principal

    def _look_at_inline(self, name: str, document: Mapping[str, Any]) -> None:
        published.warn_of_unknown_in(self, document, f"inline_policies[{name!r}]")

    @property
    def trust_statements(self) -> tuple[TrustStatement, ...]:
        """What its trust policy was made of."""
        return self._statements

    @property
    def own_policies(self) -> list[str]:
        """
        The ARNs of the policies whose text says what its sessions may do, and which its account can change: those that
        it was given, its permissions boundary, and those of the app that name it: of all its account where one of
        another stack has no name.
        """
        resource = stacks.node_of(self).default_child
        given = [objects.arn_of(policy, "managed_policy_arn") for policy in self._given_policies]
        boundary = boundaries.boundary_of(resource) if isinstance(resource, iam.CfnRole) else None
        naming = [] if resource is None else attachments.naming_in_its_stack(resource)
        naming += [] if resource is None else attachments.naming_elsewhere(resource)
        arns = [*([] if boundary is None else [boundary]), *given, *naming]
        return [arn for arn in dict.fromkeys(arns) if not policies.is_of_aws(arn)]

    @property
    def sets_source_identity(self) -> bool:
        """Whether its sessions may have a source identity, which goes on to roles that are chained."""
        return SET_SOURCE_IDENTITY in self._actions

    @property
    def demanded_actions(self) -> frozenset[str]:
        """What callers must be allowed besides ``sts:AssumeRole``, to pass what each of its statements demands."""
        return self._demanded

    @property
    def passes_tags_on(self) -> bool:
        """Whether its sessions are meant to have transitive session tags, which go on to roles that are chained."""
        return False

    @property
    def trust_policy(self) -> dict[str, Any]:
        """
        The trust policy as it will be in the template: plain values, and intrinsic functions where something is known
        only in a deployment.
        """
        return cast("dict[str, Any]", stacks.stack_of(self).resolve(self.assume_role_policy))


def look_at_callers_around(role: object, arns: Iterable[str]) -> None:
    """
    See, in the app around, that users and roles get in whom a role in the template of a StackSet trusts by their ARNs.

    Args:
        role: in the template of a StackSet that is there, see `stacks.note_carried`; others than those here pass.
        arns: that it trusts in one account or another.
    """
    if isinstance(role, TrustingRole):
        role._look_at_callers(list(dict.fromkeys(arns)))


def _warn_of_precreated(_stack: cdk.Stack, there: Sequence[IConstruct]) -> list[str]:
    """
    Warn of roles that somebody else is to make: the CDK writes what they should be into a report, and nobody proves it.

    https://docs.aws.amazon.com/cdk/v2/guide/define-iam-l2.html
    """
    for role, after in zip_longest(there, there[1:]):
        # A construct is followed by what is in it, of which a role makes its resource first.
        if not isinstance(role, TrustingRole) or isinstance(after, iam.CfnRole) or role.node.default_child is not None:
            continue
        cdk.Annotations.of(role).add_warning_v2(
            "trustproof:precreated-role",
            f"{role.node.path} is not deployed by this app (Role.customize_roles), nor is its trust policy: whoever "
            "makes the role has to give it that of iam-policy-report.json, and the gate does not see whom it lets in",
        )
    return []


def demanded_actions_of(statements: Sequence[TrustStatement]) -> frozenset[str]:
    """The actions of STS without which nobody meets the conditions of any statement."""
    found = [
        frozenset(
            action
            for operator, keys in statement.conditions.items()
            if operator in _DEMANDING
            for key in keys
            for action, prefix in _PASSED.items()
            if str(key).lower().startswith(prefix)
        )
        for statement in statements
    ]
    return frozenset.intersection(*found) if found else frozenset()


def _by_names(
    scope: Construct, statements: Sequence[TrustStatement], trusted: Sequence[object]
) -> list[TrustStatement]:
    """The statements, with the ARNs of users and roles of other Regions written out where they have names."""
    written = {
        getattr(entity, attribute): arn
        for entity in trusted
        for attribute in ("role_arn", "user_arn")
        if hasattr(entity, attribute) and (arn := order.by_name(scope, entity, attribute)) is not None
    }
    if not written:
        return list(statements)
    return [
        one._replace(
            principals={
                kind: [written.get(value, value) for value in values] for kind, values in one.principals.items()
            }
        )
        for one in statements
    ]
