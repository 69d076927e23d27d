"""
Several policies for one place, of which one stays there: what each of them gives alike is given in any case.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.comparison.gains import StatementGain
from trustproof.escaping.text import first_of
from trustproof.results.result import REPLACES

#: So many other policies are named.
_SHOWN = 3


def whichever_stays(given: Iterable[StatementGain]) -> list[StatementGain]:
    """What is given, each thing once that several policies for the same place give, with a note of the others."""
    alike: dict[object, list[StatementGain]] = {}
    for number, one in enumerate(given):
        alike.setdefault(_given_by_any(one) or number, []).append(one)
    return [_also_by(first, others) for first, *others in alike.values()]


def _given_by_any(one: StatementGain) -> object:
    """All that is said of it but which policy it is; None where no other policy is for the same place."""
    others = {name: value for name, value in one.parameters.items() if REPLACES not in name}
    if len(others) == len(one.parameters) or not one.parts or one.found.further.not_asked:
        return None
    pieces = sorted(repr(sorted(map(repr, part.piece.values))) for part in one.parts)
    caller, subject = one.request.caller, one.subject
    shown = (caller.arn, caller.kind, one.request.action, one.request.resource, one.also)
    thing = (subject.label, subject.logical_id, subject.arn)
    return repr((one.direction, thing, one.without, shown, pieces, one.notes, one.accounts, sorted(others.items())))


def _also_by(first: StatementGain, others: Iterable[StatementGain]) -> StatementGain:
    """The same, with a note of the other policies that give it; one that gives it in several cases is named once."""
    own = first.place[0]
    named = dict.fromkeys(one.place[0] for one in others if one.place[0] != own)
    if not named:
        return first
    return first._replace(notes=(*first.notes, f"so it is where {first_of(named, _SHOWN)} is the one that stays"))
