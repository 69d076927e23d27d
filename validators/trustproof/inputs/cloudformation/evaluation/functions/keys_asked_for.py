"""
By which names mappings are looked up, and all keys that these could be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.inputs.cloudformation.values.intrinsics import names_in, reference


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

    def of_one(self, value: object) -> tuple[str, Sequence[str]]:
        """The name by which alone a value is looked up, and the keys by which something is found; else nothing."""
        argument = value.get("Fn::FindInMap") if isinstance(value, dict) and len(value) == 1 else None
        table = self._mappings.get(str(argument[0])) if isinstance(argument, list) and len(argument) == 3 else None
        if not isinstance(argument, list) or not isinstance(table, dict):
            return "", ()
        rows = {str(key): row for key, row in table.items() if isinstance(row, dict)}
        if len(rows) < len(table) or any(key.startswith("Fn::") for row in (rows, *rows.values()) for key in row):
            return "", ()
        _, first, second = argument
        if (by_row := reference(first)) is not None and not by_row[1] and isinstance(second, str):
            return by_row[0], [key for key, row in rows.items() if second in row]
        if (by_entry := reference(second)) is not None and not by_entry[1] and isinstance(first, str):
            return by_entry[0], [*map(str, rows.get(first, ()))]
        return "", ()

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
