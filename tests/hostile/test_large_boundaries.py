"""
A boundary of thousands of accounts: what ordinary policies say of accounts beside it is decided.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.hostile.constructions import role
from trustproof.results.result import PROVED, REFUTED

#: Scattered, so that no two of them begin alike by chance.
ACCOUNTS = [f"{200_000_000_000 + 7_919_000 * number}" for number in range(3_000)]
INSIDE, OUTSIDE = ACCOUNTS[1_234], "999988887777"


def statement(**more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **more}


def key(*statements: dict[str, object]) -> dict[str, object]:
    return {
        "Type": "AWS::KMS::Key",
        "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": statements}},
    }


ANYBODY = {"Principal": {"AWS": "*"}}
A_SERVICE = {"Principal": {"Service": "cloudtrail.amazonaws.com"}}


@pytest.mark.parametrize(
    ("asked", "said", "verdict"),
    [
        ("inside-boundary", {**ANYBODY, "Condition": {"StringEquals": {"kms:CallerAccount": INSIDE}}}, PROVED),
        ("inside-boundary", {**ANYBODY, "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNTS}}}, PROVED),
        (
            "inside-boundary",
            {**ANYBODY, "Condition": {"StringEquals": {"kms:CallerAccount": [*ACCOUNTS, OUTSIDE]}}},
            REFUTED,
        ),
        ("inside-boundary", {**ANYBODY, "Condition": {"StringNotEquals": {"kms:CallerAccount": INSIDE}}}, REFUTED),
        ("no-confused-deputy", {**A_SERVICE, "Condition": {"StringEquals": {"aws:SourceAccount": INSIDE}}}, PROVED),
        ("no-confused-deputy", {**A_SERVICE, "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNTS}}}, PROVED),
        ("no-confused-deputy", {**A_SERVICE, "Condition": {"StringEquals": {"aws:SourceAccount": OUTSIDE}}}, REFUTED),
        (
            "no-confused-deputy",
            {**A_SERVICE, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudtrail:*:{INSIDE}:trail/*"}}},
            PROVED,
        ),
        (
            "no-confused-deputy",
            {**A_SERVICE, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/*"}}},
            REFUTED,
        ),
    ],
)
def test_what_a_key_says_of_accounts_is_decided(
    tmp_path: Path, asked: str, said: dict[str, object], verdict: str
) -> None:
    config = tmp_path / "trustproof.toml"
    config.write_text(f"[boundary]\naccounts = {json.dumps(ACCOUNTS)}\n", encoding="utf-8")
    template = tmp_path / "t.json"
    template.write_text(json.dumps({"Resources": {"K": key(statement(**said))}}), encoding="utf-8")
    report = trustproof.check([template], config=trustproof.load_config(config), account=INSIDE)
    assert [one.verdict for one in report.results if one.property == asked] == [verdict]


@pytest.mark.parametrize(
    ("accounts", "arns", "verdict"),
    [
        (ACCOUNTS[7:8], ACCOUNTS[8:9], REFUTED),
        (ACCOUNTS[:100], ACCOUNTS[100:250], REFUTED),
        (ACCOUNTS[:101], ACCOUNTS[100:250], PROVED),
        ([OUTSIDE], ACCOUNTS, REFUTED),
        ([*ACCOUNTS[:150], OUTSIDE], [*ACCOUNTS[150:900], OUTSIDE], PROVED),
        ([f"{INSIDE[:6]}*"], [INSIDE], PROVED),
        ([f"{INSIDE[:6]}*"], [OUTSIDE], REFUTED),
    ],
)
def test_a_service_calls_for_the_account_of_what_it_calls_from(
    tmp_path: Path, accounts: list[str], arns: list[str], verdict: str
) -> None:
    """What is compared with accounts, and with ARNs of some, has to be of one of them all the same."""
    condition = {
        "StringLike": {"aws:SourceAccount": accounts},
        "ArnLike": {"aws:SourceArn": [f"arn:aws:lambda:*:{one}:function:*" for one in arns]},
    }
    asked = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": condition,
    }
    template = tmp_path / "t.json"
    template.write_text(json.dumps({"Resources": {"R": role(asked)}}), encoding="utf-8")
    report = trustproof.check([template], account=INSIDE)
    assert [one.verdict for one in report.results if one.property == "statement-usable"] == [verdict]
