"""
Conditions on what a request says of itself.
"""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from tests.sandbox.cast import HOME, Cast, allow, trust
from trustproof.sandbox.authorization.actions.request_keys import _ROWS
from trustproof.sandbox.moto.parameters import input_of

REGION = "eu-central-1"
UNKNOWN, DENIED_BY_EC2 = "NotImplemented", "UnauthorizedOperation"
TOPIC, QUEUE = f"arn:aws:sns:{REGION}:{HOME}:said", f"arn:aws:sqs:{REGION}:{HOME}:said"


def outcome(call: Callable[[], Any]) -> str:
    """The code with which a call is refused; empty where it gets in."""
    try:
        call()
    except Exception as error:  # noqa: BLE001
        return str(getattr(error, "response", {}).get("Error", {}).get("Code", error))
    return ""


def deny(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {operator: {key: value}}}


@pytest.mark.parametrize(
    ("operator", "key", "value", "code"),
    [
        ("NumericLessThan", "s3:TlsVersion", "1.2", ""),
        ("NumericLessThan", "s3:TlsVersion", "1.3", UNKNOWN),
        ("NumericGreaterThan", "s3:signatureAge", "600000", ""),
        ("NumericLessThan", "s3:signatureAge", "600000", UNKNOWN),
        ("StringEquals", "s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD", ""),
        ("Bool", "aws:ViaAWSMCPService", "true", ""),
        ("Bool", "aws:ViaAWSMCPService", "false", UNKNOWN),
    ],
)
def test_keys_of_any_request_to_s3(cast: Cast, operator: str, key: str, value: str, code: str) -> None:
    """Where a key may be one of a few things, the answer is given that all of them have."""
    s3 = cast.aws.client("s3", cast.user(allow("*"), deny(operator, key, value)))
    assert outcome(s3.list_buckets) == code


def test_uploads(cast: Cast) -> None:
    """An upload has the conditions of its headers, and says whether it makes an object."""
    cast.aws.client("s3", account=HOME).create_bucket(
        Bucket="conditional", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    here = {"Bucket": "conditional", "Key": "a"}
    condition = {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
    must_be_new = {**deny("Null", "", ""), "Condition": condition}
    s3 = cast.aws.client("s3", cast.user(allow("s3:*"), must_be_new))
    assert outcome(lambda: s3.put_object(**here)) == "AccessDenied"
    assert outcome(lambda: s3.put_object(**here, IfNoneMatch="*")) == ""
    assert outcome(lambda: s3.create_multipart_upload(**here)) == ""
    elsewhere = cast.aws.client(
        "s3", cast.user(allow("s3:*"), deny("StringNotEquals", "s3:LocationConstraint", REGION))
    )
    place = {"CreateBucketConfiguration": {"LocationConstraint": REGION}}
    assert outcome(lambda: elsewhere.create_bucket(Bucket="placed-by-request", **place)) == ""


def test_the_age_of_a_presigned_request(cast: Cast) -> None:
    """A presigned address is as old as its signature."""
    cast.aws.client("s3", account=HOME).create_bucket(
        Bucket="aging", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    s3 = cast.aws.client(
        "s3",
        cast.user(allow("s3:*"), deny("NumericGreaterThan", "s3:signatureAge", "600000")),
        config=Config(signature_version="s3v4"),
    )
    url = s3.generate_presigned_url("list_objects_v2", Params={"Bucket": "aging"})
    assert urllib.request.urlopen(url).status == 200
    # In the second of its signature it is not known whether the clock was advanced before.
    time.sleep(1)
    cast.aws.clock.advance(601)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url)


@pytest.mark.parametrize(
    ("service", "condition", "good", "bad", "code"),
    [
        (
            "sns",
            {"StringEquals": {"sns:Protocol": "sqs"}, "StringLike": {"sns:Endpoint": f"*:{HOME}:*"}},
            lambda sns: sns.subscribe(
                TopicArn=f"arn:aws:sns:{REGION}:{HOME}:said",
                Protocol="sqs",
                Endpoint=QUEUE,
            ),
            lambda sns: sns.subscribe(TopicArn=TOPIC, Protocol="https", Endpoint="https://example.com"),
            # The topic's own policy may let the caller in.
            UNKNOWN,
        ),
        (
            "kms",
            {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}},
            lambda kms: kms.create_key(KeySpec="SYMMETRIC_DEFAULT"),
            lambda kms: kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"),
            "AccessDeniedException",
        ),
        (
            "kms",
            {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}},
            lambda kms: kms.create_key(KeySpec="SYMMETRIC_DEFAULT"),
            lambda kms: kms.create_key(),
            UNKNOWN,
        ),
        (
            "secretsmanager",
            {"StringLike": {"secretsmanager:Name": "team/*"}},
            lambda secrets: secrets.create_secret(Name="team/a", SecretString="x"),
            lambda secrets: secrets.create_secret(Name="other/a", SecretString="x"),
            "AccessDeniedException",
        ),
    ],
)
def test_keys_of_parameters(
    cast: Cast, service: str, condition: dict[str, Any], good: Any, bad: Any, code: str
) -> None:
    """What a parameter says is known, and where it is not there, what its default is or nothing."""
    cast.aws.client("sns", account=HOME).create_topic(Name="said")
    cast.aws.client("sqs", account=HOME).create_queue(QueueName="said")
    client = cast.aws.client(service, cast.user(allow(f"{service}:*", Condition=condition)), region=REGION)
    assert outcome(lambda: good(client)) == ""
    assert outcome(lambda: bad(client)) == code


def test_keys_of_what_is_launched(cast: Cast) -> None:
    """A launch is asked for its instance with what it says of that."""
    tokens = {"StringNotEquals": {"ec2:MetadataHttpTokens": "required"}}
    instances = {**deny("", "", ""), "Resource": "arn:aws:ec2:*:*:instance/*", "Condition": tokens}
    ec2 = cast.aws.client("ec2", cast.user(allow("*"), instances, deny("StringNotEquals", "ec2:Region", REGION)))
    given = {"ImageId": "ami-12c6146b", "MinCount": 1, "MaxCount": 1}
    assert outcome(lambda: ec2.run_instances(**given, MetadataOptions={"HttpTokens": "required"})) == ""
    assert outcome(lambda: ec2.run_instances(**given, MetadataOptions={"HttpTokens": "optional"})) == DENIED_BY_EC2
    assert outcome(lambda: ec2.run_instances(**given)) == UNKNOWN


def test_every_key_has_its_parameter() -> None:
    """Each row of the table names a parameter that its operation has."""
    missing = [
        (prefix, operation, path)
        for (prefix, operation), rows in _ROWS.items()
        for _, path, _ in rows
        if not _has(input_of(prefix, operation), path)
    ]
    assert missing == []


def _has(shape: Any, path: str) -> bool:
    for name in path.split("."):
        if name not in shape.members:
            return False
        shape = shape.members[name]
    return True


@pytest.mark.parametrize(
    ("service", "key", "code"),
    [
        ("ec2", "ec2:RoleDelivery", UNKNOWN),
        ("lambda", "lambda:SourceFunctionArn", UNKNOWN),
        ("lambda", "ec2:RoleDelivery", ""),
    ],
)
def test_what_a_service_says_in_its_sessions(cast: Cast, service: str, key: str, code: str) -> None:
    """Which instance or function acts with a role is not known of a session that the service has begun."""
    principal = f"{service}.amazonaws.com"
    role = cast.role(trust({"Service": principal}), may=[allow("*"), deny("Null", key, "false")])
    sts = cast.aws.client("sts", cast.aws.as_service(principal))
    session = sts.assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    assert outcome(cast.aws.client("s3", session).list_buckets) == code
