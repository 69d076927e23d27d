"""
Invariants of log groups, which have no policy: by the ARN, name and logical id of those that a policy is about.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.properties.test_invariants_by_target import OURS, verdicts

OTHERS = "444455556666"
Json = dict[str, Any]

BY_ENV: Json = {"Env": {"Type": "String", "Default": "dev"}}
ARN = f"arn:aws:logs:eu-west-1:{OURS}:log-group"


def about(resource: str, *, who: str = OTHERS) -> str:
    """A policy that lets an account write to log groups."""
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "logs:PutLogEvents", "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def template(policy: object, **group: object) -> Json:
    """A template with a policy and a log group."""
    return {
        "Parameters": BY_ENV,
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}},
        "Resources": {
            "It": {"Type": "AWS::Logs::ResourcePolicy", "Properties": {"PolicyName": "it", "PolicyDocument": policy}},
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": group},
        },
    }


WRITTEN = template(about(f"{ARN}:/prod/app:*"), LogGroupName="/prod/app")
STREAM = template(about(f"{ARN}:/prod/app:log-stream:web"), LogGroupName="/prod/app")
REFERRED = template({"Fn::Sub": about("${Group.Arn}")}, LogGroupName="/prod/app")
MADE_UP = template({"Fn::Sub": about("${Group.Arn}")})
NAMED = template({"Fn::Sub": about(f"{ARN}:/${{Env}}/app:*")}, LogGroupName={"Fn::Sub": "/${Env}/app"})
SOME = template(about(f"{ARN}:/prod/*"), LogGroupName="/prod/app")
EVERY = template(about("*"), LogGroupName="/prod/app")


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        *((one, f"{ARN}:{name}") for one in (WRITTEN, STREAM, REFERRED) for name in ("/prod/*", "/prod/app")),
        (WRITTEN, f"{ARN}:/prod/app:*"),
        (WRITTEN, "/prod/app"),
        (STREAM, "/prod/*"),
        (REFERRED, "/prod/app"),
        (WRITTEN, "Group"),
        (REFERRED, "Group"),
        (MADE_UP, "Group"),
        (NAMED, "Group"),
        (NAMED, "/dev/app"),
        (NAMED, "/prod/app"),
        (NAMED, f"{ARN}:/prod/app"),
        (SOME, f"{ARN}:/prod/app"),
        (EVERY, f"{ARN}:/prod/app"),
    ],
)
def test_a_log_group_is_named_as_it_is_called(given: Json, pattern: str) -> None:
    """With the wildcard that AWS writes behind its ARN and without, whatever stands there in the policy."""
    assert verdicts(given, pattern) == ["refuted"]


@pytest.mark.parametrize(
    ("given", "pattern"),
    [
        (WRITTEN, "/prod/web"),
        (WRITTEN, f"{ARN}:/prod/app-2"),
        (NAMED, f"{ARN}:/prod/web"),
        # Those for the names of roles are not meant for all log groups.
        (SOME, "*app*"),
        (EVERY, "app"),
        (EVERY, "Group"),
    ],
)
def test_by_other_names_it_is_not_meant(given: Json, pattern: str) -> None:
    """Nor by a name where the policy has a wildcard: by an ARN alone, that is told from the name of a role."""
    assert verdicts(given, pattern) == []


@pytest.mark.parametrize(("env", "expected"), [("prod", "refuted"), ("dev", "proved")])
def test_it_is_asked_where_the_policy_is_about_it(env: str, expected: str) -> None:
    """Who may write to another log group does not matter."""
    statement = json.loads(about(""))["Statement"]
    statement["Principal"] = {"AWS": {"Fn::If": ["IsProd", OTHERS, OURS]}}
    statement["Resource"] = {"Fn::Sub": f"{ARN}:/${{Env}}/app:*"}
    given = template({"Fn::ToJsonString": {"Version": "2012-10-17", "Statement": statement}})
    given["Transform"] = "AWS::LanguageExtensions"
    assert verdicts(given, f"{ARN}:/{env}/app") == [expected]


@pytest.mark.parametrize(
    "pattern", ["/prod/app", "aws_cloudwatch_log_group.group", f"{ARN}:/prod/app", f"{ARN}:/prod/app:*"]
)
def test_in_terraform_likewise(tmp_path: Path, pattern: str) -> None:
    """By the address of the log group as well."""
    policy = about("${aws_cloudwatch_log_group.group.arn}:*")
    (tmp_path / "main.tf").write_text(
        'variable "env" {\n  default = "dev"\n}\n'
        'resource "aws_cloudwatch_log_group" "group" {\n  name = "/${var.env}/app"\n}\n'
        'resource "aws_cloudwatch_log_resource_policy" "it" {\n  policy_name = "it"\n'
        f"  policy_document = jsonencode({policy})\n}}\n",
        encoding="utf-8",
    )
    assert verdicts(tmp_path, pattern) == ["refuted"]
