"""
Whether what users and roles of a template may do is the same wherever it is deployed.

How bad it is that somebody gets a role depends on what the role gives, in every deployment.
"""

from __future__ import annotations

from trustproof.analysis.assignments.template_assignments import TemplateAssignments
from trustproof.inputs.input_deployments import InputDeployments
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY


def is_settled(template: Input, deployments: InputDeployments, assignments: TemplateAssignments) -> bool:
    """Whether no parameter decides what somebody may do, by its default or by one of the values that it lists."""
    if any(deployments.defaults_in(one.path) for one in template.holders if one.path):
        return False
    own = [one for one in template.documents if one.kind == IDENTITY]
    classes = [assignments.of((one.path,)) for one in own]
    return not any(map(template.defaults_of, own)) and all(not isinstance(c, str) and len(c) < 2 for c in classes)
