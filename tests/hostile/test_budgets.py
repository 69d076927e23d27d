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
from trustproof.analysis import run
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


def test_the_files_of_a_run_share_its_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a template may cost is the less the more files there are, and the unknown names it."""
    role = constructions.role({**constructions.ALLOW, "Principal": {"AWS": "1" * 12}})
    # So that a thousand files do for many.
    monkeypatch.setattr(allowance, "_WHOLE", 100)
    monkeypatch.setattr(allowance, "_LEAST", 10)
    hard = json.loads(constructions.hard_patterns(roles=1))
    hard["Resources"].update({f"Easy{n}": role for n in range(99)})
    (tmp_path / "hard.json").write_text(json.dumps(hard), encoding="utf-8")
    easy = json.dumps({"Resources": {"R": role}})
    for n in range(1_100):
        (tmp_path / f"{n}.json").write_text(easy, encoding="utf-8")
    few = trustproof.check([tmp_path / "hard.json"], properties=["inside-boundary"])
    many = trustproof.check([tmp_path], properties=["inside-boundary"])
    assert not any(BUDGET in reason for one in few.results for reason in one.reasons)
    (found,) = {reason for one in many.results for reason in one.reasons if BUDGET in reason}
    assert found == f"{BUDGET}: work on one policy, as many as the template has, and files as the run has (40000)"


def test_a_run_of_any_size_leaves_something_to_each_file() -> None:
    """A template alone has all; of a run of thousands each has its share, and never less than a half."""
    whole = allowance.TEMPLATE_UNITS
    found = [allowance.template_units(files) for files in (0, 1, 1_000, 1_250, 2_000, 1_000_000)]
    assert found == [whole, whole, whole, whole * 4 // 5, whole // 2, whole // 2]


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
    for module in (allowance, run):
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
