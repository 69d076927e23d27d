"""
Certificates in words.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trustproof.engine.certificate import used_boxes
from trustproof.engine.region import Case, ClosedRegion
from trustproof.engine.search import Box, Empty


def explain(closed: ClosedRegion, denied: Collection[Box]) -> str:
    """
    A certificate in words, without where it stands: what excludes every request, or who denies it.

    Args:
        denied: the boxes that are Denies; the others are facts.
    """
    if not closed.cases:
        return "no statement allows what else the call needs" if closed.region.also else "the boundary allows nothing"
    reasons = dict.fromkeys(_case_words(case, closed, denied) for case in closed.cases)
    return "; ".join(reasons)


def _case_words(case: Case, closed: ClosedRegion, denied: Collection[Box]) -> str:
    within = f"within {case.within.box.label} of the boundary " if case.within is not None else ""
    within += f"together with {_and([encoded.box.label for encoded in case.also])} " if case.also else ""
    if isinstance(case.tree, Empty):
        return f"{within}excluded by {_conflict(case.tree.dimension, case, closed)}"
    boxes = [case.denies[number] for number in sorted(used_boxes(case.tree))]
    denials = [box.label for box in boxes if box in denied]
    spared = [box.label for box in boxes if box in closed.region.without]
    facts = [box.label for box in boxes if box not in denied and box not in closed.region.without]
    words = f"denied by {_and(denials)}" if denials else "excluded"
    words += f", since {_and(facts)}" if facts else ""
    return within + words + (f", apart from: {_and(spared)}" if spared else "")


def _conflict(dimension: str, case: Case, closed: ClosedRegion) -> str:
    boxes = [closed.encoded.box, *(() if case.within is None else (case.within.box,)), *(s.box for s in case.also)]
    literals = [literal for box in boxes for literal in box.literals if literal.dimension == dimension]
    return _and([literal.label for literal in literals]) or "what such requests carry"


def _and(labels: Sequence[str]) -> str:
    return " and ".join(dict.fromkeys(labels))
