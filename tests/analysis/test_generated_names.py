"""
Users and roles without a name of their own are called by the names of their stack and resource, and a random text.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
ACCOUNT = "111122223333"
USERS = f"arn:aws:iam::{ACCOUNT}:user/"
ROLES = f"arn:aws:iam::{ACCOUNT}:role/"
LONG = "CustomS3AutoDeleteObjectsCustomResourceProviderRole3B1BD092"


def allow(condition: Json | None = None, effect: str = "Allow") -> Json:
    """A statement about something sensitive."""
    found: Json = {"Effect": effect, "Action": "iam:CreateUser", "Resource": "*"}
    return found if condition is None else {**found, "Condition": condition}


def verdicts(folder: Path, logical_id: str, resource: Json, *statements: Json, **sections: object) -> dict[str, str]:
    """What is said of one user or role that holds these statements."""
    policy = {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    properties = {**resource.get("Properties", {}), "Policies": [policy]}  # type: ignore[dict-item]
    file = folder / "template.json"
    file.write_text(json.dumps({**sections, "Resources": {logical_id: {**resource, "Properties": properties}}}))
    asked = ["sensitive-actions-require-mfa", "statement-usable"]
    report = trustproof.check([str(file)], account=ACCOUNT, properties=asked)
    assert not report.errors
    return {result.property: result.verdict for result in report.results}


USER: Json = {"Type": "AWS::IAM::User"}
#: A test of the caller, and whether the user U meets it: always, never, or where its stack is called so.
CALLERS: list[tuple[str, str, str]] = [
    ("aws:username", "alice", "never"),
    ("aws:username", "*-U-*", "always"),
    ("aws:username", "*-u-*", "sometimes"),
    ("aws:username", "U-*", "sometimes"),
    ("aws:username", "team-*", "sometimes"),
    ("aws:username", "team-U-1A2B3C4D5E6F", "sometimes"),
    ("aws:username", "*_*", "never"),
    ("aws:username", "*@*", "never"),
    ("aws:PrincipalArn", USERS + "alice", "never"),
    ("aws:PrincipalArn", USERS + "*-U-*", "always"),
    ("aws:PrincipalArn", USERS + "people/*", "never"),
    ("aws:PrincipalArn", "*", "always"),
]


@pytest.mark.parametrize(("key", "pattern", "met"), CALLERS)
def test_a_user_without_a_name(key: str, pattern: str, met: str, tmp_path: Path) -> None:
    """A test of the caller's name lets in, or keeps out, whom CloudFormation may call so."""
    test = {"StringLike": {key: pattern}}
    allowed = verdicts(tmp_path, "U", USER, allow(test))
    never = met == "never"
    assert allowed["statement-usable"] == ("refuted" if never else "proved")
    assert allowed["sensitive-actions-require-mfa"] == ("proved" if never else "refuted")
    denied = verdicts(tmp_path, "U", USER, allow(), allow(test, "Deny"))
    assert denied["sensitive-actions-require-mfa"] == ("proved" if met == "always" else "refuted")


@pytest.mark.parametrize(
    ("properties", "pattern", "expected"),
    [
        ({}, "alice", "refuted"),
        ({"UserName": "alice"}, "alice", "proved"),
        ({"UserName": "bob"}, "alice", "refuted"),
        ({"UserName": {"Ref": "Name"}}, "alice", "proved"),
        ({"UserName": {"Ref": "AWS::NoValue"}}, "alice", "refuted"),
        ({"Path": "/people/"}, "*-U-*", "proved"),
    ],
)
def test_names_that_are_given(properties: Json, pattern: str, expected: str, tmp_path: Path) -> None:
    """Only what nobody names is named by CloudFormation."""
    test = {"StringLike": {"aws:username": pattern}}
    parameters = {"Name": {"Type": "String"}}
    found = verdicts(tmp_path, "U", {**USER, "Properties": properties}, allow(test), Parameters=parameters)
    assert found["statement-usable"] == expected


TRUST: Json = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}


@pytest.mark.parametrize(
    ("logical_id", "pattern", "expected"),
    [
        ("R", "admin", "refuted"),
        ("R", "*-R-*", "proved"),
        ("R", "*-S-*", "proved"),
        ("R", "*_R_*", "refuted"),
        # Of a long logical id the end is cut off where the name would be too long.
        (LONG, f"*-{LONG}-*", "proved"),
        (LONG, f"*-{LONG[:40]}-*", "proved"),
        (LONG, "*-Custom-*", "proved"),
        (LONG, "*_*", "refuted"),
    ],
)
def test_a_role_without_a_name(logical_id: str, pattern: str, expected: str, tmp_path: Path) -> None:
    """Sessions of a role are told apart by its name; a stack may be called like another resource."""
    role: Json = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
    test = {"ArnLike": {"aws:PrincipalArn": ROLES + pattern}}
    found = verdicts(tmp_path, logical_id, role, allow(test))
    assert found["statement-usable"] == expected


def test_the_caller_that_is_shown(tmp_path: Path) -> None:
    """A counterexample calls the user as CloudFormation would."""
    user: Json = {
        **USER,
        "Properties": {
            "Policies": [
                {"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow()]}},
            ]
        },
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"U": user}}))
    (found,) = trustproof.check([str(file)], account=ACCOUNT, properties=["sensitive-actions-require-mfa"]).results
    assert found.counterexample is not None
    assert found.counterexample.caller == USERS + "example-stack-U-EXAMPLE00000"
