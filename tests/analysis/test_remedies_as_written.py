"""
Remedies leave what they do not change as it is written, and give no diff that the file has no place for.
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
PARAMETERS = {
    "Env": {"Type": "String", "Default": "prod"},
    "Ops": {"Type": "String", "Default": "444455556666"},
    "Open": {"Type": "String"},
    "Mfa": {"Type": "String", "Default": "false", "AllowedValues": ["true", "false"]},
}
CONDITIONS = {"Mfa": {"Fn::Equals": [{"Ref": "Mfa"}, "true"]}}
MFA, TLS = {"aws:MultiFactorAuthPresent": "true"}, {"aws:SecureTransport": "true"}
OPS = "arn:aws:iam::444455556666"
ROOT = {"Fn::Sub": "arn:aws:iam::${Ops}:root"}
DEPLOYER = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/${Env}-deployer"}
JOINED = {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":role/", {"Ref": "Env"}]]}
#: What is not known before deployment.
UNKNOWN = {"Fn::Sub": "arn:aws:iam::${Open}:role/deployer"}
UNKNOWN_MAPPED = {"Fn::Sub": ["arn:aws:iam::${A}:role/deployer", {"A": {"Ref": "Open"}}]}


def template_of(principal: object, **more: object) -> Json:
    """A role for principals."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    return {"Parameters": PARAMETERS, "Conditions": CONDITIONS, "Resources": {"Admins": role}}


def found(target: Json | Path) -> Result:
    """The finding that people get in without MFA."""
    report = trustproof.check([target if isinstance(target, dict) else str(target)], config={})
    (one,) = (g.lead for g in groups(report.results) if g.lead.verdict == trustproof.REFUTED)
    assert one.property == "mfa-required"
    return one


@pytest.mark.parametrize("neighbour", [f"{OPS}:role/ci", DEPLOYER, JOINED, UNKNOWN, UNKNOWN_MAPPED])
@pytest.mark.parametrize("first", [True, False])
def test_a_neighbour_stays_as_it_is_written(neighbour: object, first: bool) -> None:
    """Whoever deploys with other values finds the same next to the principal that has a statement of its own."""
    listed = [neighbour, ROOT] if first else [ROOT, neighbour]
    remedy = found(template_of({"Service": "ec2.amazonaws.com", "AWS": listed})).remedy
    assert remedy is not None
    before, after, opened, own, closed = remedy.diff
    assert (opened, closed) == ('  "Statement": [...', "  ]")
    assert json.loads(f"{{{before[2:]}}}")["Principal"]["AWS"] == listed
    assert json.loads(f"{{{after[2:]}}}")["Principal"]["AWS"] == neighbour
    assert json.loads(own[2:])["Principal"]["AWS"] == ROOT
    assert remedy.text.startswith("give arn:aws:iam::${Ops}:root a statement of its own")


@pytest.mark.parametrize(
    "condition",
    [
        {"Fn::If": ["Mfa", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {"Ref": "AWS::NoValue"}]},
        {"Bool": {"Fn::If": ["Mfa", {"aws:MultiFactorAuthPresent": "true"}, {"aws:SecureTransport": "true"}]}},
        {
            "Fn::If": [
                "Mfa",
                {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                {"Bool": {"aws:SecureTransport": "true"}},
            ]
        },
    ],
)
def test_nothing_is_put_next_to_a_choice(condition: Json) -> None:
    """A second Condition beside one that Fn::If makes would be a key that stands twice."""
    remedy = found(template_of({"AWS": ROOT}, Condition=condition)).remedy
    assert remedy is not None
    assert not remedy.diff


def test_a_neighbour_in_terraform(tmp_path: Path) -> None:
    """The literal stays a literal, and the variable a variable, though both say the same account."""
    (tmp_path / "main.tf").write_text(
        'variable "ops" { default = "444455556666" }\n'
        'resource "aws_iam_role" "admins" {\n'
        '  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow",\n'
        '    Action = "sts:AssumeRole", Principal = {\n'
        '      AWS = ["arn:aws:iam::444455556666:role/ci", "arn:aws:iam::${var.ops}:root"] } }] })\n'
        "}\n"
    )
    remedy = found(tmp_path).remedy
    assert remedy is not None
    assert remedy.diff[:2] == (
        '- Principal = { AWS = ["arn:aws:iam::444455556666:role/ci", "arn:aws:iam::${var.ops}:root"] }',
        '+ Principal = { AWS = "arn:aws:iam::444455556666:role/ci" }',
    )


def test_roles_that_name_one_variable_have_documents_of_their_own(tmp_path: Path) -> None:
    """Where they are changed is where they are written, whoever else names whom the variable lets in."""
    trust = 'Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = var.ops }'
    texts = (f"{{ {trust} }}", f'{{ {trust}, Condition = {{ StringLike = {{ "aws:username" = "*" }} }} }}')
    roles = (
        f'resource "aws_iam_role" "r{number}" {{\n  assume_role_policy = jsonencode({{ Version = "2012-10-17",\n'
        f"    Statement = [{text}] }})\n}}\n"
        for number, text in enumerate(texts)
    )
    variable = 'variable "ops" { default = ["arn:aws:iam::444455556666:user/operator"] }\n'
    (tmp_path / "main.tf").write_text(variable + "".join(roles))
    report = trustproof.check([tmp_path], config={}, properties=["mfa-required"])
    found = [one.remedy for one in report.results if one.verdict == "refuted" and one.remedy is not None]
    assert len(found) == len(texts)
    assert all(one.edits for one in found)
