"""
A role whose trust policy nobody can read: whoever trusts it may be reached by anybody.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN = "111122223333"
MFA: Json = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}


def _document(*principals: tuple[object, Json]) -> Json:
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    said = [{**allow, "Principal": {"AWS": who}, **more} for who, more in principals]
    return {"Version": "2012-10-17", "Statement": said}


def _role(trust: object) -> Json:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}


_STRICT = _document((OWN, MFA))


@pytest.mark.parametrize(
    ("trust", "admitted", "verdict"),
    [
        (_STRICT, {"Fn::GetAtt": ["A", "Arn"]}, "proved"),
        ({"Ref": "P"}, {"Fn::GetAtt": ["A", "Arn"]}, "unknown"),
        ({"Fn::ImportValue": "trust"}, {"Fn::GetAtt": ["A", "Arn"]}, "unknown"),
        ({"Fn::If": ["C", _STRICT, {"Ref": "P"}]}, {"Fn::GetAtt": ["A", "Arn"]}, "unknown"),
        ({"Ref": "P"}, f"arn:aws:iam::{OWN}:role/another", "proved"),
    ],
)
def test_a_role_with_an_unknown_trust_policy_may_let_anybody_through(
    trust: object, admitted: object, verdict: str
) -> None:
    """It is not known who enters it: nothing is proved of who is reached through it, and of others as before."""
    template = {
        "Parameters": {"P": {"Type": "String"}, "Q": {"Type": "String"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "Q"}, "x"]}},
        "Resources": {"A": _role(trust), "B": _role(_document((OWN, MFA), (admitted, {})))},
    }
    report = trustproof.check([template], config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert [one.verdict for one in report.results if one.logical_id == "B"] == [verdict]


def test_it_may_be_of_another_template() -> None:
    """The role that is trusted may be of a template that has no other role."""
    first = {"Parameters": {"P": {"Type": "String"}}, "Resources": {"A": _role({"Ref": "P"})}}
    first["Resources"]["A"]["Properties"]["RoleName"] = "a"
    second = {"Resources": {"B": _role(_document((OWN, MFA), (f"arn:aws:iam::{OWN}:role/a", {})))}}
    report = trustproof.check([first, second], config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert [one.verdict for one in report.results if one.logical_id == "B"] == ["unknown"]
