"""
What a template, its neighbours in a run or other providers of a configuration have services of other accounts come to.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
HUB, MEMBER = "111122223333", "222233334444"
DEPUTY = "no-confused-deputy"


def topic(statement_of: str = "cloudwatch.amazonaws.com") -> Json:
    """A topic for a service, which says nothing of whom it calls for."""
    statement = {"Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Principal": {"Service": statement_of}}]}
    return {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "alerts"}},
        "Policy": {
            "Type": "AWS::SNS::TopicPolicy",
            "Properties": {"Topics": [{"Ref": "Topic"}], "PolicyDocument": document},
        },
    }


def function(service: str = "events.amazonaws.com") -> Json:
    """A permission for a function that another template makes."""
    properties = {"Action": "lambda:InvokeFunction", "FunctionName": "handler", "Principal": service}
    return {"Permission": {"Type": "AWS::Lambda::Permission", "Properties": properties}}


def edits(report: trustproof.Report) -> list[bool]:
    """Of each finding, whether its remedy is a diff."""
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found
    return [bool(one.remedy and one.remedy.edits) for one in found]


BODY = '{"Resources": {"R": {"Type": "AWS::Events::Rule", "Properties": {"Targets": [{"Id": "x", "Arn": "%s"}]}}}}'
ARN = "arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:handler"


@pytest.mark.parametrize(
    ("resources", "told", "is_diff"),
    [
        (topic(), {"TemplateURL": "https://x", "Parameters": [{"ParameterKey": "T", "ParameterValue": "y"}]}, True),
        (
            topic(),
            {"TemplateURL": "https://x", "Parameters": [{"ParameterKey": "T", "ParameterValue": {"Ref": "Topic"}}]},
            False,
        ),
        (function(), {"TemplateBody": {"Fn::Sub": BODY % ARN}}, False),
        (function(), {"TemplateBody": {"Fn::Sub": BODY % (ARN + "-2")}}, True),
    ],
    ids=["others", "topic", "function", "longer"],
)
def test_what_a_stack_set_is_told_is_for_other_accounts(resources: Json, told: Json, *, is_diff: bool) -> None:
    """Its stacks have alarms and rules in their accounts, which a bound to the own account would stop."""
    stacks = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"PermissionModel": "SERVICE_MANAGED", **told}}
    template = {"Resources": {**resources, "Stacks": stacks}}
    assert edits(trustproof.check([template], properties=[DEPUTY], config={})) == [is_diff]


def test_a_boundary_says_for_whom_a_service_may_call_there() -> None:
    """Where the accounts are declared, they are all let in, and a permission has no place for several."""
    stacks = {
        "Type": "AWS::CloudFormation::StackSet",
        "Properties": {"TemplateURL": "https://x", "Parameters": [{"ParameterValue": {"Ref": "Topic"}}]},
    }
    config = {"boundary": {"accounts": [MEMBER]}}
    template = {"Resources": {**topic(), "Stacks": stacks}}
    report = trustproof.check([template], properties=[DEPUTY], config=config, account=HUB)
    (found,) = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert found.remedy is not None
    assert MEMBER in "".join(found.remedy.diff)


@pytest.mark.parametrize(
    ("named", "account", "is_diff"),
    [
        ({"Fn::Sub": "arn:aws:sns:${AWS::Region}:${Hub}:alerts"}, None, False),
        ({"Fn::Join": [":", ["arn:aws:sns", {"Ref": "AWS::Region"}, {"Ref": "Hub"}, "alerts"]]}, None, False),
        (
            {"Fn::Sub": ["arn:aws:sns:eu-west-1:${Hub}:${Name}", {"Name": {"Fn::Select": [1, ["x", "alerts"]]}}]},
            None,
            False,
        ),
        ({"Ref": "Whole"}, None, False),
        (f"arn:aws:sns:eu-west-1:{HUB}:alerts", None, False),
        (f"arn:aws:sns:eu-west-1:{HUB}:alerts", HUB, True),
        ({"Fn::Sub": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:alerts"}, None, True),
        ({"Fn::Sub": "arn:aws:sns:${AWS::Region}:${Hub}:alerts-2"}, None, True),
    ],
    ids=str,
)
def test_what_another_template_names_is_kept_in(
    named: object, account: str | None, is_diff: bool, tmp_path: Path
) -> None:
    """It may be deployed to another account, where the topic is named by its ARN."""
    alarm = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [named]}}
    parameters = {"Hub": {"Type": "String"}, "Whole": {"Type": "String", "Default": f"arn:aws:sns:x:{HUB}:alerts"}}
    for name, content in (("hub", topic()), ("member", {"Alarm": alarm})):
        template = {"Parameters": parameters, "Resources": content} if name == "member" else {"Resources": content}
        (tmp_path / f"{name}.json").write_text(json.dumps(template), encoding="utf-8")
    assert edits(trustproof.check([tmp_path], properties=[DEPUTY], config={}, account=account)) == [is_diff]


@pytest.mark.parametrize(("provider", "is_diff"), [("provider = aws.member", False), ("", True)])
def test_an_alarm_of_another_provider_is_kept_in(provider: str, is_diff: bool, tmp_path: Path) -> None:
    """Of Terraform, what has another account is in the same configuration."""
    pytest.importorskip("tree_sitter_hcl")
    (tmp_path / "main.tf").write_text(
        f"""
provider "aws" {{
  region = "eu-west-1"
}}
provider "aws" {{
  alias  = "member"
  region = "eu-west-1"
  assume_role {{
    role_arn = "arn:aws:iam::{MEMBER}:role/tf"
  }}
}}
resource "aws_sns_topic" "alerts" {{
  name = "alerts"
}}
resource "aws_sns_topic_policy" "alerts" {{
  arn    = aws_sns_topic.alerts.arn
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect    = "Allow"
    Principal = {{ Service = "cloudwatch.amazonaws.com" }}
    Action    = "sns:Publish"
    Resource  = aws_sns_topic.alerts.arn
  }}] }})
}}
resource "aws_cloudwatch_metric_alarm" "m" {{
  {provider}
  alarm_name    = "x"
  alarm_actions = [aws_sns_topic.alerts.arn]
}}
""",
        encoding="utf-8",
    )
    assert edits(trustproof.check([tmp_path], properties=[DEPUTY], config={})) == [is_diff]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"Topic": "arn:aws:sns:us-east-1:222233334444:t"}, {"unknown"}),
        ({"Topic": f"arn:aws:sns:us-east-1:{HUB}:t"}, {"proved"}),
        # By this one AWS tells everybody of its addresses.
        ({"Topic": "arn:aws:sns:us-east-1:806199016981:AmazonIpSpaceChanged"}, {"proved"}),
        ({"Topic": {"Ref": "Topic"}}, {"proved"}),
        # The queue between them lets in what it is told to.
        ({"Topic": {"Ref": "Topic"}, "SqsSubscription": True}, set()),
    ],
)
def test_a_topic_that_calls_a_function_of_sam_may_be_of_another_account(event: Json, expected: set[str]) -> None:
    """SAM makes a permission of the event, and whose account it is nobody has said."""
    properties = {"Handler": "a.b", "Runtime": "python3.12", "Events": {"E": {"Type": "SNS", "Properties": event}}}
    resources = {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}, "Topic": topic()["Topic"]}
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    found = trustproof.check([template], account=HUB, config={}, properties=[DEPUTY]).results
    about = [one for one in found if "Events" in one.path]
    assert {one.verdict for one in about} == expected
    assert [named.ident for one in about for named in one.undeclared] == ["222233334444"] * ("unknown" in expected)
