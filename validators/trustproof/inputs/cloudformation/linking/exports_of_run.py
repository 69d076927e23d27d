"""
Which templates of a run export something by a name, or keep something where others read it by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from trustproof.inputs.cloudformation.linking.exports import Export, exported
from trustproof.inputs.cloudformation.linking.members import Member, go_together
from trustproof.inputs.cloudformation.linking.wild_exports import wild_outputs
from trustproof.inputs.cloudformation.resources.other_templates.stored_patterns import add_pattern
from trustproof.inputs.cloudformation.template import Template
from trustproof.model.stored_values import EXPORTED, STATE

#: Account and Region, as far as they are known.
_Place: TypeAlias = tuple[str | None, str | None]


class ExportsOfRun:
    """
    Who exports what, and keeps what.

    Args:
        offering: the templates that others may take something from.
        opened: reads one of them again, by its place.
    """

    def __init__(self, offering: Sequence[Member], opened: Callable[[int], Template]) -> None:
        self._opened = opened
        self._offering = offering
        self._by_place = {member.at: member for member in offering}
        self._kept: dict[int, Mapping[str, str | None]] = {}
        self._in_sets = frozenset(member.at for member in offering if member.origin.deployment.is_in_stack_set)
        self._wild = [member for member in offering if member.names.wild_exports]
        #: By account and Region: the places of the templates that may be there, and what each of them exports so.
        self._wild_near: dict[_Place, list[tuple[int, str]]] = {}
        self._exported: dict[int, dict[str, Export]] = {}
        self._exporting: dict[tuple[object, ...], list[int]] = {}
        self._elsewhere: dict[tuple[object, ...], list[int]] = {}
        #: By the name: account and Region of each that exports something so.
        self._places: dict[str, list[tuple[_Place, int]]] = {}
        for member in offering:
            symbols = member.names
            for names, found in ((symbols.exports, self._exporting), (symbols.exports_elsewhere, self._elsewhere)):
                for name in names:
                    found.setdefault((member.account, member.region, name), []).append(member.at)
            for name in symbols.exports:
                self._places.setdefault(name, []).append(((member.account, member.region), member.at))

    def giving(self, asking: Member, name: str) -> list[int]:
        """
        The templates that export something by a name, in the place of the one that asks for it. One that has the name
        at other values of its parameters than it is read at is only meant where no other one has it. The stacks of a
        StackSet are in many places: what is exported once is in one of them. Where such a place is not known, those
        that export it in one which it may be are meant as much.
        """
        place = (asking.account, asking.region, name)
        found = self._exporting.get(place) or self._elsewhere.get(place, [])
        if asking.origin.deployment.is_in_stack_set:
            return [at for at in found if at in self._in_sets]
        if None not in place or any(go_together(asking, self._by_place[at]) for at in found if at != asking.at):
            return found
        others = (at for one, at in self._places.get(name, ()) if _is_in(one, place[:2]))
        return [*found, *(at for at in others if at not in found)] if found else []

    def wild(self, asking: Member, own: int) -> tuple[str, ...]:
        """
        The names that exports may have whose value may have a wildcard, in a place that may be that of who asks.

        Args:
            own: the place of the one that asks among the templates of the run: nobody imports from itself.
        """
        place = (asking.account, asking.region)
        if place not in self._wild_near:
            near = [one for one in self._wild if _may_be_at((one.account, one.region), place)]
            self._wild_near[place] = [(one.at, name) for one in near for name in one.names.wild_exports]
        return tuple(dict.fromkeys(name for at, name in self._wild_near[place] if at != own))

    def patterns(self, asking: Member, own: int) -> dict[str, str | None]:
        """
        What others keep that may have a wildcard, by the names under which the one that asks may read it; None where
        nobody knows the value.

        Args:
            own: as for `wild`.
        """
        found: dict[str, str | None] = {}
        for one in self._offering:
            is_near = _may_be_at((one.account, one.region), (asking.account, asking.region))
            for name, value in self._kept_by(one).items() if one.at != own else ():
                # Whoever may read a state names it in full, wherever it is.
                if is_near or name.startswith(STATE):
                    add_pattern(found, name, value)
        return found

    def _kept_by(self, member: Member) -> Mapping[str, str | None]:
        if member.at not in self._kept:
            template = self._opened(member.at)
            found = {**template.kept_patterns(), **dict(wild_outputs(template, member.origin.deployment.stack_name))}
            found.update((EXPORTED + name, None) for name in member.names.wild_exports)
            self._kept[member.at] = found
        return self._kept[member.at]

    def of(self, index: int, name: str) -> Export | None:
        """What a template exports by a name; None where it exports nothing by it."""
        if index not in self._exported:
            self._exported[index] = exported(self._opened(index))
        return self._exported[index].get(name)


def _may_be_at(first: _Place, second: _Place) -> bool:
    """Whether two places may be one."""
    return all(None in pair or pair[0] == pair[1] for pair in zip(first, second, strict=True))


def _is_in(inner: _Place, outer: _Place) -> bool:
    """Whether a place is one of those that another one may be, of which less is known."""
    return all(said in (None, one) for one, said in zip(inner, outer, strict=True))
