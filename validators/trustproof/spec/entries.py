"""
One entry of a condition block, asked of a request of which one key is known.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.model.operators import parse_operator
from trustproof.model.policy import Condition
from trustproof.spec.conditions import evaluate

#: Begins what only the request knows.
_VARIABLE = "${"


def condition_met(operator: str, key: str, operands: Sequence[str], values: Sequence[str] | None) -> bool | None:
    """
    Whether a request meets an entry of a condition block, by what it carries under the key.

    >>> condition_met("Bool", "aws:MultiFactorAuthPresent", ["true"], None)
    False
    >>> condition_met("StringNotLike", "aws:PrincipalArn", ["arn:*:role/${aws:PrincipalTag/r}"], ["arn:aws:iam::1"])

    Args:
        operator: as IAM knows it, like ``StringLike`` or ``ForAllValues:StringEqualsIfExists``, in any case.
        key: in any case.
        operands: of the policy; one of them has to match, of a negated operator none.
        values: what the request carries, all of them; None where it does not carry the key.

    Returns:
        None where that is not all it depends on: on another key, by a policy variable in an operand, on what AWS does
        not document (several values without ``ForAllValues`` and ``ForAnyValue``), or on an operator that IAM does not
        know.
    """
    parsed = parse_operator(operator)
    if parsed is None or (values is not None and len(values) > 1 and not parsed.quantifier):
        return None
    known = [one for one in operands if _VARIABLE not in one]
    is_open = len(known) < len(operands)
    if is_open and (not known or parsed.base == "Null"):
        # Of a key that is absent, operands say nothing.
        return None if values is not None or parsed.base == "Null" else _met(operator, key, operands, None)
    met = _met(operator, key, known, values)
    # One operand more only lets more match, and a negated operator less.
    return met if not is_open or values is None or met is not parsed.negated else None


def _met(operator: str, key: str, operands: Sequence[str], values: Sequence[str] | None) -> bool:
    value = None if values is None else values[0] if len(values) == 1 else tuple(values)
    context = {} if value is None else {key.lower(): value}
    return evaluate(Condition(operator, key, tuple(operands)), context, variables=False).matched
