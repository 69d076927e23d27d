"""
A request to a resource policy is about the resource that the policy stands on, in its account and Region.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.aws.partitions import partition_of

Json = dict[str, object]
OWN = "111122223333"
TOKEN = "codeartifact:GetAuthorizationToken"
#: Who is of the account of a bucket, and who is of any.
OF_OURS: Json = {"StringEquals": {"s3:ResourceAccount": "${aws:PrincipalAccount}"}}
ANY: Json = {"StringEquals": {"s3:ResourceAccount": OWN}}
PUT_LOGS, GROUP = "logs:PutLogEvents", f"arn:aws:logs:us-east-1:{OWN}:log-group:g"
OUTSIDE: Json = {"StringNotEquals": {"aws:PrincipalAccount": OWN}}


def policy(*statements: Json) -> Json:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: object, resource: object = "*") -> Json:
    """What everybody may do."""
    return {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": resource}


def deny(resource: object, action: str = "*") -> Json:
    """What nobody outside may do."""
    return {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource, "Condition": OUTSIDE}


def all_but(resource: object) -> Json:
    """What nobody outside may do with anything else."""
    return {"NotResource": resource, **{name: value for name, value in deny("*").items() if name != "Resource"}}


def queue(*statements: Json, queues: object = None) -> Json:
    """A queue with a policy."""
    properties = {"Queues": queues or [{"Ref": "Q"}], "PolicyDocument": policy(*statements)}
    return {
        "Q": {"Type": "AWS::SQS::Queue"},
        "R": {"Type": "AWS::SQS::Queue"},
        "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties},
    }


def log_group(*statements: Json, name: str | None = "g") -> Json:
    """A log group with a policy."""
    properties = {"ResourcePolicyDocument": policy(*statements), **({} if name is None else {"LogGroupName": name})}
    return {"L": {"Type": "AWS::Logs::LogGroup", "Properties": properties}}


def named_queue(name: object, *statements: Json) -> Json:
    """A queue with a name, and a policy."""
    return {**queue(*statements), "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}}


def topic(*statements: Json) -> Json:
    """A topic with a policy."""
    properties = {"Topics": [{"Ref": "T"}], "PolicyDocument": policy(*statements)}
    return {"T": {"Type": "AWS::SNS::Topic"}, "P": {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}}


def key(*statements: Json) -> Json:
    """A key."""
    return {"P": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy(*statements)}}}


def secret(*statements: Json) -> Json:
    """A secret with a policy."""
    properties = {"SecretId": {"Ref": "S"}, "ResourcePolicy": policy(*statements)}
    return {
        "S": {"Type": "AWS::SecretsManager::Secret"},
        "P": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": properties},
    }


def api(*statements: Json) -> Json:
    """An API."""
    return {"P": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Policy": policy(*statements)}}}


def bucket(*statements: Json) -> Json:
    """A bucket that takes public policies, and its policy."""
    open_: Json = {"PublicAccessBlockConfiguration": {}}
    properties = {"Bucket": {"Ref": "B"}, "PolicyDocument": policy(*statements)}
    return {
        "B": {"Type": "AWS::S3::Bucket", "Properties": open_},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": properties},
    }


ARN = {"Fn::GetAtt": ["Q", "Arn"]}
PROVED, REFUTED, UNKNOWN = trustproof.PROVED, trustproof.REFUTED, trustproof.UNKNOWN
CASES: list[tuple[str, Json, str]] = [
    ("queue", queue(allow("sqs:*")), REFUTED),
    ("queue, its own ARN", queue(allow("sqs:*"), deny(ARN)), PROVED),
    ("queue, written out", queue(allow("sqs:*"), deny({"Fn::Sub": "${Q.Arn}"})), PROVED),
    ("queue, of every Region", queue(allow("sqs:*"), deny(f"arn:aws:sqs:*:{OWN}:*")), PROVED),
    ("queue, of another account", queue(allow("sqs:*"), deny("arn:aws:sqs:*:999988887777:*")), REFUTED),
    ("queue, an action", queue(allow("sqs:*"), deny(ARN, "sqs:SendMessage")), REFUTED),
    ("two queues", queue(allow("sqs:*"), deny(ARN), queues=[{"Ref": "Q"}, {"Ref": "R"}]), REFUTED),
    ("another queue", queue(allow("sqs:*"), deny({"Fn::GetAtt": ["R", "Arn"]})), REFUTED),
    ("queue, Allow", queue(allow("sqs:*", ARN), deny(ARN)), PROVED),
    (
        "queue, of this Region",
        queue(allow("sqs:*"), deny({"Fn::Sub": f"arn:aws:sqs:${{AWS::Region}}:{OWN}:*"})),
        PROVED,
    ),
    ("queue, of a certain Region", queue(allow("sqs:*"), deny(f"arn:aws:sqs:us-east-1:{OWN}:*")), REFUTED),
    ("queue, all but its own", queue(allow("sqs:*"), all_but(ARN)), REFUTED),
    ("queue by name", named_queue("jobs-a", allow("sqs:*"), deny(f"arn:aws:sqs:*:{OWN}:jobs-*")), PROVED),
    ("queue by another name", named_queue("work", allow("sqs:*"), deny(f"arn:aws:sqs:*:{OWN}:jobs-*")), REFUTED),
    ("queue that a parameter names", named_queue({"Ref": "Name"}, allow("sqs:*"), deny(ARN)), PROVED),
    ("topic", topic(allow("sns:Publish"), deny({"Ref": "T"})), PROVED),
    ("topic, below it", topic(allow("sns:Publish"), deny({"Fn::Sub": "${T}:*"})), REFUTED),
    ("secret", secret(allow("secretsmanager:*"), deny({"Ref": "S"})), PROVED),
    ("secret, and what begins alike", secret(allow("*"), deny({"Fn::Sub": "${S}*"})), PROVED),
    ("key", key(allow("kms:*")), REFUTED),
    ("key, of the account", key(allow("kms:*"), deny(f"arn:aws:kms:*:{OWN}:key/*")), PROVED),
    ("key, aliases", key(allow("kms:*"), deny(f"arn:aws:kms:*:{OWN}:alias/*")), REFUTED),
    ("key, what crosses no account", key(allow(["kms:CancelKeyDeletion", "kms:ScheduleKeyDeletion"])), PROVED),
    ("key, what hurts", key(allow(["kms:CancelKeyDeletion", "kms:CreateGrant"])), REFUTED),
    ("api", api(allow("execute-api:Invoke", "execute-api:/*")), REFUTED),
    ("api, its own", api(allow("execute-api:Invoke", "execute-api:/*"), deny("execute-api:/*")), PROVED),
    ("api, all of it", api(allow("execute-api:Invoke"), deny("execute-api:/*")), PROVED),
    ("api, a stage", api(allow("execute-api:Invoke", "execute-api:/*"), deny("execute-api:/prod/*")), REFUTED),
    (
        "api, of the account",
        api(allow("execute-api:Invoke", "execute-api:/*"), deny(f"arn:aws:execute-api:*:{OWN}:*")),
        PROVED,
    ),
    ("log group", log_group(allow(PUT_LOGS, f"{GROUP}:log-stream:*")), REFUTED),
    ("log group, all of it", log_group(allow(PUT_LOGS, f"{GROUP}:*")), REFUTED),
    ("log group, not its streams", log_group(allow(PUT_LOGS, GROUP)), PROVED),
    ("log group, another", log_group(allow(PUT_LOGS, f"{GROUP}x:log-stream:*")), PROVED),
    ("log group, denied", log_group(allow(PUT_LOGS), deny(f"arn:aws:logs:*:{OWN}:log-group:g:log-stream:*")), PROVED),
    ("log group without a name", log_group(allow(PUT_LOGS, {"Fn::Sub": "${L.Arn}"}), name=None), REFUTED),
    ("bucket", bucket(allow("s3:GetObject"), deny({"Fn::Sub": "${B.Arn}/*"})), PROVED),
    (
        "bucket, for its account",
        bucket({**allow("s3:GetObject", {"Fn::Sub": "${B.Arn}/*"}), "Condition": OF_OURS}),
        PROVED,
    ),
    ("bucket, for another", bucket({**allow("s3:GetObject", {"Fn::Sub": "${B.Arn}/*"}), "Condition": ANY}), REFUTED),
    ("bucket, not its objects", bucket(allow("s3:GetObject"), deny({"Fn::GetAtt": ["B", "Arn"]})), REFUTED),
]


TOPIC = f"arn:aws:sns:us-east-1:{OWN}:jobs"
URL, QUEUE = f"https://sqs.us-east-1.amazonaws.com/{OWN}/jobs", f"arn:aws:sqs:us-east-1:{OWN}:jobs"
SECRET = f"arn:aws:secretsmanager:us-east-1:{OWN}:secret:jobs-Ab12Cd"
ANY_SECRET = SECRET.replace("us-east-1", "*")


def named(type_: str, place: str, value: object, document: str, *statements: Json) -> Json:
    """A policy on what it names, which the template does not make."""
    return {"P": {"Type": type_, "Properties": {place: value, document: policy(*statements)}}}


def named_topic(value: object, *statements: Json) -> Json:
    """The policy of topics."""
    return named("AWS::SNS::TopicPolicy", "Topics", value, "PolicyDocument", *statements)


def queue_at(url: object, *statements: Json) -> Json:
    """The policy of queues."""
    return named("AWS::SQS::QueuePolicy", "Queues", url, "PolicyDocument", *statements)


def named_bucket(value: object, *statements: Json) -> Json:
    """The policy of a bucket."""
    return named("AWS::S3::BucketPolicy", "Bucket", value, "PolicyDocument", *statements)


def named_secret(value: object, *statements: Json) -> Json:
    """The policy of a secret."""
    return named("AWS::SecretsManager::ResourcePolicy", "SecretId", value, "ResourcePolicy", *statements)


EITHER = {"Fn::If": ["Is", TOPIC, f"{TOPIC}-x"]}
PLACE = {"Fn::Sub": "https://sqs.${AWS::Region}.amazonaws.com/${AWS::AccountId}/jobs"}
PUBLISH, SEND, GET = allow("sns:Publish"), allow("sqs:SendMessage"), allow("s3:GetObject", "arn:aws:s3:::jobs/*")
READ = allow("secretsmanager:GetSecretValue")
#: What is named by a text, a function or a parameter.
CASES += [
    ("a topic by its ARN", named_topic([TOPIC], PUBLISH, deny(TOPIC)), PROVED),
    ("a topic by its ARN, of another one", named_topic([TOPIC], PUBLISH, deny(f"{TOPIC}-x")), REFUTED),
    ("a topic by its ARN, Allow of another one", named_topic([TOPIC], allow("sns:Publish", f"{TOPIC}-x")), PROVED),
    ("two topics", named_topic([TOPIC, f"{TOPIC}-x"], PUBLISH, deny([TOPIC, f"{TOPIC}-x"])), PROVED),
    ("two topics, one of them", named_topic([TOPIC, f"{TOPIC}-x"], PUBLISH, deny(TOPIC)), REFUTED),
    (
        "a topic of another stack",
        named_topic([{"Fn::ImportValue": "t"}], PUBLISH, deny({"Fn::ImportValue": "t"})),
        PROVED,
    ),
    ("a topic that a parameter names", named_topic([{"Ref": "Name"}], PUBLISH, deny({"Ref": "Name"})), PROVED),
    ("a topic of the account", named_topic([{"Ref": "Name"}], PUBLISH, deny(f"arn:aws:sns:*:{OWN}:*")), PROVED),
    ("topics that a parameter lists", named_topic({"Ref": "Names"}, PUBLISH, deny({"Ref": "Names"})), PROVED),
    ("topics that a parameter lists, another one", named_topic({"Ref": "Names"}, PUBLISH, deny(TOPIC)), REFUTED),
    ("one topic or another", named_topic([EITHER], PUBLISH, deny([TOPIC, f"{TOPIC}-x"])), PROVED),
    ("one topic or another, one of them", named_topic([EITHER], PUBLISH, deny(TOPIC)), REFUTED),
    ("what does not exist", queue_at([URL], allow("sqs:DeleteQ*")), PROVED),
    ("what is written out", queue_at([URL], allow("sqs:NewAction")), REFUTED),
    ("a queue by its URL", queue_at([URL], SEND, deny(QUEUE)), PROVED),
    ("a queue by its URL, of another one", queue_at([URL], SEND, deny(f"{QUEUE}-x")), REFUTED),
    (
        "a queue by a made URL",
        queue_at([PLACE], SEND, deny({"Fn::Sub": QUEUE.replace("us-east-1", "${AWS::Region}")})),
        PROVED,
    ),
    ("a bucket by its name", named_bucket("jobs", GET, deny("arn:aws:s3:::jobs/*")), PROVED),
    (
        "a bucket that a parameter names",
        named_bucket({"Ref": "Name"}, allow("s3:GetObject"), deny({"Fn::Sub": "arn:aws:s3:::${Name}/*"})),
        PROVED,
    ),
    (
        "a bucket that a parameter names, not its objects",
        named_bucket({"Ref": "Name"}, allow("s3:GetObject"), deny({"Fn::Sub": "arn:aws:s3:::${Name}"})),
        REFUTED,
    ),
    ("a secret by its ARN", named_secret(SECRET, READ, deny(SECRET)), UNKNOWN),
    ("a secret by its ARN, in any Region", named_secret(SECRET, READ, deny(ANY_SECRET)), PROVED),
    ("a secret by its ARN, of another one", named_secret(SECRET, READ, deny(f"{SECRET}x")), REFUTED),
    (
        "a secret by its name",
        named_secret("jobs", READ, deny(f"arn:aws:secretsmanager:*:{OWN}:secret:jobs-??????")),
        PROVED,
    ),
    (
        "a secret by another name",
        named_secret("jobs", READ, deny(f"arn:aws:secretsmanager:*:{OWN}:secret:work-??????")),
        REFUTED,
    ),
]


def checked(folder: Path, resources: Json) -> trustproof.Result:
    """The result about the policy."""
    (found,) = checked_all(folder, resources)
    return found


def checked_all(folder: Path, resources: Json) -> tuple[trustproof.Result, ...]:
    """The results about all policies."""
    file = folder / "template.json"
    content = {
        "Parameters": {"Name": {"Type": "String"}, "Names": {"Type": "CommaDelimitedList"}},
        "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Name"}, "x"]}},
        "Resources": resources,
    }
    file.write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(file)], account=OWN, config={"boundary": {"accounts": []}}, properties=["inside-boundary"], certify=True
    )
    return report.results


@pytest.mark.parametrize(("resources", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(resources: Json, expected: str, tmp_path: Path) -> None:
    """The verdict is the one of the table."""
    assert checked(tmp_path, resources).verdict == expected


@pytest.mark.parametrize(
    ("resources", "action", "resource"),
    [
        (queue(allow("sqs:*")), "sqs:SendMessage", f"arn:aws:sqs:us-east-1:{OWN}:q"),
        (key(allow("kms:*")), "kms:Decrypt", f"arn:aws:kms:us-east-1:{OWN}:key/p"),
        (
            key(allow(["kms:CancelKeyDeletion", "kms:CreateGrant"])),
            "kms:CreateGrant",
            f"arn:aws:kms:us-east-1:{OWN}:key/p",
        ),
        (secret(allow("*")), "secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:us-east-1:{OWN}:secret:s"),
    ],
)
def test_the_counterexample_is_about_the_resource(resources: Json, action: str, resource: str, tmp_path: Path) -> None:
    """The request is one to the resource, for an action that reaches it from another account."""
    shown = checked(tmp_path, resources).counterexample
    assert shown is not None
    assert (shown.action, shown.resource) == (action, resource)


@pytest.mark.parametrize(
    ("resources", "resource"),
    [
        (queue_at([URL], SEND), QUEUE),
        (queue_at([{"Ref": "Name"}], SEND), f"arn:aws:sqs:us-east-1:{OWN}:app"),
        (
            named(
                "AWS::Backup::BackupVault", "BackupVaultName", "v", "AccessPolicy", allow("backup:CopyIntoBackupVault")
            ),
            f"arn:aws:backup:us-east-1:{OWN}:backup-vault:v",
        ),
        (
            named(
                "AWS::Backup::LogicallyAirGappedBackupVault",
                "BackupVaultName",
                "v",
                "AccessPolicy",
                allow("backup:CopyIntoBackupVault"),
            ),
            f"arn:aws:backup:us-east-1:{OWN}:backup-vault:v",
        ),
        (
            {
                **named(
                    "AWS::Kinesis::ResourcePolicy",
                    "ResourceArn",
                    {"Ref": "C"},
                    "ResourcePolicy",
                    allow("kinesis:SubscribeToShard", {"Ref": "C"}),
                ),
                "C": {
                    "Type": "AWS::Kinesis::StreamConsumer",
                    "Properties": {"ConsumerName": "c", "StreamARN": f"arn:aws:kinesis:us-east-1:{OWN}:stream/s"},
                },
            },
            f"arn:aws:kinesis:us-east-1:{OWN}:stream/s/consumer/c:endofc",
        ),
        (
            named("AWS::CodeArtifact::Domain", "DomainName", "d", "PermissionsPolicyDocument", allow(TOKEN)),
            f"arn:aws:codeartifact:us-east-1:{OWN}:domain/d",
        ),
    ],
)
def test_a_request_shown_is_about_the_resource(resources: Json, resource: str, tmp_path: Path) -> None:
    """Where the policy speaks of every resource, it is the one that it stands on."""
    shown = checked(tmp_path, resources).counterexample
    assert shown is not None
    assert shown.resource == resource


def function(**more: object) -> Json:
    """A permission to call a function."""
    properties = {"FunctionName": "f", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", **more}
    return {"P": {"Type": "AWS::Lambda::Permission", "Properties": properties}}


def method(authorization: str, api_: object = None) -> Json:
    """A method of the API."""
    properties = {"RestApiId": api_ or {"Ref": "P"}, "AuthorizationType": authorization, "HttpMethod": "GET"}
    return {"Type": "AWS::ApiGateway::Method", "Properties": properties}


MRAP = f"arn:aws:s3::{OWN}:accesspoint/m.mrap/object"
INVOKE = allow("execute-api:Invoke", "execute-api:/*")


@pytest.mark.parametrize(
    ("resources", "caller"),
    [
        (function(), "anonymous"),
        (function(FunctionUrlAuthType="NONE"), "anonymous"),
        (function(FunctionUrlAuthType="AWS_IAM"), "arn"),
        (function(Action="lambda:InvokeFunction"), "arn"),
        (
            named(
                "AWS::S3::MultiRegionAccessPointPolicy", "MrapName", "m", "Policy", allow("s3:GetObject", f"{MRAP}/*")
            ),
            "arn",
        ),
        (api(INVOKE), "anonymous"),
        ({**api(INVOKE), "M": method("NONE")}, "anonymous"),
        ({**api(INVOKE), "M": method("AWS_IAM")}, "arn"),
        ({**api(INVOKE), "M": method("AWS_IAM"), "N": method("NONE")}, "arn"),
        ({**api(INVOKE), "M": method("AWS_IAM"), "O": api()["P"], "N": method("NONE", {"Ref": "O"})}, "arn"),
        ({**api(INVOKE), "M": method("AWS_IAM"), "N": method("NONE", {"Fn::ImportValue": "x"})}, "arn"),
    ],
)
def test_what_asks_for_a_signature_is_not_open_to_those_without_an_account(
    resources: Json, caller: str, tmp_path: Path
) -> None:
    """The URL of a function, and an API, say whether they do."""
    shown = next(one for one in checked_all(tmp_path, resources) if one.logical_id == "P").counterexample
    assert shown is not None
    assert shown.caller.split(":")[0] == caller


@pytest.mark.parametrize(("account", "expected"), [(OWN, PROVED), ("999988887777", REFUTED), (None, REFUTED)])
def test_an_account_that_the_policy_names(account: str | None, expected: str, tmp_path: Path) -> None:
    """Where the account of the template is not known, it may be the one that a Resource names."""
    statement = allow("sns:Publish", "arn:aws:sns:eu-west-1:999988887777:*")
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": topic(statement)}), encoding="utf-8")
    report = trustproof.check([str(file)], account=account, config={"boundary": {}}, properties=["inside-boundary"])
    assert [result.verdict for result in report.results] == [expected]


def test_what_is_no_action_is_not_overlooked(tmp_path: Path) -> None:
    """An action without its service is none: AWS refuses the policy, and so do we."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": bucket(allow("GetObject"))}), encoding="utf-8")
    report = trustproof.check([str(file)], account=OWN)
    assert not report.results
    (error,) = report.errors
    assert '"GetObject" is no action, expected SERVICE:ACTION or *' in str(error)


REPLICA = [
    ({"Ref": "AWS::Region"}, "us-east-1", "refuted"),
    ("eu-west-1", "eu-west-1", "refuted"),
    ("eu-west-1", "us-east-1", "proved"),
    ("us-east-1", "eu-west-1", "proved"),
]


@pytest.mark.parametrize("place", ["", "stream/*", "index/*"])
@pytest.mark.parametrize(("region", "written", "expected"), REPLICA)
def test_a_replica_is_in_a_region_of_its_own(
    region: object, written: str, expected: str, place: str, tmp_path: Path
) -> None:
    """The policy of a replica is about the table, its indexes and its stream in the Region beside it."""
    action = {"": "GetItem", "stream/*": "GetRecords", "index/*": "Query"}[place]
    arn = f"arn:aws:dynamodb:{written}:{OWN}:table/t" + (f"/{place}" if place else "")
    statement = {**allow(f"dynamodb:{action}", arn), "Principal": {"AWS": "999988887777"}}
    holds: Json = {"ResourcePolicy": {"PolicyDocument": policy(statement)}}
    replica = {"ReplicaStreamSpecification": holds} if action == "GetRecords" else holds
    properties = {"TableName": "t", "Replicas": [{"Region": "ap-south-1"}, {"Region": region, **replica}]}
    table = {"T": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": properties}}
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"Resources": table}))
    config = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check(
        [str(path)], account=OWN, region="us-east-1", config=config, properties=["inside-boundary"], certify=True
    )
    assert [found.verdict for found in report.results] == [expected]


def test_a_policy_below_its_own_name(tmp_path: Path) -> None:
    """A document that stands beside the name of what it stands on is read as one that stands alone."""
    written = policy({**allow("logs:CreateDelivery"), "Principal": {"AWS": "999988887777"}})
    for document in (written, {"DeliveryDestinationName": "d", "DeliveryDestinationPolicy": written}):
        properties = {"Name": "d", "DeliveryDestinationPolicy": document}
        path = tmp_path / "t.json"
        path.write_text(
            json.dumps({"Resources": {"D": {"Type": "AWS::Logs::DeliveryDestination", "Properties": properties}}})
        )
        report = trustproof.check([str(path)], account=OWN, config={"boundary": {"accounts": [OWN]}})
        assert not report.errors
        assert {found.verdict for found in report.results if found.property == "inside-boundary"} == {"refuted"}


@pytest.mark.parametrize(
    ("statements", "region", "expected"),
    [
        ([allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{OWN}:*")], "us-east-1", PROVED),
        ([allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{OWN}:*")], None, REFUTED),
        ([allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-?:{OWN}:*")], "eu-west-1", REFUTED),
        ([SEND, deny(f"arn:aws:sqs:us-east-1:{OWN}:*")], "us-east-1", PROVED),
        ([SEND, deny(f"arn:aws:sqs:eu-west-1:{OWN}:*")], "us-east-1", REFUTED),
    ],
)
def test_a_queue_stands_in_the_region_that_is_given(statements: list[Json], region: str | None, expected: str) -> None:
    """Its policy says nothing about what is in another Region, whatever the name of the queue is."""
    template = {"Resources": queue(*statements)}
    boundary: Json = {"boundary": {"accounts": []}}
    (found,) = trustproof.check(
        [template], account=OWN, region=region, config=boundary, properties=["inside-boundary"], certify=True
    ).results
    assert found.verdict == expected


IS_LIVE: Json = {"Fn::Equals": [{"Ref": "Stage"}, "live"]}
CHOSEN: Json = {"Fn::If": ["IsLive", "live-name", "test-name"]}
#: What is named, how its policy names it, the action, and what stands before the name in its ARN.
NAMED_ALIKE = [
    ("AWS::SNS::Topic", "TopicName", "AWS::SNS::TopicPolicy", "Topics", "sns:Publish", ""),
    ("AWS::SQS::Queue", "QueueName", "AWS::SQS::QueuePolicy", "Queues", "sqs:SendMessage", ""),
    ("AWS::Kinesis::Stream", "Name", "AWS::Kinesis::ResourcePolicy", "ResourceArn", "kinesis:PutRecord", "stream/"),
]
STAGES: list[Json] = [
    {"AllowedValues": ["live", "test", "dev"], "Default": "test"},
    {"AllowedValues": ["live", "test"]},
    {"Default": "test"},
    {},
]


@pytest.mark.parametrize(("name", "expected"), [("other", PROVED), ("live-name", REFUTED), ("test-name", REFUTED)])
@pytest.mark.parametrize("stage", STAGES, ids=["listed", "listed-only", "default", "open"])
@pytest.mark.parametrize("account", [OWN, None], ids=["known", "open"])
@pytest.mark.parametrize("named_alike", NAMED_ALIKE, ids=[one[0] for one in NAMED_ALIKE])
def test_a_name_that_a_condition_chooses(
    named_alike: tuple[str, ...], account: str | None, stage: Json, name: str, expected: str
) -> None:
    """An ARN in the policy is that of the resource if one of the branches gives its name, and else of no request."""
    type_, property_, policy_type, on, action, before = named_alike
    own: object = {"Fn::GetAtt": ["N", "Arn"]} if on == "ResourceArn" else [{"Ref": "N"}]
    arn = f"arn:aws:{action.partition(':')[0]}:us-east-1:{OWN}:{before}{name}"
    body = "ResourcePolicy" if on == "ResourceArn" else "PolicyDocument"
    statement: Json = {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": action, "Resource": arn}
    template: Json = {
        "Parameters": {"Stage": {"Type": "String", **stage}},
        "Conditions": {"IsLive": IS_LIVE},
        "Resources": {
            "N": {"Type": type_, "Properties": {property_: CHOSEN}},
            "P": {"Type": policy_type, "Properties": {on: own, body: policy(statement)}},
        },
    }
    config = {"boundary": {"accounts": [OWN]}}
    found = trustproof.check([template], account=account, config=config, properties=["inside-boundary"])
    assert [result.verdict for result in found.results] == [expected]


@pytest.mark.parametrize("boundary", [{}, {"accounts": [OWN]}], ids=["alone", "declared"])
@pytest.mark.parametrize(("account", "expected"), [(OWN, REFUTED), ("444455556666", PROVED), (None, REFUTED)])
def test_the_account_of_the_template_may_be_any_that_the_policy_names(
    account: str | None, expected: str, boundary: Json
) -> None:
    """It is one of the boundary as well as another: a bus is open if it is where that account has it."""
    statement: Json = {
        "Effect": "Allow",
        "Principal": {"AWS": "999988887777"},
        "Action": "events:PutEvents",
        "Resource": f"arn:aws:events:us-east-1:{OWN}:event-bus/bus",
    }
    resources: Json = {
        "N": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "bus"}},
        "P": {
            "Type": "AWS::Events::EventBusPolicy",
            "Properties": {"EventBusName": {"Ref": "N"}, "StatementId": "s", "Statement": statement},
        },
    }
    config = {"boundary": boundary}
    found = trustproof.check([{"Resources": resources}], account=account, config=config, properties=["inside-boundary"])
    assert [result.verdict for result in found.results] == [expected]


@pytest.mark.parametrize("written", ["arn:aws:sns:MyTopic", "MyTopic", "made-up"])
@pytest.mark.parametrize("topics", [[{"Ref": "T"}], [{"Ref": "Topic"}]])
def test_what_is_no_arn_is_taken_for_the_resource(topics: list[Json], written: str) -> None:
    """Whoever writes a name, or an ARN without its account, means the topic, and lets everybody in."""
    resources = topic(allow("sns:Publish", written))
    resources["P"] = {
        "Type": "AWS::SNS::TopicPolicy",
        "Properties": {"Topics": topics, "PolicyDocument": policy(allow("sns:Publish", written))},
    }
    parameters = {"Topic": {"Type": "String"}}
    report = trustproof.check(
        [{"Parameters": parameters, "Resources": resources}], account=OWN, config={}, properties=["inside-boundary"]
    )
    (found,) = report.results
    assert found.verdict == REFUTED


@pytest.mark.parametrize("region", ["us-west-2", "cn-north-1", "us-gov-east-1", "eusc-de-east-1", "us-iso-east-1"])
def test_a_source_is_in_a_region_of_the_partition(region: str, tmp_path: Path) -> None:
    """What a service acts for is in the partition of the resource, and in a Region of that."""
    to_service = {**allow("sqs:SendMessage"), "Principal": {"Service": "events.amazonaws.com"}}
    (tmp_path / "template.json").write_text(json.dumps({"Resources": queue(to_service)}), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], account=OWN, region=region, properties=["no-confused-deputy"])
    (shown,) = (one.counterexample for one in report.results if one.counterexample is not None)
    _, partition, _, where, *_ = str(shown.context["aws:SourceArn"]).split(":")
    assert (partition_of(where), partition) == (partition_of(region), partition_of(region))


def test_a_request_is_about_a_resource_in_a_region_that_there_may_be(tmp_path: Path) -> None:
    """What a template writes in the place of a Region, and is none, is in no request."""
    region = {"Fn::If": ["Is", "x", {"Ref": "AWS::Region"}]}
    about = {"Fn::Sub": [f"arn:aws:sqs:${{R}}:{OWN}:q", {"R": region}]}
    open_, found = checked_all(tmp_path, queue(allow("sqs:SendMessage", about)))
    assert open_.reasons[0].startswith("x can be nothing of AWS")
    assert found.counterexample is not None
    assert found.counterexample.resource == f"arn:aws:sqs:us-east-1:{OWN}:q"


def test_a_policy_of_one_account_only_is_judged_there() -> None:
    """Where a condition gives the account of a resource, a policy for everybody on it is one in that account."""
    chosen = {"Fn::If": ["IsDev", "*", {"AWS": {"Ref": "AWS::AccountId"}}]}
    for principal, condition in (("*", {"Condition": "IsDev"}), (chosen, {})):
        arn = {"Fn::GetAtt": ["Q", "Arn"]}
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": arn}
        held = {"Version": "2012-10-17", "Statement": [statement]}
        policy = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": held}}
        template = {
            "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "AWS::AccountId"}, "130355686670"]}},
            "Resources": {"Q": {"Type": "AWS::SQS::Queue"}, "P": {**policy, **condition}},
        }
        report = trustproof.check([template], properties=["inside-boundary"], config={})
        assert [one.verdict for one in report.results] == ["refuted"]


def test_a_policy_is_judged_in_the_account_that_its_resource_is_written_with() -> None:
    """An entry of Resource that says the account of the template is about the resource where that is its account."""
    url = "https://sqs.us-east-1.amazonaws.com/130355686670/q"
    here: Json = {"Fn::Sub": "arn:aws:sqs:us-east-1:${AWS::AccountId}:q"}
    parameters: Json = {"A": {"Type": "String", "AllowedValues": ["130355686670", "130355686671"]}}
    chosen: Json = {"Fn::Sub": url.replace("130355686670", "${A}")}
    for written in (url, chosen):
        resources = queue(allow("sqs:SendMessage", here), queues=[written])
        template: Json = {"Parameters": parameters, "Resources": resources}
        report = trustproof.check([template], properties=["inside-boundary"], config={})
        assert [one.verdict for one in report.results] == ["refuted"]
