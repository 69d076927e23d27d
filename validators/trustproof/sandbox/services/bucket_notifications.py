"""
Notifications of buckets: S3 takes a destination that lets it send for the bucket. Here it sends nothing.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.model.request import SERVICE, Caller
from trustproof.sandbox.authorization.actions.common import account_in
from trustproof.sandbox.authorization.authorize import decide_need
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.moto.encryption import of_queue, of_topic
from trustproof.sandbox.moto.policies import resource_policy
from trustproof.sandbox.moto.server import bucket_owner
from trustproof.sandbox.requests.wire import Call

#: Lists of a configuration to the member with the destination, and the action that S3 needs on it.
_KINDS = {
    "QueueConfigurations": ("QueueArn", "sqs:SendMessage"),
    "TopicConfigurations": ("TopicArn", "sns:Publish"),
    "LambdaFunctionConfigurations": ("LambdaFunctionArn", "lambda:InvokeFunction"),
}
_S3 = "s3.amazonaws.com"


def check_call(state: State, call: Call) -> None:
    """See that the destinations that a call gives a bucket let S3 in."""
    skipped = str(call.parameters.get("SkipDestinationValidation", "")).lower() == "true"
    if call.operation == "PutBucketNotificationConfiguration" and not skipped:
        configuration = call.parameters.get("NotificationConfiguration") or {}
        check(state, str(call.parameters.get("Bucket")), configuration, call.region)


def check(state: State, bucket: str, configuration: Mapping[str, Any], region: str) -> None:
    """
    See that the destinations of a bucket let S3 in.

    Args:
        state: of the sandbox.
        bucket: its name.
        configuration: of its notifications.
        region: of the bucket.

    Raises:
        Refused: one does not.
        Undecided: whether it does is not known.
    """
    owner = bucket_owner(bucket)
    caller = Caller(SERVICE, _S3)
    kept = {"aws:sourcearn": f"arn:aws:s3:::{bucket}", "aws:sourceaccount": owner or ""}
    credentials = Credentials("", "", caller, kept=kept)
    for arn, action in _destinations(configuration):
        if _key_of(arn) is not None:
            raise Undecided(f"whether S3 may use the key of {arn} is not asked here")
        need = Need(action, arn, account_in(arn), resource_policy(action.partition(":")[0], arn))
        if decide_need(state, caller, credentials, need, {}, region) is not None:
            raise RefusedRequest("Unable to validate the following destination configurations", "InvalidArgument")


def _destinations(configuration: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, (member, action) in _KINDS.items():
        for one in configuration.get(kind) or ():
            yield str(one.get(member) or ""), action


def _key_of(arn: str) -> str | None:
    """The key with which a queue or topic is encrypted; None without one."""
    fields = arn.split(":", 5)
    if len(fields) < 6:
        return None
    if fields[2] == "sqs":
        return of_queue(fields[4], fields[3], fields[5])
    return of_topic(arn) if fields[2] == "sns" else None
