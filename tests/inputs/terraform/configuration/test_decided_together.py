"""
Conditions that are written in several ways, and what is decided by them; and what has one value that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN
from trustproof.results.report import Report
from trustproof.results.result import Result

pytest.importorskip("tree_sitter_hcl")

CONFIG = {"boundary": {"accounts": [OWN]}, "sensitive": {"actions": ["iam:*"]}}
VARIABLES = """
variable "mode" {
  type = string
  validation {
    condition = contains(["strict", "lax", "off"], var.mode)
    error_message = "no"
  }
}
variable "on" { type = bool }
variable "names" { type = list(string) }
locals {
  asked = { "aws:MultiFactorAuthPresent" = "true", "aws:SecureTransport" = "true" }
}
"""
TWO = """
resource "aws_iam_user" "u" { name = "u" }
resource "aws_iam_user_policy" "allow" {
  count = %s ? 1 : 0
  name = "allow"
  user = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "iam:*", Resource = "*" }] })
}
resource "aws_iam_user_policy" "deny" {
  count = %s ? 1 : 0
  name = "deny"
  user = aws_iam_user.u.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Deny", Action = "*", Resource = "*"
    Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }] })
}
"""
ROLE = """
resource "aws_iam_role" "r" {
  %s
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { %s } }] })
}
"""


def check(folder: Path, text: str, *properties: str) -> Report:
    (folder / "main.tf").write_text(text, encoding="utf-8")
    report = trustproof.check([folder], config=CONFIG, account=OWN, properties=properties)
    assert report.errors == ()
    return report


def of_allow(report: Report) -> list[Result]:
    """What is said of the policy that allows something, or of the user that has it."""
    found = [one for one in report.results if str(one.logical_id).startswith("aws_iam_user_policy.allow")]
    return found or [*report.results]


#: Spellings of one condition.
ALIKE = [
    ("var.on", "var.on == true", "!(!var.on)", "tobool(tostring(var.on))", "coalesce(var.on, false)"),
    ('var.mode == "strict"', 'contains(["strict"], var.mode)', '!(var.mode != "strict")'),
    (
        'var.mode == "strict" || var.mode == "lax"',
        'contains(["strict", "lax"], var.mode)',
        'var.mode != "off"',
        "{ strict = true, lax = true, off = false }[var.mode]",
        "lookup({ off = false }, var.mode, true)",
    ),
    (
        "length(var.names) > 0",
        "length(var.names) != 0",
        "length(var.names) >= 1",
        "!(length(var.names) == 0)",
        "!(length(var.names) < 1)",
    ),
]


@pytest.mark.parametrize("spellings", ALIKE)
def test_spellings_of_one_condition_are_decided_together(tmp_path: Path, spellings: tuple[str, ...]) -> None:
    """A Deny that is there whenever the Allow is, whatever that is written like, leaves nothing open."""
    for number, one in enumerate(spellings):
        other = spellings[(number + 1) % len(spellings)]
        report = check(tmp_path, VARIABLES + TWO % (one, other), "sensitive-actions-require-mfa")
        assert {found.verdict for found in report.results} == {"proved"}, (one, other)


@pytest.mark.parametrize("spellings", ALIKE)
def test_a_condition_that_does_not_hold_leaves_an_allow_alone(tmp_path: Path, spellings: tuple[str, ...]) -> None:
    """A Deny that is there where the Allow is not is none."""
    for one in spellings:
        report = check(tmp_path, VARIABLES + TWO % (one, f"!({spellings[0]})"), "sensitive-actions-require-mfa")
        verdicts = {found.logical_id: found.verdict for found in report.results}
        assert verdicts["aws_iam_user_policy.allow[0]"] == "refuted", one


MFA = '"aws:MultiFactorAuthPresent"'


@pytest.mark.parametrize(
    ("condition", "parameters"),
    [
        (f'Bool = {{ {MFA} = terraform.workspace == "prod" ? "true" : "false" }}', {"terraform.workspace"}),
        (f'Bool = {{ {MFA} = {{ "true" = "true", "false" = "false" }}[tostring(var.on)] }}', {"var.on"}),
        (f'Bool = {{ {MFA} = {{ strict = "true", lax = "true", off = "false" }}[var.mode] }}', {"var.mode"}),
        (f'Bool = {{ {MFA} = lookup({{ off = "false" }}, var.mode, "true") }}', {"var.mode"}),
        (f"Bool = {{ {MFA} = tostring(coalesce(var.on, true)) }}", {"var.on"}),
        (
            f"Bool = {{ for k, v in local.asked : k => v if k != {MFA} || var.on }}",
            {"var.on"},
        ),
    ],
)
def test_both_sides_of_a_condition_are_judged(tmp_path: Path, condition: str, parameters: set[str]) -> None:
    """What a variable or the workspace decides is refuted by a value of that."""
    report = check(tmp_path, VARIABLES + ROLE % ("", condition), "mfa-required")
    (found,) = report.results
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.parameters.keys() == parameters


@pytest.mark.parametrize(
    ("around", "condition"),
    [
        ("for_each = local.read", f'Bool = {{ {MFA} = tostring(lookup(each.value, "mfa", true)) }}'),
        ("for_each = local.read", f"Bool = {{ {MFA} = tostring(each.value.mfa) }}"),
        ("", f"Bool = {{ {MFA} = local.read.mfa }}"),
        ("", f"Bool = {{ {MFA} = tostring(local.some[0].mfa) }}"),
        ("", f'Bool = {{ {MFA} = length(local.read) > 3 ? "true" : "false" }}'),
    ],
)
def test_what_constants_are_is_not_made_up(tmp_path: Path, around: str, condition: str) -> None:
    """What is made of constants that are not read has one value, however far it has come: unknown, and not refuted."""
    constants = (
        'locals {\n  read = yamldecode("a: !custom 7")\n  more = nonsense("x")\n'
        "  some = [for one in local.read : one if try(one.on, true)]\n}\n"
    )
    (tmp_path / "a.tf").write_text(constants, encoding="utf-8")
    report = check(tmp_path, ROLE % (around, condition), "mfa-required")
    assert {found.verdict for found in report.results} == {"unknown"}


#: Tests of the organization, also by a root or unit of it that nobody knows; a text that goes on is another one.
ORGANIZATION = "data.aws_organizations_organization.this"
OF_PATHS = '"ForAnyValue:StringLike" = {{ "aws:PrincipalOrgPaths" = "{}" }}'
IN_ORGANIZATION = {
    f'StringEquals = {{ "aws:PrincipalOrgID" = {ORGANIZATION}.id }}': "proved",
    OF_PATHS.format(f"${{{ORGANIZATION}.id}}/${{{ORGANIZATION}.roots[0].id}}/*"): "proved",
    OF_PATHS.format(f"${{{ORGANIZATION}.id}}${{{ORGANIZATION}.roots[0].id}}/*"): "unknown",
    OF_PATHS.format(f"*/${{{ORGANIZATION}.roots[0].id}}/*"): "refuted",
}


def test_the_own_organization_is_not_made_up(tmp_path: Path) -> None:
    """Nobody knows the id that a data source gives here, and it is that of nobody else."""
    text = """
data "aws_organizations_organization" "this" {}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" }
    Condition = {
      IN_IT
      Bool = { "aws:MultiFactorAuthPresent" = "true" }
    } }] })
}
"""
    for in_it, verdict in IN_ORGANIZATION.items():
        report = check(tmp_path, text.replace("IN_IT", in_it), "inside-boundary", "mfa-required")
        verdicts = {found.property: found.verdict for found in report.results}
        assert verdicts == {"inside-boundary": verdict, "mfa-required": "proved"}, in_it


#: Conditions, and where they hold: by the length of a list, and by a text.
OF_LENGTHS: dict[str, Callable[[int], bool]] = {
    "length(var.names) > 5": lambda n: n > 5,
    "length(var.names) > 3": lambda n: n > 3,
    "length(var.names) == 4": lambda n: n == 4,
    "length(var.names) != 0": lambda n: n != 0,
    "length(var.names) < 2": lambda n: n < 2,
}
OF_TEXTS: dict[str, Callable[[str], bool]] = {
    'var.text != ""': lambda t: t != "",
    "length(var.text) > 0": lambda t: len(t) > 0,
    'var.text == "x"': lambda t: t == "x",
    'startswith(var.text, "y")': lambda t: t.startswith("y"),
    'upper(var.text) == "X"': lambda t: t.upper() == "X",
}
RELATED = [
    *((a, b, any(OF_LENGTHS[a](n) and not OF_LENGTHS[b](n) for n in range(9))) for a in OF_LENGTHS for b in OF_LENGTHS),
    *(
        (a, b, any(OF_TEXTS[a](t) and not OF_TEXTS[b](t) for t in ("", "x", "X", "y", "yy", "z")))
        for a in OF_TEXTS
        for b in OF_TEXTS
    ),
]


@pytest.mark.parametrize(("allow", "deny", "is_open"), RELATED)
def test_what_depends_on_one_value_contradicts_itself_in_no_counterexample(
    tmp_path: Path, allow: str, deny: str, is_open: bool
) -> None:
    """Of two conditions over one value, nothing is refuted where no value leaves an Allow without its Deny."""
    text = VARIABLES + 'variable "text" { type = string }\n' + TWO % (allow, deny)
    (found,) = of_allow(check(tmp_path, text, "sensitive-actions-require-mfa"))
    assert found.verdict in ("unknown", "refuted" if is_open else "proved")
    if found.verdict == "unknown":
        assert any("it is not known whether they can be so together" in reason for reason in found.reasons)


EXCLUSIVE = """
resource "aws_iam_user_policies_exclusive" "x" {
  user_name = aws_iam_user.u.name
  policy_names = ["deny"]
}
"""


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        ('lookup(var.map, "mfa", true)', "try(var.map.mfa, true)"),
        ('var.text == "prod"', 'startswith(var.text, "p")'),
        ("var.number == 1", "var.number > 0"),
    ],
)
@pytest.mark.parametrize("besides", ["", EXCLUSIVE])
def test_what_decides_besides_allows_no_contradiction(tmp_path: Path, allow: str, deny: str, besides: str) -> None:
    """A value, or what another resource takes away, does not have two conditions over one value come out otherwise."""
    more = "".join(
        f'variable "{name}" {{\n  type = {kind}\n  nullable = false\n}}\n'
        for name, kind in (("map", "map(bool)"), ("text", "string"), ("number", "number"))
    )
    asked = (
        f'Resource = "*", Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = {allow} ? "false" : var.mode }} }}'
    )
    text = more + VARIABLES.replace('"strict", "lax", "off"', '"true"') + TWO % ("true", deny) + besides
    report = check(tmp_path, text.replace('Resource = "*" }', asked + " }", 1), "sensitive-actions-require-mfa")
    assert {found.verdict for found in of_allow(report)} == {"unknown"}


@pytest.mark.parametrize("besides", ["", ', StringLike = { "aws:RequestTag/a" = var.mode }'])
def test_a_text_that_is_made_of_what_decides_allows_no_contradiction(tmp_path: Path, besides: str) -> None:
    """A text that an expression makes is held against a condition over the same value, beside any listed one."""
    more = 'variable "map" {\n  type = map(bool)\n  nullable = false\n}\n'
    made = 'try({ for k in ["k"] : k => "true" if lookup(var.map, "mfa", true) }["k"], "false")'
    asked = f'Resource = "*", Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = {made} }}{besides} }}'
    text = more + VARIABLES + TWO % ("true", 'merge({ mfa = true }, var.map)["mfa"] == false')
    report = check(tmp_path, text.replace('Resource = "*" }', asked + " }", 1), "sensitive-actions-require-mfa")
    assert {found.verdict for found in of_allow(report)} == {"unknown"}


@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        ("length(var.names) > 5", "false"),
        ("length(var.names) > 5", "length(var.others) > 5"),
        ("length(var.names) > 5", "length(var.names_too) > 5"),
        ('var.map["a"] > 5', 'var.map["b"] > 3'),
        ('var.mode == "strict"', "length(var.names) > 5"),
    ],
)
def test_what_depends_on_several_values_is_refuted(tmp_path: Path, allow: str, deny: str) -> None:
    """Conditions that share no reference may be whatever they are."""
    more = 'variable "others" { type = list(string) }\nvariable "names_too" { type = list(string) }\n'
    more += 'variable "map" { type = map(number) }\n'
    report = check(tmp_path, VARIABLES + more + TWO % (allow, deny), "sensitive-actions-require-mfa")
    assert {found.verdict for found in of_allow(report)} == {"refuted"}


@pytest.mark.parametrize(
    ("allow", "deny", "given", "verdict"),
    [
        ("local.x && local.z", "false", "", "refuted"),
        ("local.x && (local.x && local.z)", "false", "", "refuted"),
        ("module.this.enabled", "!(module.this.enabled && var.a == var.b)", "", "refuted"),
        ("local.x && !local.x", "false", "", "unknown"),
        ("local.x", 'data.external.f.result.on == "2"', "", "refuted"),
        ("local.x", 'data.external.f.result.on != "2"', "", "unknown"),
        ('lower(var.a) == "x" && lower(var.b) == "y"', "false", 'a = "q"\n b = data.external.e.result.c', "proved"),
        ('lower(var.a) == "x" && lower(var.b) == "y"', "false", "a = local.c\n b = local.c", "unknown"),
        ('lower(var.a) == "x" && lower(var.b) == "y"', "false", "a = local.c\n b = data.external.d.id", "refuted"),
    ],
)
def test_what_a_called_module_is_made_by_is_what_its_parts_are_made_of(
    tmp_path: Path, allow: str, deny: str, given: str, verdict: str
) -> None:
    """Two conditions of a module have no more in common than what they refer to, in it or by what it is given."""
    given = given or "a = local.c\n b = local.c"
    locals_ = 'locals {\n c = data.external.e.result.c\n}\ndata "external" "e" {}\ndata "external" "d" {}\n'
    inner = 'variable "a" {}\nvariable "b" {}\nmodule "this" { source = "example/label/null" }\n'
    inner += 'data "external" "f" {}\nlocals {\n x = data.external.f.result.on == "1"\n'
    inner += ' z = data.external.f.result.z == "1"\n}\n'
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "main.tf").write_text(inner + TWO % (allow, deny), "utf-8")
    text = f'{locals_}module "g" {{\n source = "./inner"\n {given}\n}}\n'
    found = {one.verdict for one in check(tmp_path, text, "sensitive-actions-require-mfa").results}
    assert next((one for one in ("refuted", "unknown") if one in found), "proved") == verdict


@pytest.mark.parametrize(
    ("over", "condition", "verdict"),
    [
        ("toset(var.names)", 'upper(each.value) == "x"', "unknown"),
        ("toset(var.names)", 'upper(each.value) == "X"', "refuted"),
        ("toset(var.names)", 'each.key == "x"', "refuted"),
        ("toset(var.names)", 'each.key == "x" && each.value == "y"', "unknown"),
        ("toset(var.names)", 'each.key == "x" && each.value == "x"', "refuted"),
        ("var.map", 'lower(each.key) == "X"', "unknown"),
        ("var.map", 'lower(each.key) == "x"', "refuted"),
        ("var.map", 'upper(each.value) == "X"', "refuted"),
        ("{ k = { x = var.text, y = 1 } }", 'upper(each.value.x) == "x"', "unknown"),
        ("{ k = { x = var.text, y = 1 } }", 'upper(each.value.x) == "X"', "refuted"),
    ],
)
def test_what_an_instance_has_is_tried_out(tmp_path: Path, over: str, condition: str, verdict: str) -> None:
    """Nothing is refuted at what a function gives of a key or an item that no text makes it give."""
    variables = 'variable "names" { type = list(string) }\nvariable "map" { type = map(string) }\n'
    variables += 'variable "text" { type = string }\n'
    mfa = f'Bool = {{ "aws:MultiFactorAuthPresent" = {condition} ? "false" : "true" }}'
    text = variables + ROLE.replace('name = "r"', "name = each.key") % (f"for_each = {over}", mfa)
    assert [one.verdict for one in check(tmp_path, text, "mfa-required").results] == [verdict]


@pytest.mark.parametrize(
    ("condition", "verdict"),
    [
        ("data.external.e.result.on", "refuted"),
        ('data.external.e.result.on == "1"', "refuted"),
        ("module.this.enabled", "refuted"),
        ("local.on", "refuted"),
        ("local.tried", "refuted"),
        # Whether these come out either way, nobody knows.
        ("try(data.external.e.result.on, true)", "unknown"),
        ("data.external.e.result.on == true", "unknown"),
        ('data.external.e.result.on == "1" || data.external.e.result.on != "1"', "unknown"),
        ("try(local.tried, true)", "unknown"),
    ],
)
def test_whatever_decides_both_are_judged(tmp_path: Path, condition: str, verdict: str) -> None:
    """What a data source or a module that is not at hand decides is judged both ways, as what a variable does."""
    text = 'module "this" { source = "example/label/null" }\ndata "external" "e" {}\nlocals {\n'
    text += '  on = data.external.e.result.on == "1"\n  tried = !can(tobool(data.external.e.result.on))\n}\n'
    asks = f'({condition}) ? {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }} : {{}}'
    text += ROLE.replace("Condition = { %s }", "Condition = %s") % ("", asks)
    (found,) = (one for one in check(tmp_path, text, "mfa-required").results if one.logical_id.startswith("aws"))
    # Nobody who deploys it has chosen one, so that none is meant.
    assert (found.verdict, found.severity) == (verdict, "error" if verdict == "refuted" else "warning")


#: A role and what is attached to it, by a condition that a module which is not at hand gives.
BY_MODULE = """
module "this" { source = "example/label/null" }
data "aws_iam_policy_document" "trust" {
  count = module.this.enabled ? 1 : 0
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}
resource "aws_iam_role" "r" {
  count              = module.this.enabled ? 1 : 0
  name               = "r"
  assume_role_policy = ONE(data.aws_iam_policy_document.trust[*].json)
}
resource "aws_iam_role_policy" "p" {
  count  = OTHER ? 1 : 0
  role   = ONE(aws_iam_role.r[*].name)
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "EFFECT", Action = "sts:*", Resource = "*" }] })
}
"""


@pytest.mark.parametrize("one", ["one(", 'join("", '])
@pytest.mark.parametrize("other", ["module.this.enabled", "(module.this.enabled && module.this.more)"])
def test_what_has_one_condition_is_there_together(one: str, other: str, tmp_path: Path) -> None:
    """Where nobody knows whether it holds, what refers to the one instance that it makes is about that."""
    text = BY_MODULE.replace("ONE(", one).replace("OTHER", other).replace("EFFECT", "Allow")
    report = check(tmp_path, text, "mfa-required", "assume-role-scoped")
    assert {(one.property, one.verdict) for one in report.results} == {
        ("mfa-required", "refuted"),
        ("assume-role-scoped", "refuted"),
    }


def test_a_deny_by_another_condition_may_be_missing(tmp_path: Path) -> None:
    """What takes away is there by a condition of its own, and proves nothing."""
    allow = BY_MODULE.split('resource "aws_iam_role_policy"')[1].replace('"p"', '"q"', 1).replace("OTHER", "true")
    text = BY_MODULE.replace("EFFECT", "Deny") + 'resource "aws_iam_role_policy"' + allow.replace("EFFECT", "Allow")
    for other, expected in (("module.this.enabled", "proved"), ("module.this.more", "refuted")):
        asked = text.replace("ONE(", "one(").replace("OTHER", other)
        found = check(tmp_path, asked, "assume-role-scoped").results
        assert expected in {one.verdict for one in found}
        assert ("refuted" in {one.verdict for one in found}) is (expected == "refuted")


def test_no_value_that_is_tried_is_shown_as_if_it_were_written(tmp_path: Path) -> None:
    """Why it is not known whether two things are so together names what is tried, and no value that was made up."""
    (tmp_path / "main.tf").write_text(
        'variable "organizations" { type = list(string) }\n'
        'resource "aws_cloudwatch_event_permission" "p" {\n'
        "  count = length(var.organizations)\n"
        '  principal = "*"\n  statement_id = "s"\n'
        '  condition {\n    key = "aws:PrincipalOrgID"\n    type = "StringEquals"\n'
        "    value = element(var.organizations, count.index)\n  }\n}\n",
        encoding="utf-8",
    )
    said = [reason for found in trustproof.check([tmp_path], config={}).results for reason in found.reasons]
    assert any("can be so together" in reason for reason in said)
    assert not any("exampleorg" in reason for reason in said)


def test_an_expression_that_is_cut_off_is_still_decided_by_what_stands_in_it(tmp_path: Path) -> None:
    """A map at one data source, and another data source beside it, of a role of a vendor."""
    text = """
data "vendor" "v" {}
data "aws_partition" "p" {}
locals {
  ids = { aws = "926226587429", aws-cn = "926226587428", aws-us-gov = "926226587427", aws-eusc = "052162193518" }
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole"
    Principal = { AWS = "arn:aws:iam::${local.ids[data.aws_partition.p.partition]}:root" }
    Condition = { StringEquals = { "sts:ExternalId" = data.vendor.v.id } } }] })
}
"""
    found = check(tmp_path, text, "inside-boundary").results
    assert [one.verdict for one in found] == ["refuted"] * 4


def test_accounts_that_have_to_differ_are_tried_of_variables_that_take_accounts(tmp_path: Path) -> None:
    """A validation says what an id of an account is, and whoever applies it may give two of them."""
    variables = "\n".join(
        f"""
variable "{name}" {{
  validation {{
    condition = can(regex("^[0-9]{{12}}$", var.{name}))
    error_message = "no"
  }}
}}
"""
        for name in ("hub", "member")
    )
    report = check(tmp_path, variables + ROLE % ("count = var.hub != var.member ? 1 : 0", ""), "mfa-required")
    (found,) = report.results
    assert found.verdict == "refuted"
