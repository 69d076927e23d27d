"""
A second opinion: are the app's templates good CloudFormation?
"""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import cx_api

from infra.accounts import Accounts

cfnlint = pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")


def test_cfn_lint_has_no_complaint(accounts: Accounts, assembly: cx_api.CloudAssembly) -> None:
    """All rules of cfn-lint, in the Region of each stack."""
    from cfnlint.config import ManualArgs

    found = [
        str(match)
        for stack in assembly.stacks
        for match in cfnlint.lint_file(
            Path(stack.template_full_path), config=ManualArgs(regions=[stack.environment.region])
        )
    ]
    assert found == []
