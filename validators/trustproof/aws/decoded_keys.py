"""
Condition keys that no page lists, and that requests to Amazon EC2 carry all the same, as decoded messages of refused
requests show.

https://docs.aws.amazon.com/cli/latest/reference/sts/decode-authorization-message.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from trustproof.aws import published

#: As AWS writes them, by their names in small letters, with the type of each.
TYPES: Mapping[str, tuple[str, str]] = {
    "aws:account": ("aws:Account", "string"),
    "aws:arn": ("aws:ARN", "arn"),
    "aws:region": ("aws:Region", "string"),
    "aws:resource": ("aws:Resource", "string"),
    "aws:service": ("aws:Service", "string"),
    "aws:type": ("aws:Type", "string"),
}


@cache
def carriers() -> tuple[str, ...]:
    """The actions whose requests may carry them, lower-cased: those of EC2, and the one that EC2 asks of IAM."""
    found = published.service("ec2")
    actions = () if found is None else tuple(sorted(f"ec2:{action.name.lower()}" for action in found.actions.values()))
    return (*actions, "iam:passrole")
