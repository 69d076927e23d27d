"""
Could a real caller send this request?

A counterexample that nobody can send is noise. What stands here is restated from the manual without a look at how the
engine searches, so that a mistake there shows as a refused counterexample and never as a false alarm.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
"""

from __future__ import annotations

from trustproof.aws.action_resources import AWS_POLICIES, about
from trustproof.aws.condition_keys import (
    ASSUME_ROLE,
    ASSUME_ROLE_WITH_SAML,
    ASSUME_ROLE_WITH_WEB_IDENTITY,
    CREDENTIAL_ACTIONS,
    NEVER,
    SET_CONTEXT,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
    always,
    is_misspelt,
    lookup,
)
from trustproof.aws.regional_services import REGIONAL
from trustproof.aws.unsigned_calls import UNSIGNED
from trustproof.model.arn import is_account
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USERS,
    WEB_IDENTITY,
    Request,
)
from trustproof.spec.callers import faults, principal_keys
from trustproof.spec.facts import context_faults
from trustproof.spec.matching import pattern
from trustproof.spec.operators.arn import arn_like

__all__ = ["impossibilities", "may_call", "principal_keys", "resource_faults"]

_SIGNED_CALLERS = (*USERS, ROLE_SESSION, IDENTITY_CENTER, SERVICE)
_LONG_TERM = (USER_KEY, ROOT)
#: Lower-cased action of STS to the kinds of caller that can call it; an action that is not here is open to all who can
#: call STS at all.
_CALLERS: dict[str, tuple[str, ...]] = {
    ASSUME_ROLE: _SIGNED_CALLERS,
    ASSUME_ROLE_WITH_SAML: (SAML,),
    ASSUME_ROLE_WITH_WEB_IDENTITY: (WEB_IDENTITY,),
    TAG_SESSION: (*_SIGNED_CALLERS, SAML, WEB_IDENTITY),
    SET_SOURCE_IDENTITY: (*_SIGNED_CALLERS, SAML, WEB_IDENTITY),
    SET_CONTEXT: _SIGNED_CALLERS,
    "sts:getfederationtoken": _LONG_TERM,
    "sts:getsessiontoken": (*_LONG_TERM, USER_KEY_MFA),
}
#: A GetFederationToken session calls nothing else of STS.
_FEDERATED_USER_MAY = ("sts:getcalleridentity",)
#: The calls that take an MFA code of a long-term access key as a parameter.
_WITH_MFA_CODE = (ASSUME_ROLE, TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT, "sts:getsessiontoken")


def impossibilities(request: Request) -> list[str]:
    """
    Reasons why no real caller could send this request: empty for a possible one.

    The sentences are lower-case, without a full stop. The list is not complete: what is not documented is possible.
    """
    found = faults(request.caller)
    if found:
        # What follows takes the ARN apart.
        return found
    return [
        *_action_faults(request),
        *_partition_faults(request),
        *resource_faults(request),
        *_region_faults(request),
        *_presence_faults(request),
        *context_faults(request),
    ]


def may_call(kind: str, action: str) -> bool:
    """
    Whether callers of a kind can send an action at all, whatever policies say.

    Args:
        kind: of the caller.
        action: lower-cased.
    """
    callers = _CALLERS.get(action)
    if callers is not None:
        return kind in callers
    if kind in (SAML, WEB_IDENTITY):
        # An unsigned call that proves an identity from outside: there is one action for each kind.
        return False
    if kind == FEDERATED_USER and action.startswith("sts:"):
        return action in _FEDERATED_USER_MAY
    return kind != ANONYMOUS or action.startswith(UNSIGNED)


def _action_faults(request: Request) -> list[str]:
    kind, action = request.caller.kind, request.action.lower()
    found = [] if may_call(kind, action) else [f"a caller of kind {kind} cannot call {request.action}"]
    if kind == USER_KEY_MFA and action not in _WITH_MFA_CODE:
        found.append(f"{request.action} has no parameter for an MFA code")
    return found


def _partition_faults(request: Request) -> list[str]:
    """Access is never delegated between partitions."""
    caller, resource = request.caller.arn.split(":"), request.resource.split(":")
    if caller[0] != "arn" or resource[0] != "arn" or len(resource) < 6:
        return []
    if caller[1] == resource[1]:
        return []
    return [f"the caller is in the partition {caller[1]}, the resource in {resource[1]}"]


def _region_faults(request: Request) -> list[str]:
    """
    A call reaches what its own Region has.

    How services call each other across Regions is not documented.
    https://docs.aws.amazon.com/general/latest/gr/rande.html#regional-endpoints
    """
    called, arn = request.context.get("aws:requestedregion"), request.resource.split(":", 5)
    if request.caller.kind == SERVICE or called is None or len(arn) < 6:
        return []
    _, _, service, stands_in, _, _ = arn
    if service not in REGIONAL or stands_in == called:
        return []
    return [f"a request made to {called} reaches nothing in {stands_in}"]


#: What the names of Regions are made of.
_OF_REGIONS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")


def resource_faults(request: Request) -> list[str]:
    """
    An action is about resources of its own service, and one of IAM about those of its types.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    action, resource = request.action.lower(), request.resource
    is_arn = resource.startswith("arn:") and resource.count(":") >= 5
    for row in about(action.partition(":")[0]):
        if not row.is_for(action):
            continue
        is_right = any(arn_like(resource, pattern(arn)) and _is_somewhere(resource, arn) for arn in row.arns)
        is_other = any(arn_like(resource, pattern(arn)) for arn in row.but_not)
        if (row.required or is_arn) and (is_other or not is_right):
            return [f"{request.action} is not about {resource}"]
        reaches = request.caller.account in (None, resource.split(":")[4] if is_arn else request.caller.account)
        if row.own_account and not reaches and not arn_like(resource, pattern(AWS_POLICIES)):
            return [f"{request.action} reaches no other account, and {resource} is not in {request.caller.account}"]
    return []


def _is_somewhere(resource: str, arn: str) -> bool:
    """Whether a resource has a Region and an account where an ARN of the reference, which it matches, has them."""
    of_resource, of_reference = resource.split(":", 5), arn.split(":", 5)
    if of_reference[4] == "?" * 12 and not is_account(of_resource[4]):
        return False
    return of_reference[3] != "?*" or {*of_resource[3]} <= _OF_REGIONS


def _presence_faults(request: Request) -> list[str]:
    """Keys that this caller never sends with this action, and keys that it always sends."""
    kind, action = request.caller.kind, request.action.lower()
    found = []
    for name in sorted(request.context):
        key = lookup(name)
        if name != name.lower():
            found.append(f"the key {name} of the context is not lower-cased")
        if is_misspelt(name):
            found.append(f"no request carries the key {name}")
        elif key.presence(kind, action) == NEVER:
            found.append(f"{key.name} is not in a request for {request.action} by a caller of kind {kind}")
    found += [
        f"{name} is in every request for {request.action} by a caller of kind {kind}"
        for name in always(kind, action)
        if name.lower() not in request.context
    ]
    if action in CREDENTIAL_ACTIONS and request.resource.startswith("arn:"):
        fields = request.resource.split(":", 5)
        if len(fields) != 6 or fields[2] != "iam" or not is_account(fields[4]) or not fields[5].startswith("role/"):
            found.append(f"{request.resource} is not a role")
    return found
