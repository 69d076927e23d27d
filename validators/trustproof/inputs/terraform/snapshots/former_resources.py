"""
Resources as they are before a plan changes, replaces or deletes them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.inputs.terraform.values.instances import Instance
from trustproof.inputs.terraform.values.known_values import KnownValues


class FormerResources:
    """
    Finds them by what an argument was.

    Args:
        instances: as they were; a plan knows all of them.
    """

    def __init__(self, instances: Iterable[Instance]) -> None:
        self._by_type: dict[str, list[Instance]] = {}
        for instance in instances:
            self._by_type.setdefault(instance.type, []).append(instance)
        self._by_value: dict[tuple[str, str], dict[object, list[Instance]]] = {}

    def having(self, type_: str, argument: str, values: Iterable[object]) -> Iterator[Instance]:
        """Those of a type of which an argument was one of some texts, or a list that has one of them."""
        found = self._by_value.get((type_, argument))
        if found is None:
            found = self._by_value[type_, argument] = {}
            for instance in self._by_type.get(type_, ()):
                for text in texts(instance, argument):
                    found.setdefault(text, []).append(instance)
        for value in values:
            yield from found.get(value, ())


def texts(instance: Instance, argument: str) -> tuple[str, ...]:
    """The text that an argument was, or those in the list that it was."""
    value = instance.values.raw(argument) if isinstance(instance.values, KnownValues) else None
    listed = value if isinstance(value, list) else [value]
    return tuple(one for one in listed if isinstance(one, str))
