"""
What a template says of how that is used which a policy is about.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.evaluation.section.api_methods import method_types, named_by, with_methods
from trustproof.inputs.cloudformation.resources.access.function_urls import PERMISSION, auth_types, takes_signed_only
from trustproof.inputs.cloudformation.resources.collection.stands_on import resource_form
from trustproof.inputs.cloudformation.resources.service_uses.outward_mentions import has_outward_mentions
from trustproof.inputs.cloudformation.resources.service_uses.sources import has_further_senders, sources_of
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.model.document import TRUST, Document

_API, _SAM_API = "AWS::ApiGateway::RestApi", "AWS::Serverless::Api"
#: Domains of private APIs, and what is said of the endpoints of those.
_API_DOMAIN, _PRIVATE = "AWS::ApiGateway::DomainNameV2", ("PRIVATE",)
_DOMAINS = ("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain")
#: What the name of the service ends with that private APIs are called by.
_EXECUTE = "execute-api"
#: What is reached by signed requests only:
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html
#: https://docs.aws.amazon.com/omics/latest/dev/s3-sharing.html
_SIGNED_ONLY = ("AWS::S3::MultiRegionAccessPointPolicy", "AWS::Omics::SequenceStore")


def with_uses(resolver: Resolver, document: Document) -> Document:
    """A resource policy with what of the template has services come there, and whether only signed requests do."""
    if document.resource_type == PERMISSION:
        is_signed = takes_signed_only(resolver.environment, document.logical_id)
        urls = auth_types(resolver.environment, document.logical_id)
        document = document._replace(signed_only=is_signed, urls=urls or document.urls)
    if document.resource_type in _SIGNED_ONLY:
        document = document._replace(signed_only=True)
    if document.resource_type in (_API, _SAM_API):
        document = with_methods(document, (), resolver.environment.properties(document.logical_id))
        if document.endpoint_types == _PRIVATE:
            document = document._replace(vpc_endpoints=tuple(_vpc_endpoints(resolver, document.logical_id)))
    if document.resource_type == _API:
        types = method_types(resolver.environment, document.logical_id)
        document = with_methods(document, types, resolver.environment.properties(document.logical_id))
    if document.resource_type == _API_DOMAIN:
        document = document._replace(endpoint_types=_PRIVATE)
    if document.resource_type in _DOMAINS:
        has_control, has_users = _access_control(resolver, document.logical_id)
        document = document._replace(own_users=has_users, own_access_control=has_control)
    if document.kind == TRUST:
        document = document._replace(described=tuple(_described(resolver, document.logical_id)))
    sources, told = sources_of(resolver, document), has_outward_mentions(resolver, document)
    has_further = told or (bool(sources) and has_further_senders(resolver, document))
    form = resource_form(document.resource_type, document.resource_arn)
    return document._replace(
        sources=sources, has_further_sources=has_further, has_outward_mentions=told, resource_form=form
    )


def _described(resolver: Resolver, role: str) -> Iterator[str]:
    """What the author of a role says of it, and of the parameters of its trust policy, as far as that is a text."""
    properties = resolver.environment.properties(role)
    tags = properties.get("Tags")
    values = [tag.get("Value") for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    yield from (text for text in (properties.get("Description"), *values) if isinstance(text, str))
    for name in sorted(set(names_in(properties.get("AssumeRolePolicyDocument")))):
        if (parameter := resolver.environment.declared.get(name)) is not None:
            yield from (name, parameter.description)


def _access_control(resolver: Resolver, domain: str) -> tuple[bool, bool]:
    """
    Whether a domain has fine-grained access control, which lets in nobody who does not say who they are, and whether it
    has users of its own for that: their requests are not signed.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/fgac.html
    """
    options = resolver.environment.properties(domain).get("AdvancedSecurityOptions")
    said = {name: str(value).lower() for name, value in options.items()} if isinstance(options, dict) else {}
    # For thirty days it may let in whoever is nobody, too.
    has_control = said.get("Enabled") == "true" and said.get("AnonymousAuthEnabled", "false") == "false"
    return has_control, has_control and said.get("InternalUserDatabaseEnabled") == "true"


def _vpc_endpoints(resolver: Resolver, api: str) -> Iterator[str]:
    """
    The endpoints of VPCs that a private API names, or else those of the template for calls to APIs.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-create.html
    """
    said = resolver.environment.properties(api).get("EndpointConfiguration")
    listed = said.get("VpcEndpointIds", said.get("VPCEndpointIds")) if isinstance(said, dict) else None
    if isinstance(listed, list):
        names = [named_by(one) or named_by([one]) or one for one in listed]
        yield from (name for name in names if isinstance(name, str))
        return
    yield from resolver.environment.indexes.of(resolver.environment, _endpoints_of_apis)


def _endpoints_of_apis(environment: Environment) -> Sequence[str]:
    """The endpoints of VPCs for calls to APIs, by their logical ids."""
    endpoints = environment.of_types(("AWS::EC2::VPCEndpoint",))
    said = {name: environment.properties(name).get("ServiceName") for name in endpoints}
    return [name for name, value in said.items() if _EXECUTE in json.dumps(value, default=str)]
