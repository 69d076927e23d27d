"""
S3: its operations and its actions have different names.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from trustproof.aws.cross_account import in_own_account_only
from trustproof.model.request import SERVICE, ContextValue
from trustproof.sandbox.authorization.actions.common import pass_role, roles_in
from trustproof.sandbox.authorization.actions.s3_keys import COMPUTED, keys_of, possible_keys
from trustproof.sandbox.authorization.actions.s3_operations import (
    ACTIONS_OF_BUCKETS,
    ACTIONS_OF_OBJECTS,
    NOT_IN_MOTO,
    OF_BUCKETS,
    OF_OBJECTS,
    WITH_VERSIONS,
)
from trustproof.sandbox.authorization.context import FORWARDED, Need
from trustproof.sandbox.errors import AccessDenied, RefusedRequest, Undecided, WrongRegion
from trustproof.sandbox.moto.encryption import has_object_tags
from trustproof.sandbox.moto.resource_tags import of_object
from trustproof.sandbox.moto.server import (
    bucket_owner,
    bucket_policy,
    bucket_region,
    key_of_upload,
    public_access_blocks,
)
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.resource_policies import access_control_lists
from trustproof.sandbox.resource_policies.bucket_policies import check_resources
from trustproof.sandbox.resource_policies.public_access import check_policy, check_status, is_public

#: Actions of which the tags of an object are told, under this name.
_TELLS_TAGS = frozenset(
    """
    DeleteObjectTagging DeleteObjectVersionTagging GetObject GetObjectAcl GetObjectTagging GetObjectVersion
    GetObjectVersionAcl GetObjectVersionTagging PutObjectAcl PutObjectTagging PutObjectVersionAcl
    PutObjectVersionTagging
    """.split()
)
#: The Region in which one asks where a bucket is, wherever that may be.
_ASKED_FOR_PLACES = "us-east-1"
_EXISTING = "s3:existingobjecttag/"


def needs_of(call: Call) -> list[Need]:
    """
    What a request needs.

    Raises:
        Undecided: the operation is none of those that are known here.
    """
    return list(_needs(call))


def owner_of(call: Call) -> str | None:
    """The account in which a request acts: the bucket's."""
    if call.operation == "CreateBucket":
        return None
    return bucket_owner(str(call.parameters.get("Bucket") or ""))


def check_region(call: Call) -> None:
    """
    See that a request goes to the Region of its bucket: no other one serves it, but where it is asked for.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html

    Raises:
        WrongRegion: it goes to another one.
    """
    region = None if call.operation == "CreateBucket" else bucket_region(str(call.parameters.get("Bucket") or ""))
    asks = call.operation == "GetBucketLocation" and call.region == _ASKED_FOR_PLACES
    if region not in (None, call.region) and not asks:
        raise WrongRegion(call.region, str(region))


def check(call: Call) -> None:
    """
    See that what may be asked for is not prevented by a setting.

    Raises:
        Denied: it expects another owner of a bucket, or puts a public policy on a bucket that blocks such policies.
        Refused: it puts a policy on a bucket that is about another one, or uses access control lists, which are off;
            or only an identity of the bucket's account may do it, whatever policies say.
        Undecided: a setting of the bucket would let a service do something that nobody is asked about, or moto does
            not have the operation.
    """
    bucket = call.parameters.get("Bucket")
    for expected, name in (("ExpectedBucketOwner", bucket), ("ExpectedSourceBucketOwner", _source_path(call)[0])):
        owner = bucket_owner(str(name or ""))
        if call.parameters.get(expected) and owner is not None and owner != call.parameters[expected]:
            raise AccessDenied("Access Denied")
    if owner_of(call) not in (None, call.account) and f"s3:{call.operation.lower()}" in in_own_account_only("s3"):
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
        raise RefusedRequest("The specified method is not allowed against this resource.", "MethodNotAllowed", 405)
    _check_logging(call)
    _check_mfa_delete(call)
    if call.operation.endswith(NOT_IN_MOTO):
        # moto would take it for another operation on the bucket: its making, its listing, its end.
        raise Undecided(f"{call.operation} is allowed, and the sandbox does not have it")
    access_control_lists.check(call.operation, call.parameters)
    _check_upload(call)
    if call.operation == "GetBucketPolicyStatus":
        check_status(bucket_policy(str(call.parameters.get("Bucket"))) or "{}")
    if call.operation == "PutBucketPolicy":
        blocked = "BlockPublicPolicy" in public_access_blocks(str(call.parameters.get("Bucket")))
        check_resources(str(call.parameters.get("Bucket")), str(call.parameters.get("Policy")))
        check_policy(str(call.parameters.get("Policy")), blocked=blocked)


def _check_upload(call: Call) -> None:
    """
    An upload in parts is one of an object: moto looks at its id alone.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
    """
    upload, bucket = call.parameters.get("UploadId"), str(call.parameters.get("Bucket"))
    if not upload or bucket_owner(bucket) is None:
        return
    if key_of_upload(bucket, str(upload)) != call.parameters.get("Key"):
        raise RefusedRequest(
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or"
            " completed.",
            "NoSuchUpload",
            404,
        )


def _check_mfa_delete(call: Call) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html"""
    if (call.parameters.get("VersioningConfiguration") or {}).get("MFADelete") != "Enabled":
        return
    if not call.parameters.get("MFA"):
        raise AccessDenied("Mfa Authentication must be used for this request")
    raise Undecided("only the root user turns on MFA delete, and nothing here would ask for codes after that")


def _check_logging(call: Call) -> None:
    given = call.parameters.get("BucketLoggingStatus") or {}
    if call.operation == "PutBucketLogging" and given.get("LoggingEnabled"):
        raise Undecided("whether the other bucket lets S3 write its logs is not asked here")


def _needs(call: Call) -> Iterator[Need]:
    operation = call.operation
    bucket, key = str(call.parameters.get("Bucket") or ""), str(call.parameters.get("Key") or "")
    if operation == "ListBuckets":
        keys, possible = keys_of(call), possible_keys(call, operation)
        yield Need("s3:ListAllMyBuckets", "*", call.account or None, keys=keys, computed=COMPUTED, possible=possible)
    elif operation == "DeleteObjects":
        for one in (call.parameters.get("Delete") or {}).get("Objects") or ():
            version = "Version" if one.get("VersionId") else ""
            yield _need(call, f"DeleteObject{version}", bucket, str(one.get("Key")))
            if call.parameters.get("BypassGovernanceRetention"):
                yield _need(call, "BypassGovernanceRetention", bucket, str(one.get("Key")))
    elif operation in ("CopyObject", "UploadPartCopy"):
        yield _source(call)
        yield from _puts(call, bucket, key)
        yield from _copied_tags(call, bucket, key)
    elif operation in ("PutObject", "CreateMultipartUpload"):
        yield from _puts(call, bucket, key)
    elif operation in OF_OBJECTS or operation in ACTIONS_OF_OBJECTS:
        action = ACTIONS_OF_OBJECTS.get(operation, operation)
        if call.parameters.get("VersionId") and action in WITH_VERSIONS:
            action = action.replace("Object", "ObjectVersion", 1)
        yield _need(call, action, bucket, key, str(call.parameters.get("VersionId") or ""))
        if operation == "GetObjectAttributes":
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
            read = "GetObjectVersion" if call.parameters.get("VersionId") else "GetObject"
            yield _need(call, read, bucket, key, str(call.parameters.get("VersionId") or ""))
        if call.parameters.get("BypassGovernanceRetention"):
            yield _need(call, "BypassGovernanceRetention", bucket, key)
    elif operation in OF_BUCKETS or operation in ACTIONS_OF_BUCKETS:
        yield _need(call, ACTIONS_OF_BUCKETS.get(operation, operation), bucket)
        if operation == "CreateBucket":
            yield from _settings_of_new_bucket(call, bucket)
        if operation == "PutBucketReplication":
            for role in roles_in(call.parameters):
                yield pass_role(role, "s3.amazonaws.com")
    else:
        raise Undecided(f"which action of S3 the operation {operation} needs is not known here")


def _settings_of_new_bucket(call: Call, bucket: str) -> Iterator[Need]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html"""
    given = call.parameters
    if given.get("ACL"):
        yield _need(call, "PutBucketAcl", bucket)
    if given.get("ObjectLockEnabledForBucket"):
        yield _need(call, "PutBucketObjectLockConfiguration", bucket)
        yield _need(call, "PutBucketVersioning", bucket)
    if given.get("ObjectOwnership"):
        yield _need(call, "PutBucketOwnershipControls", bucket)
    if (given.get("CreateBucketConfiguration") or {}).get("Tags"):
        doubt = "whether CreateBucket with tags needs it is not known here"
        yield replace(_need(call, "TagResource", bucket), doubt=doubt)


def _puts(call: Call, bucket: str, key: str) -> Iterator[Need]:
    yield _need(call, "PutObject", bucket, key)
    if call.parameters.get("Tagging"):
        yield _need(call, "PutObjectTagging", bucket, key)
    grants = ("ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP")
    if given := [str(call.parameters[name]) for name in grants if call.parameters.get(name)]:
        need = _need(call, "PutObjectAcl", bucket, key)
        # AWS's policies for such uploads grant PutObject alone, and its knowledge center wants this as well:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-condition-keys.html
        doubt = "whether an upload that gives the bucket owner full control needs it is not known here"
        if given != [access_control_lists.OWNERS_OWN]:
            yield need
        elif not _is_service(call):
            # Services do write their logs so, by policies with PutObject alone:
            # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
            yield replace(need, doubt=doubt)
    if call.parameters.get("ObjectLockMode"):
        yield _need(call, "PutObjectRetention", bucket, key)
    if call.parameters.get("ObjectLockLegalHoldStatus"):
        yield _need(call, "PutObjectLegalHold", bucket, key)


def _copied_tags(call: Call, bucket: str, key: str) -> Iterator[Need]:
    """
    What a copy needs that takes the tags of an object with it.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    if call.operation != "CopyObject" or call.parameters.get("TaggingDirective") == "REPLACE":
        return
    source, name, version = _source_path(call)
    if has_object_tags(source, name, version or None):
        yield _need(call, "GetObjectVersionTagging" if version else "GetObjectTagging", source, name, version)
        yield _need(call, "PutObjectTagging", bucket, key)


def _source(call: Call) -> Need:
    bucket, key, version = _source_path(call)
    if bucket.startswith("arn:"):
        raise Undecided("a copy from an access point is not decided here")
    need = _need(call, "GetObjectVersion" if version else "GetObject", bucket, key, version)
    # Whether that of a copy from elsewhere is the Region that was called is not documented.
    is_here = bucket_region(bucket) in (None, call.region)
    return need if is_here else replace(need, unknown=(*need.unknown, "aws:requestedregion"))


def _source_path(call: Call) -> tuple[str, str, str]:
    """The bucket, the key and the version that a copy is of; empty where there are none."""
    text = unquote(str(call.parameters.get("CopySource") or "")).lstrip("/")
    path, _, version = text.partition("?versionId=")
    bucket, _, key = path.partition("/")
    return bucket, key, version


def object_read(call: Call) -> tuple[str, str, str]:
    """The bucket, the key and the version of the object that a request reads; the version is empty for the current."""
    if call.parameters.get("CopySource"):
        return _source_path(call)
    given = call.parameters
    return str(given.get("Bucket") or ""), str(given.get("Key") or ""), str(given.get("VersionId") or "")


def lists(call: Call, bucket: str) -> Need:
    """What whoever reads an object needs to be told that it is not there; what it says of a prefix is not known."""
    unknown = ("s3:delimiter", "s3:max-keys", "s3:prefix")
    need = _need(call, "ListBucket", bucket)
    keys = {name: value for name, value in need.keys.items() if name not in unknown}
    return replace(need, keys=keys, unknown=unknown)


def _need(call: Call, action: str, bucket: str, key: str = "", existing: str | None = None) -> Need:
    """
    What a request needs.

    Args:
        call: the request.
        action: without the prefix.
        bucket: which one.
        key: of the object; empty where it is about the bucket.
        existing: the version of the object, empty for the current one; None where it may not be there before.
    """
    if bucket.startswith("arn:"):
        raise Undecided("requests to access points are not decided here")
    resource = f"arn:{call.partition}:s3:::{bucket}" + (f"/{key}" if key else "")
    # Of a bucket that nobody has, the caller's own policies decide whether that is said.
    owner = None if action == "CreateBucket" else bucket_owner(bucket)
    owner = owner or call.account or None
    keys = keys_of(call)
    if owner is not None:
        keys["s3:resourceaccount"] = owner
    computed = COMPUTED
    tags = None if existing is None or action not in _TELLS_TAGS else of_object(bucket, key, existing or None)
    if tags is not None and len({name.lower() for name in tags}) == len(tags):
        keys |= {f"{_EXISTING}{name.lower()}": value for name, value in tags.items()}
        computed = (*COMPUTED, _EXISTING)
    policy = None if action == "CreateBucket" else bucket_policy(bucket)
    if policy is not None and call.account != owner and _keeps_strangers_out(call, bucket, policy):
        policy = None
    possible = possible_keys(call, action)
    return Need(f"s3:{action}", resource, owner, policy, keys=keys, computed=computed, possible=possible)


def _keeps_strangers_out(call: Call, bucket: str, policy: str) -> bool:
    """Whether a setting lets nobody in by a public policy but the owner's account and services."""
    return "RestrictPublicBuckets" in public_access_blocks(bucket) and not _is_service(call) and is_public(policy)


def _is_service(call: Call) -> bool:
    return call.credentials is not None and call.credentials.caller.kind == SERVICE


def reads_for(call: Call, bucket: str, key: str, version: str | None = None) -> Need:
    """
    What a service needs that reads an object with the permissions of whoever calls it.

    Args:
        call: to that service.
        bucket: of the object.
        key: of the object.
        version: of the object; None for the current one.
    """
    if bucket.startswith("arn:"):
        raise Undecided("requests to access points are not decided here")
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    owner = bucket_owner(bucket) or call.account or None
    resource = f"arn:{call.partition}:s3:::{bucket}/{key}"
    keys: dict[str, ContextValue] = {} if owner is None else {"s3:resourceaccount": owner}
    return Need(action, resource, owner, bucket_policy(bucket), keys=keys, unknown=FORWARDED, delegated=True)
