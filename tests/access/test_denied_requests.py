"""
What the Denies of a policy say of whom an Allow lets in, in `who` and `explain`.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.test_explain import HUB, OTHER, allow, explained, role

Json = dict[str, Any]
EVE = f"arn:aws:iam::{HUB}:user/eve"
OUTSIDE = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
ADDRESS = "not denied: NotIpAddress aws:SourceIp 203.0.113.0/24"


def deny(principal: Any = "*", action: Any = "sts:AssumeRole", **more: Any) -> Json:
    return {**allow(principal, action, **more), "Effect": "Deny"}


@pytest.mark.parametrize(
    ("denies", "said"),
    [
        ([], []),
        ([deny(Condition=OUTSIDE)], [ADDRESS]),
        ([deny({"AWS": "*"}, "sts:*", Condition=OUTSIDE)], [ADDRESS]),
        ([deny(action="sts:TagSession", Condition=OUTSIDE)], []),
        ([deny({"AWS": EVE})], [f"not denied: {EVE}"]),
        ([deny({"AWS": EVE}, Condition=OUTSIDE)], [f"not denied: {EVE} where {ADDRESS.removeprefix('not denied: ')}"]),
        ([deny(Condition={**OUTSIDE, **NO_MFA})], [f"{ADDRESS} and BoolIfExists aws:MultiFactorAuthPresent false"]),
        ([deny(Condition=NO_MFA), deny(Condition=OUTSIDE)], [ADDRESS]),
    ],
)
def test_what_is_denied_is_said_where_somebody_gets_in(denies: list[Json], said: list[str]) -> None:
    """The address, who is excepted and what else a Deny is about, as the conditions of the Allow are."""
    found = explained({"R": role("admin", allow({"AWS": HUB}), *denies)})[0].entrances
    assert found
    # What is denied without MFA alone, `who` says in a column of its own, and `explain` as well.
    assert all([one for one in each.provided if "BoolIfExists" not in one or " and " in one] == said for each in found)


def test_what_is_denied_to_others_is_none_of_a_callers_business() -> None:
    """Of a caller that is named only what may be denied to it is said."""
    statements = (allow({"AWS": HUB}), deny({"AWS": EVE}), deny(Condition=OUTSIDE))
    (found,) = explained({"R": role("admin", *statements)}, caller=f"arn:aws:iam::{HUB}:user/alice")
    assert {one.provided for one in found.entrances} == {(ADDRESS,)}


def test_a_deny_of_a_part_says_which() -> None:
    """Of several actions that are allowed, those that are denied are named."""
    key: Json = {
        "Type": "AWS::KMS::Key",
        "Properties": {
            "KeyPolicy": {
                "Version": "2012-10-17",
                "Statement": [
                    {**allow({"AWS": OTHER}, "kms:*"), "Resource": "*"},
                    {**deny(action="kms:Decrypt", Condition=OUTSIDE), "Resource": "*"},
                ],
            }
        },
    }
    (found,) = explained({"K": key}, "K")
    said = "not denied: kms:Decrypt where NotIpAddress aws:SourceIp 203.0.113.0/24"
    assert {one.provided for one in found.entrances} == {(said,)}
