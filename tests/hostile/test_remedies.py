"""
Trying a remedy out is work for each principal of a statement, and is bounded.
"""

from __future__ import annotations

import json

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, role
from tests.hostile.megabyte import found_in_map
from trustproof.engine import allowance
from trustproof.model.policy import Policy
from trustproof.properties.question import Inquiry
from trustproof.proving.trial import Trial
from trustproof.results.edit import Edit


@pytest.mark.parametrize(("count", "is_tried"), [(3, True), (60, False)])
def test_a_remedy_for_very_many_principals_is_words(count: int, is_tried: bool) -> None:
    """No edit is offered that has not been tried out for each of them."""
    named = [f"arn:aws:iam::{n:012d}:root" for n in range(count)]
    template = {"Resources": {"Admins": role({**ALLOW, "Principal": {"AWS": named}})}}
    report = trustproof.check([template], properties=["mfa-required"])
    (found,) = (one for one in report.results if one.verdict == "refuted")
    assert found.remedy is not None
    assert str(found.remedy)
    assert bool(found.remedy.edits) is is_tried


def test_a_remedy_that_a_budget_cuts_short_is_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is left for trying it out, its edits are those of a remedy tried out whole, or there are none."""
    named = {"AWS": [f"arn:aws:iam::{n:012d}:user/operator" for n in range(3)], "Service": "ec2.amazonaws.com"}
    template = {"Resources": {"R": role({**ALLOW, "Principal": named})}}

    def edits() -> tuple[Edit, ...] | None:
        results = trustproof.check([template], properties=["mfa-required"]).results
        (found,) = (one for one in results if one.property == "mfa-required")
        return None if found.remedy is None else found.remedy.edits

    whole = edits()
    assert whole
    seen: list[tuple[Edit, ...] | None] = []
    for units in range(0, 30_000, 250):
        monkeypatch.setattr(allowance, "TEMPLATE_UNITS", units)
        found = edits()
        assert found in (None, (), whole), units
        seen.append(found)
    assert seen[0] is None
    assert () in seen
    assert seen[-1] == whole


def test_each_principal_of_a_statement_of_many_forms_is_not_tried_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a place says in many forms, all of them wrong, tells of each principal already that it is let in."""
    tried: list[Policy] = []
    stops = Trial.stops

    def counted(trial: Trial, policy: Policy) -> bool:
        tried.append(policy)
        return stops(trial, policy)

    monkeypatch.setattr(Trial, "stops", counted)
    template = json.loads(found_in_map(keys=1, roles=1))
    report = trustproof.check([template], properties=["mfa-required"])
    assert any(one.verdict == "refuted" for one in report.results)
    assert not tried


def test_who_could_use_a_statement_is_not_asked_where_somebody_still_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most remedies leave somebody in: the statement as it was would be searched once more for each of many roles."""
    before: list[Policy] = []
    after: list[Policy] = []
    uses_no_more = Trial._uses_no_more

    def uses(trial: Trial, policy: Policy, use: Inquiry) -> bool:
        before.append(policy)
        return True

    def counted(trial: Trial, policy: Policy, use: Inquiry) -> bool:
        after.append(policy)
        return uses_no_more(trial, policy, use)

    monkeypatch.setattr(Trial, "_uses", uses)
    monkeypatch.setattr(Trial, "_uses_no_more", counted)
    template = {"Resources": {"R": role({**ALLOW, "Principal": {"AWS": "arn:aws:iam::111122223333:user/alice"}})}}
    trustproof.check([template], properties=["mfa-required"])
    assert len(after) == 1
    assert not before
