"""
A role that a trust policy names by its unique id: the id is the role.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
OWN = "111122223333"
MFA: Json = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
ANY_ROLE = [
    {
        "PolicyName": "p",
        "PolicyDocument": {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
        },
    }
]


def _role(*principals: tuple[object, Json], policies: list[Json] | None = None) -> Json:
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    said = [{**allow, "Principal": {"AWS": who}, **more} for who, more in principals]
    properties: Json = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": said}}
    return {"Type": "AWS::IAM::Role", "Properties": properties | ({"Policies": policies} if policies else {})}


@pytest.mark.parametrize("attribute", ["Arn", "RoleId"])
@pytest.mark.parametrize(
    ("entered", "policies", "verdict"),
    [
        ({}, None, "refuted"),
        ({}, ANY_ROLE, "refuted"),
        (MFA, None, "proved"),
        (MFA, ANY_ROLE, "proved"),
    ],
)
def test_whoever_trusts_a_unique_id_trusts_the_role(
    attribute: str, entered: Json, policies: list[Json] | None, verdict: str
) -> None:
    """It is the same whether a trust policy names a role by its ARN or by its unique id."""
    resources = {
        "A": _role((OWN, entered), policies=policies),
        "B": _role((OWN, MFA), ({"Fn::GetAtt": ["A", attribute]}, {})),
    }
    report = trustproof.check(
        [{"Resources": resources}], config={}, account=OWN, properties=["mfa-survives-chaining"], certify=True
    )
    assert [one.verdict for one in report.results if one.logical_id == "B"] == [verdict]


def test_a_unique_id_is_that_of_one_role() -> None:
    """A role that may assume any other is not let in by the unique id of a third one."""
    resources = {
        "A": _role((OWN, {}), policies=ANY_ROLE),
        "B": _role((OWN, MFA), ({"Fn::GetAtt": ["C", "RoleId"]}, {})),
        "C": _role((OWN, MFA)),
    }
    report = trustproof.check([{"Resources": resources}], config={}, account=OWN, properties=["mfa-survives-chaining"])
    assert {one.verdict for one in report.results} == {"proved"}
