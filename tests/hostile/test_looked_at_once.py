"""
What is large is looked at once for all that ask about it: what a loop goes through, a mapping, roles of many values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, role
from trustproof.analysis.assignments import template_context
from trustproof.analysis.role_chains import chained_templates, other_accounts
from trustproof.engine.allowance import limited_to
from trustproof.engine.domains import Values
from trustproof.engine.search import StepBudget, conjoin
from trustproof.inputs.cloudformation.evaluation.functions import mapping_keys
from trustproof.inputs.terraform.configuration.evaluation import for_expressions
from trustproof.model.document import Document
from trustproof.results import fingerprint
from trustproof.sets import strings
from trustproof.sets.patterns import like
from trustproof.sets.remembered_searches import RememberedSearches
from trustproof.sets.search import BudgetReached


def test_what_a_loop_goes_through_is_looked_at_once_for_all_that_is_not_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists that are put together of loops over each other: sixty of them had no end, since each item looked at all."""
    asked: list[str] = []
    open_item = for_expressions.open_item

    def counted(name: str, of: for_expressions.Value) -> for_expressions.Symbol:
        asked.append(name)
        return open_item(name, of)

    monkeypatch.setattr(for_expressions, "open_item", counted)
    lists = "".join(f"  a{n} = concat(local.a{n - 1}, [for x in local.a{n - 2} : x])\n" for n in range(2, 14))
    document = '{Statement=[{Effect="Allow",Action="sts:AssumeRole",Principal={AWS=local.a13}}]}'
    (tmp_path / "main.tf").write_text(
        f'variable "v" {{\n  type = list(string)\n}}\nlocals {{\n  a0 = var.v\n  a1 = concat(var.v, var.v)\n{lists}}}\n'
        f'resource "aws_iam_role" "r" {{\n  assume_role_policy = jsonencode({document})\n}}\n',
        encoding="utf-8",
    )
    trustproof.check([tmp_path], properties=["inside-boundary"])
    assert 0 < len(asked) <= 100


def test_a_mapping_is_not_gone_through_for_a_key_that_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lookup by what another one gives says nothing of a parameter, however many rows there are."""
    gone_through: list[object] = []
    is_one_of = mapping_keys._is_one_of

    def counted(*given: object) -> object:
        gone_through.append(given[1])
        return is_one_of(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(mapping_keys, "_is_one_of", counted)
    inner = {"Fn::FindInMap": ["M", {"Ref": "P"}, "v"]}
    found = {"Fn::FindInMap": ["M", inner, "v"]}
    template = {
        "Parameters": {"P": {"Type": "String"}},
        "Mappings": {"M": {f"k{n}": {"v": f"k{n}"} for n in range(3)}},
        "Resources": {"R": role({**ALLOW, "Principal": {"AWS": found}})},
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps(template), encoding="utf-8")
    trustproof.check([file], properties=["inside-boundary"])
    assert {"Ref": "P"} in gone_through
    assert inner not in gone_through


def test_roles_are_read_in_fewer_accounts_where_parameters_make_many_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands of readings in each of sixteen accounts took a minute, and 1.8 GB."""
    monkeypatch.setattr(other_accounts, "_MOST_ROLES_ANYWHERE", 6)
    read: list[str] = []
    readings_in = chained_templates.readings_in

    def counted(*given: object) -> object:
        read.append(str(given[2]))
        return readings_in(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(chained_templates, "readings_in", counted)
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    accounts = [f"{n:012d}" for n in range(1, 9)]
    trusting = role({**ALLOW, "Principal": {"AWS": accounts}, "Condition": mfa})
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"Resources": {"A": trusting, "B": trusting}}), encoding="utf-8")
    trustproof.check([file])
    assert len(read) == 3


def test_searches_that_are_remembered_have_so_many_patterns_together() -> None:
    """What is kept is bounded by its size, and not only by how often something is kept."""
    kept: RememberedSearches[int, int] = RememberedSearches(10)
    for n in range(4):
        kept.put(n, n, 4)
    assert {*kept} == {2, 3}


def test_a_role_that_patterns_of_accounts_admit_is_read_without_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is admitted is asked in accounts that the pattern of a role tells apart; no other role is read in each."""
    read: list[str] = []
    bind_document = template_context.bind_document

    def counted(document: Document, values: Mapping[str, str]) -> Document:
        read.append(document.logical_id)
        return bind_document(document, values)

    monkeypatch.setattr(template_context, "bind_document", counted)
    accounts = [f"{200_000_000_000 + n}" for n in range(100)]
    patterns = [{"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::*{n}:role/*"}} for n in range(20)]
    roles = {f"R{n}": role({**ALLOW, "Principal": {"AWS": "*"}, "Condition": one}) for n, one in enumerate(patterns)}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": roles}), encoding="utf-8")
    report = trustproof.check([tmp_path / "t.json"], config={"boundary": {"accounts": accounts}})
    assert len(report.results) > len(roles)
    # A role by itself is read about 50 times; each of them in the accounts of all others made it 67.
    assert len(read) <= 60 * len(roles)


def test_a_control_policy_is_worded_once_for_all_roles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its statements is beside each role, in each account that is looked at."""
    worded: list[object] = []
    said = fingerprint._said

    def counted(*given: object) -> object:
        worded.append(given[0])
        return said(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(fingerprint, "_said", counted)
    accounts = [f"{200_000_000_000 + n}" for n in range(20)]
    denies = [
        {
            "Effect": "Deny",
            "Action": "sts:AssumeRole",
            "Resource": "*",
            "Condition": {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/x{n}*"}},
        }
        for n in range(40)
    ]
    told = {"Name": "p", "Type": "SERVICE_CONTROL_POLICY", "Content": {"Statement": denies}, "TargetIds": ["r-a1b2"]}
    roles = {
        f"R{n}": role({**ALLOW, "Principal": {"AWS": f"arn:aws:iam::{one}:root"}}) for n, one in enumerate(accounts)
    }
    resources = {"P": {"Type": "AWS::Organizations::Policy", "Properties": told}, **roles}
    (tmp_path / "t.json").write_text(json.dumps({"Resources": resources}), encoding="utf-8")
    report = trustproof.check([tmp_path / "t.json"], config={"organization": {"root": "r-a1b2", "accounts": accounts}})
    assert any(one.verdict != "proved" for one in report.results)
    assert len(worded) <= 4 * len(denies) + 20 * len(roles)


def test_a_search_that_cannot_be_counted_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of thousands of patterns takes long, and each policy may ask for one with what little it has."""
    monkeypatch.setattr(strings, "_remembering", lambda *_: pytest.fail("a search"))
    outside = strings.StringSet.outside(like(f"arn:aws:iam::{n:012d}:*") for n in range(3_000))
    # The first that one would think of is none of them.
    outside &= strings.StringSet.outside([like("arn:aws:iam::1:*")])
    some = strings.StringSet.of([like("arn:aws:iam::*1:role/*")])
    with limited_to(9_000), pytest.raises(BudgetReached):
        conjoin(
            {"caller": Values(False, some)},
            "caller",
            Values(False, outside),
            lambda _: pytest.fail("known"),
            StepBudget(),
        )
