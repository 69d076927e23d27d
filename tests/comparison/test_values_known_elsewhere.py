"""
Values of Terraform that are only known when a configuration is applied: of what else is given, nothing is the same.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof

ROLE = """
resource "aws_iam_role" "r" {
  name = "r"
  assume_role_policy = jsonencode({Version = "2012-10-17", Statement = [
    {Effect = "Allow", Action = "sts:AssumeRole", Principal = {AWS = %s}}
  ]})
}
"""
PARAMETER = 'data "aws_ssm_parameter" "p" { name = "/ONE" }\n'
USER = 'resource "aws_iam_user" "u" { name = "u" }\n'
CHOSEN = 'data.aws_ssm_parameter.p.value == "x"'
OURS = '"arn:aws:iam::111122223333:root"'
#: Configurations in which ONE decides who gets in.
OPEN = {
    "a data source": PARAMETER + ROLE % "data.aws_ssm_parameter.p.value",
    "a part of a text": PARAMETER + ROLE % '"arn:aws:iam::${data.aws_ssm_parameter.p.value}:root"',
    "one of several": 'data "aws_ssm_parameter" "p" {\n  for_each = toset(["k"])\n  name     = "/ONE/${each.key}"\n}'
    + ROLE % 'data.aws_ssm_parameter.p["k"].value',
    "a default of a variable": 'variable "n" { default = "ONE" }\ndata "aws_ssm_parameter" "p" { name = var.n }'
    + ROLE % "data.aws_ssm_parameter.p.value",
    "another data source": PARAMETER
    + 'data "aws_ssm_parameter" "q" { name = data.aws_ssm_parameter.p.value }'
    + ROLE % "data.aws_ssm_parameter.q.value",
    "a state": 'data "terraform_remote_state" "s" {\n  backend = "s3"\n  config  = { key = "ONE" }\n}'
    + ROLE % "data.terraform_remote_state.s.outputs.arn",
    "another provider": 'resource "random_id" "i" {\n  byte_length = 4\n  prefix      = "ONE"\n}'
    + ROLE % '"arn:aws:iam::111122223333:role/${random_id.i.hex}"',
    "a loop": 'data "aws_iam_roles" "a" { name_regex = "ONE" }\n'
    + ROLE % '[for one in data.aws_iam_roles.a.arns : one if one != "x"]',
    "each of several": 'data "aws_iam_roles" "a" { name_regex = "ONE" }\n'
    + (ROLE % "each.value").replace('name = "r"', "for_each = toset(data.aws_iam_roles.a.arns)"),
    "whether it is there": PARAMETER
    + (ROLE % OURS).replace('name = "r"', 'count = data.aws_ssm_parameter.p.value == "x" ? 1 : 0'),
    "a whole policy": PARAMETER
    + 'resource "aws_iam_role" "r" {\n  assume_role_policy = data.aws_ssm_parameter.p.value\n}\n',
    "some statements": PARAMETER
    + (ROLE % OURS).replace("[\n", "concat([\n").replace("\n  ]", f"\n  ], {CHOSEN} ? [{{}}] : [])"),
    "a policy that is attached": PARAMETER
    + USER
    + 'resource "aws_iam_user_policy_attachment" "a" {\n  user       = aws_iam_user.u.name\n'
    + "  policy_arn = data.aws_ssm_parameter.p.value\n}\n",
    "a module that is not at hand": 'module "m" { source = "acme/m/aws//ONE" }\n' + ROLE % "module.m.arn",
    "what a module is given": 'locals { accounts = ["ONE"] }\n'
    'module "m" {\n  source   = "acme/m/aws"\n  accounts = local.accounts\n}\n',
    "a type that is not known": 'locals { p = jsonencode({Statement = [{Effect = "Allow", Sid = "ONE"}]}) }'
    '\nresource "aws_new" "p" { policy = local.p }\n',
}


def configurations(folder: Path, **texts: str) -> list[Path]:
    """Directories with a configuration each."""
    for name, text in texts.items():
        (folder / name).mkdir()
        (folder / name / "main.tf").write_text(text)
    return [folder / name for name in texts]


@pytest.mark.parametrize("text", OPEN.values(), ids=OPEN)
def test_what_is_given_something_else_is_undecided(text: str, tmp_path: Path) -> None:
    """Two parameters of Systems Manager may name two accounts; comments and layout say nothing."""
    old, new, same = configurations(
        tmp_path, old=text, new=text.replace("ONE", "OTHER"), same="# why\n" + text.replace(" = ", "  =  ")
    )
    found = trustproof.diff(old, new, account="111122223333")
    assert found.undecided
    assert not found.access
    assert trustproof.diff(old, same, account="111122223333").is_empty


def test_it_is_undecided_inside_of_a_module(tmp_path: Path) -> None:
    """Where expressions are called by the names of the module that they stand in."""
    text = PARAMETER + ROLE % f'data.aws_ssm_parameter.p.value == "x" ? {OURS} : "arn:aws:iam::222233334444:root"'
    old, new = configurations(tmp_path, old='module "m" { source = "./m" }\n', new='module "m" { source = "./m" }\n')
    for root, name in ((old, "ONE"), (new, "OTHER")):
        configurations(root, m=text.replace("ONE", name))
    assert trustproof.diff(old, new, account="111122223333").undecided


def test_names_that_stay_are_the_same(tmp_path: Path) -> None:
    """Resources of AWS have one identity here, however they are changed, and so have their names and ids."""
    text = (
        'resource "aws_instance" "i" { ami = "ONE" }\n' + ROLE % '"arn:aws:iam::111122223333:role/${aws_instance.i.id}"'
    )
    old, new = configurations(tmp_path, old=text, new=text.replace("ONE", "OTHER"))
    assert trustproof.diff(old, new, account="111122223333").is_empty
