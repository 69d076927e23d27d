"""
What CloudFormation needs to make, change and delete a resource of another service than IAM: the permissions of the
handlers of its type, which AWS publishes in the schema of the type.

They are all that a handler may need, and which of them it needs for given properties is not said: whoever has all of
them makes the resource, and what a denial of one means is undecided, but for the one that makes or deletes it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from trustproof.aws.published import Action, Service, handler_permissions, service
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.cloudformation.resource_type import Place, Properties
from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto.cloudformation import foreign_name

#: Types, the property with the name of the resource, or `-` where the service gives it an identifier, and the resource
#: types of the reference that it is one of.
_TABLE = """
    DynamoDB::GlobalTable TableName table
    DynamoDB::Table TableName table
    ECR::Repository RepositoryName repository
    Events::Rule Name rule-on-custom-event-bus rule-on-default-event-bus
    KMS::Key - key
    Kinesis::Stream Name stream
    Lambda::Function FunctionName function
    Logs::LogGroup LogGroupName log-group
    S3::Bucket BucketName bucket
    SNS::Topic TopicName topic
    SQS::Queue QueueName queue
    SSM::Parameter Name parameter
    StepFunctions::StateMachine StateMachineName statemachine
"""
_NAMED = {f"AWS::{kind}": (name, tuple(types)) for kind, name, *types in map(str.split, _TABLE.strip().splitlines())}
_BUS = "EventBusName"
#: How the operation that makes a resource begins, and the one that deletes it, before the last word of its type.
_MAKES, _DELETES = ("create", "put"), ("delete",)
#: Tags of a log group are about its ARN, and all else is about its ARN with this end.
#: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
_LOGS, _STREAMS = "AWS::Logs::LogGroup", ":*"


class _Resource(NamedTuple):
    """The resource: the types of the reference that it is one of, and its ARN."""

    types: tuple[str, ...]
    arn: str


def needs_of_handler(
    place: Place,
    kind: str,
    prefixes: Iterable[str],
    physical_id: str | None,
    old: Properties | None,
    new: Properties | None,
) -> Iterator[Need]:
    """
    What it needs in the service of a resource to bring it from one state to another.

    Args:
        place: of the resource.
        kind: its type.
        prefixes: of the actions of its service.
        physical_id: None where it is made.
        old: its properties so far; None where it is made.
        new: those that it shall have; None where it is deleted.

    Raises:
        Undecided: nothing is known of the actions of the service.
    """
    handler = "create" if old is None else "delete" if new is None else "update"
    listed = handler_permissions(kind, handler)
    services = {prefix: service(prefix) for prefix in prefixes}
    known = {prefix: found for prefix, found in services.items() if found is not None}
    if len(known) < len(services):
        raise Undecided(f"with which actions a resource of type {kind} is made is not known here")
    actions = [(prefix, one) for prefix, found in known.items() for one in _listed(prefix, found, listed)]
    # A list without anything that changes something is no whole one.
    whole = any(not one.reads for _, one in actions)
    if not whole:
        actions = [(prefix, one) for prefix, found in known.items() for one in found.actions.values() if not one.reads]
    resources = {prefix: _resource(place, kind, found, physical_id, new or {}) for prefix, found in known.items()}
    doubt = f"whether making a resource of type {kind} needs it is not known here"
    for prefix, action in actions:
        need = _need(place, kind, prefix, action, resources[prefix] if whole else None)
        sure = whole and need.resource is not None and _is_the_one(kind, handler, action.name)
        yield need if sure else replace(need, doubt=doubt)


def _listed(prefix: str, found: Service, listed: Iterable[str]) -> list[Action]:
    """The actions of a service among those that a schema lists; such as the reference does not have, too."""
    actions = []
    for one in listed:
        of, _, name = one.lower().partition(":")
        if of != prefix:
            continue
        if "*" in name:
            actions += [action for known, action in found.actions.items() if fnmatchcase(known, name)]
        else:
            actions.append(found.actions.get(name) or Action(one.partition(":")[2], (), False, (), False, False))
    return actions


def _is_the_one(kind: str, handler: str, action: str) -> bool:
    """Whether an action is surely the one by which a resource of the type is made, or deleted."""
    begins = {"create": _MAKES, "delete": _DELETES}.get(handler, ())
    return action.lower() in {f"{verb}{kind.rpartition('::')[2].lower()}" for verb in begins}


def _need(place: Place, kind: str, prefix: str, action: Action, resource: _Resource | None) -> Need:
    need = Need(f"{prefix}:{action.name}", None, place.account)
    if action.is_described and not action.resources:
        return replace(need, resource="*")
    of_it = resource is not None and action.is_described and set(action.resources) <= set(resource.types)
    # An action on one of several types is required on none of them.
    if resource is None or not of_it or not (action.required or len(resource.types) > 1):
        return need
    if kind == _LOGS and "Tag" not in action.name:
        return replace(need, resource=resource.arn + _STREAMS, denied_as=resource.arn)
    return replace(need, resource=resource.arn)


def _resource(
    place: Place, kind: str, found: Service, physical_id: str | None, properties: Properties
) -> _Resource | None:
    """The resource; None where it cannot be named. One that is made has the name that it will have, but for chance."""
    name, types = _NAMED.get(kind, ("", ()))
    forms = {form for one in types for form in found.resources.get(one, ())}
    if len(forms) != 1 or (kind == "AWS::Events::Rule" and (physical_id is not None or _BUS in properties)):
        return None
    if physical_id is not None:
        named = physical_id.rpartition("/")[2] if physical_id.startswith("http") else physical_id
    elif name == "-":
        named = str(uuid.uuid4())
    else:
        named = str(properties.get(name) or foreign_name(kind, place.stack_name, place.logical_id, properties))
    if named.startswith("arn:"):
        return _Resource(types, named)
    parts = forms.pop().split(":", 5)
    values = {1: place.partition, 3: place.region, 4: place.account}
    parts = [values.get(index, part) if part == "*" else part for index, part in enumerate(parts)]
    parts[-1] = parts[-1].replace("*", named.removeprefix("/"), 1)
    return _Resource(types, ":".join(parts)) if "*" not in ":".join(parts) else None
