"""
What a plan speaks of and does not plan, and what Terraform writes besides plans and states: nobody looks into it, and
that is said.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import MFA, Resource, plan, trust
from trustproof.results.report import Report

ADMIN = Resource("aws_iam_role.admin", {"name": "admin", "assume_role_policy": trust(condition=MFA)})
OTHER = Resource("aws_iam_role.other", {"name": "other", "assume_role_policy": trust()})


def left_out(report: Report) -> list[str]:
    """What nobody has looked into."""
    return [what.partition(",")[0] for _, what in report.not_checked]


def without(resource: Resource, content: dict[str, Any]) -> dict[str, Any]:
    """A plan that was made without a resource of its configuration."""
    planned = content["planned_values"]["root_module"]["resources"]
    planned[:] = [one for one in planned if one["address"] != resource.address]
    changes = content["resource_changes"]
    changes[:] = [one for one in changes if one["address"] != resource.address]
    return content


def test_what_a_plan_puts_off_is_not_checked(check: Callable[..., Report]) -> None:
    """A resource whose change is deferred is named as not checked, also where it is there already."""
    content = without(OTHER, plan(ADMIN, OTHER))
    deferred = {"reason": "provider_config_unknown", "resource_change": OTHER.change}
    report = check(content | {"deferred_changes": [deferred], "complete": False})
    assert left_out(report) == ["aws_iam_role.other"]
    there = check(
        content
        | {
            "deferred_changes": [deferred],
            "prior_state": {"values": {"root_module": {"resources": [OTHER.planned]}}},
        }
    )
    assert left_out(there) == ["aws_iam_role.other"]


@pytest.mark.parametrize("complete", [None, False])
def test_what_a_plan_was_made_without_is_not_checked(check: Callable[..., Report], complete: bool | None) -> None:
    """A block of the configuration that a first plan leaves out, by -target or -exclude, is named as not checked."""
    content = without(OTHER, plan(ADMIN, OTHER))
    content.pop("complete")
    report = check(content | ({} if complete is None else {"complete": complete}))
    assert left_out(report) == ["aws_iam_role.other"]
    # What count makes none of is left out by nobody, unless the plan says that it is one of some resources only.
    (block,) = [one for one in content["configuration"]["root_module"]["resources"] if one["name"] == "other"]
    block["count_expression"] = {"references": ["var.on"]}
    report = check(content | ({} if complete is None else {"complete": complete}))
    assert left_out(report) == ([] if complete is None else ["aws_iam_role.other"])


def test_a_refresh_only_plan_reads_what_is_there(check: Callable[..., Report]) -> None:
    """A plan that changes nothing has one note, and all that is there is judged."""
    content = plan(OTHER)
    there = {"values": {"root_module": {"resources": [OTHER.planned]}}}
    report = check(content | {"planned_values": {}, "resource_changes": [], "prior_state": there})
    assert [one.logical_id for one in report.results if one.verdict == "refuted"] == ["aws_iam_role.other"]
    assert len([note for note in report.notes if "aws_iam_role" in note or "changes nothing" in note]) == 1
    assert left_out(report) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"plan_format_version": "1.2", "resource_changes": []}', "a redacted plan of HCP Terraform"),
        ('{"@level":"info","@message":"a"}\n{"@level":"info","@message":"b"}\n', "messages of terraform plan -json"),
        ('{"serial": 1, "lineage": "a", "encrypted_data": "", "encryption_version": "v0"}', "encrypted by OpenTofu"),
        ('{"format_version": "1.0", "provider_schemas": {}}', "schemas of providers"),
        ('{"format_version": "1.0", "valid": true, "diagnostics": []}', "the output of terraform validate"),
    ],
)
def test_what_else_terraform_writes_is_named(tmp_path: Path, content: str, said: str) -> None:
    """The error about a file that is no plan and no state says what it is, and what to give instead."""
    file = tmp_path / "plan.json"
    file.write_text(content)
    report = trustproof.check([file], config={})
    assert said in report.errors[0].message
    assert "show -json" in report.errors[0].message
    of_directory = trustproof.check([tmp_path], config={})
    assert [said in reason for _, reason in (*of_directory.skipped, *of_directory.passed_over)] == [True]


def test_a_plan_file_is_no_text(tmp_path: Path) -> None:
    """A plan file in its own form is an error that says how to read it."""
    with zipfile.ZipFile(tmp_path / "tfplan", "w") as archive:
        archive.writestr("tfplan", b"\0\1")
    (error,) = trustproof.check([tmp_path / "tfplan"], config={}).errors
    assert "terraform show -json" in error.message


@pytest.mark.parametrize(("content", "errors"), [({"format_version": "1.0"}, 0), ({"format_version": 1}, 1)])
def test_no_state_is_an_empty_state(tmp_path: Path, content: dict[str, Any], errors: int) -> None:
    """What terraform show -json writes where there is no state is a state without resources."""
    (tmp_path / "state.json").write_text(json.dumps(content))
    assert len(trustproof.check([tmp_path / "state.json"], config={}).errors) == errors


def test_values_of_variables_are_named_as_such(tmp_path: Path) -> None:
    """A file of values that nothing reads is skipped as that."""
    (tmp_path / "prod.tfvars.json").write_text('{"a": 1}')
    (tmp_path / "plan.json").write_text(json.dumps(plan(ADMIN)))
    ((_, reason),) = trustproof.check([tmp_path], config={}).skipped
    assert reason.startswith("values of variables")


def without_address(address: str, content: dict[str, Any]) -> dict[str, Any]:
    """A plan that was made without one instance."""
    for listed in (content["planned_values"]["root_module"]["resources"], content["resource_changes"]):
        listed[:] = [one for one in listed if one["address"] != address]
    content.pop("complete")
    return content


def counted(name: str, key: object, **count: Any) -> dict[str, Any]:
    """A plan of roles with keys, of a block that says so of how many there are."""
    one, other = (
        Resource(f"aws_iam_role.{name}[{json.dumps(each)}]", {"name": "r", "assume_role_policy": trust(condition=MFA)})
        for each in (key, 1 if key == 0 else "b")
    )
    content = plan(one, other, ADMIN)
    content["configuration"]["root_module"]["resources"][0] |= count
    return content


def test_instances_of_a_constant_count_that_are_left_out_are_not_checked(check: Callable[..., Report]) -> None:
    """Each that the plan says nothing of is named; all of them are one block."""
    content = counted("r", 0, count_expression={"constant_value": 2})
    assert left_out(check(content | {"complete": True})) == []
    one = without_address("aws_iam_role.r[1]", content)
    assert left_out(check(one)) == ["aws_iam_role.r[1]"]
    assert left_out(check(without_address("aws_iam_role.r[0]", one | {"complete": True}))) == ["aws_iam_role.r"]
    assert left_out(check(counted("r", 0, count_expression={"references": ["var.n"]}) | {"complete": True})) == []


def test_a_block_that_is_left_out_tells_of_those_that_may_make_none(check: Callable[..., Report]) -> None:
    """A plan without one block was made of some resources only: what count may make none of is named with it."""
    content = plan(ADMIN, OTHER)
    many = json.loads(json.dumps(content["configuration"]["root_module"]["resources"][0]))
    many |= {"name": "many", "address": "aws_iam_role.many", "for_each_expression": {"references": ["var.teams"]}}
    content["configuration"]["root_module"]["resources"].append(many)
    assert left_out(check(content)) == []
    assert left_out(check(without_address(OTHER.address, content))) == ["aws_iam_role.other", "aws_iam_role.many"]


#: What the configuration says of how many there are, the keys that the plan has, and what is missing.
HOW_MANY = [
    ("for_each", 'toset(["a", "b"])', ["a"], ['aws_iam_role.r["b"]']),
    ("for_each", "{ a = 1, b = 2 }", [], ['aws_iam_role.r["a"]', 'aws_iam_role.r["b"]']),
    ("for_each", "toset(var.teams)", ["a"], ['aws_iam_role.r["b"]']),
    ("for_each", "toset(var.teams)", ["a", "b"], []),
    ("count", "length(var.teams)", [0], ["aws_iam_role.r[1]"]),
    ("count", "var.on ? 1 : 0", [], ["aws_iam_role.r[0]"]),
    ("count", "var.off ? 1 : 0", [], []),
    ("count", "length(data.aws_regions.all.names)", [], []),
]


@pytest.mark.parametrize(("how", "expression", "keys", "missing"), HOW_MANY)
def test_with_its_source_a_plan_says_which_instances_it_leaves_out(
    tmp_path: Path, how: str, expression: str, keys: list[object], missing: list[str]
) -> None:
    """The configuration tells which there are to be, as far as that is known, whatever the plan says of itself."""
    pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra terraform")
    roles = [
        Resource(f"aws_iam_role.r[{json.dumps(key)}]", {"name": "r", "assume_role_policy": trust(condition=MFA)})
        for key in keys
    ]
    variables = {"teams": {"value": ["a", "b"]}, "on": {"value": True}, "off": {"value": False}}
    content = plan(*(roles or [ADMIN]), variables=variables)
    written = "".join(f'variable "{name}" {{}}\n' for name in variables)
    written += 'data "aws_regions" "all" {}\n'
    said = f'  name = "r"\n  assume_role_policy = {json.dumps(trust(condition=MFA))}\n'
    written += f'resource "aws_iam_role" "r" {{\n  {how} = {expression}\n{said}}}\n'
    written += (
        "" if roles else f'resource "aws_iam_role" "admin" {{\n{said.replace(chr(34) + "r", chr(34) + "admin")}}}\n'
    )
    (block,) = content["configuration"]["root_module"]["resources"]
    named = re.findall(r"var\.\w+|data\.aws_regions\.all", expression)
    # What names nothing is written out in a plan; of a call it has nothing.
    said_of = {"references": named} if named else {} if "(" in expression else {"constant_value": {"a": 1, "b": 2}}
    listed = [block | {"address": "aws_iam_role.r", "name": "r", f"{how}_expression": said_of}]
    listed[0]["expressions"] = {**listed[0]["expressions"], "name": {"constant_value": "r"}}
    regions = {"address": "data.aws_regions.all", "mode": "data", "type": "aws_regions", "name": "all"}
    content["configuration"]["root_module"]["resources"] = [*listed, regions, *([] if roles else [block])]
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(written)
    for complete in (None, True):
        content.pop("complete", None)
        (tmp_path / "plan.json").write_text(json.dumps(content | ({} if complete is None else {"complete": complete})))
        report = trustproof.check([tmp_path / "plan.json"], source=tmp_path / "infra", config={})
        assert report.errors == ()
        assert left_out(report) == missing
