"""
Numbers that are given at deployment: a parameter with MinValue and MaxValue is somewhere between them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.engine.quantities import compare_range

Json = dict[str, object]
AGE = "aws:MultiFactorAuthAge"
WITH_MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}

#: The operator, the bounds of its operand, and the verdict where an MFA may be an hour old.
ALLOWED: list[tuple[str, Json, str]] = [
    ("NumericLessThan", {"MinValue": 300, "MaxValue": 3600}, "proved"),
    ("NumericLessThan", {"MaxValue": 3601}, "proved"),
    ("NumericLessThan", {"MaxValue": 3602}, "refuted"),
    ("NumericLessThanEquals", {"MaxValue": 3600}, "proved"),
    ("NumericLessThanEquals", {"MaxValue": 3600.5}, "proved"),
    ("NumericLessThanEquals", {"MinValue": 300}, "unknown"),
    ("NumericLessThanEquals", {"MinValue": 3601}, "refuted"),
    ("NumericLessThanEquals", {}, "unknown"),
    ("NumericEquals", {"MaxValue": 3600, "MinValue": 1}, "proved"),
    ("NumericEquals", {"MinValue": 4000}, "refuted"),
    ("NumericLessThanIfExists", {"MaxValue": 60}, "refuted"),
    ("NumericGreaterThan", {"MinValue": 1, "MaxValue": 2}, "refuted"),
]
#: The same for a Deny beside an Allow that asks for MFA.
DENIED: list[tuple[str, Json, str]] = [
    ("NumericGreaterThan", {"MaxValue": 3600}, "proved"),
    ("NumericGreaterThan", {"MaxValue": 3601}, "refuted"),
    ("NumericGreaterThanEquals", {"MaxValue": 3601}, "proved"),
    ("NumericNotEquals", {"MinValue": 60, "MaxValue": 3600}, "proved"),
]


def verdict(bounds: Json, statements: list[Json], directory: Path) -> str:
    """What mfa-required says of a role, with an age that a parameter gives."""
    role = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
    template = {
        "Parameters": {"S": {"Type": "Number", **bounds}},
        "Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}},
    }
    path = directory / "template.json"
    path.write_text(json.dumps(template), encoding="utf-8")
    config = {"properties": {"mfa-required": {"max-age": 3600}}}
    (found,) = trustproof.check([str(path)], account="111122223333", config=config, properties=["mfa-required"]).results
    return found.verdict


def statement(condition: Json, effect: str = "Allow") -> Json:
    """A statement about the people of an account."""
    principal = {"AWS": "111122223333"}
    return {"Effect": effect, "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}


@pytest.mark.parametrize(("operator", "bounds", "expected"), ALLOWED)
def test_an_allow(operator: str, bounds: Json, expected: str, tmp_path: Path) -> None:
    """What no number between the bounds admits is not admitted; what one of them admits is shown with it."""
    condition = {operator: {AGE: {"Ref": "S"}}}
    assert verdict(bounds, [statement(condition)], tmp_path) == expected


@pytest.mark.parametrize(("operator", "bounds", "expected"), DENIED)
def test_a_deny(operator: str, bounds: Json, expected: str, tmp_path: Path) -> None:
    """A Deny stops what every number between the bounds stops."""
    denied = statement({operator: {AGE: {"Ref": "S"}}}, "Deny")
    assert verdict(bounds, [statement(WITH_MFA), denied], tmp_path) == expected


@pytest.mark.parametrize("comparison", ["LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals", "Equals"])
@pytest.mark.parametrize(("least", "most"), [(2, 4), (3, 3), (None, 4), (2, None)])
def test_a_range(comparison: str, least: int | None, most: int | None) -> None:
    """The numbers that compare with some of a range, and with all of it, are those that each number of it says."""
    compared = {
        "LessThan": lambda a, b: a < b,
        "LessThanEquals": lambda a, b: a <= b,
        "GreaterThan": lambda a, b: a > b,
        "GreaterThanEquals": lambda a, b: a >= b,
        "Equals": lambda a, b: a == b,
    }[comparison]
    some, every = compare_range(comparison, least, most)
    operands = [b for b in range(-20, 30) if (least is None or b >= least) and (most is None or b <= most)]
    for number in range(-5, 12):
        assert (number in some) is any(compared(number, operand) for operand in operands)
        assert (number in every) is all(compared(number, operand) for operand in operands)
