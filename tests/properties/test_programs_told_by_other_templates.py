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
from trustproof.results.groups import groups

Json = dict[str, Any]
ROOT: Json = {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}
LITERAL = f"arn:aws:iam::{OWN}:role/target-admins"
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


def target(**sections: Json | str) -> Json:
    """A role for its whole account."""
    return {"Resources": {"Target": role(ROOT, RoleName="target-admins")}, **sections}


@pytest.mark.parametrize(
    ("told", "is_meant"),
    [
        (LITERAL, True),
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/target-admins"}, True),
        (f"{LITERAL}-2", False),
        ("target-admins", False),
    ],
)
def test_a_program_of_another_template_is_kept_in(told: object, is_meant: bool, tmp_path: Path) -> None:
    """It is told the role by its ARN: then the remedy is words, which name the program."""
    found = remedy(tmp_path, target(), function(told))
    assert ("name the role of Program of" in found.text) is is_meant
    assert bool(found.edits) is not is_meant


@pytest.mark.parametrize(
    ("told", "is_meant"),
    [
        (IMPORTED, True),
        ({"Fn::ImportValue": {"Fn::Sub": "target-arn"}}, True),
        ({"Fn::Sub": ["role=${Arn}", {"Arn": IMPORTED}]}, True),
        ({"Fn::ImportValue": "other-arn"}, False),
    ],
)
def test_an_export_is_for_somebody(told: object, is_meant: bool, tmp_path: Path) -> None:
    """Whoever imports it is told the role, also by a template that is not read; a program that is read is named."""
    found = remedy(tmp_path, target(Outputs=EXPORT), function(told))
    assert "name the role of the program (if any) that assumes it as principal" in found.text
    assert ("name the role of Program of" in found.text) is is_meant
    assert not found.edits


def test_an_output_that_nobody_can_import_tells_nobody(tmp_path: Path) -> None:
    """Whoever deploys the template reads it."""
    assert remedy(tmp_path, target(Outputs={"Arn": {"Value": {"Fn::GetAtt": ["Target", "Arn"]}}})).edits


ASSUME: Json = {"Fn::Sub": ["aws sts assume-role --role-arn ${Arn} --role-session-name x", {"Arn": LITERAL}]}
#: By what a role is told, and how the remedy names who is told.
TELLING: dict[str, tuple[Json, str]] = {
    "AWS::EC2::Instance": ({"UserData": {"Fn::Base64": ASSUME}}, "Program"),
    "AWS::EC2::LaunchTemplate": ({"LaunchTemplateData": {"UserData": {"Fn::Base64": ASSUME}}}, "Program"),
    "AWS::Batch::JobDefinition": (
        {"ContainerProperties": {"Environment": [{"Value": LITERAL}]}},
        "Program",
    ),
    "AWS::Glue::Job": ({"Role": "x", "DefaultArguments": {"--role": LITERAL}}, "Program"),
    "AWS::Synthetics::Canary": ({"RunConfig": {"EnvironmentVariables": {"TargetRole": LITERAL}}}, "Program"),
    "AWS::Events::Rule": ({"Targets": [{"Arn": "a", "Id": "b", "Input": ASSUME}]}, "what Program calls"),
    "AWS::EKS::PodIdentityAssociation": ({"RoleArn": "x", "TargetRoleArn": LITERAL}, "Program"),
    "AWS::CodePipeline::Pipeline": ({"RoleArn": "x", "Stages": [{"Actions": [{"RoleArn": LITERAL}]}]}, "Program"),
    "AWS::SSM::Parameter": ({"Type": "String", "Value": LITERAL}, "whoever reads Program"),
    "AWS::SecretsManager::Secret": ({"SecretString": LITERAL}, "whoever reads Program"),
    "Custom::Thing": ({"ServiceToken": "x", "RoleArn": LITERAL}, "the function behind Program"),
    # What listens to a topic takes the ARN down, and is seldom what assumes the role.
    "Custom::Told": (
        {"ServiceToken": "arn:aws:sns:us-east-1:111122223333:t", "RoleArn": LITERAL},
        "whoever listens to the topic behind Program",
    ),
    "AWS::CloudFormation::CustomResource": ({"ServiceToken": "x", "Role": LITERAL}, "the function behind Program"),
}


@pytest.mark.parametrize(
    ("principal", "is_told"),
    [({"Ref": "Main"}, False), ("999988887777", False), ({"Ref": "AWS::AccountId"}, True), ("*", True)],
    ids=str,
)
def test_an_export_is_for_nobody_of_another_account(principal: object, is_told: bool, tmp_path: Path) -> None:
    """It can be imported in the account alone that the template goes to."""
    sections = {"Parameters": {"Main": {"Type": "String"}}, "Outputs": EXPORT}
    content = {"Resources": {"Target": role({"AWS": principal}, RoleName="target-admins")}, **sections}
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={}, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert any("imports output" in why for why in found.why) is is_told


def test_whoever_imports_several_outputs_is_one(tmp_path: Path) -> None:
    """The name, the ARN and the id of a role are handed on to the same reader."""
    outputs = {name: {"Value": {"Ref": "Target"}, "Export": {"Name": name}} for name in "ABCDE"}
    content = {"Resources": {"Target": role({"AWS": {"Ref": "AWS::AccountId"}})}, "Outputs": outputs}
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={}, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert any("whoever imports output A, B, C or 2 more is told this role" in why for why in found.why)


ITS_OWN: Json = {"Fn::GetAtt": ["Function", "Arn"]}


@pytest.mark.parametrize(
    ("principal", "token", "is_told"),
    [
        ("999988887777", ITS_OWN, False),
        ({"Ref": "AWS::AccountId"}, ITS_OWN, True),
        ("999988887777", {"Fn::Sub": "arn:aws:sns:${AWS::Region}:999988887777:t"}, True),
        ("999988887777", {"Fn::Sub": "arn:aws:sns:${AWS::Region}:444455556666:t"}, False),
        ("999988887777", {"Ref": "Main"}, True),
    ],
    ids=str,
)
def test_a_function_of_another_account_is_not_let_in(
    principal: object, token: object, is_told: bool, tmp_path: Path
) -> None:
    """It tells somebody, such as a vendor, of the role."""
    told = {"ServiceToken": token, "Arn": {"Fn::GetAtt": ["Target", "Arn"]}}
    resources = {
        "Target": role({"AWS": principal}, RoleName="target-admins"),
        "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": "r", "Code": {"ZipFile": "x"}}},
        "Program": {"Type": "Custom::Thing", "Properties": told},
    }
    content = {"Parameters": {"Main": {"Type": "String"}}, "Resources": resources}
    (tmp_path / "t.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={}, properties=["mfa-required"])
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert any("behind Program" in why for why in found.why) is is_told


@pytest.mark.parametrize("is_elsewhere", [True, False])
@pytest.mark.parametrize("type_", TELLING)
def test_whatever_names_a_role_tells_it(type_: str, is_elsewhere: bool, tmp_path: Path) -> None:
    """An instance by what it begins with, a job, an event, a parameter for whoever reads it, a custom resource."""
    properties, called = TELLING[type_]
    other = program(type_, **properties)
    together = {"Resources": {**target()["Resources"], **other["Resources"]}}
    found = remedy(tmp_path, *([target(), other] if is_elsewhere else [together]))
    of = " of " if is_elsewhere else " as principal"
    # Of the actions of a pipeline that is here, the role of the pipeline is known.
    who = "Program" if type_ == "AWS::CodePipeline::Pipeline" and not is_elsewhere else f"the role of {called}"
    if called.startswith("whoever") and not is_elsewhere:
        who = "the role of the program (if any) that assumes it"
    assert f"name {who}{of}" in found.text
    assert not found.edits


STATEMENT: Json = {"Effect": "Allow", "Principal": {"AWS": LITERAL}, "Action": "s3:GetObject", "Resource": "*"}
#: What names a role, and tells it to no program.
GRANTING: dict[str, Json] = {
    "AWS::Lambda::Function": {"Role": LITERAL},
    "AWS::KinesisFirehose::DeliveryStream": {"S3DestinationConfiguration": {"RoleARN": LITERAL}},
    "AWS::Events::Rule": {"Targets": [{"Arn": "a", "Id": "b", "RoleArn": LITERAL}]},
    "AWS::S3::BucketPolicy": {"Bucket": "b", "PolicyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]}},
    "AWS::EKS::AccessEntry": {"ClusterName": "c", "PrincipalArn": LITERAL},
    "Custom::AWSCDK-EKS-KubernetesResource": {"ServiceToken": "x", "Manifest": f'[{{"rolearn":"{LITERAL}"}}]'},
}


@pytest.mark.parametrize("type_", GRANTING)
def test_a_role_that_is_handed_over_or_let_in_is_told_to_nobody(type_: str, tmp_path: Path) -> None:
    """A service is let in by a statement of its own, and what another policy lets the role do is no way into it."""
    assert remedy(tmp_path, target(), program(type_, **GRANTING[type_])).edits


def test_a_statement_for_users_lets_in_no_program(tmp_path: Path) -> None:
    """Whoever is told the role gets in by another statement, or not at all."""
    person = {"Resources": {"Target": role({"AWS": f"arn:aws:iam::{OWN}:user/operator"})}, "Outputs": EXPORT}
    assert remedy(tmp_path, person).edits


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
  name = "target-admins"
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
        ('"arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/target-admins"', True),
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


ARN = "aws_iam_role.target.arn"
CHILD = 'variable "role" {}\nresource "kubernetes_config_map" "a" {\ndata = { r = var.role }\n}\n'
SCRIPT = '"assume-role --role-arn ${%s} --role-session-name x"'
#: What of a configuration says a role to somebody, and who that is.
HANDED_ON = {
    'output "x" {\nvalue = %s\n}': "whoever reads output.x",
    'locals {\nr = %s\n}\noutput "x" {\nvalue = { a = local.r }\n}': "whoever reads output.x",
    'resource "kubernetes_service_account" "a" {\nmetadata {\nannotations = { r = %s }\n}\n}': "whoever reads "
    "kubernetes_service_account.a",
    'module "m" {\nsource = "./m"\nrole = %s\n}': "whoever reads module.m.kubernetes_config_map.a",
    'resource "aws_ssm_parameter" "a" {\nvalue = %s\n}': "whoever reads aws_ssm_parameter.a",
    f'resource "aws_instance" "a" {{\nuser_data = {SCRIPT}\n}}': "aws_instance.a",
    f'resource "aws_launch_template" "a" {{\nuser_data = base64encode({SCRIPT})\n}}': "aws_launch_template.a",
    'provider "aws" {\nalias = "x"\nassume_role {\nrole_arn = %s\n}\n}': "whoever runs provider aws.x",
    'resource "aws_lambda_function" "a" {\nrole = %s\n}': "",
    'resource "aws_eks_access_entry" "a" {\nprincipal_arn = %s\n}': "",
    'resource "kubernetes_config_map" "a" {\ndata = { mapRoles = yamlencode([{ rolearn = %s }]) }\n}': "",
    'output "x" {\nvalue = aws_iam_role.target.name # %s\n}': "",
}


@pytest.mark.parametrize("content", HANDED_ON)
def test_what_a_configuration_hands_on_tells_the_role(content: str, tmp_path: Path) -> None:
    """Outputs for other configurations, resources of other providers, instances: a remedy is words there."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.tf").write_text(CHILD, encoding="utf-8")
    (tmp_path / "main.tf").write_text(f"{TERRAFORM}{content % ARN}\n", encoding="utf-8")
    found = remedy(tmp_path)
    assert bool(found.edits) is (not HANDED_ON[content])
    who = "the program (if any) that assumes it" if HANDED_ON[content].startswith("whoever") else HANDED_ON[content]
    assert not who or f"name the role of {who} as principal" in found.text


PROVIDER = 'provider "elasticsearch" {\nurl = "https://x"\naws_assume_role_arn = %s\n}'


@pytest.mark.parametrize("content", [PROVIDER, *(one for one, who in HANDED_ON.items() if who)])
def test_nobody_who_is_told_a_role_is_called_a_service(content: str, tmp_path: Path) -> None:
    """A role for everybody keeps in whoever is told it: they assume it, and no service comes there for them."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.tf").write_text(CHILD, encoding="utf-8")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    open_role = f'resource "aws_iam_role" "target" {{\nname = "target"\nassume_role_policy = jsonencode({policy})\n}}'
    (tmp_path / "main.tf").write_text(f"{open_role}\n{content % ARN}\n", encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={}, properties=["inside-boundary"])
    (found,) = [one for one in report.results if one.remedy is not None]
    assert found.remedy is not None
    who = HANDED_ON.get(content, "whoever runs provider elasticsearch")
    assert f"; {who} is told this role, and has to get in still" in found.remedy.text
    assert "service" not in found.remedy.text.replace(who, "")
    assert not found.remedy.edits


def test_roles_that_are_handed_on_alike_are_one_finding(tmp_path: Path) -> None:
    """By which output each of them is told is a reason, and no other remedy."""
    second = TERRAFORM.replace("target", "second").partition("data ")[0]
    outputs = (f'output "{name}" {{\nvalue = aws_iam_role.{name}.arn\n}}\n' for name in ("target", "second"))
    (tmp_path / "main.tf").write_text(f"{TERRAFORM}{second}{''.join(outputs)}", encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={"boundary": {"accounts": [OWN]}}, properties=["mfa-required"])
    (group,) = groups(report.results)
    assert len(group.results) == 2


def test_another_configuration_hands_the_arn_on(tmp_path: Path) -> None:
    """What is spelled out for another provider is told as well as what is referred to."""
    (account,) = [one for one in HANDED_ON if "service_account" in one]
    for name, content in {"roles": TERRAFORM, "app": account % json.dumps(LITERAL)}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(content, encoding="utf-8")
    found = remedy(tmp_path)
    assert "name the role of whoever reads kubernetes_service_account.a of" in found.text
    assert not found.edits


def test_the_same_app_of_another_environment_speaks_of_its_own_role(tmp_path: Path) -> None:
    """What is written once for each environment, with a role of one name, sends nobody from one to the other."""
    for number, environment in enumerate(("dev", "prod")):
        resources = {
            "Target": role(ROOT, RoleName="target-admins"),
            "Program": function({"Fn::GetAtt": ["Target", "Arn"]}, f"arn:aws:iam::{OWN}:role/p")["Resources"][
                "Program"
            ],
            "Runner": role({"Service": "ec2.amazonaws.com"}),
            "Runs": {
                "Type": "AWS::IAM::Policy",
                "Properties": {
                    "PolicyName": "p",
                    "Roles": [{"Ref": "Runner"}],
                    "PolicyDocument": {
                        "Statement": [
                            {
                                "Effect": "Allow",
                                "Action": "sts:AssumeRole",
                                "Resource": {"Fn::GetAtt": ["Target", "Arn"]},
                            }
                        ]
                    },
                },
            },
        }
        (tmp_path / f"{number}-{environment}.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={"boundary": {"accounts": [OWN]}}, properties=["mfa-required"])
    refuted = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert len(refuted) == 2
    for one in refuted:
        assert one.remedy is not None
        assert " of " + str(tmp_path) not in f"{one.why} {one.remedy.text}"


def test_what_runs_as_a_role_that_is_named_is_not_named_besides(tmp_path: Path) -> None:
    """A pipeline of another template assumes the role of its action as its own role, which a policy lets do so."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": LITERAL}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statement}}]
    runner = role({"Service": "lambda.amazonaws.com"}, Policies=policies)
    told = function(LITERAL, {"Fn::GetAtt": ["Runner", "Arn"]})
    told["Resources"]["Runner"] = runner
    found = remedy(tmp_path, target(), told)
    assert found.text.startswith("name Runner of")
    assert found.text.endswith("as principal in place of the account, by its ARN")


@pytest.mark.parametrize(
    ("name", "is_named_twice"), [("AWSCloudFormationStackSetAdministrationRole", False), ("x", True)]
)
def test_a_role_with_the_usual_name_is_named_once(name: str, is_named_twice: bool, tmp_path: Path) -> None:
    """The remedy names it already, as the one by which StackSets enters; a role with another name is one more."""
    execution = "AWSCloudFormationStackSetExecutionRole"
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/{execution}"}
    policies = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statement}}]
    sender = role({"Service": "cloudformation.amazonaws.com"}, RoleName=name, Policies=policies)
    entered = {"Resources": {"Target": role({"AWS": "444455556666"}, RoleName=execution)}}
    found = remedy(tmp_path, entered, {"Resources": {"Sender": sender}})
    assert found.text.startswith("name the role AWSCloudFormationStackSetAdministrationRole of that account")
    assert ("name Sender of" in found.text) is is_named_twice
