"""
A value that a condition compares and that chooses the row of a mapping is the same in both places.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER, OUTSIDE = "111122223333", "222233334444", "999988887777"
ROWS: Json = {"prod": {"Id": OWN}, "test": {"Id": OUTSIDE}}
IS_TEST: Json = {"Fn::Equals": [{"Ref": "Stage"}, "test"]}
#: Nobody but the own account.
CLOSED: Json = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:AssumeRole",
    "Condition": {"StringNotEquals": {"aws:PrincipalAccount": OWN}},
}
NOT_OUTSIDE: Json = {"Effect": "Deny", "Principal": {"AWS": OUTSIDE}, "Action": "sts:AssumeRole"}


def verdict(deny: Json, parameter: Json, *, rows: Json = ROWS, condition: Json = IS_TEST) -> str:
    """What is said of a role that trusts the account of a row, beside what holds under a condition."""
    looked_up: Json = {"AWS": {"Fn::FindInMap": ["Accounts", {"Ref": "Stage"}, "Id"]}}
    allow: Json = {"Effect": "Allow", "Principal": looked_up, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [deny, allow]}
    template: Json = {
        "Parameters": {"Stage": {"Type": "String", **parameter}},
        "Mappings": {"Accounts": rows},
        "Conditions": {"Is": condition},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    (found,) = trustproof.check(
        [template],
        account=OWN,
        config={"boundary": {"accounts": [OWN, OTHER]}},
        properties=["inside-boundary"],
        certify=True,
    ).results
    return found.verdict


@pytest.mark.parametrize(
    "parameter",
    [{}, {"Default": "test"}, {"Default": "prod"}, {"Default": "test", "AllowedValues": ["test", "prod"]}],
)
@pytest.mark.parametrize(
    ("deny", "condition", "expected"),
    [
        ({"Fn::If": ["Is", CLOSED, {"Ref": "AWS::NoValue"}]}, IS_TEST, "proved"),
        ({"Fn::If": ["Is", NOT_OUTSIDE, {"Ref": "AWS::NoValue"}]}, IS_TEST, "proved"),
        ({"Fn::If": ["Is", {"Ref": "AWS::NoValue"}, CLOSED]}, {"Fn::Not": [IS_TEST]}, "proved"),
        ({"Fn::If": ["Is", {"Ref": "AWS::NoValue"}, CLOSED]}, IS_TEST, "refuted"),
        ({"Fn::If": ["Is", CLOSED, {"Ref": "AWS::NoValue"}]}, {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "refuted"),
    ],
)
def test_a_deny_at_one_value_and_a_row_of_it(parameter: Json, deny: Json, condition: Json, expected: str) -> None:
    """Where the value is none of the compared texts, the row of no such text is judged."""
    assert verdict(deny, parameter, condition=condition) == expected


@pytest.mark.parametrize("outside", ["prod", "dev"])
def test_a_row_of_the_other_values(outside: str) -> None:
    """The rows of all other texts are judged where it is none of those that are compared."""
    rows: Json = {name: {"Id": OUTSIDE if name == outside else OWN} for name in ("prod", "dev", "test")}
    deny: Json = {"Fn::If": ["Is", NOT_OUTSIDE, {"Ref": "AWS::NoValue"}]}
    assert verdict(deny, {"Default": "test"}, rows=rows) == "refuted"
