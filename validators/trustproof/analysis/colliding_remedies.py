"""
Remedies of several properties for one statement: each was tried out by itself, and one change may undo another, or let
in nobody with it. So the worst finding keeps its diff, and the others say that it is to be made first.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.policy import Path
from trustproof.results.groups import worst_first
from trustproof.results.result import REFUTED, Result

_STATEMENT = "Statement"
#: The version of a policy is changed in one way only, and so are the data sources of Terraform.
_SHARED = ("Version",)


def without_collisions(results: Sequence[Result]) -> list[Result]:
    """The results, in words where the diff of a worse finding of another property changes the same statement."""
    kept: dict[tuple[str, Path], Result] = {}
    changed: dict[int, Result] = {}
    for result in worst_first(results):
        remedy = result.remedy
        if result.verdict != REFUTED or remedy is None or not remedy.edits:
            continue
        places = {_place(edit.path) for edit in remedy.edits if edit.path[-1] not in _SHARED}
        before = [kept[result.template, place] for place in places if (result.template, place) in kept]
        other = next((one for one in before if one.property != result.property and not _is_same(one, result)), None)
        if other is None:
            kept.update({(result.template, place): result for place in places if (result.template, place) not in kept})
            continue
        text = f"{remedy.text}; {other.property} has a change of the same statement: make that one first"
        changed[id(result)] = result._replace(remedy=remedy._replace(text=text, edits=(), written=()))
    return [changed.get(id(result), result) for result in results]


def _place(path: Path) -> Path:
    """The statement that an edit is about, or the property where it is about none."""
    names = [number for number, key in enumerate(path) if key == _STATEMENT]
    return path[: names[-1] + 2] if names and len(path) > names[-1] + 2 else path


def _is_same(one: Result, other: Result) -> bool:
    assert one.remedy is not None
    assert other.remedy is not None
    return one.remedy.edits == other.remedy.edits
