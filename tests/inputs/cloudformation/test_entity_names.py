"""
Names and paths that IAM refuses: no deployment has them, so nothing is proved of what they are written at.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from trustproof.errors import PolicySyntaxError
from trustproof.inputs.discovery.inputs import Inputs, read_paths
from trustproof.inputs.settings import Settings

Read: TypeAlias = "Callable[..., Any]"

TRUST = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}
POLICY = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]}
ROLE = {"AssumeRolePolicyDocument": TRUST}


SECTIONS = {
    "Parameters": {
        "Bad": {"Type": "String", "AllowedValues": ["a b", "c d"]},
        "Some": {"Type": "String", "AllowedValues": ["a b", "c"]},
        "Any": {"Type": "String", "Default": "a b"},
    },
    "Conditions": {"C": {"Fn::Equals": [{"Ref": "Any"}, "x"]}},
    "Mappings": {"M": {"k": {"bad": "a b"}}},
}


def template(type_: str, **properties: object) -> dict[str, object]:
    """A template with one resource."""
    return {**SECTIONS, "Resources": {"R": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    ("type_", "properties", "message"),
    [
        ("Role", {**ROLE, "RoleName": "a b"}, 'RoleName is "a b", expected letters of A to Z, digits and +=,.@_- only'),
        ("Role", {**ROLE, "RoleName": "a" * 65}, "RoleName has 65 characters, expected at most 64"),
        ("User", {"UserName": "a" * 65}, "UserName has 65 "),
        ("User", {"UserName": "Zoë"}, "UserName is "),
        ("Group", {"GroupName": "a" * 129}, "GroupName has 129 "),
        ("ManagedPolicy", {"PolicyDocument": POLICY, "ManagedPolicyName": "a/b"}, "ManagedPolicyName is "),
        ("Policy", {"PolicyDocument": POLICY, "PolicyName": "a:b", "Roles": ["r"]}, "PolicyName is "),
        ("RolePolicy", {"PolicyDocument": POLICY, "PolicyName": "p", "RoleName": "a b"}, "RoleName is "),
        ("Role", {**ROLE, "Policies": [{"PolicyName": "a b", "PolicyDocument": POLICY}]}, "PolicyName is "),
        ("Role", {**ROLE, "Path": "app"}, 'Path is "app", expected one that begins and ends with "/", without spaces'),
        ("Role", {**ROLE, "Path": f"/{'a' * 511}/"}, "Path has 513 characters, expected at most 512"),
        # As far as they are written out, whatever is put in the rest.
        ("Role", {**ROLE, "RoleName": {"Fn::Sub": "${AWS::StackName} a"}}, 'RoleName is "… a", expected letters'),
        ("Role", {**ROLE, "RoleName": {"Fn::Join": [" ", ["a", "b"]]}}, 'RoleName is "a b", '),
        ("User", {"UserName": {"Fn::Sub": ["${A}-" + "a" * 64, {"A": "b"}]}}, "UserName has at least 65 characters"),
        ("Role", {**ROLE, "Path": {"Fn::Sub": "app/${AWS::StackName}/"}}, 'Path is "app/…/", expected one that begins'),
        ("Role", {**ROLE, "Path": {"Fn::Join": ["", ["/", {"Ref": "AWS::StackName"}, "/b"]]}}, 'Path is "/…/b", '),
        # Whichever value it is.
        ("Role", {**ROLE, "RoleName": {"Ref": "Bad"}}, 'RoleName is "a b", '),
        ("Role", {**ROLE, "RoleName": {"Fn::If": ["C", "a b", {"Ref": "Bad"}]}}, 'RoleName is "a b", '),
        ("Role", {**ROLE, "RoleName": {"Fn::FindInMap": ["M", "k", "bad"]}}, 'RoleName is "a b", '),
    ],
    ids=str,
)
def test_names_that_iam_refuses_are_errors(read: Read, type_: str, properties: dict[str, object], message: str) -> None:
    """It says which property it is, what it has and what is accepted."""
    with pytest.raises(PolicySyntaxError) as caught:
        _ = read(template(f"AWS::IAM::{type_}", **properties)).documents
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        ("Role", {**ROLE, "RoleName": "a+=,.@_-" + "0" * 56, "Path": "/app/it's/"}),
        ("User", {"UserName": "zoe@example.com"}),
        ("Group", {"GroupName": "a" * 128}),
        # What is put there is known later.
        ("Role", {**ROLE, "RoleName": "{{resolve:ssm:/name}}"}),
        ("Role", {**ROLE, "RoleName": "{{ name }}", "Path": "/{{ team }}"}),
        ("Role", {**ROLE, "RoleName": {"Fn::Sub": "${AWS::StackName}-" + "a" * 63}, "Path": {"Fn::Sub": "${A}/b${B}"}}),
        ("Role", {**ROLE, "RoleName": {"Fn::Join": [" ", [{"Ref": "A"}, "b"]]}}),
        ("Role", {**ROLE, "RoleName": {"Fn::Join": ["-", ["{{resolve:ssm:/name}}", "b c"]]}}),
        ("Role", {**ROLE, "RoleName": {"Ref": "Some"}}),
        ("Role", {**ROLE, "RoleName": {"Ref": "Any"}}),
        ("Role", {**ROLE, "RoleName": {"Fn::If": ["C", "a b", {"Ref": "AWS::NoValue"}]}}),
        ("Role", {**ROLE, "RoleName": {"Fn::FindInMap": ["M", {"Ref": "Any"}, "bad"]}}),
    ],
    ids=str,
)
def test_other_names_are_not(read: Read, type_: str, properties: dict[str, object]) -> None:
    """Which are all that IAM takes, and those that nobody knows yet."""
    assert not read(template(f"AWS::IAM::{type_}", **properties)).errors


def test_names_of_terraform_are_held_to_the_same(tmp_path: Path) -> None:
    """With the line that has the argument; an empty name is one that the provider makes up."""
    text = 'resource "aws_iam_role" "r" {\n  name = "%s"\n  path = "/a/"\n  assume_role_policy = jsonencode(%s)\n}\n'
    (tmp_path / "main.tf").write_text(text % ("a b", json.dumps(TRUST)))
    (template,) = read_paths([str(tmp_path)]).templates
    (error,) = template.errors
    expected = 'aws_iam_role.r: RoleName is "a b", expected letters of A to Z, digits and +=,.@_- only'
    assert (error.line, error.message) == (2, expected)
    (tmp_path / "main.tf").write_text(text % ("", json.dumps(TRUST)))
    (template,) = read_paths([str(tmp_path)]).templates
    assert not template.errors


@pytest.mark.parametrize("kind", ["identity", None])
def test_a_policy_in_a_file_of_any_name_is_read(tmp_path: Path, kind: str | None) -> None:
    """The name of a file is none of IAM's."""
    (tmp_path / f"what they may {'x' * 200}.json").write_text(json.dumps(POLICY))
    (found,) = Inputs([str(tmp_path)], Settings(policy_kind=kind)).templates
    assert found.documents
    assert not found.errors
