"""
When a statement applies.
"""

from __future__ import annotations

import pytest

from tests.spec.examples import ALICE, ROLE, WORKER, request
from trustproof.model.policy import ALLOW, DENY, Condition, Guard, Principal, Statement
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USER_KEY
from trustproof.model.text import Symbol, Symbolic
from trustproof.spec.statements import PERMISSIVE, RESTRICTIVE, applies

UNKNOWN = Symbolic((Symbol("Name", "parameter"),))


@pytest.mark.parametrize(
    ("actions", "not_actions", "expected"),
    [
        (("sts:AssumeRole",), None, True),
        (("STS:assumerole",), None, True),
        (("sts:Assume*",), None, True),
        (("sts:AssumeRol?",), None, True),
        (("sts:AssumeRole?",), None, False),
        (("*",), None, True),
        (("s3:*", "sts:*"), None, True),
        (("sts:TagSession",), None, False),
        ((), None, False),
        (("${aws:username}",), None, False),
        (None, ("sts:AssumeRole",), False),
        (None, ("sts:TAGSESSION",), True),
        (None, ("iam:*",), True),
        (None, ("*",), False),
        (None, (), True),
        (None, None, False),
    ],
)
def test_actions(actions: tuple[str, ...] | None, not_actions: tuple[str, ...] | None, expected: bool) -> None:
    """Actions have wildcards, no case and no variables; NotAction is the complement."""
    statement = Statement(ALLOW, actions=actions, not_actions=not_actions)
    assert applies(statement, request(), variables=True).action is expected


@pytest.mark.parametrize(
    ("resources", "not_resources", "variables", "expected"),
    [
        (None, None, True, True),
        (("*",), None, True, True),
        ((ROLE,), None, True, True),
        ((ROLE.lower(),), None, True, False),
        (("arn:aws:iam::*:role/Deploy*",), None, True, True),
        # A wildcard in Resource may reach across colons.
        (("arn:*Deployer",), None, True, True),
        (("arn:aws:iam::222222222222:role/*", ROLE), None, True, True),
        ((), None, True, False),
        (("arn:aws:iam::111111111111:role/${sts:ExternalId}",), None, True, True),
        (("arn:aws:iam::111111111111:role/${sts:ExternalId}",), None, False, False),
        (("arn:aws:iam::111111111111:role/${aws:SourceVpc}",), None, True, False),
        (("arn:aws:iam::111111111111:role/${aws:SourceVpc, 'Deployer'}",), None, True, True),
        (None, (ROLE,), True, False),
        (None, ("arn:aws:iam::111111111111:role/Other",), True, True),
        # What names no resource excludes none.
        (None, ("arn:aws:iam::111111111111:role/${aws:SourceVpc}",), True, True),
    ],
)
def test_resources(
    resources: tuple[str, ...] | None, not_resources: tuple[str, ...] | None, variables: bool, expected: bool
) -> None:
    """Resources have wildcards and variables, and case; a trust policy has none and means its role."""
    statement = Statement(ALLOW, actions=("*",), resources=resources, not_resources=not_resources)
    asked = request(sts__ExternalId="Deployer")
    assert applies(statement, asked, variables=variables).resource is expected


ACCOUNT = Principal("AWS", "222222222222")
ROLE_ENTRY = Principal("AWS", WORKER)


@pytest.mark.parametrize(
    ("effect", "entries", "kind", "permissive", "restrictive"),
    [
        # A Deny spares the role that it lists; restrictively the account and the session must be listed too.
        (DENY, (ROLE_ENTRY,), ROLE_SESSION, False, True),
        (DENY, (ROLE_ENTRY,), USER_KEY, True, True),
        (DENY, (ACCOUNT,), USER_KEY, False, True),
        (DENY, (ACCOUNT, Principal("AWS", ALICE)), USER_KEY, False, False),
        # An Allow leaves out whom it lists: permissively only when every form is listed.
        (ALLOW, (ACCOUNT,), USER_KEY, True, False),
        (ALLOW, (ACCOUNT, Principal("AWS", ALICE)), USER_KEY, False, False),
        (ALLOW, (ROLE_ENTRY,), IDENTITY_CENTER, True, True),
    ],
)
def test_not_principal(
    effect: str, entries: tuple[Principal, ...], kind: str, permissive: bool, restrictive: bool
) -> None:
    """The permissive reading lets more callers in than the restrictive one."""
    statement = Statement(effect, not_principals=entries, actions=("*",))
    found = [
        applies(statement, request(kind), variables=True, not_principal=reading).applies
        for reading in (PERMISSIVE, RESTRICTIVE)
    ]
    assert found == [permissive, restrictive]
    with pytest.raises(ValueError, match="'permissive' or 'restrictive'"):
        applies(statement, request(kind), variables=True, not_principal="strict")


def test_conditions_are_a_conjunction() -> None:
    """Every condition must hold, two on one key included."""
    like = Condition("StringLike", "sts:RoleSessionName", ("deploy-*",))
    unlike = Condition("StringNotEquals", "sts:RoleSessionName", ("deploy-1",))
    statement = Statement(ALLOW, actions=("*",), conditions=(like, unlike))
    found = applies(statement, request(), variables=True)
    assert [one.matched for one in found.conditions] == [True, False]
    assert not found.applies
    assert applies(statement, request(sts__RoleSessionName="deploy-2"), variables=True).applies


def test_explanation_shows_every_element() -> None:
    """What fails is told apart from what matches."""
    statement = Statement(ALLOW, principals=(ROLE_ENTRY,), actions=("sts:AssumeRole",), resources=("*",))
    found = applies(statement, request(USER_KEY), variables=True)
    assert (found.principal, found.action, found.resource, found.applies) == (False, True, True, False)
    assert found.statement is statement


@pytest.mark.parametrize(
    "statement",
    [
        Statement(ALLOW, actions=("*",), unreadable=("Fn::Transform",)),
        Statement(ALLOW, actions=("*",), guards=(Guard("IsProd", True),)),
        Statement(ALLOW, actions=(UNKNOWN,)),
        Statement(ALLOW, actions=("*",), resources=(UNKNOWN,)),
        Statement(ALLOW, actions=("*",), principals=(Principal("AWS", UNKNOWN),)),
        Statement(ALLOW, actions=("*",), not_principals=(Principal("AWS", UNKNOWN),)),
        Statement(ALLOW, actions=("*",), conditions=(Condition("StringEquals", "aws:username", (UNKNOWN,)),)),
        Statement(ALLOW, actions=("*",), conditions=(Condition("StringEqual", "aws:username", ("x",)),)),
    ],
)
def test_only_concrete_statements_have_a_meaning(statement: Statement) -> None:
    """Unknown text, unreadable parts, guards and unknown operators are refused."""
    with pytest.raises(ValueError, match=r"not known|depends on|unknown"):
        applies(statement, request(), variables=True)
