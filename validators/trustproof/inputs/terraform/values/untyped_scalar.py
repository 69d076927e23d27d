"""
Truth values and numbers next to values whose types nobody knows.

https://developer.hashicorp.com/terraform/language/expressions/types#conversion-of-complex-types
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.terraform.values.conditions import literal
from trustproof.inputs.terraform.values.values import Known, Unknown, Value


class UntypedScalar(Unknown):
    """
    A truth value or number that is one still, or is a text, as the type of another value decides: the same in a policy,
    and not where two values are compared.

    Args:
        of: a `Known`, or a variable without a value.
    """

    __slots__ = ("of",)

    def __init__(self, of: Value) -> None:
        super().__init__(of.place, of.sensitive)
        self.of: Value = of

    @property
    def shown(self) -> str:
        """It, and that its type is not known."""
        of = literal(self.of.value) if isinstance(self.of, Known) else getattr(self.of, "shown", "a value")
        return f"{of} of a type that is not known"

    def parts(self) -> Iterator[Value]:
        """What it is."""
        yield self.of

    def __repr__(self) -> str:
        return f"UntypedScalar({self.of!r})"


def without_type(value: Value) -> Value:
    """What a value is whatever its type."""
    return value.of if isinstance(value, UntypedScalar) else value
