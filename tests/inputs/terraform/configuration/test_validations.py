"""
Validations of variables that have no value: nothing is judged at what they refuse.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given

import trustproof
from tests.inputs.terraform.builders import OWN
from tests.strategies import choices, examples
from trustproof.inputs.terraform.configuration.module_values import module_context
from trustproof.inputs.terraform.values.conditions import Condition

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
    ("string", ('can(regex("(?i)^PROD$", var.x))',), 'var.x != "test"', "proved"),
    ("string", ('can(regex("(?i)^TEST$", var.x))',), 'var.x != "test"', "refuted"),
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
    # Whichever of them says which texts there are.
    ("string", ('!startswith(var.x, "t")', 'contains(["prod", "test"], var.x)'), 'var.x != "test"', "proved"),
    ("string", ('contains(["prod", "test"], var.x) && !startswith(var.x, "t")',), 'lower(var.x) != "test"', "proved"),
    ("string", ('contains(["prod", "test"], var.x) && !startswith(var.x, "p")',), 'lower(var.x) != "test"', "refuted"),
    # An example of another text is none that is admitted, and there are others.
    ("string", ('contains(["prod", "test"], var.x) || startswith(var.x, "eph-")',), 'var.x == "prod"', "refuted"),
    ("string", ("length(var.x) < 5",), 'var.x == "test"', "refuted"),
    ("string", ('contains(["prod"], lower(var.x))',), 'var.x == "prod"', "refuted"),
    ("string", ('contains(["prod"], lower(var.x)) && lower(var.x) == var.x',), 'var.x == "prod"', "unknown"),
    ("string", ('length(regexall("^(prod|test)$", var.x)) == 1',), 'contains(["prod", "test"], var.x)', "unknown"),
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
    files = called if is_called else inside
    report = _report(files)
    assert {str(one.verdict) for one in report.results} == {verdict}
    for one in report.results:
        given = {} if one.counterexample is None else one.counterexample.parameters
        if given and type_ in ("bool", "string"):
            assert _verdicts(files, given) == {verdict}


#: What a validation demands of a list, and whether it may be empty then.
LENGTHS = [
    ("length(var.x) > 0", False),
    ("length(var.x) >= 2", False),
    ("0 < length(var.x)", False),
    ("!(length(var.x) == 0)", False),
    ('length(var.x) != 0 && alltrue([for i in var.x : startswith(i, "c")])', False),
    ("length(var.x) >= 0", True),
    ("length(var.x) != 2", True),
    ("length(var.x) > 0 || true", True),
    ("length(var.x) < 5", True),
]


@pytest.mark.parametrize(("validation", "may_be_empty"), LENGTHS)
@pytest.mark.parametrize("is_called", [False, True])
def test_a_list_that_a_validation_wants_filled_is_filled_where_a_loop_asks(
    validation: str, may_be_empty: bool, is_called: bool
) -> None:
    """What is left out of a list where a variable is empty is there where a validation refuses that."""
    inside = f"""{variable("x", "list(string)", validation)}
locals {{
  asked   = [{{ when = length(var.x) > 0, key = "aws:MultiFactorAuthPresent", values = ["true"] }}]
  demands = [for d in local.asked : d if d.when]
}}
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [merge(
    {{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OWN}" }} }},
    {{ for k, block in {{ Condition = {{ for o in distinct([for d in local.demands : "Bool"]) :
      o => {{ for d in local.demands : d.key => d.values }} }} }} : k => block if length(block) > 0 }},
  )] }})
}}
"""
    call = variable("x", "list(string)") + 'module "m" {\n  source = "./m"\n  x = var.x\n}\n'
    found = _verdicts({"main.tf": call, "m/main.tf": inside} if is_called else {"main.tf": inside})
    assert found is not None
    assert ("refuted" in found) == may_be_empty
    assert may_be_empty or found == {"proved"}


FEW = 'contains(["dev", "prod"], var.x)'
#: The type of a variable, what its validation admits, what a role asks of MFA, and the verdict.
OUTCOMES = [
    ("string", FEW, "length(var.x) > 2", "proved"),
    ("string", FEW, '{ DEV = "true", PROD = "true" }[upper(var.x)]', "proved"),
    ("string", FEW, '{ DEV = "true", PROD = "false" }[upper(var.x)]', "refuted"),
    ("string", FEW, 'can(regex("^(dev|prod)$", var.x))', "proved"),
    ("string", FEW, 'can(regex("^dev$", var.x))', "refuted"),
    ("string", FEW, "[for v in [var.x] : length(v) > 2][0]", "proved"),
    ("string", "length(var.x) > 2", "length(upper(var.x)) > 2", "unknown"),
    ("string", "length(var.x) > 2", "length(upper(var.x)) > 8", "refuted"),
    ("string", 'can(regex("^(dev|prod)-", var.x))', 'startswith(var.x, "dev") || startswith(var.x, "prod")', "unknown"),
    ("string", 'can(regex("^(dev|prod)-", var.x))', 'startswith(var.x, "dev")', "refuted"),
    ("string", 'can(regex("(?m)^true$", var.x))', "var.x", "unknown"),
    ("number", "var.x > 0", "var.x > 0", "unknown"),
    ("number", "var.x > 0", "var.x > 5", "refuted"),
    ("number", "true", 'element(["true", "true"], var.x)', "proved"),
    ("number", "true", 'element(["true", "false"], var.x)', "refuted"),
    ("map(bool)", "alltrue(values(var.x))", 'lookup(var.x, "mfa", true)', "unknown"),
    ("map(bool)", "anytrue(values(var.x))", 'lookup(var.x, "mfa", true)', "refuted"),
    ("list(bool)", "anytrue(var.x)", "anytrue(var.x)", "unknown"),
    ("list(bool)", "anytrue(var.x)", "alltrue(var.x)", "refuted"),
    ("object({ env = string })", 'var.x.env != "test"', 'upper(var.x.env) == "PROD"', "refuted"),
]


USER = 'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
ALLOW_BUT_IN_PROD = """
variable "x" { type = string }
resource "aws_iam_user_policy" "allow" {
  name = "allow"
  user = "u"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "ec2:*", Resource = "*"
    Condition = var.x == "prod" ? {} : { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
  }] })
}
"""
DENY_WHERE = """
resource "aws_iam_user_policy" "deny" {
  count = %s ? 1 : 0
  name = "deny"
  user = "u"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Deny", Action = "*", Resource = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }
  }] })
}
"""


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (USER, ALLOW_BUT_IN_PROD + DENY_WHERE % 'startswith(var.x, "p")', "unknown"),
        (USER, ALLOW_BUT_IN_PROD + DENY_WHERE % 'startswith(var.x, "d")', "refuted"),
        # Each root has a variable of its own.
        (USER + ALLOW_BUT_IN_PROD, variable("x", "string") + DENY_WHERE % 'startswith(var.x, "p")', "refuted"),
        # No value is admitted at which it is not there.
        (
            USER + ALLOW_BUT_IN_PROD,
            variable("x", "string", 'startswith(var.x, "p")') + DENY_WHERE % 'startswith(var.x, "p")',
            "unknown",
        ),
    ],
)
def test_roots_together_have_the_values_that_each_may_have(
    tmp_path: Path, first: str, second: str, verdict: str
) -> None:
    """What one of them comes to at no value that was tried, it comes to beside no other."""
    for name, text in (("a", first), ("a/b", second)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    asked = "sensitive-actions-require-mfa"
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=[asked])
    found = {one.verdict for one in report.results if one.logical_id == "aws_iam_user_policy.allow"}
    assert found == {verdict}


@pytest.mark.parametrize(("type_", "validation", "outcome", "verdict"), OUTCOMES)
@pytest.mark.parametrize("is_called", [False, True])
def test_an_expression_comes_to_what_it_does_at_a_value_that_is_admitted(
    type_: str, validation: str, outcome: str, verdict: str, is_called: bool
) -> None:
    """Nothing is refuted where an expression comes to something at no value that was tried."""
    condition = f'{{ Bool = {{ "aws:MultiFactorAuthPresent" = tostring({outcome}) }} }}'
    text = f"""
resource "aws_iam_role" "r" {{
  name               = "r"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OWN}" }}, Condition = {condition} }}] }})
}}
"""
    inside = variable("x", type_, validation) + text
    call = variable("x", type_) + 'module "m" {\n  source = "./m"\n  x = var.x\n}\n'
    assert _verdicts({"main.tf": call, "m/main.tf": inside} if is_called else {"main.tf": inside}) == {verdict}


ASKED = f"""
  name               = "r"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OWN}" }}
    Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = VALUE }} }} }}] }})
"""
PRECONDITION = 'precondition {\n  condition = var.m == "true"\n  error_message = "no"\n}\n'
#: What has the precondition, and the verdict on a role that tests the variable.
PRECONDITIONS = [
    ('output "o" {\n  value = 1\n  %s}\n', "proved"),
    ('resource "aws_vpc" "v" {\n  lifecycle {\n    %s  }\n}\n', "proved"),
    ('resource "aws_vpc" "v" {\n  count = var.on ? 1 : 0\n  lifecycle {\n    %s  }\n}\n', "refuted"),
    ('check "c" {\n  %s}\n', "refuted"),
]


@pytest.mark.parametrize(("block", "verdict"), PRECONDITIONS)
def test_nothing_is_judged_at_a_value_that_a_precondition_refuses(block: str, verdict: str) -> None:
    """Where a precondition is asked for in any case, Terraform applies nothing at another value."""
    text = variable("m", "string") + variable("on", "bool") + block % PRECONDITION
    role_ = f'resource "aws_iam_role" "r" {{{ASKED.replace("VALUE", "var.m")}}}\n'
    assert _verdicts({"main.tf": text + role_}) == {verdict}


@pytest.mark.parametrize(
    ("over", "value", "verdict"),
    [
        ('{ for n in var.names : n => { mfa = "true" } }', "each.value.mfa", "proved"),
        ('{ for n in var.names : n => { mfa = "false" } }', "each.value.mfa", "refuted"),
        ("{ for n in var.names : n => { mfa = n } }", "each.value.mfa", "refuted"),
        ('{ "${aws_vpc.v.id}" = "true" }', "each.value", "proved"),
    ],
)
def test_each_value_is_what_all_of_them_are(over: str, value: str, verdict: str) -> None:
    """Where nobody knows the keys of a `for_each`, what its values have in any case is known."""
    text = variable("names", "set(string)") + 'resource "aws_vpc" "v" {}\n'
    role_ = f'resource "aws_iam_role" "r" {{\n  for_each = {over}{ASKED.replace("VALUE", value)}}}\n'
    assert _verdicts({"main.tf": text + role_}) == {verdict}


@pytest.mark.parametrize(
    ("over", "value", "verdicts"),
    [
        ("toset([var.m])", "each.key", ["refuted"]),
        ('toset(["true", var.m])', "each.key", ["proved", "refuted"]),
        ('{ (var.m) = "true", b = "false" }', "each.value", ["proved", "refuted"]),
        # Nobody applies it where what is looked up is not there.
        ("toset([var.m])", '{ a = "true", b = "true" }[each.key]', ["proved"]),
        ("toset([var.m])", '{ a = "true", b = "false" }[each.key]', ["refuted"]),
    ],
)
def test_a_key_that_nobody_knows_makes_one_instance(over: str, value: str, verdicts: list[str]) -> None:
    """How many there are of a list or an object does not depend on what its texts are."""
    role_ = f'resource "aws_iam_role" "r" {{\n  for_each = {over}{ASKED.replace("VALUE", value)}}}\n'
    report = _report({"main.tf": variable("m", "string") + role_})
    assert sorted({one.logical_id: str(one.verdict) for one in report.results}.values()) == verdicts


def test_a_variable_is_one_of_the_keys_that_it_is_looked_up_by() -> None:
    """What is open whatever the variable is, is shown at one of these."""
    open_ = ASKED.replace("VALUE", '"false"').replace('= "r"', '= "r-${var.env}"')
    named = ASKED.replace("VALUE", '"true"').replace('= "r"', '= { dev = "a", prod = "b" }[var.env]')
    roles = f'resource "aws_iam_role" "r" {{{open_}}}\nresource "aws_iam_role" "s" {{{named}}}\n'
    report = _report({"main.tf": variable("env", "string") + roles})
    assert {one.logical_id: str(one.verdict) for one in report.results} == {
        "aws_iam_role.r": "refuted",
        "aws_iam_role.s": "proved",
    }


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


def principal(name: str = "var.p") -> str:
    return f"""
resource "aws_iam_role" "r" {{
  name = "r"
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {name} }}
  }}] }})
}}
"""


OWN_ROLES = f"arn:aws:iam::{OWN}:role/"
#: The type of a variable that is a principal, its validation, and the verdict on MFA.
PRINCIPALS = [
    ("string", f'startswith(var.p, "{OWN_ROLES}")', "proved"),
    ("string", f'can(regex("^{OWN_ROLES}", var.p))', "proved"),
    ("string", f'can(regex("^{OWN_ROLES}.+$", var.p))', "proved"),
    ("string", f'var.p != "*" && startswith(var.p, "{OWN_ROLES}")', "proved"),
    # Whether a user matches is not found out: of what is admitted, nothing is made up.
    ("string", f'startswith(var.p, "arn:aws:iam::{OWN}:")', "unknown"),
    ("string", f'strcontains(var.p, "{OWN_ROLES}")', "unknown"),
    ("string", f'length(regexall("^{OWN_ROLES}", var.p)) > 0', "unknown"),
    ("string", f'can(regex("{OWN_ROLES}", var.p))', "unknown"),
    ("string", "length(var.p) > 1000", "unknown"),
    ("string", "length(var.p) == 12", "refuted"),
    ("string", 'can(regex("^[0-9]{12}$", var.p))', "refuted"),
    ("string", 'startswith(var.p, "arn:aws:iam::")', "refuted"),
    ("string", 'substr(var.p, 0, 4) == "arn:"', "refuted"),
    ("list(string)", f'alltrue([for p in var.p : startswith(p, "{OWN_ROLES}")])', "unknown"),
    ("list(string)", 'alltrue([for p in var.p : startswith(p, "arn:aws:iam::")])', "refuted"),
    ("string", "", "refuted"),
]


@pytest.mark.parametrize(("type_", "validation", "verdict"), PRINCIPALS)
@pytest.mark.parametrize("is_called", [False, True])
def test_no_principal_is_made_up_that_a_validation_refuses(
    type_: str, validation: str, verdict: str, is_called: bool
) -> None:
    """Whoever a variable may name is somebody whom its validation admits, in the root module or in a called one."""
    inside = variable("p", type_, *filter(None, (validation,))) + principal()
    call = 'module "m" {\n  source = "./m"\n  p = var.o\n}\n'
    called = {"main.tf": variable("o", type_) + call, "m/main.tf": inside}
    assert _verdicts(called if is_called else {"main.tf": inside}) == {verdict}


def test_a_module_that_may_not_be_there_says_nothing_of_a_variable() -> None:
    """What its validation refuses may be the value where it is not called."""
    text = variable("o", "string") + variable("on", "bool") + principal("var.o")
    call = 'module "m" {\n  source = "./m"\n  count = var.on ? 1 : 0\n  p = var.o\n}\n'
    inside = variable("p", "string", f'startswith(var.p, "{OWN_ROLES}")')
    assert _verdicts({"main.tf": text + call, "m/main.tf": inside}) == {"refuted"}
    assert _verdicts({"main.tf": text + call.replace("var.on ? 1 : 0", "1"), "m/main.tf": inside}) == {"proved"}


_PARTS = ("arn:aws:iam::", OWN, OWN_ROLES, ":user/", "*", "444455556666", "[0-9]{12}", ":root")


def _about_a_text(rng: Random, depth: int) -> str:
    if depth and rng.random() < 0.5:
        left, right = _about_a_text(rng, depth - 1), _about_a_text(rng, depth - 1)
        return rng.choice((f"({left} && {right})", f"({left} || {right})", f"!({left})"))
    part = rng.choice(_PARTS)
    return rng.choice(
        (
            f'startswith(var.p, "{part}")',
            f'endswith(var.p, "{part}")',
            f'strcontains(var.p, "{part}")',
            f'var.p != "{part}"',
            f"length(var.p) {rng.choice(('>', '<=', '=='))} {rng.choice((0, 12, 30))}",
            f'can(regex("{rng.choice(("", "^"))}{part.replace("*", ".")}{rng.choice(("", "$"))}", var.p))',
        )
    )


@examples(30)
@given(choices())
def test_the_values_of_a_counterexample_are_admitted(rng: Random) -> None:
    """Whoever gives them gets the same verdict, and no refusal."""
    inside = variable("p", "string", _about_a_text(rng, 2)) + principal()
    files = {"main.tf": inside}
    if rng.random() < 0.5:
        call = 'module "m" {\n  source = "./m"\n  p = var.p\n}\n'
        files = {"main.tf": variable("p", "string") + call, "m/main.tf": inside}
    for one in _report(files).results:
        if one.verdict == "refuted" and one.counterexample is not None:
            assert _verdicts(files, one.counterexample.parameters) == {"refuted"}, inside
            return


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


def _report(files: dict[str, str], parameters: Mapping[str, str] | None = None) -> trustproof.Report:
    with tempfile.TemporaryDirectory() as directory:
        for name, text in files.items():
            Path(directory, name).parent.mkdir(exist_ok=True)
            Path(directory, name).write_text(text, encoding="utf-8")
        return trustproof.check([directory], account=OWN, properties=[MFA], parameters=parameters or {})


def _verdicts(files: dict[str, str], parameters: Mapping[str, str] | None = None) -> set[str] | None:
    """The verdicts on a configuration; None where a validation refuses a value."""
    report = _report(files, parameters)
    if report.errors:
        assert "is not one that it admits" in str(report.errors), report.errors
        return None
    return {one.verdict for one in report.results if one.logical_id.startswith(("aws_", "module."))}


@pytest.mark.parametrize("count", [10, 40])
def test_which_texts_there_are_is_found_once_for_each_validation(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many other variables have validations: 2,500 of them took more than a minute."""
    looked: list[object] = []
    find = module_context.texts_but_for

    def texts_but_for(never: Condition) -> tuple[str, tuple[str, ...]] | None:
        looked.append(never)
        return find(never)

    monkeypatch.setattr(module_context, "texts_but_for", texts_but_for)
    declared = [
        variable(f"v{n}", "string", f'contains(["a", "b"], var.v{n}) && length(var.v{n}) > 0') for n in range(count)
    ]
    used = " && ".join(f'var.v{n} == "a"' for n in range(2))
    (tmp_path / "main.tf").write_text("".join(declared) + role(used), encoding="utf-8")
    assert not trustproof.check([tmp_path], properties=[MFA]).errors
    assert count <= len(looked) <= 8 * count
