"""
Conditions that decide what a text is: what ``Fn::If`` gives is known there only where the condition is decided, as
nothing stands under the condition by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.model.text import REGION

#: Functions that make a text of what is in them, or find one by it.
_COMPOSING = frozenset(("Fn::FindInMap", "Fn::ImportValue", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub"))
_TAGS = "Tags"
#: What a permission set has; users, groups and roles are attached to from elsewhere, too.
_OF_SETS = ("CustomerManagedPolicyReferences", "ManagedPolicies", "PermissionsBoundary")
_NAMING = ("GroupName", "Path", "RoleName", "UserName")


def conditions_of_texts(value: object, *, is_text: bool = False) -> Iterator[str]:
    """
    The conditions of each ``Fn::If`` in a value that is a part of a text.

    Args:
        is_text: whether the value is a text as a whole; else texts are what functions compose.
    """
    if isinstance(value, list):
        for item in value:
            yield from conditions_of_texts(item, is_text=is_text)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Fn::If" and is_text and isinstance(inner, list) and inner and isinstance(inner[0], str):
                yield inner[0]
            yield from conditions_of_texts(inner, is_text=is_text or key in _COMPOSING)


def is_regional(value: object) -> bool:
    """Whether a mapping is asked for the Region in a value."""
    if isinstance(value, list):
        return any(map(is_regional, value))
    if not isinstance(value, dict):
        return False
    looked_up = value.get("Fn::FindInMap")
    return (looked_up is not None and REGION in names_in(looked_up)) or any(map(is_regional, value.values()))


def texts_in_holder(resource: object, *, with_tags: Callable[[], bool]) -> Iterator[tuple[object, bool]]:
    """
    What has texts of who has policies, as far as these are not names that stand for it elsewhere, each with whether it
    is a text as a whole.

    Args:
        with_tags: whether the tags decide anything.
    """
    properties = resource.get("Properties") if isinstance(resource, dict) else None
    if isinstance(properties, dict):
        yield from ((properties[key], False) for key in _OF_SETS if key in properties)
        if _TAGS in properties and with_tags():
            yield properties[_TAGS], True


def names_of_holder(resource: object) -> list[object]:
    """What says how that is called which has policies: its name stands for it elsewhere."""
    properties = resource.get("Properties") if isinstance(resource, dict) else None
    named = properties.items() if isinstance(properties, dict) else ()
    return [value for key, value in named if key in _NAMING]
