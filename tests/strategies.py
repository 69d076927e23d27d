"""
Policies and requests as Hypothesis strategies.

The generators of `tests.generate` draw from a `random.Random`. Hypothesis has one whose choices it remembers and
shrinks, so that the same generators serve both kinds of test: examples that shrink, and long runs of a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st

from tests.generate.conditions import WILD, Flavour, any_condition
from tests.generate.requests import Hints, any_request, hints_of
from tests.generate.statements import any_policy, any_principal, any_statement
from trustproof.model.policy import Condition, Policy, Principal, Statement
from trustproof.model.request import Request

T = TypeVar("T")

#: `make test`, which every change waits for, looks at one in so many of the examples that a law asks for.
FEWER = 4
#: How many times as many as a law asks for ``make deepest`` looks at.
DEEP = 25
#: The examples of a test that says nothing, where the laws are given hours.
DEEPEST = 2_000


def choices() -> st.SearchStrategy[Random]:
    """A source of choices that shrinks."""
    return st.randoms(use_true_random=False)


def conditions(flavour: Flavour = WILD) -> st.SearchStrategy[Condition]:
    """One condition: any operator on any key."""
    return choices().map(lambda rng: any_condition(rng, flavour))


def principals(flavour: Flavour = WILD) -> st.SearchStrategy[Principal]:
    """One entry of a ``Principal`` element."""
    return choices().map(lambda rng: any_principal(rng, flavour))


def statements(flavour: Flavour = WILD, effect: str | None = None) -> st.SearchStrategy[Statement]:
    """One statement of a trust policy."""
    return choices().map(lambda rng: any_statement(rng, flavour, effect))


def policies(flavour: Flavour = WILD) -> st.SearchStrategy[Policy]:
    """A trust policy of one to four statements; the first is an Allow."""
    return choices().map(lambda rng: any_policy(rng, flavour))


def requests_near(rng: Random, policy: Policy, count: int) -> list[Request]:
    """Requests that a real caller could send, drawn to the policy's own words."""
    hints = hints_of(policy)
    found = (any_request(rng, hints[rng.randrange(len(hints))]) for _ in range(count))
    return [request for request in found if request is not None]


def requests_for(rng: Random, condition: Condition, kind: str, count: int) -> list[Request]:
    """Requests of one kind of caller, drawn to the operands of one condition."""
    hints = Hints([Statement("Allow", conditions=(condition,))])
    found = (any_request(rng, hints, kind) for _ in range(count))
    return [request for request in found if request is not None]


def is_deep() -> bool:
    """Whether this is ``make deep``."""
    return _examples_now() >= DEEPEST // 4


def one_in(count: int, things: Sequence[T], start: int = 0) -> Sequence[T]:
    """All of them in ``make deep``, and else one of so many, the first of these from a place on."""
    return things if is_deep() else things[start % count :: count]


def _examples_now() -> int:
    return settings.default.max_examples if settings.default is not None else 0


def examples(count: int, in_deep: int | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """
    How many examples a test asks for: where there are hours, at most `in_deep` or `DEEP` times as many are looked at,
    and for each change one in `FEWER`.
    """
    deepest = in_deep or count * DEEP
    return settings(max_examples=max(count, deepest * _examples_now() // DEEPEST) if is_deep() else -(-count // FEWER))
