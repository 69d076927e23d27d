"""
What a template says of how that is used which a policy is about.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.public_access import (
    PERMISSION,
    endpoint_types,
    methods_say,
    takes_signed_only,
    urls_of,
)
from trustproof.inputs.cloudformation.resources.sources import sources_of
from trustproof.model.document import Document
from trustproof.model.policy import Path

_API, _SAM_API = "AWS::ApiGateway::RestApi", "AWS::Serverless::Api"
_DOMAINS = ("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain")
_OWN_USERS = ("Enabled", "InternalUserDatabaseEnabled")


def with_uses(resolver: Resolver, document: Document) -> Document:
    """A resource policy with what of the template has services come there, and whether only signed requests do."""
    if document.resource_type in (_API, PERMISSION) and takes_signed_only(resolver, document.logical_id):
        document = document._replace(signed_only=True)
    if document.resource_type == _API:
        document = document._replace(methods_say=methods_say(resolver, document.logical_id))
    if document.resource_type in (_API, _SAM_API):
        document = document._replace(endpoint_types=endpoint_types(resolver, document.logical_id))
    if document.resource_type == PERMISSION and (urls := tuple(_urls(resolver, document.logical_id))):
        document = document._replace(urls=urls)
    if document.resource_type in _DOMAINS:
        document = document._replace(own_users=_has_own_users(resolver, document.logical_id))
    return document._replace(sources=sources_of(resolver, document))


def _has_own_users(resolver: Resolver, domain: str) -> bool:
    """
    Whether a domain has fine-grained access control with users of its own: their requests are not signed.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """
    options = resolver.environment.properties(domain).get("AdvancedSecurityOptions")
    return isinstance(options, dict) and all(str(options.get(key)).lower() == "true" for key in _OWN_USERS)


def _urls(resolver: Resolver, logical_id: str) -> Iterator[tuple[Path, str]]:
    """Where the URLs of a function say who may call, and what: nothing where one of them does not say it in a text."""
    environment = resolver.environment
    found = [(name, environment.properties(name).get("AuthType")) for name in urls_of(resolver, logical_id)]
    if all(isinstance(said, str) for _, said in found):
        yield from (((*environment.path(name), "Properties", "AuthType"), str(said)) for name, said in found)
