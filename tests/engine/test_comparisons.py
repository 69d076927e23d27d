"""
Policy variables that tie two keys: what is decided of them, and with which request.
"""

from __future__ import annotations

import pytest

from tests.engine.asking import allow, answer, deny, when
from tests.laws.subjects import BOUNDARY, MFA, USABLE, answers, subject_of
from trustproof.engine.comparisons import outcome
from trustproof.engine.domains import Values
from trustproof.engine.region import ClosedRegion
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.request import ROLE_SESSION, Request
from trustproof.properties.base import Property
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof

_SAME = when("StringEquals", "sts:RoleSessionName", "${aws:username}")
_OTHER = when("StringNotEquals", "sts:RoleSessionName", "${aws:username}")
_NO_MFA = when("BoolIfExists", "aws:MultiFactorAuthPresent", "false")
_MFA = when("Bool", "aws:MultiFactorAuthPresent", "true")
_BOB = "arn:aws:iam::444455556666:user/bob"


def verdict(asked: Property, *statements: Statement) -> Proof | Request:
    """The proof about the first statement, or the request that gets in by it."""
    found = answers(subject_of(Policy(statements)), asked)[0]
    assert isinstance(found, Proof | Refutation), found
    return found.request if isinstance(found, Refutation) else found


@pytest.mark.parametrize(
    "statements",
    [
        (allow(_SAME), deny(_NO_MFA, _SAME)),
        (allow(when("StringLike", "sts:RoleSessionName", "${aws:username}")), deny(_NO_MFA, _SAME)),
        (allow(), deny(_NO_MFA, _SAME), deny(_NO_MFA, _OTHER)),
        (allow(_OTHER, _SAME),),
        (allow(when("StringNotEquals", "aws:username", "${aws:username}")),),
        (allow(_SAME), deny(_NO_MFA, when("StringLike", "sts:RoleSessionName", "*"))),
        (allow(_SAME, when("StringEquals", "aws:username", "ab")), deny(when("StringEquals", _SAME.key, "ab"))),
        (allow(when("StringEquals", "aws:userid", "x${aws:PrincipalTag/t}")), deny(_NO_MFA)),
        (
            allow(when("StringEquals", "aws:PrincipalTag/a", "${aws:RequestTag/a}", "x")),
            deny(when("StringEquals", "aws:PrincipalTag/a", "x", "${aws:RequestTag/a}")),
        ),
    ],
)
def test_no_user_without_mfa_gets_in(statements: tuple[Statement, ...]) -> None:
    """What the statements compare in the same way is one thing, and equal keys have equal values."""
    assert isinstance(verdict(MFA, *statements), Proof)


@pytest.mark.parametrize(
    ("statements", "shown"),
    [
        # The name of the session is the caller's choice, and so is not the user's.
        ((allow(), deny(_NO_MFA, _SAME)), {"aws:username": "alice", "sts:rolesessionname": "bob"}),
        ((allow(principal=_BOB), deny(_NO_MFA, _OTHER)), {"aws:username": "bob", "sts:rolesessionname": "bob"}),
        (
            (allow(), deny(_NO_MFA, when("StringNotEquals", "aws:PrincipalTag/p", "${aws:ResourceTag/p}"))),
            {"aws:principaltag/p": "any", "aws:resourcetag/p": "any"},
        ),
        (
            (allow(), deny(when("StringNotEquals", "aws:PrincipalAccount", "${aws:PrincipalTag/home}"))),
            {"aws:principalaccount": "111122223333", "aws:principaltag/home": "111122223333"},
        ),
        (
            (allow(_SAME, when("StringLike", "aws:username", "b*")),),
            {"aws:username": "bob", "sts:rolesessionname": "bob"},
        ),
        (
            (allow(when("StringEquals", "sts:RoleSessionName", "${aws:PrincipalTag/n, 'bob'}")),),
            {"sts:rolesessionname": "bob", "aws:principaltag/n": None},
        ),
        (
            (
                allow(_SAME, when("StringEquals", "sts:ExternalId", "${sts:RoleSessionName}")),
                deny(when("StringEquals", "aws:username", "alice")),
            ),
            {"aws:username": "bob", "sts:rolesessionname": "bob", "sts:externalid": "bob"},
        ),
        (
            (allow(when("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/ops/*"), _SAME),),
            {"aws:principalarn": "arn:aws:iam::111122223333:user/ops/alice", "sts:rolesessionname": "alice"},
        ),
    ],
)
def test_a_user_without_mfa_gets_in(statements: tuple[Statement, ...], shown: dict[str, str | None]) -> None:
    """Where the search cannot say what two keys are, values are tried, and the request is replayed."""
    request = verdict(MFA, *statements)
    assert isinstance(request, Request)
    assert {key: request.context.get(key) for key in shown} == shown


def test_who_is_outside_may_choose_a_tag() -> None:
    """A tag that its owner sets bounds nobody."""
    tagged = deny(when("StringNotEquals", "aws:PrincipalAccount", "${aws:PrincipalTag/home}"))
    assert isinstance(verdict(BOUNDARY, allow(_MFA), tagged), Request)


@pytest.mark.parametrize(
    "conditions",
    [
        (when("StringLike", "aws:username", "a*"), when("StringNotLike", "sts:RoleSessionName", "a*"), _SAME),
        (when("StringEquals", "aws:username", "ab"), when("StringNotEquals", "sts:RoleSessionName", "ab"), _SAME),
        (when("StringEquals", "aws:username", "a"), _SAME),
        (when("StringNotEquals", "aws:username", "${aws:username}"), _MFA),
        (when("StringEquals", "sts:RoleSessionName", "bob"), when("StringEquals", "aws:username", "bob"), _OTHER),
    ],
)
def test_nobody_can_use_it(conditions: tuple[Condition, ...]) -> None:
    """Conditions that only together, by way of a policy variable, exclude each other."""
    assert isinstance(verdict(USABLE, allow(*conditions)), Proof)


def test_only_users_have_a_name() -> None:
    """A comparison with the name of a user lets in no role session, and its negation lets in every one."""
    assert isinstance(answer(allow(_SAME), kind=ROLE_SESSION), ClosedRegion)
    assert not isinstance(answer(allow(_OTHER), kind=ROLE_SESSION), ClosedRegion)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (_SAME, when("StringLike", "STS:rolesessionname", "${aws:username}")),
        (_SAME, _OTHER),
        (_SAME, when("StringNotEqualsIfExists", "sts:RoleSessionName", "${aws:username}")),
        (when("ArnEquals", "aws:SourceArn", "${a:b}"), when("ArnNotLike", "aws:SourceArn", "${a:b}")),
        (
            when("ForAllValues:StringEquals", "aws:TagKeys", "${a:b}"),
            when("ForAnyValue:StringNotEquals", "aws:TagKeys", "${a:b}"),
        ),
    ],
)
def test_what_is_one_comparison(one: Condition, two: Condition) -> None:
    """A negated condition, and one written in another way, speak of the same comparison."""
    first, second = outcome(one), outcome(two)
    assert first is not None
    assert second is not None
    assert first.dimension == second.dimension


@pytest.mark.parametrize(
    "condition",
    [
        when("StringEquals", "aws:TagKeys", "${aws:username}"),
        when("Bool", "aws:SecureTransport", "${aws:username}"),
        when("StringEquals", "aws:MultiFactorAuthAge", "${aws:username}"),
        when("StringEquals", "aws:username", "${aws:username}\x1fx"),
        when("Boool", "aws:username", "${aws:username}"),
    ],
)
def test_what_is_no_comparison(condition: Condition) -> None:
    """What is not documented is not taken to be the same wherever it is written."""
    assert outcome(condition) is None


def test_an_absent_key() -> None:
    """What a condition says of an absent key is a value of the comparison."""
    plain, negated = outcome(_SAME), outcome(_OTHER)
    assert plain is not None
    assert negated is not None
    assert isinstance(plain.yes, Values)
    assert (plain.yes.absent, plain.no.absent) == (False, True)
    assert (negated.yes.absent, negated.no.absent) == (True, False)
