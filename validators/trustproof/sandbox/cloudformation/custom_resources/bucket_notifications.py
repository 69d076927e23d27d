"""
What the CDK's function behind `Custom::S3BucketNotifications` does: `bucket.addEventNotification`.

https://github.com/aws/aws-cdk/blob/main/packages/%40aws-cdk/custom-resource-handlers/lib/aws-s3/notifications-resource-handler/index.py
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.custom_resources.base import CustomResource
from trustproof.sandbox.cloudformation.custom_resources.cdk_functions import CdkFunction
from trustproof.sandbox.cloudformation.resource_type import Made, Properties
from trustproof.sandbox.cloudformation.resources.by_operations import parameters_of

_BUCKET, _CONFIGURATION, _BUS = "BucketName", "NotificationConfiguration", "EventBridgeConfiguration"
_KINDS = ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations")
_PUT = "PutBucketNotificationConfiguration"


class BucketNotifications(CustomResource):
    """Whom S3 tells of the objects of a bucket."""

    name = "Custom::S3BucketNotifications"
    service = "s3"
    calls: ClassVar[frozenset[str]] = frozenset({"GetBucketNotificationConfiguration", _PUT})
    required: ClassVar[frozenset[str]] = frozenset({_BUCKET, _CONFIGURATION})
    create_only: ClassVar[frozenset[str]] = frozenset({_BUCKET})

    def made(self, function: CdkFunction, properties: Properties) -> Made:
        self._put(function, properties, added=properties[_CONFIGURATION])
        return Made(function.place.logical_id)

    def changed(self, function: CdkFunction, made: Made, old: Properties, new: Properties) -> Made:
        self._put(function, new, added=new[_CONFIGURATION])
        return made

    def deleted(self, function: CdkFunction, made: Made, properties: Properties) -> None:
        self._put(function, properties, added={})

    def _put(self, function: CdkFunction, properties: Properties, *, added: Mapping[str, Any]) -> None:
        client, bucket = function.client("s3"), str(properties[_BUCKET])
        held = parameters_of("s3", _PUT, {"Bucket": bucket, _CONFIGURATION: added})[_CONFIGURATION]
        if str(properties.get("Managed", "true")).lower() != "true":
            # Others have notifications of the bucket, too: those of this stack begin with its id.
            mine = f"{function.place.stack_id}-"
            there = client.get_bucket_notification_configuration(Bucket=bucket)
            given = {kind: [*_others(there, kind, mine), *_named(held, kind, mine)] for kind in _KINDS}
            bus = [one[_BUS] for one in (held, there) if _BUS in one]
            held = {**given, **({_BUS: bus[0]} if bus else {})}
        skipped = str(properties.get("SkipDestinationValidation", "false")).lower() == "true"
        client.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration=held, SkipDestinationValidation=skipped
        )


def _others(there: Mapping[str, Any], kind: str, mine: str) -> Iterator[Any]:
    yield from (one for one in there.get(kind, ()) if not str(one.get("Id")).startswith(mine))


def _named(held: Mapping[str, Any], kind: str, mine: str) -> Iterator[Any]:
    for one in held.get(kind, ()):
        yield {**one, "Id": mine + sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()[:16]}
