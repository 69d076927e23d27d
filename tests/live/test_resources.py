"""
Policies of resources as deployed: what changed is found with a request, by whatever way it came there.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from trustproof.cli.main import main
from trustproof.sandbox import Sandbox

HOME, OTHER = "111122223333", "222233334444"
REGION = "eu-central-1"


def allow(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **elements}]}


def deny(**elements: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", **elements}]}


def attribute(name: str, which: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, which]}


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


FRIEND = {"AWS": f"arn:aws:iam::{OTHER}:root"}
OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}
IN_BUCKET = [attribute("Bucket"), {"Fn::Sub": "${Bucket.Arn}/*"}]
ROLE = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
TEMPLATE = {
    "Resources": {
        "Bucket": resource("S3::Bucket", BucketName="held-bucket"),
        "BucketPolicy": resource(
            "S3::BucketPolicy",
            Bucket={"Ref": "Bucket"},
            PolicyDocument=deny(Principal="*", Action="s3:*", Resource=IN_BUCKET, Condition=PLAIN_HTTP),
        ),
        "Bare": resource("S3::Bucket", BucketName="bare-bucket"),
        "Queue": resource("SQS::Queue", QueueName="held-queue"),
        "QueuePolicy": resource(
            "SQS::QueuePolicy",
            Queues=[{"Ref": "Queue"}],
            PolicyDocument=allow(
                Principal={"Service": "events.amazonaws.com"},
                Action="sqs:SendMessage",
                Resource=attribute("Queue"),
                Condition=OWN_ACCOUNT,
            ),
        ),
        "BareQueue": resource("SQS::Queue", QueueName="bare-queue"),
        "Topic": resource("SNS::Topic", TopicName="held-topic"),
        "TopicPolicy": resource(
            "SNS::TopicPolicy",
            Topics=[{"Ref": "Topic"}],
            PolicyDocument=allow(Principal=FRIEND, Action="sns:Subscribe", Resource={"Ref": "Topic"}),
        ),
        "BareTopic": resource("SNS::Topic", TopicName="bare-topic"),
        "Key": resource(
            "KMS::Key",
            KeyPolicy=allow(
                Principal={"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}, Action="kms:*", Resource="*"
            ),
        ),
        "Secret": resource("SecretsManager::Secret", Name="held-secret", GenerateSecretString={}),
        "BareSecret": resource("SecretsManager::Secret", SecretString="s"),
        "SecretPolicy": resource(
            "SecretsManager::ResourcePolicy",
            SecretId={"Ref": "Secret"},
            ResourcePolicy=allow(Principal=FRIEND, Action="secretsmanager:GetSecretValue", Resource="*"),
        ),
        "Repository": resource(
            "ECR::Repository",
            RepositoryName="held-repository",
            RepositoryPolicyText=allow(Principal=FRIEND, Action="ecr:BatchGetImage"),
        ),
        "Role": resource("IAM::Role", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": [ROLE]}),
        "Function": resource(
            "Lambda::Function",
            FunctionName="held-function",
            Handler="index.handler",
            Runtime="python3.12",
            Role=attribute("Role"),
            Code={"S3Bucket": "code-of-home", "S3Key": "code.zip"},
        ),
        "Permission": resource(
            "Lambda::Permission",
            FunctionName={"Ref": "Function"},
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=f"arn:aws:events:{REGION}:{HOME}:rule/a",
        ),
    }
}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Path]]:
    """A sandbox with the stack in it, and the assembly."""
    folder = tmp_path_factory.mktemp("resources")
    artifact = {
        "type": "aws:cloudformation:stack",
        "environment": f"aws://{HOME}/{REGION}",
        "properties": {"templateFile": "held.json", "stackName": "held"},
    }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"held": artifact}}), encoding="utf-8")
    (folder / "held.json").write_text(json.dumps(TEMPLATE), encoding="utf-8")
    with Sandbox([HOME, OTHER]) as aws:
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("index.py", "def handler(event, context): ...\n")
        bucket = aws.client("s3", account=HOME, region=REGION)
        bucket.create_bucket(Bucket="code-of-home", CreateBucketConfiguration={"LocationConstraint": REGION})
        bucket.put_object(Bucket="code-of-home", Key="code.zip", Body=code.getvalue())
        stacks = aws.client("cloudformation", account=HOME, region=REGION)
        stacks.create_stack(StackName="held", TemplateBody=json.dumps(TEMPLATE), Capabilities=["CAPABILITY_NAMED_IAM"])
        stack = stacks.describe_stacks(StackName="held")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE", stacks.describe_stack_events(StackName="held")
        yield aws, folder


@pytest.fixture
def verify(
    deployed: tuple[Sandbox, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """What `trustproof verify` says: status, output and errors."""
    aws, folder = deployed
    for name, value in aws.settings.items():
        monkeypatch.setenv(name, value)
    profile = next(one.name for one in aws.organization.accounts.values() if one.id == HOME)

    def call(path: Path = folder) -> tuple[int, str, str]:
        status = main(["verify", str(path), "--profile", profile])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def test_what_was_just_deployed_is_the_same(verify: Any) -> None:
    """Each resource once, those without a policy too."""
    assert verify() == (0, "16 same, 0 differs, 0 unknown\n", "")


def bucket_policy(aws: Sandbox, name: str, policy: dict[str, Any] | None) -> None:
    client = aws.client("s3", account=HOME, region=REGION)
    if policy is None:
        client.delete_bucket_policy(Bucket=name)
    else:
        client.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))


def queue_policy(aws: Sandbox, name: str, policy: dict[str, Any] | None) -> None:
    client = aws.client("sqs", account=HOME, region=REGION)
    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy) if policy else ""})


def topic_policy(aws: Sandbox, name: str, policy: dict[str, Any] | None) -> None:
    client = aws.client("sns", account=HOME, region=REGION)
    client.set_topic_attributes(
        TopicArn=f"arn:aws:sns:{REGION}:{HOME}:{name}", AttributeName="Policy", AttributeValue=json.dumps(policy)
    )


def key_policy(aws: Sandbox, _name: str, policy: dict[str, Any] | None) -> None:
    client = aws.client("kms", account=HOME, region=REGION)
    for key in client.list_keys()["Keys"]:
        client.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps(policy))


def secret_policy(aws: Sandbox, name: str, policy: dict[str, Any] | None) -> None:
    client = aws.client("secretsmanager", account=HOME, region=REGION)
    if policy is None:
        client.delete_resource_policy(SecretId=name)
    else:
        client.put_resource_policy(SecretId=name, ResourcePolicy=json.dumps(policy))


def bare_secret_policy(aws: Sandbox, _name: str, policy: dict[str, Any] | None) -> None:
    stacks = aws.client("cloudformation", account=HOME, region=REGION)
    found = stacks.describe_stack_resource(StackName="held", LogicalResourceId="BareSecret")["StackResourceDetail"]
    secret_policy(aws, found["PhysicalResourceId"], policy)


def repository_policy(aws: Sandbox, name: str, policy: dict[str, Any] | None) -> None:
    client = aws.client("ecr", account=HOME, region=REGION)
    if policy is None:
        client.delete_repository_policy(repositoryName=name)
    else:
        client.set_repository_policy(repositoryName=name, policyText=json.dumps(policy))


Put = Callable[[Sandbox, str, "dict[str, Any] | None"], None]
HELD_BUCKET = ["arn:aws:s3:::held-bucket", "arn:aws:s3:::held-bucket/*"]
HTTP = deny(Principal="*", Action="s3:*", Resource=HELD_BUCKET, Condition=PLAIN_HTTP)
QUEUE = f"arn:aws:sqs:{REGION}:{HOME}:held-queue"
EVENTS = {"Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
OWN = {"StringEquals": {"aws:SourceAccount": HOME}}
TOPIC = f"arn:aws:sns:{REGION}:{HOME}:held-topic"
ROOT = {"AWS": f"arn:aws:iam::{HOME}:root"}
MORE, LESS = "deployed: allowed; template: not", "template: allowed; deployed: not"


@pytest.mark.parametrize(
    ("put", "name", "as_template", "policy", "subject", "said"),
    [
        # A policy that only denies says nothing of what is allowed, and matters all the same.
        (bucket_policy, "held-bucket", HTTP, None, "bucket held-bucket", "the bucket has no policy"),
        (
            bucket_policy,
            "held-bucket",
            HTTP,
            deny(Principal="*", Action="s3:Put*", Resource=HELD_BUCKET, Condition=PLAIN_HTTP),
            "bucket held-bucket",
            "template: denied; deployed: not",
        ),
        (
            bucket_policy,
            "held-bucket",
            HTTP,
            {
                **HTTP,
                "Statement": [*HTTP["Statement"], {**HTTP["Statement"][0], "Action": "s3:GetObject", "Condition": {}}],
            },
            "bucket held-bucket",
            "deployed: denied; template: not",
        ),
        # What stands on a resource of which the template says nothing.
        (
            bucket_policy,
            "bare-bucket",
            None,
            allow(Principal=FRIEND, Action="s3:GetObject", Resource="arn:aws:s3:::bare-bucket/*"),
            "bucket bare-bucket",
            MORE,
        ),
        (queue_policy, "bare-queue", None, allow(Principal="*", Action="sqs:*", Resource="*"), "queue ", MORE),
        (
            queue_policy,
            "held-queue",
            allow(**EVENTS, Resource=QUEUE, Condition=OWN),
            allow(**EVENTS, Resource=QUEUE),
            "queue ",
            MORE,
        ),
        (
            topic_policy,
            "held-topic",
            allow(Principal=FRIEND, Action="sns:Subscribe", Resource=TOPIC),
            allow(Principal=FRIEND, Action=["sns:Subscribe", "sns:Publish"], Resource=TOPIC),
            f"topic {TOPIC}",
            MORE,
        ),
        (
            key_policy,
            "",
            allow(Principal=ROOT, Action="kms:*", Resource="*"),
            allow(Principal=ROOT | {"Service": "s3.amazonaws.com"}, Action="kms:*", Resource="*"),
            "key ",
            MORE,
        ),
        (
            secret_policy,
            "held-secret",
            allow(Principal=FRIEND, Action="secretsmanager:GetSecretValue", Resource="*"),
            allow(Principal=FRIEND, Action="secretsmanager:*", Resource="*"),
            "secret ",
            MORE,
        ),
        (
            secret_policy,
            "held-secret",
            allow(Principal=FRIEND, Action="secretsmanager:GetSecretValue", Resource="*"),
            None,
            "secret ",
            "the secret has no policy",
        ),
        (
            bare_secret_policy,
            "",
            None,
            allow(Principal=FRIEND, Action="secretsmanager:GetSecretValue", Resource="*"),
            "secret ",
            MORE,
        ),
        (
            repository_policy,
            "held-repository",
            allow(Principal=FRIEND, Action="ecr:BatchGetImage"),
            allow(Principal=FRIEND, Action="ecr:BatchGet*"),
            "repository held-repository",
            MORE,
        ),
        (
            repository_policy,
            "held-repository",
            allow(Principal=FRIEND, Action="ecr:BatchGetImage"),
            allow(Principal=FRIEND, Action="ecr:BatchGetImage", Condition={"Bool": {"aws:SecureTransport": "true"}}),
            "repository held-repository",
            LESS,
        ),
    ],
)
def test_a_changed_policy_is_found(
    put: Put, name: str, as_template: Any, policy: Any, subject: str, said: str, deployed: Any, verify: Any
) -> None:
    """
    One operator, action, principal or statement, in each kind of policy; whatever were not the same again afterwards
    would differ in the next case.
    """
    aws, _ = deployed
    put(aws, name, policy)
    try:
        status, out, errors = verify()
    finally:
        put(aws, name, as_template)
    assert (status, errors) == (1, ""), out
    assert f"differs: {HOME} {subject}" in out
    assert f"\n    {said}\n" in out
    assert out.endswith("15 same, 1 differs, 0 unknown\n")


@pytest.mark.parametrize(
    ("put", "name", "as_template", "policy"),
    [
        (
            bucket_policy,
            "held-bucket",
            HTTP,
            deny(Principal="*", Action=["s3:*", "s3:Get*"], Resource="arn:aws:s3:::held-bucket*", Condition=PLAIN_HTTP),
        ),
        (
            queue_policy,
            "held-queue",
            allow(**EVENTS, Resource=QUEUE, Condition=OWN),
            allow(**EVENTS, Resource="*", Condition={"StringLike": {"AWS:SourceAccount": [HOME]}}),
        ),
        (
            key_policy,
            "",
            allow(Principal=ROOT, Action="kms:*", Resource="*"),
            allow(Principal={"AWS": HOME}, Action=["kms:*", "s3:GetObject"], Resource="*"),
        ),
        (
            topic_policy,
            "held-topic",
            allow(Principal=FRIEND, Action="sns:Subscribe", Resource=TOPIC),
            allow(Principal={"AWS": [OTHER, OTHER]}, Action="SNS:Subscribe", Resource="*"),
        ),
    ],
)
def test_a_rewriting_is_no_drift(
    put: Put, name: str, as_template: Any, policy: Any, deployed: Any, verify: Any
) -> None:
    """`*` in the policy of a resource means that resource, and the service looks at its own actions only."""
    aws, _ = deployed
    put(aws, name, policy)
    try:
        assert verify() == (0, "16 same, 0 differs, 0 unknown\n", "")
    finally:
        put(aws, name, as_template)


def test_permissions_of_functions(deployed: Any, verify: Any) -> None:
    """A statement that somebody added is found, and so is one that is gone."""
    aws, _ = deployed
    client = aws.client("lambda", account=HOME, region=REGION)
    added = {"FunctionName": "held-function", "StatementId": "by-hand", "Action": "lambda:InvokeFunction"}
    client.add_permission(**added, Principal=OTHER)
    status, out, _ = verify()
    assert status == 1
    assert f"differs: {HOME} function held-function: policy\n    {MORE}\n" in out
    client.remove_permission(FunctionName="held-function", StatementId="by-hand")
    own = json.loads(client.get_policy(FunctionName="held-function")["Policy"])["Statement"][0]
    client.remove_permission(FunctionName="held-function", StatementId=own["Sid"])
    status, out, _ = verify()
    assert (status, out.split("\n")[1]) == (1, "    the function has no policy")
    client.add_permission(
        FunctionName="held-function",
        StatementId="again",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn=f"arn:aws:events:{REGION}:{HOME}:rule/a",
    )
    assert verify()[0] == 0


def test_a_function_that_runs_as_another_role(deployed: Any, verify: Any) -> None:
    """A function that was given another role differs, with both names."""
    aws, _ = deployed
    client, iam = (aws.client(name, account=HOME, region=REGION) for name in ("lambda", "iam"))
    own = client.get_function_configuration(FunctionName="held-function")["Role"]
    trust = json.dumps({"Version": "2012-10-17", "Statement": [ROLE]})
    other = iam.create_role(RoleName="swapped", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    client.update_function_configuration(FunctionName="held-function", Role=other)
    try:
        status, out, _ = verify()
    finally:
        client.update_function_configuration(FunctionName="held-function", Role=own)
    said = f"Function held-function: role\n    role: template: {own.rpartition('/')[2]}; deployed: swapped\n"
    assert (status, said in out) == (1, True), out


def test_what_the_credentials_may_not_read_is_no_success(deployed: Any, verify: Any) -> None:
    """What cannot be read is said by its name, and the rest is compared."""
    aws, _ = deployed
    iam = aws.client("iam", account=HOME)
    no_queues = deny(Action="sqs:GetQueueAttributes", Resource="*")
    iam.put_role_policy(RoleName="OrganizationAccountAccessRole", PolicyName="no", PolicyDocument=json.dumps(no_queues))
    try:
        status, out, errors = verify()
    finally:
        iam.delete_role_policy(RoleName="OrganizationAccountAccessRole", PolicyName="no")
    assert (status, errors) == (2, "")
    assert "held-queue: policy\n    cannot ask sqs for GetQueueAttributes" in out
    assert out.endswith("14 same, 0 differs, 2 unknown\n")
