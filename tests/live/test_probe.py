"""
What a probe expects of a role, and what it says of what AWS does.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.live.probe import _Person, _Role, _tried, _Way
from trustproof.live.profile_values import session_names
from trustproof.model.request import USER_KEY, USER_SESSION_MFA

ME = _Person("arn:aws:iam::111122223333:user/me", "AIDAEXAMPLEEXAMPLEEXA", None)
ROLE = "arn:aws:iam::222233334444:role/team/Reader"
CANARY = "FQoGZXIvYXdzEXAMPLETOKEN"


class Sts:
    """STS that lets in, or answers an error."""

    def __init__(self, error: str | None = None, message: str = "") -> None:
        self._error, self._message = error, message

    def assume_role(self, **asked: Any) -> Any:
        assert asked["RoleArn"] == ROLE
        assert asked["DurationSeconds"] == 900
        if self._error is not None:
            raise ClientError({"Error": {"Code": self._error, "Message": self._message}}, "AssumeRole")
        return {"Credentials": {"SessionToken": CANARY}}


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
TEAM, REQUEST_TEAM, CALLERS_TEAM = "aws:principaltag/team", "aws:RequestTag/team", "${aws:PrincipalTag/team}"
#: May have several values.
PATHS = "aws:principalorgpaths"
SAME_TEAM = {"StringEquals": {"aws:PrincipalTag/team": "${aws:RequestTag/team}"}}
OUTSIDE = {"Effect": "Deny", "Condition": {"NotIpAddress": OFFICE["IpAddress"]}}
IN, OUT = Sts(), Sts("AccessDenied", f"User: {CANARY} is not authorized because no identity-based policy allows the x")


def denied_by(why: str) -> Sts:
    """STS that keeps the caller out, and says why."""
    return Sts("AccessDenied", f"User: {CANARY} is not authorized to perform: sts:AssumeRole {why} the x")


@pytest.mark.parametrize(
    ("statements", "kind", "sts", "verdict", "said"),
    [
        ([{"Condition": MFA}], USER_SESSION_MFA, IN, "same", "expected: gets in; observed: gets in"),
        ([{"Condition": MFA}], USER_KEY, IN, "differs", "expected: kept out; observed: gets in"),
        ([{"Condition": MFA}], USER_KEY, OUT, "same", "kept out: because no identity-based policy allows"),
        ([{}], USER_KEY, denied_by("because no resource-based policy allows"), "differs", "expected: gets in"),
        ([{}], USER_KEY, denied_by("because no role trust policy allows"), "differs", "expected: gets in"),
        ([{}], USER_KEY, denied_by("with an explicit deny in the role trust policy"), "differs", "observed: kept out"),
        ([{}], USER_KEY, denied_by("with an explicit deny in a resource-based policy"), "differs", "explicit deny"),
        ([{}], USER_KEY, denied_by("with an explicit deny in a resource control policy"), "denied", "explicit deny"),
        ([{}], USER_KEY, denied_by("with an explicit deny in a session policy"), "denied", "explicit deny"),
        ([{}], USER_KEY, OUT, "denied", "control policies: because no identity-based policy allows"),
        # Where a call comes from, nobody here knows: neither of the two is a difference.
        (
            [{"Condition": OFFICE}],
            USER_KEY,
            IN,
            "unknown",
            "depends on aws:sourceip, not known here",
        ),
        ([{"Condition": OFFICE}], USER_KEY, OUT, "unknown", "observed: kept out"),
        (
            [{}, OUTSIDE],
            USER_KEY,
            IN,
            "unknown",
            "gets in",
        ),
        # It makes no difference without MFA.
        ([{"Condition": MFA | OFFICE}], USER_KEY, IN, "differs", "expected: kept out; observed: gets in"),
        ([{}, {"Condition": OFFICE}], USER_KEY, IN, "same", "expected: gets in; observed: gets in"),
        (
            [{"Condition": {"StringEquals": {"sts:RoleSessionName": "${aws:PrincipalTag/team}"}}}],
            USER_KEY,
            OUT,
            "unknown",
            "depends on aws:principaltag/team",
        ),
        # The probe passes no tags, so there is nothing that a tag of the caller could be equal to.
        ([{"Condition": SAME_TEAM}], USER_KEY, OUT, "same", "expected: kept out"),
        ([{"Condition": SAME_TEAM}], USER_KEY, IN, "differs", "expected: kept out; observed: gets in"),
        ([{"Condition": {"StringEquals": {REQUEST_TEAM: CALLERS_TEAM}}}], USER_KEY, OUT, "same", "expected: kept out"),
        ([{"Condition": {"StringEqualsIfExists": {REQUEST_TEAM: CALLERS_TEAM}}}], USER_KEY, IN, "same", "gets in"),
        ([{"Condition": {"StringNotEquals": {REQUEST_TEAM: CALLERS_TEAM}}}], USER_KEY, IN, "same", "gets in"),
        # Whether the caller has the tag decides here.
        ([{"Condition": {"StringEqualsIfExists": SAME_TEAM["StringEquals"]}}], USER_KEY, IN, "unknown", "depends on"),
        ([{"Condition": {"StringEquals": {TEAM: ["${aws:RequestTag/team}", "red"]}}}], USER_KEY, IN, "unknown", TEAM),
        ([{"Condition": {"StringEquals": {TEAM: "${aws:RequestTag/team, 'red'}"}}}], USER_KEY, IN, "unknown", TEAM),
        ([{"Condition": {"StringNotEquals": {TEAM: "${aws:RequestTag/team}"}}}], USER_KEY, IN, "same", "gets in"),
        # An operator without a quantifier matches no several values: of such keys that may be.
        ([{"Condition": {"StringNotEquals": {PATHS: "${aws:RequestTag/team}"}}}], USER_KEY, IN, "unknown", PATHS),
        ([{"Condition": {"StringEquals": {"sts:ExternalId": "x1"}}}], USER_KEY, OUT, "same", "expected: kept out"),
        ([{}], USER_KEY, Sts("ExpiredToken", CANARY), "unknown", "the credentials have expired: sign in again"),
    ],
)
def test_what_is_expected(statements: list[dict[str, Any]], kind: str, sts: Sts, verdict: str, said: str) -> None:
    """What follows from the trust policy and from what is known of the call; the rest depends on what is not."""
    whole = [
        {"Effect": "Allow", "Principal": {"AWS": ME.arn}, "Action": "sts:AssumeRole", **statement}
        for statement in statements
    ]
    trust = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": whole}), kind="trust")
    found = _tried(_Way(kind, sts), ME, _Role(ROLE, trust), None)
    assert found.account == "222233334444"
    assert found.comparison.verdict == verdict
    assert said in found.comparison.lines[0]
    assert CANARY not in str(found)


def test_a_name_that_the_role_asks_for() -> None:
    """A role that asks for the name of the user is tried with it, as with any other one."""
    condition = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
    one = {"Effect": "Allow", "Principal": {"AWS": ME.arn}, "Action": "sts:AssumeRole", "Condition": condition}
    trust = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [one]}), kind="trust")
    assert session_names(trust, "me") == ["me"]
    found = _tried(_Way(USER_KEY, IN), ME, _Role(ROLE, trust), None, "me")
    assert (found.subject.endswith(": the access key, as session me"), found.comparison.verdict) == (True, "same")


@pytest.mark.parametrize(
    ("condition", "tags", "verdict", "said"),
    [
        ({"StringEquals": {TEAM: "red"}}, {"Team": "red"}, "same", "expected: gets in"),
        ({"StringEquals": {TEAM: "red"}}, {"team": "blue"}, "differs", "expected: kept out"),
        ({"StringEquals": {TEAM: "red"}}, {}, "differs", "expected: kept out"),
        ({"StringNotEquals": {TEAM: "red"}}, {}, "same", "expected: gets in"),
        ({"StringEquals": {"aws:ResourceTag/team": CALLERS_TEAM}}, {"team": "red"}, "same", "expected: gets in"),
        ({"StringEquals": {"aws:ResourceTag/team": CALLERS_TEAM}}, {"team": "blue"}, "differs", "expected: kept out"),
        ({"StringEquals": {TEAM: "red"}}, None, "unknown", "depends on aws:principaltag/team"),
    ],
)
def test_the_tags_of_the_caller(
    condition: dict[str, Any], tags: dict[str, str] | None, verdict: str, said: str
) -> None:
    """They are those of the user where the account of the user was read."""
    one = {"Effect": "Allow", "Principal": {"AWS": ME.arn}, "Action": "sts:AssumeRole", "Condition": condition}
    trust = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [one]}), kind="trust")
    me = ME._replace(tags=tags)
    comparison = _tried(_Way(USER_KEY, IN), me, _Role(ROLE, trust, {"team": "red"}), None).comparison
    assert (comparison.verdict, said in comparison.lines[0]) == (verdict, True), comparison.lines


@pytest.mark.parametrize(
    ("condition", "tags", "verdict", "said"),
    [
        ({"StringEquals": {"aws:ResourceTag/Team": "red"}}, {"team": "red"}, "same", "expected: gets in"),
        ({"StringEquals": {"iam:ResourceTag/team": "red"}}, {"Team": "red"}, "same", "expected: gets in"),
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, {"team": "blue"}, "differs", "expected: kept out"),
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, {}, "differs", "expected: kept out"),
        ({"StringNotEquals": {"aws:ResourceTag/team": "red"}}, {}, "same", "expected: gets in"),
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, None, "unknown", "depends on aws:resourcetag/team"),
        # Here, nobody knows the tags of the caller.
        ({"StringEquals": {"aws:ResourceTag/team": CALLERS_TEAM}}, {"team": "red"}, "unknown", "aws:principaltag/team"),
        ({"StringEquals": {"aws:ResourceTag/team": CALLERS_TEAM}}, {}, "differs", "expected: kept out"),
    ],
)
def test_the_tags_of_a_role_are_those_of_its_template(
    condition: dict[str, Any], tags: dict[str, str] | None, verdict: str, said: str
) -> None:
    """What a trust policy asks of the tags of its role follows from the template, where that tells them."""
    one = {"Effect": "Allow", "Principal": {"AWS": ME.arn}, "Action": "sts:AssumeRole", "Condition": condition}
    trust = parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [one]}), kind="trust")
    comparison = _tried(_Way(USER_KEY, IN), ME, _Role(ROLE, trust, tags), None).comparison
    assert (comparison.verdict, said in comparison.lines[0]) == (verdict, True), comparison.lines
