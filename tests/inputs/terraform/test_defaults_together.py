"""
Proofs that rest on the defaults of several root modules: on whether these are for one account, and on roles that none
of them makes by default.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from trustproof.results.result import Result

pytest.importorskip("tree_sitter_hcl")

OWN, OTHER = "123412341234", "555566667777"
FIXED = f'provider "aws" {{\n  allowed_account_ids = ["{OWN}"]\n}}\n'
CHOSEN = 'variable "%s" {\n  default = "%s"\n}\nprovider "aws" {\n  allowed_account_ids = [var.%s]\n}\n'
WITHOUT_MFA = 'Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }'
WITH_MFA = 'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'
POLICY = """
resource "aws_iam_user_policy" "%s" {
  user   = "u"
  name   = "%s"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ %s, Resource = "*" }] })
}
"""
USER = 'resource "aws_iam_user" "u" {\n  name = "u"\n}\n'
USER += POLICY % ("p", "p", 'Effect = "Allow", Action = "iam:*"')
DENY = POLICY % ("d", "d", f'Effect = "Deny", Action = "*", {WITHOUT_MFA}')
PUBLIC = """
resource "aws_s3_bucket_policy" "p" {
  bucket = "b"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = "*", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*" }] })
}
"""
BLOCK = 'resource "aws_s3_account_public_access_block" "x" {\n  restrict_public_buckets = true\n}\n'
ROLE = """
resource "aws_iam_role" "%s" {
  %s
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
"""
BY_USER = f'{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "arn:aws:iam::{OWN}:user/u" }} }}'
HIGH = ROLE % (
    "high",
    'name = "high"',
    BY_USER.replace(" } }", f" }}, {WITH_MFA} }}") + ", " + BY_USER.replace("user/u", "role/low"),
)


def low(named: str, content: str = BY_USER) -> str:
    """A role that lets somebody in without MFA."""
    return ROLE % ("low", named, content)


def of(roots: dict[str, str], at: Path, asked: str, resource: str, **values: str) -> Result:
    """What is said of a resource of several root modules."""
    for name, text in roots.items():
        (at / name).mkdir(exist_ok=True)
        (at / name / "main.tf").write_text(text)
    report = trustproof.check([at / name for name in roots], config={}, properties=[asked], parameters=values or None)
    assert not report.errors
    (found,) = (one for one in report.results if one.logical_id == resource)
    return found


def said(found: Result) -> str:
    """What a proof says that it rests on."""
    return " ".join((*found.reasons, *(name for name, _ in found.at_defaults)))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FIXED, CHOSEN % ("second", OWN, "second")),
        (CHOSEN % ("first", OWN, "first"), FIXED),
        (CHOSEN % ("first", OWN, "first"), CHOSEN % ("second", OWN, "second")),
    ],
)
@pytest.mark.parametrize(
    ("asked", "resource", "one", "other"),
    [
        ("sensitive-actions-require-mfa", "aws_iam_user_policy.p", USER, DENY),
        ("inside-boundary", "aws_s3_bucket_policy.p", PUBLIC, BLOCK),
    ],
)
def test_two_roots_that_defaults_put_into_one_account(
    asked: str, resource: str, one: str, other: str, first: str, second: str, tmp_path: Path
) -> None:
    roots = {"a": first + one, "b": second + other}
    found = of(roots, tmp_path, asked, resource)
    assert found.verdict == "proved"
    for name in ("first", "second"):
        if f'"{name}"' in first + second:
            assert f"var.{name}" in said(found)
            assert of(roots, tmp_path, asked, resource, **{name: OTHER}).verdict == "refuted"


@pytest.mark.parametrize(
    ("provider", "role", "value"),
    [
        # The account that stands for one that nobody knows, too.
        *((CHOSEN % ("x", account, "x"), low('name = "low"'), OWN) for account in (OTHER, "444455556666")),
        (FIXED + 'variable "x" {\n  default = "other"\n}\n', low("name = var.x"), "low"),
        (FIXED + 'variable "x" {\n  default = false\n}\n', low('count = var.x ? 1 : 0\n  name = "low"'), "true"),
        (
            FIXED + 'variable "x" {\n  type = list(string)\n  default = []\n}\n',
            low("for_each = toset(var.x)\n  name = each.key"),
            '["low"]',
        ),
    ],
)
def test_a_role_that_a_default_keeps_away(provider: str, role: str, value: str, tmp_path: Path) -> None:
    roots = {"a": FIXED + HIGH, "b": provider + role}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, "var.x" in said(found)) == ("proved", True)
    assert of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high", x=value).verdict == "refuted"


IS_ON = {"On": {"Fn::Equals": [{"Ref": "On"}, "true"]}}
IS_OFF = {"On": {"Fn::Equals": [{"Ref": "On"}, "false"]}}


@pytest.mark.parametrize(
    ("sections", "condition", "name"),
    [
        ({"Conditions": IS_ON}, {"Condition": "On"}, "low"),
        ({"Conditions": IS_ON}, {}, {"Fn::If": ["On", "low", "safe"]}),
        ({"Conditions": IS_OFF}, {}, {"Fn::If": ["On", "safe", "low"]}),
        (
            {"Mappings": {"M": {"false": {"V": "safe"}, "true": {"V": "low"}}}},
            {},
            {"Fn::FindInMap": ["M", {"Ref": "On"}, "V"]},
        ),
    ],
)
def test_a_role_that_what_a_stack_is_passed_keeps_away(
    sections: dict[str, object], condition: dict[str, str], name: object, tmp_path: Path
) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{OWN}:user/u"}}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"RoleName": name, "AssumeRolePolicyDocument": trust}
    template = {
        "Parameters": {"On": {"Type": "String"}},
        **sections,
        "Resources": {"R": {"Type": "AWS::IAM::Role", **condition, "Properties": properties}},
    }
    stack = f"""
variable "x" {{
  default = "false"
}}
resource "aws_cloudformation_stack" "s" {{
  name          = "s"
  parameters    = {{ On = var.x }}
  template_body = jsonencode({json.dumps(template)})
}}
"""
    roots = {"a": FIXED + HIGH + stack}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, "var.x" in said(found)) == ("proved", True)
    assert of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high", x="true").verdict == "refuted"


STATEMENT = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{OWN}:user/u"}}
LOW = {"RoleName": "low", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [STATEMENT]}}
TEMPLATE: dict[str, object] = {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": LOW}}}
NAMED: dict[str, object] = {
    "Parameters": {"Name": {"Type": "String"}},
    "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {**LOW, "RoleName": {"Ref": "Name"}}}},
}
CHOSEN_BY_DEFAULT: dict[str, object] = {
    "Parameters": {"On": {"Type": "String", "Default": "no"}},
    "Conditions": {"On": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
    "Resources": {"R": {"Type": "AWS::IAM::Role", "Condition": "On", "Properties": LOW}},
}


def deployed(arguments: str, template: object = TEMPLATE, type_: str = "aws_cloudformation_stack") -> str:
    """A stack, or a StackSet, with a template."""
    named = 'stack_name = "s"' if type_.startswith("awscc") else 'name = "s"'
    body = f"template_body = jsonencode({json.dumps(template)})"
    return f'resource "{type_}" "s" {{\n  {named}\n  {arguments}\n  {body}\n}}\n'


def variable(default: str, type_: str = "bool") -> str:
    """A variable."""
    return f'variable "x" {{\n  type = {type_}\n  default = {default}\n}}\n'


ONCE = "count = var.x ? 1 : 0"
INSTANCE = f"""
resource "aws_cloudformation_stack_set_instance" "i" {{
  {ONCE}
  stack_set_name = aws_cloudformation_stack_set.s[0].name
  account_id     = "{OWN}"
}}
"""
OTHER_PROFILE = 'provider "aws" {\n  alias = "b"\n  profile = "b"\n}\n'


KEPT_AWAY = [
    (variable("false") + deployed(ONCE), "true"),
    (variable("[]", "list(string)") + deployed("for_each = toset(var.x)"), '["a"]'),
    (variable('"dev"', "string") + deployed('count = var.x == "prod" ? 1 : 0'), "prod"),
    (variable("false") + "locals {\n  on = var.x ? [1] : []\n}\n" + deployed("count = length(local.on)"), "true"),
    (variable("false") + deployed(f'{ONCE}\n  parameters = {{ Name = "low" }}', NAMED), "true"),
    (variable("false") + deployed(f'{ONCE}\n  parameters = {{ On = "yes" }}', CHOSEN_BY_DEFAULT), "true"),
    (variable("false") + deployed(ONCE, type_="awscc_cloudformation_stack"), "true"),
    (variable("false") + deployed(ONCE, type_="aws_cloudformation_stack_set") + INSTANCE, "true"),
]
#: Of a place to which nothing is deployed by default.
ELSEWHERE = [
    (variable("false") + OTHER_PROFILE + deployed(f"{ONCE}\n  provider = aws.b"), "true"),
    (variable("false") + OTHER_PROFILE + low(f'{ONCE}\n  provider = aws.b\n  name = "low"'), "true"),
]


@pytest.mark.parametrize(("text", "value"), [*KEPT_AWAY, *ELSEWHERE])
def test_a_stack_that_a_default_keeps_away(text: str, value: str, tmp_path: Path) -> None:
    roots = {"a": FIXED + HIGH + text}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, [name for name, _ in found.at_defaults]) == ("proved", ["var.x"])
    assert of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high", x=value).verdict == "refuted"


@pytest.mark.parametrize(("text", "value"), KEPT_AWAY)
def test_a_stack_of_a_module_that_a_default_keeps_away(text: str, value: str, tmp_path: Path) -> None:
    (tmp_path / "a" / "m").mkdir(parents=True)
    (tmp_path / "a" / "m" / "main.tf").write_text(text)
    declared = text[: text.index("}\n") + 2]
    called = 'module "m" {\n  source = "./m"\n  x = var.x\n}\n'
    roots = {"a": FIXED + HIGH + declared + called}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, [name for name, _ in found.at_defaults]) == ("proved", ["var.x"])
    assert of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high", x=value).verdict == "refuted"


@pytest.mark.parametrize("by", ["%s", "%s && true"])
def test_a_role_that_two_defaults_keep_away(by: str, tmp_path: Path) -> None:
    """What it is called makes a difference only where it is there."""
    named = 'variable "n" {\n  default = "other"\n}\n'
    role = low(f"count = {by % 'var.x'} ? 1 : 0\n  name = var.n")
    roots = {"a": FIXED + HIGH + variable("false") + named + role}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, sorted(name for name, _ in found.at_defaults)) == ("proved", ["var.n", "var.x"])
    assert of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high", x="true", n="low").verdict == "refuted"


def test_a_stack_in_another_root_that_a_default_keeps_away(tmp_path: Path) -> None:
    roots = {"a": FIXED + HIGH, "b": FIXED + variable("false") + deployed(ONCE)}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, "var.x" in said(found)) == ("proved", True)


WITHOUT_ROLES = json.dumps(json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}}))


@pytest.mark.parametrize(
    ("arguments", "default", "type_", "value"),
    [
        ('count = var.x == "" ? 0 : 1\n  template_body = var.x', '""', "string", json.dumps(TEMPLATE)),
        (f'template_body = var.x == "" ? {WITHOUT_ROLES} : var.x', '""', "string", json.dumps(TEMPLATE)),
        ("template_body = var.x", WITHOUT_ROLES, "string", json.dumps(TEMPLATE)),
        (
            "for_each = var.x\n  template_body = each.value",
            "{}",
            "map(string)",
            json.dumps({"s": json.dumps(TEMPLATE)}),
        ),
    ],
)
def test_a_stack_whose_template_a_default_says(
    arguments: str, default: str, type_: str, value: str, tmp_path: Path
) -> None:
    """At another value nobody knows what it deploys."""
    stack = f'resource "aws_cloudformation_stack" "s" {{\n  name = "s"\n  {arguments}\n}}\n'
    roots = {"a": FIXED + HIGH + variable(default, type_) + stack}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, [name for name, _ in found.at_defaults]) == ("proved", ["var.x"])
    assert of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high", x=value).verdict == "refuted"


def high(statements: str) -> str:
    """A role that demands MFA of the user, and lets in whom else some statements do."""
    demand = BY_USER.replace(" } }", f" }}, {WITH_MFA} }}")
    policy = f'jsonencode({{ Version = "2012-10-17", Statement = concat([{demand}], {statements}) }})'
    return f'resource "aws_iam_role" "high" {{\n  name = "high"\n  assume_role_policy = {policy}\n}}\n'


BY_LOW = f"arn:aws:iam::{OWN}:role/low"
FURTHER = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": BY_LOW}}
OTHER_ROLE = f"arn:aws:iam::{OWN}:role/other"
BY_OTHER = f'{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = "{OTHER_ROLE}" }} }}'
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [FURTHER]})
COMBINED = high("[]").replace("assume_role_policy = ", "assume_role_policy = data.aws_iam_policy_document.d.json #")
DEMAND = BY_USER.replace(" } }", f" }}, {WITH_MFA} }}")
COMBINED += f"""
data "aws_iam_policy_document" "d" {{
  source_policy_documents = concat([jsonencode({{ Version = "2012-10-17", Statement = [{DEMAND}] }})], var.x)
}}
"""


@pytest.mark.parametrize(
    ("role", "default", "type_", "value"),
    [
        (high(f"[{BY_OTHER}]").replace(f'"{OTHER_ROLE}"', "var.x"), f'"{OTHER_ROLE}"', "string", BY_LOW),
        (
            high("[for one in var.x : " + BY_OTHER.replace(f'"{OTHER_ROLE}"', "one") + "]"),
            "[]",
            "list(string)",
            json.dumps([BY_LOW]),
        ),
        (high("var.x"), "[]", "any", json.dumps([FURTHER])),
        (COMBINED, "[]", "list(string)", json.dumps([DOCUMENT])),
        (
            high("[" + BY_OTHER.replace("role/other", "role/low").replace('"Allow"', "var.x") + "]"),
            '"Deny"',
            "string",
            "Allow",
        ),
    ],
)
def test_a_role_that_lets_in_users_at_some_other_values(
    role: str, default: str, type_: str, value: str, tmp_path: Path
) -> None:
    """At those it demands no MFA; at others it does, and lets in a role as well."""
    roots = {"a": FIXED + variable(default, type_) + role + low('name = "low"')}
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, [name for name, _ in found.at_defaults]) == ("proved", ["var.x"])
    assert of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high", x=value).verdict == "refuted"


def test_a_user_whom_another_value_lets_in_with_mfa_leads_to_no_role(tmp_path: Path) -> None:
    demand = BY_USER.replace(f'"arn:aws:iam::{OWN}:user/u" }} }}', f"var.x }}, {WITH_MFA} }}")
    roots = {"a": FIXED + variable(json.dumps([OWN]), "list(string)") + ROLE % ("high", 'name = "high"', demand)}
    roots["a"] += low('name = "low"')
    found = of(roots, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, found.at_defaults) == ("proved", ())


@pytest.mark.parametrize(
    "template",
    [
        {"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}},
        {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {**LOW, "RoleName": "other"}}}},
    ],
)
def test_a_stack_that_makes_no_role_of_a_chain_is_not_named(template: object, tmp_path: Path) -> None:
    text = FIXED + HIGH + variable("false") + deployed(ONCE, template)
    found = of({"a": text}, tmp_path, "mfa-survives-chaining", "aws_iam_role.high")
    assert (found.verdict, found.at_defaults) == ("proved", ())
