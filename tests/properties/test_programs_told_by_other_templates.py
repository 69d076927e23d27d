"""
Programs of one template that are told a role of another one assume it, and a demand for MFA would lock them out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.properties.test_programs_told_by_arn import OWN, role

Json = dict[str, Any]
ROOT: Json = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
LITERAL = f"arn:aws:iam::{OWN}:role/target"
EXPORT: Json = {"Arn": {"Value": {"Fn::GetAtt": ["Target", "Arn"]}, "Export": {"Name": "target-arn"}}}
IMPORTED: Json = {"Fn::ImportValue": "target-arn"}


def program(type_: str, **properties: object) -> Json:
    """A program of a template."""
    return {"Resources": {"Program": {"Type": type_, "Properties": properties}}}


def function(told: object, runs_as: object = f"arn:aws:iam::{OWN}:role/program") -> Json:
    """A function that is told something."""
    return program("AWS::Lambda::Function", Role=runs_as, Environment={"Variables": {"TARGET": told}})


def remedy(tmp_path: Path, *contents: Json | str) -> trustproof.Remedy:
    """What is to be done about the one role of the first template, beside the others."""
    for number, content in enumerate(contents):
        name = f"{number}.json"
        (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    config = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([str(tmp_path)], config=config, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    return found.remedy


def target(**sections: Json) -> Json:
    """A role for its whole account."""
    return {"Resources": {"Target": role(ROOT, RoleName="target")}, **sections}


@pytest.mark.parametrize(
    ("told", "is_meant"),
    [
        (LITERAL, True),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/target"}, True),
        (IMPORTED, True),
        ({"Fn::ImportValue": {"Fn::Sub": "target-arn"}}, True),
        ({"Fn::ImportValue": "other-arn"}, False),
        (f"{LITERAL}-2", False),
        ("target", False),
    ],
)
def test_a_program_of_another_template_is_kept_in(told: object, is_meant: bool, tmp_path: Path) -> None:
    """It is told the role by its ARN or by an export: then the remedy is words, which name the program."""
    found = remedy(tmp_path, target(Outputs=EXPORT), function(told))
    assert ("name the role of Program of" in found.text) is is_meant
    assert bool(found.edits) is not is_meant


@pytest.mark.parametrize("named", [True, False])
def test_a_role_without_a_name_is_told_by_its_export(named: bool, tmp_path: Path) -> None:
    """What CloudFormation calls the role makes no difference to who is told it."""
    exporting = target(Outputs=EXPORT)
    if not named:
        del exporting["Resources"]["Target"]["Properties"]["RoleName"]
    assert "name the role of Program of" in remedy(tmp_path, exporting, function(IMPORTED)).text


def test_a_program_that_runs_as_the_role_assumes_nothing(tmp_path: Path) -> None:
    """Who is the role already has no need to be let in."""
    assert remedy(tmp_path, target(), function(LITERAL, LITERAL)).edits


def test_a_nested_stack_is_passed_the_role(tmp_path: Path) -> None:
    """What the stack around two others hands from one to the other is told to the program as well."""
    stack = "AWS::CloudFormation::Stack"
    parent = {
        "First": {"Type": stack, "Properties": {"TemplateURL": "0.json"}},
        "Second": {
            "Type": stack,
            "Properties": {
                "TemplateURL": "1.json",
                "Parameters": {"Role": {"Fn::GetAtt": ["First", "Outputs.Arn"]}},
            },
        },
    }
    child = {**function({"Ref": "Role"}), "Parameters": {"Role": {"Type": "String"}}}
    output = {"Arn": {"Value": {"Fn::GetAtt": ["Target", "Arn"]}}}
    assert "name the role of Program of" in remedy(tmp_path, target(Outputs=output), child, {"Resources": parent}).text


def test_globals_of_sam_tell_each_function(tmp_path: Path) -> None:
    """What all functions of a template are told, each of them is told."""
    content = target(
        Transform="AWS::Serverless-2016-10-31",
        Globals={"Function": {"Environment": {"Variables": {"TARGET": {"Fn::GetAtt": ["Target", "Arn"]}}}}},
    )
    code = {"Runtime": "python3.12", "Handler": "a.b", "InlineCode": "x"}
    content["Resources"]["Program"] = {"Type": "AWS::Serverless::Function", "Properties": code}
    assert "name the role of Program as principal" in remedy(tmp_path, content).text


def test_a_policy_that_spells_the_account_out_names_the_role(tmp_path: Path) -> None:
    """The account of a template that says none may be the one that a policy of another one names."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": LITERAL}
    policy = {"PolicyName": "assume", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    sender = {"Resources": {"Sender": role({"Service": "lambda.amazonaws.com"}, Policies=[policy])}}
    found = remedy(tmp_path, target(), sender)
    assert "name Sender of" in found.text
    assert not found.edits


TERRAFORM = """
resource "aws_iam_role" "target" {
  name = "target"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole" }] })
}
data "aws_caller_identity" "me" {}
"""
PROGRAMS = {
    "aws_lambda_function": "role = %s\nenvironment {\nvariables = {\nTARGET = %s\n}\n}",
    "aws_codebuild_project": "service_role = %s\nenvironment {\nenvironment_variable {\nname = 1\nvalue = %s\n}\n}",
    "aws_ecs_task_definition": "task_role_arn = %s\ncontainer_definitions = jsonencode([{ environment = [{ name = 1, "
    "value = %s }] }])",
    "aws_sfn_state_machine": "role_arn = %s\ndefinition = jsonencode({ States = { A = { Credentials = { RoleArn = %s "
    "} } } })",
}
OTHER = '"arn:aws:iam::111122223333:role/other"'


@pytest.mark.parametrize("type_", PROGRAMS)
@pytest.mark.parametrize(
    ("told", "is_meant"),
    [
        ("aws_iam_role.target.arn", True),
        (f'"{LITERAL}"', True),
        ('"arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/target"', True),
        (OTHER, False),
    ],
)
def test_programs_of_terraform_are_kept_in(type_: str, told: str, is_meant: bool, tmp_path: Path) -> None:
    """Each kind of program is told a role by a reference or by its ARN."""
    content = f'{TERRAFORM}\nresource "{type_}" "program" {{\n{PROGRAMS[type_] % (OTHER, told)}\n}}\n'
    (tmp_path / "main.tf").write_text(content, encoding="utf-8")
    found = remedy(tmp_path)
    assert (f"name the role of {type_}.program as principal" in found.text) is is_meant
    assert bool(found.edits) is not is_meant


def test_a_program_of_another_configuration_is_kept_in(tmp_path: Path) -> None:
    """The configurations of one run are looked at together."""
    arguments = PROGRAMS["aws_lambda_function"] % (OTHER, json.dumps(LITERAL))
    app = f'resource "aws_lambda_function" "f" {{\n{arguments}\n}}\n'
    for name, content in {"roles": TERRAFORM, "app": app}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(content, encoding="utf-8")
    assert "name the role of aws_lambda_function.f of" in remedy(tmp_path).text
