"""
How a third party gets in: hard pairs.
"""

from __future__ import annotations

import pytest

import trustproof

Json = dict[str, object]
CONFIG = {
    "boundary": {"accounts": [], "organizations": ["o-aaaabbbbcc"]},
    "third-party": [{"name": "vendor", "accounts": ["444455556666"]}],
}


def trust(principal: Json, action: str, condition: Json | None = None) -> Json:
    """A trust policy with one statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": action, **more}],
    }


CASES: list[tuple[str, Json, str]] = [
    ("noid", trust({"AWS": "444455556666"}, "sts:AssumeRole", None), "refuted"),
    ("id", trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringEquals": {"sts:ExternalId": "abc"}}), "proved"),
    (
        "idlist",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringEquals": {"sts:ExternalId": ["abc", "def"]}}),
        "proved",
    ),
    ("like", trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringLike": {"sts:ExternalId": "abc"}}), "proved"),
    (
        "likestar",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringLike": {"sts:ExternalId": "abc*"}}),
        "refuted",
    ),
    ("likestar2", trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringLike": {"sts:ExternalId": "*"}}), "refuted"),
    (
        "if",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringEqualsIfExists": {"sts:ExternalId": "abc"}}),
        "refuted",
    ),
    (
        "forall",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"ForAllValues:StringEquals": {"sts:ExternalId": "abc"}}),
        "refuted",
    ),
    ("null", trust({"AWS": "444455556666"}, "sts:AssumeRole", {"Null": {"sts:ExternalId": "false"}}), "refuted"),
    (
        "not",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringNotEquals": {"sts:ExternalId": "abc"}}),
        "refuted",
    ),
    (
        "equals star",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringEquals": {"sts:ExternalId": "*"}}),
        "proved",
    ),
    (
        "and mfa",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        "refuted",
    ),
    (
        "ignorecase",
        trust({"AWS": "444455556666"}, "sts:AssumeRole", {"StringEqualsIgnoreCase": {"sts:ExternalId": "abc"}}),
        "refuted",
    ),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(policy: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    found = trustproof.prove(policy, "external-id-required", account="111122223333", config=CONFIG)
    assert found.verdict == expected
    assert (found.counterexample is not None) == (expected == "refuted")
