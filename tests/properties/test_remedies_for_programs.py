"""
Remedies for users of programs, and for parameters that are called roles: nobody is asked for an MFA that it never has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof import Result
from trustproof.model.principals import Holder
from trustproof.properties.shared.programs import why_a_program
from trustproof.results.groups import groups

Json = dict[str, Any]
OWN = "111122223333"
ROOT = {"AWS": f"arn:aws:iam::{OWN}:root"}
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
OWN_USER = "arn:aws:iam::*:user/${aws:username}"
MFA, SENSITIVE = "mfa-required", "sensitive-actions-require-mfa"
KEY: Json = {"Key": {"Type": "AWS::IAM::AccessKey", "Properties": {"UserName": {"Ref": "It"}}}}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def user(**more: object) -> Json:
    """A user who may do something sensitive."""
    policy = document({"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"})
    return {
        "Type": "AWS::IAM::User",
        "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": policy}], **more},
    }


def role(principal: object) -> Json:
    """A role."""
    trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


def one(tmp_path: Path, template: Json, asked: str) -> Result:
    """The one finding about a template."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    (found,) = (r for r in trustproof.check([str(file)], account=OWN, config={}).results if r.property == asked)
    return found


@pytest.mark.parametrize(
    ("resources", "is_program", "is_person"),
    [
        ({"It": user(), **KEY}, True, False),
        ({"It": user(LoginProfile={"Password": "once"}), **KEY}, False, True),
        ({"It": user()}, False, False),
        ({"It": user(UserName="paas-app")}, True, False),
        ({"It": user(UserName="paas-app", LoginProfile={"Password": "once"})}, False, True),
        ({"It": user(UserName="alice")}, False, False),
        ({"It": user(UserName="alice", Groups=["developers"])}, False, True),
        ({"It": user(UserName="alice", Groups=["everything"])}, False, False),
        ({"It": user(UserName="vault", Path="/ci/")}, True, False),
        ({"It": user(UserName="alice", Path="/terraform/")}, False, False),
    ],
)
def test_a_user_with_a_key_and_no_password(tmp_path: Path, resources: Json, is_program: bool, is_person: bool) -> None:
    """A user of a program is to become a role, a person is to use MFA, and of others nobody knows whom that stops."""
    found = one(tmp_path, {"Resources": resources}, SENSITIVE)
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_person
    assert found.remedy.text.startswith("let the program run as a role") is is_program
    assert any("taken" in line and "program's" in line for line in found.why) is is_program


BOT, ANN = user(UserName="ci-bot"), user(UserName="ann", LoginProfile={"Password": "once"})
SHARED: Json = {
    "Type": "AWS::IAM::ManagedPolicy",
    "Properties": {"PolicyDocument": document({"Effect": "Allow", "Action": "kms:DisableKey", "Resource": "*"})},
}
AS_A_ROLE = "let user Bot run as a role: an access key has no MFA, and a role needs none"
APART = f"of their own in place of this one: allow it only with MFA; and {AS_A_ROLE}"


@pytest.mark.parametrize(
    ("has_role", "users", "groups", "expected"),
    [
        (True, ["Bot"], {}, "let the program run as a role in place of this user"),
        (True, ["Ann"], {}, "give the users a policy of their own that asks for MFA, in place of this one, which role"),
        (False, ["Ann", "Bot"], {}, f"give the people a policy {APART}"),
        (True, ["Ann", "Bot"], {}, f"give the people a policy {APART}"),
        (False, [], {"Ops": ["Bot"]}, AS_A_ROLE),
        (True, [], {"Ops": ["Bot"]}, AS_A_ROLE),
        (False, [], {"Ops": ["Ann", "Bot"]}, f"give the people a group {APART}"),
    ],
)
def test_a_policy_of_people_programs_and_roles(has_role: bool, users: list[str], groups: Json, expected: str) -> None:
    """Each of those who have it is told what it can do: nobody asks a program for MFA, and no role."""
    resources: Json = {"P": json.loads(json.dumps(SHARED))}
    for name, it in (("Bot", BOT), ("Ann", ANN)):
        within = [{"Ref": group} for group, members in groups.items() if name in members]
        if within or name in users:
            properties = {key: value for key, value in it["Properties"].items() if key != "Policies"}
            resources[name] = {**it, "Properties": {**properties, "Groups": within}}
    properties = resources["P"]["Properties"]
    properties |= {"Users": [{"Ref": name} for name in users], "Groups": [{"Ref": name} for name in groups]}
    resources |= {name: {"Type": "AWS::IAM::Group"} for name in groups}
    if has_role:
        resources["Role"] = role({"Service": "ec2.amazonaws.com"})
        properties["Roles"] = [{"Ref": "Role"}]
    results = trustproof.check([{"Resources": resources}], properties=[SENSITIVE], config={}).results
    (found,) = (r for r in results if r.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert found.remedy.text.startswith(expected)


@pytest.mark.parametrize(("name", "findings"), [("PackerGroup", 1), ("People", 2)])
def test_what_a_program_may_do_is_one_finding(name: str, findings: int) -> None:
    """A role in the place of its user closes all of it; of people, each statement is asked for MFA."""
    statements = [{"Effect": "Allow", "Action": action, "Resource": "*"} for action in ("ec2:*", "rds:*")]
    policies = [{"PolicyName": "p", "PolicyDocument": document(*statements)}]
    group = {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}
    found = groups(trustproof.check([{"Resources": {name: group}}], properties=[SENSITIVE], config={}).results)
    assert len([one for one in found if one.lead.verdict == trustproof.REFUTED]) == findings


@pytest.mark.parametrize(
    ("it", "is_said"),
    [
        (user(UserName="bucket"), True),
        (user(UserName="bucket", LoginProfile={"Password": "once"}), False),
        (user(UserName="dev-admin"), False),
        ({"Type": "AWS::IAM::User", "Properties": {"UserName": "bucket", "ManagedPolicyArns": [POWER]}}, True),
    ],
)
def test_a_user_of_whom_nothing_is_said_may_be_a_program_s(tmp_path: Path, it: Json, is_said: bool) -> None:
    """Without a password or a key in the template it may have a key elsewhere, which a demand for MFA stops."""
    found = one(tmp_path, {"Resources": {it["Properties"]["UserName"].title().replace("-", ""): it}}, SENSITIVE)
    assert found.remedy is not None
    assert bool(found.remedy.edits) is not is_said
    assert ("if a person uses this user, " in found.remedy.text) is is_said
    assert ("if a program uses it, let it run as a role" in found.remedy.text) is is_said


def test_a_user_of_a_program_as_principal(tmp_path: Path) -> None:
    """The role of the program is to be the principal in place of its user."""
    resources = {"It": user(), **KEY, "Role": role({"AWS": {"Fn::GetAtt": ["It", "Arn"]}})}
    found = one(tmp_path, {"Resources": resources}, MFA)
    assert found.severity == "error"
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text.endswith("a role needs none, so name that role as principal")


def test_a_program_that_two_statements_let_in_is_one_finding(tmp_path: Path) -> None:
    """That it is a program's user is said once, and what closes both is said once; a path that is odd is no program."""
    named = {"AWS": {"Fn::GetAtt": ["It", "Arn"]}}
    trusting = role(named)
    statements = trusting["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    asking = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}
    odd = {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/team-*"}}
    statements += [{**statements[0], "Condition": asking}, {**statements[0], "Principal": ROOT, "Condition": odd}]
    sent = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::*:role/shared"})
    trusting["Properties"]["RoleName"] = "shared"
    it = user(UserName="ci", Policies=[{"PolicyName": "p", "PolicyDocument": sent}])
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"It": it, "Role": trusting}}), encoding="utf-8")
    report = trustproof.check([str(file)], account=OWN, config={})
    program, path = (group for group in groups(report.results) if group.lead.property == MFA)
    assert len(program.results) == 2
    assert sum("program's" in line for line in program.lead.why) == 1
    assert path.lead.remedy is not None
    assert "ArnLike" in path.lead.remedy.text


def test_a_person_beside_a_program(tmp_path: Path) -> None:
    """Others of the statement are asked for MFA, and not together with the program."""
    named = [{"Fn::GetAtt": ["It", "Arn"]}, f"arn:aws:iam::{OWN}:user/alice"]
    resources = {"It": user(), **KEY, "Role": role({"AWS": named})}
    found = one(tmp_path, {"Resources": resources}, MFA)
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text.endswith("; and ask everybody else for MFA in a statement of their own")


def test_a_program_that_a_condition_names(tmp_path: Path) -> None:
    """The account is the principal, and a test of the caller's ARN lets in the program alone."""
    found = {"Type": "AWS::IAM::User"}
    entered = role(ROOT)
    (statement,) = entered["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    statement["Condition"] = {"ArnEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["It", "Arn"]}}}
    remedy = one(tmp_path, {"Resources": {"It": found, **KEY, "Role": entered}}, MFA).remedy
    assert remedy is not None
    assert remedy.text.startswith("let the program run as a role in place of It")
    assert remedy.text.endswith("so name that role as principal")


def test_a_program_that_is_sent_to_a_role_of_the_account(tmp_path: Path) -> None:
    """Whom the template sends to the role is not locked out of it, though the role trusts the account."""
    sends = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Fn::GetAtt": ["Role", "Arn"]}})
    sent = user(Policies=[{"PolicyName": "p", "PolicyDocument": sends}])
    found = one(tmp_path, {"Resources": {"It": sent, **KEY, "Role": role(ROOT)}}, MFA)
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert "name that role as principal" in found.remedy.text


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("CiRoleArn", "unknown"),
        ("IrsaArn", "unknown"),
        # What has an ARN may be a role, unless its name speaks of an account, of people or of whoever it may be.
        ("KubeNodesArn", "unknown"),
        ("KubeNodes", "refuted"),
        ("VendorArn", "refuted"),
        ("TrustedArns", "refuted"),
        ("DatadogAccountArn", "refuted"),
        ("DeployUserArn", "refuted"),
        ("IamArn", "refuted"),
        ("Arn", "refuted"),
        ("Admin", "refuted"),
    ],
)
def test_a_parameter_that_is_called_a_role(tmp_path: Path, name: str, verdict: str) -> None:
    """A name that speaks of a role is believed, so no user without MFA is shown for it."""
    parameter = {"Type": "String", "AllowedPattern": "arn:aws:iam::.*"}
    template = {"Parameters": {name: parameter}, "Resources": {"Role": role({"AWS": {"Ref": name}})}}
    assert one(tmp_path, template, MFA).verdict == verdict


def test_a_role_beside_people(tmp_path: Path) -> None:
    """People of the statement are asked for MFA, and not together with the role that a parameter gives."""
    people = f"arn:aws:iam::{OWN}:root"
    template = {
        "Parameters": {"IrsaArn": {"Type": "String"}},
        "Resources": {"Role": role({"AWS": [{"Ref": "IrsaArn"}, people]})},
    }
    found = one(tmp_path, template, MFA)
    assert found.verdict == trustproof.REFUTED
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text == (
        "name <IrsaArn> in a statement without it: sessions of roles never carry MFA; "
        "and ask everybody else for MFA in a statement of their own"
    )


HCL = """
variable "%s" { type = string }
resource "aws_iam_role" "it" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = var.%s }, Action = "sts:AssumeRole" }]
  })
}
resource "aws_iam_user" "it" { name = "it" }
resource "aws_iam_user_policy" "it" {
  user   = aws_iam_user.it.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:PutBucketPolicy", Resource = "*" }]
  })
}
resource "aws_iam_access_key" "it" { user = aws_iam_user.it.name }
"""
PASSWORD = 'resource "aws_iam_user_login_profile" "it" { user = aws_iam_user.it.name }\n'


def test_in_terraform(tmp_path: Path) -> None:
    """A configuration says the same by its own resources and variables."""
    for variable, more, verdict, is_program in (("irsa_arn", "", "unknown", True), ("it", PASSWORD, "refuted", False)):
        (tmp_path / "main.tf").write_text(HCL % (variable, variable) + more, encoding="utf-8")
        found = {r.property: r for r in trustproof.check([str(tmp_path)], account=OWN, config={}).results}
        assert found[MFA].verdict == verdict
        remedy = found[SENSITIVE].remedy
        assert remedy is not None
        assert bool(remedy.edits) is not is_program


def test_a_long_address_keeps_its_end(tmp_path: Path) -> None:
    """What a value is called is shown whole, since its end says that it is a role."""
    value = f"data.terraform_remote_state.{'of-another-configuration-' * 3}.outputs.of_the_build_iam_role_arn"
    declared = f'data "terraform_remote_state" "{value.split(".")[2]}" {{}}\n'
    (tmp_path / "main.tf").write_text(HCL.replace("var.%s", value) % "it" + declared, encoding="utf-8")
    found = {r.property: r for r in trustproof.check([str(tmp_path)], account=OWN, config={}).results}
    assert found[MFA].verdict == "unknown"
    assert value in str(found[MFA])


def test_a_list_out_of_a_text_is_of_no_known_kind(tmp_path: Path) -> None:
    """A text that is kept elsewhere may list roles alone, unless it is called a list of accounts."""
    declared = "".join(f'data "aws_ssm_parameter" "{name}" {{}}\n' for name in ("arns", "accounts"))
    for value, verdict in (
        ("jsondecode(data.aws_ssm_parameter.arns.value)", "unknown"),
        ("jsondecode(data.aws_ssm_parameter.accounts.value)", "refuted"),
        ("[for one in jsondecode(data.aws_ssm_parameter.arns.value) : one.arn]", "unknown"),
    ):
        (tmp_path / "main.tf").write_text(HCL.replace("var.%s", value) % "it" + declared, encoding="utf-8")
        found = {r.property: r for r in trustproof.check([str(tmp_path)], account=OWN, config={}).results}
        assert found[MFA].verdict == verdict


@pytest.mark.parametrize(
    ("type_", "name", "verdict"),
    [
        ("list(string)", "who", "unknown"),
        ("set(string)", "who", "unknown"),
        ("list(string)", "accounts", "refuted"),
        ("string", "who", "refuted"),
    ],
)
def test_a_list_is_one_in_json_too(tmp_path: Path, type_: str, name: str, verdict: str) -> None:
    """What a variable is declared as says whether it is a list, where the policy takes a text or a list."""
    trust = f'{{ Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = var.{name} }} }}] }}'
    role = f'resource "aws_iam_role" "it" {{ assume_role_policy = jsonencode({trust}) }}\n'
    (tmp_path / "main.tf").write_text(f'variable "{name}" {{ type = {type_} }}\n{role}', encoding="utf-8")
    (found,) = trustproof.check([tmp_path], account=OWN, config={}, properties=[MFA]).results
    assert found.verdict == verdict
    asked = f"""--parameter 'var.{name}=["VALUE"]'"""
    assert any(asked in one for one in found.reasons) == (verdict == "unknown")
    for value, expected in (("444455556666", "refuted"), ("arn:aws:iam::444455556666:role/app", "proved")):
        given = {name: value if type_ == "string" else f'["{value}"]'}
        (found,) = trustproof.check([tmp_path], account=OWN, config={}, properties=[MFA], parameters=given).results
        assert found.verdict == expected


@pytest.mark.parametrize(
    ("type_", "made", "value"),
    [
        ("list(string)", '[for one in var.who : "arn:aws:iam::${one}:root"]', '["VALUE"]'),
        ("list(object({ id = string }))", '[for one in var.who : "arn:aws:iam::${one.id}:root"]', '[{"id": "VALUE"}]'),
        ("map(string)", '[for key, one in var.who : "arn:aws:iam::${one}:root"]', '{"KEY": "VALUE"}'),
    ],
)
def test_what_is_gone_through_is_asked_for_as_it_is(tmp_path: Path, type_: str, made: str, value: str) -> None:
    """The advice can be typed, with ids in the places of what it calls VALUE."""
    allow = f'Effect = "Allow", Action = "sqs:SendMessage", Resource = "*", Principal = {{ AWS = {made} }}'
    policy = f"policy = jsonencode({{ Statement = [{{ {allow} }}] }})"
    resource = f'resource "aws_sqs_queue_policy" "it" {{\n  queue_url = "q"\n  {policy}\n}}\n'
    (tmp_path / "main.tf").write_text(f'variable "who" {{ type = {type_} }}\n{resource}', encoding="utf-8")
    asked = ["inside-boundary"]
    (found,) = trustproof.check([tmp_path], account=OWN, config={}, properties=asked).results
    assert f"give the value of var.who: --parameter 'var.who={value}', or --var-file FILE" in found.reasons
    for account, verdict in ((OWN, "proved"), ("999988887777", "unknown")):
        given = {"who": value.replace("VALUE", account)}
        (found,) = trustproof.check([tmp_path], account=OWN, config={}, properties=asked, parameters=given).results
        assert found.verdict == verdict


def test_what_another_stack_exports_is_in_its_template() -> None:
    """Nobody gives it on the command line; the template that exports it says it."""
    trust = {"Effect": "Allow", "Principal": {"AWS": {"Fn::ImportValue": "role-arn"}}, "Action": "sts:AssumeRole"}
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    template: Json = {"Resources": {"It": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    arn = f"arn:aws:iam::{OWN}:role/app"
    exporting: Json = {"Resources": {}, "Outputs": {"O": {"Value": arn, "Export": {"Name": "role-arn"}}}}
    (found,) = trustproof.check([template], account=OWN, config={}, properties=[MFA]).results
    assert "the template that exports role-arn, given as a file besides, says its value" in found.reasons
    (found,) = trustproof.check([template, exporting], account=OWN, config={}, properties=[MFA]).results
    assert found.verdict == "proved"


@pytest.mark.parametrize(
    ("variable", "verdict"),
    [
        ("trusted_principals", "unknown"),
        ("assumers", "unknown"),
        ("trusted_accounts", "refuted"),
        ("administrators", "refuted"),
        ("user_arns", "refuted"),
    ],
)
def test_a_list_without_a_value_is_of_no_known_kind(tmp_path: Path, variable: str, verdict: str) -> None:
    """Whoever gives a list of principals may give roles alone, and is asked for it in place of being told of users."""
    resource = f"""
variable "{variable}" {{ type = list(string) }}
data "aws_iam_policy_document" "it" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "AWS"
      identifiers = var.{variable}
    }}
  }}
}}
resource "aws_iam_role" "it" {{ assume_role_policy = data.aws_iam_policy_document.it.json }}
"""
    (tmp_path / "main.tf").write_text(resource, encoding="utf-8")
    given = variable.title().replace("_", "")
    trust = {"Effect": "Allow", "Principal": {"AWS": {"Ref": given}}, "Action": "sts:AssumeRole"}
    properties = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    template: Json = {
        "Parameters": {given: {"Type": "CommaDelimitedList"}},
        "Resources": {"It": {"Type": "AWS::IAM::Role", "Properties": properties}},
    }
    for input_, asked in ((str(tmp_path), f"var.{variable}="), (template, f"{given}=")):
        (found,) = trustproof.check([input_], account=OWN, config={}, properties=[MFA]).results
        assert found.verdict == verdict
        assert any("--parameter" in one and asked in one for one in found.reasons) == (verdict == "unknown")
    for value, expected in (("444455556666", "refuted"), ("arn:aws:iam::444455556666:role/app", "proved")):
        (found,) = trustproof.check([template], account=OWN, properties=[MFA], parameters={given: value}).results
        assert found.verdict == expected


@pytest.mark.parametrize(
    ("logical_id", "name", "expected"),
    [
        ("CiUser", "", True),
        ("aws_iam_user.paas_app", "paas-app", True),
        ("GitHubActionsDeployIamUser", "", True),
        ("aws_iam_user.reports_writer_user", "reports-writer", True),
        ("Alice", "alice", False),
        ("AppOwner", "", False),
        ("User", "", False),
    ],
)
def test_names_of_programs(logical_id: str, name: str, expected: bool) -> None:
    """The last word of a name says whether a user is a program's."""
    assert bool(why_a_program(Holder("user", logical_id, name, "", ()))) is expected


@pytest.mark.parametrize(
    ("group", "members", "more", "is_diff"),
    [
        ("Everything", [], [], False),
        ("DataAnalysts", [], [], True),
        ("Everything", ["Ann"], [], True),
        ("Everything", ["Ann", "Maria"], [], False),
        # Whoever has a device is a person.
        ("Everything", [], [{"Effect": "Allow", "Action": "iam:EnableMFADevice", "Resource": OWN_USER}], True),
    ],
)
def test_a_group_of_whom_nothing_is_said_may_have_a_program(
    group: str, members: list[str], more: list[Json], is_diff: bool
) -> None:
    """A condition on MFA stops the access keys of a group, and only who knows its members can tell whether it may."""
    held = [{"PolicyName": "p", "PolicyDocument": document({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})}]
    held += [{"PolicyName": "q", "PolicyDocument": document(one)} for one in more]
    within = {"Groups": [{"Ref": group}]}
    users = {
        "Ann": {"Type": "AWS::IAM::User", "Properties": {"LoginProfile": {"Password": "once"}, **within}},
        "Maria": {"Type": "AWS::IAM::User", "Properties": within},
    }
    resources = {group: {"Type": "AWS::IAM::Group", "Properties": {"Policies": held}}}
    resources |= {name: users[name] for name in members}
    report = trustproof.check([{"Resources": resources}], properties=[SENSITIVE], config={})
    (found,) = [r for r in report.results if r.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert bool(found.remedy.edits) is is_diff
    assert ("if the group is one of people, " in found.remedy.text) is not is_diff


@pytest.mark.parametrize(
    ("actions", "is_words"),
    [
        (["iam:DeactivateMFADevice", "iam:EnableMFADevice"], True),
        (["iam:DeactivateMFADevice", "iam:CreateVirtualMFADevice"], True),
        (["iam:DeactivateMFADevice", "iam:ListUsers"], False),
    ],
)
def test_whoever_enrols_a_first_device(tmp_path: Path, actions: list[str], is_words: bool) -> None:
    """No condition on MFA is put into a statement by which users enrol their first device."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": "arn:aws:iam::*:user/${aws:username}"}
    policies = [{"PolicyName": "p", "PolicyDocument": document(statement)}]
    group = {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}
    found = one(tmp_path, {"Resources": {"Team": group}}, SENSITIVE)
    assert found.verdict == trustproof.REFUTED
    assert found.remedy is not None
    assert bool(found.remedy.edits) is not is_words
    assert found.remedy.text.startswith("allow iam:DeactivateMFADevice in a statement of its own") is is_words


def test_the_diff_leaves_users_the_enrolment_of_a_first_device(tmp_path: Path) -> None:
    """Where a statement that is to ask for MFA lets users enrol a device, the diff adds one by which they still can."""
    statement = {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}
    policies = [{"PolicyName": "p", "PolicyDocument": document(statement)}]
    template = {"Resources": {"Team": {"Type": "AWS::IAM::Group", "Properties": {"Policies": policies}}}}
    found = one(tmp_path, template, SENSITIVE)
    assert found.remedy is not None
    added = found.remedy.edits[-1].value
    assert isinstance(added, dict)
    assert added["Action"] == ("iam:CreateVirtualMFADevice", "iam:EnableMFADevice")
    statement["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    policies[0]["PolicyDocument"] = document(statement, added)
    assert one(tmp_path, template, SENSITIVE).verdict == "proved"


def test_a_program_is_named_where_the_headline_is_about_somebody_else(tmp_path: Path) -> None:
    """The user of a program that is let in beside a person is called by its name, and not `this user`."""
    trusted = role({"AWS": [{"Fn::GetAtt": ["It", "Arn"]}, f"arn:aws:iam::{OWN}:user/jane"]})
    found = one(tmp_path, {"Resources": {"It": user(), **KEY, "Role": trusted}}, MFA)
    assert found.remedy is not None
    assert "in place of It:" in found.remedy.text


@pytest.mark.parametrize(
    ("name", "is_vendors"), [("abc1-b-self1234", True), ("externalstages/ci1", True), ("operator", False)]
)
def test_the_users_of_snowflake_are_held_by_an_external_id(tmp_path: Path, name: str, is_vendors: bool) -> None:
    """Who is called as Snowflake calls its users has no MFA, and an external id."""
    template = {"Resources": {"Role": role({"AWS": f"arn:aws:iam::999999999999:user/{name}"})}}
    found = one(tmp_path, template, MFA)
    assert found.remedy is not None
    assert bool(found.remedy.edits) is not is_vendors
    assert ("sts:ExternalId" in found.remedy.text) is is_vendors
    assert "ask people" not in found.remedy.text


def test_whoever_passes_session_tags_is_not_asked_for_mfa_by_a_diff() -> None:
    """A role that other accounts may tag the sessions of gets words: programs pass tags, and never carry MFA."""
    for actions, has_edits in ((["sts:AssumeRole", "sts:TagSession"], False), (["sts:AssumeRole"], True)):
        statement = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": actions}
        trust = {"Version": "2012-10-17", "Statement": [statement]}
        role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
        (found,) = trustproof.check([{"Resources": {"Admins": role}}], properties=["mfa-required"], config={}).results
        assert found.remedy is not None
        assert bool(found.remedy.edits) is has_edits


def test_a_user_of_the_template_has_the_name_that_the_template_has(tmp_path: Path) -> None:
    """Who has no name before deployment is called as the template calls it, and by no name that was made up."""
    trust = document(
        {"Effect": "Allow", "Principal": {"AWS": {"Fn::GetAtt": ["It", "Arn"]}}, "Action": "sts:AssumeRole"}
    )
    role_: Json = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"It": {"Type": "AWS::IAM::User"}, "Role": role_, **KEY}}))
    (found,) = trustproof.check([file], properties=[MFA], account=OWN).results
    assert found.message == "user It gets Role without MFA"
    assert found.counterexample is not None
    assert found.counterexample.caller == f"arn:aws:iam::{OWN}:user/It"
    assert not {"It", "It.Arn"} & {*found.counterexample.parameters}


@pytest.mark.parametrize(("attached", "findings"), [(True, 1), (False, 2)])
def test_a_deny_beside_a_policy_of_aws_closes_what_else_a_group_has(
    tmp_path: Path, attached: bool, findings: int
) -> None:
    """A group that has AdministratorAccess and policies of its own is one finding: nobody changes the first."""
    policy = document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    inline = [{"PolicyName": name, "PolicyDocument": policy} for name in ("p", "q")]
    arns = {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]} if attached else {}
    group: Json = {"Type": "AWS::IAM::Group", "Properties": {"Policies": inline, **arns}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"G": group}}))
    report = trustproof.check([file], properties=[SENSITIVE], account=OWN)
    shown = groups(report.results)
    assert sum(1 + len(one.like) for one in shown) == findings
    assert not attached or all("Deny" in str(one.remedy) for one in report.results)


def test_a_name_that_nothing_declares_is_no_parameter() -> None:
    """CloudFormation refuses it, so no value on the command line helps, and none that was made up is shown."""
    people = {"AWS": {"Fn::Sub": "arn:aws:iam::${SourceAccount}:root"}}
    template: Json = {"Parameters": {"SourceAccountId": {"Type": "String"}}, "Resources": {"Role": role(people)}}
    said = [one for one in trustproof.check([template], config={}).results if one.property in (MFA, "inside-boundary")]
    start = "SourceAccount is a name which nothing in the template declares: CloudFormation refuses the template"
    for found in said:
        assert any(line.startswith(start) for line in (*found.why, *found.reasons))
        assert "--parameter" not in str(found)
        assert found.counterexample is None or "SourceAccount" not in found.counterexample.parameters
