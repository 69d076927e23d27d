"""
The documents that templates say for resources: in properties, in the definition of an API, or made of properties.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.inputs.cloudformation.evaluation.declarations.constant_parts import TemplateText
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access import grants
from trustproof.inputs.cloudformation.values.catalogue import RESOURCE_POLICIES, Place
from trustproof.inputs.cloudformation.values.deployment import Deployment
from trustproof.inputs.grammar.values import Unreadable
from trustproof.live.policy_bounds import bounds_of
from trustproof.live.references import present_text
from trustproof.live.resource_properties import ResourceProperties
from trustproof.sandbox.cloudformation.errors import RefusedRequest

#: What has a policy that is not read by `trustproof check`, since it grants nothing by itself.
MORE_PLACES: dict[str, tuple[Place, ...]] = {"AWS::EC2::VPCEndpoint": (("PolicyDocument",),)}
_GLOBAL_TABLE, _TABLE = "AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"
_API = "AWS::ApiGateway::RestApi"
_BUS_POLICY = "AWS::Events::EventBusPolicy"
_DESTINATION = "AWS::Logs::DeliveryDestination"


def instances(type_name: str, properties: ResourceProperties, region: str) -> Iterator[tuple[str, list[Any]]]:
    """
    Where a resource is, and the documents that it has there.

    Args:
        type_name: of the resource.
        properties: of the resource.
        region: of its stack.

    Yields:
        a Region and the documents, each as the template has it or as `PolicyBounds` where not all of it is known.

    Raises:
        RefusedRequest: not even these are.
    """
    if type_name == _GLOBAL_TABLE:
        for replica in properties.get("Replicas") or []:
            document = (replica.get("ResourcePolicy") or {}).get("PolicyDocument")
            yield str(replica.get("Region")), [] if document is None else [document]
            if "ResourcePolicy" in (replica.get("ReplicaStreamSpecification") or {}):
                raise RefusedRequest("the policy of the stream of a replica is not read")
        return
    if type_name == _TABLE and "ResourcePolicy" in (properties.get("StreamSpecification") or {}):
        raise RefusedRequest("the policy of the stream of a table is not read")
    if grants.is_grant(type_name):
        yield region, [granted(type_name, properties)]
        return
    documents: list[Any] = []
    if type_name == _API and "Policy" not in properties:
        documents += _in_body(properties)
    for place in RESOURCE_POLICIES.get(type_name) or MORE_PLACES.get(type_name, ()):
        found = _at(properties, place)
        if type_name == _DESTINATION and isinstance(found, Mapping) and _DESTINATION.rpartition("::")[2] in str(found):
            found = found.get("DeliveryDestinationPolicy", found)
        if found is not None and found != "":
            documents.append(found)
    yield region, documents


def _at(properties: ResourceProperties, place: Place) -> Any:
    """What stands at a place; the bounds of a policy of which not all is known."""
    found: Any = properties
    try:
        for step in place:
            found = found.get(step) if isinstance(found, Mapping) else None
    except RefusedRequest as error:
        given: Any = properties.given
        for step in place:
            given = given.get(step) if isinstance(given, Mapping) else None
        evaluator = properties.evaluator
        bounds = bounds_of(given, evaluator.resolve, error.message, present_text(given, evaluator))
        if bounds is None:
            raise
        return bounds
    return found


def _in_body(properties: Mapping[str, Any]) -> list[Any]:
    """
    The policy of an API in its definition.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html
    """
    if "BodyS3Location" in properties or "CloneFrom" in properties:
        raise RefusedRequest("the definition of the API, which may have a policy, is elsewhere")
    body = properties.get("Body")
    found = body.get("x-amazon-apigateway-policy") if isinstance(body, Mapping) else None
    return [] if found is None else [found]


def granted(type_name: str, properties: Mapping[str, Any]) -> Any:
    """
    The policy that a grant stands for.

    Raises:
        RefusedRequest: what it says is not known.
    """
    if type_name == _BUS_POLICY and "Statement" in properties:
        statement = properties["Statement"]
        try:
            return {"Statement": json.loads(statement) if isinstance(statement, str) else statement}
        except ValueError:
            raise RefusedRequest("the Statement is no JSON") from None
    resolver = Resolver(Environment(TemplateText({}, ""), Deployment()), {})
    try:
        return {"Version": "2012-10-17", "Statement": grants.statement(resolver, type_name, properties)}
    except Unreadable as error:
        raise RefusedRequest(str(error)) from None
