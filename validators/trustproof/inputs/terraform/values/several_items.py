"""
Items that stand for any number of items, all of which are made by one body: what a loop makes of a list that nobody
knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.values.conditions import Condition
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Rest, Value


class Several(Rest):
    """
    An item that stands for any number of items, each of which is like one, with whatever it is made of.

    Args:
        one: any of them.
        condition: what must hold for there to be any; None where there are some in any case.
        of: what is not known of the list where nobody looks at the one.
    """

    __slots__ = ("condition", "one")

    def __init__(self, one: Value, condition: Condition | None, of: Value, place: Place | None = None) -> None:
        super().__init__(of, place, one.sensitive)
        self.condition: Condition | None = condition
        self.one: Value = one

    def parts(self) -> Iterator[Value]:
        """The list, and the one."""
        yield self.of
        yield self.one

    def __repr__(self) -> str:
        return f"Several({self.one!r})"
