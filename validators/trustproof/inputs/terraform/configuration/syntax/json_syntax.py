"""
Files of JSON as blocks and expressions: ``.tf.json``.

https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from trustproof.errors import InputError
from trustproof.inputs.terraform.configuration.syntax.blocks import LABELS, Argument, Block, Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, ListOf, Literal, NotRead, ObjectOf
from trustproof.inputs.terraform.configuration.syntax.nodes import MAX_NESTING
from trustproof.inputs.terraform.configuration.syntax.source_text import SourceText
from trustproof.inputs.terraform.configuration.syntax.syntax import parse_expression_at, parse_template
from trustproof.inputs.terraform.values.place import Extent, FixedPlace, Place
from trustproof.inputs.text import json as json_reader
from trustproof.inputs.text.positions import SourceMap, without_mark
from trustproof.model.policy import Path
from trustproof.results.result import BUDGET

#: A property with such a name is a comment.
_COMMENT = "//"
#: Blocks that hold arguments, and no other blocks but these.
_OF_ARGUMENTS = frozenset("locals module output variable".split())
_INSIDE = frozenset(("precondition", "validation"))


def parse(source: SourceText, errors: list[InputError] | None = None) -> Body:
    """
    The blocks and arguments of a file.

    Args:
        errors: gets what is wrong with single arguments, of which nothing else is known then; None where whoever asks
            for one is told.

    Raises:
        InputError: with line and column: it is not JSON, has an argument twice, or is neither an object nor a list of
            objects.
    """
    content, has_repeated_keys = json_reader.load_with_repeated_keys(source.text, source.file)
    parts = content if isinstance(content, list) else [content]
    if not all(isinstance(part, dict) for part in parts):
        raise InputError("a configuration in JSON is an object, or a list of objects", source.file, 1, 1)
    reading = _Reading(source, has_repeated_keys=has_repeated_keys, errors=errors)
    blocks: list[Block] = []
    for number, part in enumerate(parts):
        at: Path = (number,) if isinstance(content, list) else ()
        for key, value in part.items():
            kind = without_mark(key)
            if kind != _COMMENT:
                blocks += reading.labelled(kind, (), LABELS.get(kind, 0), value, (*at, key))
    return Body({}, blocks)


def arguments(source: SourceText) -> Mapping[str, Argument]:
    """
    The values of variables in a ``.tfvars.json`` file: nothing is filled in there.

    Raises:
        InputError: it is not JSON, names something twice, or is no object.
    """
    content = json_reader.load(source.text, source.file)
    if not isinstance(content, dict):
        raise InputError("values of variables in JSON are an object", source.file, 1, 1)
    return _Reading(source, literal=True).arguments(content, ())


class _Reading:
    """
    Makes blocks and expressions of the values of one text.

    Args:
        source: the text.
        literal: whether texts stand for themselves.
        has_repeated_keys: whether a key stands twice in an object.
        errors: as of `parse`.
    """

    def __init__(
        self,
        source: SourceText,
        *,
        literal: bool = False,
        has_repeated_keys: bool = False,
        errors: list[InputError] | None = None,
    ) -> None:
        self._errors = errors
        self._has_repeated_keys = has_repeated_keys
        self._source = source
        self._map = SourceMap(source.text)
        self._literal = literal

    def _place(self, path: Path) -> Place:
        found = self._map.key(path)
        return FixedPlace(Extent(self._source.file, found.line, found.column, found.end_column))

    def labelled(self, kind: str, labels: tuple[str, ...], missing: int, value: object, path: Path) -> Iterator[Block]:
        """The blocks of a type, some of whose labels are the keys of what is written."""
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.labelled(kind, labels, missing, item, (*path, index))
            return
        if not isinstance(value, dict):
            if value is None:
                return
            place = self._place(path)
            message = f"{'.'.join((kind, *labels))} is {json.dumps(value)}, expected an object"
            raise InputError(message, place.file, place.line, place.column)
        if missing:
            for key, inner in value.items():
                label = without_mark(key)
                if label != _COMMENT:
                    yield from self.labelled(kind, (*labels, label), missing - 1, inner, (*path, key))
            return
        if self._has_repeated_keys:
            self._see_arguments(value, path, kind)
        yield Block(kind, labels, self._place(path), self._body(value, path, kind))

    def _see_arguments(self, value: object, path: Path, kind: str) -> None:
        """
        See that what can only be an argument stands once; blocks of one type may stand one after the other.

        Raises:
            InputError: it does not.
        """
        waiting: list[tuple[object, Path]] = [(value, path)]
        while waiting:
            one, at = waiting.pop()
            parts = one.items() if isinstance(one, dict) else enumerate(one) if isinstance(one, list) else ()
            for step, inner in parts:
                name = without_mark(step) if isinstance(step, str) else _COMMENT
                is_block = kind not in _OF_ARGUMENTS or name in _INSIDE
                are_blocks = is_block and isinstance(one, dict) and all(map(_may_be_blocks, (inner, one.get(name))))
                if name not in (step, _COMMENT) and not are_blocks:
                    place = self._place((*at, step))
                    message = f"the key {json.dumps(name)} stands twice in one object"
                    raise InputError(message, place.file, place.line, place.column)
                waiting.append((inner, (*at, step)))

    def _body(self, value: Mapping[str, object], path: Path, kind: str) -> Callable[[], Body]:
        def make() -> Body:
            keys = [without_mark(key) for key in value]
            once = {key: inner for key, inner in value.items() if keys.count(without_mark(key)) == 1}
            return Body(
                {**self.arguments(once, path), **(self._declared(value, path) if kind == "variable" else {})},
                list(self._certain_blocks(value, once, path)),
                {name: self._blocks(name, inner, (*path, name)) for name, inner in once.items()},
            )

        return make

    def _certain_blocks(self, value: Mapping[str, object], once: Mapping[str, object], path: Path) -> Iterator[Block]:
        """What can be no argument: what makes blocks, and what stands there several times."""
        for key, inner in value.items():
            name = without_mark(key)
            if name == "dynamic" and isinstance(inner, (dict, list)):
                yield from self.labelled(name, (), 1, inner, (*path, key))
            elif key not in once and name not in ("dynamic", _COMMENT):
                yield from self.labelled(name, (), 0, inner, (*path, key))

    def _blocks(self, name: str, value: object, path: Path) -> Callable[[], Sequence[Block] | None]:
        def make() -> Sequence[Block] | None:
            items = value if isinstance(value, list) else [value]
            if not all(isinstance(item, dict) for item in items):
                return None
            return list(self.labelled(name, (), 0, value, path))

        return make

    def arguments(self, value: Mapping[str, object], path: Path) -> dict[str, Argument]:
        """The properties of an object as arguments."""
        return {
            name: Argument(name, self._there((*path, name)), self._later(inner, (*path, name)))
            for name, inner in value.items()
            if name not in (_COMMENT, "dynamic")
        }

    def _declared(self, value: Mapping[str, object], path: Path) -> dict[str, Argument]:
        """
        The type of a variable, which is written as the text of an expression, and its default, which is none.

        https://developer.hashicorp.com/terraform/language/syntax/json#variable-blocks
        """
        found: dict[str, Argument] = {}
        text = value.get("type")
        if isinstance(text, str):
            at = (*path, "type")
            found["type"] = Argument("type", self._there(at), lambda: parse_expression_at(text, self._place(at)))
        if "default" in value:
            to = (*path, "default")
            found["default"] = Argument("default", self._there(to), lambda: self._as_written(value["default"], to))
        return found

    def _as_written(self, value: object, path: Path) -> Expression:
        return _Reading(self._source, literal=True).expression(value, path)

    def _there(self, path: Path) -> Callable[[], Place]:
        return lambda: self._place(path)

    def _later(self, value: object, path: Path) -> Callable[[], Expression]:
        def make() -> Expression:
            try:
                return self.expression(value, path)
            except InputError as error:
                if self._errors is None:
                    raise
                self._errors.append(error)
                return NotRead(error.message, self._place(path))

        return make

    def expression(self, value: object, path: Path, depth: int = 0) -> Expression:
        """A value as the expression that it stands for."""
        place = self._place(path)
        if depth >= MAX_NESTING:
            return NotRead(f"{BUDGET}: values inside each other ({MAX_NESTING})", place)
        if isinstance(value, str):
            return self._text(value, place)
        if isinstance(value, list):
            items = (self.expression(item, (*path, index), depth + 1) for index, item in enumerate(value))
            return ListOf(tuple(items), place)
        if isinstance(value, dict):
            again = [key for key in value if without_mark(key) != key] if self._has_repeated_keys else ()
            if again:
                return NotRead(f"the key {json.dumps(without_mark(again[0]))} stands twice in one object", place)
            entries = (
                (self._text(key, self._place((*path, key))), self.expression(inner, (*path, key), depth + 1))
                for key, inner in value.items()
            )
            return ObjectOf(tuple(entries), place)
        assert value is None or isinstance(value, (bool, int, float))
        return Literal(value, place)

    def _text(self, text: str, place: Place) -> Expression:
        return Literal(text, place) if self._literal else parse_template(text, place)


def _may_be_blocks(value: object) -> bool:
    """Whether a value may be a block, or several."""
    return all(isinstance(one, dict) for one in (value if isinstance(value, list) else [value]))
