"""
Identity policies, a boundary and a resource policy together.
"""

from __future__ import annotations

import pytest

from tests.spec.examples import ALICE, OIDC_PROVIDER, SAML_PROVIDER, WORKER, request
from trustproof.model.policy import ALLOW, DENY, Policy, Principal, Statement
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY,
    WEB_IDENTITY,
    Request,
)
from trustproof.spec.access import may

ALL = Policy((Statement(ALLOW, actions=("*",), resources=("*",)),))
NOTHING = Policy(())
DENY_ALL = Policy((Statement(DENY, actions=("*",), resources=("*",)),))


def resource(kind: str, value: str) -> Policy:
    """A resource policy that allows everything to one principal."""
    return Policy((Statement(ALLOW, principals=(Principal(kind, value),), actions=("*",)),))


ACCOUNT = resource("AWS", "arn:aws:iam::222222222222:root")
OF_A_KEY = Policy(tuple(one._replace(resources=("*",)) for one in ACCOUNT.statements))
DENIED = Policy((Statement(DENY, principals=(Principal("*", "*"),), actions=("*",)),))
STAR = resource("AWS", "*")

S3 = request(USER_KEY, "s3:GetObject")
ASSUME = request(USER_KEY)
ROLE_S3 = request(ROLE_SESSION, "s3:GetObject")
ROLE_ASSUME = request(ROLE_SESSION)
KMS = request(USER_KEY, "kms:Decrypt")

CASES: list[tuple[str, list[Policy], Policy | None, Policy | None, Request, bool, bool]] = [
    # name, identity, boundary, resource, request, same account, expected
    ("identity alone", [ALL], None, None, S3, True, True),
    ("nothing", [], None, None, S3, True, False),
    ("identity outside the boundary", [ALL], NOTHING, None, S3, True, False),
    ("identity inside the boundary", [NOTHING, ALL], ALL, None, S3, True, True),
    ("boundary grants nothing", [], ALL, None, S3, True, False),
    ("deny in an identity policy", [ALL, DENY_ALL], None, STAR, S3, True, False),
    ("deny in the boundary", [ALL], DENY_ALL, STAR, S3, True, False),
    ("deny in the resource policy", [ALL], None, DENIED, S3, True, False),
    ("resource policy names the user", [], NOTHING, resource("AWS", ALICE), S3, True, True),
    ("resource policy names everybody", [], NOTHING, STAR, S3, True, True),
    ("resource policy names the account only", [], None, ACCOUNT, S3, True, False),
    ("resource policy names the account, identity allows", [ALL], None, ACCOUNT, S3, True, True),
    ("resource policy names the account, boundary limits", [ALL], NOTHING, ACCOUNT, S3, True, False),
    ("resource policy names the role", [], None, resource("AWS", WORKER), ROLE_S3, True, True),
    ("resource policy names the role, boundary limits", [], NOTHING, resource("AWS", WORKER), ROLE_S3, True, False),
    ("boundary admits the named role", [], ALL, resource("AWS", WORKER), ROLE_S3, True, True),
    (
        "resource policy names the session",
        [],
        NOTHING,
        resource("AWS", "arn:aws:sts::222222222222:assumed-role/Worker/build-7"),
        ROLE_S3,
        True,
        True,
    ),
    ("resource policy is silent, identity allows", [ALL], None, NOTHING, S3, True, True),
    ("other account: both needed", [ALL], None, resource("AWS", ALICE), S3, False, True),
    ("other account: resource alone", [], None, resource("AWS", ALICE), S3, False, False),
    ("other account: identity alone", [ALL], None, NOTHING, S3, False, False),
    ("other account: no resource policy", [ALL], None, None, S3, False, False),
    ("other account: boundary limits", [ALL], NOTHING, resource("AWS", ALICE), S3, False, False),
    ("other account: star needs identity", [], None, STAR, S3, False, False),
    # A trust policy must allow explicitly, in the same account too.
    ("trust: identity alone", [ALL], None, NOTHING, ASSUME, True, False),
    ("trust: no trust policy", [ALL], None, None, ASSUME, True, False),
    ("trust: the account, identity allows", [ALL], None, ACCOUNT, ASSUME, True, True),
    ("trust: the account, identity silent", [], None, ACCOUNT, ASSUME, True, False),
    ("trust: the user", [], None, resource("AWS", ALICE), ASSUME, True, True),
    ("trust: a role of another account", [ALL], None, resource("AWS", WORKER), ROLE_ASSUME, False, True),
    # So must a key policy, where there is one.
    ("kms: silent key policy", [ALL], None, NOTHING, KMS, True, False),
    ("kms: the account", [ALL], None, OF_A_KEY, KMS, True, True),
    ("kms: the account, of no resource", [ALL], None, ACCOUNT, KMS, True, False),
    ("kms: no key policy given", [ALL], None, None, KMS, True, True),
    # Callers without identity policies.
    ("service", [], None, resource("Service", "scheduler.amazonaws.com"), request(SERVICE), False, True),
    ("other service", [ALL], None, resource("Service", "lambda.amazonaws.com"), request(SERVICE), True, False),
    ("SAML", [], None, resource("Federated", SAML_PROVIDER), request(SAML), True, True),
    ("web identity", [], None, resource("Federated", OIDC_PROVIDER), request(WEB_IDENTITY), True, True),
    ("anonymous", [ALL], None, ACCOUNT, request(ANONYMOUS), True, False),
    ("anonymous, everybody", [], None, STAR, request(ANONYMOUS), True, True),
    # The root user needs no identity policy and has no boundary.
    ("root", [], NOTHING, None, request(ROOT), True, True),
    ("root, denied by the resource", [], None, DENIED, request(ROOT), True, False),
    ("root of another account", [], None, ACCOUNT, request(ROOT), False, True),
    ("root of another account, not named", [], None, NOTHING, request(ROOT), False, False),
    ("Identity Center, the account", [ALL], None, ACCOUNT, request(IDENTITY_CENTER), False, True),
]


@pytest.mark.parametrize(
    ("name", "identity", "boundary", "trust", "asked", "same_account", "expected"), CASES, ids=[row[0] for row in CASES]
)
def test_access(
    name: str,
    identity: list[Policy],
    boundary: Policy | None,
    trust: Policy | None,
    asked: Request,
    same_account: bool,
    expected: bool,
) -> None:
    """The layers combine as the manual's tables say."""
    assert may(identity, boundary, trust, asked, same_account=same_account) is expected


def test_not_principal_lets_in_everybody_else() -> None:
    """An Allow with NotPrincipal needs no identity policy in the same account (assumed)."""
    statement = Statement(ALLOW, not_principals=(Principal("AWS", "333333333333"),), actions=("*",))
    assert may([], None, Policy((statement,)), S3, same_account=True)


ROLE_NAMED = resource("AWS", WORKER)
SESSION_NAMED = resource("AWS", "arn:aws:sts::222222222222:assumed-role/Worker/build-7")
FEDERATED_S3 = request(FEDERATED_USER, "s3:GetObject")
FEDERATED_NAMED = resource("AWS", FEDERATED_S3.caller.arn)

SESSIONS: list[tuple[str, list[Policy], list[Policy] | None, Policy | None, Request, bool, bool]] = [
    # name, identity, session policies, resource, request, same account, expected
    ("none passed", [ALL], None, None, ROLE_S3, True, True),
    ("the session policy allows", [ALL], [ALL], None, ROLE_S3, True, True),
    ("one of two allows", [ALL], [NOTHING, ALL], None, ROLE_S3, True, True),
    ("the session policy is silent", [ALL], [NOTHING], None, ROLE_S3, True, False),
    ("the session policy grants nothing", [], [ALL], None, ROLE_S3, True, False),
    ("the session policy denies", [ALL], [ALL, DENY_ALL], STAR, ROLE_S3, True, False),
    ("the resource names the role", [], [NOTHING], ROLE_NAMED, ROLE_S3, True, False),
    ("the resource names the session", [], [NOTHING], SESSION_NAMED, ROLE_S3, True, True),
    ("the resource names everybody", [], [NOTHING], STAR, ROLE_S3, True, True),
    ("another account", [ALL], [NOTHING], SESSION_NAMED, ROLE_S3, False, False),
    ("a federated user without a policy", [ALL], [], None, FEDERATED_S3, True, False),
    ("a federated user with a policy", [ALL], [ALL], None, FEDERATED_S3, True, True),
    ("a federated user who is named", [], [], FEDERATED_NAMED, FEDERATED_S3, True, True),
]


@pytest.mark.parametrize(
    ("name", "identity", "session", "trust", "asked", "same_account", "expected"),
    SESSIONS,
    ids=[row[0] for row in SESSIONS],
)
def test_session_policies(
    name: str,
    identity: list[Policy],
    session: list[Policy] | None,
    trust: Policy | None,
    asked: Request,
    same_account: bool,
    expected: bool,
) -> None:
    """Session policies limit what the role grants, and not what a resource grants to the session by name."""
    assert may(identity, None, trust, asked, same_account=same_account, session=session) is expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((), True),
        (([ALL], [ALL]), True),
        (([ALL], [NOTHING]), False),
        (([NOTHING, ALL], [ALL]), True),
        (([ALL], [ALL, DENY_ALL]), False),
        (([],), False),
    ],
)
@pytest.mark.parametrize("layer", ["service_control", "resource_control"])
def test_control_policies(layer: str, levels: tuple[list[Policy], ...], expected: bool) -> None:
    """Every level has to allow and none to deny, for root users too."""
    more = {layer: levels}
    assert may([ALL], None, None, S3, same_account=True, **more) is expected  # type: ignore[arg-type]
    assert may([], None, None, request(ROOT), same_account=True, **more) is expected  # type: ignore[arg-type]
