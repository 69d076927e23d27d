"""
A second opinion on what the constructs synthesize: cfn-lint, with all of its rules.
"""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest


def complaints(app: cdk.App, stack: cdk.Stack) -> list[str]:
    """
    What cfn-lint says of the template of a stack.

    It is imported by the first test that asks, which takes about a second. Where it is not installed, the test is
    skipped.
    """
    cfnlint = pytest.importorskip("cfnlint.api", reason="cfn-lint is not installed")
    from cfnlint.config import ManualArgs

    template = Path(app.synth().get_stack_artifact(stack.artifact_id).template_full_path)
    return [str(match) for match in cfnlint.lint_file(template, config=ManualArgs(regions=["us-east-1"]))]
