"""
Which actions may be about a resource: those of its service, and those of others that have resources of that kind.

What the reference lists without a type of resource is about ``*``, and what it lists with types about these:
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
Of actions and services that AWS publishes later that is *assumed*, so no proof may rest on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from trustproof.aws import published
from trustproof.aws.action_resources import about
from trustproof.sets.patterns import are_apart, like, without

#: Names of buckets hold no slash, so that no object has such an ARN.
_BUCKET = "arn:*:s3:::*"
_FIELDS = 6


@lru_cache(maxsize=256)
def actions_about(resource: str) -> tuple[str, ...] | None:
    """
    Entries for the actions that may be about what an ARN matches, as an ``Action`` has them, sorted.

    Returns:
        None where it is no ARN of one service.
    """
    fields = resource.split(":", _FIELDS - 1)
    if len(fields) < _FIELDS or fields[0] != "arn" or not re.fullmatch("[a-z0-9-]+", fields[2]):
        return None
    others = (prefix for prefix in published.service_prefixes() if prefix != fields[2])
    found = {action for prefix in others for action in _of_service(prefix, fields)}
    return tuple(sorted({f"{fields[2]}:*", *found}))


def _of_service(prefix: str, resource: Sequence[str]) -> Iterator[str]:
    service = published.service(prefix)
    assert service is not None
    types = {name for name, arns in service.resources.items() if any(_may_be(arn, resource) for arn in arns)}
    yield from (f"{prefix}:{name}" for name, action in service.actions.items() if types & {*action.resources})
    for row in about(prefix):
        # Of buckets, the reference says which actions of others are about them.
        if any(arn != _BUCKET and _may_be(arn, resource) for arn in row.arns):
            yield from sorted(row.actions) or (f"{prefix}:*",)


def _may_be(arn: str, resource: Sequence[str]) -> bool:
    """
    Whether a resource of one type may be among what an ARN matches.

    Args:
        resource: the fields of the ARN, of which that of the service has no wildcard.
    """
    type_ = arn.split(":", _FIELDS - 1)
    if type_[2] not in ("*", resource[2]):
        return False
    if len(type_) < _FIELDS or "*" in resource[3] + resource[4]:
        # A wildcard there may reach into the fields after it.
        return True
    name = like(type_[5])
    patterns = (like(type_[3]), like(type_[4]), without(name, "/") if arn == _BUCKET else name)
    return not any(are_apart(one, like(other)) for one, other in zip(patterns, resource[3:], strict=True))
