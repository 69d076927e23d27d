"""
Requests without a signature: S3, SQS and SNS let everybody ask, STS whoever brings a token.

A signature says the service and the Region; without one they follow from what the request is about.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from trustproof.sandbox.errors import AccessDenied, RefusedRequest, Undecided
from trustproof.sandbox.moto.policies import regions_of_queue
from trustproof.sandbox.moto.server import bucket_owner, bucket_region, takes_no_signature
from trustproof.sandbox.requests.wire import Call, HttpRequest
from trustproof.sandbox.sts.service import UNSIGNED

#: Services that anybody may ask, as botocore names them; what a policy says of everybody counts there.
OPEN = ("s3", "sns", "sqs")
_GLOBAL_REGION = "us-east-1"
#: What S3 refuses to whoever has no signature, whatever the policy of the bucket says, in the words that are reported:
#: https://github.com/awsdocs/amazon-s3-userguide/pull/91
_REFUSED = {
    "CopyObject": "Anonymous users cannot copy objects.  Please authenticate.",
    "CreateMultipartUpload": "Anonymous users cannot initiate multipart uploads.  Please authenticate.",
    "UploadPartCopy": "Anonymous users cannot copy objects.  Please authenticate.",
}
#: What it is known to do for them where a policy says so.
_FOR_EVERYBODY = frozenset(
    """
    DeleteObject GetBucketAcl GetBucketLocation GetObject GetObjectAcl HeadBucket HeadObject ListObjects ListObjectsV2
    ListObjectVersions PutObject
    """.split()
)
#: Versions of the APIs in the query protocol.
_VERSIONS = {
    "2010-03-31": "sns",
    "2010-05-08": "iam",
    "2010-05-15": "cloudformation",
    "2011-06-15": "sts",
    "2012-11-05": "sqs",
    "2016-11-15": "ec2",
}
#: Beginnings of targets of services that ask for no signature in some operations.
_TARGETS = {
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
    "AmazonSQS": "sqs",
}
#: The paths where one signs in to IAM Identity Center, and where one comes then with a token; the header with that does
#: not get through the web server, as no header does whose name has an underscore.
#: https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Operations.html
#: https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_Operations.html
_PATHS = {
    ("GET", "/assignment/accounts"): "sso",
    ("GET", "/assignment/roles"): "sso",
    ("GET", "/federation/credentials"): "sso",
    ("POST", "/client/register"): "sso-oidc",
    ("POST", "/device_authorization"): "sso-oidc",
    ("POST", "/logout"): "sso",
    ("POST", "/token"): "sso-oidc",
}
#: Services that write XML into whose paths the version of their API belongs; those of all others write JSON.
_XML_PATHS = {"/2013-04-01/": "route53", "/2020-05-31/": "cloudfront"}
#: A path that begins with the version of an API.
_VERSION = re.compile(r"/\d{4}-\d\d-\d\d/")


def service_of(request: HttpRequest) -> str:
    """Which service an unsigned request is for; the empty string for one that takes none, or that is not known."""
    target = request.headers.get("x-amz-target")
    action = request.form.get("Action")
    if target is not None:
        return _TARGETS.get(target.partition(".")[0], "")
    if action is not None:
        return "sts" if action in UNSIGNED else _VERSIONS.get(request.form.get("Version", ""), "")
    if bucket_owner(request.raw_path.split("/")[1]) is None:
        if (request.method, request.raw_path) in _PATHS:
            return _PATHS[request.method, request.raw_path]
        if version := _VERSION.match(request.raw_path):
            return _XML_PATHS.get(version[0], "")
    return "s3"


def check(call: Call) -> None:
    """
    See that an operation may be asked for without a signature, by whoever a policy lets in.

    Raises:
        RefusedRequest: it has to be signed.
        Undecided: it takes a token, or nothing, and whom that lets in is not decided here.
    """
    if call.service in OPEN:
        return
    if takes_no_signature(call.service, call.operation):
        raise Undecided(f"{call.service}:{call.operation} takes no signature; whom it lets in is not decided here")
    raise missing_signature()


def check_in_s3(call: Call) -> None:
    """
    See that S3 does for anybody what a policy lets anybody do.

    Raises:
        AccessDenied: it does not.
        RefusedRequest: it does not with these parameters.
        Undecided: whether it does is not known.
    """
    if call.operation in _REFUSED:
        raise AccessDenied(_REFUSED[call.operation])
    if call.operation not in _FOR_EVERYBODY:
        raise Undecided(f"whether S3 takes {call.operation} without a signature is not known here")
    if any(name.startswith("Response") for name, value in call.parameters.items() if value):
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
        raise RefusedRequest(
            "Request specific response headers cannot be used for anonymous GET requests.", "InvalidRequest"
        )


def missing_signature() -> RefusedRequest:
    """The refusal of a request that has to be signed."""
    return RefusedRequest("Request is missing Authentication Token", "MissingAuthenticationToken", 403)


def region_of(service: str, parameters: Mapping[str, Any]) -> str:
    """
    The Region that an unsigned request is for: that of the bucket, the topic or the queue which it names.

    Raises:
        Undecided: the account has queues of that name in several Regions.
    """
    if service == "sns":
        fields = str(parameters.get("TopicArn") or parameters.get("TargetArn") or "").split(":")
        return fields[3] if len(fields) > 5 and fields[3] else _GLOBAL_REGION
    if service == "s3":
        return bucket_region(str(parameters.get("Bucket") or "")) or _GLOBAL_REGION
    if service != "sqs":
        return _GLOBAL_REGION
    account, _, name = str(parameters.get("QueueUrl") or "").rpartition("/")
    found = regions_of_queue(account.rpartition("/")[2], name)
    if len(found) > 1:
        raise Undecided(f"there are queues of the name {name} in {', '.join(found)}; an unsigned request says none")
    return found[0] if found else _GLOBAL_REGION
