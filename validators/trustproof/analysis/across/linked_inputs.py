"""
Inputs that speak of each other's things, as they are next to each other: for whoever compares or explains them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trustproof.inputs.discovery.inputs import LINKING
from trustproof.inputs.linking import Member, Part
from trustproof.inputs.reader import Input


class Neighbour(NamedTuple):
    """
    An input among others.
    """

    input: Input
    #: What it is called in what others take from it, and no other one is; empty where that is left to the inputs.
    called: str
    #: By which names are made up that AWS generates.
    number: int


class LinkedInputs(NamedTuple):
    """
    What inputs are next to each other.
    """

    #: In the order in which they were given.
    inputs: tuple[Input, ...]
    #: What each takes from which others, by place.
    sources: Mapping[int, tuple[int, ...]]
    #: The places of those whose users, groups and roles are to be judged together.
    groups: tuple[tuple[int, ...], ...]
    #: What each is called among them, by place.
    called: Mapping[int, str]
    #: By place: kind and name of what several declare, to the reason to say.
    ambiguous: Mapping[int, Mapping[tuple[str, str], str]]

    def joined(self, group: Sequence[int]) -> tuple[Input, tuple[Part, ...]]:
        """
        Some of them as one, as far as they say what users, groups and roles may do; and what it was made of.

        Args:
            group: their places.
        """
        parts = tuple(Part(self.called[at], self.inputs[at]) for at in group)
        ambiguous = {key: reason for at in group for key, reason in self.ambiguous.get(at, {}).items()}
        return LINKING.join(parts, ambiguous), parts


def linked_inputs(found: Sequence[Neighbour]) -> LinkedInputs:
    """
    Inputs with the values that they take from each other.

    Raises:
        InputError: one of them is no longer what it was.
    """
    inputs = [one.input for one in found]
    members = _members(found, inputs)
    links = LINKING.links(members, lambda at: inputs[at])
    if not LINKING.may_speak_of_each_other([member.linkable for member in members]):
        return LinkedInputs(tuple(inputs), {}, (), links.labels, {})
    sources: dict[int, tuple[int, ...]] = {}
    relinked = list(inputs)
    for member in members:
        if (taken := links.linked_values(member.at)) is not None:
            values, sources[member.at] = taken
            relinked[member.at] = inputs[member.at].relinked(values).open()
    again = _members(found, relinked)
    links = LINKING.links(again, lambda at: relinked[at])
    return LinkedInputs(
        tuple(relinked),
        sources,
        tuple(links.together()),
        links.labels,
        {member.at: links.ambiguous(member.at) for member in again},
    )


def _members(found: Sequence[Neighbour], inputs: Sequence[Input]) -> list[Member]:
    out = []
    for at, (one, input_) in enumerate(zip(found, inputs, strict=True)):
        linkable = LINKING.linkable(input_)
        if linkable is not None:
            out.append(Member(at, (one.number, 0), linkable, bool(input_.doubt), one.called))
    return out
