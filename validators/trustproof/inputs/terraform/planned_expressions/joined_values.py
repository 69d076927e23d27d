"""
Values of a plan, with what it does not know as the configuration has it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence

from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.sensitivity import with_sensitivity
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.known_values import KnownValues
from trustproof.inputs.terraform.values.values import Entry, Fields, Items, JsonText, Known, Symbol, Value, is_sensitive

#: Up to so many items of a set are looked for among those of the configuration.
_MOST_ITEMS = 100


class JoinedValues(KnownValues):
    """
    Values of a plan; what it does not know is what the configuration says.

    Args:
        planned: as the plan has them.
        written: as the configuration has them.
    """

    __slots__ = ("_written",)

    def __init__(self, planned: KnownValues, written: Mapping[str, Value]) -> None:
        super().__init__(planned._address, planned._values, planned._unknown, planned._sensitive, planned._is_set)
        self._written = written

    def is_computed(self, name: str) -> bool:
        """Whether a value is there that the configuration does not set."""
        return super().is_computed(name) and name not in self._written

    def _counts(self, name: str) -> bool:
        return super()._counts(name) or (bool(self._unknown.get(name)) and name in self._written)

    def _make(self, name: str) -> Value:
        planned = super()._make(name)
        if name not in self._written:
            return planned
        if not planned.is_known:
            return _filled(planned, self._written[name])
        written = self._written[name] if is_sensitive(planned) else planned
        # Where the configuration does not see what is sensitive, the mark of the plan stands.
        is_told = written is not planned and is_sensitive(written) and not written.sensitive
        return _marked_in_parts(planned, written) if is_told else planned


def _filled(planned: Value, written: Value) -> Value:
    """A value of a plan with what it does not know as the configuration has it."""
    if isinstance(planned, Symbol):
        # What is hidden in the plan is hidden wherever it comes from, unless the configuration tells which part it is.
        return with_sensitivity(written) if planned.sensitive and not is_sensitive(written) else written
    if isinstance(planned, Fields) and isinstance(written, Fields):
        entries = tuple(_entries(planned, written, _filled))
        return Fields(entries, planned.place or written.place, planned.sensitive)
    if isinstance(planned, Items) and isinstance(written, Items) and len(planned.items) == len(written.items):
        items = tuple(_filled(one, other) for one, other in zip(planned.items, written.items, strict=True))
        return type(planned)(items, planned.is_set, planned.place or written.place, planned.sensitive)
    return planned


def _marked_in_parts(planned: Value, written: Value) -> Value:
    """
    A sensitive value of a plan as the configuration has it, which tells the parts that are sensitive: a plan marks the
    whole of a text that has one in it, and of a set. Where the configuration says another thing, the mark stands.
    """
    if isinstance(planned, Fields) and isinstance(written, Fields):
        entries = tuple(_entries(planned, written, _marked_in_parts))
        return Fields(entries, planned.place or written.place, written.sensitive)
    if isinstance(planned, Items) and isinstance(written, Items):
        items = tuple(_in_their_order(planned.items, written.items))
        return type(planned)(items, planned.is_set, planned.place, written.sensitive) if items else planned
    return written if planned.sensitive and _is_made_of(planned, written) else planned


def _entries(planned: Fields, written: Fields, join: Callable[[Value, Value], Value]) -> Iterator[Entry]:
    """The entries of an object of a plan, each joined with the one of the configuration that has its key."""
    inner = written.by_key
    for one in planned.entries:
        if isinstance(one.key, Known) and isinstance(one.key.value, str) and one.key.value in inner:
            yield Entry(one.key, join(one.value, inner[one.key.value]))
        else:
            yield one


def _in_their_order(planned: Sequence[Value], written: Sequence[Value]) -> Iterator[Value]:
    """The items of a plan, which orders sets by itself, as the configuration has them."""
    left = list(written) if len(planned) == len(written) <= _MOST_ITEMS else []
    for item in planned:
        found = next((one for one in left if _is_made_of(item, one)), None)
        if found is not None:
            left.remove(found)
        yield item if found is None else _marked_in_parts(item, found)


def _is_made_of(planned: Value, written: Value) -> bool:
    """Whether a value of a plan is what the configuration says, and what the provider adds."""
    if isinstance(planned, Fields) and isinstance(written, Fields):
        there = planned.by_key
        return all(key in there and _is_made_of(there[key], value) for key, value in written.by_key.items())
    if isinstance(planned, Known) and isinstance(written, Known):
        return planned.value == written.value
    return _is_json_of(planned, written)


def _is_json_of(planned: Value, written: Value) -> bool:
    """Whether a text of a plan is the JSON that the configuration makes, part for part."""
    if not isinstance(planned, Known) or not isinstance(planned.value, str) or not isinstance(written, JsonText):
        return False
    try:
        return _spelled(json.loads(planned.value)) == _spelled(convert.plain(written.of))
    except (Fault, ValueError, RecursionError):
        return False


def _spelled(value: object) -> str:
    return json.dumps(value, sort_keys=True)
