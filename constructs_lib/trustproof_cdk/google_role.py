"""
A role for people and machines with a Google identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import arguments
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions, TrustingRole
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust.trust import ASSUME_ROLE_WITH_WEB_IDENTITY, TrustStatement
from trustproof_cdk.conditions import ConditionBlock, conjoin

_PROVIDER = "accounts.google.com"


@construct
class GoogleRole(TrustingRole):
    """
    A role that may be assumed with a token of Google for our apps, or for a service account of Google Cloud.

    The provider is the same for all customers. ``accounts.google.com:aud`` is the ``azp`` of a token that has one,
    which is the client that asked for it; the audience that a token was asked for is ``accounts.google.com:oaud`` then.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        client_ids: ids of our apps, ``….apps.googleusercontent.com``, or the unique id of a service account.
        subjects: unique ids of the people or service accounts who may; a service account is in both lists. Default:
            every user of the apps, which for an app open to the public is everybody.
        audiences: what a service account must have asked the token for; to be given for one, since it gives tokens to
            whomever it calls, and each of them could pass one on.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: no client id, a service account that is no subject where there are subjects, or without audiences,
            a wildcard, or an argument that IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        client_ids: Iterable[str],
        subjects: Iterable[str] | None = None,
        audiences: Iterable[str] | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        clients = arguments.each(client_ids, "client_ids", _client_id)
        token = {f"{_PROVIDER}:aud": clients}
        if subjects is not None:
            token[f"{_PROVIDER}:sub"] = arguments.each(subjects, "subjects", _unique_id)
            _refuse_kept_out(clients, token[f"{_PROVIDER}:sub"])
        if audiences is not None:
            token[f"{_PROVIDER}:oaud"] = arguments.each(audiences, "audiences", claimed.literal)
        demanded = conjoin({"StringEquals": token}, claimed.refuse_optional(conditions, f"{_PROVIDER}:"))
        _refuse_any_audience(clients, demanded)
        super().__init__(
            scope,
            construct_id,
            statements=[TrustStatement({"Federated": [_PROVIDER]}, [ASSUME_ROLE_WITH_WEB_IDENTITY], demanded)],
            **options,
        )


def _is_account(client: str) -> bool:
    """Whether a client is a service account, whose unique id has digits only."""
    return not arguments.is_token(client) and client.isdigit()


def _refuse_any_audience(clients: Sequence[str], demanded: ConditionBlock) -> None:
    """A service account is the client of all of its tokens, those that it asks for to call somebody else included."""
    keys = {key.lower() for operator in ("StringEquals", "StringLike") for key in demanded.get(operator, ())}
    account = next(filter(_is_account, clients), None)
    if account is not None and f"{_PROVIDER}:oaud" not in keys:
        raise ValueError(
            f"audiences must be given for {account!r}, which client_ids has: a service account asks for a token for "
            "everybody whom it calls, and whoever gets one could pass it on; name the audience that it asks a token "
            "for AWS for (apps beside it, whose tokens have another one, want a role of their own)"
        )


def _refuse_kept_out(clients: Sequence[str], subjects: Sequence[str]) -> None:
    """A service account asks for tokens of its own, in which it is both the client and the subject."""
    for client in clients:
        if _is_account(client) and client not in subjects and not any(map(arguments.is_token, subjects)):
            raise ValueError(
                f"subjects must have {client!r} too, which client_ids has: the token of a service account has its "
                "unique id as client and as subject, so that it would not get in; leave it out of client_ids if it "
                "is not meant to"
            )


def _client_id(value: str, argument: str) -> str:
    accepted = (
        "the client id of an app like '123-abc.apps.googleusercontent.com', or the unique id of a service account in "
        "digits (not its e-mail address)"
    )
    return arguments.matching(value, argument, r"[\w.-]{1,200}\.apps\.googleusercontent\.com|[0-9]{1,255}", accepted)


def _unique_id(value: str, argument: str) -> str:
    return arguments.matching(value, argument, r"[0-9]{1,255}", "a unique id in digits (not an e-mail address)")
