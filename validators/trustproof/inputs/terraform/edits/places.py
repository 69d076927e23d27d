"""
From paths of a lowered template to where Terraform's author wrote what stands there.

A plan is one endless line: by itself it has no places to show. Then a text is made for the place: the policy, indented,
called like the argument that holds it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from trustproof.inputs.terraform.lowering.lowering import Root
from trustproof.inputs.terraform.values.values import is_sensitive
from trustproof.inputs.text.positions import SourceMap
from trustproof.model.policy import Path, written_part
from trustproof.model.position import Position
from trustproof.model.text import Symbolic

_HIDDEN = "(sensitive)"


class Places:
    """
    The places of one lowered template.

    Args:
        file: the plan or state, as the user named it.
        data: the lowered template.
        roots: what its parts were made of.
    """

    def __init__(self, file: str, data: Mapping[str, object], roots: Mapping[tuple[str, Path], Root]) -> None:
        self._file = file
        self._data = data
        self._roots = roots
        self._texts: dict[str, SourceMap] = {}

    def key(self, path: Path) -> Position:
        """Where the key (of a list: the item) at a path stands, or the nearest thing around it that is written."""
        path = written_part(path)
        resource = path[1] if len(path) > 1 else ""
        below = path[3:]
        root, rest = self._root(str(resource), below)
        if root is None:
            return self._shown(f"{self._file}: {resource}" if resource else self._file, lambda: str(resource), ())
        name = f"{self._file}: {root.address}.{_dotted(root.argument)}"
        if root.value is not None and is_sensitive(root.value):
            return self._shown(name, lambda: _HIDDEN, ())
        value = self._at(path[: len(path) - len(rest)])
        if isinstance(value, (dict, list)):
            return self._shown(name, lambda: json.dumps(value, indent=2, ensure_ascii=False, default=str), rest)
        text = f"{root.argument[-1]} = {json.dumps(value, ensure_ascii=False, default=str)}"
        return self._shown(name, lambda: text, ())

    def text_with_names(self, path: Path) -> Symbolic | None:
        """The text at a path with the references of its file as symbols; None where nobody knows them."""
        return None

    def is_given_elsewhere(self, path: Path) -> bool:
        """Whether the text at a path is not written there; nobody knows that here."""
        return False

    def is_closed(self, path: Path) -> bool:
        """Whether a type decides whether the key is there that a path ends in; nobody knows that here."""
        return False

    def line(self, number: int, file: str = "") -> str:
        """A line, from 1, of a text that a position names."""
        found = self._texts.get(file)
        return "" if found is None else found.line(number)

    def _shown(self, name: str, text: Callable[[], str], path: Path) -> Position:
        """The place of a path in a text, which is JSON where the path goes on."""
        if name not in self._texts:
            self._texts[name] = SourceMap(text())
        source = self._texts[name]
        if not path:
            line = source.line(1)
            return Position(1, 1, max(len(line), 1) + 1, name, in_file=False)
        found = source.key(path)
        return found._replace(file=name, in_file=False)

    def made_of(self, path: Path) -> tuple[Root | None, Path]:
        """What the nearest part around a path of the template was made of, and what is left of the path."""
        return self._root(str(path[1]) if len(path) > 1 else "", path[3:])

    def _root(self, resource: str, below: Path) -> tuple[Root | None, Path]:
        """What the nearest part around a path was made of, and what is left of the path."""
        for end in range(len(below), -1, -1):
            root = self._roots.get((resource, below[:end]))
            if root is not None:
                return root, below[end:]
        return None, below

    def _at(self, path: Path) -> object:
        value: object = self._data
        for step in path:
            if isinstance(value, Mapping):
                value = value.get(str(step))
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value


def _dotted(argument: Path) -> str:
    """``inline_policy[0].policy``"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in argument)[1:]
