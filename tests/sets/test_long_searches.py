"""
Searches of more patterns than one automaton takes: one pattern after the other, with the same answer.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import trustproof
from tests.strategies import one_in
from trustproof.sets import search
from trustproof.sets.patterns import Pattern, like, matches
from trustproof.sets.search import MAX_POSITIONS, BudgetReached, member

TEXTS = st.text("ab*?", max_size=5)
CLAUSES = st.lists(st.lists(TEXTS, max_size=4), max_size=3)
MANAGED = "arn:aws:iam::aws:policy/"


def searched(require: tuple[tuple[Pattern, ...], ...], forbid: tuple[Pattern, ...], most: int) -> str | None:
    """What is found where one search takes so many characters."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MAX_POSITIONS", most)
        return member(require, forbid)[0]


@given(CLAUSES, st.lists(TEXTS, max_size=6))
def test_the_answer_is_the_same(required: list[list[str]], forbidden: list[str]) -> None:
    """Where one search finds something, several do, and it is a member; where one finds nothing, they find nothing."""
    require = tuple(tuple(map(like, clause)) for clause in required)
    forbid = tuple(map(like, forbidden))
    try:
        found = searched(require, forbid, 12)
    except BudgetReached:
        return
    assert (found is None) == (searched(require, forbid, MAX_POSITIONS) is None)
    if found is not None:
        assert all(any(matches(pattern, found) for pattern in clause) for clause in require)
        assert not any(matches(pattern, found) for pattern in forbid)


def test_many_names_of_many_services() -> None:
    """Each name of a long list is looked up among those that begin like it, and one that is missing is found."""
    names = [f"service{number}:Get{kind}" for number in range(9) for kind in ("One", "Two")]
    listed = tuple(map(like, names))
    short = 60
    assert searched((listed,), tuple(like(f"service{number}:Get*") for number in range(9)), short) is None
    assert searched((listed,), listed[:-1], short) == names[-1]


def test_what_is_too_long_in_pieces_too_is_not_known() -> None:
    """Patterns that may all match what the others do are too many together."""
    with pytest.raises(BudgetReached, match="characters of a string search"):
        searched((tuple(like(f"*{number}") for number in range(9)),), tuple(like(f"*a{n}") for n in range(9)), 12)


def test_a_text_of_the_first_patterns_is_found_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one of them matches is in all that they match together; only that there is nothing takes all of them."""
    monkeypatch.setattr(search, "_MOST_TOGETHER", 60)
    many = tuple(like(f"a*b{number}*c") for number in range(40))
    found = searched((many,), (), 12)
    assert found is not None
    assert any(matches(pattern, found) for pattern in many)
    with pytest.raises(BudgetReached, match="characters of a string search"):
        searched((many,), (like("a*"),), 12)


#: Policies that AWS manages, and how many positions one search takes. In `make deep` also the largest ones: the policy
#: for readers, and that for auditors.
_COMPARED = [
    ("job-function/ViewOnlyAccess", "job-function/SupportUser", 8_000),
    ("ReadOnlyAccess", "SecurityAudit", MAX_POSITIONS),
]


@pytest.mark.parametrize(("old", "new", "most"), one_in(2, _COMPARED))
def test_policies_that_aws_manages_are_compared(old: str, new: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a role gains and loses by one of them in place of another is known, also by several searches."""
    monkeypatch.setattr(search, "MAX_POSITIONS", most)

    def role(name: str) -> dict[str, object]:
        trust = {"Principal": {"Service": "ec2.amazonaws.com"}, "Effect": "Allow", "Action": "sts:AssumeRole"}
        properties = {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "ManagedPolicyArns": [MANAGED + name],
        }
        return {"Resources": {"R": {"Type": "AWS::IAM::Role", "Properties": properties}}}

    found = trustproof.diff(role(old), role(new), account="111122223333")
    assert not found.undecided
    assert found.gained
    assert found.lost


@given(st.lists(TEXTS, max_size=12), TEXTS)
def test_patterns_are_looked_up_by_their_beginning(written: list[str], text: str) -> None:
    """Which of many patterns may match a text that begins so is looked up, and is what a look at each of them says."""
    patterns = tuple(map(like, written))
    start = text.partition("*")[0].partition("?")[0]
    heads = [one[0] if one and isinstance(one[0], str) else "" for one in patterns]
    may_be = [head.startswith(start) or start.startswith(head) for head in heads]
    expected = [one for one, fits in zip(patterns, may_be, strict=True) if fits]
    assert search._ByStart(patterns).that_may_begin(start) == tuple(expected)
