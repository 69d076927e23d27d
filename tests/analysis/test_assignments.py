"""
A proof is one at every assignment of the parameters, and a refutation names the one that it is for.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from trustproof import Report, check

OWN, OTHER, THIRD = "111122223333", "222233334444", "999988887777"
CONFIG = {"boundary": {"accounts": [OTHER]}}
DEV = {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}}
LISTED = {"Stage": {"Type": "String", "Default": "prod", "AllowedValues": ["prod", "dev"]}}
OPEN = {"Stage": {"Type": "String", "Default": "prod"}}
ACCOUNTS = {"Acc": {"prod": {"Id": OTHER}, "dev": {"Id": THIRD}}}
OF_STAGE = {"Fn::FindInMap": ["Acc", {"Ref": "Stage"}, "Id"]}

Json = dict[str, object]


def _allow(account: object) -> Json:
    return {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": account}}


def _deny(account: object) -> Json:
    return {"Effect": "Deny", "Action": "*", "Principal": {"AWS": account}}


def _in_dev(statement: Json) -> Json:
    return {"Fn::If": ["IsDev", statement, {"Ref": "AWS::NoValue"}]}


def _template(*statements: Json, parameters: Json = LISTED, **sections: object) -> Json:
    trust = {"Version": "2012-10-17", "Statement": list(statements)}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    return {"Parameters": parameters, "Mappings": ACCOUNTS, "Conditions": DEV, "Resources": {"R": role}, **sections}


def _check(tmp_path: Path, template: Json, *properties: str, parameters: dict[str, str] | None = None) -> Report:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    return check([str(file)], config=CONFIG, properties=properties, parameters=parameters, account=OWN)


#: What is asked, of which template, the verdict, and the parameters that a refutation names.
CASES: list[tuple[str, str, Json, str, dict[str, str]]] = [
    (
        "an Allow under a condition, a Deny by a mapping",
        "mfa-required",
        _template(_in_dev(_allow(OTHER)), _deny(OF_STAGE)),
        "refuted",
        {"Stage": "dev"},
    ),
    (
        "the same without AllowedValues",
        "mfa-required",
        _template(_in_dev(_allow(OTHER)), _deny(OF_STAGE), parameters=OPEN),
        "refuted",
        {"Stage": "dev"},
    ),
    (
        "the Deny holds wherever the Allow is",
        "mfa-required",
        _template(_in_dev(_allow(THIRD)), _deny(OF_STAGE)),
        "proved",
        {},
    ),
    (
        "what is listed is judged at each value, without any condition",
        "inside-boundary",
        _template(_allow(OF_STAGE)),
        "refuted",
        {"Stage": "dev"},
    ),
    (
        "by Ref",
        "inside-boundary",
        _template(
            _allow({"Ref": "Account"}),
            parameters={"Account": {"Type": "String", "Default": OTHER, "AllowedValues": [OTHER, THIRD]}},
        ),
        "refuted",
        {"Account": THIRD},
    ),
    (
        "by Fn::Sub",
        "inside-boundary",
        _template(
            _allow({"Fn::Sub": "arn:aws:iam::${Account}:root"}),
            parameters={"Account": {"Type": "String", "Default": OTHER, "AllowedValues": [OTHER, THIRD]}},
        ),
        "refuted",
        {"Account": THIRD},
    ),
    (
        "what is not listed and not compared is judged at its default",
        "inside-boundary",
        _template(_allow({"Ref": "Account"}), parameters={"Account": {"Type": "String", "Default": OTHER}}),
        "proved",
        {},
    ),
    (
        "what a condition compares is judged in each class",
        "inside-boundary",
        _template(
            {"Fn::If": ["Given", _allow({"Ref": "Account"}), _allow(OTHER)]},
            parameters={"Account": {"Type": "String", "Default": ""}},
            Conditions={"Given": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Account"}, ""]}]}},
        ),
        "unknown",
        {},
    ),
    (
        "a statement that somebody can use at one assignment",
        "statement-usable",
        _template(_allow(OTHER), _deny(OF_STAGE)),
        "proved",
        {},
    ),
    (
        "a statement that nobody can use where it is",
        "statement-usable",
        _template(_in_dev(_allow(THIRD)), _deny(OF_STAGE)),
        "refuted",
        {"Stage": "dev"},
    ),
]


@pytest.mark.parametrize(("about", "asked", "template", "verdict", "named"), CASES, ids=[case[0] for case in CASES])
def test_a_policy_is_judged_at_each_assignment(
    tmp_path: Path, about: str, asked: str, template: Json, verdict: str, named: dict[str, str]
) -> None:
    """What is wrong at one assignment is wrong, and the counterexample names the assignment."""
    (found,) = _check(tmp_path, template, asked).results
    assert found.verdict == verdict, about
    if found.counterexample is not None:
        assert named.items() <= dict(found.counterexample.parameters).items()
        again = _check(tmp_path, template, asked, parameters=dict(found.counterexample.parameters))
        assert [result.verdict for result in again.results] == ["refuted"]


def test_values_that_say_the_same_are_one_case(tmp_path: Path) -> None:
    """Of three hundred values of which one is different, the different one is found, and so it is in a product."""
    values = [f"v{number}" for number in range(300)]
    template = _template(
        _allow(OF_STAGE),
        parameters={"Stage": {"Type": "String", "Default": "v0", "AllowedValues": values}},
        Mappings={"Acc": {value: {"Id": THIRD if value == "v299" else OTHER} for value in values}},
    )
    (found,) = _check(tmp_path, template, "inside-boundary").results
    assert found.counterexample is not None
    assert found.counterexample.parameters["Stage"] == "v299"


def test_a_certificate_names_each_assignment(tmp_path: Path) -> None:
    """Each line of a certificate says at which assignment it was checked."""
    file = tmp_path / "template.json"
    file.write_text(json.dumps(_template(_in_dev(_allow(THIRD)), _deny(OF_STAGE))))
    (found,) = check([str(file)], properties=["mfa-required"], certify=True).results
    assert [line.partition(":")[0] for line in found.certificate] == ["where Stage=prod", "where Stage=dev"]
