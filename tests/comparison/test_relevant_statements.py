"""
Which statements may speak of a call that another one allows.
"""

from __future__ import annotations

import pytest

from trustproof.comparison.pairs.relevant_statements import RelevantStatements
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.policy import Statement


def statement(**elements: object) -> Statement:
    said = {"Effect": "Allow", "Resource": "*", **elements}
    return parse_policy({"Version": "2012-10-17", "Statement": [said]}, kind="identity").statements[0]


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("s3:GetObject", "S3:getobject", True),
        ("s3:GetObject", "s3:PutObject", False),
        ("s3:GetObject", "*", True),
        ("*", "s3:GetObject", True),
        ("s3:Get*", "s3:*Object", True),
        ("s3:Get*", "s3:Put*", False),
        ("s3:Get?bject", "s3:GetO*", True),
        ("s3:*", "sqs:*", False),
    ],
)
def test_lists_of_actions_are_told_apart_where_no_action_is_of_both(own: str, other: str, expected: bool) -> None:
    about = RelevantStatements(statement(Action=own), IDENTITY)
    assert about.may_be_about(statement(Action=["ec2:RunInstances", other])) is expected


def test_what_is_all_but_some_actions_may_be_about_any() -> None:
    assert RelevantStatements(statement(NotAction="s3:*"), IDENTITY).may_be_about(statement(Action="s3:GetObject"))
    assert RelevantStatements(statement(Action="s3:*"), IDENTITY).may_be_about(statement(NotAction="s3:*"))


def test_a_trust_policy_has_to_allow_what_comes_with_a_call() -> None:
    assert RelevantStatements(statement(Action="sts:AssumeRole"), TRUST).may_be_about(
        statement(Action="sts:TagSession")
    )
