"""
What a condition compares is the same however it is spelled: ``Fn::Sub: "${Stage}"`` is ``Ref: Stage``.
"""

from __future__ import annotations

import pytest

import trustproof
from tests.strategies import one_in

Json = dict[str, object]
STAGE: Json = {"Ref": "Stage"}
#: What stands for the parameter, and for the text that it is compared with.
SPELLINGS: list[tuple[object, object]] = [
    ({"Fn::Sub": "${Stage}"}, "prod"),
    ({"Fn::Sub": ["${X}", {"X": STAGE}]}, "prod"),
    ({"Fn::Join": ["", [STAGE]]}, "prod"),
    ({"Fn::Join": ["-", [STAGE]]}, {"Fn::Join": ["", ["pr", "od"]]}),
    ({"Fn::Join": ["", ["", {"Fn::Sub": "${Stage}"}, ""]]}, {"Fn::Sub": "prod"}),
    ({"Fn::Select": [0, [STAGE, "other"]]}, "prod"),
    ({"Fn::Select": ["1", ["other", {"Fn::Join": [",", [STAGE]]}]]}, "prod"),
    ({"Fn::Sub": "x-${Stage}"}, "x-prod"),
    ({"Fn::Join": ["-", ["x", STAGE, "y"]]}, "x-prod-y"),
    ({"Fn::FindInMap": ["M", STAGE, "k"]}, "of prod"),
    ({"Fn::FindInMap": ["M", {"Fn::Sub": "${Stage}"}, "k"]}, {"Fn::Sub": "of prod"}),
    ({"Fn::FindInMap": ["ByStage", "k", {"Fn::Join": ["", [STAGE]]}]}, "of prod"),
]
PARAMETERS: list[Json] = [
    {},
    {"Default": "dev"},
    {"Default": "prod"},
    {"Default": "dev", "AllowedValues": ["dev", "prod", "test"]},
]
NAMES: list[tuple[object, str]] = [
    (STAGE, ""),
    ({"Fn::Sub": "${Stage}"}, ""),
    ({"Fn::Sub": "r-${Stage}"}, "r-"),
    ({"Fn::Join": ["-", ["r", STAGE]]}, "r-"),
]


def template(side: object, other: object, parameter: Json, name: object, *, whole: bool) -> Json:
    """A role that lets everybody in where one side of a comparison is the other: as a whole, or by its statement."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    ours = {**statement, "Principal": {"AWS": "111122223333"}}
    said = statement if whole else {"Fn::If": ["IsProd", statement, ours]}
    policy = {"Version": "2012-10-17", "Statement": [said]}
    role: Json = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": name, "AssumeRolePolicyDocument": policy}}
    rows = {stage: f"of {stage}" for stage in ("dev", "prod", "test")}
    return {
        "Parameters": {"Stage": {"Type": "String", **parameter}},
        "Mappings": {"M": {stage: {"k": value} for stage, value in rows.items()}, "ByStage": {"k": rows}},
        "Conditions": {"IsProd": {"Fn::Equals": [side, other]}},
        "Resources": {"R": {**role, "Condition": "IsProd"} if whole else role},
    }


def found(content: Json, pattern: str) -> list[tuple[str, str, object]]:
    """What is found of the role, and of it as an invariant about a name."""
    report = trustproof.check(
        [content],
        account="111122223333",
        config={
            "boundary": {"accounts": ["111122223333"]},
            "invariant": [{"name": "own", "resources": [pattern], "accounts": ["111122223333"]}],
        },
    )
    return [
        (one.property, one.verdict, None if one.counterexample is None else dict(one.counterexample.parameters))
        for one in report.results
        if one.property in ("inside-boundary", "invariant-own")
    ]


@pytest.mark.parametrize("whole", [True, False], ids=["resource", "statement"])
@pytest.mark.parametrize("parameter", PARAMETERS, ids=str)
def test_a_comparison_is_the_same_however_it_is_spelled(parameter: Json, whole: bool) -> None:
    """Verdicts and counterexamples are those of ``Ref``."""
    name, before = NAMES[2] if whole else NAMES[0]
    spellings = one_in(3, [*enumerate(SPELLINGS)], PARAMETERS.index(parameter) + whole)
    for stage in ("prod", "dev"):
        expected = found(template(STAGE, "prod", parameter, name, whole=whole), before + stage)
        for at, (side, other) in spellings:
            sides = (other, side) if at % 2 else (side, other)
            asked = found(template(*sides, parameter, name, whole=whole), before + stage)
            if "Fn::FindInMap" in str(side):
                # A row is a value that is known, so that more is asked.
                asked = [one for one in asked if one[1] != "proved" or one in expected]
            assert asked == expected, (sides, stage)


@pytest.mark.parametrize(("name", "before"), NAMES, ids=str)
def test_an_invariant_is_asked_of_a_name_under_a_condition(name: object, before: str) -> None:
    """It is refuted at the name that it is about, and asked of nothing where the role is not there."""
    for side, other in [(STAGE, "prod"), *one_in(4, SPELLINGS, NAMES.index((name, before)))]:
        content = template(side, other, {"Default": "dev"}, name, whole=True)
        assert ("invariant-own", "refuted", {"Stage": "prod"}) in found(content, f"{before}prod"), side
        assert "invariant-own" not in {one for one, *_ in found(content, f"{before}dev")}, side


def test_what_is_no_other_spelling_stays_what_it_is() -> None:
    """A part of a parameter is not the parameter."""
    part = {"Fn::Select": [0, {"Fn::Split": ["-", STAGE]}]}
    content = template(part, "prod", {"Default": "dev", "AllowedPattern": "[a-z]+-[a-z]+"}, "r", whole=False)
    ((_, verdict, values), *_) = found(content, "r")
    assert verdict == "unknown" or (verdict == "refuted" and str(values).startswith("{'Stage': 'prod-"))
