"""
Remedies for wherever a template goes: in the partition, the Region and the account that it has names for.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof import Result
from trustproof.results.groups import groups

Json = dict[str, Any]
PORTABLE = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:f"
ASSERTION = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:saml-provider/Okta"}
SPARED = ["iam:CreateVirtualMFADevice", "iam:EnableMFADevice", "iam:ListMFADevices"]
MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
PERMISSION = """
resource "aws_lambda_permission" "p" {
  action        = "lambda:InvokeFunction"
  function_name = "f"
  principal     = "apigateway.amazonaws.com"
}
"""
#: A policy that is an argument of the bucket.
BUCKET = """
resource "aws_s3_bucket" "b" {
  bucket = "b"
  policy = <<EOF
{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*",
  "Principal": {"Service": "ses.amazonaws.com"}}]}
EOF
}
"""
DOCUMENT = """
data "aws_iam_policy_document" "t" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::444455556666:role/ci", "arn:aws:iam::444455556666:root"]
    }
  }
}
resource "aws_iam_role" "admins" { assume_role_policy = data.aws_iam_policy_document.t.json }
"""
ACCOUNT, REGION, PARTITION = "aws_caller_identity", "aws_region", "aws_partition"


def declared(**names: str) -> str:
    """Data sources by their types."""
    return "".join(f'data "{type_}" "{name}" {{}}\n' for type_, name in names.items())


def found(target: Json | Path) -> Result:
    """The one error."""
    report = trustproof.check([target if isinstance(target, dict) else str(target)], config={})
    leads = [group.lead for group in groups(report.results)]
    (one,) = (lead for lead in leads if lead.verdict == trustproof.REFUTED and lead.severity == "error")
    return one


def in_terraform(folder: Path, text: str) -> tuple[str, ...]:
    """The diff of the finding about a configuration."""
    (folder / "main.tf").write_text(text)
    remedy = found(folder).remedy
    assert remedy is not None
    return tuple(remedy.diff)


def permission(function: str) -> Json:
    """A permission for an API of a function."""
    given = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com"}
    properties = {**given, "FunctionName": {"Fn::Sub": function}}
    return {"Resources": {"P": {"Type": "AWS::Lambda::Permission", "Properties": properties}}}


@pytest.mark.parametrize("is_portable", [True, False])
def test_an_arn_is_of_the_partition_of_the_others(is_portable: bool) -> None:
    """Where the template has a name for the partition, an ARN of one would stop the API in another."""
    remedy = found(permission(PORTABLE if is_portable else PORTABLE.replace("${AWS::Partition}", "aws"))).remedy
    assert remedy is not None
    begins = "arn:${AWS::Partition}:execute-api" if is_portable else "arn:aws:execute-api"
    assert remedy.diff == (f'+ "SourceArn": {{"Fn::Sub": "{begins}:${{AWS::Region}}:${{AWS::AccountId}}:*"}}',)


def test_a_deny_is_of_every_partition() -> None:
    """The Deny that spares one's own user would in another partition spare nobody, and no first device is enrolled."""
    deny = {"Effect": "Deny", "NotAction": SPARED, "Resource": "*", "Condition": MFA}
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny]}
    policies = [{"PolicyName": "p", "PolicyDocument": document}]
    template = permission(PORTABLE)
    template["Resources"]["P"]["Properties"]["SourceAccount"] = {"Ref": "AWS::AccountId"}
    template["Resources"]["G"] = {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}
    remedy = found(template).remedy
    assert remedy is not None
    own = {"Fn::Sub": "arn:${AWS::Partition}:iam::*:user/${!aws:username}"}
    assert json.loads("".join(line[2:] for line in remedy.diff))["NotResource"][0] == own


def test_an_audience_of_one_partition_is_no_diff() -> None:
    """The URL of the sign-in is another one in each partition, and nothing in a template stands for it."""
    statement = {"Effect": "Allow", "Principal": {"Federated": ASSERTION}, "Action": "sts:AssumeRoleWithSAML"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    remedy = found({"Resources": {"R": role}}).remedy
    assert remedy is not None
    assert not remedy.diff
    assert "each partition" in remedy.text


@pytest.mark.parametrize(
    ("names", "arn", "added"),
    [
        ({}, ("aws", "data.aws_region.current.name", "data.aws_caller_identity.current.account_id"), [ACCOUNT, REGION]),
        ({ACCOUNT: "me"}, ("aws", "data.aws_region.current.name", "data.aws_caller_identity.me.account_id"), [REGION]),
        (
            {ACCOUNT: "me", REGION: "here", PARTITION: "p"},
            (
                "${data.aws_partition.p.partition}",
                "data.aws_region.here.name",
                "data.aws_caller_identity.me.account_id",
            ),
            [],
        ),
    ],
)
def test_what_terraform_has_no_name_for_is_declared(
    names: dict[str, str], arn: tuple[str, str, str], added: list[str], tmp_path: Path
) -> None:
    """A reference to a data source that nothing declares is an error of the plan."""
    partition, region, account = arn
    assert in_terraform(tmp_path, declared(**names) + PERMISSION) == (
        f'+ source_arn = "arn:{partition}:execute-api:${{{region}}}:${{{account}}}:*"',
        *(f'+ data "{type_}" "current" {{}}' for type_ in added),
    )


def test_a_data_source_of_another_provider_is_not_declared_again(tmp_path: Path) -> None:
    """There is one `current` of a type in a module: then there are words."""
    other = 'provider "aws" {\n  alias = "x"\n}\ndata "aws_region" "current" {\n  provider = aws.x\n}\n'
    assert not in_terraform(tmp_path, other + PERMISSION)


@pytest.mark.parametrize("name", ["me", "current"])
def test_an_argument_has_the_names_of_its_resource(name: str, tmp_path: Path) -> None:
    """Nothing is declared twice for a policy that is an argument."""
    account = f'"${{data.aws_caller_identity.{name}.account_id}}"'
    diff = in_terraform(tmp_path, declared(aws_caller_identity=name) + BUCKET)
    assert diff == (f'+ "Condition": {{"StringEquals": {{"aws:SourceAccount": {account}}}}}',)


def test_a_policy_variable_in_a_text_is_not_for_the_template_to_fill_in() -> None:
    """Fn::Sub knows no aws:username, and the stack would be refused."""
    statement = '{"Effect": "Allow", "Action": "iam:*", "Resource": "arn:aws:iam::${AWS::AccountId}:*"}'
    text = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    policies = [{"PolicyName": "p", "PolicyDocument": {"Fn::Sub": text}}]
    remedy = found(
        {"Resources": {"Operators": {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}}}
    ).remedy
    assert remedy is not None
    assert "user/${!aws:username}" in "".join(remedy.diff)


def test_a_statement_is_added_as_a_block(tmp_path: Path) -> None:
    """A policy document of Terraform has blocks, and no objects: with the change, it says what the remedy says."""
    lines = in_terraform(tmp_path, DOCUMENT)
    block = [line[2:] for line in lines[lines.index("+ statement {") :]]
    kept = (
        '    principals {\n      type        = "AWS"\n      identifiers = ["arn:aws:iam::444455556666:role/ci"]\n    }'
    )
    head, _, rest = DOCUMENT.partition("    principals {")
    changed = f"{head}{kept}\n  }}\n" + "\n".join(block) + rest[rest.index("\n}\nresource") :]
    (tmp_path / "main.tf").write_text(changed)
    report = trustproof.check([str(tmp_path)], config={}, properties=["mfa-required"])
    assert not report.errors
    assert [one.verdict for one in report.results] == [trustproof.PROVED]
