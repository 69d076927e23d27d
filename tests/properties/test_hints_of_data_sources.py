"""
What a data source of Terraform reads is in no configuration, and an unknown says where it is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

DATA = """
data "aws_ssm_parameter" "hub" {
  for_each = toset(["x"])
  name     = "/org/${each.key}"
}
data "terraform_remote_state" "org" {
  backend = "s3"
}
data "aws_organizations_organization" "own" {}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = { AWS = PRINCIPAL }
    Action    = "sts:AssumeRole"
    Condition = { StringEquals = { "aws:PrincipalOrgID" = ORGANIZATION } }
  }] })
}
"""
HUB, STATE = 'data.aws_ssm_parameter.hub["x"].value', "data.terraform_remote_state.org.outputs.role"
SHOW = "check what terraform show -json writes of a plan"


@pytest.mark.parametrize("module", [False, True])
@pytest.mark.parametrize(
    ("principal", "organization", "read"),
    [
        (f'"arn:aws:iam::${{{HUB}}}:root"', '"o-abcdefghij"', HUB),
        (f'split(",", {HUB})', '"o-abcdefghij"', HUB),
        (STATE, '"o-abcdefghij"', STATE),
    ],
)
def test_what_terraform_reads_is_in_a_plan(
    principal: str, organization: str, read: str, module: bool, tmp_path: Path
) -> None:
    """The reason names the data source, with its module, and the command that writes what it has read."""
    content = DATA.replace("PRINCIPAL", principal).replace("ORGANIZATION", organization)
    directory = tmp_path / "m" if module else tmp_path
    directory.mkdir(exist_ok=True)
    (directory / "roles.tf").write_text(content, encoding="utf-8")
    if module:
        (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n}\n', encoding="utf-8")
    report = trustproof.check([tmp_path], config={}, properties=["inside-boundary"])
    (found,) = [one for one in report.results if one.verdict == trustproof.UNKNOWN]
    name = f"module.m.{read}" if module and not principal.startswith("split") else read
    assert any(name in reason and SHOW in reason for reason in found.reasons)
    assert sum(SHOW in reason for reason in found.reasons) == 1


#: A bucket for logs, and the account that delivers them.
LOGS = """
variable "region" {}
data "TYPE" "logs" {
  REGION
}
resource "aws_s3_bucket_policy" "p" {
  bucket = "logs"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = { AWS = PRINCIPAL }
    Action    = "s3:PutObject"
    Resource  = "arn:aws:s3:::logs/*"
  }] })
}
"""


@pytest.mark.parametrize("type_", ["aws_elb_service_account", "aws_cloudtrail_service_account"])
@pytest.mark.parametrize(
    "principal", ["data.TYPE.logs.arn", "data.TYPE.logs.id", '"arn:aws:iam::${data.TYPE.logs.id}:root"']
)
@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("", "proved"),
        ('region = "eu-west-1"', "proved"),
        ("region = var.region", "proved"),
        ('region = "xx-west-1"', "unknown"),
    ],
)
def test_an_account_that_delivers_logs_is_one_of_aws(
    type_: str, principal: str, region: str, expected: str, tmp_path: Path
) -> None:
    """In whatever Region that has such an account, which no other customer has."""
    assert verdict_of_logs(type_, principal, region, tmp_path) == expected


@pytest.mark.parametrize(
    ("type_", "principal"),
    [
        ("aws_redshift_service_account", "data.TYPE.logs.arn"),
        ("aws_redshift_service_account", '"arn:aws:iam::${data.TYPE.logs.id}:user/logs"'),
        ("aws_billing_service_account", "data.TYPE.logs.arn"),
        ("aws_billing_service_account", "data.TYPE.logs.id"),
    ],
)
def test_the_user_of_redshift_and_the_account_of_billing_are_of_aws(type_: str, principal: str, tmp_path: Path) -> None:
    """Of Redshift, one user of an account in each Region; of billing, one account for all of them."""
    assert verdict_of_logs(type_, principal, "", tmp_path) == "proved"


def verdict_of_logs(type_: str, principal: str, region: str, tmp_path: Path) -> str:
    """What is said of a bucket for logs."""
    text = LOGS.replace("PRINCIPAL", principal).replace("TYPE", type_).replace("REGION", region)
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    (found,) = trustproof.check([tmp_path], config={}, properties=["inside-boundary"]).results
    return found.verdict


PROVIDERS = """
variable "deployer" {}
variable "hub_deployer" {}
provider "aws" {
  assume_role {
    role_arn = var.deployer
  }
}
provider "aws" {
  alias = "hub"
  assume_role {
    role_arn = var.hub_deployer
  }
}
data "aws_iam_policy_document" "sender" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}
data "aws_iam_policy_document" "receiver" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.sender.arn]
    }
  }
}
resource "aws_iam_role" "sender" {
  provider           = SENDS
  name               = "sender"
  assume_role_policy = data.aws_iam_policy_document.sender.json
}
resource "aws_iam_role" "receiver" {
  provider           = RECEIVES
  name               = "receiver"
  assume_role_policy = data.aws_iam_policy_document.receiver.json
}
"""


@pytest.mark.parametrize(
    ("sends", "receives", "said"),
    [("aws", "aws.hub", "--account ID"), ("aws.hub", "aws", "--provider-account aws.hub=ID")],
)
def test_the_account_of_a_provider_is_given_by_an_option(tmp_path: Path, sends: str, receives: str, said: str) -> None:
    """Whose a role is that another provider makes is known only to whoever deploys it."""
    (tmp_path / "main.tf").write_text(PROVIDERS.replace("SENDS", sends).replace("RECEIVES", receives))
    report = trustproof.check([tmp_path], properties=["inside-boundary"])
    reasons = [reason for one in report.results for reason in one.reasons]
    assert f"say its account: {said}" in reasons


LOCALS = """
locals {
  hub = [for one in data.aws_organizations_organization.own.accounts : one.id if one.name == "Hub"][0]
}
"""


@pytest.mark.parametrize("module", [False, True])
def test_what_a_configuration_makes_of_what_it_reads_is_in_a_plan(module: bool, tmp_path: Path) -> None:
    """Nobody gives a local value on the command line: the reason says where it stands, with its module."""
    content = DATA.replace("PRINCIPAL", '"arn:aws:iam::${local.hub}:root"').replace("ORGANIZATION", '"o-abcdefghij"')
    directory = tmp_path / "m" if module else tmp_path
    directory.mkdir(exist_ok=True)
    (directory / "roles.tf").write_text(content + LOCALS, encoding="utf-8")
    if module:
        (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n}\n', encoding="utf-8")
    report = trustproof.check([tmp_path], config={}, properties=["inside-boundary"])
    (found,) = [one for one in report.results if one.verdict == trustproof.UNKNOWN]
    name = "module.m.local.hub" if module else "local.hub"
    assert f"the value of {name} is in a plan: {SHOW.replace('a plan', 'it')}" in found.reasons
