"""
What `trustproof.diff` says first of a change: who is new.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from trustproof.comparison.shortened_names import without_digests
from trustproof.results.difference import Difference, Undecided, Where

OWN, HUB = "111122223333", "222233334444"
HOST = "token.actions.githubusercontent.com"
Json = dict[str, Any]


def role(*statements: Json) -> Json:
    """A template with one role."""
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    properties = {"RoleName": "r", "AssumeRolePolicyDocument": trust}
    return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}


def by(principal: Any, **conditions: Any) -> Json:
    """Lets somebody assume the role."""
    return {"Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": conditions}


def by_token(subject: str) -> Json:
    """Lets tokens of GitHub assume the role."""
    provider = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{HOST}"}
    condition = {"StringLike": {f"{HOST}:sub": subject}, "StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"}}
    return {"Principal": provider, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}


def first_gain(old: Json, new: Json) -> str:
    """The headline of what was gained first."""
    return trustproof.diff(role(old), role(new), account=OWN).gained[0].message


ORGANIZATION = {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}
ANYONE = "anyone with an AWS account may assume r"


@pytest.mark.parametrize(
    ("old", "new", "is_anyone"),
    [
        (by(OWN), by("*"), True),
        (by(HUB), by([HUB, "*"]), True),
        (by("*", StringEquals=ORGANIZATION), by("*", StringEqualsIfExists=ORGANIZATION), True),
        (by("*", StringEquals=ORGANIZATION), by("*", **{"ForAllValues:StringEquals": ORGANIZATION}), True),
        (by("*", StringEquals=ORGANIZATION), by("*", StringNotEquals=ORGANIZATION), True),
        (by(OWN), by("*", Bool={"aws:SecureTransport": "true"}), True),
        (by(OWN), by(HUB), False),
        (by(OWN), by("*", StringEquals=ORGANIZATION), False),
        (by(OWN), by("*", IpAddress={"aws:SourceIp": "203.0.113.0/24"}), False),
        (by(OWN), by("*", StringEquals={"sts:ExternalId": "x-1234"}), False),
        (by(OWN), by("*", StringEquals={"aws:PrincipalAccount": HUB}), False),
        (by(OWN), by("*", StringLike={"aws:userid": "AIDAAAAAAAAAAAAAAAAAA"}), False),
    ],
)
def test_anyone_is_named_where_a_stranger_gets_in(old: Json, new: Json, is_anyone: bool) -> None:
    """Whoever gets in with nothing but an account is anyone; who needs an organization, an address or a name is not."""
    assert (first_gain(old, new) == ANYONE) == is_anyone


@pytest.mark.parametrize(
    ("old", "new", "subject"),
    [
        ("repo:acme/app:ref:refs/heads/main", "repo:acme/app:*", "repo:acme/app:pull_request"),
        ("repo:acme/app:pull_request", "repo:acme/app:*", "repo:acme/app:ref:refs/heads/feature"),
        ("repo:acme/app:pull_request", "repo:acme/app:environment:*", "repo:acme/app:environment:production"),
        ("repo:acme/app:ref:refs/heads/main", "repo:acme/app:ref:refs/tags/v1", "repo:acme/app:ref:refs/tags/v1"),
    ],
)
def test_a_token_is_named_by_a_subject_that_there_is(old: str, new: str, subject: str) -> None:
    """Of a widened subject the headline says one that is new, as GitHub sends it."""
    assert first_gain(by_token(old), by_token(new)) == f"a token of {HOST} for {subject} may assume r"


def told(old: Json, new: Json) -> list[str]:
    """Everything that is said of access, without what both sentences have: who assumes which role."""
    found = trustproof.diff(role(old), role(new), account=OWN).access
    return [f"{one.direction}{one.message.partition('assume r')[2]}" for one in found]


@pytest.mark.parametrize(
    ("old", "new", "carried"),
    [
        ({"sts:ExternalId": "abc-123"}, {"sts:ExternalId": "xyz-987"}, [", with {}"] * 2),
        ({"aws:PrincipalOrgID": "o-aaaaaaaaaa"}, {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}, [", with {}"] * 2),
        ({"aws:PrincipalTag/team": "a"}, {"aws:PrincipalTag/team": "b"}, [", with {}"] * 2),
        (
            {"aws:SourceVpce": "vpce-0a1b2c3d"},
            {"aws:SourceVpc": "vpc-0a1b2c3d"},
            [", with {}, without aws:SourceVpce", ", with {}, without aws:SourceVpc"],
        ),
    ],
)
def test_what_is_gained_and_lost_by_one_name_says_what_it_carries(old: Json, new: Json, carried: list[str]) -> None:
    """Where the words would be the same, the keys are named in which the two requests differ; the sides swap."""
    gained, lost = (
        carried[n].format(*(f"{key} {said}" for key, said in one.items())) for n, one in ((0, new), (1, old))
    )
    sides = by(HUB, StringEquals=old), by(HUB, StringEquals=new)
    assert told(*sides) == [f"gained{gained}", f"lost{lost}"]
    assert told(*reversed(sides)) == [f"gained{lost}", f"lost{gained}"]


def test_what_is_only_gained_says_no_more_than_who() -> None:
    """A condition that is gone leaves nothing to tell apart."""
    assert told(by(HUB, StringEquals={"sts:ExternalId": "abc-123"}), by(HUB)) == ["gained"]


def test_a_resource_whose_name_a_function_makes_is_called_as_the_template_calls_it() -> None:
    """An expression is no name."""
    name = {"Fn::If": ["Prod", "q-prod", "q-dev"]}
    sides = [
        {
            "Parameters": {"Stage": {"Type": "String"}},
            "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
            "Resources": {
                "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
                "P": {
                    "Type": "AWS::SQS::QueuePolicy",
                    "Properties": {
                        "Queues": [{"Ref": "Q"}],
                        "PolicyDocument": {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Principal": {"AWS": f"arn:aws:iam::111122223333:role/{role}"},
                                    "Action": "sqs:SendMessage",
                                    "Resource": "*",
                                }
                            ]
                        },
                    },
                },
            },
        }
        for role in ("a", "b")
    ]
    (found,) = trustproof.diff(*sides, account=OWN).gained
    assert found.message.endswith(" may call sqs:SendMessage on Q by P")
    assert found.counterexample.resource == f"arn:aws:sqs:us-east-1:{OWN}:example193b"


def test_a_name_that_is_cut_is_shown_without_its_digest_where_it_is_the_only_one() -> None:
    """Two that begin alike are told apart by it."""
    start = "which of these is a long expression that nobody reads to its end, and that begins alike…"
    first, second = f"{start} #0123abcd", f"{start} #4567abcd"
    for names, expected in (((first, first), (start, start)), ((first, second), (first, second))):
        left = tuple(Undecided(Where("t", "R", ""), (f"{name} decides it",)) for name in names)
        found = without_digests(Difference((), (), left, "old", "new"))
        assert tuple(one.reasons[0].removesuffix(" decides it") for one in found.undecided) == expected
