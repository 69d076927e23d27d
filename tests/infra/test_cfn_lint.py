"""
A second opinion: are the app's templates good CloudFormation?
"""

from __future__ import annotations

import pytest
from aws_cdk import cx_api

pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")

from tests.infra.linting import complaints


@pytest.mark.parametrize("synthesized", ["assembly", "everything_assembly"])
def test_cfn_lint_has_no_complaint(synthesized: str, request: pytest.FixtureRequest) -> None:
    """All rules of cfn-lint, in the Region of each stack."""
    assembly: cx_api.CloudAssembly = request.getfixturevalue(synthesized)
    assert complaints(assembly) == []


def test_cfn_lint_would_complain(assembly: cx_api.CloudAssembly, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are read one and all, in one call."""
    monkeypatch.setattr(cx_api.CloudFormationStackArtifact, "template_full_path", __file__)
    assert complaints(assembly)
