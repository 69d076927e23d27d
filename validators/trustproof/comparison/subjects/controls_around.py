"""
What control policies deny of what a policy allows, on one side of a comparison.
"""

from __future__ import annotations

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import around, attached_to
from trustproof.model.document import IDENTITY, Document

_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")


def documents_around(context: TemplateContext, document: Document) -> tuple[Document, ...]:
    """
    What control policies deny of what one policy allows, each as a policy beside it.

    Of keys only service control policies: `kms:RetireGrant` is stopped by no other one.
    """
    found = attached_to(context) if document.kind == IDENTITY else around(context, document)
    is_key = document.resource_type in _KEYS
    return tuple(one for one in found if not (is_key and one.name == "RESOURCE_CONTROL_POLICY"))
