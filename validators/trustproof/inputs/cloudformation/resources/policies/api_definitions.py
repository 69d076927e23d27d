"""
Definitions of APIs, which may hold a resource policy.

https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.catalogue import SERVERLESS_API, Place
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.reader import ExternalTemplate

_POLICY = "x-amazon-apigateway-policy"
#: Types of APIs to the properties that hold a definition, and that say where one is.
_PROPERTIES = {
    "AWS::ApiGateway::RestApi": ("Body", "BodyS3Location"),
    SERVERLESS_API: ("DefinitionBody", "DefinitionUri"),
}


def policy_place(type_: str, properties: Mapping[str, object]) -> Place | None:
    """Where in the properties of an API its definition has a policy; None where it is none, or is not written here."""
    body, _ = _PROPERTIES.get(type_, ("", ""))
    value = properties.get(body)
    is_written = isinstance(value, dict) and intrinsic_name(value) in (None, "Fn::If")
    return (body, _POLICY) if is_written and _POLICY in str(value) else None


def elsewhere(environment: Environment) -> Iterator[ExternalTemplate]:
    """The definitions that are not in the template: nobody has looked for a policy in them."""
    for logical_id, resource in environment.resources.items():
        body, location = _PROPERTIES.get(str(resource.get("Type")), ("", ""))
        properties = environment.properties(logical_id) if body else {}
        if location in properties or intrinsic_name(properties.get(body)) not in (None, "Fn::If"):
            yield ExternalTemplate(
                f"the definition of the API {logical_id}",
                "",
                "may hold a policy, and is elsewhere",
                resource=logical_id,
            )
