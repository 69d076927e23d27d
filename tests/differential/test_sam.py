"""
A second opinion on what SAM makes of roles: its own transform, which the development environment has.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.inputs.cloudformation.test_policy_templates import TEMPLATES
from trustproof.aws import published
from trustproof.inputs.cloudformation.sam.documents import relocate_policy
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.text.source import Source
from trustproof.model.principals import Holder

transform = pytest.importorskip("samtranslator.translator.transform")

Json = dict[str, Any]
FUNCTION, MACHINE = "AWS::Serverless::Function", "AWS::Serverless::StateMachine"
NEEDED: dict[str, Json] = {
    FUNCTION: {"Handler": "i.h", "Runtime": "python3.12", "InlineCode": "x"},
    MACHINE: {"DefinitionUri": "s3://b/k"},
}
STREAM = {"Stream": "arn:aws:kinesis:us-east-1:111122223333:stream/s", "StartingPosition": "LATEST"}


def event(type_: str, **properties: object) -> Json:
    return {"Events": {"E": {"Type": type_, "Properties": properties}}}


def given(name: str) -> Json:
    """A policy template with a parameter for what it needs."""
    template = published.sam_policy_template(name)
    assert template is not None
    return {"Policies": [{name: {parameter: {"Ref": "P"} for parameter in template.parameters}}]}


CASES: list[tuple[str, Json]] = [
    *((FUNCTION, given(name)) for name in TEMPLATES),
    (FUNCTION, {"Policies": ["AmazonS3ReadOnlyAccess", "AWSLambdaRole", "arn:aws:iam::aws:policy/ReadOnlyAccess"]}),
    (FUNCTION, {"Policies": "AWSLambdaRole"}),
    (MACHINE, {"Policies": ["AWSLambdaRole", {"SQSPollerPolicy": {"QueueName": "q"}}]}),
    (MACHINE, {}),
    *((FUNCTION, {"Tracing": one}) for one in ("Active", "PassThrough", "Disabled")),
    *((MACHINE, {"Tracing": {"Enabled": one}}) for one in (True, False)),
    (FUNCTION, {"VpcConfig": {"SubnetIds": ["s"], "SecurityGroupIds": ["g"]}}),
    (FUNCTION, event("SQS", Queue="arn:aws:sqs:us-east-1:111122223333:q")),
    *((FUNCTION, event(type_, **STREAM)) for type_ in ("Kinesis", "DynamoDB")),
    (FUNCTION, event("MSK", Topics=["t"], **STREAM)),
]


class _NoPolicies:
    """What the transform would ask AWS for its policies with."""

    def load(self) -> Json:
        return {}


def read(content: Json) -> Template:
    deployment = Deployment("111122223333", "us-east-1", None, {})
    return Template(Source("t.json", json.dumps(content)), content, deployment)


def held(template: Template, holder: Holder) -> tuple[set[str], list[object]]:
    """The managed policies of a role, and the statements of its own."""
    named = {str(one.arn).replace("<AWS::Partition>", "aws") for one in holder.foreign}
    policies = (template.documents[index].policy for index in holder.documents)
    return named, [relocate_policy(one, lambda _: ()).statements for one in policies]


def test_sam_makes_the_same_of_roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same managed policies, and the same statements."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    resources = {f"R{n}": {"Type": t, "Properties": {**NEEDED[t], **more}} for n, (t, more) in enumerate(CASES)}
    parameters = {"P": {"Type": "String"}}
    content = {"Transform": "AWS::Serverless-2016-10-31", "Parameters": parameters, "Resources": resources}
    made = read(transform.transform(json.loads(json.dumps(content)), {}, _NoPolicies()))
    ours = read(content)
    theirs = {holder.logical_id: holder for holder in made.holders}
    assert ours.unread == ()
    assert len(ours.holders) == len(CASES)
    for holder in ours.holders:
        assert held(ours, holder) == held(made, theirs[f"{holder.logical_id}Role"]), resources[holder.logical_id]
