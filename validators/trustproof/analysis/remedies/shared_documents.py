"""
Remedies of a document that several resources share: what is right for one of them may lock out whom another one is for.

A YAML anchor, a document that a data source of Terraform gives, or a module that is called twice stands in one place.
A data source with ``for_each`` stands in one place too, and need not say the same for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import product
from os.path import abspath
from typing import NamedTuple, TypeAlias

from trustproof.analysis.remedies.shared_statements import (
    Stated,
    changed_statements,
    changes,
    is_right_for,
    is_right_for_each,
)
from trustproof.escaping.text import first_of
from trustproof.inputs.source_texts import SourceTexts
from trustproof.model.policy import Path
from trustproof.proving.senders import is_doubted
from trustproof.results.remedy_kinds import kind_of_remedy
from trustproof.results.result import REFUTED, Remedy, Result

#: How many resources a remedy names.
_NAMED = 3
#: What a resource of Terraform is called in its module.
_ADDRESS = re.compile(r"(?:module\.[\w-]+(?:\[[^\]]*\])?\.)*(\w+\.[\w-]+)(?:\[[^\]]*\])?")
_STATEMENT = "Statement"
_EFFECT = "Effect"
_At: TypeAlias = tuple[str, int, int]
#: How types begin of which several resources may have one policy that is written once.
_OF_TERRAFORM = "aws_"


class _Place(NamedTuple):
    """
    Where findings of one property stand.
    """

    template: str
    property: str
    position: object


class Owner(NamedTuple):
    """
    What a result is of.
    """

    #: Of its template in the run: a file may be read several times, for several stacks.
    template: int
    logical_id: str


class _Sharer(NamedTuple):
    """
    A statement, and whose it is.
    """

    owner: Owner
    stated: Stated


def for_sharers(
    results: Sequence[Result],
    owners: Sequence[Owner],
    templates: Sequence[tuple[str, Sequence[Stated]]],
    sources: SourceTexts,
) -> list[Result]:
    """
    The results, in words where a diff would change what another resource, or another stack, has from the same text, and
    that one is to be put right in another way, or not at all.

    Args:
        owners: what each of the first results is of; the others are about all templates together.
        templates: those of the run by name, with what they say.
    """
    places = _places(results, sources)
    together: dict[_Place, list[Result]] = {}
    for result, place in zip(results, places, strict=True):
        if place is not None:
            together.setdefault(place, []).append(result)
    found = [
        result if place is None else _in_words(result, together[place])
        for result, place in zip(results, places, strict=True)
    ]
    return _where_called_for(found, owners, templates, sources)


def _where_called_for(
    results: list[Result],
    owners: Sequence[Owner],
    templates: Sequence[tuple[str, Sequence[Stated]]],
    sources: SourceTexts,
) -> list[Result]:
    """
    The results, in words where a diff would change a statement that lets in others elsewhere, and is not called for
    there: a condition that one service meets, another one may never meet.
    """
    asked: dict[Owner, list[Result]] = {}
    for result, owner in zip(results, owners, strict=False):
        asked.setdefault(owner, []).append(result)
    texts = _Texts(templates, sources)
    found = list(results)
    for number, (result, owner) in enumerate(zip(results, owners, strict=False)):
        if result.verdict != REFUTED or result.remedy is None or not result.remedy.edits:
            continue
        changed = texts.changed(result, owner)
        if not all(is_right_for_each(result, one.stated, asked[owner]) for one in changed):
            found[number] = _where_a_condition_decides(result)
            continue
        others: dict[Owner, None] = {}
        for own in changed:
            for other in texts.sharers(result, own):
                if not is_right_for(
                    result, own.stated.callers, other.stated.callers, asked.get(other.owner, ()), other.stated.path
                ):
                    others[other.owner] = None
        if others:
            is_exact = any(texts.is_exact(result, own) for own in changed)
            found[number] = _with_one_of_its_own(result, [*texts.names(others, owner)], is_exact=is_exact)
    return found


class _Texts:
    """
    The statements of a run, by the text that each is written in.
    """

    def __init__(self, templates: Sequence[tuple[str, Sequence[Stated]]], sources: SourceTexts) -> None:
        self._templates = templates
        self._sources = sources
        self._positions: dict[int, dict[_At, list[_Sharer]]] = {}

    @cached_property
    def _by_path(self) -> Mapping[tuple[str, Path], list[_Sharer]]:
        """Those of one file at one path: it is read for each stack that is made of it, and a loop has one body."""
        found: dict[tuple[str, Path], list[_Sharer]] = {}
        for number, (name, stated) in enumerate(self._templates):
            for one in stated:
                found.setdefault((name, one.path), []).append(_Sharer(Owner(number, one.logical_id), one))
        return found

    @cached_property
    def _by_address(self) -> Mapping[str, Set[int]]:
        """The templates that have a resource of some name in whichever module."""
        found: dict[str, set[int]] = {}
        for number, (_, stated) in enumerate(self._templates):
            for one in stated:
                found.setdefault(_in_its_module(one.logical_id), set()).add(number)
        return found

    @cached_property
    def _by_block(self) -> Mapping[object, list[_Sharer]]:
        """Those of the instances of one block."""
        found: dict[object, list[_Sharer]] = {}
        for number, (_, stated) in enumerate(self._templates):
            for one in stated:
                sharer = _Sharer(Owner(number, one.logical_id), one)
                found.setdefault(_block(sharer), []).append(sharer)
        return found

    def changed(self, result: Result, owner: Owner) -> list[_Sharer]:
        """The statements of the owner of a result that its diff changes."""
        assert result.remedy is not None
        own = [one for one in self._templates[owner.template][1] if one.logical_id == owner.logical_id]
        paths = changed_statements(result.remedy, (one.path for one in own))
        return [_Sharer(owner, one) for one in own if one.path in paths]

    def sharers(self, result: Result, own: _Sharer) -> Iterator[_Sharer]:
        """The other statements that stand in the text of one."""
        yield from (one for one in self._by_path.get((result.template, own.stated.path), ()) if one.owner != own.owner)
        is_of_terraform = result.resource_type.startswith(_OF_TERRAFORM)
        at = self._at(result.template, own.stated.path)
        is_exact = self.is_exact(result, own)
        if not is_of_terraform and (at is None or not is_exact):
            return
        if at is None:
            # A plan by itself says what a block is called, and not in which file it is.
            same = self._by_block.get(_block(own), ())
            yield from (one for one in same if one.owner != own.owner)
            return
        about = {own.owner.template}
        if is_of_terraform:
            about.update(self._by_address.get(_in_its_module(own.stated.logical_id), ()))
        # What is merged with something else stands where that is done, and its elements where they were. A YAML alias
        # stands behind the elements that it has.
        effect = self._at(result.template, (*own.stated.path, _EFFECT))
        is_before = effect is not None and effect[:2] < at[:2] and is_of_terraform
        places = [at] if effect is None or is_before else [at, effect]
        for number, place in product(sorted(about), places):
            for other in self._at_positions(number).get(place, ()):
                if other.owner != own.owner or (is_exact and other.stated.path != own.stated.path):
                    yield other

    def is_exact(self, result: Result, own: _Sharer) -> bool:
        """
        Whether it is known where a statement stands, and not only of what it is a part: a text may be filled in with
        statements. What one resource says twice stands at one place where it is a loop, too.
        """
        return self._at(result.template, own.stated.path) != self._at(result.template, own.stated.path[:-1])

    def names(self, others: Iterable[Owner], own: Owner) -> Iterator[str]:
        """What to call the owners of statements; empty for the one whose statements all are."""
        for one in others:
            name = self._templates[one.template][0]
            if one.template == own.template:
                yield one.logical_id if one != own else ""
            elif name == self._templates[own.template][0]:
                yield f"another stack of {name}"
            else:
                yield f"{one.logical_id} of {name}"

    def _at_positions(self, number: int) -> Mapping[_At, list[_Sharer]]:
        if number not in self._positions:
            name, stated = self._templates[number]
            found: dict[_At, list[_Sharer]] = {}
            for one in stated:
                places = (self._at(name, path) for path in (one.path, (*one.path, _EFFECT)))
                for at in dict.fromkeys(place for place in places if place is not None):
                    found.setdefault(at, []).append(_Sharer(Owner(number, one.logical_id), one))
            self._positions[number] = found
        return self._positions[number]

    def _at(self, template: str, path: Path) -> _At | None:
        position = self._sources.position(template, path)
        if position is None or not position.in_file:
            return None
        return abspath(position.file or template), position.line, position.column


def _block(one: _Sharer) -> object:
    """What instances of one block have in common; two modules of which one block is called alike may be one."""
    return one.owner.template, _in_its_module(one.owner.logical_id), one.stated.path[2:]


def _in_its_module(address: str) -> str:
    """The type and name of a resource of Terraform, without its module and its key; of another one all."""
    found = _ADDRESS.fullmatch(address)
    return address if found is None else found[1]


def _places(results: Sequence[Result], sources: SourceTexts) -> list[_Place | None]:
    """Where each refutation stands; None for other results, and where a template says nothing in two ways."""
    remedies: dict[tuple[str, str], set[object]] = {}
    for result in results:
        if result.verdict == REFUTED and result.remedy is not None:
            remedies.setdefault((result.template, result.property), set()).add(changes(result.remedy))
    found: list[_Place | None] = []
    for result in results:
        about = (result.template, result.property)
        is_asked = result.verdict == REFUTED and result.remedy is not None and len(remedies[about]) > 1
        position = sources.position(result.template, (*result.path, *result.caret)) if is_asked else None
        at: tuple[object, ...] | None = (
            None
            if position is None or not position.in_file
            else (position.file, position.line, position.column, position.end_column)
        )
        if at is not None and result.resource_type.startswith(_OF_TERRAFORM):
            # A variable that several policies name is shared by them, and what they say beside it is not.
            own = sources.position(result.template, result.path)
            at = (*at, own and (own.file, own.line, own.column))
        found.append(None if at is None else _Place(*about, at))
    return found


def _in_words(result: Result, beside: Sequence[Result]) -> Result:
    """A result without its diff where another resource at the same place is to be put right in another way."""
    assert result.remedy is not None
    own = changes(result.remedy)
    differing = [one for one in beside if one.remedy is not None and changes(one.remedy) != own]
    remedies = [result.remedy, *(one.remedy for one in differing if one.remedy is not None)]
    doubted = [one for one in remedies if not one.edits]
    if doubted and all(one in doubted or is_doubted(doubted[0], one) for one in remedies) and len(set(doubted)) == 1:
        # Who assumes one of them is known no better for the text that they share: it is changed for all, or for none.
        return result._replace(remedy=doubted[0])
    others = [name for name in dict.fromkeys(one.logical_id for one in differing) if name != result.logical_id]
    if others and _are_of_one_kind([result, *differing]):
        return result._replace(remedy=Remedy(f"{result.remedy.text}, as is right for each that has the same text"))
    return _with_one_of_its_own(result, others) if others else result


def _are_of_one_kind(results: Iterable[Result]) -> bool:
    """Whether the same is to be done at each, and only the values differ, or are known for some: one change does it."""
    words, changed = zip(*map(kind_of_remedy, results), strict=True)
    return len({*words}) == 1 and len({*filter(None, changed)}) <= 1


def _with_one_of_its_own(result: Result, others: Sequence[str], *, is_exact: bool = True) -> Result:
    """
    A result without its diff, which names the others that this would change.

    Args:
        others: empty for what the resource itself says otherwise.
        is_exact: whether the statement itself stands in the text, as far as that is known.
    """
    assert result.remedy is not None
    is_document = any(_STATEMENT in edit.path for edit in result.remedy.edits)
    named = list(filter(None, dict.fromkeys(others)))
    if named:
        has = "has" if len(named) == 1 else "have"
        whose = f"{first_of(named, _NAMED, ' and ')} {has} the same {'document' if is_document else 'block'}"
    else:
        whose = "another statement has the same text"
    them = "them" if len(named) > 1 else "it"
    own = f"give {result.logical_id if named else 'this one'} one of its own"
    what_to_do = own if is_document else f"{own}, or let what differs decide"
    if named and not is_exact:
        whose = f"{first_of(named, _NAMED, ' and ')} {'is' if len(named) == 1 else 'are'} made of the same text"
        what_to_do = f"make it for {result.logical_id} alone"
    return result._replace(
        remedy=Remedy(f"{whose}, and this change may be wrong for {them}: {what_to_do}; there, {result.remedy.text}")
    )


def _where_a_condition_decides(result: Result) -> Result:
    """A result without its diff, which is right for one of those only whom a condition lets in there."""
    assert result.remedy is not None
    is_document = any(_STATEMENT in edit.path for edit in result.remedy.edits)
    own = "a statement of its own" if is_document else "one of its own"
    text = (
        "this change may be wrong for whom a condition lets in there instead: "
        f"give each {own}, or let the condition decide of the change too; there, {result.remedy.text}"
    )
    return result._replace(remedy=Remedy(text))
