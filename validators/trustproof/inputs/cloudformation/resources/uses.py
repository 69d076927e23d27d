"""
What a template says of how that is used which a policy is about.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.public_access import PERMISSION, takes_signed_only, urls_of
from trustproof.inputs.cloudformation.resources.sources import sources_of
from trustproof.model.document import Document
from trustproof.model.policy import Path

_API = "AWS::ApiGateway::RestApi"


def with_uses(resolver: Resolver, document: Document) -> Document:
    """A resource policy with what of the template has services come there, and whether only signed requests do."""
    if document.resource_type in (_API, PERMISSION) and takes_signed_only(resolver, document.logical_id):
        document = document._replace(signed_only=True)
    if document.resource_type == PERMISSION and (urls := tuple(_urls(resolver, document.logical_id))):
        document = document._replace(urls=urls)
    return document._replace(sources=sources_of(resolver, document))


def _urls(resolver: Resolver, logical_id: str) -> Iterator[tuple[Path, str]]:
    """Where the URLs of a function say who may call, and what: nothing where one of them does not say it in a text."""
    environment = resolver.environment
    found = [(name, environment.properties(name).get("AuthType")) for name in urls_of(resolver, logical_id)]
    if all(isinstance(said, str) for _, said in found):
        yield from (((*environment.path(name), "Properties", "AuthType"), str(said)) for name, said in found)
