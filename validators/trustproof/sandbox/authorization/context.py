"""
The context of a request: which condition keys it carries, and which the sandbox does not know.

A key that is not computed is not an absent one: what hangs on it is undecided.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trustproof.aws.condition_keys import lookup
from trustproof.aws.global_services import only_endpoint
from trustproof.aws.partitions import partition_of
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION_MFA,
    USERS,
    Caller,
    ContextValue,
)
from trustproof.sandbox.clock import Clock, iso
from trustproof.sandbox.credentials.credentials import Credentials, iam_of, role_by_id, user_by_id
from trustproof.sandbox.organization import Organization
from trustproof.spec.callers import principal_keys

#: The address that requests come from, unless told otherwise: one of those that documentation may use (RFC 5737).
#: The loopback interface has no address that AWS ever sees.
DOCUMENTATION_ADDRESS = "203.0.113.10"
#: Prefixes of global keys; a key with another prefix is one of a service.
_GLOBAL = ("aws", "saml")
#: Families of global keys that depend on the resource, or on how a service reads a request.
_OF_REQUEST = ("aws:requesttag/", "aws:tagkeys")
_OF_RESOURCE = ("aws:resourcetag/",)
#: The same of what belongs to IAM, in requests to it and to assume roles.
_OF_IAM_RESOURCE = ("iam:resourcetag/",)
_REGION, _OF_EC2 = "aws:requestedregion", "ec2:region"
_OF_OWNER = ("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths")
#: What a call that a service makes for a caller does not say as the caller's own call does.
FORWARDED = (
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:referer",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:viaawsservice",
    "aws:vpcsourceip",
)


@dataclass(frozen=True)
class Surroundings:
    """What is the same for every request: where it comes from, when it is, and who belongs to the organization."""

    organization: Organization
    clock: Clock
    source_ip: str = DOCUMENTATION_ADDRESS


@dataclass(frozen=True)
class Need:
    """
    One action on one resource, which a request needs.
    """

    action: str
    #: Its ARN, or `*` for an action that is about none; None where the sandbox cannot name it.
    resource: str | None
    #: The account that owns the resource; None where that is not known.
    owner: str | None
    #: The text of the resource's policy; None without one.
    policy: str | None = None
    #: `RESOURCE` or `TRUST`.
    policy_kind: str = "resource"
    #: Condition keys of the service's own and those of tags, lower-cased; what is not here is absent if it is in
    #: `computed`.
    keys: Mapping[str, ContextValue] = field(default_factory=dict)
    #: Lower-cased keys of the service that were looked for, and families of them, which end in `/` or `:`.
    computed: tuple[str, ...] = ()
    #: Lower-cased keys of which nobody here knows the value, though it is known of other requests, and families of
    #: them, which end in `/` or `:`.
    unknown: tuple[str, ...] = ()
    #: Lower-cased keys to the values of which each has one, None for one that is not there; with different answers the
    #: need is undecided.
    possible: Mapping[str, tuple[ContextValue | None, ...]] = field(default_factory=dict)
    #: Keys of which policies of identities know the value, and nobody here whether those of resources do.
    identity_only: tuple[str, ...] = ()
    #: Another ARN that the service may match instead; where that makes a difference, the need is undecided.
    alternative: str | None = None
    #: Another form of its ARN, by which an explicit Deny may be meant; then the need is undecided.
    denied_as: str | None = None
    #: Why a denial is none for certain: whether AWS asks for the action, or what else lets the caller in.
    doubt: str | None = None
    #: Whether an explicit Deny counts in spite of that.
    deny_counts: bool = False
    #: Whether AWS is known to ask nobody to be allowed it, and only what it does with an explicit Deny is not known.
    only_denied: bool = False
    #: Whether it is about a resource of another service, or of the same one, that the request only hands over.
    delegated: bool = False
    #: Whether AWS manages the resource for the account: a key of a service's own.
    of_aws: bool = False


def context_of(
    caller: Caller,
    credentials: Credentials | None,
    need: Need,
    surroundings: Surroundings,
    headers: Mapping[str, str],
    region: str,
) -> dict[str, ContextValue]:
    """
    The context of a request for one action.

    Args:
        caller: who calls.
        credentials: the keys that signed; None of an unsigned call.
        need: the action, and what is known of its resource.
        surroundings: of all requests.
        headers: lower-cased names.
        region: of the endpoint.
    """
    now = surroundings.clock.now()
    keys: dict[str, ContextValue] = dict(principal_keys(caller))
    keys["aws:currenttime"] = iso(now)
    keys["aws:epochtime"] = str(int(now))
    keys["aws:securetransport"] = "true"
    keys["aws:viaawsservice"] = "false"
    # Whichever endpoint of ours was called, a service with one endpoint is asked for there.
    keys[_REGION] = only_endpoint(need.action, partition_of(region)) or region
    if need.action.startswith("ec2:"):
        keys[_OF_EC2] = keys[_REGION]
    keys["aws:sourceip"] = surroundings.source_ip
    for header, name in (("user-agent", "aws:useragent"), ("referer", "aws:referer")):
        if headers.get(header):
            keys[name] = headers[header]
    keys |= _organization_keys("principal", caller.account, surroundings.organization)
    if credentials is not None:
        keys |= _credential_keys(caller, credentials, now)
    keys |= _source_keys(caller, keys, surroundings.organization)
    if need.owner is not None:
        keys["aws:resourceaccount"] = need.owner
        keys |= _organization_keys("resource", need.owner, surroundings.organization)
    keys |= need.keys
    return {name: value for name, value in keys.items() if value != ()}


def _credential_keys(caller: Caller, credentials: Credentials, now: float) -> dict[str, ContextValue]:
    keys: dict[str, ContextValue] = dict(credentials.kept)
    for name, value in {**tags_of(credentials), **credentials.tags}.items():
        keys[f"aws:principaltag/{name.lower()}"] = value
    if credentials.issued is not None and caller.kind not in (SERVICE, USER_KEY, USER_KEY_MFA):
        keys["aws:tokenissuetime"] = iso(credentials.issued)
    if credentials.source_identity is not None:
        keys["aws:sourceidentity"] = credentials.source_identity
    if caller.kind == USER_KEY_MFA:
        keys["aws:multifactorauthage"] = "0"
    elif credentials.mfa_at is not None and caller.kind in (USER_SESSION_MFA, ROOT):
        keys["aws:multifactorauthpresent"] = "true"
        keys["aws:multifactorauthage"] = str(max(0, int(now - credentials.mfa_at)))
    return keys


def tags_of(credentials: Credentials) -> dict[str, str]:
    """The tags of the user or role behind credentials."""
    kind, account = credentials.caller.kind, credentials.account
    if account is None or kind in (FEDERATED_USER, ROOT):
        return {}
    if kind in (ROLE_SESSION, IDENTITY_CENTER):
        role = role_by_id(account, credentials.entity)
        return {} if role is None else tag_map(role.tags)
    user = user_by_id(account, credentials.entity) if kind in USERS else None
    return {} if user is None else user_tags(account, user)


def user_tags(account: str, user: Any) -> dict[str, str]:
    """The tags of a user."""
    return tag_map(iam_of(account).tagger.list_tags_for_resource(user.arn)["Tags"])


def tag_map(tags: Any) -> dict[str, str]:
    """Tags as AWS lists them, as a mapping."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags or ()}


def _organization_keys(whose: str, account: str | None, organization: Organization) -> dict[str, ContextValue]:
    path = organization.path(account) if account is not None else None
    if path is None:
        return {}
    return {f"aws:{whose}orgid": organization.id, f"aws:{whose}orgpaths": (path,)}


def _source_keys(
    caller: Caller, keys: Mapping[str, ContextValue], organization: Organization
) -> dict[str, ContextValue]:
    account = keys.get("aws:sourceaccount")
    if caller.kind != SERVICE or not isinstance(account, str):
        return {}
    return _organization_keys("source", account, organization)


def is_computed(key: str, need: Need) -> bool:
    """
    Whether the sandbox knows, of a request for an action, if a condition key is there and with which value.

    Args:
        key: as in a policy.
        need: the action, and which keys of its service were looked for.
    """
    name = key.lower()
    if any(name == one or (one.endswith(("/", ":")) and name.startswith(one)) for one in need.unknown):
        return False
    if (
        name in need.keys
        or name in need.possible
        or any(name == one or (one.endswith(("/", ":")) and name.startswith(one)) for one in need.computed)
    ):
        return True
    prefix = name.partition(":")[0]
    if name == _OF_EC2:
        return is_computed(_REGION, need)
    if name in _OF_OWNER:
        return need.owner is not None
    if name.startswith((*_OF_REQUEST, *_OF_RESOURCE)):
        return False
    if name.startswith(_OF_IAM_RESOURCE) and need.action.lower().startswith(("iam:", "sts:")):
        return False
    if prefix in _GLOBAL or "." in prefix:
        # What AWS has announced since the catalogue was written is not in it.
        return lookup(name).known
    if prefix != need.action.partition(":")[0].lower():
        # Keys of another service: some of them stay in sessions, and the catalogue knows which; the sandbox makes none.
        return True
    return lookup(name).known and prefix != "sts"


def anonymous() -> Caller:
    """Whoever calls without a signature."""
    return Caller(ANONYMOUS)
