"""
What is small and asks for much gets an answer: a verdict, an unknown with the name of the budget, or an error.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.hostile import constructions
from tests.hostile.constructions import CONSTRUCTIONS
from tests.hostile.megabyte import policies_of_one_role
from trustproof.analysis import run, template
from trustproof.engine import allowance
from trustproof.results.result import BUDGET

#: Those that come to the end of the string searches take half a minute, and are for the benchmark.
_SLOW = ("hard-patterns", "many-roles", "many-statements", "deep-reference", "trusting-roles", "long-join")
#: Those that are decided in spite of what they ask for.
_DECIDED = {
    "backtracking", "backtracking-alternatives", "backtracking-any", "backtracking-reference", "doubling-conditions",
    "doubling-names", "doubling-unknown", "quoted-templates", "repeated-pattern",
}  # fmt: skip
#: Those that the readers of JSON and YAML refuse.
_REFUSED = {"deep-dashes", "deep-functions", "deep-lists", "deep-yaml"}


@pytest.mark.parametrize("name", [name for name in CONSTRUCTIONS if name not in _SLOW])
def test_what_is_not_decided_names_its_budget(name: str, tmp_path: Path) -> None:
    """Each construction has an answer, and what is left open is an error that says which budget was reached."""
    text = CONSTRUCTIONS[name]()
    file = tmp_path / ("t.json" if text.startswith("{") else "t.yaml")
    file.write_text(text, encoding="utf-8")
    report = trustproof.check([file])
    said = [str(error) for error in report.errors]
    said += [reason for result in report.results for reason in result.reasons]
    assert name in _DECIDED or name in _REFUSED or any(BUDGET in line for line in said)
    if name in _REFUSED:
        assert report.errors


@pytest.mark.parametrize(
    "text",
    [
        constructions.many_statements(400),
        constructions.hard_patterns(roles=30),
        constructions.trusting_roles(40),
        constructions.many_roles(100),
        json.dumps({"Resources": {"R": policies_of_one_role(150)}}),
    ],
    ids=["statements", "patterns", "chains", "roles", "policies"],
)
def test_the_work_on_a_template_is_bounded_in_steps(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However much a template asks for, what is spent on it stays near its budget: each part of the work has one."""
    units, spent = 1_000_000, []
    for module in (allowance, template, run):
        monkeypatch.setattr(module, "TEMPLATE_UNITS", units)

    class Counted(allowance.Allowance):
        def __init__(self, units: int) -> None:
            super().__init__(units)
            spent.append(self)

    monkeypatch.setattr(allowance, "Allowance", Counted)
    file = tmp_path / "t.json"
    file.write_text(text, encoding="utf-8")
    trustproof.check([file])
    # Policies one by one, identities, facts and chains; and each may end in the middle of one search.
    assert sum(one.limit - one.left for one in spent) < 5 * units
