"""
Values that one part of a run keeps in the Parameter Store, in a secret, a state or an output, and a trust policy reads.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
IN_CI = "token.actions.githubusercontent.com"
WILD, NARROW = "*", "repo:acme/app:*"


def trusting(subject: object, operator: str = "StringLike") -> Json:
    """A role for the tokens of a subject."""
    conditions: dict[str, Json] = {"StringEquals": {f"{IN_CI}:aud": "sts.amazonaws.com"}}
    conditions.setdefault(operator, {})[f"{IN_CI}:sub"] = subject
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/{IN_CI}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": conditions,
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}}


def parameter(value: object, name: object = "/ci/subject", **more: object) -> Json:
    """A parameter of the Parameter Store."""
    properties = {"Type": "String", "Value": value, "Name": name}
    return {"Subject": {"Type": "AWS::SSM::Parameter", "Properties": properties, **more}}


def secret(value: str) -> Json:
    """A secret."""
    return {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "ci", "SecretString": value}}}


def verdict(folder: Path, *contents: Mapping[str, object], account: str | None = OWN) -> str:
    """Whether other tenants get into the role, where these templates are given together."""
    for old in folder.iterdir():
        old.unlink()
    for at, content in enumerate(contents):
        name = "child.json" if "Given" in str(content.get("Parameters")) else f"{at}.json"
        (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return answer(folder, account)


def answer(folder: Path, account: str | None = OWN) -> str:
    """What becomes of the role in a directory; a proof is checked again."""
    report = trustproof.check([folder], account=account, config={}, properties=["web-identity-bound"], certify=True)
    assert report.errors == ()
    (found,) = (result for result in report.results if result.logical_id.lower().endswith("role"))
    return found.verdict


FREE: Json = {"Stage": {"Type": "String", "Default": "dev"}, "Free": {"Type": "String"}}
ONE_OF: Json = {"Fn::If": ["Prod", WILD, NARROW]}
PROD: Json = {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
READ = "{{resolve:ssm:/ci/subject}}"


def test_a_parameter_of_the_same_template(tmp_path: Path) -> None:
    """It is read as what the template puts there, where that has a wildcard."""
    assert verdict(tmp_path, {"Resources": {**parameter(WILD), **trusting(READ)}}) == trustproof.REFUTED
    assert verdict(tmp_path, {"Resources": {**parameter(NARROW), **trusting(READ)}}) == trustproof.PROVED
    # Where no wildcards count, it is a text like any other.
    equal = trusting(READ, "StringEquals")
    open_: Json = {"Parameters": FREE, "Conditions": PROD, "Resources": {**parameter(ONE_OF), **equal}}
    assert verdict(tmp_path, open_) == trustproof.PROVED
    # What nobody of the run keeps there is taken for a name.
    assert verdict(tmp_path, {"Resources": {**parameter(WILD, "/other"), **trusting(READ)}}) == trustproof.PROVED


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        (parameter(WILD, {"Fn::Sub": "/${Free}/subject"}), READ),
        (parameter(WILD, {"Fn::Sub": "/${Stage}/subject"}), READ),
        (parameter(WILD), "{{resolve:ssm:/ci/subject:1}}"),
        (parameter(WILD), {"Fn::Sub": "{{resolve:ssm:/${Free}/subject}}"}),
        (parameter(ONE_OF), READ),
        (parameter(WILD, Condition="Prod"), READ),
        (secret(WILD), "{{resolve:secretsmanager:ci}}"),
        (
            {
                "Secret": {
                    "Type": "AWS::SecretsManager::Secret",
                    "Properties": {"Name": "ci", "GenerateSecretString": {"SecretStringTemplate": '{"subject": "*"}'}},
                }
            },
            "{{resolve:secretsmanager:ci:SecretString:subject}}",
        ),
        (secret('{"subject": "*"}'), "{{resolve:secretsmanager:ci:SecretString:subject}}"),
        ({"Secret": {**parameter(WILD)["Subject"]}} | parameter(NARROW), READ),  # type: ignore[dict-item]
        (parameter(f"{NARROW},{WILD}"), {"Ref": "Items"}),
        (parameter(f"{NARROW},{WILD}"), {"Fn::Select": [1, {"Ref": "Items"}]}),
    ],
    ids=str,
)
def test_what_may_be_kept_there(kept: Json, read: object, tmp_path: Path) -> None:
    """Where a name or a value is open it is unknown whether a wildcard is read, in another template as in the same."""
    items = {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/ci/subject"}
    sections: Json = {"Parameters": {**FREE, "Items": items}, "Conditions": PROD}
    assert verdict(tmp_path, {**sections, "Resources": {**kept, **trusting(read)}}) == trustproof.UNKNOWN
    other = {**sections, "Resources": trusting(read)}
    assert verdict(tmp_path, {**sections, "Resources": kept}, other) == trustproof.UNKNOWN


def test_a_parameter_of_another_template(tmp_path: Path) -> None:
    """A template reads what another one keeps by a reference, or by the type of a parameter, also of a nested stack."""
    keeping = {"Resources": parameter(WILD)}
    looked_up: Json = {"Type": "AWS::SSM::Parameter::Value<String>"}
    given = {"Resources": trusting({"Ref": "Given"})}
    by_type = {"Parameters": {"Given": {**looked_up, "Default": "/ci/subject"}}, **given}
    for reading in ({"Resources": trusting(READ)}, by_type):
        assert verdict(tmp_path, keeping, reading) == trustproof.REFUTED
        assert verdict(tmp_path, {"Resources": parameter(NARROW)}, reading) == trustproof.PROVED
    # Any parameter may be given.
    assert verdict(tmp_path, keeping, {"Parameters": {"Given": looked_up}, **given}) == trustproof.UNKNOWN
    for named, expected in (
        ("/ci/subject", trustproof.REFUTED),
        ("/other", trustproof.PROVED),
        ({"Ref": "Free"}, trustproof.UNKNOWN),
    ):
        properties = {"TemplateURL": "child.json", "Parameters": {"Given": named}}
        nesting = {"Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}
        child = {"Parameters": {"Given": {**looked_up, "Default": "/default"}}, **given}
        assert verdict(tmp_path, keeping, {"Parameters": FREE, "Resources": nesting}, child) == expected


def test_what_is_kept_in_the_accounts_of_a_stack_set(tmp_path: Path) -> None:
    """Nobody knows what these accounts keep, but what the StackSet itself puts there."""
    given = {"Given": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/ci/subject"}}
    by_type = {"Parameters": given, "Resources": trusting({"Ref": "Given"})}
    for body, expected in (
        ({"Resources": trusting(READ)}, trustproof.UNKNOWN),
        (by_type, trustproof.UNKNOWN),
        ({"Resources": {**parameter(WILD), **trusting(READ)}}, trustproof.REFUTED),
        # Where no wildcards count, it is a text like any other.
        ({"Resources": trusting(READ, "StringEquals")}, trustproof.PROVED),
    ):
        properties = {"StackSetName": "roles", "PermissionModel": "SELF_MANAGED", "TemplateBody": json.dumps(body)}
        stack_set = {"Roles": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}
        assert verdict(tmp_path, {"Resources": parameter(WILD)}, {"Resources": stack_set}) == expected


def test_an_output_of_a_stack_of_which_nobody_knows_the_name(tmp_path: Path) -> None:
    """It may be that of a template of the run."""
    subject = {"Fn::GetStackOutput": {"StackName": "ci", "OutputName": "Subject"}}
    for value, expected in ((WILD, trustproof.UNKNOWN), ("repo:acme/app:ref:x", trustproof.PROVED)):
        giving = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Subject": {"Value": value}}}
        assert verdict(tmp_path, giving, {"Resources": trusting(subject)}) == expected


ROLE = """
resource "aws_iam_role" "role" {
  name = "ci"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Action    = "sts:AssumeRoleWithWebIdentity"
    Principal = { Federated = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com" }
    Condition = {
      StringEquals = { "token.actions.githubusercontent.com:aud" = "sts.amazonaws.com" }
      StringLike   = { "token.actions.githubusercontent.com:sub" = SUBJECT }
    }
  }] })
}
"""
KEPT = 'resource "aws_ssm_parameter" "kept" {\n  name  = "/ci/subject"\n  type  = "String"\n  value = "VALUE"\n}\n'
BACKEND = '"s3" {\n  bucket = "states"\n  key = "ci"\n}'
WHICH = 'config = { bucket = "states", key = "ci" }'
READS = f'data "terraform_remote_state" "ci" {{\n  backend = "BACKEND"\n  {WHICH}\n  MORE\n}}\n'
OUTPUT = 'output "subject" {\n  value = "VALUE"\n}\n'
OF_STATE = "data.terraform_remote_state.ci.outputs.subject"
SECRET = """
resource "aws_secretsmanager_secret_version" "kept" {
  secret_id     = "ci"
  secret_string = "VALUE"
}
data "aws_secretsmanager_secret_version" "read" {
  secret_id = "ci"
}
"""
BINARY = SECRET.replace('secret_string = "VALUE"', 'secret_binary = base64encode("VALUE")')
OPTIONAL = 'variable "ci" {\n  type = object({ subject = optional(string, "VALUE") })\n}\n'
HANDS_ON = 'data "null_data_source" "ci" {\n  inputs = { subject = "VALUE" }\n}\n'


@pytest.mark.parametrize(
    ("files", "subject", "expected"),
    [
        (
            {"a.tf": KEPT + 'data "aws_ssm_parameter" "read" {\n  name = "/ci/subject"\n}\n'},
            "data.aws_ssm_parameter.read.value",
            trustproof.REFUTED,
        ),
        (
            {
                "ci/a.tf": f"terraform {{\n  backend {BACKEND}\n}}\n{OUTPUT}",
                "a.tf": READS.replace("BACKEND", "s3").replace("MORE", ""),
            },
            OF_STATE,
            trustproof.REFUTED,
        ),
        (
            {"ci/a.tf": OUTPUT, "a.tf": READS.replace("BACKEND", "local").replace("MORE", "")},
            OF_STATE,
            trustproof.UNKNOWN,
        ),
        (
            {"a.tf": READS.replace("BACKEND", "s3").replace("MORE", 'defaults = { subject = "VALUE" }')},
            OF_STATE,
            trustproof.UNKNOWN,
        ),
        ({"a.tf": HANDS_ON}, 'data.null_data_source.ci.outputs["subject"]', trustproof.UNKNOWN),
        ({"a.tf": SECRET}, "data.aws_secretsmanager_secret_version.read.secret_string", trustproof.UNKNOWN),
        ({"a.tf": BINARY}, "data.aws_secretsmanager_secret_version.read.secret_binary", trustproof.UNKNOWN),
        ({"a.tf": OPTIONAL}, "var.ci.subject", trustproof.UNKNOWN),
    ],
    ids=["parameter", "state", "some state", "defaults", "handed on", "secret", "binary secret", "optional"],
)
def test_configurations_of_terraform(files: dict[str, str], subject: str, expected: str, tmp_path: Path) -> None:
    """What a configuration keeps, or a data source hands on, is read as that, or it is unknown."""
    for value, wanted in ((WILD, expected), ("repo:acme/app:ref:x", trustproof.PROVED)):
        written = {name: text.replace("VALUE", value) for name, text in files.items()}
        written["a.tf"] += ROLE.replace("SUBJECT", subject)
        for name, text in written.items():
            file = tmp_path / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert answer(tmp_path) == wanted


#: What a resource keeps, and what reads it.
OBJECT = 'resource "aws_s3_object" "kept" {\n  bucket = "b"\n  key = "k"\n  content = "VALUE"\n}\n'
READ_OBJECT = 'data "aws_s3_object" "read" {\n  bucket = "b"\n  key = "k"\n}\n'


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        (KEPT + 'data "aws_ssm_parameter" "read" {\n  name = "/ci/subject"\n}\n', "data.aws_ssm_parameter.read.value"),
        (SECRET, "data.aws_secretsmanager_secret_version.read.secret_string"),
        (BINARY, "data.aws_secretsmanager_secret_version.read.secret_binary"),
        (READS.replace("BACKEND", "s3").replace("MORE", 'defaults = { subject = "VALUE" }'), OF_STATE),
        (HANDS_ON, 'data.null_data_source.ci.outputs["subject"]'),
        (OBJECT + READ_OBJECT, "data.aws_s3_object.read.body"),
    ],
    ids=["parameter", "secret", "binary secret", "defaults", "handed on", "object"],
)
@pytest.mark.parametrize(
    ("subject", "written"),
    [
        ("jsondecode(READ).a", '{\\"a\\":\\"VALUE\\"}'),
        ("yamldecode(READ).a", 'a: \\"VALUE\\"'),
        ("base64decode(READ)", "CODED"),
        ("jsondecode(base64decode(READ)).a", "CODED OBJECT"),
        ("base64decode(jsondecode(READ).a)", '{\\"a\\":\\"CODED\\"}'),
    ],
)
def test_what_is_kept_in_an_encoding(kept: str, read: str, subject: str, written: str, tmp_path: Path) -> None:
    """A wildcard is one that JSON, YAML or base64 writes in other characters."""
    for value, escaped, expected in (
        (WILD, "\\\\u002a", trustproof.UNKNOWN),
        ("repo:acme/app", "repo:acme/app", trustproof.PROVED),
    ):
        coded = (json.dumps({"a": value}), value)
        in_place = {name: base64.b64encode(one.encode()).decode() for name, one in zip(CODES, coded, strict=True)}
        text = written.replace("VALUE", escaped)
        for name, one in in_place.items():
            text = text.replace(name, one)
        assert terraform(tmp_path, subject.replace("READ", read), kept.replace("VALUE", text)) == expected


CODES = ("CODED OBJECT", "CODED")


def test_what_an_object_is_made_of(tmp_path: Path) -> None:
    """It may be given in base64, or as a file that nobody has looked into."""
    for content, expected in (
        ('content_base64 = base64encode("*")', trustproof.UNKNOWN),
        ('content_base64 = base64encode("repo:acme/app")', trustproof.PROVED),
        ('source = "subject.txt"', trustproof.UNKNOWN),
    ):
        made = OBJECT.replace('content = "VALUE"', content)
        assert terraform(tmp_path, "data.aws_s3_object.read.body", made, READ_OBJECT) == expected


def test_a_file_of_which_nobody_knows_the_name(tmp_path: Path) -> None:
    """Nobody knows what is in it."""
    subject = 'yamldecode(file("${path.module}/${var.stage}.yaml")).subject'
    text = 'variable "stage" {}\n' + ROLE.replace("SUBJECT", subject)
    (tmp_path / "a.tf").write_text(text, encoding="utf-8")
    assert answer(tmp_path) == trustproof.UNKNOWN


def test_an_export_that_terraform_reads(tmp_path: Path) -> None:
    """What a template of the run exports with a wildcard is no name where a data source reads it."""
    export = {"Value": WILD, "Export": {"Name": "subject"}}
    giving = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Subject": export}}
    (tmp_path / "giving.json").write_text(json.dumps(giving), encoding="utf-8")
    reads = 'data "aws_cloudformation_export" "ci" {\n  name = "NAME"\n}\n'
    for name, expected in (("subject", trustproof.UNKNOWN), ("other", trustproof.PROVED)):
        text = reads.replace("NAME", name) + ROLE.replace("SUBJECT", "data.aws_cloudformation_export.ci.value")
        (tmp_path / "a.tf").write_text(text, encoding="utf-8")
        assert answer(tmp_path) == expected


def test_an_output_that_terraform_reads(tmp_path: Path) -> None:
    """What a stack of the run gives with a wildcard is no name, whoever makes the stack."""
    body = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"Subject": {"Value": WILD}}}
    (tmp_path / "giving.json").write_text(json.dumps(body), encoding="utf-8")
    reads = 'data "aws_cloudformation_stack" "ci" {\n  name = "ci"\n}\n'
    for output, expected in (("Subject", trustproof.UNKNOWN), ("Other", trustproof.PROVED)):
        text = reads + ROLE.replace("SUBJECT", f'data.aws_cloudformation_stack.ci.outputs["{output}"]')
        (tmp_path / "a.tf").write_text(text, encoding="utf-8")
        assert answer(tmp_path) == expected
    (tmp_path / "giving.json").unlink()
    makes = 'resource "aws_cloudformation_stack" "ci" {\n  name = "ci"\n  template_body = jsonencode(BODY)\n}\n'
    for value, expected in ((WILD, trustproof.UNKNOWN), ("repo:acme/app:ref:x", trustproof.PROVED)):
        made = makes.replace("BODY", json.dumps(body | {"Outputs": {"Subject": {"Value": value}}}))
        for more, address in (("", "aws_cloudformation_stack.ci"), (reads, "data.aws_cloudformation_stack.ci")):
            text = made + more + ROLE.replace("SUBJECT", f"{address}.outputs.Subject")
            (tmp_path / "a.tf").write_text(text, encoding="utf-8")
            assert answer(tmp_path) == expected


def test_a_value_that_terraform_leaves_as_it_is(tmp_path: Path) -> None:
    """Whoever sets a parameter that ignore_changes keeps may write a wildcard, whatever stands in the configuration."""
    left = KEPT.replace("VALUE", "repo:acme/app:ref:x")[:-2] + "  lifecycle {\n    ignore_changes = [value]\n  }\n}\n"
    reads = left + 'data "aws_ssm_parameter" "read" {\n  name = "/ci/subject"\n}\n'
    for made, subject in ((left, "aws_ssm_parameter.kept.value"), (reads, "data.aws_ssm_parameter.read.value")):
        (tmp_path / "a.tf").write_text(made + ROLE.replace("SUBJECT", subject), encoding="utf-8")
        assert answer(tmp_path) == trustproof.UNKNOWN
        equal = ROLE.replace("SUBJECT", subject).replace("StringLike  ", "StringEquals")
        (tmp_path / "a.tf").write_text(made + equal.replace("StringEquals =", "StringEqualsIgnoreCase =", 1), "utf-8")
        assert answer(tmp_path) == trustproof.PROVED


def terraform(folder: Path, subject: str, *texts: str, **files: str) -> str:
    """Whether other tenants get into the role of a configuration, with further files beside it."""
    (folder / "a.tf").write_text("".join(texts) + ROLE.replace("SUBJECT", subject), encoding="utf-8")
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_json", ".json").replace("_tf", ".tf")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return answer(folder)


@pytest.mark.parametrize(
    ("type_", "arguments", "expected"),
    [
        ("random_string", "length = 8", trustproof.UNKNOWN),
        ("random_password", "length = 8", trustproof.UNKNOWN),
        ("random_string", "length = 8\n  special = false", trustproof.PROVED),
        ("random_string", "length = 8\n  special = var.special", trustproof.UNKNOWN),
        ("random_string", 'length = 8\n  override_special = "-_"', trustproof.PROVED),
        ("random_string", 'length = 8\n  override_special = "-*"', trustproof.UNKNOWN),
        ("random_string", "length = 8\n  special = false\n  min_special = 1", trustproof.UNKNOWN),
        ("random_id", "byte_length = 8", trustproof.PROVED),
        ("random_id", 'byte_length = 8\n  prefix = "*"', trustproof.UNKNOWN),
        ("random_pet", "", trustproof.PROVED),
        ("random_pet", 'separator = "?"', trustproof.UNKNOWN),
    ],
)
def test_a_text_that_a_provider_makes_up(type_: str, arguments: str, expected: str, tmp_path: Path) -> None:
    """It may have a wildcard where the provider takes special characters, as by default."""
    made = f'variable "special" {{}}\nresource "{type_}" "made" {{\n  {arguments}\n}}\n'
    attribute = {"random_id": "hex", "random_pet": "id"}.get(type_, "result")
    assert terraform(tmp_path, f'"repo:${{{type_}.made.{attribute}}}/app:*"', made) == expected
    asked = 'data "aws_secretsmanager_random_password" "made" {\n  exclude_punctuation = TRUE\n}\n'
    for said, wanted in (("true", trustproof.PROVED), ("false", trustproof.UNKNOWN)):
        subject = "data.aws_secretsmanager_random_password.made.random_password"
        assert terraform(tmp_path, subject, asked.replace("TRUE", said)) == wanted


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, trustproof.UNKNOWN),
        ({"ExcludePunctuation": True}, trustproof.PROVED),
        ({"ExcludeCharacters": '"@/\\*?'}, trustproof.PROVED),
        ({"ExcludeCharacters": "*"}, trustproof.UNKNOWN),
    ],
    ids=str,
)
def test_a_secret_that_is_made_up(more: Json, expected: str, tmp_path: Path) -> None:
    """Secrets Manager takes punctuation, unless that is left out."""
    made = {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "ci", "GenerateSecretString": more}}
    reading = trusting("{{resolve:secretsmanager:ci}}")
    assert verdict(tmp_path, {"Resources": {"Secret": made, **reading}}) == expected


ONCE = 'ephemeral "random_password" "made" {\n  length = 8\n}\n'
ASKED = 'ephemeral "aws_secretsmanager_random_password" "made" {}\n'
GIVEN = 'variable "subject" {\n  ephemeral = true\n  default   = "DEFAULT"\n}\n'


@pytest.mark.parametrize(
    ("made", "value", "expected"),
    [
        (ONCE, "ephemeral.random_password.made.result", trustproof.UNKNOWN),
        (ONCE, '"repo:${ephemeral.random_password.made.result}/app:*"', trustproof.UNKNOWN),
        (ASKED, "ephemeral.aws_secretsmanager_random_password.made.random_password", trustproof.UNKNOWN),
        (GIVEN.replace("DEFAULT", WILD), "var.subject", trustproof.UNKNOWN),
        (GIVEN.replace("DEFAULT", "repo:acme/app:ref:main"), "var.subject", trustproof.PROVED),
        (GIVEN.replace('  default   = "DEFAULT"\n', ""), "var.subject", trustproof.PROVED),
        ('ephemeral "vault_kv_secret_v2" "made" {}\n', "ephemeral.vault_kv_secret_v2.made.data", trustproof.PROVED),
    ],
)
def test_what_no_state_has_is_kept(made: str, value: str, expected: str, tmp_path: Path) -> None:
    """An argument that is only written takes what is made up each time, and a variable that is ephemeral."""
    kept = {
        "aws_secretsmanager_secret_version": ('secret_id = "ci"', "secret_string", "secret_string_wo"),
        "aws_ssm_parameter": ('name = "/ci/subject"\n  type = "SecureString"', "value", "value_wo"),
    }
    for type_, (which, read, argument) in kept.items():
        body = f"{which}\n  {argument} = {value}\n  {argument}_version = 1"
        reading = f'data "{type_}" "read" {{\n  {which.splitlines()[0]}\n}}\n'
        text = f'{made}resource "{type_}" "kept" {{\n  {body}\n}}\n{reading}'
        assert terraform(tmp_path, f"data.{type_}.read.{read}", text) == expected, type_


@pytest.mark.parametrize("encode", ["jsonencode", "yamlencode"])
def test_an_output_of_a_template_that_a_function_writes(encode: str, tmp_path: Path) -> None:
    """What stands in a text of YAML is looked at, however long it is."""
    for value, expected in ((WILD, trustproof.UNKNOWN), ("repo:acme/app:ref:main", trustproof.PROVED)):
        topic = '{ Type = "AWS::SNS::Topic", Properties = { DisplayName = "of the pipelines that deploy" } }'
        template = f'{{ Resources = {{ Topic = {topic} }}, Outputs = {{ Subject = {{ Value = "{value}" }} }} }}'
        made = f'resource "aws_cloudformation_stack" "s" {{\n  name = "s"\n  template_body = {encode}({template})\n}}\n'
        read = 'data "aws_cloudformation_stack" "d" {\n  name = "s"\n}\n'
        for subject in ("aws_cloudformation_stack.s", "data.aws_cloudformation_stack.d"):
            assert terraform(tmp_path, f'{subject}.outputs["Subject"]', made, read) == expected
        by_cloud_control = made.replace('"aws_', '"awscc_').replace("  name", "  stack_name")
        subject = 'data.aws_cloudformation_stack.d.outputs["Subject"]'
        assert terraform(tmp_path, subject, by_cloud_control, read) == expected


READ_PARAMETER = 'data "aws_ssm_parameter" "read" {\n  name = "/ci/subject"\n}\n'
IN_STACK = """
resource "aws_cloudformation_stack" "ci" {
  name          = "ci"
  template_body = jsonencode(BODY)
}
"""


@pytest.mark.parametrize(
    "kept",
    [
        KEPT.replace('value = "', 'value_wo = "'),
        KEPT.replace('value = "', 'insecure_value = "'),
        KEPT.replace("aws_ssm", "awscc_ssm"),
        IN_STACK.replace("BODY", json.dumps({"Resources": parameter("VALUE")})),
    ],
    ids=["written only", "not encrypted", "cloud control", "stack"],
)
def test_a_parameter_that_terraform_keeps(kept: str, tmp_path: Path) -> None:
    """Whatever puts it there, it is read as that, or unknown, by a data source and by a template beside it."""
    reading = json.dumps({"Resources": trusting(READ)})
    for value, is_proved in ((WILD, False), ("repo:acme/app:ref:x", True)):
        made = kept.replace("VALUE", value)
        found = terraform(tmp_path, "data.aws_ssm_parameter.read.value", made, READ_PARAMETER)
        assert (found == trustproof.PROVED) == is_proved
        (tmp_path / "a.tf").write_text(made, encoding="utf-8")
        (tmp_path / "b.json").write_text(reading, encoding="utf-8")
        assert (answer(tmp_path) == trustproof.PROVED) == is_proved
        (tmp_path / "b.json").unlink()


def test_a_secret_that_terraform_keeps(tmp_path: Path) -> None:
    """A template that reads it is not proved where it has a wildcard."""
    kept = SECRET[: SECRET.index("data ")]
    reading = {"Resources": trusting("{{resolve:secretsmanager:ci:SecretString:subject}}")}
    (tmp_path / "b.json").write_text(json.dumps(reading), encoding="utf-8")
    for text in (kept, kept.replace("secret_string", "secret_string_wo")):
        for value, expected in (
            ('{\\"subject\\":\\"*\\"}', trustproof.UNKNOWN),
            ('{\\"subject\\":\\"\\\\u002a\\"}', trustproof.UNKNOWN),
            ("repo:acme/app", trustproof.PROVED),
        ):
            (tmp_path / "a.tf").write_text(text.replace("VALUE", value), encoding="utf-8")
            assert answer(tmp_path) == expected


def test_an_export_of_a_stack_that_terraform_makes(tmp_path: Path) -> None:
    """It is no name where it has a wildcard, for a data source of any configuration and for a template."""
    reads = 'data "aws_cloudformation_export" "ci" {\n  name = "NAME"\n}\n'
    subject = "data.aws_cloudformation_export.ci.value"
    for value, name, expected in (
        (WILD, "subject", trustproof.UNKNOWN),
        (WILD, "other", trustproof.PROVED),
        ("repo:acme/app:ref:x", "subject", trustproof.PROVED),
    ):
        outputs = {"Subject": {"Value": value, "Export": {"Name": "subject"}}}
        made = IN_STACK.replace(
            "BODY", json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs})
        )
        asks = reads.replace("NAME", name)
        assert terraform(tmp_path, subject, made, asks) == expected
        assert terraform(tmp_path, subject, asks, makes__a_tf=made) == expected
        (tmp_path / "a.tf").unlink()
        imports = {"Resources": trusting({"Fn::ImportValue": name})}
        (tmp_path / "b.json").write_text(json.dumps(imports), encoding="utf-8")
        assert answer(tmp_path) == expected
        (tmp_path / "b.json").unlink()
        (tmp_path / "makes" / "a.tf").unlink()


def test_a_state_beside_what_reads_it(tmp_path: Path) -> None:
    """Its outputs and parameters are what is read, in either form of a state."""
    aws = "registry.terraform.io/hashicorp/aws"
    attributes = {"name": "/ci/subject", "type": "String", "value": "VALUE"}
    outputs = {"subject": {"value": "VALUE", "type": "string"}}
    kept = {"mode": "managed", "type": "aws_ssm_parameter", "name": "kept"}
    instances = [{"schema_version": 0, "attributes": attributes}]
    raw = {
        "version": 4,
        "terraform_version": "1.9.0",
        "outputs": outputs,
        "resources": [{**kept, "provider": f'provider["{aws}"]', "instances": instances}],
    }
    shown = {**kept, "address": "aws_ssm_parameter.kept", "provider_name": aws, "values": attributes}
    values = {"outputs": outputs, "root_module": {"resources": [shown]}}
    state = {"format_version": "1.0", "terraform_version": "1.9.0", "values": values}
    of_workspace = 'data "tfe_outputs" "ci" {\n  organization = "acme"\n  workspace    = "ci"\n}\n'
    reading = (
        (OF_STATE, READS.replace("BACKEND", "s3").replace("MORE", "")),
        ("data.aws_ssm_parameter.read.value", READ_PARAMETER),
        ("data.tfe_outputs.ci.values.subject", of_workspace),
        ("data.tfe_outputs.ci.nonsensitive_values.subject", of_workspace),
    )
    for form in (raw, state):
        for value, expected in ((WILD, trustproof.UNKNOWN), ("repo:acme/app:ref:x", trustproof.PROVED)):
            text = json.dumps(form).replace("VALUE", value)
            for subject, reads in reading:
                assert terraform(tmp_path, subject, reads, ci__state_json=text) == expected


def test_the_outputs_of_a_workspace(tmp_path: Path) -> None:
    """They are those of the configuration that is kept in it, or in nobody knows which."""
    cloud = 'terraform {\n  cloud {\n    organization = "acme"\n    workspaces {\n      name = "ci"\n    }\n  }\n}\n'
    reads = 'data "tfe_outputs" "ci" {\n  organization = "acme"\n  workspace    = "WORKSPACE"\n}\n'
    keeps = OUTPUT.replace("VALUE", WILD)
    for backend, workspace, expected in (
        (cloud, "ci", trustproof.UNKNOWN),
        (cloud, "other", trustproof.PROVED),
        ("", "other", trustproof.UNKNOWN),
    ):
        asks = reads.replace("WORKSPACE", workspace)
        subject = "data.tfe_outputs.ci.values.subject"
        assert terraform(tmp_path, subject, asks, ci__a_tf=backend + keeps) == expected
