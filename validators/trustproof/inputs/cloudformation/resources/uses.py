"""
What a template says of how that is used which a policy is about.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.resources.public_access import PERMISSION, takes_signed_only, urls_of
from trustproof.inputs.grammar.values import Unreadable
from trustproof.model.document import Document
from trustproof.model.policy import Path
from trustproof.model.text import Text

_BUCKET = "AWS::S3::Bucket"
_API = "AWS::ApiGateway::RestApi"
#: Types of policies on what a bucket may send notifications to.
_NOTIFIED = ("AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy")
#: Where the notifications of a bucket name what they are sent to, and how:
#: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html
_TARGETS = (("TopicConfigurations", "Topic"), ("QueueConfigurations", "Queue"))


def with_uses(resolver: Resolver, document: Document) -> Document:
    """A resource policy with which buckets send notifications there, and whether it is about signed requests only."""
    if document.resource_type in (_API, PERMISSION) and takes_signed_only(resolver, document.logical_id):
        document = document._replace(signed_only=True)
    if document.resource_type == PERMISSION and (urls := tuple(_urls(resolver, document.logical_id))):
        return document._replace(urls=urls)
    if document.resource_type in _NOTIFIED:
        return document._replace(notifying=_notifying(resolver, document.resource_arn))
    return document


def _urls(resolver: Resolver, logical_id: str) -> Iterator[tuple[Path, str]]:
    """Where the URLs of a function say who may call, and what: nothing where one of them does not say it in a text."""
    environment = resolver.environment
    found = [(name, environment.properties(name).get("AuthType")) for name in urls_of(resolver, logical_id)]
    if all(isinstance(said, str) for _, said in found):
        yield from (((*environment.path(name), "Properties", "AuthType"), str(said)) for name, said in found)


def _notifying(resolver: Resolver, target: Text) -> tuple[str, ...]:
    """The buckets of a template that send notifications to a topic or queue, by their logical ids."""
    resources = resolver.environment.resources
    buckets = [name for name, resource in resources.items() if resource.get("Type") == _BUCKET]
    return tuple(name for name in buckets if any(_is(resolver, value, target) for value in _targets(resolver, name)))


def _targets(resolver: Resolver, bucket: str) -> Iterator[object]:
    """What the notifications of a bucket are sent to, as far as it is written without conditions."""
    found = resolver.environment.properties(bucket).get("NotificationConfiguration")
    for several, one in _TARGETS:
        listed = found.get(several) if isinstance(found, dict) else None
        for entry in listed if isinstance(listed, list) else ():
            if isinstance(entry, dict) and one in entry:
                yield entry[one]


def _is(resolver: Resolver, value: object, target: Text) -> bool:
    try:
        return resolver.text(value) == target
    except Unreadable:
        return False
