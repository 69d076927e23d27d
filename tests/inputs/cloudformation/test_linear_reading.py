"""
A template of twice as many resources is read in twice the steps: none looks at all the others by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.hostile.constructions import ALLOW, role
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.template import Template

_Resources = Mapping[str, object]


def _policy(type_: str, place: str, named: object) -> dict[str, object]:
    return {"Type": type_, "Properties": {place: named, "PolicyDocument": {"Statement": {**ALLOW, "Action": "*"}}}}


def _permissions(n: int) -> _Resources:
    return {
        f"P{i}": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": f"f{i}",
                "Action": "lambda:InvokeFunction",
                "Principal": "sns.amazonaws.com",
            },
        }
        for i in range(n)
    }


def _topics(n: int) -> _Resources:
    """Topics with policies, subscriptions and alarms."""
    found: dict[str, object] = {}
    for i in range(n):
        own = {"Ref": f"T{i}"}
        found[f"T{i}"] = {"Type": "AWS::SNS::Topic"}
        found[f"P{i}"] = _policy("AWS::SNS::TopicPolicy", "Topics", [own])
        found[f"A{i}"] = {"Type": "AWS::CloudWatch::Alarm", "Properties": {"AlarmActions": [own]}}
    return found


def _buckets(n: int) -> _Resources:
    """Buckets with policies, and distributions that read them."""
    found: dict[str, object] = {}
    for i in range(n):
        origin = {"DomainName": {"Fn::GetAtt": [f"B{i}", "DomainName"]}}
        found[f"B{i}"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"b{i}"}}
        found[f"P{i}"] = _policy("AWS::S3::BucketPolicy", "Bucket", f"b{i}")
        found[f"D{i}"] = {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {"DistributionConfig": {"Origins": [origin]}},
        }
    return found


def _programs(n: int) -> _Resources:
    """Roles, each of which a function is told and an identity pool gives."""
    found: dict[str, object] = {}
    for i in range(n):
        told = {"Variables": {"ROLE": {"Fn::GetAtt": [f"R{i}", "Arn"]}}}
        found[f"R{i}"] = role(ALLOW)
        found[f"F{i}"] = {"Type": "AWS::Lambda::Function", "Properties": {"Role": "x", "Environment": told}}
        found[f"G{i}"] = {
            "Type": "AWS::Cognito::IdentityPoolRoleAttachment",
            "Properties": {"IdentityPoolId": f"p{i}", "Roles": {"authenticated": {"Ref": f"R{i}"}}},
        }
    return found


def _apis(n: int) -> _Resources:
    found: dict[str, object] = {}
    for i in range(n):
        policy = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}}
        found[f"A{i}"] = {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Policy": policy}}
        found[f"M{i}"] = {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": f"A{i}"}}}
    return found


@pytest.mark.parametrize("resources", [_permissions, _apis, _topics, _buckets, _programs])
def test_reading_is_linear(
    resources: Callable[[int], _Resources], read: Callable[..., Template], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The properties of each resource are asked for so often as in a template of half the size."""
    asked = [0]
    properties = Environment.properties

    def counted(environment: Environment, logical_id: str) -> dict[str, object]:
        asked[0] += 1
        return properties(environment, logical_id)

    monkeypatch.setattr(Environment, "properties", counted)
    counts: list[int] = []
    for n in (20, 40):
        asked[0] = 0
        assert read({"Resources": resources(n)}).documents
        counts.append(asked[0])
    assert counts[1] < 2.2 * counts[0]
