"""
Remedies of what is open to the world, and to which services deliver for the template: they have no organization.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from trustproof import Result

Json = dict[str, Any]
OWN, ORGANIZATION = "111122223333", "o-a1b2c3d4e5"
OURS: Json = {"boundary": {"organizations": [ORGANIZATION]}}
OPEN: Json = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), False)
NAME: Json = {"Ref": "B"}
ARN: Json = {"Fn::GetAtt": ["B", "Arn"]}
KEY: Json = {"Fn::GetAtt": ["K", "Arn"]}


def bucket(action: str, type_: str = "", properties: Json | None = None) -> Json:
    """A bucket with a policy for everybody, and something else of a type."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": {"Fn::Sub": "${B.Arn}/*"}}
    policy = {"Bucket": NAME, "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    resources: Json = {
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": OPEN}},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": policy},
    }
    if type_:
        resources["Sender"] = {"Type": type_, "Properties": properties}
    return {"Resources": resources}


def refuted(template: Json) -> Result:
    """The one refutation of inside-boundary."""
    report = trustproof.check([template], config=OURS, account=OWN, properties=["inside-boundary"])
    assert not report.errors
    (found,) = [r for r in report.results if r.verdict == trustproof.REFUTED]
    return found


@pytest.mark.parametrize(
    ("type_", "properties", "service"),
    [
        ("AWS::CloudTrail::Trail", {"S3BucketName": NAME, "IsLogging": True}, "cloudtrail.amazonaws.com"),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            {"LoadBalancerAttributes": [{"Key": "access_logs.s3.bucket", "Value": NAME}]},
            "logdelivery.elasticloadbalancing.amazonaws.com",
        ),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            {"Type": "network", "LoadBalancerAttributes": [{"Key": "access_logs.s3.bucket", "Value": NAME}]},
            "delivery.logs.amazonaws.com",
        ),
        (
            "AWS::ElasticLoadBalancing::LoadBalancer",
            {"AccessLoggingPolicy": {"Enabled": True, "S3BucketName": NAME}},
            "logdelivery.elasticloadbalancing.amazonaws.com",
        ),
        ("AWS::EC2::FlowLog", {"LogDestination": ARN}, "delivery.logs.amazonaws.com"),
        ("AWS::Logs::DeliveryDestination", {"DestinationResourceArn": ARN}, "delivery.logs.amazonaws.com"),
        ("AWS::WAFv2::LoggingConfiguration", {"LogDestinationConfigs": [ARN]}, "delivery.logs.amazonaws.com"),
        ("AWS::S3::Bucket", {"LoggingConfiguration": {"DestinationBucketName": NAME}}, "logging.s3.amazonaws.com"),
        (
            "AWS::S3::Bucket",
            {"InventoryConfigurations": [{"Id": "i", "Destination": {"BucketArn": ARN}}]},
            "s3.amazonaws.com",
        ),
        ("AWS::Config::DeliveryChannel", {"S3BucketName": NAME}, "config.amazonaws.com"),
        ("AWS::CUR::ReportDefinition", {"S3Bucket": NAME}, "billingreports.amazonaws.com"),
    ],
)
def test_who_delivers_to_a_bucket_is_not_asked_for_an_organization(type_: str, properties: Json, service: str) -> None:
    """A remedy that names the service that delivers for the template, and has no diff that stops it."""
    remedy = refuted(bucket("s3:PutObject", type_, properties)).remedy
    assert remedy is not None
    assert not remedy.edits
    assert f"name the service {service}, with " in remedy.text
    assert "Sender delivers here" in remedy.text


@pytest.mark.parametrize(
    ("action", "properties"),
    [
        ("s3:DeleteObject", {"LoggingConfiguration": {"DestinationBucketName": NAME}}),
        ("s3:PutObject", {"LoggingConfiguration": {"DestinationBucketName": "another"}}),
        ("s3:PutObject", {"BucketName": {"Fn::Sub": "${B}-copy"}}),
    ],
)
def test_what_delivers_elsewhere_changes_no_remedy(action: str, properties: Json) -> None:
    """A statement that no service of the template needs is bounded by the organization."""
    remedy = refuted(bucket(action, "AWS::S3::Bucket", properties)).remedy
    assert remedy is not None
    assert remedy.edits


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (
            {"T": {"Type": "AWS::CloudTrail::Trail", "Properties": {"KMSKeyId": KEY, "S3BucketName": "b"}}},
            "cloudtrail.amazonaws.com, with aws:SourceArn, in place of everybody: T has it use this key",
        ),
        (
            {
                "A": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/a", "TargetKeyId": {"Ref": "K"}}},
                "L": {"Type": "AWS::Logs::LogGroup", "Properties": {"KmsKeyId": {"Ref": "A"}}},
            },
            "logs.REGION.amazonaws.com, with kms:EncryptionContext:aws:logs:arn",
        ),
        (
            {
                "Q": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "K"}}},
                "R": {
                    "Type": "AWS::Events::Rule",
                    "Properties": {"Targets": [{"Id": "1", "Arn": {"Fn::GetAtt": ["Q", "Arn"]}}]},
                },
            },
            "events.amazonaws.com, without a Condition since it sends no key to test here, in place of everybody: R",
        ),
        (
            {
                "Q": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "K"}}},
                "S": {
                    "Type": "AWS::SNS::Subscription",
                    "Properties": {"TopicArn": "t", "Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Q", "Arn"]}},
                },
            },
            "sns.amazonaws.com, with aws:SourceAccount, in place of everybody: S has",
        ),
    ],
)
def test_who_encrypts_with_a_key_is_not_asked_for_an_organization(resources: Json, said: str) -> None:
    """A key by which services encrypt for the template is left to them, in words."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": [statement]}}}
    remedy = refuted({"Resources": {"K": key, **resources}}).remedy
    assert remedy is not None
    assert not remedy.edits
    assert said in remedy.text
    # A key that lets in its account nowhere is managed by nobody.
    assert remedy.text.endswith("name the account too, which manages the key")
    alone = refuted({"Resources": {"K": key}}).remedy
    assert alone is not None
    assert alone.edits
    # What is for whoever calls another service is used by no service in its own name.
    statement["Condition"] = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    by_caller = refuted({"Resources": {"K": key, **resources}}).remedy
    assert by_caller is not None
    assert said not in by_caller.text


TOPIC: Json = {"Ref": "T"}
CALLED: Json = {"Fn::GetAtt": ["F", "Arn"]}


@pytest.mark.parametrize(
    ("target", "type_", "properties", "said"),
    [
        (
            TOPIC,
            "AWS::RDS::EventSubscription",
            {"SnsTopicArn": TOPIC},
            "events.rds.amazonaws.com, with aws:SourceArn and aws:SourceAccount",
        ),
        (
            TOPIC,
            "AWS::Budgets::Budget",
            {"NotificationsWithSubscribers": [{"Subscribers": [{"SubscriptionType": "SNS", "Address": TOPIC}]}]},
            "budgets.amazonaws.com, with aws:SourceArn and aws:SourceAccount",
        ),
        (
            TOPIC,
            "AWS::SES::ConfigurationSetEventDestination",
            {"EventDestination": {"SnsDestination": {"TopicARN": TOPIC}}},
            "ses.amazonaws.com, with aws:SourceArn and aws:SourceAccount",
        ),
        (
            TOPIC,
            "AWS::CodeStarNotifications::NotificationRule",
            {"Targets": [{"TargetType": "SNS", "TargetAddress": TOPIC}]},
            "codestar-notifications.amazonaws.com, of which the manual names no key to test",
        ),
        (
            CALLED,
            "AWS::Config::ConfigRule",
            {"Source": {"SourceIdentifier": CALLED}},
            "config.amazonaws.com, with SourceAccount",
        ),
        (
            CALLED,
            "AWS::Cognito::UserPool",
            {"LambdaConfig": {"PreSignUp": CALLED}},
            "cognito-idp.amazonaws.com, with SourceArn",
        ),
        (
            CALLED,
            "AWS::Cognito::UserPool",
            {"LambdaConfig": {"CustomEmailSender": {"LambdaArn": CALLED, "LambdaVersion": "V1_0"}}},
            "cognito-idp.amazonaws.com, with SourceArn",
        ),
        (
            CALLED,
            "AWS::SecretsManager::RotationSchedule",
            {"RotationLambdaARN": CALLED},
            "secretsmanager.amazonaws.com, with SourceAccount",
        ),
        (CALLED, "AWS::Logs::SubscriptionFilter", {"DestinationArn": CALLED}, "logs.amazonaws.com, with SourceArn"),
        (CALLED, "AWS::S3::Bucket", {}, "a service has no organization, so name one that is to call the function"),
    ],
)
def test_who_notifies_is_not_asked_for_an_organization(target: Json, type_: str, properties: Json, said: str) -> None:
    """What notifies a topic or calls a function is named by its service, and where none is known, that there may be."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": TOPIC}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    permission = {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "F"}, "Principal": "*"}
    is_topic = target is TOPIC
    of_topic: Json = {
        "T": {"Type": "AWS::SNS::Topic", "Properties": {}},
        "P": {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": [TOPIC], "PolicyDocument": document}},
    }
    of_function: Json = {
        "F": {"Type": "AWS::Lambda::Function", "Properties": {}},
        "P": {"Type": "AWS::Lambda::Permission", "Properties": permission},
    }
    sender = {"Type": type_, "Properties": properties}
    remedy = refuted({"Resources": {**(of_topic if is_topic else of_function), "S": sender}}).remedy
    assert remedy is not None
    assert said in remedy.text
