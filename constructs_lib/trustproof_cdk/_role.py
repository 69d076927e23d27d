"""
The role that all role constructs are: `iam.Role` with a trust policy that is written once, measured and readable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _quotas as quotas
from trustproof_cdk._trust import TrustPrincipal, TrustStatement

_DEFAULT_SESSION = cdk.Duration.hours(1)


class RoleOptions(TypedDict, total=False):
    """
    What every role takes, with the meaning and the names it has for `iam.Role`.
    """

    #: Default: a name made by CloudFormation. Other accounts can refer to the role only when it has a name.
    role_name: str | None
    #: Default: ``/``.
    path: str | None
    description: str | None
    #: 1 to 12 hours. Default: 1 hour.
    max_session_duration: cdk.Duration
    managed_policies: Sequence[iam.IManagedPolicy] | None
    inline_policies: Mapping[str, iam.PolicyDocument] | None
    permissions_boundary: iam.IManagedPolicy | None
    #: Characters in the trust policy, without whitespace. Default: 2,048, the quota of an account that asked for no
    #: more; AWS grants up to 8,192.
    max_trust_policy_size: int


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
    """

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
    ) -> None:
        if max_session_duration is not None:
            arguments.session_seconds(max_session_duration)
        if (
            type(max_trust_policy_size) is not int
            or not quotas.TRUST_POLICY <= max_trust_policy_size <= quotas.MAX_TRUST_POLICY
        ):
            bounds = f"{quotas.TRUST_POLICY} to {quotas.MAX_TRUST_POLICY}"
            raise ValueError(f"max_trust_policy_size must be {bounds}, got {max_trust_policy_size!r}")
        inline = {} if inline_policies is None else dict(arguments.mapping(inline_policies, "inline_policies"))
        for name in inline:
            arguments.policy_name(name, "inline_policies")
        super().__init__(
            scope,
            construct_id,
            assumed_by=TrustPrincipal(*statements),
            role_name=arguments.optional(role_name, "role_name", arguments.role_name),
            path=arguments.optional(path, "path", arguments.path),
            description=arguments.optional(description, "description", arguments.description),
            max_session_duration=_DEFAULT_SESSION if max_session_duration is None else max_session_duration,
            managed_policies=None if managed_policies is None else list(managed_policies),
            inline_policies=inline or None,
            permissions_boundary=permissions_boundary,
        )
        quotas.limit_trust_policy(self, max_trust_policy_size)
        if inline:
            quotas.limit_inline_policies(self, inline)

    @property
    def trust_policy(self) -> dict[str, Any]:
        """
        The trust policy as it will be in the template: plain values, and intrinsic functions where something is known
        only in a deployment.
        """
        return cast("dict[str, Any]", cdk.Stack.of(self).resolve(self.assume_role_policy))
