"""
A second opinion: are the app's templates good CloudFormation?
"""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_cdk import cx_api

cfnlint = pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")


@pytest.mark.parametrize("synthesized", ["assembly", "everything_assembly"])
def test_cfn_lint_has_no_complaint(synthesized: str, request: pytest.FixtureRequest) -> None:
    """All rules of cfn-lint, in the Region of each stack."""
    from cfnlint.config import ManualArgs

    assembly: cx_api.CloudAssembly = request.getfixturevalue(synthesized)
    found = [
        str(match)
        for stack in assembly.stacks
        # The stack of an account that nobody has access in has no resources, which cfn-lint rightly misses.
        if "Resources" in stack.template
        for match in cfnlint.lint_file(
            Path(stack.template_full_path), config=ManualArgs(regions=[stack.environment.region])
        )
    ]
    assert found == []
