"""
A managed policy that is named by a text, and that the template makes in some deployments only.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, UNKNOWN

Json = dict[str, object]

ACCOUNT = "111122223333"
NAMED = f"arn:aws:iam::{ACCOUNT}:policy/limit"
IN_SUB: Json = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/limit"}
REFERENCE: Json = {"Ref": "Limit"}
NO_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
READS: Json = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
DENIES: Json = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": NO_MFA}
EVERYTHING: Json = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ASKED = "sensitive-actions-require-mfa"


def document(statement: Json) -> Json:
    """A policy document of one statement."""
    return {"Version": "2012-10-17", "Statement": [statement]}


def limit(condition: str | None, statement: Json = READS) -> Json:
    """A managed policy of the name that is meant."""
    properties = {"ManagedPolicyName": "limit", "PolicyDocument": document(statement)}
    found: Json = {"Type": "AWS::IAM::ManagedPolicy", "Properties": properties}
    return found if condition is None else {**found, "Condition": condition}


def user(condition: str | None = None, **more: object) -> Json:
    """A user who may do everything, but for a boundary or more policies."""
    inline = [{"PolicyName": "all", "PolicyDocument": document(EVERYTHING)}]
    found: Json = {"Type": "AWS::IAM::User", "Properties": {"UserName": "erin", "Policies": inline, **more}}
    return found if condition is None else {**found, "Condition": condition}


def template(**resources: object) -> Json:
    """A template with a parameter that decides."""
    mode = {"Type": "String", "Default": "on", "AllowedValues": ["on", "off"]}
    is_on = {"Fn::Equals": [{"Ref": "Mode"}, "on"]}
    conditions = {"On": is_on, "Off": {"Fn::Not": [{"Condition": "On"}]}}
    return {"Parameters": {"Mode": mode}, "Conditions": conditions, "Resources": resources}


def nested(condition: str | None = None) -> Json:
    """A nested stack."""
    found: Json = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "inner.json"}}
    return found if condition is None else {**found, "Condition": condition}


#: By what is there: the templates, and the verdict about the user.
CASES: dict[str, tuple[dict[str, Json], str]] = {
    "text": ({"t": template(User=user(PermissionsBoundary=NAMED), Limit=limit("On"))}, UNKNOWN),
    "sub": ({"t": template(User=user(PermissionsBoundary=IN_SUB), Limit=limit("On"))}, UNKNOWN),
    "always there": ({"t": template(User=user(PermissionsBoundary=NAMED), Limit=limit(None))}, PROVED),
    # CloudFormation refuses a reference to what is not there.
    "reference": ({"t": template(User=user(PermissionsBoundary=REFERENCE), Limit=limit("On"))}, PROVED),
    "user where it is": ({"t": template(User=user("On", PermissionsBoundary=NAMED), Limit=limit("On"))}, PROVED),
    "user where it is not": ({"t": template(User=user("Off", PermissionsBoundary=NAMED), Limit=limit("On"))}, UNKNOWN),
    "one or the other": (
        {"t": template(User=user(PermissionsBoundary=NAMED), Limit=limit("On"), Other=limit("Off"))},
        PROVED,
    ),
    "named where it is": (
        {
            "t": template(
                User=user(PermissionsBoundary={"Fn::If": ["On", NAMED, "arn:aws:iam::aws:policy/ReadOnlyAccess"]}),
                Limit=limit("On"),
            )
        },
        PROVED,
    ),
    "attached": ({"t": template(User=user(ManagedPolicyArns=[NAMED]), Limit=limit("On", DENIES))}, UNKNOWN),
    "in a nested stack": (
        {
            "t": template(User=user(PermissionsBoundary=NAMED), Nested=nested("On")),
            "inner": {"Resources": {"Limit": limit(None)}},
        },
        UNKNOWN,
    ),
    "in another template": (
        {
            "t": template(Limit=limit("On")),
            "other": {"Resources": {"User": user(PermissionsBoundary=NAMED)}},
        },
        UNKNOWN,
    ),
}


def check(folder: Path, files: dict[str, Json], **parameters: str) -> set[str]:
    """The verdicts about the user."""
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([str(folder)], config={}, account=ACCOUNT, parameters=parameters, properties=[ASKED])
    assert report.errors == ()
    return {one.verdict for one in report.results if one.logical_id == "User"}


@pytest.mark.parametrize("case", CASES)
def test_a_policy_that_is_not_always_there(case: str, tmp_path: Path) -> None:
    """Where the template does not make the policy that a text names, nobody knows what it says."""
    files, verdict = CASES[case]
    assert check(tmp_path, files) == {verdict}


@pytest.mark.parametrize("case", [name for name in CASES if "reference" not in name])
def test_what_is_proved_is_proved_at_each_value(case: str, tmp_path: Path) -> None:
    """A proof of the template is one at each value of its parameter."""
    files, verdict = CASES[case]
    found = check(tmp_path, files, Mode="on") | check(tmp_path, files, Mode="off")
    assert (found <= {PROVED}) is (verdict == PROVED)
