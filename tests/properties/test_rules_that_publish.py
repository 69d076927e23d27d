"""
Topics that rules of EventBridge publish to: EventBridge sends no condition keys there.
"""

from __future__ import annotations

import pytest

import trustproof


@pytest.mark.parametrize(("kind", "has_key"), [("SNS", False), ("SQS", True)])
def test_a_topic_lets_in_the_rule_without_a_condition(kind: str, has_key: bool) -> None:
    """A test of a key in the policy of a topic would drop every notification, and in that of a queue does not."""
    is_topic = kind == "SNS"
    arn = {"Ref": "T"} if is_topic else {"Fn::GetAtt": ["T", "Arn"]}
    action = "sns:Publish" if is_topic else "sqs:SendMessage"
    statement = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": arn}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    named = {"Topics": [arn]} if is_topic else {"Queues": [{"Ref": "T"}]}
    rule = {"EventPattern": {"source": ["aws.ecs"]}, "Targets": [{"Id": "t", "Arn": arn}]}
    resources = {
        "T": {"Type": "AWS::SNS::Topic" if is_topic else "AWS::SQS::Queue"},
        "Rule": {"Type": "AWS::Events::Rule", "Properties": rule},
        "P": {
            "Type": "AWS::SNS::TopicPolicy" if is_topic else "AWS::SQS::QueuePolicy",
            "Properties": {**named, "PolicyDocument": document},
        },
    }
    report = trustproof.check([{"Resources": resources}], config={}, properties=["inside-boundary"])
    (found,) = (one for one in report.results if one.verdict == trustproof.REFUTED)
    assert found.remedy is not None
    assert "name the service events.amazonaws.com, with" in found.remedy.text or not has_key
    assert ("aws:SourceArn" in found.remedy.text) is has_key
    assert ("without a Condition" in found.remedy.text) is not has_key
