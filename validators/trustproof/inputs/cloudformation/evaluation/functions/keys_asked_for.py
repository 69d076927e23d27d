"""
By which names mappings are looked up, and all keys that these could be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.values.intrinsics import names_in


class KeysAskedFor:
    """
    The keys of the mappings of one template.

    Args:
        mappings: by name.
    """

    def __init__(self, mappings: Mapping[str, object]) -> None:
        self._mappings = mappings
        self._known: dict[str, dict[str, None]] = {}

    def within(self, value: object) -> Iterator[tuple[str, dict[str, None]]]:
        """The names by which something is looked up in a mapping, with all keys of the mapping."""
        if isinstance(value, list):
            for item in value:
                yield from self.within(item)
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key == "Fn::FindInMap":
                    yield from self.by(inner)
                yield from self.within(inner)

    def by(self, argument: object) -> Iterator[tuple[str, dict[str, None]]]:
        """The names by which one ``Fn::FindInMap`` looks something up, whatever others stand in its argument."""
        if isinstance(argument, list) and argument:
            keys = self._of(argument[0])
            for name in names_in(argument[1:3]):
                yield name, keys

    def _of(self, mapping: object) -> dict[str, None]:
        """All keys of a mapping, of both levels; none of what is no mapping of the template."""
        if not isinstance(mapping, str):
            return {}
        if mapping not in self._known:
            table = self._mappings.get(mapping)
            rows = table if isinstance(table, dict) else {}
            keys = dict.fromkeys(rows)
            for row in rows.values():
                keys.update(dict.fromkeys(row if isinstance(row, dict) else ()))
            self._known[mapping] = keys
        return self._known[mapping]
