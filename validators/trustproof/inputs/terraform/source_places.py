"""
From paths of a template that was lowered from a configuration to the file and line where its author wrote what stands
there: however far a value has come, it says where it began.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trustproof.inputs.terraform.lowering import Root
from trustproof.inputs.terraform.places import Places
from trustproof.inputs.terraform.values import Choice, Fields, Items, JsonText, Known, Place, Rest, Value
from trustproof.inputs.text.positions import SourceMap
from trustproof.model.policy import Path
from trustproof.model.position import Position


class SourcePlaces(Places):
    """
    The places of one template that was lowered from a configuration.

    Args:
        file: the directory, as the user named it.
        data: the lowered template.
        roots: what its parts were made of.
        blocks: addresses of resources to the places of their blocks.
        text: gives the text of a file.
    """

    def __init__(
        self,
        file: str,
        data: Mapping[str, object],
        roots: Mapping[tuple[str, Path], Root],
        blocks: Mapping[str, Place],
        text: Callable[[str], str],
    ) -> None:
        super().__init__(file, data, roots)
        self._blocks = blocks
        self._text = text
        self._maps: dict[str, SourceMap] = {}

    def key(self, path: Path) -> Position:
        """Where the key (of a list: the item) at a path stands, or the nearest thing around it that is written."""
        resource = str(path[1]) if len(path) > 1 else ""
        root, rest = self._root(resource, path[3:])
        place: Place | None = None
        if root is not None and root.value is not None:
            place, value = place_in(root.value, rest)
            if value.sensitive:
                return super().key(path)
        if place is None:
            place = self._blocks.get(root.address if root is not None else resource)
        if place is None:
            return super().key(path)
        return Position(place.line, place.column, place.end_column, place.file)

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


def place_in(value: Value, path: Path) -> tuple[Place | None, Value]:
    """The nearest place around what a path leads to inside a value, and the value there."""
    place = value.place
    for step in path:
        value = _opened(value)
        if isinstance(value, Choice):
            # The other steps are those of the function that the choice is lowered to.
            if isinstance(step, int) and step in (1, 2):
                value = value.then if step == 1 else value.otherwise
                place = value.place or place
            continue
        if isinstance(value, Fields) and isinstance(step, str):
            entry = next((one for one in value.entries if isinstance(one.key, Known) and one.key.value == step), None)
            if entry is None:
                break
            place = entry.key.place or entry.value.place or place
            value = entry.value
        elif isinstance(value, Items) and isinstance(step, int) and step < len(value.items):
            value = value.items[step]
            place = value.place or place
        elif not (step == 0 and not isinstance(value, (Fields, Items))):
            break
    return place, value


def _opened(value: Value) -> Value:
    while isinstance(value, (JsonText, Rest)):
        value = value.of
    return value
