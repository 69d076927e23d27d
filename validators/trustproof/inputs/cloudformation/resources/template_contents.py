"""
All resources of a template, read at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.resources.access.access_without_policies import access_without_policies
from trustproof.inputs.cloudformation.resources.access.caller_authorization import caller_authorization
from trustproof.inputs.cloudformation.resources.access.settings_besides import settings_besides
from trustproof.inputs.cloudformation.resources.collection.absent_parts import absent_parts
from trustproof.inputs.cloudformation.resources.collection.collector import Collector
from trustproof.inputs.cloudformation.resources.holders.account_assignments import (
    assignments_elsewhere,
    open_assignments,
    with_account_assignments,
)
from trustproof.inputs.cloudformation.resources.holders.credentials import with_credentials
from trustproof.inputs.cloudformation.resources.holders.principals import Attachments
from trustproof.inputs.cloudformation.resources.holders.unread_loops import further_roles
from trustproof.inputs.cloudformation.resources.policies.shares_of_work import SharesOfWork
from trustproof.inputs.cloudformation.resources.service_uses.assuming_programs import assuming_programs
from trustproof.inputs.cloudformation.sam.implied_access import implied_access
from trustproof.inputs.cloudformation.values.contents import Contents
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy
from trustproof.model.document import Document

_ASSIGNED = "who has which permission set in which account"
_CREDENTIALS = "who can sign in with what"


class TemplateContents(NamedTuple):
    """
    What the resources of a template say.
    """

    #: Without errors, which have no line yet.
    contents: Contents
    malformed: tuple[MalformedPolicy, ...]
    #: The documents of each resource, as it gives them by itself.
    by_resource: Mapping[str, tuple[Document, ...]]


def read_contents(collector: Collector, data: Mapping[str, object]) -> TemplateContents:
    """
    What all resources say.

    Args:
        collector: which has read none of them yet.
        data: the whole template.
    """
    by_resource: dict[str, tuple[Document, ...]] = {}
    for logical_id in collector.environment.resources:
        before = len(collector.documents)
        collector.resource(logical_id)
        by_resource[logical_id] = tuple(collector.documents[before:])
    attachments = Attachments(collector)
    environment = collector.environment
    in_share = SharesOfWork(environment, collector.unread).of_all
    holders = tuple(attachments.holders())
    holders = in_share(_CREDENTIALS, lambda: with_credentials(collector.resolver, holders), holders)
    holders = in_share(_ASSIGNED, lambda: with_account_assignments(collector, holders), holders)
    absent = in_share("what is in no deployment", lambda: absent_parts(collector))
    implied = (
        *in_share("what SAM gives access to", lambda: implied_access(environment)),
        *in_share("what gives access without a policy", lambda: access_without_policies(environment)),
        *in_share("what asks callers for what", lambda: caller_authorization(environment, data)),
        *in_share("what is set besides policies", lambda: settings_besides(environment)),
    )
    elsewhere = in_share(_ASSIGNED, lambda: assignments_elsewhere(collector))
    programs = in_share("which programs are told roles", lambda: assuming_programs(collector.resolver))
    open_to_whom = in_share(_ASSIGNED, lambda: open_assignments(collector, holders))
    contents = Contents(
        tuple(collector.documents),
        holders,
        tuple(collector.roles),
        tuple(collector.unread),
        (),
        attachments.managed,
        tuple(collector.sessions),
        attachments.declared,
        tuple(attachments.named),
        absent,
        implied,
        elsewhere,
        programs,
        open_to_whom,
        further_roles=further_roles(environment),
    )
    return TemplateContents(contents, tuple(collector.malformed), by_resource)
