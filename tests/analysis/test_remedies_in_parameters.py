"""
Remedies where the template names a parameter: they name it, too, and not its default.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.results.groups import groups

Json = dict[str, Any]
OWN, TOPIC = "111122223333", "arn:aws:sns:eu-central-1:555566667777:orders"
HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{OWN}:oidc-provider/{HOST}"


def template(parameters: Json, resources: Json) -> Json:
    """A template with parameters that have defaults."""
    given = {name: {"Type": "String", "Default": default} for name, default in parameters.items()}
    return {"Parameters": given, "Resources": resources}


def queue(topic: object) -> Json:
    """A queue that anybody's topic may send to, and the subscription to one topic."""
    arn = {"Fn::GetAtt": ["Q", "Arn"]}
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": arn}]}
    subscription = {"Protocol": "sqs", "TopicArn": topic, "Endpoint": arn}
    return {
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}},
        "S": {"Type": "AWS::SNS::Subscription", "Properties": subscription},
        "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": document}},
    }


def deployer(subject: object) -> Json:
    """A role for the workflows whose subject is like something."""
    condition = {"StringEquals": {f"{HOST}:aud": "sts.amazonaws.com"}, "StringLike": {f"{HOST}:sub": subject}}
    statement = {"Effect": "Allow", "Principal": {"Federated": PROVIDER}, "Action": "sts:AssumeRoleWithWebIdentity"}
    trust = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    return {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}}


def diff_of(target: Json | str) -> tuple[str, ...]:
    """The lines of the remedy of the one finding."""
    report = trustproof.check([target], config={}, account=OWN)
    (found,) = (one.lead for one in groups(report.results) if one.lead.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    return tuple(found.remedy.diff)


@pytest.mark.parametrize(
    ("given", "topic", "said"),
    [
        ({"Topic": TOPIC}, {"Ref": "Topic"}, '{"Ref": "Topic"}'),
        ({"From": "555566667777"}, {"Fn::Sub": TOPIC.replace("555566667777", "${From}")}, "::Sub"),
        ({"Other": TOPIC}, TOPIC, f'"{TOPIC}"'),
    ],
)
def test_a_source_is_called_as_the_template_calls_it(given: Json, topic: object, said: str) -> None:
    """What is subscribed is a parameter: with the default in its place, another topic would be shut out in silence."""
    (line,) = diff_of(template(given, queue(topic)))
    assert said in line
    assert (TOPIC in line) is (topic == TOPIC)


def test_a_text_that_goes_on_otherwise_keeps_the_parameter() -> None:
    """The name of the organization is the parameter's, on both sides of the change."""
    before, after = diff_of(template({"Org": "acme-corp"}, deployer({"Fn::Sub": "repo:${Org}*:environment:prod"})))
    assert '{"Fn::Sub": "repo:${Org}*:environment:prod"}' in before
    assert '{"Fn::Sub": "repo:${Org}/*:environment:prod"}' in after


def test_what_two_parameters_have_for_a_default_stays_as_it_is() -> None:
    """Nobody knows which of the two is meant."""
    both = {**deployer({"Fn::Sub": "repo:${Org}*:environment:prod"}), "R2": deployer({"Fn::Sub": "repo:${B}*:x"})["R"]}
    first = trustproof.check([template({"Org": "acme-corp", "B": "acme-corp"}, both)], config={}, account=OWN)
    said = [line for one in first.results if one.remedy is not None for line in one.remedy.diff]
    assert any("repo:acme-corp/*:environment:prod" in line for line in said)


def test_terraform_names_its_variables(tmp_path: Path) -> None:
    """A variable that has a default is named as one that has none."""
    text = """
variable "org" {
  type    = string
  default = "acme-corp"
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "PROVIDER" }
      Condition = {
        StringEquals = { "HOST:aud" = "sts.amazonaws.com" }
        StringLike   = { "HOST:sub" = "repo:${var.org}*:environment:prod" }
      }
    }]
  })
}
"""
    (tmp_path / "main.tf").write_text(text.replace("PROVIDER", PROVIDER).replace("HOST", HOST), encoding="utf-8")
    assert any("repo:${var.org}/*:environment:prod" in line for line in diff_of(str(tmp_path)))


def nested(outer: Json, inner: Json, directory: Path) -> list[str]:
    """The paths of two templates, of which one may nest the other."""
    for name, content in (("outer", outer), ("inner", inner)):
        (directory / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return [str(directory / "outer.json"), str(directory / "inner.json")]


def stack(passed: Json) -> Json:
    """A nested stack that is passed something."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "./inner.json", "Parameters": passed}}


@pytest.mark.parametrize("given", ["widgets-inc", {"Ref": "Company"}, None])
def test_a_nested_stack_keeps_the_parameters_of_its_own_file(given: object, tmp_path: Path) -> None:
    """What one stack is passed, or has by default, is not what another stack of the same file is passed."""
    inner = template({"Org": "acme-corp"}, deployer({"Fn::Sub": "repo:${Org}*:environment:prod"}))
    passed = {"Org": given} if given is not None else {}
    outer = template({"Company": "other-corp"}, {"One": stack(passed), "Two": stack({"Org": "third-corp"})})
    report = trustproof.check(nested(outer, inner, tmp_path), config={}, account=OWN)
    remedies = [one.remedy for one in report.results if one.verdict == trustproof.REFUTED]
    assert len(remedies) == 2
    for remedy in remedies:
        assert remedy is not None
        assert [line.count("repo:${Org}") for line in remedy.diff] == [1, 1]


@pytest.mark.parametrize("account", [OWN, None])
def test_a_nested_stack_names_what_it_is_passed_of_another_stack(account: str | None, tmp_path: Path) -> None:
    """The topic is one of the outer template, and has a name of its own inside."""
    inner = {"Parameters": {"Topic": {"Type": "String"}}, "Resources": queue({"Ref": "Topic"})}
    outer = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}, "One": stack({"Topic": {"Ref": "T"}})}}
    report = trustproof.check(nested(outer, inner, tmp_path), config={}, account=account)
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert '"aws:SourceArn": {"Ref": "Topic"}' in "".join(found.remedy.diff)


def test_what_the_user_gives_a_parameter_is_called_by_its_name() -> None:
    """The template is deployed elsewhere with another value than the one that it is judged at."""
    given = template({"Org": "acme-corp"}, deployer({"Fn::Sub": "repo:${Org}*:environment:prod"}))
    report = trustproof.check([given], config={}, account=OWN, parameters={"Org": "widgets-inc"})
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert [line.count("repo:${Org}") for line in found.remedy.diff] == [1, 1]


def test_a_template_inside_another_one_keeps_its_parameters() -> None:
    """A StackSet that carries its template passes a value to one of its parameters."""
    inner = template({"Org": "acme-corp"}, deployer({"Fn::Sub": "repo:${Org}*:environment:prod"}))
    targets = [{"DeploymentTargets": {"Accounts": [OWN]}, "Regions": ["eu-central-1"]}]
    properties = {
        "StackSetName": "s",
        "PermissionModel": "SELF_MANAGED",
        "Parameters": [{"ParameterKey": "Org", "ParameterValue": "widgets-inc"}],
        "StackInstancesGroup": targets,
        "TemplateBody": json.dumps(inner),
    }
    outer = {"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}}
    before, after = diff_of(outer)
    assert "repo:${Org}*" in before
    assert "repo:${Org}/*" in after


MODULE = """
variable "org" { default = "acme-corp" }
variable "stage" { default = "production" }
locals { owner = "local-${var.org}" }
resource "aws_iam_role" "r" {
  for_each           = toset(["first-org", "other-org"])
  assume_role_policy = TRUST
}
"""
AS_OBJECT = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = "PROVIDER" }
      Condition = {
        StringEquals = { "HOST:aud" = "sts.amazonaws.com" }
        StringLike   = { "HOST:sub" = "SUBJECT" }
      }
    }]
  })"""
AS_TEXT = """<<EOF
{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "sts:AssumeRoleWithWebIdentity",
    "Principal": {"Federated": "PROVIDER"},
    "Condition": {"StringEquals": {"HOST:aud": "sts.amazonaws.com"}, "StringLike": {"HOST:sub": "SUBJECT"}}
  }
}
EOF"""


@pytest.mark.parametrize("trust", [AS_OBJECT, AS_TEXT])
@pytest.mark.parametrize(
    "subject",
    [
        "repo:${var.org}*:environment:prod",
        "repo:${local.owner}*:environment:prod",
        "repo:${each.value}*:environment:prod",
        "repo:${var.org}*:environment:${var.stage}",
        "repo:${lower(var.org)}*:environment:${var.stage}",
    ],
)
def test_a_module_keeps_the_expressions_of_its_own_file(trust: str, subject: str, tmp_path: Path) -> None:
    """A module is called several times with other values, and so is a resource for each of some: one text is edited."""
    module = MODULE.replace("TRUST", trust.replace("SUBJECT", subject))
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "main.tf").write_text(module.replace("PROVIDER", PROVIDER).replace("HOST", HOST), encoding="utf-8")
    calls = 'module "a" {\n  source = "./inner"\n}\nmodule "b" {\n  source = "./inner"\n  org = "third-org"\n}\n'
    (tmp_path / "main.tf").write_text(calls, encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={}, account=OWN)
    remedies = [one.remedy for one in report.results if one.verdict == trustproof.REFUTED]
    assert len(remedies) == 4
    for remedy in remedies:
        assert remedy is not None
        before, after = remedy.diff
        assert f'"{subject}"' in before
        assert f'"{subject.replace("*:", "/*:")}"' in after


def test_a_module_calls_what_is_in_it_without_its_own_address(tmp_path: Path) -> None:
    """Inside of a module nobody can say ``module.a.aws_sns_topic.t.arn``."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "main.tf").write_text(
        """
resource "aws_sns_topic" "t" {}
resource "aws_sqs_queue" "q" {}
resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.q.arn
}
resource "aws_sqs_queue_policy" "p" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.q.arn
    }]
  })
}
""",
        encoding="utf-8",
    )
    (tmp_path / "main.tf").write_text('module "a" {\n  source = "./inner"\n}\n', encoding="utf-8")
    (line,) = diff_of(str(tmp_path))
    assert '"aws:SourceArn" = aws_sns_topic.t.arn }' in line


NAMED = '"aws:SourceAccount": {"Ref": "AWS::AccountId"}'
LITERAL = f'"aws:SourceAccount": "{OWN}"'
READER: Json = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OWN}:role/ci"}, "Action": "sts:AssumeRole"}
            ],
        }
    },
}


def notified(principal: str = "s3.amazonaws.com") -> Json:
    """A queue that a service may send to, for whomever it does."""
    arn = {"Fn::GetAtt": ["Q", "Arn"]}
    statement = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sqs:SendMessage", "Resource": arn}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "Q": {"Type": "AWS::SQS::Queue"},
        "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": document}},
    }


@pytest.mark.parametrize("account", [OWN, None])
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Resources": notified()}, NAMED),
        ({"Parameters": {"Hub": {"Type": "String", "Default": OWN}}, "Resources": notified()}, NAMED),
        ({"Mappings": {"Accounts": {OWN: {"Stage": "prod"}}}, "Resources": notified()}, NAMED),
        ({"Resources": {**notified(), "R": READER}}, LITERAL),
    ],
)
def test_the_own_account_has_the_name_that_it_has_in_every_account(given: Json, said: str, account: str | None) -> None:
    """A template that names no account is deployed to others, too, which a number would shut out."""
    report = trustproof.check([given], config={}, account=account)
    lines = [line for one in report.results if one.remedy is not None for line in one.remedy.diff]
    bounds = [line for line in lines if "aws:SourceAccount" in line]
    assert len(bounds) == 1
    assert (said if account is not None else NAMED) in bounds[0]


def test_in_a_list_of_accounts_the_own_one_is_one_of_several() -> None:
    """Wherever the template goes, the accounts that the project has declared are the same, and so are their rules."""
    condition = {"ArnLike": {"aws:SourceArn": "arn:aws:events:*:*:rule/security-*"}}
    resources = notified("events.amazonaws.com")
    resources["P"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"] = condition
    config = {"boundary": {"accounts": [OWN, "222233334444"]}}
    report = trustproof.check([{"Resources": resources}], config=config, account=OWN)
    lines = [line for one in report.results if one.remedy is not None for line in one.remedy.diff]
    rules = ", ".join(f'"arn:aws:events:*:{account}:rule/security-*"' for account in (OWN, "222233334444"))
    assert any(f'"aws:SourceArn": [{rules}]' in line for line in lines)


def test_a_text_with_the_own_account_in_it_names_it_so() -> None:
    """A bound that is an ARN is written with the name, too."""
    queue_of = queue({"Fn::Sub": "arn:aws:sns:eu-central-1:${AWS::AccountId}:orders"})
    (line,) = diff_of(template({}, queue_of))
    assert '{"Fn::Sub": "arn:aws:sns:eu-central-1:${AWS::AccountId}:orders"}' in line


QUEUE = """
resource "aws_sqs_queue" "q" {}
resource "aws_sqs_queue_policy" "p" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = aws_sqs_queue.q.arn
    }]
  })
}
"""
IDENTITY = 'data "aws_caller_identity" "me" {}\n'
HUB = 'data "aws_caller_identity" "me" {\n  provider = aws.hub\n}\n'
SAME = f'provider "aws" {{\n  alias  = "hub"\n  region = "us-east-1"\n}}\n{HUB}'
THEIRS = f'provider "aws" {{\n  alias   = "hub"\n  profile = "hub"\n}}\n{HUB}'
BY_NAME = '"aws:SourceAccount" = data.aws_caller_identity.me.account_id'
BY_ID = f'"aws:SourceAccount" = "{OWN}"'
BY_CUSTOM = '"aws:SourceAccount" = data.aws_caller_identity.current.account_id'


@pytest.mark.parametrize(
    ("files", "account", "said"),
    [
        ({"main.tf": IDENTITY + QUEUE}, OWN, BY_NAME),
        ({"main.tf": QUEUE, "data.tf": IDENTITY}, OWN, BY_NAME),
        ({"main.tf": QUEUE}, OWN, BY_ID),
        ({"main.tf": THEIRS + QUEUE}, OWN, BY_ID),
        ({"main.tf": SAME + QUEUE}, OWN, BY_NAME),
        ({"main.tf": f'{IDENTITY}locals {{ own = "{OWN}" }}\n{QUEUE}'}, OWN, BY_ID),
        ({"main.tf": IDENTITY + 'module "q" {\n  source = "./q"\n}\n', "q/main.tf": QUEUE}, OWN, BY_ID),
        ({"main.tf": 'module "q" {\n  source = "./q"\n}\n', "q/main.tf": IDENTITY + QUEUE}, OWN, BY_NAME),
        ({"main.tf": IDENTITY + QUEUE}, None, BY_NAME),
        ({"main.tf": THEIRS + QUEUE}, None, BY_CUSTOM),
        ({"main.tf": QUEUE}, None, BY_CUSTOM),
    ],
)
def test_a_module_calls_its_account_as_it_does_elsewhere(
    files: dict[str, str], account: str | None, said: str, tmp_path: Path
) -> None:
    """What a data source of the same provider gives is right wherever the module is applied; a number is not."""
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    report = trustproof.check([str(tmp_path)], config={}, account=account)
    lines = [line for one in report.results if one.remedy is not None for line in one.remedy.diff]
    assert [said in line for line in lines if "aws:SourceAccount" in line] == [True]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"accounts": [TOPIC.split(":")[4], "222222222222"]}, '"555566667777", "222222222222"]'),
        ({"organizations": ["o-mine000000"]}, '"aws:PrincipalOrgID": "o-mine000000"'),
    ],
)
def test_what_is_declared_is_no_parameter_of_another_resource(declared: Json, said: str) -> None:
    """The account that a parameter names may be another one in the next deployment, and what is declared is not."""
    given = {"Reader": "555566667777", "Org": "o-mine000000"}
    read = {"Effect": "Allow", "Principal": {"AWS": {"Ref": "Reader"}}, "Action": "sqs:*", "Resource": "*"}
    read["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Org"}}}
    document = {"Version": "2012-10-17", "Statement": [read]}
    policy = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"], "PolicyDocument": document}}
    world = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [world]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    report = trustproof.check([template(given, {"P": policy, "R": role})], config={"boundary": declared}, account=OWN)
    lines = [line for one in report.results if one.remedy is not None for line in one.remedy.diff]
    assert lines
    assert said in lines[0]
