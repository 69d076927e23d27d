"""
Which templates of a run export something by a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from trustproof.inputs.cloudformation.linking.exports import Export, exported
from trustproof.inputs.cloudformation.linking.members import Member
from trustproof.inputs.cloudformation.template import Template


class ExportsOfRun:
    """
    Who exports what.

    Args:
        offering: the templates that others may take something from.
        opened: reads one of them again, by its place.
    """

    def __init__(self, offering: Iterable[Member], opened: Callable[[int], Template]) -> None:
        self._opened = opened
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
        at other values of its parameters than it is read at is only meant where no other one has it.
        """
        place = (asking.account, asking.region, name)
        return self._exporting.get(place) or self._elsewhere.get(place, [])

    def of(self, index: int, name: str) -> Export | None:
        """What a template exports by a name; None where it exports nothing by it."""
        if index not in self._exported:
            self._exported[index] = exported(self._opened(index))
        return self._exported[index].get(name)
