"""
The ARNs of an account, and those of all others, are told apart digit by digit.
"""

from __future__ import annotations

import pytest

from tests.engine.asking import allow, deny, lets_in, when
from trustproof.engine.key_relations import arn_of, arns_of_others
from trustproof.model.request import SERVICE, USER_KEY
from trustproof.sets.patterns import exact, matches

ACCOUNTS = ["111122223333", "000000000000", "999999999999", "111122223334", "211122223333", "111132223333"]
NO_ACCOUNTS = ["", "11112222333", "1111222233333", "aws", "11112222333x"]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_arn_is_of_one_account_or_of_another(account: str) -> None:
    own, others = arn_of(exact(account)), arns_of_others([account])
    for one in [*ACCOUNTS, *NO_ACCOUNTS]:
        for arn in (f"arn:aws:iam::{one}:role/r", f"arn:aws-cn:s3:eu-west-1:{one}:a:b:{account}:c"):
            assert matches(own, arn) == (one == account)
            assert sum(matches(other, arn) for other in others) == (one in ACCOUNTS and one != account)


@pytest.mark.parametrize("count", [2, 3, len(ACCOUNTS)])
def test_an_arn_is_of_one_of_several_accounts_or_of_another(count: int) -> None:
    these = ACCOUNTS[:count]
    others = arns_of_others(these)
    for one in [*ACCOUNTS, *NO_ACCOUNTS, "222222222222"]:
        arn = f"arn:aws:iam::{one}:role/r"
        assert sum(matches(other, arn) for other in others) == (one not in NO_ACCOUNTS and one not in these)


TAG = "aws:PrincipalTag/owner"
OWNER = "111122223333", "111122223334"


@pytest.mark.parametrize(("denied", "is_let_in"), [(OWNER[0], False), (OWNER[1], True)])
@pytest.mark.parametrize(("key", "compared"), [(TAG, "aws:SourceOwner"), ("aws:SourceOwner", TAG)])
def test_accounts_are_told_apart_by_what_a_key_is_compared_with(
    key: str, compared: str, denied: str, is_let_in: bool
) -> None:
    """Though nothing else tells one of two accounts from the other."""
    same = when("StringEquals", key, f"${{{compared}}}")
    one_of_both = when("StringEquals", "aws:SourceOwner", *OWNER)
    allowed = allow(one_of_both, when("StringEquals", TAG, OWNER[0]), same, action="sns:Publish")
    denying = deny(when("StringEquals", "aws:PrincipalAccount", denied))._replace(actions=("sns:*",))
    assert lets_in(allowed, denying, kind=USER_KEY, action="sns:publish") is is_let_in


@pytest.mark.parametrize(("source", "is_let_in"), [(OWNER[0], True), (OWNER[1], False)])
def test_what_a_service_calls_for_is_told_apart_by_what_its_account_is_compared_with(
    source: str, is_let_in: bool
) -> None:
    """The name of a session is that of an account, and the ARN is of the same."""
    allowed = allow(
        when("StringEquals", "aws:SourceAccount", *OWNER),
        when("StringEquals", "sts:RoleSessionName", "${aws:SourceAccount}"),
        when("StringEquals", "sts:RoleSessionName", OWNER[0]),
        when("ArnLike", "aws:SourceArn", f"arn:aws:sns:*:{source}:*"),
        principal="sns.amazonaws.com",
        kind="Service",
    )
    assert lets_in(allowed, kind=SERVICE) is is_let_in
