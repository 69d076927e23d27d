"""
Tags that only AWS sets: a condition on one is not met by whoever may tag.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, refusal

REGION = "eu-central-1"
QUEUE = f"https://sqs.{REGION}.amazonaws.com/{HOME}/tagged"
LISTED = [{"Key": "aws:team", "Value": "red"}]
OF_KMS = [{"TagKey": "AWS:team", "TagValue": "red"}]
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("kms", "create_key", {"Tags": OF_KMS}),
    ("sqs", "create_queue", {"QueueName": "tagged", "tags": {"aws:team": "red"}}),
    ("sqs", "tag_queue", {"QueueUrl": QUEUE, "Tags": {"aws:team": "red"}}),
    ("sns", "create_topic", {"Name": "tagged", "Tags": LISTED}),
    ("s3", "put_bucket_tagging", {"Bucket": "reserved-tags", "Tagging": {"TagSet": LISTED}}),
    ("s3", "put_object", {"Bucket": "reserved-tags", "Key": "k", "Tagging": "aws%3Ateam=red"}),
    ("secretsmanager", "create_secret", {"Name": "tagged", "SecretString": "v", "Tags": LISTED}),
    ("ecr", "create_repository", {"repositoryName": "tagged", "tags": LISTED}),
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "vpc", "Tags": LISTED}]}),
    ("ec2", "create_tags", {"Resources": ["vpc-12345678"], "Tags": LISTED}),
    ("ssm", "put_parameter", {"Name": "/tagged", "Value": "v", "Type": "String", "Tags": LISTED}),
]


@pytest.mark.parametrize(("service", "operation", "parameters"), CALLS, ids=[f"{one[0]} {one[1]}" for one in CALLS])
def test_calls(cast: Cast, service: str, operation: str, parameters: dict[str, Any]) -> None:
    """No service takes one, whoever asks; the same request without it is taken for what it is."""
    client = cast.aws.client(service, account=HOME, region=REGION)
    if service == "s3":
        existing = {one["Name"] for one in client.list_buckets()["Buckets"]}
        if "reserved-tags" not in existing:
            client.create_bucket(Bucket="reserved-tags", CreateBucketConfiguration={"LocationConstraint": REGION})
    elif operation == "tag_queue":
        client.create_queue(QueueName="tagged")
    code, message = refusal(lambda: getattr(client, operation)(**parameters))
    assert "aws:" in message.lower() or "System tags" in message
    assert code not in ("AccessDenied", "NotImplemented", "InternalFailure")
    if operation == "create_topic":
        client.create_topic(Name="tagged", Tags=[{"Key": "laws:team", "Value": "aws:red"}])


@pytest.mark.parametrize("type_", ["AWS::SNS::Topic", "AWS::IAM::User", "AWS::SecretsManager::Secret"])
def test_stacks(cast: Cast, type_: str) -> None:
    """Nor does CloudFormation set one for a template, or take one for a stack."""
    client = cast.aws.client("cloudformation", account=HOME, region=REGION)
    body = {"Resources": {"R": {"Type": type_, "Properties": {"Tags": LISTED}}}}
    name = f"tagged-{type_.replace(':', '')}"
    client.create_stack(StackName=name, TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_IAM"])
    (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    plain = json.dumps({"Resources": {"R": {"Type": "AWS::SNS::Topic"}}})
    code, message = refusal(lambda: client.create_stack(StackName="no", TemplateBody=plain, Tags=LISTED))
    assert (code, message[:4]) == ("ValidationError", "aws:")
