"""
What nobody looks into on either side: whether both sides write it alike.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress

from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.comparison.unread.unread_places import changed_in
from trustproof.inputs.reader import ExternalTemplate, Input
from trustproof.results.difference import Undecided, Where

#: Properties that say nothing of what a resource does.
_OF_NO_ACCOUNT = ("Description", "Tags")


def is_written_alike(one: ExternalTemplate, new: Input, old: Input) -> bool:
    """Whether both sides have the same words for what decides about something that both have, and is not read."""
    return _words(one, new) == _words(one, old)


def changed_files(new: ComparisonSide, old: ComparisonSide) -> Iterator[Undecided]:
    """
    What templates name by its path, and nobody has named to be compared, where the file is not what it is on the other
    side: the templates say the same all the same.
    """
    given = {os.path.abspath(named.template.name) for side in (new, old) for named in side.templates}
    there = {named.label: named.template for named in old.templates}
    for named in new.templates:
        template, other = named.template, there.get(named.label)
        # Of a stream nobody knows beside which files it stood.
        if other is None or not all(os.path.isfile(one.name) for one in (template, other)):
            continue
        places = [os.path.dirname(one.name) for one in (template, other)]
        for one in dict.fromkeys(one for one in template.external_templates() if one.location):
            now, then = (os.path.join(place, one.location) for place in places)
            if one.which or not any(map(os.path.isfile, (now, then))):
                continue
            is_given = not given.isdisjoint(map(os.path.abspath, (now, then)))
            if not is_given and one in other.external_templates() and changed_in(now, then) is not None:
                file = new.shown(os.path.normpath(now))
                why = f"on both sides: {one.what}, whose template was not named, and is not the same: {file}"
                yield Undecided(Where(new.shown(template.name), "", "", None, template.account), (why,))


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
