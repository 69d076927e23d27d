"""
Remedies as changes of the sources: in the language that the policy was written in, and proved when they are made.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import trustproof
from trustproof.results.report import Replacement, Report

pytest.importorskip("tree_sitter_hcl")

CONFIG = {"boundary": {"accounts": ["111122223333", "222222222222"]}}
ROLE = 'resource "aws_iam_role" "r" {\n  name = "r"\n  assume_role_policy = %s\n}\n'
TRUST = 'Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::222222222222:root" }'
OBJECT = """jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Action    = "sts:AssumeRole"
        Principal = { AWS = "arn:aws:iam::222222222222:root" } # the hub
      },
    ]
  })"""
CONDITION = """jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::222222222222:root" }
      Condition = {
        BoolIfExists = { "aws:MultiFactorAuthPresent" = "true" }
        StringLike = {
          "aws:PrincipalArn" = "arn:aws:iam::222222222222:user/$${aws:username}"
        }
      }
    }]
  })"""
HEREDOC = """<<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Action": "sts:AssumeRole",
          "Principal": {"AWS": "arn:aws:iam::${local.hub}:root"}
        }
      ]
    }
  EOT"""
LOCALS = 'locals {\n  hub = "222222222222"\n}\n'
DOCUMENT = """data "aws_iam_policy_document" "d" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::222222222222:root"]
    }
%s  }
}
"""
BLOCK = """    condition {
      test     = "BoolIfExists"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
"""
FROM_DOCUMENT = ROLE % "data.aws_iam_policy_document.d.json"

NEW_BLOCK = """    condition {
      test     = "Bool"
      variable = "aws:MultiFactorAuthPresent"
      values   = ["true"]
    }
"""
NEW_ENTRY = """        Principal = { AWS = "arn:aws:iam::222222222222:root" } # the hub
        Condition = {
          Bool = {
            "aws:MultiFactorAuthPresent" = "true"
          }
        }
      },
"""
NEW_JSON = """          "Principal": {"AWS": "arn:aws:iam::${local.hub}:root"},
          "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        }
"""
LOCAL = f"locals {{\n  p = {OBJECT.removeprefix('jsonencode(').removesuffix(')')}\n}}\n"

#: Sources, and what stands in them afterwards.
REMEDIES: dict[str, tuple[str, str]] = {
    "an object over several lines": (ROLE % OBJECT, NEW_ENTRY),
    "an object on one line": (
        ROLE % f'jsonencode({{ Version = "2012-10-17", Statement = [{{ {TRUST} }}] }})',
        f'{TRUST}, Condition = {{ Bool = {{ "aws:MultiFactorAuthPresent" = "true" }} }} }}]',
    ),
    "an operator of an object": (ROLE % CONDITION, '        Bool = { "aws:MultiFactorAuthPresent" = "true" }\n'),
    "JSON in a heredoc": (LOCALS + ROLE % HEREDOC, NEW_JSON),
    "a block of a policy document": (FROM_DOCUMENT + DOCUMENT % "", f"    }}\n{NEW_BLOCK}  }}\n}}\n"),
    "a condition block": (FROM_DOCUMENT + DOCUMENT % BLOCK, NEW_BLOCK),
    "a policy that comes through locals": (ROLE % "jsonencode(local.p)" + LOCAL, "          Bool = {\n"),
}


def check(folder: Path) -> Report:
    return trustproof.check([folder], config=CONFIG, account="111122223333")


def replaced(text: str, replacements: tuple[Replacement, ...]) -> str:
    """A text with something in the place of something else."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    for one in sorted(replacements, reverse=True):
        start, end = starts[one.line - 1] + one.column - 1, starts[one.end_line - 1] + one.end_column - 1
        text = text[:start] + one.text + text[end:]
    return text


def remedy(report: Report, property_: str = "mfa-required") -> tuple[Replacement, ...]:
    """What to replace for the remedy of a property."""
    (found,) = (one for one in report.results if one.property == property_ and one.verdict == "refuted")
    assert found.remedy is not None
    assert report.sources is not None
    return report.sources.replacements(found.template, found.remedy.edits)


@pytest.mark.parametrize(("text", "expected"), REMEDIES.values(), ids=REMEDIES.keys())
def test_a_remedy_that_is_made_in_the_sources_proves_the_property(tmp_path: Path, text: str, expected: str) -> None:
    """A refuted policy is proved after the change, whichever way it is written, and the rest stays as it was."""
    file = tmp_path / "main.tf"
    file.write_text(text)
    changes = remedy(check(tmp_path))
    assert {one.file for one in changes} == {str(file)}
    after = replaced(text, changes)
    assert expected in after
    file.write_text(after)
    again = {one.property: one.verdict for one in check(tmp_path).results}
    assert again["mfa-required"] == "proved"


def test_a_number_is_changed_where_it_is_written(tmp_path: Path) -> None:
    """An argument that is no policy is changed too, in the module or variable that says it."""
    (tmp_path / "main.tf").write_text(
        'variable "d" {\n  default = 43200\n}\n' + (ROLE % OBJECT).replace('name = "r"', "max_session_duration = var.d")
    )
    (change,) = remedy(check(tmp_path), "session-duration-bounded")
    assert (change.line, change.column, change.end_column, change.text) == (2, 13, 18, "3600")


def test_what_a_change_would_say_besides_is_not_suggested(tmp_path: Path) -> None:
    """An object that is the policy of two roles is not changed for one of them."""
    role = ROLE % "jsonencode(local.p)"
    (tmp_path / "main.tf").write_text(role + role.replace('"r"', '"s"') + LOCAL)
    report = check(tmp_path)
    assert report.sources is not None
    found = [one for one in report.results if one.property == "mfa-required" and one.remedy is not None]
    assert len(found) == 2
    assert [report.sources.replacements(one.template, one.remedy.edits) for one in found if one.remedy] == [(), ()]


#: Sources, and how the remedy is shown.
SHOWN = {
    "an object": (
        ROLE % CONDITION,
        [f'{line} = {{ "aws:MultiFactorAuthPresent" = "true" }}' for line in ("- BoolIfExists", "+ Bool")],
    ),
    "JSON": (LOCALS + ROLE % HEREDOC, ['+ "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}']),
    "a document": (FROM_DOCUMENT + DOCUMENT % "", [f"+ {line[4:]}" for line in NEW_BLOCK.splitlines()]),
}


@pytest.mark.parametrize(("text", "lines"), SHOWN.values(), ids=SHOWN.keys())
def test_a_remedy_is_shown_as_it_would_be_written(tmp_path: Path, text: str, lines: list[str]) -> None:
    """Whoever reads the report can copy what it says into the file."""
    (tmp_path / "main.tf").write_text(text)
    (found,) = (one for one in check(tmp_path).results if one.property == "mfa-required")
    assert found.remedy is not None
    assert list(found.remedy.diff) == lines


def test_an_argument_is_shown_as_one(tmp_path: Path) -> None:
    """A number that is no part of a policy has the name that Terraform gives it."""
    (tmp_path / "main.tf").write_text((ROLE % OBJECT).replace('name = "r"', "max_session_duration = 43200"))
    (found,) = (one for one in check(tmp_path).results if one.property == "session-duration-bounded")
    assert found.remedy is not None
    assert list(found.remedy.diff) == ["- max_session_duration = 43200", "+ max_session_duration = 3600"]
