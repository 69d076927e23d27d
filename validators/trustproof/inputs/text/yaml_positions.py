"""
Where the values of a YAML text stand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trustproof.inputs.text.positions import OPEN, Entry, Spot
from trustproof.inputs.text.yaml import MERGE, long_form, parser_for


def scan_yaml(text: str) -> Spot:
    """The spots of a text that `yaml_reader.load` has read."""
    parser = parser_for(text)
    parser.get_event()
    parser.get_event()
    return _yaml_scanner(parser.get_event)(parser.get_event())


def _yaml_scanner(get: Callable[[], Any]) -> Callable[[Any], Spot]:
    from yaml import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

    anchors: dict[str, Spot] = {}
    texts: dict[str, str] = {}

    def scan(event: Any) -> Spot:
        kind: object = event.__class__
        start = event.start_mark.index
        if kind is AliasEvent:
            return start, event.end_mark.index, anchors[event.anchor][2]
        spot: Spot
        if kind is MappingStartEvent:
            spot = (start, OPEN, mapping())
        elif kind is ScalarEvent:
            spot = (start, event.end_mark.index, None)
            if event.anchor is not None:
                texts[event.anchor] = event.value
        else:
            spot = (start, OPEN, sequence())
        if event.tag is not None:
            spot = _wrap(event, spot)
        if event.anchor is not None:
            anchors[event.anchor] = spot
        return spot

    def sequence() -> list[Spot]:
        items: list[Spot] = []
        event = get()
        while event.__class__ is not SequenceEndEvent:
            items.append(scan(event))
            event = get()
        return items

    def mapping() -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        merged: list[Spot] = []
        event = get()
        while event.__class__ is not MappingEndEvent:
            is_alias: bool = type(event) is AliasEvent
            name = texts[event.anchor] if is_alias else event.value
            if event.anchor is not None:
                texts[event.anchor] = name
            key = event
            value = scan(get())
            if name == MERGE:
                merged.append(value)
            else:
                entries[name] = (key.start_mark.index, key.end_mark.index, value)
            event = get()
        for spot in merged:
            for part in spot[2] if isinstance(spot[2], list) else [spot]:
                for inner, entry in part[2].items() if isinstance(part[2], dict) else ():
                    entries.setdefault(inner, entry)
        return entries

    return scan


def _wrap(event: Any, spot: Spot) -> Spot:
    """The spot of a tagged value: a mapping whose one key stands at the tag."""
    key = long_form(event.tag)
    if key is None:
        return spot
    start, end, children = spot
    if key == "Fn::GetAtt" and children is None:
        children = [spot, spot]
    return start, OPEN, {key: (start, start + len(event.tag), (start, end, children))}
