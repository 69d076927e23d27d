"""
Wildcards of Resource next to the colons of an ARN: how they are read is not known, and it is one reading for all.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof

MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
OWN = "arn:aws:iam::*:user/${aws:username}"
HERE = "arn:aws:iam::111122223333:user"
ACTIONS = "iam:*AccessKey*"
LAMBDA = "arn:aws:lambda:*:111122223333:function"


def policy(allowed: dict[str, object], denied: dict[str, object], action: str = ACTIONS) -> dict[str, object]:
    """What is allowed, and what is denied without MFA."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": action, **allowed},
            {"Effect": "Deny", "Action": action, "Condition": MFA, **denied},
        ],
    }


CASES: list[tuple[dict[str, object], dict[str, object], str]] = [
    # The same words have the same meaning.
    ({"Resource": OWN}, {"Resource": OWN}, "proved"),
    ({"Resource": OWN}, {"Resource": [f"{HERE}/bob", OWN]}, "proved"),
    ({"Resource": [f"{HERE}/bob", OWN]}, {"Resource": [OWN, f"{HERE}/bob"]}, "proved"),
    ({"Resource": [f"{HERE}/bob", OWN]}, {"Resource": OWN}, "refuted"),
    ({"NotResource": OWN}, {"NotResource": OWN}, "proved"),
    ({"Resource": OWN}, {"NotResource": OWN}, "refuted"),
    # What covers it in both readings.
    ({"Resource": OWN}, {"Resource": "arn:aws:iam::*:user/*"}, "proved"),
    ({"Resource": f"{HERE}/${{aws:username}}"}, {"Resource": OWN}, "proved"),
    ({"Resource": "arn:aws:iam::1111*:user/app/*"}, {"Resource": "arn:aws:iam::*:user/a*"}, "proved"),
    ({"Resource": "arn:*:iam::*:user/bob"}, {"Resource": "arn:*:iam::*:user/b*"}, "proved"),
    ({"Resource": "arn:aws:iam::*:user/b*"}, {"Resource": "arn:aws:iam::*:user/bob"}, "refuted"),
    # What covers it where a wildcard reaches to the end, and nowhere else.
    ({"Resource": OWN}, {"Resource": "arn:aws:iam::*"}, "unknown"),
    ({"Resource": "*"}, {"Resource": "arn:aws:iam::*"}, "unknown"),
]


@pytest.mark.parametrize(("allowed", "denied", "verdict"), CASES)
def test_sensitive_actions(allowed: dict[str, object], denied: dict[str, object], verdict: str) -> None:
    """A proof holds in both readings, and what is unknown says that it depends on them."""
    asked = policy(allowed, denied)
    found = trustproof.prove(asked, "sensitive-actions-require-mfa", account="111122223333", kind="identity")
    assert found.verdict == verdict
    if verdict == "unknown":
        assert all("reaches across colons is not documented" in reason for reason in found.reasons)
        assert not any("\x1e" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("allowed", "denied", "verdict"),
    [
        (f"{LAMBDA}:app", f"{LAMBDA}:app", "proved"),
        (f"{LAMBDA}:app", f"{LAMBDA}:*", "proved"),
        (f"{LAMBDA}:app", "arn:aws:lambda:us-*:111122223333:function:app", "refuted"),
        (f"{LAMBDA}:*", f"{LAMBDA}:app", "refuted"),
    ],
)
def test_other_services(allowed: str, denied: str, verdict: str) -> None:
    """Names of functions follow a colon of their own."""
    asked = policy({"Resource": allowed}, {"Resource": denied}, "lambda:UpdateFunctionCode")
    found = trustproof.prove(asked, "sensitive-actions-require-mfa", account="111122223333", kind="identity")
    assert found.verdict == verdict


def test_a_proof_is_checked_again_in_both_readings(tmp_path: Path) -> None:
    """The certificate of such a proof holds, and says who denies."""
    inline = {"PolicyName": "own", "PolicyDocument": policy({"Resource": OWN}, {"Resource": OWN})}
    group = {"Type": "AWS::IAM::Group", "Properties": {"Policies": [inline]}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Resources": {"Group": group}}), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["sensitive-actions-require-mfa"], certify=True)
    (found,) = report.results
    assert found.verdict == "proved"
    assert any("denied by Deny statement 2" in line for line in found.certificate)
