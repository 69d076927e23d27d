"""
Service control policies that keep the users and roles of an account from something.

Only what is certain counts: a Deny of a policy that says itself what it is attached to, in a run whose configuration
says which accounts are below that. A policy that is not attached to an account, or of which a part is known at
deployment only, stops nobody; nor does one stop anybody in the management account.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.analysis.template_context import TemplateContext
from trustproof.config.model import Organization
from trustproof.model.document import CONTROL, IDENTITY, Document
from trustproof.model.policy import DENY
from trustproof.model.query import is_concrete

_OF_CALLERS = "SERVICE_CONTROL_POLICY"


def certain(context: TemplateContext) -> tuple[Document, ...]:
    """
    The service control policies of a template that deny something in each of its deployments: only what they deny.
    """
    if context.template.doubt or context.template.doubts:
        return ()
    found: list[Document] = []
    for document in context.template.documents:
        if document.kind != CONTROL or document.name != _OF_CALLERS or document.guards or any(context.forms(document)):
            continue
        denies = tuple(
            statement._replace(path=())
            for statement in document.policy.statements
            if statement.effect == DENY and not statement.guards and not statement.unreadable
        )
        policy = document.policy._replace(statements=denies, path=())
        if denies and is_concrete(policy):
            found.append(document._replace(policy=policy))
    return tuple(found)


def named_controls(found: Iterable[Iterable[Document]], organization: Organization | None) -> tuple[Document, ...]:
    """What the templates of a run certainly deny, and attach to the root of an organization or to its accounts."""
    if organization is None:
        return ()
    ours = {organization.root, *organization.accounts}
    return tuple(one for controls in found for one in controls if any(target in ours for target in one.targets))


def attached_to(context: TemplateContext) -> tuple[Document, ...]:
    """What is denied to the users and roles of the account of a template, if it says which it is."""
    organization, account = context.config.organization, context.template.account
    if organization is None or account is None or account not in organization.accounts:
        return ()
    return tuple(
        one._replace(kind=IDENTITY, path=(), is_foreign=True, guards=())
        for one in context.controls
        if any(target in (organization.root, account) for target in one.targets)
    )


def resting_on(controls: Iterable[Document]) -> tuple[str, ...]:
    """What a proof that these count for has to say."""
    names = ", ".join(dict.fromkeys(one.logical_id for one in controls))
    return (f"this rests on service control policies that stay attached: {names}",) if names else ()
