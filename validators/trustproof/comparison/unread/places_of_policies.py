"""
Where policies of a side may stand that nobody can read: looked up by template, as each of thousands of pairs asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.inputs.reader import Input
from trustproof.model.policy import Path


class UnreadTemplate(NamedTuple):
    """
    A template with a policy that nobody can read.
    """

    template: Input
    #: Where such policies may stand: one at least.
    places: tuple[Path, ...]


class UnreadPlaces:
    """
    The templates of a side with policies that nobody can read, or that AWS would refuse.
    """

    def __init__(self, side: ComparisonSide) -> None:
        self.side: ComparisonSide = side
        #: By the label of each template of the side, those that are called so and have such policies.
        self._by_label: Mapping[str, Sequence[UnreadTemplate]] = _by_label(side)
        self._all: Sequence[UnreadTemplate] = [one for found in self._by_label.values() for one in found]

    def counterparts(self, label: str) -> Sequence[UnreadTemplate]:
        """Those in which the side has what a template of the other side has: any, where none is called so."""
        return self._by_label.get(label, self._all)


def unread_places(template: Input) -> tuple[Path, ...]:
    """Where policies may stand that nobody can read, or that AWS would refuse."""
    return (*(path for path, _ in template.unread), *template.refused_at)


def _by_label(side: ComparisonSide) -> dict[str, list[UnreadTemplate]]:
    found: dict[str, list[UnreadTemplate]] = {}
    for named in side.templates:
        there = found.setdefault(named.label, [])
        if places := unread_places(named.template):
            there.append(UnreadTemplate(named.template, places))
    return found
