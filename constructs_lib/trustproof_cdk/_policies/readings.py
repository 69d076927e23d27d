"""
What a value of a template may come to in a deployment: each branch of its ``Fn::If``, and a document that is a text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from trustproof_cdk._policies.calls import statements_of

#: Conditions of which every combination is read; of more, each one alone, with all others true or false.
_MOST = 4
_NO_VALUE = {"Ref": "AWS::NoValue"}


def document(value: Any) -> Any:
    """A document that a template has as text, as CloudFormation takes it, read; anything else as it is."""
    joined = value.get("Fn::Join") if isinstance(value, Mapping) else None
    if isinstance(joined, list) and len(joined) == 2 and isinstance(joined[1], list):
        separator, parts = joined
        text: Any = separator.join(parts) if all(isinstance(one, str) for one in (separator, *parts)) else None
    else:
        text = value.get("Fn::Sub") if isinstance(value, Mapping) else value
    # What stands for a value keeps its place: of it, nothing is known here.
    if not isinstance(text, str):
        return value
    try:
        read = json.loads(text)
    except ValueError:
        return value
    return read if isinstance(read, dict) else value


def is_read(value: Any) -> bool:
    """Whether a document has statements only of which it is written whether they allow or deny."""
    statements = statements_of(value)
    return statements is not None and all(
        isinstance(one, Mapping) and one.get("Effect") in ("Allow", "Deny") for one in statements
    )


def readings(*documents: Any) -> Iterator[tuple[Any, ...]]:
    """
    Documents of one template, as they may all be in a deployment, once each.

    Args:
        documents: resolved; text is read.
    """
    conditions = sorted({name for one in documents for name in _conditions(one)})
    seen: list[tuple[Any, ...]] = []
    for chosen in _combinations(conditions):
        found = tuple(document(_chosen(one, chosen)) for one in documents)
        if found not in seen:
            seen.append(found)
            yield found


def _combinations(conditions: list[str]) -> Iterator[dict[str, bool]]:
    if len(conditions) <= _MOST:
        for values in product((True, False), repeat=len(conditions)):
            yield dict(zip(conditions, values, strict=True))
        return
    for others in (True, False):
        yield dict.fromkeys(conditions, others)
        for one in conditions:
            yield dict.fromkeys(conditions, others) | {one: not others}


def _conditions(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else value.values() if isinstance(value, Mapping) else ():
        yield from _conditions(one)
    if (branches := _branches(value)) is not None:
        yield branches[0]


def _branches(value: Any) -> list[Any] | None:
    """The condition and the two values of an ``Fn::If``; None of anything else."""
    found = value.get("Fn::If") if isinstance(value, Mapping) and len(value) == 1 else None
    return found if isinstance(found, list) and len(found) == 3 and isinstance(found[0], str) else None


def _chosen(value: Any, chosen: Mapping[str, bool]) -> Any:
    if (branches := _branches(value)) is not None:
        return _chosen(branches[1 if chosen[branches[0]] else 2], chosen)
    if isinstance(value, list):
        return [found for one in value if (found := _chosen(one, chosen)) != _NO_VALUE]
    if isinstance(value, Mapping):
        return {key: found for key, one in value.items() if (found := _chosen(one, chosen)) != _NO_VALUE}
    return value
