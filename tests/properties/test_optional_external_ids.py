"""
An external id that a template asks for only where it is given: the hole is that, and no MFA of a vendor's machines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.output.undeclared_ids import lines
from trustproof.results.groups import groups

Json = dict[str, Any]
OWN, VENDOR = "111122223333", "709999990000"
ASKED: Json = {"StringEquals": {"sts:ExternalId": {"Ref": "Id"}}}
NOTHING: Json = {"Ref": "AWS::NoValue"}
OPTIONAL: Json = {"Fn::If": ["HasId", ASKED, NOTHING]}


def role(principal: object, condition: object = OPTIONAL, default: str | None = "") -> Json:
    """A role that a vendor assumes, with an external id where the template is given one."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", "Condition": condition}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "Parameters": {
            "Id": {"Type": "String", **({} if default is None else {"Default": default})},
            "Who": {"Type": "String", "AllowedPattern": "^arn:aws:iam::[0-9]{12}:user/.+$"},
        },
        "Conditions": {"HasId": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Id"}, ""]}]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}},
    }


def report_of(template: Json, config: Json | None = None) -> trustproof.Report:
    """The report about a template."""
    return trustproof.check([template], config=config or {}, account=OWN)


def headlines(report: trustproof.Report) -> list[trustproof.Result]:
    """What the report says first of each thing that is refuted."""
    return [group.lead for group in groups(report.results) if group.lead.verdict == trustproof.REFUTED]


def notes(report: trustproof.Report) -> list[trustproof.Result]:
    """What is a part of the question whose the accounts are."""
    return [one for group in groups(report.results) if group.lead.property == "inside-boundary" for one in group.also]


@pytest.mark.parametrize(
    ("principal", "whose"),
    [(f"arn:aws:iam::{VENDOR}:root", f"account {VENDOR}"), ({"Ref": "Who"}, "whoever Who names")],
)
def test_the_deployments_without_an_external_id_are_the_finding(principal: object, whose: str) -> None:
    """One finding, which says what is left out; no demand for MFA, which a vendor's machines do not have."""
    (found,) = headlines(report_of(role(principal)))
    assert found.message == f"{whose} gets R without an external id where Id is left out"
    assert found.severity == "error"
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "always ask for sts:ExternalId, without a condition of the template, and give Id no default" in str(
        found.remedy
    )


def test_a_default_that_is_a_pattern_is_to_go() -> None:
    """Nobody has agreed on the default of a parameter: the remedy names it, and makes up no other value."""
    config = {"third-party": [{"name": "vendor", "accounts": [VENDOR]}]}
    anything = {"StringLike": {"sts:ExternalId": {"Ref": "Id"}}}
    (found,) = headlines(report_of(role(f"arn:aws:iam::{VENDOR}:root", anything, "*"), config))
    assert found.remedy is not None
    assert found.remedy.edits == ()
    assert found.remedy.text.endswith("test sts:ExternalId with StringEquals for it, and give Id no default")


def test_such_an_account_is_to_be_declared_as_a_third_party() -> None:
    """The block of what to declare lists it where it lists those that always pass an external id."""
    for condition, default in ((OPTIONAL, ""), (ASKED, None)):
        report = report_of(role(f"arn:aws:iam::{VENDOR}:root", condition, default))
        assert report.sources is not None
        unknown = [one for one in report.results if one.verdict == trustproof.UNKNOWN]
        said = "\n".join(lines(unknown, report.sources))
        assert "[[third-party]]\n" in said
        assert "[boundary]\n" not in said


def test_a_declared_third_party_is_always_to_be_asked() -> None:
    """A condition is there already, so that none is to be added: only the template leaves it out."""
    config = {"third-party": [{"name": "vendor", "accounts": [VENDOR]}]}
    (found,) = headlines(report_of(role(f"arn:aws:iam::{VENDOR}:root"), config))
    assert found.property == "external-id-required"
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "always ask for sts:ExternalId" in found.remedy.text


def test_what_the_remedy_asks_for_is_right() -> None:
    """With the test in every deployment, what is left is a note about whose account it is."""
    report = report_of(role(f"arn:aws:iam::{VENDOR}:root", ASKED, None))
    assert not headlines(report)
    (note,) = notes(report)
    assert note.severity == "note"


def test_nobody_is_made_up_where_a_parameter_names_the_user() -> None:
    """Whom a parameter names is called by the parameter, for the template has no such user."""
    (found,) = notes(report_of(role({"Ref": "Who"}, ASKED, None)))
    assert found.message == "the user that Who names gets R without MFA"


def test_an_own_account_is_asked_for_mfa() -> None:
    """Of people of one's own an external id says nothing."""
    (found,) = headlines(report_of(role(OWN)))
    assert "without MFA" in found.message


#: How a configuration writes a condition that is there only where the external id is given.
DOCUMENT = """
data "aws_iam_policy_document" "t" {{
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "AWS"
      identifiers = [{principal}]
    }}
    dynamic "condition" {{
      for_each = {each}
      content {{
        test     = "StringEquals"
        variable = "sts:ExternalId"
        values   = [{value}]
      }}
    }}
  }}
}}
resource "aws_iam_role" "r" {{ assume_role_policy = data.aws_iam_policy_document.t.json }}
"""
ENCODED = """
resource "aws_iam_role" "r" {{
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ AWS = {principal} }}
      Action    = "sts:AssumeRole"
      Condition = {condition}
    }}]
  }})
}}
"""
ROOT = f'"arn:aws:iam::{VENDOR}:root"'


def configured(directory: Path, default: str, text: str, **parts: str) -> list[trustproof.Result]:
    """What is said first about a configuration with a variable for the external id, and one for the account."""
    variables = f"""
variable "id" {{
  type    = string
  default = {default}
}}
variable "vendor" {{ type = string }}
"""
    (directory / "main.tf").write_text(variables + text.format(**parts), encoding="utf-8")
    return headlines(trustproof.check([str(directory)], account=OWN))


@pytest.mark.parametrize("principal", [ROOT, '"arn:aws:iam::${var.vendor}:root"'])
@pytest.mark.parametrize(
    ("default", "text", "parts"),
    [
        ("null", DOCUMENT, {"each": "var.id == null ? [] : [var.id]", "value": "condition.value"}),
        ('""', DOCUMENT, {"each": 'var.id != "" ? [var.id] : []', "value": "condition.value"}),
        ("null", DOCUMENT, {"each": "var.id == null ? [] : [1]", "value": "var.id"}),
        (
            '""',
            ENCODED,
            {"condition": 'var.id == "" ? {} : { StringEquals = { "sts:ExternalId" = var.id } }'},
        ),
        (
            "null",
            ENCODED,
            {"condition": 'var.id == null ? {} : { StringEquals = { "sts:ExternalId" = var.id } }'},
        ),
    ],
)
def test_a_configuration_that_leaves_the_external_id_out(
    tmp_path: Path, principal: str, default: str, text: str, parts: dict[str, str]
) -> None:
    """The default of a variable that takes the condition away is the finding, in words."""
    (found,) = configured(tmp_path, default, text, principal=principal, **parts)
    assert "gets aws_iam_role.r without an external id where var.id is left out" in found.message
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "give var.id no default" in found.remedy.text


def test_another_variable_with_a_default_is_not_named(tmp_path: Path) -> None:
    """What is left out is the variable that takes the condition away, and not all that have a default."""
    parts = {"each": "var.id == null ? [] : [var.id]", "value": "condition.value", "principal": '"${var.other}"'}
    other = f'variable "other" {{ default = {ROOT} }}\n'
    (found,) = configured(tmp_path, "null", other.replace("{", "{{").replace("}", "}}") + DOCUMENT, **parts)
    assert found.message == f"account {VENDOR} gets aws_iam_role.r without an external id where var.id is left out"


@pytest.mark.parametrize("accounts", [[OWN], [OWN, "444455556666"]])
def test_an_account_that_nobody_knows_yet_is_a_vendors_beside_a_boundary(accounts: list[str]) -> None:
    """Where only whoever deploys knows the account, an external id says a vendor's, though it might be one's own."""
    report = report_of(role({"Ref": "Who"}, ASKED, None), {"boundary": {"accounts": accounts}})
    found = [one for one in report.results if one.property == "mfa-required" and one.verdict == trustproof.REFUTED]
    assert all(one.severity == "note" and one.remedy is not None and not one.remedy.edits for one in found)


def _whole(asking: Json, open_: Json) -> object:
    return {"Fn::If": ["Has", {"Version": "2012-10-17", "Statement": [asking]}, {"Statement": [open_]}]}


def _statements(asking: Json, open_: Json) -> object:
    return {"Version": "2012-10-17", "Statement": {"Fn::If": ["Has", [asking], [open_]]}}


def _one(asking: Json, open_: Json) -> object:
    return {"Version": "2012-10-17", "Statement": [{"Fn::If": ["Has", asking, open_]}]}


@pytest.mark.parametrize("put", [_whole, _statements, _one])
@pytest.mark.parametrize("imported", [False, True])
def test_the_other_branch_asks(put: Any, imported: bool) -> None:
    """Where the whole policy or statement is chosen, and by what nobody knows, no demand for MFA locks a vendor out."""
    opened = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{VENDOR}:root"}, "Action": "sts:AssumeRole"}
    asking = {**opened, "Condition": {"StringEquals": {"sts:ExternalId": "abcdefgh"}}}
    value: Json = {"Fn::ImportValue": "Use"} if imported else {"Ref": "Use"}
    template = {
        "Parameters": {"Use": {"Type": "String", "AllowedValues": ["yes", "no"]}},
        "Conditions": {"Has": {"Fn::Equals": [value, "yes"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": put(asking, opened)}}},
    }
    (found,) = headlines(report_of(template))
    assert found.message == f"account {VENDOR} gets R without an external id"
    assert found.remedy is not None
    assert not found.remedy.edits


def test_another_caller_of_the_other_branch_says_nothing() -> None:
    """An external id that somebody else is asked for makes nobody a vendor."""
    opened = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{VENDOR}:root"}, "Action": "sts:AssumeRole"}
    other = {"AWS": "arn:aws:iam::444455556666:root"}
    asking = {**opened, "Principal": other, "Condition": {"StringEquals": {"sts:ExternalId": "abcdefgh"}}}
    template = {
        "Conditions": {"Has": {"Fn::Equals": [{"Fn::ImportValue": "Use"}, "yes"]}},
        "Resources": {
            "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _statements(asking, opened)}}
        },
    }
    (found,) = headlines(report_of(template))
    assert "without MFA" in found.message


STORED = "{{resolve:ssm:/vendor/id}}"
SECRET = "{{resolve:secretsmanager:vendor:SecretString:id}}"


@pytest.mark.parametrize(
    ("given", "type_", "name"),
    [
        ({"Ref": "Id"}, "AWS::SSM::Parameter::Value<String>", None),
        (STORED, None, None),
        ({"Fn::Sub": f"x-{STORED}"}, None, None),
        (SECRET, None, "secretsmanager:vendor:SecretString:id is empty"),
        ({"Ref": "Id"}, "String", "Id is left out"),
    ],
)
def test_what_stands_in_the_parameter_store_is_never_empty(given: object, type_: str | None, name: str | None) -> None:
    """Systems Manager refuses a value without a character, so that an external id from there is always asked for."""
    asked = {"StringEquals": {"sts:ExternalId": given}}
    template = role(f"arn:aws:iam::{VENDOR}:root", {"Fn::If": ["HasId", asked, NOTHING]}, default=None)
    template["Conditions"]["HasId"] = {"Fn::Not": [{"Fn::Equals": [given, ""]}]}
    if type_ is not None:
        template["Parameters"]["Id"] = {"Type": type_, "Default": "/vendor/id"}
    found = [one for one in headlines(report_of(template)) if "without an external id" in one.message]
    assert bool(found) is (name is not None)
    if name is not None:
        assert found[0].message.endswith(f"where {name}")
