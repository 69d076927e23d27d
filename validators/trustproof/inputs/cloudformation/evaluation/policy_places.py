"""
What decides, outside of a policy, what it means: the name and the tags of what it stands on, where it speaks of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values.catalogue import BUCKET_POLICY, STANDS_ON

#: Functions that give the resource itself, whatever it is called.
_REFERENCES = frozenset(("Ref", "Fn::GetAtt"))
_RESOURCES = frozenset(("Resource", "NotResource"))
_OF_TAGS = "resourcetag/"
_POLICY_NAMES = ("ManagedPolicyName", "PolicyName")


def deciding_properties(resource: Mapping[str, object], body: object) -> Iterator[object]:
    """
    The properties of a resource with a policy that decide what this means.

    Args:
        body: the policy.
    """
    properties = resource.get("Properties")
    if not isinstance(properties, dict):
        return
    if isinstance(body, dict) and "Version" in body:
        yield body["Version"]
    type_ = str(resource.get("Type"))
    place = "Bucket" if type_ == BUCKET_POLICY else STANDS_ON.get(type_, "")
    if place in properties and names_resources(body):
        yield properties[place]
    tags = properties.get("Tags")
    if tags and _has_functions(tags) and _OF_TAGS in str(body).lower():
        yield tags


def names_of_policies(properties: Mapping[str, object]) -> Iterator[object]:
    """
    The names of policies that are a parameter each: one may replace an inline policy of that name, or be the managed
    one that somebody attaches.

    Names that are put together of a parameter and a text differ as the texts do.
    """
    inline = properties.get("Policies")
    for entry in (properties, *(inline if isinstance(inline, list) else ())):
        for key in _POLICY_NAMES if isinstance(entry, Mapping) else ():
            if isinstance(name := entry.get(key), dict) and set(name) == {"Ref"}:
                yield name


def names_resources(body: object) -> bool:
    """Whether a policy writes out what it is about, otherwise than by a reference or as everything."""
    left = [body]
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(one)
        elif isinstance(one, dict):
            if any(_is_text(value) for key, value in one.items() if key in _RESOURCES):
                return True
            left.extend(one.values())
        elif isinstance(one, str) and '"Statement"' in one:
            # A policy in a text is not read here.
            return True
    return False


def _is_text(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_is_text, value))
    if isinstance(value, dict):
        return not _REFERENCES.issuperset(value)
    return value != "*"


def _has_functions(value: object) -> bool:
    if isinstance(value, list):
        return any(map(_has_functions, value))
    if not isinstance(value, dict):
        return False
    return any(key == "Ref" or key.startswith("Fn::") or _has_functions(inner) for key, inner in value.items())
