"""
What keeps a command from looking at an account is said clearly, and repeats nothing that was sent.
"""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from trustproof.live.errors import cannot

CANARY = "FQoGZXIvYXdzEXAMPLETOKEN"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ExpiredToken", "the credentials have expired: sign in again (ExpiredToken)"),
        ("InvalidClientTokenId", "AWS does not know the credentials"),
        ("SignatureDoesNotMatch", "the secret access key is wrong"),
        ("AccessDenied", "the credentials may not do that; ReadOnlyAccess suffices"),
        ("Throttling", "AWS asks to slow down, after several attempts"),
        ("RequestExpired", "the clock of this computer and that of AWS are too far apart (RequestExpired)"),
        ("ServiceUnavailable", "AWS cannot answer, after several attempts: try again later"),
        ("503", "AWS cannot answer, after several attempts: try again later (503)"),
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


@pytest.mark.parametrize(
    ("operation", "code", "message", "said"),
    [
        ("GetRole", "AccessDenied", "U is not authorized to perform: iam:GetRole", "ReadOnlyAccess suffices"),
        (
            "GetRole",
            "AccessDenied",
            "U is not authorized to perform: iam:GetRole with an explicit deny in a service control policy",
            "a service control policy denies it (AccessDenied)",
        ),
        (
            "GetRole",
            "AccessDenied",
            "U is not authorized to perform: iam:GetRole with an explicit deny in a permissions boundary",
            "a permissions boundary denies it (AccessDenied)",
        ),
        (
            "GetRole",
            "AccessDenied",
            "U is not authorized to perform: iam:GetRole with an explicit deny in an identity-based policy",
            "an identity-based policy denies it (AccessDenied)",
        ),
        ("AssumeRole", "AccessDenied", "U is not authorized to perform: sts:AssumeRole", "the role of the profile may"),
        (
            "AssumeRole",
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code. ",
            "AWS does not take the code of MFA",
        ),
        ("GetRole", "SignatureDoesNotMatch", "Signature expired: 2026 is now earlier than 2027", "the clock of this"),
        ("GetRole", "InvalidSignatureException", "Signature not yet current: 2027 is", "the clock of this"),
    ],
)
def test_errors_that_their_message_tells_apart(operation: str, code: str, message: str, said: str) -> None:
    """Where one code has several meanings, the words of AWS say which one it is, and are not repeated."""
    error = ClientError({"Error": {"Code": code, "Message": f"{message} {CANARY}"}}, operation)
    found = str(cannot(error, "read the role"))
    assert said in found
    assert CANARY not in found


def test_a_profile_that_asks_where_nobody_is() -> None:
    """Without a terminal a profile with MFA is an error like any other."""
    assert "asks for a code of MFA, and there is no terminal" in str(cannot(EOFError(), "ask"))
