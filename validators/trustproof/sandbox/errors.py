"""
What the sandbox answers instead of doing what was asked.
"""

from __future__ import annotations

from trustproof.errors import TrustproofError


class SandboxError(TrustproofError):
    """The sandbox cannot be started, or a control command cannot do what it was told."""


class RefusedRequest(Exception):
    """
    A request that is answered with an error of AWS's.

    Args:
        message: what the caller is told.
        code: the error code, as in the query protocol; `wire` turns it into that of other protocols.
        status: the HTTP status.
    """

    def __init__(self, message: str, code: str = "ValidationError", status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


class AccessDenied(RefusedRequest):
    """A request that the policies do not allow."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "AccessDenied", 403)


class WrongRegion(RefusedRequest):
    """
    A request to S3 that is signed for another Region than the bucket's. Clients sign anew by what it says.

    https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html

    Args:
        signed: the Region of the signature.
        region: the bucket's.
    """

    def __init__(self, signed: str, region: str) -> None:
        super().__init__(
            f"The authorization header is malformed; the region '{signed}' is wrong; expecting '{region}'",
            "AuthorizationHeaderMalformed",
        )
        self.region = region


class Undecided(RefusedRequest):
    """Something that AWS does and the sandbox does not, or cannot decide: said, never guessed."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "NotImplemented", 501)
