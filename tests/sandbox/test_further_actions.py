"""
Requests that need more than the action of their own name, and more than the resource that they name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, allow, refusal

REGION = "eu-central-1"
DOCUMENT = "arn:aws:ssm:*:*:document/AWS-RunShellScript"
#: The service, the action that the caller has, the further one, the call, and one that does without it.
FURTHER: list[tuple[str, str, str, Callable[[Any], Any], Callable[[Any], Any] | None]] = [
    (
        "route53",
        "route53:CreateHostedZone",
        "ec2:DescribeVpcs",
        lambda client: client.create_hosted_zone(
            Name="a.test", CallerReference="1", VPC={"VPCRegion": REGION, "VPCId": "vpc-1"}
        ),
        lambda client: client.create_hosted_zone(Name="b.test", CallerReference="2"),
    ),
    (
        "scheduler",
        "scheduler:DeleteScheduleGroup",
        "scheduler:DeleteSchedule",
        lambda client: client.delete_schedule_group(Name="g"),
        None,
    ),
    (
        "kms",
        "kms:*",
        "iam:CreateServiceLinkedRole",
        lambda client: client.create_key(MultiRegion=True),
        lambda client: client.create_key(),
    ),
]


@pytest.fixture(scope="module", autouse=True)
def group(cast: Cast) -> None:
    cast.aws.client("scheduler", account=HOME).create_schedule_group(Name="g")


@pytest.mark.parametrize(("service", "action", "further", "call", "without"), FURTHER)
def test_further_actions(cast: Cast, service: str, action: str, further: str, call: Any, without: Any) -> None:
    """What the reference lists besides is undecided for whoever has it not, where the request has to do with it."""
    limited = cast.aws.client(service, cast.user(allow(action)))
    code, message = refusal(lambda: call(limited))
    assert (code, further in message) == ("NotImplemented", True)
    if without is not None:
        assert without(limited)
    assert call(cast.aws.client(service, cast.user(allow([action, further]))))


def test_a_linked_role_that_is_there_is_not_made(cast: Cast) -> None:
    """The role of a service is asked for where it is not there, also of whoever may make that of another one."""
    other = allow(
        "iam:CreateServiceLinkedRole", Condition={"StringEquals": {"iam:AWSServiceName": "kms.amazonaws.com"}}
    )
    limited = cast.aws.client("rds", cast.user(allow("rds:*"), other))
    given = {"DBInstanceIdentifier": "a", "DBInstanceClass": "db.t3.micro", "Engine": "mysql"}
    assert refusal(lambda: limited.create_db_instance(**given))[0] == "NotImplemented"
    cast.iam().create_service_linked_role(AWSServiceName="rds.amazonaws.com")
    assert limited.create_db_instance(**given)["DBInstance"]["DBInstanceIdentifier"] == "a"


def test_replicating_a_key(cast: Cast) -> None:
    """A replica is a new key, and a key is switched off and deleted by its ARN, too."""
    admin = cast.aws.client("kms", account=HOME)
    key = admin.create_key(MultiRegion=True)["KeyMetadata"]["Arn"]
    limited = cast.aws.client("kms", cast.user(allow("kms:ReplicateKey")))
    assert refusal(lambda: limited.replicate_key(KeyId=key, ReplicaRegion="us-east-1"))[0] == "NotImplemented"
    admin.disable_key(KeyId=key)
    admin.enable_key(KeyId=key)
    assert admin.schedule_key_deletion(KeyId=key)["DeletionDate"]
    admin.cancel_key_deletion(KeyId=key)
    assert admin.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


def test_attributes_of_an_object(cast: Cast) -> None:
    """Whoever reads the attributes of an object must be allowed to read it."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="with-attributes", CreateBucketConfiguration={"LocationConstraint": REGION})
    admin.put_object(Bucket="with-attributes", Key="a", Body=b"a")
    given = {"Bucket": "with-attributes", "Key": "a", "ObjectAttributes": ["ETag"]}
    limited = cast.aws.client("s3", cast.user(allow("s3:GetObjectAttributes")))
    assert refusal(lambda: limited.get_object_attributes(**given))[0] == "AccessDenied"
    reader = cast.aws.client("s3", cast.user(allow(["s3:GetObject", "s3:GetObjectAttributes"])))
    assert reader.get_object_attributes(**given)["ETag"]


def test_a_command_to_whoever_has_a_tag(cast: Cast) -> None:
    """Which instances have it is not known: whoever may send commands to some only is not let, nor denied."""
    targets = {"DocumentName": "AWS-RunShellScript", "Targets": [{"Key": "tag:team", "Values": ["blue"]}]}
    for resources in ([DOCUMENT], [DOCUMENT, f"arn:aws:ec2:{REGION}:{HOME}:instance/i-1"]):
        one = cast.aws.client("ssm", cast.user({**allow("ssm:SendCommand"), "Resource": resources}))
        assert refusal(lambda one=one: one.send_command(**targets))[0] == "NotImplemented"
    assert cast.aws.client("ssm", cast.user(allow("ssm:SendCommand"))).send_command(**targets)
