"""
A request to a resource policy is about the resource that the policy is on, and for an action that is about such ones.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.properties.shared.own_actions import other_actions

Json = dict[str, object]
OWN = "111122223333"
PLACE = f"us-east-1:{OWN}"
STREAM = f"arn:aws:kinesis:{PLACE}:stream/s"
CONSUMER: Json = {
    "Type": "AWS::Kinesis::StreamConsumer",
    "Properties": {"ConsumerName": "c", "StreamARN": STREAM},
}
SERVICE: Json = {"Type": "AWS::VpcLattice::Service", "Properties": {"AuthType": "AWS_IAM"}}
NETWORK: Json = {"Type": "AWS::VpcLattice::ServiceNetwork", "Properties": {"AuthType": "AWS_IAM"}}
STREAM_OF_OURS: Json = {"Type": "AWS::Kinesis::Stream"}
TABLES = f"arn:aws:s3tables:{PLACE}:bucket/b"
TABLE: Json = {"Type": "AWS::S3Tables::Table", "Properties": {"TableBucketARN": TABLES}}
GROUP = f"arn:aws:sagemaker:{PLACE}:model-package-group/g"
PACKAGES = f"arn:aws:sagemaker:{PLACE}:model-package/g/*"
ITEMS = f"arn:aws:ssm:{PLACE}:opsitem/*"
ITEM_GROUP = f"arn:aws:ssm:{PLACE}:opsitemgroup/default"
ALL_OF_IT = "execute-api:/*"
DOMAIN = f"arn:aws:execute-api:{PLACE}:/domainnames/a.example.com+*"
DIRECTORY: Json = {"Type": "AWS::S3Express::DirectoryBucket", "Properties": {"LocationName": "use1-az4"}}
CLUSTER = f"arn:aws:kafka:{PLACE}:cluster/c/1234abcd-12ab-34cd-56ef-1234567890ab-1"
WORKSPACE = f"arn:aws:aps:{PLACE}:workspace/ws-1"
BOT = f"arn:aws:lex:{PLACE}:bot/ABCDEFGHIJ"
SVC = f"arn:aws:vpc-lattice:{PLACE}:service/svc-0123456789abcdef0"
MRK = "mrk-0123456789abcdef0123456789abcdef"


def policy(action: object, denied: object, allowed: object = "*") -> Json:
    """Everybody is let in, and outsiders are denied what is named."""
    outside = {"StringNotEquals": {"aws:PrincipalAccount": OWN}}
    everybody: Json = {"Principal": {"AWS": "*"}}
    denial = {"Effect": "Deny", **everybody, "Action": "*", "Resource": denied, "Condition": outside}
    allow = {"Effect": "Allow", **everybody, "Action": action, "Resource": allowed}
    return {"Version": "2012-10-17", "Statement": [allow, denial] if denied else [allow]}


def on(type_: str, place: str, document: Json, properties: Json | None = None, **beside: Json) -> Json:
    """A resource with a policy at a place, and other resources."""
    value: object = document
    for step in reversed(place.split("/")):
        value = {step: value}
    assert isinstance(value, dict)
    return {"Resources": {"X": {"Type": f"AWS::{type_}", "Properties": {**(properties or {}), **value}}, **beside}}


def verdict(tmp_path: Path, template: Json) -> str:
    """What is said of the policy of a template."""
    (tmp_path / "template.json").write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], account=OWN, region="us-east-1", config={"boundary": {}}, properties=["inside-boundary"]
    )
    found = {one.verdict for one in report.results}
    return next((one for one in ("refuted", "unknown") if one in found), "proved")


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            on(
                "Kinesis::ResourcePolicy",
                "ResourcePolicy",
                policy("kinesis:*", {"Ref": "C"}),
                {"ResourceArn": {"Ref": "C"}},
                C=CONSUMER,
            ),
            "proved",
        ),
        (
            on(
                "Kinesis::ResourcePolicy",
                "ResourcePolicy",
                policy("kinesis:*", STREAM),
                {"ResourceArn": {"Ref": "C"}},
                C=CONSUMER,
            ),
            "refuted",
        ),
        (
            on(
                "Kinesis::ResourcePolicy",
                "ResourcePolicy",
                policy("kinesis:PutRecord", STREAM),
                {"ResourceArn": STREAM},
            ),
            "proved",
        ),
        (
            on(
                "Kinesis::ResourcePolicy",
                "ResourcePolicy",
                policy("kinesis:SubscribeToShard", ""),
                {"ResourceArn": STREAM},
            ),
            "proved",
        ),
        (
            on(
                "Kinesis::ResourcePolicy",
                "ResourcePolicy",
                policy("kinesis:SubscribeToShard", ""),
                {"ResourceArn": {"Fn::GetAtt": ["S", "Arn"]}},
                S=STREAM_OF_OURS,
            ),
            "proved",
        ),
        (
            on(
                "Kinesis::ResourcePolicy",
                "ResourcePolicy",
                policy("kinesis:SubscribeToShard", ""),
                {"ResourceArn": f"{STREAM}/consumer/c:1700000000"},
            ),
            "refuted",
        ),
        (
            on(
                "Kinesis::ResourcePolicy",
                "ResourcePolicy",
                policy("kinesis:PutRecord", ""),
                {"ResourceArn": f"{STREAM}/consumer/c:1700000000"},
            ),
            "proved",
        ),
        (
            on("SSM::ResourcePolicy", "Policy", policy("ssm:GetOpsItem", "", ITEMS), {"ResourceArn": ITEM_GROUP}),
            "refuted",
        ),
        (
            on("SSM::ResourcePolicy", "Policy", policy("ssm:GetOpsItem", ""), {"ResourceArn": ITEM_GROUP}),
            "refuted",
        ),
        (
            on(
                "SSM::ResourcePolicy",
                "Policy",
                policy("ssm:GetOpsItem", [ITEMS, ITEM_GROUP]),
                {"ResourceArn": ITEM_GROUP},
            ),
            "proved",
        ),
        (
            on(
                "SSM::ResourcePolicy",
                "Policy",
                policy("ssm:GetOpsItem", ""),
                {"ResourceArn": f"arn:aws:ssm:{PLACE}:parameter/p"},
            ),
            "proved",
        ),
        (
            on(
                "SageMaker::ModelPackageGroup",
                "ModelPackageGroupPolicy",
                policy("sagemaker:DescribeModelPackageGroup", GROUP),
                {"ModelPackageGroupName": "g"},
            ),
            "proved",
        ),
        (
            on(
                "SageMaker::ModelPackageGroup",
                "ModelPackageGroupPolicy",
                policy("sagemaker:*", [GROUP, PACKAGES]),
                {"ModelPackageGroupName": "g"},
            ),
            "proved",
        ),
        (
            on(
                "SageMaker::ModelPackageGroup",
                "ModelPackageGroupPolicy",
                policy("sagemaker:*", GROUP),
                {"ModelPackageGroupName": "g"},
            ),
            "refuted",
        ),
        (
            on(
                "SageMaker::ModelPackageGroup",
                "ModelPackageGroupPolicy",
                policy("sagemaker:CreateModel", GROUP),
                {"ModelPackageGroupName": "g"},
            ),
            "refuted",
        ),
        (
            on(
                "SageMaker::ModelPackageGroup",
                "ModelPackageGroupPolicy",
                policy("sagemaker:*", [GROUP.replace("/g", "/G"), PACKAGES.replace("/g", "/G")]),
                {"ModelPackageGroupName": "G"},
            ),
            "refuted",
        ),
        (
            on(
                "S3Tables::TablePolicy",
                "ResourcePolicy",
                policy("s3tables:*", {"Ref": "T"}),
                {"TableARN": {"Fn::GetAtt": ["T", "TableARN"]}},
                T=TABLE,
            ),
            "proved",
        ),
        (
            on(
                "S3Tables::TablePolicy",
                "ResourcePolicy",
                policy("s3tables:*", f"{TABLES}/table/*"),
                {"TableARN": {"Ref": "T"}},
                T=TABLE,
            ),
            "proved",
        ),
        (
            on(
                "S3Tables::TablePolicy",
                "ResourcePolicy",
                policy("s3tables:*", f"{TABLES}c/table/*"),
                {"TableARN": {"Ref": "T"}},
                T=TABLE,
            ),
            "refuted",
        ),
        (on("ApiGateway::DomainNameV2", "Policy", policy("execute-api:Invoke", ALL_OF_IT)), "proved"),
        (on("ApiGateway::DomainNameV2", "Policy", policy("execute-api:Invoke", "", ALL_OF_IT)), "refuted"),
        (on("ApiGateway::DomainNameV2", "Policy", policy("execute-api:Invoke", "", "execute-api:/a/*")), "refuted"),
        (on("ApiGateway::DomainNameV2", "Policy", policy("execute-api:Invoke", "execute-api:/a/*")), "refuted"),
        (
            on(
                "ApiGateway::DomainNameV2",
                "Policy",
                policy("execute-api:Invoke", DOMAIN),
                {"DomainName": "a.example.com"},
            ),
            "proved",
        ),
        (
            on(
                "ApiGateway::DomainNameV2",
                "Policy",
                policy("execute-api:Invoke", DOMAIN),
                {"DomainName": "b.example.com"},
            ),
            "refuted",
        ),
        (on("Omics::SequenceStore", "S3AccessPolicy", policy("omics:*", "")), "proved"),
        (on("Omics::SequenceStore", "S3AccessPolicy", policy("s3:GetObject", "")), "refuted"),
        (
            on(
                "APS::ResourcePolicy",
                "PolicyDocument",
                policy("aps:RemoteWrite", WORKSPACE),
                {"WorkspaceArn": WORKSPACE},
            ),
            "proved",
        ),
        (
            on("APS::ResourcePolicy", "PolicyDocument", policy("aps:*", WORKSPACE), {"WorkspaceArn": WORKSPACE}),
            "refuted",
        ),
        (
            on(
                "MSK::ClusterPolicy",
                "Policy",
                policy(["kafka:CreateVpcConnection", "kafka:DescribeCluster"], CLUSTER),
                {"ClusterArn": CLUSTER},
            ),
            "proved",
        ),
        (on("MSK::ClusterPolicy", "Policy", policy("kafka-cluster:*", CLUSTER), {"ClusterArn": CLUSTER}), "refuted"),
        (on("Lex::ResourcePolicy", "Policy", policy("lex:*", BOT), {"ResourceArn": BOT}), "proved"),
        (on("Lex::ResourcePolicy", "Policy", policy("lex:*", f"{BOT}x"), {"ResourceArn": BOT}), "refuted"),
        (
            on(
                "VpcLattice::AuthPolicy",
                "Policy",
                policy("vpc-lattice-svcs:Invoke", f"{SVC}/*"),
                {"ResourceIdentifier": "svc-0123456789abcdef0"},
            ),
            "proved",
        ),
        (
            on(
                "VpcLattice::AuthPolicy",
                "Policy",
                policy("vpc-lattice-svcs:Invoke", {"Fn::Sub": "${S.Arn}/*"}),
                {"ResourceIdentifier": {"Ref": "S"}},
                S=SERVICE,
            ),
            "proved",
        ),
        (
            on(
                "VpcLattice::AuthPolicy",
                "Policy",
                policy("vpc-lattice-svcs:Invoke", f"{SVC}/a/*"),
                {"ResourceIdentifier": "svc-0123456789abcdef0"},
            ),
            "refuted",
        ),
        (
            on(
                "VpcLattice::AuthPolicy",
                "Policy",
                policy("vpc-lattice-svcs:Invoke", "", f"{SVC}/*"),
                {"ResourceIdentifier": {"Ref": "N"}},
                N=NETWORK,
            ),
            "refuted",
        ),
        (
            on(
                "VpcLattice::AuthPolicy",
                "Policy",
                policy("vpc-lattice-svcs:Invoke", "", f"{SVC}/*"),
                {"ResourceIdentifier": "sn-0123456789abcdef0"},
            ),
            "refuted",
        ),
        (
            on(
                "DynamoDB::Table",
                "ResourcePolicy/PolicyDocument",
                policy(
                    "dynamodb:*", [f"arn:aws:dynamodb:{PLACE}:table/t", f"arn:aws:dynamodb:{PLACE}:table/t/index/*"]
                ),
                {"TableName": "t"},
            ),
            "proved",
        ),
        (
            on(
                "DynamoDB::Table",
                "ResourcePolicy/PolicyDocument",
                policy("dynamodb:*", f"arn:aws:dynamodb:{PLACE}:table/t"),
                {"TableName": "t"},
            ),
            "refuted",
        ),
        (
            on(
                "DynamoDB::Table",
                "StreamSpecification/ResourcePolicy/PolicyDocument",
                policy("dynamodb:*", f"arn:aws:dynamodb:{PLACE}:table/t/stream/*"),
                {"TableName": "t"},
            ),
            "proved",
        ),
        (
            on(
                "DynamoDB::Table",
                "StreamSpecification/ResourcePolicy/PolicyDocument",
                policy("dynamodb:*", f"arn:aws:dynamodb:{PLACE}:table/t"),
                {"TableName": "t"},
            ),
            "refuted",
        ),
        (
            on(
                "DynamoDB::Table",
                "StreamSpecification/ResourcePolicy/PolicyDocument",
                policy("dynamodb:GetItem", ""),
                {"TableName": "t"},
            ),
            "proved",
        ),
        (
            on(
                "Backup::BackupVault",
                "AccessPolicy",
                policy("backup:*", f"arn:aws:backup:{PLACE}:backup-vault:v"),
                {"BackupVaultName": "v"},
            ),
            "proved",
        ),
        (
            on(
                "Backup::BackupVault",
                "AccessPolicy",
                policy("backup:*", f"arn:aws:backup:{PLACE}:backup-vault:w"),
                {"BackupVaultName": "v"},
            ),
            "refuted",
        ),
        (
            on(
                "KMS::ReplicaKey",
                "KeyPolicy",
                policy("kms:*", f"arn:aws:kms:{PLACE}:key/{MRK}"),
                {"PrimaryKeyArn": f"arn:aws:kms:eu-west-1:{OWN}:key/{MRK}"},
            ),
            "proved",
        ),
        (
            on(
                "KMS::ReplicaKey",
                "KeyPolicy",
                policy("kms:*", f"arn:aws:kms:eu-west-1:{OWN}:key/{MRK}"),
                {"PrimaryKeyArn": f"arn:aws:kms:eu-west-1:{OWN}:key/{MRK}"},
            ),
            "refuted",
        ),
        (on("Oam::Sink", "Policy", policy("oam:*", f"arn:aws:oam:{PLACE}:sink/*"), {"Name": "s"}), "proved"),
        (
            on(
                "MediaTailor::ChannelPolicy",
                "Policy",
                policy("mediatailor:GetManifest", f"arn:aws:mediatailor:{PLACE}:channel/ch"),
                {"ChannelName": "ch"},
            ),
            "proved",
        ),
        (
            on(
                "S3Vectors::VectorBucketPolicy",
                "Policy",
                policy("s3vectors:*", [f"arn:aws:s3vectors:{PLACE}:bucket/b", f"arn:aws:s3vectors:{PLACE}:bucket/b/*"]),
                {"VectorBucketName": "b"},
            ),
            "proved",
        ),
        (
            on(
                "S3Express::BucketPolicy",
                "PolicyDocument",
                policy("s3express:*", {"Fn::GetAtt": ["B", "Arn"]}),
                {"Bucket": {"Ref": "B"}},
                B=DIRECTORY,
            ),
            "proved",
        ),
        (
            on(
                "Events::EventBus",
                "Policy",
                policy("events:*", [f"arn:aws:events:{PLACE}:event-bus/b", f"arn:aws:events:{PLACE}:rule/b/*"]),
                {"Name": "b"},
            ),
            "proved",
        ),
        (
            on(
                "Events::EventBus",
                "Policy",
                policy("events:PutRule", f"arn:aws:events:{PLACE}:event-bus/b"),
                {"Name": "b"},
            ),
            "refuted",
        ),
        (
            on("OpenSearchService::Domain", "AccessPolicies", policy("es:DeleteApplication", ""), {"DomainName": "d"}),
            "proved",
        ),
        (on("OpenSearchService::Domain", "AccessPolicies", policy("es:ESHttpGet", ""), {"DomainName": "d"}), "refuted"),
        (
            on("S3::BucketPolicy", "PolicyDocument", policy("s3:CreateMultiRegionAccessPoint", ""), {"Bucket": "b"}),
            "proved",
        ),
        (on("S3::BucketPolicy", "PolicyDocument", policy("s3:*", ""), {"Bucket": "b"}), "refuted"),
        (on("Organizations::ResourcePolicy", "Content", policy("organizations:LeaveOrganization", "")), "proved"),
        (on("Organizations::ResourcePolicy", "Content", policy("organizations:DescribeOrganization", "")), "refuted"),
    ],
)
def test_verdict(template: Json, expected: str, tmp_path: Path) -> None:
    """Nobody is let in for other resources, and by actions about others."""
    assert verdict(tmp_path, template) == expected


@pytest.mark.parametrize(
    ("type_", "place", "named", "action"),
    [
        ("Kinesis::ResourcePolicy", "ResourcePolicy", "ResourceArn", "kinesis:PutRecord"),
        ("Kinesis::ResourcePolicy", "ResourcePolicy", "ResourceArn", "kinesis:SubscribeToShard"),
        ("Lex::ResourcePolicy", "Policy", "ResourceArn", "lex:RecognizeText"),
        ("MSK::ClusterPolicy", "Policy", "ClusterArn", "kafka-cluster:ReadData"),
        ("S3Express::BucketPolicy", "PolicyDocument", "Bucket", "s3express:CreateSession"),
        ("S3Tables::TablePolicy", "ResourcePolicy", "TableARN", "s3tables:GetTable"),
        ("S3Vectors::VectorBucketPolicy", "Policy", "VectorBucketArn", "s3vectors:GetIndex"),
        ("VpcLattice::AuthPolicy", "Policy", "ResourceIdentifier", "vpc-lattice-svcs:Invoke"),
    ],
)
def test_a_resource_that_a_parameter_names_may_be_of_each_type(
    type_: str, place: str, named: str, action: str, tmp_path: Path
) -> None:
    """Whatever such a policy can be on, somebody is let in to it."""
    template = on(type_, place, policy(action, ""), {named: {"Ref": "Which"}})
    assert verdict(tmp_path, {"Parameters": {"Which": {"Type": "String"}}, **template}) == "refuted"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("var.which", "refuted"),
        ("aws_dynamodb_table.t.stream_arn", "refuted"),
        ("aws_dynamodb_table.t.arn", "proved"),
    ],
)
def test_a_policy_of_terraform_may_be_on_a_table_or_its_stream(named: str, expected: str, tmp_path: Path) -> None:
    """The argument says which."""
    source = f"""
        variable "which" {{ type = string }}
        resource "aws_dynamodb_table" "t" {{
          name = "t"
        }}
        resource "aws_dynamodb_resource_policy" "p" {{
          resource_arn = {named}
          policy = jsonencode({{ Version = "2012-10-17", Statement = [
            {{ Effect = "Allow", Principal = {{ AWS = "*" }}, Action = "dynamodb:GetRecords", Resource = "*" }},
          ] }})
        }}
    """
    (tmp_path / "main.tf").write_text(source, encoding="utf-8")
    report = trustproof.check([str(tmp_path)], account=OWN, config={"boundary": {}}, properties=["inside-boundary"])
    assert [one.verdict for one in report.results] == [expected]


@pytest.mark.parametrize(
    ("type_", "action"),
    [
        ("AWS::BedrockAgentCore::ResourcePolicy", "bedrock-agentcore:InvokeAgentRuntime"),
        ("AWS::Comprehend::DocumentClassifier", "comprehend:ImportModel"),
        ("AWS::Lambda::Permission", "lambda:InvokeFunction"),
        ("AWS::Logs::Destination", "logs:PutSubscriptionFilter"),
        ("AWS::Logs::LogGroup", "logs:PutLogEvents"),
        ("AWS::Redshift::Cluster", "redshift:CreateInboundIntegration"),
        ("Trustproof::RedshiftServerless::ResourcePolicy", "redshift-serverless:RestoreFromSnapshot"),
        ("AWS::S3::AccessPoint", "s3:ListBucket"),
        ("AWS::S3::BucketPolicy", "s3:GetObject"),
        ("AWS::S3::MultiRegionAccessPointPolicy", "s3:GetObject"),
        ("AWS::SMSVOICE::ResourcePolicy", "sms-voice:SendTextMessage"),
        ("AWS::SSM::ResourcePolicy", "ssm:GetOpsItem"),
        ("AWS::SSM::ResourcePolicy", "ssm:GetParametersByPath"),
        ("AWS::SageMaker::ModelPackageGroup", "sagemaker:CreateModel"),
        ("AWS::VpcLattice::ResourcePolicy", "vpc-lattice:CreateServiceNetworkServiceAssociation"),
    ],
)
def test_what_the_pages_of_services_give_by_such_policies_is_asked_about(type_: str, action: str) -> None:
    """The reference is not taken to say that an action is about something else where a manual shows it."""
    everything = Policy((Statement(ALLOW),))
    assert action.lower() not in other_actions(type_, everything)


def test_of_what_no_shape_is_known_every_action_may_be_about_it() -> None:
    """Else a policy on such a thing gives nobody anything, and is proved."""
    everything = Policy((Statement(ALLOW),))
    redshift = f"arn:aws:redshift:us-east-1:{OWN}:"
    snapshot, namespace = (
        other_actions("AWS::Redshift::Cluster", everything, own=redshift + one)
        for one in ("snapshot:c/s", "namespace:n")
    )
    assert not snapshot
    assert "redshift:restorefromclustersnapshot" in {action.lower() for action in namespace}


@pytest.mark.parametrize(
    ("type_", "principal", "actions", "expected"),
    [
        ("S3::BucketPolicy", {"AWS": "*"}, ["s3:GetObjectTagging", "s3:GetObject"], "s3:GetObject"),
        ("S3::BucketPolicy", {"AWS": "*"}, ["s3:ListBucket", "s3:GetBucketLocation", "s3:PutObject"], "s3:PutObject"),
        ("S3::BucketPolicy", {"AWS": "*"}, ["s3:List*", "s3:Delete*"], "s3:DeleteObject"),
        ("S3::BucketPolicy", {"Service": "cloudtrail.amazonaws.com"}, "*", "s3:PutObject"),
        ("S3::BucketPolicy", {"Service": "cloudfront.amazonaws.com"}, "s3:*", "s3:GetObject"),
        ("SQS::QueuePolicy", {"AWS": "*"}, ["sqs:GetQueueUrl", "sqs:ReceiveMessage"], "sqs:ReceiveMessage"),
        ("SNS::TopicPolicy", {"AWS": "*"}, ["sns:GetTopicAttributes", "sns:Subscribe"], "sns:Subscribe"),
    ],
)
def test_the_action_that_matters_most_is_shown(type_: str, principal: Json, actions: object, expected: str) -> None:
    """Whoever reads that a stranger may ask for the tags of an object does not see that the object may be had."""
    resource = ["arn:aws:s3:::b", "arn:aws:s3:::b/*"] if type_.startswith("S3") else "*"
    statement = {"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": resource}
    named: Json = {"Bucket": "b"} if type_.startswith("S3") else {}
    document: Json = {"Version": "2012-10-17", "Statement": [statement]}
    report = trustproof.check([on(type_, "PolicyDocument", document, named)], account=OWN, region="us-east-1")
    found = [one.counterexample for one in report.results if one.counterexample is not None]
    assert {one.action for one in found} == {expected}
