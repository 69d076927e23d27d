"""
Templates with something wrong at one place or several: whatever a stranger may write.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import trustproof
from trustproof.inputs.text.json import load as load_json
from trustproof.inputs.text.yaml import load as load_yaml

_REPOSITORY = Path(__file__).parents[2]
#: What stands for something else, or where nothing stood.
JUNK: tuple[Any, ...] = (
    None, True, 0, -1, 1e400, "", "*", "junk", "x" * 5_000, "\x00\x1b[31m\u202e", "${", "${AWS::AccountId}",
    "##[error]", "::error::",
    [], {}, [[]], [{}], [None], {"": ""}, {"Ref": "Nothing"}, {"Ref": 1}, {"Ref": "AWS::NoValue"}, {"Fn::If": ["C", 1]},
    {"Fn::If": ["Nothing", {}, []]}, {"Fn::GetAtt": ["R", "Arn"]}, {"Fn::GetAtt": []},
    {"Fn::Sub": "${Nothing.Arn}"}, {"Fn::Sub": []},
    {"Fn::Join": ["", {"Ref": "Nothing"}]}, {"Fn::Select": ["9", []]}, {"Fn::FindInMap": ["M", "a", "b"]},
    {"Fn::Transform": {"Name": "AWS::Include"}}, {"Fn::ImportValue": {"Ref": "Nothing"}},
    {"Fn::Base64": {"Fn::Base64": ""}},
    {"Fn::ForEach::L": ["I", ["a"], {"${I}": {}}]}, {"Fn::ToJsonString": {"a": []}},
    {"Fn::Unknown": 1}, {"Condition": "Nothing"},
)  # fmt: skip


def seeds() -> list[tuple[str, dict[str, Any]]]:
    """The templates of the repository that can be read, sorted by name."""
    found: list[tuple[str, dict[str, Any]]] = []
    for file in sorted((*_REPOSITORY.glob("examples/**/*.yaml"), *_REPOSITORY.glob("examples/**/*.json"))):
        text = file.read_text(encoding="utf-8")
        try:
            content = (load_json if file.suffix == ".json" else load_yaml)(text, file.name)
        except trustproof.InputError:
            continue
        if isinstance(content, dict) and isinstance(content.get("Resources"), dict):
            found.append((file.name, json.loads(json.dumps(content, default=str))))
    return [*found, *_OWN]


def mutants(rng: Random) -> Iterator[dict[str, Any]]:
    """Templates without an end, each with one to four changes."""
    templates = [content for _, content in seeds()]
    while True:
        template = copy.deepcopy(rng.choice(templates))
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            _change(template, rng)
        yield template


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with every key or index."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            yield one, key
            waiting.append(one[key])


def _change(template: dict[str, Any], rng: Random) -> None:
    """Change one place."""
    found = list(places(template))
    if not found:
        return
    container, key = rng.choice(found)
    other, other_key = rng.choice(found)
    what = rng.randrange(8)
    if what <= 2:
        container[key] = copy.deepcopy(rng.choice(JUNK))
    elif what == 3:
        del container[key]
    elif what == 4:
        container[key] = copy.deepcopy(other[other_key])
    elif what == 5:
        container[key] = [copy.deepcopy(container[key])]
    elif what == 6 and isinstance(container, dict):
        container[rng.choice((str(key).lower(), f"{key} ", "Fn::If", "Ref", "NotAction", ""))] = container.pop(key)
    else:
        text = (
            json.dumps(container[key])
            if rng.random() < 0.5
            else {"Fn::If": ["C", container[key], {"Ref": "AWS::NoValue"}]}
        )
        container[key] = text


def _document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


_TRUST = _document(
    {
        "Effect": "Allow",
        "Principal": {"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${P}:root"}},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "StringLike": {"sts:ExternalId": ["a*", "?b"]}},
    }
)
_GRANTS = _document({"Effect": "Allow", "Action": ["iam:*", "sts:AssumeRole"], "Resource": "*"})
_BODY = json.dumps(
    {"Resources": {"Inner": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": _TRUST}}}}
)
#: Everything that has policies, in one template.
_OWN: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "everything",
        {
            "Parameters": {"P": {"Type": "String", "AllowedValues": ["111122223333", "444455556666"]}},
            "Conditions": {"C": {"Fn::Equals": [{"Ref": "P"}, "111122223333"]}},
            "Mappings": {"M": {"a": {"b": "c"}}},
            "Resources": {
                "R": {
                    "Type": "AWS::IAM::Role",
                    "Condition": "C",
                    "Properties": {
                        "AssumeRolePolicyDocument": _TRUST,
                        "Policies": [{"PolicyName": "p", "PolicyDocument": _GRANTS}],
                        "ManagedPolicyArns": [{"Ref": "Managed"}, "arn:aws:iam::aws:policy/ReadOnlyAccess"],
                        "PermissionsBoundary": {"Ref": "Managed"},
                        "MaxSessionDuration": 3600,
                    },
                },
                "Managed": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": _GRANTS}},
                "G": {
                    "Type": "AWS::IAM::Group",
                    "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": _GRANTS}]},
                },
                "U": {"Type": "AWS::IAM::User", "Properties": {"Groups": [{"Ref": "G"}]}},
                "Attached": {
                    "Type": "AWS::IAM::Policy",
                    "Properties": {"PolicyName": "a", "PolicyDocument": _GRANTS, "Roles": [{"Ref": "R"}]},
                },
                "Bucket": {
                    "Type": "AWS::S3::BucketPolicy",
                    "Properties": {
                        "Bucket": "b",
                        "PolicyDocument": _document(
                            {
                                "Effect": "Allow",
                                "Principal": "*",
                                "Action": "s3:GetObject",
                                "Resource": "arn:aws:s3:::b/*",
                            }
                        ),
                    },
                },
                "Set": {
                    "Type": "AWS::CloudFormation::StackSet",
                    "Properties": {"StackSetName": "s", "PermissionModel": "SELF_MANAGED", "TemplateBody": _BODY},
                },
                "Function": {
                    "Type": "AWS::Serverless::Function",
                    "Properties": {"Handler": "h", "Policies": [_GRANTS, "AWSLambdaExecute"]},
                },
            },
        },
    ),
)
