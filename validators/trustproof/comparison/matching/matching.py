"""
Which resource of one side is which of the other: by its name, by its place, by its construct, or by what it says.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from trustproof.comparison.matching.moves import name_and_start, names_of, old_arns, without_path
from trustproof.comparison.matching.replicas import with_replicas
from trustproof.comparison.subjects.policy_resources import are_others, known_name, may_be_one
from trustproof.comparison.subjects.subjects import Subject
from trustproof.inputs.reader import Input
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import ALLOW, DENY, Policy, Principal
from trustproof.model.text import Symbolic, Text
from trustproof.proving.sides import all_units, same

#: So much may it cost to find what says the same under another name: to look at two, and to compare what they say.
_MOST_UNITS, _LOOKED_AT, _COMPARED = 100_000, 1, 10
#: New and old; None where the other side has nothing like it.
Pair: TypeAlias = "tuple[Subject | None, Subject | None]"


def matched_pairs(new: Sequence[Subject], old: Sequence[Subject]) -> list[Pair]:
    """
    The pairs, in the order of the new side and then of the old.

    What has a known name on both sides is the same resource only by that name (a role, user or group in any path); a
    logical id that stands for another name has become another resource, and so has what a policy stands on where the
    policy names another one. A role, user or group in its own place is the same under another name, where neither name
    is that of anything on the other side: what it is worth is in its policies.
    """
    pairs: dict[int, Subject] = {}
    left_new, left_old = list(new), list(old)
    for key in (_by_name_and_place, _by_name):
        left_new, left_old = _match(pairs, left_new, left_old, key)
    left_new, left_old = _match(pairs, left_new, left_old, _by_name_in_any_path, may_be_moved=True)
    taken = names_of(new) & names_of(old)
    for place in (_by_place, _by_construct, _by_logical_id):
        left_new, left_old = _match(pairs, left_new, left_old, _under_a_new_name(place, taken), may_be_moved=True)
    for key in (
        _by_policies,
        _by_place,
        _by_resource,
        _by_what_it_is_put_on,
        _by_construct,
        _by_file,
        _by_role,
        _by_logical_id,
    ):
        left_new, left_old = _match(pairs, left_new, left_old, key)
    left_new, left_old = _match_by_open_names(pairs, left_new, left_old)
    _match_by_meaning(pairs, left_new, left_old, _Known(new, old, pairs))
    there = {id(one) for one in pairs.values()}
    found: list[Pair] = [
        *((one, pairs.get(id(one))) for one in new),
        *((None, one) for one in old if id(one) not in there),
    ]
    return [*with_replicas(found)]


def _match(
    pairs: dict[int, Subject],
    new: Iterable[Subject],
    old: Sequence[Subject],
    key: Callable[[Subject], Hashable | None],
    *,
    may_be_moved: bool = False,
) -> tuple[list[Subject], list[Subject]]:
    """
    Pair what has the same key, in order; the rest of both sides.

    Args:
        may_be_moved: whether two ARNs are of one and the same.
    """
    waiting: dict[Hashable, list[Subject]] = {}
    for one in old:
        if (found := key(one)) is not None:
            waiting.setdefault(found, []).append(one)
    left: list[Subject] = []
    for one in new:
        candidates = waiting.get(key(one), []) if key(one) is not None else []
        chosen = next((other for other in candidates if may_be_moved or not are_others(one, other, {})), None)
        if chosen is None:
            left.append(one)
        else:
            candidates.remove(chosen)
            pairs[id(one)] = chosen
    taken = {id(one) for one in pairs.values()}
    return left, [one for one in old if id(one) not in taken]


def _sort(one: Subject) -> tuple[str, str]:
    return one.kind, one.resource_type if one.kind == IDENTITY else ""


def _by_name_and_place(one: Subject) -> Hashable | None:
    """Several policies may stand on one resource."""
    return (*_by_place(one), one.name, one.context.template.account) if one.name else None


def _by_name(one: Subject) -> Hashable | None:
    return (*_sort(one), one.name, one.context.template.account) if one.name else None


def _by_name_in_any_path(one: Subject) -> Hashable | None:
    """Nobody can have two roles of one name in an account."""
    found = without_path(one)
    return (*_sort(one), found, one.context.template.account) if found else None


def _under_a_new_name(
    place: Callable[[Subject], Hashable | None], taken: Container[str]
) -> Callable[[Subject], Hashable | None]:
    """
    What is the same role, user or group of an account in its place, whatever it is called.

    Args:
        taken: names that both sides have, as `names_of` gives them: what has one of these is matched by it.
    """

    def key(one: Subject) -> Hashable | None:
        name, start = name_and_start(one)
        found = place(one)
        return None if not name or found is None or without_path(one) in taken else (found, start)

    return key


def _by_place(one: Subject) -> tuple[str, ...]:
    return (*_sort(one), one.label, one.logical_id)


def _by_policies(one: Subject) -> Hashable | None:
    """Somebody of whom only the policies are in sight: each of these may be of somebody else."""
    if one.holder is None or one.holder.logical_id or not one.documents:
        return None
    return (*_sort(one), one.label, one.arn, tuple(document.logical_id for document in one.documents))


def _by_resource(one: Subject) -> Hashable | None:
    """What a policy stands on, where that is known in part only."""
    return (*_sort(one), one.label, one.resource_type, one.arn) if isinstance(one.arn, Symbolic) else None


def _by_what_it_is_put_on(one: Subject) -> Hashable | None:
    """
    A policy of Terraform's that is an argument of its resource, or a resource of its own that names that one, where it
    says the same.
    """
    if one.kind != RESOURCE or one.name or "." not in one.logical_id:
        return None
    types = one.home.presentation.types
    named = [symbol.name for symbol in one.arn.symbols] if isinstance(one.arn, Symbolic) else []
    there = [name for name in dict.fromkeys((*named, one.logical_id)) if name in types]
    policies = [document.policy for document in one.documents]
    said = frozenset(unit for it in policies for effect in (ALLOW, DENY) for unit in all_units(it, effect))
    return (*_sort(one), one.label, one.resource_type, there[0], said) if there else None


def _by_construct(one: Subject) -> Hashable | None:
    return None if one.construct_path is None else (*_sort(one), one.label, one.construct_path)


def _by_file(one: Subject) -> Hashable | None:
    """A policy that stands by itself is called by its file, which may have another name."""
    stem = os.path.splitext(os.path.basename(one.context.template.name))[0].strip("<>")
    return (*_sort(one), one.label) if one.logical_id == stem else None


def _by_role(one: Subject) -> Hashable | None:
    """
    A role whose name CloudFormation generates of its logical id, in whatever resource it is written.

    SAM makes one of a function, and the processed template has it under the id that it is given there:
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
    """
    is_role = one.kind in (TRUST, IDENTITY) and isinstance(one.arn, Symbolic)
    return (one.kind, one.arn, one.context.template.account) if is_role else None


def _by_logical_id(one: Subject) -> Hashable | None:
    """A template may have another file, or be in another directory."""
    return (*_sort(one), one.logical_id, one.context.template.account)


def _match_by_open_names(
    pairs: dict[int, Subject], new: Sequence[Subject], old: Sequence[Subject]
) -> tuple[list[Subject], list[Subject]]:
    """
    Pair what stands on resources of one name where the Region, say, is known on one side only, if there is one of it.

    A policy that was a property of a queue and is a resource of its own says of the same queue what it says.
    """
    named: dict[Hashable, tuple[list[Subject], list[Subject]]] = {}
    for number, side in enumerate((new, old)):
        for one in side:
            if name := known_name(one):
                named.setdefault((name, one.context.template.account), ([], []))[number].append(one)
    for here, there in named.values():
        if len(here) == len(there) == 1 and may_be_one(here[0], there[0]):
            pairs[id(here[0])] = there[0]
    taken = {id(one) for one in pairs.values()}
    return [one for one in new if id(one) not in pairs], [one for one in old if id(one) not in taken]


def _match_by_meaning(pairs: dict[int, Subject], new: Sequence[Subject], old: Sequence[Subject], known: _Known) -> None:
    """
    What has no name that is known, and says what another one said, is that one under another logical id. Where too many
    would have to be held against each other, those that are left are others: all that they give is told as gained.
    """
    left: dict[Hashable, list[Subject]] = {}
    for other in old:
        if not other.name:
            left.setdefault(_said(other), []).append(other)
    waiting = [(one, left[said]) for one in new if not one.name and (said := _said(one)) in left]
    renamed: dict[str, str] = {}
    found: list[Subject] = []
    units = _MOST_UNITS
    while waiting:
        # What is found tells what others speak of.
        still: list[tuple[Subject, list[Subject]]] = []
        for one, others in waiting:
            for place, other in enumerate(others):
                if units < 0:
                    break
                units -= _LOOKED_AT
                if not known.may_be_one(one, other):
                    continue
                names = {**renamed, one.logical_id: other.logical_id}
                if not _is_alike(one, other, names):
                    continue
                units -= _COMPARED
                if same(one.side(other, names), other.side(one, names)):
                    pairs[id(one)] = other
                    found.append(one)
                    known.add(one, other)
                    renamed = names
                    del others[place]
                    break
            else:
                still.append((one, others))
        if len(still) == len(waiting) or units < 0:
            break
        waiting = still
    _part_other_roles(pairs, found, new, old)


def _said(one: Subject) -> Hashable:
    """What two have alike where they say the same, whatever they call what they speak of."""
    limit = one.permissions_boundary
    policies = [document.policy for document in one.documents]
    said = [_outline(policies), None if limit is None else _outline([limit.policy])]
    return (*_sort(one), one.resource_type, one.opaque, *said)


def _outline(policies: Iterable[Policy]) -> Hashable:
    return frozenset(
        (effect, _plain(it.actions), _plain(it.resources), _principals(it.principals), _principals(it.not_principals))
        for policy in policies
        for effect in (ALLOW, DENY)
        for it in (unit.statement for unit in all_units(policy, effect))
    )


def _principals(named: Iterable[Principal] | None) -> Hashable:
    return None if named is None else frozenset((one.kind, *_known_texts([one.value])) for one in named)


def _plain(written: Iterable[Text] | None) -> Hashable:
    return None if written is None else frozenset(_known_texts(written))


def _known_texts(written: Iterable[Text]) -> Iterator[str]:
    """Texts, of which those have no part that two sides may write otherwise."""
    return (one if isinstance(one, str) and "$" not in one else "" for one in written)


def _part_other_roles(
    pairs: dict[int, Subject], found: Sequence[Subject], new: Sequence[Subject], old: Sequence[Subject]
) -> None:
    """
    Take back the pairs of roles that are trusted alike and may do something else: whoever gets into one gains that.

    Args:
        found: of the new side, what was paired by what it says.
    """
    there = {*pairs, *(id(one) for one in pairs.values())}
    doing = [one for one in (*new, *old) if one.kind == IDENTITY and (one.documents or one.opaque)]
    others = {_declared(one) for one in doing if id(one) not in there}
    for one in found:
        if one.kind == TRUST and not others.isdisjoint((_declared(one), _declared(pairs[id(one)]))):
            del pairs[id(one)]


class _Known:
    """
    Which users, groups and roles of the new side are which of the old one, as far as it is known.

    What says what another one said is not that one while both are there: a policy may be handed on.
    """

    def __init__(self, new: Sequence[Subject], old: Sequence[Subject], pairs: Mapping[int, Subject]) -> None:
        self._old: dict[tuple[str, str], tuple[str, str]] = {}
        self._new: dict[tuple[str, str], tuple[str, str]] = {}
        self._templates = [{one.label: one.home for one in side} for side in (new, old)]
        for one in new:
            if (other := pairs.get(id(one))) is not None:
                self.add(one, other)

    def add(self, new: Subject, old: Subject) -> None:
        """What both say of one of them is of the other, too."""
        if _is_somebody(new) and _is_somebody(old):
            self._old[_declared(new)], self._new[_declared(old)] = _declared(old), _declared(new)

    def may_be_one(self, new: Subject, old: Subject) -> bool:
        """Whether nothing is known by which they are two."""
        here, there = _declared(new), _declared(old)
        if _is_somebody(new) and _is_somebody(old) and (here in self._old or there in self._new):
            return self._old.get(here) == there
        if here == there:
            return True
        is_there = _is_in(self._templates[1], new) or _is_in(self._templates[0], old)
        return not is_there and not (_is_by_parameters_of(old, new) or _is_by_parameters_of(new, old))


def _is_somebody(one: Subject) -> bool:
    return one.kind == TRUST or one.holder is not None


def _declared(one: Subject) -> tuple[str, str]:
    return one.label, one.logical_id


def _is_by_parameters_of(one: Subject, other: Subject) -> bool:
    """Whether a parameter says who this one is that the template of the other has as well, and the other is not of."""
    mine, theirs = ([it.arn] if isinstance(it.arn, Symbolic) and it.kind == IDENTITY else [] for it in (one, other))
    named = {symbol for arn in mine for symbol in arn.symbols if symbol.kind == "parameter"}
    named.difference_update(symbol for arn in theirs for symbol in arn.symbols)
    return any(symbol.name in other.home.parameter_names for symbol in named)


def _is_in(templates: Mapping[str, Input], one: Subject) -> bool:
    """Whether the template of a resource has it on the other side as well, of which these are the templates."""
    there = templates.get(one.label)
    return there is not None and there.resource_type(one.logical_id) == one.home.resource_type(one.logical_id) != ""


def _is_alike(one: Subject, other: Subject, names: Mapping[str, str]) -> bool:
    kinds = [(_sort(side), side.resource_type, side.opaque) for side in (one, other)]
    return kinds[0] == kinds[1] and not are_others(one, other, names)


def _are_one_role(new: Subject, old: Subject) -> bool:
    """Whether a role is called the same on both sides, as one that SAM makes of a function, which is not that role."""
    found = _by_role(new)
    return found is not None and found == _by_role(old)


def renamed_ids(pairs: Sequence[Pair]) -> dict[str, str]:
    """Logical ids and ARNs of the new side to those that the same resources have on the old side."""
    found = {
        new.logical_id: old.logical_id
        for new, old in pairs
        if new is not None and old is not None and new.logical_id != old.logical_id and not _are_one_role(new, old)
    }
    # Where the old name is that of another resource by now, one would be taken for the other.
    there = {new.logical_id for new, _ in pairs if new is not None}
    return {**{new: old for new, old in found.items() if old not in there}, **old_arns(pairs)}


def is_same_place(one: Subject, other: Subject) -> bool:
    """Whether two subjects of one side, at other values of parameters, are of the same resource or identity."""
    return (one.kind, one.resource_type, one.logical_id, one.path, one.called) == (
        other.kind,
        other.resource_type,
        other.logical_id,
        other.path,
        other.called,
    )
