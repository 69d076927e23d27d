"""
The policies of a template that may decide about chains, at whatever values of its parameters.
"""

from __future__ import annotations

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains.roles import may_decide
from trustproof.model.document import IDENTITY, TRUST, Document


def deciding_documents(context: TemplateContext) -> list[Document]:
    """
    The trust policies, and the identity policies that may allow to assume a role, or deny anything, at some assignment:
    another value may give the action.
    """
    return [document for document in context.documents if document.kind == TRUST or _may_decide(context, document)]


def _may_decide(context: TemplateContext, document: Document) -> bool:
    if may_decide(document) or document.kind != IDENTITY or context.assignment is not None:
        return may_decide(document)
    classes = context.assignments.of((document.path,))
    return isinstance(classes, str) or any(may_decide(form) for _, form in context.forms(document))
