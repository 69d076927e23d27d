"""
Invariants of resources in nested stacks, which are called as the stacks around them pass it: asked as they are of one
template in which the same is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import trustproof

OURS, OUTSIDE = "111122223333", "999988887777"
Json = dict[str, Any]

WHO, OWN = f"arn:aws:iam::{OUTSIDE}:role/x", f"arn:aws:iam::{OURS}:root"
ENV, STAGE = {"Ref": "Env"}, {"Ref": "Stage"}


def policy(who: object, action: str, resource: object = None) -> Json:
    """A policy that lets somebody in."""
    statement = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": action}
    return {"Statement": [{**statement, **({"Resource": resource} if resource else {})}]}


def role(name: object, who: object = WHO, **more: object) -> Json:
    """A role of a name."""
    properties = {"RoleName": name, "AssumeRolePolicyDocument": policy(who, "sts:AssumeRole")}
    return {"R": {"Type": "AWS::IAM::Role", "Properties": properties, **more}}


def bucket(name: object) -> Json:
    """A policy for a bucket of a name, which is elsewhere."""
    about = policy(WHO, "s3:GetObject", {"Fn::Sub": ["arn:aws:s3:::${B}/*", {"B": name}]})
    return {"P": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": name, "PolicyDocument": about}}}


def queue(name: object) -> Json:
    """A queue of a name, with a policy."""
    about = {"Queues": [{"Ref": "Q"}], "PolicyDocument": policy(WHO, "sqs:SendMessage", "*")}
    return {
        "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}},
        "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": about},
    }


def sub(text: str, env: object) -> Json:
    """A text with a value in it."""
    return {"Fn::Sub": [text, {"E": env}]}


def chosen(there: object, elsewhere: object) -> Json:
    """One of two values, by whether it is production."""
    return {"Fn::If": ["IsProd", there, elsewhere]}


#: Resources by what stands for the stage, and a pattern by which they are meant in production.
NAMED: Mapping[str, tuple[Callable[[object], Json], str]] = {
    "whole": (lambda env: role(env), "prod"),
    "part": (lambda env: role(sub("${E}-deploy", env)), "prod-deploy"),
    "by arn": (lambda env: role(sub("${E}-deploy", env)), "arn:aws:iam::*:role/prod-*"),
    "bucket": (bucket, "prod"),
    "queue": (queue, "arn:aws:sqs:*:*:prod"),
    "policy": (lambda env: role(sub("${E}-d", env), sub(f"arn:aws:iam::{OUTSIDE}:role/${{E}}", env)), "prod-d"),
    "let in there": (lambda env: role(env, chosen(WHO, OWN)), "prod"),
    "let in elsewhere": (lambda env: role(sub("${E}-d", env), chosen(OWN, WHO)), "prod-d"),
    "chosen": (lambda env: role(chosen("prod-d", "dev-d"), chosen(OWN, WHO)), "prod-d"),
    "only there": (lambda env: role(env, Condition="IsProd"), "prod"),
}


def parameter(default: str | None = None, *listed: str) -> Json:
    """The declaration of a parameter."""
    found: Json = {"Type": "String"} | ({"Default": default} if default else {})
    return found | ({"AllowedValues": [*listed]} if listed else {})


ROWS: Json = {"M": {one: {"Stage": one} for one in ("dev", "prod")}}
LOOKED_UP = {"Fn::FindInMap": ["M", STAGE, "Stage"]}
#: What is passed: a value, the other sections of the template that passes it, and values that the user gives.
PASSED: Mapping[str, tuple[object, Json, Mapping[str, str]]] = {
    "written": ("prod", {}, {}),
    "another": ("dev", {}, {}),
    "default": (STAGE, {"Parameters": {"Stage": parameter("prod")}}, {}),
    "other default": (STAGE, {"Parameters": {"Stage": parameter("dev")}}, {}),
    "no default": (STAGE, {"Parameters": {"Stage": parameter()}}, {}),
    "given": (STAGE, {"Parameters": {"Stage": parameter("dev")}}, {"Stage": "prod"}),
    "given another": (STAGE, {"Parameters": {"Stage": parameter("prod")}}, {"Stage": "dev"}),
    "listed": (STAGE, {"Parameters": {"Stage": parameter("dev", "dev", "prod")}}, {}),
    "row": ({"Fn::FindInMap": ["M", "prod", "Stage"]}, {"Mappings": ROWS}, {}),
    "looked up": (LOOKED_UP, {"Mappings": ROWS, "Parameters": {"Stage": parameter("dev", "dev", "prod")}}, {}),
    "looked up given": (LOOKED_UP, {"Mappings": ROWS, "Parameters": {"Stage": parameter("dev")}}, {"Stage": "prod"}),
}
DECLARED = {"nothing": parameter(), "default": parameter("test"), "list": parameter("dev", "dev", "prod")}


def inner(kind: str, env: object = ENV, declared: Json | None = None, **sections: object) -> Json:
    """A template with a resource that is called by its parameter, or by something else."""
    conditions = {"IsProd": {"Fn::Equals": [env, "prod"]}}
    parameters = {"Parameters": {"Env": declared}} if declared is not None else {}
    return {**parameters, "Conditions": conditions, "Resources": NAMED[kind][0](env), **sections}


def stack(template: str, **passed: object) -> Json:
    """A nested stack."""
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": template, "Parameters": passed}}


def said(kind: str, inputs: Sequence[Json | str], given: Mapping[str, str]) -> tuple[list[str], bool]:
    """The verdicts of an invariant about what is called so in production, and whether it was asked of nothing."""
    return verdicts(inputs, NAMED[kind][1], given)


def verdicts(inputs: Sequence[Json | str], pattern: str, given: Mapping[str, str]) -> tuple[list[str], bool]:
    """The verdicts of an invariant about a pattern, and whether it was asked of nothing."""
    invariant = {"name": "mine", "resources": [pattern], "accounts": [OURS]}
    report = trustproof.check(
        [*inputs],  # type: ignore[list-item]
        account=OURS,
        config={"boundary": {"accounts": [OURS, OUTSIDE]}, "invariant": [invariant]},
        parameters=given,
        properties=["invariant-mine"],
        certify=True,
    )
    assert not report.errors
    return [one.verdict for one in report.results], any("asked of nothing" in one for one in report.notes)


def nested(folder: Path, **templates: Json) -> list[Json | str]:
    """A directory with templates."""
    for name, content in templates.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return [str(folder)]


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("passing", PASSED)
@pytest.mark.parametrize("declaring", DECLARED)
def test_a_nested_stack_is_asked_as_what_is_passed_to_it(
    tmp_path: Path, kind: str, passing: str, declaring: str
) -> None:
    value, sections, given = PASSED[passing]
    declared = DECLARED[declaring]
    whole = {**sections}
    if declaring == "list" and value == STAGE:
        # No other value is one that the nested stack takes.
        stage = {**sections["Parameters"]["Stage"], "AllowedValues": declared["AllowedValues"]}
        whole |= {"Parameters": {"Stage": stage}}
    expected = said(kind, [inner(kind, value, **whole)], given)
    outer = {"Resources": {"S": stack("inner.json", Env=value)}, **sections}
    assert said(kind, nested(tmp_path, outer=outer, inner=inner(kind, declared=declared)), given) == expected


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("default", ["dev", "prod"])
def test_a_stack_in_a_nested_one_is_asked_likewise(tmp_path: Path, kind: str, default: str) -> None:
    middle = {"Parameters": {"Of": parameter("x")}, "Resources": {"S": stack("inner.json", Env={"Ref": "Of"})}}
    sections = {"Parameters": {"Stage": parameter(default)}}
    outer = {"Resources": {"S": stack("middle.json", Of=STAGE)}, **sections}
    files = nested(tmp_path, outer=outer, middle=middle, inner=inner(kind, declared=parameter("x")))
    assert said(kind, files, {}) == said(kind, [inner(kind, STAGE, **sections)], {})


@pytest.mark.parametrize("kind", NAMED)
def test_of_two_stacks_each_is_asked(tmp_path: Path, kind: str) -> None:
    one = {"Resources": {"S": stack("inner.json", Env=STAGE)}, "Parameters": {"Stage": parameter("prod")}}
    other = {"Resources": {"S": stack("inner.json", Env="dev")}}
    written = said(kind, [inner(kind, "prod")], {})
    files = nested(tmp_path, one=one, other=other, inner=inner(kind, declared=parameter()))
    assert said(kind, files, {}) == written


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize("default", ["dev", "prod"])
def test_a_stack_set_is_asked_likewise(kind: str, default: str) -> None:
    sections = {"Parameters": {"Stage": parameter(default)}}
    properties = {
        "StackSetName": "all",
        "PermissionModel": "SELF_MANAGED",
        "TemplateBody": json.dumps(inner(kind, declared=parameter("x"))),
        "StackInstancesGroup": [{"DeploymentTargets": {"Accounts": [OURS]}, "Regions": ["eu-west-1"]}],
        "Parameters": [{"ParameterKey": "Env", "ParameterValue": STAGE}],
    }
    outer = {"Resources": {"S": {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}}, **sections}
    assert said(kind, [outer], {}) == said(kind, [inner(kind, STAGE, **sections)], {})


#: Policies by what two parameters of a nested stack are, that are passed the same or different things.
BY_TWO: Sequence[tuple[str, object, Json, str, list[str]]] = [
    ("${A}-d", chosen(OWN, WHO), {"A": STAGE, "B": STAGE}, "prod-d", ["proved"]),
    ("${A}-d", chosen(WHO, OWN), {"A": STAGE, "B": STAGE}, "prod-d", ["refuted"]),
    ("${A}-d", chosen(WHO, OWN), {"A": STAGE, "B": STAGE}, "dev-d", ["proved"]),
    ("${A}-d", chosen(WHO, OWN), {"A": STAGE, "B": STAGE}, "*-d", ["refuted"]),
    ("${B}-${A}", chosen(WHO, OWN), {"A": {"Ref": "App"}, "B": STAGE}, "prod-web", ["refuted"]),
    ("${B}-${A}", chosen(WHO, OWN), {"A": {"Ref": "App"}, "B": STAGE}, "prod-pay", ["refuted"]),
    ("${B}-${A}", chosen(OWN, WHO), {"A": {"Ref": "App"}, "B": STAGE}, "prod-web", ["proved"]),
]


@pytest.mark.parametrize(("name", "who", "passed", "pattern", "expected"), BY_TWO, ids=str)
def test_two_parameters_that_are_passed_the_same_are_the_same(
    tmp_path: Path, name: str, who: object, passed: Json, pattern: str, expected: list[str]
) -> None:
    sections = {"Parameters": {"Stage": parameter("dev"), "App": parameter("web")}}
    outer = {"Resources": {"S": stack("inner.json", **passed)}, **sections}
    resources = role({"Fn::Sub": name}, who)
    conditions = {"IsProd": {"Fn::Equals": [{"Ref": "B"}, "prod"]}}
    content = {
        "Parameters": {"A": parameter(), "B": parameter()},
        "Conditions": conditions,
        "Resources": resources,
    }
    assert verdicts(nested(tmp_path, outer=outer, inner=content), pattern, {})[0] == expected


@pytest.mark.parametrize(
    ("pattern", "expected"), [("prod-d", ["refuted"]), ("dev-d", ["proved"]), ("*-d", ["refuted"]), ("x-d", ["proved"])]
)
def test_a_policy_by_a_row_of_the_nested_stack_is_asked_at_that_row(
    tmp_path: Path, pattern: str, expected: list[str]
) -> None:
    who = {"Fn::FindInMap": ["Who", ENV, "Arn", {"DefaultValue": OWN}]}
    content = {
        "Transform": "AWS::LanguageExtensions",
        "Parameters": {"Env": parameter()},
        "Mappings": {"Who": {"prod": {"Arn": WHO}, "dev": {"Arn": OWN}}},
        "Resources": role(sub("${E}-d", ENV), who),
    }
    outer = {"Resources": {"S": stack("inner.json", Env=STAGE)}, "Parameters": {"Stage": parameter("dev")}}
    assert verdicts(nested(tmp_path, outer=outer, inner=content), pattern, {})[0] == expected


def test_too_many_values_leave_it_open(tmp_path: Path) -> None:
    """They are not asked of none of them."""
    names = "abcdefg"
    free = {one.upper(): parameter("x") for one in names}
    content = {
        "Parameters": {one.upper(): parameter("x", "x", "y") for one in names},
        "Resources": role({"Fn::Sub": "-".join(f"${{{one.upper()}}}" for one in names)}),
    }
    outer = {"Resources": {"S": stack("inner.json", **{one: {"Ref": one} for one in free})}, "Parameters": free}
    assert verdicts(nested(tmp_path, outer=outer, inner=content), "y-y-y-y-y-y-y", {})[0] == ["unknown"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [("prod-d", ["proved"]), ("prod*", ["refuted"]), ("*-d", ["refuted"]), ("dev-d", ["refuted"])],
)
@pytest.mark.parametrize("default", ["dev", "prod"])
def test_a_name_by_a_default_is_asked_there(default: str, pattern: str, expected: list[str]) -> None:
    """Whoever gets in at other values than the default gets into what has another name."""
    content = {
        "Parameters": {"Stage": parameter(default)},
        "Conditions": {"IsProd": {"Fn::Equals": [STAGE, "prod"]}},
        "Resources": role({"Fn::Sub": "${Stage}-d"}, chosen(OWN, WHO)),
    }
    assert verdicts([content], pattern, {})[0] == expected


@pytest.mark.parametrize(
    ("when", "default", "kind", "expected"),
    [
        # It is there where it is called otherwise, and nowhere else.
        ("dev", "dev", "let in elsewhere", "nothing"),
        ("dev", "dev", "part", "unknown"),
        ("dev", "prod", "let in elsewhere", "nothing"),
        ("prod", "dev", "let in elsewhere", "proved"),
        ("prod", "dev", "part", "refuted"),
        ("prod", "prod", "let in elsewhere", "proved"),
    ],
)
def test_a_stack_under_a_condition_is_asked_where_it_is_there(
    tmp_path: Path, when: str, default: str, kind: str, expected: str
) -> None:
    """What a stack would be called at values at which nobody makes it refutes nothing."""
    outer = {
        "Parameters": {"Stage": parameter(default)},
        "Conditions": {"There": {"Fn::Equals": [STAGE, when]}},
        "Resources": {"S": {**stack("inner.json", Env=STAGE), "Condition": "There"}},
    }
    files = nested(tmp_path, outer=outer, inner=inner(kind, declared=parameter()))
    found, is_of_nothing = said(kind, files, {})
    assert found == ([] if expected == "nothing" else [expected])
    assert is_of_nothing == (expected == "nothing")


@pytest.mark.parametrize(
    ("kind", "expected"), [("let in elsewhere", ["proved"]), ("part", ["refuted"]), ("let in there", ["refuted"])]
)
def test_a_row_that_makes_another_value_is_asked_at_its_key(tmp_path: Path, kind: str, expected: list[str]) -> None:
    """At the other keys it is called otherwise, and whoever gets in there is let into something else."""
    outer = {
        "Parameters": {"Stage": parameter("dev")},
        "Mappings": {"M": {"dev": {"Of": "prod"}, "prod": {"Of": "dev"}, "test": {"Of": "test"}}},
        "Resources": {"S": stack("inner.json", Env={"Fn::FindInMap": ["M", STAGE, "Of"]})},
    }
    files = nested(tmp_path, outer=outer, inner=inner(kind, declared=parameter()))
    assert said(kind, files, {})[0] == expected
