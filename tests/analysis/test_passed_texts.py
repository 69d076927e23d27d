"""
Texts that decide around a policy, and that a nested stack is passed: a proof holds at each value that decides them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
_STOPS: Json = {"Effect": "Allow", "Action": "iam:CreateUser", "Resource": "*"}
_READS: Json = {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}
_WITHOUT_MFA: Json = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
}
STAGE: Json = {"Type": "String", "AllowedValues": ["dev", "prod"]}
CONDITIONS: Json = {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
PASSED: Json = {"Ref": "V"}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def _user(**more: object) -> Json:
    own = [{"PolicyName": "own", "PolicyDocument": document(_STOPS)}]
    return {"Type": "AWS::IAM::User", "Properties": {"Policies": own, **more}}


def _in_group(name: object) -> Json:
    """A user of whose groups two keep out who has no MFA, and one keeps out nobody."""
    groups = {
        f"Group{at}": {
            "Type": "AWS::IAM::Group",
            "Properties": {"GroupName": at, "Policies": [{"PolicyName": "p", "PolicyDocument": document(policy)}]},
        }
        for at, policy in (("good", _WITHOUT_MFA), ("better", _WITHOUT_MFA), ("bad", _READS))
    }
    return {**groups, "Judged": _user(Groups=[name])}


def _bounded(name: object) -> Json:
    """A user of whose boundaries two leave out what is sensitive."""
    boundaries = {
        f"Boundary{at}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"ManagedPolicyName": at, "PolicyDocument": document(policy)},
        }
        for at, policy in (("good", _READS), ("better", _READS), ("bad", _STOPS))
    }
    arn = {"Fn::Join": ["", [f"arn:aws:iam::{OWN}:policy/", name]]}
    return {**boundaries, "Judged": _user(PermissionsBoundary=arn)}


def _on_bucket(name: object) -> Json:
    """A policy for everybody on a bucket: one has no settings that refuse it."""
    off = {"PublicAccessBlockConfiguration": {"BlockPublicPolicy": False, "RestrictPublicBuckets": False}}
    buckets = {
        f"Bucket{at}": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": at, **said}}
        for at, said in (("good", {}), ("better", {}), ("bad", off))
    }
    public = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    properties = {"Bucket": name, "PolicyDocument": document(public)}
    return {**buckets, "Judged": {"Type": "AWS::S3::BucketPolicy", "Properties": properties}}


def _mapped(dev: str, prod: str) -> Json:
    return {"Mappings": {"Names": {"dev": {"Name": dev}, "prod": {"Name": prod}}}}


def _lists(resources: Json) -> Json:
    return {"Parameters": {"V": {"Type": "CommaDelimitedList"}}, "Resources": resources}


#: What the parent passes, and the nested stack with what is around a policy, for the names at two values.
FORMS: dict[str, Callable[[str, str, Callable[[object], Json]], tuple[Json, Json]]] = {
    "condition": lambda dev, prod, around: (
        {"V": {"Fn::If": ["Prod", prod, dev]}},
        {"Parameters": {"V": {"Type": "String"}}, "Resources": around(PASSED)},
    ),
    "mapping": lambda dev, prod, around: (
        {"V": {"Ref": "Stage"}},
        {
            "Parameters": {"V": {"Type": "String"}},
            **_mapped(dev, prod),
            "Resources": around({"Fn::FindInMap": ["Names", PASSED, "Name"]}),
        },
    ),
    "list": lambda dev, prod, around: (
        {"V": {"Fn::Join": [",", ["first", {"Fn::If": ["Prod", prod, dev]}]]}},
        _lists(around({"Fn::Select": [1, PASSED]})),
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("around", [_in_group, _bounded, _on_bucket])
@pytest.mark.parametrize("names", [("good", "better"), ("good", "bad"), ("bad", "good")])
def test_a_text_that_a_nested_stack_is_passed(
    tmp_path: Path, form: str, around: Callable[[object], Json], names: tuple[str, str]
) -> None:
    """It is judged at each value of what decides it in the parent, as in one template."""
    passed, child = FORMS[form](*names, around)
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "child.json", "Parameters": passed}}
    parent = {"Parameters": {"Stage": STAGE}, "Conditions": CONDITIONS, "Resources": {"Nested": nested}}
    (tmp_path / "child.json").write_text(json.dumps(child))
    (tmp_path / "parent.json").write_text(json.dumps(parent))
    report = trustproof.check(
        [tmp_path / "parent.json", tmp_path / "child.json"],
        account=OWN,
        config={"boundary": {"accounts": [OWN]}},
        properties=["inside-boundary", "sensitive-actions-require-mfa"],
    )
    found = {result.verdict for result in report.results if result.logical_id.endswith("Judged")}
    assert found == {"refuted" if "bad" in names else "proved"}


def _answers(folder: Path, *contents: Json) -> set[str]:
    files = [folder / f"{at}.json" for at in range(len(contents))]
    for file, content in zip(files, contents, strict=True):
        file.write_text(json.dumps(content))
    report = trustproof.check(files, account=OWN, config={}, properties=["sensitive-actions-require-mfa"])
    return {result.verdict for result in report.results if result.logical_id.endswith("Judged")}


def _stack(file: str, value: object) -> Json:
    properties = {"TemplateURL": file, "Parameters": {"V": value}}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": properties}


@pytest.mark.parametrize("names", [("good", "better"), ("good", "bad")])
def test_a_text_that_one_nested_stack_hands_to_another(tmp_path: Path, names: tuple[str, str]) -> None:
    """It is judged at each value of what decides it in the parent, through the output of the first."""
    dev, prod = names
    first = {"Parameters": {"V": {"Type": "String"}}, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    first["Outputs"] = {"Name": {"Value": PASSED}}
    second = {"Parameters": {"V": {"Type": "String"}}, "Resources": _bounded(PASSED)}
    nested = {
        "First": _stack("1.json", {"Fn::If": ["Prod", prod, dev]}),
        "Second": _stack("2.json", {"Fn::GetAtt": ["First", "Outputs.Name"]}),
    }
    parent = {"Parameters": {"Stage": STAGE}, "Conditions": CONDITIONS, "Resources": nested}
    assert _answers(tmp_path, parent, first, second) == {"refuted" if "bad" in names else "proved"}


@pytest.mark.parametrize("names", [("good", "better"), ("good", "bad")])
def test_a_text_that_is_imported_by_a_name_that_a_condition_chooses(tmp_path: Path, names: tuple[str, str]) -> None:
    """It is judged at each export that the name may be that of."""
    exports = {f"Out{at}": {"Value": at, "Export": {"Name": f"the-{at}"}} for at in names}
    exporting = {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": exports}
    chosen = {"Fn::ImportValue": {"Fn::If": ["Prod", f"the-{names[1]}", f"the-{names[0]}"]}}
    judged = {"Parameters": {"Stage": STAGE}, "Conditions": CONDITIONS, "Resources": _in_group(chosen)}
    assert _answers(tmp_path, exporting, judged) == {"refuted" if "bad" in names else "proved"}
