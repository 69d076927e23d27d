"""
For whom a service may call: hard pairs.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
CONFIG = {
    "boundary": {"accounts": [], "organizations": ["o-aaaabbbbcc"]},
    "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
}


def trust(principal: Json, action: str, condition: Json | None = None) -> Json:
    """A trust policy with one statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}],
    }


CASES: list[tuple[str, Json, str]] = [
    ("sched", trust({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole", None), "refuted"),
    (
        "sched acct",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceAccount": "111122223333"}},
        ),
        "proved",
    ),
    (
        "sched acctif",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}},
        ),
        "proved",
    ),
    (
        "sched arn",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:111122223333:schedule-group/*"}},
        ),
        "proved",
    ),
    (
        "sched arn any",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"ArnLike": {"aws:SourceArn": "arn:aws:scheduler:*:*:schedule-group/*"}},
        ),
        "refuted",
    ),
    (
        "sched foreign",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceAccount": "999988887777"}},
        ),
        "refuted",
    ),
    (
        "sched like",
        trust({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole", {"StringLike": {"aws:SourceAccount": "*"}}),
        "refuted",
    ),
    (
        "sched org",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceOrgID": "o-aaaabbbbcc"}},
        ),
        "proved",
    ),
    (
        "sched org other",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringEquals": {"aws:SourceOrgID": "o-zzzzzzzzzz"}},
        ),
        "refuted",
    ),
    (
        "sched notequals",
        trust(
            {"Service": "scheduler.amazonaws.com"},
            "sts:AssumeRole",
            {"StringNotEquals": {"aws:SourceAccount": "999988887777"}},
        ),
        "refuted",
    ),
    (
        "sched null",
        trust({"Service": "scheduler.amazonaws.com"}, "sts:AssumeRole", {"Null": {"aws:SourceAccount": "false"}}),
        "refuted",
    ),
    ("states", trust({"Service": ["states.amazonaws.com", "lambda.amazonaws.com"]}, "sts:AssumeRole", None), "refuted"),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(policy: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    found = trustproof.prove(policy, "no-confused-deputy", account="111122223333", config=CONFIG)
    assert found.verdict == expected
    assert (found.counterexample is not None) == (expected == "refuted")


@pytest.mark.parametrize("service", ["ec2.amazonaws.com", "lambda.amazonaws.com"])
def test_services_that_do_not_say_for_whom_they_call_are_left_alone(service: str) -> None:
    """The property has nothing to ask of a policy that names only such services."""
    with pytest.raises(trustproof.UsageError, match="not about"):
        trustproof.prove(trust({"Service": service}, "sts:AssumeRole"), "no-confused-deputy")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, "refuted"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:topic"}}, "proved"),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:999988887777:topic"}}, "refuted"),
        ({"StringEquals": {"aws:SourceAccount": "111122223333"}}, "proved"),
    ],
)
def test_resource_policies_are_held_too(condition: Json | None, expected: str) -> None:
    """A queue that admits a topic says whose topics."""
    policy = trust({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", condition)
    policy["Statement"][0]["Resource"] = "*"  # type: ignore[index]
    found = trustproof.prove(policy, "no-confused-deputy", account="111122223333", kind="resource")
    assert found.verdict == expected
