"""
What CloudFormation refuses, with AWS's codes and words.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from trustproof.sandbox.errors import RefusedRequest, Undecided

__all__ = [
    "NotPermitted",
    "OpenLoop",
    "RefusedRequest",
    "ResourceFailed",
    "Undecided",
    "format_error",
    "template_error",
]


class ResourceFailed(Exception):
    """
    A resource could not be created, changed or deleted: what its event gives as the reason.

    Args:
        reason: in the words of the service that refused.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class OpenLoop(Undecided):
    """What a loop of a template is over is not known: with the parameters of a stack it may be."""


def template_error(message: str) -> RefusedRequest:
    """A refusal of the template itself."""
    return RefusedRequest(f"Template error: {message}")


def format_error(message: str) -> RefusedRequest:
    """A refusal of the template's form."""
    return RefusedRequest(f"Template format error: {message}")


class NotPermitted(ResourceFailed):
    """Whoever deploys may not do what the resource needs, or that is undecided."""
