"""
Values that go through the Parameter Store of Systems Manager, Secrets Manager or a state of Terraform: a policy that
reads one by its name says the same on both sides, and lets in somebody else since what is put there is not what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple
from zlib import crc32

from trustproof.comparison.assignments.assignments import compare_each_case
from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.pairs.pairs import Everything
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.values.look_ups import symbols_of
from trustproof.inputs.reader import Input
from trustproof.model.document import Document
from trustproof.model.policy import Statement
from trustproof.model.stored_values import STATE, StoredValue, is_exact, may_be, what_is_kept
from trustproof.model.substitution import bind_document

#: So many states are followed through which one value goes.
_MOST_HANDS = 4
#: In the names of what only one template calls so.
_OF_ONE = "<"


class _ReadValues(NamedTuple):
    """
    A pair, each side with the values that it reads as its templates put them there.
    """

    pair: Pair
    #: Values that are not what they were, in words.
    changes: tuple[str, ...] = ()
    #: Why it is not known what such a change comes to.
    doubts: tuple[str, ...] = ()


class StoredValues:
    """
    What the templates of both sides put where others read it by name.
    """

    def __init__(self, new: ComparisonSide, old: ComparisonSide) -> None:
        self._new, self._old = new, old

    @cached_property
    def _stored(self) -> tuple[list[tuple[NamedTemplate, Mapping[str, StoredValue]]], ...]:
        return tuple(
            _handed_on([(named, found) for named in side.templates if (found := named.template.stored_values())])
            for side in (self._new, self._old)
        )

    @cached_property
    def _changed(self) -> frozenset[str]:
        """The names under which something is kept that is not what it was, in some account."""
        sides = [
            {(name, named.template.account, value) for named, found in side for name, value in found.items()}
            for side in self._stored
        ]
        return frozenset(name for name, _, _ in sides[0] ^ sides[1])

    def readers(self) -> set[str]:
        """What the templates are called that read something which is not what it was."""
        if not self._changed:
            return set()
        return {
            named.label
            for side in (self._new, self._old)
            for named in side.templates
            if any(
                may_be(read, kept)
                for name in (repr(named.template.written(())), *named.template.parameter_names)
                for read in named.template.read_from(name)
                for kept in self._changed
            )
        }

    def compared(
        self, pair: Pair, renamed: Mapping[str, str], everything: Everything
    ) -> Iterator[StatementGain | OpenQuestion]:
        """As `compare_each_case`, with what each side reads as its templates put it there."""
        read = self._read(pair)
        for found in compare_each_case(*read.pair, renamed, everything):
            yield found._replace(notes=(*found.notes, *read.changes)) if isinstance(found, StatementGain) else found
        if read.doubts and pair[0] is not None:
            yield OpenQuestion(pair[0], read.doubts)

    def _read(self, pair: Pair) -> _ReadValues:
        """A pair with the values that are known on both sides, and are not the same."""
        new, old = pair
        if new is None or old is None or not self._changed:
            return _ReadValues(pair)
        values: tuple[dict[str, str], dict[str, str]] = ({}, {})
        changes: list[str] = []
        doubts: list[str] = []
        there = [dict.fromkeys((*_names(one.all_documents), *one.opaque)) for one in (new, old)]
        for name in there[0]:
            # Of several templates together, each says what its own names are.
            templates, own = [_read_in(one, name)[0] for one in (new, old)], _read_in(new, name)[1]
            for kept, is_whole in templates[0].read_from(own).items() if name in there[1] else ():
                sides = [self._kept(number, one, templates[number], kept) for number, one in enumerate((new, old))]
                known = [_known(one) for one in sides]
                said = what_is_kept(kept)
                if sides[0] == sides[1]:
                    continue
                if is_whole and None not in known:
                    values[0][name], values[1][name] = map(str, known)
                    changes.append(f'{said}, which it reads, was "{known[1]}", is "{known[0]}"')
                elif templates[0].made_of(own) == templates[1].made_of(own):
                    # What another template puts there: of their own, they say it.
                    doubts.append(f"{said}, which it reads, is made of something else on the new side")
        return _ReadValues(
            (_bound(new, values[0]), _bound(old, values[1])),
            tuple(dict.fromkeys(changes)),
            tuple(dict.fromkeys(doubts)),
        )

    def _kept(self, number: int, subject: Subject, reader: Input, name: str) -> frozenset[StoredValue]:
        """
        What may be kept under a name where a policy of a subject reads it.

        Args:
            number: of the side.
            reader: the template of that policy.
        """
        exact = frozenset(
            found[name]
            for named, found in self._stored[number]
            if name in found
            and (_OF_ONE not in name or (named.template is reader if subject.parts else named.label == subject.label))
            # Whoever may read a state names it in full, in which account it is.
            and (
                name.startswith(STATE)
                or None in (reader.account, named.template.account)
                or reader.account == named.template.account
            )
        )
        if not name.startswith(STATE) or (exact and is_exact(name)):
            return exact
        there = (one for _, found in self._stored[number] for kept, one in found.items() if may_be(name, kept))
        return frozenset(one._replace(value=None) for one in there)


def _handed_on(
    stored: list[tuple[NamedTemplate, Mapping[str, StoredValue]]],
) -> list[tuple[NamedTemplate, Mapping[str, StoredValue]]]:
    """What templates keep, of which some hands on what it reads in the state of another: that is what it is made of."""
    if len(stored) < 2:
        return stored
    read = {
        (place, name): [one for one in named.template.read_from(kept.made_of) if one.startswith(STATE)]
        for place, (named, found) in enumerate(stored)
        for name, kept in found.items()
        if name.startswith(STATE) and kept.value is None
    }
    for _ in range(_MOST_HANDS if any(read.values()) else 0):
        everything = [(name, kept) for _, found in stored for name, kept in found.items()]
        made = {
            key: sorted(kept.made_of for name, kept in everything if any(may_be(one, name) for one in names))
            for key, names in read.items()
            if names
        }
        stored = [
            (
                named,
                {
                    name: kept._replace(made_of=f"{kept.made_of} {crc32(repr(made[place, name]).encode())}")
                    if (place, name) in made
                    else kept
                    for name, kept in found.items()
                },
            )
            for place, (named, found) in enumerate(stored)
        ]
    return stored


def _read_in(subject: Subject, name: str) -> tuple[Input, str]:
    """The template in which something has a name that policies of a subject have, and how it is called there."""
    found = [part for part in subject.parts if name.startswith(f"{part.label}/")]
    if not found:
        return subject.context.template, name
    part = max(found, key=lambda one: len(one.label))
    return part.template, name.removeprefix(f"{part.label}/")


def _known(found: frozenset[StoredValue]) -> str | None:
    values = {one.value for one in found}
    return values.pop() if len(values) == 1 else None


def _names(documents: Sequence[Document]) -> Iterator[str]:
    """The names of what is not known of policies, and of what decides whether their statements are there."""
    for document in documents:
        for statement in document.policy.statements:
            yield from _names_of(statement)


def _names_of(statement: Statement) -> Iterator[str]:
    yield from (symbol.name for symbol in symbols_of(statement))
    yield from (guard.name for guard in statement.guards)


def _bound(subject: Subject, values: Mapping[str, str]) -> Subject:
    if not values:
        return subject
    limit = subject.permissions_boundary
    return subject._replace(
        documents=tuple(bind_document(one, values) for one in subject.documents),
        permissions_boundary=None if limit is None else bind_document(limit, values),
        alternatives=tuple(_bound(one, values) for one in subject.alternatives),
        read_values=values,
    )
