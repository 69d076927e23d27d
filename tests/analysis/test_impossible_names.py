"""
Names that AWS gives to nobody: a template may have them, and no deployment does.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
_LONG = "x" * 65
_USERS = "arn:aws:iam::222222222222:user/"


def _policy(action: str, **more: object) -> Json:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, **more}]}


def _user(name: str) -> Json:
    policy = {"PolicyName": "p", "PolicyDocument": _policy("iam:*", Resource="*")}
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": name, "Policies": [policy]}}


def _role(principal: object, condition: object = None, **properties: object) -> Json:
    more = {} if condition is None else {"Condition": condition}
    trust = _policy("sts:AssumeRole", Principal=principal, **more)
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (_user(_LONG), ""),
        (
            _role("*", {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::222222222222:user/{_LONG}"}}),
            "the name of a user",
        ),
        # What is wrong with these names is said as an error.
        (_role({"AWS": "222222222222"}, RoleName="x", Path="/a:b/"), ""),
        (_role({"AWS": "222222222222"}, RoleName="a:b"), ""),
    ],
    ids=["a user", "a condition", "a path with a colon", "a name with a colon"],
)
def test_a_name_that_nobody_has_is_said(tmp_path: Path, resource: Json, name: str) -> None:
    """Where the search finds but somebody whom there cannot be, that is no fault of the search."""
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"A": resource}}))
    unknown = [one for one in trustproof.check([str(tmp_path)]).results if one.verdict == "unknown"]
    assert not name or any(name in reason for one in unknown for reason in one.reasons)
    assert not [reason for one in unknown for reason in one.reasons if "disagree" in reason]


@pytest.mark.parametrize("length", [63, 64])
def test_a_session_is_called_by_no_more_than_a_name_has(tmp_path: Path, length: int) -> None:
    """A wildcard at the end of a name that is as long as names are stands for nothing: whoever is called so gets in."""
    role = _role({"AWS": "222222222222"}, {"StringLike": {"sts:RoleSessionName": "x" * length + "*"}})
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {"A": role}}))
    (found,) = trustproof.check([str(tmp_path)], properties=["mfa-required"]).results
    assert found.verdict == "refuted"


@pytest.mark.parametrize("character", ["\t", "\n", "\x01"])
def test_the_name_of_a_function_may_hold_anything(tmp_path: Path, character: str) -> None:
    """AWS refuses it; the run goes on to the other resources."""
    properties = {
        "FunctionName": f"a{character}b",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
    }
    body = {"A": {"Type": "AWS::Lambda::Permission", "Properties": properties}, "U": _user("alice")}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": body}))
    assert {one.logical_id for one in trustproof.check([str(tmp_path)]).results} == {"A", "U"}
