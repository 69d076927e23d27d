"""
What SAM gives to roles, and whom it lets call a function, by properties that are no policies.

Nobody reads what these come to; where they are not what they were, it is not known whether access changed.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-connector.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.sam.added_policies import EVENTS
from trustproof.inputs.cloudformation.sam.apis import topic_permission
from trustproof.inputs.cloudformation.values.catalogue import ROLE_MAKERS
from trustproof.inputs.reader import ImpliedAccess
from trustproof.model.policy import Path

_CONNECTOR = "AWS::Serverless::Connector"
#: Properties by which the role that SAM makes is given more: what it is for, and the part that says to do it with what.
_OF_THE_ROLE = {
    "DeadLetterQueue": ("to send what has failed", "TargetArn"),
    "EventInvokeConfig": ("to send what has come of a call", "DestinationConfig"),
}
#: Kinds of events that let nobody in but what stands in the same template, or is read as a policy.
_OWN_EVENTS = ("AlexaSkill", "Api", "HttpApi", "Schedule", "ScheduleV2", "CloudWatchEvent", "EventBridgeRule")
#: What else events that attach a policy give to a role.
_BESIDES = ("DestinationConfig", "SchemaRegistryConfig", "SourceAccessConfigurations")
#: Kinds of events to the properties that say who is let in, or what else the role may do; of others, all of them.
_PARTS = {
    "CloudWatchLogs": ("LogGroupName",),
    "Cognito": ("UserPool",),
    "IoTRule": (),
    "S3": ("Bucket",),
    "SNS": ("Topic", "SqsSubscription"),
    **dict.fromkeys(EVENTS, _BESIDES),
}


def implied_access(environment: Environment) -> Iterator[ImpliedAccess]:
    """What the resources of a template are given in such a way."""
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
            yield from _of_role(logical_id, properties, path)
            yield from _of_events(logical_id, properties, path)


def _of_role(logical_id: str, properties: Mapping[str, object], path: Path) -> Iterator[ImpliedAccess]:
    """What the role of a function or state machine is given; one that is named has what stands where it is made."""
    if "Role" in properties:
        return
    for name, (purpose, part) in _OF_THE_ROLE.items():
        value = properties.get(name)
        if value is not None and (not isinstance(value, Mapping) or part in value):
            said = f"what the role of {logical_id} may do {purpose} ({name})"
            told_apart = value.get(part) if isinstance(value, Mapping) else value
            yield ImpliedAccess(logical_id, (*path, name), said, _text(told_apart))


def _of_events(logical_id: str, properties: Mapping[str, object], path: Path) -> Iterator[ImpliedAccess]:
    """Who may call a function, and what its role may read, by its events."""
    events = properties.get("Events")
    for name, event in events.items() if isinstance(events, Mapping) else ():
        if isinstance(event, Mapping) and event.get("Type") not in _OWN_EVENTS:
            said = f"what comes of the event {name} of {logical_id} ({event.get('Type')})"
            given, parts = event.get("Properties"), _PARTS.get(str(event.get("Type")))
            if event.get("Type") == "SNS" and isinstance(given, Mapping) and topic_permission(given) is not None:
                # It is read as a policy.
                continue
            if parts is None or not isinstance(given, Mapping):
                yield ImpliedAccess(logical_id, (*path, "Events", name), said, _text(event))
            elif event.get("Type") not in EVENTS or any(part in given for part in parts):
                value = {part: given[part] for part in parts if part in given}
                yield ImpliedAccess(logical_id, (*path, "Events", name), said, _text(value))


def _text(value: object) -> str:
    """A value by which two are compared."""
    return json.dumps(value, sort_keys=True, default=str)
