"""
A role for users of an app, by an Amazon Cognito identity pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Unpack
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_cognito as cognito
from constructs import Construct, IConstruct

from trustproof_cdk._arguments import arguments, references, regions
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._synthesis.stack_checks import check_later
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust import demands
from trustproof_cdk._trust.trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TAG_SESSION, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

_PROVIDER = "cognito-identity.amazonaws.com"
#: Regions where the service has another name. Of GovCloud its guide says so; of China it is assumed, from the names
#: that the SDKs of AWS use there.
#: https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/govcloud-cog.html
_ELSEWHERE = {
    "cn-north-1": "cognito-identity.cn-north-1.amazonaws.com.cn",
    "us-gov-east-1": "cognito-identity.us-gov-east-1.amazonaws.com",
    "us-gov-west-1": "cognito-identity-us-gov.amazonaws.com",
}
_GUESTS = "AllowUnauthenticatedIdentities"
#: The properties of a pool that say by whom its users sign in.
_SIGN_IN = (
    "CognitoIdentityProviders",
    "DeveloperProviderName",
    "OpenIdConnectProviderARNs",
    "SamlProviderARNs",
    "SupportedLoginProviders",
)
#: By the stack of a role for guests, it and its pool.
_FOR_GUESTS: WeakKeyDictionary[cdk.Stack, list[tuple[Construct, cognito.CfnIdentityPool]]] = WeakKeyDictionary()


@construct
class CognitoIdentityPoolRole(TrustingRole):
    """
    A role that users of an app get from one Amazon Cognito identity pool: those who signed in, or guests.

    The provider is the same for all customers of AWS: only ``aud`` says whose pool it is, and only ``amr`` whether the
    user has signed in.
    https://docs.aws.amazon.com/cognito/latest/developerguide/iam-roles.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        identity_pool_id: like ``eu-central-1:11111111-2222-3333-4444-555555555555``.
        authenticated: True is for users who signed in, False for guests, who are anybody on the internet.
        session_tags: what the pool passes on of its users' attributes (*attributes for access control*): every one of
            these, and no other; ``*`` is any value.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: not the id of an identity pool, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        identity_pool_id: str,
        authenticated: bool,
        session_tags: Mapping[str, Iterable[str]] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        provider = _provider(stacks.stack_of(scope).region)
        method = "authenticated" if arguments.flag(authenticated, "authenticated") else "unauthenticated"
        tags = demands.session_tags(session_tags, None)
        demanded = conjoin(
            {"StringEquals": {f"{provider}:aud": _pool(scope, identity_pool_id)}},
            # A list of one or several values: guests have the one, others also how they signed in.
            {"ForAnyValue:StringLike": {f"{provider}:amr": method}},
            tags,
            claimed.refuse_optional(conditions, f"{provider}:"),
        )
        actions = [ASSUME_ROLE_WITH_WEB_IDENTITY, *([TAG_SESSION] if tags else [])]
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Federated": [provider]}, actions, demanded)],
            **options,
        )
        pool = references.referred_to(identity_pool_id)
        if isinstance(pool, cognito.CfnIdentityPool):
            _hold_to_users(self, pool, for_guests=not authenticated)


def _hold_to_users(role: Construct, pool: cognito.CfnIdentityPool, *, for_guests: bool) -> None:
    """Fail the synthesis where a pool of the app has no such users; the plugin sees what only the template says."""

    def said(properties: Mapping[str, Any]) -> str:
        if for_guests:
            # CloudFormation takes a text for it too.
            return _takes_none(role, pool) if str(properties.get(_GUESTS)).lower() == "false" else ""
        if any(properties.get(one) for one in _SIGN_IN):
            return ""
        return (
            f"{role.node.path} is for users who signed in, and the identity pool {pool.node.path} has nothing by which "
            "they do: nobody gets the role; give the pool a user pool or another provider"
        )

    promise(cdk.Stack.of(pool), lambda: pool, said)
    if for_guests:
        stack = stacks.stack_of(role)
        _FOR_GUESTS.setdefault(stack, []).append((role, pool))
        check_later(stack, _without_guests)


def _without_guests(stack: cdk.Stack, _there: Sequence[IConstruct]) -> list[str]:
    return [
        _takes_none(role, pool) for role, pool in _FOR_GUESTS[stack] if pool.allow_unauthenticated_identities is False
    ]


def _takes_none(role: Construct, pool: cognito.CfnIdentityPool) -> str:
    return (
        f"{role.node.path} is for guests (authenticated=False), and the identity pool {pool.node.path} takes none: "
        "nobody gets the role; set allow_unauthenticated_identities of the pool to True, or leave the role out"
    )


def _provider(region: str) -> str:
    """The name of the service in the Region of the stack."""
    if region.startswith("eusc-"):
        raise ValueError(
            f"identity_pool_id cannot be for a stack in {region}: what the provider is called there is not documented"
        )
    return _ELSEWHERE.get(region, _PROVIDER)


def _pool(scope: Construct, value: str) -> str:
    accepted = "the id of an identity pool like 'eu-central-1:11111111-2222-3333-4444-555555555555'"
    pattern = r"[a-z]{2,4}(-[a-z]+)+-[0-9]+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    arguments.matching(value, "identity_pool_id", pattern, accepted, {"AWS::Cognito::IdentityPool": ("Ref", "Id")})
    if not arguments.is_token(value):
        regions.region(value.partition(":")[0], f"identity_pool_id (in {value!r})")
        regions.beside_stack(scope, value.partition(":")[0], "identity_pool_id")
    return value
