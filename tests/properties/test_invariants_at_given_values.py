"""
Invariants of resources whose names mappings or conditions make of parameters that are given: asked as of the name that
the template would say without them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import trustproof

OURS, OUTSIDE = "111122223333", "999988887777"
Json = dict[str, Any]

STAGES = ("dev", "prod")
LISTED: Json = {"Type": "String", "Default": "dev", "AllowedValues": [*STAGES]}
FREE: Json = {"Type": "String", "Default": "dev"}
GIVEN: Json = {"Type": "String"}
MAPPINGS: Json = {
    "N": {
        one: {"Name": f"{one}-deploy", "Path": f"/{one}/", "Stage": one, "Who": f"arn:aws:iam::{OUTSIDE}:role/{one}"}
        for one in STAGES
    }
}


def found(entry: str, key: object) -> Json:
    """What the mapping has for a key."""
    return {"Fn::FindInMap": ["N", key, entry]}


def policy(who: object, action: str, **more: object) -> Json:
    """A policy that lets in a role of another account."""
    return {"Statement": [{"Effect": "Allow", "Principal": {"AWS": who}, "Action": action, **more}]}


def role(who: object = f"arn:aws:iam::{OUTSIDE}:role/x", **properties: object) -> Json:
    """A role with some properties."""
    trust = {"AssumeRolePolicyDocument": policy(who, "sts:AssumeRole")}
    return {"R": {"Type": "AWS::IAM::Role", "Properties": {**properties, **trust}}}


def queue(name: object) -> Json:
    """A queue of a name, with a policy."""
    statement = policy(f"arn:aws:iam::{OUTSIDE}:role/x", "sqs:SendMessage", Resource="*")
    return {
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
        "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": statement}},
    }


def bucket(name: object) -> Json:
    """A bucket of a name, with a policy."""
    resource = {"Fn::Sub": "arn:aws:s3:::${B}/*"}
    statement = policy(f"arn:aws:iam::{OUTSIDE}:role/x", "s3:GetObject", Resource=resource)
    return {
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": name}},
        "P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "B"}, "PolicyDocument": statement}},
    }


#: The resources by what stands for the stage, a parameter or the value itself.
NAMED: Mapping[str, Callable[[object], Json]] = {
    "looked up": lambda stage: role(RoleName=found("Name", stage)),
    "part": lambda stage: role(RoleName={"Fn::Sub": ["${Of}-deploy", {"Of": found("Stage", stage)}]}),
    "whole": lambda stage: role(RoleName={"Fn::Sub": ["${Of}", {"Of": found("Name", stage)}]}),
    "joined": lambda stage: role(RoleName={"Fn::Join": ["-", [found("Stage", stage), "deploy"]]}),
    "selected": lambda stage: role(RoleName={"Fn::Select": [0, {"Fn::Split": [",", found("Name", stage)]}]}),
    "path": lambda stage: role(RoleName="deploy", Path=found("Path", stage)),
    "queue": lambda stage: queue(found("Name", stage)),
    "bucket": lambda stage: bucket(found("Name", stage)),
    "branch": lambda stage: role(found("Who", stage), RoleName={"Fn::If": ["IsProd", "prod-deploy", "other"]}),
    "both": lambda stage: role(found("Who", stage), RoleName=found("Name", stage)),
}


def template(kind: str, stage: object, **sections: object) -> Json:
    """A template with the resources of one kind."""
    conditions = {"IsProd": {"Fn::Equals": [stage, "prod"]}}
    return {"Mappings": MAPPINGS, "Conditions": conditions, "Resources": NAMED[kind](stage), **sections}


def said(kind: str, *templates: Json | str, parameters: Mapping[str, str] | None = None) -> tuple[list[str], list[str]]:
    """The verdicts of an invariant about what is called so in production, and the notes about it."""
    pattern = "arn:aws:iam::*:role/prod/*" if kind == "path" else "prod-deploy"
    config = {
        "boundary": {"accounts": [OURS, OUTSIDE]},
        "invariant": [{"name": "mine", "resources": [pattern], "accounts": [OURS]}],
    }
    report = trustproof.check(
        [*templates],  # type: ignore[list-item]
        account=OURS,
        config=config,
        parameters=parameters,
        properties=["invariant-mine"],
        certify=True,
    )
    assert not report.errors
    return [one.verdict for one in report.results], [one for one in report.notes if "the invariant" in one]


def in_stack_set(inner: Json, passed: Mapping[str, object], **sections: object) -> Json:
    """A template with a StackSet that has another one."""
    properties = {
        "StackSetName": "all",
        "PermissionModel": "SELF_MANAGED",
        "TemplateBody": json.dumps(inner),
        "StackInstancesGroup": [{"DeploymentTargets": {"Accounts": [OURS]}, "Regions": ["eu-west-1"]}],
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in passed.items()],
    }
    return {"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}, **sections}


def nested(folder: Path, inner: Json, passed: Mapping[str, object], **sections: object) -> tuple[str, str]:
    """The files of a template and of one that is nested in it."""
    properties = {"TemplateURL": "inner.json", "Parameters": passed}
    outer = {"Resources": {"S": {"Type": "AWS::CloudFormation::Stack", "Properties": properties}}, **sections}
    for name, content in (("outer", outer), ("inner", inner)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    return str(folder / "outer.json"), str(folder / "inner.json")


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("declared", [LISTED, FREE, GIVEN])
@pytest.mark.parametrize("value", STAGES)
def test_a_template_at_given_values_is_the_one_that_says_them(
    tmp_path: Path, kind: str, declared: Json, value: str
) -> None:
    literal = said(kind, template(kind, value))
    assert literal[0] == (["refuted"] if value == "prod" else [])
    inner = template(kind, {"Ref": "Env"}, Parameters={"Env": declared})
    assert said(kind, inner, parameters={"Env": value}) == literal
    by_name = {"Env": {"Ref": "Stage"}}
    stage = {"Parameters": {"Stage": GIVEN}}
    assert said(kind, in_stack_set(inner, {"Env": value})) == literal
    assert said(kind, in_stack_set(inner, by_name, **stage), parameters={"Stage": value}) == literal
    assert said(kind, *nested(tmp_path, inner, {"Env": value})) == literal
    assert said(kind, *nested(tmp_path, inner, by_name, **stage), parameters={"Stage": value}) == literal


@pytest.mark.parametrize("kind", ["looked up", "part", "whole", "joined", "path", "queue", "bucket"])
@pytest.mark.parametrize("value", STAGES)
def test_what_is_passed_by_a_default_may_be_what_makes_the_name(tmp_path: Path, kind: str, value: str) -> None:
    inner = template(kind, {"Ref": "Env"}, Parameters={"Env": FREE})
    stage = {"Parameters": {"Stage": {"Type": "String", "Default": value}}}
    assert said(kind, *nested(tmp_path, inner, {"Env": {"Ref": "Stage"}}, **stage)) == (["refuted"], [])
    assert said(kind, in_stack_set(inner, {"Env": {"Ref": "Stage"}}, **stage)) == (["refuted"], [])


def test_a_policy_that_a_passed_value_decides_is_not_refuted_under_another_name() -> None:
    """It lets in somebody else in development alone, where the role is not the one of the invariant."""
    trust = {"Fn::If": ["IsProd", f"arn:aws:iam::{OURS}:root", found("Who", {"Ref": "Env"})]}
    resources = role(trust, RoleName=found("Name", {"Ref": "Env"}))
    inner = template("looked up", {"Ref": "Env"}, Parameters={"Env": FREE}) | {"Resources": resources}
    stage = {"Parameters": {"Stage": FREE}}
    assert said("looked up", in_stack_set(inner, {"Env": {"Ref": "Stage"}}, **stage))[0] == ["proved"]
