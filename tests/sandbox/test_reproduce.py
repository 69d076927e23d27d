"""
What ``check --reproduce`` prints, run as it is printed: by a shell, with the AWS CLI, in a sandbox.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest

from examples.deploy_demo import BROKEN, Outsider
from tests.cli.program import called
from tests.sandbox.cast import HOME, OTHER, Cast, allow, root, trust
from tests.strategies import is_deep
from trustproof.sandbox import Sandbox

pytestmark = pytest.mark.skipif(
    shutil.which("aws") is None or shutil.which("bash") is None, reason="there is no AWS CLI, or no shell"
)

TEMPLATES = Path(__file__).resolve().parents[2] / "examples" / "broken"
CALLER = "caller"
NO_MFA_NEEDED = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ISSUER = "token.actions.githubusercontent.com"


@pytest.fixture
def deployed(aws: Sandbox, tmp_path: Path) -> Iterator[Any]:
    """Deploy a template as a stack of the home account; what runs in it then is the stack of that name."""
    client = aws.client("cloudformation", account=HOME)
    made = []

    def deploy(name: str, body: str) -> Path:
        client.create_stack(StackName=name, TemplateBody=body, Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"])
        made.append(name)
        assert client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
        path = tmp_path / f"{name}.template"
        path.write_text(body, encoding="utf-8")
        return path

    yield deploy
    for name in made:
        client.delete_stack(StackName=name)


def printed(template: Path, *more: str) -> str:
    """The commands that the program prints for the one finding of a template."""
    done = called(template.parent, "check", "--reproduce", "--format", "json", *more, template.name)
    assert done.returncode == 1, done.stdout + done.stderr
    (found,) = (one["reproduce"] for one in json.loads(done.stdout)["results"] if "reproduce" in one)
    return "\n".join(found)


def shell(aws: Sandbox, script: str, keys: Any = None, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run commands in the environment of a sandbox, where a profile has the keys of a caller."""
    environment = aws.environment() | variables
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if keys is not None:
        # What `aws configure` does: the CLI takes a second to start.
        file = Path(environment["AWS_SHARED_CREDENTIALS_FILE"])
        credentials = RawConfigParser()
        credentials.read(file, "utf-8")
        found = {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}
        credentials.read_dict({CALLER: found})
        with file.open("w", encoding="utf-8") as opened:
            credentials.write(opened)
        environment["CALLER"] = CALLER
    return subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=False)


def got_in(done: subprocess.CompletedProcess[str]) -> bool:
    """Whether what was run ended with credentials; refusals are of AWS's making, and nothing else goes wrong."""
    if done.returncode == 0:
        return "Credentials" in json.loads(done.stdout)
    assert "(AccessDenied)" in done.stderr, done.stderr
    return False


@pytest.mark.parametrize("file", BROKEN)
def test_the_broken_examples(aws: Sandbox, deployed: Any, file: str) -> None:
    """The commands for a broken template do what the finding says, and the contrary once the remedy is applied."""
    _, who, (old, new) = BROKEN[file]
    text = (TEMPLATES / file).read_text(encoding="utf-8")
    name = file.partition(".")[0]
    script = printed(deployed(name, text))
    stranger = Outsider(aws.client("iam", account=HOME))
    try:
        found = stranger.session.get_credentials()
        keys = {"AccessKeyId": found.access_key, "SecretAccessKey": found.secret_key}
        observed = [got_in(shell(aws, script, keys, ADMIN=HOME, STACK=name))]
        aws.client("cloudformation", account=HOME).update_stack(
            StackName=name, TemplateBody=text.replace(old, new), Capabilities=["CAPABILITY_IAM"]
        )
        observed.append(got_in(shell(aws, script, keys, ADMIN=HOME, STACK=name)))
    finally:
        stranger.leave()
    # Of a service the finding is that it is kept out.
    assert observed == ([False, True] if who.startswith("the service") else [True, False])


def role(statement: dict[str, Any], **more: Any) -> str:
    """A template with one role."""
    document = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"AssumeRolePolicyDocument": document}
    return json.dumps({"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}, **more}})


def test_a_session_with_mfa(aws: Sandbox, cast: Cast, deployed: Any) -> None:
    """A caller with MFA is played with a code of the own device."""
    template = deployed("with-mfa", role(trust(root(OTHER), Condition=NO_MFA_NEEDED)))
    user = cast.user(allow("sts:AssumeRole"), account=OTHER)
    serial = cast.device(user)
    aws.clock.advance(90)
    (template.parent / "trustproof.toml").write_text(f'[[third-party]]\nname = "vendor"\naccounts = ["{OTHER}"]\n')
    script = printed(template, "--property", "external-id-required", "--account", HOME)
    assert "trustproof sandbox code" in script
    assert got_in(shell(aws, script, user, ADMIN=HOME, STACK="with-mfa", SERIAL=serial))


def test_a_token(aws: Sandbox, deployed: Any) -> None:
    """A token of a registered issuer is made with the claims of the counterexample."""
    issuer = {
        "Type": "AWS::IAM::OIDCProvider",
        "Properties": {"Url": f"https://{ISSUER}", "ClientIdList": ["sts.amazonaws.com"]},
    }
    template = deployed(
        "with-token",
        role(
            trust(
                {"Federated": f"arn:aws:iam::{HOME}:oidc-provider/{ISSUER}"},
                "sts:AssumeRoleWithWebIdentity",
                # IAM would refuse a policy without the subject, and takes one that is for all repositories.
                Condition={
                    "StringEquals": {f"{ISSUER}:aud": "sts.amazonaws.com"},
                    "StringLike": {f"{ISSUER}:sub": "repo:*"},
                },
            ),
            Issuer=issuer,
        ),
    )
    script = printed(template, "--property", "web-identity-bound", "--account", HOME)
    assert got_in(shell(aws, script, ADMIN=HOME, STACK="with-token"))


def test_an_assertion(aws: Sandbox, deployed: Any) -> None:
    """An assertion is made for the recipient of the counterexample."""
    provider = {
        "Type": "AWS::IAM::SAMLProvider",
        "Properties": {"Name": "people", "SamlMetadataDocument": aws.new_provider("people")},
    }
    template = deployed(
        "with-assertion",
        role(
            trust({"Federated": f"arn:aws:iam::{HOME}:saml-provider/people"}, "sts:AssumeRoleWithSAML"),
            People=provider,
        ),
    )
    script = printed(template, "--property", "saml-audience-bound", "--account", HOME)
    assert "trustproof sandbox assertion" in script
    done = shell(aws, script, ADMIN=HOME, STACK="with-assertion")
    # Where an assertion may be presented is not for the trust policy alone to say.
    assert got_in(done)


def test_a_service_and_a_bucket(aws: Sandbox, deployed: Any) -> None:
    """A service that calls for a stranger writes to a bucket whose policy does not ask for whom it calls."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::trails-of-ours/*",
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "trails-of-ours"}}
    policy = {
        "Type": "AWS::S3::BucketPolicy",
        "DependsOn": "Bucket",
        "Properties": {"Bucket": "trails-of-ours", "PolicyDocument": document},
    }
    template = deployed("with-bucket", json.dumps({"Resources": {"Bucket": bucket, "Policy": policy}}))
    script = printed(template, "--property", "no-confused-deputy", "--account", HOME)
    done = shell(aws, script)
    assert done.returncode == 0, done.stderr
    assert "ETag" in json.loads(done.stdout)
    s3 = aws.client("s3", account=HOME)
    for one in s3.list_objects_v2(Bucket="trails-of-ours")["Contents"]:
        s3.delete_object(Bucket="trails-of-ours", Key=one["Key"])


def test_a_queue_is_that_of_the_sandbox(aws: Sandbox, deployed: Any) -> None:
    """The AWS CLI, which has addresses of its own for queues, asks the sandbox and nobody else."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "ours"}}
    policy = {
        "Type": "AWS::SQS::QueuePolicy",
        "Properties": {
            "Queues": [{"Ref": "Queue"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        },
    }
    template = deployed("with-queue", json.dumps({"Resources": {"Queue": queue, "Policy": policy}}))
    script = printed(template, "--property", "inside-boundary", "--account", HOME)
    assert " sqs send-message " in script
    # Whatever leaves the loopback interface goes nowhere.
    done = shell(aws, script, HTTPS_PROXY="http://127.0.0.1:9", ADMIN=HOME)
    assert done.returncode == 0, done.stderr
    assert "MessageId" in json.loads(done.stdout)


def test_resources_without_names(aws: Sandbox, cast: Cast, deployed: Any) -> None:
    """What CloudFormation has named is found in the stack, also where its logical id is the word of its type."""
    to_other = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
    administrators = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}

    def document(action: str, resource: Any = "*", *more: dict[str, Any]) -> dict[str, Any]:
        return {"Version": "2012-10-17", "Statement": [{**to_other, "Action": action, "Resource": resource}, *more]}

    def resource(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::{kind}", "Properties": properties}

    keep = {"Effect": "Allow", "Principal": administrators, "Action": "kms:*", "Resource": "*"}
    images = {"Version": "2012-10-17", "Statement": [{**to_other, "Action": "ecr:DescribeImages"}]}
    resources = {
        "Key": resource("KMS::Key", KeyPolicy=document("kms:DescribeKey", "*", keep)),
        "Queue": resource("SQS::Queue"),
        "ToQueue": resource(
            "SQS::QueuePolicy",
            Queues=[{"Ref": "Queue"}],
            PolicyDocument=document("sqs:SendMessage", {"Fn::GetAtt": ["Queue", "Arn"]}),
        ),
        "Repository": resource("ECR::Repository", RepositoryPolicyText=images),
        "Secret": resource("SecretsManager::Secret", GenerateSecretString={}),
        "ToSecret": resource(
            "SecretsManager::ResourcePolicy",
            SecretId={"Ref": "Secret"},
            ResourcePolicy=document("secretsmanager:GetSecretValue"),
        ),
        "Role": resource(
            "IAM::Role", AssumeRolePolicyDocument={**document("sts:AssumeRole"), "Statement": [trust(root(OTHER))]}
        ),
    }
    template = deployed("Unnamed", json.dumps({"Resources": resources}))
    (template.parent / "trustproof.toml").write_text(f'[boundary]\naccounts = ["{HOME}"]\n', encoding="utf-8")
    options = ["--reproduce", "--format", "json", "--account", HOME, "--property", "inside-boundary"]
    done = called(template.parent, "check", *options, template.name)
    scripts = ["\n".join(one["reproduce"]) for one in json.loads(done.stdout)["results"] if "reproduce" in one]
    assert len(scripts) == 5, done.stdout
    user = cast.user(allow("*"), account=OTHER)
    # Each starts the AWS CLI several times, a second of work: that of the others is the same but for the command.
    for script in scripts if is_deep() else [one for one in scripts if not re.search(r" (kms|ecr) describe-", one)]:
        played = shell(aws, script, user, ADMIN=HOME, STACK="Unnamed")
        if "get-secret-value" in script:
            # The key of AWS's that it is under lets in no other account, whatever the policy of the secret says.
            assert "kms:Decrypt" in played.stderr
        else:
            assert played.returncode == 0, script + played.stderr
