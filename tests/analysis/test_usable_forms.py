"""
A statement that a condition of the template gives several forms is usable where somebody can use one of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OTHER = "111122223333", "222233334444"
IN_OWN: Json = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:*"}}


def account(one: object) -> Json:
    """A condition on the caller's account, next to one on its ARN."""
    return {"StringEquals": {"aws:PrincipalAccount": one}, **IN_OWN}


def by_stage(one: object, other: object) -> Json:
    """One of two values."""
    return {"Fn::If": ["IsDev", one, other]}


CASES: list[tuple[str, Json, str]] = [
    ("one operand of two can be met", {"Condition": account(by_stage(OWN, OTHER))}, "proved"),
    ("no operand can", {"Condition": account(by_stage("999988887777", OTHER))}, "refuted"),
    ("one condition of two can be met", {"Condition": by_stage(account(OTHER), IN_OWN)}, "proved"),
    ("by a mapping", {"Condition": account({"Fn::FindInMap": ["Accounts", {"Ref": "Stage"}, "Id"]})}, "proved"),
    ("another statement is none of its forms", {"Condition": account(OTHER)}, "refuted"),
]


@pytest.mark.parametrize("parameter", [{"AllowedValues": ["dev", "prod"], "Default": "prod"}, {"Default": "prod"}, {}])
@pytest.mark.parametrize(("more", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_forms_of_a_statement(more: Json, expected: str, parameter: Json, tmp_path: Path) -> None:
    """As with an assignment of parameters, what can be used in one deployment can be used."""
    if "Fn::FindInMap" in str(more) and "AllowedValues" not in parameter:
        pytest.skip("of a mapping, only the default would be judged")
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", **more}
    usable = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [usable, statement]}
    template = {
        "Parameters": {"Stage": {"Type": "String", **parameter}},
        "Mappings": {"Accounts": {"dev": {"Id": OWN}, "prod": {"Id": OTHER}}},
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    report = trustproof.check([str(file)], account=OWN, properties=["statement-usable"], certify=True)
    assert [found.verdict for found in report.results] == [expected]
