"""
Control policies, compared: whom one stops on one side only, among those whom other policies in sight let in.

They count where `check` counts them, and where nothing of those that changed is open: else only what both sides deny.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeAlias

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import Controls, accounts_below, certain, named_controls
from trustproof.analysis.controls.planned_controls import SaidOfControls
from trustproof.comparison.pairs.denials import may_call
from trustproof.comparison.subjects.controls_around import documents_around
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.comparison.subjects.subjects import Subject
from trustproof.config.model import Organization
from trustproof.model.document import CONTROL, IDENTITY, RESOURCE, Document
from trustproof.model.policy import ALLOW, DENY, Path, Statement
from trustproof.model.request import Request
from trustproof.proving.first_excess import first_denied
from trustproof.proving.sides import Scene, Side, denies, same

_OF_RESOURCES = "RESOURCE_CONTROL_POLICY"
#: Where a control policy stands: the template, as both sides call it, and the path therein.
Place: TypeAlias = "tuple[str, Path]"
#: What `FullAWSAccess` allows.
_EVERYTHING = Statement(ALLOW, actions=("*",), resources=("*",))


class _Control(NamedTuple):
    """
    A control policy of one side.
    """

    #: As it is written.
    document: Document
    #: What it certainly denies, at all values of parameters.
    denied: tuple[Document, ...]
    context: TemplateContext

    @property
    def organization(self) -> Organization | None:
        """The one that the configuration declares."""
        return self.context.config.organization

    @property
    def is_known(self) -> bool:
        """Whether what is certain of it is all that it says, and the configuration says whom it reaches."""
        document = self.document
        if document.guards or len(self.denied) != 1 or not accounts_below(self.organization, document.targets):
            return False
        written = [_plain(one) for one in document.policy.statements if one.effect == DENY]
        return written == [_plain(one) for one in self.denied[0].policy.statements]

    @property
    def allows(self) -> set[Statement]:
        """What it does not keep from anybody."""
        return {_plain(one) for one in self.document.policy.statements if one.effect == ALLOW}


class ComparedControls(NamedTuple):
    """
    The control policies of both sides.
    """

    #: What counts on the new side, and on the old one.
    new: Controls
    old: Controls
    #: Those that are not the same on both sides.
    changed: tuple[Place, ...]
    #: These, where everything is known of all of them; else none.
    known: frozenset[Place]
    #: Of these, what the old side denies and the new one does not: why it is not known whom that lets in, in words.
    denied_no_more: Mapping[Place, tuple[str, ...]]


def compared_controls(
    new: Sequence[tuple[str, TemplateContext]], old: Sequence[tuple[str, TemplateContext]]
) -> ComparedControls:
    """
    What control policies of two sides come to.

    Args:
        new: each template of the side that has some, by what both sides call it.
        old: likewise.
    """
    now, before = _by_place(new), _by_place(old)
    changed = [place for place in {**now, **before} if not _is_same(now.get(place), before.get(place))]
    is_known = all(_is_known(now.get(place), before.get(place)) for place in changed)
    # What is open may deny just what another one denied.
    left_out = () if is_known else changed
    mine, theirs = _counting(new, now, left_out), _counting(old, before, left_out)
    if not is_known:
        return ComparedControls(mine, theirs, tuple(changed), frozenset(), {})
    no_more = {place: _denied_no_more(before[place], now.values()) for place in changed if place in before}
    no_more = {place: why for place, why in no_more.items() if why}
    return ComparedControls(mine, theirs, tuple(changed), frozenset(changed), no_more)


def stopping(subject: Subject, request: Request) -> Iterator[Document]:
    """The control policies that deny somebody a request."""
    there = dict.fromkeys(one for document in subject.documents for one in documents_around(subject.context, document))
    yield from (one for one in there if denies(Side((one.policy,)), request))


def where_declared(side: ComparisonSide, control: Document) -> Iterator[tuple[NamedTemplate, Document]]:
    """The control policy of a side that denies something, with the template that it stands in: one at most."""
    there = ((named, one) for named in side.templates for one in named.template.documents if one.kind == CONTROL)
    called = (control.logical_id, control.name, control.targets)
    yield from islice((it for it in there if (it[1].logical_id, it[1].name, it[1].targets) == called), 1)


def _by_place(side: Sequence[tuple[str, TemplateContext]]) -> dict[Place, _Control]:
    found: dict[Place, _Control] = {}
    for label, context in side:
        denied = certain(context)
        for one in (one for one in context.template.documents if one.kind == CONTROL):
            own = tuple(it for it in denied if (it.logical_id, it.path) == (one.logical_id, one.path))
            found[label, one.path] = _Control(one, own, context)
    return found


def _is_same(one: _Control | None, other: _Control | None) -> bool:
    if one is None or other is None:
        return False
    mine, theirs = one.document, other.document
    is_alike = mine.name == theirs.name and {*mine.targets} == {*theirs.targets}
    return is_alike and same(Side((mine.policy,)), Side((theirs.policy,)))


def _is_known(now: _Control | None, before: _Control | None) -> bool:
    """Whether all that a control policy came to be, and has been, is known, and whom it reaches."""
    there = [one for one in (now, before) if one is not None]
    if not all(one.is_known for one in there):
        return False
    if now is None or before is None:
        return there[0].allows <= {_EVERYTHING}
    # What it is attached to no more, something may attach it to that nobody reads.
    is_attached = {*before.document.targets} <= {*now.document.targets}
    return is_attached and now.document.name == before.document.name and now.allows == before.allows


def _counting(
    side: Sequence[tuple[str, TemplateContext]], controls: Mapping[Place, _Control], left_out: Collection[Place]
) -> Controls:
    kept = [one for place, one in controls.items() if place not in left_out]

    def said(context: TemplateContext) -> SaidOfControls:
        denied = tuple(it for one in kept if one.context is context for it in one.denied)
        organization, template = context.config.organization, context.template
        return SaidOfControls(template.name, organization, denied, template.outward_changes)

    return named_controls(said(context) for _, context in side)


def _denied_no_more(control: _Control, now: Collection[_Control]) -> tuple[str, ...]:
    """Why somebody may have gained what a control policy of the old side denied; empty where nobody can have."""
    (denied,) = control.denied
    reached = {*accounts_below(control.organization, denied.targets)}
    policies = [
        one.policy
        for it in now
        for one in it.denied
        if one.name == denied.name and reached <= {*accounts_below(it.organization, one.targets)}
    ]
    kind = RESOURCE if denied.name == _OF_RESOURCES else IDENTITY
    scene = Scene(kind, min(reached), control.context.partition)
    found = first_denied(Side((denied.policy,)), Side(tuple(policies)), scene)
    if isinstance(found, Request):
        return (f"a control policy denied it and does no more, so where other policies allow it, {may_call(found)}",)
    return found


def _plain(statement: Statement) -> Statement:
    """A statement without its place."""
    conditions = tuple(one._replace(path=()) for one in statement.conditions)
    return statement._replace(path=(), sid=None, conditions=conditions)
