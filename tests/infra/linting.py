"""
A second opinion on synthesized templates: cfn-lint, with all of its rules.
"""

from __future__ import annotations

from aws_cdk import cx_api
from cfnlint.api import lint_by_config
from cfnlint.config import ManualArgs


def complaints(assembly: cx_api.CloudAssembly) -> list[str]:
    """
    What cfn-lint says of the templates of an assembly, in the Region of each stack.

    Those of a Region are given to it together: it reads its rules for each call, which takes longer than a template.
    """
    by_region: dict[str, list[str]] = {}
    for stack in assembly.stacks:
        # The stack of an account that nobody has access in has no resources, which cfn-lint rightly misses.
        if "Resources" in stack.template:
            by_region.setdefault(stack.environment.region, []).append(stack.template_full_path)
    return [
        str(match)
        for region, templates in by_region.items()
        for match in lint_by_config(ManualArgs(templates=templates, regions=[region]))
    ]
