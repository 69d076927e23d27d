"""
Remedies for roles to which the template itself sends somebody: whoever is meant to get in gets in as before.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof import Report, Result

Json = dict[str, Any]
OWN, ASKED = "111122223333", "mfa-required"
ROOT = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
EC2 = {"Service": "ec2.amazonaws.com"}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(principal: object, *, name: str = "", **more: object) -> Json:
    """A role."""
    trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    named = {"RoleName": name} if name else {}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **named, **more}}


def sends(to: object) -> Json:
    """A policy that lets its holder assume a role."""
    return document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": to})


def policy(holders: Json, to: object) -> Json:
    """The same, attached by a resource of its own."""
    return {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "PolicyDocument": sends(to), **holders}}


ARN = {"Fn::GetAtt": ["Action", "Arn"]}
#: A pipeline as CDK writes it: the role of the pipeline assumes one for each of its actions.
PIPELINE: Json = {
    "Pipeline": role({"Service": "codepipeline.amazonaws.com"}),
    "Action": role({"AWS": ROOT}),
    "Policy": policy({"Roles": [{"Ref": "Pipeline"}]}, ARN),
}
PEOPLE: Json = {
    "People": {"Type": "AWS::IAM::Group", "Properties": {}},
    "Theirs": policy({"Groups": [{"Ref": "People"}]}, ARN),
}


def check(tmp_path: Path, resources: Json) -> Report:
    """Every answer about a template."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": resources}))
    return trustproof.check([file], account=OWN)


def refuted(tmp_path: Path, resources: Json) -> Result:
    """The refutation of `mfa-required`."""
    (found,) = (r for r in check(tmp_path, resources).results if (r.property, r.verdict) == (ASKED, "refuted"))
    return found


def applied(resources: Json, found: Result) -> Json:
    """The template with the remedy."""
    template = copy.deepcopy({"Resources": resources})
    assert found.remedy is not None
    for edit in found.remedy.edits:
        holder: Any = template
        for step in edit.path[:-1]:
            holder = holder[step]
        if edit.value is None:
            del holder[edit.path[-1]]
        else:
            holder[edit.path[-1]] = _json(edit.value)
    return template["Resources"]


def _json(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _json(found) for key, found in value.items()}
    return [_json(one) for one in value] if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize(
    "principal",
    [{"AWS": ROOT}, {"AWS": OWN}, {"AWS": [ROOT]}, {"AWS": ROOT, **EC2}],
    ids=["root", "account", "list", "service"],
)
def test_the_role_is_named_and_nothing_is_lost(tmp_path: Path, principal: Json) -> None:
    """Applied, users without MFA are kept out, the sender still gets in, and whatever was proved is proved."""
    template = {**PIPELINE, "Action": role(principal)}
    before = check(tmp_path, template)
    (found,) = (r for r in before.results if (r.property, r.verdict) == (ASKED, "refuted"))
    assert found.remedy is not None
    assert found.remedy.text == "name Pipeline as principal in place of the account"
    fixed = applied(template, found)
    trust = fixed["Action"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert {"Fn::GetAtt": ["Pipeline", "Arn"]} in trust["Principal"]["AWS"]
    assert "Condition" not in trust
    after = check(tmp_path, fixed)
    assert not [r for r in after.results if r.property == ASKED and r.verdict != "proved"]
    proved = {(r.property, r.logical_id) for r in before.results if r.verdict == "proved"}
    assert proved <= {(r.property, r.logical_id) for r in after.results if r.verdict == "proved"}


def test_who_else_of_an_account_that_a_parameter_gives_is_not_locked_out(tmp_path: Path) -> None:
    """Only a deployment knows whose account it is, so one role of the template does not take the place of all there."""
    trusting = role({"AWS": {"Fn::Sub": "arn:aws:iam::${Trusted}:root"}})
    file = tmp_path / "t.json"
    parameters = {"Trusted": {"Type": "String"}}
    file.write_text(json.dumps({"Parameters": parameters, "Resources": {**PIPELINE, "Action": trusting}}))
    (found,) = (r for r in trustproof.check([file], account=OWN).results if r.property == ASKED and r.remedy)
    assert found.remedy is not None
    assert "and the other roles of the account that are to assume it" in found.remedy.text
    assert found.remedy.edits == ()


def test_a_role_that_is_named_does_not_get_in_by_a_wildcard(tmp_path: Path) -> None:
    """What it may do to any role does not matter where the trust policy names it: the rest is asked for MFA."""
    alice = f"arn:aws:iam::{OWN}:user/alice"
    trusting = role({"AWS": [alice, {"Fn::GetAtt": ["S", "Arn"]}]})
    any_role = {"Policies": [{"PolicyName": "p", "PolicyDocument": sends("*")}]}
    found = refuted(tmp_path, {"Action": trusting, "S": role({"Service": "ec2.amazonaws.com"}, **any_role)})
    assert found.remedy is not None
    assert found.remedy.text.startswith(f"if a person uses this user, give {alice} a statement of its own, and ")
    assert not any("wildcard" in line for line in found.why)


def test_people_whom_the_template_sends_too_are_not_locked_out(tmp_path: Path) -> None:
    """Where a group is sent as well, the account stays and asks for MFA; two changes are words."""
    found = refuted(tmp_path, {**PIPELINE, **PEOPLE})
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text == "name Pipeline in a statement of its own, and ask for MFA in this one, for People"


SENDER = role({"Service": "codepipeline.amazonaws.com"})
INLINE = {"Policies": [{"PolicyName": "p", "PolicyDocument": sends(ARN)}]}
SUB = {"Policies": [{"PolicyName": "p", "PolicyDocument": sends({"Fn::Sub": "${Action.Arn}"})}]}
FUNCTION = {"Handler": "h", "Policies": [{"Statement": sends(ARN)["Statement"]}]}
#: A role that is sent to another one, which cannot refer to it, with what says so and what it is called.
NOT_REFERRED: dict[str, tuple[Json, str, str]] = {
    "inline": ({"S": role({"Service": "ec2.amazonaws.com"}, **INLINE)}, "S", "circular"),
    "in a text": ({"S": role({"Service": "ec2.amazonaws.com"}, **SUB)}, "S", "circular"),
    "by DependsOn": (
        {"S": {**SENDER, "DependsOn": "T"}, "T": {"Type": "AWS::SNS::Topic", "DependsOn": "Action"}},
        "S",
        "circular",
    ),
    "not in every deployment": ({"S": {**SENDER, "Condition": "IsProd"}}, "S", "not every deployment"),
    "made by SAM": ({"S": {"Type": "AWS::Serverless::Function", "Properties": FUNCTION}}, "SRole", "circular"),
}


@pytest.mark.parametrize(("resources", "name", "why"), NOT_REFERRED.values(), ids=NOT_REFERRED)
def test_no_reference_is_given_that_cannot_be_deployed(tmp_path: Path, resources: Json, name: str, why: str) -> None:
    """CloudFormation creates no two roles that refer to each other, and refers to nothing that is not there."""
    attached = {"P": policy({"Roles": [{"Ref": "S"}]}, ARN)} if "Policies" not in str(resources) else {}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {"Env": {"Type": "String"}},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
        "Resources": {**resources, **attached, "Action": role({"AWS": ROOT})},
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps(template))
    report = trustproof.check([file], account=OWN)
    (found,) = (r for r in report.results if (r.property, r.verdict) == (ASKED, "refuted"))
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text.startswith(f"name {name} by aws:PrincipalArn, with the account as principal: ")
    assert why in found.remedy.text


@pytest.mark.parametrize(
    ("to", "named"),
    [
        ({"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/developers"}, True),
        (f"arn:aws:iam::{OWN}:role/developers", True),
        (f"arn:aws:iam::{OWN}:role/dev*", True),
        ("arn:aws:iam::999988887777:role/developers", False),
        ("*", True),
        (f"arn:aws:iam::{OWN}:role/*", True),
        ("arn:aws:iam::999988887777:role/*", False),
    ],
)
def test_who_is_sent_is_who_is_named(tmp_path: Path, to: object, *, named: bool) -> None:
    """Who may assume this role, by its name or as any other, is named; else everybody is asked for MFA."""
    template = {
        **PIPELINE,
        "Action": role({"AWS": ROOT}, name="developers"),
        "Policy": policy({"Roles": [{"Ref": "Pipeline"}]}, to),
    }
    found = refuted(tmp_path, template)
    assert found.remedy is not None
    assert found.remedy.text.startswith("name Pipeline") is named
    assert ("MultiFactorAuthPresent" in str(found.remedy)) is not named


def test_only_people_are_asked_for_mfa(tmp_path: Path) -> None:
    """Where only a group is sent, the remedy asks for MFA as ever."""
    found = refuted(tmp_path, {"Action": role({"AWS": ROOT}), **PEOPLE})
    assert '"Bool": {"aws:MultiFactorAuthPresent": "true"}' in str(found.remedy)


@pytest.mark.parametrize("name", ["OrganizationAccountAccessRole", "AWSControlTowerExecution"])
def test_a_role_of_the_management_account(tmp_path: Path, name: str) -> None:
    """Pipelines of the management account enter such a role, so no condition locks their sessions out."""
    (found,) = [one for one in check(tmp_path, {name: role({"AWS": "444455556666"})}).results if one.property == ASKED]
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text.startswith("name the roles of that account that use it")


@pytest.mark.parametrize(
    ("name", "administration"),
    [
        ("AWSCloudFormationStackSetExecutionRole", "AWSCloudFormationStackSetAdministrationRole"),
        ("AWS-SystemsManager-AutomationExecutionRole", "AWS-SystemsManager-AutomationAdministrationRole"),
        ("CloudWatch-CrossAccountSharingRole", "AWSServiceRoleForCloudWatchCrossAccount"),
    ],
)
def test_a_role_that_a_service_enters_from_an_administrator_account(
    tmp_path: Path, name: str, administration: str
) -> None:
    """The role by which the service does that is named, and no condition locks its sessions out."""
    principal = {"AWS": "444455556666", "Service": "ssm.amazonaws.com"}
    (found,) = [
        one
        for one in check(tmp_path, {"R": role(principal, name=name)}).results
        if one.property == ASKED and one.verdict == "refuted"
    ]
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text.startswith(f"name the role {administration} of that account")


def test_a_role_that_a_service_enters_from_each_account_of_an_organization(tmp_path: Path) -> None:
    """Where everybody of an organization is let in there is no one account, and the role is named by a test."""
    trusting = role({"AWS": "*"}, name="CloudWatch-CrossAccountSharingRole")
    statement = trusting["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]  # type: ignore[index]
    statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}
    report = check(tmp_path, {"R": trusting})
    (found,) = (r for r in report.results if (r.property, r.verdict) == (ASKED, "refuted"))
    assert found.remedy is not None
    assert found.remedy.text.startswith("let it admit the role AWSServiceRoleForCloudWatchCrossAccount, or the one")


def test_a_test_of_mfa_stays_with_the_people_it_is_meant_for(tmp_path: Path) -> None:
    """Where the statement speaks of MFA, the role gets one of its own: named in this one it would be locked out."""
    trusting = role({"AWS": ROOT})
    statement = trusting["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]  # type: ignore[index]
    statement["Condition"] = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    report = check(tmp_path, {**PIPELINE, "Action": trusting})
    (found,) = (r for r in report.results if (r.property, r.verdict) == (ASKED, "refuted"))
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert "name Pipeline in a statement of its own, without a test of MFA" in found.remedy.text


BY_TAG, BY_OWN_TAG = "iam:ResourceTag/stage", "aws:ResourceTag/Stage"
ANY_ROLE = f"arn:aws:iam::{OWN}:role/*"


@pytest.mark.parametrize(
    ("asked", "tags", "meant"),
    [
        ({"StringEquals": {BY_TAG: "prod"}}, {}, False),
        ({"StringEquals": {BY_TAG: "prod"}}, {"stage": "test"}, False),
        ({"StringEquals": {BY_TAG: "prod"}}, {"Stage": "prod"}, True),
        ({"StringEquals": {BY_OWN_TAG: "prod"}}, {"stage": "prod"}, True),
        ({"StringLike": {BY_OWN_TAG: "pr*"}}, {"stage": "prod"}, True),
        ({"StringLike": {BY_OWN_TAG: "te*"}}, {"stage": "prod"}, False),
        ({"StringEqualsIgnoreCase": {BY_TAG: "PROD"}}, {"stage": "prod"}, True),
        ({"ForAnyValue:StringEquals": {BY_TAG: ["prod", "next"]}}, {}, False),
        ({"ForAllValues:StringEquals": {BY_TAG: ["prod", "next"]}}, {}, True),
        ({"StringEqualsIfExists": {BY_TAG: "prod"}}, {}, True),
        ({"StringEqualsIfExists": {BY_TAG: "prod"}}, {"stage": "test"}, False),
        ({"StringNotEquals": {BY_TAG: "prod"}}, {}, True),
        ({"StringEquals": {BY_TAG: {"Ref": "Stage"}}}, {"stage": "test"}, True),
        ({"StringEquals": {BY_TAG: "prod"}}, {"stage": {"Ref": "Stage"}}, True),
        ({"StringEquals": {"aws:ResourceAccount": OWN}}, {}, True),
        ({"StringEquals": {"aws:ResourceAccount": "999988887777"}}, {}, False),
        ({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}, {}, True),
    ],
)
@pytest.mark.parametrize("to", [ANY_ROLE, f"arn:aws:iam::{OWN}:role/deploy"])
def test_who_is_sent_by_tags_is_sent_to_roles_that_have_them(
    tmp_path: Path, to: str, asked: Json, tags: Json, *, meant: bool
) -> None:
    """A role that has not the tags or the account that a policy asks for is none that its holder assumes."""
    policies = [{"PolicyName": "p", "PolicyDocument": sends(to)}]
    policies[0]["PolicyDocument"]["Statement"][0]["Condition"] = asked  # type: ignore[index]
    listed = {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
    template = {
        "Pipeline": role({"Service": "codepipeline.amazonaws.com"}, Policies=policies),
        "Action": role({"AWS": ROOT}, name="deploy", **listed),
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Parameters": {"Stage": {"Type": "String"}}, "Resources": template}))
    report = trustproof.check([file], account=OWN, properties=[ASKED])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert ("Pipeline" in str(found)) is meant


@pytest.mark.parametrize("to", [ANY_ROLE, "*", f"arn:aws:iam::{OWN}:role/deploy"])
def test_a_role_that_does_not_get_in_is_not_let_in(tmp_path: Path, to: str) -> None:
    """Where only a user is let in, whoever else may assume roles is no reason to admit them."""
    sent = role({"Service": "codebuild.amazonaws.com"}, Policies=[{"PolicyName": "p", "PolicyDocument": sends(to)}])
    found = refuted(tmp_path, {"Other": sent, "Action": role({"AWS": f"arn:aws:iam::{OWN}:user/bob"}, name="deploy")})
    assert found.remedy is not None
    assert "Other" not in str(found.remedy)
    assert "MultiFactorAuthPresent" in found.remedy.text


def test_a_role_is_named_once(tmp_path: Path) -> None:
    """Whom the template sends by name, by a wildcard and in a pipeline of its own is one caller."""
    stage = {"Name": "s", "Actions": [{"Name": "a", "RoleArn": ARN}]}
    other = role(
        {"Service": "codebuild.amazonaws.com"}, Policies=[{"PolicyName": "p", "PolicyDocument": sends(ANY_ROLE)}]
    )
    template = {
        **PIPELINE,
        "Other": other,
        "Run": {
            "Type": "AWS::CodePipeline::Pipeline",
            "Properties": {"RoleArn": {"Fn::GetAtt": ["Pipeline", "Arn"]}, "Stages": [stage]},
        },
    }
    found = refuted(tmp_path, template)
    assert found.remedy is not None
    assert found.remedy.text.count("name Pipeline as principal") == 1
    assert "name Other as principal if this role is meant" in found.remedy.text
    assert any("a pipeline runs an action with this role as Pipeline" in why for why in found.why)


def test_a_role_is_named_by_its_arn_in_the_account_that_is_let_in(tmp_path: Path) -> None:
    """A reference names the role of the stack's own account, which the statement does not let in."""
    wide = {"PolicyName": "p", "PolicyDocument": sends("*")}
    by_name = {"PolicyName": "p", "PolicyDocument": sends("arn:aws:iam::*:role/reader")}
    template = {
        "Reader": role({"AWS": "arn:aws:iam::444455556666:root"}, RoleName="reader"),
        "Caller": role({"Service": "lambda.amazonaws.com"}, Policies=[by_name]),
        "Other": role({"Service": "lambda.amazonaws.com"}, Policies=[wide]),
    }
    found = refuted(tmp_path, template)
    assert found.remedy is not None
    assert found.remedy.text.startswith("name Caller as principal, by its ARN in account 444455556666; ")


def test_a_pipeline_that_may_assume_any_role_is_meant(tmp_path: Path) -> None:
    """What a pipeline says of its action is said once, also where its role may assume any role."""
    stage = {"Name": "s", "Actions": [{"Name": "a", "RoleArn": ARN}]}
    run = {"RoleArn": {"Fn::GetAtt": ["Pipeline", "Arn"]}, "Stages": [stage]}
    pipeline = role(
        {"Service": "codepipeline.amazonaws.com"}, Policies=[{"PolicyName": "p", "PolicyDocument": sends("*")}]
    )
    template = {
        "Pipeline": pipeline,
        "Action": role({"AWS": ROOT}),
        "Run": {"Type": "AWS::CodePipeline::Pipeline", "Properties": run},
    }
    found = refuted(tmp_path, template)
    assert found.remedy is not None
    assert found.remedy.text == "name Pipeline as principal; and ask people for MFA in a statement of their own"


@pytest.mark.parametrize("other", [ROOT, "444455556666"], ids=str)
def test_a_role_that_stands_beside_an_account_is_not_named_again(tmp_path: Path, other: object) -> None:
    """Whom the statement names already needs nothing in place of the account that stands beside it."""
    template = copy.deepcopy(PIPELINE)
    template["Action"] = role({"AWS": [{"Fn::GetAtt": ["Pipeline", "Arn"]}, other]})
    found = refuted(tmp_path, template)
    assert found.remedy is not None
    assert "Pipeline" not in found.remedy.text
    assert "a statement of its own" in found.remedy.text


@pytest.mark.parametrize("condition", [None, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}], ids=str)
def test_a_role_that_is_let_in_besides_is_not_named_again(tmp_path: Path, condition: Json | None) -> None:
    """Whom another statement lets in whatever the request, needs none in place of an account; else it does."""
    template = copy.deepcopy(PIPELINE)
    besides = {"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["Pipeline", "Arn"]}}, "Action": "sts:AssumeRole"}
    named = besides if condition is None else {**besides, "Condition": condition}
    template["Action"]["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(named)
    found = refuted(tmp_path, template)
    assert found.remedy is not None
    assert ("name Pipeline" in found.remedy.text) is (condition is not None)
    assert any("Pipeline" in why for why in found.why) is (condition is not None)


def test_a_deny_that_speaks_of_mfa_is_for_the_people(tmp_path: Path) -> None:
    """Where a Deny asks for MFA, people are meant beside the roles that are sent here, and the Deny is for users."""
    asked = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    missed = {**asked, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
    action = role({"AWS": ROOT})
    action["Properties"]["AssumeRolePolicyDocument"]["Statement"].append(missed)
    resources = {**PIPELINE, "Action": action}
    found = refuted(tmp_path, resources)
    assert found.remedy is not None
    assert "deny it to users" in found.remedy.text
    changed = applied(resources, found)
    allowed, denied = changed["Action"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert allowed["Principal"] == {"AWS": ROOT}
    assert denied["Condition"]["BoolIfExists"] == {"aws:MultiFactorAuthPresent": ["false"]}
    assert denied["Condition"]["ArnLike"] == {"aws:PrincipalArn": ["arn:*:iam::*:user/*"]}


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("AWS::Lambda::Function", {"Environment": {"Variables": {"ROLE": ARN}}}),
        ("AWS::CodeBuild::Project", {"Environment": {"EnvironmentVariables": [{"Name": "R", "Value": ARN}]}}),
        (
            "AWS::ECS::TaskDefinition",
            {"ContainerDefinitions": [{"Name": "c", "Environment": [{"Name": "R", "Value": ARN}]}]},
        ),
        ("AWS::StepFunctions::StateMachine", {"DefinitionSubstitutions": {"role": {"Fn::Sub": "${Action.Arn}"}}}),
    ],
)
def test_a_program_that_is_told_a_role_assumes_it(tmp_path: Path, type_: str, properties: Json) -> None:
    """Whoever is told a role is named in words, and no diff asks its sessions for MFA."""
    resources = {"Action": role({"AWS": ROOT}), "Program": {"Type": type_, "Properties": properties}}
    found = refuted(tmp_path, resources)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "name the role of Program as principal" in found.remedy.text
    own = {"Role": ARN, "ServiceRole": ARN, "TaskRoleArn": ARN, "RoleArn": ARN}
    resources["Program"]["Properties"] = {**properties, **own}
    itself = refuted(tmp_path, resources)
    assert itself.remedy is not None
    assert "Program" not in itself.remedy.text


_CALLED = {"Arn": {"Fn::GetAtt": ["Function", "Arn"]}, "Input": {"Fn::Sub": '{"role": "${Action.Arn}"}'}}
_CALL = {"Service": "sts", "Api": "AssumeRole", "RoleArn": ARN}
_ELSEWHERE = {"TemplateURL": "https://b.s3.amazonaws.com/t.yaml"}


@pytest.mark.parametrize(
    ("type_", "properties", "named"),
    [
        (
            "AWS::SSM::Document",
            {"Content": {"assumeRole": "r", "mainSteps": [{"action": "aws:executeAwsApi", "inputs": _CALL}]}},
            "Program",
        ),
        ("AWS::CloudFormation::Stack", {**_ELSEWHERE, "Parameters": {"AssumeRoleArn": ARN}}, "Program"),
        (
            "AWS::CloudFormation::StackSet",
            {**_ELSEWHERE, "Parameters": [{"ParameterKey": "Role", "ParameterValue": ARN}]},
            "Program",
        ),
        (
            "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
            {"ProvisioningParameters": [{"Key": "Role", "Value": ARN}]},
            "Program",
        ),
        ("Acme::Custom::Thing", {"RoleArn": ARN}, "the program behind Program"),
        ("Acme::Net::Peer::MODULE", {"RoleArn": ARN}, "the program behind Program"),
        ("AWS::Events::Rule", {"Targets": [{"Id": "a", **_CALLED}]}, "Function"),
        ("AWS::Scheduler::Schedule", {"Target": {"RoleArn": "r", **_CALLED}}, "Function"),
        ("AWS::ServiceCatalog::LaunchRoleConstraint", {"RoleArn": ARN}, ""),
        ("AWS::CloudFormation::Stack", {**_ELSEWHERE, "RoleARN": ARN}, ""),
    ],
)
def test_whoever_is_told_a_role_elsewhere_is_named(tmp_path: Path, type_: str, properties: Json, named: str) -> None:
    """What is not known to hand a role to a service tells it to a program; of a text to somebody, to that one."""
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Role": "r", "Code": {"ZipFile": "x"}}}
    program = {"Type": type_, "Properties": properties}
    action = role({"AWS": ROOT}, name="developers")
    found = refuted(tmp_path, {"Action": action, "Function": function, "Program": program})
    assert found.remedy is not None
    assert bool(found.remedy.edits) is (not named)
    assert (f"name the role of {named} as principal" in found.remedy.text) is bool(named)


@pytest.mark.parametrize(
    ("user", "said", "is_diff"),
    [
        ("jenkins", "let the program run as a role", False),
        ("svc/vault-7", "let the program run as a role", False),
        ("github-actions", "let the program run as a role", False),
        ("alice", "if a person uses this user, ", False),
        ("ops/app-owner", "if a person uses this user, ", False),
        ("ops/oncall-engineer", "if a person uses this user, ", False),
        ("dev-operator", "allow only requests", True),
    ],
)
def test_a_user_of_another_account_may_be_a_program(tmp_path: Path, user: str, said: str, *, is_diff: bool) -> None:
    """Its name, or a folder of it, says so; then nobody can type the code of a device, and else perhaps nobody can."""
    principal = {"AWS": f"arn:aws:iam::444455556666:user/{user}"}
    (found,) = [one for one in check(tmp_path, {"R": role(principal)}).results if one.property == ASKED]
    assert found.remedy is not None
    assert found.remedy.text.startswith(said)
    assert bool(found.remedy.edits) is is_diff


@pytest.mark.parametrize(
    ("attached", "called"),
    [
        (policy({"Roles": ["ci"]}, ARN), "role ci"),
        (policy({"Roles": [{"Fn::ImportValue": "ci"}]}, ARN), "role <Fn::ImportValue ci>"),
        (policy({"Groups": ["people"]}, ARN), ""),
        (policy({"Roles": ["ci"]}, "arn:aws:iam::111122223333:role/other"), ""),
        (
            {
                "Type": "AWS::IAM::RolePolicy",
                "Properties": {"RoleName": "ci", "PolicyName": "p", "PolicyDocument": sends(ARN)},
            },
            "role ci",
        ),
    ],
)
def test_a_role_that_the_template_sends_and_does_not_make_is_named(tmp_path: Path, attached: Json, called: str) -> None:
    """What asks for MFA would lock it out; how its ARN is written is not known, so there is no diff."""
    found = refuted(tmp_path, {"Action": role({"AWS": ROOT}, name="developers"), "Theirs": attached})
    assert found.remedy is not None
    assert bool(found.remedy.edits) is (not called)
    assert (f"name {called} as principal" in found.remedy.text) is bool(called)


@pytest.mark.parametrize(
    ("name", "of_people"),
    [
        ("deploy", False),
        ("admin", True),
        ("DataAnalystRole", True),
        ("break-glass", True),
        ("ops-readonly-2", True),
        ("JenkinsAdminRole", False),
        # What is not known may be what a program is called.
        ("AtlantisAdmin", False),
        ("DataLakeAdminWorkflow", False),
        ("UserImportJob", False),
        ("aws-controltower-AdministratorExecutionRole", False),
        ("AWSAFTExecution", False),
    ],
)
def test_who_is_not_known_to_be_a_person_is_not_asked_for_mfa_by_a_diff(
    tmp_path: Path, name: str, *, of_people: bool
) -> None:
    """Roles and programs of the account may be meant, of which its template need not speak, and have no MFA."""
    found = refuted(tmp_path, {"Action": role({"AWS": "444455556666"}, name=name)})
    assert found.remedy is not None
    assert bool(found.remedy.edits) is of_people
    assert "never carries MFA, so name such a role instead" in found.remedy.text
    assert found.remedy.text.startswith("if people assume it, ") is not of_people


def test_a_policy_that_nobody_has_here_may_send_a_role(tmp_path: Path) -> None:
    """Who gets it elsewhere is not known, and is not locked out."""
    exported = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": sends(ARN)}}
    found = refuted(tmp_path, {"Action": role({"AWS": ROOT}), "Theirs": exported})
    assert found.remedy is not None
    assert not found.remedy.edits


@pytest.mark.parametrize("operator", ["Bool", "BoolIfExists"])
def test_whoever_speaks_of_mfa_has_people_in_mind(tmp_path: Path, operator: str) -> None:
    """The diff stays, in an Allow and in a Deny."""
    trust = role({"AWS": ROOT})
    statement = trust["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    if operator == "Bool":
        other = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
        statement.append({**other, "Condition": {operator: {"aws:MultiFactorAuthPresent": "false"}}})
    else:
        statement[0]["Condition"] = {operator: {"aws:MultiFactorAuthPresent": "true"}}
    found = refuted(tmp_path, {"Action": trust})
    assert found.remedy is not None
    assert found.remedy.edits


@pytest.mark.parametrize(
    ("more", "is_diff"),
    [
        ({}, True),
        ({"Sid": "AllowOperators"}, True),
        ({"Sid": "AllowJenkins"}, False),
        ({"Description": "For administrators"}, True),
        ({"Description": "Assumed by the deployment pipeline"}, False),
        ({"Tags": [{"Key": "used-by", "Value": "terraform-cloud"}]}, False),
        ({"Condition": {"StringEquals": {"sts:RoleSessionName": "jenkins"}}}, False),
        (
            {
                "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
                "Condition": {"StringLike": {"sts:SourceIdentity": "svc-*"}},
            },
            False,
        ),
        ({"Condition": {"StringEquals": {"aws:PrincipalTag/app": "deployer"}}}, False),
        ({"Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${ToolingAccountId}:root"}}}, False),
        ({"Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${JenkinsAccount}:root"}}}, False),
        ({"Principal": {"AWS": {"Ref": "Builds"}}}, False),
        ({"Principal": {"AWS": {"Ref": "Partner"}}}, True),
    ],
    ids=str,
)
def test_a_statement_says_that_a_program_comes(tmp_path: Path, more: Json, *, is_diff: bool) -> None:
    """Then the name of the role does not say that only people do."""
    admin = role({"AWS": "444455556666"}, name="AdminRole")
    of_role = {key: more[key] for key in more if key in ("Description", "Tags")}
    admin["Properties"].update(of_role)
    statement = admin["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    statement.update({key: more[key] for key in more if key not in of_role})
    known = {"Type": "String", "Default": "555566667777"}
    content = {
        "Parameters": {
            "ToolingAccountId": {"Type": "String"},
            "JenkinsAccount": known,
            "Builds": {**known, "Description": "account in which the pipelines run"},
            "Partner": {**known, "Description": "account of the people who look after it"},
        }
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**content, "Resources": {"Action": admin}}), encoding="utf-8")
    found = [r for r in trustproof.check([file], properties=["mfa-required"], config={}).results if r.remedy]
    assert [bool(one.remedy and one.remedy.edits) for one in found] == [is_diff]


@pytest.mark.parametrize(
    ("group", "user", "is_diff"),
    [
        ({}, {}, True),
        ({"GroupName": "ci-bots"}, {}, False),
        ({}, {"UserName": "github-actions"}, False),
        ({}, {"Path": "/service-accounts/"}, False),
        ({}, {"Tags": [{"Key": "type", "Value": "service"}]}, False),
        ({}, {"Tags": [{"Key": "team", "Value": "service"}]}, True),
    ],
    ids=str,
)
def test_a_group_with_a_program_is_not_asked_for_mfa_by_a_diff(group: Json, user: Json, *, is_diff: bool) -> None:
    """An access key has no MFA, whoever else is in the group."""
    statement = {"Effect": "Allow", "Action": "iam:CreateAccessKey", "Resource": "*"}
    held = [{"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}]
    resources = {
        "Team": {"Type": "AWS::IAM::Group", "Properties": {"Policies": held, **group}},
        "Somebody": {"Type": "AWS::IAM::User", "Properties": {"Groups": [{"Ref": "Team"}], **user}},
    }
    report = trustproof.check([{"Resources": resources}], properties=["sensitive-actions-require-mfa"], config={})
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_diff


@pytest.mark.parametrize(
    ("attached", "is_diff"),
    [({"Groups": ["admins"]}, True), ({"Groups": ["ci-bots"]}, False), ({"Users": ["x"]}, False)],
)
def test_a_group_that_the_template_does_not_make_is_of_people(tmp_path: Path, attached: Json, *, is_diff: bool) -> None:
    """What it is sent to is for people, and a user may be a program's."""
    found = refuted(tmp_path, {"Action": role({"AWS": ROOT}, name="deploy"), "Policy": policy(attached, ARN)})
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_diff


@pytest.mark.parametrize(("name", "is_said"), [("deploy", True), ("AdminRole", False)])
def test_roles_that_get_in_by_if_exists_are_spoken_of(tmp_path: Path, name: str, *, is_said: bool) -> None:
    """They carry no MFA, get in as it is, and are locked out by the diff; what is called so is for people."""
    trust = role({"AWS": ROOT}, name=name)
    statement = trust["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]
    statement["Condition"] = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    found = refuted(tmp_path, {"Action": trust})
    assert found.remedy is not None
    assert found.remedy.edits
    assert ("a role that is to assume it never carries MFA" in found.remedy.text) is is_said
