"""
Resource types whose names stand inside of names of others: what each action of their services is about.

The reference writes tables, their indexes and their streams alike, and says of each action which of them it is about.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from trustproof.aws import published


class Row(NamedTuple):
    """
    Some actions of a service, and the ARNs of what they are about.
    """

    #: Lower-cased, without the service.
    actions: tuple[str, ...]
    arns: tuple[str, ...]
    #: ARNs among these that are of another type.
    but_not: tuple[str, ...]
    #: Whether each request is about one of them.
    required: bool


#: What the reference writes with names inside of names, by resource type; of other types it is as published.
_NESTED: dict[str, dict[str, str]] = {
    **{of: {} for of in ("aps", "codeartifact", "events", "kafka", "kafka-cluster", "lex", "oam")},
    "dynamodb": {
        **{inside: f"table/*/{inside}/*" for inside in ("backup", "export", "import", "index", "stream")},
        "table": "table/*",
    },
    "es": {"domain": "domain/*"},
    "s3tables": {"table": "bucket/*/table/*", "tablebucket": "bucket/*"},
    "s3vectors": {"index": "bucket/*/index/*", "vectorbucket": "bucket/*"},
}
#: Types of services of which no other type is looked at: what is about one of these alone is about nothing else.
_ONLY = {"sagemaker": ("model-package", "model-package-group")}
#: Beginnings of actions that are about what is in a domain: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/ac.html
_REQUESTS_OF_DOMAINS = ("eshttp", "escrosscluster")


@cache
def rows_of(service: str) -> tuple[Row, ...]:
    """What each action of a service is about; nothing of a service without such names."""
    found = published.service(service) if service in _NESTED or service in _ONLY else None
    if found is None:
        return ()
    arns = {type_.lower(): of for type_, of in found.resources.items()}
    nested = _NESTED.get(service, {})
    arns |= {type_: (f"arn:*:{service}:*:*:{of}",) for type_, of in nested.items()}
    rows: dict[tuple[tuple[str, ...], tuple[str, ...], bool], set[str]] = {}
    for name, action in found.actions.items():
        types = [type_.lower() for type_ in action.resources]
        if service in _ONLY and (len(types) != 1 or types[0] not in _ONLY[service] or not action.required):
            continue
        about_them = tuple(arn for type_ in types for arn in arns[type_])
        inside: tuple[str, ...] = ()
        if name.startswith(_REQUESTS_OF_DOMAINS):
            about_them = tuple(f"{arn}/*" for arn in about_them)
        elif len(types) == 1 and types[0] in nested:
            # A name has no slash, so what has one more is inside of it.
            inside = tuple(f"{arn}/*" for arn in about_them)
        if about_them:
            rows.setdefault((about_them, inside, action.required), set()).add(name)
    return tuple(
        Row(tuple(sorted(names)), about_them, inside, required)
        for (about_them, inside, required), names in sorted(rows.items())
    )
