"""
Who a ``Principal`` or ``NotPrincipal`` element covers.
"""

from __future__ import annotations

import pytest

from tests.spec.examples import ALICE, CALLERS, IDENTITY_CENTER_ROLE, OIDC_PROVIDER, SAML_PROVIDER, WORKER
from trustproof.model.policy import Principal
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    USERS,
    WEB_IDENTITY,
    Caller,
)
from trustproof.model.text import Symbol, Symbolic
from trustproof.spec.principals import covers, match

OF_ACCOUNT = {*USERS, ROLE_SESSION, IDENTITY_CENTER, FEDERATED_USER, ROOT}

COVERED: list[tuple[Principal, set[str]]] = [
    (Principal("*", "*"), OF_ACCOUNT | {SERVICE, SAML, WEB_IDENTITY, ANONYMOUS}),
    (Principal("AWS", "*"), OF_ACCOUNT | {ANONYMOUS}),
    (Principal("AWS", "222222222222"), OF_ACCOUNT),
    (Principal("AWS", "arn:aws:iam::222222222222:root"), OF_ACCOUNT),
    (Principal("AWS", "arn:aws-cn:iam::222222222222:root"), set()),
    (Principal("AWS", "arn:aws:iam::333333333333:root"), set()),
    (Principal("AWS", "333333333333"), set()),
    (Principal("AWS", ALICE), set(USERS)),
    (Principal("AWS", ALICE.replace("alice", "Alice")), set()),
    (Principal("AWS", "arn:aws:iam::222222222222:user/alice"), set()),
    (Principal("AWS", WORKER), {ROLE_SESSION}),
    (Principal("AWS", "arn:aws:iam::222222222222:role/Worker"), set()),
    (Principal("AWS", IDENTITY_CENTER_ROLE), {IDENTITY_CENTER}),
    # The path of the role is not in the ARN of its sessions.
    (Principal("AWS", "arn:aws:sts::222222222222:assumed-role/Worker/build-7"), {ROLE_SESSION}),
    (Principal("AWS", "arn:aws:sts::222222222222:assumed-role/Worker/build-8"), set()),
    (Principal("AWS", "arn:aws:sts::222222222222:assumed-role/ci/Worker/build-7"), set()),
    (Principal("AWS", "arn:aws:sts::222222222222:federated-user/bo"), {FEDERATED_USER}),
    (Principal("AWS", "AIDAEXAMPLEALICE"), set(USERS)),
    (Principal("AWS", "AROAEXAMPLEWORKER"), {ROLE_SESSION}),
    (Principal("AWS", "AROAEXAMPLE"), set()),
    # No partial wildcards, and nothing that belongs in another entry.
    (Principal("AWS", "arn:aws:iam::222222222222:user/*"), set()),
    (Principal("AWS", "arn:aws:iam::*:root"), set()),
    (Principal("AWS", "scheduler.amazonaws.com"), set()),
    (Principal("AWS", SAML_PROVIDER), set()),
    (Principal("Service", "scheduler.amazonaws.com"), {SERVICE}),
    (Principal("Service", "lambda.amazonaws.com"), set()),
    (Principal("Service", "*"), set()),
    (Principal("Service", ALICE), set()),
    (Principal("Federated", SAML_PROVIDER), {SAML}),
    (Principal("Federated", OIDC_PROVIDER), {WEB_IDENTITY}),
    (Principal("Federated", "accounts.google.com"), set()),
    (Principal("Federated", "*"), set()),
    (Principal("CanonicalUser", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"), set()),
]


@pytest.mark.parametrize(("principal", "kinds"), COVERED)
def test_entry(principal: Principal, kinds: set[str]) -> None:
    """An entry covers these callers and no others."""
    assert {kind for kind, caller in CALLERS.items() if covers([principal], caller)} == kinds


def test_built_in_provider() -> None:
    """The shared providers are named by their host."""
    google = Caller(WEB_IDENTITY, "accounts.google.com")
    assert covers([Principal("Federated", "accounts.google.com")], google)


def test_entries_are_alternatives() -> None:
    """A list covers whom any entry covers, and an empty list covers nobody."""
    assert covers([Principal("AWS", "333333333333"), Principal("AWS", ALICE)], CALLERS[USER_KEY])
    assert not covers([], CALLERS[USER_KEY])
    assert not covers([], CALLERS[USER_KEY], reading="smallest")


ACCOUNT = Principal("AWS", "arn:aws:iam::222222222222:root")
WORKER_ROLE = Principal("AWS", WORKER)
WORKER_SESSION = Principal("AWS", "arn:aws:sts::222222222222:assumed-role/Worker/build-7")
USER = Principal("AWS", ALICE)

SMALLEST: list[tuple[str, list[Principal], bool]] = [
    (USER_KEY, [USER], False),
    (USER_KEY, [ACCOUNT], False),
    (USER_KEY, [ACCOUNT, USER], True),
    (ROLE_SESSION, [WORKER_ROLE], False),
    (ROLE_SESSION, [ACCOUNT, WORKER_ROLE], False),
    (ROLE_SESSION, [ACCOUNT, WORKER_ROLE, WORKER_SESSION], True),
    (ROLE_SESSION, [Principal("AWS", "*")], True),
    (ROOT, [ACCOUNT], True),
    (SERVICE, [Principal("Service", "scheduler.amazonaws.com")], True),
    (SAML, [Principal("Federated", SAML_PROVIDER)], True),
    (FEDERATED_USER, [ACCOUNT], False),
    (ANONYMOUS, [Principal("*", "*")], True),
    (ANONYMOUS, [ACCOUNT], False),
]


@pytest.mark.parametrize(("kind", "principals", "expected"), SMALLEST)
def test_smallest_reading(kind: str, principals: list[Principal], expected: bool) -> None:
    """The smallest reading wants every form of the caller, and never covers more than the largest."""
    assert covers(principals, CALLERS[kind], reading="smallest") is expected
    assert covers(principals, CALLERS[kind]) or not expected


def test_unknown_reading_is_refused() -> None:
    """A misspelt reading is an error."""
    with pytest.raises(ValueError, match="'largest' or 'smallest'"):
        covers([USER], CALLERS[USER_KEY], reading="small")


def test_unknown_principal_is_refused() -> None:
    """A principal that is not known before deployment has no meaning here."""
    with pytest.raises(ValueError, match=r"<Hub>.*not known before deployment"):
        match(Principal("AWS", Symbolic((Symbol("Hub", "parameter"),))), CALLERS[USER_KEY])
