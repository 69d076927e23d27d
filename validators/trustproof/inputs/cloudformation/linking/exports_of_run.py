"""
Which templates of a run export something by a name, or keep something where others read it by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trustproof.inputs.cloudformation.linking.exports import Export, exported
from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.linking.wild_exports import wild_outputs
from trustproof.inputs.cloudformation.resources.other_templates.stored_patterns import add_pattern
from trustproof.inputs.cloudformation.template import Template
from trustproof.model.stored_values import EXPORTED, STATE


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
        self._kept: dict[int, Mapping[str, str | None]] = {}
        self._in_sets = frozenset(member.at for member in offering if member.origin.deployment.is_in_stack_set)
        self._wild = [member for member in offering if member.names.wild_exports]
        #: By account and Region: the places of the templates that may be there, and what each of them exports so.
        self._wild_near: dict[tuple[str | None, str | None], list[tuple[int, str]]] = {}
        self._exported: dict[int, dict[str, Export]] = {}
        self._exporting: dict[tuple[object, ...], list[int]] = {}
        self._elsewhere: dict[tuple[object, ...], list[int]] = {}
        for member in offering:
            symbols = member.names
            for names, found in ((symbols.exports, self._exporting), (symbols.exports_elsewhere, self._elsewhere)):
                for name in names:
                    found.setdefault((member.account, member.region, name), []).append(member.at)

    def giving(self, asking: Member, name: str) -> list[int]:
        """
        The templates that export something by a name, in the place of the one that asks for it. One that has the name
        at other values of its parameters than it is read at is only meant where no other one has it. The stacks of a
        StackSet are in many places: what is exported once is in one of them.
        """
        place = (asking.account, asking.region, name)
        found = self._exporting.get(place) or self._elsewhere.get(place, [])
        is_in_set = asking.origin.deployment.is_in_stack_set
        return [at for at in found if at in self._in_sets] if is_in_set else found

    def wild(self, asking: Member, own: int) -> tuple[str, ...]:
        """
        The names that exports may have whose value may have a wildcard, in a place that may be that of who asks.

        Args:
            own: the place of the one that asks among the templates of the run: nobody imports from itself.
        """
        place = (asking.account, asking.region)
        if place not in self._wild_near:
            near = [
                one
                for one in self._wild
                if _may_be_one(one.account, asking.account) and _may_be_one(one.region, asking.region)
            ]
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
            is_near = _may_be_one(one.account, asking.account) and _may_be_one(one.region, asking.region)
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


def _may_be_one(first: str | None, second: str | None) -> bool:
    return first is None or second is None or first == second
