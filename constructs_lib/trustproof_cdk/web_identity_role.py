"""
A role for whoever has a token of an OpenID Connect provider.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _claims as claimed
from trustproof_cdk import _demands as demands
from trustproof_cdk import _issuers as issuers
from trustproof_cdk._constructor import construct
from trustproof_cdk._issuers import Provider
from trustproof_cdk._lazy import lazily
from trustproof_cdk._role import RoleOptions, TrustingRole
from trustproof_cdk._trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

#: Claims with several values.
_LISTS = ("amr",)
#: Claims that have an argument of their own.
_PINNED = ("aud", "sub")


@construct
class WebIdentityRole(TrustingRole):
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
        session_tags: Mapping[str, Iterable[str]] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        found = issuers.issuer_of(issuer, provider)
        prefix = found
        if arguments.is_token(found):
            prefix = issuers.STAND_IN
            conditions = issuers.named_by_stand_in(conditions, found, cdk.Stack.of(scope))
        tags = demands.session_tags(session_tags, None)
        demanded = conjoin(
            {"StringEquals": {f"{prefix}:aud": arguments.each(audiences, "audiences", claimed.literal)}},
            claimed.equals_or_like(f"{prefix}:sub", _subjects(found, subjects, subject_patterns)),
            _claims(prefix, {} if claims is None else arguments.mapping(claims, "claims")),
            tags,
            claimed.refuse_optional(conditions, f"{prefix}:"),
        )
        actions = [ASSUME_ROLE_WITH_WEB_IDENTITY, *([TAG_SESSION] if tags else [])]
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Federated": [issuers.provider_arn(found, provider)]}, actions, demanded)],
            **options,
        )
        if arguments.is_token(found):
            self._write_keys(found)

    def _write_keys(self, issuer: str) -> None:
        """Make the trust policy a JSON text, which may have a reference in a condition key."""
        resource = self.node.default_child
        assert isinstance(resource, iam.CfnRole)
        stack = cdk.Stack.of(self)
        text = stack.to_json_string(self.assume_role_policy)
        resource.assume_role_policy_document = lazily(lambda resolve: issuers.joined(resolve(text), issuer))


def _subjects(issuer: str, literals: Iterable[str] | None, patterns: Iterable[str] | None) -> list[str]:
    listed = [] if literals is None else arguments.each(literals, "subjects", claimed.literal)
    if patterns is not None:
        listed += arguments.each(patterns, "subject_patterns", claimed.pattern)
        for value in listed:
            issuers.keep_tenant(issuer, value, "subject_patterns")
    if not listed:
        raise ValueError("subjects or subject_patterns must have at least one entry, got none")
    return listed


def _claims(prefix: str, claims: Mapping[str, str | Iterable[str]]) -> ConditionBlock:
    blocks: list[ConditionBlock] = []
    for name, accepted in claims.items():
        arguments.matching(name, "claims", r"[\w/.-]{1,128}", "the name of a claim like 'email'")
        if name.lower() in _PINNED:
            raise ValueError(f"claims cannot have {name!r}, which has an argument of its own: audiences or subjects")
        values = arguments.each(claimed.several(accepted), f"claims[{name!r}]", claimed.literal)
        operator = "ForAnyValue:StringEquals" if name.lower() in _LISTS else "StringEquals"
        blocks.append({operator: {f"{prefix}:{name}": values}})
    return conjoin(*blocks)
