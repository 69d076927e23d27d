"""
Proofs of a configuration that rest on the defaults by which its providers say where they deploy to.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import trustproof

pytest.importorskip("tree_sitter_hcl")

OWN, OTHER = "111122223333", "444455556666"
BOUNDARY = {"boundary": {"accounts": [OWN, OTHER]}}
PROVIDER = f'variable "acc" {{\n  default = "{OWN}"\n}}\nprovider "aws" {{\n  %s\n}}\n'
ALLOWED = PROVIDER % "allowed_account_ids = [var.acc]"
ASSUMED = PROVIDER % 'assume_role {\n    role_arn = "arn:aws:iam::${var.acc}:role/deploy"\n  }'
IN_A_LOCAL = PROVIDER % "allowed_account_ids = [local.acc]" + 'locals {\n  acc = join("", [var.acc])\n}\n'
CHOSEN = PROVIDER % f'allowed_account_ids = [var.acc == "{OWN}" ? "{OWN}" : "{OTHER}"]'
FIXED = PROVIDER % f'allowed_account_ids = ["{OWN}"]'
ROLE = """
resource "aws_iam_role" "%s" {
  name = "%s"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [%s] })
}
"""
TRUSTED = '{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ AWS = {} }}{} }}'
WITH_MFA = ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'
BY_NUMBER = ROLE % ("r", "r", TRUSTED.format(f'"arn:aws:iam::{OWN}:root"', ""))
#: Whatever the account is, it is the own one.
LOOKED_UP = 'data "aws_caller_identity" "me" {}\n' + ROLE % (
    "r",
    "r",
    TRUSTED.format('"arn:aws:iam::${data.aws_caller_identity.me.account_id}:root"', ""),
)
SCOPED = """
resource "aws_iam_user_policy" "p" {
  user = "alice"
  name = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Resource = "arn:aws:iam::%s:role/r" }] })
}
"""
#: In the account of the role that the second statement trusts, whom that one lets in passes on its sessions.
CHAIN = ROLE % (
    "r",
    "r",
    TRUSTED.format(f'"arn:aws:iam::{OWN}:root"', WITH_MFA)
    + ", "
    + TRUSTED.format(f'"arn:aws:iam::{OTHER}:role/ci"', ""),
) + ROLE % ("ci", "ci", TRUSTED.format(f'"arn:aws:iam::{OWN}:user/u"', ""))
CHAIN += """
resource "aws_iam_role_policy" "ci" {
  role = aws_iam_role.ci.name
  name = "p"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Resource = "*" }] })
}
"""
#: A bucket's name says not whose it is.
SOURCE = """
resource "aws_sqs_queue" "q" {
  name = "q"
}
resource "aws_sqs_queue_policy" "q" {
  queue_url = aws_sqs_queue.q.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sqs:SendMessage", Resource = aws_sqs_queue.q.arn
    Principal = { Service = "s3.amazonaws.com" }
    Condition = {
      ArnLike = { "aws:SourceArn" = "arn:aws:s3:::acme-logs" }
      StringEquals = { "aws:SourceAccount" = var.acc }
    } }] })
}
"""


@pytest.mark.parametrize(
    ("text", "config", "asked", "resource", "is_named"),
    [
        (ALLOWED + BY_NUMBER, {}, "inside-boundary", "aws_iam_role.r", True),
        (ASSUMED + BY_NUMBER, {}, "inside-boundary", "aws_iam_role.r", True),
        (IN_A_LOCAL + BY_NUMBER, {}, "inside-boundary", "aws_iam_role.r", True),
        (CHOSEN + BY_NUMBER, {}, "inside-boundary", "aws_iam_role.r", True),
        (FIXED + BY_NUMBER, {}, "inside-boundary", "aws_iam_role.r", False),
        (ALLOWED + BY_NUMBER, BOUNDARY, "inside-boundary", "aws_iam_role.r", False),
        (ALLOWED + LOOKED_UP, {}, "inside-boundary", "aws_iam_role.r", False),
        (ALLOWED + SCOPED % OWN, {}, "assume-role-scoped", "aws_iam_user_policy.p", True),
        (ALLOWED + CHAIN, BOUNDARY, "mfa-survives-chaining", "aws_iam_role.r", True),
        (FIXED + CHAIN, BOUNDARY, "mfa-survives-chaining", "aws_iam_role.r", False),
        (FIXED + SOURCE, {}, "no-confused-deputy", "aws_sqs_queue_policy.q", True),
        (FIXED + SOURCE, BOUNDARY, "no-confused-deputy", "aws_sqs_queue_policy.q", True),
    ],
)
def test_a_proof_names_the_default_that_says_the_account(
    text: str, config: dict[str, object], asked: str, resource: str, is_named: bool, tmp_path: Path
) -> None:
    """Where another value leads elsewhere, what is the own account by default may be somebody else's."""
    (tmp_path / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config=config, properties=[asked])
    found = [one for one in report.results if one.logical_id == resource]
    assert [(one.verdict, [name for name, _ in one.at_defaults]) for one in found] == [
        ("proved", ["var.acc"] if is_named else [])
    ]


STACK = """
variable "acc" {
  default = "111122223333"
}
variable "mfa" {
  default = "true"
}
provider "aws" {
  allowed_account_ids = ["111122223333"]
}
resource "%s" "s" {
  name          = "s"
  parameters    = { Acc = var.acc, Mfa = var.mfa }
  template_body = file("${path.module}/role.json")
  %s
}
"""
IN_THE_STACK = """{
  "Parameters": {"Acc": {"Type": "String"}, "Mfa": {"Type": "String"}},
  "Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
      "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${Acc}:root"}},
      "Condition": {"Bool": {"aws:MultiFactorAuthPresent": {"Ref": "Mfa"}}}}]}}}}
}"""


@pytest.mark.parametrize(
    ("type_", "more", "asked", "named"),
    [
        ("aws_cloudformation_stack", "", "inside-boundary", ["var.acc"]),
        ("aws_cloudformation_stack", "", "mfa-required", ["var.mfa"]),
        ("aws_cloudformation_stack", "", "session-duration-bounded", []),
        ("aws_cloudformation_stack", "tags = { Team = var.acc }", "mfa-required", ["var.mfa"]),
        ("aws_cloudformation_stack_set", "", "mfa-required", ["var.mfa"]),
    ],
)
def test_a_proof_of_a_stack_names_the_defaults_that_it_is_passed(
    type_: str, more: str, asked: str, named: list[str], tmp_path: Path
) -> None:
    """What the configuration passes to the template of a stack is what that is made of."""
    (tmp_path / "role.json").write_text(IN_THE_STACK)
    (tmp_path / "main.tf").write_text(STACK % (type_, more))
    (found,) = trustproof.check([tmp_path], config=BOUNDARY if "set" in type_ else {}, properties=[asked]).results
    assert (found.verdict, [name for name, _ in found.at_defaults]) == ("proved", named)


def test_a_template_that_a_variable_is_written_into_is_not_read_without_it(tmp_path: Path) -> None:
    """A text that is not known may be any template."""
    body = 'templatefile("${path.module}/role.json", { Acc = "111122223333", mfa = var.mfa })'
    text = STACK.replace('file("${path.module}/role.json")', body).replace("Acc = var.acc, ", 'Acc = "111122223333", ')
    (tmp_path / "role.json").write_text(IN_THE_STACK.replace('{"Ref": "Mfa"}', '"${mfa}"'))
    (tmp_path / "main.tf").write_text(text % ("aws_cloudformation_stack", ""))
    asked = ["mfa-required", "inside-boundary", "mfa-survives-chaining"]
    found = trustproof.check([tmp_path], config={}, properties=asked).results
    assert {(one.verdict, tuple(name for name, _ in one.at_defaults)) for one in found} == {("proved", ("var.mfa",))}


#: Values of variables other than the defaults.
OTHERS = {"acc": (OTHER, "777788889999"), "prod": ("false",), "mfa": ("false",)}
VARIABLES = f"""
variable "acc" {{
  default = "{OWN}"
}}
variable "prod" {{
  type    = bool
  default = true
}}
variable "mfa" {{
  default = "true"
}}
data "aws_caller_identity" "me" {{}}
"""
PLACES = (
    "allowed_account_ids = [var.acc]",
    'assume_role {\n    role_arn = "arn:aws:iam::${var.acc}:role/deploy"\n  }',
    f'allowed_account_ids = [var.prod ? "{OWN}" : "{OTHER}"]',
    f'allowed_account_ids = ["{OWN}"]',
)
ACCOUNTS = (f'"{OWN}"', f'"{OTHER}"', "var.acc", "data.aws_caller_identity.me.account_id")
TESTS = (
    "",
    ', Condition = { Bool = { "aws:MultiFactorAuthPresent" = var.mfa } }',
    ', Condition = { StringEquals = { "aws:ResourceAccount" = var.acc } }',
    f', Condition = {{ StringEquals = {{ "aws:PrincipalAccount" = "{OWN}" }} }}',
)


def _configuration(choose: random.Random) -> str:
    """A configuration with variables in the places of accounts and conditions, of resources and of a stack."""
    trusted = TRUSTED.format(f'join("", ["arn:aws:iam::", {choose.choice(ACCOUNTS)}, ":root"])', choose.choice(TESTS))
    passed = f"parameters = {{ Acc = {choose.choice(ACCOUNTS)}, Mfa = var.mfa }}"
    stack = f'template_body = file("${{path.module}}/role.json")\n  {passed}\n'
    return "".join(
        (
            VARIABLES,
            f'provider "aws" {{\n  {choose.choice(PLACES)}\n}}\n',
            ROLE % ("r", "r", trusted),
            SCOPED % choose.choice((OWN, OTHER, "${var.acc}")),
            f'resource "aws_cloudformation_stack" "s" {{\n  name = "s"\n  count = var.prod ? 1 : 0\n  {stack}}}\n',
        )
    )


def _verdicts(folder: Path, config: dict[str, object], **given: str) -> dict[tuple[str, str], list[trustproof.Result]]:
    found: dict[tuple[str, str], list[trustproof.Result]] = {}
    for one in trustproof.check([folder], config=config, parameters=given).results:
        if one.property != "statement-usable":
            found.setdefault((one.property, one.logical_id), []).append(one)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_what_another_value_refutes_is_proved_at_the_default_by_name(seed: int, tmp_path: Path) -> None:
    """Each proof that is none at another value of a variable names the variable."""
    choose = random.Random(seed)
    (tmp_path / "main.tf").write_text(_configuration(choose))
    (tmp_path / "role.json").write_text(IN_THE_STACK)
    config = choose.choice(({}, {"boundary": {"accounts": [OWN]}}, BOUNDARY))
    here = _verdicts(tmp_path, config)
    for name, values in OTHERS.items():
        for value in values:
            there = _verdicts(tmp_path, config, **{f"var.{name}": value})
            for asked, proofs in here.items():
                if all(one.verdict == "proved" for one in proofs) and any(
                    one.verdict != "proved" for one in there.get(asked, ())
                ):
                    assert f"var.{name}" in {one for proof in proofs for one, _ in proof.at_defaults}, (asked, value)


def test_a_deny_of_another_root_that_its_provider_may_put_elsewhere(tmp_path: Path) -> None:
    """Where two roots are of one account by the default of one of them, what they say together rests on it."""
    user = 'resource "aws_iam_user" "u" {\n  name = "u"\n}\n' + SCOPED.replace('"alice"', "aws_iam_user.u.name")
    user = user.replace("sts:AssumeRole", "iam:*").replace("arn:aws:iam::%s:role/r", "*")
    deny = SCOPED.replace('"Allow"', '"Deny"').replace("sts:AssumeRole", "*").replace("arn:aws:iam::%s:role/r", "*")
    deny = deny.replace('"alice"', '"u"').replace('"p"\n', '"d"\n')
    without_mfa = 'Condition = { BoolIfExists = { "aws:MultiFactorAuthPresent" = "false" } } }] })'
    deny = deny.replace(" }] })", f"\n    {without_mfa}")
    for name, text in (("a", FIXED + user), ("b", ALLOWED + deny)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(text)
    report = trustproof.check([tmp_path], config={}, properties=["sensitive-actions-require-mfa"])
    (found,) = (one for one in report.results if one.template.endswith("a"))
    named = [name.partition(" of ")[0] for name, _ in found.at_defaults]
    assert (found.verdict, named) == ("proved", ["var.acc"])
