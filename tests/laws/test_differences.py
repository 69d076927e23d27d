"""
Differences by meaning: a request on each side of one, and none where nothing changes.
"""

from __future__ import annotations

from random import Random

from hypothesis import given

from tests.generate.conditions import EXACT
from tests.generate.rewritings import rewritten
from tests.generate.statements import any_policy, any_statement
from tests.strategies import choices, examples, requests_near
from trustproof.model.document import TRUST
from trustproof.model.policy import Policy
from trustproof.proving.excess import Excess, Scene, Side, allows, excess

SCENE = Scene(TRUST, "111122223333", "aws")


def of(policy: Policy) -> Side:
    """A policy that stands alone."""
    return Side((policy,))


def found(first: Policy, other: Policy) -> list[Excess]:
    """What the first allows and the other does not, statement by statement."""
    return list(excess(of(first), of(other), SCENE))


def changed(rng: Random, policy: Policy) -> Policy:
    """A policy with one statement more, less, or another one."""
    statements = list(policy.statements)
    at = rng.randrange(len(statements))
    way = rng.randrange(4)
    if way == 0:
        statements.append(any_statement(rng, EXACT))
    elif way == 1 and len(statements) > 1:
        del statements[at]
    elif way == 2 and statements[at].conditions:
        statements[at] = statements[at]._replace(conditions=statements[at].conditions[1:])
    else:
        statements[at] = any_statement(rng, EXACT, statements[at].effect)
    return policy._replace(statements=tuple(statements))


@given(choices())
@examples(80, in_deep=2_000)
def test_another_wording_is_no_difference(rng: Random) -> None:
    """Statements split and reordered, lists for scalars, other spellings and complements of actions change nothing."""
    policy = any_policy(rng)
    other = rewritten(rng, policy)
    assert not [one for one in found(policy, other) if one.requests]
    assert not [one for one in found(other, policy) if one.requests]


@given(choices())
@examples(60, in_deep=2_000)
def test_another_wording_of_what_is_searched_exactly_is_surely_none(rng: Random) -> None:
    """Where the search is exact, a rewriting is proved to be none, and not only not refuted."""
    policy = any_policy(rng, EXACT)
    other = rewritten(rng, policy)
    assert found(policy, other) == found(other, policy) == []


@given(choices())
@examples(60, in_deep=2_000)
def test_a_request_is_allowed_by_one_side_only(rng: Random) -> None:
    """Whatever is shown was asked of the evaluator on both sides; swapping the sides swaps what is gained and lost."""
    old = any_policy(rng, EXACT)
    new = changed(rng, old)
    for first, other in ((new, old), (old, new)):
        for one in found(first, other):
            for request in one.requests:
                assert allows(of(first), request)
                assert not allows(of(other), request)


@given(choices())
@examples(60, in_deep=2_000)
def test_no_request_is_missed(rng: Random) -> None:
    """Where nothing is found, no request is allowed by one side only; or it is said that this is not known."""
    old = any_policy(rng)
    new = changed(rng, old)
    if not found(new, old):
        for request in requests_near(rng, new, 40) + requests_near(rng, old, 40):
            assert not allows(of(new), request) or allows(of(old), request)


@given(choices())
@examples(60)
def test_nothing_differs_from_itself(rng: Random) -> None:
    """A policy allows no more than it does."""
    policy = any_policy(rng)
    assert found(policy, policy) == []
