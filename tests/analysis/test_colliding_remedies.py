"""
Diffs of several properties for one statement: one at a time, since one may undo another, or leave nobody.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof
from tests.laws.remedying import edited

Json = dict[str, Any]
OWN = "111122223333"
OURS: Json = {"boundary": {"accounts": [OWN]}}
ARN: Json = {"Fn::GetAtt": ["Q", "Arn"]}
ROOT = f"arn:aws:iam::{OWN}:root"
SAML = f"arn:aws:iam::{OWN}:saml-provider/x"


def queue(*statements: Json) -> Json:
    """A queue with a policy."""
    content = {"Version": "2012-10-17", "Statement": [{**one, "Resource": ARN} for one in statements]}
    policy = {"Queues": [{"Ref": "Q"}], "PolicyDocument": content}
    return {
        "Resources": {"Q": {"Type": "AWS::SQS::Queue"}, "P": {"Type": "AWS::SQS::QueuePolicy", "Properties": policy}}
    }


def role(statement: Json) -> Json:
    """A role with a trust policy of one statement."""
    content = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": content}}}}


EVENTS: Json = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
WORLD: Json = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage"}
BOTH: Json = {**EVENTS, "Principal": {**EVENTS["Principal"], **WORLD["Principal"]}}
FEDERATED: Json = {
    "Effect": "Allow",
    "Principal": {"AWS": ROOT, "Federated": SAML},
    "Action": ["sts:AssumeRole", "sts:AssumeRoleWithSAML"],
}


@pytest.mark.parametrize(
    ("template", "kept", "others"),
    [
        (queue(BOTH), "inside-boundary", {"no-confused-deputy"}),
        (role({**WORLD, "Action": "sts:AssumeRole"}), "inside-boundary", {"mfa-required"}),
        (role(FEDERATED), "saml-audience-bound", {"mfa-required"}),
    ],
    ids=["split twice", "two conditions", "a provider and an account"],
)
def test_one_statement_is_changed_by_one_finding(template: Json, kept: str, others: set[str]) -> None:
    """The worst finding keeps its diff, the others say that it comes first, and each has its diff when it has been."""
    todo = {kept, *others}
    while todo:
        report = trustproof.check([template], config=OURS, account=OWN)
        found = {one.property: one for one in report.results if one.verdict == trustproof.REFUTED}
        assert set(found) == todo
        with_diff = [name for name, one in found.items() if one.remedy is not None and one.remedy.edits]
        assert with_diff == [kept]
        for name in todo - {kept}:
            said = found[name].remedy
            assert said is not None
            assert f"{kept} has a change of the same statement: make that one first" in said.text
        remedy = found[kept].remedy
        assert remedy is not None
        template = edited(template, remedy.edits)
        todo.discard(kept)
        kept = next(iter(todo), "")


def test_changes_of_two_statements_stand_next_to_each_other() -> None:
    """What changes another statement collides with nothing."""
    report = trustproof.check([queue(EVENTS, WORLD)], config=OURS, account=OWN)
    found = [one for one in report.results if one.verdict == trustproof.REFUTED]
    assert {one.property for one in found} == {"inside-boundary", "no-confused-deputy"}
    assert all(one.remedy is not None and one.remedy.edits for one in found)
