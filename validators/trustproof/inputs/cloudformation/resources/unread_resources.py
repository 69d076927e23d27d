"""
What of a template nobody looks into.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access_by_property import access_by_property
from trustproof.inputs.cloudformation.resources.identity_providers import identity_providers
from trustproof.inputs.cloudformation.resources.nested_templates import external_templates
from trustproof.inputs.cloudformation.resources.unknown_types import unread_policies
from trustproof.inputs.reader import ExternalTemplate


def unread_resources(
    resolver: Resolver, data: Mapping[str, object], nested: Collection[str]
) -> Iterator[ExternalTemplate]:
    """
    Resources whose templates are not at hand, whose type is not known, and that let somebody in without a policy.

    Args:
        resolver: of the template that has them.
        data: that template.
        nested: the resources whose templates are read besides this one.
    """
    yield from external_templates(resolver, data, nested)
    yield from unread_policies(resolver)
    yield from access_by_property(resolver)
    yield from identity_providers(resolver)
