"""
Roles that may all assume each other: there are as many steps between them as pairs, and one for each role to start at.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.analysis.role_chains.templates import HUB, MFA, ROLES_ONLY, Json, assuming, check, role, statement
from trustproof.analysis.role_chains import graph_memory
from trustproof.analysis.role_chains.edge import Edges, Step
from trustproof.analysis.role_chains.roles import Node
from trustproof.engine import allowance
from trustproof.proving.budget_advice import with_advice

ROOT = f"arn:aws:iam::{HUB}:root"
USERS: Json = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}
MAY_ASSUME = [{"PolicyName": "p", "PolicyDocument": assuming("*")}]


def dense(roles: int, **more: Json) -> Json:
    """So many roles, each of which lets in people with MFA and the sessions of all."""
    among = {
        f"R{n}": role(f"r{n}", statement(ROOT, MFA), statement(ROOT, ROLES_ONLY), Policies=MAY_ASSUME)
        for n in range(roles)
    }
    return {"Resources": {**among, **more}}


#: One that people enter without it; whoever has entered may assume those above.
OPEN: Json = role("z", statement(ROOT, USERS), Policies=MAY_ASSUME)
BUDGETS = {
    "MAX_DECIDED": "budget reached: steps between roles (0)",
    "MAX_LOOKED_AT": "budget reached: steps between roles that are looked at again (0)",
}


@pytest.mark.parametrize("certify", [False, True])
@pytest.mark.parametrize("budget", BUDGETS)
def test_where_nobody_comes_in_it_is_proved_however_many_steps_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: str, certify: bool
) -> None:
    """Without a look at any of them, the results are those of a search that follows all steps."""
    usual = check(tmp_path, dense(6), certify=certify)
    monkeypatch.setattr(graph_memory, budget, 0)
    found = check(tmp_path, dense(6), certify=certify)
    assert {result.verdict for result in usual.values()} == {"proved"}
    assert [one._replace(certificate=()) for one in found.values()] == [
        one._replace(certificate=()) for one in usual.values()
    ]
    assert all(bool(one.certificate) == certify for one in found.values())


@pytest.mark.parametrize("budget", BUDGETS)
def test_beyond_so_many_steps_it_is_not_decided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: str) -> None:
    """It is unknown by the name of the budget, which is an error, also of what it takes one step to reach."""
    assert {one.verdict for one in check(tmp_path, dense(3, Z=OPEN), certify=False).values()} == {"refuted"}
    monkeypatch.setattr(graph_memory, budget, 0)
    found = check(tmp_path, dense(3, Z=OPEN), certify=False)
    # What costs less is said of chains as of one policy.
    reasons = with_advice((BUDGETS[budget],))
    assert len(reasons) == 2
    assert {(one.verdict, one.severity, one.reasons) for one in found.values()} == {("unknown", "error", reasons)}
    assert sorted(found) == ["R0", "R1", "R2"]


def test_what_was_found_before_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Roles are asked about by their ARNs, one after the other."""
    usual = check(tmp_path, dense(3, Z=OPEN), certify=False)
    monkeypatch.setattr(graph_memory, "MAX_LOOKED_AT", 4)
    found = check(tmp_path, dense(3, Z=OPEN), certify=False)
    assert found["R0"] == usual["R0"]
    assert {found["R1"].verdict, found["R2"].verdict} == {"unknown"}


def test_with_nothing_left_for_chains_no_step_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each would be as open as the next, and there are as many as pairs of roles, in each account that is named."""
    asked: list[str] = []
    usual = Edges.may_assume

    def may_assume(edges: Edges, source: Node, target: Node, *more: Any) -> Step | None:
        asked.append(target.arn)
        return usual(edges, source, target, *more)

    monkeypatch.setattr(Edges, "may_assume", may_assume)
    monkeypatch.setattr(allowance, "TEMPLATE_UNITS", 100)
    found = check(tmp_path, dense(12, Z=OPEN), certify=False)
    assert {(one.verdict, one.severity) for one in found.values()} == {("unknown", "error")}
    assert all("budget reached: work on one policy" in one.reasons[0] for one in found.values())
    assert not asked
