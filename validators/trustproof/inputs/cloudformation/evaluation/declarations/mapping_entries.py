"""
What stands in a mapping, by keys that may be known or not.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name


class MappingEntries:
    """
    The entries of one mapping. Thousands of resources may ask for the same ones, which are looked up once.

    Args:
        table: as the template has it.
    """

    def __init__(self, table: object) -> None:
        self._table = table
        #: By the keys; None for one that is not known.
        self._found: dict[tuple[str | None, ...], tuple[object, ...]] = {}
        self._keys: dict[tuple[str | None, ...], tuple[str, ...]] = {}

    def under(self, keys: Sequence[object], default: object) -> tuple[object, ...]:
        """
        What may stand there under some keys, each once; None for what cannot be told.

        Args:
            keys: text, or something else for a key that is not known.
            default: what there is where no key fits.
        """
        known = _known(keys)
        if known not in self._found:
            self._found[known] = tuple(_told_apart([_readable(value) for value in self._under(known)]))
        found = self._found[known]
        if default is None or (found and None not in known):
            return found
        return tuple(_told_apart([*found, default]))

    def keys(self, keys: Sequence[object]) -> tuple[str, ...]:
        """The keys that there are under some others."""
        known = _known(keys)
        if known not in self._keys:
            self._keys[known] = tuple(dict.fromkeys(key for row in self._under(known) for key in row_of(row)))
        return self._keys[known]

    def _under(self, keys: Sequence[str | None]) -> list[object]:
        found: list[object] = [self._table]
        for key in keys:
            rows = [row_of(value) for value in found]
            if key is None:
                found = [inner for row in rows for inner in row.values()]
            else:
                found = [row[key] for row in rows if key in row]
        return found


def _known(keys: Sequence[object]) -> tuple[str | None, ...]:
    return tuple(key if isinstance(key, str) else None for key in keys)


def _told_apart(values: Sequence[object]) -> list[object]:
    """Values, each once, as they are written: to Python, ``1`` and ``true`` are equal."""
    return [*{repr(value): value for value in values}.values()]


def _readable(value: object) -> object:
    """A value; None for one with functions, which CloudFormation takes in no mapping: one could lead back to itself."""
    return value if _is_plain(value) else None


def row_of(value: object) -> dict[str, object]:
    """What stands under the keys of a part of a mapping; nothing under those of anything else."""
    return value if isinstance(value, dict) else {}


def _is_plain(value: object) -> bool:
    """Whether there is no intrinsic function in a value."""
    if isinstance(value, list):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return intrinsic_name(value) is None and all(_is_plain(inner) for inner in value.values())
    return True
