"""
Statements of resource policies that ask their callers for what these never send.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
OWN = "111122223333"
MFA: Json = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ORGANIZATION: Json = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
PATHS: Json = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abcdefghij/*"}}
SERVICE: Json = {"Service": "sns.amazonaws.com"}
ROLE: Json = {"AWS": f"arn:aws:iam::{OWN}:role/app"}
USER: Json = {"AWS": f"arn:aws:iam::{OWN}:user/alice"}
PROVED, REFUTED = trustproof.PROVED, trustproof.REFUTED


@pytest.mark.parametrize(
    ("principal", "condition", "expected"),
    [
        (SERVICE, MFA, REFUTED),
        (SERVICE, ORGANIZATION, REFUTED),
        (SERVICE, PATHS, REFUTED),
        (SERVICE, {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abcdefghij"}}, PROVED),
        (SERVICE, {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, PROVED),
        (ROLE, MFA, REFUTED),
        (ROLE, {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, REFUTED),
        (ROLE, ORGANIZATION, PROVED),
        (USER, MFA, PROVED),
        ({"AWS": OWN}, MFA, PROVED),
        ("*", {**MFA, **ORGANIZATION}, PROVED),
        ({**SERVICE, **USER}, ORGANIZATION, PROVED),
    ],
)
def test_verdict(principal: object, condition: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    found = trustproof.prove(policy, "statement-usable", account=OWN, kind="resource")
    assert found.verdict == expected
