"""
What ``Globals`` of SAM say of a resource means what the resource would mean that says it itself.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.analysis.stacks import CONFIG, HUB, MFA, OUTSIDE, OWN, Json, document
from tests.strategies import examples

ASKED = ("inside-boundary", "mfa-required", "assume-role-scoped")
ACCOUNTS = [OWN, OUTSIDE]
DECLARED: tuple[Json, ...] = (
    {"Type": "String", "AllowedValues": ACCOUNTS, "Default": OWN},
    {"Type": "String", "AllowedValues": ACCOUNTS},
    {"Type": "String", "Default": OWN},
)
STAGES = ["dev", "prod"]
FLAGS = ["true", "false"]
STAGE: Json = {"Type": "String", "AllowedValues": STAGES, "Default": "dev"}
FLAG: Json = {"Type": "String", "AllowedValues": FLAGS, "Default": "true"}
BOUNDARY: Json = {"Type": "AWS::IAM::ManagedPolicy"}


def statement(rng: Random, resource: str, action: str) -> Json:
    """A statement of a resource policy, whose account or condition a parameter decides."""
    who = rng.choice(
        (
            {"Fn::Sub": "arn:aws:iam::${P}:root"},
            {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "P"}, ":root"]]},
            {"Fn::FindInMap": ["M", {"Ref": "Stage"}, "Who"]},
            {"Fn::If": ["IsDev", HUB, OUTSIDE]},
            HUB,
        )
    )
    asked = rng.choice((MFA, {"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "Flag"}}}))
    found: Json = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, "Condition": asked}
    return {**found, "Resource": resource} if resource else found


def properties_of(rng: Random) -> tuple[Json, Json]:
    """What a function and an API say, that ``Globals`` may say as well."""
    trust = document(*(statement(rng, "", "sts:AssumeRole") for _ in range(rng.randint(1, 2))))
    bound: object = {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:policy/${Stage}"}
    if rng.random() < 0.4:
        bound = {"Fn::If": ["IsDev", bound, rng.choice(({"Ref": "AWS::NoValue"}, {"Ref": "Bound"}))]}
    policy: Json = {"CustomStatements": [statement(rng, "execute-api:/*", "execute-api:Invoke")]}
    if rng.random() < 0.5:
        policy["AwsAccountWhitelist"] = [{"Ref": "P"}]
    function = {"AssumeRolePolicyDocument": trust, "PermissionsBoundary": bound}
    return function, {"Auth": {"ResourcePolicy": policy, "DefaultAuthorizer": "AWS_IAM"}}


def apart(rng: Random, value: object) -> tuple[Any, Any]:
    """A value as two that SAM puts together to it."""
    if isinstance(value, list):
        at = rng.randint(0, len(value))
        return value[:at], value[at:]
    if not isinstance(value, dict) or any(key == "Ref" or key.startswith("Fn::") for key in value):
        return (value, None) if rng.random() < 0.7 else (None, value)
    parts = {key: apart(rng, inner) for key, inner in value.items()}
    first, second = ({key: one[side] for key, one in parts.items() if one[side] is not None} for side in (0, 1))
    return first, second


def template(common: Mapping[str, object], function: Json, api: Json, parameter: Json, *, is_loop: bool) -> Json:
    """A template with a function and an API."""
    event = {"Type": "Api", "Properties": {"Path": "/a", "Method": "get", "RestApiId": {"Ref": "Api"}}}
    may = [{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}]
    made = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"E": event}, "Policies": may, **function}}
    bounds = {
        name: {**BOUNDARY, "Properties": {"ManagedPolicyName": text, "PolicyDocument": document(allowed)}}
        for name, text, resource in (("Bound", "dev", f"arn:aws:iam::{OWN}:role/x"), ("Wide", "prod", "*"))
        for allowed in [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}]
    }
    functions: Json = {"Fn::ForEach::Each": ["One", ["F"], {"${One}": made}]} if is_loop else {"F": made}
    return {
        "Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"],
        "Parameters": {"P": parameter, "Stage": STAGE, "Flag": FLAG},
        "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
        "Mappings": {"M": {"dev": {"Who": HUB}, "prod": {"Who": OUTSIDE}}},
        "Globals": common,
        "Resources": {
            **functions,
            "Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "x", **api}},
            **bounds,
        },
    }


def answers(content: Json, values: Mapping[str, str]) -> dict[str, set[object]]:
    """Of each resource and property what is not proved, or else the defaults that the proofs rest on."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "t.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        report = trustproof.check([file], properties=ASKED, config=CONFIG, account=OWN, parameters=values)
    assert report.errors == ()
    found: dict[str, set[object]] = {}
    for one in report.results:
        verdict = one.at_defaults if one.verdict == trustproof.PROVED else one.verdict
        found.setdefault(f"{one.property} of {one.logical_id}", set()).add(verdict)
    return {key: wrong if (wrong := {v for v in each if isinstance(v, str)}) else each for key, each in found.items()}


@given(st.integers(0, 2**32))
@examples(8, in_deep=400)
def test_globals_mean_what_the_resource_would(seed: int) -> None:
    """Whatever of a resource stands in ``Globals``, no answer is another one, at any values of the parameters."""
    rng = Random(seed)
    function, api = properties_of(rng)
    parameter, is_loop = rng.choice(DECLARED), rng.random() < 0.3
    (of_functions, own_function), (of_apis, own_api) = apart(rng, function), apart(rng, api)
    common = {"Function": of_functions, "Api": of_apis}
    own = template({}, function, api, parameter, is_loop=is_loop)
    moved = template(common, own_function, own_api, parameter, is_loop=is_loop)
    assignments = [*product(ACCOUNTS, STAGES, FLAGS)]
    for values in ({}, *(dict(zip(("P", "Stage", "Flag"), one, strict=True)) for one in rng.sample(assignments, 2))):
        assert answers(own, values) == answers(moved, values)
