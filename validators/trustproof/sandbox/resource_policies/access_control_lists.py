"""
Access control lists of S3: they are off in every bucket of the sandbox, as in every new bucket of AWS, and stay off.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.sandbox.errors import RefusedRequest, Undecided

#: The setting of Object Ownership with which no list has a say.
_ENFORCED = "BucketOwnerEnforced"
#: The one list that is taken with it, of the canned ones.
OWNERS_OWN = "bucket-owner-full-control"
_GRANTS = ("AccessControlPolicy", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
#: What a list says with which a bucket may be made: that its owner may do everything, and nobody else anything.
_PRIVATE = ("private", OWNERS_OWN)


def check(operation: str, given: Mapping[str, Any]) -> None:
    """
    See that a request lets nobody in by an access control list.

    Args:
        operation: of S3.
        given: its parameters.

    Raises:
        Refused: S3 takes no such list where lists are off.
        Undecided: the request would turn them on.
    """
    if operation == "PutBucketOwnershipControls":
        rules = (given.get("OwnershipControls") or {}).get("Rules") or ()
        _check_ownership(str(one.get("ObjectOwnership")) for one in rules)
    elif operation == "DeleteBucketOwnershipControls":
        raise Undecided("whether a bucket without ownership controls has access control lists is not known here")
    elif operation == "CreateBucket":
        _check_ownership([str(given.get("ObjectOwnership") or _ENFORCED)])
        if given.get("ACL") not in (None, "", *_PRIVATE) or any(given.get(name) for name in _GRANTS):
            raise RefusedRequest(
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
                "InvalidBucketAclWithObjectOwnership",
            )
    elif given.get("ACL") not in (None, "", OWNERS_OWN) or any(given.get(name) for name in _GRANTS):
        raise RefusedRequest("The bucket does not allow ACLs", "AccessControlListNotSupported")


def check_bucket(properties: Mapping[str, Any]) -> None:
    """
    The same of a bucket of a template.

    Args:
        properties: of `AWS::S3::Bucket`.

    Raises:
        Refused: S3 takes no such list where lists are off.
        Undecided: the template would turn them on.
    """
    rules = (properties.get("OwnershipControls") or {}).get("Rules") or ()
    _check_ownership(str(one.get("ObjectOwnership")) for one in rules)
    list_ = str(properties.get("AccessControl") or "Private")
    if list_ not in ("Private", "BucketOwnerFullControl"):
        raise RefusedRequest(
            "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
            "InvalidBucketAclWithObjectOwnership",
        )


def _check_ownership(settings: Iterator[str] | list[str]) -> None:
    for one in settings:
        if one != _ENFORCED:
            raise Undecided(f"the sandbox does not enforce access control lists, which {one} would turn on")
