"""
Directives in texts that are filled in: judged where they are decided, and both ways where a variable decides.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OWN

pytest.importorskip("tree_sitter_hcl", reason="tree-sitter-hcl is not installed; it is in the extra called terraform")

MFA = '"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}'
#: A statement for each account, with or without MFA.
TEMPLATE = (
    '{"Version": "2012-10-17", "Statement": [\n%{ for number, account in accounts ~}\n%{ if number > 0 },%{ endif }\n'
    '{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::${account}:root"}'
    f"%{{ if mfa }}, {MFA}%{{ endif }}}}\n%{{ endfor ~}}\n]}}\n"
)


def as_file(directory: Path, accounts: str, mfa: str) -> str:
    """In a file of its own."""
    (directory / "trust.tftpl").write_text(TEMPLATE)
    return f'templatefile("${{path.module}}/trust.tftpl", {{ accounts = {accounts}, mfa = {mfa} }})'


def as_heredoc(directory: Path, accounts: str, mfa: str) -> str:
    """In a heredoc."""
    return f"<<-EOT\n{TEMPLATE.replace('in accounts', f'in {accounts}').replace('if mfa', f'if {mfa}')}EOT\n"


def as_text(directory: Path, accounts: str, mfa: str) -> str:
    """In a text in quotes."""
    escaped = TEMPLATE.replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped.replace("in accounts", f"in {accounts}").replace("if mfa", f"if {mfa}")}"'


VARIABLES = """
variable "mfa" {
  type = bool
}
variable "stage" {
  type = string
}
variable "accounts" {
  type = list(string)
}
"""


@pytest.mark.parametrize("write", [as_file, as_heredoc, as_text])
@pytest.mark.parametrize(
    ("mfa", "verdict", "parameters"),
    [
        ("true", "proved", {}),
        ("false", "refuted", {}),
        ("var.mfa", "refuted", {"var.mfa": "false"}),
        ("!var.mfa", "refuted", {"var.mfa": "true"}),
        ("var.mfa || true", "proved", {}),
    ],
)
def test_what_decides_is_known_or_judged_both_ways(
    tmp_path: Path, write: object, mfa: str, verdict: str, parameters: dict[str, str]
) -> None:
    """A loop through what is known has a statement for each round."""
    assert callable(write)
    text = write(tmp_path, '["222222222222", "333333333333"]', mfa)
    (tmp_path / "main.tf").write_text(
        f'{VARIABLES}resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {text}\n}}\n'
    )
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert report.errors == ()
    found = [one for one in report.results if one.logical_id == "aws_iam_role.r"]
    assert {one.verdict for one in found} == {verdict}
    assert all(one.counterexample is None or one.counterexample.parameters == parameters for one in found)


@pytest.mark.parametrize("write", [as_file, as_heredoc, as_text])
def test_a_loop_through_what_nobody_knows_is_unknown(tmp_path: Path, write: object) -> None:
    """However many statements there are, nobody says anything of them."""
    assert callable(write)
    text = write(tmp_path, "var.accounts", "true")
    (tmp_path / "main.tf").write_text(
        f'{VARIABLES}resource "aws_iam_role" "r" {{\n  name = "r"\n  assume_role_policy = {text}\n}}\n'
    )
    report = trustproof.check([tmp_path], config={}, account=OWN, properties=["mfa-required"])
    assert {one.verdict for one in report.results} == {"unknown"}
