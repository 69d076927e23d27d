"""
What decides about access to a resource is what its template says, when it is made, when an update brings it there, and
when one takes it out: as if it had been made by calls.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.awslambda.models import lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.events.models import events_backends
from moto.kinesis.models import kinesis_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from tests.sandbox.cloudformation.conftest import ACCOUNT, REGION, Stacks, resource, template, trust
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.operations import operation

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/one"
TABLE = {
    "TableName": "d",
    "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
FUNCTION = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "index.h", "Code": {"ZipFile": "x = 1"}}
GROUP = {"GroupDescription": "g"}
FROM_HOME = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}]
BY_DEFAULT = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
#: Type, properties in any case, those that come and go, the operation that reads them, what it is told (`Ref` is the
#: physical id), and the path in its answer.
SETTINGS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, str], dict[str, Any], str]] = [
    (
        "DynamoDB::Table",
        TABLE,
        {"SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}},
        ("dynamodb", "DescribeTable"),
        {"TableName": "Ref"},
        "Table SSEDescription KMSMasterKeyArn",
    ),
    (
        "EC2::SecurityGroup",
        GROUP,
        {"SecurityGroupEgress": FROM_HOME},
        ("ec2", "DescribeSecurityGroups"),
        {"GroupIds": ["Ref"]},
        "SecurityGroups 0 IpPermissionsEgress 0 IpRanges 0 CidrIp",
    ),
    (
        "EC2::SecurityGroup",
        GROUP,
        {"SecurityGroupIngress": FROM_HOME},
        ("ec2", "DescribeSecurityGroups"),
        {"GroupIds": ["Ref"]},
        "SecurityGroups 0 IpPermissions 0 IpRanges 0 CidrIp",
    ),
    (
        "Kinesis::Stream",
        {"Name": "s", "ShardCount": 1},
        {"StreamEncryption": {"EncryptionType": "KMS", "KeyId": KEY}},
        ("kinesis", "DescribeStreamSummary"),
        {"StreamName": "Ref"},
        "StreamDescriptionSummary KeyId",
    ),
    (
        "Lambda::Function",
        FUNCTION,
        {"KmsKeyArn": KEY},
        ("lambda", "GetFunctionConfiguration"),
        {"FunctionName": "Ref"},
        "KMSKeyArn",
    ),
    (
        "S3::Bucket",
        {"BucketName": "of-settings"},
        {"BucketEncryption": {"ServerSideEncryptionConfiguration": [BY_DEFAULT]}},
        ("s3", "GetBucketEncryption"),
        {"Bucket": "Ref"},
        "ServerSideEncryptionConfiguration Rules 0 ApplyServerSideEncryptionByDefault KMSMasterKeyID",
    ),
    (
        "SNS::Topic",
        {"TopicName": "t"},
        {"KmsMasterKeyId": KEY},
        ("sns", "GetTopicAttributes"),
        {"TopicArn": "Ref"},
        "Attributes KmsMasterKeyId",
    ),
    (
        "SQS::Queue",
        {"QueueName": "q"},
        {"KmsMasterKeyId": KEY},
        ("sqs", "GetQueueAttributes"),
        {"QueueUrl": "Ref", "AttributeNames": ["All"]},
        "Attributes KmsMasterKeyId",
    ),
]
BACKENDS = (
    dynamodb_backends,
    ec2_backends,
    ecr_backends,
    events_backends,
    kinesis_backends,
    lambda_backends,
    logs_backends,
    s3_backends,
    sns_backends,
    sqs_backends,
)


@pytest.fixture(autouse=True)
def _with_nothing() -> Iterator[None]:
    yield
    for one in BACKENDS:
        one.reset()


def app(*, there: bool) -> dict[str, Any]:
    lets_in = {"AssumeRolePolicyDocument": trust({"Service": "lambda.amazonaws.com"})}
    found = {"Role": resource("IAM::Role", **lets_in)}
    for index, (kind, always, setting, *_) in enumerate(SETTINGS):
        more = {"Role": {"Fn::GetAtt": ["Role", "Arn"]}} if kind == "Lambda::Function" else {}
        found[f"R{index}"] = resource(kind, **always, **more, **(setting if there else {}))
    return template(**found)


def held(stacks: Stacks) -> list[Any]:
    """What an operation says of each setting; None where it says nothing."""
    refs = stacks.resources()
    return [read(how, given, path, refs[f"R{index}"]) for index, (*_, how, given, path) in enumerate(SETTINGS)]


def read(how: tuple[str, str], given: dict[str, Any], path: str, ref: str) -> Any:
    named = {name: ref if one == "Ref" else [ref] if one == ["Ref"] else one for name, one in given.items()}
    try:
        found: Any = operation(*how, ACCOUNT, REGION, named)
    except RefusedRequest:
        return None
    for step in path.split():
        if isinstance(found, list):
            found = found[int(step)] if found else None
        else:
            found = (found or {}).get(step)
    return found or None


def test_settings_come_and_go(stacks: Stacks) -> None:
    """Made by a template, brought there by an update, taken out by one: each is what the template says."""
    with_it = ["10.0.0.0/8" if kind == "EC2::SecurityGroup" else KEY for kind, *_ in SETTINGS]
    without = ["0.0.0.0/0" if "SecurityGroupEgress" in setting else None for _, _, setting, *_ in SETTINGS]
    assert stacks.deploy(app(there=False)) == "CREATE_COMPLETE"
    refs = stacks.resources()
    assert held(stacks) == without
    assert stacks.deploy(app(there=True)) == "UPDATE_COMPLETE"
    assert held(stacks) == with_it
    assert stacks.deploy(app(there=False)) == "UPDATE_COMPLETE"
    assert (held(stacks), stacks.resources()) == (without, refs)
    assert stacks.delete() == "DELETE_COMPLETE"
    assert stacks.deploy(app(there=True)) == "CREATE_COMPLETE"
    assert held(stacks) == with_it
    assert stacks.delete() == "DELETE_COMPLETE"


def test_objects_are_locked(stacks: Stacks) -> None:
    """A lock comes with the bucket or by an update, changes, and is not lost with what the template said of it."""

    def locked(**of_bucket: Any) -> tuple[str, Any]:
        status = stacks.deploy(template(B=resource("S3::Bucket", BucketName="of-locks", **of_bucket)))
        path = "ObjectLockConfiguration Rule DefaultRetention Days"
        return status, read(("s3", "GetObjectLockConfiguration"), {"Bucket": "of-locks"}, path, "")

    def lock(days: int) -> dict[str, Any]:
        return {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": days}}}

    on: dict[str, Any] = {"ObjectLockEnabled": True}
    assert locked() == ("CREATE_COMPLETE", None)
    assert locked(**on, ObjectLockConfiguration=lock(3)) == ("UPDATE_COMPLETE", 3)
    assert locked(**on, ObjectLockConfiguration=lock(4)) == ("UPDATE_COMPLETE", 4)
    assert locked(**on) == ("UPDATE_COMPLETE", None)
    assert stacks.delete() == "DELETE_COMPLETE"
    assert locked(ObjectLockConfiguration=lock(5)) == ("CREATE_COMPLETE", 5)
    assert read(("s3", "GetBucketVersioning"), {"Bucket": "of-locks"}, "Status", "") == "Enabled"
    assert stacks.delete() == "DELETE_COMPLETE"


def test_rules_of_a_group_that_stand_by_themselves(stacks: Stacks) -> None:
    """They stay when the group's own change."""
    alone = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "10.1.0.0/16"}

    def rules(own: list[dict[str, Any]]) -> list[str]:
        found = template(
            G=resource("EC2::SecurityGroup", **GROUP, SecurityGroupIngress=own),
            R=resource("EC2::SecurityGroupIngress", GroupId={"Ref": "G"}, **alone),
        )
        assert stacks.deploy(found).endswith("E_COMPLETE")
        told = operation("ec2", "DescribeSecurityGroups", ACCOUNT, REGION, {"GroupIds": [stacks.resources()["G"]]})
        return sorted(one["CidrIp"] for rule in told["SecurityGroups"][0]["IpPermissions"] for one in rule["IpRanges"])

    assert rules(FROM_HOME) == ["10.0.0.0/8", "10.1.0.0/16"]
    assert rules([]) == ["10.1.0.0/16"]
    assert stacks.delete() == "DELETE_COMPLETE"


def test_what_else_a_table_and_a_network_change(stacks: Stacks) -> None:
    """Streams, capacity, names and addresses change in place."""
    plain = {name: value for name, value in TABLE.items() if name != "BillingMode"}
    capacity = {"ReadCapacityUnits": 2, "WriteCapacityUnits": "2"}

    def network(table: dict[str, Any], on: bool) -> dict[str, Any]:
        return template(
            D=resource("DynamoDB::Table", **table),
            V=resource("EC2::VPC", CidrBlock="10.0.0.0/16", EnableDnsHostnames=on),
            S=resource("EC2::Subnet", CidrBlock="10.0.0.0/24", VpcId={"Ref": "V"}, MapPublicIpOnLaunch=on),
        )

    assert stacks.deploy(network(TABLE, False)) == "CREATE_COMPLETE"
    refs = stacks.resources()
    streams: dict[str, Any] = {"StreamSpecification": {"StreamViewType": "NEW_IMAGE"}}
    streams["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": True}
    streams["TimeToLiveSpecification"] = {"AttributeName": "t", "Enabled": "true"}
    assert stacks.deploy(network({**plain, "ProvisionedThroughput": capacity, **streams}, True)) == "UPDATE_COMPLETE"
    table = dynamodb_backends[ACCOUNT][REGION].get_table("d")
    assert (table.billing_mode, table.stream_specification["StreamViewType"]) == ("PROVISIONED", "NEW_IMAGE")
    recovery = table.continuous_backups
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert table.ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "t"}
    assert ec2_backends[ACCOUNT][REGION].vpcs[refs["V"]].enable_dns_hostnames
    assert ec2_backends[ACCOUNT][REGION].get_subnet(refs["S"]).map_public_ip_on_launch in (True, "true")
    assert stacks.deploy(network(TABLE, False)) == "UPDATE_COMPLETE"
    assert (table.billing_mode, stacks.resources()) == ("PAY_PER_REQUEST", refs)
    assert not (table.stream_specification or {}).get("StreamEnabled")
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
    assert table.ttl["TimeToLiveStatus"] == "DISABLED"
    assert stacks.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("kind", "properties", "how", "given", "path"),
    [
        (
            "EC2::Volume",
            {"AvailabilityZone": f"{REGION}a", "Size": 1, "Encrypted": True, "KmsKeyId": KEY},
            ("ec2", "DescribeVolumes"),
            {"VolumeIds": ["Ref"]},
            "Volumes 0 KmsKeyId",
        ),
        (
            "ECR::Repository",
            {"RepositoryName": "settings", "EncryptionConfiguration": {"EncryptionType": "KMS", "KmsKey": KEY}},
            ("ecr", "DescribeRepositories"),
            {"repositoryNames": ["Ref"]},
            "repositories 0 encryptionConfiguration kmsKey",
        ),
        (
            "Logs::LogGroup",
            {"LogGroupName": "settings", "KmsKeyId": KEY},
            ("logs", "DescribeLogGroups"),
            {"logGroupNamePrefix": "settings"},
            "logGroups 0 kmsKeyId",
        ),
    ],
)
def test_keys_of_what_is_made(
    stacks: Stacks, kind: str, properties: dict[str, Any], how: tuple[str, str], given: dict[str, Any], path: str
) -> None:
    """A key that cannot be changed is that of the template from the beginning; tags come and go."""
    tags = {"Tags": [{"Key": "k", "Value": "v"}]}
    assert stacks.deploy(template(R=resource(kind, **properties, **tags))) == "CREATE_COMPLETE"
    assert read(how, given, path, stacks.resources()["R"]) == KEY
    assert stacks.deploy(template(R=resource(kind, **properties))) == "UPDATE_COMPLETE"
    assert stacks.delete() == "DELETE_COMPLETE"


@pytest.mark.parametrize(
    ("kind", "properties", "name"),
    [
        ("Events::EventBus", {"Name": "b", "KmsKeyIdentifier": KEY}, "KmsKeyIdentifier"),
        ("Logs::LogGroup", {"DataProtectionPolicy": {"Statement": []}}, "DataProtectionPolicy"),
        ("SNS::Topic", {"DataProtectionPolicy": {"Statement": []}}, "DataProtectionPolicy"),
        # One within another one.
        ("Kinesis::Stream", {"ShardCount": 1, "WarmThroughputObject": {"Of": [{"RoleArn": ""}]}}, "WarmThroughput"),
    ],
)
def test_what_moto_makes_nothing_of(stacks: Stacks, kind: str, properties: dict[str, Any], name: str) -> None:
    """A key, a role or a policy that would be left out fails the resource, and nothing of it stays."""
    assert stacks.deploy(template(R=resource(kind, **properties))) == "ROLLBACK_COMPLETE"
    assert f"makes nothing of the {name}" in stacks.reasons()[0]


def test_what_a_topic_says_of_its_deliveries(stacks: Stacks) -> None:
    """With which roles it does comes, changes and goes, by the protocol."""

    def said(**protocols: str) -> dict[str, str]:
        lets_in = {"AssumeRolePolicyDocument": trust({"Service": "sns.amazonaws.com"})}
        roles = {name: resource("IAM::Role", RoleName=name, **lets_in) for name in ("one", "two")}
        logging = [
            {"Protocol": "http/s" if name == "http" else name, "SuccessFeedbackRoleArn": {"Fn::GetAtt": [role, "Arn"]}}
            for name, role in protocols.items()
        ]
        topic = resource("SNS::Topic", **({"DeliveryStatusLogging": logging} if logging else {}))
        assert stacks.deploy(template(T=topic, **roles)).endswith("E_COMPLETE"), stacks.reasons()
        about = {"TopicArn": stacks.resources()["T"]}
        found = operation("sns", "GetTopicAttributes", ACCOUNT, REGION, about)["Attributes"]
        return {name: value.rpartition("/")[2] for name, value in found.items() if "Feedback" in name}

    assert said(sqs="one") == {"SQSSuccessFeedbackRoleArn": "one"}
    changed = {"HTTPSuccessFeedbackRoleArn": "one", "SQSSuccessFeedbackRoleArn": "two"}
    assert said(sqs="two", http="one") == changed
    assert said() == {}
    assert stacks.delete() == "DELETE_COMPLETE"
