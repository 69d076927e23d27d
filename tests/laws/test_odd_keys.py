"""
What a condition key is called decides nothing: tags, and keys of services, may have any name.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import trustproof
from tests.strategies import examples

FAMILIES = ("aws:PrincipalTag/", "aws:RequestTag/", "example:")
#: Signs that mean something where keys are written or kept, and letters.
SIGNS = "#:/ \t\n.*?$={}[]()\"',;|~%&@\\<>-_+\x00\x1fabZéß\u2028"


def told(family: str, name: str, operator: str) -> list[tuple[str, str, int]]:
    """What is said of a role that asks for a key."""
    condition = {operator: {family + name: "x"}}
    statement = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    results = [trustproof.prove(policy, one) for one in ("mfa-required", "inside-boundary")]
    return [(one.property, one.verdict, len(one.reasons)) for one in results]


@given(
    st.text(SIGNS, min_size=1, max_size=8),
    st.sampled_from(FAMILIES),
    st.sampled_from(["StringEquals", "StringNotLike", "ForAnyValue:StringEquals", "StringEqualsIfExists"]),
)
@examples(60)
@example("a #", FAMILIES[0], "StringEquals")
@example("a\n#", FAMILIES[0], "StringEquals")
@example("#", FAMILIES[2], "StringEquals")
@example("a#string", FAMILIES[0], "StringEquals")
@example("a#string", FAMILIES[2], "StringNotLike")
def test_the_name_of_a_key_decides_nothing(name: str, family: str, operator: str) -> None:
    """A policy about a tag with an odd name has the verdicts of one about a tag with a plain one."""
    assert told(family, name, operator) == told(family, "plain", operator)


@pytest.mark.parametrize("family", ["aws:PrincipalTag/", "example:"])
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
