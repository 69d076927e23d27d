"""
Where a value stands in its file: computed when somebody asks, never before.

All offsets count characters from the start of the text.
"""

from __future__ import annotations

import json
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from trustproof.inputs.text.quoted_texts import QuotedText
from trustproof.model.policy import Made, Path, written_part
from trustproof.model.position import Position

#: The parts of a mapping or list.
Parts: TypeAlias = "dict[str, Entry] | list[Spot]"
#: Where a value stands: start, end (`OPEN` of a mapping or list), and the parts of a mapping or list; of one in a JSON
#: text the parts are None until they are looked for.
Spot: TypeAlias = "tuple[int, int, Parts | None]"
#: Where the key of an entry starts and ends, and its value.
Entry: TypeAlias = "tuple[int, int, Spot]"
OPEN = -1

#: What stands between the tokens of a JSON text.
_GAP = r"[ \t\n\r,:]*"
#: The head of a block of YAML, behind its tag: https://yaml.org/spec/1.2.2/#81-block-scalar-styles
_BLOCK = r"(?:!Sub[ \t]+)?([|>])[-+]?[ \t]*(?:#[^\n]*)?\r?\n"
#: What is behind the tag of a text in quotation marks.
_QUOTED = r"(?:!Sub[ \t]+)?(?=[\"'])"
#: What closes the lists that a text is the last item of; and what the ARN of a root user ends with.
_CLOSING = re.compile(r"(?:[ \t]*\])*")
_ROOT = ":root"
#: What fills in the parts of a text, and leaves its lines as they are.
_FILLED = "Fn::Sub"


def json_root(text: str) -> Spot:
    """The spot of the whole value of a text that is known to be JSON."""
    return _spot(text, _skip(text, 0))


def json_entries(text: str, start: int) -> Iterator[tuple[str | int, Entry]]:
    """
    The entries of the JSON object, or the items of the JSON array, at an offset; a key that stands twice comes twice.

    Python's own decoder leaps over the values, and not over one that nobody goes past.
    """
    closing = "}" if text[start] == "{" else "]"
    at = _skip(text, start + 1)
    number = 0
    while text[at] != closing:
        if closing == "}":
            key, key_end = json.decoder.scanstring(text, at + 1)  # type: ignore[attr-defined]
            spot = _spot(text, _skip(text, key_end))
            yield key, (at, key_end, spot)
        else:
            spot = _spot(text, at)
            yield number, (*spot[:2], spot)
        number += 1
        at = _skip(text, _json_end(text, spot[0]) if spot[1] == OPEN else spot[1])


#: In front of the number of a key that stands more than once in its object: a private-use character.
_AGAIN = "\ue003"


def mark_repeated_key(key: str, number: int) -> str:
    """A key of which there are several in an object, the second and later ones with a mark."""
    return f"{key}{_AGAIN}{number}" if number > 1 else key


def without_mark(key: str) -> str:
    """A key as it is written."""
    return key.partition(_AGAIN)[0]


def _skip(text: str, start: int) -> int:
    found = re.compile(_GAP).match(text, start)
    assert found is not None
    return found.end()


def _spot(text: str, start: int) -> Spot:
    return start, OPEN if text[start] in "{[" else _json_end(text, start), None


def _json_end(text: str, start: int) -> int:
    end: int = _DECODER.raw_decode(text, start)[1]
    return end


_DECODER = json.JSONDecoder()


class _Opened:
    """
    The parts of an object or array of a JSON text, as far as they have been looked for.
    """

    def __init__(self, text: str, start: int) -> None:
        self._found: dict[str | int, Entry] = {}
        self._numbers: dict[str, int] = {}
        self._rest = json_entries(text, start)

    def get(self, step: str | int) -> Entry | None:
        """The part that a step of a path leads to."""
        while step not in self._found:
            following = next(self._rest, None)
            if following is None:
                return None
            key, entry = following
            if isinstance(key, str) and key in self._found:
                self._numbers[key] = number = self._numbers.get(key, 1) + 1
                key = mark_repeated_key(key, number)
            self._found[key] = entry
        return self._found[step]


class SourceMap:
    """
    From paths of a template to lines and columns of its text.
    """

    def __init__(self, text: str, scan: Callable[[str], Spot] = json_root) -> None:
        self._text = text
        self._scan = scan
        self._root: Spot | None = None
        #: By their offset, the objects and arrays of a JSON text that were looked into.
        self._opened: dict[int, _Opened] = {}
        #: By their offset, the texts in blocks of YAML that were looked into.
        self._blocks: dict[int, SourceMap] = {}
        #: By their offset, the texts in quotation marks that were looked into.
        self._quoted: dict[int, tuple[QuotedText, SourceMap]] = {}
        #: Where each line starts: empty until somebody asks for one.
        self._starts: array[int] = array("Q")

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int, file: str = "") -> str:
        """One line of the text, without its end; empty beyond the last. There is no other file."""
        starts = self._line_starts()
        if not 0 < number <= len(starts):
            return ""
        end = starts[number] - 1 if number < len(starts) else len(self._text)
        return self._text[starts[number - 1] : end].rstrip("\r")

    def _line_starts(self) -> array[int]:
        if not self._starts:
            # Thousands of lines are asked for, one by one: looking through the whole text for each takes its square.
            self._starts = array("Q", (0, *(found.end() for found in re.finditer("\n", self._text))))
        return self._starts

    def key(self, path: Path) -> Position:
        """
        Where the last key of a path stands, or that of its nearest ancestor that is written in the text; of a list
        item, the item. What a path goes on from, and is one text or one function, is meant itself: the first of a list
        of one.
        """
        if self._root is None:
            self._root = self._scan(self._text)
        spot = self._root
        start, end = spot[:2]
        made = path[-1] if path and isinstance(path[-1], Made) else None
        path = written_part(path)
        for number, step in enumerate(path):
            entry = self._entry(spot, step)
            if entry is None:
                if isinstance(step, str) and (inside := self._inside(spot, path[number:])) is not None:
                    return inside
                if isinstance(step, int) and spot[1] == OPEN:
                    start, end = self._function(spot) or (start, end)
                elif step == 0:
                    start, end = spot[:2]
                break
            start, end, spot = entry
        else:
            if path and isinstance(path[-1], int):
                start, end = self._function(spot) or (start, end)
        if made is not None and self._single(spot, "Fn::If") is not None:
            start, end = self._branch(spot, made) or (start, end)
        return self._position(start, end)

    def _branch(self, spot: Spot, made: str) -> tuple[int, int] | None:
        """Where the branch of an Fn::If stands that makes a text, or of which alone that is not known; None of none."""
        branches = [*self._branches(spot)]
        found = [one for one in branches if made and one[1] != OPEN and self._said(one) == made]
        if not found:
            open_ = [one for one in branches if one[1] == OPEN and not isinstance(one[2], list)]
            found = open_ if len(open_) == 1 else []
        return (self._function(found[0]) or found[0][:2]) if found else None

    def _branches(self, spot: Spot) -> Iterator[Spot]:
        """What the branches of an Fn::If say, item by item; not that nothing is there."""
        inner = self._single(spot, "Fn::If")
        for one in self._items(spot if inner is None else inner)[0 if inner is None else 1 :]:
            nothing = self._single(one, "Ref")
            if nothing is not None and self._said(nothing).endswith("AWS::NoValue"):
                continue
            if self._items(one) or self._single(one, "Fn::If") is not None:
                yield from self._branches(one)
            else:
                yield one

    def _said(self, spot: Spot) -> str:
        return self._text[spot[0] : spot[1]].strip("\"'")

    def _single(self, spot: Spot, name: str) -> Spot | None:
        """What a function of some name is given, if there is one."""
        start, end, parts = spot
        if end != OPEN or isinstance(parts, list) or (parts is None and self._text[start] != "{"):
            return None
        entries = json_entries(self._text, start) if parts is None else iter(parts.items())
        found = [*islice(entries, 2)]
        return found[0][1][2] if len(found) == 1 and found[0][0] == name else None

    def _items(self, spot: Spot) -> list[Spot]:
        """The items of a list; none of anything else."""
        start, end, parts = spot
        if parts is None and end == OPEN and self._text[start] == "[":
            return [found for _, (_, _, found) in json_entries(self._text, start)]
        return parts if isinstance(parts, list) else []

    def _inside(self, spot: Spot, path: Path) -> Position | None:
        """
        Where a path leads that goes on in a text which is a template or policy itself: one in lines of its own, as a
        block of YAML has them, or one in quotation marks; None of another one. A block that is folded has those of the
        text but for line breaks, which mean nothing in JSON.
        """
        filled = self._entry(spot, _FILLED) if spot[1] == OPEN else None
        if filled is not None:
            spot = filled[2]
        start, end, parts = spot
        quoted = re.compile(_QUOTED).match(self._text, start) if parts is None and end != OPEN else None
        if quoted is not None:
            return self._in_quotes(quoted.end(), end, path)
        found = re.compile(_BLOCK).match(self._text, start) if parts is None and end != OPEN else None
        if found is None or (found[1] == ">" and self._text[found.end() : end].lstrip()[:1] not in ("{", "[")):
            return None
        lines = self._text[found.end() : end].split("\n")
        indent = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
        if start not in self._blocks:
            text = "\n".join(line[indent:] for line in lines)
            self._blocks[start] = SourceMap(text, json_root if text.lstrip()[:1] in ("{", "[") else self._scan)
        try:
            inner = self._blocks[start].key(path)
        except (ValueError, IndexError):
            # It is said there in some other way.
            return None
        above = self.line_column(found.end())[0] - 1
        return inner._replace(
            line=inner.line + above, column=inner.column + indent, end_column=inner.end_column + indent
        )

    def _in_quotes(self, start: int, end: int, path: Path) -> Position | None:
        """Where a path leads in a text in quotation marks that is JSON; None of another one."""
        try:
            if start not in self._quoted:
                quoted = QuotedText(self._text[start:end])
                if quoted.text.lstrip()[:1] not in ("{", "["):
                    return None
                self._quoted[start] = (quoted, SourceMap(quoted.text))
            quoted, inner = self._quoted[start]
            place = inner.key(path)
        except (ValueError, IndexError):
            # It is said there in some other way.
            return None
        found = (quoted.offset(place.line, column) for column in (place.column, place.end_column))
        return self._position(*(start + offset for offset in found))

    def _function(self, spot: Spot) -> tuple[int, int] | None:
        """Where a function stands: its name, and what it is given as far as that is on its line; None for others."""
        start, end, parts = spot
        if end != OPEN or isinstance(parts, list) or (parts is None and self._text[start] != "{"):
            return None
        entries = json_entries(self._text, start) if parts is None else iter(parts.items())
        found = [*islice(entries, 2)]
        if len(found) != 1 or not str(found[0][0]).startswith(("Fn::", "Ref")):
            return None
        ((name, (start, _, value)),) = found
        end = value[1]
        if end == OPEN and value[2] is None:
            end = _json_end(self._text, value[0])
        if end != OPEN and "\n" not in self._text[start:end]:
            return start, end
        # What is joined says most by its end: the account, or what of it is meant. What is split is there, too.
        found_in = self._joined(start, value) if name == "Fn::Join" else None
        items = self._items(value)
        if name == "Fn::Split" and items:
            found_in = self._function(items[-1]) or items[-1][:2]
        if name == "Fn::Sub" and items:
            # A text stands before what is put into it.
            found_in = items[0][:2]
        return found_in or (start, OPEN)

    def _joined(self, start: int, spot: Spot) -> tuple[int, int] | None:
        """
        Where what is joined says most: all of it where it is on one line; the account, where a root user is at its end.

        Args:
            start: where the function stands.
            spot: of what it is given.
        """
        before: list[Spot] = []
        while spot[1] == OPEN:
            *before, last = self._items(spot) or (spot,)
            if last is spot:
                return None
            spot = last
        closing = _CLOSING.match(self._text, spot[1])
        if "\n" not in self._text[start : spot[1]]:
            return start, closing.end() if closing is not None else spot[1]
        functions = [found for one in before if (found := self._function(one)) is not None]
        return functions[-1] if functions and self._said(spot) == _ROOT else spot[:2]

    def _entry(self, spot: Spot, step: str | int) -> Entry | None:
        start, end, parts = spot
        if parts is None:
            if end != OPEN:
                return None
            if start not in self._opened:
                self._opened[start] = _Opened(self._text, start)
            return self._opened[start].get(step)
        if isinstance(parts, dict):
            return parts.get(step) if isinstance(step, str) else None
        if isinstance(step, int) and step < len(parts):
            inner = parts[step]
            return inner[0], inner[1], inner
        return None

    def _position(self, start: int, end: int) -> Position:
        line, column = self.line_column(start)
        width = len(self.line(line).rstrip()) + 1
        # What spans several lines is shown by its first.
        last = width if end == OPEN else min(column + end - start, width)
        return Position(line, column, max(last, column + 1))
