"""
Calls for a role that pass tags, a source identity or a context: without the action for that, the whole call fails.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
ACCOUNT = "111122223333"
SOURCE_IDENTITY = {"StringLike": {"sts:SourceIdentity": "*"}}
TAG = {"StringEquals": {"aws:RequestTag/team": "a"}}


def allowing(*actions: str, **condition: Any) -> Json:
    """A statement for the own account."""
    found: Json = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": [f"sts:{one}" for one in actions]}
    return {**found, "Condition": condition} if condition else found


def role(*statements: Json) -> Json:
    """A template with a role whose trust policy has these statements."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}}}}


WITH_MFA = allowing("AssumeRole", Bool={"aws:MultiFactorAuthPresent": "true"})
DENY_TAG = {**allowing("AssumeRole", **TAG), "Effect": "Deny"}
CASES: list[tuple[list[Json], list[Json], bool]] = [
    ([WITH_MFA], [WITH_MFA, allowing("AssumeRole", **SOURCE_IDENTITY)], False),
    ([WITH_MFA], [WITH_MFA, allowing("AssumeRole", StringLike={"aws:SourceIdentity": "*"})], False),
    ([WITH_MFA], [WITH_MFA, allowing("AssumeRole", **TAG)], False),
    ([WITH_MFA], [WITH_MFA, allowing("AssumeRole", StringEquals={"sts:RequestContext/x": "a"})], False),
    ([WITH_MFA], [WITH_MFA, allowing("AssumeRole", "SetSourceIdentity", **SOURCE_IDENTITY)], True),
    ([WITH_MFA], [WITH_MFA, allowing("AssumeRole", **TAG), allowing("TagSession")], True),
    ([WITH_MFA], [WITH_MFA, allowing("AssumeRole", Null={"aws:RequestTag/team": "true"})], True),
    ([allowing("AssumeRole"), DENY_TAG], [allowing("AssumeRole")], False),
    ([allowing("AssumeRole", "TagSession"), DENY_TAG], [allowing("AssumeRole", "TagSession")], True),
    ([allowing("AssumeRole", **TAG)], [allowing("AssumeRole", "TagSession", **TAG)], True),
]


@pytest.mark.parametrize(("old", "new", "is_gained"), CASES)
def test_nobody_gains_what_the_call_cannot_pass(old: list[Json], new: list[Json], is_gained: bool) -> None:
    """A statement that only lets in who passes a tag gives nothing to anybody without ``sts:TagSession``."""
    found = trustproof.diff(role(*old), role(*new), account=ACCOUNT)
    assert ("gained" in {one.direction for one in found.access}) == is_gained
    assert not found.undecided
    back = trustproof.diff(role(*new), role(*old), account=ACCOUNT)
    assert ("lost" in {one.direction for one in back.access}) == is_gained
