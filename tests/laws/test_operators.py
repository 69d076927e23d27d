"""
Every operator has two readings: the evaluator compares one value, the engine denotes the set of values that match.
"""

from __future__ import annotations

import functools
from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.generate.conditions import EXACT, WILD, Flavour, any_condition, pick
from tests.generate.requests import ACTIONS
from tests.laws.membership import is_member
from tests.strategies import choices, examples, is_deep, requests_for
from trustproof.engine.denote import Denotation, denote, type_mismatch
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.search import Literal
from trustproof.model.operators import BASES, FOR_ALL_VALUES, FOR_ANY_VALUE
from trustproof.model.policy import Condition
from trustproof.model.request import USER_SESSION_MFA, Request
from trustproof.spec.conditions import evaluate

_FAMILY = "operators"


def space_of(request: Request) -> RequestSpace:
    """The request space that a request belongs to."""
    return RequestSpace(request.caller.kind, request.action.lower(), "aws")


def holds(literal: Literal, request: Request) -> bool:
    """Whether a request meets a literal; its two sides must part all requests."""
    yes = is_member(literal.yes, literal.dimension, request)
    no = is_member(literal.no, literal.dimension, request)
    assert yes is not no, f"{literal.label} is {'both met and not met' if yes else 'neither met nor not met'}"
    return yes


def check(condition: Condition, request: Request, *, variables: bool) -> None:
    """Hold the denotation of a condition to its evaluation in one request."""
    space = space_of(request)
    reading = denote(condition, space, variables)
    assert reading is not None
    meant = evaluate(condition, request.context, variables=variables).matched
    shown = f"{condition}\n{request}\nvariables: {variables}, the evaluator says {meant}"
    _check_sides(reading, meant, request, shown)
    settled = denote(condition, space, variables, settled=True)
    assert settled is not None
    if type_mismatch(condition) and not settled.note:
        tally.agree(_FAMILY, holds(settled.over, request) is meant, f"an operand of the wrong type matches\n{shown}")
    for literal in (reading.over, reading.under):
        possible = is_member(space.domain(literal.dimension), literal.dimension, request)
        tally.agree(_FAMILY, possible, f"{literal.dimension} has no such value\n{shown}")


def _check_sides(reading: Denotation, meant: bool, request: Request, shown: str) -> None:
    if reading.note:
        # Only what a search restricts has two sides that matter: `under` is negated to leave a Deny.
        over = is_member(reading.over.yes, reading.over.dimension, request)
        under = is_member(reading.under.yes, reading.under.dimension, request)
        left = is_member(reading.under.no, reading.under.dimension, request)
        tally.agree(_FAMILY, over or not meant, f"`over` is too small\n{shown}")
        tally.agree(_FAMILY, meant or not under, f"`under` is too large\n{shown}")
        tally.agree(_FAMILY, meant or left, f"the complement of `under` is too small\n{shown}")
    else:
        tally.agree(_FAMILY, reading.over == reading.under, f"two readings and no note\n{shown}")
        tally.agree(_FAMILY, holds(reading.over, request) is meant, f"not the set of values that match\n{shown}")


@pytest.mark.parametrize("flavour", [EXACT, WILD], ids=["exact", "wild"])
@examples(200, in_deep=10_000)
@given(rng=choices())
def test_denotation_is_the_set_of_values_that_match(flavour: Flavour, rng: Random) -> None:
    """A request is in the denotation if and only if the evaluator matches it, or between the two readings."""
    condition = any_condition(rng, flavour)
    kind = pick(rng, tuple(ACTIONS))
    variables = rng.randrange(6) > 0
    for request in requests_for(rng, condition, kind, 4):
        check(condition, request, variables=variables)


#: One key for every way a key can be: type, several values, derived from the caller, unknown.
_KEYS = {
    "aws:PrincipalTag/team": ("blue", "", "5"),
    "aws:PrincipalArn": ("arn:aws:iam::111122223333:user/alice", "arn:aws:iam::*:user/*"),
    "aws:PrincipalAccount": ("111122223333", "1111*"),
    "aws:username": ("alice", "ALICE"),
    "aws:userid": ("AIDAALICE00000000001", "AIDA*"),
    "aws:MultiFactorAuthPresent": ("true", "False"),
    "aws:MultiFactorAuthAge": ("300", "300.5"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2026"),
    "aws:SourceIp": ("203.0.113.0/24", "2001:db8::7"),
    "aws:PrincipalOrgPaths": ("o-a1b2c3d4e5/r-ab12/", "o-a1b2c3d4e5/*"),
    "acme:tier": ("gold", "5", "10.0.0.1"),
}
_OPERATORS = [
    f"{quantifier}{base}{suffix}"
    for base in BASES
    for quantifier in ("", f"{FOR_ALL_VALUES}:", f"{FOR_ANY_VALUE}:")
    for suffix in (("", "IfExists") if base != "Null" else ("",))
]


@functools.cache
def _requests(key: str, operands: tuple[str, ...], operator: str) -> list[Request]:
    """Requests drawn to operands of a key."""
    condition = Condition(operator, key, operands)
    return requests_for(Random(f"{key}{operands}{operator}"), condition, USER_SESSION_MFA, 8 if is_deep() else 4)


@pytest.mark.parametrize("operator", _OPERATORS)
def test_each_operator_on_each_kind_of_key(operator: str) -> None:
    """No operator is left to chance: each is held to the evaluator on a key of every kind, present and absent."""
    # Drawing takes most of the time: outside of `make deep` all operators are asked about the same requests.
    drawn_to = operator if is_deep() else _OPERATORS[0]
    for key, operands in _KEYS.items():
        texts = ("true", "false") if operator.endswith("Null") or "Bool" in operator else operands
        for chosen in ((texts[0],), texts, (), ("${aws:username}",), ("*${aws:PrincipalTag/team, 'blue'}", "${*}")):
            condition = Condition(operator, key, chosen)
            for request in _requests(key, chosen, drawn_to):
                check(condition, request, variables=True)
