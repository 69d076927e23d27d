"""
What SAM gives to roles, and whom it lets call a function, by properties that are no policies.

Nobody reads what these come to; where they are not what they were, it is not known whether access changed.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-connector.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.environment import Environment
from trustproof.inputs.cloudformation.sam.globals import SECTIONS, global_properties, merge_globals
from trustproof.inputs.cloudformation.sam.roles import is_policy_template
from trustproof.inputs.cloudformation.values.catalogue import ROLE_MAKERS
from trustproof.inputs.reader import ImpliedAccess
from trustproof.model.policy import Path

_CONNECTOR = "AWS::Serverless::Connector"
#: Properties by which the role that SAM makes is given more: what it is for, and the part that says to do it with what.
_OF_THE_ROLE = {
    "Tracing": ("to send traces", ""),
    "VpcConfig": ("to make network interfaces", ""),
    "DeadLetterQueue": ("to send what has failed", "TargetArn"),
    "EventInvokeConfig": ("to send what has come of a call", "DestinationConfig"),
}
#: Kinds of events that let nobody in but what stands in the same template, or is read as a policy.
_OWN_EVENTS = ("Api", "HttpApi", "Schedule", "ScheduleV2", "CloudWatchEvent", "EventBridgeRule")


def implied_access(environment: Environment, data: Mapping[str, object]) -> Iterator[ImpliedAccess]:
    """
    What the resources of a template are given in such a way.

    Args:
        environment: of the template.
        data: the whole template, for its ``Globals``.
    """
    for logical_id, resource in environment.resources.items():
        type_ = resource.get("Type")
        path = environment.path(logical_id)
        connectors = resource.get("Connectors")
        for name, connector in connectors.items() if isinstance(connectors, Mapping) else ():
            said = f"what the connector {name} of {logical_id} gives"
            yield ImpliedAccess(logical_id, (*path, "Connectors", name), said, _text(connector))
        properties = resource.get("Properties")
        if not isinstance(type_, str) or not isinstance(properties, Mapping):
            continue
        path = (*path, "Properties")
        if type_ == _CONNECTOR:
            yield ImpliedAccess(logical_id, path, f"what the connector {logical_id} gives", _text(properties))
        elif type_ in ROLE_MAKERS:
            if type_ in SECTIONS:
                whole = merge_globals(global_properties(data, resource), properties)
                assert isinstance(whole, Mapping)
                properties = whole
            yield from _of_role(logical_id, properties, path)
            yield from _of_events(logical_id, properties, path)


def _of_role(logical_id: str, properties: Mapping[str, object], path: Path) -> Iterator[ImpliedAccess]:
    """What the role of a function or state machine is given; one that is named has what stands where it is made."""
    if "Role" in properties:
        return
    given = properties.get("Policies")
    for number, one in enumerate(given if isinstance(given, list) else [given]):
        if names := list(dict.fromkeys(_policy_templates(one))):
            place = (*path, "Policies", number) if isinstance(given, list) else (*path, "Policies")
            said = f"what the role of {logical_id} may do by {' and '.join(names)}"
            yield ImpliedAccess(logical_id, place, said, _text(one))
    for name, (purpose, part) in _OF_THE_ROLE.items():
        value = properties.get(name)
        if value is not None and (not part or not isinstance(value, Mapping) or part in value):
            said = f"what the role of {logical_id} may do {purpose} ({name})"
            told_apart = value.get(part) if part and isinstance(value, Mapping) else bool(part) and value
            yield ImpliedAccess(logical_id, (*path, name), said, _text(told_apart))


def _policy_templates(value: object) -> Iterator[str]:
    """The names of policy templates in an item of policies, of which a condition may decide."""
    if isinstance(value, list):
        for one in value:
            yield from _policy_templates(one)
    elif isinstance(value, Mapping) and "Statement" not in value:
        for name, inner in value.items():
            if is_policy_template(name):
                yield name
            else:
                yield from _policy_templates(inner)


def _of_events(logical_id: str, properties: Mapping[str, object], path: Path) -> Iterator[ImpliedAccess]:
    """Who may call a function, and what its role may read, by its events."""
    events = properties.get("Events")
    for name, event in events.items() if isinstance(events, Mapping) else ():
        if isinstance(event, Mapping) and event.get("Type") not in _OWN_EVENTS:
            said = f"what comes of the event {name} of {logical_id} ({event.get('Type')})"
            yield ImpliedAccess(logical_id, (*path, "Events", name), said, _text(event))


def _text(value: object) -> str:
    """A value by which two are compared."""
    return json.dumps(value, sort_keys=True, default=str)
