"""
What a request to S3 says of itself in condition keys.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from trustproof.model.request import ContextValue
from trustproof.sandbox.authorization.actions.common import TAGS_OF_REQUEST, tag_keys, tags_in
from trustproof.sandbox.requests.wire import Call

#: Parameter to the key that it is.
_PARAMETER_KEYS = {
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "ACL": "s3:x-amz-acl",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "s3:x-amz-storage-class",
    "CopySource": "s3:x-amz-copy-source",
    "MetadataDirective": "s3:x-amz-metadata-directive",
    "VersionId": "s3:versionid",
    "GrantFullControl": "s3:x-amz-grant-full-control",
    "GrantRead": "s3:x-amz-grant-read",
    "GrantReadACP": "s3:x-amz-grant-read-acp",
    "GrantWrite": "s3:x-amz-grant-write",
    "GrantWriteACP": "s3:x-amz-grant-write-acp",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
    "ObjectOwnership": "s3:x-amz-object-ownership",
    "SSECustomerAlgorithm": "s3:x-amz-server-side-encryption-customer-algorithm",
    "WebsiteRedirectLocation": "s3:x-amz-website-redirect-location",
}
#: Parameters of which is only known what they are where they are there: a bucket may have a default, which counts too.
_PERHAPS_BY_DEFAULT = {
    "ObjectLockLegalHoldStatus": "s3:object-lock-legal-hold",
    "ObjectLockMode": "s3:object-lock-mode",
}
_HASH, _PLACE = "x-amz-content-sha256", "LocationConstraint"
_PAYLOAD, _TLS, _AGE = "s3:x-amz-content-sha256", "s3:tlsversion", "s3:signatureage"
#: Whether an upload makes an object, of operations that ask for PutObject.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
_MAKES_OBJECT = {
    "CompleteMultipartUpload": "true",
    "CopyObject": "true",
    "CreateMultipartUpload": "false",
    "PutObject": "true",
    "UploadPart": "false",
    "UploadPartCopy": "false",
}
COMPUTED = (
    *TAGS_OF_REQUEST,
    *_PARAMETER_KEYS.values(),
    "s3:authtype",
    "s3:objectcreationoperation",
    "s3:resourceaccount",
    "s3:signatureversion",
    "s3:requestobjecttag/",
    "s3:requestobjecttagkeys",
)


def keys_of(call: Call) -> dict[str, ContextValue]:
    """The keys that follow from what a request says, lower-cased."""
    keys: dict[str, ContextValue] = {
        name: str(call.parameters[parameter])
        for parameter, name in _PARAMETER_KEYS.items()
        if call.parameters.get(parameter) not in (None, "")
    }
    keys |= {
        name: str(call.parameters[parameter])
        for parameter, name in _PERHAPS_BY_DEFAULT.items()
        if call.parameters.get(parameter)
    }
    if call.operation in _MAKES_OBJECT:
        keys["s3:objectcreationoperation"] = _MAKES_OBJECT[call.operation]
    if payload := call.http.headers.get(_HASH):
        keys[_PAYLOAD] = payload
    if call.operation in ("ListObjects", "ListObjectsV2") and call.parameters.get("Prefix") == "":
        keys["s3:prefix"] = ""
    if call.credentials is not None:
        presigned = call.http.signature is not None and call.http.signature.expires is not None
        keys["s3:authtype"] = "REST-QUERY-STRING" if presigned else "REST-HEADER"
        keys["s3:signatureversion"] = "AWS4-HMAC-SHA256"
    tagging = call.parameters.get("Tagging")
    if isinstance(tagging, str):
        keys |= _tags_of_object(dict(parse_qsl(tagging, keep_blank_values=True)))
    elif call.operation == "PutObjectTagging":
        keys |= _tags_of_object(tags_in({"Tags": tagging}) or {})
    elif call.operation == "CreateBucket":
        configuration = call.parameters.get("CreateBucketConfiguration") or {}
        if configuration.get(_PLACE):
            keys["s3:locationconstraint"] = str(configuration[_PLACE])
        keys |= tag_keys(tags_in(configuration) or {})
    elif tagging is not None:
        keys |= tag_keys(tags_in({"Tags": tagging}) or {})
    return keys


def possible_keys(call: Call, action: str) -> dict[str, tuple[ContextValue | None, ...]]:
    """
    What is not known of a request, and is one of a few things: key to values, None where the key is not there.

    The page says of the age of a signature that a condition on it works for presigned requests.
    https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html

    Args:
        call: the request.
        action: for which it is asked, without the prefix.
    """
    found: dict[str, tuple[ContextValue | None, ...]] = {_TLS: ("1.2", "1.3")}
    signature = call.http.signature
    if signature is None:
        return {**found, _AGE: (None,), _PAYLOAD: (call.http.headers.get(_HASH),)}
    ages: list[ContextValue | None] = [str(int(seconds * 1_000)) for seconds in signature.age]
    found[_AGE] = tuple(ages if signature.expires is not None else [None, *ages])
    if _HASH not in call.http.headers:
        found[_PAYLOAD] = (None, "UNSIGNED-PAYLOAD")
    if action == "CreateBucket" and not (call.parameters.get("CreateBucketConfiguration") or {}).get(_PLACE):
        found["s3:locationconstraint"] = (None, "", call.region)
    return found


def _tags_of_object(tags: Mapping[str, str]) -> dict[str, ContextValue]:
    """The condition keys of tags that a request puts on an object."""
    keys: dict[str, ContextValue] = {f"s3:requestobjecttag/{name.lower()}": value for name, value in tags.items()}
    return {**keys, "s3:requestobjecttagkeys": tuple(tags)} if tags else keys
