"""
What is compared: whom a role or a resource lets in, and what somebody may do by all policies together.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import NamedTuple

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.surroundings import around
from trustproof.analysis.holders.holdings import TYPES, Holding, Holdings
from trustproof.comparison.subjects.controls_around import documents_around
from trustproof.comparison.subjects.policy_texts import mark_of, text_around
from trustproof.comparison.values.account_principals import accounts_by_arn, with_arns
from trustproof.comparison.values.look_ups import names_in, renamed_between, symbols_of, values_of
from trustproof.comparison.values.other_values import made_otherwise, other_defaults
from trustproof.comparison.values.policy_variables import known_name, other_spellings, with_name, with_spelling
from trustproof.inputs.discovery.inputs import LINKING
from trustproof.inputs.linking import Part
from trustproof.inputs.reader import Input
from trustproof.model.deployments import Deployments
from trustproof.model.document import IDENTITY, RESOURCE, TRUST, Document
from trustproof.model.policy import Guard, Path, Policy, Statement
from trustproof.model.principals import Holder
from trustproof.model.substitution import bind_statement, bind_text
from trustproof.model.text import Symbol, Text
from trustproof.properties.question import Subject as Asked
from trustproof.properties.shared.bucket_principals import access_identities, with_makers_of_requests
from trustproof.proving.sides import Side
from trustproof.results.result import BUDGET

#: What the sides are called.
OLD, NEW = "old", "new"
#: How that begins which may give something, and not only take it away.
_GIVING = ("the managed policy ", "the group ")


class Subject(NamedTuple):
    """
    Policies that stand together, on one side of a comparison.
    """

    #: `TRUST`, `RESOURCE` or `IDENTITY`.
    kind: str
    #: What its side is called.
    side_name: str
    context: TemplateContext
    #: The template among those of its side.
    label: str
    logical_id: str
    resource_type: str
    construct_path: str | None
    path: Path
    #: Of the role or resource, or of the identity; what is not known has no name that could be compared.
    arn: Text
    #: With the conditions of their resources as guards of every statement.
    documents: tuple[Document, ...]
    permissions_boundary: Document | None
    deployments: Deployments
    #: What messages call it.
    called: str
    #: Whose policies they are; None for those of a role or resource, and for those that nobody in the template has.
    holder: Holder | None = None
    #: What else it holds and nobody can read, by name.
    opaque: frozenset[str] = frozenset()
    #: Why what is found may be stopped all the same.
    doubts: tuple[str, ...] = ()
    #: Why it is not known what it holds.
    unclear: tuple[str, ...] = ()
    #: Settings besides policies that decide who gets in, in words.
    settings: tuple[str, ...] = ()
    #: The origin access identities for which CloudFront is let in.
    access_identities: frozenset[str] = frozenset()
    #: Where its context is of several templates together: these.
    parts: tuple[Part, ...] = ()
    #: Whether what stands around its policies is compared with them.
    is_surrounded: bool = False
    #: Whether what control policies deny is compared with them.
    is_controlled: bool = False
    #: Denies of requests that nobody can send.
    impossible: tuple[Statement, ...] = ()
    #: What holds where it has this permissions boundary, if conditions decide which it is.
    under: tuple[Guard, ...] = ()
    #: The same holder with the other permissions boundaries that conditions may give it.
    alternatives: tuple[Subject, ...] = ()
    #: What it reads elsewhere, by the names of the values, where that is known and is not what it is on the other side.
    read_values: Mapping[str, str] = {}
    #: Of a managed policy: whether somebody has it, or it limits somebody: then it is compared with what they have. Or
    #: whether all are known who may have it, and nobody does.
    is_held: bool = False
    #: What other templates call its template in what they take from it; empty where none can take anything.
    linked_as: str = ""

    @property
    def in_each_case(self) -> tuple[Subject, ...]:
        """The subject itself, then its alternatives."""
        return (self, *self.alternatives)

    def where(self, guards: tuple[Guard, ...]) -> Subject:
        """The same, with what it has only where some guards hold."""
        documents = tuple(
            self.context.subject(one._replace(guards=tuple(dict.fromkeys((*one.guards, *guards))))).document
            for one in self.documents
        )
        return self._replace(documents=documents)

    @property
    def name(self) -> str:
        """The ARN where it is known; else empty."""
        return self.arn if isinstance(self.arn, str) and self.arn != "*" else ""

    def gives_unread(self, other: Subject) -> Iterator[str]:
        """The policies and groups that it has, and another one does not, of which nobody knows what they give."""
        return (one for one in sorted(self.opaque - other.opaque) if one.startswith(_GIVING))

    @property
    def asked(self) -> Asked:
        """The same, as properties ask about it."""
        context = self.context
        others, limit = self.documents[1:], self.permissions_boundary
        documents = self.documents or (Document(self.kind, Policy(()), "", "", ()),)
        return Asked(
            documents[0],
            context.account,
            context.partition,
            context.config,
            others,
            limit,
            self.holder,
            context.organization,
            context.template.account is not None,
        )

    def at_home(self, path: Path) -> tuple[Input, Path]:
        """The template that a path of the context leads into, and where there."""
        if not self.parts:
            return self.context.template, path
        part, home = LINKING.at_home(path, self.parts)
        return part.template, home

    @property
    def home(self) -> Input:
        """The template that it stands in."""
        return self.at_home(self.path)[0]

    @property
    def all_documents(self) -> tuple[Document, ...]:
        """Everything that decides."""
        limit = self.permissions_boundary
        return self.documents if limit is None else (*self.documents, limit)

    def deployed(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """One of its documents as a deployment with some values has it; None where it then does not exist."""
        found = self.deployments.document(document, {**self.read_values, **values})
        return None if found is None else with_makers_of_requests(found)

    def surrounded(self, document: Document) -> Policy:
        """The policy of one of its documents, with what stands around it if that is compared."""
        denies = [*self.impossible, *(around(self.context, document).denies if self.is_surrounded else ())]
        if self.is_controlled and document is not self.permissions_boundary:
            # Beside each policy, since each of them may be the only one that is deployed.
            denies += [it for one in documents_around(self.context, document) for it in one.policy.statements]
        policy = document.policy
        return policy._replace(statements=(*policy.statements, *denies)) if denies else policy

    def side(self, other: Subject | None, renamed: Mapping[str, str]) -> Side:
        """
        The policies, to be compared with those of another one: what both say alike must be alike by value as well.

        Args:
            renamed: logical ids of the new side to those that the same resources have on the old side.
        """
        if other is not None and renamed:
            new, old = (self, other) if self.side_name == NEW else (other, self)
            sides = [(one.all_documents, one.context.template) for one in (new, old)]
            renamed = renamed_between(sides[0], sides[1], renamed)
        name = known_name(self.holder, None if other is None else other.holder)
        both = sorted((one for one in (self, other) if one is not None), key=lambda one: one.side_name != OLD)
        spelled = other_spellings(document.policy for one in both for document in one.all_documents)
        accounts = accounts_by_arn(document.policy for one in both for document in one.all_documents)
        written = (with_arns(with_spelling(self.surrounded(one), spelled), accounts) for one in self.all_documents)
        # Of thousands of statements, each is asked about these.
        spoken_of = frozenset() if other is None else names_in(other.all_documents)
        told_apart = partial(
            self._told_apart, other=other, renamed=renamed, called=values_of(renamed), spoken_of=spoken_of
        )
        policies = [
            with_name(policy._replace(statements=tuple(map(told_apart, policy.statements))), name) for policy in written
        ]
        limit = None if self.permissions_boundary is None else policies.pop()
        return Side(tuple(policies), limit)

    def _told_apart(
        self,
        statement: Statement,
        other: Subject | None,
        renamed: Mapping[str, str],
        called: Collection[str],
        spoken_of: Collection[str],
    ) -> Statement:
        """
        A statement with what it depends on: a condition that is defined otherwise on the other side is another.

        Args:
            called: what the old side calls what is renamed.
            spoken_of: the names of values that the other side speaks of.
        """
        if renamed and self.side_name == NEW:
            statement = bind_statement(statement, same_symbols(symbols_of(statement), renamed))
        here, there = self.context.template, None if other is None else other.context.template
        if there is not None and (others := other_defaults(statement, here, there)):
            apart = {name: symbol._replace(name=f"{name} ({self.side_name})") for name, symbol in others.items()}
            statement = bind_statement(statement, apart)
        if there is not None and here is not there:
            apart = made_otherwise(statement, (here, there), called, spoken_of, self.side_name)
            statement = bind_statement(statement, apart)
        guards = tuple(
            guard
            if there is None or here is there or here.definition(guard.name) == there.definition(guard.name)
            else guard._replace(name=f"{guard.name} ({self.side_name})")
            for guard in statement.guards
        )
        unreadable = statement.unreadable
        if unreadable:
            written = here.written(statement.path)
            whole = text_around(here, statement.path) if written is None else json.dumps(written, default=str)
            known = mark_of(whole, self.side_name) if written is None else whole
            # What is nothing but a reason says it once.
            is_said = isinstance(written, Mapping) and [*written.values()] == [*unreadable]
            unreadable = unreadable if is_said else (*unreadable, known)
            if there is not None and not here.is_as_written and here.made_of(whole) != there.made_of(whole):
                unreadable = (*unreadable, f"it is made of something else on the {self.side_name} side")
            if there is not None and here is not there and any(BUDGET in reason for reason in statement.unreadable):
                # Who writes it alike may have changed what it is made of, and nobody has read that to its end.
                unreadable = (
                    *unreadable,
                    f"{BUDGET}: what stands there is not read to its end on the {self.side_name} side",
                )
        if guards == statement.guards and not unreadable:
            return statement
        return statement._replace(guards=guards, unreadable=unreadable)


def same_symbols(symbols: Iterable[Symbol], renamed: Mapping[str, str]) -> dict[str, Symbol]:
    """What has another name, or is made of resources with another logical id, to the same as the old side calls it."""
    out: dict[str, Symbol] = {}
    for symbol in symbols:
        if symbol.name in renamed:
            out[symbol.name] = symbol._replace(name=renamed[symbol.name])
            continue
        logical_id, dot, attribute = symbol.name.partition(".")
        if symbol.kind == "attribute" and logical_id in renamed:
            out[symbol.name] = symbol._replace(name=f"{renamed[logical_id]}{dot}{attribute}")
    return out


def subjects(context: TemplateContext, label: str, side_name: str, *, is_grouped: bool = False) -> Iterator[Subject]:
    """
    What of a template is to be compared, in the order of the template.

    Args:
        is_grouped: whether its users, groups and roles are judged together with those of others, and not here.
    """
    found = _subjects(context, label, side_name)
    yield from (one for one in found if not (is_grouped and one.kind == IDENTITY))


def subjects_together(
    context: TemplateContext, parts: tuple[Part, ...], labels: Sequence[str], side_name: str
) -> Iterator[Subject]:
    """
    What several templates say together of what users, groups and roles may do.

    Args:
        context: of the templates as one.
        labels: what they are called on both sides, as the parts are in order.
    """
    by_part = {part.label: label for part, label in zip(parts, labels, strict=True)}
    for one in _subjects(context, "", side_name):
        if one.kind == IDENTITY:
            part, _ = LINKING.at_home(one.path, parts)
            own = one.logical_id.removeprefix(f"{part.label}/")
            called = one.called.replace(one.logical_id, own)
            yield one._replace(label=by_part[part.label], logical_id=own, called=called, parts=parts)


def _subjects(context: TemplateContext, label: str, side_name: str) -> Iterator[Subject]:
    by_place: dict[tuple[str, str, Path, Text], list[Document]] = {}
    holdings = Holdings(
        context.documents,
        context.template.holders,
        lambda text: bind_text(text, context.assumed),
        context.deployments,
    )
    held = {index for holder in context.template.holders for index in holder.documents}
    held |= {
        boundary.document
        for holder in context.template.holders
        for boundary in holder.boundaries
        if boundary.document is not None
    }
    for index, document in enumerate(context.documents):
        # Control policies give nothing to anybody.
        is_policy = document.kind == IDENTITY and (index not in held or document.resource_type not in TYPES.values())
        if document.kind in (TRUST, RESOURCE) or is_policy:
            # One policy may be that of several resources, as of several topics.
            arn = document.resource_arn if document.kind == RESOURCE else ""
            # One body of Fn::ForEach declares several resources, whose policies stand at one path.
            by_place.setdefault((document.kind, document.logical_id, document.path, arn), []).append(document)
    held_places = {(context.documents[index].logical_id, context.documents[index].path) for index in held}
    for found in by_place.values():
        is_held = found[0].kind == IDENTITY and (
            context.template.presentation.is_whole_account or (found[0].logical_id, found[0].path) in held_places
        )
        yield _of_documents(context, label, side_name, found)._replace(is_held=is_held)
    there = [one for one in holdings.everything if _is_something(one)]
    for _, several in groupby(there, key=lambda one: one.holder):
        first, *others = (_of_holding(context, label, side_name, one) for one in several)
        yield first._replace(alternatives=tuple(others))


def _is_something(holding: Holding) -> bool:
    """Whether somebody has any policy, or may have one: who is left without one is compared with what there was."""
    if holding.holder.logical_id and holding.holder.kind != "group":
        return True
    said = (holding.documents, holding.unknown, holding.unknown_boundary, holding.unclear)
    return any(map(bool, said))


def _of_documents(context: TemplateContext, label: str, side_name: str, documents: list[Document]) -> Subject:
    first = documents[0]
    settings = dict.fromkeys(setting for one in documents for setting in (one.kept_private, one.in_vpc) if setting)
    whose = "whoever has the managed policy " if first.kind == IDENTITY else ""
    return Subject(
        first.kind,
        side_name,
        context,
        label,
        first.logical_id,
        first.resource_type,
        first.construct_path,
        first.path,
        first.resource_arn if first.kind != IDENTITY else "*",
        tuple(with_makers_of_requests(context.subject(document).document) for document in documents),
        None,
        context.deployments,
        f"{whose}{_called(first)}",
        settings=tuple(settings),
        access_identities=frozenset(name for one in documents for name in access_identities(one)),
    )


def _called(document: Document) -> str:
    """A role by its path and name where these are known; anything else by its logical id."""
    arn = document.resource_arn
    return (
        arn.split("/", 1)[-1] if document.kind == TRUST and isinstance(arn, str) and "/" in arn else document.logical_id
    )


def _called_by_name(holder: Holder) -> str:
    """A user, group or role by its path and name where these are known, as a policy would call it."""
    arn = holder.arn
    is_named = holder.kind in ("user", "group", "role") and isinstance(arn, str) and "/" in arn
    return str(arn).split("/", 1)[1] if is_named else holder.logical_id or str(holder.name)


def _of_holding(context: TemplateContext, label: str, side_name: str, holding: Holding) -> Subject:
    holder = holding.holder
    guards = (*holder.guards, *holding.guards)
    documents = tuple(
        context.subject(one._replace(guards=tuple(dict.fromkeys((*one.guards, *guards))))).document
        for one in holding.documents
    )
    construct = next((one.construct_path for one in documents if one.logical_id == holder.logical_id), None)
    opaque = {*holding.unknown_names}
    if holding.unknown_boundary:
        opaque.add(f"the permissions boundary {holding.unknown_boundary}")
    return Subject(
        IDENTITY,
        side_name,
        context,
        label,
        holder.logical_id or str(holder.name),
        TYPES[holder.kind],
        construct,
        holder.path,
        holder.arn,
        documents,
        holding.permissions_boundary,
        holding.deployments,
        f"{'members of group' if holder.kind == 'group' else holder.kind} {_called_by_name(holder)}",
        holder,
        frozenset(opaque),
        holding.doubts,
        holding.unclear,
        under=holding.guards,
    )
