"""
``aws:ResourceAccount`` in the policy of an event bus, which EventBridge leaves out of some requests.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-resourceaccount
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
OUTSIDE: Json = {"StringNotEquals": {"aws:PrincipalAccount": OWN}}
HERE: Json = {"StringEquals": {"aws:ResourceAccount": OWN}}
THERE: Json = {"Null": {"aws:ResourceAccount": "false"}}


def bus(action: str, *statements: Json) -> Json:
    """A bus with a policy."""
    arn = f"arn:aws:events:us-east-1:{OWN}:event-bus/b"
    policy = [{"Principal": {"AWS": "*"}, "Action": action, "Resource": arn, **one} for one in statements]
    document = {"Version": "2012-10-17", "Statement": policy}
    return {"B": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "b", "Policy": document}}}


def queue(*statements: Json) -> Json:
    """A queue with a policy."""
    policy = [{"Principal": "*", "Action": "sqs:SendMessage", "Resource": "*", **one} for one in statements]
    document = {"Version": "2012-10-17", "Statement": policy}
    return {
        "Q": {"Type": "AWS::SQS::Queue"},
        "B": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}], "PolicyDocument": document}},
    }


def allow(**condition: Json) -> Json:
    return {"Effect": "Allow", **({"Condition": condition} if condition else {})}


def deny(**condition: Json) -> Json:
    return {"Effect": "Deny", "Condition": condition}


PUT = "events:PutEvents"
OF_OWNER: Json = {"aws:PrincipalAccount": "${aws:ResourceAccount}"}
CASES: list[tuple[str, Json, str]] = [
    ("a Deny that needs its value", bus(PUT, allow(), deny(**OUTSIDE, **HERE)), "refuted"),
    ("a Deny that needs it there", bus(PUT, allow(), deny(**OUTSIDE, **THERE)), "refuted"),
    ("an Allow of whatever has another", bus(PUT, allow(StringNotEquals={"aws:ResourceAccount": OWN})), "refuted"),
    ("a Deny that holds without it", bus(PUT, allow(), deny(**OUTSIDE)), "proved"),
    ("a Deny of all but the owner", bus(PUT, allow(), deny(StringNotEquals=OF_OWNER)), "proved"),
    ("an Allow of the owner", bus(PUT, allow(StringEquals=OF_OWNER)), "proved"),
    ("another call", bus("events:PutRule", allow(), deny(**OUTSIDE, **HERE)), "proved"),
    ("a queue", queue(allow(), deny(**OUTSIDE, **HERE)), "proved"),
]


@pytest.mark.parametrize(("resources", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_key_may_be_absent_from_put_events(resources: Json, expected: str) -> None:
    """Where another account sent to the bus before AWS had the key, it is not there, and never is it another one."""
    boundary = {"boundary": {"accounts": [OWN]}}
    report = trustproof.check([{"Resources": resources}], account=OWN, config=boundary, properties=["inside-boundary"])
    (found,) = report.results
    assert found.verdict == expected
    shown = found.counterexample
    assert shown is None or shown.context["aws:ResourceAccount"] is None
