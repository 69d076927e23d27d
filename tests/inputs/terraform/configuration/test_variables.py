"""
What variables are worth: what they are given, in which order, and what they admit.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration import convert
from trustproof.inputs.terraform.configuration.reading import RootConfiguration
from trustproof.inputs.terraform.values import Symbol, Variable

Read = Callable[..., RootConfiguration]


def test_the_last_one_who_gives_a_value_wins(read: Read, tmp_path: Path) -> None:
    """Defaults, terraform.tfvars, auto.tfvars in their order, files that are named, the command line."""
    names = ["a", "b", "c", "d", "e", "f"]
    (tmp_path / "more.tfvars").write_text('e = "named"\nf = "named"\n')
    files = {
        "main.tf": "".join(f'variable "{name}" {{\n  default = "default"\n}}\n' for name in names)
        + f'resource "aws_iam_role" "r" {{\n  name = join(",", [{", ".join(f"var.{name}" for name in names)}])\n}}\n',
        "terraform.tfvars": 'b = "tfvars"\nc = "tfvars"\nd = "tfvars"\n',
        "a.auto.tfvars": 'c = "auto a"\nd = "auto a"\n',
        "b.auto.tfvars.json": '{"d": "auto b", "e": "auto b"}',
        "other.tfvars": 'a = "nobody reads this"\n',
    }
    found = read(files, {"f": "given"}, var_files=[str(tmp_path / "more.tfvars")]).instances()[0]
    assert convert.plain(found.values["name"]) == "default,tfvars,auto a,auto b,named,given"


#: Type, what is given, and what it becomes.
TYPES: list[tuple[str, str, Any]] = [
    ("string", "1", "1"),
    ("number", '"1.5"', 1.5),
    ("bool", '"true"', True),
    ("list(string)", '["a", 1]', ["a", "1"]),
    ("set(string)", '["b", "a", "b"]', ["a", "b"]),
    ("map(number)", '{ a = "1" }', {"a": 1}),
    (
        "object({ a = string, b = optional(number, 3), c = optional(string) })",
        "{ a = 1, d = 2 }",
        {"a": "1", "b": 3, "c": None},
    ),
    ("tuple([string, number])", '[1, "2"]', ["1", 2]),
    ("any", "{ a = [1] }", {"a": [1]}),
    ("list(object({ a = optional(list(string), []) }))", "[{}]", [{"a": []}]),
    ('"list"', '["a"]', ["a"]),
    ("string", "null", None),
]


@pytest.mark.parametrize(("kind", "given", "expected"), TYPES)
def test_values_are_converted_to_the_types_of_variables(
    evaluated: Callable[..., Any], kind: str, given: str, expected: Any
) -> None:
    """A variable has the value that its type makes of what it is given."""
    assert evaluated("var.v", f'variable "v" {{\n  type = {kind}\n  default = {given}\n}}\n') == expected


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        ("number", "x", "expected a number"),
        ("bool", "x", "expected true or false"),
        ("list(string)", "{ a = 1 }", "expected a list"),
        ("object({ a = string })", "{}", "there is no attribute a"),
        ("map(string)", "[", "is not an expression"),
    ],
)
def test_a_value_that_a_variable_does_not_admit_is_an_error(read: Read, kind: str, given: str, message: str) -> None:
    """What is given on the command line and is of another type is refused."""
    text = f'variable "v" {{\n  type = {kind}\n}}\nresource "aws_iam_role" "r" {{\n  name = var.v\n}}\n'
    with pytest.raises(InputError, match=message):
        _ = read(text, {"v": given}).instances()[0].values["name"]


def test_a_variable_without_a_value_is_unknown(read: Read) -> None:
    """One that nobody gives a value stays a variable, with what its validations admit."""
    found = read(
        'variable "a" {\n  type = string\n  validation {\n    condition = contains(["x", "y"], var.a)\n'
        '    error_message = "no"\n  }\n}\n'
        'variable "b" {\n  validation {\n'
        '    condition = can(regex("^[0-9]{12}$", var.b))\n    error_message = "no"\n  }\n}\n'
        'variable "c" {\n  sensitive = true\n  validation {\n    condition = can(regex("a|b$", var.c))\n'
        '    error_message = "no"\n  }\n}\n'
        'variable "d" {\n  validation {\n'
        '    condition = var.d == "x" || "y" == var.d\n    error_message = "no"\n  }\n}\n'
        'resource "aws_iam_role" "r" {\n  name = var.a\n  path = var.c\n}\n'
    )
    name, path = (found.instances()[0].values[key] for key in ("name", "path"))
    assert isinstance(name, Variable)
    assert name.name == "var.a"
    assert path.sensitive
    assert {key: (one.allowed, one.pattern, one.sensitive) for key, one in found.variables.items()} == {
        "a": (("x", "y"), None, False),
        "b": (None, "^[0-9]{12}$", False),
        "c": (None, None, True),
        "d": (("x", "y"), None, False),
    }


def test_a_module_that_is_given_nothing_has_nothing(read: Read) -> None:
    """A variable of a module is not one of the root: what the call forgets is unknown, and nobody may pin it."""
    found = read(
        {
            "main.tf": 'module "m" {\n  source = "./inner"\n}\n',
            "inner/main.tf": 'variable "v" {}\nresource "aws_iam_role" "r" {\n  name = var.v\n}\n',
        },
        {"v": "x"},
    )
    value = found.instances()[0].values["name"]
    assert isinstance(value, Symbol)
    assert value.name == "module.m.var.v"


def test_what_is_sensitive_stays_so(read: Read) -> None:
    """Whatever a sensitive value goes into is sensitive, unless somebody says that it is not."""
    found = read(
        'variable "s" {\n  default = "x"\n  sensitive = true\n}\n'
        'resource "aws_iam_role" "r" {\n  a = "p-${var.s}"\n  b = upper(var.s)\n  c = nonsensitive(var.s)\n'
        '  d = var.s == "x" ? "y" : "z"\n  e = { k = var.s }.k\n  f = join(",", [var.s, "q"])\n  g = "plain"\n}\n'
    )
    values = found.instances()[0].values
    assert [name for name in values if values[name].sensitive] == ["a", "b", "d", "e", "f"]
