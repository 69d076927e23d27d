"""
CloudFormation refuses a template that leaves out a resource to which another one refers.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.analysis.stacks import ADMINISTRATOR, CONFIG, NO_MFA, OUTSIDE, OWN, Json, document, may, resource, trusting
from trustproof import PROVED, REFUTED, UNKNOWN

NOTHING: Json = {"Ref": "AWS::NoValue"}
GUARD: Json = {"Ref": "Guard"}


def guarded(value: Json, condition: str | None = None) -> Json:
    """A user who may do everything but for what a policy keeps from them, under a condition."""
    found = resource("User", UserName="erin", ManagedPolicyArns=[ADMINISTRATOR, value])
    return found if condition is None else {**found, "Condition": condition}


def either(condition: str, there: object, else_: object) -> Json:
    """One value or another."""
    return {"Fn::If": [condition, there, else_]}


#: A user, and the verdict where the policy that they refer to is there under ``IsA``.
CASES: dict[str, tuple[Json, str]] = {
    "always": (guarded(GUARD), PROVED),
    "in a text": (guarded({"Fn::Sub": "${Guard}"}), PROVED),
    "where it is there": (guarded(either("IsA", GUARD, NOTHING)), REFUTED),
    "wherever it is not there": (guarded(either("IsA", NOTHING, GUARD)), REFUTED),
    "either way": (guarded(either("IsC", GUARD, GUARD)), PROVED),
    "under the same condition": (guarded(GUARD, "IsA"), PROVED),
    "under another condition": (guarded(GUARD, "IsC"), PROVED),
    "under another condition, or not at all": (guarded(either("IsC", GUARD, NOTHING)), REFUTED),
}


@pytest.mark.parametrize("default", [{}, {"Default": "b"}, {"Default": "a"}])
@pytest.mark.parametrize("case", CASES)
def test_what_is_referred_to_is_there(case: str, default: Json, tmp_path: Path) -> None:
    """Nothing is refuted in a deployment that lacks what something refers to."""
    user, expected = CASES[case]
    policy = resource("ManagedPolicy", PolicyDocument=document(may("Deny", "*", NO_MFA)))
    stage: Json = {"Type": "String", "AllowedValues": ["a", "b"], **default}
    template = {
        "Parameters": {"S": stage, "T": {"Type": "String", "AllowedValues": ["c", "d"]}},
        "Conditions": {"IsA": {"Fn::Equals": [{"Ref": "S"}, "a"]}, "IsC": {"Fn::Equals": [{"Ref": "T"}, "c"]}},
        "Resources": {"User": user, "Guard": {**policy, "Condition": "IsA"}},
    }
    assert verdict(tmp_path, template) == expected


def test_what_is_never_there(tmp_path: Path) -> None:
    """Where a template refers to what is in no deployment of it, nothing is proved by that."""
    user = guarded({"Ref": "Never"})
    never = resource("ManagedPolicy", PolicyDocument=document(may("Allow", "*")))
    template = {
        "Parameters": {"S": {"Type": "String", "AllowedValues": ["a"]}},
        "Conditions": {"IsB": {"Fn::Equals": [{"Ref": "S"}, "b"]}},
        "Resources": {"User": user, "Never": {**never, "Condition": "IsB"}},
    }
    assert verdict(tmp_path, template) != PROVED


def test_what_only_waits(tmp_path: Path) -> None:
    """What ``DependsOn`` names may be missing."""
    policy = resource("ManagedPolicy", Users=["erin"], PolicyDocument=document(may("Deny", "*", NO_MFA)))
    user = resource("User", UserName="erin", ManagedPolicyArns=[ADMINISTRATOR])
    template = {
        "Parameters": {"S": {"Type": "String", "AllowedValues": ["a", "b"]}},
        "Conditions": {"IsA": {"Fn::Equals": [{"Ref": "S"}, "a"]}},
        "Resources": {"User": {**user, "DependsOn": "Guard"}, "Guard": {**policy, "Condition": "IsA"}},
    }
    assert verdict(tmp_path, template) == REFUTED


def verdict(folder: Path, template: Json) -> str:
    """The worst verdict about the user."""
    (folder / "t.json").write_text(json.dumps(template), encoding="utf-8")
    asked = ["sensitive-actions-require-mfa"]
    report = trustproof.check([str(folder)], config=CONFIG, account=OWN, properties=asked, certify=True)
    assert report.errors == ()
    found = [one.verdict for one in report.results if one.logical_id == "User"]
    return min(found, key=(REFUTED, UNKNOWN, PROVED).index)


def test_a_proof_of_what_is_chosen_where_something_is_missing(tmp_path: Path) -> None:
    """A certificate is for the deployments that there are: none trusts somebody where a topic is missing."""
    statement = {**may("Allow", "sns:Publish"), "Principal": {"AWS": OWN}}
    about = {"Topics": [{"Ref": "Topic"}], "PolicyDocument": document(statement)}
    template: Json = {
        "Parameters": {"S": {"Type": "String", "AllowedValues": ["b", "a"]}},
        "Conditions": {"IsA": {"Fn::Equals": [{"Ref": "S"}, "a"]}},
        "Resources": {
            "Role": trusting(either("IsA", OWN, OUTSIDE), {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            "Topic": {"Type": "AWS::SNS::Topic", "Condition": "IsA"},
            "Policy": {
                "Type": "AWS::SNS::TopicPolicy",
                "Properties": about,
            },
        },
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    report = trustproof.check(
        [str(tmp_path / "t.json")], config=CONFIG, account=OWN, properties=["inside-boundary"], certify=True
    )
    assert {(one.logical_id, one.verdict) for one in report.results} == {("Role", PROVED), ("Policy", PROVED)}


@pytest.mark.parametrize("condition", [None, "IsA"])
def test_a_policy_is_put_on_what_has_a_name(condition: str | None, tmp_path: Path) -> None:
    """An empty default is no name of a bucket, so the policy is shown with another one."""
    read = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "arn:aws:s3:::${B}/*"},
    }
    policy = resource("BucketPolicy", Bucket={"Ref": "B"}, PolicyDocument=document(read))
    template = {
        "Parameters": {"S": {"Type": "String", "AllowedValues": ["a"]}, "B": {"Type": "String", "Default": ""}},
        "Conditions": {"IsA": {"Fn::Equals": [{"Ref": "S"}, "a"]}},
        "Resources": {
            "P": {**policy, "Type": "AWS::S3::BucketPolicy", **({} if condition is None else {"Condition": condition})}
        },
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    (found,) = trustproof.check([str(path)], account=OWN, properties=["inside-boundary"]).results
    assert found.counterexample is not None
    assert found.counterexample.resource == "arn:aws:s3:::b/app"
