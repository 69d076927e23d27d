"""
What nobody looks into on either side: whether both sides write it alike.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress

from trustproof.inputs.reader import ExternalTemplate, Input

#: Properties that say nothing of what a resource does.
_OF_NO_ACCOUNT = ("Description", "Tags")


def is_written_alike(one: ExternalTemplate, new: Input, old: Input) -> bool:
    """Whether both sides have the same words for what decides about something that both have, and is not read."""
    return _words(one, new) == _words(one, old)


def _words(one: ExternalTemplate, template: Input) -> object:
    """The property that it is, where it is one; else the type and the properties of the resource."""
    logical_id = one.resource or one.logical_id
    resource = template.written(("Resources", logical_id)) if logical_id else None
    if not isinstance(resource, Mapping):
        return None
    properties = resource.get("Properties")
    if not isinstance(properties, Mapping):
        return resource.get("Type"), properties
    name = one.what.removesuffix(f" of {logical_id}")
    if name in properties:
        return resource.get("Type"), _in_order(properties[name])
    said = {key: _in_order(said) for key, said in properties.items() if key not in _OF_NO_ACCOUNT}
    return resource.get("Type"), said


def _in_order(value: object) -> object:
    """A value; a text that is an object of JSON is that object, since the order of its members says nothing."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        with suppress(ValueError, RecursionError):
            return json.loads(value)
    return value
