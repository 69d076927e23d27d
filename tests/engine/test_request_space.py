"""
Views: a pattern on a key that follows from the caller is a pattern on the caller's record.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.generate.requests import ACTIONS, any_caller
from tests.laws.membership import record
from tests.strategies import choices, examples
from trustproof.aws.condition_keys import lookup
from trustproof.engine.caller_records import VIEWS, caller_domain
from trustproof.engine.request_space import RequestSpace
from trustproof.model.request import ANONYMOUS, SERVICE, USER_KEY, Caller
from trustproof.sets.patterns import like, matches
from trustproof.sets.strings import StringSet
from trustproof.spec.callers import principal_keys
from trustproof.spec.matching import matches_wildcards, pattern


def pieces(rng: Random, value: str) -> str:
    """The value with some pieces cut out and replaced by wildcards."""
    text = value
    for _ in range(rng.randrange(4)):
        low = rng.randrange(len(text) + 1)
        high = low + rng.randrange(min(6, len(text) - low) + 1)
        text = text[:low] + ("*", "?", "", ":*", "*/", "1")[rng.randrange(6)] + text[high:]
    return text


@examples(200)
@given(rng=choices())
def test_a_view_matches_what_the_key_matches(rng: Random) -> None:
    """For every kind of caller and every key that follows from it: the record matches the view if the value matches."""
    for kind in ACTIONS:
        caller = any_caller(rng, kind)
        space = RequestSpace(kind, "", "aws")
        for name, value in principal_keys(caller).items():
            if name not in VIEWS or not space.is_view(lookup(name)):
                continue
            written = pieces(rng, str(value))
            meant = matches_wildcards(str(value), pattern(written))
            found = any(matches(one, record(caller)) for one in space.view(lookup(name), like(written)))
            tally.agree("views", found is meant, f"{name} like {written!r}: {caller}, the evaluator says {meant}")


@examples(50)
@given(rng=choices())
def test_every_caller_has_a_record(rng: Random) -> None:
    """The records of a kind are those of its callers, and of no other kind: users are one, whatever they sign with."""
    for kind in ACTIONS:
        caller = any_caller(rng, kind)
        for other in ACTIONS:
            if SERVICE in (kind, other) and kind != other:
                # A built-in identity provider has the name of a service.
                continue
            domain = caller_domain(other, "aws").present
            assert isinstance(domain, StringSet)
            same = other == kind or {"user"} == {kind.partition("-")[0], other.partition("-")[0]}
            tally.agree("views", (record(caller) in domain) is same, f"{caller} as {other}")


@pytest.mark.parametrize("key", ["aws:PrincipalArn", "aws:username", "aws:userid"])
def test_keys_of_people_are_no_views_of_others(key: str) -> None:
    """What a caller does not carry, or carries by chance, is a key of its own."""
    assert RequestSpace(USER_KEY, "", "aws").is_view(lookup(key))
    assert not RequestSpace(SERVICE, "", "aws").is_view(lookup(key))
    assert not RequestSpace(ANONYMOUS, "", "aws").is_view(lookup(key))


def test_a_partition_bounds_the_callers() -> None:
    """In one partition there are callers of that partition only."""
    alice = record(Caller(USER_KEY, "arn:aws-cn:iam::111122223333:user/alice", "", "AIDAEXAMPLE"))
    for partition, inside in (("aws", False), ("aws-cn", True), ("", True)):
        domain = caller_domain(USER_KEY, partition).present
        assert isinstance(domain, StringSet)
        assert (alice in domain) is inside
