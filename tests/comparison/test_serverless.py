"""
`trustproof.diff` of what SAM makes of properties that are no policies: what is not read is not decided.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
TRANSFORM = "AWS::Serverless-2016-10-31"


def template(
    globals_: Json | None = None, *, more: Json | None = None, connectors: Json | None = None, **own: Any
) -> Json:
    """A template with one function."""
    function: Json = {"Type": "AWS::Serverless::Function", "Properties": {"Handler": "i.h", **own}}
    if connectors is not None:
        function["Connectors"] = connectors
    resources = {"Fn": function, "Table": {"Type": "AWS::Serverless::SimpleTable"}, **(more or {})}
    conditions = {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}
    return {"Transform": TRANSFORM, "Globals": globals_ or {}, "Conditions": conditions, "Resources": resources}


def event(type_: str, **properties: Any) -> Json:
    """A function's only event."""
    return {"E": {"Type": type_, "Properties": properties}}


ROLE = "arn:aws:iam::111122223333:role/r"
READS, CRUD = {"S3ReadPolicy": {"BucketName": "b"}}, {"S3CrudPolicy": {"BucketName": "b"}}
SQS = event("SQS", Queue="q")
CONNECTOR = {"Properties": {"Destination": {"Id": "Table"}, "Permissions": ["Write"]}}
CONNECTS = {"Type": "AWS::Serverless::Connector", "Properties": {"Source": {"Id": "Fn"}, **CONNECTOR["Properties"]}}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"Policies": [READS, CRUD]}, {"Policies": [CRUD, READS]}, []),
        ({"Role": ROLE}, {"Policies": [CRUD], "Role": ROLE}, []),
        ({}, {"connectors": {"C": CONNECTOR}}, ["the connector C"]),
        ({}, {"more": {"Con": CONNECTS}}, ["the connector Con"]),
        ({}, {"Events": event("S3", Bucket="b")}, ["the event E of Fn (S3)"]),
        ({"Events": event("S3", Bucket="b")}, {"Events": event("S3", Bucket="b", Events="s3:ObjectCreated:*")}, []),
        ({"Events": SQS}, {"Events": event("SQS", Queue="q", DestinationConfig={"OnFailure": {}})}, ["(SQS)"]),
        ({"Events": SQS}, {"Events": event("SQS", Queue="q", BatchSize=2)}, []),
        ({}, {"Events": event("Schedule", Schedule="rate(1 day)")}, []),
        ({"globals_": {"Function": {"Tracing": "Active"}}}, {"Tracing": "Active"}, []),
        ({}, {"DeadLetterQueue": {"Type": "SQS", "TargetArn": "a"}}, ["to send what has failed"]),
        ({"VpcConfig": {"SubnetIds": ["a"]}}, {"VpcConfig": {"SubnetIds": ["b"]}}, []),
        ({}, {"EventInvokeConfig": {"MaximumRetryAttempts": 1}}, []),
        ({}, {"EventInvokeConfig": {"DestinationConfig": {"OnFailure": {"Type": "SQS"}}}}, ["has come of a call"]),
    ],
)
def test_what_is_made_of_other_properties_is_not_decided(old: Json, new: Json, said: list[str]) -> None:
    """What gives access and is not read is unknown where it is not the same, in either direction, and nothing else."""
    for sides in ((old, new), (new, old)):
        found = trustproof.diff(*(template(**side) for side in sides))
        assert not found.access
        assert len({one.reasons for one in found.undecided}) == len(said)
        assert all(any(one in str(each.reasons) for each in found.undecided) for one in said)


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("AmazonS3ReadOnlyAccess", "AmazonS3ReadOnlyAccess"),
        ("AWSLambdaRole", "service-role/AWSLambdaRole"),
    ],
)
def test_a_policy_that_aws_manages_may_be_named_by_its_name(name: str, arn: str) -> None:
    """SAM takes the name of a policy that AWS manages for its ARN."""
    whole = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/" + arn}
    assert not list(trustproof.diff(template(Policies=[name]), template(Policies=[whole])))
    assert not list(trustproof.diff(template(Policies=name), template(Policies=[f"arn:aws:iam::aws:policy/{arn}"])))
    assert trustproof.diff(template(), template(Policies=[name])).gained


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (READS, CRUD),
        (READS, {"S3ReadPolicy": {"BucketName": "*"}}),
        (READS, {"Fn::If": ["C", CRUD, {"Ref": "AWS::NoValue"}]}),
    ],
)
def test_a_policy_template_is_compared_by_what_it_allows(old: Json, new: Json) -> None:
    """More actions, more resources and more in one Region are gained."""
    found = trustproof.diff(template(Policies=[old]), template(Policies=[new]))
    assert found.gained
    assert not found.undecided
