"""
The decision: deny before allow before nothing.
"""

from __future__ import annotations

import itertools

import pytest

from tests.spec.examples import SAML_PROVIDER, request, with_context
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Principal, Statement
from trustproof.model.request import ROLE_SESSION, SAML, USER_KEY, WEB_IDENTITY, ContextValue
from trustproof.spec.decision import actions_needed, call_of, decide, may_get_credentials

EVERYBODY = (Principal("AWS", "*"),)
ALLOWS = Statement(ALLOW, principals=EVERYBODY, actions=("sts:AssumeRole",))
DENIES = Statement(DENY, principals=EVERYBODY, actions=("sts:AssumeRole",))
OTHER = Statement(ALLOW, principals=EVERYBODY, actions=("sts:TagSession",))
OTHER_DENY = Statement(DENY, principals=EVERYBODY, actions=("sts:TagSession",))


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        ((), "implicit-deny"),
        ((OTHER,), "implicit-deny"),
        ((OTHER_DENY,), "implicit-deny"),
        ((ALLOWS,), "allowed"),
        ((DENIES,), "explicit-deny"),
        ((ALLOWS, DENIES), "explicit-deny"),
        ((ALLOWS, OTHER_DENY), "allowed"),
        ((OTHER, ALLOWS, OTHER), "allowed"),
    ],
)
def test_decision(statements: tuple[Statement, ...], outcome: str) -> None:
    """An explicit deny wins, then an allow; the order of the statements does not matter."""
    for order in itertools.permutations(statements):
        decision = decide(Policy(order), request())
        assert decision.outcome == outcome
        assert decision.allowed is (outcome == "allowed")


def test_deciding_statements() -> None:
    """A decision names the statements it rests on, and explains all of them."""
    denied = decide(Policy((ALLOWS, OTHER, DENIES)), request())
    assert [one.statement for one in denied.deciding] == [DENIES]
    assert len(denied.explanations) == 3
    assert [one.statement for one in decide(Policy((OTHER, ALLOWS)), request()).deciding] == [ALLOWS]
    assert decide(Policy((OTHER,)), request()).deciding == ()


def test_version_switches_variables_on() -> None:
    """Only version 2012-10-17 makes ``${...}`` a variable; else a negated operator always matches."""
    condition = Condition("StringNotEquals", "sts:RoleSessionName", ("${aws:username}",))
    deny = Statement(DENY, principals=EVERYBODY, actions=("*",), conditions=(condition,))
    asked = request(sts__RoleSessionName="alice")
    assert decide(Policy((ALLOWS, deny)), asked).allowed
    assert not decide(Policy((ALLOWS, deny), version=None), asked).allowed
    assert not decide(Policy((ALLOWS, deny), version="2008-10-17"), asked).allowed


NEEDED: list[tuple[dict[str, ContextValue | None], tuple[str, ...]]] = [
    ({}, ()),
    ({"aws:requesttag/team": "x", "aws:tagkeys": ("team",)}, ("sts:TagSession",)),
    ({"aws:tagkeys": ("team",)}, ("sts:TagSession",)),
    ({"aws:tagkeys": ()}, ()),
    ({"sts:transitivetagkeys": ("team",)}, ("sts:TagSession",)),
    ({"sts:sourceidentity": "alice"}, ("sts:SetSourceIdentity",)),
    ({"aws:sourceidentity": "alice"}, ("sts:SetSourceIdentity",)),
    ({"sts:requestcontext/identitystore:userid": "x"}, ("sts:SetContext",)),
    ({"sts:requestcontextproviders": ("arn:aws:iam::aws:contextProvider/IdentityCenter",)}, ("sts:SetContext",)),
    ({"sts:sourceidentity": "alice", "aws:tagkeys": ("x",)}, ("sts:TagSession", "sts:SetSourceIdentity")),
]


@pytest.mark.parametrize(("context", "more"), NEEDED)
def test_credentials_need_every_action(context: dict[str, ContextValue | None], more: tuple[str, ...]) -> None:
    """Session tags, a source identity and a context assertion need an action each; the call fails without it."""
    asked = with_context(request(ROLE_SESSION), context)
    assert actions_needed(asked) == ("sts:AssumeRole", *more)
    everything = [Statement(ALLOW, principals=EVERYBODY, actions=(action,)) for action in actions_needed(asked)]
    assert may_get_credentials(Policy(tuple(everything)), asked)
    for missing in everything:
        assert not may_get_credentials(Policy(tuple(one for one in everything if one is not missing)), asked)


def test_credentials_for_saml() -> None:
    """The action in the request is the one that the trust policy must allow."""
    provider = (Principal("Federated", SAML_PROVIDER),)
    policy = Policy((Statement(ALLOW, principals=provider, actions=("sts:AssumeRoleWithSAML",)),))
    assert may_get_credentials(policy, request(SAML))
    assert not may_get_credentials(policy, request(USER_KEY))


@pytest.mark.parametrize(
    ("kind", "action", "call"),
    [
        (USER_KEY, "sts:TagSession", "sts:AssumeRole"),
        (USER_KEY, "sts:SetContext", "sts:AssumeRole"),
        (SAML, "sts:TagSession", "sts:AssumeRoleWithSAML"),
        (WEB_IDENTITY, "sts:SetSourceIdentity", "sts:AssumeRoleWithWebIdentity"),
        (USER_KEY, "sts:AssumeRole", "sts:AssumeRole"),
        (USER_KEY, "sts:GetCallerIdentity", "sts:GetCallerIdentity"),
    ],
)
def test_some_actions_are_parts_of_a_call(kind: str, action: str, call: str) -> None:
    """What only goes with a call is decided as a part of it."""
    one = request(kind)
    assert call_of(one._replace(action=action)) == one._replace(action=call)


def test_no_credentials_from_other_actions() -> None:
    """Asking for credentials by another action is a mistake of the caller."""
    with pytest.raises(ValueError, match="sts:AssumeRoleWithSAML"):
        may_get_credentials(Policy((ALLOWS,)), request(action="sts:TagSession"))
