"""
A value that is not known before deployment is the same wherever it is written.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof import PROVED, REFUTED, UNKNOWN

Json = dict[str, object]

OWN, OUTSIDE = "111122223333", "999988887777"
X, Y = {"Ref": "X"}, {"Ref": "Y"}
IMPORT = {"Fn::ImportValue": "x"}
ACCOUNT = {"Fn::Sub": "arn:aws:iam::${X}:root"}


def allow(principal: object = "*", **conditions: object) -> Json:
    """Somebody may assume the role."""
    found: Json = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {**found, **({"Condition": conditions} if conditions else {})}


def deny(principal: object = "*", **conditions: object) -> Json:
    """Somebody may not."""
    return {**allow(principal, **conditions), "Effect": "Deny"}


def id_(value: object) -> Json:
    """A test of the external id."""
    return {"sts:ExternalId": value}


#: Statements of a trust policy, and the verdict of ``inside-boundary``: of two values nobody knows whether they differ.
CASES: list[tuple[str, list[Json], str]] = [
    ("a principal", [allow(X), deny(X)], PROVED),
    ("another principal", [allow(X), deny(Y)], UNKNOWN),
    ("a part of a principal", [allow(ACCOUNT), deny(ACCOUNT)], PROVED),
    ("an import", [allow(IMPORT), deny(IMPORT)], PROVED),
    ("one of the principals", [allow([X, Y]), deny(X)], UNKNOWN),
    ("all of the principals", [allow([X, Y]), deny([OUTSIDE, Y, X])], PROVED),
    ("a value", [allow(StringEquals=id_(X)), deny(StringEquals=id_(X))], PROVED),
    ("another value", [allow(StringEquals=id_(X)), deny(StringEquals=id_(Y))], UNKNOWN),
    ("among others", [allow(StringEquals=id_(X)), deny(StringEquals=id_(["a", X]))], PROVED),
    ("one of two", [allow(StringEquals=id_([X, Y])), deny(StringEquals=id_(X))], UNKNOWN),
    ("if it is there", [allow(StringEquals=id_(X)), deny(StringEqualsIfExists=id_(X))], PROVED),
    ("where it need not be there", [allow(StringEqualsIfExists=id_(X)), deny(StringEquals=id_(X))], REFUTED),
    ("what is not it", [allow(StringNotEquals=id_(X)), deny(StringNotEquals=id_(X))], PROVED),
    ("what is neither", [allow(StringNotEquals=id_([X, Y])), deny(StringNotEquals=id_(X))], PROVED),
    ("what is not one of two", [allow(StringNotEquals=id_(X)), deny(StringNotEquals=id_([X, Y]))], UNKNOWN),
    ("what it is and is not", [allow(StringEquals=id_(X)), deny(StringNotEquals=id_(X))], REFUTED),
    (
        "with another test besides",
        [allow(StringEquals=id_(X)), deny(StringEquals=id_(X), Bool={"aws:MultiFactorAuthPresent": "true"})],
        REFUTED,
    ),
    (
        "an address",
        [allow(IpAddress={"aws:SourceIp": X}), deny(IpAddress={"aws:SourceIp": X})],
        PROVED,
    ),
    (
        "what two macros give",
        [allow({"Fn::Transform": {"Name": "M"}}), deny({"Fn::Transform": {"Name": "M"}})],
        UNKNOWN,
    ),
]


@pytest.mark.parametrize(("statements", "expected"), [one[1:] for one in CASES], ids=[one[0] for one in CASES])
def test_what_an_allow_and_a_deny_write_alike_is_the_same(
    tmp_path: Path, statements: list[Json], expected: str
) -> None:
    """A Deny that repeats what an Allow says denies all that this lets in, whatever the value is."""
    document = {"Version": "2012-10-17", "Statement": statements}
    content = {
        "Parameters": {name: {"Type": "String"} for name in "XY"},
        "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}},
    }
    (tmp_path / "template.json").write_text(json.dumps(content), encoding="utf-8")
    report = trustproof.check(
        [str(tmp_path)],
        account=OWN,
        config={"boundary": {"accounts": [OWN]}},
        properties=["inside-boundary"],
        certify=True,
    )
    assert {one.verdict for one in report.results if one.verdict != PROVED} == ({expected} - {PROVED})
