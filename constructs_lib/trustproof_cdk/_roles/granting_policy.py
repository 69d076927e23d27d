"""
The managed policy that all grants are: attached, measured, and held to the permissions boundaries of who is granted.
"""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._callers import bounded_callers as callers
from trustproof_cdk._callers import people_only
from trustproof_cdk._names import objects, quotas, unique
from trustproof_cdk._policies import kept_policies as kept
from trustproof_cdk._policies.boundary_needs import Need, Rest


class GrantingPolicy(iam.ManagedPolicy):
    """
    A managed policy that grants something to users, groups and roles of the account of its stack.

    Subclasses make the statements; everything that `iam.ManagedPolicy` can do, they can.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        statements: what is granted.
        held: whom to, see `_objects.holders`.
        managed_policy_name: default: a name made by CloudFormation.
        path: default: ``/``.
        description: what the policy is for.
        needs: what everybody must be able to call to whom it is granted, in spite of a permissions boundary. Default:
            something that the statements allow.
        shorter: what to do where the policy is longer than IAM takes, to end the message.
        not_for_roles: why the sessions of a role get nothing by it, of which the synthesis warns. Default: they may.

    Raises:
        ValueError: an argument that IAM would refuse. The synthesis fails if somebody's permissions boundary is against
            what is granted.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        statements: Sequence[iam.PolicyStatement],
        held: objects.Holders,
        managed_policy_name: str | None,
        path: str | None,
        description: str | None,
        needs: Sequence[Need | Rest] = (Rest(),),
        shorter: str = "",
        not_for_roles: str = "",
    ) -> None:
        unique.claim_in_account(scope, construct_id, "managed policy", "managed_policy_name", managed_policy_name)
        document = iam.PolicyDocument(statements=statements)
        super().__init__(
            scope,
            construct_id,
            document=document,
            managed_policy_name=arguments.optional(managed_policy_name, "managed_policy_name", arguments.policy_name),
            path=arguments.optional(path, "path", arguments.path),
            description=arguments.optional(description, "description", arguments.description),
            **held,
        )
        kept.refuse_injected(self, self, document, len(statements))
        objects.attach_after(self, held)
        callers.refuse_grants_against_boundaries(self, held, needs)
        if not_for_roles:
            people_only.warn_of_roles(self, not_for_roles)
        quotas.limit_managed_policy(self, shorter)
        kept.hold_to_statements(self, self)
