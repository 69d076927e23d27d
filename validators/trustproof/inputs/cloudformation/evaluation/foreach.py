"""
``Fn::ForEach`` of the ``AWS::LanguageExtensions`` transform, written out.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from trustproof.inputs.cloudformation.values.intrinsics import FOREACH
from trustproof.model.policy import Path

#: Entries that all loops of one section may give together; CloudFormation allows 500 resources in a template.
MAX_ENTRIES = 2000

#: Gives the texts of a collection, or None where they are not known.
Collection = Callable[[object], "list[str] | None"]


class NotExpanded(Exception):
    """A loop cannot be written out; `args` is the reason, a clause."""


def expand(
    section: Mapping[str, object], path: Path, collection: Collection, unread: list[tuple[Path, str]]
) -> dict[str, tuple[object, Path]]:
    """
    The entries of a section with its loops written out, each with the place where it is written.

    Args:
        section: ``Resources`` or ``Conditions``.
        path: of the section.
        collection: resolves the second argument of a loop.
        unread: receives the loops that cannot be written out, with the reason.
    """
    found: dict[str, tuple[object, Path]] = {}
    for key, value in section.items():
        place = (*path, key)
        if not key.startswith(FOREACH):
            found[key] = (value, place)
            continue
        try:
            found.update(_loop(value, place, collection, {}))
        except NotExpanded as error:
            unread.append((place, f"{key} is not expanded: {error}"))
    return found


def inside(value: object, collection: Collection) -> object:
    """A value with the loops among the keys of its mappings written out; one that cannot be stays as it is."""
    if isinstance(value, list):
        return [inside(item, collection) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, object] = {}
    for key, inner in value.items():
        if key.startswith(FOREACH):
            try:
                found.update({name: body for name, (body, _) in _loop(inner, (), collection, {}).items()})
                continue
            except NotExpanded:
                pass
        found[key] = inside(inner, collection)
    return found


def _loop(
    arguments: object, place: Path, collection: Collection, outer: dict[str, str]
) -> dict[str, tuple[object, Path]]:
    """The entries of one loop, for every item of its collection."""
    if not isinstance(arguments, list) or len(arguments) != 3 or not isinstance(arguments[0], str):
        raise NotExpanded("it takes an identifier, a collection and a body")
    identifier, source, body = arguments
    values = collection(_substituted(source, outer))
    if values is None:
        raise NotExpanded("its collection is not known before deployment")
    if not isinstance(body, dict):
        raise NotExpanded("its body is not a mapping")
    found: dict[str, tuple[object, Path]] = {}
    for value in values:
        bound = {**outer, identifier: value}
        for key, inner in body.items():
            inner_place = (*place, 2, key)
            if key.startswith(FOREACH):
                found.update(_loop(inner, inner_place, collection, bound))
            else:
                found[_replaced(key, bound)] = (_substituted(inner, bound), inner_place)
        if len(found) > MAX_ENTRIES:
            raise NotExpanded(f"budget reached: entries of a loop ({MAX_ENTRIES})")
    return found


def _replaced(text: str, bound: dict[str, str]) -> str:
    """A text with the loop's identifiers replaced; ``&{Id}`` leaves out what a logical id must not hold."""
    for identifier, value in bound.items():
        text = text.replace(f"${{{identifier}}}", value)
        text = text.replace(f"&{{{identifier}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text


def _substituted(value: object, bound: dict[str, str]) -> object:
    """A value of a loop's body with the identifiers replaced, ``Ref`` to them included."""
    if not bound:
        return value
    if isinstance(value, str):
        return _replaced(value, bound) if "{" in value else value
    if isinstance(value, list):
        return [_substituted(item, bound) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("Ref"), str) and value["Ref"] in bound:
            return bound[value["Ref"]]
        return {_replaced(key, bound): _substituted(inner, bound) for key, inner in value.items()}
    return value
