"""
How often a property is asked is counted before it is asked.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, role
from trustproof.analysis.templates import template
from trustproof.proving.budget_advice import ADVICE, with_advice
from trustproof.results.result import BUDGET


def test_what_is_behind_the_last_question_of_a_template_is_unknown_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is within the budget is judged as it is by itself, and the rest is one error of each property."""
    monkeypatch.setattr(template, "MAX_QUESTIONS", 10)
    roles = {f"R{number:02}": role(ALLOW) for number in range(20)}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": roles}), encoding="utf-8")
    found = trustproof.check([file], properties=["inside-boundary"]).results
    file.write_text(json.dumps({"Resources": dict([*roles.items()][:10])}), encoding="utf-8")
    alone = trustproof.check([file], properties=["inside-boundary"]).results
    assert [(one.logical_id, one.verdict) for one in found[:10]] == [(one.logical_id, one.verdict) for one in alone]
    (left,) = found[10:]
    assert (left.verdict, left.severity, left.logical_id) == ("unknown", "error", "Resources")
    assert left.reasons == (
        "budget reached: questions about the policies of a template (10)",
        "10 of its policies are not looked at: R10, R11, R12 and 7 more",
        "divide the template, or this policy where it alone asks for more",
    )


def test_who_waives_one_of_those_left_out_waives_not_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a baseline that knows of those that were left out then."""
    monkeypatch.setattr(template, "MAX_QUESTIONS", 10)
    roles = {f"R{number:02}": role(ALLOW) for number in range(21)}
    file = tmp_path / "t.json"
    found = []
    for most in (20, 21):
        file.write_text(json.dumps({"Resources": dict([*roles.items()][:most])}), encoding="utf-8")
        waiver = {"property": "inside-boundary", "resource": "R10", "reason": "ours"}
        report = trustproof.check([file], properties=["inside-boundary"], config={"waiver": [waiver]})
        found += [one for one in report.results if one.verdict == "unknown" and one.property == "inside-boundary"]
    assert [one.suppression for one in found] == [None, None]
    assert found[0].fingerprint != found[1].fingerprint


def test_a_policy_that_asks_for_more_than_all_may_leaves_the_others_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "MAX_QUESTIONS", 10)
    document = {"Version": "2012-10-17", "Statement": [{**ALLOW, "Sid": f"S{number}"} for number in range(11)]}
    long = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": document}}
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"Long": long, "Short": role(ALLOW)}}), encoding="utf-8")
    (left, short) = trustproof.check([file], properties=["inside-boundary"]).results
    assert (left.verdict, left.reasons[1]) == ("unknown", "1 of its policies is not looked at: Long")
    assert short.logical_id == "Short"
    assert short.verdict != "unknown"


@pytest.mark.parametrize("name", [name for name, _ in ADVICE])
def test_what_a_budget_cuts_short_comes_with_what_to_do(name: str) -> None:
    said = with_advice((f"{BUDGET}: {name} (10)", "another reason"))
    assert said[:2] == (f"{BUDGET}: {name} (10)", "another reason")
    assert len(said) == 3


def _named_in(package: str) -> set[str]:
    """What the modules of a package call the budgets that they may reach."""
    files = (Path(trustproof.__file__).parent / package).rglob("*.py")
    texts = [file.read_text(encoding="utf-8") for file in files]
    said = (r'BudgetReached\(\s*"([^"]+)"', r'f"\{BUDGET\}: ([a-z][^"{(]+)')
    return {name.strip() for text in texts for pattern in said for name in re.findall(pattern, text)}


@pytest.mark.parametrize("package", ["analysis/assignments", "analysis/role_chains", "engine", "proving", "sets"])
def test_every_budget_of_a_search_comes_with_what_costs_less(package: str) -> None:
    """Of chains of roles, and of everybody's policies together, as of one policy by itself."""
    named = _named_in(package)
    assert named or package == "sets"
    assert not [name for name in named if len(with_advice((f"{BUDGET}: {name} (10)",))) == 1]


def test_other_reasons_have_no_such_advice() -> None:
    assert with_advice(("the value of P is not known before deployment",)) == (
        "the value of P is not known before deployment",
    )


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


@pytest.mark.parametrize(
    "name",
    [
        "statements of a template, read at each assignment of template parameters",
        "steps of a template, read at each assignment of template parameters",
        "steps of a template, read at other values than its defaults",
    ],
)
def test_what_is_read_of_a_whole_template_has_advice(name: str) -> None:
    """A mapping by the account may be all that there is to give, and no parameter is declared for that."""
    _, said = with_advice((f"{BUDGET}: {name} (10)",))
    assert "--parameter NAME=VALUE" in said
    assert "--account" in said
