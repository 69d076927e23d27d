"""
The ARNs of an account, and those of all others, are told apart digit by digit.
"""

from __future__ import annotations

import pytest

from trustproof.engine.key_relations import arn_of, arns_of_others
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
