"""
Two sides, compared: access by access, and property by property.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from trustproof.analysis.presentation.presentation import without_secrets
from trustproof.analysis.role_chains.reach import Roles
from trustproof.analysis.role_chains.roles import Node
from trustproof.comparison.assignments.deciding_parameters import with_deciding_parameters
from trustproof.comparison.assignments.one_sided_defaults import without_what_defaults_take
from trustproof.comparison.assignments.other_defaults import not_said_yet, with_other_defaults, with_other_values
from trustproof.comparison.assignments.readings import ComparedReadings, is_held
from trustproof.comparison.assignments.stored_values import StoredValues
from trustproof.comparison.assignments.values_apart import newly_admitted
from trustproof.comparison.comparison_budget import ComparisonBudget, budget_for, said_once, until_the_end
from trustproof.comparison.contexts import Contexts
from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.matching.deleted_principals import deleted, without_deleted
from trustproof.comparison.matching.matching import Pair, matched_pairs
from trustproof.comparison.matching.moves import moves, with_doubts
from trustproof.comparison.matching.policies_of_one_name import whichever_stays
from trustproof.comparison.matching.renamed_values import renamed_names
from trustproof.comparison.matching.replicas import not_of_secrets
from trustproof.comparison.matching.retained_resources import with_forgotten
from trustproof.comparison.pairs.control_policies import Place, where_declared
from trustproof.comparison.pairs.in_sight import InSight
from trustproof.comparison.pairs.restrictions import stops
from trustproof.comparison.same_words import in_words_of_their_own
from trustproof.comparison.subjects.alike import alike
from trustproof.comparison.subjects.linking import linked_sides
from trustproof.comparison.subjects.sides import ComparisonSide, by_label
from trustproof.comparison.subjects.subjects import Subject, subjects, subjects_together
from trustproof.comparison.surroundings.absent_policies import open_without
from trustproof.comparison.surroundings.account_assignments import assigned_otherwise
from trustproof.comparison.surroundings.chains import Chain, chains, message, notes
from trustproof.comparison.surroundings.elsewhere import by_audiences, by_tags_and_keys
from trustproof.comparison.surroundings.providers import audiences, told_apart, trusts
from trustproof.comparison.surroundings.stack_sets import StackSets
from trustproof.comparison.unread.places_of_policies import UnreadPlaces
from trustproof.comparison.unread.unread_policies import (
    UnreadPolicies,
    passed_otherwise,
    unread_of,
    unread_parts,
    unread_roles,
)
from trustproof.comparison.verdicts import verdict_changes
from trustproof.comparison.wording import ANYONE, access_change, position, where, where_control
from trustproof.config.model import Config
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.request import ANONYMOUS
from trustproof.proving.counterexamples import counterexample
from trustproof.results.difference import (
    CHAIN,
    GAINED,
    LOST,
    NARROWED,
    AccessChange,
    Difference,
    Direction,
    Stop,
    Undecided,
    VerdictChange,
    Where,
)
from trustproof.results.result import BUDGET

#: The order in which changes are told.
_ORDER = {GAINED: 0, NARROWED: 1, LOST: 2}
#: What stands elsewhere may cost this part of what a comparison may, and whatever is compared once more half of what is
#: left.
_BESIDE, _AGAIN = 8, 2
#: What is said where it may be gained, and only what is written leaves that open.
_ON_PURPOSE = "nothing but what the policy itself says leaves this open, so it counts like access that is gained"


class Comparison:
    """
    Two sides, with what is made of their templates.

    Args:
        budget: of which whatever is compared is paid; None for one of its own.
    """

    def __init__(
        self, old: ComparisonSide, new: ComparisonSide, config: Config, budget: ComparisonBudget | None = None
    ) -> None:
        self._config = config
        linked = linked_sides(old, new)
        self.old: ComparisonSide = linked[0].side._replace(refused=(*old.refused, *linked[0].refused))
        self.new: ComparisonSide = linked[1].side._replace(refused=(*new.refused, *linked[1].refused))
        self._linked = {one.side.called: one for one in linked}
        self._stack_sets = StackSets(self.new, self.old)
        self._stored = StoredValues(self.new, self.old)
        self._alike = alike(*linked) - self._stored.readers()
        #: Templates that are judged with others of which one has changed, on either side.
        self._regrouped = {
            label
            for side in linked
            for joined in side.joined
            if not self._alike.issuperset(joined.labels)
            for label in joined.labels
        }
        self._made = Contexts(linked, config)
        self._contexts = self._made.alone
        if self._made.controls.changed:
            # They stop somebody of whatever template.
            self._regrouped |= {named.label for side in (self.old, self.new) for named in side.templates}
        self._budget = budget or budget_for(one.template.text for side in (old, new) for one in side.templates)
        #: For what stands elsewhere, whatever is compared before.
        self._beside = self._budget.part(_BESIDE)
        self._everything = self._subjects(self.new), self._subjects(self.old)
        self.pairs: list[Pair] = matched_pairs(*self._everything)
        self._renamed = renamed_names(self.pairs)
        self._unread = UnreadPlaces(self.new), UnreadPlaces(self.old)
        self._by_label = {side.called: by_label(side) for side in (self.old, self.new)}
        in_sight = tuple(InSight(partial(self._subjects, side, is_all=True)) for side in (self.new, self.old))
        self._readings = ComparedReadings(self._made.together, self._stored, self._renamed, (in_sight[0], in_sight[1]))

    def difference(self, names: tuple[str, str], properties: Sequence[str] | None) -> Difference:
        """
        What differs by meaning.

        Args:
            names: what the sides are called, the old one first.
            properties: those whose verdicts are compared; None for all that are switched on.
        """
        given: list[StatementGain] = []
        changed: set[tuple[str, str]] = set()
        left_open: dict[object, list[OpenQuestion]] = {}
        other = self._at_other_defaults
        besides = () if other is None else not_said_yet(other.found, self.found, self.old, self.new)
        own = self.found if other is None else with_other_values(self.found, other.found, self.old, self.new)
        for found in (*own, *besides):
            changed.add((found.subject.label, found.subject.logical_id))
            if isinstance(found, StatementGain):
                given.append(found)
                continue
            # What is not known of what a side gives is not known of what it takes either, and of one it is one thing.
            thing = (found.subject.label, found.subject.logical_id or found.subject.path)
            left_open.setdefault(thing, []).append(found)
        undecided = [self._left_open(questions) for questions in left_open.values()]
        everything = [named.label for side in (self.old, self.new) for named in side.templates]
        access = [*self._changes(whichever_stays(not_of_secrets(given)))]
        moved = [*moves(self.pairs, self._side, changed)]
        # A chain cannot change where no step does.
        chained = [*self._chains()] if given or moved else []
        access += (one for one in chained if isinstance(one, AccessChange))
        undecided += (one for one in chained if not isinstance(one, AccessChange))
        verdicts: list[VerdictChange] = []
        if not self._alike.issuperset(everything):
            for one in verdict_changes(self.old, self.new, self.pairs, properties, changed):
                if isinstance(one, VerdictChange):
                    verdicts.append(one)
                else:
                    undecided.append(one)
        past = frozenset(self._gained_past(given))
        undecided += self._not_compared(past, () if other is None else (other.new, other.old))
        undecided += () if other is None else passed_otherwise(other.new, other.old, (self.old, self.new))
        access = sorted(in_words_of_their_own(access), key=self._rank)
        inputs = [named.template for side in (self.old, self.new) for named in side.templates]
        return Difference(
            without_secrets(tuple(access), inputs),
            without_secrets(tuple(verdicts), inputs),
            without_secrets(tuple(dict.fromkeys(undecided)), inputs),
            *names,
            moved=without_secrets(tuple(with_doubts(moved, undecided)), inputs),
            notes=without_secrets(tuple(dict.fromkeys(self._admitted())), inputs),
            errors=tuple(error for side in (self.old, self.new) for error in side.refused),
        )

    @cached_property
    def found(self) -> tuple[StatementGain | OpenQuestion, ...]:
        """What one side gives and the other one does not, and what is not known of that."""
        found = (*self._in_pairs(), *self._elsewhere())
        return (*without_what_defaults_take(found, self.old, self.new, self._given_between),)

    def _given_between(self, old: ComparisonSide, new: ComparisonSide) -> tuple[StatementGain | OpenQuestion, ...]:
        return Comparison(old, new, self._config, self._budget.part(_AGAIN)).found

    @cached_property
    def _at_other_defaults(self) -> Comparison | None:
        """Both sides at other values of what decides by its default; None where nothing does."""
        sides = with_other_defaults(self.old, self.new)
        return None if sides is None else Comparison(*sides, self._config, self._budget.part(_AGAIN))

    def _left_open(self, questions: Sequence[OpenQuestion]) -> Undecided:
        """Why it is not known whether the access by or to one thing changed: each reason once."""
        every = dict.fromkeys(reason for question in questions for reason in question.reasons)
        # What is said of an operand is said once.
        reasons = said_once(tuple(one for one in every if not any(other.endswith(f": {one}") for other in every)))
        subject = questions[0].subject
        is_wording = any(question.is_wording for question in questions)
        reasons = (*reasons, _ON_PURPOSE) if is_wording else reasons
        return Undecided(where(self._side(subject), subject, subject.path), reasons, is_wording)

    def _admitted(self) -> Iterator[str]:
        """What is said of values that parameters of the new side newly admit."""
        for new, old in self.pairs:
            for said in () if new is None or old is None else newly_admitted(new, old):
                assert new is not None
                shown = self._side(new).shown(new.home.name)
                yield f"{shown}: {said}: both sides are compared at the same values"

    @cached_property
    def _accounts(self) -> frozenset[str | None]:
        """Of all templates."""
        return frozenset(one.account for one in self._contexts.values())

    def _rank(self, change: AccessChange) -> tuple[int, int]:
        """The worst first: what was gained, by the world, by other accounts, by one's own; then what was lost."""
        request = change.counterexample.request
        if request.caller.kind == ANONYMOUS or change.message.startswith(ANYONE):
            return _ORDER[change.direction], 0
        account = request.caller.account
        is_own = account in (None, change.where.account) or account in self._accounts
        return _ORDER[change.direction], 2 if is_own else 1

    def _side(self, subject: Subject) -> ComparisonSide:
        return self.old if subject.side_name == self.old.called else self.new

    def _subjects(self, side: ComparisonSide, *, is_all: bool = False) -> list[Subject]:
        """What there is on a side, of templates that are written alike as well or not."""
        linked = self._linked[side.called]
        out = [
            subject
            for named in side.templates
            if is_all or named.label not in self._alike or named.label in self._regrouped
            for subject in subjects(
                self._contexts[id(named.template)],
                named.label,
                side.called,
                is_grouped=named.label in linked.grouped,
            )
        ]
        for one in linked.joined:
            # What one of them gives to the others, it gives to all.
            if is_all or not self._regrouped.isdisjoint(one.labels):
                context = self._made.together[id(one.template)][1]
                out += subjects_together(context, one.parts, one.labels, side.called)
        out = [one._replace(linked_as=linked.called.get(one.label, "")) for one in out]
        gone = deleted(side, self.old if side is self.new else self.new)
        return [without_deleted(one, gone) for one in out] if gone else out

    # -- access

    def _in_pairs(self) -> Iterator[StatementGain | OpenQuestion]:
        in_sets = self._stack_sets.labels
        pairs = [pair for pair in self.pairs if not any(one is not None and one.label in in_sets for one in pair)]
        for found in self._budget.each([partial(self._compared_within, pair) for pair in pairs]):
            yield from found
        yield from self._stack_sets.compared(self._of_input, self._compared_later)

    def _compared_later(self, pair: Pair) -> Iterator[StatementGain | OpenQuestion]:
        yield from self._budget.one(partial(self._compared_within, pair))

    def _of_input(self, input_: Input, label: str, side: ComparisonSide) -> list[Subject]:
        """What there is to compare of a template as it is in some accounts."""
        return [*subjects(self._made.of_input(input_, side), label, side.called)]

    def _compared_within(self, pair: Pair) -> Iterator[StatementGain | OpenQuestion]:
        """What a pair gives, and that not all of it was looked at where its part of the budget has come to its end."""
        subject = pair[0] or pair[1]
        assert subject is not None
        found, reached = until_the_end(self._compared(pair))
        yield from found
        asked = (one for one in found if isinstance(one, OpenQuestion))
        if reached and not any(reason.startswith(BUDGET) for one in asked for reason in one.reasons):
            yield OpenQuestion(subject, (reached,))

    def _compared(self, pair: Pair) -> Iterator[StatementGain | OpenQuestion]:
        """What a pair gives on one side only, at each assignment at which it has to be judged."""
        if is_held(*pair):
            return
        now, then = (self._by_label[side.called] for side in (self.new, self.old))
        if (question := open_without(pair, now, then)) is not None:
            yield question
            return
        unread = unread_of(pair, *self._unread)
        if unread.directions:
            yield from self._of_unread(pair, unread)
            return
        yield from self._readings.compared(pair)

    def _of_unread(self, pair: Pair, unread: UnreadPolicies) -> Iterator[StatementGain | OpenQuestion]:
        """What is known of a pair of which nobody can read all."""
        if not unread.is_all:
            yield from (
                found
                for found in self._readings.compared(pair)
                if isinstance(found, StatementGain) and found.direction not in unread.directions
            )
        if unread.reasons:
            subject = pair[0] or pair[1]
            assert subject is not None
            yield OpenQuestion(subject, unread.reasons)

    def _not_compared(self, gained: Collection[Place], opened: Sequence[ComparisonSide]) -> Iterator[Undecided]:
        yield from unread_parts(self.new, self.old, self._alike, self._made.controls, gained, opened)
        found = audiences(self.new, self.old)
        trusted = [
            one.issuer for one in found if any(new is not None and trusts(new, one) for new, _ in self._all_pairs)
        ]
        yield from told_apart(self.new, self.old, trusted)

    def _elsewhere(self) -> Iterator[StatementGain | OpenQuestion]:
        """What follows for policies from what is said elsewhere, also for those of templates that are written alike."""
        yield from assigned_otherwise(self.new, self.old, lambda: self._all_pairs, self._compared_later)
        if found := audiences(self.new, self.old):
            yield from by_audiences(self._all_pairs, found, self._renamed, self._beside)
        sides = [
            [(named.label, self._contexts[id(named.template)]) for named in side.templates]
            for side in (self.new, self.old)
        ]
        yield from by_tags_and_keys(lambda: self._all_pairs, sides, self._renamed, self._beside)

    @cached_property
    def _all_pairs(self) -> tuple[Pair, ...]:
        """Everything there is on both sides."""
        everything = [
            [
                subject
                for named in side.templates
                for subject in subjects(self._contexts[id(named.template)], named.label, side.called)
            ]
            for side in (self.new, self.old)
        ]
        return tuple(matched_pairs(*everything))

    def _changes(self, given: Sequence[StatementGain]) -> Iterator[AccessChange]:
        """The changes, once for a statement that gives something to several."""
        by_statement: dict[object, list[StatementGain]] = {}
        # What is said once is one thing at each of its values of parameters.
        alike: dict[tuple[str, int], list[StatementGain]] = {}
        met: Counter[str] = Counter()
        for one in (with_forgotten(with_deciding_parameters(it), self.new) for it in given):
            there = repr((one.said, [*one.parameters.values()]))
            alike.setdefault((repr(one.said), met[there]), []).append(one)
            met[there] += 1
        for number, one in enumerate(first.also_at(others) for first, *others in alike.values()):
            subject = one.subject
            of_statement = one.direction, subject.label, one.place, one.found.further.actions
            key: object = of_statement if subject.kind == IDENTITY and one.place[1] else number
            by_statement.setdefault(key, []).append(one)
        for first, *others in by_statement.values():
            yield access_change(
                self._side(first.subject),
                first,
                [one.subject for one in others],
                is_elsewhere=self._is_elsewhere(first.subject),
                stopped_by=tuple(dict.fromkeys(self._stops([first, *others]))),
            )

    def _stops(self, given: Iterable[StatementGain]) -> Iterator[Stop]:
        for one in given:
            for kind, subject, path, control in stops(one):
                side = self._side(subject)
                if control is None:
                    yield Stop(kind, where(side, subject, path))
                else:
                    yield from (Stop(kind, where_control(side, *found)) for found in where_declared(side, control))

    def _gained_past(self, given: Iterable[StatementGain]) -> Iterator[Place]:
        """The control policies of the old side that denied what is gained."""
        for one in given:
            for stop in stops(one) if one.direction == GAINED else ():
                found = () if stop.control is None else where_declared(self.old, stop.control)
                yield from ((named.label, document.path) for named, document in found)

    def _is_elsewhere(self, subject: Subject) -> bool:
        """Whether the other side has a resource called so in another account only."""
        accounts = self._accounts_of[self._side(subject) is self.new].get(subject.logical_id, ())
        return bool(accounts) and subject.home.account not in accounts

    @cached_property
    def _accounts_of(self) -> Sequence[Mapping[str, Collection[str | None]]]:
        """In which accounts each side, the new one first, has resources that are called so."""
        found: list[dict[str, set[str | None]]] = [{}, {}]
        for there, side in zip(found, self._everything, strict=True):
            for one in side:
                there.setdefault(one.logical_id, set()).add(one.home.account)
        return found

    def _chains(self) -> Iterator[AccessChange | Undecided]:
        """What follows of all changes together: chains of roles that only one side has."""
        labels = dict.fromkeys(named.label for side in (self.old, self.new) for named in side.templates)
        numbers = {label: number for number, label in enumerate(labels)}
        keys = {
            (old.label, old.logical_id, old.path): (new.label, new.logical_id, new.path)
            for new, old in self.pairs
            if new is not None and old is not None and new.kind == TRUST
        }
        sides = {
            side.called: Roles(
                {named.label: self._contexts[id(named.template)] for named in side.templates},
                numbers,
                keys if side is self.old else {},
                is_compared=True,
            )
            for side in (self.old, self.new)
        }
        for direction, side, other in ((GAINED, self.new, self.old), (LOST, self.old, self.new)):
            for chain in chains(sides[side.called], sides[other.called], unread_roles(other)):
                if isinstance(chain, Chain):
                    yield self._chain_change(direction, side, sides[side.called], chain)
                else:
                    place = self._role(side, sides[side.called], chain.node)
                    yield Undecided(place, (f"on the {side.called} side: {chain.reason}",))

    def _role(self, side: ComparisonSide, roles: Roles, node: Node) -> Where:
        template = self._template(side, roles.labels[node.number])
        document = node.trust.document
        return Where(
            side.shown(template.name),
            document.logical_id,
            template.presentation.types.get(document.logical_id, document.resource_type),
            document.construct_path,
            template.account,
            position(side, template, node.path),
        )

    def _template(self, side: ComparisonSide, label: str) -> Input:
        return self._by_label[side.called][label][0]

    def _chain_change(self, direction: Direction, side: ComparisonSide, roles: Roles, chain: Chain) -> AccessChange:
        step = chain.steps[chain.new]
        source, target = chain.nodes[chain.new : chain.new + 2]
        assert step.request is not None
        policies = [document.policy for document in (target.trust.document, *source.documents)]
        shown = counterexample(step.request, policies, step.parameters, asks_for_mfa=False)
        where_ = self._role(side, roles, target)
        return AccessChange(
            direction, CHAIN, where_, message(chain, lost=direction == LOST), shown, notes=tuple(notes(chain))
        )
