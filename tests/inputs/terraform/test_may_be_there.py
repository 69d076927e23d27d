"""
What is there in some cases only, or any number of times: it neither excuses nor hides what is there in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OTHER, OWN
from trustproof.results.report import Report

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

ALLOW = 'Effect = "Allow", Action = "s3:*", Resource = "*"'
DENY = (
    'Effect = "Deny", Action = "*", Resource = "*", '
    'Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } }'
)
ANYBODY = 'Effect = "Allow", Action = "s3:GetObject", Resource = "arn:aws:s3:::b/*", Principal = "*"'
OPEN = 'data "aws_x" "y" {}\n'


def document(statement: str) -> str:
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{{ {statement} }}] }})'


USER = (
    'resource "aws_iam_user" "u" {\n  name = "u"\n}\nresource "aws_iam_group" "g" {\n  name = "g"\n}\n'
    f'resource "aws_iam_user_policy" "a" {{\n  user = aws_iam_user.u.name\n  policy = {document(ALLOW)}\n}}\n'
    f'resource "aws_iam_policy" "d" {{\n  name = "d"\n  policy = {document(DENY)}\n}}\n'
)
IN_GROUP = "user = aws_iam_user.u.name\n  groups = [aws_iam_group.g.name]"
OF_GROUP = (
    'resource "aws_iam_group_policy" "d" {\n  group = aws_iam_group.g.name\n  policy = ' + document(DENY) + "\n}\n"
)


@pytest.fixture
def check(tmp_path: Path) -> Callable[[str, str], Report]:
    """Asks one property of a configuration."""

    def _check(text: str, asked: str) -> Report:
        (tmp_path / "main.tf").write_text(text)
        report = trustproof.check([tmp_path], config={}, account=OWN, properties=[asked])
        assert report.errors == ()
        return report

    return _check


def verdicts(report: Report) -> set[str]:
    return {one.verdict for one in report.results}


INLINE = f'resource "aws_iam_user_policy" "d" {{\n  COUNT\n  user = "u"\n  policy = {document(DENY)}\n}}\n'
ATTACHED = (
    'resource "aws_iam_user_policy_attachment" "d" {\n  COUNT\n  user = "u"\n  policy_arn = aws_iam_policy.d.arn\n}\n'
)
TO_SEVERAL = ATTACHED.replace("user_policy", "policy").replace('user = "u"', 'name = "d"\n  users = ["u"]')
MEMBER = f'{OF_GROUP}resource "aws_iam_user_group_membership" "m" {{\n  COUNT\n  {IN_GROUP}\n}}\n'


@pytest.mark.parametrize(
    "made",
    [INLINE, ATTACHED, TO_SEVERAL, MEMBER],
    ids=["inline", "attachment", "attachments", "membership"],
)
def test_a_deny_that_may_not_be_there_proves_nothing(check: Callable[[str, str], Report], made: str) -> None:
    """Proved with it, and refuted where a variable leaves it out or nobody knows how many there are."""
    asked = "sensitive-actions-require-mfa"
    assert verdicts(check(USER + made.replace("COUNT", ""), asked)) == {"proved"}
    variable = 'variable "v" {\n  type = bool\n}\n'
    assert "refuted" in verdicts(check(USER + variable + made.replace("COUNT", "count = var.v ? 1 : 0"), asked))
    found = check(USER + OPEN + made.replace("COUNT", "count = data.aws_x.y.n"), asked)
    assert "refuted" in verdicts(found)
    assert not any(one.verdict == "proved" and one.logical_id == "aws_iam_user_policy.a" for one in found.results)


BUCKET = (
    'resource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\nresource "aws_s3_bucket_policy" "p" {\n'
    f"  bucket = aws_s3_bucket.b.id\n  policy = {document(ANYBODY)}\n}}\n"
)
ON, OFF = ("".join(f"  {name} = {value}\n" for name in ("block_public_policy", "restrict_public_buckets"))
           for value in ("true", "false"))  # fmt: skip


MEMBER = OF_GROUP + (
    'variable "skip" {\n  type = list(string)\n}\nvariable "on" {\n  type = bool\n}\n'
    'resource "aws_iam_user_group_membership" "m" {\n  user = aws_iam_user.u.name\n  groups = GROUPS\n}\n'
)


@pytest.mark.parametrize(
    ("groups", "parameter"),
    [
        ('[for g in ["g"] : g if !contains(var.skip, g)]', "contains(var.skip"),
        ('[for g in ["g"] : g if length(var.skip) == 0]', "length(var.skip) > 0"),
        ('[for g in ["g"] : g if var.on]', "var.on"),
        ('[for g in ["g"] : g if var.on && length(var.skip) == 0]', "var.on"),
        ('distinct(concat([], [for g in ["g"] : g if var.on]))', "var.on"),
        ('setsubtract(["g"], var.skip)', "contains(var.skip"),
        ('toset([for g in ["g"] : g if var.on])', "var.on"),
    ],
)
def test_a_filter_that_nobody_knows_leaves_an_item_or_not(
    check: Callable[[str, str], Report], groups: str, parameter: str
) -> None:
    """A Deny of a group proves nothing of somebody who may not be in it, and the request names what decides."""
    report = check(USER + MEMBER.replace("GROUPS", groups), "sensitive-actions-require-mfa")
    (found,) = [one for one in report.results if one.verdict == "refuted"]
    assert found.counterexample is not None
    assert any(parameter in name for name in found.counterexample.parameters)


@pytest.mark.parametrize(
    "groups", ["[for g in var.skip : g if var.on]", "var.skip", 'concat(["h"], var.skip)', "setsubtract(var.skip, [])"]
)
def test_a_list_of_groups_that_nobody_knows_may_have_any(check: Callable[[str, str], Report], groups: str) -> None:
    """Whoever it is about may be in a group that denies, or in one that allows: unknown."""
    report = check(USER + MEMBER.replace("GROUPS", groups), "sensitive-actions-require-mfa")
    assert {one.verdict for one in report.results if one.logical_id.startswith("aws_iam_user")} == {"unknown"}


def test_a_filter_of_statements_is_judged_both_ways(check: Callable[[str, str], Report]) -> None:
    """A statement that a variable takes away may be missing."""
    policy = (
        'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = jsonencode({\n'
        '    Version = "2012-10-17"\n    Statement = concat([{ Effect = "Allow", Action = "sts:AssumeRole", '
        f'Principal = {{ AWS = "{OWN}" }} }}], [for s in [{{ Effect = "Deny", Principal = "*", '
        'Action = "sts:AssumeRole", Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }] '
        ': s if var.on])\n  })\n}\nvariable "on" {\n  type = bool\n}\n'
    )
    (found,) = [one for one in check(policy, "mfa-required").results if one.verdict == "refuted"]
    assert found.counterexample is not None
    assert found.counterexample.parameters == {"var.on": "false"}


def block(settings: str, more: str = "", name: str = "x") -> str:
    return (
        f'resource "aws_s3_bucket_public_access_block" "{name}" {{\n  bucket = aws_s3_bucket.b.id\n{settings}{more}}}\n'
    )


def of_account(more: str = "") -> str:
    return f'resource "aws_s3_account_public_access_block" "x" {{\n{ON}{more}}}\n'


VAR = 'variable "v" {\n  type = bool\n}\n'
NAMED = 'variable "n" {\n  type = string\n}\n'
ELSEWHERE = f"""{NAMED}
provider "aws" {{}}
provider "aws" {{
  alias = "hub"
  assume_role {{
    role_arn = var.n
  }}
}}
data "aws_caller_identity" "hub" {{ provider = aws.hub }}
"""
KEPT = "  lifecycle {\n    ignore_changes = all\n  }\n"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (block(ON), "proved"),
        (block(OFF), "refuted"),
        (block(OFF) + of_account(), "proved"),
        (VAR + block(OFF) + of_account("  count = var.v ? 1 : 0\n"), "refuted"),
        (block(OFF) + of_account('  account_id = "999988887777"\n'), "refuted"),
        (block(OFF) + of_account(f'  account_id = "{OWN}"\n'), "proved"),
        (NAMED + block(OFF) + of_account("  account_id = var.n\n"), "unknown"),
        (NAMED + block(ON) + of_account("  account_id = var.n\n"), "proved"),
        (ELSEWHERE + block(OFF) + of_account("  account_id = data.aws_caller_identity.hub.account_id\n"), "unknown"),
        (block(OFF) + of_account() + of_account().replace('"x"', '"y"'), "proved"),
        (block(OFF) + of_account() + of_account().replace('"x"', '"y"').replace("true", "false"), "refuted"),
        (VAR + block(OFF) + of_account() + of_account("  count = var.v ? 1 : 0\n").replace('"x"', '"y"'), "proved"),
        (
            VAR
            + block(OFF)
            + of_account()
            + of_account("  count = var.v ? 1 : 0\n").replace('"x"', '"y"').replace("= true", "= false"),
            "refuted",
        ),
        (
            VAR
            + block(OFF)
            + of_account("  count = var.v ? 1 : 0\n")
            + of_account("  count = var.v ? 0 : 1\n").replace('"x"', '"y"'),
            "proved",
        ),
        (
            NAMED
            + block(OFF)
            + of_account()
            + of_account("  account_id = var.n\n").replace('"x"', '"y"').replace("= true", "= false"),
            "unknown",
        ),
        (OPEN + block(OFF) + of_account("  count = data.aws_x.y.n\n"), "refuted"),
        (OPEN + block(OFF, "  count = data.aws_x.y.n\n"), "refuted"),
        (block(ON, KEPT), "unknown"),
        (VAR + block(ON, "  count = var.v ? 1 : 0\n") + block(OFF, "  count = var.v ? 0 : 1\n", "y"), "refuted"),
        (VAR + block(ON.replace("true", "var.v")), "refuted"),
        (OPEN + block(ON.replace("true", "data.aws_x.y.z")), "unknown"),
    ],
)
def test_settings_that_may_not_be_there(check: Callable[[str, str], Report], text: str, verdict: str) -> None:
    """A bucket is private where a block is there that says so, or one of its account."""
    assert verdicts(check(BUCKET + text, "inside-boundary")) == {verdict}


@pytest.mark.parametrize(
    ("lifecycle", "found"),
    [("enabled = false", set()), ("enabled = var.v", {"refuted"}), ("enabled = data.aws_x.y.z", {"refuted"})],
)
def test_what_is_not_enabled_is_not_there(check: Callable[[str, str], Report], lifecycle: str, found: set[str]) -> None:
    """OpenTofu's way to leave a resource out."""
    trust = document('Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "*" }')
    role = (
        f'resource "aws_iam_role" "r" {{\n  assume_role_policy = {trust}\n  lifecycle {{\n    {lifecycle}\n  }}\n}}\n'
    )
    assert verdicts(check(VAR + OPEN + role, "mfa-required")) == found


def around(bucket: str, settings: str) -> str:
    return block(settings).replace("aws_s3_bucket.b.id", bucket)


@pytest.mark.parametrize(
    ("of_policy", "of_block", "settings", "verdict"),
    [
        ("var.n", "var.n", ON, "proved"),
        ("var.n", "var.n", OFF, "refuted"),
        ('"a-${var.n}"', '"a-${var.n}"', ON, "proved"),
        ("data.aws_s3_bucket.d.id", "data.aws_s3_bucket.d.id", ON, "proved"),
        ("aws_s3_bucket.t.id", '"t-${var.n}"', OFF, "refuted"),
        ("aws_s3_bucket.b.id", "var.n", OFF, "unknown"),
        ("aws_s3_bucket.b.id", 'var.n == "x" ? aws_s3_bucket.b.id : aws_s3_bucket.t.id', OFF, "refuted"),
    ],
)
def test_which_bucket_a_block_is_around(
    check: Callable[[str, str], Report], of_policy: str, of_block: str, settings: str, verdict: str
) -> None:
    """What names the bucket of a policy in the same way is around it; what may name it may be."""
    more = 'data "aws_s3_bucket" "d" {\n  bucket = "d"\n}\nresource "aws_s3_bucket" "t" {\n  bucket = "t-${var.n}"\n}\n'
    text = NAMED + more + BUCKET.replace("bucket = aws_s3_bucket.b.id", f"bucket = {of_policy}")
    assert verdicts(check(text + around(of_block, settings), "inside-boundary")) == {verdict}


POINT = """
resource "aws_s3_access_point" "p" {
  name = "p"
  bucket = "somebodys"
  %s
}
resource "aws_s3control_access_point_policy" "p" {
  access_point_arn = %s
  policy = POLICY
}
""".replace("POLICY", document(ANYBODY.replace("arn:aws:s3:::b/*", "*")))
OPEN_POINT = (
    "public_access_block_configuration {\n    block_public_policy = false\n    restrict_public_buckets = %s\n  }\n"
)
OF_POINT = "aws_s3_access_point.p.arn"


@pytest.mark.parametrize(
    ("blocks", "arn", "verdict"),
    [
        ("", OF_POINT, "proved"),
        (OPEN_POINT % "false", OF_POINT, "refuted"),
        (OPEN_POINT % "false", f'"arn:aws:s3:eu-west-1:{OWN}:accesspoint/p"', "refuted"),
        (OPEN_POINT % "true", OF_POINT, "proved"),
        ('region = "us-east-1"', f'"arn:aws:s3:us-east-1:{OWN}:accesspoint/p"', "proved"),
        ('region = "us-east-1"', f'"arn:aws:s3:eu-west-1:{OWN}:accesspoint/p"', "unknown"),
        ("", '"arn:aws:s3:eu-west-1:999988887777:accesspoint/p"', "unknown"),
        (OPEN_POINT % "data.aws_x.y.z", OF_POINT, "unknown"),
        (OPEN_POINT % "false" + '  vpc_configuration {\n    vpc_id = "vpc-1"\n  }\n', OF_POINT, "proved"),
        ("", f'"arn:aws:s3:eu-west-1:{OWN}:accesspoint/another"', "unknown"),
        ("", "data.aws_x.y.arn", "unknown"),
    ],
)
def test_what_is_around_an_access_point(
    check: Callable[[str, str], Report], blocks: str, arn: str, verdict: str
) -> None:
    """A policy of its own is surrounded by what the access point says."""
    assert verdicts(check(OPEN + POINT % (blocks, arn), "inside-boundary")) == {verdict}


DOMAIN = """
resource "aws_opensearch_domain" "d" {
  domain_name = "d"
  %s
}
resource "aws_opensearch_domain_policy" "d" {
  domain_name = %s
  access_policies = POLICY
}
""".replace("POLICY", document('Effect = "Allow", Action = "es:*", Resource = "*", Principal = "*"'))
IN_VPC = 'vpc_options {\n    subnet_ids = ["subnet-1"]\n  }'
GROUPS = 'security_group_ids = ["sg-1"]'
MAYBE = 'dynamic "vpc_options" {\n    for_each = data.aws_x.y.z\n    content {\n      subnet_ids = ["s"]\n    }\n  }'


@pytest.mark.parametrize(
    ("blocks", "name", "verdict"),
    [
        ("", "aws_opensearch_domain.d.domain_name", "refuted"),
        (IN_VPC, "aws_opensearch_domain.d.domain_name", "proved"),
        (IN_VPC, '"d"', "proved"),
        (IN_VPC, '"another"', "refuted"),
        (MAYBE, "aws_opensearch_domain.d.domain_name", "unknown"),
        (IN_VPC.replace('["subnet-1"]', "null"), '"d"', "refuted"),
        (IN_VPC.replace('["subnet-1"]', "var.subnets"), '"d"', "refuted"),
        # AWS makes no domain with security groups and no subnets: they are left out by default, and are given.
        (IN_VPC.replace('["subnet-1"]', "var.none"), '"d"', "refuted"),
        (IN_VPC.replace('["subnet-1"]', "var.none\n    security_group_ids = []"), '"d"', "refuted"),
        (IN_VPC.replace('["subnet-1"]', f"var.none\n    {GROUPS}"), '"d"', "unknown"),
        (IN_VPC.replace('["subnet-1"]', f"var.subnets\n    {GROUPS}"), '"d"', "unknown"),
        (IN_VPC.replace('["subnet-1"]', f'["subnet-1"]\n    {GROUPS}'), '"d"', "proved"),
        (IN_VPC.replace('["subnet-1"]', "[for one in var.subnets : one if one != null]"), '"d"', "unknown"),
        (IN_VPC.replace('["subnet-1"]', 'concat(["a"], var.subnets)'), '"d"', "proved"),
        (IN_VPC.replace('["subnet-1"]', "data.aws_x.y.ids"), '"d"', "unknown"),
    ],
)
def test_what_is_around_a_domain(check: Callable[[str, str], Report], blocks: str, name: str, verdict: str) -> None:
    """A policy of its own lets in nobody from outside of the VPC that its domain is in."""
    subnets = 'variable "subnets" {\n  type = list(string)\n}\nvariable "none" {\n  default = []\n}\n'
    assert verdicts(check(OPEN + subnets + DOMAIN % (blocks, name), "inside-boundary")) == {verdict}


CONTROL = "advanced_security_options {\n    enabled = %s\n    %s\n  }"


@pytest.mark.parametrize(
    ("blocks", "name", "severity"),
    [
        (CONTROL % ("true", ""), "aws_opensearch_domain.d.domain_name", "warning"),
        (CONTROL % ("true", "anonymous_auth_enabled = false"), '"d"', "warning"),
        (CONTROL % ("true", "internal_user_database_enabled = true"), '"d"', "warning"),
        (CONTROL % ("true", "anonymous_auth_enabled = true"), '"d"', "error"),
        (CONTROL % ("true", "anonymous_auth_enabled = var.migrating"), '"d"', "error"),
        (CONTROL % ("true", ""), '"another"', "error"),
        (CONTROL % ("false", ""), '"d"', "error"),
        (CONTROL % ("var.controlled", ""), '"d"', "error"),
    ],
)
def test_what_access_control_a_domain_has(
    check: Callable[[str, str], Report], blocks: str, name: str, severity: str
) -> None:
    """A policy of its own is meant for everybody where its domain asks whoever calls who they are."""
    variables = 'variable "migrating" {}\nvariable "controlled" {}\n'
    report = check(OPEN + variables + DOMAIN % (blocks, name), "inside-boundary")
    assert {one.severity for one in report.results if one.verdict == "refuted"} == {severity}


@pytest.mark.parametrize(
    ("of_domain", "of_policy", "verdict"),
    [
        ("", "", "proved"),
        ('region = "eu-west-1"', 'region = "eu-west-1"', "proved"),
        ('region = "eu-west-1"', 'region = "us-east-1"', "refuted"),
        ('region = "eu-west-1"', "region = data.aws_x.y.z", "refuted"),
        ('region = "eu-west-1"', "provider = aws.us", "refuted"),
        ("provider = aws.us", "provider = aws.us", "proved"),
    ],
)
@pytest.mark.parametrize("name", ['"d"', "aws_opensearch_domain.d.domain_name"])
def test_a_domain_is_around_policies_of_its_own_region(
    check: Callable[[str, str], Report], of_domain: str, of_policy: str, verdict: str, name: str
) -> None:
    """A name is one domain's in a Region, and another one's in the next."""
    providers = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    providers += 'provider "aws" {\n  alias = "us"\n  region = "us-east-1"\n}\n'
    text = OPEN + providers + DOMAIN % (f"{IN_VPC}\n  {of_domain}", f"{name}\n  {of_policy}")
    assert verdicts(check(text, "inside-boundary")) == {verdict}


MULTI_REGION = """
resource "aws_s3control_multi_region_access_point" "m" {
  ARGUMENTS
  details {
    name = OWN
    region {
      bucket = "b"
    }
    BLOCK
  }
}
resource "aws_s3control_multi_region_access_point_policy" "p" {
  details {
    name   = NAME
    policy = jsonencode({ Version = "2012-10-17", Statement = [
      { Effect = "Allow", Action = "s3:GetObject", Resource = "*", Principal = "*" }
    ] })
  }
}
"""
OF_ID = 'element(split(":", aws_s3control_multi_region_access_point.m.id), 1)'


@pytest.mark.parametrize(
    ("settings", "named", "verdict"),
    [
        ("", '"m"', "proved"),
        ("", OF_ID, "proved"),
        ("", '"other"', "refuted"),
        ("", "data.aws_x.y.z", "unknown"),
        ("block_public_policy = false", '"m"', "proved"),
        ("block_public_policy = false\n      restrict_public_buckets = false", OF_ID, "refuted"),
        ("block_public_policy = false\n      restrict_public_buckets = var.v", OF_ID, "refuted"),
        ("block_public_policy = data.aws_x.y.z\n      restrict_public_buckets = false", OF_ID, "unknown"),
    ],
)
def test_what_is_around_a_multi_region_access_point(
    check: Callable[[str, str], Report], settings: str, named: str, verdict: str
) -> None:
    """Its settings against public policies are on unless they are switched off."""
    block = f"public_access_block {{\n      {settings}\n    }}" if settings else ""
    text = MULTI_REGION.replace("ARGUMENTS", "").replace("OWN", '"m"').replace("BLOCK", block).replace("NAME", named)
    assert verdicts(check(OPEN + VAR + text, "inside-boundary")) == {verdict}


@pytest.mark.parametrize("argument", ["count = var.v ? 1 : 0", f'account_id = "{OTHER}"'])
def test_a_multi_region_access_point_that_may_be_another(check: Callable[[str, str], Report], argument: str) -> None:
    """What is not surely the access point of a policy keeps nobody out, and what may be it is no hole."""
    text = MULTI_REGION.replace("ARGUMENTS", argument).replace("OWN", '"m"').replace("BLOCK", "").replace("NAME", '"m"')
    assert verdicts(check(VAR + text, "inside-boundary")) == {"unknown"}


CONTROL = {
    "Type": "AWS::Organizations::Policy",
    "Properties": {
        "Name": "mfa",
        "Type": "SERVICE_CONTROL_POLICY",
        "TargetIds": ["r-a1b2"],
        "Content": {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Action": "*",
                    "Resource": "*",
                    "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                }
            ],
        },
    },
}
VARIABLE = 'variable "v" {\n  type = bool\n}\n'


@pytest.mark.parametrize(
    ("more", "how_many", "verdict"),
    [
        ("", "", "proved"),
        (VARIABLE, "count = var.v ? 1 : 0", "refuted"),
        (VARIABLE, "count = var.v ? 1 : 1", "proved"),
        (OPEN, "count = data.aws_x.y.n", "refuted"),
        ('variable "w" {\n  type = set(string)\n}\n', "for_each = var.w", "refuted"),
        ("", "count = 1", "proved"),
        ("", "count = 0", "refuted"),
    ],
)
def test_a_control_policy_in_a_stack_that_may_not_be_there(
    tmp_path: Path, more: str, how_many: str, verdict: str
) -> None:
    """The template of a stack denies something for certain only where the configuration always makes the stack."""
    body = json.dumps(json.dumps({"Resources": {"Control": CONTROL}}))
    stack = f'resource "aws_cloudformation_stack" "s" {{\n  {how_many}\n  name = "s"\n  template_body = {body}\n}}\n'
    (tmp_path / "main.tf").write_text(USER + more + stack)
    config = {"organization": {"root": "r-a1b2", "accounts": [OWN]}}
    report = trustproof.check([tmp_path], config=config, account=OWN, properties=["sensitive-actions-require-mfa"])
    assert report.errors == ()
    assert {one.verdict for one in report.results if one.logical_id == "aws_iam_user_policy.a"} == {verdict}


CLOUD_CONTROL = """
resource "awscc_s3_bucket" "b" {
  bucket_name = "b"
  public_access_block_configuration = %s
}
resource "awscc_s3_bucket_policy" "p" {
  bucket = awscc_s3_bucket.b.id
  policy_document = POLICY
}
""".replace("POLICY", document(ANYBODY))


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ("{ block_public_policy = true }", "proved"),
        ("{ block_public_policy = false }", "refuted"),
        ("{ block_public_policy = data.external.e.result.a }", "unknown"),
        ("{ restrict_public_buckets = data.external.e.result.a, block_public_policy = true }", "proved"),
        ("data.external.e.result", "unknown"),
    ],
)
def test_what_nobody_knows_of_settings_of_cloud_control(
    check: Callable[[str, str], Report], settings: str, verdict: str
) -> None:
    """A setting that is not known may be on."""
    looked_up = 'data "external" "e" {\n  program = ["a"]\n}\n'
    assert verdicts(check(looked_up + CLOUD_CONTROL % settings, "inside-boundary")) == {verdict}
