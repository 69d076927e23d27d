"""
Several policies together: identity policies, a permissions boundary, session policies, a resource policy, and what the
organization leaves to its accounts.

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
    session: Sequence[Policy] | None = None,
    service_control: Sequence[Sequence[Policy]] = (),
    resource_control: Sequence[Sequence[Policy]] = (),
) -> bool:
    """
    Whether these policies together let a request in.

    Args:
        identity: the policies attached to the caller and to the caller's groups.
        boundary: the caller's permissions boundary; None without one.
        resource: the resource's policy (of a role: its trust policy); None without one.
        request: what is asked.
        same_account: whether caller and resource belong to the same account.
        session: the policies passed when the caller's temporary credentials were made; None where none could be or
            were. A GetFederationToken session without any has an empty list: it may what resource policies grant to
            it by name.
        service_control: the service control policies of the caller's account, level by level: the root's, each
            unit's, the account's. Empty where none apply: outside organizations, in a management account, to services
            and to service-linked roles.
        resource_control: the resource control policies of the resource's account, likewise.

    Raises:
        ValueError: when a policy is not concrete.
    """
    if not all(_level_allows(level, request) for level in (*service_control, *resource_control)):
        return False
    is_root = request.caller.kind == ROOT
    identities = [decide(policy, request) for policy in identity if not is_root]
    limit = decide(boundary, request) if boundary is not None and not is_root else None
    trust = decide(resource, request) if resource is not None else None
    passed = [decide(policy, request) for policy in session or ()]
    if any(found is not None and found.outcome == EXPLICIT_DENY for found in (*identities, limit, trust, *passed)):
        return False
    granted = trust is not None and trust.allowed
    if request.caller.kind in _WITHOUT_IDENTITY:
        return granted
    # Neither identity policies nor boundaries apply to the root user, who may do everything that nothing denies.
    within = session is None or any(found.allowed for found in passed)
    inside = (limit is None or limit.allowed) and within
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

    A user, a session or everybody is let in whatever identity policies, boundaries and session policies leave out; a
    role is held to its boundary and to the session policies; an account needs an identity policy as well.
    ``NotPrincipal`` lets in everybody else (assumed).
    """
    ways: set[str] = set()
    for found in trust.deciding:
        if found.statement.principals is None:
            ways.add(EVERYBODY)
            continue
        ways |= {way for one in found.statement.principals if (way := match(one, request.caller)) is not None}
    assert ways <= {EVERYBODY, ACCOUNT, ROLE, ITSELF}
    return ways


def _level_allows(policies: Sequence[Policy], request: Request) -> bool:
    """
    Whether the policies of one level of an organization leave a request to those below.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
    """
    found = [decide(policy, request) for policy in policies]
    return any(one.allowed for one in found) and all(one.outcome != EXPLICIT_DENY for one in found)


def _needs_resource_policy(request: Request, resource: Policy | None) -> bool:
    """
    Trust policies and key policies are the two that must allow explicitly, also within one account.

    What GetFederationToken makes has no policy of its own, also where it is tagged.
    """
    action = request.action.lower()
    if ":federated-user/" in request.resource:
        return False
    return action in _TRUST_ACTIONS or (action.startswith("kms:") and resource is not None)
