"""
Values as YAML text.

https://developer.hashicorp.com/terraform/language/functions/yamlencode
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.values.values import Symbol, Value


class YamlText(Symbol):
    """
    A value as the YAML text that ``yamlencode`` gives: what stands in it is known, as far as the value is, and how it
    is written is not, since that is no promise of Terraform's.

    Args:
        of: the symbol for the text.
        value: what the text says.
    """

    __slots__ = ("value",)

    def __init__(self, of: Symbol, value: Value) -> None:
        super().__init__(of.name, of.kind, of.reason, of.place, of.sensitive)
        self.value: Value = value

    def parts(self) -> Iterator[Value]:
        """The value."""
        yield self.value
