"""
What SAM makes of its resources, as far as it gives access: compared where it is known, and named where it is not.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from tests.comparison.test_diff import diff, messages
from trustproof.results.difference import Difference

Json = dict[str, Any]
FUNCTION, MACHINE = "AWS::Serverless::Function", "AWS::Serverless::StateMachine"


def serverless(properties: Json, type_: str = FUNCTION, **more: Json) -> Json:
    """A template with one resource of SAM's, called F."""
    resources = {"F": {"Type": type_, "Properties": properties}, **more}
    return {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}


def gained(found: Difference) -> str:
    """What is gained, in one text; nothing must be lost or unknown."""
    assert not found.lost
    assert not found.undecided
    return "\n".join(message for message in messages(found) if message.startswith("gained: role F may call"))


def event(type_: str, **properties: object) -> Json:
    return {"Events": {"E": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    ("more", "type_", "action"),
    [
        ({"Policies": "AmazonS3ReadOnlyAccess"}, FUNCTION, "s3:Get"),
        ({"Policies": ["AWSLambdaRole"]}, FUNCTION, "lambda:InvokeFunction"),
        ({"Policies": {"SQSPollerPolicy": {"QueueName": "q"}}}, FUNCTION, "sqs:"),
        ({"Policies": [{"SQSPollerPolicy": {"QueueName": {"Fn::Sub": "${AWS::StackName}-q"}}}]}, MACHINE, "sqs:"),
        ({"Tracing": "Active"}, FUNCTION, "xray:PutTraceSegments"),
        ({"Tracing": {"Enabled": True}}, MACHINE, "xray:PutTraceSegments"),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, FUNCTION, "ec2:"),
        (event("SQS", Queue="arn:aws:sqs:eu-west-1:111122223333:q"), FUNCTION, "sqs:ReceiveMessage"),
        (event("Kinesis", Stream="arn:x", StartingPosition="LATEST"), FUNCTION, "kinesis:GetRecords"),
        (event("DynamoDB", Stream="arn:x", StartingPosition="LATEST"), FUNCTION, "dynamodb:DescribeStream"),
        (event("MSK", Stream="arn:x", StartingPosition="LATEST"), FUNCTION, "kafka:"),
    ],
)
def test_what_a_setting_adds_to_the_role_is_gained(more: Json, type_: str, action: str) -> None:
    """Names of policies that AWS manages, tracing, networks and events attach policies to the role that SAM makes."""
    assert action in gained(diff(serverless({}, type_), serverless(more, type_)))


@pytest.mark.parametrize(("tracing", "type_"), [("Disabled", FUNCTION), ({"Enabled": False}, MACHINE)])
def test_tracing_that_is_switched_off_adds_nothing(tracing: object, type_: str) -> None:
    """As where nothing is said of it."""
    assert diff(serverless({}, type_), serverless({"Tracing": tracing}, type_)).is_empty


def test_a_role_of_ones_own_gets_nothing() -> None:
    """What SAM adds, it adds to the role that it makes."""
    role = {"Role": "arn:aws:iam::111122223333:role/own"}
    more = {**role, "Tracing": "Active", "VpcConfig": {"SubnetIds": ["subnet-1"]}, "Policies": ["AdministratorAccess"]}
    assert diff(serverless(role), serverless(more)).is_empty


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"NoSuchPolicy": {}}, "no policy template of SAM that is known here: NoSuchPolicy"),
        ({"S3CrudPolicy": {}}, "the policy template S3CrudPolicy is not given BucketName"),
        ({"S3CrudPolicy": {"Ref": "P"}}, "what the policy template S3CrudPolicy is given is not known"),
    ],
)
def test_a_policy_template_that_is_not_known_leaves_the_question_open(given: Json, said: str) -> None:
    """Nothing is said to be the same."""
    found = trustproof.diff(
        serverless({}), {**serverless({"Policies": [given]}), "Parameters": {"P": {"Type": "String"}}}
    )
    assert said in str(found.undecided)


def test_what_sam_makes_is_what_is_written_in_the_processed_template() -> None:
    """A role that SAM makes of a function is the one of the id that SAM gives it, which policies may name."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::GetAtt": ["FRole", "Arn"]}},
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["F", "Arn"]}}},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"], "PolicyDocument": document}}
    trust = {**statement, "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    del trust["Resource"], trust["Condition"]
    basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    role: Json = {"AssumeRolePolicyDocument": {**document, "Statement": [trust]}, "ManagedPolicyArns": [basic]}
    resources = {
        "F": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["FRole", "Arn"]}}},
        "FRole": {"Type": "AWS::IAM::Role", "Properties": role},
        "P": policy,
    }
    processed = {"Resources": resources}
    source = serverless({}, P=policy)
    assert diff(processed, source).is_empty
    assert diff(source, processed).is_empty
    trust["Principal"]["Service"] = ["lambda.amazonaws.com", "states.amazonaws.com"]  # type: ignore[index]
    assert [one for one in messages(diff(source, processed)) if "states.amazonaws.com may assume" in one]
