"""
Conditions that have no name in common but those whose values are known: values are searched for each by itself.

Many assignments of a template are asked about, and most of what they pin has nothing to do with most of its rules.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from trustproof.inputs.cloudformation.evaluation.conditions.conditions import fault
from trustproof.inputs.cloudformation.evaluation.declarations.condition_outcomes import Key, Together, excluded_by_name
from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope

_PSEUDO = "AWS::"
#: So many conditions that are put together cost as much as one step.
_PUT_TOGETHER = 4


def searched_together(scope: Scope, wanted: Sequence[tuple[str, bool]], fixed: Mapping[str, str]) -> Sequence[Together]:
    """
    The conditions, of some, that are to be searched together; empty where they may have more in common than names.

    Args:
        wanted: the names of conditions, each with whether it is to hold.
        fixed: the values of names.

    Raises:
        OverBudget: the template has asked for too much work.
    """
    here = scope.environment
    is_plain = here.outcomes.are_plain and all(name in here.parameters or name.startswith(_PSEUDO) for name in fixed)
    if not is_plain or excluded_by_name(scope.values, here.parameters) is None:
        return ()
    here.work.step(1 + len(wanted) // _PUT_TOGETHER)
    known = frozenset((*fixed, *scope.values))
    if (found := here.outcomes.together((tuple(wanted), known))) is None:
        found = _put_together(here, wanted, known)
        here.outcomes.keep_together((tuple(wanted), known), found)
    return found


def fixed_among(fixed: Mapping[str, str], search: Together) -> dict[str, str]:
    """Of some values, those that matter to a search: where a stack is always does."""
    return {name: value for name, value in fixed.items() if name in search.names or name.startswith(_PSEUDO)}


def key_of(scope: Scope, search: Together, fixed: Mapping[str, str], other_than: Collection[tuple[str, str]]) -> Key:
    """What the answer of a search is kept by."""
    here, names = scope.environment, sorted(search.names)
    excluded = excluded_by_name(scope.values, here.parameters) or {}
    place = sorted(pair for pair in scope.values.items() if pair[0].startswith(_PSEUDO))
    place += [pair for name in names for pair in excluded.get(name, ())]
    question = (tuple(search.wanted), tuple(fixed.items()), tuple(other_than), scope.closed, tuple(place))
    known = (*question, here.partition, here.partition_known, *map(scope.values.get, names))
    return Key(known, tuple(map(here.parameters.get, names)))


def _put_together(here: Environment, wanted: Sequence[tuple[str, bool]], known: frozenset[str]) -> list[Together]:
    found: list[Together] = []
    #: For each of them, the names that it has to have in common with what is searched with it.
    shared: list[set[str]] = []
    for name, holds in wanted:
        read = here.outcomes.reads(name)
        # What is wrong with a condition has to be met wherever it is asked for.
        if read.names is None or any(fault(here, one) is not None for one in read.conditions):
            return []
        names = {*read.names, *(one for one in read.conditions if one not in here.conditions)}
        # Each name of where a stack is says something of the others.
        own = {_PSEUDO if one.startswith(_PSEUDO) else one for one in names - known}
        own |= {_PSEUDO for one in names if one.startswith(_PSEUDO)}
        conditions, numbers = [(name, holds)], [n for n, others in enumerate(shared) if not own.isdisjoint(others)]
        for number in reversed(numbers):
            other = found.pop(number)
            conditions, names, own = [*other.wanted, *conditions], names | other.names, own | shared.pop(number)
        found.append(Together(conditions, frozenset(names)))
        shared.append(own)
    return found
