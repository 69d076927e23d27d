"""
What is small and asks for much gets an answer: a verdict, an unknown with the name of the budget, or an error.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.hostile.constructions import CONSTRUCTIONS
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
