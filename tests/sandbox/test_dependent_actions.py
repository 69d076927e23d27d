"""
What a request needs besides the action of its own name.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
import pytest
from moto.backend_index import backend_url_patterns

from tests.sandbox.cast import HOME, Cast, allow, policy, refusal, trust
from trustproof.aws import published
from trustproof.sandbox.authorization.actions import documented_actions, reference
from trustproof.sandbox.authorization.actions.dependent_actions import _ROLE, may_hand_over_unnamed
from trustproof.sandbox.moto.parameters import input_of

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


def test_what_is_surely_denied_beside_a_doubt(cast: Cast, role: str) -> None:
    """It is denied, also where something that comes before it is not decided."""
    archive = {"ZipFile": base64.b64decode(EMPTY)}
    given = {"FunctionName": "doubted", "Runtime": "python3.13", "Handler": "a.b", "Role": role, "Code": archive}

    def create(*actions: str) -> tuple[str, str]:
        client = cast.aws.client("lambda", cast.user(allow(["lambda:CreateFunction", *actions])))
        return refusal(lambda: client.create_function(**given))

    code, message = create()
    assert (code, f"iam:PassRole on resource: {role}" in message) == ("AccessDeniedException", True)
    assert create("iam:PassRole")[0] == "NotImplemented"


def tasks(**more: Any) -> dict[str, Any]:
    return {"containerDefinitions": [{"name": "a", "image": "b", "memory": 128}], **more}


def run_task(client: Any, **more: Any) -> Any:
    return client.run_task(cluster="c", launchType="FARGATE", **more)


@pytest.fixture(scope="module")
def definitions(cast: Cast, role: str) -> dict[str, str]:
    """Task definitions without roles, with a task role, with an execution role; the one of the roles by its name."""
    ecs = cast.aws.client("ecs", account=HOME)
    ecs.create_cluster(clusterName="c")
    given = {"plain": {}, "task": {"taskRoleArn": role}, "execution": {"executionRoleArn": role}}
    made = {name: ecs.register_task_definition(family=name, **tasks(**roles)) for name, roles in given.items()}
    return {name: str(one["taskDefinition"]["taskDefinitionArn"]) for name, one in made.items()}


@pytest.mark.parametrize("form", ["family", "family and revision", "ARN"])
@pytest.mark.parametrize("name", ["task", "execution"])
def test_roles_of_a_task_definition(cast: Cast, role: str, definitions: dict[str, str], name: str, form: str) -> None:
    """Whoever runs tasks hands over the roles of their definition, whoever registered it and however it is named."""
    named = {"family": name, "family and revision": f"{name}:1", "ARN": definitions[name]}[form]
    limited = cast.aws.client("ecs", cast.user(allow("ecs:*"), allow("iam:PassRole", f"{role}-of-others")))
    code, message = refusal(lambda: run_task(limited, taskDefinition=named))
    assert (code, f"iam:PassRole on resource: {role}" in message) == ("AccessDeniedException", True)
    code, message = refusal(lambda: limited.start_task(taskDefinition=named, containerInstances=["x"]))
    assert (code, f"iam:PassRole on resource: {role}" in message) == ("AccessDeniedException", True)
    code, _ = refusal(lambda: limited.create_service(cluster="c", serviceName="s", taskDefinition=named))
    assert code == "NotImplemented"
    to_tasks = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    passing = cast.aws.client("ecs", cast.user(allow("ecs:*"), allow("iam:PassRole", role, Condition=to_tasks)))
    assert passing.create_service(cluster="c", serviceName=f"{name}-{len(form)}", taskDefinition=named, desiredCount=0)
    # moto has no instances on which it would run; whether one may is settled before.
    code, message = refusal(lambda: passing.start_task(cluster="c", taskDefinition=named, containerInstances=["x"]))
    assert (code, message.partition(":")[0]) == ("NotImplemented", "moto cannot answer this ecs")


def test_a_task_definition_without_roles(cast: Cast, definitions: dict[str, str]) -> None:
    """It hands over nothing; where a call puts another role in place of one, of that one it is not known."""
    limited = cast.aws.client("ecs", cast.user(allow("ecs:*")))
    assert limited.create_service(cluster="c", serviceName="plain", taskDefinition="plain", desiredCount=0)
    assert limited.update_service(cluster="c", service="plain", desiredCount=0)
    other = cast.role(trust({"Service": "ecs-tasks.amazonaws.com"}))
    some = cast.aws.client("ecs", cast.user(allow("ecs:*"), allow("iam:PassRole", other)))
    overriding = {"taskDefinition": "task", "overrides": {"taskRoleArn": other}}
    assert refusal(lambda: run_task(some, **overriding))[0] == "NotImplemented"
    assert refusal(lambda: run_task(limited, **overriding))[0] in ("AccessDeniedException", "NotImplemented")


#: The service, and what hands over a role that it names by another parameter, or by none.
ODD: list[tuple[str, str, Callable[[Any, str], Any]]] = [
    (
        "codebuild",
        "AccessDeniedException",
        lambda client, role: client.start_build(projectName="p", serviceRoleOverride=role.rpartition("/")[2]),
    ),
    (
        "codebuild",
        "AccessDeniedException",
        lambda client, role: client.start_build(projectName="p", serviceRoleOverride=role),
    ),
    *(
        (
            "ecs",
            "AccessDeniedException",
            lambda client, role, key=key: client.register_task_definition(
                family="f", **tasks(**{key: role.rpartition("/")[2]})
            ),
        )
        for key in ("taskRoleArn", "executionRoleArn")
    ),
    (
        "cognito-idp",
        "AccessDeniedException",
        lambda client, role: client.create_user_pool(PoolName="p", SmsConfiguration={"SnsCallerArn": role}),
    ),
    (
        "datapipeline",
        "NotImplemented",
        lambda client, role: client.put_pipeline_definition(pipelineId="df-1", pipelineObjects=[]),
    ),
    (
        "ssm",
        "NotImplemented",
        lambda client, role: client.create_document(Name="d", Content="{}", DocumentType="Automation"),
    ),
    (
        "elasticbeanstalk",
        "NotImplemented",
        lambda client, role: client.create_environment(ApplicationName="a", EnvironmentName="env-1"),
    ),
]


@pytest.mark.parametrize(("service", "expected", "call"), ODD)
def test_roles_that_are_not_called_so(
    cast: Cast, role: str, service: str, expected: str, call: Callable[[Any, str], Any]
) -> None:
    """Nobody hands over a role unasked by an operation that has another word for it, or none."""
    limited = cast.aws.client(service, cast.user(allow(f"{service}:*")))
    assert refusal(lambda: call(limited, role))[0] == expected


def _members(shape: Any, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of all members of a shape of botocore."""
    if shape.name in seen:
        return
    for name, member in getattr(shape, "members", {}).items():
        yield name
        yield from _members(member, (*seen, shape.name))
    for inner in ("member", "value"):
        if hasattr(shape, inner):
            yield from _members(getattr(shape, inner), (*seen, shape.name))


#: Operations by which a role is handed over in settings, where it is looked for, or by an instance profile.
IN_VALUES = {
    "config:PutRemediationConfigurations",
    "ec2:AssociateIamInstanceProfile",
    "ec2:EnableFastLaunch",
    "ec2:ReplaceIamInstanceProfileAssociation",
    "ec2:RequestSpotInstances",
    "ec2:RunInstances",
    "rds:ModifyOptionGroup",
    "sns:CreatePlatformApplication",
    "sns:CreateTopic",
    "sns:SetPlatformApplicationAttributes",
    "sns:SetTopicAttributes",
}


def test_every_operation_that_hands_over_a_role() -> None:
    """What the reference says to hand over a role has a parameter for it, or is known to do it otherwise."""
    session = botocore.session.get_session()
    without = set()
    for name in {one for one, _ in backend_url_patterns} & {*session.get_available_services()}:
        model, prefix = session.get_service_model(name), reference._PREFIXES.get(name, name)
        for operation in model.operation_names:
            entry = reference._service(prefix).get(operation.lower())
            shape = model.operation_model(operation).input_shape
            if entry is None or not entry["passes"] or name in ("iam", "s3", "cloudformation"):
                continue
            named = shape is not None and any(_ROLE.search(one) for one in _members(shape))
            if not named and not may_hand_over_unnamed(prefix, operation):
                without.add(f"{prefix}:{operation}")
    assert without == IN_VALUES


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
        "kinesis",
        "kinesis:CreateStream",
        "kinesis:AddTagsToStream",
        lambda client: client.create_stream(StreamName="tagged", ShardCount=1, Tags={"team": "a"}),
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
        client = cast.aws.client("athena", cast.user(*statements))
        return client.create_work_group(Name=f"s{len(statements)}", **more)

    assert make(allow("athena:CreateWorkGroup"))
    tags = {"Tags": [{"Key": "team", "Value": "a"}]}
    code, message = refusal(lambda: make(allow("athena:CreateWorkGroup"), **tags))
    assert (code, "athena:TagResource" in message) == ("NotImplemented", True)
    assert make(allow("athena:CreateWorkGroup"), allow("athena:TagResource"), **tags)


def test_the_tag_of_an_image_is_none(cast: Cast) -> None:
    """An image is put into a repository without the tagging action."""
    cast.aws.client("ecr", account=HOME).create_repository(repositoryName="images")
    media = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media, "config": {}, "layers": []})
    client = cast.aws.client("ecr", cast.user(allow("ecr:PutImage")))
    assert client.put_image(repositoryName="images", imageManifest=manifest, imageTag="latest")


def test_tags_of_stacks_and_buckets(cast: Cast) -> None:
    """Whether a bucket with tags needs the tagging action is undecided; of a stack it is, where that is denied."""
    body = json.dumps({"Resources": {"G": {"Type": "AWS::IAM::Group"}}})
    stack = {"TemplateBody": body, "Capabilities": ["CAPABILITY_IAM"]}
    tags = [{"Key": "a", "Value": "b"}]
    configuration = {"LocationConstraint": "eu-central-1"}

    def clients(*more: str, denied: str = "s3:Nothing") -> tuple[Any, Any]:
        deny = {"Effect": "Deny", "Action": denied, "Resource": "*"}
        user = cast.user(allow(["cloudformation:CreateStack", "s3:CreateBucket", "iam:*", *more]), deny)
        return cast.aws.client("cloudformation", user), cast.aws.client("s3", user)

    stacks, s3 = clients()
    assert stacks.create_stack(StackName="plain", **stack)
    assert stacks.create_stack(StackName="tagged", Tags=tags, **stack)
    denied, _ = clients("cloudformation:TagResource", denied="cloudformation:TagResource")
    assert refusal(lambda: denied.create_stack(StackName="denied", Tags=tags, **stack))[0] == "NotImplemented"
    assert s3.create_bucket(Bucket="plain-bucket", CreateBucketConfiguration=configuration)
    tagged = {"Bucket": "tagged-bucket", "CreateBucketConfiguration": {**configuration, "Tags": tags}}
    assert refusal(lambda: s3.create_bucket(**tagged))[0] == "NotImplemented"
    _, s3 = clients("s3:TagResource")
    assert s3.create_bucket(**tagged)


def group_of_template(client: Any) -> Any:
    return client.create_auto_scaling_group(
        AutoScalingGroupName="g",
        LaunchTemplate={"LaunchTemplateName": "none"},
        MinSize=0,
        MaxSize=1,
        AvailabilityZones=["eu-central-1a"],
    )


BESIDES: list[tuple[str, str, Callable[[Any], Any]]] = [
    ("autoscaling", "ec2:RunInstances", group_of_template),
    ("autoscaling", "ec2:CreateTags", group_of_template),
    (
        "ec2",
        "ec2:CreateTags",
        lambda client: client.run_instances(LaunchTemplate={"LaunchTemplateName": "none"}, MinCount=1, MaxCount=1),
    ),
    (
        "secretsmanager",
        "secretsmanager:ReplicateSecretToRegions",
        lambda client: client.create_secret(
            Name="copied", SecretString="x", AddReplicaRegions=[{"Region": "us-east-1"}]
        ),
    ),
    (
        "redshift",
        "redshift:CreateClusterUser",
        lambda client: client.get_cluster_credentials(DbUser="root", ClusterIdentifier="c", AutoCreate=True),
    ),
    (
        "logs",
        "logs:Unmask",
        lambda client: client.filter_log_events(logGroupName="g", unmask=True),
    ),
    (
        "application-autoscaling",
        "dynamodb:UpdateTable",
        lambda client: client.register_scalable_target(
            ServiceNamespace="dynamodb",
            ResourceId="table/t",
            ScalableDimension="dynamodb:table:ReadCapacityUnits",
            MinCapacity=1,
            MaxCapacity=2,
        ),
    ),
    (
        "dynamodb",
        "dynamodb:Scan",
        lambda client: client.restore_table_to_point_in_time(
            SourceTableName="before", TargetTableName="after", UseLatestRestorableTime=True
        ),
    ),
]


@pytest.mark.parametrize(("service", "action", "call"), BESIDES)
def test_an_action_besides(cast: Cast, service: str, action: str, call: Callable[[Any], Any]) -> None:
    """Who is denied what the page of an operation says that it takes besides does not get through with it."""
    deny = {**allow(action), "Effect": "Deny"}
    client = cast.aws.client(service, cast.user(allow("*"), deny))
    code, message = refusal(lambda: call(client))
    assert (code, action in message) == ("NotImplemented", True)


def test_documented_actions_are_there() -> None:
    """Every action of the table, its operation and the parameter are ones that AWS has."""
    services = {"elasticfilesystem": "efs", "autoscaling": "autoscaling"}
    for (prefix, operation), rows in documented_actions._ROWS.items():
        shape = input_of(services.get(prefix, prefix), operation)
        for parameter, actions in rows:
            assert parameter == "-" or parameter in shape.members, (operation, parameter)
            for action in actions:
                name, _, own = action.partition(":")
                assert own.lower() in published.service(name).actions, action
