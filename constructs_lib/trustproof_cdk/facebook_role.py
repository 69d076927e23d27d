"""
A role for people who sign in with Facebook.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust.trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

_PROVIDER = "graph.facebook.com"


@construct
class FacebookRole(TrustingRole):
    """
    A role that users of our apps may assume when they have signed in with Facebook.

    The provider is the same for all customers: only ``app_id`` says whose app it is.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        app_ids: ids of our apps.
        user_ids: ids of the people who may. Default: every user of the apps, which for an app open to the public is
            everybody.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: no app, a wildcard, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        app_ids: Iterable[str],
        user_ids: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        token = {f"{_PROVIDER}:app_id": arguments.each(app_ids, "app_ids", _app_id)}
        if user_ids is not None:
            token[f"{_PROVIDER}:id"] = arguments.each(user_ids, "user_ids", _user_id)
        demanded = conjoin({"StringEquals": token}, claimed.refuse_optional(conditions, f"{_PROVIDER}:"))
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Federated": [_PROVIDER]}, [ASSUME_ROLE_WITH_WEB_IDENTITY], demanded)],
            **options,
        )


def _user_id(value: str, argument: str) -> str:
    return arguments.matching(value, argument, r"[0-9]{1,32}", "the id that a user has for the app, in digits")


def _app_id(value: str, argument: str) -> str:
    return arguments.matching(value, argument, r"[0-9]{1,32}", "the id of an app in digits")
