"""
`Trusted`: what its factories take and refuse.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable

import aws_cdk as cdk
import pytest

from trustproof_cdk import Trusted

HUB = "111122223333"

REFUSED: list[tuple[Callable[[], object], str]] = [
    # call, message
    (lambda: Trusted.accounts("1111"), "accounts must be a 12-digit AWS account id, got '1111'"),
    (lambda: Trusted.accounts("１１１１２２２２３３３３"), "accounts must be a 12-digit AWS account id"),
    (lambda: Trusted.accounts(), "accounts must have at least one entry, got none"),
    (lambda: Trusted.users(f"arn:aws:iam::{HUB}:role/Builder"), "users must be the ARN of an IAM user like"),
    (lambda: Trusted.users(f"arn:aws:iam::{HUB}:user/*"), "users must be the ARN of an IAM user like"),
    (lambda: Trusted.users(f"arn:aws:iam::{HUB}:root"), "users must be the ARN of an IAM user like"),
    (lambda: Trusted.roles(f"arn:aws:iam::{HUB}:role/Build*"), "role like 'arn:aws:iam::111122223333:role/Deployer'"),
    (lambda: Trusted.roles(f"arn:aws:iam::{HUB}:role/*/Builder"), "without wildcards"),
    (lambda: Trusted.roles(f"arn:aws:sts::{HUB}:assumed-role/Builder/alice"), "roles must be the ARN of an IAM role"),
    (lambda: Trusted.organization("o-*"), "organization must be an organization id like 'o-a1b2c3d4e5', got 'o-*'"),
    (lambda: Trusted.organizational_unit("ou-ab12-11111111"), "paths must be the path of an organizational unit like"),
    (lambda: Trusted.organizational_unit("o-a1b2c3d4e5/*"), "paths must be the path of an organizational unit like"),
    (lambda: Trusted.permission_sets("Ad*min", accounts=[HUB]), "names must be 1 to 32 letters"),
    (lambda: Trusted.permission_sets("Admin", accounts=[]), "accounts must have at least one entry, got none"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_factory_refuses(call: Callable[[], object], message: str) -> None:
    """What IAM would refuse, or what would trust more than it says, is an error that shows the value."""
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_permission_sets_refuse_a_string_of_accounts() -> None:
    """A string is not a list of its characters."""
    with pytest.raises(TypeError, match="accounts must be a list of strings, got '111122223333'"):
        Trusted.permission_sets("Admin", accounts=HUB)


def test_trusted_has_no_constructor() -> None:
    """The error names the ways to get one."""
    with pytest.raises(TypeError, match=r"use accounts\(\), users\(\), roles\(\)"):
        Trusted(HUB)


def test_a_copy_is_the_same() -> None:
    """Settings that hold one are copied with all that is in them (`dataclasses.asdict`)."""
    trusted = Trusted.accounts(HUB)
    assert copy.deepcopy({"trusted": trusted})["trusted"] is trusted
    assert copy.copy(trusted) is trusted


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{HUB}:user/alice",
        f"arn:aws-cn:iam::{HUB}:user/people/of/alice",
        f"arn:aws-us-gov:iam::{HUB}:user/alice@example.com",
    ],
)
def test_users_of_all_partitions_are_taken(arn: str) -> None:
    """A partition is part of the ARN that the user gives."""
    assert Trusted.users(arn).principals == (arn,)


def test_duplicates_are_dropped() -> None:
    """IAM counts characters."""
    assert Trusted.accounts(HUB, HUB).principals == (HUB,)


def test_repr_is_the_call() -> None:
    """Messages show a value in the words of its author."""
    assert repr(Trusted.organization("o-a1b2c3d4e5")) == "Trusted.organization('o-a1b2c3d4e5')"


@pytest.mark.parametrize("other", ["user/Alice", "user/people/alice"])
def test_one_name_is_one_user(other: str) -> None:
    """IAM makes no role that trusts somebody who is not there, and of two with one name one is not."""
    first, second = "arn:aws:iam::111122223333:user/alice", f"arn:aws:iam::111122223333:{other}"
    with pytest.raises(ValueError, match=r"users cannot have both .* IAM takes a name once in an account"):
        Trusted.users(first, second)
    Trusted.users(first, f"arn:aws:iam::222233334444:{other}")
    Trusted.users(first, f"arn:{cdk.Aws.PARTITION}:iam::111122223333:user/alice")
    Trusted.users(first, f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:{other}")
    roles = [one.replace("user/", "role/") for one in (first, second)]
    with pytest.raises(ValueError, match="roles cannot have both"):
        Trusted.roles(*roles)
