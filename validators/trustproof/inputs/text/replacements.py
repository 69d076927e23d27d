"""
Edits of values as replacements in the text of a template: what an editor, or code scanning, puts in.

The text is changed as little as possible, and then read again: unless it says exactly what the edits say, there are no
replacements. So whatever way of writing is not known here costs a convenience, and never a template.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import groupby, zip_longest
from typing import Any, NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.text.narrower_edits import in_any_order, narrow
from trustproof.inputs.text.positions import OPEN, Entry, Spot, json_entries, json_root
from trustproof.inputs.text.source import Source
from trustproof.inputs.text.yaml_positions import scan_yaml
from trustproof.model.policy import Path
from trustproof.model.text import Symbolic
from trustproof.results.edit import ADD, END, REMOVE, REPLACE, Edit, WrittenValue, intrinsic
from trustproof.results.report import Replacement

#: Keys that YAML takes for text without quotes.
_PLAIN = r"[A-Za-z][A-Za-z0-9:/._-]*[A-Za-z0-9]"

#: These are no text in YAML 1.1, and one of them is an operator of IAM.
_WORDS = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")


class _Change(NamedTuple):
    """The characters from `start` to `end`, and what comes in their place."""

    start: int
    end: int
    text: str


class NotWritable(Exception):
    """The edits cannot be made in this text."""


def replacements(source: Source, edits: Sequence[Edit]) -> tuple[Replacement, ...]:
    """
    What is to be replaced in a text so that it says what the edits say; empty where that cannot be told.

    Args:
        source: as it was read for the result that the edits are a remedy of.
    """
    try:
        data = source.load()
        expected = apply_replacements(data, edits)
        smaller = narrowed(data, edits)
    except (NotWritable, InputError, IndexError, KeyError, TypeError, ValueError):
        return ()
    made = apply_replacements(data, smaller) if smaller != edits else expected
    found = _replacements(source, smaller, made) if in_any_order(made) == in_any_order(expected) else ()
    return found or _replacements(source, edits, expected)


def _replacements(source: Source, edits: Sequence[Edit], expected: object) -> tuple[Replacement, ...]:
    """What is to be replaced so that a text says what is expected; empty where that cannot be told."""
    try:
        # A file keeps the ends of lines that it has.
        newline = "\r\n" if "\r\n" in source.text else "\n"
        changes = joined(sorted(_Writer(source.text).changes(edits)))
        changes = [change._replace(text=change.text.replace("\n", newline)) for change in changes]
        changed = source.text
        for change in reversed(changes):
            changed = changed[: change.start] + change.text + changed[change.end :]
        if texts(Source(source.name, changed).load()) != texts(expected):
            return ()
    except (NotWritable, InputError, IndexError, KeyError, TypeError, ValueError):
        # Texts of many kinds lead here, and none of them is worse than having no suggestion.
        return ()
    lines = source.lines.line_column
    return tuple(Replacement(*lines(change.start), *lines(change.end), change.text) for change in changes)


def narrowed(data: object, edits: Sequence[Edit]) -> Sequence[Edit]:
    """The same edits of as little as possible: of the items of lists and the entries of mappings that change."""
    found: list[Edit] = []
    for edit in edits:
        said: Any = data
        for step in edit.path if edit.operation == REPLACE else ():
            said = said[step]
        small = narrow(edit.path, said, _content(edit.value, like=said)) if edit.operation == REPLACE else None
        found += [edit] if small is None or not edit.is_json else small
    return found


def joined(changes: Sequence[_Change]) -> list[_Change]:
    """
    Changes, sorted, as such of which none begins where another one ends: whoever makes two at one place has no order.
    """
    found: list[_Change] = []
    for change in changes:
        if found and found[-1].end == change.start:
            last = found.pop()
            change = _Change(last.start, change.end, last.text + change.text)
        found.append(change)
    return found


def apply_replacements(data: object, edits: Sequence[Edit]) -> object:
    """The content as it is to be; the edits must be about what is there."""
    out: Any = deepcopy(data)
    for edit in edits:
        *way, last = edit.path
        holder = out
        for step in way:
            holder = holder[step]
        if edit.operation == ADD:
            if last == END:
                holder.append(_content(edit.value))
                continue
            if holder.get(last):
                # What is there and empty says nothing.
                raise NotWritable
        elif in_any_order(holder[last]) != in_any_order(_content(edit.before, like=holder[last])):
            # What is written is a function, or a form that the remedy does not know.
            raise NotWritable
        if edit.operation == REMOVE:
            del holder[last]
        else:
            like = holder.get(last) if isinstance(holder, dict) else holder[last]
            holder[last] = _content(edit.value, like=like, is_json=edit.is_json)
    return out


def texts(value: object) -> object:
    """The content with numbers as text, as which YAML is read and CloudFormation takes them."""
    if isinstance(value, dict):
        return {key: texts(found) for key, found in value.items()}
    if isinstance(value, list):
        return [texts(found) for found in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _content(value: object, like: object = None, *, is_json: bool = True) -> Any:
    """A value of an edit as the content of a template."""
    if isinstance(value, WrittenValue):
        return json.loads(value.json)
    if isinstance(value, Symbolic):
        value = intrinsic(value)
        if value is None:
            raise NotWritable
    if isinstance(value, Mapping):
        return {str(key): _content(found) for key, found in value.items()}
    if isinstance(value, tuple):
        return _content(value[0]) if len(value) == 1 else [_content(found) for found in value]
    if isinstance(value, str) and value.isdecimal() and (isinstance(like, int) or not is_json):
        return int(value)
    return value


class _Writer:
    """Finds where a text is to be changed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._is_json = text.lstrip()[:1] in ("{", "[")
        self._root: Spot = json_root(text) if self._is_json else scan_yaml(text)

    def changes(self, edits: Sequence[Edit]) -> list[_Change]:
        out: list[_Change] = []
        for holder, group in groupby(edits, key=lambda edit: edit.path[:-1]):
            found = list(group)
            entries, is_flow = self._entries(holder), self._is_flow(holder)
            gone = [edit for edit in found if edit.operation == REMOVE]
            new = [edit for edit in found if edit.operation == ADD]
            out += [self._replaced(entries[e.path[-1]], e, is_flow) for e in found if e not in gone and e not in new]
            for old, added in zip_longest(gone, new):
                if old is None:
                    out.append(self._added(entries, added, is_flow))
                elif added is None:
                    out.append(self._removed(entries, old, is_flow))
                else:
                    out.append(self._replaced(entries[old.path[-1]], added, is_flow))
        return out

    def _entries(self, path: Path) -> dict[str | int, Entry]:
        """The entries of the mapping, or the items of the list, at a path."""
        spot = self._root
        for step in path:
            spot = self._parts(spot)[step][2]
        return self._parts(spot)

    def _parts(self, spot: Spot) -> dict[str | int, Entry]:
        if self._is_json:
            return dict(json_entries(self._text, spot[0]))
        if isinstance(spot[2], dict):
            return dict(spot[2].items())
        if isinstance(spot[2], list):
            return {index: (inner[0], inner[1], inner) for index, inner in enumerate(spot[2])}
        raise NotWritable

    def _end(self, entry: Entry) -> int:
        """Behind the last character of an entry."""
        start = entry[2][0]
        if self._is_json:
            end: int = json.JSONDecoder().raw_decode(self._text, start)[1]
            return end
        # A block goes on as long as lines are indented deeper than its key, or than the dash of its item.
        column = self._column(entry[0]) - (2 if entry[0] == start else 0)
        at = end = self._line_end(entry[0])
        while at < len(self._text):
            following = self._line_end(at + 1)
            line = self._text[at + 1 : following]
            if line.strip() and len(line) - len(line.lstrip()) <= column:
                break
            at = following
            end = at if line.strip() else end
        return end - self._text.endswith("\r", 0, end)

    def _line_end(self, offset: int) -> int:
        found = self._text.find("\n", offset)
        return len(self._text) if found < 0 else found

    def _column(self, offset: int) -> int:
        return offset - (self._text.rfind("\n", 0, offset) + 1)

    def _replaced(self, entry: Entry, edit: Edit, is_flow: bool) -> _Change:
        return _Change(entry[0], self._behind(entry), self._entry(edit, self._column(entry[0]), is_flow))

    def _behind(self, entry: Entry) -> int:
        """Behind the last character of an entry, and before a comment on its line where that can be told."""
        found = None if self._is_json else self._spot_end(entry[2])
        return self._end(entry) if found is None else found

    def _spot_end(self, spot: Spot) -> int | None:
        """Behind the last character of a value of YAML that is no block; None of a block."""
        start, end, parts = spot
        if end != OPEN:
            return None if self._text.startswith(("|", ">"), start) else end
        inner = list(parts.values()) if isinstance(parts, dict) else [(s[0], s[1], s) for s in parts or ()]
        if isinstance(parts, dict) and len(inner) == 1 and inner[0][0] == start and self._text[start] == "!":
            return self._spot_end(inner[0][2])
        opening = re.compile(r"(?:![\w:]+[ \t]*)?([{\[])").match(self._text, start)
        if opening is None:
            return None
        last = self._spot_end(inner[-1][2]) if inner else opening.end()
        closing = "}" if opening[1] == "{" else "]"
        return None if last is None else self._text.index(closing, last) + 1

    def _is_flow(self, path: Path) -> bool:
        """Whether the mapping or list at a path is written in braces or brackets."""
        spot = self._root
        for step in path:
            spot = self._parts(spot)[step][2]
        return self._is_json or self._text[spot[0]] in "{["

    def _removed(self, entries: Mapping[str | int, Entry], edit: Edit, is_flow: bool) -> _Change:
        keys = list(entries)
        index = keys.index(edit.path[-1])
        entry = entries[keys[index]]
        if isinstance(edit.path[-1], int) and not is_flow:
            return _Change(self._text.rindex("\n", 0, entry[0]), self._end(entry), "")
        if index + 1 < len(keys):
            return _Change(entry[0], entries[keys[index + 1]][0], "")
        if index == 0:
            # An empty mapping is written in braces, and nobody asks for one.
            raise NotWritable
        behind = self._behind if is_flow else self._end
        return _Change(behind(entries[keys[index - 1]]), behind(entry), "")

    def _added(self, entries: Mapping[str | int, Entry], edit: Edit, is_flow: bool) -> _Change:
        if not entries:
            raise NotWritable
        first, last = next(iter(entries.values())), list(entries.values())[-1]
        column = self._column(first[0])
        at = self._behind(last) if is_flow else self._end(last)
        comma = "," if is_flow else ""
        same_line = is_flow and "\n" not in self._text[first[0] : last[0]] and (not self._is_json or len(entries) > 1)
        gap = " " if same_line else "\n" + " " * column
        if not is_flow and edit.path[-1] == END:
            gap = "\n" + " " * (column - 2) + "- "
        return _Change(at, at, f"{comma}{gap}{self._entry(edit, column, is_flow)}")

    def _entry(self, edit: Edit, column: int, is_flow: bool) -> str:
        """Key and value, or an item, as they are written from a column on."""
        value = _content(edit.value, is_json=edit.is_json)
        key = edit.path[-1]
        shown = json.dumps(value, ensure_ascii=False)
        if is_flow or not isinstance(value, dict):
            name = json.dumps(key, ensure_ascii=False) if self._is_json else _yaml_key(str(key))
            return shown if key == END or isinstance(key, int) else f"{name}: {shown}"
        if key == END or isinstance(key, int):
            return self._block(value, column).lstrip()
        return f"{_yaml_key(key)}:\n{self._block(value, column + 2)}"

    def _block(self, value: Mapping[str, Any], column: int) -> str:
        indent = " " * column
        return "\n".join(
            f"{indent}{_yaml_key(key)}:\n{self._block(found, column + 2)}"
            if isinstance(found, dict)
            else f"{indent}{_yaml_key(key)}: {json.dumps(found, ensure_ascii=False)}"
            for key, found in value.items()
        )


def _yaml_key(key: str) -> str:
    return key if re.fullmatch(_PLAIN, key) and key.lower() not in _WORDS else json.dumps(key, ensure_ascii=False)
