"""
Witnesses: the request that a person would think of, and the further ones where the search is not exact.
"""

from __future__ import annotations

import pytest

from tests.engine.asking import allow, answer, deny, request, when
from tests.laws.subjects import MFA, answers, subject_of
from trustproof.engine.region import AllowedPart
from trustproof.engine.witness import build, neighbours
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, SERVICE, USER_KEY, USER_SESSION_MFA, Request
from trustproof.properties.question import Refutation
from trustproof.spec.realism import impossibilities

ROLE = "arn:aws:iam::444455556666:role/ci/Deploy"


def refuted(*statements: Statement) -> Request:
    """The request that refutes mfa-required for the first statement."""
    found = answers(subject_of(Policy(statements)), MFA)[0]
    assert isinstance(found, Refutation), found
    return found.request


class TestCallers:
    def test_the_plainest_one(self) -> None:
        """Where nobody is named, it is alice of the role's own account."""
        found = request(allow())
        assert found.caller.arn == "arn:aws:iam::111122223333:user/alice"
        assert found.caller.userid.startswith("AIDA")

    @pytest.mark.parametrize(
        ("principal", "kind", "arn", "session"),
        [
            ("arn:aws:iam::444455556666:user/people/bob", USER_KEY, "arn:aws:iam::444455556666:user/people/bob", ""),
            ("444455556666", USER_KEY, "arn:aws:iam::444455556666:user/alice", ""),
            (ROLE, ROLE_SESSION, ROLE, "session"),
            (
                "arn:aws:sts::444455556666:assumed-role/app/build-7",
                ROLE_SESSION,
                "arn:aws:iam::444455556666:role/app",
                "build-7",
            ),
            ("AROAEXAMPLE", ROLE_SESSION, "arn:aws:iam::111122223333:role/app", "session"),
        ],
    )
    def test_whom_the_policy_names(self, principal: str, kind: str, arn: str, session: str) -> None:
        """A named principal is the caller; the rest of it reads like an example of AWS."""
        found = request(allow(principal=principal), kind=kind).caller
        assert (found.arn, found.session) == (arn, session)

    @pytest.mark.parametrize(
        ("pattern", "name"),
        [("deploy-*", "deploy-alice"), ("*-bot", "alice-bot"), ("ci-?", "ci-x"), ("?*-ops-*", "alice-ops-alice")],
    )
    def test_whose_name_is_to_match(self, pattern: str, name: str) -> None:
        """A name that a pattern asks for is completed by one of an example, in an account of AWS's examples."""
        found = request(allow(when("StringLike", "aws:username", pattern)))
        assert found.caller.arn == f"arn:aws:iam::111122223333:user/{name}"

    def test_unique_ids(self) -> None:
        """A caller that is named by its unique id has that id."""
        assert request(allow(principal="AIDAEXAMPLE")).caller.userid == "AIDAEXAMPLE"
        assert request(allow(principal="AROAEXAMPLE"), kind=ROLE_SESSION).caller.userid == "AROAEXAMPLE:session"

    @pytest.mark.parametrize("kind", [USER_KEY, USER_SESSION_MFA, ROLE_SESSION, IDENTITY_CENTER, SERVICE])
    def test_every_kind_can_send_it(self, kind: str) -> None:
        """The request carries all that a request of its kind must."""
        found = request(allow(principal="*", kind="*"), kind=kind)
        assert found.caller.kind == kind
        assert impossibilities(found) == []


class TestValues:
    @pytest.mark.parametrize(
        ("condition", "value"),
        [
            (when("StringLike", "aws:PrincipalTag/x", "team-*"), "team-any"),
            (when("StringEquals", "aws:PrincipalTag/x", "b", "a"), "a"),
            (when("NumericGreaterThan", "aws:MultiFactorAuthAge", "3600"), "3601"),
            (when("NumericLessThan", "aws:MultiFactorAuthAge", "3600"), "0"),
            (when("DateLessThan", "aws:CurrentTime", "2026-11-28T00:00:00Z"), "2026-11-25T00:00:00Z"),
            (when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"), "2026-12-01T00:00:00Z"),
            (when("IpAddress", "aws:SourceIp", "203.0.113.0/24"), "203.0.113.7"),
            (when("ForAnyValue:StringEquals", "aws:TagKeys", "a"), ("a",)),
            (when("StringEqualsIfExists", "aws:PrincipalTag/x", "a"), None),
        ],
        ids=lambda part: part.operator if isinstance(part, Condition) else "",
    )
    def test_a_value_that_reads_well(self, condition: Condition, value: str | tuple[str, ...] | None) -> None:
        """Values are the simplest that fit, and a key that may be absent is."""
        found = request(allow(condition), kind=USER_SESSION_MFA)
        assert found.context.get(condition.key.lower()) == value
        assert impossibilities(found) == []


class TestFurther:
    """Where the first request is just outside the statement, values near its operands are tried."""

    def test_a_variable_ties_two_keys(self) -> None:
        """The session name becomes the user's name."""
        found = refuted(allow(when("StringEquals", "sts:RoleSessionName", "${aws:username}")))
        assert found.context["sts:rolesessionname"] == found.context["aws:username"] == "alice"

    def test_a_variable_inside_text(self) -> None:
        """The text around a variable stays."""
        found = refuted(allow(when("StringLike", "aws:PrincipalTag/home", "/team/${aws:username}/*")))
        assert found.context["aws:principaltag/home"] == "/team/alice/any"

    @pytest.mark.parametrize(
        ("condition", "value"),
        [
            (when("NumericLessThan", "aws:PrincipalTag/level", "5"), "4"),
            (when("NumericGreaterThan", "aws:PrincipalTag/level", "5"), "6"),
            (when("IpAddress", "aws:PrincipalTag/office", "10.0.0.0/8"), "10.0.0.0"),
            (when("DateEquals", "aws:PrincipalTag/until", "2026-01-01"), "2026-01-01"),
            (when("NumericEquals", "acme:tier", "7"), "7"),
        ],
        ids=lambda part: part.operator if isinstance(part, Condition) else "",
    )
    def test_a_key_compared_as_something_else(self, condition: Condition, value: str) -> None:
        """A tag that is compared as a number gets a number."""
        assert refuted(allow(condition)).context[condition.key.lower()] == value

    def test_a_number_beyond_all_reading_has_no_neighbours(self) -> None:
        """It is tried as it is written, and not as a number."""
        found = answer(allow(when("NumericLessThan", "aws:PrincipalTag/level", "9" * 5000)))
        assert isinstance(found, AllowedPart)
        assert {one.context["aws:principaltag/level"] for one in neighbours(build(found), found)} == {"9" * 5000}

    def test_an_optional_key_stays_absent(self) -> None:
        """A variable under ``...IfExists`` needs no value at all."""
        found = refuted(allow(when("StringEqualsIfExists", "aws:PrincipalTag/x", "${aws:PrincipalTag/y}")))
        assert "aws:principaltag/x" not in found.context

    def test_there_are_only_a_few(self) -> None:
        """The number of further requests is bounded."""
        found = answer(allow(when("StringEquals", "sts:RoleSessionName", "${aws:username}")))
        assert isinstance(found, AllowedPart)
        assert len(list(neighbours(build(found), found))) == 4


def test_what_else_a_call_needs() -> None:
    """A source identity that the Deny wants is passed only where the policy allows to set one for this caller."""
    wanted = deny(when("StringNotEquals", "sts:SourceIdentity", "alice"))
    to_all = allow(action="sts:AssumeRole")
    for principal, passed in (("*", True), ("arn:aws:iam::444455556666:user/bob", False)):
        may_set = allow(principal=principal, action="sts:SetSourceIdentity")
        if passed:
            assert refuted(to_all, may_set, wanted).context["sts:sourceidentity"] == "alice"
        else:
            found = refuted(to_all, may_set, wanted)
            assert found.caller.arn == principal
