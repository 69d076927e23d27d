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
    before: dict[object, list[int]] = {}
    found: list[Result] = []
    left: list[_T] = []
    for number, result in enumerate(results):
        if result.verdict != PROVED:
            owner = result.template, result.stack, result.property, result.logical_id, _without_branches(result.path)
            same = before.setdefault((owner, result.verdict, result.message, result.label, changes(result.remedy)), [])
            other = next((one for one in same if _is_same(sources, result, found[one])), None)
            if other is not None:
                found[other] = _in_both(found[other], result)
                continue
            same.append(len(found))
        found.append(result)
        left += owners[number : number + 1]
    return found, left


def _is_same(sources: SourceTexts, one: Result, other: Result) -> bool:
    """Whether two results stand in one place of a file, of which the paths are alike without the branches."""
    if one.path == other.path:
        return False
    here, there = (sources.position(each.template, each.path) for each in (one, other))
    return here is not None and here.in_file and here == there


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
