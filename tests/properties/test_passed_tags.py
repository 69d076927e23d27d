"""
Tags that a call passes: what hangs on one that no reference lists for the action is not known.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.model.request import USER_KEY, Caller, Request
from trustproof.spec.tags import undocumented_tags

Json = dict[str, object]
TEAM: Json = {"StringEquals": {"aws:RequestTag/team": "ops"}}
ABSENT: Json = {"Null": {"aws:RequestTag/team": "true"}}
OTHER: Json = {"StringNotEquals": {"aws:RequestTag/team": "ops"}}
LISTED: Json = {"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}}
ALL_OF: Json = {"ForAllValues:StringEquals": {"aws:TagKeys": "team"}}
OWN: Json = {"StringEquals": {"aws:RequestTag/team": "${aws:PrincipalTag/team}"}}


def allow(action: object, condition: Json) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": condition}


def deny(condition: Json) -> Json:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}


#: Statements of a user, and the verdicts on whether they can be used, and on whether something sensitive needs MFA.
CASES: list[tuple[list[Json], str, str]] = [
    ([allow("ec2:StopInstances", TEAM)], "unknown", "unknown"),
    ([allow("ec2:StopInstances", LISTED)], "unknown", "unknown"),
    ([allow("ec2:StopInstances", OWN)], "unknown", "unknown"),
    # Absence, and what needs no tag, decides as it does of every key.
    ([allow("ec2:StopInstances", ABSENT)], "proved", "refuted"),
    ([allow("ec2:StopInstances", OTHER)], "proved", "refuted"),
    ([allow("ec2:StopInstances", ALL_OF)], "proved", "refuted"),
    ([allow("ec2:StopInstances", {"StringEqualsIfExists": {"aws:RequestTag/team": "ops"}})], "proved", "refuted"),
    # A Deny that only a tag escapes.
    ([allow("ec2:StopInstances", {}), deny(ABSENT)], "unknown", "unknown"),
    ([allow("ec2:StopInstances", {}), deny(OTHER)], "unknown", "unknown"),
    ([allow("ec2:StopInstances", {}), deny(TEAM)], "proved", "refuted"),
    # Where actions are listed, it is decided by those.
    ([allow("iam:CreateUser", TEAM)], "proved", "refuted"),
    ([allow("iam:CreateUser", OWN)], "proved", "refuted"),
    ([allow(["ec2:StopInstances", "iam:CreateUser"], TEAM)], "proved", "refuted"),
    ([allow("iam:*", TEAM)], "proved", "refuted"),
    ([allow("*", TEAM)], "proved", "refuted"),
    ([allow("*", {}), deny(OTHER)], "proved", "refuted"),
    # What is listed with the keys of tags only, and is nothing sensitive.
    ([allow("iam:UntagUser", LISTED)], "proved", "proved"),
    ([allow("iam:UntagUser", TEAM)], "unknown", "proved"),
    # A call to STS lists the tags that it passes.
    ([allow(["sts:AssumeRole", "sts:TagSession"], TEAM)], "proved", "proved"),
    ([allow("sts:AssumeRole", {}), allow("sts:TagSession", TEAM)], "proved", "proved"),
    ([allow("sts:TagSession", {**TEAM, **LISTED})], "proved", "proved"),
    ([allow("sts:TagSession", {**TEAM, "ForAllValues:StringEquals": {"aws:TagKeys": "zone"}})], "refuted", "proved"),
    ([allow("sts:*", {**TEAM, "ForAllValues:StringEquals": {"aws:TagKeys": "zone"}})], "refuted", "proved"),
    # No value there is would do, with or without a tag.
    ([allow("ec2:StopInstances", {**TEAM, "Bool": {"aws:PrincipalIsAWSService": "true"}})], "refuted", "proved"),
    ([allow("ec2:StopInstances", {**TEAM, "Bool": {"aws:MultiFactorAuthPresent": "true"}})], "unknown", "proved"),
]

ASSUME: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
TAG: Json = {**ASSUME, "Action": "sts:TagSession"}
NO_TAGS_BUT_ONE: Json = {"Effect": "Deny", "Action": "sts:TagSession", "NotResource": "*b"}
SOURCE: Json = {"Condition": {"StringEquals": {"sts:SourceIdentity": "ann"}}}
#: Statements of a user who may assume roles, which is what is sensitive, and both verdicts.
ROLES: list[tuple[list[Json], str]] = [
    ([ASSUME], "open"),
    ([{**ASSUME, "Condition": TEAM}], "unknown"),
    ([{**ASSUME, "Condition": TEAM}, TAG], "open"),
    ([{**ASSUME, "Condition": TEAM}, {**TAG, "Effect": "Deny"}], "unknown"),
    ([ASSUME, {**ASSUME, "Effect": "Deny", "Condition": ABSENT}], "unknown"),
    ([ASSUME, TAG, {**ASSUME, "Effect": "Deny", "Condition": ABSENT}], "open"),
    ([{**ASSUME, **SOURCE}], "unknown"),
    ([{**ASSUME, **SOURCE, "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"]}], "open"),
    # Of two roles that of which the tags may be passed, and of two calls that without tags.
    ([{**ASSUME, "Condition": TEAM, "Action": "sts:*"}, NO_TAGS_BUT_ONE], "open"),
    ([{**ASSUME, "Condition": {"StringEqualsIfExists": {"aws:RequestTag/team": "ops"}}}], "open"),
]


@pytest.mark.parametrize(("statements", "found"), ROLES)
def test_a_call_needs_what_it_passes(statements: list[Json], found: str) -> None:
    """What the caller may not pass neither shows that roles are assumed, nor that the statement can be used."""
    policy: Json = {"Version": "2012-10-17", "Statement": statements}
    config = {"sensitive": {"actions": ["sts:AssumeRole"]}}
    of_actions = trustproof.prove(
        policy, "sensitive-actions-require-mfa", kind="identity", account="111122223333", config=config
    )
    usable = trustproof.prove(policy, "statement-usable", kind="identity", account="111122223333")
    assert (of_actions.verdict, usable.verdict) == (("refuted", "proved") if found == "open" else (found, found))
    if found == "unknown":
        assert "as well" in of_actions.reasons[0]


@pytest.mark.parametrize(("statements", "usable", "sensitive"), CASES)
def test_what_hangs_on_a_tag(statements: list[Json], usable: str, sensitive: str) -> None:
    """It is unknown where only an action decides that is listed without tags; a proof is checked again."""
    policy: Json = {"Version": "2012-10-17", "Statement": statements}
    for ident, verdict in (("statement-usable", usable), ("sensitive-actions-require-mfa", sensitive)):
        found = trustproof.prove(policy, ident, kind="identity", account="111122223333")
        assert (ident, found.verdict) == (ident, verdict)
        if verdict == "unknown":
            assert "aws:RequestTag/team" in found.reasons[0] or "aws:TagKeys" in found.reasons[0]
            assert "Service Authorization Reference" in found.reasons[0]


def test_a_request_that_needs_no_such_tag_is_shown() -> None:
    """Of two actions the one that is listed is called."""
    policy: Json = {"Version": "2012-10-17", "Statement": [allow(["ec2:StopInstances", "iam:CreateUser"], TEAM)]}
    found = trustproof.prove(policy, "sensitive-actions-require-mfa", kind="identity", account="111122223333")
    assert found.counterexample is not None
    assert found.counterexample.action == "iam:CreateUser"


def test_a_queue_that_asks_for_an_organization_and_a_tag() -> None:
    """Nobody passes an MFA code to a queue, and of all others the tag is not documented."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}, **LISTED}
    statement = {**allow("sqs:SendMessage", condition), "Principal": "*"}
    policy = {"Queues": ["q"], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    template = {"Resources": {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}}}
    (found,) = trustproof.check([template], properties=["statement-usable"]).results
    assert (found.verdict, found.severity) == ("unknown", "note")
    assert all(one.startswith("it is not documented whether a request for sqs:SendMessage") for one in found.reasons)


@pytest.mark.parametrize(
    ("action", "key", "found"),
    [
        ("ec2:StopInstances", "aws:requesttag/a", ["aws:requesttag/a"]),
        ("ec2:RunInstances", "aws:requesttag/a", []),
        ("EC2:runinstances", "aws:tagkeys", []),
        ("sqs:UntagQueue", "aws:tagkeys", []),
        ("sqs:UntagQueue", "aws:requesttag/a", ["aws:requesttag/a"]),
        ("nobody:Knows", "aws:tagkeys", ["aws:tagkeys"]),
        ("ec2:StopInstances", "aws:resourcetag/a", []),
    ],
)
def test_the_reference_lists_an_action_by_the_key(action: str, key: str, found: list[str]) -> None:
    """The evaluator's own look at the reference."""
    caller = Caller(USER_KEY, "arn:aws:iam::111122223333:user/u")
    value = ("a",) if key == "aws:tagkeys" else "a"
    assert undocumented_tags(Request(caller, action, "*", {key: value})) == found
