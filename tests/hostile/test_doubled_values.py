"""
Values that stacks take from each other, each twice what the next one has, come to an end that is said.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.runs import doubled_exports, doubled_outputs
from trustproof import check


def test_an_export_that_doubles_is_unknown_by_a_budget(tmp_path: Path) -> None:
    """Sixty templates would make a text of 2**60 characters: what rests on it is unknown, an error."""
    (named,) = doubled_exports(tmp_path)
    report = check([str(tmp_path / named)])
    unknown = [one for one in report.results if one.verdict == "unknown" and one.logical_id == "R"]
    assert unknown
    assert {one.severity for one in unknown} == {"error"}
    assert all("budget reached" in str(one.reasons) for one in unknown)


def test_an_output_that_doubles_is_not_known(tmp_path: Path) -> None:
    """Who is let in by what sixty nested templates put out is unknown, and nobody waits for it."""
    (named,) = doubled_outputs(tmp_path)
    report = check([str(tmp_path / named)])
    asked = {one.property: one.verdict for one in report.results if one.logical_id == "R"}
    assert asked["inside-boundary"] == "unknown"


@pytest.mark.parametrize("run", [doubled_exports, doubled_outputs])
def test_a_value_that_doubles_a_few_times_is_known(tmp_path: Path, run: object) -> None:
    """What others give is read through several stacks, as often as it is taken."""
    (named,) = run(tmp_path, 6)  # type: ignore[operator]
    report = check([str(tmp_path / named)])
    assert not [one for one in report.results if "budget" in str(one.reasons)]
