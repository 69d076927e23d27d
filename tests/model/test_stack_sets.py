"""
The accounts that a StackSet deploys to.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustproof.model.stack_sets import ACCOUNT_FILTERS, TargetGroup, Targets, accounts_by_groups

UNITS, ACCOUNTS = ("ou-1", "ou-2"), ("A", "B", "C")


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (TargetGroup(("ou-1", "ou-2"), ()), "every account of ou-1, ou-2"),
        (TargetGroup((), ("A", "B")), "A, B"),
        (TargetGroup(("ou-1",), ("A",), "DIFFERENCE"), "every account of ou-1 but A"),
        (TargetGroup(("ou-1",), ("A",), "INTERSECTION"), "A (of ou-1)"),
        (TargetGroup(("ou-1",), ("A",), "UNION"), "every account of ou-1 and A"),
        # What AWS does where no filter is given.
        (TargetGroup(("ou-1",), ("A",)), "every account of ou-1 and A"),
        (TargetGroup(("ou-1",), ("A",), "NONE"), "every account of ou-1"),
    ],
)
def test_words_say_which_accounts_are_left_out(group: TargetGroup, words: str) -> None:
    """An account that is excluded is never named as one that has it."""
    assert Targets((group,)).words == words


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (
            TargetGroup(("ou-1", "ou-2"), ()),
            TargetGroup(("ou-1",), ()),
            {((0,), (0,)): "every account of ou-1", ((0,), ()): "every account of ou-2"},
        ),
        # The root has the accounts of every unit.
        (
            TargetGroup(("r-1",), ()),
            TargetGroup(("ou-1",), ()),
            {((0,), (0,)): "every account of ou-1", ((0,), ()): "every account of r-1"},
        ),
        (
            TargetGroup(("ou-1",), ()),
            TargetGroup(("ou-1",), ("A",), "DIFFERENCE"),
            {((0,), (0,)): "every account of ou-1 but A", ((0,), ()): "A"},
        ),
        (
            TargetGroup(("ou-1",), ("A",), "INTERSECTION"),
            TargetGroup(("ou-1",), ("A", "B"), "INTERSECTION"),
            {((0,), (0,)): "A", ((), (0,)): "B"},
        ),
    ],
)
def test_accounts_are_told_apart_by_who_deploys_to_them(
    new: TargetGroup, old: TargetGroup, expected: dict[object, str]
) -> None:
    """What only one side has is by itself."""
    assert accounts_by_groups(Targets((new,)), Targets((old,))) == expected


groups = st.builds(
    TargetGroup,
    st.lists(st.sampled_from(UNITS), unique=True, max_size=2).map(tuple),
    st.lists(st.sampled_from(ACCOUNTS[:2]), unique=True, max_size=2).map(tuple),
    st.sampled_from(ACCOUNT_FILTERS),
)


def _has(group: TargetGroup, account: str, unit: str) -> bool:
    """AWS's table of filters, for an account that is in a unit."""
    inside, named = unit in group.units, account in group.accounts
    if not group.accounts:
        return inside
    if not group.units:
        return named
    return {
        "NONE": inside,
        "UNION": inside or named,
        "INTERSECTION": inside and named,
        "DIFFERENCE": inside and not named,
    }[group.account_filter]


@given(groups, groups)
def test_every_account_that_changes_sides_is_found(new: TargetGroup, old: TargetGroup) -> None:
    """Wherever an account is, the groups that have it on either side are among those that are compared."""
    found = accounts_by_groups(Targets((new,)), Targets((old,)))
    for account, unit in product(ACCOUNTS, (*UNITS, "ou-3")):
        there = tuple((0,) if _has(one, account, unit) else () for one in (new, old))
        assert there in found or there == ((), ())
