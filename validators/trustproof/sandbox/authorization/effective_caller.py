"""
With whose permissions a request is carried out: CloudFormation makes each resource as whoever calls it, or as the role
that the stack was handed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from trustproof.sandbox.credentials.credentials import Credentials

_current: ContextVar[Credentials | None] = ContextVar("effective caller", default=None)


def effective_caller() -> Credentials | None:
    """Whose request is carried out; None where nobody is asked: in stacks of a stack set, and without a server."""
    return _current.get()


@contextmanager
def act_as(credentials: Credentials | None) -> Iterator[None]:
    """
    Carry out what follows with the permissions of somebody.

    Args:
        credentials: theirs; None to ask nobody.
    """
    token = _current.set(credentials)
    try:
        yield
    finally:
        _current.reset(token)
