"""
What keeps a command from looking at an account, in words for whoever runs it.
"""

from __future__ import annotations

import re

from botocore.exceptions import BotoCoreError, ClientError

from trustproof.errors import TrustproofError

#: What calls of boto3 raise; `EOFError` where a profile asks for a code of MFA, and nobody is there to be asked.
FAILURES: tuple[type[Exception], ...] = (ClientError, BotoCoreError, EOFError)

_CLOCK = "the clock of this computer and that of AWS are too far apart"
#: By which policy, as AWS says it.
_BY_WHICH = re.compile(r"with an explicit deny in an? (?P<which>[a-z -]{1,40}(?:policy|boundary))")

#: Codes with which services say that something does not exist.
_GONE = re.compile(r"NotFound|NoSuch|NonExist|DoesNotExist")
#: Codes of AWS to what they mean for somebody who runs a check.
_MEANINGS = {
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException"),
        "the credentials have expired: sign in again",
    ),
    **dict.fromkeys(
        ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"),
        "AWS does not know the credentials",
    ),
    **dict.fromkeys(
        ("SignatureDoesNotMatch", "InvalidSignatureException"),
        "the secret access key is wrong",
    ),
    **dict.fromkeys(
        ("RequestExpired", "RequestInTheFuture", "RequestTimeTooSkewed"),
        _CLOCK,
    ),
    **dict.fromkeys(
        (
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "AuthorizationErrorException",
            "ForbiddenException",
            "UnauthorizedException",
            "UnauthorizedOperation",
        ),
        "the credentials may not do that; ReadOnlyAccess suffices",
    ),
    **dict.fromkeys(
        (
            "RequestLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
        ),
        "AWS asks to slow down, after several attempts: try again later",
    ),
    **dict.fromkeys(
        ("InternalError", "InternalFailure", "InternalServerError", "ServiceUnavailable", "500", "502", "503", "504"),
        "AWS cannot answer, after several attempts: try again later",
    ),
}


class CannotCheck(TrustproofError):
    """
    Something could not be read: exit code 2, and what was read before is kept.
    """


class NotThere(CannotCheck):
    """
    AWS answers that what is asked about does not exist.
    """


def cannot(error: Exception, doing: str) -> CannotCheck:
    """
    An error in words that hold no secret: messages of AWS may repeat what they were sent.
    """
    if isinstance(error, ClientError):
        gone = _GONE.search(str(error.response.get("Error", {}).get("Code", "")))
        return (NotThere if gone else CannotCheck)(f"cannot {doing}: {_said(error)}")
    if isinstance(error, EOFError):
        return CannotCheck(f"cannot {doing}: the profile asks for a code of MFA, and there is no terminal to ask at")
    return CannotCheck(f"cannot {doing}: {type(error).__name__}: {_in_short(str(error))}")


def _said(error: ClientError) -> str:
    """The code, and what it means where that is known; some messages say which of several meanings it has."""
    found = error.response.get("Error", {})
    code, message = str(found.get("Code", "unknown error")), str(found.get("Message", ""))
    meaning = _MEANINGS.get(code)
    if message.startswith(("Signature expired", "Signature not yet current")):
        meaning = _CLOCK
    elif code == "AccessDenied" and error.operation_name == "AssumeRole":
        # A profile with a role: the permissions to read are asked of that.
        is_code = "MultiFactorAuthentication" in message
        meaning = "AWS does not take the code of MFA" if is_code else "the role of the profile may not be assumed"
    elif denied := _BY_WHICH.search(message):
        which = denied["which"]
        meaning = f"a{'n' if which.startswith('i') else ''} {which} denies it"
    return code if meaning is None else f"{meaning} ({code})"


def _in_short(text: str) -> str:
    """On one line, and without the query of an address."""
    return " ".join(text.partition("?")[0].split())
