"""
Random statements and trust policies: every form of principal, action lists, one to four statements.
"""

from __future__ import annotations

from random import Random

from tests.generate.conditions import WILD, Flavour, any_condition, any_key, once_in, pick
from tests.generate.words import (
    ACCOUNTS,
    IDENTITY_CENTER_ROLES,
    OTHER,
    OWN,
    ROLE_IDS,
    ROLES,
    SAML_PROVIDERS,
    SERVICES,
    SESSIONS,
    TIED,
    USER_IDS,
    USERS,
    WEB_PROVIDERS,
)
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Principal, Statement
from trustproof.model.request import SAML, WEB_IDENTITY

_SESSION_ARNS = tuple(
    f"arn:aws:sts::{role.split(':')[4]}:assumed-role/{role.rpartition('/')[2]}/{session}"
    for role in ROLES
    for session in SESSIONS
)
_FEDERATED_USERS = (f"arn:aws:sts::{OWN}:federated-user/bo", f"arn:aws:sts::{OTHER}:federated-user/bo")
_AWS = (
    OWN,
    "*",
    f"arn:aws:iam::{OTHER}:root",
    *USERS,
    *ROLES,
    *ACCOUNTS,
    IDENTITY_CENTER_ROLES[0],
    _SESSION_ARNS[0],
    *_SESSION_ARNS,
    _FEDERATED_USERS[0],
    *USER_IDS,
    *ROLE_IDS,
)
#: Principals that IAM would refuse, or that name nobody.
_ODD = (
    f"arn:aws-cn:iam::{OWN}:root",
    f"arn:aws:iam:us-east-1:{OWN}:root",
    f"arn:aws:iam::{OWN}:user/*",
    f"arn:aws:iam::{OWN}:role/app/x",
    f"arn:aws:sts::{OWN}:assumed-role/app",
    f"arn:aws:iam::{OWN}:user/ALICE",
    "arn:aws:iam::*:root",
    "AIDA",
    "AROA",
    "111122223334",
    "",
)
ACTIONS = (
    "sts:AssumeRole",
    "sts:TagSession",
    "sts:SetSourceIdentity",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
)
_ACTION_PATTERNS = ("sts:AssumeRole*", "sts:*", "STS:assumerole", "*", "sts:AssumeRol?", "sts:Tag*", "iam:*", "?")


def any_principal(rng: Random, flavour: Flavour = WILD) -> Principal:
    """One entry of a ``Principal`` element."""
    way = rng.randrange(12)
    if way < 7:
        return Principal("AWS", pick(rng, _AWS))
    if way == 7:
        return Principal("Service", pick(rng, SERVICES))
    if way == 8:
        return Principal("Federated", pick(rng, (*SAML_PROVIDERS, *WEB_PROVIDERS)))
    if way == 9:
        return Principal("*", "*")
    if way == 10 and not flavour.exact:
        return Principal(pick(rng, ("AWS", "Service", "Federated", "CanonicalUser")), pick(rng, _ODD))
    return Principal("AWS", "*")


def any_principals(rng: Random, flavour: Flavour = WILD) -> tuple[Principal, ...]:
    """A ``Principal`` element with one to three entries."""
    return tuple(any_principal(rng, flavour) for _ in range(pick(rng, (1, 1, 1, 2, 3))))


def any_actions(rng: Random, kinds: tuple[str, ...] = ()) -> tuple[str, ...]:
    """An ``Action`` element."""
    plain = pick(rng, ("sts:AssumeRole",) * 6 + ACTIONS)
    if WEB_IDENTITY in kinds:
        plain = pick(rng, ("sts:AssumeRoleWithWebIdentity", plain))
    elif SAML in kinds:
        plain = pick(rng, ("sts:AssumeRoleWithSAML", plain))
    out = [plain]
    if once_in(rng, 3):
        out.append(pick(rng, (*ACTIONS[1:3], *_ACTION_PATTERNS)))
    return tuple(out)


def _conditions(rng: Random, flavour: Flavour, keys: tuple[str, ...]) -> tuple[Condition, ...]:
    """Conditions that share keys with those of other statements, so that statements have something to do together."""
    return tuple(
        any_condition(rng, flavour, pick(rng, keys) if rng.randrange(3) else None)
        for _ in range(pick(rng, (1, 1, 0, 2, 2, 3)))
    )


def any_statement(
    rng: Random,
    flavour: Flavour = WILD,
    effect: str | None = None,
    keys: tuple[str, ...] = ("aws:MultiFactorAuthPresent",),
) -> Statement:
    """One statement of a trust policy."""
    chosen = effect if effect is not None else pick(rng, (ALLOW, DENY))
    principals: tuple[Principal, ...] | None = any_principals(rng, flavour)
    if chosen == DENY and rng.randrange(2):
        principals = (Principal("*", "*"),)
    federated = next((p.value for p in principals or () if p.kind == "Federated"), None)
    kinds = () if federated is None else ((SAML,) if "saml" in str(federated) else (WEB_IDENTITY,))
    actions: tuple[str, ...] | None = any_actions(rng, kinds)
    not_actions: tuple[str, ...] | None = None
    if chosen == DENY and rng.randrange(2):
        actions = ("sts:*",)
    if once_in(rng, 8):
        not_actions = pick(rng, (("sts:TagSession",), ("iam:*",), ("sts:AssumeRole",), actions))
        actions = None
    spared = None
    if not flavour.exact and once_in(rng, 8 if chosen == DENY else 20):
        principals, spared = None, principals
    return Statement(
        chosen,
        principals=principals,
        not_principals=spared,
        actions=actions,
        not_actions=not_actions,
        conditions=_conditions(rng, flavour, keys),
    )


def any_policy(rng: Random, flavour: Flavour = WILD) -> Policy:
    """A trust policy; its first statement is an Allow."""
    keys = (*(any_key(rng, flavour) for _ in range(pick(rng, (2, 1, 3)))), "aws:MultiFactorAuthPresent")
    if once_in(rng, 4):
        keys = (*pick(rng, TIED), "aws:MultiFactorAuthPresent")
    statements = [any_statement(rng, flavour, ALLOW, keys)]
    statements += [
        any_statement(rng, flavour, None if rng.randrange(3) else DENY, keys) for _ in range(pick(rng, (1, 0, 2, 3)))
    ]
    version = None if not flavour.exact and once_in(rng, 12) else "2012-10-17"
    return Policy(tuple(s._replace(sid=f"S{index}") for index, s in enumerate(statements)), version)
