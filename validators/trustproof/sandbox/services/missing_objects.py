"""
Objects that are not there: S3 says so to whoever may list the bucket, and to nobody else. And others, of which moto
fails to say it.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from __future__ import annotations

from trustproof.sandbox.authorization.actions import s3
from trustproof.sandbox.authorization.authorize import authorize
from trustproof.sandbox.authorization.context import anonymous
from trustproof.sandbox.authorization.state import State
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.encryption import has_object
from trustproof.sandbox.moto.operations import operation
from trustproof.sandbox.moto.server import bucket_owner
from trustproof.sandbox.requests.wire import Call

#: Operations of which the manual says it, or that read an object as these do.
_READS = ("CopyObject", "GetObject", "GetObjectAttributes", "HeadObject", "SelectObjectContent", "UploadPartCopy")


def check(state: State, call: Call) -> None:
    """
    See that whoever asks for an object that is not there may know it.

    Args:
        state: of the sandbox.
        call: the request, which is allowed.

    Raises:
        Refused: there is no such thing.
        Unauthorized: the caller may not list the bucket.
        Undecided: that cannot be decided.
    """
    _check_others(call)
    if call.service != "s3" or call.operation not in _READS:
        return
    bucket, key, version = s3.object_read(call)
    if bucket_owner(bucket) is None or has_object(bucket, key, version or None):
        return
    caller = anonymous() if call.credentials is None else call.credentials.caller
    authorize(state, caller, call.credentials, [s3.lists(call, bucket)], dict(call.http.headers), call.region)


def _check_others(call: Call) -> None:
    given = call.parameters
    if (call.service, call.operation) == ("apigateway", "DeleteRestApi"):
        operation("apigateway", "GetRestApi", call.account, call.region, {"restApiId": given["restApiId"]})
    if (call.service, call.operation) == ("efs", "DescribeReplicationConfigurations") and given.get("FileSystemId"):
        about = {"FileSystemId": given["FileSystemId"]}
        operation("efs", "DescribeFileSystems", call.account, call.region, about)
        # moto copies none to another Region.
        raise RefusedRequest(f"Replication for {about['FileSystemId']} does not exist", "ReplicationNotFound", 404)
