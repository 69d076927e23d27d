"""
Edits of policies as changes of the sources that they were written in: an object of HCL, JSON text in a heredoc, the
blocks of a policy document.

The text is changed as little as possible. Whoever makes the changes reads the sources again, and takes none of them
unless they say exactly what the edits say: whatever way of writing is not known here costs a convenience only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, zip_longest
from typing import NamedTuple

from trustproof.inputs.terraform.edits.document_blocks import (
    PRINCIPALS,
    block_lines,
    comments,
    indent_lines,
    is_replaceable,
    statement_lines,
    without_items,
)
from trustproof.inputs.terraform.edits.hcl_values import escape_template, hcl, hcl_key
from trustproof.inputs.terraform.lowering.lowering import Root
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Entry, Fields, Items, JsonText, Known, Text, Value
from trustproof.inputs.text.replacements import NotWritable, replacements
from trustproof.inputs.text.source import Source
from trustproof.model.policy import Path
from trustproof.model.text import Symbolic
from trustproof.results.edit import ADD, END, REMOVE, Edit, data_source_line, set_value
from trustproof.results.edit import Value as EditValue

#: What stands before the value of an argument on its line.
_ARGUMENT_OF = re.compile(r"^([ \t]*)([A-Za-z_][\w-]*)\s*=\s*$")


def nothing_missing(_: Path) -> tuple[str, Sequence[Root]]:
    """Where nothing is known of the arguments of resources."""
    return "", ()


class Change(NamedTuple):
    """The characters of a file from `start` to `end`, and what comes in their place."""

    file: str
    start: int
    end: int
    text: str


class SourceEdits:
    """
    Finds where sources are to be changed.

    Args:
        find: gives what the nearest part around a path of the template was made of, and what is left of the path.
        text: gives the text of a file.
        missing: gives the name of an argument that a resource lacks, by its path, and the resource's other arguments.
    """

    def __init__(
        self,
        find: Callable[[Path], tuple[Root | None, Path]],
        text: Callable[[str], str],
        missing: Callable[[Path], tuple[str, Sequence[Root]]] = nothing_missing,
    ) -> None:
        self._find = find
        self._text = text
        self._missing = missing

    def changes(self, edits: Sequence[Edit]) -> list[Change]:
        """
        What is to be changed.

        Raises:
            NotWritable: the edits cannot be made.
        """
        found: list[Change] = []
        sources = [line[2:] for edit in edits if (line := data_source_line(edit))]
        edits = [edit for edit in edits if not data_source_line(edit)]
        new = [change for edit in edits if (change := self._argument(edit)) is not None]
        found += new
        edits = [smaller for edit in edits if self._argument(edit) is None for smaller in _of_principals(edit)]
        if sources:
            file = new[0].file if new else self._written(self._found(edits[0])[1])[0].file
            text = self._text(file)
            gap = "" if text.endswith("\n") else "\n"
            found.append(Change(file, len(text), len(text), gap + "".join(f"\n{line}\n" for line in sources)))
        for _, group in groupby(edits, key=lambda edit: self._found(edit)[0].argument):
            listed = list(group)
            found += self._of_argument(self._found(listed[0])[1], listed)
        return [one._replace(text=_with_line_ends(one.text, self._text(one.file))) for one in found]

    def _argument(self, edit: Edit) -> Change | None:
        """An argument that a resource lacks, behind one that it has; None for a change of something else."""
        name, others = self._missing(edit.path) if edit.operation == ADD else ("", ())
        for other in others:
            place = other.value.place if other.value is not None else None
            if place is None or place.start < 0:
                continue
            text = self._text(place.file)
            # A value may stand elsewhere, where a variable has it.
            written = _ARGUMENT_OF.search(text[text.rfind("\n", 0, place.start) + 1 : place.start])
            if written is not None and written[2] == other.argument[0] and text[place.end : place.end + 1] in "\r\n":
                return Change(place.file, place.end, place.end, f"\n{written[1]}{name} = {hcl(edit.value)}")
        return None

    def _found(self, edit: Edit) -> tuple[Root, Value, Path]:
        root, rest = self._find(edit.path)
        if root is None or root.value is None or root.value.place is None:
            raise NotWritable
        return root, root.value, rest

    def _of_argument(self, value: Value, edits: Sequence[Edit]) -> Iterator[Change]:
        if isinstance(value, (Known, Text)) and self._found(edits[0])[2]:
            yield from self._of_heredoc(value, edits)
            return
        for holder, group in groupby(edits, key=lambda edit: edit.path[:-1]):
            listed = list(group)
            rest = self._found(listed[0])[2]
            if not rest:
                yield from (self._value(value, edit) for edit in listed)
            else:
                way = _way(value, rest[:-1])
                block = next((one for one in reversed(way) if self._is_statement(one)), None)
                if isinstance(way[-1], Items) and any(map(self._is_statement, way[-1].items)):
                    yield from (self._statement(way[-1], edit) for edit in listed)
                elif block is not None and isinstance(way[-1], Fields):
                    yield from self._of_block(block, way[-1], rest, listed)
                elif isinstance(way[-1], Items) and all(edit.operation == REMOVE for edit in listed):
                    yield from self._of_items(way[-1].items, listed)
                else:
                    yield from self._of_container(way[-1], listed)
            assert holder is not None

    def _written(self, value: Value) -> tuple[Place, str]:
        """Where a value stands, and how it is written there."""
        place = value.place
        if place is None or place.start < 0:
            raise NotWritable
        return place, self._text(place.file)[place.start : place.end]

    def _is_statement(self, value: Value) -> bool:
        return isinstance(value, Fields) and self._written(value)[1].startswith(("statement", "dynamic"))

    def _value(self, value: Value, edit: Edit) -> Change:
        """A value in the place of another one."""
        place, written = self._written(value)
        if edit.operation in (ADD, REMOVE):
            raise NotWritable
        indent = _indent(self._text(place.file), place.start) if "\n" in written else None
        new = hcl(edit.value, indent, is_json=edit.is_json)
        if isinstance(edit.value, tuple) and not written.startswith("[") and new.startswith("["):
            # It is one of the items of a list that is written around it.
            new = new[1:-1]
        return Change(place.file, place.start, place.end, new)

    # -- objects and lists

    def _of_container(self, holder: Value, edits: Sequence[Edit]) -> Iterator[Change]:
        place, written = self._written(holder)
        if not written.startswith(("{", "[")):
            raise NotWritable
        text = self._text(place.file)
        spans = self._spans(holder, place)
        gone = [edit for edit in edits if edit.operation == REMOVE]
        new = [edit for edit in edits if edit.operation == ADD]
        for edit in edits:
            if edit not in gone and edit not in new:
                yield self._value(_part(holder, edit.path[-1]), edit)
        for edit in [one for one in new if one.path[-1] in spans]:
            # It is there, and empty.
            new.remove(edit)
            start, end = spans[edit.path[-1]]
            yield Change(place.file, start, end, _entry(edit, None))
        for old, added in zip_longest(gone, new):
            if old is None:
                yield self._added(place, spans, added)
                continue
            start, end = spans[old.path[-1]]
            if added is not None:
                indent = _indent(text, start) if "\n" in text[start:end] else None
                yield Change(place.file, start, end, _entry(added, indent))
            else:
                before = len(text[:start].rstrip(" \t\r\n,"))
                yield Change(place.file, before, end, "")

    def _spans(self, holder: Value, place: Place) -> dict[str | int, tuple[int, int]]:
        """Where each entry or item begins and ends."""
        text = self._text(place.file)
        starts: list[tuple[int, str | int]] = []
        if isinstance(holder, Fields):
            starts = [
                (one.key.place.start, str(_plain(one.key))) for one in holder.entries if one.key.place is not None
            ]
        elif isinstance(holder, Items):
            starts = [(one.place.start, number) for number, one in enumerate(holder.items) if one.place is not None]
        inside = sorted(one for one in starts if place.start < one[0] < place.end)
        ends = [start for start, _ in inside[1:]] + [place.end - 1]
        return {
            key: (start, start + len(text[start:end].rstrip(" \t\r\n,")))
            for (start, key), end in zip(inside, ends, strict=True)
        }

    def _added(self, place: Place, spans: Mapping[str | int, tuple[int, int]], edit: Edit) -> Change:
        text = self._text(place.file)
        is_list = text[place.start] == "["
        if not spans:
            return Change(place.file, place.start + 1, place.start + 1, f" {_entry(edit)} ")
        first = min(spans.values())
        at = max(end for _, end in spans.values())
        following = text[at : place.end].lstrip(" \t")
        has_comma = following.startswith(",")
        if has_comma:
            at = text.index(",", at) + 1
        if "\n" in text[place.start : first[0]]:
            indent = _indent(text, first[0])
            comma = "" if has_comma or not is_list else ","
            return Change(place.file, at, at, f"{comma}\n{indent}{_entry(edit, indent)}")
        return Change(place.file, at, at, f"{'' if has_comma else ','} {_entry(edit)}")

    # -- JSON text

    def _of_heredoc(self, value: Value, edits: Sequence[Edit]) -> Iterator[Change]:
        place, written = self._written(value)
        # The place of what a function has read is the whole file, which holds nothing else.
        is_file = place.start == 0 and written == self._text(place.file) and written.lstrip().startswith("{")
        start = written.find("{", 0 if is_file else written.find("\n"))
        if start < 0 or not (is_file or written.startswith("<<")):
            raise NotWritable
        body = written[start:]
        try:
            end = json.JSONDecoder().raw_decode(body)[1]
        except ValueError:
            raise NotWritable from None
        rebased = [edit._replace(path=self._found(edit)[2]) for edit in edits]
        found = replacements(Source("policy.json", body[:end]), rebased)
        if not found:
            raise NotWritable
        lines = [0]
        for line in body[:end].split("\n"):
            lines.append(lines[-1] + len(line) + 1)
        offset = place.start + start
        for one in found:
            first, last = lines[one.line - 1] + one.column - 1, lines[one.end_line - 1] + one.end_column - 1
            # What `file` reads is filled in by nobody.
            plain = is_file and isinstance(value, Known)
            yield Change(place.file, offset + first, offset + last, one.text if plain else escape_template(one.text))

    # -- blocks of a policy document

    def _of_block(self, block: Value, holder: Fields, rest: Path, edits: Sequence[Edit]) -> Iterator[Change]:
        place, written = self._written(block)
        text = self._text(place.file)
        closing = place.start + written.rindex("}")
        indent = _indent(text, place.start) + "  "
        gone = [edit for edit in edits if edit.operation == REMOVE]
        new = [edit for edit in edits if edit.operation == ADD]
        for edit in edits:
            if edit not in gone and edit not in new:
                yield self._value(_part(holder, edit.path[-1]), edit)
        blocks = [line for edit in new for line in block_lines(rest, edit)]
        removed = [self._block_of(holder, edit) for edit in gone]
        for start, end in removed:
            if not is_replaceable(text[start:end], "\n".join(blocks)):
                raise NotWritable
            kept = [*comments(text[start:end]), *blocks]
            yield Change(place.file, start, end, indent_lines(kept, indent).strip())
            blocks = []
        if blocks:
            yield Change(
                place.file, closing, closing, "  " + indent_lines(blocks, indent).lstrip() + "\n" + indent[:-2]
            )

    def _statement(self, holder: Items, edit: Edit) -> Change:
        """One more statement, behind the last of the document's own."""
        last = holder.items[-1]
        if edit.operation != ADD or not self._is_statement(last):
            raise NotWritable
        place, _ = self._written(last)
        indent = _indent(self._text(place.file), place.start)
        return Change(place.file, place.end, place.end, f"\n\n{indent_lines([*statement_lines(edit.value)], indent)}")

    def _of_items(self, items: Sequence[Value], edits: Sequence[Edit]) -> Iterator[Change]:
        """Items that are taken out of a list, of which only they may have a place: neighbours together."""
        numbers = sorted(int(edit.path[-1]) for edit in edits)
        for _, group in groupby(enumerate(numbers), key=lambda one: one[1] - one[0]):
            run = [number for _, number in group]
            (first, _), (last, _) = (self._written(items[number]) for number in (run[0], run[-1]))
            text = self._text(first.file)
            if not 0 <= first.start < last.end or first.file != last.file:
                raise NotWritable
            yield Change(first.file, *without_items(text, first.start, last.end), "")

    def _block_of(self, holder: Fields, edit: Edit) -> tuple[int, int]:
        """Where the only block stands that makes an entry."""
        entry = _entry_of(holder, edit.path[-1])
        keys = entry.value.entries if isinstance(entry.value, Fields) else ()
        place = entry.key.place
        if place is None or len(keys) != 1:
            raise NotWritable
        return place.start, place.end


def _with_line_ends(new: str, text: str) -> str:
    """New lines that end as those of a file do."""
    return re.sub("\r?\n", "\r\n", new) if "\r\n" in text else new


def _way(value: Value, path: Path) -> list[Value]:
    """The values that a path leads through, the first one too."""
    found = [value.of if isinstance(value, JsonText) else value]
    for step in path:
        found.append(_part(found[-1], step))
    return found


def _entry_of(holder: Value, step: str | int) -> Entry:
    for entry in holder.entries if isinstance(holder, Fields) else ():
        if isinstance(entry.key, Known) and entry.key.value == step:
            return entry
    raise NotWritable


def _part(holder: Value, step: str | int) -> Value:
    if isinstance(holder, Items) and isinstance(step, int) and step < len(holder.items):
        return holder.items[step]
    return _entry_of(holder, step).value


def _plain(value: Value) -> object:
    return value.value if isinstance(value, Known) else None


def _indent(text: str, at: int) -> str:
    """The blanks that the line of an offset begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _entry(edit: Edit, indent: str | None = None) -> str:
    step = edit.path[-1]
    shown = hcl(edit.value, indent)
    return shown if step == END else f"{hcl_key(str(step))} = {shown}"


def _of_principals(edit: Edit) -> list[Edit]:
    """What leaves some of the principals of a statement, as edits that take out the others; any other edit as it is."""
    before, left = edit.before, edit.value
    if edit.path[-1] not in PRINCIPALS or not isinstance(before, Mapping) or not isinstance(left, Mapping):
        return [edit]
    out: list[Edit] = []
    for kind, names in before.items():
        kept = left.get(kind)
        if kept == names:
            continue
        items = _items(names)
        gone = [(number, name) for number, name in enumerate(items) if name not in _items(kept)]
        if not items or len(gone) == len(items):
            out.append(set_value((*edit.path, kind), names, kept))
            continue
        out += [set_value((*edit.path, kind, number), name, None) for number, name in reversed(gone)]
    return [*out, *(set_value((*edit.path, kind), None, names) for kind, names in left.items() if kind not in before)]


def _items(value: object) -> tuple[EditValue, ...]:
    return value if isinstance(value, tuple) and not isinstance(value, Symbolic) else ()
