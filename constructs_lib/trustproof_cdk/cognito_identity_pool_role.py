"""
A role for users of an app, by an Amazon Cognito identity pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _claims as claimed
from trustproof_cdk import _demands as demands
from trustproof_cdk import _regions as regions
from trustproof_cdk._constructor import construct
from trustproof_cdk._role import RoleOptions, TrustingRole
from trustproof_cdk._trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TAG_SESSION, TrustStatement
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
        provider = _provider(cdk.Stack.of(scope).region)
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
    arguments.matching(value, "identity_pool_id", pattern, accepted)
    if not arguments.is_token(value):
        regions.region(value.partition(":")[0], f"identity_pool_id (in {value!r})")
        regions.beside_stack(scope, value.partition(":")[0], "identity_pool_id")
    return value
