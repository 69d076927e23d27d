"""
Objects merged of others, not all of which are known.

https://developer.hashicorp.com/terraform/language/functions/merge
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import Symbol, Value


class MergedObject(Symbol):
    """
    An object of which it is known what it has at some keys, whatever is not known: the last that is merged wins.

    Args:
        of: the symbol for it.
        entries: what it has in any case, by the keys.
        certain: what it has at all keys that are there in any case, as far as that is known: where a later object may
            have something else, either.
    """

    __slots__ = ("certain", "entries")

    def __init__(self, of: Symbol, entries: Mapping[str, Value], certain: Mapping[str, Value]) -> None:
        super().__init__(of.name, of.kind, of.reason, of.place, of.sensitive)
        self.least, self.each = of.least, of.each
        self.entries: Mapping[str, Value] = entries
        self.certain: Mapping[str, Value] = certain

    def part(self, key: str | int, _: Place | None = None) -> Value | None:
        """What it has at a key; None where that is not known."""
        return self.entries.get(str(key))
