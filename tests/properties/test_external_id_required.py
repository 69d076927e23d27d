"""
How a third party gets in: hard pairs.
"""

from __future__ import annotations

import json
from pathlib import Path

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
        "proved",
    ),
]


@pytest.mark.parametrize(("policy", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_verdict(policy: Json, expected: str) -> None:
    """The verdict is the one of the table."""
    found = trustproof.prove(policy, "external-id-required", account="111122223333", config=CONFIG)
    assert found.verdict == expected
    assert (found.counterexample is not None) == (expected == "refuted")


VENDOR: Json = {"AWS": "444455556666"}
AGREED: Json = {"sts:ExternalId": "customer-0815"}


def deny(condition: Json, principal: object = "*") -> Json:
    """A Deny statement."""
    return {"Effect": "Deny", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}


def allow(condition: Json | None = None, principal: Json = VENDOR, action: str = "sts:AssumeRole") -> Json:
    """An Allow statement."""
    more = {"Condition": condition} if condition is not None else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, **more}


STATEMENTS: list[tuple[str, list[Json], str]] = [
    ("all others are denied", [allow(), deny({"StringNotEquals": AGREED})], "proved"),
    ("all others are denied to the vendor", [allow(), deny({"StringNotEquals": AGREED}, VENDOR)], "proved"),
    (
        "all others are denied to somebody else",
        [allow(), deny({"StringNotEquals": AGREED}, {"AWS": "5" * 12})],
        "refuted",
    ),
    ("all others are denied, twice over", [allow(), deny({"StringNotEqualsIfExists": AGREED})], "proved"),
    ("some other is denied", [allow(), deny({"ForAnyValue:StringNotEquals": AGREED})], "refuted"),
    ("only others are denied", [allow(), deny({"ForAllValues:StringNotEquals": AGREED})], "proved"),
    ("one other is denied", [allow(), deny({"StringEquals": {"sts:ExternalId": "customer-0816"}})], "refuted"),
    ("those not alike are denied", [allow(), deny({"StringNotLike": {"sts:ExternalId": "customer-*"}})], "refuted"),
    ("none is denied", [allow(), deny({"Null": {"sts:ExternalId": "true"}})], "refuted"),
    (
        "none is denied, and any other is not allowed",
        [allow({"StringEqualsIfExists": AGREED}), deny({"Null": {"sts:ExternalId": "true"}})],
        "proved",
    ),
    (
        "others are denied to one role",
        [allow(), deny({"StringNotEquals": AGREED, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::4*:role/x"}})],
        "refuted",
    ),
    (
        "others are denied to the account",
        [allow(), deny({"StringNotEquals": {**AGREED}, "StringLike": {"aws:PrincipalAccount": "444455556666"}})],
        "proved",
    ),
    (
        "a role of the vendor",
        [allow({"StringEquals": AGREED}, {"AWS": "arn:aws:iam::444455556666:role/scan"})],
        "proved",
    ),
    ("a role without", [allow(None, {"AWS": "arn:aws:iam::444455556666:role/scan"})], "refuted"),
    (
        "a user besides",
        [allow({"StringEquals": AGREED}), allow(None, {"AWS": "arn:aws:iam::444455556666:user/x"})],
        "refuted",
    ),
    ("our own account besides", [allow({"StringEquals": AGREED}), allow(None, {"AWS": "111122223333"})], "proved"),
    ("another account besides", [allow({"StringEquals": AGREED}), allow(None, {"AWS": "222233334444"})], "proved"),
    ("both in one", [allow({"StringEquals": AGREED}, {"AWS": ["111122223333", "444455556666"]})], "proved"),
    (
        "anybody of the vendor",
        [allow({"StringEquals": {"aws:PrincipalAccount": "444455556666"}}, {"AWS": "*"})],
        "refuted",
    ),
    ("anybody of ours", [allow({"StringEquals": {"aws:PrincipalOrgID": "o-aaaabbbbcc"}}, {"AWS": "*"})], "proved"),
    ("tags without", [allow({"StringEquals": AGREED}), allow(None, VENDOR, "sts:TagSession")], "proved"),
    ("every action", [allow(None, VENDOR, "sts:*")], "refuted"),
    ("all of no values", [allow({"ForAllValues:StringEquals": AGREED, "Null": {"sts:ExternalId": "false"}})], "proved"),
    ("some value", [allow({"ForAnyValue:StringEquals": AGREED})], "proved"),
    ("one for each character", [allow({"StringLike": {"sts:ExternalId": "customer-????"}})], "refuted"),
    ("literal and pattern", [allow({"StringEquals": AGREED, "StringLike": {"sts:ExternalId": "*"}})], "proved"),
    ("a tag of the vendor's own", [allow({"StringEquals": {"sts:ExternalId": "${aws:PrincipalTag/id}"}})], "refuted"),
    ("the vendor's own account", [allow({"StringEquals": {"sts:ExternalId": "${aws:PrincipalAccount}"}})], "refuted"),
    ("a misspelt key", [allow({"StringEqualsIfExists": {"sts:External-Id": "customer-0815"}})], "refuted"),
    ("a key in another case", [allow({"StringEquals": {"sts:externalID": "customer-0815"}})], "proved"),
]


@pytest.mark.parametrize(("statements", "expected"), [case[1:] for case in STATEMENTS], ids=[c[0] for c in STATEMENTS])
def test_statements(statements: list[Json], expected: str) -> None:
    """Statements decide together, and a Deny for all other ids is as good as an Allow for the agreed one."""
    policy = {"Version": "2012-10-17", "Statement": statements}
    found = trustproof.prove(policy, "external-id-required", account="111122223333", config=CONFIG)
    assert found.verdict == expected


def test_nothing_is_asked_where_no_third_party_is_declared() -> None:
    """Without a `[[third-party]]` nobody is known to be one."""
    with pytest.raises(trustproof.UsageError, match="not about"):
        trustproof.prove({"Version": "2012-10-17", "Statement": [allow()]}, "external-id-required", config={})


def test_what_stands_between_the_parts_of_an_id_may_be_a_wildcard(tmp_path: Path) -> None:
    """The parts are given at deployment, and hold none; the text that joins them does."""
    joined = {"Fn::Join": ["*", {"Fn::Split": ["-", {"Ref": "Id"}]}]}
    document = {"Version": "2012-10-17", "Statement": [allow({"StringLike": {"sts:ExternalId": joined}})]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "template.json"
    template = {"Parameters": {"Id": {"Type": "String"}}, "Resources": {"Role": role}}
    file.write_text(json.dumps(template), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["external-id-required"], config=CONFIG)
    assert [result.verdict for result in report.results] == ["unknown"]


@pytest.mark.parametrize(
    ("operator", "declared", "expected"),
    [
        ("StringEquals", {"Type": "String"}, "proved"),
        ("StringLike", {"Type": "String", "NoEcho": True}, "proved"),
        ("StringLike", {"Type": "String", "Default": "*"}, "refuted"),
        ("StringEquals", {"Type": "String", "Default": "*"}, "proved"),
        ("StringLike", {"Type": "String", "AllowedValues": ["*", "customer-0815"]}, "refuted"),
        ("StringLike", {"Type": "String", "AllowedPattern": "[a-z*]+"}, "refuted"),
        ("StringLike", {"Type": "String", "AllowedPattern": ".{2,1224}"}, "proved"),
        ("StringLike", {"Type": "String", "AllowedPattern": "[\\w+=,.@:/-]{2,1224}"}, "proved"),
    ],
)
def test_an_id_that_is_given_at_deployment_is_literal(
    operator: str, declared: Json, expected: str, tmp_path: Path
) -> None:
    """Which literal it is does not matter; a default with a wildcard is none."""
    document = {"Version": "2012-10-17", "Statement": [allow({operator: {"sts:ExternalId": {"Ref": "Id"}}})]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "template.json"
    file.write_text(json.dumps({"Parameters": {"Id": declared}, "Resources": {"Role": role}}), encoding="utf-8")
    report = trustproof.check([str(file)], properties=["external-id-required"], config=CONFIG, certify=True)
    assert expected in {result.verdict for result in report.results}
    assert ("refuted" in {result.verdict for result in report.results}) == (expected == "refuted")


@pytest.mark.parametrize(
    ("boundary", "principal", "expected"),
    [
        ([], "*", "unknown"),
        (["o-aaaabbbbcc"], "*", "unknown"),
        ([], "444455556666", "unknown"),
    ],
)
def test_an_organization_that_is_given_at_deployment_is_ours(
    tmp_path: Path, boundary: list[str], principal: str, expected: str
) -> None:
    """Nobody is accused of letting the vendor in by an organization that was made up for it."""
    asked = {"StringEquals": {"aws:PrincipalOrgID": {"Ref": "Organization"}}}
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust({"AWS": principal}, "sts:AssumeRole", asked)},
    }
    template = {"Parameters": {"Organization": {"Type": "String"}}, "Resources": {"R": role}}
    config = {**CONFIG, "boundary": {"accounts": [], "organizations": boundary}}
    (tmp_path / "t.json").write_text(json.dumps(template))
    found = trustproof.check([tmp_path / "t.json"], config=config, account="111122223333")
    assert [one.verdict for one in found.results if one.property == "external-id-required"] == [expected]
    open_ = trust({"AWS": "444455556666"}, "sts:AssumeRole")["Statement"]
    both = trust({"AWS": principal}, "sts:AssumeRole", asked)
    both["Statement"] = [*both["Statement"], *open_]  # type: ignore[misc]
    role["Properties"] = {"AssumeRolePolicyDocument": both}
    (tmp_path / "t.json").write_text(json.dumps(template))
    found = trustproof.check([tmp_path / "t.json"], config=config, account="111122223333")
    assert "refuted" in [one.verdict for one in found.results if one.property == "external-id-required"]
