"""
What the resource is called that a policy stands on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.reader import Input
from trustproof.model.document import RESOURCE, Document
from trustproof.model.text import Symbolic, Text

#: Properties of a permission that name who calls.
_OF_CALLERS = ("Principal", "Source")
#: What stands before the name in an ARN.
_SEPARATORS = frozenset(":/")


def name_in(arn: Text) -> str:
    """What an ARN ends in, also where its Region or account is not known; empty where its end is not."""
    end = arn if isinstance(arn, str) else arn.parts[-1]
    if not isinstance(end, str) or (end is not arn and not _SEPARATORS & {*end}):
        return ""
    return end.rpartition(":")[2].rpartition("/")[2]


def logical_ids_of(template: Input, document: Document) -> Iterator[str]:
    """The logical ids of the bucket, queue or other resource that a policy of its own resource is for."""
    arn = document.resource_arn
    if document.kind != RESOURCE:
        return
    for symbol in arn.symbols if isinstance(arn, Symbolic) else ():
        if symbol.kind == "attribute":
            yield symbol.name.partition(".")[0]
    place = document.path[: document.path.index("Properties") + 1] if "Properties" in document.path else ()
    properties = template.written(place) if place else None
    for key, value in properties.items() if isinstance(properties, Mapping) else ():
        if not str(key).startswith(_OF_CALLERS):
            yield from _referred(value)


def _referred(value: object) -> Iterator[str]:
    """The logical ids that a property refers to, alone or in a list."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping) and len(one) == 1:
            (function, named), *_ = one.items()
            first = named[0] if isinstance(named, list) and named else named
            if function in ("Ref", "Fn::GetAtt") and isinstance(first, str) and "::" not in first:
                yield first.partition(".")[0]
