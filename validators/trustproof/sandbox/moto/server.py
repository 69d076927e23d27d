"""
The door to moto: the server that keeps resources, and what it knows of the wire.

All of it is internal to moto 5.2, which is pinned; a test holds each name to what is expected of it. IAM and
CloudFormation have doors of their own, `moto.iam` and `moto.cloudformation`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.session import get_session
from moto import settings
from moto.core.config import default_user_config
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_host_labels, get_service_router
from moto.core.utils import get_service_model
from moto.iam.access_control import PermissionResult
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler
from moto.s3 import models as s3_models
from moto.s3 import notifications as s3_notifications
from moto.s3.models import FakeBucket, PublicAccessBlock, S3Backend, s3_backends
from werkzeug.exceptions import NotFound

from trustproof.sandbox.moto import buses, encryption, keys, lambda_permissions, parameters, queues, routing, topics

__all__ = [
    "MotoRequestHandler",
    "block_public_access",
    "bucket_owner",
    "bucket_policy",
    "bucket_region",
    "forget",
    "has_host_labels",
    "prepare",
    "protocol",
    "public_access_blocks",
    "route",
    "speaks_query",
    "takes_no_signature",
]

#: What the parsers raise for what is no request of the operation.
UNREADABLE = (RequestParserError, ValueError, KeyError, TypeError)
#: The header by which moto is told whose account a request acts in.
ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"

_MOTOS_CREATE_BUCKET = S3Backend.create_bucket
#: Variables of the environment by which moto would take another account, or check what the gateway has checked.
_OVERRIDES = ("MOTO_ACCOUNT_ID", "INITIAL_NO_AUTH_ACTION_COUNT", "MOTO_S3_CUSTOM_ENDPOINTS")


def prepare() -> None:
    """
    Let moto decide nothing, and know the managed policies of AWS.
    """
    for name in _OVERRIDES:
        os.environ.pop(name, None)
    settings.INITIAL_NO_AUTH_ACTION_COUNT = float("inf")
    default_user_config["iam"]["load_aws_managed_policies"] = True
    # moto reads bucket policies without their conditions: a Deny of plain HTTP would deny everything.
    setattr(FakeBucket, "get_permission", _permitted)  # noqa: B010
    # So S3 makes buckets since April 2023, whatever a request for one says:
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/configuring-block-public-access-bucket.html
    setattr(S3Backend, "create_bucket", _shut_bucket)  # noqa: B010
    # Events of S3 would run functions and state machines, and be sent to queues, whatever these let in.
    setattr(s3_models, "events_send_notification", _send_nothing)  # noqa: B010
    for name in ("send_event", "send_test_event"):
        setattr(s3_notifications, name, _send_nothing)
    buses.repair()
    lambda_permissions.repair()
    queues.repair()
    encryption.repair()
    keys.repair()
    parameters.repair()
    routing.repair()
    topics.repair()


def forget() -> None:
    """Drop all resources of all services that were used."""
    moto_api_backend.reset()


def _shut_bucket(backend: S3Backend, *given: Any, **named: Any) -> Any:
    made: Any = _MOTOS_CREATE_BUCKET(backend, *given, **named)
    made.public_access_block = PublicAccessBlock(True, True, True, True)
    made.ownership_rule = "BucketOwnerEnforced"
    return made


def _send_nothing(*_given: Any, **_named: Any) -> None:
    pass


def _permitted(_bucket: FakeBucket, _action: str, _resource: str) -> Any:
    return PermissionResult.PERMITTED


def _model(name: str) -> ServiceModel | None:
    """What botocore knows of a service; None where it knows none of that name."""
    return get_service_model(name) if name in _services() else None


@cache
def _services() -> frozenset[str]:
    return frozenset(get_session().get_available_services())


def protocol(name: str) -> str | None:
    """The protocol that a service speaks; None where that is not known."""
    model = _model(name)
    return None if model is None else str(model.protocol)


def speaks_query(name: str) -> bool:
    """Whether a service takes forms, also where clients of today send something else: SQS, CloudWatch."""
    model = _model(name)
    return model is not None and "query" in model.metadata.get("protocols", ())


def takes_no_signature(service: str, operation: str) -> bool:
    """Whether an operation of a service is one that nobody signs."""
    model = _model(service)
    return model is not None and str(model.operation_model(operation).auth_type or "") == "none"


def route(service: str, environ: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """
    The operation of a request, and its parameters.

    Args:
        service: as botocore names it: `s3`, `lambda`.
        environ: of WSGI, with a body that can be read to its end.

    Returns:
        None where no operation of the service is asked for.

    Raises:
        NotImplementedError: the request speaks a protocol that moto does not.
        Exception: one of `UNREADABLE`.
    """
    model = _model(service)
    if model is None:
        return None
    request = Request(environ)
    parameters.without_form(request)
    try:
        operation, uri = get_service_router(service).match(request)
    except NotFound:
        return None
    parser = PROTOCOL_PARSERS[determine_request_protocol(model, request.content_type)]
    parsed = parser(operation, map_type=dict).parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": uri,
        }
    )
    return str(operation.name), dict(parsed or {})


def has_host_labels(service: str, operation: str, host: str) -> bool:
    """Whether moto takes parameters of an operation from the name of a host: `111122223333.s3-control.…`."""
    model = _model(service)
    return model is not None and bool(get_host_labels(model.operation_model(operation), host))


def bucket_owner(name: str) -> str | None:
    """The account that owns a bucket; None when there is no such bucket."""
    found = s3_backends.bucket_accounts.get(name)
    return None if found is None else str(found[1])


def bucket_region(name: str) -> str | None:
    """The Region of a bucket; None when there is no such bucket."""
    owner = s3_backends.bucket_accounts.get(name)
    return None if owner is None else str(s3_backends[owner[1]][owner[0]].get_bucket(name).region_name)


def public_access_blocks(name: str) -> frozenset[str]:
    """The settings of a bucket against public policies that are on: `BlockPublicPolicy`, `RestrictPublicBuckets`."""
    owner = s3_backends.bucket_accounts.get(name)
    found = None if owner is None else s3_backends[owner[1]][owner[0]].get_bucket(name).public_access_block
    if found is None:
        return frozenset()
    settings_ = {"BlockPublicPolicy": found.block_public_policy, "RestrictPublicBuckets": found.restrict_public_buckets}
    return frozenset(name for name, is_on in settings_.items() if is_on)


def key_of_upload(bucket: str, upload: str) -> str | None:
    """The key of the object that an upload in parts makes; None where the bucket has no such upload."""
    owner = s3_backends.bucket_accounts.get(bucket)
    found = None if owner is None else s3_backends[owner[1]][owner[0]].get_bucket(bucket).multiparts.get(upload)
    return None if found is None else str(found.key_name)


def block_public_access(name: str, given: Mapping[str, Any]) -> None:
    """Set the settings of a bucket against public access, as a template gives them."""
    account, partition = s3_backends.bucket_accounts[name][1], s3_backends.bucket_accounts[name][0]
    s3_backends[account][partition].put_public_access_block(name, {key: str(one).lower() for key, one in given.items()})


def lock_objects(name: str) -> None:
    """Let the objects of a bucket be locked, as one that is made with object lock, which has versions then."""
    account, partition = s3_backends.bucket_accounts[name][1], s3_backends.bucket_accounts[name][0]
    bucket = s3_backends[account][partition].get_bucket(name)
    bucket.object_lock_enabled = True
    bucket.versioning_status = "Enabled"


def bucket_policy(name: str) -> str | None:
    """The text of a bucket's policy; None without one."""
    owner = s3_backends.bucket_accounts.get(name)
    if owner is None:
        return None
    partition, account = owner
    policy = s3_backends[account][partition].get_bucket(name).policy
    if not policy:
        return None
    return bytes(policy).decode()
