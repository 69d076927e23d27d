"""
Remedies of several properties for one statement: each was tried out by itself, and one change may undo another, or let
in nobody with it. So the worst finding keeps its diff, and the others say that it is to be made first.

Nobody makes the change of a finding that is waived or in the baseline, so such a one comes after all others.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.policy import Path
from trustproof.results.groups import worst_first
from trustproof.results.result import REFUTED, Result

_STATEMENT = "Statement"
#: The version of a policy is changed in one way only, and so are the data sources of Terraform.
_SHARED = ("Version",)


def without_collisions(results: Sequence[Result]) -> tuple[Result, ...]:
    """
    The results, in words where the diff of another property's finding, which is worse, changes the same statement.

    What was put in words before has its diff again where nothing is in its way any more.
    """
    given = [one if one.by_itself is None else one._replace(remedy=one.by_itself, by_itself=None) for one in results]
    kept: dict[tuple[str, Path], Result] = {}
    changed: dict[int, Result] = {}
    for result in sorted(worst_first(given), key=lambda one: one.suppression is not None):
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
        in_words = remedy._replace(text=text, edits=(), written=())
        changed[id(result)] = result._replace(remedy=in_words, by_itself=remedy)
    return tuple(changed.get(id(result), result) for result in given)


def _place(path: Path) -> Path:
    """The statement that an edit is about, or the property where it is about none."""
    names = [number for number, key in enumerate(path) if key == _STATEMENT]
    return path[: names[-1] + 2] if names and len(path) > names[-1] + 2 else path


def _is_same(one: Result, other: Result) -> bool:
    assert one.remedy is not None
    assert other.remedy is not None
    return one.remedy.edits == other.remedy.edits
