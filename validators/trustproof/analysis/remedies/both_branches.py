"""
What stands in one place of a file, and in both branches of a condition of what is made of it: a document of Terraform
that is joined to another one, which is there or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from trustproof.analysis.remedies.shared_statements import changes
from trustproof.inputs.source_texts import SourceTexts
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.results.result import PROVED, Result

_STATEMENT = "Statement"
_T = TypeVar("_T")


def once_for_each_text(
    results: Sequence[Result], owners: Sequence[_T], sources: SourceTexts
) -> tuple[list[Result], list[_T]]:
    """
    The results without those that say of one text, in another branch, what has been said of it.

    Args:
        owners: of the first results, what each is of.
    """
    before: dict[object, _Alike] = {}
    found: list[Result] = []
    left: list[_T] = []
    for number, result in enumerate(results):
        if result.verdict != PROVED:
            owner = result.template, result.stack, result.property, result.logical_id, _without_branches(result.path)
            said = owner, result.verdict, result.message, result.label, changes(result.remedy)
            other = before.setdefault(said, _Alike(sources)).add(len(found), result)
            if other is not None:
                found[other] = _in_both(found[other], result)
                continue
        found.append(result)
        left += owners[number : number + 1]
    return found, left


class _Alike:
    """
    The results that say the same at paths that are alike without the branches, by where they stand in a file.
    """

    def __init__(self, sources: SourceTexts) -> None:
        self._sources = sources
        #: The first, of which nobody looks for the place as long as it is alone.
        self._first: tuple[int, Result] | None = None
        self._placed: dict[Position, list[tuple[int, Path]]] = {}

    def add(self, number: int, result: Result) -> int | None:
        """The number of one that stands in the same place by another path; where there is none, the result is kept."""
        if self._first is None:
            self._first = number, result
            return None
        if not self._placed and (place := self._place(self._first[1])) is not None:
            self._placed[place] = [(self._first[0], self._first[1].path)]
        if (place := self._place(result)) is None:
            return None
        same = self._placed.setdefault(place, [])
        other = next((one for one, path in same if path != result.path), None)
        if other is None:
            same.append((number, result.path))
        return other

    def _place(self, result: Result) -> Position | None:
        found = self._sources.position(result.template, result.path)
        return found if found is not None and found.in_file else None


def _without_branches(path: Path) -> Path:
    """A path without which of some things it leads to, but for which statement of a policy."""
    return tuple(
        "" if isinstance(step, int) and before != _STATEMENT else step
        for before, step in zip(("", *path), path, strict=False)
    )


def _in_both(one: Result, other: Result) -> Result:
    """A result without the values that choose its branch, where the other one is of the other branch."""
    shown, there = one.counterexample, other.counterexample
    if shown is None or there is None or sum(a != b for a, b in zip(one.path, other.path, strict=True)) != 1:
        return one
    left = {n: value for n, value in shown.parameters.items() if there.parameters.get(n, value) == value}
    return one._replace(counterexample=shown._replace(parameters=left))
