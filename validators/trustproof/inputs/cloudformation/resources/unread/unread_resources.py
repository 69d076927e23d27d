"""
What of a template nobody looks into.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access.access_by_property import access_by_property
from trustproof.inputs.cloudformation.resources.access.identity_providers import identity_providers
from trustproof.inputs.cloudformation.resources.other_templates.nested_templates import external_templates
from trustproof.inputs.cloudformation.resources.unread.roles_of_accounts import roles_of_accounts
from trustproof.inputs.cloudformation.resources.unread.unknown_types import unread_policies
from trustproof.inputs.cloudformation.resources.unread.unread_properties import unread_properties
from trustproof.inputs.reader import ExternalTemplate
from trustproof.model.construct_paths import construct_path


def unread_resources(
    resolver: Resolver, data: Mapping[str, object], nested: Collection[str], construct_paths: Mapping[str, str]
) -> Iterator[ExternalTemplate]:
    """
    Resources whose templates are not at hand, whose type is not known, and that let somebody in without a policy.

    Args:
        resolver: of the template that has them.
        data: that template.
        nested: the resources whose templates are read besides this one.
        construct_paths: of resources, by logical id, where an assembly gives them.
    """
    for found in (
        external_templates(resolver, data, nested),
        unread_policies(resolver),
        unread_properties(resolver),
        access_by_property(resolver),
        identity_providers(resolver),
        roles_of_accounts(resolver),
    ):
        for one in found:
            logical_id = one.logical_id or one.resource
            resource = resolver.environment.resources.get(logical_id, {})
            yield one._replace(construct_path=construct_path(resource, construct_paths.get(logical_id)))
