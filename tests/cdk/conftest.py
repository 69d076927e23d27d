"""
Apps to put constructs into: all in one process, since importing `aws_cdk` starts Node.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("aws_cdk", reason="the constructs need the cdk extra")

import aws_cdk as cdk

Template = dict[str, Any]


@pytest.fixture
def app(tmp_path: Path) -> cdk.App:
    """An app that costs milliseconds: CDK's own validation of templates is off."""
    return cdk.App(outdir=str(tmp_path / "cdk.out"), builtin_cloud_formation_validation=False, tree_metadata=False)


@pytest.fixture
def stack(app: cdk.App) -> cdk.Stack:
    """An environment-agnostic stack."""
    return cdk.Stack(app, "Stack")


@pytest.fixture
def resources(app: cdk.App, stack: cdk.Stack) -> Callable[[str], list[Template]]:
    """
    Synthesize, and give the properties of all resources of a type, in the order of the template.
    """

    def of_type(resource_type: str) -> list[Template]:
        template = app.synth().get_stack_artifact(stack.artifact_id).template
        return [
            resource.get("Properties", {})
            for resource in template.get("Resources", {}).values()
            if resource["Type"] == resource_type
        ]

    return of_type
