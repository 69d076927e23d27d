"""
The names of keys in policy variables, as statements of one policy write them.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof


@pytest.mark.parametrize("denied", ["${aws:userid}", "${aws:UserId}", "${AWS:USERID}"])
def test_a_deny_takes_away_what_an_allow_compares_in_another_case(denied: str) -> None:
    """IAM does not tell upper and lower case of a key apart, so that both ask the same of a request."""

    def statement(effect: str, variable: str) -> dict[str, Any]:
        condition = {"StringEquals": {"aws:PrincipalTag/owner": variable}}
        return {"Effect": effect, "Action": "iam:*", "Resource": "*", "Condition": condition}

    document = {
        "Version": "2012-10-17",
        "Statement": [statement("Allow", "${aws:userid}"), statement("Deny", denied)],
    }
    properties = {"UserName": "u", "Policies": [{"PolicyName": "p", "PolicyDocument": document}]}
    template = {"Resources": {"U": {"Type": "AWS::IAM::User", "Properties": properties}}}
    report = trustproof.check([template], account="111122223333", properties=["sensitive-actions-require-mfa"])
    assert [one.verdict for one in report.results] == ["proved"]
