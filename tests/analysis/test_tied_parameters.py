"""
What a parent passes as it is, is the same value in the parent and in all stacks inside it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED

Json = dict[str, object]

ACCOUNT, OTHER, OUTSIDE = "111122223333", "222233334444", "999988887777"
CONFIG = {"boundary": {"accounts": [ACCOUNT, OTHER]}}
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
NO_MFA: Json = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
TEXT: Json = {"Type": "String"}
LISTED: Json = {"Type": "String", "Default": "b", "AllowedValues": ["a", "b"]}
STAGES: dict[str, Json] = {
    "listed": LISTED,
    "listed, without a default": {"Type": "String", "AllowedValues": ["a", "b"]},
    "with a default": {"Type": "String", "Default": "b"},
    "open": TEXT,
}
STAGE: Json = {"Ref": "Stage"}
OUTPUT: Json = {"Fn::GetAtt": ["Nested", "Outputs.Who"]}


def document(**statement: object) -> Json:
    """A policy document of one statement."""
    return {"Version": "2012-10-17", "Statement": [statement]}


def role(principal: object) -> Json:
    """A role that somebody may assume."""
    trust = document(Effect="Allow", Principal={"AWS": principal}, Action="sts:AssumeRole", Condition=MFA)
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


def policy(effect: str, condition: str = "IsA", who: object = "erin") -> Json:
    """A policy of a user, under a condition: everything, or nothing without MFA."""
    more = {} if effect == "Allow" else {"Condition": NO_MFA}
    said = document(Effect=effect, Action="*", Resource="*", **more)
    properties = {"PolicyName": effect, "Users": [who], "PolicyDocument": said}
    return {"Type": "AWS::IAM::Policy", "Condition": condition, "Properties": properties}


def stack(url: str, passed: object = STAGE) -> Json:
    """A nested stack."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": {"Stage": passed}}}


def template(declared: Json, outputs: Json | None = None, **resources: object) -> Json:
    """A template with a parameter, and conditions of it."""
    is_a = {"Fn::Equals": [STAGE, "a"]}
    found: Json = {
        "Parameters": {"Stage": declared, "Other": LISTED},
        "Conditions": {"IsA": is_a, "IsNotA": {"Fn::Not": [{"Condition": "IsA"}]}},
        "Resources": resources or {"Topic": {"Type": "AWS::SNS::Topic"}},
    }
    return found if outputs is None else {**found, "Outputs": outputs}


WHO: Json = {"Who": {"Value": {"Fn::If": ["IsA", ACCOUNT, OUTSIDE]}}}
BACK: Json = {"Who": {"Value": OUTPUT}}
USER: Json = {"Type": "AWS::IAM::User", "Properties": {"UserName": "erin"}}


def nested(where: str, passed: object = STAGE, **resources: object) -> dict[str, Json]:
    """A template in the middle, or none, and one inside it, by their names; the outermost nests ``inner.json``."""
    inner = template(TEXT, WHO, **resources)
    if where == "one level":
        return {"inner": inner}
    return {"inner": template(TEXT, BACK, Nested=stack("innermost.json")), "innermost": inner}


def chosen(there: object, else_: object) -> Json:
    """What a role trusts, by a condition of the outermost template."""
    return role({"Fn::If": ["IsA", there, else_]})


#: What the outermost template has beside the nested stack, what that has, what it is passed, and the verdict.
CASES: dict[str, tuple[dict[str, object], dict[str, object], object, str]] = {
    "an output under the same condition": ({"Role": chosen(OUTPUT, OTHER)}, {}, STAGE, PROVED),
    "an output under the other condition": ({"Role": chosen(OTHER, OUTPUT)}, {}, STAGE, REFUTED),
    "an output of another parameter": ({"Role": chosen(OUTPUT, OTHER)}, {}, {"Ref": "Other"}, REFUTED),
    "an output, passed in a text": ({"Role": chosen(OUTPUT, OTHER)}, {}, {"Fn::Sub": "${Stage}"}, PROVED),
    "an output, passed in a longer text": ({"Role": chosen(OUTPUT, OTHER)}, {}, {"Fn::Sub": "x${Stage}"}, REFUTED),
    "a Deny inside": ({"User": USER, "Allow": policy("Allow")}, {"Deny": policy("Deny")}, STAGE, PROVED),
    "a Deny outside": ({"User": USER, "Deny": policy("Deny")}, {"Allow": policy("Allow")}, STAGE, PROVED),
    "a Deny elsewhere": (
        {"User": USER, "Allow": policy("Allow")},
        {"Deny": policy("Deny", "IsNotA")},
        STAGE,
        REFUTED,
    ),
    "a Deny by another parameter": (
        {"User": USER, "Allow": policy("Allow")},
        {"Deny": policy("Deny")},
        {"Ref": "Other"},
        REFUTED,
    ),
    "both inside, in two stacks": (
        {"User": USER, "Second": stack("second.json")},
        {"Deny": policy("Deny")},
        STAGE,
        PROVED,
    ),
}


def verdict(folder: Path, files: dict[str, Json], **parameters: str) -> str:
    """The worst verdict."""
    for name, content in files.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    asked = ["inside-boundary", "sensitive-actions-require-mfa"]
    report = trustproof.check([str(folder)], config=CONFIG, account=ACCOUNT, parameters=parameters, properties=asked)
    assert report.errors == ()
    return REFUTED if any(one.verdict == REFUTED for one in report.results) else PROVED


@pytest.mark.parametrize("declared", STAGES)
@pytest.mark.parametrize("where", ["one level", "two levels"])
@pytest.mark.parametrize("case", CASES)
def test_a_parameter_that_is_passed_as_it_is(case: str, where: str, declared: str, tmp_path: Path) -> None:
    """Parent and nested stack are judged at one value of what the one passes to the other."""
    around, inside, passed, expected = CASES[case]
    outer = template(STAGES[declared], None, Nested=stack("inner.json", passed), **around)
    second = template(TEXT, None, Allow=policy("Allow"))
    files = {"outer": outer, **nested(where, passed, **inside)} | ({"second": second} if "Second" in around else {})
    assert verdict(tmp_path, files) == expected


@pytest.mark.parametrize("declared", [{"Default": "a"}, {"Default": "a", "AllowedValues": ["a", "b"]}])
@pytest.mark.parametrize("given", [{}, {"Stage": "b"}])
def test_a_parameter_that_nothing_is_passed_for(declared: Json, given: dict[str, str], tmp_path: Path) -> None:
    """It is at its default, and nobody can give it another value."""
    properties = {"TemplateURL": "inner.json"}
    giver = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
    outer = {"Resources": {"Nested": giver, "Role": role(OUTPUT)}}
    inner = template({"Type": "String", **declared}, WHO, Own=chosen(ACCOUNT, OUTSIDE))
    assert verdict(tmp_path, {"outer": outer, "inner": inner}, **given) == PROVED
