"""
The second reading of templates: functions written out where everything has a value.
"""

from __future__ import annotations

import pytest

from trustproof.inputs.cloudformation.plain.assignments import assignments
from trustproof.inputs.cloudformation.plain.reading import PlainReading
from trustproof.inputs.reads_again import NotReadAgain
from trustproof.model.text import Symbolic

Json = dict[str, object]
TEMPLATE: Json = {
    "Parameters": {
        "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"], "Default": "prod"},
        "Names": {"Type": "CommaDelimitedList"},
        "Stored": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/name"},
        "Ttl": {"Type": "Number", "Default": 60},
        "Vendor": {"Type": "String", "Default": ""},
    },
    "Mappings": {"Acc": {"dev": {"Id": "111122223333", "All": ["a", "b"]}, "prod": {"Id": 222233334444}}},
    "Conditions": {
        "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
        "IsProd": {"Fn::Not": [{"Condition": "IsDev"}]},
        "Both": {"Fn::And": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "Either": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
        "HasVendor": {"Fn::Not": [{"Fn::Equals": ["", {"Ref": "Vendor"}]}]},
        "Open": {"Fn::Equals": [{"Fn::ImportValue": "x"}, "y"]},
        "InChina": {"Fn::Equals": [{"Ref": "AWS::Region"}, "cn-north-1"]},
    },
    "Resources": {
        "R": {"Type": "T", "Properties": {"A": {"Fn::If": ["IsDev", {"Fn::If": ["Both", "x", "y"]}, "z"]}}},
        "D": {"Type": "T", "Condition": "IsDev", "Properties": {"A": ["a"]}},
    },
}
VALUES = {"Stage": "dev", "Names": "a, b", "AWS::Partition": "aws-cn", "AWS::Region": "cn-north-1"}
IF = "Fn::If"

#: A value, and what it is.
RESOLVED: list[tuple[object, object]] = [
    ("text", "text"),
    (True, "true"),
    (3600, "3600"),
    ({"Ref": "Stage"}, "dev"),
    ({"Ref": "Names"}, ["a", "b"]),
    ({"Ref": "AWS::Partition"}, "aws-cn"),
    ({"Ref": "AWS::URLSuffix"}, "amazonaws.com.cn"),
    ({"Fn::Sub": "${Stage}-${!aws:username}-${aws:userid}"}, "dev-${aws:username}-${aws:userid}"),
    ({"Fn::Sub": ["${Stage}-${X}", {"X": {"Ref": "AWS::Region"}}]}, "dev-cn-north-1"),
    ({"Fn::Join": ["-", ["a", {"Ref": "Stage"}, {"Ref": "AWS::NoValue"}]]}, "a-dev"),
    ({"Fn::Join": ["|", {"Ref": "Names"}]}, "a|b"),
    ({"Fn::If": ["IsDev", "a", "b"]}, "a"),
    ({"Fn::If": ["IsProd", "a", "b"]}, "b"),
    ([1, {"Fn::If": ["IsProd", "a", {"Ref": "AWS::NoValue"}]}], ["1"]),
    ({"k": {"Ref": "AWS::NoValue"}, "l": "m"}, {"l": "m"}),
    ({"Fn::FindInMap": ["Acc", {"Ref": "Stage"}, "Id"]}, "111122223333"),
    ({"Fn::FindInMap": ["Acc", "prod", "Id"]}, "222233334444"),
    ({"Fn::FindInMap": ["Acc", "dev", "All"]}, ["a", "b"]),
    ({"Fn::FindInMap": ["Acc", "test", "Id", {"DefaultValue": "0"}]}, "0"),
    ({"Fn::Select": ["1", {"Fn::Split": ["/", "a/b/c"]}]}, "b"),
    ({"Fn::Select": [0, ["x", "y"]]}, "x"),
]


@pytest.mark.parametrize(("value", "expected"), RESOLVED)
def test_what_a_value_is(value: object, expected: object) -> None:
    """Each function is what the reference says."""
    assert PlainReading(TEMPLATE, VALUES).resolve(value) == expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"Ref": "Vendor"}, "<Vendor>"),
        ({"Ref": "Stored"}, "<Stored>"),
        ({"Ref": "R"}, "<R>"),
        ({"Fn::Sub": "arn:aws:s3:::${R}/x"}, "arn:aws:s3:::<R>/x"),
        ({"Fn::Sub": "${R.Arn}/*"}, "<Fn::GetAtt>/*"),
        ({"Fn::ImportValue": "x"}, "<Fn::ImportValue>"),
        ("{{resolve:ssm:x}}", "<{{resolve:ssm:x}}>"),
    ],
)
def test_what_only_a_deployment_gives(value: object, shown: str) -> None:
    """It is a hole in the text."""
    found = PlainReading(TEMPLATE, VALUES).resolve(value)
    assert isinstance(found, Symbolic)
    assert str(found) == shown


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Transform": {"Name": "Mine"}},
        {"a": "b", "Fn::Transform": {"Name": "Mine"}},
        {"Fn::ForEach::X": []},
        {"Fn::FindInMap": ["Acc", "test", "Id"]},
        {"Fn::If": ["Unknown", "a", "b"]},
        {"Fn::If": ["Open", "a", "b"]},
        {"Fn::Select": ["2", ["a", "b"]]},
        [None],
    ],
)
def test_what_cannot_be_read(value: object) -> None:
    """A macro, and what CloudFormation refuses, is not read."""
    with pytest.raises(NotReadAgain):
        PlainReading(TEMPLATE, VALUES).resolve(value)


@pytest.mark.parametrize(
    ("path", "stage", "expected"),
    [
        (("Resources", "R", "Properties", "A"), "dev", "y"),
        (("Resources", "R", "Properties", "A", IF, 1), "dev", "y"),
        (("Resources", "R", "Properties", "A", IF, 1), "prod", None),
        (("Resources", "R", "Properties", "A", IF, 2), "prod", "z"),
        (("Resources", "R", "Properties", "A", IF, 1, IF, 1), "dev", None),
        (("Resources", "D", "Properties", "A", 0), "dev", "a"),
        (("Resources", "D", "Properties", "A", 0), "prod", None),
    ],
)
def test_what_stands_at_a_path(path: tuple[str | int, ...], stage: str, expected: object) -> None:
    """Nothing stands in a branch that is not taken, and at a resource that is not there."""
    assert PlainReading(TEMPLATE, {**VALUES, "Stage": stage}).at(path) == expected


def test_the_assignments() -> None:
    """Each parameter is read at its other values by itself, and what is given stays."""
    found = assignments(TEMPLATE, ("Resources", "R", "Properties", "A"), {"AWS::Partition": "aws", "Names": "a"})
    assert found[0] == {
        "Stage": "prod",
        "Stored": "/name",
        "Ttl": "60",
        "Vendor": "",
        "AWS::Partition": "aws",
        "AWS::Region": "us-east-1",
        "Names": "a",
    }
    # A condition may tell the default of a parameter from any other value, though it names none.
    assert [(one["Stage"], one["Vendor"]) for one in found] == [("prod", ""), ("dev", ""), ("prod", "another value")]
    given = assignments(TEMPLATE, ("Resources", "R", "Properties", "A"), {"Stage": "dev", "AWS::Partition": "aws-cn"})
    assert {one["Stage"] for one in given} == {"dev"}
    assert given[0]["AWS::Region"] == "cn-north-1"
