"""
Policies of which a part is sensitive: that part is hidden, wherever it stands, and the rest is not.

https://developer.hashicorp.com/terraform/language/manage-sensitive-data
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import trustproof
from tests.inputs.terraform.builders import OTHER, OWN
from trustproof.output import sarif, text
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
    report, _ = check(tmp_path, VARIABLE + role("r", HIDDEN_ROOT))
    found = json.loads(sarif.render(report))["runs"][0]["results"]
    assert "(sensitive)" not in json.dumps([one["fixes"][0]["artifactChanges"] for one in found])


def test_what_stands_around_a_sensitive_part_of_an_arn_is_no_secret(tmp_path: Path) -> None:
    """What all ARNs begin with is shown, where an account that nobody knows is sensitive."""
    unknown = VARIABLE.replace(f'  default = "{SECRET}"\n', "")
    _, shown = check(tmp_path, unknown + role("r", HIDDEN_ROOT))
    assert f"arn:aws:iam::{OTHER}:user/alice calls sts:AssumeRole" in shown
