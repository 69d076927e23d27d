"""
What is attached under a condition of the template is there in some deployments, and protects nobody in the others.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof import check

Json = dict[str, object]

NO_VALUE = {"Ref": "AWS::NoValue"}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": NO_MFA}
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"


def _policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _sometimes(value: object) -> Json:
    return {"Fn::If": ["C", value, NO_VALUE]}


GROUP = {"Type": "AWS::IAM::Group", "Properties": {"Policies": [{"PolicyName": "d", "PolicyDocument": _policy(DENY)}]}}
MANAGED = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _policy(DENY)}}


def _user(**more: object) -> Json:
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "ann", "ManagedPolicyArns": [ADMIN], **more}}


def _members(users: object, **more: object) -> Json:
    properties = {"GroupName": {"Ref": "G"}, "Users": users}
    return {"Type": "AWS::IAM::UserToGroupAddition", "Properties": properties, **more}


ALWAYS: list[Json] = [
    {"G": GROUP, "Ann": _user(Groups=[{"Ref": "G"}])},
    {"G": GROUP, "Ann": _user(), "M": _members([{"Ref": "Ann"}])},
    {"D": MANAGED, "Ann": _user(ManagedPolicyArns=[ADMIN, {"Ref": "D"}])},
    {"G": {**GROUP, "Condition": "C"}, "Ann": {**_user(Groups=[{"Ref": "G"}]), "Condition": "C"}},
]
SOMETIMES: list[Json] = [
    {"G": GROUP, "Ann": _user(Groups=[_sometimes({"Ref": "G"})])},
    {"G": GROUP, "Ann": _user(Groups=_sometimes([{"Ref": "G"}]))},
    {"G": GROUP, "Ann": _user(), "M": _members([{"Ref": "Ann"}], Condition="C")},
    {"G": GROUP, "Ann": _user(), "M": _members([_sometimes({"Ref": "Ann"})])},
    {"D": MANAGED, "Ann": _user(ManagedPolicyArns=[ADMIN, _sometimes({"Ref": "D"})])},
]


def _verdict(folder: Path, resources: Json, parameter: Json) -> tuple[str, dict[str, str]]:
    conditions = {"C": {"Fn::Equals": [{"Ref": "Env"}, "prod"]}}
    parameters = {"Env": {"Type": "String", **parameter}}
    path = folder / "template.json"
    path.write_text(
        json.dumps({"Parameters": parameters, "Conditions": conditions, "Resources": resources}), encoding="utf-8"
    )
    asked = ["sensitive-actions-require-mfa"]
    results = check([str(path)], account="111122223333", properties=asked).results
    worst = min(results, key=lambda result: ("refuted", "unknown", "proved").index(result.verdict))
    return worst.verdict, worst.counterexample.parameters if worst.counterexample is not None else {}


@pytest.mark.parametrize("parameter", [{"Default": "prod"}, {"Default": "dev"}, {"AllowedValues": ["dev", "prod"]}, {}])
@pytest.mark.parametrize("resources", SOMETIMES)
def test_a_deny_that_is_sometimes_attached_does_not_always_deny(
    tmp_path: Path, resources: Json, parameter: Json
) -> None:
    """The counterexample is a deployment without it, whatever the default of the parameter."""
    verdict, parameters = _verdict(tmp_path, resources, parameter)
    assert verdict == "refuted"
    assert parameters.get("Env", parameter.get("Default")) != "prod"


@pytest.mark.parametrize("resources", ALWAYS)
def test_a_deny_that_is_there_whenever_the_user_is_counts(tmp_path: Path, resources: Json) -> None:
    """Membership that holds in every deployment with the user is as good as membership without a condition."""
    assert _verdict(tmp_path, resources, {"Default": "dev"})[0] == "proved"
