"""
What is not known stays a value with a name: never an error, never a dropped key, never a guess.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.inputs.terraform.configuration.reading import RootConfiguration
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import value_text
from trustproof.inputs.terraform.values.values import (
    Choice,
    Fields,
    Items,
    JsonText,
    Known,
    Rest,
    Symbol,
    Text,
    Unknown,
    Value,
)

AROUND = """
variable "v" {}
variable "s" { type = string }
variable "b" { type = bool }
variable "sure" {
  type     = bool
  nullable = false
}
variable "l" { type = list(string) }
variable "o" { type = object({ a = string }) }
resource "aws_vpc" "x" {}
resource "aws_iam_role" "named" {}
resource "aws_iam_role" "many" {
  count = var.v
}
resource "aws_eks_cluster" "c" {
  vpc_config {
    subnet_ids = ["s"]
    nothing    = null
  }
  dynamic "upgrade_policy" {
    for_each = []
    content {}
  }
}
resource "aws_iam_user" "typed" {
  tags          = { a = true }
  force_destroy = "true"
}
resource "aws_iam_group_membership" "typed" {
  users = ["zed", "alice", "zed"]
}
resource "aws_security_group" "typed" {
  ingress = [{ from_port = "80" }, { from_port = "70" }]
}
data "template_file" "typed" {
  template = "$${a == \\"true\\" ? 1 : 2}"
  vars     = { a = true }
}
data "template_file" "block" {
  template = "$${a}"
  vars {
    a = "x"
  }
}
locals { whole = "$${a}" }
resource "terraform_data" "typed" {
  input = true
}
resource "null_resource" "typed" {
  triggers = { a = true }
}
resource "other_thing" "typed" {
  a       = true
  number  = "1.0"
  account = "012345678901"
  list    = ["b", "a"]
}
resource "aws_iam_role" "one" {
  count = var.b ? 1 : 0
  name  = "n${count.index}"
}
"""

#: Expressions and what they show of themselves: what is known of them is known.
PARTLY: list[tuple[str, str]] = [
    ("var.v", "var.v"),
    ('"a-${var.v}-b"', '"a-${var.v}-b"'),
    ('["a", var.v]', '["a", var.v]'),
    ("{ a = var.v, b = 1 }", '{"a" = var.v, "b" = 1}'),
    ("aws_vpc.x.id", "aws_vpc.x.id"),
    ("var.o.a", "var.o.a"),
    ('format("arn:%s:%s", "aws", var.v)', '"arn:aws:${var.v}"'),
    ('format("arn:${var.v}:%s", "x")', '"arn:${var.v}:x"'),
    ('join("/", ["a", var.v])', '"a/${var.v}"'),
    ('concat(["a"], var.l)', '["a", var.l...]'),
    ('flatten([["a"], [var.v]])', '["a", var.v...]'),
    ('[for x in ["a", var.v] : "p-${x}"]', '["p-a", "p-${var.v}"]'),
    ("merge({ a = 1 }, { a = var.v })", '{"a" = var.v}'),
    ('keys({ "a-${var.v}" = "b" })[0]', '"a-${var.v}"'),
    ('values({ (var.v) = "b" })[0]', '"b"'),
    ("jsonencode({ a = var.v })", 'jsonencode({"a" = var.v})'),
    ("jsondecode(jsonencode({ a = var.v })).a", "var.v"),
    ('jsondecode("{\\"a\\": \\"x-${var.v}\\"}").a', '"x-${var.v}"'),
    ('"${jsonencode([var.v])}!"', '"[${jsonencode(var.v)}]!"'),
    ('toset(["b", var.v, "a"])', '["a", "b", var.v]'),
    ('compact(["a", var.v, ""])', '["a", var.v...]'),
    (
        "aws_iam_role.many[0].arn",
        'the key of aws_iam_role.many[*] == "0" ? aws_iam_role.many[*].arn : aws_iam_role.many[0].arn',
    ),
    ("aws_iam_role.many[*].arn", "[aws_iam_role.many[*].arn...]"),
    ("timestamp()", "timestamp()"),
    ("terraform.workspace", "terraform.workspace"),
    ("provider::aws::arn_parse(var.v)", "provider::aws::arn_parse(var.v)"),
    ('provider::aws::arn_build("aws", "iam", "", var.v, "root")', '"arn:aws:iam::${var.v}:root"'),
    (
        'provider::aws::arn_build("aws", "iam", "", null, "root")',
        'provider::aws::arn_build("aws", "iam", "", null, "root")',
    ),
    ('provider::aws::arn_parse("role/a")', 'provider::aws::arn_parse("role/a")'),
    ('provider::other::name("a")', 'provider::other::name("a")'),
    ("nonsense(1)", "nonsense(1)"),
    ("upper(var.v)", "upper(var.v)"),
    ("sort(var.l)", "sort(var.l)"),
    ("sort([aws_iam_role.named.arn])", "[aws_iam_role.named.arn]"),
    (
        "flatten([[aws_iam_role.named.arn], [[aws_iam_role.named.id]]])",
        "[aws_iam_role.named.arn, aws_iam_role.named.id]",
    ),
    ('compact([aws_iam_role.named.arn, "", jsonencode([var.v])])', "[aws_iam_role.named.arn, jsonencode([var.v])]"),
    ('compact([var.b ? "a" : ""])', '[var.b ? "a" : ""...]'),
    ('coalesce(null, "", aws_iam_role.named.arn)', "aws_iam_role.named.arn"),
    ('coalesce(aws_iam_role.named.arn, "x")', "aws_iam_role.named.arn"),
    ('coalesce(var.b ? "a" : "", aws_iam_role.named.arn)', 'var.b ? "a" : aws_iam_role.named.arn'),
    # What AWS names has a name, and an ARN looks like one; other attributes may be null or empty.
    (
        '[aws_vpc.x.arn == null, aws_vpc.x.id == "", "${aws_vpc.x.id}" == "", aws_vpc.x == null]',
        "[false, false, false, false]",
    ),
    (
        '[aws_vpc.x.arn == "*", aws_vpc.x.arn == "arn:aws:iam::1:user/a" ]',
        '[false, (aws_vpc.x.arn == "arn:aws:iam::1:user/a")]',
    ),
    (
        '[aws_vpc.x.owner == null, other_thing.typed.arn == "*"]',
        '[(aws_vpc.x.owner == null), (other_thing.typed.arn == "*")]',
    ),
    ('["arn:${var.s}" == "*", "arn:${var.s}" == "arn:aws"]', '[false, ("arn:${var.s}" == "arn:aws")]'),
    ('startswith(aws_vpc.x.arn, "arn:")', "true"),
    ('startswith("a${var.s}", "b")', "false"),
    ('startswith("a${var.s}", "ab")', 'startswith("a${var.s}", "ab")'),
    ("aws_iam_role.many == null", "false"),
    # The provider computes what a block does not say, or says to be null.
    ('try(aws_eks_cluster.c.vpc_config[0].vpc_id, "x")', "aws_eks_cluster.c.vpc_config[0].vpc_id"),
    ('try(aws_eks_cluster.c.vpc_config[0].nothing, "x")', "aws_eks_cluster.c.vpc_config[0].nothing"),
    ("aws_eks_cluster.c.vpc_config[0].subnet_ids", '["s"]'),
    # What is written has the type that the provider gives it to whoever reads it, as far as one knows which that is.
    ('aws_iam_user.typed.tags.a == "true"', "true"),
    ("aws_iam_user.typed.tags.a == true", "false"),
    ("aws_iam_user.typed.force_destroy == true", "true"),
    ("tolist(aws_iam_group_membership.typed.users)[0]", '"alice"'),
    ("length(aws_iam_group_membership.typed.users)", "2"),
    (
        "index([for one in aws_security_group.typed.ingress : one.from_port], 80)",
        "index([for one in aws_security_group.typed.ingress : one.from_port], 80)",
    ),
    ("contains([for one in aws_security_group.typed.ingress : one.from_port], 80)", "true"),
    ("terraform_data.typed.input == true", "true"),
    ("data.template_file.typed.rendered", '"1"'),
    ("data.template_file.block.rendered", '"x"'),
    ("templatestring(local.whole, { a = true })", "true"),
    ("null_resource.typed.triggers.a", '"true"'),
    ('other_thing.typed.a == "true"', '(other_thing.typed.a == "true")'),
    ("other_thing.typed.a == true", "(other_thing.typed.a == true)"),
    ('other_thing.typed.a == "x"', "false"),
    ("other_thing.typed.number", "other_thing.typed.number"),
    ("other_thing.typed.account", '"012345678901"'),
    ('other_thing.typed.account == "012345678901"', '(other_thing.typed.account == "012345678901")'),
    ("tolist(other_thing.typed.list)[0]", 'other_thing.typed.list[0] == "b" ? "b" : "a"'),
    ("length(aws_eks_cluster.c.upgrade_policy)", "length(aws_eks_cluster.c.upgrade_policy)"),
    ("aws_eks_cluster.c.upgrade_policy[0].x", "aws_eks_cluster.c.upgrade_policy[0].x"),
    ('coalesce(one(aws_iam_role.one[*].arn), "x")', 'var.b ? aws_iam_role.one[0].arn : "x"'),
    ('coalesce("${var.v}${var.s}", "x")', 'coalesce("${var.v}${var.s}", "x")'),
    ("coalesce(var.v, aws_iam_role.named.arn)", "coalesce(var.v, aws_iam_role.named.arn)"),
    # The last that is merged wins, whatever the others are.
    ('merge(var.v, { a = "1" }).a', '"1"'),
    ('lookup(merge(aws_vpc.x.tags_all, { a = "1" }), "a", "z")', '"1"'),
    ('merge(merge(var.v, { a = "1" }), { b = "2" })["a"]', '"1"'),
    ('merge(var.v, { a = "1" }, { (var.s) = "2" }).a', 'merge(var.v, {"a" = "1"}, {var.s = "2"}).a'),
    ('merge({ a = "1" }, var.v).a', 'merge({"a" = "1"}, var.v).a'),
    ("length(var.l)", "length(var.l)"),
    ('length(toset(["a", var.v]))', 'length(toset(["a", var.v]))'),
    ('distinct(["a", var.v])[1]', '["a", var.v][1]'),
    ('tolist(toset(["a", var.v]))[0]', '["a", var.v][0]'),
    ("try(var.o.b, 1)", "try(var.o.b, 1)"),
    ("can(var.v.x)", "can(var.v.x)"),
    ("try(var.v, 1)", "var.v"),
    ("var.v == aws_vpc.x.id", "(var.v == aws_vpc.x.id)"),
    ("var.v + 1", "(var.v + 1)"),
    ("[1] == [1]", "([1] == [1])"),
    ("{ for x in var.l : x => 1 }", "{for x in var.l : x => 1}"),
    ("[for x in var.l : x]", "[[for x in var.l : x]...]"),
    ('[for x in ["a", "b"] : x if var.v == x]', '[x; x = "a"..., x; x = "b"...]'),
    ("local.missing", "local.missing"),
    ("aws_iam_role.missing.arn", "aws_iam_role.missing.arn"),
    ("[1][2]", "[1][2]"),
    ("null + 1", "(null + 1)"),
    ('"a${null}"', '"a${null}"'),
    ("[1, [1][2], { a = null.x, b = 2 }]", '[1, [1][2], {"a" = null.x, "b" = 2}]'),
    ('templatefile("missing.tpl", {})', 'templatefile("missing.tpl", {})'),
]


@pytest.mark.parametrize(("expression", "expected"), PARTLY)
def test_what_is_known_of_an_expression_is_known(worth: Callable[..., Value], expression: str, expected: str) -> None:
    """Unknown leaves are symbols in a known structure, each called as it is written."""
    assert value_text(worth(expression, AROUND)) == expected


#: Expressions of which conditions decide, and both values.
CHOICES: list[tuple[str, str, Any, Any]] = [
    ('var.b ? "x" : "y"', "var.b", "x", "y"),
    ('!var.b ? "x" : "y"', "var.b", "y", "x"),
    ('var.s == "prod" ? [1] : []', 'var.s == "prod"', [1], []),
    ('var.s != "prod" ? 1 : 2', 'var.s == "prod"', 2, 1),
    ('aws_vpc.x.id == "a" ? 1 : 2', '(aws_vpc.x.id == "a")', 1, 2),
    ('"a-${var.b ? "x" : "y"}"', "", None, None),
    ('concat(["a"], var.b ? ["b"] : [])', "var.b", ["a", "b"], ["a"]),
    ("jsonencode(var.b ? { a = 1 } : null)", "var.b", '{"a":1}', "null"),
    ('[for x in(var.b ? ["a"] : []) : upper(x)]', "var.b", ["A"], []),
    ("var.b && true", "var.b", True, False),
    ("length(var.b ? [1] : []) > 0", "var.b", True, False),
    ('lookup({ a = 1 }, var.b ? "a" : "b", 2)', "var.b", 1, 2),
    ("try(var.sure ? [1] : [], [])", "var.sure", [1], []),
    ("aws_iam_role.one[*].name", "var.b", ["n0"], []),
    ('join("", aws_iam_role.one.*.name)', "var.b", "n0", ""),
    ("one(aws_iam_role.one[*].name)", "var.b", "n0", None),
]


@pytest.mark.parametrize(("expression", "condition", "then", "otherwise"), CHOICES)
def test_a_condition_of_a_variable_leaves_both_values(
    worth: Callable[..., Value], expression: str, condition: str, then: Any, otherwise: Any
) -> None:
    """What a variable without a value decides is both of its outcomes, whatever is done with them."""
    found = worth(expression, AROUND)
    if not condition:
        assert isinstance(found, Text)
        found = found.pieces[1]
        condition, then, otherwise = "var.b", "x", "y"
    assert isinstance(found, Choice)
    assert found.condition.shown == condition
    assert (convert.plain(found.then), convert.plain(found.otherwise)) == (then, otherwise)


def test_both_sides_of_a_condition_know_of_it(worth: Callable[..., Value]) -> None:
    """Two arguments that one condition decides are not mixed."""
    found = worth('join("", [var.b ? "a" : "b"], [var.b ? "c" : "d"])', AROUND)
    assert isinstance(found, Text)
    found = worth('concat(var.b ? ["a"] : ["b"], var.b ? ["c"] : ["d"])', AROUND)
    assert isinstance(found, Choice)
    assert (convert.plain(found.then), convert.plain(found.otherwise)) == (["a", "c"], ["b", "d"])


def test_the_only_item_of_what_may_not_be_there_is_that_item(worth: Callable[..., Value]) -> None:
    """Nothing is applied where an index leads nowhere, so that the other outcome is all there is."""
    assert convert.plain(worth("aws_iam_role.one[0].name", AROUND)) == "n0"


def test_different_values_are_called_differently(read: Callable[..., RootConfiguration]) -> None:
    """Two unknown values with one name would be taken for one."""
    found = read(
        {
            "main.tf": (
                'variable "v" {}\nmodule "a" {\n  source = "./m"\n  v = var.v\n}\n'
                'module "b" {\n  source = "./m"\n  v = "x"\n}\n'
                'resource "aws_iam_role" "r" {\n  for_each = { x = uuid(), y = uuid() }\n'
                '  name = upper("${each.value}${uuid()}")\n'
                '  path = join(",", [for i in ["1", "2"] : base64encode("${i}${var.v}")])\n}\n'
            ),
            "m/main.tf": (
                'variable "v" {}\nresource "aws_iam_role" "r" {\n  name = upper("${var.v}${timestamp()}")\n}\n'
            ),
        }
    )
    names = [value_text(one.values["name"]) for one in found.instances()]
    assert len(set(names)) == len(names) == 4
    path = found.instances()[0].values["path"]
    assert isinstance(path, Text)
    assert path.pieces[0] != path.pieces[2]
    assert len({value_text(one) for one in path.pieces if isinstance(one, Unknown)}) == 2


def test_a_number_of_instances_that_is_not_known_is_one(read: Callable[..., RootConfiguration]) -> None:
    """Where nobody knows the keys there is one instance for all of them, whose key is unknown, and a note."""
    found = read(
        'variable "v" {}\nresource "aws_iam_role" "r" {\n  for_each = var.v\n  name = "r-${each.key}"\n}\n'
        'resource "aws_iam_role" "s" {\n  name = aws_iam_role.r["k"].name\n}\n'
    )
    open_one, other = found.instances()
    assert open_one.address == "aws_iam_role.r[*]"
    assert value_text(open_one.values["name"]) == '"r-${each.key of aws_iam_role.r}"'
    assert value_text(other.values["name"]) == '"r-k"'
    assert [note.what for note in found.notes] == ["aws_iam_role.r"]


@pytest.mark.parametrize(
    ("argument", "addresses"),
    [
        ("count = var.b ? 1 : 0", {"aws_iam_role.r[0]": "var.b"}),
        ("count = var.b ? 2 : 1", {"aws_iam_role.r[0]": None, "aws_iam_role.r[1]": "var.b"}),
        ('count = var.s == "x" ? 0 : 1', {"aws_iam_role.r[0]": '!(var.s == "x")'}),
        ("count = var.b && var.c ? 1 : 0", {"aws_iam_role.r[0]": "(var.b) && (var.c)"}),
        ("count = var.b || var.c ? 1 : 0", {"aws_iam_role.r[0]": "(var.b) || ((!(var.b)) && (var.c))"}),
        ('for_each = toset(var.b ? ["k"] : [])', {'aws_iam_role.r["k"]': "var.b"}),
        (
            "for_each = var.b ? { k = 1, l = 2 } : { k = 3 }",
            {'aws_iam_role.r["k"]': None, 'aws_iam_role.r["l"]': "var.b"},
        ),
        ("count = 0", {}),
        ('for_each = toset(["b", "a\\"q"])', {'aws_iam_role.r["a\\"q"]': None, 'aws_iam_role.r["b"]': None}),
    ],
)
def test_conditions_say_which_instances_exist(
    read: Callable[..., RootConfiguration], argument: str, addresses: dict[str, str | None]
) -> None:
    """What decides whether an instance exists is its condition."""
    variables = 'variable "b" {\n  type = bool\n}\nvariable "c" {\n  type = bool\n}\nvariable "s" {}\n'
    found = read(f'{variables}resource "aws_iam_role" "r" {{\n  {argument}\n}}\n').instances()
    assert {one.address: one.condition.shown if one.condition else None for one in found} == addresses


def test_a_module_that_may_not_be_there_has_resources_that_may_not(read: Callable[..., RootConfiguration]) -> None:
    """The condition of a call is one of everything in it."""
    found = read(
        {
            "main.tf": 'variable "b" {\n  type = bool\n}\nmodule "m" {\n  source = "./m"\n  count = var.b ? 1 : 0\n}\n',
            "m/main.tf": 'resource "aws_iam_role" "r" {}\n',
        }
    )
    (one,) = found.instances()
    assert one.address == "module.m[0].aws_iam_role.r"
    assert one.condition is not None
    assert one.condition.shown == "var.b"


def test_nested_blocks_are_lists_of_objects(read: Callable[..., RootConfiguration]) -> None:
    """Blocks have the form that they have in plans; dynamic ones are among them."""
    found = read(
        'variable "v" {}\nresource "aws_iam_role" "r" {\n  inline_policy {\n    name = "a"\n  }\n'
        '  dynamic "inline_policy" {\n    for_each = ["b"]\n    content {\n'
        "      name = inline_policy.value\n    }\n  }\n"
        '  dynamic "inline_policy" {\n    for_each = var.v\n    content {\n'
        "      name = inline_policy.value\n    }\n  }\n"
        "  lifecycle {\n    prevent_destroy = true\n  }\n}\n"
    ).instances()[0]
    assert list(found.values) == ["inline_policy"]
    blocks = found.values["inline_policy"]
    assert isinstance(blocks, Items)
    assert [isinstance(one, Fields) for one in blocks.items] == [True, True, False]
    assert isinstance(blocks.items[2], Rest)
    assert [convert.plain(one) for one in blocks.items[:2]] == [{"name": "a"}, {"name": "b"}]


def test_a_text_that_looks_like_an_interpolation_is_one_that_was_written(worth: Callable[..., Value]) -> None:
    """Escaped interpolations are characters, and unknown ones never become any."""
    found = worth('jsonencode({ a = "$${aws:username}", b = "${var.v}" })', AROUND)
    assert isinstance(found, JsonText)
    assert isinstance(found.of, Fields)
    first, second = found.of.by_key["a"], found.of.by_key["b"]
    assert isinstance(first, Known)
    assert first.value == "${aws:username}"
    assert isinstance(second, Unknown)


def test_a_text_with_json_in_it_is_known_in_parts(worth: Callable[..., Value]) -> None:
    """Values that are filled into JSON text are values of the JSON, and texts are texts."""
    pieces = '{"a": "x${var.v}", "b": ${jsonencode(var.l)}, "c": [${jsonencode("q")}], "d": ${var.v}}'
    text = f"jsondecode(<<EOT\n{pieces}\nEOT\n)"
    found = worth(text, AROUND)
    assert value_text(found) == '{"a" = "x${var.v}", "b" = var.l, "c" = ["q"], "d" = the JSON of var.v}'


def test_a_reason_says_what_hides_a_value(worth: Callable[..., Value]) -> None:
    """Whoever reads the report learns why a value is not known."""
    for expression, reason in (
        ("nonsense(1)", "its function is not read"),
        ("[1][2]", "there is no item 2 in a list of 1"),
        ("local.missing", "local.missing is not declared"),
        ('"x${null}"', "null is null, which is no text"),
        ('file("x")', "is not read: no such file or directory"),
        ("1 / 0", "a division by zero"),
        ("{ a = 1 }.b", "there is no attribute b in what is an object"),
        ('tonumber("x")', "it is a text, expected a number"),
        ('upper("a", "b")', "upper was given 2 arguments"),
        ('yamldecode("a: &x {b: 1}\\nd: {b: 2, <<: *x}")', "which b a merge key leaves is not known"),
        ('regexall("(a+)+", "a")', "the regular expression is not one that is read"),
        ('regex("^a{,2}$", "a")', "the regular expression is not one that is read"),
        ('regex("^[[:^alpha:]]$", "a")', "the regular expression is not one that is read"),
        ('regex("^a*+$", "a")', "the regular expression is not one that is read"),
        ('regex("^a{1,1001}$", "a")', "the regular expression is not one that is read"),
        ("{ for x in [1, 1] : x => 1 }", "two entries have the key 1"),
    ):
        found = worth(expression, AROUND)
        assert isinstance(found, Symbol), expression
        assert reason in found.reason


@pytest.mark.parametrize(
    "expression",
    [
        'can(regex("^a", var.v))',
        'can(regex("^[[:^alpha:]]$", "a"))',
        'can(regex("(a+)+", "a")[0] == "a")',
        "can(tonumber(var.v))",
        'can(tonumber("1${var.v}"))',
        'can(tobool("tru${var.v}"))',
        'try(!"${var.v}e", "x")',
        'can(file("missing"))',
        "can(var.v + 1)",
        "can(cidrhost(var.v, 1))",
        'try({ a = tonumber(var.v) }, "x")',
        'try(jsonencode({ a = base64decode(var.v) }), "x")',
        'try(jsondecode(var.v), "x")',
        'try([for x in var.l : tonumber(x)], "x")',
    ],
)
def test_whether_what_is_not_known_has_a_value_is_not_known(worth: Callable[..., Value], expression: str) -> None:
    """A function of something unknown may have no value: then another argument of try is it, and can is false."""
    found = worth(expression, 'variable "v" {}\nvariable "l" {\n  type = list(string)\n}\n')
    assert isinstance(found, Symbol)
    assert found.name.startswith(("can(", "try("))


@pytest.mark.parametrize(
    ("principal", "verdict"),
    [
        ('provider::aws::arn_build("aws", "iam", "", "111122223333", "root")', "refuted"),
        ('provider::aws::arn_build("aws", "iam", "", var.account, "root")', "refuted"),
        ('provider::other::arn("111122223333")', "unknown"),
        ('"arn:aws:iam::${provider::other::account("hub")}:root"', "unknown"),
        ('"arn:aws:iam::${local.account}:root"', "unknown"),
        ('"arn:aws:iam::${trimspace(file("account.txt"))}:root"', "unknown"),
        ("provider::other::arn(var.account)", "unknown"),
        ('length(fileset(".", "**/*.json")) > 0 ? "111122223333" : "*"', "unknown"),
    ],
)
def test_no_account_is_made_up_for_what_has_one_value(tmp_path: Path, principal: str, verdict: str) -> None:
    """What a function makes of constants is nobody's to choose; of what a variable says, each value is tried."""
    (tmp_path / "main.tf").write_text(
        'variable "account" {}\nlocals {\n  account = provider::other::account("hub")\n}\n'
        'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n'
        '    Version = "2012-10-17"\n    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole"\n'
        f"      Principal = {{ AWS = {principal} }} }}] }})\n}}\n"
    )
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in report.results] == [verdict]


@pytest.mark.parametrize(
    ("expression", "given"),
    [
        ('[for a in var.accounts : "arn:aws:iam::${a}:root"]', 'var.accounts=["VALUE"]'),
        ('[for a in var.accounts : "arn:aws:iam::${a}:role/${var.name}" if a != "x"]', "var.name=VALUE"),
        ("var.accounts", 'var.accounts=["VALUE"]'),
        ("sort(var.accounts)", "var.accounts=VALUE"),
        ('["arn:aws:iam::${trimspace(var.name)}:root"]', "var.name=VALUE"),
    ],
)
def test_a_list_that_is_not_known_is_shown_as_it_is_written(tmp_path: Path, expression: str, given: str) -> None:
    """What is made of variables has no function of a template in its name, and the advice is how to give these."""
    (tmp_path / "main.tf").write_text(
        'variable "accounts" { type = list(string) }\nvariable "name" { type = string }\n'
        'resource "aws_sns_topic_policy" "t" {\n  arn = "arn:aws:sns:eu-central-1:111122223333:t"\n'
        "  policy = data.aws_iam_policy_document.t.json\n}\n"
        'data "aws_iam_policy_document" "t" {\n  statement {\n    actions = ["sns:Publish"]\n    resources = ["*"]\n'
        f'    principals {{\n      type = "AWS"\n      identifiers = {expression}\n    }}\n  }}\n}}\n'
    )
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["inside-boundary"])
    (found,) = report.results
    said = " ".join(found.reasons)
    assert found.verdict == "unknown"
    assert "Ref" not in said
    assert f"--parameter '{given}'" in said
    assert "--var-file FILE" in said


def test_an_expression_of_what_is_missing_is_shown_as_it_is_written(tmp_path: Path) -> None:
    """What refers to something that is not declared has no function of a template in its name."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n'
        '    Version = "2012-10-17"\n    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole"\n'
        '      Principal = { AWS = "arn:aws:iam::${var.missing}:root" } }] })\n}\n'
    )
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["inside-boundary"])
    said = " ".join(reason for one in report.results for reason in one.reasons)
    assert "var.missing" in said
    assert "Ref " not in said


@pytest.mark.parametrize(
    ("lifecycle", "verdicts"),
    [("", {"proved"}), ("lifecycle {\n ignore_changes = [input]\n }", {"unknown"})],
)
def test_what_terraform_data_stores_is_what_it_is_given(tmp_path: Path, lifecycle: str, verdicts: set[str]) -> None:
    """Its output is its input, unless that may be an older one."""
    (tmp_path / "main.tf").write_text(
        'resource "terraform_data" "x" {\n input = { trust = jsonencode({ Version = "2012-10-17", Statement = [{ '
        'Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "111122223333" }, '
        'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] }) }\n'
        f"{lifecycle}\n}}\n"
        'resource "aws_iam_role" "r" {\n name = "r"\n assume_role_policy = terraform_data.x.output.trust\n}\n'
    )
    report = trustproof.check([tmp_path], config={}, properties=["mfa-required"])
    assert {one.verdict for one in report.results} == verdicts


#: What is tried where a block may not be there, and whether it is somebody else where it is not.
TRIED = [
    ('try(aws_iam_user.u[0].arn, "*")', "refuted"),
    ('try(aws_iam_user.u["0"].arn, aws_iam_user.u[0].arn, "*")', "refuted"),
    ('can(aws_iam_user.u[0].arn) ? aws_iam_user.u[0].arn : "*"', "refuted"),
    ("try(aws_iam_user.u[0].arn, local.own)", "proved"),
    # What a data source says may have no such part.
    ('can(data.external.e.result.on) ? local.own : "*"', "refuted"),
    ('can(data.external.e.result.on) ? "*" : local.own', "refuted"),
    ('can(regex("^[a-z]+$", data.external.e.result.on)) ? local.own : "*"', "unknown"),
    ('can(jsondecode(data.aws_ssm_parameter.p.value)) ? local.own : "*"', "refuted"),
    ('can(regex("^arn:", data.aws_ssm_parameter.p.value)) ? local.own : "*"', "unknown"),
    ('can(regex("x*", data.aws_ssm_parameter.p.value)) ? local.own : "*"', "unknown"),
    ("try(local.first, local.own)", "proved"),
    # Where what it refers to has no value, Terraform stops, and nothing else is tried.
    ('try(local.part, "*")', "proved"),
    ("try(aws_iam_user.u[0].arn)", "proved"),
    ('try(var.on ? aws_iam_user.u[0].arn : local.own, "*")', "unknown"),
    ('try(upper(aws_iam_user.u[0].arn), "*")', "unknown"),
    # Null of a simple type, and null as it is written, stand next to any text.
    ('try(coalesce(null, local.own), "*")', "proved"),
    ('try(coalesce(var.o.name, local.own), "*")', "proved"),
    # Of a list it would be refused, and what is tried next is there.
    ('try(coalesce(var.o.names, local.own), "*")', "unknown"),
    # An ARN is neither null nor empty.
    ('try(coalesce(aws_iam_user.v.arn), "*")', "proved"),
    # What is not chosen need have no value.
    ('try(false ? local.none[0] : local.own, "*")', "proved"),
    ('try(true ? local.none[0] : local.own, "*")', "refuted"),
    # But where it has one, the two have one type.
    ('try(false ? [] : { a = local.own }, { a = "*" }).a', "unknown"),
]


@pytest.mark.parametrize(("principal", "verdict"), TRIED)
def test_what_is_tried_may_fail_in_one_case(tmp_path: Path, principal: str, verdict: str) -> None:
    """A case that Terraform would refuse is left out; where somebody tries, what is given instead is judged too."""
    (tmp_path / "main.tf").write_text(
        'variable "on" {\n  type = bool\n}\n'
        'variable "o" {\n  type = object({ name = optional(string), names = optional(list(string)) })\n'
        "  default = {}\n}\n"
        'resource "aws_iam_user" "u" {\n  count = var.on ? 1 : 0\n  name = "u"\n}\n'
        'resource "aws_iam_user" "v" {\n  name = "v"\n}\n'
        'data "external" "e" {\n  program = ["x"]\n}\ndata "aws_ssm_parameter" "p" {\n  name = "p"\n}\n'
        'locals {\n  own = "arn:aws:iam::111122223333:root"\n  none = []\n  first = aws_iam_user.u[0].arn\n'
        '  part = "arn:aws:iam::111122223333:user/${substr(data.aws_ssm_parameter.p.value, 0, 9)}"\n}\n'
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{\n'
        f'    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {principal} }}\n  }}] }})\n}}\n'
    )
    config = {"boundary": {"accounts": ["111122223333"]}}
    report = trustproof.check([tmp_path], config=config, account="111122223333", properties=["inside-boundary"])
    assert report.errors == ()
    found = {one.verdict for one in report.results}
    assert found == {verdict} or (verdict == "unknown" and found == {"refuted"})


def test_a_sid_decides_nothing(tmp_path: Path) -> None:
    """Whoever gets in by a statement gets in whatever it is called, also where that cannot be told."""
    (tmp_path / "main.tf").write_text(
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{\n'
        '    Sid = try(coalesce([null][0], "a"))\n'
        '    Effect = "Allow", Action = "sts:AssumeRole", Principal = "*" }] })\n}\n'
    )
    (result,) = trustproof.check([tmp_path], config={}, properties=["mfa-required"]).results
    assert result.verdict == "refuted"


@pytest.mark.parametrize("is_called", [False, True])
def test_what_decides_which_statements_there_are_can_be_given(tmp_path: Path, *, is_called: bool) -> None:
    """The variable of the root module is named with what gives it; one of a module that it calls is none of its own."""
    module = tmp_path / "m" if is_called else tmp_path
    module.mkdir(exist_ok=True)
    (module / "main.tf").write_text("""
variable "names" { type = list(string) }
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = [for name in var.names : name if name != ""]
    content {
      actions = ["sts:AssumeRole"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}
resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = data.aws_iam_policy_document.d.json
}
""")
    if is_called:
        call = 'variable "all" { type = list(string) }\nmodule "m" {\n  source = "./m"\n  names  = var.all\n}\n'
        (tmp_path / "main.tf").write_text(call)
    (found,) = trustproof.check([tmp_path], account=OWN, properties=["inside-boundary"]).results
    assert found.verdict == "unknown"
    hint = "give the value of var.names: --parameter 'var.names=VALUE', or --var-file FILE"
    assert (hint in found.reasons) is not is_called


@pytest.mark.parametrize(
    ("policy", "hint"),
    [
        ("var.policy", "give the value of var.policy: --parameter 'var.policy=VALUE', or --var-file FILE"),
        ("var.user.policy", "give the value of var.user: --parameter 'var.user=VALUE', or --var-file FILE"),
        ("data.aws_iam_policy.p.policy", "Terraform reads data.aws_iam_policy.p.policy: check what"),
        ("data.template_file.t.rendered", ""),
    ],
)
def test_whoever_gives_a_policy_is_told_how(tmp_path: Path, policy: str, hint: str) -> None:
    """A policy that nobody knows is a variable that is given, or a data source that Terraform reads."""
    variables = "".join(f'variable "{name}" {{}}\n' for name in ("name", "policy", "user"))
    read = 'data "aws_iam_policy" "p" {\n  name = var.name\n}\n'
    filled = 'data "template_file" "t" {\n  template = file("there/is/none.json")\n}\n'
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = {policy}\n}}\n'
    (tmp_path / "main.tf").write_text(variables + read + filled + role)
    report = trustproof.check([tmp_path], config={}, properties=["mfa-required"])
    ((reason, *told),) = {one.reasons for one in report.results}
    if policy.startswith("data.template_file"):
        assert reason.endswith("there/is/none.json is not read: no such file or directory")
    else:
        assert reason == f"the policy is the value of {policy}"
    assert [one.startswith(hint) for one in told] == ([True] if hint else [])


GIVE = "give the value of {0}: --parameter '{0}=VALUE', or --var-file FILE"
ADMITTED = f"arn:aws:iam::{OWN}:root"
WHO = f'{{"AWS": "{ADMITTED}"}}'
TRUSTING = json.dumps({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": json.loads(WHO)}})


@pytest.mark.parametrize(
    ("principal", "severity"),
    [
        ('rsadecrypt("a", "b")', "error"),
        ('provider::x::y("*")', "error"),
        ('{ AWS = ["arn:aws:iam::111122223333:root", provider::x::y("*")] }', "error"),
        ('[for x in ["*"] : provider::x::y(x)][0]', "error"),
        ('replace("aaX", "/(?:a|aa)+X/", "*")', "error"),
        ('regex("^(?:a+)+([*])$", "aaaaaaaaaaaaaaaa*")[0]', "error"),
        ('one(regexall("(?:a+)+([*])$", "aaaaaaaaaaaaaaaa*")[0])', "error"),
        ('textdecodebase64("KgA=", "UTF-16")', "error"),
        ('urldecode("%FF")', "error"),
        ('base64gunzip("AA==")', "error"),
        ('yamlencode("*")', "error"),
        # What the deployment brings is nobody's choice.
        ("rsadecrypt(var.v)", "warning"),
        ("timestamp()", "warning"),
        ('file("absent")', "warning"),
        ('base64gunzip(filebase64("absent"))', "warning"),
        ('abspath("x")', "warning"),
    ],
)
def test_what_is_made_of_constants_is_as_bad_as_a_refutation(tmp_path: Path, principal: str, severity: str) -> None:
    """Whoever chose the constants knows what they come to; nobody knows what the deployment brings."""
    statement = f'{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {principal} }}'
    role = f'resource "aws_iam_role" "r" {{\n  assume_role_policy = jsonencode({{ Statement = [{statement}] }})\n}}\n'
    (tmp_path / "main.tf").write_text(f'variable "v" {{}}\n{role}')
    (found,) = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"]).results
    assert (found.verdict, found.severity) == ("unknown", severity)


@pytest.mark.parametrize(
    ("arguments", "hint", "given"),
    [
        # A loop's value is the whole policy.
        ("for_each = var.a\n  assume_role_policy = each.value", GIVE.format("var.a"), json.dumps({"x": TRUSTING})),
        (
            "for_each = var.a\n  assume_role_policy = each.value.p",
            GIVE.format("var.a"),
            json.dumps({"x": {"p": TRUSTING}}),
        ),
        ("assume_role_policy = var.a", GIVE.format("var.a"), TRUSTING),
        # What lets in, and whom, is one value, or one of those that are not null.
        ("PRINCIPAL var.a", GIVE.format("var.a"), WHO),
        ("PRINCIPAL var.a.b", GIVE.format("var.a"), f'{{"b": {WHO}}}'),
        (
            "PRINCIPAL { AWS = coalesce(var.a, var.none) }",
            "give the value of var.a and var.none: --parameter",
            ADMITTED,
        ),
        # No value of a variable makes this known.
        ("PRINCIPAL { AWS = rsadecrypt(var.a) }", "", None),
    ],
)
def test_what_is_said_to_be_given_makes_it_known(tmp_path: Path, arguments: str, hint: str, given: str | None) -> None:
    """The advice names the variable, and whoever follows it is told more than before."""
    statement = '{ Effect = "Allow", Action = "sts:AssumeRole", Principal = '
    written = arguments.replace("PRINCIPAL ", f"assume_role_policy = jsonencode({{ Statement = {statement}")
    written += " } })" if written != arguments else ""
    null = "default = null" if "coalesce" in arguments else "type = any"
    variables = f'variable "a" {{\n  {null}\n}}\nvariable "none" {{\n  default = null\n}}\n'
    (tmp_path / "main.tf").write_text(f'{variables}resource "aws_iam_role" "r" {{\n  {written}\n}}\n')
    (before,) = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"]).results
    assert before.verdict == "unknown"
    told = [one for one in before.reasons if one.startswith("give the value of ")]
    assert [one.startswith(hint) for one in told] == ([True] if hint else [])
    if given is not None:
        after = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"], parameters={"var.a": given})
        assert [one.verdict for one in after.results] == ["refuted"]


@pytest.mark.parametrize(
    ("count", "reference", "verdict"),
    [
        ("1", "data.aws_iam_policy_document.d.json", "refuted"),
        ("1", "data.aws_iam_policy_document.d[0].json", "refuted"),
        ("2", "data.aws_iam_policy_document.d.json", "unknown"),
        ("0", "data.aws_iam_policy_document.d.json", "unknown"),
        ("var.number", "data.aws_iam_policy_document.d.json", "unknown"),
    ],
)
def test_the_only_instance_needs_no_index(tmp_path: Path, count: str, reference: str, verdict: str) -> None:
    """Terraform 0.11 takes it so; of several, or of a number that nobody knows, it is not said which one is meant."""
    (tmp_path / "main.tf").write_text(
        f"""
variable "number" {{}}
data "aws_iam_policy_document" "d" {{
  count = {count}
  statement {{
    actions = ["sts:AssumeRole"]
    principals {{
      type        = "AWS"
      identifiers = ["arn:aws:iam::{OWN}:root"]
    }}
  }}
}}
resource "aws_iam_role" "r" {{
  assume_role_policy = {reference}
}}
"""
    )
    report = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"])
    assert {one.verdict for one in report.results} == {verdict}
