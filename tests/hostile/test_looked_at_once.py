"""
What is large is looked at once for all that ask about it: what a loop goes through, a mapping, roles of many values.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.hostile.constructions import ALLOW, role
from trustproof.analysis.role_chains import chained_templates, other_accounts
from trustproof.inputs.cloudformation.evaluation.functions import mapping_keys
from trustproof.inputs.terraform.configuration.evaluation import for_expressions
from trustproof.sets import strings


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
    kept: strings._Remembered[int, int] = strings._Remembered(10)
    for n in range(4):
        kept.put(n, n, 4)
    assert {*kept} == {2, 3}
