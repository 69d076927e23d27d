"""
What a policy denies no more, where nothing else lets in those whom it denied.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import trustproof

Json: TypeAlias = "dict[str, Any]"
HUB, OTHER = "111122223333", "222233334444"
OUTSIDERS: Json = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
OUTSIDERS["Condition"] = {"StringNotEquals": {"aws:PrincipalAccount": HUB}}
OURS: Json = {"Effect": "Allow", "Principal": {"AWS": HUB}, "Action": "sqs:*", "Resource": "*"}


def policed(*statements: Json, **more: Json) -> Json:
    """A queue with a policy of these statements."""
    properties = {"Queues": [{"Ref": "Q"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}
    own = {"Q": {"Type": "AWS::SQS::Queue"}, "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}}
    return {"Resources": {**own, **more}}


def test_whom_a_queue_denies_no_more_is_let_in_by_its_policy_alone() -> None:
    """Nobody outside of its account gets in by a policy of his own; users of the account may."""
    assert trustproof.diff(policed(OURS, OUTSIDERS), policed(OURS), account=HUB).is_empty
    other = {**OURS, "Principal": {"AWS": OTHER}}
    assert trustproof.diff(policed(other, OUTSIDERS), policed(other), account=HUB).gained
    inside = {**OUTSIDERS, "Principal": {"AWS": f"arn:aws:iam::{HUB}:user/alice"}, "Condition": {}}
    assert trustproof.diff(policed(other, inside), policed(other), account=HUB).undecided
    # Where nobody knows whose the queue is, they may be of its account.
    assert trustproof.diff(policed(OURS, OUTSIDERS), policed(OURS)).undecided
    # Of two policies of one queue nobody knows which one holds.
    second = policed(other)["Resources"]["P"]
    assert not trustproof.diff(policed(OURS, OUTSIDERS, S=second), policed(OURS, S=second), account=HUB).is_empty
