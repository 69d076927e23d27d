"""
Inline policies of one name: a holder has one of each name.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.results.report import Report

ASKED = "sensitive-actions-require-mfa"
OWN = "111122223333"

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": WITHOUT_MFA}
BOTH = [ALLOW, DENY]
REF = {"Ref": "U"}
REF_NAME = {"Ref": "Name"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def policy(name: Any, *statements: dict[str, Any], type_: str = "Policy", **more: Any) -> dict[str, Any]:
    holder = {"UserName": REF} if type_ == "UserPolicy" else {"Users": [REF]}
    properties = {"PolicyName": name, "PolicyDocument": document(*statements), **holder}
    return {"Type": f"AWS::IAM::{type_}", "Properties": properties, **more}


def user(*policies: tuple[Any, dict[str, Any]]) -> dict[str, Any]:
    inline = [{"PolicyName": name, "PolicyDocument": document(one)} for name, one in policies]
    return {"Type": "AWS::IAM::User", "Properties": {"UserName": "u", **({"Policies": inline} if inline else {})}}


def check(tmp_path: Path, resources: dict[str, Any], **sections: Any) -> Report:
    file = tmp_path / "template.json"
    file.write_text(json.dumps({**sections, "Resources": {"U": user(), **resources}}))
    report = trustproof.check([file], config={}, account=OWN, properties=[ASKED])
    assert report.errors == ()
    return report


def verdicts(report: Report, *resources: str) -> set[str]:
    return {one.verdict for one in report.results if not resources or one.logical_id in resources}


NAME = {"Name": {"Type": "String"}}
#: Resources, and what is to be said of the Allow.
TWO = [
    ({"Allow": policy("p", ALLOW), "Deny": policy("p", DENY)}, "refuted"),
    ({"Deny": policy("p", DENY), "Allow": policy("p", ALLOW)}, "refuted"),
    ({"Allow": policy("p", ALLOW), "Deny": policy("q", DENY)}, "proved"),
    ({"Allow": policy("p", ALLOW, type_="UserPolicy"), "Deny": policy("p", DENY)}, "refuted"),
    ({"U": user(("p", DENY)), "Allow": policy("p", ALLOW)}, "refuted"),
    ({"U": user(("q", DENY)), "Allow": policy("p", ALLOW)}, "proved"),
    ({"Allow": policy({"Ref": "Name"}, ALLOW), "Deny": policy({"Ref": "Name"}, DENY)}, "refuted"),
    ({"Allow": policy({"Fn::Sub": "a-${Name}"}, ALLOW), "Deny": policy({"Fn::Sub": "b-${Name}"}, DENY)}, "proved"),
    # Whichever is there says the same.
    ({"Allow": policy("p", *BOTH), "Other": policy("p", *BOTH)}, "proved"),
    ({"Allow": policy("p", ALLOW), "Deny": policy("p", DENY), "Third": policy("r", DENY)}, "proved"),
    ({"Allow": policy("p", ALLOW), "Deny": policy("p", DENY), "Third": policy("p", DENY)}, "refuted"),
]


@pytest.mark.parametrize(("resources", "verdict"), TWO)
def test_the_last_of_a_name_is_there(tmp_path: Path, resources: dict[str, Any], verdict: str) -> None:
    """Which one is the last nobody knows, and each is judged without the others."""
    report = check(tmp_path, resources, Parameters=NAME)
    assert verdicts(report, "Allow") == {verdict}


def test_two_of_one_list(tmp_path: Path) -> None:
    """They are told apart by their places."""
    report = check(tmp_path, {"U": user(("p", ALLOW), ("p", DENY))})
    assert "refuted" in verdicts(report)
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"U.Policies[1] replaces U.Policies[0]": "false"}


@pytest.mark.parametrize(
    ("when_allowed", "when_denied", "verdict"),
    [("On", "Off", "refuted"), ("Off", "On", "refuted"), ("On", "On", "refuted"), (None, "On", "refuted")],
)
def test_what_is_there_in_some_cases(
    tmp_path: Path, when_allowed: str | None, when_denied: str | None, verdict: str
) -> None:
    """Of two that are never there together none replaces the other."""
    sections = {
        "Parameters": {"Is": {"Type": "String", "AllowedValues": ["true", "false"]}},
        "Conditions": {
            "On": {"Fn::Equals": [{"Ref": "Is"}, "true"]},
            "Off": {"Fn::Not": [{"Condition": "On"}]},
        },
    }
    resources = {
        "Allow": policy("p", ALLOW, **({"Condition": when_allowed} if when_allowed else {})),
        "Deny": policy("p", DENY, **({"Condition": when_denied} if when_denied else {})),
    }
    assert verdicts(check(tmp_path, resources, **sections), "Allow") == {verdict}


@pytest.mark.parametrize(
    ("condition", "denies", "verdict"),
    [
        # Each may replace the other, and one of them is there.
        (None, (DENY, DENY), "proved"),
        (None, (DENY, {**DENY, "Action": "s3:*"}), "refuted"),
        ({"Fn::Equals": [{"Ref": "On"}, "yes"]}, (DENY, DENY), "proved"),
        # What is not there replaces nothing.
        ({"Fn::Equals": ["a", "b"]}, (DENY, ALLOW), "proved"),
    ],
)
def test_one_of_two_that_may_have_one_name_is_there(
    tmp_path: Path, condition: object, denies: tuple[dict[str, Any], dict[str, Any]], verdict: str
) -> None:
    """Two Denies of names that nobody knows are not both gone."""
    more = {"Condition": "C"} if condition else {}
    conditions = {"Conditions": {"C": condition}} if condition else {}
    resources = {
        "A": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Users": [REF], "PolicyDocument": document(ALLOW)}},
        "D": policy("p", denies[0]),
        "E": policy(REF_NAME, denies[1], **more),
    }
    parameters = {**NAME, "On": {"Type": "String", "AllowedValues": ["yes", "no"]}}
    assert verdicts(check(tmp_path, resources, Parameters=parameters, **conditions), "A") == {verdict}


def test_one_that_is_not_there_replaces_nothing(tmp_path: Path) -> None:
    """A Deny holds where the policy of its name is not there that might replace it."""
    sections = {
        "Parameters": {"Is": {"Type": "String", "AllowedValues": ["true", "false"]}},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "Is"}, "true"]}, "Off": {"Fn::Not": [{"Condition": "On"}]}},
    }
    resources = {
        "Allow": policy("q", ALLOW, Condition="Off"),
        "Deny": policy("p", DENY),
        "Other": policy("p", {**ALLOW, "Action": "s3:GetObject"}, Condition="On"),
    }
    assert verdicts(check(tmp_path, resources, **sections), "Allow") == {"proved"}


def test_what_is_replaced_is_attached_all_the_same(tmp_path: Path) -> None:
    """A report does not say that nobody has it."""
    report = check(tmp_path, {"Allow": policy("p", ALLOW), "Deny": policy("p", DENY)})
    assert not any("attached to nobody" in note for note in report.notes)


def test_what_another_value_attaches_is_not_said_to_be_nobodys(tmp_path: Path) -> None:
    """A user who has a policy by its name has it at one of the values of the parameter that gives the name."""
    which = {"Type": "String", "Default": "none", "AllowedValues": ["none", "allow"]}
    arns = [{"Fn::Sub": f"arn:aws:iam::{OWN}:policy/${{Which}}"}]
    user_ = {"Type": "AWS::IAM::User", "Properties": {"ManagedPolicyArns": arns}}
    made = {"ManagedPolicyName": "allow", "PolicyDocument": document(ALLOW)}
    resources = {"U": user_, "Allow": {"Type": "AWS::IAM::ManagedPolicy", "Properties": made}}
    report = check(tmp_path, resources, Parameters={"Which": which})
    assert verdicts(report, "Allow") == {"refuted"}
    assert not any("attached to nobody" in note for note in report.notes)


def test_what_only_a_deployment_decides_is_not_searched_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of many policies of one name is the last is given for each, and takes no search however many there are."""
    monkeypatch.setattr("trustproof.inputs.cloudformation.evaluation.conditions.solver.MAX_STEPS", 1)
    some = {f"P{n}": policy({"Ref": "Name"}, ALLOW) for n in range(20)}
    assert verdicts(check(tmp_path, some, Parameters=NAME)) == {"refuted"}
