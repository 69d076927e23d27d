"""
What trust and resource policies give a role or permission set by its name, as far as its permissions boundary lets it.

A policy that names a session lets it in whatever its boundary says, and one that names the role does not, also where
the role needs no policy of its own. So another boundary gives or takes what nothing but the resource allows.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.comparison.gains import CALLERS, OpenQuestion, StatementGain, are_written, deciding_policies, scene_of
from trustproof.comparison.pairs.concerned import Concerned
from trustproof.comparison.pairs.denials import of_budgets
from trustproof.comparison.pairs.names_across import (
    bound,
    called,
    names_across,
    names_given,
    names_of,
    of_own_role,
    told_apart,
)
from trustproof.comparison.pairs.names_of_callers import called_by_own_name, names_of_callers
from trustproof.comparison.pairs.stopped_elsewhere import names_near
from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.document import IDENTITY
from trustproof.model.policy import ALLOW, DENY
from trustproof.model.query import is_concrete
from trustproof.model.text import Symbolic
from trustproof.properties.shared.regions import held_by, own_tags
from trustproof.proving.excess import excess
from trustproof.proving.own_account import IDENTITY_SIDE, LIMITS, narrow_side
from trustproof.proving.sides import Scene, Side, denies, only, same, with_other_effect
from trustproof.results.difference import GAINED, Direction

_LIMITED = ("role", "permission set")


def let_in_by_boundary(
    direction: Direction,
    first: Subject | None,
    other: Subject | None,
    others: Sequence[Subject],
    renamed: Mapping[str, str],
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What policies of resources and other roles allow a role by its name, and its boundary or a Deny of its own stops on
    the other side only; nothing where it has no boundary on either side.

    Args:
        first: on the side that gives it; None where it is on the other side only.
        other: on the other side, likewise.
        others: everything else of the side that gives it.
        renamed: logical ids of the new side to those that the same resources have on the old side.
    """
    if first is None or other is None or first.holder is None or first.holder.kind not in _LIMITED:
        return
    if first.permissions_boundary is other.permissions_boundary is None:
        return
    if first.unclear or other.unclear or first.opaque != other.opaque:
        # What is not known of these is said of the role itself.
        return
    stays = "which both sides have and which is not known"
    hidden = tuple(f"unless {name}, {stays}, denies it" for name in sorted(first.opaque))
    here, there = _stopping(first, other, renamed), _stopping(other, first, renamed)
    if same(here, there):
        return
    of_first = names_of_callers((first,))
    limits = [one.permissions_boundary for one in (here, there) if one.permissions_boundary is not None]
    stopping_it = (*here.policies, *there.policies, *limits)
    doubts: list[str] = []
    asked_of = (one for one in others if one.kind != IDENTITY and one.context.account == first.context.account)
    for one in Concerned(here, there, first).among(asked_of):
        callers = {**of_first, **names_near(others, first.label)} if one.label == first.label else of_first
        given = told_apart(names_of(one), callers)
        # A boundary may be about other things as well, which have names like any other.
        names = {**names_across(given, one, first), **callers}
        names = {**names_given(first, stopping_it, names), **names}
        symbolic = [arn for arn in (one.arn, first.holder.arn) if isinstance(arn, Symbolic)]
        resource = called(one, {**given, **names_across(callers, first, one)})
        given_names = {symbol.name for arn in symbolic for symbol in arn.symbols}
        role = called(first, names)
        allowed = Side(tuple(document.policy for document in resource.documents))
        freed = narrow_side(allowed, LIMITS)
        by_name = narrow_side(allowed, IDENTITY_SIDE)
        if same(freed, by_name):
            continue
        # Whom it lets in by no boundary is told with what the role is denied.
        besides = tuple(with_other_effect(only(policy, ALLOW), ALLOW) for policy in freed.policies)
        mine, theirs = (_limiting(by_name, _bound(side, names)) for side in (here, there))
        asked = mine._replace(policies=(*mine.policies, *besides)), theirs
        scene = called_by_own_name(_scene(resource, role), first, names)
        for found in excess(*asked, scene, in_pieces=are_written(one)):
            if not found.requests:
                doubts += found.doubts
                continue
            doubts += of_budgets((*found.doubts, *found.further.doubts))
            stopping = _bound(there, names)
            decided = tuple(policy for policy in deciding_policies(stopping) if is_concrete(policy))
            is_denied = denies(Side(decided), found.request)
            yield StatementGain(
                direction,
                one,
                found,
                deciding_policies(mine),
                {name: value for name, value in names.items() if name in given_names},
                (_why(first.called, direction, is_denied=is_denied), *hidden),
                other=other,
                denied=deciding_policies(stopping),
            )
    if doubts:
        yield OpenQuestion(first, tuple(dict.fromkeys(doubts)))


def _why(role: str, direction: Direction, *, is_denied: bool) -> str:
    if is_denied:
        return f"{role} {'no longer denies' if direction == GAINED else 'did not deny'} it"
    return f"the permissions boundary of {role} {'did not allow' if direction == GAINED else 'does not allow'} it"


def _stopping(subject: Subject, other: Subject, renamed: Mapping[str, str]) -> Side:
    """What stops a role: the Denies of its policies, and its limit."""
    side = subject.side(other, renamed)
    return side._replace(policies=tuple(only(one, DENY) for one in side.policies))


def _bound(side: Side, names: Mapping[str, str]) -> Side:
    limit = side.permissions_boundary
    return Side(tuple(bound(one, names) for one in side.policies), None if limit is None else bound(limit, names))


def _limiting(allowed: Side, stopping: Side) -> Side:
    return stopping._replace(policies=(*allowed.policies, *stopping.policies))


def _scene(resource: Subject, role: Subject) -> Scene:
    """Where a role calls what a policy stands on: of others, its boundary may say something else."""
    assert role.holder is not None
    scene = scene_of(resource)
    return scene._replace(
        account=resource.context.account,
        callers=CALLERS[role.holder.kind],
        known_keys=tuple(dict.fromkeys((*scene.known_keys, *own_tags(role.asked)))),
        constraints=(*scene.constraints, *of_own_role(resource), *held_by(role.asked)),
    )
