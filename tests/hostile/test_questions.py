"""
How often a property is asked is counted before it is asked.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, role
from trustproof.analysis.templates import template


def test_more_questions_than_a_template_may_ask_are_an_error_that_names_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of such a template is judged, and the error says so: it does not pass."""
    monkeypatch.setattr(template, "MAX_QUESTIONS", 10)
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {f"R{n}": role(ALLOW) for n in range(20)}}), encoding="utf-8")
    report = trustproof.check([file])
    assert [error.message for error in report.errors] == [
        "budget reached: questions about the policies of a template (10)"
    ]
    assert not report.results


def test_accounts_that_do_not_matter_cost_a_glance(tmp_path: Path) -> None:
    """A boundary of thousands of accounts leaves roles decided that name one of them each."""
    accounts = ", ".join(f'"{n:012d}"' for n in range(2_000))
    (tmp_path / "trustproof.toml").write_text(f"[boundary]\naccounts = [{accounts}]\n", encoding="utf-8")
    named = {f"R{n}": role({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{n:012d}:root"}}) for n in range(60)}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": named}), encoding="utf-8")
    config = trustproof.load_config(tmp_path / "trustproof.toml")
    report = trustproof.check([file], config=config)
    assert not any(result.verdict == "unknown" for result in report.results)
    assert all(result.verdict == "proved" for result in report.results if result.property == "inside-boundary")
