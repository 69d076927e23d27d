"""
A pair of subjects as it is compared: once where one reading says all, else at each assignment of parameters, and where
the values or defaults of a parameter are not the same, each side at those that it is deployed with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.comparison.assignments.assignments import (
    admitted,
    assignments_of,
    own_name,
    undecided_together,
    where_it_is_its_own,
)
from trustproof.comparison.assignments.deciding_parameters import values_that_decide
from trustproof.comparison.assignments.stored_values import StoredValues
from trustproof.comparison.assignments.values_apart import Apart, empty_by_default, values_apart, values_replaced
from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.matching.matching import Pair, is_same_place
from trustproof.comparison.matching.replicas import as_replicas
from trustproof.comparison.pairs.pairs import Everything
from trustproof.comparison.subjects.linking import JoinedTemplates
from trustproof.comparison.subjects.policy_resources import are_put_on_others, looked_up_otherwise
from trustproof.comparison.subjects.subjects import Subject, subjects, subjects_together
from trustproof.model.deployments import Assignment, is_chosen
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Path
from trustproof.results.difference import GAINED
from trustproof.sets.search import BudgetReached

_BUCKET_OF_NO_NAME = re.compile(r"arn:[^:]*:s3:::/")
#: What is said of statements: by direction, by what is needed besides, and by place.
_Said: TypeAlias = "dict[tuple[str, str, tuple[str, Path]], set[object]]"


#: So many steps it may take to read the templates of both sides at each assignment at which something is compared.
MAX_STEPS_READ = 12_000_000
_STEPS = "steps of the templates of both sides, read at each assignment of template parameters"


class ComparedReadings:
    """
    Compares pairs of subjects in all the ways in which their templates are read.

    Args:
        together: what several templates say as one, by the identity of that one.
    """

    def __init__(
        self,
        together: Mapping[int, tuple[JoinedTemplates, TemplateContext]],
        stored: StoredValues,
        renamed: Mapping[str, str],
        everything: Everything,
    ) -> None:
        self._together = together
        self._stored = stored
        self._renamed = renamed
        self._everything = everything
        self._assigned: dict[tuple[int, Assignment | None], list[Subject]] = {}
        #: Steps that further readings may take.
        self._left = MAX_STEPS_READ

    def compared(self, pair: Pair) -> Iterator[StatementGain | OpenQuestion]:
        """What each side gives of which nobody has to read anything else, and what is not known."""
        assignments, reasons = assignments_of(pair)
        assignments = assignments or values_replaced(pair)
        there: _Said = {}
        empty = empty_by_default(pair, assignments)
        of_nothing: list[StatementGain] = []
        asked: list[OpenQuestion] = []
        # What is found at values that may not be so together, with these and the reason.
        open_: list[tuple[StatementGain, dict[str, str], str]] = []
        for assignment in assignments or (None,):
            for found in self._compared_at(pair, assignment):
                if isinstance(found, StatementGain):
                    if _is_of_nothing(found):
                        of_nothing.append(found)
                        continue
                    named = {} if assignment is None else dict(assignment.named)
                    if apart := undecided_together(pair, {**named, **found.parameters}) if named else "":
                        # What cannot be so together may have no part in it.
                        both = [one for one in pair if one is not None]
                        needed = values_that_decide(found, both, {**named, **found.parameters})
                        if undecided_together(pair, needed):
                            open_.append((found, named, apart))
                            continue
                        named = {name: value for name, value in named.items() if name in needed}
                        own_values = {name: value for name, value in found.parameters.items() if name in needed}
                        found = found._replace(parameters=own_values)
                    said = there.setdefault((found.direction, found.without, found.place), set())  # first values
                    left = found.unsaid(said, named)
                    if assignment is not None:
                        if left is None:
                            continue
                        own = own_name(left, assignment, assignments)
                        found = left._replace(parameters={**named, **own, **left.parameters})
                elif empty:
                    asked.append(found)
                    continue
                yield found
        for found, named, apart in open_:
            # Of what is said at other values anyway, nothing is left to ask.
            if found.unsaid({*there.get((found.direction, found.without, found.place), ())}, named) is not None:
                reasons = tuple(dict.fromkeys((*reasons, apart)))
        if empty:
            yield from self._where_given(pair, empty, assignments, there, asked)
        yield from (one for one in of_nothing if (one.direction, one.without, one.place) not in there)
        yield from self._at_values_apart(pair, assignments, there)
        if elsewhere := looked_up_otherwise(pair):
            reasons = (*reasons, elsewhere)
        if reasons:
            subject = pair[0] or pair[1]
            assert subject is not None
            yield OpenQuestion(subject, reasons)

    def _compared_at(self, pair: Pair, assignment: Assignment | None) -> Iterator[StatementGain | OpenQuestion]:
        if assignment is None:
            return self._compared(pair)
        return admitted(self._at_both(pair, assignment, assignment), pair, assignment)

    def _where_given(
        self,
        pair: Pair,
        empty: tuple[str, ...],
        assignments: Sequence[Assignment],
        there: _Said,
        asked: Sequence[OpenQuestion],
    ) -> Iterator[StatementGain | OpenQuestion]:
        """
        What a side gives where something has a value that is empty by default.

        Args:
            there: what is said of statements, to which this is added: where it is as much, nothing is left to say.
            asked: what is not known where it is empty.
        """
        open_: list[OpenQuestion] = []
        is_gained = False
        before = {place: len(said) for place, said in there.items()}
        for one in assignments or (Assignment((), (), ()),):
            given, named = one._replace(not_default=(*one.not_default, *empty)), dict(one.named)
            for found in self._compared_at(pair, given):
                if isinstance(found, OpenQuestion):
                    open_.append(found)
                    continue
                place = (found.direction, found.without, found.place)
                if before.get(place, 0) >= max(len(found.parts), 1):
                    continue
                left = found.unsaid(there.setdefault(place, set()), {**named, **found.parameters})
                if left is not None:
                    is_gained |= left.direction == GAINED
                    yield left._replace(parameters={**named, **left.parameters})
        # What only the empty value leaves open is for nobody to decide once it is said what another one gives.
        reasons = {reason for one in open_ for reason in one.reasons}
        yield from (one for one in asked if not is_gained or not reasons.isdisjoint(one.reasons))
        yield from () if there else open_[:1]

    def _at_values_apart(
        self, pair: Pair, assignments: Sequence[Assignment], there: _Said
    ) -> Iterator[StatementGain | OpenQuestion]:
        """
        What a side gives at values of its own.

        Args:
            there: what is said of statements, to which this is added.
        """
        for one in values_apart(pair, assignments):
            for found in self._at_their_own(pair, one):
                if isinstance(found, StatementGain):
                    named = dict(one.giving.named)
                    said = there.setdefault((found.direction, found.without, found.place), set())
                    left = found.unsaid(said, named)
                    if left is None:
                        continue
                    found = left._replace(parameters={**named, **left.parameters}, notes=(*left.notes, one.reason))
                yield found

    def _compared(self, pair: Pair) -> Iterator[StatementGain | OpenQuestion]:
        for found in self._stored.compared(pair, self._renamed, self._everything):
            if not isinstance(found, StatementGain):
                yield found
            elif (given := where_it_is_its_own(found)) is not None:
                yield given

    def _at_both(self, pair: Pair, new: Assignment, old: Assignment) -> Iterator[StatementGain | OpenQuestion]:
        at = [None if one is None else self._at(one, values) for one, values in zip(pair, (new, old), strict=True)]
        both = as_replicas(at[0], at[1])
        for one in (both,) if _are_apart(pair) or not _are_apart(both) else ((both[0], None), (None, both[1])):
            if not is_held(*one):
                yield from self._compared(one)

    def _at_their_own(self, pair: Pair, apart: Apart) -> Iterator[StatementGain | OpenQuestion]:
        """What a side gives at its own values that the other one gives at none of those that it may have there."""
        common: set[object] | None = None
        first: list[StatementGain] = []
        open_: list[OpenQuestion] = []
        for other in apart.others:
            new, old = (apart.giving, other) if apart.direction == GAINED else (other, apart.giving)
            found = [*self._at_both(pair, new, old)]
            given = [one for one in found if isinstance(one, StatementGain) and one.direction == apart.direction]
            questions = [one for one in found if isinstance(one, OpenQuestion)]
            places: set[object] = {(one.without, one.place) for one in given}
            if common is None:
                common, first = places, given
            elif not questions:
                common &= places
            open_ += questions
            if not common and not open_:
                return
        given = [one for one in first if common is not None and (one.without, one.place) in common]
        yield from given
        yield from () if given else open_[:1]

    def _at(self, subject: Subject, assignment: Assignment) -> Subject | None:
        """The same resource or identity at an assignment of the parameters that its template has."""
        template = subject.context.template
        declared = template.parameter_names
        # Names with a space are outcomes of comparisons.
        values = tuple(
            (name, value)
            for name, value in assignment.values
            if name in declared or name.startswith("AWS::") or not is_chosen(name)
        )
        # A configuration has its variables in place of parameters.
        may_be_given = declared | template.parameter_defaults().keys() if assignment.not_default else declared
        not_default = tuple(name for name in assignment.not_default if name in may_be_given)
        if not values and not not_default:
            return subject
        own = assignment._replace(values=values, not_default=not_default)
        every = self._read(subject, own)
        there = [one for one in every if is_same_place(one, subject)]
        if not there:
            # At a value of a parameter it may have a name that is known.
            named = [one for one in every if is_same_place(one._replace(called=subject.called), subject)]
            there = named if len(named) == 1 else self._in_its_place(subject, every)
        # One policy may be that of several resources.
        return next((one for one in there if one.arn == subject.arn), there[0] if there else None)

    def _read(self, subject: Subject, own: Assignment | None) -> list[Subject]:
        """
        Whoever has something in the template of a subject, at an assignment or as it is read without any.

        Raises:
            BudgetReached: too much has been read already.
        """
        template = subject.context.template
        key = (id(template), own)
        if key not in self._assigned:
            self._left -= 0 if own is None else template.reading_steps()
            if self._left < 0:
                raise BudgetReached(_STEPS, MAX_STEPS_READ)
            context = subject.context if own is None else _context_at(subject.context, own)
            if (group := self._together.get(id(template))) is not None:
                found = subjects_together(context, group[0].parts, group[0].labels, subject.side_name)
            else:
                alone = subjects(context, subject.label, subject.side_name)
                found = (one._replace(linked_as=subject.linked_as) for one in alone)
            self._assigned[key] = list(found)
        return self._assigned[key]

    def _in_its_place(self, subject: Subject, every: list[Subject]) -> list[Subject]:
        """
        Who has at an assignment what a subject has, which the template does not make but names by a parameter: as many
        come as go.
        """
        if subject.path or subject.kind != IDENTITY:
            return []
        without = self._read(subject, None)
        gone, come = (
            [one for one in ones if _has_the_same(one, subject) and not any(is_same_place(one, it) for it in others)]
            for ones, others in ((without, every), (every, without))
        )
        place = next((number for number, one in enumerate(gone) if is_same_place(one, subject)), None)
        return [] if place is None or len(gone) != len(come) else [come[place]]


def _is_of_nothing(found: StatementGain) -> bool:
    """Whether what is shown is a call of nothing, or of something that has no name: there is no such thing."""
    action, resource = found.request.action, found.request.resource
    is_nothing = any(not text or text.endswith((":", "/")) for text in (action, resource))
    return is_nothing or _BUCKET_OF_NO_NAME.match(resource) is not None


def _context_at(context: TemplateContext, own: Assignment) -> TemplateContext:
    """A template at an assignment; where that opens a default by which other things are made, as it is made then."""
    opened = own.not_default and context.template.at_other_values(own.not_default)
    if not opened:
        return context.at(own)
    context = context.at_other_values(own.not_default)
    return context.at(own._replace(not_default=())) if own.values else context


def _has_the_same(one: Subject, other: Subject) -> bool:
    """Whether two users, roles or groups that the template does not make have the same policies in it."""
    paths = ({document.path for document in each.all_documents} for each in (one, other))
    return not one.path and one.kind == IDENTITY and next(paths) == next(paths)


def _are_apart(pair: Pair) -> bool:
    """Whether what both sides say is put on two things that the template does not make."""
    new, old = pair
    if new is None or old is None or (new.kind == IDENTITY and new.path + old.path):
        return False
    return are_put_on_others(new, old)


def is_held(new: Subject | None, old: Subject | None) -> bool:
    """Whether it is a managed policy that nobody may have but the holders that are compared themselves."""
    return all(one is None or one.is_held for one in (new, old))
