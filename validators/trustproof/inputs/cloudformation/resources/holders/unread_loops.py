"""
Loops that are not written out: whom the policies and groups are for that they make, which may deny something.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values import catalogue
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH, referred_name


def whom_loops_may_deny(loop: object) -> dict[str, frozenset[str] | None]:
    """
    Of which kinds somebody may be denied something by what a loop makes, with the logical ids of those where all of
    them are written out; None where it may be anybody.

    Args:
        loop: its identifier, collection and body.
    """
    found: dict[str, frozenset[str] | None] = {}
    for resource in _made_by(loop):
        type_, properties = str(resource.get("Type")), resource.get("Properties")
        if not isinstance(properties, Mapping) or not _may_deny(type_, properties):
            continue
        keys = {"Users": "user"} if type_ == catalogue.MEMBERSHIP else catalogue.ATTACHED.get(type_, {})
        for key, kind in keys.items():
            if key in properties:
                named = _named(properties[key])
                before = found.get(kind, frozenset())
                found[kind] = None if named is None or before is None else before | named
    return found


def _made_by(loop: object) -> Iterator[Mapping[str, object]]:
    """The resources that a loop makes, and those inside of it."""
    body = loop[2] if isinstance(loop, list) and len(loop) == 3 else None
    for key, one in body.items() if isinstance(body, Mapping) else ():
        if str(key).startswith(FOREACH):
            yield from _made_by(one)
        elif isinstance(one, Mapping):
            yield one


def _may_deny(type_: str, properties: Mapping[str, object]) -> bool:
    """Whether a policy may deny something, or a group has policies that may."""
    document = properties.get("PolicyDocument")
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    listed = statements if isinstance(statements, list) else [statements]
    allows = all(isinstance(one, Mapping) and one.get("Effect") == "Allow" for one in listed)
    return type_ in (catalogue.MEMBERSHIP, catalogue.ATTACHMENT) or not allows


def _named(value: object) -> frozenset[str] | None:
    """The logical ids of resources, where nothing else is named."""
    names = [referred_name(one) for one in (value if isinstance(value, list) else [value])]
    return frozenset(str(name) for name in names) if all(names) else None
