"""
A role for whoever has a token of an OpenID Connect provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from constructs import Construct

from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk._roles.token_role import Identity, TokenRole
from trustproof_cdk._trust.issuers import Provider
from trustproof_cdk.conditions import ConditionBlock


@construct
class WebIdentityRole(TokenRole):
    """
    A role that may be assumed with a token of an OpenID Connect provider, for the given audience and subjects only.

    Both are compared as they stand, with ``StringEquals``. A token without the claim is not let in.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html

    For providers that serve everybody there are roles of their own, which know what belongs to one customer:
    `GitHubActionsRole`, `GitLabRole`, `TerraformCloudRole`, `CognitoIdentityPoolRole`, `GoogleRole`, `FacebookRole` and
    `AmazonRole`; and `EksServiceAccountRole` for pods.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        issuer: the URL of the provider, with or without ``https://``. Default: what the provider says.
        provider: the provider in IAM, by ARN or as an object. Default: the provider of this issuer in the account of
            the stack. One of the two must be given. An issuer that only a deployment knows makes the trust policy a
            JSON text in the template, since no condition key can be a reference there; it is not proved then who gets
            in.
        audiences: the ``aud`` of the token.
        subjects: the ``sub`` of the token.
        subject_patterns: accepted subjects with wildcards, which must begin with literal text. Of providers known to
            serve several customers, the customer must be in it.
        claims: further claims to accepted values.
        claim_patterns: further claims to accepted values with wildcards, after literal text.
        session_tags: the token must carry exactly these session tags, each with one of the given values.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: no subject, a wildcard where the provider's other customers would get in, or an argument that IAM
            would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        issuer: str | None = None,
        provider: Provider | None = None,
        audiences: Iterable[str],
        subjects: Iterable[str] | None = None,
        subject_patterns: Iterable[str] | None = None,
        claims: Mapping[str, str | Iterable[str]] | None = None,
        claim_patterns: Mapping[str, str | Iterable[str]] | None = None,
        session_tags: Mapping[str, Iterable[str]] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        identity = Identity(
            issuer, provider, audiences, subjects, subject_patterns, claims, claim_patterns, session_tags, conditions
        )
        super().__init__(scope, construct_id, identities=[identity], **options)
