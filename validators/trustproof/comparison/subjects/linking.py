"""
The two sides of a comparison with what their templates give each other.

A template may say the same on both sides and mean something else, since another one exports something else or attaches
another policy; what several templates make together is made of the same templates on both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.analysis.across.linked_inputs import LinkedInputs, Neighbour, linked_inputs
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.errors import PolicySyntaxError
from trustproof.inputs.linking import Part
from trustproof.inputs.reader import Input


class JoinedTemplates(NamedTuple):
    """
    Templates whose users, groups and roles are judged together, as one.
    """

    template: Input
    parts: tuple[Part, ...]
    #: What the templates are called on both sides, as the parts are in order.
    labels: tuple[str, ...]


class LinkedSide(NamedTuple):
    """
    One side, its templates with the values that they take from each other.
    """

    side: ComparisonSide
    #: What each template is called, to those that it takes something from.
    sources: Mapping[str, frozenset[str]]
    joined: tuple[JoinedTemplates, ...]
    #: The policies that AWS would refuse, which is only known next to the others.
    refused: tuple[PolicySyntaxError, ...]
    #: What each template is called in what others take from it, by its label.
    called: Mapping[str, str]

    @property
    def grouped(self) -> frozenset[str]:
        """The templates whose users, groups and roles are judged together with those of others."""
        return frozenset(label for one in self.joined for label in one.labels)


def linked_sides(old: ComparisonSide, new: ComparisonSide) -> tuple[LinkedSide, LinkedSide]:
    """Both sides, linked in the same way."""
    labels = dict.fromkeys(named.label for side in (old, new) for named in side.templates)
    # Names that are made up are the same on both sides.
    numbers = {label: number for number, label in enumerate(labels)}
    found = [_linked(side, numbers) for side in (old, new)]
    groups = _merged(
        [side.templates[at].label for at in group]
        for side, linked in zip((old, new), found, strict=True)
        for group in linked.groups
    )
    first, second = (_side(side, linked, groups) for side, linked in zip((old, new), found, strict=True))
    return first, second


def _linked(side: ComparisonSide, numbers: Mapping[str, int]) -> LinkedInputs:
    called = {
        named.label: named.label.partition("/")[2] or f"template {numbers[named.label]}" for named in side.templates
    }
    is_clear = len(set(called.values())) == len(called)
    return linked_inputs(
        [
            Neighbour(named.template, called[named.label] if is_clear else named.label, numbers[named.label])
            for named in side.templates
        ]
    )


def _refused(side: ComparisonSide, linked: LinkedInputs) -> Iterator[PolicySyntaxError]:
    """What AWS would refuse, and is only known next to the others."""
    for named, now in zip(side.templates, linked.inputs, strict=True):
        known = {str(error) for error in named.template.errors}
        yield from (side.refusal(error) for error in now.errors if str(error) not in known)


def _side(side: ComparisonSide, linked: LinkedInputs, groups: Sequence[Sequence[str]]) -> LinkedSide:
    templates = tuple(
        NamedTemplate(template, named.label) for template, named in zip(linked.inputs, side.templates, strict=True)
    )
    places = {named.label: at for at, named in enumerate(templates)}
    sources = {
        templates[at].label: frozenset(templates[there].label for there in taken)
        for at, taken in linked.sources.items()
    }
    joined = []
    for group in groups:
        # What a macro may change is judged by itself.
        there = tuple(label for label in group if places.get(label) in linked.called)
        if there:
            joined.append(JoinedTemplates(*linked.joined([places[label] for label in there]), there))
    called = {templates[at].label: name for at, name in linked.called.items()}
    return LinkedSide(side._replace(templates=templates), sources, tuple(joined), tuple(_refused(side, linked)), called)


def _merged(groups: Iterable[Sequence[str]]) -> list[list[str]]:
    """Groups that have something in common as one, what is in them in the order of the first."""
    out: list[list[str]] = []
    for group in groups:
        own = list(group)
        for other in [one for one in out if not set(one).isdisjoint(own)]:
            out.remove(other)
            own = list(dict.fromkeys((*other, *own)))
        out.append(own)
    return out
