"""
No deployment is left out of a proof that CloudFormation may make: what no page says that it refuses is judged.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN, OUTSIDE = "111122223333", "999988887777"
STAGE: Json = {"Ref": "Stage"}
LOOKUP: Json = {"Fn::FindInMap": ["Rows", STAGE, "Id"]}
NEVER: Json = {"Fn::Equals": ["a", "b"]}


def is_(value: object, text: object) -> Json:
    """A comparison."""
    return {"Fn::Equals": [value, text]}


def verdict(parameter: Json, condition: object, rule: Json | None = None) -> str:
    """What is said of a role that trusts somebody outside where a condition holds."""
    trusted: Json = {"AWS": {"Fn::If": ["Outside", OUTSIDE, OWN]}}
    statement: Json = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    template: Json = {
        "Parameters": {"Stage": {"Type": "String", **parameter}},
        "Mappings": {"Rows": {"a": {"Id": "x"}}},
        "Conditions": {"Outside": condition},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
        **({} if rule is None else {"Rules": {"Q": rule}}),
    }
    (found,) = trustproof.check(
        [template], account=OWN, config={"boundary": {"accounts": [OWN]}}, properties=["inside-boundary"], certify=True
    ).results
    return found.verdict


def number(**more: object) -> Json:
    """A number with a default."""
    return {"Type": "Number", "Default": 2, **more}


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ({"Default": "a", "AllowedPattern": "[a-z]"}, "B", "proved"),
        ({"Type": "AWS::EC2::Image::Id", "Default": "a", "AllowedPattern": "[a-z]"}, "B", "refuted"),
        ({"Type": "AWS::EC2::Image::Id", "Default": "a", "AllowedPattern": "a|b"}, "B", "refuted"),
        ({"Default": "ab", "MinLength": 2}, "a", "proved"),
        ({"Type": "AWS::EC2::KeyPair::KeyName", "Default": "ab", "MinLength": 2}, "a", "refuted"),
        (number(AllowedPattern="[0-3]"), "5", "refuted"),
        (number(MaxValue=3), "5", "proved"),
        (number(), "x", "proved"),
        *((number(), text, "refuted") for text in ("1.0", "1e0", "+1", " 1", "1f", "0x1p0", "NaN")),
        (number(MaxValue=3), "1e9", "proved"),
        (number(MaxValue=3), "0x10p0", "proved"),
        ({"AllowedValues": ["a", {"Fn::Transform": {"Name": "AWS::Include"}}]}, "b", "refuted"),
    ],
)
def test_values_that_a_declaration_may_admit(parameter: Json, value: str, expected: str) -> None:
    """Patterns and lengths restrict the types of which the page says so, and a number may be written in many ways."""
    assert verdict(parameter, is_(STAGE, value)) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        # All conditions are evaluated, and a lookup by itself has to have its row.
        ({"Fn::Not": [is_(LOOKUP, "x")]}, "proved"),
        ({"Fn::Or": [is_(STAGE, "b"), is_(LOOKUP, "y")]}, "refuted"),
        ({"Fn::Or": [is_(LOOKUP, "y"), is_(STAGE, "b")]}, "refuted"),
        ({"Fn::Not": [{"Fn::And": [is_(LOOKUP, "x"), is_(STAGE, "a")]}]}, "refuted"),
        ({"Fn::And": [{"Fn::Not": [is_(LOOKUP, "x")]}, is_(STAGE, "b")]}, "proved"),
    ],
)
def test_a_missing_row_beside_what_decides(condition: Json, expected: str) -> None:
    """A part of a condition decides it in whatever order it stands beside a lookup of what is not there."""
    assert verdict({"AllowedValues": ["a", "b"]}, condition) == expected


@pytest.mark.parametrize(
    ("rule", "parameter", "value", "expected"),
    [
        ({"RuleCondition": is_(STAGE, "b"), "Assertions": [{"Assert": NEVER}]}, {}, "b", "proved"),
        ({"RuleCondition": is_(STAGE, "c"), "Assertions": [{"Assert": NEVER}]}, {}, "b", "refuted"),
        ({"RuleCondition": is_(STAGE, "b")}, {}, "b", "refuted"),
        ({"Assertions": [{"Assert": is_(STAGE, "a")}]}, {}, "b", "proved"),
        ({"Assertions": [{"Assert": is_(STAGE, "{{resolve:ssm:/stage}}")}]}, {}, "b", "refuted"),
        # Whether an empty text is an item says no page.
        (
            {
                "RuleCondition": {"Fn::EachMemberIn": [STAGE, ["a", "b"]]},
                "Assertions": [{"Assert": NEVER}],
            },
            {"Type": "CommaDelimitedList"},
            "",
            "refuted",
        ),
    ],
)
def test_rules_that_may_not_refuse(rule: Json, parameter: Json, value: str, expected: str) -> None:
    """A rule refuses what it certainly refuses: a condition that never may hold, by its assertions, too."""
    compared: object = {"Fn::Join": [",", STAGE]} if parameter else STAGE
    assert verdict({"Default": "a", **parameter}, is_(compared, value), rule) == expected
