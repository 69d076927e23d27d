"""
What variables are worth: what they are given, in which order, and what they admit.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from trustproof import check
from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.reading import RootConfiguration
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.values.unset_variable import Variable

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
    ("set(object({ a = string }))", '[{ a = "2" }, { a = "1" }, { a = 2 }]', [{"a": "1"}, {"a": "2"}]),
    ("list(set(list(string)))", '[[["b"], ["a"], ["b"]]]', [[["a"], ["b"]]]),
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


@pytest.mark.parametrize(("kind", "given", "expected"), [one for one in TYPES if not one[0].startswith('"')])
def test_types_in_json_are_texts_of_expressions(read: Read, kind: str, given: str, expected: Any) -> None:
    """In JSON a type is written as the text of what it is in HCL, and converts as that does."""
    value = given if given[:1] in '"[{n0123456789' else json.dumps(given)
    files = {
        "variables.tf.json": json.dumps({"variable": {"v": {"type": kind}}}),
        "main.tf": 'resource "aws_iam_role" "r" {\n  name = var.v\n}\n',
        "terraform.tfvars": f"v = {value}\n",
    }
    assert convert.plain(read(files).instances()[0].values["name"]) == expected


def test_a_default_in_json_is_no_expression(read: Read) -> None:
    """What looks like something to fill in is a text in the default of a variable in JSON, and nowhere else there."""
    default = {"a": "${aws:username} $${x} ${", "${b}": ["%{ if }"]}
    files = {
        "variables.tf.json": json.dumps({"variable": {"v": {"default": default}}, "locals": {"w": "${var.v}"}}),
        "main.tf": 'resource "aws_iam_role" "r" {\n  name = local.w\n}\n',
    }
    assert convert.plain(read(files).instances()[0].values["name"]) == default


def test_a_type_in_json_that_is_no_expression_is_refused(read: Read) -> None:
    """What is no type has its place in the file."""
    with pytest.raises(InputError, match="the text is not an expression"):
        read(
            {"v.tf.json": '{"variable": {"v": {"type": "list("}}}', "main.tf": "locals {\n  a = var.v\n}\n"}
        ).instances()


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


INNER = """
variable "v" {
  type = list(string)
}
variable "mfa" {
  type    = bool
  default = true
}
variable "o" {
  type    = object({ a = string })
  default = null
}
resource "aws_iam_role" "r" {
  name = join("", var.v)
}
"""


@pytest.mark.parametrize(
    ("given", "line", "said"),
    [
        ("", 1, "module.m: the argument v is missing, which the module needs"),
        ('v = ["a"]\nmax_mfa = 900', 4, "module.m: the module has no variable max_mfa"),
        ('v = "a"', 3, "the value of the variable module.m.v is not one that it admits: it is a text, expected a list"),
        ('v = []\nmfa = "no"', 4, "it is a text, expected true or false"),
        ("v = []\no = {}", 4, "there is no attribute a"),
    ],
)
def test_a_call_that_terraform_refuses_is_an_error(read: Read, given: str, line: int, said: str) -> None:
    """An argument that the module has not, one that it needs, and a value that is known to be of another type."""
    # A variable of a module is not one of the root: what the call forgets, nobody may pin.
    files = {"main.tf": f'module "m" {{\n  source = "./inner"\n{given}\n}}\n', "inner/main.tf": INNER}
    with pytest.raises(InputError) as error:
        read(files, {"v": "x"}).instances()
    assert said in str(error.value)
    assert error.value.line == line


def test_what_a_call_gives_and_nobody_knows_is_no_error(read: Read) -> None:
    """Nor is what stands in a call that there may be none of."""
    call = 'module "m" {{\n  source = "./inner"\n  v = {}\n}}\nvariable "x" {{}}\n'
    assert read({"main.tf": call.format("var.x"), "inner/main.tf": INNER}).instances()
    rare = call.format('"a"').replace("  v =", "  count = var.x\n  v =")
    assert read({"main.tf": rare, "inner/main.tf": INNER}).instances()


def test_what_is_sensitive_stays_so(read: Read) -> None:
    """Whatever a sensitive value goes into is sensitive, unless somebody says that it is not."""
    found = read(
        'variable "s" {\n  default = "x"\n  sensitive = true\n}\n'
        'resource "aws_iam_role" "r" {\n  a = "p-${var.s}"\n  b = upper(var.s)\n  c = nonsensitive(var.s)\n'
        '  d = var.s == "x" ? "y" : "z"\n  e = { k = var.s }.k\n  f = join(",", [var.s, "q"])\n  g = "plain"\n}\n'
    )
    values = found.instances()[0].values
    assert [name for name in values if values[name].sensitive] == ["a", "b", "d", "e", "f"]


def test_validations_refuse_what_terraform_refuses(read: Read, tmp_path: Path) -> None:
    """A value that a validation does not admit is an error at the line of whoever gave it, in the author's words."""
    text = (
        'locals {\n  sizes = ["a", "b"]\n}\nvariable "v" {\n  validation {\n    '
        "condition = contains(local.sizes, var.v)\n"
        '    error_message = "One of ${join(", ", local.sizes)}."\n  }\n}\n'
    )
    with pytest.raises(InputError, match=r"the variable v is not one that it admits: One of a, b$") as given:
        read({"main.tf": text, "terraform.tfvars": '\nv = "c"\n'}).instances()
    assert (given.value.file, given.value.line) == (str(tmp_path / "terraform.tfvars"), 2)
    (tmp_path / "terraform.tfvars").unlink()
    with pytest.raises(InputError, match="not one that it admits") as given:
        read(text, {"v": "c"}).instances()
    assert (given.value.file, given.value.line) == (str(tmp_path / "main.tf"), 4)
    assert read(text, {"v": "a"}).instances() == []
    assert read(text).instances() == []


def test_validations_of_modules_refuse_what_is_passed(read: Read, tmp_path: Path) -> None:
    """The call is named, and the line where the value was written; what a condition may leave out is not refused."""
    inner = (
        'variable "id" {\n  validation {\n    condition = can(regex("^[0-9]+$", var.id))\n'
        '    error_message = "Digits."\n  }\n}\n'
    )
    files = {"main.tf": 'module "m" {\n  source = "./m"\n  id = "x"\n}\n', "m/main.tf": inner}
    with pytest.raises(InputError, match=r"the variable module\.m\.id .*: Digits") as given:
        read(files).instances()
    assert (given.value.file, given.value.line) == (str(tmp_path / "main.tf"), 3)
    maybe = (
        'variable "on" {\n  type = bool\n}\nmodule "m" {\n  source = "./m"\n  count = var.on ? 1 : 0\n  id = "x"\n}\n'
    )
    assert read({**files, "main.tf": maybe}).instances() == []
    assert read({**files, "main.tf": files["main.tf"].replace('"x"', "timestamp()")}).instances() == []


def test_a_secret_is_not_shown_where_it_is_refused(read: Read) -> None:
    """The words of a validation may hold the value."""
    text = (
        'variable "v" {\n  sensitive = true\n  validation {\n    condition = length(var.v) > 9\n'
        '    error_message = "Not ${var.v}"\n  }\n}\n'
    )
    with pytest.raises(InputError, match=r"not one that it admits$"):
        read(text, {"v": "secret"}).instances()


def test_a_variable_that_is_never_null(read: Read) -> None:
    """Null is the default there, and refused where there is none."""
    role = 'resource "aws_iam_role" "r" {\n  name = var.v\n}\n'
    files = {
        "main.tf": 'variable "v" {\n  nullable = false\n  default = "d"\n}\n' + role,
        "a.auto.tfvars": "v = null\n",
    }
    assert convert.plain(read(files).instances()[0].values["name"]) == "d"
    files["main.tf"] = 'variable "v" {\n  nullable = false\n}\n' + role
    with pytest.raises(InputError, match="the variable v is not one that it admits: it is null"):
        read(files).instances()


def test_a_variable_that_nothing_refers_to_has_a_type_too(read: Read) -> None:
    """Terraform refuses its value all the same."""
    with pytest.raises(InputError, match="expected a number"):
        read({"main.tf": 'variable "v" {\n  type = number\n}\n', "terraform.tfvars": 'v = "x"\n'}).instances()


@pytest.mark.parametrize(
    ("pattern", "is_whole"),
    [
        ("^[0-9]{12}$", True),
        ("^(a|b)$", True),
        ("^(?:a|b)$", True),
        ("^a|b$", False),
        ("^[(]|b$", False),
        ("^[]|(]|b$", False),
        ("^[^]|]b$", True),
        ("^\\\\Q(\\\\E|b$", False),
        ("^(?m)a$", False),
        ("^(?i)a$", False),
        ("^a\\\\|b$", True),
        ("(?i)^(dev|prod)$", True),
        ("(?i)^[a]$", False),
        ("(?s)^a$", True),
        ("(?s)^.$", False),
        ("(?U)^a.*$", True),
        ("(?m)^a$", False),
        ("\\\\Aa\\\\z", True),
        ("\\\\Aa|b\\\\z", False),
    ],
)
def test_a_regular_expression_of_the_whole_value(read: Read, pattern: str, is_whole: bool) -> None:
    """Only one that has to match the whole value says what the value may be."""
    text = (
        f'variable "v" {{\n  validation {{\n    condition = can(regex("{pattern}", var.v))\n'
        '    error_message = "no"\n  }\n}\n'
    )
    assert (read(text).variables["v"].pattern is not None) is is_whole


@pytest.mark.parametrize(("given", "expected"), [('["a"]', ["a"]), ("abc", "abc"), ("true", True)])
def test_a_variable_of_any_type_is_given_an_expression(read: Read, given: str, expected: Any) -> None:
    """As Terraform reads it; what is none is a text."""
    text = 'variable "v" {\n  type = any\n}\nresource "aws_iam_role" "r" {\n  name = var.v\n}\n'
    assert convert.plain(read(text, {"v": given}).instances()[0].values["name"]) == expected


#: How an ephemeral value comes into a policy.
EPHEMERAL = ["var.e", '"arn:aws:iam::${local.e}:root"', "module.m.out", "[var.e][0]", "ephemeral.vault_kv.s.text"]


@pytest.mark.parametrize("way", EPHEMERAL)
def test_what_is_ephemeral_is_not_known_in_a_policy(tmp_path: Path, way: str) -> None:
    """Terraform refuses it in what it keeps, so it is not judged at its default; the reason says so."""
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "main.tf").write_text(
        'variable "in" {\n  ephemeral = true\n}\noutput "out" {\n  value = var.in\n}\n'
    )
    (tmp_path / "main.tf").write_text(
        'variable "e" {\n  ephemeral = true\n  default = "111122223333"\n}\nlocals {\n  e = var.e\n}\n'
        'module "m" {\n  source = "./m"\n  in = var.e\n}\nephemeral "vault_kv" "s" {\n}\n'
        'resource "aws_iam_role" "r" {\n  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{\n'
        f'    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {way} }}\n  }}] }})\n}}\n'
    )
    report = check([tmp_path], config={}, properties=["mfa-required"])
    (found,) = report.results
    assert found.verdict == "unknown"
    assert any("is ephemeral" in reason for reason in found.reasons)


def test_what_is_ephemeral_is_known_to_a_provider(tmp_path: Path) -> None:
    """The account of a provider may come from an ephemeral variable: its default is one."""
    (tmp_path / "main.tf").write_text(
        'variable "e" {\n  ephemeral = true\n  default = "arn:aws:iam::222222222222:role/deploy"\n}\n'
        'provider "aws" {\n  assume_role {\n    role_arn = var.e\n  }\n}\n'
        'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({ Version = "2012-10-17",\n'
        '    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" } }] })\n}\n'
    )
    report = check([tmp_path], config={}, properties=["mfa-required"])
    assert report.errors == ()
    assert {one.account for one in report.results} == {"222222222222"}


def test_a_file_of_values_has_no_blocks(read: Read) -> None:
    with pytest.raises(InputError, match="a file of values has no blocks: write v = ") as error:
        read({"main.tf": 'variable "v" {}\n', "terraform.tfvars": '\nv {\n  a = "x"\n}\n'}).instances()
    assert (os.path.basename(error.value.file or ""), error.value.line, error.value.column) == (
        "terraform.tfvars",
        2,
        1,
    )
