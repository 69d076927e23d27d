"""
How large a value is that is made: often much smaller than what it was taken from.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from trustproof.inputs.terraform.configuration.values.work import Measure
from trustproof.inputs.terraform.values.conditions import AllOf, AnyOf, Condition, Not
from trustproof.inputs.terraform.values.values import Attribute, Choice, Known, Maybe, Rest, Symbol, Value

#: So many parts of a value are counted: what is larger is as large as the work on it, which nobody has to look at.
_MOST = 1_024
#: So many characters of a name or condition are a part of their own: a text that is made of others may double as well.
_LENGTH = 64


class SizedValue:
    """
    A value that others may be made of.

    Args:
        value: as it was made.
        work: on it.
    """

    def __init__(self, value: Value, work: Measure) -> None:
        self.value = value
        self._work = work

    @cached_property
    def measure(self) -> Measure:
        """How large it is: most values are a part of no other one, and nobody asks."""
        return as_large_as_it_is(self.value, self._work)


def as_large_as_it_is(value: Value, measure: Measure) -> Measure:
    """
    The measure of a value by which whoever refers to it is charged: that of its own parts, where these are fewer than
    what it took to make it. One setting that is looked up in a large table is no table.

    Args:
        value: as it was made.
        measure: the work on it.
    """
    if measure.parts <= 1:
        return measure
    most = min(measure.parts, _MOST)
    found = 0
    waiting: list[Value | Condition] = [value]
    while waiting:
        one = waiting.pop()
        found += 1
        if isinstance(one, Not):
            waiting.append(one.of)
        elif isinstance(one, AllOf | AnyOf):
            waiting.extend(one.of)
        elif isinstance(one, Condition):
            found += len(one.shown) // _LENGTH
        elif not isinstance(one, Known):
            waiting.extend(islice(_parts(one), most))
            found += len(one.shown) // _LENGTH if isinstance(one, Symbol | Attribute) else 0
        if found >= most:
            return measure
    return measure._replace(parts=found)


def _parts(value: Value) -> Iterator[Value | Condition]:
    """What a value holds, also where that is not written in it."""
    if isinstance(value, Choice | Maybe):
        yield value.condition
    if isinstance(value, Symbol | Rest):
        yield from value.among
    if isinstance(value, Symbol) and value.each is not None:
        yield value.each
    yield from value.parts()
