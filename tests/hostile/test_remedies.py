"""
Trying a remedy out is work for each principal of a statement, and is bounded.
"""

from __future__ import annotations

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, role


@pytest.mark.parametrize(("count", "is_tried"), [(3, True), (60, False)])
def test_a_remedy_for_very_many_principals_is_words(count: int, is_tried: bool) -> None:
    """No edit is offered that has not been tried out for each of them."""
    named = [f"arn:aws:iam::{n:012d}:root" for n in range(count)]
    report = trustproof.check([{"Resources": {"R": role({**ALLOW, "Principal": {"AWS": named}})}}])
    (found,) = (one for one in report.results if one.property == "mfa-required" and one.verdict == "refuted")
    assert found.remedy is not None
    assert str(found.remedy)
    assert bool(found.remedy.edits) is is_tried
