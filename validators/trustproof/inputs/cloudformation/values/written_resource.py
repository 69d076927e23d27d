"""
A resource as a template writes it: which of its texts functions make, and where a condition chooses what stands there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.model.policy import Path
from trustproof.model.text import Symbol, Symbolic, concat
from trustproof.results.edit import ADD, END, Edit, Value, WrittenValue

#: What is written at a path that leads nowhere: a program makes it, or a text holds it.
_NOWHERE = object()
_CHOICE = "Fn::If"
#: What makes a text, in which a policy may stand.
_TEXTS = (["Fn::Sub"], ["Fn::Join"])
_IN_TEXT = re.compile(r"\$\{(!?[^}]*)\}")
#: What a text begins a name with that is CloudFormation's own.
_PSEUDO = "AWS::"


class WrittenTemplateResource(NamedTuple):
    """
    A resource as a template writes it: `trustproof.inputs.written_input.WrittenResource`.
    """

    #: Where it stands.
    path: Path
    #: What is written there.
    data: object
    #: The names of what the template is given.
    parameters: frozenset[str]

    def value(self, path: Path) -> Value | None:
        """The function that is written at a path, as a text with names where it gives one; None for anything else."""
        said = self._at(path)
        if said is _NOWHERE and path and isinstance(path[-1], int):
            # JSON has a list of one text as the text.
            said = self._at(path[:-1])
        return self._function(said) if isinstance(said, dict) else None

    def strings(self) -> Iterator[str]:
        """The texts in it, at any depth."""
        return _strings(self.data)

    def text_around(self, path: Path) -> str | None:
        """What is written of the text that a path leads into; None where it leads into none."""
        found: Any = self.data
        for step in path[len(self.path) :] if path[: len(self.path)] == self.path else ():
            if isinstance(found, str) or (isinstance(found, dict) and [*found][:1] in _TEXTS):
                return " ".join(_strings(found))
            found = found.get(step) if isinstance(found, dict) else found[step] if _has(found, step) else None
        return None

    def where_instead(self, edits: Iterable[Edit]) -> str:
        """Where edits can be made that would replace what a condition chooses from; empty where all can be made."""
        return "" if all(map(self._is_writable, edits)) else "in the branch of Fn::If that applies"

    def _function(self, said: Mapping[str, object]) -> Value:
        """A function as a text with names where it is one that gives that."""
        (name, given), *others = said.items() if said else (("", None),)
        if not others and name == "Ref" and isinstance(given, str):
            return Symbolic((self._symbol(given),))
        if not others and name == "Fn::Sub" and isinstance(given, str):
            parts = [
                (f"${{{part[1:]}}}" if part.startswith("!") else self._symbol(part)) if number % 2 else part
                for number, part in enumerate(_IN_TEXT.split(given))
            ]
            found = concat(part for part in parts if part != "")
            if isinstance(found, Symbolic) and len(found.parts) > 1:
                return found
        if not others and name == "Fn::GetAtt" and isinstance(given, list) and all(isinstance(g, str) for g in given):
            return Symbolic((Symbol(".".join(given), "attribute"),))
        return WrittenValue(json.dumps(said, default=str, ensure_ascii=False))

    def _symbol(self, name: str) -> Symbol:
        kind = "pseudo-parameter" if name.startswith(_PSEUDO) else "attribute"
        return Symbol(name, "parameter" if name in self.parameters else kind)

    def _at(self, path: Path) -> object:
        """What is written at a path, or the choice on the way that it is the outcome of."""
        if self.data is None or path[: len(self.path)] != self.path:
            return _NOWHERE
        found: Any = self.data
        for step in path[len(self.path) :]:
            is_there = step in found if isinstance(found, dict) else _has(found, step)
            if not is_there:
                return found if _is_choice(found) else _NOWHERE
            found = found[step]
        return found

    def _is_writable(self, edit: Edit) -> bool:
        """Whether an edit puts nothing in the place of a choice, or next to one."""
        holder = self._at(edit.path[:-1])
        if _is_choice(holder):
            return False
        if edit.path[-1] == END or not isinstance(holder, dict):
            return True
        said = holder.get(edit.path[-1])
        if edit.operation == ADD:
            return not said
        return said is None or edit.before is None or _fits(said, edit.before, edit.value)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _has(value: object, step: object) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _is_choice(value: object) -> bool:
    return isinstance(value, dict) and [*value] == [_CHOICE]


def _fits(said: object, before: Value, after: Value | None) -> bool:
    """Whether what is written is what an edit takes it for, part by part, and no part that it changes is a choice."""
    if before == after:
        return True
    if _is_choice(said):
        return False
    if isinstance(before, Mapping):
        then = after if isinstance(after, Mapping) else {}
        return not isinstance(said, dict) or all(
            name not in said or _fits(said[name], found, then.get(name)) for name, found in before.items()
        )
    if isinstance(before, tuple) and not isinstance(before, Symbolic) and isinstance(said, list):
        left = after if isinstance(after, tuple) and not isinstance(after, Symbolic) else (after,)
        parts = zip(said, before, strict=True) if len(said) == len(before) else [({_CHOICE: ()}, None)]
        return not any(_is_choice(part) and text not in left for part, text in parts)
    return True
