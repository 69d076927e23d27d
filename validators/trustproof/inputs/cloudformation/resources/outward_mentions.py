"""
What a template tells to other accounts: a topic that the stacks of a StackSet are told has their alarms, too.
"""

from __future__ import annotations

import re

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.public_access import PERMISSION
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
    for name in environment.of_types((SOURCE,)):
        said = environment.properties(name)
        if said.get("Elsewhere") and _text(resolver, said.get("Target")) == document.resource_arn:
            return True
    stack_sets = environment.of_types((STACK_SET,))
    if not stack_sets:
        return False
    named = _STANDS_ON.get(document.resource_type)
    own = {document.logical_id} if named is None else names_in(environment.properties(document.logical_id).get(named))
    called = _plain(document.resource_arn).split(":", _BEFORE_ACCOUNT)[_BEFORE_ACCOUNT:]
    for name in stack_sets:
        properties = environment.properties(name)
        body = _text(resolver, properties.get(TEMPLATE_BODY))
        if {*own} & {*names_in(properties)} or (called and names_resource(_plain(body), called[0])):
            return True
    return False


def _plain(text: object) -> str:
    """A text in which what is not known has no name, which may have colons."""
    return re.sub(r"<[^<>]*>", "<>", str(text))


def names_resource(text: str, called: str) -> bool:
    """Whether a text has the end of an ARN in it, from the account on, and nothing longer."""
    return re.search(re.escape(f":{called}") + r"(?![\w-])", text) is not None


def _text(resolver: Resolver, value: object) -> Text | None:
    try:
        found = resolver.text(value)
    except Unreadable:
        return None
    return found if isinstance(found, (str, Symbolic)) else None
