"""
``Fn::ForEach`` of the ``AWS::LanguageExtensions`` transform, written out.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from trustproof.inputs.cloudformation.values.intrinsics import FOREACH
from trustproof.model.policy import Path
from trustproof.results.result import BUDGET

#: Entries that all loops of one section may give together; CloudFormation allows 500 resources in a template.
MAX_ENTRIES = 2000

#: Values and characters that the loops of a section, or of one resource, may write: as many as a template has that is
#: as long as CloudFormation takes.
MAX_WRITTEN = 1_000_000

#: Why a loop is not written out, as a rule.
NOT_KNOWN = "its collection is not known before deployment"

#: Every way in which an entry is made: the collections of the loops around it, and the item of each.
Turns = dict[str, "list[tuple[tuple[object, str], ...]]"]
#: Gives the texts of a collection, or None where they are not known.
Collection = Callable[[object], "list[str] | None"]


class NotExpanded(Exception):
    """A loop cannot be written out; `args` is the reason, a clause."""


class _Budget:
    """
    Counts what loops write, before they write it.
    """

    def __init__(self) -> None:
        self._entries = self._written = 0
        #: What was reached; empty where nothing was.
        self.reason = ""

    def entry(self) -> None:
        """Count one turn of a loop, or one entry."""
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            self._reached("entries of loops", MAX_ENTRIES)

    def write(self, size: int = 1) -> None:
        """Count values, or characters."""
        self._written += size
        if self._written > MAX_WRITTEN:
            self._reached("text that loops write", MAX_WRITTEN)

    def _reached(self, name: str, limit: int) -> NoReturn:
        self.reason = f"{BUDGET}: {name} ({limit})"
        raise NotExpanded(self.reason)


def expand(
    section: Mapping[str, object],
    path: Path,
    collection: Collection,
    unread: list[tuple[Path, str]],
    turns: Turns | None = None,
) -> dict[str, tuple[object, Path]]:
    """
    The entries of a section with its loops written out, each with the place where it is written.

    Args:
        section: ``Resources`` or ``Conditions``.
        path: of the section.
        collection: resolves the second argument of a loop.
        unread: receives the loops that cannot be written out, with the reason.
        turns: receives how each entry was made that a loop has made.
    """
    made: Turns = {} if turns is None else turns
    found: dict[str, tuple[object, Path]] = {}
    budget = _Budget()
    for key, value in section.items():
        place = (*path, key)
        if not key.startswith(FOREACH):
            found[key] = (value, place)
            continue
        try:
            found.update(_loop(value, place, collection, {}, budget, made))
        except NotExpanded as error:
            unread.append((place, f"{key} is not expanded: {error}"))
    return found


def inside(value: object, path: Path, collection: Collection, unread: list[tuple[Path, str]]) -> object:
    """
    A value with the loops among the keys of its mappings written out; one that cannot be stays as it is.

    Args:
        path: of the value.
        unread: receives the loops that would take too much work, with the reason.
    """
    budget = _Budget()
    found = _inside(value, collection, budget)
    if budget.reason:
        unread.append((path, f"a loop in it is not expanded: {budget.reason}"))
    return found


def _inside(value: object, collection: Collection, budget: _Budget) -> object:
    if isinstance(value, list):
        return [_inside(item, collection, budget) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, object] = {}
    for key, inner in value.items():
        if key.startswith(FOREACH):
            try:
                found.update({name: body for name, (body, _) in _loop(inner, (), collection, {}, budget, {}).items()})
                continue
            except NotExpanded:
                pass
        found[key] = _inside(inner, collection, budget)
    return found


def _loop(
    arguments: object,
    place: Path,
    collection: Collection,
    outer: dict[str, str],
    budget: _Budget,
    turns: Turns,
    around: tuple[tuple[object, str], ...] = (),
) -> dict[str, tuple[object, Path]]:
    """The entries of one loop, for every item of its collection."""
    if not isinstance(arguments, list) or len(arguments) != 3 or not isinstance(arguments[0], str):
        raise NotExpanded("it takes an identifier, a collection and a body")
    identifier, source, body = arguments
    source = _substituted(source, outer, budget)
    values = collection(source)
    if values is None:
        raise NotExpanded(NOT_KNOWN)
    if not isinstance(body, dict):
        raise NotExpanded("its body is not a mapping")
    found: dict[str, tuple[object, Path]] = {}
    for value in values:
        budget.entry()
        bound = {**outer, identifier: value}
        turn = (*around, (source, value))
        for key, inner in body.items():
            inner_place = (*place, 2, key)
            if key.startswith(FOREACH):
                found.update(_loop(inner, inner_place, collection, bound, budget, turns, turn))
            else:
                budget.entry()
                name = _replaced(key, bound, budget)
                found[name] = (_substituted(inner, bound, budget), inner_place)
                turns.setdefault(name, []).append(turn)
    return found


def _replaced(text: str, bound: dict[str, str], budget: _Budget) -> str:
    """A text with the loop's identifiers replaced; ``&{Id}`` leaves out what a logical id must not hold."""
    for identifier, value in bound.items():
        # A value may hold the identifier of another loop, so that each makes the text longer than the last.
        budget.write(len(text) + text.count("{") * len(value))
        text = text.replace(f"${{{identifier}}}", value)
        text = text.replace(f"&{{{identifier}}}", re.sub(r"[^A-Za-z0-9]", "", value))
    return text


def _substituted(value: object, bound: dict[str, str], budget: _Budget) -> object:
    """A value of a loop's body with the identifiers replaced, ``Ref`` to them included."""
    if not bound:
        return value
    budget.write()
    if isinstance(value, str):
        return _replaced(value, bound, budget) if "{" in value else value
    if isinstance(value, list):
        return [_substituted(item, bound, budget) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(value.get("Ref"), str) and value["Ref"] in bound:
            return bound[value["Ref"]]
        return {_replaced(key, bound, budget): _substituted(inner, bound, budget) for key, inner in value.items()}
    return value
