"""
What a condition key is called decides nothing: tags, and what keys of services have behind a slash, may have any name.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import trustproof
from tests.strategies import examples

#: Signs that mean something where keys are written or kept, and letters.
SIGNS = "#:/ \t\n.*?$={}[]()\"',;|~%&@\\<>-_+\x00\x1fabZéß\u2028"
#: Of those, the ones that the name of a tag may have.
OF_TAGS = ":/ .=@-_+abZéß"
TAGS = ("aws:PrincipalTag/", "aws:RequestTag/")
KEYS = st.one_of(
    st.tuples(st.sampled_from(TAGS), st.text(OF_TAGS, min_size=1, max_size=8)),
    st.tuples(st.just("example:Tag/"), st.text(SIGNS, min_size=1, max_size=8)),
)


def told(family: str, name: str, operator: str) -> list[tuple[str, str, int]]:
    """What is said of a role that asks for a key."""
    condition = {operator: {family + name: "x"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    results = [trustproof.prove(policy, one) for one in ("mfa-required", "inside-boundary")]
    return [(one.property, one.verdict, len(one.reasons)) for one in results]


@given(
    KEYS,
    st.sampled_from(["StringEquals", "StringNotLike", "ForAnyValue:StringEquals", "StringEqualsIfExists"]),
)
@examples(60)
@example(("example:Tag/", "a #"), "StringEquals")
@example(("example:Tag/", "a\n#"), "StringEquals")
@example(("example:Tag/", "#"), "StringEquals")
@example(("example:Tag/", "a#string"), "StringEquals")
@example(("example:Tag/", "a#string"), "StringNotLike")
@example((TAGS[0], "a :"), "StringEquals")
def test_the_name_of_a_key_decides_nothing(key: tuple[str, str], operator: str) -> None:
    """A policy about a key with an odd name has the verdicts of one about a key with a plain one."""
    family, name = key
    assert told(family, name, operator) == told(family, "plain", operator)


@given(st.text(SIGNS, min_size=1, max_size=8), st.sampled_from(["StringEquals", "StringEqualsIfExists"]))
@examples(30)
@example("<", "StringEquals")
def test_a_key_that_no_service_has_is_unknown_at_most(name: str, operator: str) -> None:
    """With characters of no key of AWS, it may be a placeholder of another tool."""
    plain = [verdict for _, verdict, _ in told("example:", "plain", operator)]
    found = [verdict for _, verdict, _ in told("example:", name, operator)]
    assert all(one in (expected, "unknown") for one, expected in zip(found, plain, strict=True))


@pytest.mark.parametrize(
    ("name", "verdict"),
    [("a*", "proved"), ("a,b", "proved"), ("a\n", "unknown"), ("a #", "unknown"), ("#", "unknown"), ("a$", "unknown")],
)
def test_no_tag_has_a_name_that_sts_refuses(name: str, verdict: str) -> None:
    """A condition on a tag that nobody can have admits nobody, where it is no placeholder of another tool."""
    assert {found for _, found, _ in told("aws:PrincipalTag/", name, "StringEquals")} == {verdict}


@pytest.mark.parametrize("family", ["example:Tag/", "other:Tag/"])
def test_keys_with_almost_the_same_name_are_two(family: str) -> None:
    """A sign that tells how a key is compared is a sign of a name, too."""
    names = ("a", "a#", "a##", "a#string", "a##string", "a#multi", "a #")
    statement = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
    for name in names:
        conditions = {
            "StringEquals": {family + one: "y" if one == name else "x" for one in names},
            "StringNotEquals": {family + name: "x"},
        }
        policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": conditions}]}
        assert trustproof.prove(policy, "mfa-required").verdict == "refuted"
