"""
What conditions of a nested stack compare is told apart in all stacks around it that pass it on.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED

Json = dict[str, object]

ACCOUNT = "111122223333"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NOTHING: Json = {"Ref": "AWS::NoValue"}
TEXT: Json = {"Type": "String", "AllowedPattern": "[a-z-]+"}


def innermost(condition: object) -> Json:
    """A template with a role that asks for MFA under a condition."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole", "Condition": condition}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "Parameters": {"Stage": TEXT},
        "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }


def around(inner: str, declared: Json, passed: object) -> Json:
    """A template that passes something to a nested stack."""
    properties = {"TemplateURL": inner, "Parameters": {"Stage": passed}}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
    return {"Parameters": {"Stage": declared}, "Resources": {"Nested": nested}}


@pytest.mark.parametrize("hops", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("condition", "passed", "declared", "verdict"),
    [
        ({"Fn::If": ["IsProd", MFA, NOTHING]}, {"Ref": "Stage"}, {"Default": "prod"}, REFUTED),
        ({"Fn::If": ["IsProd", MFA, NOTHING]}, "prod", {"Default": "prod"}, PROVED),
        ({"Fn::If": ["IsProd", MFA, NOTHING]}, {"Ref": "Stage"}, {"AllowedValues": ["prod"]}, PROVED),
        ({"Fn::If": ["IsProd", MFA, MFA]}, {"Ref": "Stage"}, {"Default": "prod"}, PROVED),
    ],
)
def test_what_is_compared_further_in(
    condition: object, passed: object, declared: Json, verdict: str, hops: int, tmp_path: Path
) -> None:
    """A default decides no condition, however many stacks pass it on; a value that is written out does."""
    files = {f"t{hops}.json": innermost(condition)}
    for number in reversed(range(hops)):
        outermost = number == 0
        own = around(
            f"t{number + 1}.json",
            {"Type": "String", **declared} if outermost else {"Type": "String"},
            passed if outermost else {"Ref": "Stage"},
        )
        files[f"t{number}.json"] = own
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], config={"boundary": {"accounts": [ACCOUNT]}}, account=ACCOUNT, properties=["mfa-required"]
    )
    assert [(one.logical_id, one.verdict) for one in report.results] == [("Role", verdict)]


GET_ATT: Json = {"Fn::GetAtt": ["Giver", "Outputs.Name"]}
SUB: Json = {"Fn::Sub": "${Giver.Outputs.Name}"}
JOIN: Json = {"Fn::Join": ["", [{"Fn::GetAtt": "Giver.Outputs.Name"}, ""]]}


def giver(output: object) -> Json:
    """A template that gives back something."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Ref": "Stage"}}}
    return {
        "Parameters": {"Stage": {"Type": "String"}},
        "Resources": {"Topic": topic},
        "Outputs": {"Name": {"Value": output}},
    }


@pytest.mark.parametrize("passed", [GET_ATT, SUB, JOIN])
@pytest.mark.parametrize(
    ("output", "given", "verdict"),
    [
        ({"Ref": "Stage"}, {"Ref": "Stage"}, REFUTED),
        ({"Fn::Sub": "${Stage}"}, {"Ref": "Stage"}, REFUTED),
        ({"Ref": "Stage"}, "prod", PROVED),
        ({"Fn::GetAtt": ["Topic", "TopicName"]}, {"Ref": "Stage"}, REFUTED),
        ("prod", {"Ref": "Stage"}, PROVED),
    ],
)
@pytest.mark.parametrize("hops", [0, 1, 2])
def test_what_comes_back_in_an_output(
    output: object, given: object, verdict: str, passed: Json, hops: int, tmp_path: Path
) -> None:
    """A default that a nested stack gives back, and another one compares, decides no condition."""
    outermost = around("inner.json", {"Type": "String", "Default": "prod"}, passed)
    properties = {"TemplateURL": "t0.json", "Parameters": {"Stage": given}}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
    resources = outermost["Resources"]
    assert isinstance(resources, dict)
    resources["Giver"] = nested
    files = {"outermost.json": outermost, "inner.json": innermost({"Fn::If": ["IsProd", MFA, NOTHING]})}
    files[f"t{hops}.json"] = giver(output)
    for number in range(hops):
        # It gives back what is given back to it.
        own = around(f"t{number + 1}.json", {"Type": "String"}, {"Ref": "Stage"})
        files[f"t{number}.json"] = own | {"Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Nested", "Outputs.Name"]}}}}
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)], config={"boundary": {"accounts": [ACCOUNT]}}, account=ACCOUNT, properties=["mfa-required"]
    )
    assert [(one.logical_id, one.verdict) for one in report.results] == [("Role", verdict)]
