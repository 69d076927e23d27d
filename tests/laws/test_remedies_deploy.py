"""
A remedy can be deployed: what it refers to is there in every deployment that has it, in no circle, and it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from itertools import product
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.laws.remedying import NotHere, edited
from tests.strategies import examples

Json = dict[str, Any]
OWN = "111122223333"
ROOT: Json = {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
EVENTS, TOPICS = "events.amazonaws.com", "sns.amazonaws.com"
CONDITIONS = ("IsProd", "IsBig")
#: Topics that the template only has a value for.
ELSEWHERE: list[object] = [
    {"Fn::ImportValue": "orders-topic"},
    "{{resolve:ssm:/orders/topic}}",
    {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "Topics"}]}]},
    {"Ref": "Topics"},
]


def any_template(rng: Random) -> Json:
    """Roles, queues, and what sends to them, some of them conditional, each of which may refer to those before it."""
    resources: Json = {}
    for number in range(rng.randint(3, 7)):
        before = [one for one in resources if "Condition" not in resources[one]]
        resource = rng.choice((_role, _role, _policy, _queue, _rule, _subscription))(rng, resources)
        condition = rng.choice((None, None, *CONDITIONS))
        needed = {resources[one].get("Condition") for one in _references(resource) if one in resources} - {None}
        if len(needed) > 1:
            continue
        if needed or condition:
            resource["Condition"] = needed.pop() if needed else condition
        if before and rng.random() < 0.2 and "Condition" not in resource:
            resource["DependsOn"] = rng.choice(before)
        resources[f"R{number}"] = resource
    for name in [one for one in resources if resources[one]["Type"] == "AWS::SQS::Queue"]:
        policy = _queue_policy(rng, name)
        if "Condition" in resources[name]:
            policy["Condition"] = resources[name]["Condition"]
        resources[f"{name}Policy"] = policy
    return {
        "Parameters": {"Env": {"Type": "String"}, "Topics": {"Type": "String"}},
        "Conditions": {one: {"Fn::Equals": [{"Ref": "Env"}, one]} for one in CONDITIONS},
        "Resources": resources,
    }


def _role(rng: Random, resources: Json) -> Json:
    principal: Json = rng.choice(({"AWS": ROOT}, {"Service": "lambda.amazonaws.com"}))
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    properties: Json = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
    if rng.random() < 0.4:
        properties["Policies"] = [{"PolicyName": "p", "PolicyDocument": _sending(rng, resources)}]
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def _sending(rng: Random, resources: Json) -> Json:
    """A policy that sends its holder to a role, in one of the ways that name it."""
    target = _any_of(rng, resources, "AWS::IAM::Role")
    named = ({"Fn::GetAtt": [target, "Arn"]}, {"Fn::Sub": f"${{{target}.Arn}}"})
    arn = rng.choice(named) if target else "arn:aws:iam::111122223333:role/another"
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _policy(rng: Random, resources: Json) -> Json:
    holder = _any_of(rng, resources, "AWS::IAM::Role")
    if not holder:
        return _role(rng, resources)
    properties = {"PolicyName": "p", "Roles": [{"Ref": holder}], "PolicyDocument": _sending(rng, resources)}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def _any_of(rng: Random, resources: Json, type_: str) -> str:
    """The logical id of a resource of a type; empty where there is none."""
    found = [one for one in resources if resources[one]["Type"] == type_]
    return rng.choice(found) if found else ""


def _queue(rng: Random, resources: Json) -> Json:
    return {"Type": "AWS::SQS::Queue", "Properties": {}}


def _queue_policy(rng: Random, queue: str) -> Json:
    services = rng.choice(
        (["events.amazonaws.com"], ["sns.amazonaws.com"], ["events.amazonaws.com", "sns.amazonaws.com"])
    )
    statement = {
        "Effect": "Allow",
        "Principal": rng.choice(("*", {"Service": services}, {"Service": services})),
        "Action": "sqs:SendMessage",
        "Resource": {"Fn::GetAtt": [queue, "Arn"]},
    }
    document = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": queue}], "PolicyDocument": document}}


def _target(rng: Random, resources: Json) -> object:
    queue = _any_of(rng, resources, "AWS::SQS::Queue")
    return {"Fn::GetAtt": [queue, "Arn"]} if queue else "arn:aws:sqs:eu-central-1:111122223333:q"


def _rule(rng: Random, resources: Json) -> Json:
    targets = [{"Id": "1", "Arn": _target(rng, resources)}]
    return {"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 day)", "Targets": targets}}


def _subscription(rng: Random, resources: Json) -> Json:
    properties = {"TopicArn": rng.choice(ELSEWHERE), "Protocol": "sqs", "Endpoint": _target(rng, resources)}
    return {"Type": "AWS::SNS::Subscription", "Properties": properties}


def _references(value: object) -> Iterator[str]:
    """The names that something refers to."""
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield str(inner)
            elif key == "Fn::GetAtt":
                yield str(inner[0] if isinstance(inner, list) else str(inner).split(".")[0])
            elif key == "Fn::Sub" and isinstance(inner, str):
                yield from (name.split(".")[0] for name in re.findall(r"\$\{([^!}][^}]*)\}", inner))
            elif key == "DependsOn":
                yield from inner if isinstance(inner, list) else [inner]
            yield from _references(inner)


def assert_deployable(template: Json) -> None:
    """CloudFormation takes the references of a template, at every value of its conditions."""
    resources = template["Resources"]
    known = {*resources, *template["Parameters"]}
    graph = {name: {one for one in _references(found) if one in resources} for name, found in resources.items()}
    # A circle is an error.
    [*TopologicalSorter(graph).static_order()]
    for values in product((True, False), repeat=len(CONDITIONS)):
        held = dict(zip(CONDITIONS, values, strict=True))
        there = {name for name, found in resources.items() if held.get(found.get("Condition"), True)}
        for name in there:
            for one in _references(resources[name].get("Properties", {})):
                assert one.startswith("AWS::") or one in known
                assert one not in resources or one in there, (name, one, held)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


@examples(25)
@given(st.randoms(use_true_random=False))
def test_what_a_remedy_says_can_be_deployed(rng: Random) -> None:
    """Every printed edit gives a template that is read, refers to what is there, and has no made-up text."""
    template = any_template(rng)
    assert_deployable(template)
    config: Json = {"boundary": {"organizations": ["o-a1b2c3d4e5"]}}
    report = trustproof.check([template], config=config, account=OWN, region="eu-central-1")
    assert not report.errors
    said = {*_texts(template)}
    for result in report.results:
        if result.remedy is None or not result.remedy.edits:
            continue
        try:
            changed = edited(template, result.remedy.edits)
        except NotHere:
            continue
        assert_deployable(changed)
        assert not trustproof.check([changed], config=config, account=OWN).errors
        for text in {*_texts(changed)} - said:
            assert not re.search(r"<[A-Za-z:]+|\{\{resolve|eu-central-1", text), text


def test_no_role_refers_to_itself() -> None:
    """A role that may assume itself is not named in its own trust policy by a reference."""
    trust = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
    sending = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": {"Fn::GetAtt": ["R", "Arn"]}}
    document, policy = ({"Version": "2012-10-17", "Statement": [one]} for one in (trust, sending))
    attached = {"PolicyName": "p", "Roles": [{"Ref": "R"}], "PolicyDocument": policy}
    resources = {
        "R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}},
        "P": {"Type": "AWS::IAM::Policy", "Properties": attached},
    }
    report = trustproof.check([{"Resources": resources}], account=OWN, properties=["mfa-required"])
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert not found.remedy.edits
    assert "circular" in found.remedy.text
