"""
One resource or identity on both sides: what it gives on one of them only, in any deployment.

Both sides are taken to be deployed with the same values: a parameter, or what else is known only then, is the same on
both where it has the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import TypeAlias

from trustproof.comparison.gains import OpenQuestion, StatementGain, are_written, deciding_policies, scene_of
from trustproof.comparison.matching.moves import as_before
from trustproof.comparison.matching.replicas import reason_of
from trustproof.comparison.matching.retained_resources import with_retained
from trustproof.comparison.pairs.denials import no_longer_denied
from trustproof.comparison.pairs.impossible_requests import impossible
from trustproof.comparison.pairs.let_in_by_others import let_in_by_others
from trustproof.comparison.pairs.names_of_callers import called_by_own_name
from trustproof.comparison.pairs.narrowing import narrowings
from trustproof.comparison.pairs.opaque_policies import opaque_reasons
from trustproof.comparison.pairs.open_statements import (
    SameUnread,
    decided_anyway,
    is_open,
    without_same_denies,
    without_same_unread,
)
from trustproof.comparison.pairs.outcomes_of_conditions import gives_nothing_by_any
from trustproof.comparison.pairs.own_resources import in_account_of_key, with_own_name, with_own_resources
from trustproof.comparison.pairs.own_wording import is_left_open_by_wording
from trustproof.comparison.pairs.relevant_statements import RelevantStatements
from trustproof.comparison.pairs.stopped_elsewhere import held_back
from trustproof.comparison.subjects.subjects import Subject, same_symbols
from trustproof.comparison.surroundings.settings import (
    by_those_who_sign,
    is_surrounded,
    settings_not_compared,
    with_signed_calls,
    without_deleted_settings,
)
from trustproof.comparison.surroundings.tags import by_own_tags
from trustproof.comparison.values.equal_samples import with_values_apart
from trustproof.comparison.values.look_ups import symbols_of
from trustproof.comparison.values.policy_variables import known_name, with_name
from trustproof.comparison.values.resources_of_parameters import resource_for
from trustproof.comparison.values.strangers import with_strangers
from trustproof.engine.allowance import has_come_to_its_end
from trustproof.model.document import IDENTITY
from trustproof.model.policy import Guard, Path, Policy, Statement
from trustproof.model.query import is_concrete
from trustproof.properties.question import Inquiry
from trustproof.properties.question import Subject as Asked
from trustproof.proving.excess import Excess, excess
from trustproof.proving.instantiate import bindings
from trustproof.proving.own_account import questions
from trustproof.proving.sides import Scene, Side, same
from trustproof.results.difference import GAINED, LOST, Direction
from trustproof.results.result import BUDGET
from trustproof.sets.search import BudgetReached

#: So many combinations of conditions are tried for one statement, and so many ways to fill in values for each.
_COMBINATIONS, _FILLINGS = 12, 4
#: What there is on the new side, and on the old one.
Everything: TypeAlias = "tuple[Sequence[Subject], Sequence[Subject]]"


def compare(
    new: Subject | None, old: Subject | None, renamed: Mapping[str, str], everything: Everything = ((), ())
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What each side gives and the other does not, and what is not known.

    Args:
        renamed: logical ids of the new side to those that the same resources have on the old side.
        everything: what else there is on the new side and on the old one.
    """
    there = new or old
    assert there is not None
    found: list[StatementGain | OpenQuestion] = []
    try:
        # What was found before the end is kept.
        found.extend(_compare(new, old, renamed, everything))
    except BudgetReached as reached:
        found.append(OpenQuestion(there, (f"{BUDGET}: {reached.name} ({reached.limit})",)))
    before = _with_denies(old)
    where = partial(_where, before, renamed=renamed)
    for one in narrowings(found, where, everything):
        yield with_retained(_if_made(one), everything[0]) if isinstance(one, StatementGain) else one


def _with_denies(
    subject: Subject | None, *, is_inside: bool = False, never: tuple[Statement, ...] = ()
) -> Subject | None:
    """
    The same with what control policies deny.

    Args:
        is_inside: whether settings around the policies are compared, too.
        never: denies of what nobody can ask for.
    """
    if subject is None:
        return None
    is_controlled = bool(subject.context.controls)
    return subject._replace(is_surrounded=is_inside, is_controlled=is_controlled, impossible=never)


def _if_made(given: StatementGain) -> StatementGain:
    """With why it is not known whether there is what is asked for, where it is not."""
    reason = reason_of(given.subject)
    return given._replace(notes=(*given.notes, f"only if there is what is called: {reason}")) if reason else given


def _where(subject: Subject | None, given: StatementGain, *, renamed: Mapping[str, str]) -> Side | None:
    """The policies of a side where the other one gives something; None where it has none, or they are not known."""
    if subject is None:
        return None
    if not given.parameters:
        return subject.side(given.subject, renamed)
    about = RelevantStatements(given.found.statement, subject.kind)
    return _at(subject, given.parameters, given.subject, about, gives=True)


def _compare(
    new: Subject | None, old: Subject | None, renamed: Mapping[str, str], everything: Everything
) -> Iterator[StatementGain | OpenQuestion]:
    there = new or old
    assert there is not None
    gained = False
    deleted: tuple[str, ...] = ()
    if new is not None and old is not None:
        new, deleted = without_deleted_settings(new, old)
    reasons = (*opaque_reasons(new, old), *settings_not_compared(new, old))
    if new is not None and old is not None:
        new, old = in_account_of_key(*with_own_resources(as_before(new, old, renamed), old, renamed))
    is_inside = new is not None and old is not None and is_surrounded(new, old)
    never = impossible(new, old)
    surrounded = [_with_denies(one, is_inside=is_inside, never=never) for one in (new, old)]
    for direction, (first, other) in ((GAINED, surrounded), (LOST, surrounded[::-1])):
        # What a policy gives that nobody can read, it may give instead of another one: `opaque_reasons` says so.
        is_open = direction == LOST and first is not None and other is not None and any(other.gives_unread(first))
        if first is not None and not is_open:
            # What such a policy of the old side has given may be just what is gained.
            hidden = frozenset[str]() if other is None or first.kind != IDENTITY else other.opaque - first.opaque
            notes = tuple(
                f"unless {name}, which the other side has and which is not known, allows it" for name in sorted(hidden)
            )
            notes = (*notes, *(deleted if direction == GAINED else ()))
            around = everything[0] if direction == GAINED else everything[1]
            for found in _one_way(direction, first, other, renamed, partial(_held_back, others=around)):
                gained = gained or direction == GAINED
                yield found._replace(notes=(*found.notes, *notes)) if isinstance(found, StatementGain) else found
    for found in () if new is None or old is None else by_own_tags(new, old, renamed):
        gained = gained or (isinstance(found, StatementGain) and found.direction == GAINED)
        yield found
    by_others = let_in_by_others(new, old, renamed, everything)
    gained = gained or any(one.direction == GAINED for one in by_others.found if isinstance(one, StatementGain))
    yield from (*by_others.found, *(by_others.beside_gains if gained else ()))
    if old is not None and not gained:
        scene = scene_of(old, new)._replace(account=old.context.account)
        reasons = (*reasons, *no_longer_denied(old, new, scene, renamed, everything))
    if reasons:
        yield OpenQuestion(there, reasons)


def _held_back(given: StatementGain, others: Sequence[Subject]) -> StatementGain | None:
    """The same without what other policies of its side stop; None where that is all."""

    def asked(mine: Side, theirs: Side, scene: Scene) -> Iterator[Excess]:
        place = (given.found.policy, given.found.statement.path)
        return _asked_of(place, given.without, mine, theirs, given.subject, scene)

    return held_back(given, others, asked)


def _one_way(
    direction: Direction,
    first: Subject,
    other: Subject | None,
    renamed: Mapping[str, str],
    held: Callable[[StatementGain], StatementGain | None],
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What the policies of a side give and those of the other do not.

    Args:
        held: the same without what others stop: what is stopped is not said, and hides nothing that needs less.
    """
    other = None if other is None else with_signed_calls(other)
    mine, theirs = first.side(other, renamed), Side(()) if other is None else other.side(first, renamed)
    if same(mine, theirs):
        return
    unread = without_same_unread(mine, theirs)
    notes = () if unread is None else (unread.note,)
    if unread is not None:
        mine, theirs = unread.first, unread.others
    scene = scene_of(first, other)
    doubts: list[str] = []
    is_wording = False
    said: dict[tuple[int, Path], list[StatementGain]] = {}
    for without, found in _asked(mine, theirs, first, scene, are_written(first)):
        there = said.setdefault((found.policy, found.statement.path), [])
        given: StatementGain | None = None
        if found.requests:
            given = StatementGain(
                direction,
                first,
                found,
                deciding_policies(mine),
                {},
                notes,
                without=without,
                others=deciding_policies(theirs),
                other=other,
            )
            doubts += found.further.doubts
        if has_come_to_its_end():
            # Other values would be asked about in vain.
            doubts += found.doubts if given is None else ()
        elif given is None or found.further.doubts:
            deployed = _deployed(direction, first, other, found, scene, renamed, without, unread)
            if isinstance(deployed, OpenQuestion):
                place = (found.policy, found.statement.path)
                again = partial(_asked_of, place, without, first=first, scene=scene)
                if given is None and gives_nothing_by_any(found, mine, theirs, (first, other), again):
                    continue
                doubts += deployed.reasons if given is None else ()
                is_wording |= given is None and is_left_open_by_wording(mine, theirs, found.doubts)
            elif given is None or len(deployed.parts) > len(given.parts):
                # What a condition that is not read lets in, or keeps out, is not among what is given in any case.
                doubts += found.doubts if given is None and is_open((first, other)) else ()
                given = deployed
        given = None if given is None else held(given)
        if given is not None and (left := _unsaid(given, there) if without else given) is not None:
            there.append(left)
            yield left
    bare = without_same_denies(mine, theirs) if doubts and not any(said.values()) and first.kind == IDENTITY else None
    if bare is not None and not any(True for _ in excess(*bare, scene)):
        # Nothing is let in more even without what both deny.
        return
    if doubts:
        yield OpenQuestion(first, tuple(dict.fromkeys(doubts)), is_wording and direction == GAINED)


def _unsaid(given: StatementGain, said: Sequence[StatementGain]) -> StatementGain | None:
    """
    What is not said yet of those who need less: they may be among those who were not let in at all, or need less by
    what is said of the statement already.
    """
    kinds = {request.caller.kind for request in given.found.requests}
    if not any(one.without or kinds <= {request.caller.kind for request in one.found.requests} for one in said):
        return given
    known = {part.piece.allow for one in said for part in one.parts}
    left = [part for part in given.parts if part.piece.allow not in known]
    return given.only(left) if left and known else None


def _asked(
    mine: Side, theirs: Side, first: Subject, scene: Scene, in_pieces: Callable[[int, Statement], bool]
) -> Iterator[tuple[str, Excess]]:
    """What the statements of a side let in and the other side does not, then what they let in without what it needs."""
    for found in excess(mine, theirs, scene, in_pieces=in_pieces):
        yield "", by_those_who_sign(found)
    if first.kind != IDENTITY:
        for one in questions(mine, theirs, scene, first.context.account):
            for found in excess(one.first, one.others, one.scene, in_pieces=in_pieces):
                yield one.without, found


def _asked_of(
    place: tuple[int, Path], without: str, mine: Side, theirs: Side, first: Subject, scene: Scene
) -> Iterator[Excess]:
    """
    The same of one statement alone.

    Args:
        place: the number of its policy, and its path.
        without: what callers do not need by it; empty where it is asked what it lets in.
    """

    def is_there(policy: int, statement: Statement) -> bool:
        return (policy, statement.path) == place

    in_pieces = _is_at(place, first)
    if not without:
        yield from map(by_those_who_sign, excess(mine, theirs, scene, in_pieces=in_pieces, is_asked=is_there))
        return
    for one in questions(mine, theirs, scene, first.context.account):
        if one.without == without:
            yield from excess(one.first, one.others, one.scene, in_pieces=in_pieces, is_asked=is_there)


# -- what is known only when it is deployed


def _deployed(
    direction: Direction,
    first: Subject,
    other: Subject | None,
    found: Excess,
    scene: Scene,
    renamed: Mapping[str, str],
    without: str,
    unread: SameUnread | None,
) -> StatementGain | OpenQuestion:
    """
    What a statement gives in some deployment of both sides; why it is not known whether there is one, where it gives
    something in such a one only, or nothing has been found.
    """
    apart: dict[str, None] = {}
    about = RelevantStatements(found.statement, first.kind)
    asked = with_strangers(_asked_together(first, other, about))
    inquiry = Inquiry("difference", lambda subject, index: (), binding=resource_for(found.statement))
    for guards in _combinations(first, other, found.statement.guards, about):
        # On the other side, a condition of the same name may be another one.
        known = tuple(guard for guard in guards if not guard.name.endswith(f"({first.side_name})"))
        try:
            values = first.deployments.satisfy(known)
        except BudgetReached:
            continue
        if values is None:
            continue
        fillings = islice(bindings(asked, inquiry, first.deployments, values, known), _FILLINGS)
        for bound in with_values_apart(
            fillings, values, asked, None if without else found.statement, first.deployments
        ):
            _bind_alike(bound, asked, renamed)
            mine = _at(first, bound, other, about, unread, gives=True)
            theirs = Side(()) if other is None else _at(other, bound, first, about, unread, gives=False)
            if mine is None or theirs is None:
                continue
            place = (found.policy, found.statement.path)
            here = called_by_own_name(scene, first, bound)
            for one in _asked_of(place, without, mine, theirs, first, here):
                if one.requests:
                    if why := first.deployments.undecided_together(bound):
                        apart[why] = None
                        break
                    return StatementGain(
                        direction,
                        first,
                        one,
                        deciding_policies(mine),
                        bound,
                        () if unread is None else (unread.note,),
                        without=without,
                        others=deciding_policies(theirs),
                        other=other,
                    )
    return OpenQuestion(first, (*found.doubts, *apart))


def _is_at(place: tuple[int, Path], subject: Subject) -> Callable[[int, Statement], bool]:
    """Whether a statement of a policy of a subject is the one at a place, and is written there."""
    is_written = are_written(subject)
    return lambda policy, statement: (policy, statement.path) == place and is_written(policy, statement)


def _bind_alike(bound: dict[str, str], asked: Asked, renamed: Mapping[str, str]) -> None:
    """Give what is the same on both sides the same value."""
    for document in asked.documents:
        for statement in document.policy.statements:
            for name, symbol in same_symbols(symbols_of(statement), renamed).items():
                if name in bound and symbol.name in bound:
                    bound[name] = bound[symbol.name]


def _asked_together(first: Subject, other: Subject | None, about: RelevantStatements) -> Asked:
    """A side with what the other one says, as far as either speaks of some actions."""
    asked = first.asked
    limit = asked.permissions_boundary
    others = (*first.documents[1:], *(() if other is None else other.all_documents))
    return asked._replace(
        document=about.of_document(asked.document),
        others=tuple(map(about.of_document, others)),
        permissions_boundary=None if limit is None else about.of_document(limit),
    )


def _combinations(
    first: Subject, other: Subject | None, guards: Sequence[Guard], about: RelevantStatements
) -> Iterator[tuple[Guard, ...]]:
    """What is to hold where a statement exists: that alone, and each outcome of what else decides."""
    names = [guard.name.removesuffix(f" ({first.side_name})") for guard in guards]
    own = tuple(guard._replace(name=name) for guard, name in zip(guards, names, strict=True))
    yield own
    subjects = (first,) if other is None else (first, other)
    outcomes = dict.fromkeys(
        guard
        for subject in subjects
        for document in subject.all_documents
        for statement in document.policy.statements
        if about.may_be_about(statement)
        for guard in statement.guards
        if guard.name not in names and isinstance(guard.value, bool)
    )
    known = [guard for guard in outcomes if first.context.template.definition(guard.name)]
    opposite = [guard._replace(value=not guard.value) for guard in known]
    yield from ((*own, guard) for guard in (*opposite, *known)[:_COMBINATIONS])
    if len(opposite) > 1:
        yield (*own, *opposite)


def _at(
    subject: Subject,
    values: dict[str, str],
    other: Subject | None,
    about: RelevantStatements,
    unread: SameUnread | None = None,
    *,
    gives: bool,
) -> Side | None:
    """
    The policies as deployed with some values, as far as they speak of some actions; None where nothing is deployed with
    these, or not all is known.

    Args:
        unread: what both sides have, and is left out.
    """
    declared = subject.context.template.parameter_names
    given = tuple(Guard(name, value) for name, value in sorted(values.items()) if name in declared)
    try:
        if given and subject.deployments.satisfy(given) is None:
            return None
    except BudgetReached:
        return None
    documents = [with_own_name(subject.deployed(document, values), document) for document in subject.documents]
    # What is not deployed keeps its place.
    policies = tuple(
        Policy(()) if document is None else about.of(subject.surrounded(document)) for document in documents
    )
    policies = policies if unread is None else unread.without(Side(policies)).policies
    limit = subject.permissions_boundary
    bounded = None if limit is None else subject.deployments.document(limit, {**subject.read_values, **values})
    if limit is not None and bounded is None:
        return None
    name = known_name(subject.holder, None if other is None else other.holder)
    limiting = None if bounded is None else decided_anyway(with_name(about.of(bounded.policy), name), gives=gives)
    side = Side(tuple(decided_anyway(with_name(policy, name), gives=gives) for policy in policies), limiting)
    return side if all(map(is_concrete, deciding_policies(side))) else None
