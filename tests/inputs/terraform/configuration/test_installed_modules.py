"""
Modules that are installed: the one that a call asks for is judged, and no other.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN, Resource, plan, trust
from trustproof.inputs.terraform.configuration.modules.installed_modules import Record, satisfies, why_another

#: A source as it is written, and as Terraform writes it down.
SAME = [
    ("acme/role/aws", "registry.terraform.io/acme/role/aws"),
    ("acme/role/aws", "registry.opentofu.org/acme/role/aws"),
    ("acme/role/aws", "acme/role/aws"),
    ("acme/iam/aws//modules/role", "registry.terraform.io/acme/iam/aws//modules/role"),
    ("App.Terraform.io/acme/role/aws", "app.terraform.io/acme/role/aws"),
    ("github.com/acme/role", "git::https://github.com/acme/role.git"),
    ("github.com/acme/role//sub?ref=v1", "git::https://github.com/acme/role.git//sub?ref=v1"),
    ("github.com/acme/role/sub", "git::https://github.com/acme/role.git//sub"),
    ("git@github.com:acme/role.git?ref=v1", "git::ssh://git@github.com/acme/role.git?ref=v1"),
    ("git::https://x.example/role.git?ref=v1&depth=1", "git::https://x.example/role.git?depth=1&ref=v1"),
    ("git::ssh://git@x.example:2222/role.git", "git::ssh://git@x.example:2222/role.git"),
    ("bucket.s3-eu-west-1.amazonaws.com/role.zip", "s3::https://s3.eu-west-1.amazonaws.com/bucket/role.zip"),
    ("/modules/role", "file:///modules/role"),
]
OTHER = [
    ("evil/role/aws", "registry.terraform.io/acme/role/aws"),
    ("acme/role/aws", "app.terraform.io/acme/role/aws"),
    ("acme/iam/aws//modules/role", "registry.terraform.io/acme/iam/aws"),
    ("acme/role/aws", "git::https://github.com/acme/role.git"),
    ("git::https://github.com/acme/role.git?ref=v2", "git::https://github.com/acme/role.git?ref=v1"),
    ("git::https://github.com/acme/role.git?ref=v2", "git::https://github.com/acme/role.git"),
    ("git::https://github.com/evil/role.git", "git::https://github.com/acme/role.git"),
    ("git::https://evil.example/acme/role.git", "git::https://github.com/acme/role.git"),
    ("github.com/acme/role//other", "git::https://github.com/acme/role.git//sub"),
    ("evil.s3.amazonaws.com/role.zip", "s3::https://s3.amazonaws.com/acme/role.zip"),
    ("acme/role/aws", ""),
    ("acme/role/aws", "./role"),
]


@pytest.mark.parametrize(("source", "recorded"), SAME)
def test_a_source_is_the_same_however_it_is_written(source: str, recorded: str) -> None:
    """Terraform writes down the host of a registry, and how it gets a repository."""
    assert why_another(Record(recorded), source, "") == ""


@pytest.mark.parametrize(("source", "recorded"), OTHER)
def test_another_source_is_another_module(source: str, recorded: str) -> None:
    """Another namespace, host, directory or revision is named, with what is installed."""
    why = why_another(Record(recorded), source, "")
    assert recorded in why
    assert source in why


VERSIONS = [
    ("1.2.3", "1.2.3", True),
    ("1.2.3", "= 1.2.3", True),
    ("1.2", "1.2.0", True),
    ("1.2.3", "v1.2.3", True),
    ("1.2.3", "1.2.4", False),
    ("1.2.3", "!= 1.2.3", False),
    ("1.10.0", "> 1.9", True),
    ("1.9.0", ">= 1.9", True),
    ("1.9.0", "< 1.9", False),
    ("1.9.0", "<= 1.9", True),
    ("2.9.9", "~> 2.0", True),
    ("3.0.0", "~> 2.0", False),
    ("2.1.0", "~> 2.0.4", False),
    ("2.0.9", "~> 2.0.4", True),
    ("2.0.3", "~> 2.0.4", False),
    ("5.0.0", "~> 2", True),
    ("1.5.0", ">= 1.0, < 2.0", True),
    ("2.5.0", ">= 1.0,< 2.0", False),
    ("2.0.0-beta1", "2.0.0-beta1", True),
    ("2.0.0-beta1", ">= 1.0", False),
    ("2.0.0", "2.0.0-beta1", False),
    ("", ">= 1.0", False),
    ("1.0.0", "latest", False),
]


@pytest.mark.parametrize(("version", "constraint", "expected"), VERSIONS)
def test_a_version_is_one_that_is_admitted(version: str, constraint: str, expected: bool) -> None:
    """All of the operators of a constraint, by numbers; what is not read admits nothing."""
    assert satisfies(version, constraint) is expected


ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" }
    Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } } }] })
}
"""


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ('source = "acme/role/aws"', ""),
        ('source = "acme/role/aws"\n  version = "~> 1.0"', ""),
        ('source = "evil/role/aws"', "the source evil/role/aws"),
        ('source = "acme/role/aws"\n  version = "~> 2.0"', "the version ~> 2.0, and what is installed is 1.0.0"),
        ('source = "acme/role/aws"\n  version = var.role', "the version 2.0.0"),
        ('source = "acme/role/aws"\n  version = var.unset', "a version that is not known, var.unset"),
        ('source = "acme/role/aws"\n  version = null', ""),
    ],
)
def test_what_is_installed_of_another_day_is_not_judged(tmp_path: Path, call: str, why: str) -> None:
    """A module that is not the one that is called is not checked, and nothing of it is proved."""
    pytest.importorskip("tree_sitter_hcl")
    record = {"Key": "m", "Source": "registry.terraform.io/acme/role/aws", "Version": "1.0.0"}
    installed = tmp_path / ".terraform" / "modules"
    (installed / "m").mkdir(parents=True)
    (installed / "m" / "main.tf").write_text(ROLE)
    (installed / "modules.json").write_text(json.dumps({"Modules": [{**record, "Dir": ".terraform/modules/m"}]}))
    variable = 'variable "role" {\n  default = "2.0.0"\n}\nvariable "unset" {\n  type = string\n}\n'
    (tmp_path / "main.tf").write_text(f'{variable}module "m" {{\n  {call}\n}}\n')
    found = trustproof.check([tmp_path], account=OWN, properties=["mfa-required"])
    assert [one.verdict for one in found.results if one.logical_id] == ([] if why else ["proved"])
    assert any(f"not checked: module.m, which has {why}" in note for note in found.notes) is bool(why)


def test_a_plan_is_not_compared_with_what_is_installed_of_another_day(tmp_path: Path) -> None:
    """Of a module that is not the one that is called the configuration says nothing."""
    pytest.importorskip("tree_sitter_hcl")
    installed = tmp_path / ".terraform" / "modules"
    (installed / "m").mkdir(parents=True)
    (installed / "m" / "main.tf").write_text(ROLE.replace('"r" {', '"of_another_day" {'))
    record = {"Key": "m", "Source": "registry.terraform.io/acme/role/aws", "Version": "1.0.0"}
    (installed / "modules.json").write_text(json.dumps({"Modules": [{**record, "Dir": ".terraform/modules/m"}]}))
    content = plan(Resource("module.m.aws_iam_role.r", {"name": "r", "assume_role_policy": trust()}))
    call = content["configuration"]["root_module"]["module_calls"]["m"]
    call |= {"source": "acme/role/aws", "version_constraint": "~> 2.0"}
    (tmp_path / "plan.json").write_text(json.dumps(content))
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "acme/role/aws"\n  version = "~> 2.0"\n}\n')
    found = trustproof.check([tmp_path / "plan.json"], account=OWN, source=tmp_path, properties=["mfa-required"])
    assert not found.errors
    assert [one.logical_id for one in found.results if one.logical_id] == ["module.m.aws_iam_role.r"]
