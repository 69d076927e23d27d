"""
Names, tags and ARNs around policies that a condition decides within a text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof

Json = dict[str, Any]

SENSITIVE, SCOPED = "sensitive-actions-require-mfa", "assume-role-scoped"
ACCOUNT = "111122223333"
OWN, AWS = f"arn:aws:iam::{ACCOUNT}:policy/", "arn:aws:iam::aws:policy/"


def says(effect: str, action: str, **more: Any) -> Json:
    statement = {"Effect": effect, "Action": action, "Resource": "*", **more}
    return {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


ALLOW, DENY, NOTHING = says("Allow", "iam:CreateUser"), says("Deny", "iam:*"), says("Allow", "s3:GetObject")


def inline(what: Json, name: object = "own") -> Json:
    return {"Policies": [{"PolicyName": name, **what}]}


def user(**properties: Any) -> Json:
    return {"Type": "AWS::IAM::User", "Properties": properties}


def group(name: object, what: Json) -> Json:
    return {"Type": "AWS::IAM::Group", "Properties": {"GroupName": name, **inline(what)}}


def managed(name: str, what: Json) -> Json:
    return {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": name, **what}}


def permission_set(**properties: Any) -> Json:
    return {"Type": "AWS::SSO::PermissionSet", "Properties": {"Name": "ops", **properties}}


GROUPS = {"A": group("a", DENY), "B": group("b", NOTHING)}
POLICIES = {"A": managed("a", NOTHING), "B": managed("b", says("Allow", "sts:AssumeRole"))}
BOUNDARIES = {"A": managed("a", NOTHING), "B": managed("b", ALLOW)}
TAGGED = says("Deny", "iam:*", Condition={"StringEquals": {"aws:PrincipalTag/t": "a"}})
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
Made = Callable[[Any], Json]
#: What is asked; resources by a text; the text at which it holds, and one at which it does not.
PLACES: dict[str, tuple[str, Made, str, str]] = {
    "groups of a user": (SENSITIVE, lambda t: {"U": user(Groups=[t], **inline(ALLOW)), **GROUPS}, "a", "b"),
    "name of a group": (SENSITIVE, lambda t: {"U": user(Groups=["a"], **inline(ALLOW)), "G": group(t, DENY)}, "a", "c"),
    "name of a user": (
        SENSITIVE,
        lambda t: {
            "U": user(UserName=t, **inline(ALLOW)),
            "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"Users": ["a"], **DENY}},
        },
        "a",
        "c",
    ),
    "name of a policy": (
        SENSITIVE,
        lambda t: {
            "U": user(**inline(DENY, t)),
            "P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "b", "Users": [{"Ref": "U"}], **ALLOW}},
        },
        "a",
        "b",
    ),
    "tag": (
        SENSITIVE,
        lambda t: {
            "U": user(
                Tags=[{"Key": "t", "Value": t}],
                Policies=[{"PolicyName": "x", **ALLOW}, {"PolicyName": "y", **TAGGED}],
            )
        },
        "a",
        "b",
    ),
    "boundary": (
        SENSITIVE,
        lambda t: {"U": user(PermissionsBoundary=t, **inline(ALLOW)), **BOUNDARIES},
        f"{OWN}a",
        f"{OWN}b",
    ),
    "managed policy": (SENSITIVE, lambda t: {"U": user(ManagedPolicyArns=[t]), **BOUNDARIES}, f"{OWN}a", f"{OWN}b"),
    "managed policy of a permission set": (
        SCOPED,
        lambda t: {"S": permission_set(ManagedPolicies=[t])},
        f"{AWS}AmazonS3ReadOnlyAccess",
        f"{AWS}AdministratorAccess",
    ),
    "customer managed policy": (
        SCOPED,
        lambda t: {"S": permission_set(CustomerManagedPolicyReferences=[{"Name": t}]), **POLICIES},
        "a",
        "b",
    ),
    "boundary of a permission set": (
        SCOPED,
        lambda t: {"S": permission_set(InlinePolicy=EVERYTHING, PermissionsBoundary={"ManagedPolicyArn": t})},
        f"{AWS}AmazonS3ReadOnlyAccess",
        f"{AWS}AdministratorAccess",
    ),
}
#: How a text is made where a condition chooses between two.
TEXTS: dict[str, Callable[[str, str], Any]] = {
    "If": lambda yes, no: {"Fn::If": ["C", yes, no]},
    "Join": lambda yes, no: {"Fn::Join": ["", [{"Fn::If": ["C", yes, no]}]]},
    "Sub": lambda yes, no: {"Fn::Sub": ["${T}", {"T": {"Fn::If": ["C", yes, no]}}]},
    "FindInMap": lambda _yes, _no: {"Fn::FindInMap": ["M", {"Fn::If": ["C", "yes", "no"]}, "t"]},
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("how", TEXTS)
def test_a_text_is_what_each_outcome_makes_of_it(place: str, how: str) -> None:
    """What holds at both texts is proved, and what fails at one is refuted at a value at which it is that."""
    asked, made, right, wrong = PLACES[place]
    for yes, no in ((right, right), (right, wrong), (wrong, right)):
        template = {
            "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
            "Mappings": {"M": {"yes": {"t": yes}, "no": {"t": no}}},
            "Resources": made(TEXTS[how](yes, no)),
        }
        report = trustproof.check([template], account=ACCOUNT, config={}, properties=[asked])
        refuted = [one for one in report.results if one.verdict == "refuted"]
        assert bool(refuted) is (wrong in (yes, no))
        assert refuted or {one.verdict for one in report.results} == {"proved"}
        for one in refuted:
            assert one.counterexample is not None
            assert one.counterexample.parameters.get("Stage") == ("prod" if yes == wrong else "dev")


#: How a text is made where the Region chooses between two: what it is in us-east-1, and in eu-west-1.
REGIONAL: dict[str, Callable[[str, str], tuple[Json, Any]]] = {
    "mapping": lambda here, there: (
        {"Mappings": {"M": {"us-east-1": {"t": here}, "eu-west-1": {"t": there}}}},
        {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "t"]},
    ),
    "mapping of two keys": lambda here, there: (
        {
            "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
            "Mappings": {"M": {"us-east-1": {"dev": here, "prod": here}, "eu-west-1": {"dev": here, "prod": there}}},
        },
        {"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, {"Ref": "Stage"}]},
    ),
    "condition": lambda here, there: (
        {"Conditions": {"C": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}}},
        {"Fn::If": ["C", there, here]},
    ),
}


@pytest.mark.parametrize(
    ("place", "how"),
    [
        *((place, "mapping") for place in ("boundary", "managed policy of a permission set", "name of a user", "tag")),
        *((place, "mapping of two keys") for place in ("managed policy", "tag")),
        ("tag", "condition"),
    ],
)
def test_a_text_that_the_region_decides_is_judged_in_each(place: str, how: str) -> None:
    """Where nobody says the Region, it is each for which mappings have what they are asked for."""
    asked, made, right, wrong = PLACES[place]
    for here, there in ((right, right), (right, wrong)):
        around, text = REGIONAL[how](here, there)
        template = {**around, "Resources": made(text)}
        report = trustproof.check([template], account=ACCOUNT, config={}, properties=[asked])
        refuted = [one for one in report.results if one.verdict == "refuted"]
        assert bool(refuted) is (wrong == there)
        assert refuted or {one.verdict for one in report.results} == {"proved"}
        for one in refuted:
            assert one.counterexample is not None
            assert one.counterexample.parameters["AWS::Region"] == "eu-west-1"
            assert "this is so where AWS::Region is eu-west-1" in one.why


@pytest.mark.parametrize("place", ["boundary", "name of a group", "tag"])
def test_a_text_for_the_region_may_be_passed_to_a_nested_stack(place: str, tmp_path: Path) -> None:
    """The mapping of the parent says in which Regions there is a stack at all."""
    asked, made, right, wrong = PLACES[place]
    child = {"Parameters": {"T": {"Type": "String"}}, "Resources": made({"Ref": "T"})}
    (tmp_path / "child.json").write_text(json.dumps(child))
    for there in (right, wrong):
        around, text = REGIONAL["mapping"](right, there)
        properties = {"TemplateURL": "child.json", "Parameters": {"T": text}}
        parent = {**around, "Resources": {"N": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}}
        (tmp_path / "parent.json").write_text(json.dumps(parent))
        files = [tmp_path / "parent.json", tmp_path / "child.json"]
        report = trustproof.check(files, account=ACCOUNT, config={}, properties=[asked])
        found = {one.verdict for one in report.results if one.logical_id.endswith("U")}
        assert ("refuted" in found) is (there == wrong)
        assert found <= {"proved", "refuted"}


@pytest.mark.parametrize("how", TEXTS)
@pytest.mark.parametrize(("other", "expected"), [(DENY, "proved"), (NOTHING, "refuted")])
def test_a_text_may_name_something_of_another_template_by_a_condition(
    how: str, other: Json, expected: str, tmp_path: Path
) -> None:
    """What a template names by either outcome is the one that another template of the run declares."""
    text = TEXTS[how]("a", "b")
    user_ = {
        "Parameters": {"Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Mappings": {"M": {"yes": {"t": "a"}, "no": {"t": "b"}}},
        "Resources": {"U": user(Groups=[text], **inline(ALLOW))},
    }
    groups = {"Resources": {"A": group("a", DENY), "B": group("b", other)}}
    for name, content in (("user", user_), ("groups", groups)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check([tmp_path], account=ACCOUNT, config={}, properties=[SENSITIVE])
    assert {one.verdict for one in report.results if one.logical_id == "U"} == {expected}
