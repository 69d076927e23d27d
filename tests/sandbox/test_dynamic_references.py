"""
Dynamic references of templates: values of Systems Manager and Secrets Manager, read by whom the caller is.
"""

from __future__ import annotations

import json
from itertools import count
from typing import Any

import pytest

from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust

REGION = "eu-central-1"
TRUST = json.loads(policy(trust(root(HOME))))
ADMIN = allow("*")
_numbers = count()


@pytest.fixture(scope="module", autouse=True)
def values(cast: Cast) -> None:
    """Parameters and secrets to name."""
    ssm = cast.aws.client("ssm", account=HOME, region=REGION)
    ssm.put_parameter(Name="/app/owner", Value="ann", Type="String")
    ssm.put_parameter(Name="/app/owner", Value="bob", Type="String", Overwrite=True)
    ssm.put_parameter(Name="hidden", Value="x", Type="SecureString")
    for account in (HOME, OTHER):
        secrets = cast.aws.client("secretsmanager", account=account, region=REGION)
        text = json.dumps({"user": f"u-{account[:3]}", "port": 5432})
        secrets.create_secret(Name="db", SecretString=text)


class Stack:
    """
    A stack with one role, made by somebody.

    Args:
        cast: everybody.
        statements: what its maker may.
    """

    def __init__(self, cast: Cast, *statements: Any) -> None:
        self.name = f"dynamic{next(_numbers)}"
        self._client = cast.aws.client("cloudformation", cast.user(*(statements or (ADMIN,))), region=REGION)
        self._cast = cast

    def made(self, description: Any, *, update: bool = False, **more: Any) -> str:
        """The description of the role; the reason why it has none else."""
        role = {"AssumeRolePolicyDocument": TRUST, "RoleName": self.name, "Description": description}
        given: dict[str, Any] = {
            "StackName": self.name,
            "TemplateBody": json.dumps(
                {
                    "Parameters": {
                        "P": {"Type": "String", "Default": "{{resolve:ssm:/app/owner:1}}"},
                        "Q": {"Type": "String", "Default": "owner"},
                    },
                    "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": role}},
                }
            ),
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            **more,
        }
        (self._client.update_stack if update else self._client.create_stack)(**given)
        home = self._cast.aws.client("cloudformation", account=HOME, region=REGION)
        events = home.describe_stack_events(StackName=self.name)["StackEvents"]
        failed = [one["ResourceStatusReason"] for one in events if one["ResourceStatus"].endswith("_FAILED")]
        if failed:
            return str(failed[0])
        return str(self._cast.iam().get_role(RoleName=self.name)["Role"]["Description"])


@pytest.mark.parametrize(
    ("description", "found"),
    [
        ("{{resolve:ssm:/app/owner}}", "bob"),
        ("{{resolve:ssm:/app/owner:1}}", "ann"),
        ("of {{resolve:ssm:/app/owner:1}} and {{resolve:ssm:/app/owner:2}}", "of ann and bob"),
        ({"Fn::Sub": "{{resolve:ssm:/app/${Q}}}"}, "bob"),
        ({"Fn::Join": ["", ["{{resolve:ssm:/app/", "owner", "}}"]]}, "bob"),
        ({"Ref": "P"}, "ann"),
        ("{{resolve:secretsmanager:db:SecretString:user}}", "u-111"),
        ("{{resolve:secretsmanager:db:SecretString:port::}}", "5432"),
        ("{{resolve:secretsmanager:db:SecretString:user:AWSCURRENT}}", "u-111"),
        ("{{resolve:secretsmanager:db}}", '{"user": "u-111", "port": 5432}'),
        ("{{resolve:ssm:/app/nobody}}", "cannot be found"),
        ("{{resolve:ssm:hidden}}", "Non-secure ssm prefix was used for secure parameter"),
        ("{{resolve:ssm-secure:hidden:1}}", "SSM Secure reference is not supported in"),
        ("{{resolve:secretsmanager:nosuch}}", "can't find the specified secret"),
        ("{{resolve:secretsmanager:db:SecretString:nobody}}", "Could not find a value associated with JSONKey"),
        ("{{resolve:secretsmanager:db:SecretBinary}}", "Incorrect format"),
        ("{{resolve:secretsmanager:db:SecretString:user:AWSCURRENT:1}}", "Incorrect format"),
        ("{{resolve:ssm:a b}}", "Incorrect format is used in the following SSM reference"),
        ("{{resolve:ssm:/app/owner", "Incorrect format"),
        ("{{resolve:s3:a}}", "unknown service: s3"),
        ({"Fn::Select": [0, {"Fn::Split": [",", "{{resolve:ssm:/app/owner}}"]}]}, "in properties of resources only"),
        ({"Fn::Base64": "{{resolve:ssm:/app/owner}}"}, "in properties of resources only"),
    ],
)
def test_what_a_reference_stands_for(cast: Cast, description: Any, found: str) -> None:
    """A reference is the value that it names, at its version; what has another form, or names nothing, fails."""
    assert found in Stack(cast).made(description)


@pytest.mark.parametrize(("kind", "made"), [("Value<String>", False), ("Value<List<String>>", False), ("Name", True)])
def test_a_secure_parameter_of_a_template(cast: Cast, kind: str, made: bool) -> None:
    """The value of a secure parameter is no parameter of a template; its name may be."""
    client = cast.aws.client("cloudformation", cast.user(ADMIN), region=REGION)
    body = {
        "Parameters": {"P": {"Type": f"AWS::SSM::Parameter::{kind}", "Default": "hidden"}},
        "Resources": {"G": {"Type": "AWS::IAM::Group"}},
        "Outputs": {"O": {"Value": {"Fn::Join": ["", [{"Ref": "P"}]] if "List" not in kind else ["", {"Ref": "P"}]}}},
    }
    given = {"TemplateBody": json.dumps(body), "Capabilities": ["CAPABILITY_IAM"]}
    name = f"dynamic{next(_numbers)}"
    if made:
        client.create_stack(StackName=name, **given)
        assert client.describe_stacks(StackName=name)["Stacks"][0]["Outputs"][0]["OutputValue"] == "hidden"
        return
    code, message = refusal(lambda: client.create_stack(StackName=name, **given))
    said = "Parameters [hidden] referenced by template have types not supported by CloudFormation."
    assert (code, message) == ("ValidationError", said)


def test_what_is_said_of_a_parameter_is_no_reference(cast: Cast) -> None:
    """What a value holds is not resolved again."""
    ssm = cast.aws.client("ssm", account=HOME, region=REGION)
    ssm.put_parameter(Name="nested", Value="{{resolve:ssm:/app/owner}}", Type="String")
    assert "bob" not in Stack(cast).made("{{resolve:ssm:nested}}")


def test_who_may_read(cast: Cast) -> None:
    """Whoever deploys needs the right to read the parameter, or the secret, and may be let in by the secret."""
    stack = allow(["cloudformation:*", "iam:*"])
    parameter, secret = "{{resolve:ssm:/app/owner}}", "{{resolve:secretsmanager:db:SecretString:user}}"
    assert "ssm:GetParameters" in Stack(cast, stack).made(parameter)
    assert "secretsmanager:GetSecretValue" in Stack(cast, stack).made(secret)
    reads = allow(["ssm:GetParameters", "secretsmanager:GetSecretValue"])
    assert Stack(cast, stack, reads).made(parameter) == "bob"
    assert Stack(cast, stack, reads).made(secret) == "u-111"


def test_a_secret_of_another_account(cast: Cast) -> None:
    """The secret of another account is read where its policy and its key let the caller in, and the caller's own do."""
    secrets = cast.aws.client("secretsmanager", account=OTHER, region=REGION)
    keys = policy(*({**allow("kms:*"), "Principal": root(account)} for account in (OTHER, HOME)))
    key = cast.aws.client("kms", account=OTHER, region=REGION).create_key(Policy=keys)["KeyMetadata"]["Arn"]
    arn = secrets.create_secret(Name="shared", SecretString=json.dumps({"user": "u-222"}), KmsKeyId=key)["ARN"]
    reference = f"{{{{resolve:secretsmanager:{arn}:SecretString:user}}}}"
    assert "secretsmanager:GetSecretValue" in Stack(cast).made(reference)
    lets = {**allow("secretsmanager:GetSecretValue"), "Principal": root(HOME)}
    secrets.put_resource_policy(SecretId="shared", ResourcePolicy=policy(lets))
    assert Stack(cast).made(reference) == "u-222"


@pytest.mark.parametrize("reference", ["{{resolve:ssm:/app/owner}}", "{{resolve:secretsmanager:db:SecretString:user}}"])
@pytest.mark.parametrize(
    ("caller_reads", "role_reads", "said"),
    [
        (True, True, ""),
        (True, False, "whether the caller reads"),
        (False, True, "role of the stack"),
        (False, False, "is not authorized to perform"),
    ],
)
def test_a_stack_with_a_role(cast: Cast, reference: str, caller_reads: bool, role_reads: bool, said: str) -> None:
    """Where a stack has a role, it is not known who reads: both may, or nothing is made."""
    reads = allow(["ssm:GetParameters", "secretsmanager:GetSecretValue"])
    makes = allow("iam:*")
    role = cast.role(trust({"Service": "cloudformation.amazonaws.com"}), may=[makes, *([reads] if role_reads else [])])
    stack = Stack(cast, allow(["cloudformation:*", "iam:PassRole"]), *([reads] if caller_reads else []))
    found = stack.made(reference, RoleARN=role)
    assert said in found if said else found in ("bob", "u-111")


def test_a_change_of_what_is_named(cast: Cast) -> None:
    """Another value of a parameter changes the resource with the next change of the stack; one of a secret does not."""
    ssm = cast.aws.client("ssm", account=HOME, region=REGION)
    ssm.put_parameter(Name="changes", Value="old", Type="String")
    stack = Stack(cast)
    assert stack.made("{{resolve:ssm:changes}}") == "old"
    ssm.put_parameter(Name="changes", Value="new", Type="String", Overwrite=True)
    assert stack.made("{{resolve:ssm:changes}}", update=True) == "new"
