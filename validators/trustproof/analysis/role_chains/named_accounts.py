"""
The accounts that a template may be in, by what its policies name.
"""

from __future__ import annotations

from trustproof.analysis.role_chains.roles import may_decide
from trustproof.analysis.template_context import TemplateContext
from trustproof.model.arn import is_account
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.query import principals


def named_accounts(context: TemplateContext) -> list[str]:
    """
    The accounts that a template may be in which does not say its own: those of whom roles trust, of the roles that
    identity policies may assume, and those that a StackSet names for it.
    """
    if context.template.account is not None or context.named or context.assignment is not None:
        return []
    found = {account for group in context.template.targets.groups for account in group.accounts if is_account(account)}
    for document in context.documents:
        named = principals(document.policy) if document.kind == TRUST else ()
        resources = (
            resource
            for statement in document.policy.statements
            if document.kind == IDENTITY and may_decide(document)
            for resource in statement.resources or ()
        )
        for text in map(str, (*named, *resources)):
            account = text if is_account(text) else (text.split(":") + [""] * 5)[4]
            found.update([account] if is_account(account) else ())
    return sorted(found)
