"""
Keys that are a parameter of some calls: in no request for another action, and absence has its consequences.
"""

from __future__ import annotations

import pytest

import trustproof
from trustproof.aws import published
from trustproof.aws.condition_keys import MAYBE, NEVER, lookup
from trustproof.aws.parameter_keys import NAMES, carriers
from trustproof.model.request import USER_KEY

Json = dict[str, object]
OPEN: Json = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Resource": "*"}
DENY: Json = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
FOR_AWS: Json = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


@pytest.mark.parametrize("key", sorted(NAMES))
def test_the_reference_lists_who_carries_it(key: str) -> None:
    """Each is written as the reference writes it, at one action at least."""
    found = published.service(key.partition(":")[0])
    assert found is not None
    listed = {f"{key.partition(':')[0]}:{one.name.lower()}" for one in found.actions.values() if NAMES[key] in one.keys}
    assert listed
    assert listed <= {*(carriers(key) or ())}


def test_an_action_that_is_not_described_may_carry_any() -> None:
    """What the reference does not describe yet has no keys there, which says nothing."""
    key = lookup("IAM:policyarn")
    assert key.name == "iam:PolicyARN"
    assert key.presence(USER_KEY, "iam:createuser") == NEVER
    assert key.presence(USER_KEY, "iam:attachuserpolicy") == MAYBE
    assert key.presence(USER_KEY, "iam:getroletemplateversion") == MAYBE


@pytest.mark.parametrize("key", ["s3:prefix", "s3:x-amz-acl", "kms:ViaService", "ec2:Vpc", "iam:ResourceTag/a", "x:y"])
def test_of_others_nothing_is_known(key: str) -> None:
    """Any request may carry them."""
    assert lookup(key).presence(USER_KEY, "sns:publish") == MAYBE


#: Statements beside each other, and the verdict on who gets in from outside.
CASES: list[tuple[list[Json], str]] = [
    ([{**OPEN, "Action": "sns:Publish", "Condition": {"StringEquals": {"sns:Protocol": "https"}}}], "proved"),
    ([{**OPEN, "Action": "sns:Publish", "Condition": {"Null": {"sns:Protocol": "false"}}}], "proved"),
    ([{**OPEN, "Action": "sns:Subscribe", "Condition": {"StringEquals": {"sns:Protocol": "https"}}}], "refuted"),
    ([{**OPEN, "Action": "sns:*", "Condition": {"StringEquals": {"sns:Protocol": "https"}}}], "refuted"),
    ([{**OPEN, "Action": "sns:Publish", "Condition": {"StringEqualsIfExists": {"sns:Protocol": "x"}}}], "refuted"),
    ([{**OPEN, "Action": "sns:Publish", "Condition": {"StringNotEquals": {"sns:Protocol": "x"}}}], "refuted"),
    ([{**OPEN, "Action": "sns:Publish", "Condition": {"Null": {"sns:Protocol": "true"}}}], "refuted"),
    # A Deny that absence meets denies all of it; one that needs the key denies nothing.
    ([{**OPEN, "Action": "sns:Publish"}, {**DENY, "Condition": {"Null": {"sns:Protocol": "true"}}}], "proved"),
    ([{**OPEN, "Action": "sns:Publish"}, {**DENY, "Condition": {"StringLike": {"sns:Protocol": "*"}}}], "refuted"),
    ([{**OPEN, "Action": "kms:Decrypt", "Condition": FOR_AWS}], "proved"),
    ([{**OPEN, "Action": "kms:CreateGrant", "Condition": FOR_AWS}], "refuted"),
    ([{**OPEN, "Action": "kms:ReEncrypt*", "Condition": {"Bool": {"kms:ReEncryptOnSameKey": "true"}}}], "refuted"),
    ([{**OPEN, "Action": "kms:Encrypt", "Condition": {"Bool": {"kms:ReEncryptOnSameKey": "true"}}}], "proved"),
]


@pytest.mark.parametrize(("statements", "verdict"), CASES)
def test_what_absence_does(statements: list[Json], verdict: str) -> None:
    """Search and evaluator agree on it, and a proof is checked again."""
    found = trustproof.prove(
        {"Version": "2012-10-17", "Statement": statements}, "inside-boundary", kind="resource", account="111122223333"
    )
    assert found.verdict == verdict


@pytest.mark.parametrize("operator", ["StringEquals", "ForAnyValue:StringEquals", "StringLike"])
def test_a_statement_that_no_request_meets(operator: str) -> None:
    """It is said which key no request for its action has."""
    statement: Json = {
        "Effect": "Allow",
        "Action": "iam:CreateUser",
        "Resource": "*",
        "Condition": {operator: {"iam:PolicyARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}},
    }
    policy: Json = {"Version": "2012-10-17", "Statement": [statement]}
    found = trustproof.prove(policy, "statement-usable", kind="identity", account="111122223333")
    assert found.verdict == "refuted"
    assert "iam:PolicyARN" in str(found.why)
    sensitive = trustproof.prove(policy, "sensitive-actions-require-mfa", kind="identity", account="111122223333")
    assert sensitive.verdict == "proved"
