"""
Validations of variables that have no value: nothing is judged at what they refuse.
"""

from __future__ import annotations

import tempfile
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given

import trustproof
from tests.inputs.terraform.builders import OWN
from tests.strategies import choices, examples

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

MFA = "mfa-required"


def variable(name: str, type_: str, *validations: str) -> str:
    shown = "".join(f'  validation {{\n    condition = {one}\n    error_message = "No."\n  }}\n' for one in validations)
    return f'variable "{name}" {{\n  type = {type_}\n{shown}}}\n'


def role(is_strict: str, count: str = "1") -> str:
    """A role that asks for MFA where a condition holds, and else only of those who may have it."""
    return f"""
resource "aws_iam_role" "r" {{
  count = {count}
  name  = "r"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OWN}" }}
    Condition = {is_strict} ? {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }} : {{
      BoolIfExists = {{ "aws:MultiFactorAuthPresent" = "true" }}
    }}
  }}] }})
}}
"""


EACH = "alltrue([for i in var.x : length(i) > 1])"
#: The type of a variable, its validations, where MFA is asked for, and the verdict.
ONE: list[tuple[str, tuple[str, ...], str, str]] = [
    ("bool", ("var.x",), "var.x", "proved"),
    ("bool", ("var.x == true",), "var.x", "proved"),
    ("bool", ("!var.x",), "!var.x", "proved"),
    ("bool", ("!var.x",), "var.x", "refuted"),
    ("bool", ("contains([true], var.x)",), "var.x", "proved"),
    ("bool", ("contains([true, false], var.x)",), "var.x", "refuted"),
    ("string", ('var.x != "test"',), 'var.x != "test"', "proved"),
    ("string", ('var.x != "test"',), 'var.x == "test"', "refuted"),
    ("string", ('!contains(["test", "dev"], var.x)',), '!(var.x == "test" || var.x == "dev")', "proved"),
    ("string", ('var.x != "test"', 'var.x != "dev"'), '!(var.x == "test" || var.x == "dev")', "proved"),
    ("string", ('var.x != "test"',), '!(var.x == "test" || var.x == "dev")', "refuted"),
    # What cannot be told of any text is told of one.
    ("string", ('startswith(var.x, "p")',), 'var.x != "test"', "proved"),
    ("string", ("length(var.x) > 5",), 'var.x != "test"', "proved"),
    ("string", ('can(regex("^p", var.x))',), 'var.x != "test"', "proved"),
    ("string", ('startswith(var.x, "t")',), 'var.x != "test"', "refuted"),
    ("list(string)", ("length(var.x) > 0",), "length(var.x) > 0", "proved"),
    ("list(string)", ("length(var.x) == 0",), "length(var.x) > 0", "refuted"),
    (
        "list(string)",
        ("length(var.x) >= 1 && alltrue([for i in var.x : length(i) > 1])",),
        "length(var.x) != 0",
        "proved",
    ),
    ("list(string)", (EACH,), "length(var.x) != 0", "refuted"),
]


@pytest.mark.parametrize(("type_", "validations", "is_strict", "verdict"), ONE)
@pytest.mark.parametrize("is_called", [False, True])
def test_nothing_is_judged_at_a_value_that_a_validation_refuses(
    type_: str,
    validations: tuple[str, ...],
    is_strict: str,
    verdict: str,
    is_called: bool,
) -> None:
    """A variable is what its validations may admit, in the root module and in one that is called with it."""
    inside = {"main.tf": variable("x", type_, *validations) + role(is_strict)}
    called = {
        "main.tf": variable("x", type_) + 'module "m" {\n  source = "./m"\n  x = var.x\n}\n',
        "m/main.tf": inside["main.tf"],
    }
    if is_called and validations[0].startswith(("startswith", "length(var.x) > 5", "can")):
        pytest.skip("Of a text that a root module compares it is asked what this admits.")
    assert _verdicts(called if is_called else inside) == {verdict}


#: Validations about two variables, and where a role is there that asks for MFA where `mfa` is true.
TWO = [
    ('var.mfa || var.env != "prod"', 'var.env == "prod" ? 1 : 0', "proved"),
    ('var.mfa || var.env != "prod"', 'var.env == "dev" ? 1 : 0', "refuted"),
    ('var.env != "prod" ? true : var.mfa', 'var.env == "prod" ? 1 : 0', "proved"),
    ('var.mfa || var.env == "prod"', 'var.env == "prod" ? 0 : 1', "proved"),
    ('var.mfa || var.env == "prod"', "1", "refuted"),
]


@pytest.mark.parametrize(("condition", "count", "verdict"), TWO)
def test_a_validation_about_two_variables_holds(condition: str, count: str, verdict: str) -> None:
    """What it refuses of both together is no counterexample."""
    text = variable("env", "string") + variable("mfa", "bool", condition) + role("var.mfa", count)
    assert _verdicts({"main.tf": text}) == {verdict}


def _expression(rng: Random, depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return rng.choice(
            ("var.a", "var.b", "!var.b", 'var.e == "p"', 'var.e != "q"', 'contains(["p", "q"], var.e)', "true")
        )
    left, right = _expression(rng, depth - 1), _expression(rng, depth - 1)
    return rng.choice((f"({left} && {right})", f"({left} || {right})", f"!({left})", f"({left} ? {right} : var.a)"))


@examples(30)
@given(choices())
def test_what_is_said_of_all_values_is_said_of_those_that_are_admitted(rng: Random) -> None:
    """Whatever validations there are: a role is proved where it is at each of the values that they admit."""
    strict = _expression(rng, 2)
    text = (
        variable("a", "bool", *(_expression(rng, 1) for _ in range(rng.randint(0, 1))))
        + variable("b", "bool", _expression(rng, 2))
        + variable("e", "string", 'contains(["p", "q", "r"], var.e)', _expression(rng, 2))
        + role(strict)
    )
    files = {"main.tf": text}
    found: set[str] = set()
    for a, b, e in product(("true", "false"), ("true", "false"), "pqr"):
        at = _verdicts(files, {"a": a, "b": b, "e": e})
        found |= at or set()
    if found:
        assert _verdicts(files) == ({"refuted"} if "refuted" in found else {"proved"}), text


def _verdicts(files: dict[str, str], parameters: dict[str, str] | None = None) -> set[str] | None:
    """The verdicts on a configuration; None where a validation refuses a value."""
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            Path(directory, name).parent.mkdir(exist_ok=True)
            Path(directory, name).write_text(text, encoding="utf-8")
        report = trustproof.check([directory], account=OWN, properties=[MFA], parameters=parameters or {})
    if report.errors:
        assert "is not one that it admits" in str(report.errors), report.errors
        return None
    return {one.verdict for one in report.results if one.logical_id.startswith(("aws_", "module."))}
