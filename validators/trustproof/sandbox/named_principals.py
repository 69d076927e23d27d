"""
Policies of buckets and keys that name users and roles which do not exist: AWS takes none.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
"""

from __future__ import annotations

import json
from functools import partial

from trustproof.sandbox.errors import Refused
from trustproof.sandbox.known_principals import exists
from trustproof.sandbox.principals import invalid_principals
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


def check(call: Call, account: str) -> None:
    """
    See that whom a policy names is there.

    Args:
        call: the request.
        account: in which it happens.

    Raises:
        Refused: somebody is not.
    """
    refusal = _REFUSALS.get((call.service, call.operation))
    text = call.parameters.get("Policy")
    if refusal is None or not text:
        return
    try:
        document = json.loads(str(text))
    except ValueError:
        # moto says so.
        return
    if isinstance(document, dict) and invalid_principals(document, partial(exists, asking=account)):
        raise Refused(refusal[1], refusal[0])
