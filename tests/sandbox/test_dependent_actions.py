"""
What a request needs besides the action of its own name.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.cast import HOME, Cast, allow, policy, refusal, trust

EMPTY = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="
#: The service, the actions, and what hands over a role.
HANDING: list[tuple[str, str, Callable[[Any, str], Any]]] = [
    (
        "lambda",
        "lambda:UpdateFunctionConfiguration",
        lambda client, role: client.update_function_configuration(FunctionName="handing", Role=role),
    ),
    (
        "events",
        "events:*",
        lambda client, role: client.put_targets(
            Rule="handing", Targets=[{"Id": "a", "Arn": f"arn:aws:ecs:eu-central-1:{HOME}:cluster/c", "RoleArn": role}]
        ),
    ),
    ("glue", "glue:*", lambda client, role: client.create_job(Name="a", Role=role, Command={"Name": "glueetl"})),
    (
        "glue",
        "glue:*",
        lambda client, role: client.create_job(Name="b", Role=role.rpartition("/")[2], Command={"Name": "glueetl"}),
    ),
    (
        "ecs",
        "ecs:*",
        lambda client, role: client.register_task_definition(family="a", taskRoleArn=role, containerDefinitions=[]),
    ),
    (
        "firehose",
        "firehose:*",
        lambda client, role: client.create_delivery_stream(
            DeliveryStreamName="a", S3DestinationConfiguration={"RoleARN": role, "BucketARN": "arn:aws:s3:::b"}
        ),
    ),
]


@pytest.fixture(scope="module")
def role(cast: Cast) -> str:
    services = ("ecs-tasks", "events", "firehose", "glue", "lambda")
    service = {"Service": [f"{one}.amazonaws.com" for one in services]}
    made = cast.role(trust(service))
    archive = {"ZipFile": base64.b64decode(EMPTY)}
    given = {"FunctionName": "handing", "Runtime": "python3.13", "Handler": "a.b", "Role": made, "Code": archive}
    cast.aws.client("lambda", account=HOME).create_function(**given)
    cast.aws.client("events", account=HOME).put_rule(Name="handing", ScheduleExpression="rate(1 day)")
    return made


@pytest.mark.parametrize(("service", "action", "call"), HANDING)
def test_handing_over_a_role(cast: Cast, role: str, service: str, action: str, call: Callable[[Any, str], Any]) -> None:
    """Whoever hands a role to a service, by its ARN or its name, must be allowed to pass it."""
    limited = cast.aws.client(service, cast.user(allow(action)))
    code, message = refusal(lambda: call(limited, role))
    assert (code, f"iam:PassRole on resource: {role}" in message) == ("AccessDeniedException", True)
    passing = cast.aws.client(service, cast.user(allow(action), allow("iam:PassRole", role)))
    assert call(passing, role)


#: The service, the action, the tagging action, and the call.
TAGGED: list[tuple[str, str, str, Callable[[Any], Any]]] = [
    ("iam", "iam:CreateUser", "iam:TagUser", lambda client: client.create_user(UserName="tagged", Tags=TAGS)),
    (
        "iam",
        "iam:CreateRole",
        "iam:TagRole",
        lambda client: client.create_role(
            RoleName="tagged", AssumeRolePolicyDocument=policy(trust({"Service": "ec2.amazonaws.com"})), Tags=TAGS
        ),
    ),
    (
        "secretsmanager",
        "secretsmanager:CreateSecret",
        "secretsmanager:TagResource",
        lambda client: client.create_secret(Name="tagged", SecretString="a", Tags=TAGS),
    ),
    (
        "kms",
        "kms:CreateKey",
        "kms:TagResource",
        lambda client: client.create_key(Tags=[{"TagKey": "team", "TagValue": "a"}]),
    ),
    (
        "sqs",
        "sqs:CreateQueue",
        "sqs:TagQueue",
        lambda client: client.create_queue(QueueName="tagged", tags={"team": "a"}),
    ),
    ("sns", "sns:CreateTopic", "sns:TagResource", lambda client: client.create_topic(Name="tagged", Tags=TAGS)),
]
TAGS = [{"Key": "team", "Value": "a"}]


@pytest.mark.parametrize(("service", "action", "tagging", "call"), TAGGED)
def test_making_something_with_tags(
    cast: Cast, service: str, action: str, tagging: str, call: Callable[[Any], Any]
) -> None:
    """Whoever makes something with tags must be allowed to tag it, with these."""
    code, message = refusal(lambda: call(cast.aws.client(service, cast.user(allow(action)))))
    assert tagging in message
    assert code in ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    other = allow(tagging, Condition={"StringEquals": {"aws:RequestTag/team": "b"}})
    assert refusal(lambda: call(cast.aws.client(service, cast.user(allow(action), other))))[0] == code
    mine = allow(tagging, Condition={"StringEquals": {"aws:RequestTag/team": "a"}})
    assert call(cast.aws.client(service, cast.user(allow(action), mine)))


def test_tagging_that_nobody_documents(cast: Cast) -> None:
    """Whether a service asks for the tagging action is not guessed where it makes a difference."""

    def make(*statements: Any, **more: Any) -> Any:
        client = cast.aws.client("kinesis", cast.user(*statements))
        return client.create_stream(StreamName=f"s{len(statements)}", ShardCount=1, **more)

    assert make(allow("kinesis:CreateStream"))
    tags = {"Tags": {"team": "a"}}
    code, message = refusal(lambda: make(allow("kinesis:CreateStream"), **tags))
    assert (code, "kinesis:TagResource" in message) == ("NotImplemented", True)
    assert make(allow("kinesis:CreateStream"), allow("kinesis:TagResource"), **tags)


def test_the_tag_of_an_image_is_none(cast: Cast) -> None:
    """An image is put into a repository without the tagging action."""
    cast.aws.client("ecr", account=HOME).create_repository(repositoryName="images")
    media = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media, "config": {}, "layers": []})
    client = cast.aws.client("ecr", cast.user(allow("ecr:PutImage")))
    assert client.put_image(repositoryName="images", imageManifest=manifest, imageTag="latest")


def test_tags_of_stacks_and_buckets(cast: Cast) -> None:
    """Whether a stack or a bucket with tags needs the tagging action is undecided, unless the caller has it."""
    body = json.dumps({"Resources": {"G": {"Type": "AWS::IAM::Group"}}})
    stack = {"TemplateBody": body, "Capabilities": ["CAPABILITY_IAM"]}
    tags = [{"Key": "a", "Value": "b"}]
    configuration = {"LocationConstraint": "eu-central-1"}

    def clients(*more: str) -> tuple[Any, Any]:
        user = cast.user(allow(["cloudformation:CreateStack", "s3:CreateBucket", "iam:*", *more]))
        return cast.aws.client("cloudformation", user), cast.aws.client("s3", user)

    stacks, s3 = clients()
    assert stacks.create_stack(StackName="plain", **stack)
    assert refusal(lambda: stacks.create_stack(StackName="tagged", Tags=tags, **stack))[0] == "NotImplemented"
    assert s3.create_bucket(Bucket="plain-bucket", CreateBucketConfiguration=configuration)
    tagged = {"Bucket": "tagged-bucket", "CreateBucketConfiguration": {**configuration, "Tags": tags}}
    assert refusal(lambda: s3.create_bucket(**tagged))[0] == "NotImplemented"
    stacks, s3 = clients("cloudformation:TagResource", "s3:TagResource")
    assert stacks.create_stack(StackName="tagged", Tags=tags, **stack)
    assert s3.create_bucket(**tagged)
