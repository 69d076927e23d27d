"""
Objects merged of others, not all of which are known.

https://developer.hashicorp.com/terraform/language/functions/merge
"""

from __future__ import annotations

from collections.abc import Mapping

from trustproof.inputs.terraform.values import Place, Symbol, Value


class MergedObject(Symbol):
    """
    An object of which it is known what it has at some keys, whatever is not known: the last that is merged wins.

    Args:
        of: the symbol for it.
        entries: what it has in any case, by the keys.
    """

    __slots__ = ("entries",)

    def __init__(self, of: Symbol, entries: Mapping[str, Value]) -> None:
        super().__init__(of.name, of.kind, of.reason, of.place, of.sensitive)
        self.least, self.each = of.least, of.each
        self.entries: Mapping[str, Value] = entries

    def part(self, key: str | int, _: Place | None = None) -> Value | None:
        """What it has at a key; None where that is not known."""
        return self.entries.get(str(key))
