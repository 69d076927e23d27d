"""
What is wrong in one Region, and not in another.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.deployments import Assignment
from trustproof.model.policy import Path
from trustproof.model.text import PARTITION, REGION
from trustproof.results.result import REFUTED, Result


def told_in_which_region(readings: Sequence[Sequence[Result]], read: Sequence[Assignment]) -> list[list[Result]]:
    """
    The results of readings, of which what is wrong in a Region and not in another one says which that is: where a
    request is made says nothing elsewhere, and a report leaves it out.

    Args:
        read: the assignments of the readings.
    """
    placed = [_place(assignment) for assignment in read]
    wrong: dict[object, list[tuple[str | None, set[Path]]]] = {}
    for results, (region, rest) in zip(readings, placed, strict=True):
        paths = {result.path for result in results if result.verdict == REFUTED}
        wrong.setdefault(rest, []).append((region, paths))
    told: list[list[Result]] = []
    for results, (region, rest) in zip(readings, placed, strict=True):
        elsewhere = [paths for other, paths in wrong[rest] if region is not None and other not in (None, region)]
        why = f"this is so where {REGION} is {region}"
        told.append(
            [
                result._replace(why=(*result.why, why))
                if result.verdict == REFUTED and any(result.path not in paths for paths in elsewhere)
                else result
                for result in results
            ]
        )
    return told


def _place(assignment: Assignment) -> tuple[str | None, tuple[tuple[str, str], ...]]:
    """The Region of an assignment, if it has one, and what else is assigned, but for the partition."""
    rest = tuple((name, value) for name, value in assignment.named if name not in (PARTITION, REGION))
    return dict(assignment.named).get(REGION), rest
