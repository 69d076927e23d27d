"""
Does a ``Principal`` or ``NotPrincipal`` element cover a caller?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.policy import Principal
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    SAML,
    SERVICE,
    USERS,
    WEB_IDENTITY,
    Caller,
)

#: A list covers a caller when one entry does; the reading of every ``Principal`` element.
LARGEST = "largest"
#: A list covers a caller when it names every form of the caller: the account, the role *and* the session.
SMALLEST = "smallest"

# What an entry has in common with a caller that it covers: `match`.
EVERYBODY = "everybody"
ACCOUNT = "account"
ROLE = "role"
#: The user, the session, the federated user, the service or the identity provider itself.
ITSELF = "itself"

_SESSIONS = (ROLE_SESSION, IDENTITY_CENTER)


def covers(principals: Sequence[Principal], caller: Caller, *, reading: str = LARGEST) -> bool:
    """
    Whether a list of principals covers a caller.

    For ``NotPrincipal`` two readings exist. The manual warns that a service may validate "the account first, then the
    role, and then the assumed-role user", so that whoever is to be left out must be listed in all these forms
    (`SMALLEST`); it does not say which services do, and others may not (`LARGEST`).
    """
    found = {match(principal, caller) for principal in principals} - {None}
    if reading == LARGEST or EVERYBODY in found:
        return bool(found)
    if reading != SMALLEST:
        raise ValueError(f"unknown reading {reading!r}, expected 'largest' or 'smallest'")
    return bool(found) and found >= set(_forms(caller))


def match(principal: Principal, caller: Caller) -> str | None:
    """
    How an entry covers a caller: `EVERYBODY`, `ACCOUNT`, `ROLE` or `ITSELF`; None when it does not.

    Raises:
        ValueError: when the entry is not known before deployment.
    """
    kind, value = principal
    if not isinstance(value, str):
        raise ValueError(f"the principal {str(value)!r} is not known before deployment")
    if kind == "*":
        # Everyone: anonymous callers, and also AWS services and federated callers (both assumed). AWS's own resource
        # control policies keep services and web identities out by a Deny of "*":
        # https://github.com/aws-samples/data-perimeter-policy-examples
        return EVERYBODY
    if kind == "Service":
        return ITSELF if caller.kind == SERVICE and value == caller.arn else None
    if kind == "Federated":
        return ITSELF if caller.kind in (SAML, WEB_IDENTITY) and value == caller.arn else None
    if kind == "AWS":
        return _match_aws(value, caller)
    # A canonical user id names an account that nothing else in a request tells us: it covers no caller we can name.
    return None


def _match_aws(value: str, caller: Caller) -> str | None:
    if value == "*":
        # Any signed principal of any account; an anonymous caller where the service admits them. Services and federated
        # callers are not "AWS" principals (assumed).
        return EVERYBODY if caller.account is not None or caller.kind == ANONYMOUS else None
    if caller.account is None:
        return None
    if value == caller.account:
        # A bare account id has no partition; account ids are unique across partitions (assumed).
        return ACCOUNT
    if value == f"arn:{caller.arn.split(':')[1]}:iam::{caller.account}:root":
        return ACCOUNT
    if caller.kind in _SESSIONS:
        if value == caller.arn or caller.userid.startswith(f"{value}:"):
            return ROLE
        return ITSELF if value == caller.display_arn else None
    if caller.kind in (*USERS, FEDERATED_USER):
        # Names are compared with regard to case. A user's ARN does not cover federated sessions that the user created:
        # a request does not name their creator (assumed).
        by_id = caller.kind in USERS and value == caller.userid
        return ITSELF if value == caller.arn or by_id else None
    # The root user is covered by its account only.
    return None


def _forms(caller: Caller) -> tuple[str, ...]:
    """All that a list has to name, under the smallest reading."""
    if caller.account is None:
        return (ITSELF,)
    if caller.kind in _SESSIONS:
        return (ACCOUNT, ROLE, ITSELF)
    return (ACCOUNT, ITSELF) if caller.kind in (*USERS, FEDERATED_USER) else (ACCOUNT,)
