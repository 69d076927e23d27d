"""
From an operation to its actions: every one that botocore has of the services that are mapped by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.cast import HOME, model_of
from trustproof.aws.published import service as service_of
from trustproof.model.request import USER_KEY, Caller
from trustproof.sandbox import Sandbox
from trustproof.sandbox.authorization.actions.mapping import needs_of
from trustproof.sandbox.authorization.context import Need
from trustproof.sandbox.credentials.credentials import Credentials
from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.requests.wire import Call, HttpRequest

USER = Credentials("AKIA", "s", Caller(USER_KEY, f"arn:aws:iam::{HOME}:user/a", userid="AIDAEXAMPLEEXAMPLEAAA"))
#: What a parameter is that is not free text.
_VALUES = {
    "SerialNumber": f"arn:aws:iam::{HOME}:mfa/a",
    "TemplateURL": "https://s3.amazonaws.com/bucket/template",
    "RoleARN": f"arn:aws:iam::{HOME}:role/a",
    "PolicyArn": f"arn:aws:iam::{HOME}:policy/a",
    "CopySource": "bucket/key",
    "ServiceName": "iam.amazonaws.com",
}


def sample(shape: Any, name: str = "", depth: int = 0) -> Any:
    """The least that an operation may be asked with: what its model requires."""
    kind = shape.type_name
    if kind == "structure":
        return {one: sample(shape.members[one], one, depth + 1) for one in shape.required_members if depth < 4}
    if kind == "list":
        return [sample(shape.member, name, depth + 1)]
    if kind == "map":
        return {}
    if name.endswith("Arn") and name not in _VALUES:
        return f"arn:aws:iam::{HOME}:role/a"
    return {"integer": 1, "long": 1, "boolean": True, "blob": b"", "timestamp": "2026-01-01T00:00:00Z"}.get(
        kind, _VALUES.get(name, "name")
    )


def calls(service: str) -> Iterator[Call]:
    model = model_of(service)
    http = HttpRequest("POST", "/", "", {}, b"", {})
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        yield Call(http, service, name, {} if shape is None else sample(shape), "eu-central-1", "aws", USER)


def needed(call: Call) -> list[Need] | None:
    """What a call needs; None where that is not decided, or the call is refused as it is."""
    try:
        return needs_of(call)
    except (RefusedRequest, Undecided):
        return None


#: What is not decided: operations without an action of their name in the reference, and those of S3 not known here.
UNDECIDED = {
    "cloudformation": "RemoveAlias SetAlias",
    "iam": "AcquireRole UpdateDelegationRequest UpdateOpenIDConnectProvider",
    "s3": """
        CreateBucketMetadataConfiguration CreateBucketMetadataTableConfiguration CreateSession
        DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration DeleteObjectAnnotation GetBucketAbac
        GetBucketMetadataConfiguration GetBucketMetadataTableConfiguration GetBucketNotification GetObjectAnnotation
        ListDirectoryBuckets ListObjectAnnotations PutBucketAbac PutBucketNotification PutObjectAnnotation RenameObject
        UpdateBucketMetadataAnnotationTableConfiguration UpdateBucketMetadataInventoryTableConfiguration
        UpdateBucketMetadataJournalTableConfiguration UpdateObjectEncryption WriteGetObjectResponse
    """,
}


@pytest.mark.parametrize("service", ["cloudformation", "ec2", "iam", "s3"])
def test_every_action_is_one_that_aws_publishes(aws: Sandbox, service: str) -> None:
    """Whatever an operation is decided on is an action about an ARN or nothing; what is not decided is listed."""
    undecided = []
    for call in calls(service):
        found = needed(call)
        if found is None:
            undecided.append(call.operation)
            continue
        assert found, call.operation
        for need in found:
            prefix, _, action = need.action.partition(":")
            published = service_of(prefix)
            assert published is not None
            assert action.lower() in published.actions, (call.operation, need.action)
            assert need.resource in (None, "*") or re.match(r"arn:aws:[a-z0-9-]+:", str(need.resource)), need
    if service in UNDECIDED:
        assert undecided == UNDECIDED[service].split()
    else:
        # EC2 grows faster than the reference.
        assert len(undecided) < 100
