"""
What the resource is called that a policy stands on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from trustproof.inputs.reader import Input
from trustproof.model.document import RESOURCE, Document
from trustproof.model.text import Symbol, Symbolic, Text

#: Properties of a permission that name who calls.
_OF_CALLERS = ("Principal", "Source")
#: What properties that hold a name end in.
_NAME = "Name"
#: The kinds of values that nobody chooses.
_MADE = ("attribute", "intrinsic")
#: What stands before the name in an ARN.
_SEPARATORS = frozenset(":/")


def name_in(arn: Text) -> str:
    """What an ARN ends in, also where its Region or account is not known; empty where its end is not."""
    end = arn if isinstance(arn, str) else arn.parts[-1]
    if not isinstance(end, str) or (end is not arn and not _SEPARATORS & {*end}):
        return ""
    return end.rpartition(":")[2].rpartition("/")[2]


def open_name_in(arn: Text) -> Symbolic | None:
    """What an ARN ends in where the deployment decides about that; None for what the deployment makes up itself."""
    if isinstance(arn, str):
        return None
    parts: list[str | Symbol] = []
    for part in reversed(arn.parts):
        end = part if isinstance(part, Symbol) else part.rpartition(":")[2].rpartition("/")[2]
        parts = [end, *parts] if end else parts
        if end != part:
            break
    else:
        return None
    return _given(tuple(parts))


def _given(parts: tuple[str | Symbol, ...]) -> Symbolic | None:
    """A name of which something is written, or that is one of some values; None for what may be anything."""
    symbols = [one for one in parts if isinstance(one, Symbol)]
    if not symbols or any(one.kind in _MADE for one in symbols):
        return None
    return Symbolic(parts) if len(symbols) < len(parts) or all(one.allowed for one in symbols) else None


def written_names(template: Input, logical_ids: Iterable[str]) -> Iterator[Text]:
    """
    The names that resources of a template are given: some have an ARN that does not say it, as secrets have, which ends
    in letters of its own.
    """
    for logical_id in logical_ids:
        resource = template.written(("Resources", logical_id))
        properties = resource.get("Properties") if isinstance(resource, Mapping) else None
        if not isinstance(resource, Mapping) or not isinstance(properties, Mapping):
            continue
        type_ = str(resource.get("Type")).rpartition("::")[2]
        for key in map(str, properties):
            # A layer is named by the LayerName of its LayerVersion; a RoleName elsewhere names something else.
            if not key.endswith(_NAME) or not type_.startswith(key.removesuffix(_NAME)):
                continue
            found = template.text_at(("Resources", logical_id, "Properties", key))
            name = found if found is None or isinstance(found, str) else _given(found.parts)
            if name is not None:
                yield name


def logical_ids_of(template: Input, document: Document) -> Iterator[str]:
    """The logical ids of the bucket, queue or other resource that a policy of its own resource is for."""
    arn = document.resource_arn
    if document.kind != RESOURCE:
        return
    if not _is_nothing_else(document.resource_type):
        # What else its properties refer to, such as the key that it is encrypted with, has a policy of its own.
        yield document.logical_id
        return
    if made := [symbol for symbol in (arn.symbols if isinstance(arn, Symbolic) else ()) if symbol.kind == "attribute"]:
        # A policy of several queues is read once for each of them.
        yield from (symbol.name.partition(".")[0] for symbol in made)
        return
    place = document.path[: document.path.index("Properties") + 1] if "Properties" in document.path else ()
    properties = template.written(place) if place else None
    for key, value in properties.items() if isinstance(properties, Mapping) else ():
        if not str(key).startswith(_OF_CALLERS):
            several = isinstance(value, list) and len(value) > document.place
            yield from _referred(value[document.place] if several else value)


def _is_nothing_else(resource_type: str) -> bool:
    """Whether a type is that of a policy, which stands on another resource: ``AWS::SQS::QueuePolicy``."""
    return resource_type.endswith(("Policy", "Permission"))


def _referred(value: object) -> Iterator[str]:
    """The logical ids that a property refers to, alone or in a list."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, Mapping) and len(one) == 1:
            (function, named), *_ = one.items()
            first = named[0] if isinstance(named, list) and named else named
            if function in ("Ref", "Fn::GetAtt") and isinstance(first, str) and "::" not in first:
                yield first.partition(".")[0]
