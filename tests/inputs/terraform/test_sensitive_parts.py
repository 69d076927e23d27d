"""
Policies of which a part is sensitive: that part is hidden, wherever it stands, and the rest is not.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import MFA, OTHER, OWN, After, Resource, Secret, allow, plan, policy, trust
from trustproof.output import sarif, text
from trustproof.output.formats import FORMATS, render
from trustproof.output.style import Style
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

SECRET = "999988887777"
VARIABLE = f'variable "secret" {{\n  type = string\n  sensitive = true\n  default = "{SECRET}"\n}}\n'


def role(name: str, *principals: str, condition: str = "") -> str:
    statements = ",\n".join(
        f'    {{\n      Effect = "Allow"\n      Action = "sts:AssumeRole"\n'
        f"      Principal = {{ AWS = {one} }}{condition}\n    }}"
        for one in principals
    )
    policy = f'jsonencode({{\n    Version = "2012-10-17"\n    Statement = [\n{statements}\n    ]\n  }})'
    return f'resource "aws_iam_role" "{name}" {{\n  name = "{name}"\n  assume_role_policy = {policy}\n}}\n'


def check(folder: Path, content: str) -> tuple[Report, str]:
    """The report, and all that it shows."""
    (folder / "main.tf").write_text(content)
    report = trustproof.check([folder], config={}, account=OWN, properties=["mfa-required"])
    assert report.errors == ()
    return report, text.render(report, Style(coloured=False), verbose=True) + sarif.render(report)


HIDDEN_ROOT, OTHER_ROOT = '"arn:aws:iam::${var.secret}:root"', f'"arn:aws:iam::{OTHER}:root"'


def test_only_the_part_is_hidden(tmp_path: Path) -> None:
    """Of an object that is made JSON, the action and another statement are shown; the sensitive account is not."""
    report, shown = check(tmp_path, VARIABLE + role("r", HIDDEN_ROOT, OTHER_ROOT))
    messages = sorted(one.message for one in report.results)
    assert messages == [
        "any user of account (sensitive) who may call sts:AssumeRole gets aws_iam_role.r without MFA",
        f"any user of account {OTHER} who may call sts:AssumeRole gets aws_iam_role.r without MFA",
    ]
    assert SECRET not in shown


MERGED = """
data "aws_iam_policy_document" "deny" {
  statement {
    effect    = "Deny"
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "NotIpAddress"
      variable = "aws:SourceIp"
      values   = [sensitive("32.0.0.0/3")]
    }
  }
}
data "aws_iam_policy_document" "q" {
  override_policy_documents = [data.aws_iam_policy_document.deny.json]
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
resource "aws_sqs_queue" "q" {
  name   = "q"
  policy = data.aws_iam_policy_document.q.json
}
"""


def test_names_of_aws_are_no_secrets_beside_a_sensitive_value(tmp_path: Path) -> None:
    """One sensitive address marks the statement that it is merged with, and with it what AWS calls things."""
    (tmp_path / "main.tf").write_text(MERGED)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["inside-boundary"])
    (found,) = report.results
    assert "may call sqs:SendMessage" in found.message
    shown = text.render(report, Style(coloured=False), verbose=True)
    assert "aws:SourceIp" in shown
    assert "32.0.0.0" not in shown


def test_no_sensitive_account_is_to_be_copied(tmp_path: Path) -> None:
    """Whose it is has to be declared by its id, which is not shown: what would be copied is a placeholder."""
    (tmp_path / "main.tf").write_text(VARIABLE + role("r", HIDDEN_ROOT))
    (result,) = trustproof.check([tmp_path], config={}, account=OWN, properties=["inside-boundary"]).results
    assert result.verdict == trustproof.UNKNOWN
    assert "[boundary] accounts" not in " ".join(result.reasons)
    assert any("it is sensitive, and not shown here" in reason for reason in result.reasons)


@pytest.mark.parametrize(
    ("replaced", "by"),
    [
        ("HIDDEN", '{ a = "b" }[var.m]'),
        ("HIDDEN", "file(var.m)"),
        ("HIDDEN", 'templatefile("${var.m}.json", {})'),
        ("HIDDEN", '"arn:aws:iam::*:${var.m}"'),
        ('"Allow"', "var.m"),
        ('"sts:AssumeRole"', "var.m"),
        ('"2012-10-17"', "var.m"),
        ("}\n  ]", 'Condition = { (var.m) = { "aws:x" = "y" } }\n    }\n  ]'),
        ('resource "aws_iam_role" "r"', 'module "x" {\n  source = var.m\n}\nresource "aws_iam_role" "r"'),
    ],
)
def test_no_sentence_quotes_a_sensitive_variable(tmp_path: Path, replaced: str, by: str) -> None:
    """What cannot be read is said without it, and so is what is not checked."""
    written = role("r", "HIDDEN").replace(replaced, by).replace("HIDDEN", f'"{OTHER}"')
    (tmp_path / "main.tf").write_text('variable "m" {\n  sensitive = true\n  default = "./hush"\n}\n' + written)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    said = [*(text for one in report.results for text in (one.message, *one.reasons)), *report.notes]
    assert "hush" not in "".join((*said, *map(str, report.errors), text.render(report, Style(coloured=False))))


MARKED = {
    "variable": ({"main.tf": 'variable "m" {\n  sensitive = true\n  default = "hu5h"\n}\n'}, "var.m"),
    "function": ({}, 'sensitive("hu5h")'),
    "output": (
        {
            "main.tf": 'module "o" {\n  source = "./o"\n}\n',
            "o/main.tf": 'output "m" {\n  sensitive = true\n  value = "hu5h"\n}\n',
        },
        "module.o.m",
    ),
    "module": ({"m/main.tf": 'variable "m" {\n  sensitive = true\n}\n'}, "var.m"),
}


@pytest.mark.parametrize(
    ("replaced", "by"),
    [
        ("}\n  ]", 'Condition = { (SECRET) = { "aws:x" = "y" } }\n    }\n  ]'),
        ("}\n  ]", 'Condition = { StringEquals = { "aws:PrincipalTag/${SECRET}" = "y" } }\n    }\n  ]'),
        ('"Allow"', "SECRET"),
        ("HIDDEN", "unknown_function(SECRET)"),
        ("HIDDEN", '"arn:aws:iam::111122223333:user/${SECRET}"'),
    ],
    ids="operator key effect function user".split(),
)
@pytest.mark.parametrize("marked", MARKED)
def test_no_form_of_the_report_shows_what_is_sensitive(tmp_path: Path, marked: str, replaced: str, by: str) -> None:
    """Neither a path to a condition nor an error, wherever it is said that a value is sensitive."""
    files, secret = MARKED[marked]
    written = role("r", "HIDDEN").replace(replaced, by.replace("SECRET", secret)).replace("HIDDEN", f'"{OTHER}"')
    if marked == "module":
        files = {"m/main.tf": files["m/main.tf"] + written}
        written = 'module "m" {\n  source = "./m"\n  m = "hu5h"\n}\n'
    for name, content in {**files, "main.tf": files.get("main.tf", "") + written}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert report.results or report.errors
    shown = "".join(render(form, report, Style(coloured=False)) for form in FORMATS)
    assert "hu5h" not in shown


DERIVED = """
variable "m" {
  sensitive = true
  default   = "xhush7x"
}
locals {
  m = upper(substr(var.m, 1, 5))
}
resource "aws_iam_user_policy" "u" {
  name = "u"
  user = local.m
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }]
  })
}
resource "aws_iam_role_policy_attachment" "r" {
  role       = local.m
  policy_arn = "arn:aws:iam::aws:policy/${local.m}"
}
"""


@pytest.mark.parametrize(
    ("replaced", "by"),
    [
        ('"Allow"', "local.m"),
        ('"sts:AssumeRole"', '"sts:${local.m}"'),
        ('"2012-10-17"', "local.m"),
        ("HIDDEN", "file(local.m)"),
    ],
    ids="effect action version file".split(),
)
def test_no_text_that_is_derived_of_a_sensitive_value_is_shown(tmp_path: Path, replaced: str, by: str) -> None:
    """What functions make of it, in a sentence about it or as the name of whom a policy is attached to."""
    written = role("r", "HIDDEN").replace(replaced, by).replace("HIDDEN", f'"{OTHER}"')
    (tmp_path / "main.tf").write_text(DERIVED + written)
    report = trustproof.check([tmp_path], config={}, account=OWN)
    assert {one.verdict for one in report.results} >= {"refuted", "unknown"}
    shown = "".join(render(form, report, Style(coloured=False)) for form in FORMATS)
    assert "hush7" not in shown.lower()


MADE_OF_IT = """
variable "m" {
  sensitive = true
  default   = "Hu5h"
}
resource "aws_ecr_repository_policy" "r" {
  repository = lower(var.m)
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ecr:*", Principal = "*" }]
  })
}
resource "aws_iam_openid_connect_provider" "p" {
  url = "https://${var.m}.example.com"
}
resource "aws_iam_role" "o" {
  name = "o"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.p.arn }
    }]
  })
}
"""


def test_no_form_of_the_report_shows_what_is_made_of_a_sensitive_value(tmp_path: Path) -> None:
    """Neither the name of the resource that a request is about, nor an issuer, which has small letters."""
    (tmp_path / "main.tf").write_text(MADE_OF_IT)
    report = trustproof.check([tmp_path], config={}, account=OWN)
    assert {one.verdict for one in report.results} > {"refuted"}
    assert "the issuer of aws_iam_openid_connect_provider.p" in "".join(report.notes)
    shown = "".join(render(form, report, Style(coloured=False)) for form in FORMATS)
    assert "hu5h" not in shown.lower()


def test_what_is_equal_to_a_sensitive_value_is_covered(tmp_path: Path) -> None:
    """An excerpt of a file shows no text that is the same as a sensitive one, at the line where it is written."""
    _, shown = check(tmp_path, VARIABLE + role("r", HIDDEN_ROOT) + role("s", f'"arn:aws:iam::{SECRET}:root"'))
    assert SECRET not in shown
    assert "•" * len(SECRET) in shown


def test_what_is_sensitive_is_shown_in_no_other_spelling(tmp_path: Path) -> None:
    """A part that is written in another way is not shown either: the excerpt is the first line of the resource."""
    written = '"arn:aws:iam::${sensitive(base64decode("OTk5OTg4ODg3Nzc3"))}:root"'
    _, shown = check(tmp_path, role("r", written))
    assert "OTk5" not in shown
    assert SECRET not in shown
    assert 'resource "aws_iam_role" "r"' in shown


def test_a_remedy_with_a_sensitive_part_is_no_fix(tmp_path: Path) -> None:
    """What stands for a hidden value is never written into a file; a remedy without one is a fix."""
    condition = '\n      Condition = { StringEquals = { "sts:ExternalId" = sensitive("hush-hush") } }'
    two = f'["arn:aws:iam::{OWN}:root", "arn:aws:iam::{OWN}:role/z"]'
    report, shown = check(tmp_path, role("r", two, condition=condition))
    assert "hush" not in shown
    found = json.loads(sarif.render(report))["runs"][0]["results"]
    assert [one for one in found if "fixes" in one] == []
    report, _ = check(tmp_path, VARIABLE + role("admin", HIDDEN_ROOT))
    found = json.loads(sarif.render(report))["runs"][0]["results"]
    assert "(sensitive)" not in json.dumps([one["fixes"][0]["artifactChanges"] for one in found])


@pytest.mark.parametrize("partition", ["aws", "${data.aws_partition.p.partition}"])
def test_what_stands_around_a_sensitive_part_of_an_arn_is_no_secret(tmp_path: Path, partition: str) -> None:
    """What all ARNs begin with is shown, where an account that nobody knows is sensitive."""
    unknown = VARIABLE.replace(f'  default = "{SECRET}"\n', "") + 'data "aws_partition" "p" {}\n'
    _, shown = check(tmp_path, unknown + role("r", HIDDEN_ROOT.replace(":aws:", f":{partition}:")))
    assert f"arn:aws:iam::{OTHER}:user/alice calls sts:AssumeRole" in shown


# -- plans, which mark the whole of a text that has a sensitive part


def planned(folder: Path, written: str, known: str, argument: object) -> tuple[Report, str]:
    """The report of a plan with its configuration, and all that every form shows of it."""
    content = plan(
        Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": argument}),
        variables={"secret": {"value": known}},
    )
    content["configuration"]["root_module"]["variables"] = {"secret": {"sensitive": True}}
    # What it is made of is the test's, and not what the plan says of it.
    content["configuration"]["root_module"]["resources"][0]["expressions"]["assume_role_policy"] = {}
    (folder / "infra").mkdir(exist_ok=True)
    (folder / "infra" / "main.tf").write_text(written)
    (folder / "plan.json").write_text(json.dumps(content))
    report = trustproof.check(
        [folder / "plan.json"], source=folder / "infra", config={}, account=OWN, properties=["mfa-required"]
    )
    assert report.errors == ()
    return report, "".join(render(form, report, Style(coloured=False)) for form in FORMATS)


#: How a value comes into a policy.
WAYS = [
    "var.secret",
    "local.secret",
    '"${var.secret}"',
    "trimspace(var.secret)",
    'join("", [var.secret])',
    'format("%s", var.secret)',
    'lookup({ a = var.secret }, "a", "b")',
    'merge({ a = "b" }, { a = var.secret }).a',
    "{ for k, v in { a = var.secret } : k => v }.a",
    "[for one in [var.secret] : one][0]",
    "element([var.secret], 0)",
    "one([var.secret])",
    "coalesce(null, var.secret)",
    "try(var.secret, null)",
    "jsondecode(jsonencode({ a = var.secret })).a",
    "base64decode(base64encode(var.secret))",
    'split("|", var.secret)[0]',
    'var.secret == "x" ? "y" : var.secret',
    'replace("x-x", "x-x", var.secret)',
    "values({ a = var.secret })[0]",
    "flatten([[var.secret]])[0]",
    "tolist(toset([var.secret]))[0]",
    'zipmap(["a"], [var.secret]).a',
    "module.passed.out",
]


@pytest.mark.parametrize("way", WAYS)
def test_only_the_sensitive_part_of_a_planned_policy_is_hidden_with_its_source(tmp_path: Path, way: str) -> None:
    """The plan marks all of the text; the configuration tells which part, however it came there; the rest is shown."""
    secret = "hush-hush-1"
    condition = {"StringEquals": {"sts:ExternalId": secret}}
    inner = f'\n      Condition = {{ StringEquals = {{ "sts:ExternalId" = {way} }} }}'
    written = 'variable "secret" {\n  sensitive = true\n}\nlocals {\n  secret = var.secret\n}\n'
    if "module." in way:
        (tmp_path / "infra" / "passed").mkdir(parents=True)
        inside = 'variable "given" {}\noutput "out" {\n  value = var.given\n}\n'
        (tmp_path / "infra" / "passed" / "main.tf").write_text(inside)
        written += 'module "passed" {\n  source = "./passed"\n  given  = var.secret\n}\n'
    marked = Secret(trust({"AWS": f"arn:aws:iam::{OTHER}:root"}, condition))
    report, shown = planned(tmp_path, written + role("r", OTHER_ROOT, condition=inner), secret, marked)
    assert secret not in shown
    assert OTHER in shown
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize(
    "way",
    ['"hush-hush-1"', "nonsensitive(var.secret)", "timestamp()"],
    ids=["constant", "shown on purpose", "unknown"],
)
def test_what_the_configuration_does_not_see_as_sensitive_stays_hidden(tmp_path: Path, way: str) -> None:
    """Where the configuration does not tell what the plan has marked, nothing of it is shown."""
    inner = f'\n      Condition = {{ StringEquals = {{ "sts:ExternalId" = {way} }} }}'
    # One that stands in no example of a rule's page.
    other = "987612345678"
    known = trust({"AWS": f"arn:aws:iam::{other}:root"}, {"StringEquals": {"sts:ExternalId": "hush-hush-1"}})
    written = 'variable "secret" {\n  sensitive = true\n}\n' + role(
        "r", f'"arn:aws:iam::{other}:root"', condition=inner
    )
    report, shown = planned(tmp_path, written, "hush-hush-1", Secret(known))
    assert "hush" not in shown
    assert other not in shown
    assert [one.verdict for one in report.results] == ["refuted"]


@pytest.mark.parametrize(("way", "is_told"), [("var.secret", True), ('"hush-hush-1"', False)])
def test_of_a_sensitive_policy_that_the_plan_does_not_know_only_that_part_is_hidden(
    tmp_path: Path, way: str, is_told: bool
) -> None:
    """A part is known after apply, and another one sensitive: the rest is shown where the configuration tells which."""
    other = "987612345678"
    source = role(
        "r",
        f'["arn:aws:iam::{other}:root", aws_iam_user.u.arn]',
        condition=f'\n      Condition = {{ StringEquals = {{ "sts:ExternalId" = {way} }} }}',
    )
    content = plan(
        Resource("aws_iam_user.u", {"name": "u"}),
        Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": After("var.secret", "aws_iam_user.u.arn")}),
        variables={"secret": {"value": "hush-hush-1"}},
    )
    content["configuration"]["root_module"]["variables"] = {"secret": {"sensitive": True}}
    content["configuration"]["root_module"]["resources"][1]["expressions"]["assume_role_policy"] = {}
    content["resource_changes"][1]["change"]["after_sensitive"] = {"assume_role_policy": True}
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(
        f'variable "secret" {{\n  sensitive = true\n}}\nresource "aws_iam_user" "u" {{\n  name = "u"\n}}\n{source}'
    )
    (tmp_path / "plan.json").write_text(json.dumps(content))
    report = trustproof.check(
        [tmp_path / "plan.json"], source=tmp_path / "infra", config={}, account=OWN, properties=["mfa-required"]
    )
    assert report.errors == ()
    assert {one.verdict for one in report.results} == {"refuted"}
    shown = "".join(render(form, report, Style(coloured=False)) for form in FORMATS)
    assert "hush" not in shown
    assert (other in shown) is is_told


def test_only_the_sensitive_part_of_a_set_of_planned_policies_is_hidden(tmp_path: Path) -> None:
    """A plan marks all of a set of blocks, and has them in an order of its own: each is shown but for its own part."""
    first = policy(allow("sts:AssumeRole", Resource="arn:aws:iam::*:role/hush-hush-1"))
    second = policy(allow("sts:AssumeRole", Resource="arn:aws:iam::*:role/shown"))
    inline = [{"name": "a", "policy": second}, {"name": "b", "policy": first}]
    content = plan(
        Resource(
            "aws_iam_role.r",
            {"name": "r", "assume_role_policy": trust(condition=MFA), "inline_policy": Secret(inline)},
        ),
        variables={"secret": {"value": "hush-hush-1"}},
    )
    content["configuration"]["root_module"]["variables"] = {"secret": {"sensitive": True}}
    expressions = content["configuration"]["root_module"]["resources"][0]["expressions"]
    expressions["inline_policy"] = [{"name": {"constant_value": one}, "policy": {}} for one in "ba"]
    trusted = trust(condition=MFA).replace('"', '\\"')
    written = (
        'variable "secret" {\n  sensitive = true\n}\nresource "aws_iam_role" "r" {\n  name = "r"\n'
        f'  assume_role_policy = "{trusted}"\n  inline_policy {{\n    name = "b"\n'
        f"    policy = jsonencode({first.replace('hush-hush-1', '${var.secret}')})\n  }}\n"
        f'  inline_policy {{\n    name = "a"\n    policy = jsonencode({second})\n  }}\n}}\n'
    )
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "main.tf").write_text(written)
    (tmp_path / "plan.json").write_text(json.dumps(content))
    report = trustproof.check(
        [tmp_path / "plan.json"],
        source=tmp_path / "infra",
        config={},
        account=OWN,
        properties=["assume-role-scoped"],
    )
    assert report.errors == ()
    shown = "".join(render(form, report, Style(coloured=False)) for form in FORMATS)
    assert "hush" not in shown
    assert "arn:aws:iam::*:role/shown" in shown


def test_a_plan_alone_says_what_would_show_the_rest_of_a_sensitive_policy(tmp_path: Path) -> None:
    """The policy is judged; a note names what tells its sensitive parts."""
    known = trust({"AWS": f"arn:aws:iam::{OTHER}:root"})
    content = plan(Resource("aws_iam_role.r", {"name": "r", "assume_role_policy": Secret(known)}))
    (tmp_path / "plan.json").write_text(json.dumps(content))
    report = trustproof.check([tmp_path / "plan.json"], config={}, account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in report.results] == ["refuted"]
    (note,) = [note for note in report.notes if "--source" in note]
    assert "plan.json: aws_iam_role.r.assume_role_policy: is judged and not shown" in note


TWO = """
variable "salt" {
  type = string
}
variable "sets" {
  type      = map(string)
  sensitive = true
  default   = { a = "ONE", b = "OTHER" }
}
variable "own" {
  type      = string
  sensitive = true
}
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for name, value in WHICH : {
      Effect    = name == "a" ? "Allow" : "Deny"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "*" }
      Condition = { StringEquals = { "aws:PrincipalTag/team" = md5("${var.salt}${value}") } }
    }]
  })
}
"""


@pytest.mark.parametrize(
    ("through", "one", "other", "proved"),
    [
        ("var.sets", "left", "right", False),
        ("var.sets", "both", "both", False),
        ("{ a = var.own, b = var.own }", "", "", True),
        ("{ for k, v in var.sets : k => upper(v) }", "left", "right", False),
        ("{ for k, v in var.sets : k => upper(v) }", "left", "LEFT", True),
        ('{ for k in ["a", "b"] : k => k == "a" ? var.own : upper(var.own) }', "", "", False),
    ],
)
def test_two_sensitive_values_are_not_one(tmp_path: Path, through: str, one: str, other: str, proved: bool) -> None:
    """A statement that denies by one value does not take back what another allows by another, wherever they stand."""
    content = TWO.replace("WHICH", through).replace("ONE", one).replace("OTHER", other)
    (tmp_path / "main.tf").write_text(content)
    report = trustproof.check(
        [tmp_path], config={}, account=OWN, properties=["mfa-required"], parameters={"own": "secret"}
    )
    assert report.errors == ()
    assert [result.verdict for result in report.results] == ["proved" if proved else "unknown"]


def test_what_was_read_before_decides_no_name(tmp_path: Path) -> None:
    """Sensitive values of two configurations at one place of a module are called alike, whichever is read first."""
    (tmp_path / "called").mkdir()
    module = TWO.replace("WHICH", "{ for k, v in var.sets : k => upper(v) }")
    (tmp_path / "called" / "main.tf").write_text(module)
    for name, one in (("one", "left"), ("other", "right")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(
            'variable "salt" {\n  type = string\n}\nmodule "m" {\n  source = "../called"\n  salt = var.salt\n'
            f'  own = "x"\n  sets = {{ a = "{one}", b = "both" }}\n}}\n'
        )

    report = trustproof.check(
        [tmp_path / "one", tmp_path / "other"], config={}, account=OWN, properties=["mfa-required"]
    )
    assert report.errors == ()
    one, other = (result.reasons for result in report.results)
    assert "sensitive" in "".join(one)
    assert other == one


def test_a_diff_says_what_it_says_whatever_was_compared_before(tmp_path: Path) -> None:
    """A comparison numbers the sensitive values of its own two sides, and nothing that the process has seen before."""
    module = TWO.replace("WHICH", "{ for k, v in var.sets : k => upper(v) }")

    def compared(one: str) -> str:
        for side in ("old", "new"):
            (tmp_path / side).mkdir(exist_ok=True)
            (tmp_path / side / "main.tf").write_text(module.replace("ONE", one + side))
        found = trustproof.diff(
            tmp_path / "old",
            tmp_path / "new",
            config={},
            account=OWN,
            parameters={"own": "x"},
            properties=["mfa-required"],
        )
        return repr(found.undecided)

    first = compared("left")
    assert "sensitive" in first
    assert compared("right") == first
