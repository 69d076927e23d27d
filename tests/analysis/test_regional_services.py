"""
Services whose resources are reached in their own Region only: the Region that is called is that of the resource.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.aws.partitions import partition_of

Json = dict[str, Any]
KEY = "aws:RequestedRegion"
ACCOUNT, OUTSIDE = "111122223333", "999988887777"
HERE = {"Ref": "AWS::Region"}
OWN, NAMED = {"Ref": "Q"}, f"https://sqs.eu-west-1.amazonaws.com/{ACCOUNT}/q"
#: The queue, the operator and what it compares the called Region with, that of the template, and the verdict.
CASES: list[tuple[object, str, object, str | None, str]] = [
    (OWN, "StringEquals", HERE, None, "refuted"),
    (OWN, "StringEquals", HERE, "eu-west-1", "refuted"),
    (OWN, "StringNotEquals", HERE, "eu-west-1", "proved"),
    # Whether it is the same Region nobody can say who does not know it.
    (OWN, "StringNotEquals", HERE, None, "unknown"),
    (OWN, "StringEquals", "eu-west-1", "eu-west-1", "refuted"),
    (OWN, "StringEquals", "eu-west-1", "us-east-1", "proved"),
    # The stack may be there.
    (OWN, "StringEquals", "eu-west-1", None, "refuted"),
    (OWN, "StringNotEquals", "eu-west-1", None, "refuted"),
    (OWN, "StringNotEquals", "us-east-1", None, "refuted"),
    (OWN, "StringLike", "eu-*", None, "refuted"),
    (OWN, "StringLike", "eu-*", "us-east-1", "proved"),
    (OWN, "StringNotLike", "eu-*", "eu-central-1", "proved"),
    (OWN, "StringEqualsIgnoreCase", "EU-WEST-1", "eu-west-1", "refuted"),
    (OWN, "StringEqualsIgnoreCase", "EU-WEST-1", "us-east-1", "proved"),
    (OWN, "StringEquals", ["us-west-2", "eu-west-1"], "eu-west-1", "refuted"),
    (OWN, "StringNotEquals", ["us-west-2", "eu-west-1"], "eu-west-1", "proved"),
    (NAMED, "StringNotEquals", "eu-west-1", None, "proved"),
    (NAMED, "StringEquals", "eu-west-1", None, "refuted"),
    (NAMED, "StringEquals", HERE, None, "refuted"),
    (NAMED, "StringNotEquals", HERE, None, "refuted"),
]


@pytest.mark.parametrize("resource", ["*", {"Fn::GetAtt": ["Q", "Arn"]}], ids=["any", "own"])
@pytest.mark.parametrize(("queue", "operator", "asked", "region", "verdict"), CASES)
def test_a_queue_is_called_in_its_own_region(
    queue: object, operator: str, asked: object, region: str | None, verdict: str, resource: object, tmp_path: Path
) -> None:
    """Who may call it in another Region only may not call it, and a counterexample calls the Region of the queue."""
    if queue == NAMED:
        resource = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": OUTSIDE},
        "Action": "sqs:SendMessage",
        "Resource": resource,
        "Condition": {operator: {"aws:RequestedRegion": asked}},
    }
    policy = {"Queues": [queue], "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources = {
        "Q": {"Type": "AWS::SQS::Queue"},
        "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": resources}))
    report = trustproof.check(
        [str(file)],
        account=ACCOUNT,
        region=region,
        properties=["inside-boundary"],
        config={"boundary": {}},
        certify=True,
    )
    (result,) = report.results
    assert result.verdict == verdict, result
    if result.counterexample is not None:
        request = result.counterexample.request
        assert request.context["aws:requestedregion"] == request.resource.split(":")[3]


MAPPINGS = {"ByPartition": {"aws": {"Id": ACCOUNT}, "aws-cn": {"Id": OUTSIDE}, "aws-us-gov": {"Id": OUTSIDE}}}
LOOKUP = {"Fn::FindInMap": ["ByPartition", {"Ref": "AWS::Partition"}, "Id"]}
ELSEWHERE = {"Elsewhere": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]}}


@pytest.mark.parametrize(
    "statements",
    [
        [{"Effect": "Allow", "Principal": {"AWS": LOOKUP}}],
        [{"Effect": "Allow", "Principal": {"AWS": LOOKUP}, "Condition": {"StringNotLike": {KEY: "cn-north-1"}}}],
        [{"Effect": "Allow", "Principal": {"AWS": LOOKUP}, "Condition": {"StringLike": {KEY: "cn-*"}}}],
        [
            {"Fn::If": ["Elsewhere", {"Effect": "Allow", "Principal": {"AWS": LOOKUP}}, {"Ref": "AWS::NoValue"}]},
            {"Effect": "Deny", "Principal": "*", "Condition": {"StringLike": {KEY: "cn-north-1"}}},
        ],
    ],
    ids=["any", "another", "of the partition", "where the stack is"],
)
def test_a_queue_of_another_partition_is_called_in_a_region_of_that(statements: list[Json], tmp_path: Path) -> None:
    """The stack is in one of its Regions, which the policy may tell apart from others of it."""
    on: Json = {"Action": "sqs:SendMessage", "Resource": "*"}
    written = [
        {"Fn::If": [one["Fn::If"][0], {**one["Fn::If"][1], **on}, one["Fn::If"][2]]}
        if "Fn::If" in one
        else {**one, **on}
        for one in statements
    ]
    policy = {"Queues": ["https://sqs/q"], "PolicyDocument": {"Version": "2012-10-17", "Statement": written}}
    resources = {"P": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Mappings": MAPPINGS, "Conditions": ELSEWHERE, "Resources": resources}))
    report = trustproof.check([str(file)], account=ACCOUNT, properties=["inside-boundary"], config={"boundary": {}})
    assert {one.verdict for one in report.results} == {"refuted"}
    for one in report.results:
        assert one.counterexample is not None
        request = one.counterexample.request
        assert request.context["aws:requestedregion"] == request.resource.split(":")[3]
        assert partition_of(request.resource.split(":")[3]) == request.resource.split(":")[1]
