"""
Defaults with which nothing is deployed, since the declaration of the parameter or a rule refuses them.
"""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

import trustproof

Json = dict[str, object]
OWN, OUTSIDE = "111122223333", "999988887777"
CONFIG = {"boundary": {"accounts": [OWN]}}
VALUES = ("dev", "prod")


def role(who: object) -> Json:
    """A role that somebody may assume."""
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}


def check(folder: Path, template: Json, **more: object) -> trustproof.Report:
    """The report about one template."""
    (folder / "t.json").write_text(json.dumps(template))
    return trustproof.check(  # type: ignore[arg-type]
        [str(folder / "t.json")], account=OWN, region="eu-west-1", config=CONFIG, properties=["inside-boundary"], **more
    )


@pytest.mark.parametrize("certify", [False, True])
@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"Default": "none"}, "proved"),
        ({"Default": "none", "AllowedPattern": "[0-9]{12}"}, "unknown"),
        ({"Default": "none", "AllowedPattern": "[0-9]{12}|none"}, "proved"),
        ({"Default": "none", "AllowedPattern": "[0-9&&[^2]]+"}, "proved"),
        ({"Default": "none", "MinLength": 12}, "unknown"),
        ({"Default": "none", "AllowedValues": [OWN]}, "proved"),
        ({"Default": OWN, "AllowedValues": [OUTSIDE]}, "refuted"),
        ({"Default": OWN, "AllowedPattern": "9+8+7+", "MaxLength": 12}, "unknown"),
    ],
)
def test_a_default_that_the_declaration_refuses(declared: Json, expected: str, certify: bool, tmp_path: Path) -> None:
    """Whoever deploys the template has to give another value, which is not known."""
    template = {"Parameters": {"Who": {"Type": "String", **declared}}, "Resources": {"R": role({"Ref": "Who"})}}
    (found,) = check(tmp_path, template, certify=certify).results
    assert found.verdict == expected


RULE: Json = {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}]}


@pytest.mark.parametrize(
    ("declared", "more", "named"),
    [
        ({"Default": "dev"}, {"Rules": {"Q": RULE}}, {"Stage": "prod"}),
        ({"Default": "dev", "AllowedValues": [*VALUES]}, {"Rules": {"Q": RULE}}, {"Stage": "prod"}),
        (
            {"Default": "dev", "AllowedValues": [*VALUES]},
            {"Rules": {"Q": {"RuleCondition": {"Fn::Equals": [{"Ref": "Kind"}, "x"]}, **RULE}}},
            {"Stage": "prod"},
        ),
        ({"Default": "prod"}, {"Rules": {"Q": RULE}}, {}),
        ({}, {"Rules": {"Q": RULE}}, {}),
        (
            {"Default": "none"},
            {
                "Mappings": {"M": {"prod": {"Id": "x"}, "qa": {"Id": "y"}}},
                "Resources": {
                    "Topic": {
                        "Type": "AWS::SNS::Topic",
                        "Properties": {"DisplayName": {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "Id"]}},
                    },
                },
            },
            {"Stage": "prod"},
        ),
    ],
)
def test_a_counterexample_names_what_rules_demand(declared: Json, more: Json, named: Json, tmp_path: Path) -> None:
    """Where they refuse a default, nobody deploys the template without another value."""
    resources = {"R": role(OUTSIDE), **more.get("Resources", {})}  # type: ignore[dict-item]
    parameters = {"Stage": {"Type": "String", **declared}, "Kind": {"Type": "String", "Default": "x"}}
    (found,) = check(tmp_path, {"Parameters": parameters, **more, "Resources": resources}).results
    assert found.counterexample is not None
    assert found.counterexample.parameters == named


RULES: list[Json] = [
    {},
    {"Rules": {"Q": RULE}},
    {"Rules": {"Q": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "dev"]}]}}]}}},
    {"Rules": {"Q": {"RuleCondition": {"Fn::Equals": [{"Ref": "Who"}, OUTSIDE]}, **RULE}}},
    {"Mappings": {"M": {"prod": {"Id": OUTSIDE}}}},
    {"Mappings": {"M": {"dev": {"Id": OWN}, "prod": {"Id": OUTSIDE}}}},
]
WHOM: list[object] = [
    OUTSIDE,
    {"Ref": "Who"},
    {"Fn::If": ["IsProd", OUTSIDE, OWN]},
    {"Fn::If": ["IsProd", OWN, OUTSIDE]},
]


@pytest.mark.parametrize("more", RULES)
@pytest.mark.parametrize("listed", [False, True])
def test_what_a_counterexample_names_refutes_again(more: Json, listed: bool, tmp_path: Path) -> None:
    """It names a deployment: with `--parameter` at each value that it names, the same is refuted."""
    stage = {"Type": "String", "Default": "dev", **({"AllowedValues": [*VALUES]} if listed else {})}
    parameters = {"Stage": stage, "Who": {"Type": "String", "Default": OWN, "AllowedValues": [OWN, OUTSIDE]}}
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}}
    looked_up: list[object] = [{"Fn::FindInMap": ["M", {"Ref": "Stage"}, "Id"]}] if "Mappings" in more else []
    for who, own in product([*WHOM, *looked_up], [{}, {"Condition": "IsProd"}]):
        resources = {"R": {**role(who), **own}, **{f"Q{n}": role(one) for n, one in enumerate(looked_up)}}
        template = {"Parameters": parameters, "Conditions": conditions, **more, "Resources": resources}
        for found in check(tmp_path, template).results:
            if found.counterexample is None:
                continue
            again = check(tmp_path, template, parameters=dict(found.counterexample.parameters))
            assert not again.errors
            assert (found.logical_id, "refuted") in {(one.logical_id, one.verdict) for one in again.results}
