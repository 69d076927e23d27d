"""
Policies of buckets and keys that name users and roles which do not exist, and services that nobody knows in these and
in trust policies: AWS takes none.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
"""

from __future__ import annotations

import json
from functools import partial

from trustproof.sandbox import shared_issuers
from trustproof.sandbox.errors import Refused, Undecided
from trustproof.sandbox.known_principals import exists
from trustproof.sandbox.principals import UNKNOWN_SERVICE, invalid_principals, unknown_services
from trustproof.sandbox.wire import Call

_REFUSALS = {
    ("kms", "CreateKey"): (
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
    ("kms", "PutKeyPolicy"): (
        "MalformedPolicyDocumentException",
        "Policy contains a statement with one or more invalid principals.",
    ),
    ("s3", "PutBucketPolicy"): ("MalformedPolicy", "Invalid principal in policy"),
}

#: Trust policies, by the parameters that have them.
_TRUST = {
    ("iam", "CreateRole"): "AssumeRolePolicyDocument",
    ("iam", "UpdateAssumeRolePolicy"): "PolicyDocument",
}


def check(call: Call, account: str) -> None:
    """
    See that whom a policy names is there.

    Args:
        call: the request.
        account: in which it happens.

    Raises:
        Refused: somebody is not.
        Undecided: whether a service is there is not known, or whether IAM takes how an issuer is trusted.
    """
    place = _TRUST.get((call.service, call.operation))
    refusal = _REFUSALS.get((call.service, call.operation))
    text = call.parameters.get(place or "Policy")
    if (refusal is None and place is None) or not text:
        return
    try:
        document = json.loads(str(text))
    except ValueError:
        # moto says so.
        return
    if not isinstance(document, dict):
        return
    if unknown := unknown_services(document):
        raise Undecided(UNKNOWN_SERVICE.format(unknown[0]))
    if place is not None:
        shared_issuers.check_decided(str(text))
    # Whom a trust policy names, IAM checks itself.
    if refusal is not None and invalid_principals(document, partial(exists, asking=account)):
        raise Refused(refusal[1], refusal[0])
