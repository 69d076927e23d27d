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
    ("another statement is none of its forms", {"Condition": account(OTHER)}, "refuted"),
]


LISTED: Json = {"AllowedValues": ["dev", "prod"], "Default": "prod"}


def verdicts(folder: Path, more: Json, parameter: Json) -> list[str]:
    """What is said of a role with such a statement next to one that can be used."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", **more}
    usable = {"Effect": "Allow", "Principal": {"AWS": OWN}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [usable, statement]}
    template = {
        "Parameters": {"Stage": {"Type": "String", **parameter}},
        "Mappings": {"Accounts": {"dev": {"Id": OWN}, "prod": {"Id": OTHER}}},
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    file = folder / "template.json"
    file.write_text(json.dumps(template))
    report = trustproof.check([str(file)], account=OWN, properties=["statement-usable"], certify=True)
    return [found.verdict for found in report.results]


@pytest.mark.parametrize("parameter", [LISTED, {"Default": "prod"}, {}])
@pytest.mark.parametrize(("more", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_forms_of_a_statement(more: Json, expected: str, parameter: Json, tmp_path: Path) -> None:
    """What can be used in one deployment can be used."""
    assert verdicts(tmp_path, more, parameter) == [expected]


def test_values_of_a_parameter(tmp_path: Path) -> None:
    """It is so too where a mapping decides, at the values that the parameter lists."""
    chosen = {"Fn::FindInMap": ["Accounts", {"Ref": "Stage"}, "Id"]}
    assert verdicts(tmp_path, {"Condition": account(chosen)}, LISTED) == ["proved"]
