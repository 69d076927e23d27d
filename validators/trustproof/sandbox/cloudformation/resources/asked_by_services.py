"""
What services ask before they make a resource, which moto does not: of the roles that they are to act with.
"""

from __future__ import annotations

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resources.base import Place, Properties
from trustproof.sandbox.deliveries import check_event_source
from trustproof.sandbox.errors import Refused
from trustproof.sandbox.service_roles import check_role

#: The property that names the role of a resource, and to whom the role is handed.
_ROLES = {
    "AWS::Lambda::Function": ("Role", "lambda.amazonaws.com"),
    "AWS::StepFunctions::StateMachine": ("RoleArn", "states.amazonaws.com"),
}


def check(place: Place, kind: str, properties: Properties) -> None:
    """
    See that a service would make a resource.

    Args:
        place: of the resource.
        kind: `AWS::Lambda::Function`.
        properties: of the resource.

    Raises:
        ResourceFailed: it would not, or nobody here knows.
    """
    name, service = _ROLES.get(kind, ("", ""))
    state = place.cloud.state
    try:
        if properties.get(name):
            check_role(state, str(properties[name]), service, place.region)
        if kind == "AWS::Lambda::EventSourceMapping":
            check_event_source(state, place.account, place.region, properties)
    except Refused as refused:
        service_name = kind.split("::")[1]
        text = f"{refused.message} (Service: {service_name}, Status Code: {refused.status}, Error Code: {refused.code})"
        raise ResourceFailed(text) from None
