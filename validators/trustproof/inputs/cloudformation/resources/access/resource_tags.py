"""
The tags of what a resource policy stands on: those that the template gives it.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-abac.html
https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access-abac.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.resources.policies.entity_names import is_replaced
from trustproof.inputs.grammar.values import scalar_text
from trustproof.model.document import Document
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.text import Text

#: Types of resources with tags and with a policy that is about requests to them alone.
_TAGGED = frozenset("AWS::KMS::Key AWS::SNS::Topic AWS::SQS::Queue AWS::SecretsManager::Secret".split())
_REPLICA = "AWS::KMS::ReplicaKey"
#: Types of the policies that stand on these.
OF_TAGGED = {
    "AWS::KMS::Key",
    _REPLICA,
    "AWS::SNS::TopicInlinePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueueInlinePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::ResourcePolicy",
}

Tags = tuple[tuple[str, str], ...]


class Tagged(NamedTuple):
    """What is known of the tags of a resource, and the condition under which the template makes it."""

    tags: Tags
    condition: object


#: Where each of thousands of policies is read by itself, what is tagged is the same for all of them.
_BY_ARN = IdentityMemory["dict[Text, Tagged]"](2)


def tags_by_arn(environment: Environment, arn: Callable[[str], Text]) -> dict[Text, Tagged]:
    """
    The ARNs of the resources that a policy may stand on and that a template tags, each with what is known of its tags.

    Args:
        arn: of a resource, by its logical id; the same for all that ask about one template.
    """
    return _BY_ARN.get(lambda: _tags_by_arn(environment, arn), environment)


def _tags_by_arn(environment: Environment, arn: Callable[[str], Text]) -> dict[Text, Tagged]:
    found: dict[Text, Tagged] = {}
    several: set[Text] = set()
    for logical_id, resource in environment.resources.items():
        if resource.get("Type") not in _TAGGED:
            continue
        where = arn(logical_id)
        if where in found:
            several.add(where)
        found[where] = Tagged(tuple(_written(environment.properties(logical_id))), resource.get("Condition"))
    return {where: one for where, one in found.items() if one.tags and where not in several and where != "*"}


def with_tags(environment: Environment, tagged: Mapping[Text, Tagged], document: Document) -> Document:
    """A resource policy with the tags of what it stands on, which may be somebody else's where this one is not made."""
    resource = environment.resources[document.logical_id]
    if resource.get("Type") == _REPLICA:
        # It has the ARN of its primary key, but for the Region, and tags of its own.
        return document._replace(resource_tags=tuple(_written(environment.properties(document.logical_id))))
    on = tagged.get(document.resource_arn)
    there = on is not None and on.condition in (None, resource.get("Condition"))
    return document._replace(resource_tags=on.tags if on and there else ())


def _written(properties: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """
    The tags that are written out, which no parameter, macro or dynamic reference decides.

    A condition has no letter case in the key of a tag: of two tags that differ in that alone it is not known which one
    is compared.
    """
    given = properties.get("Tags")
    tags = given if isinstance(given, list) and not any(key.startswith("Fn::") for key in properties) else []
    keys = [tag.get("Key") if isinstance(tag, dict) else None for tag in tags]
    if not all(isinstance(key, str) and not is_replaced(key) for key in keys):
        return
    counted = Counter(str(key).lower() for key in keys)
    for key, tag in zip(keys, tags, strict=True):
        written = tag.get("Value")
        # How CloudFormation writes a number that is not whole is not documented.
        value = None if isinstance(written, float) else scalar_text(written)
        if value is not None and not is_replaced(value) and counted[str(key).lower()] == 1:
            yield str(key).lower(), value
