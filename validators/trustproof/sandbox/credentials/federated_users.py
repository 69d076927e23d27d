"""
Sessions of GetFederationToken in policies of resources that name the user who made them.

What such a policy lets the user do it lets the session do, within the user's boundary and the session's own policies;
a Deny of the user is one of the session.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-id-rdp.html
"""

from __future__ import annotations

from typing import NamedTuple

from trustproof.model.policy import ALLOW, DENY, Policy, Principal, Statement
from trustproof.model.request import FEDERATED_USER, Caller
from trustproof.sandbox.credentials.credentials import Credentials, user_by_id


class Reading(NamedTuple):
    """How a session is told a policy of a resource."""

    resource: Policy
    #: What the policy gives to the user, as if that were written in the user's own.
    of_user: tuple[Policy, ...] = ()


def read(resource: Policy, caller: Caller, credentials: Credentials | None, *, same_account: bool) -> Reading:
    """
    A policy of a resource as it is for a caller: of everybody but such sessions, as it is written.

    Args:
        resource: the policy.
        caller: who asks.
        credentials: the caller's.
        same_account: whether the resource is of the caller's account.
    """
    if caller.kind != FEDERATED_USER or credentials is None or caller.account is None:
        return Reading(resource)
    user = user_by_id(caller.account, credentials.entity)
    names = frozenset() if user is None else frozenset((str(user.arn), str(user.id)))
    named = [one for one in resource.statements if _names(one.principals, names)]
    left_out = any(_names(one.not_principals, names) for one in resource.statements)
    if not named and not left_out:
        return Reading(resource)
    told = resource._replace(statements=tuple(_told(one, names, caller, caller.account) for one in resource.statements))
    given = tuple(one._replace(principals=None) for one in named if one.effect == ALLOW)
    return Reading(told, (resource._replace(statements=given),) if given and same_account else ())


def _told(statement: Statement, names: frozenset[str], caller: Caller, account: str) -> Statement:
    if _names(statement.not_principals, names) and not _names(statement.not_principals, frozenset((caller.arn,))):
        reason = "a NotPrincipal that leaves out the user who made this session, and not the session"
        return statement._replace(unreadable=(*statement.unreadable, reason))
    if statement.principals is None or not _names(statement.principals, names):
        return statement
    # The account lets in what its own policies let in: what is given to the user is with them.
    name = caller.arn if statement.effect == DENY else account
    return statement._replace(principals=(*statement.principals, Principal("AWS", name)))


def _names(principals: tuple[Principal, ...] | None, names: frozenset[str]) -> bool:
    return any(kind == "AWS" and str(value) in names for kind, value in principals or ())
