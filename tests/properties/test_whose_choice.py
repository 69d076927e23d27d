"""
What a parameter decides is the choice of whoever deploys the template; and what nobody knows is in no remedy.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import Report, Result
from trustproof.output.style import Style
from trustproof.output.text import render as render_text

Json = dict[str, object]
OWN_ROOT = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}


def statement(principal: object, action: object, resource: object = None, **more: object) -> Json:
    """An Allow statement."""
    about = {} if resource is None else {"Resource": resource}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **about, **more}


def document(*statements: Json) -> Json:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(*statements: Json, **more: object) -> Json:
    """A role."""
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document(*statements), **more}}


def topic(*statements: Json) -> Json:
    """The policy of a topic."""
    return {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["t"], "PolicyDocument": document(*statements)}}


def check(tmp_path: Path, resources: Json, *, parameters: Json | None = None, config: Json | None = None) -> Report:
    """Every answer about a template whose account is not known."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Parameters": parameters or {}, "Resources": resources}))
    return trustproof.check([file], config=config)


def refuted(report: Report, ident: str) -> Result:
    """The refutation of a property."""
    (found,) = (r for r in report.results if (r.property, r.verdict) == (ident, "refuted"))
    return found


def test_a_list_of_principals_is_a_choice(tmp_path: Path) -> None:
    """Where a parameter lists everybody beside somebody, it is a warning that names the parameter."""
    listed = {"Who": {"Type": "String", "AllowedValues": ["111122223333", "*"], "Default": "111122223333"}}
    resources: Json = {"P": topic(statement({"AWS": {"Ref": "Who"}}, "sns:Publish", "*"))}
    found = refuted(check(tmp_path, resources, parameters=listed), "inside-boundary")
    assert found.severity == "warning"
    assert found.why[0] == "this is taken to be meant where Who is *"
    strict: Json = {"properties": {"inside-boundary": {"severity": "error"}}}
    assert refuted(check(tmp_path, resources, parameters=listed, config=strict), "inside-boundary").severity == "error"


def test_what_is_added_stands_in_the_place_of_nothing(tmp_path: Path) -> None:
    """A list with a statement for everybody is no choice where the other list only leaves it out."""
    closed = statement({"AWS": OWN_ROOT}, "sns:Publish", "*")
    lists = [[closed, statement("*", "sns:Publish", "*")], [closed]]
    named = {"V0": {"Type": "String", "AllowedValues": ["true", "false"]}}
    conditions = {"On": {"Fn::Equals": [{"Ref": "V0"}, "true"]}}
    for severity, (then, otherwise) in {"error": lists, "warning": [lists[0][1:], lists[1]]}.items():
        policy = {"Version": "2012-10-17", "Statement": {"Fn::If": ["On", then, otherwise]}}
        properties = {"Topics": ["t"], "PolicyDocument": policy}
        template = {"Parameters": named, "Conditions": conditions}
        resources = {"P": {"Type": "AWS::SNS::TopicPolicy", "Properties": properties}}
        (tmp_path / "t.json").write_text(json.dumps({**template, "Resources": resources}))
        report = trustproof.check([tmp_path / "t.json"])
        assert refuted(report, "inside-boundary").severity == severity


def test_everybody_at_each_value_is_no_choice(tmp_path: Path) -> None:
    """A parameter that changes nothing of it is no switch."""
    listed = {"Who": {"Type": "String", "AllowedValues": ["111122223333", "444455556666"], "Default": "111122223333"}}
    resources: Json = {"P": topic(statement({"AWS": ["*", {"Ref": "Who"}]}, "sns:Publish", "*"))}
    assert refuted(check(tmp_path, resources, parameters=listed), "inside-boundary").severity == "error"


OPEN, OWN = statement("*", "sns:Publish", "*"), statement({"AWS": OWN_ROOT}, "sns:Publish", "*")


SECURE: Json = {"Bool": {"aws:SecureTransport": "true"}}


@pytest.mark.parametrize("default", ["on", "off"])
@pytest.mark.parametrize(
    ("name", "other", "severities"),
    [
        ("Access", OWN, {"warning"}),
        ("PublicAccess", {"Ref": "AWS::NoValue"}, {"warning"}),
        ("Notifications", {"Ref": "AWS::NoValue"}, {"error"}),
        ("Access", OPEN, {"error"}),
        ("Access", {**OPEN, "Condition": SECURE}, {"error"}),
    ],
)
def test_what_a_condition_opens_is_a_choice(
    tmp_path: Path, default: str, name: str, other: Json, severities: set[str]
) -> None:
    """So it is whatever is the default; where both forms of a statement let in everybody, nobody chooses."""
    file = tmp_path / "t.json"
    template: Json = {
        "Parameters": {name: {"Type": "String", "AllowedValues": ["on", "off"], "Default": default}},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": name}, "on"]}},
        "Resources": {"P": topic(OWN, {"Fn::If": ["On", OPEN, other]})},
    }
    file.write_text(json.dumps(template))
    found = [r for r in trustproof.check([file]).results if (r.property, r.verdict) == ("inside-boundary", "refuted")]
    assert {one.severity for one in found} == severities
    for one in found:
        assert any(f"{name} is on" in why for why in one.why) is (one.severity == "warning")


@pytest.mark.parametrize(
    ("name", "condition", "default", "severity"),
    [
        ("CreatePolicy", "Create", "yes", "error"),
        ("CreatePolicy", "Create", "no", "error"),
        ("CreatePolicy", "IsPublic", "no", "warning"),
        ("PublicTopic", "Create", "no", "warning"),
        ("PublicTopic", "Create", "yes", "warning"),
    ],
)
def test_that_a_policy_is_made_is_no_choice(
    tmp_path: Path, name: str, condition: str, default: str, severity: str
) -> None:
    """A parameter that decides whether there is a policy says nothing of who it is for, unless by what it is called."""
    policy = topic(OPEN)
    policy["Condition"] = condition
    file = tmp_path / "t.json"
    template: Json = {
        "Parameters": {name: {"Type": "String", "AllowedValues": ["yes", "no"], "Default": default}},
        "Conditions": {condition: {"Fn::Equals": [{"Ref": name}, "yes"]}},
        "Resources": {"P": policy},
    }
    file.write_text(json.dumps(template))
    assert refuted(trustproof.check([file]), "inside-boundary").severity == severity


@pytest.mark.parametrize("default", ["true", "false"])
def test_whether_a_service_says_for_whom_it_calls_is_a_choice(tmp_path: Path, default: str) -> None:
    """As whether a role asks for MFA is: a warning that names the parameter, whatever is its default."""
    tested = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    condition = {"Fn::If": ["Restrict", tested, {"Ref": "AWS::NoValue"}]}
    allowed = statement({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish", "*", Condition=condition)
    file = tmp_path / "t.json"
    template: Json = {
        "Parameters": {"Only": {"Type": "String", "AllowedValues": ["true", "false"], "Default": default}},
        "Conditions": {"Restrict": {"Fn::Equals": [{"Ref": "Only"}, "true"]}},
        "Resources": {"P": topic(allowed)},
    }
    file.write_text(json.dumps(template))
    found = refuted(trustproof.check([file]), "no-confused-deputy")
    assert (found.severity, found.why[0]) == ("warning", "this is taken to be meant where Only is false")
    assert found.remedy is not None
    assert (found.remedy.edits, "--parameter Only=true" in found.remedy.text) == ((), True)


def test_an_organization_that_a_parameter_gives_is_called_by_it(tmp_path: Path) -> None:
    """No headline has the id that was made up for it."""
    condition = {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Org"}}}
    resources: Json = {"R": role(statement({"AWS": "*"}, "sts:AssumeRole", Condition=condition))}
    found = refuted(check(tmp_path, resources, parameters={"Org": {"Type": "String"}}), "mfa-required")
    assert found.message.startswith("a user of any account of the organization that Org gives who may call ")


#: A topic that a variable called NAME opens: the policy as a whole, one of two principals, a statement after another.
BY_COUNT = """
resource "aws_sns_topic_policy" "p" {
  count  = var.NAME ? 1 : 0
  arn    = "arn:aws:sns:eu-west-1:111122223333:t"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Principal = "*", Action = "sns:Publish", Resource = "*" }
  ] })
}
"""
BY_PRINCIPAL = """
resource "aws_sns_topic_policy" "p" {
  arn    = "arn:aws:sns:eu-west-1:111122223333:t"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = var.NAME ? "*" : { AWS = "111122223333" }, Action = "sns:Publish", Resource = "*"
  }] })
}
"""
BY_STATEMENT = """
variable "others" {
  type    = bool
  default = false
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = var.others ? [1] : []
    content {
      actions   = ["sns:Subscribe"]
      resources = ["*"]
      principals {
        type        = "AWS"
        identifiers = ["111122223333"]
      }
    }
  }
  dynamic "statement" {
    for_each = var.NAME ? [1] : []
    content {
      actions   = ["sns:Publish"]
      resources = ["*"]
      principals {
        type        = "*"
        identifiers = ["*"]
      }
    }
  }
}
resource "aws_sns_topic_policy" "p" {
  arn    = "arn:aws:sns:eu-west-1:111122223333:t"
  policy = data.aws_iam_policy_document.d.json
}
"""

#: It decides what the statement is about only.
BY_RESOURCE = """
variable "other" { default = null }
data "aws_sns_topic" "other" {
  count = var.NAME == false && var.other == null ? 1 : 0
  name  = "other"
}
resource "aws_sns_topic" "t" {
  count = var.NAME ? 1 : 0
  name  = "t"
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["sns:Publish"]
    resources = [try(aws_sns_topic.t[0].arn, data.aws_sns_topic.other[0].arn, var.other)]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
resource "aws_sns_topic_policy" "p" {
  arn    = try(aws_sns_topic.t[0].arn, data.aws_sns_topic.other[0].arn, var.other)
  policy = data.aws_iam_policy_document.d.json
}
"""


@pytest.mark.parametrize(
    ("form", "name", "severity"),
    [
        (BY_COUNT, "public_read", "warning"),
        (BY_COUNT, "create", "error"),
        (BY_PRINCIPAL, "public_read", "warning"),
        (BY_PRINCIPAL, "shared", "warning"),
        (BY_PRINCIPAL.replace('AWS = "111122223333"', 'AWS = "999988887777"'), "public_read", "warning"),
        (BY_STATEMENT, "public_read", "warning"),
        (BY_STATEMENT, "notify", "error"),
        (BY_RESOURCE, "verify", "error"),
    ],
)
def test_what_a_variable_opens_by_default_is_a_choice(tmp_path: Path, form: str, name: str, severity: str) -> None:
    """A variable of Terraform is named as a parameter of a template is, and is as little or as much of a choice."""
    switch = f'variable "{name}" {{\n  type    = bool\n  default = true\n}}\n'
    (tmp_path / "main.tf").write_text(switch + form.replace("NAME", name))
    found = refuted(trustproof.check([tmp_path]), "inside-boundary")
    assert found.severity == severity
    assert (f"this is taken to be meant where var.{name} is true" in found.why) is (severity == "warning")


def test_a_date_that_is_past_by_default_is_a_choice(tmp_path: Path) -> None:
    """A date of 1900 by default says that the statement is off, and the parameter is named."""
    until = {"Until": {"Type": "String", "Default": "1900-01-01T00:00:00Z"}}
    for value, is_default in (({"Ref": "Until"}, True), ("1900-01-01T00:00:00Z", False)):
        ends = {"DateLessThan": {"aws:CurrentTime": value}}
        resources: Json = {"R": role(statement({"AWS": "111122223333"}, "sts:AssumeRole", Condition=ends))}
        found = refuted(check(tmp_path, resources, parameters=until), "statement-usable")
        assert found.severity == "warning"
        meant = [why for why in found.why if "Until is 1900-01-01T00:00:00Z" in why]
        assert len(meant) == int(is_default)


def test_no_account_that_was_made_up_is_in_a_remedy(tmp_path: Path) -> None:
    """A diff says what the template calls its own account."""
    budgets: Json = {"P": topic(statement({"Service": "budgets.amazonaws.com"}, "sns:Publish", "*"))}
    found = refuted(check(tmp_path, budgets), "no-confused-deputy")
    assert found.remedy is not None
    assert found.remedy.diff == ('+ "Condition": {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}',)
    own: Json = {"R": role(statement({"AWS": OWN_ROOT, "Service": "ec2.amazonaws.com"}, "sts:AssumeRole"))}
    found = refuted(check(tmp_path, own), "mfa-required")
    assert found.remedy is not None
    assert "111122223333" not in str(found.remedy)
    assert "${AWS::AccountId}" in found.remedy.text


def test_no_function_is_in_the_remedy_of_a_policy_file(tmp_path: Path) -> None:
    """A policy in a file of its own can say what an account is, and refer to nothing."""
    file = tmp_path / "queue.json"
    file.write_text(json.dumps(document(statement({"Service": "sns.amazonaws.com"}, "sqs:SendMessage", "*"))))
    remedy = refuted(trustproof.check([file], config={}), "no-confused-deputy").remedy
    assert remedy is not None
    assert remedy.diff == ()
    assert remedy.text == "say for whom the service may call, with aws:SourceArn (give --account ID for what to write)"
    remedy = refuted(trustproof.check([file], config={}, account="111122223333"), "no-confused-deputy").remedy
    assert remedy is not None
    assert remedy.diff == ('+ "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}',)


def test_the_neighbours_say_for_whom(tmp_path: Path) -> None:
    """
    A bound for a service is taken from another policy of the template where there is one; an organization is not,
    unless the configuration declares it: it may be somebody else's.
    """
    bound = {"StringEquals": {"aws:SourceOrgID": {"Ref": "Org"}}}
    service = {"Service": "s3.amazonaws.com"}
    resources: Json = {
        "Bounded": topic(statement(service, "sns:Publish", "*", Condition=bound)),
        "Open": topic(statement(service, "sns:Publish", "*")),
        "World": topic(statement("*", "sns:Publish", "*")),
    }
    report = check(tmp_path, resources, parameters={"Org": {"Type": "String"}})
    deputy = refuted(report, "no-confused-deputy").remedy
    world = refuted(report, "inside-boundary").remedy
    assert deputy is not None
    assert world is not None
    assert deputy.diff == ('+ "Condition": {"StringEquals": {"aws:SourceOrgID": {"Ref": "Org"}}}',)
    assert world.diff == ()


@pytest.mark.parametrize("block", [{}, {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}], ids=str)
def test_browsers_are_of_no_organization(tmp_path: Path, block: Json) -> None:
    """Whoever reads a bucket without credentials is not to be told apart by an organization: there is no diff."""
    resources: Json = {
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"PublicAccessBlockConfiguration": block}},
        "P": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "B"},
                "PolicyDocument": document(
                    statement(
                        "*", "s3:GetObject", "*", Condition={"StringLike": {"aws:Referer": "https://example.com/*"}}
                    )
                ),
            },
        },
    }
    found = refuted(check(tmp_path, resources), "inside-boundary")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert found.remedy.text.startswith("a Referer is whatever the caller writes: let browsers read through CloudFront")


@pytest.mark.parametrize(("external_id", "verdict"), [({}, "refuted"), ({"sts:ExternalId": "ours"}, "proved")])
def test_a_vendor_that_is_publicly_known(tmp_path: Path, external_id: Json, verdict: str) -> None:
    """A known vendor is asked for an external id and not for MFA; the report says whose the account is."""
    conditions: Json = {"Condition": {"StringEquals": external_id}} if external_id else {}
    resources: Json = {"R": role(statement({"AWS": "464622532012"}, "sts:AssumeRole", **conditions))}
    report = check(tmp_path, resources)
    verdicts = {r.property: r.verdict for r in report.results}
    assert verdicts["external-id-required"] == verdict
    assert verdicts["mfa-required"] == "proved"
    text = render_text(report, Style(coloured=False))
    assert "account 464622532012 (Datadog): " in text
    assert 'name = "Datadog"' in text


def test_stack_sets_are_not_kept_out(tmp_path: Path) -> None:
    """The role that StackSets assumes is assumed by a role, which never carries MFA."""
    resources: Json = {
        "AWSCloudFormationStackSetExecutionRole": role(statement({"AWS": "111122223333"}, "sts:AssumeRole"))
    }
    found = refuted(check(tmp_path, resources), "mfa-required")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "AWSCloudFormationStackSetAdministrationRole" in found.remedy.text


def test_a_role_of_another_template_is_not_kept_out(tmp_path: Path) -> None:
    """Whom another template sends to a role is named in place of the account."""
    sends = {
        "PolicyName": "p",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Resource": "arn:aws:iam::111122223333:role/admins",
            },
        },
    }
    templates: dict[str, Json] = {
        "a.json": {"Target": role(statement({"AWS": OWN_ROOT}, "sts:AssumeRole"), RoleName="admins")},
        "b.json": {
            "Pipeline": role(statement({"Service": "codebuild.amazonaws.com"}, "sts:AssumeRole"), Policies=[sends])
        },
    }
    for name, resources in templates.items():
        (tmp_path / name).write_text(json.dumps({"Resources": resources}))
    files = [str(tmp_path / name) for name in templates]
    found = refuted(trustproof.check(files, account="111122223333"), "mfa-required")
    assert found.remedy is not None
    assert not found.remedy.edits
    assert found.remedy.text == f"name Pipeline of {files[1]} as principal in place of the account, by its ARN"
    alone = refuted(trustproof.check(files[:1], account="111122223333"), "mfa-required")
    assert alone.remedy is not None
    assert alone.remedy.edits
    assert alone.remedy.text.endswith("so name such a role instead")


@pytest.mark.parametrize(
    ("principal", "why"),
    [
        ({"AWS": "arn:aws:iam::999999999:role/somebody"}, "an account id has 12 digits, and 999999999 has 9"),
        ({"AWS": "arn:aws:iam::root"}, "this is no ARN of a principal, as arn:aws:iam::"),
        ({"Federated": "arn:aws:iam::999999999:saml-provider/AD"}, "an account id has 12 digits, and 999999999 has 9"),
    ],
)
def test_what_names_no_principal_is_said(tmp_path: Path, principal: Json, why: str) -> None:
    """A wrong digit is named."""
    calls = "sts:AssumeRoleWithSAML" if "Federated" in principal else "sts:AssumeRole"
    report = check(tmp_path, {"R": role(statement(principal, calls))})
    assert refuted(report, "statement-usable").why[0].startswith(why)


def test_a_condition_on_the_caller_bounds_no_role(tmp_path: Path) -> None:
    """Roles of a name are hardening, and roles of any name an error, whatever bound bounds nothing."""
    in_vain = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}
    for resource, more, severity in (
        ("arn:aws:iam::*:role/deploy", {}, "note"),
        ("arn:aws:iam::*:role/deploy", in_vain, "note"),
        ("arn:aws:iam::*:role/*", in_vain, "error"),
        ("*", {}, "error"),
    ):
        sends = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource, **more}
        policy = {"PolicyName": "p", "PolicyDocument": document(sends)}
        resources: Json = {"R": role(statement({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole"), Policies=[policy])}
        found = refuted(check(tmp_path, resources), "assume-role-scoped")
        assert found.severity == severity
        assert any("whose the caller is" in why for why in found.why) is bool(more)


@pytest.mark.parametrize("unread", [{"Fn::Sub": "${Old.Value}"}, {"Fn::GetAtt": ["Old", "Value"]}, "{{resolve:ssm:p}}"])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_policy_that_nobody_can_read_hides_no_other(tmp_path: Path, unread: object, is_first: bool) -> None:
    """What the policy is in one case is judged by itself, and is an error where the other case says nothing."""
    open_ = document(statement("*", "sns:Publish", "*"))
    sides = [unread, open_] if is_first else [open_, unread]
    template = {
        "Parameters": {"Update": {"Type": "String", "AllowedValues": ["keep", "new"]}},
        "Conditions": {"Keep": {"Fn::Equals": [{"Ref": "Update"}, "keep"]}},
        "Resources": {
            "Old": {
                "Type": "Custom::Policy",
                "Properties": {"ServiceToken": "arn:aws:lambda:us-east-1:111122223333:function:f"},
            },
            "P": {
                "Type": "AWS::SNS::TopicPolicy",
                "Properties": {"Topics": ["t"], "PolicyDocument": {"Fn::If": ["Keep", *sides]}},
            },
        },
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps(template))
    found = trustproof.check([file], account="111122223333", properties=["inside-boundary"]).results
    assert sorted((one.verdict, one.severity) for one in found) == [("refuted", "error"), ("unknown", "warning")]


@pytest.mark.parametrize(("name", "is_program"), [("VaultUserArn", True), ("UserArn", False), ("VaultAccount", False)])
def test_a_user_whom_a_parameter_calls_a_program_has_no_device(name: str, is_program: bool) -> None:
    """What asks for MFA would lock it out."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": {"Ref": name}}}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources = {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}}
    template = {"Parameters": {name: {"Type": "String"}}, "Resources": resources}
    (found,) = trustproof.check([template], properties=["mfa-required"]).results
    assert found.remedy is not None
    assert found.remedy.text.startswith("let the program run as a role in place of this user") is is_program
    assert not (found.remedy.edits and is_program)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("UserArn", "the user that UserArn names gets"),
        ("TrustedArn", "any user of the account that TrustedArn gives who may call sts:AssumeRole gets"),
    ],
)
def test_what_is_called_an_arn_has_one_for_an_example(name: str, who: str) -> None:
    """A mere account is no value of it."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": {"Ref": name}}}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources = {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}}
    template = {"Parameters": {name: {"Type": "String"}}, "Resources": resources}
    (found,) = trustproof.check([template], properties=["mfa-required"]).results
    assert found.message.startswith(who)
    assert found.counterexample is not None
    assert found.counterexample.parameters[name].startswith("arn:aws:iam::")


def test_a_parameter_without_a_value_is_to_get_one() -> None:
    """Where the test of the organization falls away with it, whoever deploys the template gives one."""
    tested = {"Fn::If": ["Has", {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Org"}}}, {"Ref": "AWS::NoValue"}]}
    statement = {"Effect": "Allow", "Action": "sns:Publish", "Resource": "*", "Principal": "*", "Condition": tested}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    topic = {"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["t"], "PolicyDocument": document}}
    template = {
        "Parameters": {"Org": {"Type": "String", "Default": ""}},
        "Conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Org"}, ""]}]}},
        "Resources": {"T": topic},
    }
    report = trustproof.check([template], account="111122223333", properties=["inside-boundary"])
    found = refuted(report, "inside-boundary")
    assert found.severity == "warning"
    assert found.remedy is not None
    assert found.why[0] == "this is taken to be meant where Org is empty"
    assert found.remedy.text.startswith("if this is not meant: give Org a value; or name the account")
