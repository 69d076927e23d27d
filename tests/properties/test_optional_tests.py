"""
Tests that hold for whoever lacks what they test: the caret stands on them, and they are what the remedy changes.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import trustproof
from tests.properties.applying import edited
from trustproof.results.result import Result

Json = dict[str, Any]
OWN, ORGANIZATION = "111122223333", "o-abcd123456"
BOUNDARY, DEPUTY = "inside-boundary", "no-confused-deputy"
ANYONE: Json = {"Principal": "*"}
TOPICS: Json = {"Principal": {"Service": "sns.amazonaws.com"}}


def queue(condition: Json, principal: Json, **more: Json) -> Json:
    """A queue with a policy of one statement, beside other resources."""
    statement = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*", "Condition": condition, **principal}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policy = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": document}}
    return {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {}}, "P": policy, **more}}


def refuted(template: Json, asked: str) -> list[Result]:
    """The refutations of a property."""
    report = trustproof.check([template], config={}, account=OWN, properties=[asked])
    return [one for one in report.results if one.verdict == trustproof.REFUTED]


PATHS = {"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"}
ORG, ARN = {"aws:PrincipalOrgID": ORGANIZATION}, {"aws:SourceArn": f"arn:aws:sns:*:{OWN}:orders-*"}
OPTIONAL: list[tuple[str, Json, Json, str]] = [
    (BOUNDARY, {"StringEqualsIfExists": ORG}, ANYONE, "StringEquals"),
    (BOUNDARY, {"ForAllValues:StringEquals": ORG}, ANYONE, "StringEquals"),
    (BOUNDARY, {"ForAllValues:StringLike": PATHS}, ANYONE, "ForAnyValue:StringLike"),
    (DEPUTY, {"ArnLikeIfExists": ARN}, TOPICS, "ArnLike"),
    (DEPUTY, {"StringEqualsIfExists": {"aws:SourceAccount": OWN}}, TOPICS, "StringEquals"),
]


@pytest.mark.parametrize(("asked", "condition", "principal", "operator"), OPTIONAL)
def test_a_test_that_may_be_absent_is_asked_for(asked: str, condition: Json, principal: Json, operator: str) -> None:
    """What is tested already is kept, and asked of everybody: only the operator is another one."""
    template = queue(condition, principal)
    (found,) = refuted(template, asked)
    ((_, tested),) = condition.items()
    (key,) = tested
    assert key in found.path
    assert found.remedy is not None
    assert found.remedy.text.startswith(f"ask for {key}: {next(iter(condition))} lets in whoever has none")
    changed: Any = edited(template, found.remedy.edits)
    statement = changed["Resources"]["P"]["Properties"]["PolicyDocument"]["Statement"][0]
    assert json.dumps(statement["Condition"][operator]).replace("[", "").replace("]", "") == json.dumps(
        next(iter(condition.values()))
    )
    assert not refuted(changed, asked)


def test_a_negated_test_of_whose_a_caller_is_is_what_the_finding_points_at() -> None:
    """Whom it means nobody knows, so that there are words: in an Allow it lets in everybody but whom it names."""
    (found,) = refuted(queue({"StringNotEquals": ORG}, ANYONE), BOUNDARY)
    assert "aws:PrincipalOrgID" in found.path
    assert found.label == "true of everybody but whom it names"
    assert found.remedy is not None
    assert "compare with StringEquals: StringNotEquals lets in everybody else" in found.remedy.text


def test_a_pattern_of_every_organization_is_what_the_finding_points_at() -> None:
    """The policy tests the organization, so that nothing is missing but the id."""
    (found,) = refuted(queue({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, ANYONE), BOUNDARY)
    assert "aws:PrincipalOrgID" in found.path
    assert found.label == "true of every account or organization"
    assert str(found.remedy) == "write the id of your organization in the place of o-*"


def test_a_network_that_may_be_absent_is_what_the_finding_points_at() -> None:
    """Whether somebody is meant who comes by no endpoint nobody knows, so that there is no diff."""
    (found,) = refuted(queue({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-0123456789abcdef0"}}, ANYONE), BOUNDARY)
    assert "aws:SourceVpce" in found.path
    assert found.remedy is not None
    assert found.remedy.text.startswith("ask for aws:SourceVpce: StringEqualsIfExists lets in whoever has none")
    assert not found.remedy.edits


def test_services_that_are_meant_are_not_locked_out() -> None:
    """A topic of the template that sends here is of no organization, which is why the test may be absent."""
    sent = {"Protocol": "sqs", "Endpoint": {"Fn::GetAtt": ["Q", "Arn"]}}
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"Subscription": [sent]}}
    (found,) = refuted(queue({"StringEqualsIfExists": ORG}, ANYONE, T=topic), BOUNDARY)
    assert found.label == "true when the key is absent"
    assert found.remedy is not None
    assert found.remedy.text.startswith("name the service sns.amazonaws.com")
    assert not found.remedy.edits


@pytest.mark.parametrize("condition", [{"StringEqualsIfExists": {"aws:PrincipalTag/team": "a"}}, {}])
def test_another_test_confines_nobody(condition: Json) -> None:
    """Where nothing says whose the caller is, the caret stays on who is let in."""
    (found,) = refuted(queue(condition, ANYONE), BOUNDARY)
    assert found.label == "nothing here confines the caller to an account or organization"
