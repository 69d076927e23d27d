"""
``AWS::Organizations::Policy``: service and resource control policies, and what they are attached to.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-policy.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_syntax.html
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from trustproof.inputs.cloudformation.evaluation.functions.branches import items
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.values.catalogue import KNOWN_AS, Place
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy, quote_value
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import CONTROL, IDENTITY, RESOURCE, Document
from trustproof.model.policy import DENY, Guard, Path, Statement
from trustproof.model.text import Symbolic, Text

CONTROL_POLICY = "AWS::Organizations::Policy"
#: Types of policies that decide requests, to the grammar that they are written in. Others (of tags, of backups) are
#: no policies of IAM.
_GRAMMARS = {"SERVICE_CONTROL_POLICY": IDENTITY, "RESOURCE_CONTROL_POLICY": RESOURCE}


class Documents(Protocol):
    """
    What keeps the documents of a template's resources.
    """

    documents: list[Document]
    unread: list[tuple[Path, str]]
    malformed: list[MalformedPolicy]
    resolver: Resolver

    def walk(
        self, value: object, place: Place, path: Path, guards: tuple[Guard, ...]
    ) -> Iterator[tuple[object, Path, tuple[Guard, ...]]]:
        """The values at a place below a value, with the guards under which each of them is there."""
        ...

    def document(
        self, kind: str, value: object, path: Path, guards: tuple[Guard, ...], logical_id: str, name: object = None
    ) -> int | None:
        """Read one document; its index, or None where there is none or it could not be read."""
        ...


def read(
    collector: Documents, logical_id: str, properties: dict[str, object], path: Path, guards: tuple[Guard, ...]
) -> None:
    """Read the policy of a resource, where it is one that decides requests."""
    for value, place, inner in collector.walk(properties, ("Type",), path, guards):
        try:
            type_ = collector.resolver.text(value)
        except Unreadable as error:
            collector.unread.append((place, str(error)))
            continue
        if not isinstance(type_, str):
            collector.unread.append((place, f"the Type of {logical_id} is the value of {type_}"))
        elif type_ in _GRAMMARS:
            _policy(collector, logical_id, type_, properties, path, inner)


def _policy(
    collector: Documents,
    logical_id: str,
    type_: str,
    properties: dict[str, object],
    path: Path,
    guards: tuple[Guard, ...],
) -> None:
    # Whether a StackSet makes one is nowhere said, nor whether its account is one that may attach it.
    is_nowhere = collector.resolver.environment.deployment.is_in_stack_set
    there = () if is_nowhere else _targets(collector, properties.get("TargetIds"), (*path, "TargetIds"), guards)
    targets, known_as = tuple(there), _known_as(collector, logical_id, properties)
    for value, place, inner in collector.walk(properties, ("Content",), path, guards):
        index = collector.document(_GRAMMARS[type_], value, place, inner, logical_id)
        if index is None:
            continue
        document = collector.documents[index]._replace(kind=CONTROL, name=type_, targets=targets, known_as=known_as)
        collector.documents[index] = document
        if type_ == "RESOURCE_CONTROL_POLICY":
            collector.malformed += _refused(document)


def _targets(collector: Documents, given: object, path: Path, guards: tuple[Guard, ...]) -> Iterator[Text]:
    """Ids of the root, units and accounts that a policy is always attached to, whatever conditions say."""
    for value, _, inner in items(collector.resolver, given, path, guards):
        try:
            text = collector.resolver.text(value)
        except Unreadable:
            continue
        if isinstance(text, (str, Symbolic)) and inner == guards:
            yield text


def _known_as(collector: Documents, logical_id: str, properties: dict[str, object]) -> tuple[str, ...]:
    """By what a plan may change or delete it: no other one of an organization has its name."""
    given = (collector.resolver.environment.resource(logical_id) or {}).get(KNOWN_AS)
    if isinstance(given, list):
        return tuple(map(str, given))
    try:
        name = collector.resolver.text(properties.get("Name"))
    except Unreadable:
        return ()
    return (name,) if isinstance(name, str) else ()


def _refused(document: Document) -> Iterator[MalformedPolicy]:
    """What Organizations refuses in a resource control policy: it only denies, to everybody, actions of services."""
    for statement in document.policy.statements:
        if statement.unreadable:
            continue
        for element, value, expected in _odd(statement):
            message = f"the {element} of a resource control policy is {value}, expected {expected}"
            yield MalformedPolicy(message, (*statement.path, element))


def _odd(statement: Statement) -> Iterator[tuple[str, str, str]]:
    if statement.effect != DENY:
        yield "Effect", quote_value(statement.effect), quote_value(DENY)
    principals = statement.principals
    if principals is not None and [(entry.kind, entry.value) for entry in principals] != [("*", "*")]:
        yield "Principal", quote_value(str(principals[0].value)), '"*"'
    for element, there in (("NotPrincipal", statement.not_principals), ("NotAction", statement.not_actions)):
        if there is not None:
            yield element, "there", f"{element.removeprefix('Not')} alone"
    if "*" in (statement.actions or ()):
        yield "Action", '"*"', 'actions of services such as "s3:*"'
