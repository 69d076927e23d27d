"""
What a template tells to other accounts: a topic that the stacks of a StackSet are told has their alarms, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.access.function_urls import PERMISSION
from trustproof.inputs.cloudformation.values.catalogue import SOURCE, STACK_SET, TEMPLATE_BODY
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Document
from trustproof.model.text import Symbolic, Text

#: Properties of policies that name what they stand on.
_STANDS_ON = {
    PERMISSION: "FunctionName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
}
#: How many fields of an ARN come before the account.
_BEFORE_ACCOUNT = 4


def has_outward_mentions(resolver: Resolver, document: Document) -> bool:
    """
    Whether what may make resources in other accounts is told what a policy is about: a StackSet, or what a reader of
    another language says.
    """
    environment = resolver.environment
    if document.resource_arn in environment.indexes.of(resolver, _said_elsewhere):
        return True
    told = environment.indexes.of(resolver, _told_to_stack_sets)
    if told is None:
        return False
    named = _STANDS_ON.get(document.resource_type)
    own = {document.logical_id} if named is None else names_in(environment.properties(document.logical_id).get(named))
    if not told.names.isdisjoint(own):
        return True
    called = _plain(document.resource_arn).split(":", _BEFORE_ACCOUNT)[_BEFORE_ACCOUNT:]
    return bool(called) and any(names_resource(body, called[0]) for body in told.bodies)


class _Told(NamedTuple):
    """
    What StackSets are told.
    """

    #: What they refer to, by logical ids and names of parameters.
    names: frozenset[str]
    #: Their templates.
    bodies: Sequence[str]


def _told_to_stack_sets(resolver: Resolver) -> _Told | None:
    """What the StackSets of a template are told; None where it has none."""
    environment = resolver.environment
    told = [environment.properties(name) for name in environment.of_types((STACK_SET,))]
    bodies = dict.fromkeys(_plain(_text(resolver, one.get(TEMPLATE_BODY))) for one in told)
    return _Told(frozenset(name for one in told for name in names_in(one)), [*bodies]) if told else None


def _said_elsewhere(resolver: Resolver) -> frozenset[Text | None]:
    """The ARNs of which a reader of another language says that what makes resources elsewhere is told them."""
    said = map(resolver.environment.properties, resolver.environment.of_types((SOURCE,)))
    return frozenset(_text(resolver, one.get("Target")) for one in said if one.get("Elsewhere"))


def _plain(text: object) -> str:
    """A text in which what is not known has no name, which may have colons."""
    return re.sub(r"<[^<>]*>", "<>", str(text))


def names_resource(text: str, called: str) -> bool:
    """Whether a text has the end of an ARN in it, from the account on, and nothing longer."""
    return f":{called}" in text and re.search(re.escape(f":{called}") + r"(?![\w-])", text) is not None


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else None
