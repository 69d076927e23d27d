"""
The truth table of MFA conditions, row by row.

A is the absent key (long-term access keys, federated callers), F a session without MFA, T one with MFA. A row holds the
condition's truth in each of the three.
"""

from __future__ import annotations

import pytest

from tests.spec.examples import request
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Principal, Statement
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA, ContextValue
from trustproof.spec.conditions import evaluate
from trustproof.spec.decision import decide

PRESENT = "aws:MultiFactorAuthPresent"
AGE = "aws:MultiFactorAuthAge"
MISSPELT = "aws:MultiFactorAuthPresnt"

PRESENT_ROWS: list[tuple[int, str, str, tuple[str, ...], tuple[bool, bool, bool]]] = [
    # row, operator, key, operands, truth in A, F, T
    (1, "Bool", PRESENT, ("true",), (False, False, True)),
    (2, "BoolIfExists", PRESENT, ("true",), (True, False, True)),
    (3, "Bool", PRESENT, ("false",), (False, True, False)),
    (4, "BoolIfExists", PRESENT, ("false",), (True, True, False)),
    (5, "Null", PRESENT, ("false",), (False, True, True)),
    (6, "Null", PRESENT, ("true",), (True, False, False)),
    (7, "ForAllValues:Bool", PRESENT, ("true",), (True, False, True)),
    (8, "ForAllValues:Bool", PRESENT, ("false",), (True, True, False)),
    (9, "ForAnyValue:Bool", PRESENT, ("true",), (False, False, True)),
    (10, "ForAnyValue:Bool", PRESENT, ("false",), (False, True, False)),
    (11, "Bool", PRESENT, ("true", "false"), (False, True, True)),
    (12, "StringEquals", PRESENT, ("true",), (False, False, True)),
    (13, "StringEquals", PRESENT, ("True",), (False, False, False)),
    (14, "StringLike", PRESENT, ("*",), (False, True, True)),
    (15, "StringNotEquals", PRESENT, ("false",), (True, False, True)),
    (16, "StringNotEquals", PRESENT, ("true",), (True, True, False)),
    (17, "ForAllValues:Null", PRESENT, ("true",), (True, True, True)),
    (17, "ForAllValues:Null", PRESENT, ("false",), (True, True, True)),
    (17, "ForAnyValue:Null", PRESENT, ("true",), (False, False, False)),
    (17, "ForAnyValue:Null", PRESENT, ("false",), (False, False, False)),
    (19, "Bool", MISSPELT, ("true",), (False, False, False)),
    (19, "Bool", MISSPELT, ("false",), (False, False, False)),
    (20, "BoolIfExists", MISSPELT, ("true",), (True, True, True)),
    (20, "ForAllValues:Bool", MISSPELT, ("true",), (True, True, True)),
    (20, "StringNotEquals", MISSPELT, ("true",), (True, True, True)),
]

N = "3600"
AGE_ROWS: list[tuple[int, str, tuple[str, ...], tuple[bool, bool, bool, bool]]] = [
    # row, operator, operands, truth for A, < N, = N, > N
    (22, "NumericLessThan", (N,), (False, True, False, False)),
    (23, "NumericLessThanEquals", (N,), (False, True, True, False)),
    (24, "NumericLessThanIfExists", (N,), (True, True, False, False)),
    (25, "Bool", ("true",), (False, False, False, False)),
    (25, "NumericGreaterThan", ("0",), (False, True, True, True)),
    (26, "NumericGreaterThan", (N,), (False, False, False, True)),
    (27, "NumericGreaterThanIfExists", (N,), (True, False, False, True)),
    (28, "NumericGreaterThanEqualsIfExists", (N,), (True, False, True, True)),
    (29, "NumericNotEquals", (N,), (True, True, False, True)),
    (29, "ForAllValues:NumericLessThan", (N,), (True, True, False, False)),
    (29, "ForAllValues:NumericGreaterThan", (N,), (True, False, False, True)),
]

CONTEXTS: tuple[dict[str, ContextValue], ...] = (
    {},
    {PRESENT.lower(): "false"},
    {PRESENT.lower(): "true", AGE.lower(): "12"},
)


@pytest.mark.parametrize(("row", "operator", "key", "operands", "truth"), PRESENT_ROWS)
def test_present(row: int, operator: str, key: str, operands: tuple[str, ...], truth: tuple[bool, bool, bool]) -> None:
    """Each pattern on the key has the truth of its row."""
    condition = Condition(operator, key, operands)
    assert tuple(evaluate(condition, context, variables=True).matched for context in CONTEXTS) == truth


@pytest.mark.parametrize(("row", "operator", "operands", "truth"), AGE_ROWS)
def test_age(row: int, operator: str, operands: tuple[str, ...], truth: tuple[bool, ...]) -> None:
    """Each pattern on the age has the truth of its row."""
    condition = Condition(operator, AGE, operands)
    contexts: list[dict[str, ContextValue]] = [{}]
    contexts += [{AGE.lower(): age} for age in ("3599", "3600", "3601")]
    assert tuple(evaluate(condition, context, variables=True).matched for context in contexts) == truth


def test_row_18_is_refused() -> None:
    """``NullIfExists`` is not an operator."""
    with pytest.raises(ValueError, match="NullIfExists"):
        evaluate(Condition("NullIfExists", PRESENT, ("true",)), {}, variables=True)


def trust(*statements: tuple[str, tuple[Condition, ...]]) -> Policy:
    """A trust policy for alice's account."""
    account = (Principal("AWS", "222222222222"),)
    return Policy(
        tuple(Statement(e, principals=account, actions=("sts:AssumeRole",), conditions=c) for e, c in statements)
    )


UNCONDITIONAL: tuple[str, tuple[Condition, ...]] = (ALLOW, ())
POLICIES: list[tuple[str, Policy, tuple[bool, bool, bool]]] = [
    ("allow with Bool true", trust((ALLOW, (Condition("Bool", PRESENT, ("true",)),))), (False, False, True)),
    (
        "row 21: the unconditional statement wins",
        trust((ALLOW, (Condition("Bool", PRESENT, ("true",)),)), UNCONDITIONAL),
        (True, True, True),
    ),
    (
        "deny with Bool false leaves access keys in",
        trust(UNCONDITIONAL, (DENY, (Condition("Bool", PRESENT, ("false",)),))),
        (True, False, True),
    ),
    (
        "deny with BoolIfExists false",
        trust(UNCONDITIONAL, (DENY, (Condition("BoolIfExists", PRESENT, ("false",)),))),
        (False, False, True),
    ),
    (
        "deny with Null true leaves sessions in",
        trust(UNCONDITIONAL, (DENY, (Condition("Null", PRESENT, ("true",)),))),
        (False, True, True),
    ),
    (
        "two keys in one deny are a conjunction",
        trust(
            UNCONDITIONAL,
            (
                DENY,
                (
                    Condition("BoolIfExists", PRESENT, ("false",)),
                    Condition("BoolIfExists", "aws:ViaAWSService", ("true",)),
                ),
            ),
        ),
        (True, True, True),
    ),
]


@pytest.mark.parametrize(("name", "policy", "allowed"), POLICIES, ids=[row[0] for row in POLICIES])
def test_policies(name: str, policy: Policy, allowed: tuple[bool, bool, bool]) -> None:
    """Allow and Deny combine the rows as the manual says."""
    kinds = (USER_KEY, USER_SESSION, USER_SESSION_MFA)
    assert tuple(decide(policy, request(kind)).allowed for kind in kinds) == allowed
