"""
Tags that only AWS sets: no service takes a key that begins with `aws:`, and conditions on tags rest on that.

IAM, STS, S3 and CloudFormation refuse them by themselves.
https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html#tag-conventions
"""

from __future__ import annotations

from trustproof.aws.tags import is_reserved
from trustproof.sandbox.authorization.actions.common import tags_in
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.requests.wire import Call

#: Which look for resources by their tags, or take tags away, of which there are none.
_OTHERS = ("Describe", "Get", "List", "Search", "Untag")
_BY_THEMSELVES = ("cloudformation", "iam", "s3", "sts")
#: Assumed for the services that are not here: the manual seldom says which error it is.
_CODES = {"dynamodb": "ValidationException", "ec2": "InvalidParameterValue", "kms": "TagException"}


def check(call: Call) -> None:
    """
    Refuse a call that would set such a tag.

    Raises:
        Refused: it would.
    """
    if call.service in _BY_THEMSELVES or call.operation.startswith(_OTHERS):
        return
    for key in tags_in(call.parameters) or ():
        if is_reserved(key):
            raise RefusedRequest(
                f"Tag keys starting with 'aws:' are reserved for internal use: {key}",
                _CODES.get(call.service, "InvalidParameterException"),
            )
