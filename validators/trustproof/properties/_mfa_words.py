"""
Words about MFA conditions: which one lets a request without MFA through, and what to write instead.
"""

from __future__ import annotations

from trustproof._verdict import Remedy
from trustproof.model.operators import parse_operator
from trustproof.model.policy import DENY, Condition, Path
from trustproof.properties._base import Finding, Refutation
from trustproof.properties._words import because

PRESENT = "aws:multifactorauthpresent"
AGE = "aws:multifactorauthage"


def explain(refutation: Refutation, message: str, place: Path, label: str, remedy: Remedy) -> Finding:
    """
    Word a request without MFA that gets through: an MFA condition that it meets, a Deny that it does not meet, or none.

    Args:
        place: of the finding where no condition looks at MFA.
        label: for that place.
        remedy: for that case.
    """
    statement = refutation.statement
    own = [c for c in statement.conditions if c.key.lower() in (PRESENT, AGE)]
    if own:
        condition = own[0]
        return Finding(
            message,
            "this lets a request without MFA through",
            condition.path,
            because(refutation, statement),
            _allow_remedy(condition),
        )
    missed = _missed_deny(refutation)
    if missed is not None:
        return Finding(
            message,
            "this Deny does not apply to a request without MFA",
            missed.path,
            because(refutation, statement),
            _deny_remedy(missed),
        )
    why = ("no condition of this statement looks at aws:MultiFactorAuthPresent, and no Deny does",)
    return Finding(message, label, place, why, remedy)


def _missed_deny(refutation: Refutation) -> Condition | None:
    """The MFA condition of a Deny that would have stopped the request, and did not."""
    for explanation in refutation.decision.explanations:
        if explanation.statement.effect != DENY or explanation.applies:
            continue
        for finding in explanation.conditions:
            if not finding.matched and finding.condition.key.lower() in (PRESENT, AGE):
                return finding.condition
    return None


def _allow_remedy(condition: Condition) -> Remedy:
    old = line("-", condition.operator, condition)
    if condition.key.lower() == AGE:
        operator = parse_operator(condition.operator)
        base = operator.base if operator is not None and "Less" in operator.base else "NumericLessThanEquals"
        return Remedy(
            "use an operator that is false when the key is absent, with an upper bound",
            (old, f'+ "{base}": {{"aws:MultiFactorAuthAge": "{_bound(condition)}"}}'),
        )
    return Remedy(
        "an Allow needs the operator that is false when the key is absent, and only a Deny the one that is true then",
        (old, '+ "Bool": {"aws:MultiFactorAuthPresent": "true"}'),
    )


def _deny_remedy(condition: Condition) -> Remedy:
    old = line("-", condition.operator, condition)
    if condition.key.lower() == AGE:
        new = f'+ "NumericGreaterThanIfExists": {{"aws:MultiFactorAuthAge": "{_bound(condition)}"}}'
    else:
        new = '+ "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}'
    return Remedy(
        "a Deny needs the operator that is true when the key is absent, and only an Allow the one that is false then",
        (old, new),
    )


def _bound(condition: Condition) -> str:
    return next((str(o) for o in condition.operands if str(o).isdigit()), "3600")


def line(sign: str, operator: str, condition: Condition) -> str:
    """A line of a diff with one condition."""
    values = [f'"{operand}"' for operand in condition.operands]
    shown = values[0] if len(values) == 1 else f"[{', '.join(values)}]"
    return f'{sign} "{operator}": {{"{condition.key}": {shown}}}'
