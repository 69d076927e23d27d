"""
What other policies in sight give since a resource or identity stops it no more, or stopped not yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.comparison.comparison_budget import until_the_end
from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.pairs.denials import let_in_since
from trustproof.comparison.pairs.limits_of_roles import let_in_by_boundary
from trustproof.comparison.subjects.subjects import Subject
from trustproof.results.difference import GAINED, LOST


class LetInByOthers(NamedTuple):
    """
    What others give, in either direction.
    """

    found: list[StatementGain | OpenQuestion]
    #: What is not known of what is gained, and is to be said where something is: else it is asked once more, and of all
    #: that others may give, whether anything is.
    beside_gains: list[OpenQuestion]


def let_in_by_others(
    new: Subject | None,
    old: Subject | None,
    renamed: Mapping[str, str],
    everything: tuple[Sequence[Subject], Sequence[Subject]],
) -> LetInByOthers:
    """
    What others give that one of the two stops on one side only.

    Args:
        renamed: logical ids of the new side to those that the same resources have on the old side.
        everything: what there is on the new side and on the old one.
    """
    there = new or old
    assert there is not None
    out = LetInByOthers([], [])
    for direction, first, other, others in ((GAINED, new, old, everything[0]), (LOST, old, new, everything[1])):
        asked = (direction, first, other, others, renamed)
        # What was found before the end is kept.
        since, ended = until_the_end(let_in_since(*asked))
        by_boundary, reached = until_the_end(let_in_by_boundary(*asked))
        for given in since:
            if direction == GAINED and isinstance(given, OpenQuestion):
                out.beside_gains.append(given)
            else:
                out.found.append(given)
        reasons = tuple(dict.fromkeys(one for one in (ended, reached) if one))
        out.found.extend((*by_boundary, *([OpenQuestion(there, reasons)] if reasons else ())))
    return out
