"""
What keeps a command from looking at an account is said clearly, and repeats nothing that was sent.
"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from trustproof.live.account import cannot

CANARY = "FQoGZXIvYXdzEXAMPLETOKEN"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredToken", "the credentials have expired: sign in again (ExpiredToken)"),
        ("InvalidClientTokenId", "AWS does not know the credentials"),
        ("SignatureDoesNotMatch", "the secret access key is wrong"),
        ("AccessDenied", "the credentials may not do that; ReadOnlyAccess suffices"),
        ("Throttling", "AWS asks to slow down, after several attempts"),
        ("SomethingNew", "cannot read the account: SomethingNew"),
    ],
)
def test_errors_of_aws(code: str, said: str) -> None:
    """The code and what it means; the message of AWS, which may hold a token, is left out."""
    error = ClientError({"Error": {"Code": code, "Message": f"The token {CANARY} is bad"}}, "GetCallerIdentity")
    found = str(cannot(error, "read the account"))
    assert said in found
    assert CANARY not in found


def test_errors_of_the_network() -> None:
    """An address is shown without what was sent with it."""
    error = EndpointConnectionError(endpoint_url=f"https://sts.amazonaws.com/?X-Amz-Security-Token={CANARY}")
    found = str(cannot(error, "read the account"))
    assert "https://sts.amazonaws.com/" in found
    assert CANARY not in found
