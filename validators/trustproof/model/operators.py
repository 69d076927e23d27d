"""
The names of the condition operators: how a written operator splits into its parts.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: Base operator to (family, negated).
BASES: dict[str, tuple[str, bool]] = {
    "StringEquals": ("string", False),
    "StringNotEquals": ("string", True),
    "StringEqualsIgnoreCase": ("string", False),
    "StringNotEqualsIgnoreCase": ("string", True),
    "StringLike": ("string", False),
    "StringNotLike": ("string", True),
    "NumericEquals": ("numeric", False),
    "NumericNotEquals": ("numeric", True),
    "NumericLessThan": ("numeric", False),
    "NumericLessThanEquals": ("numeric", False),
    "NumericGreaterThan": ("numeric", False),
    "NumericGreaterThanEquals": ("numeric", False),
    "DateEquals": ("date", False),
    "DateNotEquals": ("date", True),
    "DateLessThan": ("date", False),
    "DateLessThanEquals": ("date", False),
    "DateGreaterThan": ("date", False),
    "DateGreaterThanEquals": ("date", False),
    "Bool": ("bool", False),
    "BinaryEquals": ("binary", False),
    "IpAddress": ("ip", False),
    "NotIpAddress": ("ip", True),
    "ArnEquals": ("arn", False),
    "ArnLike": ("arn", False),
    "ArnNotEquals": ("arn", True),
    "ArnNotLike": ("arn", True),
    "Null": ("null", False),
}

_CANONICAL = {name.lower(): name for name in BASES}
FOR_ALL_VALUES = "ForAllValues"
FOR_ANY_VALUE = "ForAnyValue"


class Operator(NamedTuple):
    """A condition operator, split: ``ForAnyValue:StringLikeIfExists`` has all three parts."""

    #: ``ForAllValues``, ``ForAnyValue`` or the empty string.
    quantifier: str
    #: A key of `BASES`.
    base: str
    if_exists: bool

    @property
    def family(self) -> str:
        """``string``, ``numeric``, ``date``, ``bool``, ``binary``, ``ip``, ``arn`` or ``null``."""
        return BASES[self.base][0]

    @property
    def negated(self) -> bool:
        """Whether the base operator is a ``...Not...`` operator, which an absent key satisfies."""
        return BASES[self.base][1]


def parse_operator(name: str) -> Operator | None:
    """
    Split the name of an operator; None for a name that IAM does not know.

    Letter case is ignored (assumed: the manual always writes the canonical case and does not say).
    ``NullIfExists`` is not an operator.
    """
    quantifier, colon, rest = name.partition(":")
    if not colon:
        quantifier, rest = "", name
    else:
        found = {"forallvalues": FOR_ALL_VALUES, "foranyvalue": FOR_ANY_VALUE}.get(quantifier.lower())
        if found is None:
            return None
        quantifier = found
    lowered = rest.lower()
    if_exists = lowered.endswith("ifexists")
    base = _CANONICAL.get(lowered.removesuffix("ifexists"))
    if base is None or (if_exists and base == "Null"):
        return None
    return Operator(quantifier, base, if_exists)


def admits_absence_alone(name: str, operands: Iterable[object]) -> bool:
    """
    Whether a condition is true only of a request that lacks its key: who tests that asks for no value of it.

    >>> admits_absence_alone("Null", ("true",)), admits_absence_alone("Null", ("false",))
    (True, False)
    """
    operator = parse_operator(name)
    return operator is not None and operator.base == "Null" and {str(one).lower() for one in operands} == {"true"}
