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
    if rng.random() < 0.15:
        asked = rng.choice(({"Ref": "AWS::Region"}, "us-east-1", "cn-north-1", "us-*"))
        return {rng.choice(("StringLike", "StringNotLike")): {"aws:RequestedRegion": asked}}
    if rng.random() < 0.5:
        return {rng.choice(("Bool", "BoolIfExists")): {"aws:MultiFactorAuthPresent": value}}
    return {rng.choice(("StringEquals", "StringNotEquals")): {"aws:PrincipalAccount": account_id(rng)}}


def account_id(rng: Random) -> object:
    """An account id by itself."""
    while True:
        found = account(rng)
        if not str(found).startswith(("arn:", "{'Fn::Sub")):
            return found


def statement(rng: Random, kind: str = "trust") -> object:
    """A statement of a policy of some kind, under a condition of the template or not."""
    found: Json = {"Effect": rng.choice(("Allow", "Allow", "Deny"))}
    if kind == "trust":
        found.update({"Action": "sts:AssumeRole", "Principal": {"AWS": account(rng)}})
    elif kind == "resource":
        found.update({"Action": "sqs:SendMessage", "Resource": "*", "Principal": {"AWS": account(rng)}})
    else:
        found.update({"Action": rng.choice(("iam:CreateUser", "s3:DeleteBucket", "iam:*", "*")), "Resource": "*"})
    if rng.random() < 0.5:
        found["Condition"] = condition(rng)
    if rng.random() < 0.4:
        return {"Fn::If": [rng.choice([*CONDITIONS]), found, {"Ref": "AWS::NoValue"}]}
    return found


def policy(rng: Random, kind: str, *first: object) -> Json:
    """A policy of one to three statements, besides those that are given."""
    statements = [*first, *(statement(rng, kind) for _ in range(rng.randint(1, 3)))]
    return {"Version": "2012-10-17", "Statement": statements}


def role(rng: Random) -> Json:
    """A role, whose trust policy depends on anything that a template may decide by."""
    first = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    return {
        "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy(rng, "trust", first)}},
    }


def queue(rng: Random) -> Json:
    """The policy of a queue, the same."""
    properties = {"Queues": ["https://sqs/q"], "PolicyDocument": policy(rng, "resource")}
    return {"R": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}


def user(rng: Random) -> Json:
    """A user with an inline policy and, under a condition or not, a managed one and a permissions boundary."""
    chosen = [rng.choice([*CONDITIONS]), {"Ref": "M"}, {"Ref": "AWS::NoValue"}]
    boundary: Json = {"PermissionsBoundary": {"Fn::If": chosen}} if rng.random() < 0.4 else {}
    attached: Json = {"ManagedPolicyArns": [{"Fn::If": chosen}]} if rng.random() < 0.4 else {}
    inline = [{"PolicyName": "p", "PolicyDocument": policy(rng, "identity")}]
    return {
        "R": {"Type": "AWS::IAM::User", "Properties": {"Policies": inline, **boundary, **attached}},
        "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy(rng, "identity")}},
    }


def template(rng: Random) -> Template:
    """A template with one of these."""
    declared = parameters(rng)
    resources: dict[str, Json] = rng.choice((role, role, queue, user))(rng)  # type: ignore[assignment]
    if rng.random() < 0.2:
        resources["R"]["Condition"] = rng.choice([*CONDITIONS])
    content: Json = {
        "Parameters": declared,
        "Mappings": MAPPINGS,
        "Conditions": {name: body for name, (body, _) in CONDITIONS.items()},
        "Resources": resources,
    }
    return Template(content, tuple(assignments(declared, json.dumps(resources))))


def assignments(declared: dict[str, Json], text: str) -> Iterator[dict[str, str]]:
    """
    The values of parameters at which a proof has to hold: each allowed one; else the default, and those from which
    conditions of the resources tell it apart; else any.
    """
    options = []
    for name, body in declared.items():
        compared = {one for key, (_, names) in CONDITIONS.items() if f'"{key}"' in text for one in names.get(name, ())}
        allowed = body.get("AllowedValues")
        if isinstance(allowed, list):
            values = allowed
        elif "Default" in body:
            values = [body["Default"], *sorted(compared)]
            if body["Default"] in compared:
                values.append(FRESH[name])
        else:
            values = [*sorted(compared), FRESH[name], OUTSIDE]
        if name == "Stage" and '"ByStage"' in text:
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
    if "RequestedRegion" in json.dumps(content["Resources"]):
        # To a policy about Regions it matters which partitions the rest is for.
        more["Resources"]["Topic"]["Properties"]["TopicName"] = {"Ref": "Stage"}  # type: ignore[index]
    sections = rng.sample([*more], rng.randint(1, len(more)))
    if "Resources" in sections:
        sections = [*more]
    return {
        name: {**more[name], **body} if name in sections and isinstance(body, dict) else body
        for name, body in content.items()
    }
