"""
What moto's model of `AWS::S3::Bucket` leaves out: what decides who gets in, what is handed a role, and whom S3 tells.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.cloudformation.resource_type import Place, Properties
from trustproof.sandbox.cloudformation.resources.by_operations import parameters_of
from trustproof.sandbox.moto.operations import operation
from trustproof.sandbox.moto.server import block_public_access, lock_objects
from trustproof.sandbox.services import bucket_notifications

_ENCRYPTION, _TAGS = "BucketEncryption", "Tags"
_BLOCK, _REPLICATION = "PublicAccessBlockConfiguration", "ReplicationConfiguration"
_VERSIONS, _NOTIFICATIONS = "VersioningConfiguration", "NotificationConfiguration"
_LOCKS, _LOCK = "ObjectLockEnabled", "ObjectLockConfiguration"
#: The properties that are set here, or held to what a bucket has anyway.
SET = frozenset(
    {
        "AccessControl",
        _ENCRYPTION,
        _BLOCK,
        _LOCK,
        _LOCKS,
        "OwnershipControls",
        _REPLICATION,
        _TAGS,
        _VERSIONS,
        _NOTIFICATIONS,
    }
)
#: Lists of notifications of a template to those of a call, and the member with the destination in both.
_KINDS = {
    "LambdaConfigurations": ("LambdaFunctionConfigurations", "Function", "LambdaFunctionArn"),
    "QueueConfigurations": ("QueueConfigurations", "Queue", "QueueArn"),
    "TopicConfigurations": ("TopicConfigurations", "Topic", "TopicArn"),
}


def complete(place: Place, bucket: str, old: Properties, new: Properties) -> None:
    """
    Bring the rest of a bucket to what its template says.

    Args:
        place: of the bucket.
        bucket: its name.
        old: its properties so far.
        new: those that it shall have.

    Raises:
        RefusedRequest: S3 refuses it.
    """
    if _BLOCK in new:
        block_public_access(bucket, new[_BLOCK])
    # moto sets both, and takes neither away.
    if _ENCRYPTION in old and _ENCRYPTION not in new:
        _put(place, bucket, "DeleteBucketEncryption", {})
    if old.get(_TAGS) and not new.get(_TAGS):
        _put(place, bucket, "DeleteBucketTagging", {})
    if _is_locked(new) and not _is_locked(old):
        lock_objects(bucket)
    if old.get(_LOCK) != new.get(_LOCK):
        _put(place, bucket, "PutObjectLockConfiguration", {_LOCK: new.get(_LOCK) or {_LOCKS: "Enabled"}})
    if old.get(_VERSIONS) != new.get(_VERSIONS):
        _put(place, bucket, "PutBucketVersioning", {_VERSIONS: new.get(_VERSIONS) or {"Status": "Suspended"}})
    if old.get(_REPLICATION) != new.get(_REPLICATION):
        if _REPLICATION in new:
            _put(place, bucket, "PutBucketReplication", {_REPLICATION: new[_REPLICATION]})
        else:
            _put(place, bucket, "DeleteBucketReplication", {})
    if old.get(_NOTIFICATIONS) != new.get(_NOTIFICATIONS):
        given = _notifications(new.get(_NOTIFICATIONS) or {})
        bucket_notifications.check(place.cloud.state, bucket, given, place.region)
        _put(place, bucket, "PutBucketNotificationConfiguration", {_NOTIFICATIONS: given})


def _is_locked(properties: Properties) -> bool:
    return str(properties.get(_LOCKS, _LOCK in properties)).lower() == "true"


def _put(place: Place, bucket: str, name: str, given: Mapping[str, Any]) -> None:
    operation("s3", name, place.account, place.region, parameters_of("s3", name, {"Bucket": bucket, **given}))


def _notifications(given: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration as a call has it."""
    found: dict[str, Any] = {}
    for kind, (named, member, arn) in _KINDS.items():
        for one in given.get(kind) or ():
            entry: dict[str, Any] = {arn: one.get(member), "Events": [one.get("Event")]}
            if rules := ((one.get("Filter") or {}).get("S3Key") or {}).get("Rules"):
                entry["Filter"] = {"Key": {"FilterRules": rules}}
            found.setdefault(named, []).append(entry)
    bus = given.get("EventBridgeConfiguration")
    if bus is not None and str(bus.get("EventBridgeEnabled", "true")).lower() == "true":
        found["EventBridgeConfiguration"] = {}
    return found
