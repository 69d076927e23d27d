"""
What services ask before they make a resource, which moto does not: of the roles that they are to act with, of the
bucket that logs are written to, and of the queues and buses that others are wired to.
"""

from __future__ import annotations

from trustproof.sandbox.authorization.actions.exact_resources import is_bus_of
from trustproof.sandbox.authorization.source_arns import source_of_resource
from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Place, Properties
from trustproof.sandbox.cloudformation.roles import handed_over
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.services import (
    dead_letters,
    event_targets,
    function_roles,
    invoking_services,
    load_balancer_logs,
)
from trustproof.sandbox.services.service_roles import check_role, unknown_service


def check(place: Place, kind: str, properties: Properties, name: str) -> None:
    """
    See that a service would make a resource.

    Args:
        place: of the resource.
        kind: `AWS::Lambda::Function`.
        properties: of the resource.
        name: which it has where they give it none, or its ARN.

    Raises:
        ResourceFailed: it would not, or nobody here knows.
    """
    state = place.cloud.state
    source = source_of_resource(kind, properties, name, place.account, place.region)
    try:
        for one in handed_over(place.account, place.partition, kind, properties):
            if one.role is None or one.profile:
                continue
            if one.service is None:
                raise unknown_service(one.role, kind)
            check_role(state, one.role, one.service, place.region, source)
        if kind == "AWS::Lambda::EventSourceMapping":
            function_roles.check_event_source(state, place.account, place.region, properties)
        if kind == "AWS::Lambda::Function":
            role = str(properties.get("Role") or "")
            function_roles.check(state, place.account, place.region, role, properties)
        if kind == "AWS::Lambda::EventInvokeConfig":
            function_roles.check_destinations(state, place.account, place.region, properties)
        if kind == "AWS::Logs::SubscriptionFilter":
            invoking_services.check_subscription(state, place.account, place.region, properties)
        if kind == "AWS::SecretsManager::RotationSchedule":
            function = str(properties["RotationLambdaARN"])
            invoking_services.check_rotation(state, place.account, place.region, function)
        bus = str(properties.get("EventBusName") or "")
        if kind == "AWS::Events::Rule" and not is_bus_of(bus, place.account, place.region):
            raise Undecided(f"whether the policy of {bus} lets this account in is not asked here")
        if kind == "AWS::Events::Rule":
            event_targets.check(state, place.account, place.region, properties.get("Targets") or ())
        if kind == "AWS::SQS::Queue":
            dead_letters.check(place.account, place.region, name.rpartition("/")[2], properties)
        load_balancer_logs.check_resource(state, kind, place.account, place.region, properties)
    except RefusedRequest as refused:
        service_name = kind.split("::")[1]
        text = f"{refused.message} (Service: {service_name}, Status Code: {refused.status}, Error Code: {refused.code})"
        raise ResourceFailed(text) from None
