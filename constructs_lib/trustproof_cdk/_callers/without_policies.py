"""
Principals that have no policies: the CDK adds nothing where something is granted to one, and says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import aws_iam as iam

#: What they are, and what is to be done instead.
_KINDS: Mapping[type, tuple[str, str]] = {
    iam.OrganizationPrincipal: (
        "an organization",
        "the role trusts one by Trusted.organization, and in each account AssumeRoleGrant says who may ask for it",
    ),
    iam.FederatedPrincipal: ("an identity provider", "the role says whom it trusts, by the construct for the provider"),
    iam.CanonicalUserPrincipal: ("a canonical user", "a role can be for none"),
}


def refuse(role: iam.Role, grantee: object) -> None:
    """
    Refuse to grant a role to what has no policies.

    Raises:
        ValueError: with what it is.
    """
    for kind, (what, instead) in _KINDS.items():
        if isinstance(grantee, kind):
            raise ValueError(
                f"{role.node.path} cannot be granted to {what}, which has no policies that could allow it: {instead}"
            )
