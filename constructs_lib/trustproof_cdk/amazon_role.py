"""
A role for people who sign in with Login with Amazon.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust.trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

_PROVIDER = "www.amazon.com"
#: How client ids begin.
_CLIENT = "amzn1.application-oa2-client."


@construct
class AmazonRole(TrustingRole):
    """
    A role that users of our apps may assume when they have signed in with Login with Amazon.

    The provider is the same for all customers: only ``app_id`` says whose app it is.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        app_ids: ids of our apps, ``amzn1.application-oa2-…`` or ``amzn1.application.…``: the ``app_id`` that Login with
            Amazon says of their tokens (https://api.amazon.com/auth/o2/tokeninfo). Of the client id of a security
            profile, ``amzn1.application-oa2-client.…``, which it calls ``aud``, the synthesis warns.
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
        apps = arguments.each(app_ids, "app_ids", _app_id)
        token = {f"{_PROVIDER}:app_id": apps}
        if user_ids is not None:
            token[f"{_PROVIDER}:user_id"] = arguments.each(user_ids, "user_ids", _user_id)
        demanded = conjoin({"StringEquals": token}, claimed.refuse_optional(conditions, f"{_PROVIDER}:"))
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Federated": [_PROVIDER]}, [ASSUME_ROLE_WITH_WEB_IDENTITY], demanded)],
            **options,
        )
        for app in (one for one in apps if one.startswith(_CLIENT)):
            cdk.Annotations.of(self).add_warning_v2(
                f"trustproof:client-id-{app}",
                f"app_ids of {self.node.path} has {app!r}, which is how Login with Amazon writes the client id of a "
                "security profile, the aud of its tokens; IAM compares their app_id: ask "
                "https://api.amazon.com/auth/o2/tokeninfo for that of a token, or nobody may get in",
            )


def _user_id(value: str, argument: str) -> str:
    accepted = "the id of a user like 'amzn1.account.ABC123' (not an e-mail address)"
    return arguments.matching(value, argument, r"amzn1\.account\.[\w-]{1,128}", accepted)


def _app_id(value: str, argument: str) -> str:
    return arguments.matching(
        value,
        argument,
        r"amzn1\.application(-oa2-client)?[.-][\w.-]{1,128}",
        "the id of an app like 'amzn1.application-oa2-123456'",
    )
