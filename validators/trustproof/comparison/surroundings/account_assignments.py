"""
Permission sets of Identity Center that are assigned to somebody else, or in another account, than on the other side.

What a permission set may do is gained by whoever is assigned to it, though its policies are what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.matching.matching import Pair
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.wording import position
from trustproof.inputs.reader import Input
from trustproof.model.principals import AccountAssignment, OpenAssignment
from trustproof.model.substitution import bind_text
from trustproof.results.difference import Undecided, Where

_KIND = "permission set"
#: By the label of a template and a logical id, or by a logical id alone where another template says who has the set.
_Assigned: TypeAlias = "Mapping[tuple[str, str], Sequence[AccountAssignment]]"


def assigned_otherwise(
    new: ComparisonSide,
    old: ComparisonSide,
    pairs: Callable[[], Sequence[Pair]],
    compared: Callable[[Pair], Iterator[StatementGain | OpenQuestion]],
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What somebody gains or loses who is assigned to a permission set of both sides on one of them only.

    Args:
        pairs: gives everything there is on both sides.
        compared: gives what one of a pair gives and the other does not.
    """
    sides = _assigned(new), _assigned(old)
    # What has one name may be made of something else.
    are_as_written = all(named.template.is_as_written for side in (new, old) for named in side.templates)
    if sides[0] == sides[1] and are_as_written:
        return
    for pair in pairs():
        here, there = pair
        if here is None or there is None or here.holder is None or here.holder.kind != _KIND:
            # Who has a set that one side only has is told with the set.
            continue
        both = [_of_set(one, side) for one, side in zip((here, there), sides, strict=True)]
        for number, alone in enumerate(((here, None), (None, there))):
            others = {key for key, _ in both[1 - number]}
            for key, assignment in both[number]:
                if key not in others:
                    yield from _told(pair[number], assignment, [*compared(alone)])


def assigned_to_unknown(side: ComparisonSide, named: NamedTemplate, other: NamedTemplate | None) -> Iterator[Undecided]:
    """
    Who is assigned on one side only to a permission set of which only its name is known.

    Args:
        named: a template of the side.
        other: its counterpart on the other side.
    """
    template = named.template
    there = set() if other is None else {_key_of(other.template, one) for one in other.template.open_assignments}
    for one in template.open_assignments:
        if _key_of(template, one) not in there:
            who = f"{one.assignment.kind} {one.assignment.principal}"
            why = f"on the {side.called} side {who} is assigned, and what the permission set allows is not known"
            logical_id = str(one.path[1]) if len(one.path) > 1 else ""
            where = Where(
                side.shown(template.name), logical_id, "", None, template.account, position(side, template, one.path)
            )
            yield Undecided(where, (f"{why}: {one.permission_set}",))


def _key_of(template: Input, one: OpenAssignment) -> tuple[object, ...]:
    """What tells one assignment from another, also where only what a value is made of differs."""
    it = one.assignment
    texts = (one.permission_set, it.account, it.principal)
    made = () if template.is_as_written else tuple(template.made_of(str(text)) for text in texts)
    return (*map(str, texts), it.kind, made, frozenset(guard.name for guard in it.guards))


def _told(
    permission_set: Subject | None, assignment: AccountAssignment, found: Sequence[StatementGain | OpenQuestion]
) -> Iterator[StatementGain | OpenQuestion]:
    """The first of what a permission set gives, as what somebody has by it; why it is not known whether it does."""
    assert permission_set is not None
    account = bind_text(assignment.account, permission_set.context.assumed)
    who = f"{assignment.kind} {assignment.principal} by {permission_set.called} in account {account}"
    given = next((one for one in found if isinstance(one, StatementGain)), None)
    conditions = " and ".join(one.name for one in assignment.guards)
    if given is not None:
        notes = (f"the assignment depends on the condition {conditions}",) if conditions else ()
        subject = given.subject._replace(called=who)
        yield given._replace(subject=subject, notes=(*given.notes, *notes))
        return
    for one in found:
        if isinstance(one, OpenQuestion):
            reasons = (f"{who} is assigned on the {permission_set.side_name} side only", *one.reasons)
            yield one._replace(reasons=reasons)


def _of_set(one: Subject, assigned: _Assigned) -> list[tuple[object, AccountAssignment]]:
    """Who has a permission set, each with what tells one assignment from another."""
    found = (*assigned.get((one.label, one.logical_id), ()), *assigned.get(("", one.logical_id), ()))
    keys = [
        (
            bind_text(it.account, one.context.assumed),
            it.kind,
            it.principal,
            one.home.made_of(str(it.principal)),
            frozenset(guard.name for guard in it.guards),
        )
        for it in found
    ]
    return list(dict(zip(keys, found, strict=True)).items())


def _assigned(side: ComparisonSide) -> _Assigned:
    found: dict[tuple[str, str], list[AccountAssignment]] = {}
    for named in side.templates:
        for holder in named.template.holders:
            if holder.assigned:
                found.setdefault((named.label, holder.logical_id), []).extend(holder.assigned)
        for name, assignment in named.template.assignments_elsewhere:
            found.setdefault(("", name.rpartition("/")[2]), []).append(assignment)
    return found
