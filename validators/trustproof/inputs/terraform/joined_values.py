"""
Values of a plan, with what it does not know as the configuration has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from trustproof.inputs.terraform.configuration import convert
from trustproof.inputs.terraform.configuration.work import Fault
from trustproof.inputs.terraform.known_values import KnownValues
from trustproof.inputs.terraform.values import Entry, Fields, Items, JsonText, Known, Symbol, Value, is_sensitive


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
        return _marked_in_parts(planned, self._written[name]) if is_sensitive(planned) else planned


def _filled(planned: Value, written: Value) -> Value:
    """A value of a plan with what it does not know as the configuration has it."""
    if isinstance(planned, Symbol):
        # What is hidden in the plan is hidden wherever it comes from.
        return convert.with_sensitivity(written) if planned.sensitive and not written.sensitive else written
    if isinstance(planned, Fields) and isinstance(written, Fields):
        inner = written.by_key
        entries = tuple(
            Entry(one.key, _filled(one.value, inner[one.key.value]))
            if isinstance(one.key, Known) and isinstance(one.key.value, str) and one.key.value in inner
            else one
            for one in planned.entries
        )
        return Fields(entries, planned.place or written.place, planned.sensitive)
    if isinstance(planned, Items) and isinstance(written, Items) and len(planned.items) == len(written.items):
        items = tuple(_filled(one, other) for one, other in zip(planned.items, written.items, strict=True))
        return Items(items, planned.is_set, planned.place or written.place, planned.sensitive)
    return planned


def _marked_in_parts(planned: Value, written: Value) -> Value:
    """
    A sensitive value of a plan as the configuration has it, which tells the parts that are sensitive: a plan marks the
    whole of a text that has one in it, and of a set. Where the configuration says another thing, or does not see what
    is sensitive, the mark of the plan stands.
    """
    if isinstance(planned, Fields) and isinstance(written, Fields) and not written.sensitive:
        inner = written.by_key
        entries = tuple(
            Entry(one.key, _marked_in_parts(one.value, inner[one.key.value]))
            if isinstance(one.key, Known) and isinstance(one.key.value, str) and one.key.value in inner
            else one
            for one in planned.entries
        )
        return Fields(entries, planned.place or written.place)
    if isinstance(planned, Items) and isinstance(written, Items) and len(planned.items) == len(written.items) == 1:
        return Items((_marked_in_parts(planned.items[0], written.items[0]),), planned.is_set, planned.place)
    return written if is_sensitive(written) and not written.sensitive and _is_json_of(planned, written) else planned


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
