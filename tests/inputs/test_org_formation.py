"""
The dialect of org-formation, as far as it is CloudFormation.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from trustproof.inputs.discovery.inputs import read_template
from trustproof.model.text import Symbolic, Text


def principal(folder: Path, written: str, version: str) -> Text:
    """How the principal of a role is read."""
    file = folder / "template.yml"
    file.write_text(
        f"""\
AWSTemplateFormatVersion: '{version}'
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal:
              AWS: {written}
""",
        encoding="utf-8",
    )
    (document,) = read_template(str(file)).documents
    (entry,) = document.policy.statements[0].principals or ()
    return entry.value


@pytest.mark.parametrize("version", ["2010-09-09-OC", "2010-09-09"])
@pytest.mark.parametrize(
    "written", ["Fn::EnumTargetAccounts Binding '${account}'", "Fn::TargetCount Binding", "Fn::EnumTargetAccounts"]
)
def test_a_function_in_a_text_is_not_known(written: str, version: str, tmp_path: Path) -> None:
    """A text that is a function gives a value that only org-formation knows, whatever the template says it is."""
    assert isinstance(principal(tmp_path, written, version), Symbolic)


def test_any_other_text_is_a_text(tmp_path: Path) -> None:
    """The dialect changes no text besides."""
    written = "arn:aws:iam::111122223333:root"
    assert principal(tmp_path, written, "2010-09-09-OC") == written
