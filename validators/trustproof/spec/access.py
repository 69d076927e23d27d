"""
Several policies together: identity policies, a permissions boundary and a resource policy.

Service and resource control policies and session policies are other layers, and not decided here.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.aws.condition_keys import CREDENTIAL_ACTIONS, SET_CONTEXT, SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof.model.policy import Policy
from trustproof.model.request import ANONYMOUS, ROOT, SAML, SERVICE, WEB_IDENTITY, Request
from trustproof.spec.decision import EXPLICIT_DENY, Decision, decide
from trustproof.spec.principals import ACCOUNT, EVERYBODY, ITSELF, ROLE, match

#: Callers without identity policies.
_WITHOUT_IDENTITY = (SERVICE, SAML, WEB_IDENTITY, ANONYMOUS)
#: A role is reached through its trust policy, never past it.
_TRUST_ACTIONS = (*CREDENTIAL_ACTIONS, TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT)


def may(
    identity: Sequence[Policy],
    boundary: Policy | None,
    resource: Policy | None,
    request: Request,
    *,
    same_account: bool,
) -> bool:
    """
    Whether these policies together let a request in.

    Args:
        identity: the policies attached to the caller and to the caller's groups.
        boundary: the caller's permissions boundary; None without one.
        resource: the resource's policy (of a role: its trust policy); None without one.
        request: what is asked.
        same_account: whether caller and resource belong to the same account.

    Raises:
        ValueError: when a policy is not concrete.
    """
    is_root = request.caller.kind == ROOT
    identities = [decide(policy, request) for policy in identity if not is_root]
    limit = decide(boundary, request) if boundary is not None and not is_root else None
    trust = decide(resource, request) if resource is not None else None
    if any(found is not None and found.outcome == EXPLICIT_DENY for found in (*identities, limit, trust)):
        return False
    granted = trust is not None and trust.allowed
    if request.caller.kind in _WITHOUT_IDENTITY:
        return granted
    # Neither identity policies nor boundaries apply to the root user, who may do everything that nothing denies.
    inside = limit is None or limit.allowed
    own = is_root or any(found.allowed for found in identities)
    if not same_account:
        return granted and own and inside
    if granted and trust is not None:
        ways = _ways_in(trust, request)
        if ways & {EVERYBODY, ITSELF} or (ROLE in ways and inside):
            return True
    return own and inside and (granted or not _needs_resource_policy(request, resource))


def _ways_in(trust: Decision, request: Request) -> set[str]:
    """
    How the statements that allow the request name the caller.

    A user, a session or everybody is let in whatever identity policies and boundaries leave out; a role is held to its
    boundary; an account needs an identity policy as well. ``NotPrincipal`` lets in everybody else (assumed).
    """
    ways: set[str] = set()
    for found in trust.deciding:
        if found.statement.principals is None:
            ways.add(EVERYBODY)
            continue
        ways |= {way for one in found.statement.principals if (way := match(one, request.caller)) is not None}
    assert ways <= {EVERYBODY, ACCOUNT, ROLE, ITSELF}
    return ways


def _needs_resource_policy(request: Request, resource: Policy | None) -> bool:
    """Trust policies and key policies are the two that must allow explicitly, also within one account."""
    action = request.action.lower()
    return action in _TRUST_ACTIONS or (action.startswith("kms:") and resource is not None)
