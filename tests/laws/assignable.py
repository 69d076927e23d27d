"""
Templates whose policies depend on parameters, conditions, mappings, the partition and the Region, made by chance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from random import Random
from typing import NamedTuple

OWN, INSIDE, OUTSIDE = "111122223333", "222233334444", "999988887777"
STAGES, SIZES = ("prod", "dev", "test"), ("1", "2")
#: Another value than any that a template speaks of.
FRESH = {"Stage": "other", "Account": "777788889999", "Size": "3"}
REGIONS = ("us-east-1", "cn-north-1", "us-gov-west-1")

Json = dict[str, object]

#: Conditions, to the names that they compare with the texts that they compare them with.
CONDITIONS: dict[str, tuple[Json, dict[str, tuple[str, ...]]]] = {
    "IsDev": ({"Fn::Equals": [{"Ref": "Stage"}, "dev"]}, {"Stage": ("dev",)}),
    "IsNotProd": ({"Fn::Not": [{"Fn::Equals": ["prod", {"Ref": "Stage"}]}]}, {"Stage": ("prod",)}),
    "IsBig": ({"Fn::Equals": [{"Ref": "Size"}, "2"]}, {"Size": ("2",)}),
    "IsEither": (
        {"Fn::Or": [{"Fn::Equals": [{"Ref": "Stage"}, "test"]}, {"Fn::Equals": [{"Ref": "Size"}, "1"]}]},
        {"Stage": ("test",), "Size": ("1",)},
    ),
    "HasAccount": ({"Fn::Not": [{"Fn::Equals": [{"Ref": "Account"}, ""]}]}, {"Account": ("",)}),
    "InChina": ({"Fn::Equals": [{"Ref": "AWS::Partition"}, "aws-cn"]}, {}),
    "InVirginia": ({"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}, {}),
}
MAPPINGS: Json = {
    "ByStage": {stage: {"Id": INSIDE if stage == "prod" else OUTSIDE, "Mfa": "true"} for stage in STAGES},
    "ByPartition": {"aws": {"Id": INSIDE}, "aws-cn": {"Id": OUTSIDE}, "aws-us-gov": {"Id": INSIDE}},
    "ByRegion": {region: {"Id": OUTSIDE if region.startswith("cn") else INSIDE} for region in REGIONS},
}


class Template(NamedTuple):
    """
    A template, and the values of its parameters at which a proof of it has to hold.
    """

    content: Json
    assignments: tuple[dict[str, str], ...]


def parameters(rng: Random) -> dict[str, Json]:
    """Parameters with and without a default, with and without AllowedValues."""
    found: dict[str, Json] = {"Stage": {"Type": "String"}, "Account": {"Type": "String"}, "Size": {"Type": "String"}}
    for name, values in (("Stage", STAGES), ("Account", (INSIDE, OUTSIDE)), ("Size", SIZES)):
        if rng.random() < 0.6:
            found[name]["AllowedValues"] = list(values)
        if rng.random() < 0.7:
            found[name]["Default"] = rng.choice(values)
    if "AllowedValues" not in found["Account"] and rng.random() < 0.5:
        found["Account"]["Default"] = rng.choice(("", INSIDE))
    return found


def account(rng: Random) -> object:
    """An account, as a template may write it."""
    return rng.choice(
        (
            INSIDE,
            OUTSIDE,
            {"Ref": "Account"},
            {"Fn::FindInMap": ["ByStage", {"Ref": "Stage"}, "Id"]},
            {"Fn::FindInMap": ["ByPartition", {"Ref": "AWS::Partition"}, "Id"]},
            {"Fn::FindInMap": ["ByRegion", {"Ref": "AWS::Region"}, "Id"]},
            {"Fn::If": [rng.choice([*CONDITIONS]), INSIDE, OUTSIDE]},
            {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::{rng.choice((INSIDE, OUTSIDE, '${Account}'))}:root"},
            f"arn:aws-cn:iam::{rng.choice((INSIDE, OUTSIDE))}:root",
        )
    )


def condition(rng: Random) -> Json:
    """A condition block, with a value that a template may write."""
    value: object = rng.choice(("true", "false", {"Fn::If": [rng.choice([*CONDITIONS]), "true", "false"]}))
    if rng.random() < 0.5:
        return {rng.choice(("Bool", "BoolIfExists")): {"aws:MultiFactorAuthPresent": value}}
    return {rng.choice(("StringEquals", "StringNotEquals")): {"aws:PrincipalAccount": account_id(rng)}}


def account_id(rng: Random) -> object:
    """An account id by itself."""
    while True:
        found = account(rng)
        if not str(found).startswith(("arn:", "{'Fn::Sub")):
            return found


def statement(rng: Random) -> object:
    """A statement of a trust policy, under a condition of the template or not."""
    found: Json = {
        "Effect": rng.choice(("Allow", "Allow", "Deny")),
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": account(rng)},
    }
    if rng.random() < 0.5:
        found["Condition"] = condition(rng)
    if rng.random() < 0.4:
        return {"Fn::If": [rng.choice([*CONDITIONS]), found, {"Ref": "AWS::NoValue"}]}
    return found


def template(rng: Random) -> Template:
    """A role, whose trust policy depends on anything that a template may decide by."""
    declared = parameters(rng)
    statements = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}},
        *(statement(rng) for _ in range(rng.randint(1, 3))),
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    role: Json = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}
    if rng.random() < 0.2:
        role["Condition"] = rng.choice([*CONDITIONS])
    content: Json = {
        "Parameters": declared,
        "Mappings": MAPPINGS,
        "Conditions": {name: body for name, (body, _) in CONDITIONS.items()},
        "Resources": {"R": role},
    }
    return Template(content, tuple(assignments(declared, json.dumps(role))))


def assignments(declared: dict[str, Json], role: str) -> Iterator[dict[str, str]]:
    """
    The values of parameters at which a proof has to hold: each allowed one; else the default, and those from which
    conditions of the role tell it apart; else any.
    """
    options = []
    for name, body in declared.items():
        compared = {
            text for key, (_, names) in CONDITIONS.items() if f'"{key}"' in role for text in names.get(name, ())
        }
        allowed = body.get("AllowedValues")
        if isinstance(allowed, list):
            values = allowed
        elif "Default" in body:
            values = [body["Default"], *sorted(compared)]
            if body["Default"] in compared:
                values.append(FRESH[name])
        else:
            values = [*sorted(compared), FRESH[name], OUTSIDE]
        if name == "Stage" and '"ByStage"' in role:
            # CloudFormation refuses what a mapping does not have.
            values = [value for value in values if value in STAGES] or [*STAGES]
        options.append([(name, str(value)) for value in dict.fromkeys(values)])
    yield from (dict(chosen) for chosen in product(*options))


def with_more(rng: Random, content: Json) -> Json:
    """The same template with more entries, which have nothing to do with its role."""
    more: dict[str, Json] = {
        "Parameters": {"Unrelated": {"Type": "String", "Default": "a", "AllowedValues": ["a", "b"]}},
        "Mappings": {"Unrelated": {"aws": {"Name": "x"}, "aws-cn": {"Name": "y"}}},
        "Conditions": {"Unrelated": {"Fn::Equals": [{"Ref": rng.choice((*FRESH, "AWS::Region", "Unrelated"))}, "dev"]}},
        "Resources": {
            "Topic": {
                "Type": "AWS::SNS::Topic",
                "Condition": "Unrelated",
                "Properties": {
                    "DisplayName": {"Fn::FindInMap": ["Unrelated", {"Ref": "AWS::Partition"}, "Name"]},
                    "TopicName": rng.choice(({"Ref": "Stage"}, {"Ref": "Unrelated"}, "arn:aws-cn:sns:x")),
                },
            }
        },
    }
    sections = rng.sample([*more], rng.randint(1, len(more)))
    if "Resources" in sections:
        sections = [*more]
    return {
        name: {**more[name], **body} if name in sections and isinstance(body, dict) else body
        for name, body in content.items()
    }
