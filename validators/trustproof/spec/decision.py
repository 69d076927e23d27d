"""
The decision: an explicit deny wins, then an allow, else deny.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from trustproof.aws.condition_keys import (
    ASSUME_ROLE,
    ASSUME_ROLE_WITH_SAML,
    ASSUME_ROLE_WITH_WEB_IDENTITY,
    CREDENTIAL_ACTIONS,
    SET_CONTEXT,
    SET_SOURCE_IDENTITY,
    STS_ACTIONS,
    TAG_SESSION,
)
from trustproof.model.policy import ALLOW, DENY, Policy
from trustproof.model.request import SAML, WEB_IDENTITY, Request
from trustproof.spec.statements import PERMISSIVE, Explanation, applies

ALLOWED = "allowed"
EXPLICIT_DENY = "explicit-deny"
IMPLICIT_DENY = "implicit-deny"


class Decision(NamedTuple):
    """
    What one policy says of one request, and why.
    """

    #: `ALLOWED`, `EXPLICIT_DENY` or `IMPLICIT_DENY`.
    outcome: str
    #: One for each statement, in order.
    explanations: tuple[Explanation, ...]

    @property
    def allowed(self) -> bool:
        """Whether this policy alone lets the request in."""
        return self.outcome == ALLOWED

    @property
    def deciding(self) -> tuple[Explanation, ...]:
        """The statements that the outcome rests on: the denies that apply, else the allows that do."""
        effect = DENY if self.outcome == EXPLICIT_DENY else ALLOW
        return tuple(one for one in self.explanations if one.applies and one.statement.effect == effect)


def decide(policy: Policy, request: Request, *, not_principal: str = PERMISSIVE) -> Decision:
    """
    Decide one request: an explicit deny wins, then an explicit allow, else deny.

    This function is the meaning of a policy in this project.

    Raises:
        ValueError: when the policy is not concrete: only concrete policies have a meaning.
    """
    explanations = tuple(
        applies(statement, request, variables=policy.has_variables, not_principal=not_principal)
        for statement in policy.statements
    )
    effects = [one.statement.effect for one in explanations if one.applies]
    if DENY in effects:
        return Decision(EXPLICIT_DENY, explanations)
    if ALLOW in effects:
        return Decision(ALLOWED, explanations)
    return Decision(IMPLICIT_DENY, explanations)


def actions_needed(request: Request) -> tuple[str, ...]:
    """
    Every action that a trust policy must allow for this AssumeRole request to succeed, the action itself first.

    Passing session tags needs ``sts:TagSession`` too, a source identity ``sts:SetSourceIdentity``, and a context
    assertion ``sts:SetContext``; without it the whole call fails. The source identity of the calling session goes on
    with the call, and needs the same.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
    """
    needed = [request.action]
    if _carries(request, "aws:tagkeys", "sts:transitivetagkeys", family="aws:requesttag/"):
        needed.append(STS_ACTIONS[TAG_SESSION])
    if _carries(request, "sts:sourceidentity", "aws:sourceidentity"):
        needed.append(STS_ACTIONS[SET_SOURCE_IDENTITY])
    if _carries(request, "sts:requestcontextproviders", family="sts:requestcontext/"):
        needed.append(STS_ACTIONS[SET_CONTEXT])
    return tuple(needed)


def call_of(request: Request) -> Request:
    """
    The call that a request is decided for: nothing asks for ``sts:TagSession`` and its like by themselves.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
    """
    if request.action.lower() not in (TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT):
        return request
    calls = {SAML: ASSUME_ROLE_WITH_SAML, WEB_IDENTITY: ASSUME_ROLE_WITH_WEB_IDENTITY}
    return request._replace(action=STS_ACTIONS[calls.get(request.caller.kind, ASSUME_ROLE)])


def may_get_credentials(trust_policy: Policy, request: Request, *, not_principal: str = PERMISSIVE) -> bool:
    """
    Whether a trust policy hands out credentials: it must allow every action that the call needs.

    The additional actions are decided in the same context (assumed).

    Raises:
        ValueError: when the action is not one of the three AssumeRole actions, or the policy is not concrete.
    """
    if request.action.lower() not in CREDENTIAL_ACTIONS:
        accepted = ", ".join(STS_ACTIONS[action] for action in CREDENTIAL_ACTIONS)
        raise ValueError(f"{request.action!r} hands out no credentials of a role, expected one of {accepted}")
    return all(
        decide(trust_policy, request._replace(action=action), not_principal=not_principal).allowed
        for action in actions_needed(request)
    )


def is_held_back(policies: Iterable[Policy], request: Request) -> bool:
    """
    Whether one of several policies that only take away denies a request, or an action that the call needs besides.

    Service and resource control policies are such: an explicit deny in any of them ends the request.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_evaluation.html

    Raises:
        ValueError: when a policy is not concrete.
    """
    needed = actions_needed(request) if request.action.lower() in CREDENTIAL_ACTIONS else (request.action,)
    return any(
        decide(policy, request._replace(action=action)).outcome == EXPLICIT_DENY
        for policy in policies
        for action in needed
    )


def _carries(request: Request, *keys: str, family: str | None = None) -> bool:
    """Whether a request carries one of these keys, or one whose name begins like its family's."""
    return any(
        value != () and (key in keys or (family is not None and key.startswith(family)))
        for key, value in request.context.items()
    )
