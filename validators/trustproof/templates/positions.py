"""
Where a value stands in its file: computed when somebody asks, never before.

All offsets count characters from the start of the text.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from trustproof.model.policy import Path
from trustproof.templates import yaml_reader


class Position(NamedTuple):
    """
    A place in a file: 1-based, in characters; `end_column` is the column after the last character.
    """

    line: int
    column: int
    end_column: int


#: Where a value stands: start, end (`OPEN` of a mapping or list), and the parts of a mapping or list.
Spot: TypeAlias = "tuple[int, int, dict[str, Entry] | list[Spot] | None]"
#: Where the key of an entry starts and ends, and its value.
Entry: TypeAlias = "tuple[int, int, Spot]"
OPEN = -1

#: A key with its colon, another string, a bracket, or another scalar.
_JSON_TOKEN = r'("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}\[\]]|[^\s{}\[\],:"]+'


def scan_json(text: str, duplicates: list[int] | None = None) -> Spot:
    """
    The spots of a text that is known to be JSON.

    Args:
        text: one JSON value.
        duplicates: receives the offset of each key that its object has already.
    """
    # This loop runs once per token of a file that may have a million characters.
    root: list[Spot] = []
    stack: list[Any] = [root]
    top: Any = root
    key, key_start, key_end = "", 0, 0
    children: dict[str, Entry] | list[Spot] | None
    for match in re.finditer(_JSON_TOKEN, text, re.DOTALL):
        kind = match.lastindex
        if kind == 2:
            key = match[1]
            key = json.loads(key) if "\\" in key else key[1:-1]
            key_start, key_end = match.span(1)
            if duplicates is not None and key in top:
                duplicates.append(key_start)
            continue
        start, end = match.span()
        children = None
        if kind is None:
            first = text[start]
            if first == "}" or first == "]":
                stack.pop()
                top = stack[-1]
                continue
            if first == "{":
                children, end = {}, OPEN
            elif first == "[":
                children, end = [], OPEN
        if top.__class__ is dict:
            top[key] = (key_start, key_end, (start, end, children))
        else:
            top.append((start, end, children))
        if children is not None:
            stack.append(children)
            top = children
    return root[0] if root else (0, len(text), None)


def scan_yaml(text: str) -> Spot:
    """The spots of a text that `yaml_reader.load` has read."""
    parser = yaml_reader.parser_for(text)
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
            if name == yaml_reader.MERGE:
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
    key = yaml_reader.long_form(event.tag)
    if key is None:
        return spot
    start, end, children = spot
    if key == "Fn::GetAtt" and children is None:
        children = [spot, spot]
    return start, OPEN, {key: (start, start + len(event.tag), (start, end, children))}


class SourceMap:
    """
    From paths of a template to lines and columns of its text.
    """

    def __init__(self, text: str, scan: Callable[[str], Spot] = scan_json) -> None:
        self._text = text
        self._scan = scan
        self._root: Spot | None = None
        self._starts: list[int] | None = None

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in re.finditer("\n", self._text))]
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """One line of the text, without its end; empty beyond the last."""
        self.line_column(0)
        assert self._starts is not None
        if not 0 < number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        end = self._text.find("\n", start)
        return self._text[start : len(self._text) if end < 0 else end].rstrip("\r")

    def key(self, path: Path) -> Position:
        """Where the last key of a path stands; of a list item, the item."""
        return self._find(path, of_value=False)

    def value(self, path: Path) -> Position:
        """Where the value of a path stands."""
        return self._find(path, of_value=True)

    def _find(self, path: Path, of_value: bool) -> Position:
        """The place of a path, or of its nearest ancestor that is written in the text."""
        if self._root is None:
            self._root = self._scan(self._text)
        spot = self._root
        start, end = spot[:2]
        for step in path:
            children = spot[2]
            if isinstance(children, dict) and isinstance(step, str) and step in children:
                start, end, spot = children[step]
            elif isinstance(children, list) and isinstance(step, int) and step < len(children):
                spot = children[step]
                start, end = spot[:2]
            else:
                break
        return self._position(*(spot[:2] if of_value else (start, end)))

    def _position(self, start: int, end: int) -> Position:
        line, column = self.line_column(start)
        width = len(self.line(line).rstrip()) + 1
        # What spans several lines is shown by its first.
        last = width if end == OPEN else min(column + end - start, width)
        return Position(line, column, max(last, column + 1))
