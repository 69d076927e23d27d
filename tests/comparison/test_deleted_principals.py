"""
Accounts before and after somebody was deleted: IAM shows a unique id where a policy named an ARN.
"""

from __future__ import annotations

from typing import Any

import pytest

import trustproof

Json = dict[str, Any]
ACCOUNT = "111122223333"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
BOBS_ID, EVES_ID = "AIDABOBBOBBOBBOBBOBBO", "AIDAEVEEVEEVEEVEEVEEV"


def account(principals: Any, *users: tuple[str, str], effect: str = "Allow") -> Json:
    """What IAM says of an account with a role and some users, each with its id."""
    trusting = {"Effect": effect, "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"}
    return {
        "UserDetailList": [
            {"UserName": name, "UserId": unique, "Path": "/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/{name}"}
            for name, unique in users
        ],
        "GroupDetailList": [],
        "Policies": [],
        "RoleDetailList": [
            {
                "RoleName": "hub",
                "RoleId": "AROAHUBHUBHUBHUBHUBHU",
                "Path": "/",
                "Arn": f"arn:aws:iam::{ACCOUNT}:role/hub",
                "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trusting]},
            }
        ],
    }


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (account(BOB, ("bob", BOBS_ID)), account(BOBS_ID), ["lost"]),
        (account(BOBS_ID), account(BOB, ("bob", BOBS_ID)), ["gained"]),
        # Who is made again under the name is somebody else.
        (account(BOB, ("bob", BOBS_ID)), account(BOBS_ID, ("bob", EVES_ID)), ["lost"]),
        (account([BOB, ACCOUNT], ("bob", BOBS_ID)), account([BOBS_ID, ACCOUNT]), ["lost"]),
        (account(BOB, ("bob", BOBS_ID), effect="Deny"), account(BOBS_ID, effect="Deny"), []),
        # Nobody knows whose this is.
        (account(BOB, ("bob", BOBS_ID)), account([BOB, EVES_ID], ("bob", BOBS_ID)), ["gained"]),
    ],
)
def test_nobody_gains_access_by_being_deleted(old: Json, new: Json, expected: list[str]) -> None:
    """An id that the other dump gives to somebody who is no more lets in nobody."""
    found = trustproof.diff(old, new)
    assert [one.direction for one in found.access if one.kind == "trust"] == expected
    assert not found.undecided
