"""
Resources that have all that there is of something, and what they do not list in any case.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from trustproof.inputs.terraform.lowering.lowering import Lowering
from trustproof.inputs.terraform.resources.conditional_items import (
    ALWAYS,
    Guards,
    all_,
    any_,
    any_of,
    condition_of,
    guarded_leaves,
)
from trustproof.inputs.terraform.values.conditions import Condition, Not
from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.values import Choice, Items, Known, Maybe, Value


class ListClaim(NamedTuple):
    """
    A resource that has all that there is of something.
    """

    instance: Instance
    #: Of whom, or of which policy or group: lowered values.
    of: tuple[object, ...]
    #: All that is to be there, each with where it is listed.
    lists: tuple[tuple[object, Guards], ...]
    #: Where the resource says what is to be there, of where it is itself: what holds together, in each case.
    said: tuple[tuple[Condition, ...], ...] = ((),)

    @property
    def condition(self) -> Condition | None:
        """Where it takes something away; None for everywhere."""
        said = None if () in self.said else any_([*map(all_, self.said)])
        found = [one for one in (self.instance.condition, said) if one is not None]
        return all_(found) if found else None


class Removal(NamedTuple):
    """
    That a claim takes something away, which it does not list in any case.
    """

    claim: ListClaim
    #: Where it does not; None for everywhere.
    where: Condition | None


class Names:
    """
    Whom and what lowered values name.

    Args:
        made: the template.
        kind: of whom: ``User``.
    """

    def __init__(self, made: Lowering, kind: str) -> None:
        self._kind = kind
        self._resources = made.resources

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], str]:
        """Type and name to the logical id: most templates have no claims, and nobody asks."""
        found: dict[tuple[str, str], str] = {}
        for logical_id, resource in self._resources.items():
            type_, properties = str(resource["Type"]).rpartition("::")[2], resource.get("Properties")
            name = properties.get(f"{type_}Name") if isinstance(properties, dict) else None
            if isinstance(name, str):
                found[type_, name] = logical_id
        return found

    def is_known(self, value: object) -> bool:
        """Whether a value names one thing for sure."""
        return isinstance(value, str) or (isinstance(value, dict) and value.get("Ref") in self._resources)

    def key(self, value: object) -> str:
        """What is the same for all values that name the same."""
        if isinstance(value, dict) and value.get("Ref") in self._resources:
            return str(value["Ref"])
        if not isinstance(value, str):
            return json.dumps(value, sort_keys=True, default=str)
        if ":policy/" not in value:
            return self._by_name.get((self._kind, value), value)
        # One of AWS's is none of these.
        own = "" if "::aws:" in value else value.rpartition("/")[2]
        return self._by_name.get(("ManagedPolicy", own), value)

    def removals(self, claims: Iterable[ListClaim], value: object) -> list[Removal]:
        """The claims to which something, or an item of it, is not in any case among what they list."""
        items = [(self.key(item), guards) for item, guards in guarded_leaves(value)]
        return [found for claim in claims if (found := self._removal(claim, items)) is not None]

    def only(self, value: object, against: Sequence[Removal]) -> Callable[[object], Sequence[Removal]]:
        """Gives what takes an item away of a list that holds others, too."""
        return lambda item: against if self.key(item) == self.key(value) else ()

    def _removal(self, claim: ListClaim, items: Iterable[tuple[str, Guards]]) -> Removal | None:
        cases: list[tuple[Condition, ...]] = []
        for key, guards in items:
            listed = any_of(there for one, there in claim.lists if self.key(one) == key)
            if ALWAYS not in listed:
                given = () if guards == ALWAYS else (condition_of((guards,)),)
                cases.append((*given, Not(condition_of(listed))) if listed else given)
        if not cases:
            return None
        return Removal(claim, None if () in cases else any_(tuple(map(all_, cases))))


class ListClaims:
    """
    Claims, by what they are about.

    Args:
        names: whom and what values name.
        claims: all of them.
    """

    def __init__(self, names: Names, claims: Iterable[ListClaim]) -> None:
        self.names = names
        self._by_key: dict[str, list[ListClaim]] = {}
        #: Of those nobody knows what they are about, and so they may be about anything.
        self._open: list[ListClaim] = []
        for claim in claims:
            for one in claim.of:
                (self._by_key.setdefault(names.key(one), []) if names.is_known(one) else self._open).append(claim)

    def __bool__(self) -> bool:
        return bool(self._by_key or self._open)

    def about(self, values: Iterable[object]) -> list[ListClaim]:
        """Those that are, or may be, about one of some things."""
        found = [claim for value in values for claim in self._by_key.get(self.names.key(value), ())]
        return [*found, *(claim for claim in self._open if claim not in found)]


def where_set(value: Value, *, blocks: bool) -> tuple[tuple[Condition, ...], ...]:
    """
    Where an argument is set that shows what others have set where it is not: what holds together, in each case.

    Args:
        blocks: whether it is one of blocks: where there are none, it is not set.
    """
    if isinstance(value, Known) and value.value is None:
        return ()
    if isinstance(value, Choice):
        then, otherwise = where_set(value.then, blocks=blocks), where_set(value.otherwise, blocks=blocks)
        if then == otherwise:
            return then
        return *((value.condition, *one) for one in then), *((Not(value.condition), *one) for one in otherwise)
    if blocks and isinstance(value, Items):
        some = [one.condition if isinstance(one, (Maybe, Several)) else None for one in value.items]
        return tuple(() if one is None else (one,) for one in some)
    return ((),)
