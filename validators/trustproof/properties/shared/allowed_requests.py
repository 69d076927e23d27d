"""
What an invariant of a project says of one request, for the evaluator.

The same is said to the engine, as regions, in `properties.invariant`; neither is made from the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network

from trustproof.aws.condition_keys import MFA_AGE, MFA_PRESENT
from trustproof.config.invariants import Invariant, Issuer
from trustproof.model.document import RESOURCE
from trustproof.model.policy import ALLOW, Policy
from trustproof.model.request import (
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USERS,
    WEB_IDENTITY,
    Request,
)
from trustproof.properties.question import Subject
from trustproof.properties.shared.external_ids import literal_external_ids
from trustproof.sets.patterns import matches
from trustproof.spec.matching import matches_wildcards, pattern

#: What a question is about: who calls, a token's subject, MFA and its age, an external id, where a call comes from.
WHO, SUBJECT, MFA, AGE, ID, NETWORK = "who", "subject", "mfa", "age", "external-id", "network"
_FIELDS = 6
#: A session as a principal: its role without a path, and its name. There are no wildcards in it.
_SESSION = re.compile(r"arn:([^:]+):sts::(\d{12}):assumed-role/([\w+=,.@-]+)/([\w+=,.@-]{2,64})", re.ASCII)
#: The ARN of one role, as its account, and its name without the path.
_ONE_ROLE = re.compile(r"arn:([^:*?]+):iam::(\d{12}):role/(?:[^:*?]+/)?([\w+=,.@-]+)", re.ASCII)


def violates(asked: Invariant, subject: Subject, about: str, request: Request) -> bool:
    """
    Whether an invariant forbids to let a request in.

    Args:
        subject: the policy that lets it in.
        about: which part of the invariant.
    """
    match about:
        case one if one == WHO:
            return not _is_named(asked, subject, request)
        case one if one == SUBJECT:
            return any(_has_other_subject(issuer, request) for issuer in asked.issuers)
        case one if one == MFA:
            return _lacks_mfa(asked, subject, request)
        case one if one == AGE:
            age = request.context.get(MFA_AGE)
            return asked.max_mfa_age is not None and isinstance(age, str) and int(age) > asked.max_mfa_age
        case one if one == ID:
            sent = request.context.get("sts:externalid")
            return not isinstance(sent, str) or not any(matches(one, sent) for one in literal_external_ids(subject))
        case _:
            return request.caller.kind != SERVICE and not _comes_from(asked, request)


def _is_named(asked: Invariant, subject: Subject, request: Request) -> bool:
    caller = request.caller
    if caller.kind == SERVICE:
        named = any(matches_wildcards(caller.arn, pattern(one)) for one in asked.services)
        return named or _calls_for_the_named(asked, subject, request)
    if caller.kind in (SAML, WEB_IDENTITY):
        return any(_issues(issuer, request) for issuer in asked.issuers)
    if caller.account is None:
        return False
    if caller.account in _accounts(asked, subject) or request.context.get("aws:principalorgid") in asked.organizations:
        return True
    arns = named_roles(asked, subject) if caller.kind in (ROLE_SESSION, IDENTITY_CENTER) else ()
    arns = asked.users if caller.kind in USERS else arns
    return any(_is_arn_of(caller.arn, one) for one in arns) or _is_named_session(asked, subject, request)


def _accounts(asked: Invariant, subject: Subject) -> tuple[str, ...]:
    return (*asked.accounts, *((subject.account,) if asked.own_account else ()))


def _calls_for_the_named(asked: Invariant, subject: Subject, request: Request) -> bool:
    """
    Whether a service that only a wildcard of a resource policy lets in sends an account that an invariant names.

    No service is known to send its own ``aws:PrincipalAccount``: one that sends an account calls for that.
    """
    named = services_named(subject.policy)
    if subject.document.kind != RESOURCE or named is None or request.caller.arn in named:
        return False
    return request.context.get("aws:principalaccount") in _accounts(asked, subject)


def services_named(policy: Policy) -> tuple[str, ...] | None:
    """The services that the Allow statements of a policy name; None where not all of them are known."""
    entries = [
        one.value for s in policy.statements if s.effect == ALLOW for one in s.principals or () if one.kind == "Service"
    ]
    known = tuple(str(one) for one in entries if isinstance(one, str) and "*" not in one)
    return tuple(dict.fromkeys(known)) if len(known) == len(entries) else None


def named_roles(asked: Invariant, subject: Subject) -> tuple[str, ...]:
    """
    The ARNs of the roles that an invariant names; those of roles that the template makes in any path.

    The ARN of a session does not say the path of its role, and no other role of the account has its name.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    made = [arn for arn in subject.neighbours.role_arns if any(_is_arn_of(arn, one) for one in asked.roles)]
    anywhere = (f"{arn.partition('/')[0]}/*/{arn.rpartition('/')[2]}" for arn in made)
    without = (f"{arn.partition('/')[0]}/{arn.rpartition('/')[2]}" for arn in made)
    return tuple(dict.fromkeys((*asked.roles, *without, *anywhere)))


def named_sessions(asked: Invariant, subject: Subject) -> tuple[str, ...]:
    """
    The ARNs of sessions that a policy names as principals and whose role an invariant names, in whichever path it is.

    A pattern for roles, and another role of the name that the template makes, say nothing of the path.
    """
    made = [one for one in subject.neighbours.role_arns if not any(_is_arn_of(one, named) for named in asked.roles)]
    others = set(_names(made))
    roles = {one for one in _names(asked.roles) if one not in others}
    entries = dict.fromkeys(
        str(one.value) for s in subject.policy.statements if s.effect == ALLOW for one in s.principals or ()
    )
    sessions = ((one, _SESSION.fullmatch(one)) for one in entries)
    return tuple(one for one, found in sessions if found is not None and found.groups()[:3] in roles)


def _names(arns: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """The partition, account and name of each role; of a pattern nothing."""
    for one in arns:
        if found := _ONE_ROLE.fullmatch(one):
            yield found.groups()


def _is_named_session(asked: Invariant, subject: Subject, request: Request) -> bool:
    caller = request.caller
    return caller.kind in (ROLE_SESSION, IDENTITY_CENTER) and caller.display_arn in named_sessions(asked, subject)


def _is_arn_of(arn: str, written: str) -> bool:
    """Whether an ARN matches a pattern, field by field."""
    fields, patterns = arn.split(":", _FIELDS - 1), written.split(":", _FIELDS - 1)
    return len(fields) == len(patterns) and all(
        matches_wildcards(field, pattern(one)) for field, one in zip(fields, patterns, strict=True)
    )


def _issues(issuer: Issuer, request: Request) -> bool:
    provider = request.caller.arn
    if issuer.provider.startswith("arn:"):
        return _is_arn_of(provider, issuer.provider)
    if request.caller.kind == SAML:
        return False
    return matches_wildcards(provider.rpartition(":oidc-provider/")[2], pattern(issuer.provider))


def _has_other_subject(issuer: Issuer, request: Request) -> bool:
    if not issuer.subjects or request.caller.kind not in (SAML, WEB_IDENTITY) or not _issues(issuer, request):
        return False
    host = request.caller.arn.rpartition(":oidc-provider/")[2].lower()
    sent = request.context.get("saml:sub" if request.caller.kind == SAML else f"{host}:sub")
    return not isinstance(sent, str) or not any(matches_wildcards(sent, pattern(one)) for one in issuer.subjects)


def _lacks_mfa(asked: Invariant, subject: Subject, request: Request) -> bool:
    caller = request.caller
    if caller.kind in (ROLE_SESSION, IDENTITY_CENTER):
        named = any(_is_arn_of(caller.arn, one) for one in named_roles(asked, subject))
        return not named and not _is_named_session(asked, subject, request)
    return caller.kind in (*USERS, FEDERATED_USER, ROOT) and request.context.get(MFA_PRESENT) != "true"


def _comes_from(asked: Invariant, request: Request) -> bool:
    address, endpoint = request.context.get("aws:sourceip"), request.context.get("aws:sourcevpce")
    if isinstance(endpoint, str) and endpoint in asked.vpc_endpoints:
        return True
    if not isinstance(address, str):
        return False
    return any(ip_address(address) in ip_network(block) for block in asked.source_addresses)
