"""
Policies of resources that AWS would not take are not taken, by a call or in a template, and none shuts its owner out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root
from trustproof.sandbox.moto.iam import bucket_policies, set_bucket_policy

REGION = "eu-central-1"
PLACE = {"LocationConstraint": REGION}
GHOST = f"arn:aws:iam::{HOME}:user/ghost"
#: Service to an action, the resource in a statement, and the code of a refusal.
SERVICES = {
    "s3": ("s3:GetObject", "arn:aws:s3:::of-grammar/*", "MalformedPolicy"),
    "sqs": ("sqs:SendMessage", f"arn:aws:sqs:{REGION}:{HOME}:of-grammar", "InvalidAttributeValue"),
    "sns": ("sns:Publish", f"arn:aws:sns:{REGION}:{HOME}:of-grammar", "InvalidParameter"),
    "secretsmanager": ("secretsmanager:GetSecretValue", "*", "MalformedPolicyDocumentException"),
    "kms": ("kms:Decrypt", "*", "MalformedPolicyDocumentException"),
    "ecr": ("ecr:BatchGetImage", "", "InvalidParameterException"),
}
WRONG: dict[str, Callable[[dict[str, Any]], str]] = {
    "no JSON": lambda one: "{",
    "no object": lambda one: "[]",
    "no statements": lambda one: policy(),
    "no Principal": lambda one: policy({name: value for name, value in one.items() if name != "Principal"}),
    "another Version": lambda one: policy(one).replace("2012-10-17", "2020-01-01"),
    "another Effect": lambda one: policy({**one, "Effect": "allow"}),
    "a user who is not there": lambda one: policy({**one, "Principal": {"AWS": GHOST}}),
    "no ARN": lambda one: policy({**one, "Principal": {"AWS": "somebody"}}),
    "an operator that there is not": lambda one: policy(
        {**one, "Condition": {"StringEqual": {"aws:PrincipalArn": "a"}}}
    ),
}
#: Service to what it refuses besides.
FURTHER: list[tuple[str, dict[str, Any], str]] = [
    ("s3", {"Action": "s3:GetObjekt"}, "MalformedPolicy"),
    ("s3", {"Action": ["s3:GetObject", "sqs:SendMessage"]}, "MalformedPolicy"),
    ("s3", {"Condition": {"StringEquals": {"s3:nosuchkey": "a"}}}, "MalformedPolicy"),
    ("s3", {"Condition": {"StringEquals": {"s3:prefix": "a"}}}, "MalformedPolicy"),
    ("s3", {"Condition": {"StringEquals": {"aws:PrincipalTag/a": ["x" * 1_000] * 21}}}, "MalformedPolicy"),
    ("s3", {"Resource": ""}, "MalformedPolicy"),
    ("sqs", {"Action": "sqs:SendMessages"}, "InvalidAttributeValue"),
    ("sqs", {"Action": "sns:Publish"}, "InvalidAttributeValue"),
    ("sqs", {"Action": [f"sqs:{one}*" for one in "abcdefgh"]}, "OverLimit"),
    ("sqs", {"Principal": {"AWS": [f"{one:012}" for one in range(51)]}}, "OverLimit"),
    ("sns", {"Action": "sns:Publishes"}, "InvalidParameter"),
    ("sns", {"Action": "dynamodb:GetItem"}, "InvalidParameter"),
    ("ecr", {"Resource": "*"}, "InvalidParameterException"),
]
#: What is taken.
TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("s3", {"Action": "s3:*", "Resource": ["arn:aws:s3:::of-grammar", "arn:aws:s3:::of-grammar/*"]}),
    ("s3", {"Action": "*", "Condition": {"StringEquals": {"S3:Prefix": "a"}}}),
    ("s3", {"Condition": {"StringEquals": {"s3:ExistingObjectTag/a": "b", "aws:PrincipalOrgID": "o-a"}}}),
    ("s3", {"Action": "s3:PutObject", "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}}),
    ("sqs", {"Action": "SQS:*"}),
    ("sns", {"Action": ["SNS:GetTopicAttributes", "SNS:Receive"]}),
    ("kms", {"Action": "kms:NewAction"}),
    ("secretsmanager", {"Action": "secretsmanager:*"}),
]


def statement(service: str, **more: Any) -> dict[str, Any]:
    action, resource, _ = SERVICES[service]
    made = {"Effect": "Allow", "Principal": root(HOME), "Action": action, "Resource": resource, **more}
    if not made["Resource"]:
        del made["Resource"]
    return made


@pytest.fixture(scope="module")
def setters(cast: Cast) -> dict[str, Callable[[str], Any]]:
    """What sets the policy of something of each service."""
    clients = {service: cast.aws.client(service, account=HOME) for service in SERVICES}
    clients["s3"].create_bucket(Bucket="of-grammar", CreateBucketConfiguration=PLACE)
    queue = clients["sqs"].create_queue(QueueName="of-grammar")["QueueUrl"]
    topic = clients["sns"].create_topic(Name="of-grammar")["TopicArn"]
    clients["secretsmanager"].create_secret(Name="of-grammar", SecretString="a")
    clients["ecr"].create_repository(repositoryName="of-grammar")
    key = clients["kms"].create_key()["KeyMetadata"]["KeyId"]
    return {
        "s3": lambda text: clients["s3"].put_bucket_policy(Bucket="of-grammar", Policy=text),
        "sqs": lambda text: clients["sqs"].set_queue_attributes(QueueUrl=queue, Attributes={"Policy": text}),
        "sns": lambda text: clients["sns"].set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=text
        ),
        "secretsmanager": lambda text: clients["secretsmanager"].put_resource_policy(
            SecretId="of-grammar", ResourcePolicy=text
        ),
        "ecr": lambda text: clients["ecr"].set_repository_policy(repositoryName="of-grammar", policyText=text),
        "kms": lambda text: clients["kms"].put_key_policy(KeyId=key, PolicyName="default", Policy=text),
    }


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("service", SERVICES)
def test_what_no_service_takes(setters: dict[str, Callable[[str], Any]], service: str, wrong: str) -> None:
    """A policy that cannot be read, or names nobody, is refused when it is set, and not at every request after."""
    text = WRONG[wrong](statement(service))
    assert refusal(lambda: setters[service](text))[0] == SERVICES[service][2]


@pytest.mark.parametrize(("service", "more", "code"), FURTHER)
def test_what_a_service_does_not_take(
    setters: dict[str, Callable[[str], Any]], service: str, more: dict[str, Any], code: str
) -> None:
    """Actions, keys and quotas are the service's."""
    assert refusal(lambda: setters[service](policy(statement(service, **more))))[0] == code


@pytest.mark.parametrize(("service", "more"), TAKEN)
def test_what_a_service_takes(setters: dict[str, Callable[[str], Any]], service: str, more: dict[str, Any]) -> None:
    """What is right, and what is not known to be refused, is taken."""
    administration = statement("kms", Action="kms:*")
    statements = [administration] if service == "kms" else []
    assert setters[service](policy(*statements, statement(service, **more)))["ResponseMetadata"]["HTTPStatusCode"] < 300


def test_a_queue_and_a_topic_that_are_made_with_a_policy(cast: Cast) -> None:
    """Neither is made with one that cannot be read, and an empty one takes a queue's away."""
    sqs, sns = (cast.aws.client(service, account=HOME) for service in ("sqs", "sns"))
    wrong = {"Policy": policy(allow("sqs:SendMessage"))}
    assert refusal(lambda: sqs.create_queue(QueueName="wrong", Attributes=wrong))[0] == "InvalidAttributeValue"
    assert refusal(lambda: sns.create_topic(Name="wrong", Attributes=wrong))[0] == "InvalidParameter"
    url = sqs.create_queue(QueueName="right", Attributes={"Policy": policy(statement("sqs"))})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_who_is_made_later_is_not_let_in(cast: Cast, setters: dict[str, Callable[[str], Any]]) -> None:
    """A policy cannot wait for a user whom somebody makes afterwards."""
    later = f"arn:aws:iam::{HOME}:user/later"
    assert refusal(lambda: setters["sqs"](policy(statement("sqs", Principal={"AWS": later}))))[0] == (
        "InvalidAttributeValue"
    )


def test_a_bucket_is_not_lost(cast: Cast) -> None:
    """Whatever the policy of a bucket is, the root user of its account takes it away."""
    admin = cast.aws.client("s3", account=HOME)
    admin.create_bucket(Bucket="unreadable", CreateBucketConfiguration=PLACE)
    readable = policy(statement("s3", Resource="arn:aws:s3:::unreadable/*"))
    admin.put_bucket_policy(Bucket="unreadable", Policy=readable)
    for held, text in bucket_policies():
        if "unreadable" in text:
            set_bucket_policy(held, policy(allow("s3:*")))
    owner = cast.aws.client("s3", cast.aws.root_keys(HOME))
    assert refusal(lambda: owner.list_objects_v2(Bucket="unreadable"))[0] == "NotImplemented"
    owner.delete_bucket_policy(Bucket="unreadable")
    assert owner.list_objects_v2(Bucket="unreadable")["KeyCount"] == 0


@pytest.mark.parametrize("service", ["sqs", "sns"])
def test_templates_are_told_the_same(cast: Cast, service: str) -> None:
    """What a call is refused, a template is refused: its stack is rolled back and says why."""
    kind, named = {"sqs": ("AWS::SQS::QueuePolicy", "Queues"), "sns": ("AWS::SNS::TopicPolicy", "Topics")}[service]
    document = json.loads(policy(statement(service, Action="dynamodb:GetItem")))
    properties = {named: ["of-grammar"], "PolicyDocument": document}
    body = json.dumps({"Resources": {"P": {"Type": kind, "Properties": properties}}})
    cloudformation = cast.aws.client("cloudformation", account=HOME)
    cloudformation.create_stack(StackName=f"grammar-{service}", TemplateBody=body)
    events = cloudformation.describe_stack_events(StackName=f"grammar-{service}")["StackEvents"]
    assert any(SERVICES[service][2] in one.get("ResourceStatusReason", "") for one in events)


def test_permissions_of_functions(cast: Cast) -> None:
    """A permission for a user who is not there is refused; of an account that is not here, nobody can tell."""
    client = cast.aws.client("lambda", account=HOME)

    def add(principal: str) -> Any:
        return client.add_permission(
            FunctionName="none", StatementId="a", Action="lambda:InvokeFunction", Principal=principal
        )

    assert refusal(lambda: add(GHOST))[0] == "InvalidParameterValueException"
    for principal in (OTHER, "s3.amazonaws.com", "arn:aws:iam::999988887777:user/ghost"):
        assert refusal(lambda principal=principal: add(principal))[0] == "ResourceNotFoundException"
