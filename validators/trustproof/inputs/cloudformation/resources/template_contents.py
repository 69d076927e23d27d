"""
All resources of a template, read at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.resources.absent_parts import absent_parts
from trustproof.inputs.cloudformation.resources.access_without_policies import access_without_policies
from trustproof.inputs.cloudformation.resources.account_assignments import (
    assignments_elsewhere,
    open_assignments,
    with_account_assignments,
)
from trustproof.inputs.cloudformation.resources.assuming_programs import assuming_programs
from trustproof.inputs.cloudformation.resources.caller_authorization import caller_authorization
from trustproof.inputs.cloudformation.resources.collector import Collector
from trustproof.inputs.cloudformation.resources.credentials import with_credentials
from trustproof.inputs.cloudformation.resources.principals import Attachments
from trustproof.inputs.cloudformation.sam.implied_access import implied_access
from trustproof.inputs.cloudformation.values.contents import Contents
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy
from trustproof.model.document import Document


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
    attachments = Attachments(collector, data)
    signing_in = with_credentials(collector.resolver, attachments.holders())
    holders = tuple(with_account_assignments(collector, tuple(signing_in)))
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
        tuple(absent_parts(collector)),
        (
            *implied_access(collector.environment, data),
            *access_without_policies(collector.environment),
            *caller_authorization(collector.environment, data),
        ),
        tuple(assignments_elsewhere(collector)),
        tuple(assuming_programs(collector.resolver)),
        tuple(open_assignments(collector, holders)),
    )
    return TemplateContents(contents, tuple(collector.malformed), by_resource)
