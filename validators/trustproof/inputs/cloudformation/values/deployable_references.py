"""
Whether CloudFormation takes a reference from one resource to another: "Circular dependency between resources" and
"Unresolved resource dependencies" are what it says of others.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from trustproof.inputs.cloudformation.values.intrinsics import names_in

#: Of what refers to more than these, at whatever depth, nothing is said: it may well refer back.
_MOST_FOLLOWED = 1000


#: By logical id, what has to be there before a resource is made; None for one that refers to too much.
Needed: TypeAlias = "dict[str, frozenset[str] | None]"


def why_not_deployable(resources: object, holder: str, referred: str, known: Needed | None = None) -> str:
    """
    Why a resource cannot refer to another one, a clause; empty where it can.

    Args:
        resources: of the template, by logical id.
        holder: the logical id of what would refer.
        referred: of what it would refer to.
        known: what was found for these resources before, which this adds to: many may refer to the same.
    """
    if not isinstance(resources, Mapping):
        return ""
    there = resources.get(referred)
    needed = there.get("Condition") if isinstance(there, Mapping) else None
    own = resources.get(holder)
    if needed is not None and needed != (own.get("Condition") if isinstance(own, Mapping) else None):
        return "not every deployment has what a reference would name"
    if referred == holder:
        # A role may be sent to itself.
        return "a reference would be circular"
    known = {} if known is None else known
    if referred not in known:
        known[referred] = _needed(resources, referred)
    needed_there = known[referred]
    return "a reference would be circular" if needed_there is None or holder in needed_there else ""


def _needed(resources: Mapping[str, object], referred: str) -> frozenset[str] | None:
    """What has to be there before a resource is made, at whatever depth; None where that is too much to follow."""
    seen, named, waiting = {referred}, set[str](), [referred]
    while waiting:
        for name in _refers_to(resources.get(waiting.pop())):
            if len(seen) > _MOST_FOLLOWED:
                return None
            named.add(name)
            if name not in seen and name in resources:
                seen.add(name)
                waiting.append(name)
    return frozenset(named)


def _refers_to(resource: object) -> Iterator[str]:
    """What has to be there before a resource is made."""
    if isinstance(resource, Mapping):
        yield from names_in(dict(resource))
        yield from _addresses(resource)
        waits = resource.get("DependsOn")
        yield from (str(name) for name in (waits if isinstance(waits, list) else (waits,)) if name)


def _addresses(value: object) -> Iterator[str]:
    """The addresses of Terraform, which have dots in them, whose attributes something takes."""
    if isinstance(value, list):
        for item in value:
            yield from _addresses(item)
    elif isinstance(value, Mapping):
        given = value.get("Fn::GetAtt")
        if isinstance(given, list) and given and isinstance(given[0], str):
            yield given[0]
        for inner in value.values():
            yield from _addresses(inner)
