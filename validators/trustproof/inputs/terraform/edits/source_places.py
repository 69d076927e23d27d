"""
From paths of a template that was lowered from a configuration to the file and line where its author wrote what stands
there: however far a value has come, it says where it began.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trustproof.errors import InputError
from trustproof.inputs.terraform.edits.places import Places
from trustproof.inputs.terraform.lowering.lowering import Root
from trustproof.inputs.terraform.values.instances import steps
from trustproof.inputs.terraform.values.interpolations import read_quoted_text, read_template_text, reference_in
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.typed_objects import is_closed
from trustproof.inputs.terraform.values.unset_variable import Variable
from trustproof.inputs.terraform.values.values import (
    Attribute,
    Choice,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Text,
    Value,
    is_sensitive,
)
from trustproof.inputs.text import json as json_reader
from trustproof.inputs.text.positions import SourceMap
from trustproof.inputs.text.source import Source
from trustproof.model import text as model
from trustproof.model.policy import Path, written_part
from trustproof.model.position import Position

#: How a heredoc begins, and how many lines of one are looked at.
_HEREDOC = re.compile(r"<<-?\s*(\w+)")
_MAX_LINES = 10_000
#: How a block at the top of a file begins.
_BLOCK = re.compile(r"^([a-z]+)\b[^=\n]*\{", re.MULTILINE)
#: A truth value or a number, as it is written without quotation marks.
_SCALAR = re.compile(r"true|false|-?[0-9][0-9.eE+-]*")
#: What is given for an argument, behind its name: a list of plain items, or the rest of a line.
_ARGUMENT = re.compile(r"[ \t]*=[ \t]*(?:\[[^\[\]]*\]|[^\n]*)")
#: In a path, the operator and the condition key follow.
_CONDITION = "Condition"
_RESOURCES = "Resources"
#: What stands in a heredoc for ``${`` and ``%{``.
_ESCAPED = ("$${", "%%{")

#: In a path, behind the logical id: the calls of modules that the resource came through.
CALL = "module call"


def origins_of(types: Mapping[str, str]) -> dict[str, tuple[tuple[Path, str], ...]]:
    """The paths of the calls that each resource came through, the nearest first, by logical id."""
    found: dict[str, tuple[tuple[Path, str], ...]] = {}
    for address in types:
        parts = steps(address)
        calls = [parts[at + 1] for at in range(0, len(parts), 2) if parts[at] == "module" and at + 1 < len(parts)]
        named = [
            (("Resources", address, CALL, number), f"module {name} is called here") for number, name in enumerate(calls)
        ]
        if named:
            found[address] = tuple(reversed(named))
    return found


def _called_by_nobody(_: str) -> Sequence[Place]:
    return ()


class SourcePlaces(Places):
    """
    The places of one template that was lowered from a configuration.

    Args:
        file: the directory, as the user named it.
        data: the lowered template.
        roots: what its parts were made of.
        block: gives the place of a block by the address of a resource.
        text: gives the text of a file.
        written: gives what the configuration says where a value of a plan stands for it.
        calls: gives the places of the module calls that a resource came through, outermost first, by its address.
    """

    def __init__(
        self,
        file: str,
        data: Mapping[str, object],
        roots: Mapping[tuple[str, Path], Root],
        block: Callable[[str], Place | None],
        text: Callable[[str], str],
        written: Callable[[Root], Value | None] | None = None,
        *,
        calls: Callable[[str], Sequence[Place]] = _called_by_nobody,
    ) -> None:
        super().__init__(file, data, roots)
        self._block = block
        self._written = written
        self._calls = calls
        self._text = text
        self._maps: dict[str, SourceMap] = {}
        #: The identity of a value that something was made of, to whether a part of it is never shown.
        self._hidden: dict[int, bool] = {}
        #: What was found of the names in texts: each account that a template may be in asks for the same ones.
        self._named: dict[Path, model.Symbolic | None] = {}
        #: The place whose JSON was decoded last, with that.
        self._last_decoded: tuple[Place, Any] | None = None

    def key(self, path: Path) -> Position:
        """Where the key (of a list: the item) at a path stands, or the nearest thing around it that is written."""
        path = written_part(path)
        resource = str(path[1]) if len(path) > 1 else ""
        if CALL in path[2:3]:
            called = list(self._calls(resource))
            number = path[3]
            place = called[number] if isinstance(number, int) and number < len(called) else self._block(resource)
            return super().key(path) if place is None else _position(place)
        root, rest = self._root(resource, path[3:])
        place = None
        if root is not None and root.value is not None:
            written = root.value
            place, value, left = place_in(written, rest)
            if written.sensitive or is_sensitive(value):
                # What is written there may say it in another way, such as in base64.
                around = self._block(root.address)
                return super().key(path) if around is None else _position(around)
            if place is None and self._written is not None and (said := self._written(root)) is not None:
                place, value, left = place_in(said, rest)
            if place is not None and left:
                known = value.value if isinstance(value, Known) and isinstance(value.value, str) else None
                inside = self._inside(place, self._heredoc(place) if known is None else known, left)
                if inside is None and place.start == 0 and place.end == len(whole := self._whole(place.file)):
                    # A file with parts to fill in, which change nothing of where the others stand.
                    inside = self._inside(place, whole, left)
                if inside is not None:
                    return inside
            elif (used := self._use_of(value, place_in(written, rest[:-1])[0])) is not None:
                return used
        if place is None:
            place = self._block(root.address if root is not None else resource)
        if place is None:
            return super().key(path)
        return _position(place)

    def text_with_names(self, path: Path) -> model.Symbolic | None:
        """The text at a path with the references of its file as symbols; None where it has none, or more than these."""
        if path not in self._named:
            self._named[path] = self._read_names(path)
        return self._named[path]

    def _read_names(self, path: Path) -> model.Symbolic | None:
        there = self._text_at(path)
        if there is None or self._makes_key(path, there[0]):
            return None
        place, left, written = there
        found: model.Text | model.Symbol | None
        if left and left != (0,):
            inside = self._decoded(place)
            try:
                for step in left:
                    inside = inside if step == 0 and isinstance(inside, str) else inside[step]
            except (LookupError, TypeError):
                return None
            found = read_template_text(inside) if isinstance(inside, str) else None
        else:
            found = read_quoted_text(written) if written.startswith('"') else reference_in(written)
        if isinstance(found, model.Symbol):
            return model.Symbolic((found,))
        return found if isinstance(found, model.Symbolic) else None

    def _decoded(self, place: Place) -> Any:
        """The JSON of a heredoc, or of a file that is read; None where it is none."""
        if self._last_decoded is None or self._last_decoded[0] != place:
            try:
                found = json_reader.decode(self._heredoc(place) or self._whole(place.file))
            except ValueError:
                found = None
            # The texts of one document are asked for one behind another.
            self._last_decoded = (place, found)
        return self._last_decoded[1]

    def is_given_elsewhere(self, path: Path) -> bool:
        """
        Whether the text at a path is not written there: an expression makes it, or the condition key that it is asked
        of, or a variable or module gives it.
        """
        there = self._text_at(path)
        if there is None:
            return False
        place, left, written = there
        if self._makes_key(path, place):
            return True
        if left and left != (0,):
            return False
        before = self._whole(place.file)[: place.start]
        block = _BLOCK.findall(before)[-1:]
        is_here = written.startswith(('"', "<<", "{", "[")) or _SCALAR.fullmatch(written)
        return block in (["variable"], ["module"], []) or not is_here

    def is_closed(self, path: Path) -> bool:
        """Whether the type of a variable decides whether the key is there that a path ends in."""
        root, rest = self._root(str(path[1]) if len(path) > 1 else "", path[3:])
        if root is None or root.value is None or not rest:
            return False
        _, value, left = place_in(root.value, rest[:-1])
        if left and self._written is not None and (said := self._written(root)) is not None:
            _, value, left = place_in(said, rest[:-1])
        return not left and is_closed(_opened(value), rest[-1])

    def _text_at(self, path: Path) -> tuple[Place, Path, str] | None:
        """Where the text at a path is written, what is left of the path, and what stands there; None for no place."""
        root, rest = self._root(str(path[1]) if len(path) > 1 else "", path[3:])
        if root is None or root.value is None or self._is_hidden(root.value):
            return None
        place, _, left = place_in(root.value, rest)
        if place is None and self._written is not None and (said := self._written(root)) is not None:
            place, _, left = place_in(said, rest)
        if place is None or place.start < 0:
            return None
        return place, left, self._whole(place.file)[place.start : place.end]

    def _is_hidden(self, value: Value) -> bool:
        """Whether a part of a root's value is never shown: it is gone through once, not for each of its texts."""
        if id(value) not in self._hidden:
            self._hidden[id(value)] = is_sensitive(value)
        return self._hidden[id(value)]

    def _makes_key(self, path: Path, place: Place) -> bool:
        """Whether an expression makes the condition key on a path, so that the file of the text does not have it."""
        return _CONDITION in path[:-2] and str(path[path.index(_CONDITION) + 2]) not in self._whole(place.file)

    def _heredoc(self, place: Place) -> str:
        """
        The text of a heredoc as it is written, with its expressions; the empty string for anything else.

        https://developer.hashicorp.com/terraform/language/expressions/strings#heredoc-strings
        """
        found = _HEREDOC.match(self.line(place.line, place.file), place.column - 1)
        lines: list[str] = []
        while found is not None and len(lines) < _MAX_LINES:
            line = self.line(place.line + 1 + len(lines), place.file)
            if line.strip() == found[1]:
                return "\n".join(lines)
            lines.append(line)
        return ""

    def _inside(self, place: Place, text: str, path: Path) -> Position | None:
        """
        Where a part of a text of JSON, or of a template, stands that is written over several lines; None where the
        lines of the file are not those of the text.
        """
        lines = _map_of(text, path) if "\n" in text else None
        if lines is None:
            return None
        found = lines.key(path)
        # The text is a file, or begins on the line behind that of a mark, and may stand further to the right.
        is_file = self._whole(place.file) == text
        number = place.line + found.line - is_file
        inner, outer = lines.line(found.line), self.line(number, place.file)
        indent = len(outer) - len(inner)
        start, end = found.column, found.end_column
        if escapes := sum(map(outer.count, _ESCAPED)) if outer[max(indent, 0) :] != inner else 0:
            indent -= escapes
            start, end = (column + _before(outer[max(indent, 0) :], column) for column in (start, end))
        if indent < 0 or _filled_in(outer[indent:], escapes) != inner or outer[:indent].strip():
            return None
        return Position(number, start + indent, end + indent, place.file)

    def _use_of(self, value: Value, argument: Place | None) -> Position | None:
        """
        Where an argument refers to a variable without a value, which is where one looks for what it lets in; None for
        anything else, and where the module of the argument calls it otherwise.
        """
        value = value.of if isinstance(value, Rest) else value
        if not isinstance(value, Variable) or argument is None or argument.end < 0:
            return None
        given = _ARGUMENT.match(self._whole(argument.file), argument.end)
        if given is None:
            return None
        found = re.search(rf"(?<![\w.-]){re.escape(value.name)}(?![\w.\[(-])", given[0])
        if found is None:
            return None
        before = self._whole(argument.file)[: given.start() + found.start()]
        column = len(before) - before.rfind("\n")
        return Position(before.count("\n") + 1, column, column + len(value.name), argument.file)

    def _whole(self, file: str) -> str:
        """The text of a file; empty for one that was not read."""
        try:
            return self._text(file)
        except KeyError:
            return ""

    def line(self, number: int, file: str = "") -> str:
        """A line, from 1, of one of the files."""
        found = super().line(number, file)
        if found or not file or file in self._texts:
            return found
        if file not in self._maps:
            try:
                self._maps[file] = SourceMap(self._text(file))
            except KeyError:
                return ""
        return self._maps[file].line(number)


def _filled_in(line: str, escapes: int) -> str:
    """A line of a heredoc as the text has it that it makes."""
    return line.replace(_ESCAPED[0], "${").replace(_ESCAPED[1], "%{") if escapes else line


def _before(line: str, column: int) -> int:
    """How many characters of a line, which the text that it makes has not, stand before a column of that text."""
    found = 0
    for escape in re.finditer(r"\$\$\{|%%\{", line):
        if escape.start() - found + 1 >= column:
            break
        found += 1
    return found


def _map_of(text: str, path: Path) -> SourceMap | None:
    """Where the parts of a text stand that is JSON, or a template; None for any other."""
    try:
        json_reader.decode(text)
        return SourceMap(text)
    except ValueError:
        pass
    if path[:1] != (_RESOURCES,):
        return None
    template = Source("", text)
    try:
        template.load()
    except InputError:
        return None
    return template.lines


def _position(place: Place) -> Position:
    return Position(place.line, place.column, place.end_column, place.file)


def place_in(value: Value, path: Path) -> tuple[Place | None, Value, Path]:
    """The nearest place around what a path leads to inside a value, the value there, and what is left of the path."""
    place = value.place
    for number, step in enumerate(path):
        value = _opened(value)
        if isinstance(value, (Maybe, Several)):
            one = value.one if isinstance(value, Several) else value.value
            value = one if step == 1 else value
            continue
        if isinstance(value, Choice):
            # The other steps are those of the function that the choice is lowered to.
            if isinstance(step, int) and step in (1, 2):
                value = value.then if step == 1 else value.otherwise
                place = value.place or place
            continue
        if isinstance(value, Fields) and isinstance(step, str):
            entry = next((one for one in value.entries if isinstance(one.key, Known) and one.key.value == step), None)
            if entry is None:
                return place, value, path[number:]
            place = entry.key.place or entry.value.place or place
            value = entry.value
        elif isinstance(value, Items) and isinstance(step, int) and step < len(value.items):
            value = value.items[step]
            place = value.place or place
        elif step == 0 and number == len(path) - 1 and isinstance(value, (Attribute, Known, Text)):
            # The first of a list of one, which is written as a text.
            return value.place or place, value, path[number:]
        elif not (step == 0 and not isinstance(value, (Fields, Items))) or isinstance(value, Known):
            return place, value, path[number:]
    return _by_its_author(place, value), value, ()


def _by_its_author(place: Place | None, value: Value) -> Place | None:
    """The place of a value, where another file gives it than the one that has its name: a module only passes it on."""
    value = _opened(value)
    one = value.items[0] if isinstance(value, Items) and value.items else value
    if place is None or one.place is None or not isinstance(one, (Known, Text)):
        return place
    return one.place if one.place.file != place.file else place


def _opened(value: Value) -> Value:
    while isinstance(value, (JsonText, Rest)) and not isinstance(value, Maybe):
        if isinstance(value, Several):
            if value.condition is not None:
                break
            value = value.one
        else:
            value = value.of
    return value
