"""
Policies that AWS would not take, as calls set them: those of resources, and trust policies for services and issuers.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from trustproof.sandbox.errors import RefusedRequest, Undecided
from trustproof.sandbox.iam import shared_issuers
from trustproof.sandbox.principals.known_principals import exists
from trustproof.sandbox.principals.principals import UNKNOWN_SERVICE, invalid_principals, unknown_services
from trustproof.sandbox.requests.wire import Call
from trustproof.sandbox.resource_policies import resource_policy_grammar

_Parameters = Mapping[str, Any]


def _attribute(given: _Parameters) -> Any:
    return (given.get("Attributes") or {}).get("Policy")


#: Operations that set the policy of a resource, and where it is.
_OF_RESOURCES: dict[tuple[str, str], Callable[[_Parameters], Any]] = {
    ("ecr", "SetRepositoryPolicy"): lambda given: given.get("policyText"),
    ("events", "PutPermission"): lambda given: given.get("Policy"),
    ("kms", "CreateKey"): lambda given: given.get("Policy"),
    ("kms", "PutKeyPolicy"): lambda given: given.get("Policy"),
    ("logs", "PutResourcePolicy"): lambda given: given.get("policyDocument"),
    ("s3", "PutBucketPolicy"): lambda given: given.get("Policy"),
    ("secretsmanager", "PutResourcePolicy"): lambda given: given.get("ResourcePolicy"),
    ("sns", "CreateTopic"): _attribute,
    ("sns", "SetTopicAttributes"): lambda given: (
        given.get("AttributeValue") if given.get("AttributeName") == "Policy" else None
    ),
    ("sqs", "CreateQueue"): _attribute,
    ("sqs", "SetQueueAttributes"): _attribute,
}
#: Trust policies, by the parameters that have them.
_TRUST = {
    ("iam", "CreateRole"): "AssumeRolePolicyDocument",
    ("iam", "UpdateAssumeRolePolicy"): "PolicyDocument",
}


def check(call: Call, account: str) -> None:
    """
    See that AWS would take a policy that a request sets.

    Args:
        call: the request.
        account: in which it happens.

    Raises:
        Refused: it would not: it cannot be read, or names somebody who is not there.
        Undecided: whether a service is there is not known, or whether IAM takes how an issuer is trusted.
    """
    if (read := _OF_RESOURCES.get((call.service, call.operation))) is not None:
        # An empty one takes a queue's away.
        if text := read(call.parameters):
            resource_policy_grammar.check(call.service, text if isinstance(text, str) else str(text), account)
    elif (call.service, call.operation) == ("lambda", "AddPermission"):
        check_permission(str(call.parameters.get("Principal") or ""), account)
    elif (place := _TRUST.get((call.service, call.operation))) is not None and call.parameters.get(place):
        _check_trust(str(call.parameters[place]))


def check_permission(principal: str, account: str) -> None:
    """
    See that whom a permission of a function names is there.

    Args:
        principal: an account, an ARN or a service.
        account: of the function.

    Raises:
        Refused: nobody of that name is.
    """
    statement = {"Statement": [{"Principal": {"AWS": principal}}]}
    if principal.startswith("arn:") and invalid_principals(statement, partial(exists, asking=account)):
        text = "The provided principal was invalid. Please check the principal and try again."
        raise RefusedRequest(text, "InvalidParameterValueException")


def _check_trust(text: str) -> None:
    try:
        document = json.loads(text)
    except ValueError:
        # IAM says so.
        return
    if not isinstance(document, dict):
        return
    if unknown := unknown_services(document):
        raise Undecided(UNKNOWN_SERVICE.format(unknown[0]))
    # Whom a trust policy names, IAM checks itself.
    shared_issuers.check_decided(text)
