"""
What expressions of Terraform are worth: the values are those that Terraform 1.15 gives them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

#: What the expressions of the tables may name.
LOCALS = """
locals {
  s    = "key"
  n    = 5
  t1   = true
  t    = "v=$${n}"
  m    = { a = 1, b = { c = "d" } }
  l    = ["x", "y", "z"]
  deep = [{ x = ["p"] }, { x = ["q"] }]
}
"""

EXPRESSIONS: list[tuple[str, Any]] = [
    ("1 + 2 * 3", 7),
    ("(1 + 2) * 3", 9),
    ("10 / 4", 2.5),
    ("7 % 3", 1),
    ("-7 % 3", -1),
    ("1 - 2 - 3", -4),
    ("2 * -3", -6),
    ("1 < 2", True),
    ('"b" == "b"', True),
    ('1 == "1"', False),
    ("true && !false", True),
    ("false || true && false", False),
    ("true || false == false", True),
    ("!true == false", True),
    ("1 + 2 > 2 && 3 <= 3", True),
    ('true ? "a" : "b"', "a"),
    ('false ? "a" : true ? "b" : "c"', "b"),
    ('false ? "a" : false ? "b" : "c"', "c"),
    ('true ? 1 : "x"', "1"),
    ('true ? false : "x"', "false"),
    ('true ? true ? "x" : "y" : "z"', "x"),
    ("[1, 2, 3][1]", 2),
    ('{ a = 1, "b c" = 2, (local.s) = 3 }', {"a": 1, "b c": 2, "key": 3}),
    ('{ a = { b = [1, { c = "d" }] } }.a.b[1].c', "d"),
    ('[for x in ["a", "b"] : upper(x)]', ["A", "B"]),
    ('[for i, x in ["a", "b"] : "${i}${x}"]', ["0a", "1b"]),
    ("[for x in [1, 2, 3] : x * 2 if x != 2]", [2, 6]),
    ("[for resource in [{ a_b = { c = 1 } }] : resource.a_b.c]", [1]),
    ('{ for x in ["a", "b"] : x => upper(x) }', {"a": "A", "b": "B"}),
    ("{ for k, v in { b = 1, a = 2 } : v => k }", {"1": "b", "2": "a"}),
    ('[for k, v in { b = 1, a = 2 } : "${k}=${v}"]', ["a=2", "b=1"]),
    ('[for x in toset(["b", "a", "b"]) : x]', ["a", "b"]),
    ('{ for x in ["ab", "ac", "b"] : substr(x, 0, 1) => x... }', {"a": ["ab", "ac"], "b": ["b"]}),
    ("[{ a = 1 }, { a = 2 }][*].a", [1, 2]),
    ("[{ a = [1] }, { a = [2] }][*].a[0]", [1, 2]),
    ("[[1], [2]].*.0", [1, 2]),
    ('"a${1}b${true}c"', "a1btruec"),
    ('"${local.s}"', "key"),
    ('"x-${local.s}-${local.n}"', "x-key-5"),
    ('"$${a} %%{b} $a %b"', "${a} %{b} $a %b"),
    ('"$$${a} $$$${a} ${1}"', "$${a} $$${a} 1"),
    ("<<EOT\n$$${a} ${1}\nEOT\n", "$${a} 1\n"),
    ('"a\\tb\\nc\\"d\\\\e\\u00e9"', 'a\tb\nc"d\\eé'),
    ('"%{if true}yes%{else}no%{endif}"', "yes"),
    ('"%{if false}yes%{else}no%{endif}"', "no"),
    ('"%{for x in ["a", "b"]}<${x}>%{endfor}"', "<a><b>"),
    ('"%{for i, x in ["a", "b"]}${i}${x}%{endfor}"', "0a1b"),
    ('"a ${~ "b" ~} c"', "abc"),
    ('"a\\n${~ "b" ~}\\t c"', "abc"),
    ('"%{ if false }%%%{ else }%{ endif }a"', "a"),
    ('"%{ if true }%%%{ else }%{ endif }a"', "%%{ else }a"),
    ("tobool(jsonencode(true))", True),
    ("try(jsonencode(1) + 1, 0)", 2),
    ('try(jsonencode(true) ? "a" : "b", "c")', "a"),
    ("null", None),
    ("1.5", 1.5),
    ("1e3", 1000),
    ("100000000000000000000", 100000000000000000000),
    ("0.1 + 0.2", 0.3),
    ('"${0.1}"', 0.1),
    ('"${1.50}"', 1.5),
    ('"${100000000000}"', 100000000000),
    ('"${1/4}"', 0.25),
    ("path.module", "."),
    ("path.root", "."),
    ("true ? { a = 1 } : {}", {"a": 1}),
    ("null == null", True),
    ('"a" != null', True),
    ('[for s in [{ n = "a", on = true }, { n = "b", on = false }] : s.n if s.on]', ["a"]),
    ("<<EOT\nhello ${local.s}\n  world\nEOT\n", "hello key\n  world\n"),
    ("<<-EOT\n    hello\n      ${local.s}\n    world\n  EOT\n", "hello\n  key\nworld\n"),
    ('<<-EOT\n  %{for x in ["a", "b"]~}\n  item ${x}\n  %{endfor~}\n  EOT\n', "  item a\n  item b\n"),
    ("<<-EOT\n    %{if true}\n    yes\n    %{endif}\n    EOT\n", "\nyes\n\n"),
    ('<<EOT\na \\n $${x} "q"\nEOT\n', 'a \\n ${x} "q"\n'),
    ("<<-EOT\n\n    a\n\n      b\n  EOT\n", "\na\n\n  b\n"),
    ('{ "a" : 1, b : 2 }', {"a": 1, "b": 2}),
    ("[\n  # comment\n  1, // other\n  2 /* third */\n]", [1, 2]),
    ("(true\n  ? 1\n  : 2)", 1),
    ('{ for i, v in ["a", "b"] : i => v }', {"0": "a", "1": "b"}),
    ('"${[for x in ["a"] : x][0]}"', "a"),
    ('"a" == "a" ? "${"nested ${"deep"}"}" : ""', "nested deep"),
    ('local.m["a"]', 1),
    ("local.m.b.c", "d"),
    ("local.l[length(local.l) - 1]", "z"),
    ("local.l.0", "x"),
    ("local.deep[*].x", [["p"], ["q"]]),
    ("local.deep[*].x[*]", [["p"], ["q"]]),
    ("[[1], null][*][*]", [[1], []]),
    ("[{ a = [{ b = 1 }] }, { a = [] }][*].a[*].b", [[1], []]),
    ("[{ a = null }][*].a.*", [[]]),
    ("[{ a = [1] }].*.a[*]", [[1]]),
    ("local.deep.*.x", [["p"], ["q"]]),
    ("local.deep[*].x[0]", ["p", "q"]),
    ("-local.n", -5),
    ("!local.t1", False),
    ('"${true}"', True),
    ('[for k, v in { "10" = 1, "9" = 2, "a" = 3 } : k]', ["10", "9", "a"]),
]


@pytest.mark.parametrize(("expression", "expected"), EXPRESSIONS)
def test_expressions_have_the_values_that_terraform_gives_them(
    evaluated: Callable[..., Any], expression: str, expected: Any
) -> None:
    """Operators, conditionals, texts, loops, steps and splats agree with Terraform."""
    assert evaluated(expression, LOCALS) == expected


#: Expressions whose values become values of one type, and what Terraform gives for them.
ONE_TYPE = [
    ('tomap({a = true, b = "x"})', {"a": "true", "b": "x"}),
    ('chunklist([true, "x"], 1)', [["true"], ["x"]]),
    ('coalesce(true, "x")', "true"),
    ('coalesce(null, 1, "x")', "1"),
    ('setunion([true], ["x"])', ["true", "x"]),
    ('setintersection([true], ["true"])', ["true"]),
    ('setsubtract([true, false], ["true"])', ["false"]),
    ('distinct([true, "true"])', ["true"]),
    ('distinct([[true], ["true"]])', [["true"]]),
    ('matchkeys([1, 2], [1, "b"], ["1"])', [1]),
    ('true ? [true] : ["x", "y"]', ["true"]),
    ('true ? {a = true, b = 1} : {a = "x"}', {"a": "true", "b": "1"}),
    ('true ? {a = true, b = "x"} : {a = false, b = "y"}', {"a": True, "b": "x"}),
    ('true ? {a = {b = true}} : {a = {c = "x"}}', {"a": {"b": "true"}}),
    ("true ? {a = true} : {}", {"a": True}),
    ("true ? [1] : null", [1]),
    ('tolist([{a = null}, {a = true}, {a = "x"}])', [{"a": None}, {"a": "true"}, {"a": "x"}]),
    ('tolist([[true, "x"], ["y", false]])', [["true", "x"], ["y", "false"]]),
    ('coalescelist([true], ["x"])', [True]),
    ('values({a = true, b = "x"})', [True, "x"]),
    ('merge({a = true}, {b = "x"})', {"a": True, "b": "x"}),
    ("concat([true], [false])", [True, False]),
]


@pytest.mark.parametrize(("expression", "expected"), ONE_TYPE, ids=[row[0] for row in ONE_TYPE])
def test_values_of_one_type(evaluated: Callable[..., Any], expression: str, expected: Any) -> None:
    """Next to a text, truth values and numbers are texts, in what has one type for all of its values."""
    assert evaluated(expression) == expected


@pytest.mark.parametrize(
    ("kind", "default", "asked", "expected"),
    [
        ("map(any)", '{ mfa = true, env = "prod" }', "var.v.mfa == true", False),
        ("map(any)", "{ mfa = true, age = false }", "var.v.mfa == true", True),
        ("map(map(any))", '{ a = { mfa = true }, b = { env = "prod" } }', "var.v.a.mfa == true", False),
        ("list(any)", '[true, "x"]', "var.v[0] == true", False),
        ("set(any)", '[true, "x"]', "contains(var.v, true)", False),
        ("object({ s = optional(map(any)) })", '{ s = { mfa = true, env = "p" } }', "var.v.s.mfa == true", False),
        ("list(object({ v = any }))", '[{ v = true }, { v = "x" }]', "var.v[0].v == true", False),
        ("object({ mfa = any, env = any })", '{ mfa = true, env = "prod" }', "var.v.mfa == true", True),
        ("any", '{ mfa = true, env = "prod" }', "var.v.mfa == true", True),
    ],
)
def test_any_is_one_type(evaluated: Callable[..., Any], kind: str, default: str, asked: str, expected: bool) -> None:
    """In a list, set or map `any` is the type that all values have, and no type for each."""
    around = f'variable "v" {{\n  type    = {kind}\n  default = {default}\n}}\n'
    assert evaluated(asked, around) is expected
