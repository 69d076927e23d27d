"""
Where the values of a YAML text stand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trustproof.inputs.text.positions import OPEN, Entry, Spot
from trustproof.inputs.text.yaml import MERGE, long_form, parser_for, unquoted_key


def scan_yaml(text: str) -> Spot:
    """The spots of a text that `yaml_reader.load` has read."""
    parser = parser_for(text)
    parser.get_event()
    parser.get_event()
    return _Scanner(parser.get_event).spot(parser.get_event())


class _Scanner:
    """
    Makes spots of the events of one document.

    Args:
        get: gives the next event.
    """

    def __init__(self, get: Callable[[], Any]) -> None:
        import yaml

        self._get = get
        self._anchors: dict[str, Spot] = {}
        self._texts: dict[str, str] = {}
        #: Keys that were met before: a template says the same in each policy.
        self._keys: dict[str, str] = {}
        self._scalar, self._alias = yaml.ScalarEvent, yaml.AliasEvent
        self._mapping_start, self._mapping_end = yaml.MappingStartEvent, yaml.MappingEndEvent
        self._sequence_end = yaml.SequenceEndEvent

    def spot(self, event: Any) -> Spot:
        """The spot of a node, from its first event."""
        kind: object = event.__class__
        start = event.start_mark.index
        if kind is self._alias:
            return start, event.end_mark.index, self._anchors[event.anchor][2]
        spot: Spot
        if kind is self._mapping_start:
            spot = (start, OPEN, self._mapping())
        elif kind is self._scalar:
            spot = (start, event.end_mark.index, None)
            if event.anchor is not None:
                self._texts[event.anchor] = _text(event)
        else:
            spot = (start, OPEN, self._sequence())
        if event.tag is not None:
            spot = _wrap(event, spot)
        if event.anchor is not None:
            self._anchors[event.anchor] = spot
        return spot

    def _sequence(self) -> list[Spot]:
        items: list[Spot] = []
        while (event := self._get()).__class__ is not self._sequence_end:
            items.append(self.spot(event))
        return items

    def _mapping(self) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        merged: list[Spot] = []
        while (event := self._get()).__class__ is not self._mapping_end:
            is_alias: bool = event.__class__ is self._alias
            name: str = self._texts[str(event.anchor)] if is_alias else _text(event)
            if event.anchor is not None:
                self._texts[event.anchor] = name
            value = self.spot(self._get())
            if name == MERGE:
                merged.append(value)
            else:
                entries[self._keys.setdefault(name, name)] = (event.start_mark.index, event.end_mark.index, value)
        for spot in merged:
            for part in spot[2] if isinstance(spot[2], list) else [spot]:
                for inner, entry in part[2].items() if isinstance(part[2], dict) else ():
                    entries.setdefault(inner, entry)
        return entries


def _text(event: Any) -> str:
    """What a scalar says as a key, as the reader of values has it."""
    text: str = event.value
    return unquoted_key(text) if event.implicit[0] else text


def _wrap(event: Any, spot: Spot) -> Spot:
    """The spot of a tagged value: a mapping whose one key stands at the tag."""
    key = long_form(event.tag)
    if key is None:
        return spot
    start, end, children = spot
    if key == "Fn::GetAtt" and children is None:
        children = [spot, spot]
    return start, OPEN, {key: (start, start + len(event.tag), (start, end, children))}
