"""
What S3 refuses of bucket policies: statements about another bucket, and actions that are about none of their resources.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-policy-language-overview.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from trustproof.aws.published import service
from trustproof.sandbox.errors import RefusedRequest

_ARN = re.compile(r"arn:[a-z*-]*:s3:::(?P<bucket>[^/]+)(?P<key>/.*)?", re.DOTALL)
_WILD = set("*?$")


def check_resources(bucket: str, text: str) -> None:
    """
    See that a policy speaks of the bucket that it stands on.

    Args:
        bucket: its name.
        text: the policy.

    Raises:
        Refused: `MalformedPolicy`, in the words that are reported of S3.
    """
    try:
        statements = json.loads(text).get("Statement") or []
    except (ValueError, AttributeError):
        # It is no policy, and is refused as such.
        return
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, Mapping):
            continue
        resources = [*_listed(statement.get("Resource")), *_listed(statement.get("NotResource"))]
        if not all(_is_of(bucket, one) for one in resources):
            raise RefusedRequest("Policy has invalid resource", "MalformedPolicy")
        if any(_reaches_nothing(action, statement) for action in _listed(statement.get("Action"))):
            raise RefusedRequest("Action does not apply to any resource(s) in statement", "MalformedPolicy")


def _is_of(bucket: str, resource: str) -> bool:
    """Whether an ARN may be that of the bucket, or of something in it; one with a wildcard in the name may, `*` not."""
    found = _ARN.fullmatch(resource)
    return found is not None and (found["bucket"] == bucket or bool(_WILD & set(found["bucket"])))


def _reaches_nothing(action: str, statement: Mapping[str, Any]) -> bool:
    prefix, _, name = action.lower().partition(":")
    s3 = service("s3")
    known = s3.actions.get(name) if s3 is not None and prefix == "s3" else None
    named = list(_listed(statement.get("Resource")))
    if known is None or not named or not known.resources:
        return False
    if "object" in known.resources:
        return not any("/" in one or "*" in one for one in named)
    return "bucket" in known.resources and all(
        "/" in one and not set("*?") & set(one.partition("/")[0]) for one in named
    )


def _listed(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            yield one
