"""
Templates that functions make inside a StackSet: what holds at the defaults of the template around them is no proof.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED, UNKNOWN

Json = dict[str, object]

ACCOUNT, OUTSIDE = "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [ACCOUNT]}}
LISTED = {"Type": "String", "Default": ACCOUNT, "AllowedValues": [ACCOUNT, OUTSIDE]}
ALIKE = {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]}
NOT_CHECKED = "not checked"
FREE = {"Type": "String", "Default": "prod"}


def inner(principal: object = ACCOUNT, **sections: object) -> Json:
    """A template with a role that an account may assume."""
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    return {**sections, "Resources": {"R": role}}


def outer(body: object, condition: str = "", **sections: object) -> Json:
    """A template with a StackSet."""
    found: Json = {"Type": "AWS::CloudFormation::StackSet", "Properties": {"TemplateBody": body}}
    return {**sections, "Resources": {"SS": {**found, **({"Condition": condition} if condition else {})}}}


def sub(content: Json, **variables: object) -> Json:
    """A template as the text of an ``Fn::Sub``."""
    text = json.dumps(content)
    return {"Fn::Sub": [text, variables] if variables else text}


def chooses(left: object, right: str, yes: str = OUTSIDE, no: str = ACCOUNT) -> Json:
    """A template in which a condition chooses who may assume the role."""
    return inner({"Fn::If": ["C", yes, no]}, Conditions={"C": {"Fn::Equals": [left, right]}})


BEFORE, AFTER = json.dumps(inner("HERE")).split("HERE")
JOINED = {"Fn::Join": ["", [BEFORE, {"Ref": "H"}, AFTER]]}
FIND = {"Fn::FindInMap": ["M", {"Ref": "S"}, "Id"]}
MAPPINGS = {"M": {"a": {"Id": ACCOUNT}, "b": {"Id": OUTSIDE}}}
CASES: dict[str, tuple[Json, str, dict[str, str], str]] = {
    "a text": (outer(sub(inner()), Parameters={"H": LISTED}), PROVED, {}, PROVED),
    "Fn::Sub of the template inside": (
        outer(sub(inner({"Fn::Sub": "${!A}"}, Parameters={"A": {"Type": "String", "Default": OUTSIDE}}))),
        REFUTED,
        {},
        REFUTED,
    ),
    "Fn::Sub of both": (
        outer(
            sub(inner({"Fn::Sub": "${!A}"}, Parameters={"A": {"Type": "String", "Default": "${H}"}})),
            Parameters={"H": LISTED},
        ),
        UNKNOWN,
        {"H": OUTSIDE},
        REFUTED,
    ),
    "Fn::Sub": (outer(sub(inner("${H}")), Parameters={"H": LISTED}), UNKNOWN, {"H": OUTSIDE}, REFUTED),
    "the default given": (outer(sub(inner("${H}")), Parameters={"H": LISTED}), UNKNOWN, {"H": ACCOUNT}, PROVED),
    "Fn::Join": (outer(JOINED, Parameters={"H": LISTED}), UNKNOWN, {"H": OUTSIDE}, REFUTED),
    "Fn::FindInMap among the variables": (
        outer(sub(inner("${H}"), H=FIND), Parameters={"S": ALIKE}, Mappings=MAPPINGS),
        UNKNOWN,
        {"S": "b"},
        REFUTED,
    ),
    "a mapping of rows that are alike": (
        outer(
            sub(inner("${H}"), H=FIND),
            Parameters={"S": ALIKE},
            Mappings={"M": {"a": {"Id": ACCOUNT}, "b": {"Id": ACCOUNT}}},
        ),
        PROVED,
        {},
        PROVED,
    ),
    "Fn::If among the variables": (
        outer(
            sub(inner("${H}"), H={"Fn::If": ["P", ACCOUNT, OUTSIDE]}),
            Parameters={"S": FREE},
            Conditions={"P": {"Fn::Equals": [{"Ref": "S"}, "prod"]}},
        ),
        NOT_CHECKED,
        {"S": "dev"},
        REFUTED,
    ),
    "a condition of the template inside": (
        outer(sub(chooses("${S}", "b")), Parameters={"S": ALIKE}),
        UNKNOWN,
        {"S": "b"},
        REFUTED,
    ),
    "of a parameter with a default alone": (
        outer(sub(chooses("${S}", "dev")), Parameters={"S": FREE}),
        UNKNOWN,
        {"S": "dev"},
        REFUTED,
    ),
    "of a default that goes through a parameter inside": (
        outer(
            sub({**chooses({"Ref": "E"}, "dev"), "Parameters": {"E": {"Type": "String", "Default": "${S}"}}}),
            Parameters={"S": FREE},
        ),
        REFUTED,
        {},
        REFUTED,
    ),
    "a default that nothing decides by": (
        outer(sub(inner(Description="of ${S}")), Parameters={"S": FREE}),
        PROVED,
        {},
        PROVED,
    ),
    "the partition in a condition": (outer(sub(chooses("${AWS::Partition}", "aws-cn"))), UNKNOWN, {}, UNKNOWN),
    "the partition in an ARN": (outer(sub(inner(f"arn:${{AWS::Partition}}:iam::{ACCOUNT}:root"))), PROVED, {}, PROVED),
    "a StackSet that is not there with the other value": (
        outer(
            sub(inner("${H}")),
            "Ours",
            Parameters={"H": LISTED},
            Conditions={"Ours": {"Fn::Equals": [{"Ref": "H"}, ACCOUNT]}},
        ),
        PROVED,
        {},
        PROVED,
    ),
}


def verdict(tmp_path: Path, template: Json, values: dict[str, str]) -> str:
    """What is said of the role in the StackSet."""
    (tmp_path / "t.json").write_text(json.dumps(template))
    report = trustproof.check(
        [str(tmp_path / "t.json")],
        account=ACCOUNT,
        config=CONFIG,  # type: ignore[arg-type]
        properties=["inside-boundary"],
        parameters=values or None,
    )
    assert not report.errors
    if not report.results:
        assert len(report.not_checked) == 1
        return NOT_CHECKED
    (found,) = report.results
    assert found.logical_id == "SS/R"
    return found.verdict


@pytest.mark.parametrize("case", CASES)
def test_a_template_that_functions_make_is_proved_only_where_no_value_makes_another(tmp_path: Path, case: str) -> None:
    """What holds at defaults is a proof only if no allowed value makes another template, or the value is given."""
    template, said, values, at_values = CASES[case]
    assert verdict(tmp_path, template, {}) == said
    assert verdict(tmp_path, template, values) == at_values


def test_the_parameter_that_makes_another_template_is_named(tmp_path: Path) -> None:
    """The reason names the value that makes another template, and what settles it."""
    (tmp_path / "t.json").write_text(json.dumps(CASES["Fn::Sub"][0]))
    report = trustproof.check([str(tmp_path / "t.json")], config=CONFIG, properties=["inside-boundary"])  # type: ignore[arg-type]
    (found,) = report.results
    assert f"another one at H={OUTSIDE}" in found.reasons[0]
    assert "--parameter" in found.reasons[0]
