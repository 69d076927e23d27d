"""
Entries of mappings: what may stand under keys that are known or not, looked up once for all that ask for it.
"""

from __future__ import annotations

from collections.abc import ValuesView

import pytest

from trustproof.inputs.cloudformation.evaluation.declarations.mapping_entries import MappingEntries

_TABLE = {"a": {"x": "1", "y": "2"}, "b": {"x": "1", "z": {"Ref": "P"}}, "c": "no row"}
#: What stands for a key that is not known.
_OPEN = object()


@pytest.mark.parametrize(
    ("keys", "default", "expected"),
    [
        (["a", "x"], None, ("1",)),
        (["a", "x"], "other", ("1",)),
        (["a", "z"], None, ()),
        (["a", "z"], "other", ("other",)),
        (["a", _OPEN], None, ("1", "2")),
        (["a", _OPEN], "2", ("1", "2")),
        ([_OPEN, "x"], "other", ("1", "other")),
        # A function in a mapping is not followed.
        ([_OPEN, _OPEN], None, ("1", "2", None)),
        (["c", "x"], None, ()),
    ],
)
def test_entries_are_those_that_the_keys_may_mean(
    keys: list[object], default: object, expected: tuple[object, ...]
) -> None:
    """A key that is not known may be any; a default is there where no entry may be."""
    assert MappingEntries(_TABLE).under(keys, default) == expected


def test_numbers_and_truth_values_are_told_apart() -> None:
    """``1`` and ``true`` are two entries."""
    assert [*map(repr, MappingEntries({"a": {"x": 1, "y": True}}).under(["a", _OPEN], None))] == ["1", "True"]


def test_the_keys_of_a_mapping_are_those_under_the_keys_before() -> None:
    """Under a key that is not known are the keys of all rows, each once."""
    entries = MappingEntries(_TABLE)
    assert entries.keys([]) == ("a", "b", "c")
    assert entries.keys([_OPEN]) == ("x", "y", "z")
    assert entries.keys(["b"]) == ("x", "z")


def test_entries_are_looked_up_once() -> None:
    """Whoever asks for the same keys again, whatever the default, has no row read again."""
    looks = []

    class Row(dict[str, object]):
        def values(self) -> ValuesView[object]:
            looks.append(1)
            return super().values()

    entries = MappingEntries(Row({"a": Row({"x": "1"}), "b": Row({"y": "2"})}))
    assert entries.under([_OPEN, _OPEN], None) == ("1", "2")
    before = len(looks)
    assert entries.under([object(), object()], "other") == ("1", "2", "other")
    assert len(looks) == before
