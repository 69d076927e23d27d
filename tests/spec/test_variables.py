"""
Policy variables.
"""

from __future__ import annotations

import pytest

from trustproof.model.policy import Condition
from trustproof.model.request import ContextValue
from trustproof.spec.conditions import evaluate
from trustproof.spec.matching import matches_wildcards
from trustproof.spec.variables import substitute

CONTEXT: dict[str, ContextValue] = {
    "aws:username": "alice",
    "aws:principaltag/team": "a*",
    "aws:tagkeys": ("x", "y"),
    "aws:principalarn": "arn:aws:iam::222222222222:user/alice",
}


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("${aws:username}", "alice", True),
        ("${AWS:UserName}", "alice", True),
        ("prefix-${aws:username}-*", "prefix-alice-1", True),
        ("${aws:username}${aws:username}", "alicealice", True),
        # What a value brings along is text, what the policy writes is a wildcard.
        ("${aws:PrincipalTag/team}", "a*", True),
        ("${aws:PrincipalTag/team}", "ab", False),
        ("${aws:PrincipalTag/team}*", "a*b", True),
        ("${*}", "*", True),
        ("${*}", "x", False),
        ("${?}", "?", True),
        ("${?}", "x", False),
        ("${$}{x}", "${x}", True),
        ("a${aws:username, 'nobody'}", "aalice", True),
        ("a${aws:PrincipalTag/none, 'nobody'}", "anobody", True),
        ("a${aws:PrincipalTag/none, ''}", "a", True),
        ("a${aws:username, 'n*'}", "aalice", True),
        ("a${aws:PrincipalTag/none,'x'}", "ax", True),
        # A multi-valued key cannot be a variable.
        ("${aws:TagKeys, 'none'}", "none", True),
        # Not closed: text.
        ("${aws:username", "${aws:username", True),
        ("$aws:username}", "$aws:username}", True),
        ("no variable", "no variable", True),
    ],
)
def test_substitution(text: str, value: str, expected: bool) -> None:
    """Variables become their values, defaults step in for absent ones."""
    tokens = substitute(text, CONTEXT, wild=True)
    assert tokens is not None
    assert matches_wildcards(value, tokens) is expected


@pytest.mark.parametrize("text", ["${aws:SourceVpc}", "x${aws:TagKeys}", "${}", "${aws:SourceVpc, unquoted}"])
def test_variable_without_value(text: str) -> None:
    """A variable without value and default makes the whole text null."""
    assert substitute(text, CONTEXT, wild=True) is None


@pytest.mark.parametrize(
    ("operator", "operand", "variables", "expected"),
    [
        ("StringEquals", "${aws:username}", True, True),
        ("StringEquals", "${aws:username}", False, False),
        ("StringNotEquals", "${aws:username}", False, True),
        ("StringEquals", "${aws:SourceVpc}", True, False),
        ("StringLike", "${aws:SourceVpc}", True, False),
        ("StringNotEquals", "${aws:SourceVpc}", True, True),
        ("StringNotLike", "${aws:SourceVpc}", True, True),
        ("StringEquals", "${aws:SourceVpc, 'alice'}", True, True),
        ("ForAnyValue:StringEquals", "${aws:username}", True, True),
        ("ForAllValues:StringEquals", "${aws:SourceVpc}", True, False),
        # No variables in the other operators.
        ("Bool", "${aws:username}", True, False),
        ("NumericNotEquals", "${aws:username}", True, True),
    ],
)
def test_variables_in_conditions(operator: str, operand: str, variables: bool, expected: bool) -> None:
    """A null operand is equal to nothing; without version 2012-10-17 a variable is text."""
    condition = Condition(operator, "sts:RoleSessionName", (operand,))
    context: dict[str, ContextValue] = {**CONTEXT, "sts:rolesessionname": "alice"}
    assert evaluate(condition, context, variables=variables).matched is expected


def test_variable_beside_other_operands() -> None:
    """A null operand leaves the other operands as they are."""
    condition = Condition("StringNotEquals", "sts:RoleSessionName", ("${aws:SourceVpc}", "alice"))
    assert not evaluate(condition, {"sts:rolesessionname": "alice"}, variables=True).matched


def test_variable_in_an_arn_operator() -> None:
    """The value of a variable may bring the colons of the ARN."""
    condition = Condition("ArnLike", "aws:SourceArn", ("${aws:PrincipalArn}",))
    context: dict[str, ContextValue] = {**CONTEXT, "aws:sourcearn": "arn:aws:iam::222222222222:user/alice"}
    assert evaluate(condition, context, variables=True).matched


@pytest.mark.parametrize(("wild", "expected"), [(True, None), (False, True)])
def test_a_wildcard_in_a_default(wild: bool, expected: bool | None) -> None:
    """Where wildcards count, nobody knows whether that is one, and it is taken for no value; elsewhere it is text."""
    tokens = substitute("a${aws:PrincipalTag/none, 'n*'}", CONTEXT, wild=wild)
    assert (None if tokens is None else matches_wildcards("an*", tokens)) is expected
