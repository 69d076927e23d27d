"""
The policies that AWS manages, as values: attached to somebody, each is asked as its text would be.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
"""

from __future__ import annotations

import json
import re
from functools import cache

from trustproof.aws.published import managed_policy_document
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.documents.policy_json import parse_policy
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Policy

_MIDDLE = ":iam::aws:policy/"
#: What is before that: a text that is no name of a partition is no part of a policy either.
_HEAD = re.compile(r"arn:aws[a-z-]*")


@cache
def managed_policy(arn: str) -> Policy | None:
    """
    The whole of a policy that AWS manages, as it was published at the time of the release.

    Args:
        arn: in another partition the policies have the same names (assumed: and say the same of what is there).

    Returns:
        None for every policy that is not known.
    """
    head, separator, name = arn.partition(_MIDDLE)
    if not separator or _HEAD.fullmatch(head) is None:
        return None
    document = managed_policy_document(name)
    if document is None:
        return None
    text = json.dumps(document).replace('"arn:aws:', f'"{head}:')
    try:
        return parse_policy(text, kind=IDENTITY)
    except PolicySyntaxError:
        return None


def managed_policy_in(arn: str, partition: str) -> Policy | None:
    """
    The same policy as another partition has it.

    Args:
        arn: with any partition, or with a variable for it.
        partition: its name.
    """
    return managed_policy(f"arn:{partition}{_MIDDLE}{arn.partition(_MIDDLE)[2]}")
