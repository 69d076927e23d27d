"""
Account ids and ARNs.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


def is_account(text: str) -> bool:
    """Whether a text is an account id: twelve digits of ASCII."""
    return len(text) == 12 and text.isascii() and text.isdigit()


def accounts_in(texts: Iterable[str]) -> set[str]:
    """The account ids among the fields of ARNs and other texts."""
    return {field for text in texts for field in text.split(":") if is_account(field)}


class Arn(NamedTuple):
    """
    An ARN in its parts, ``arn:partition:service:region:account:resource``; each as it is written, wildcards included.
    """

    partition: str
    service: str
    region: str
    account: str
    #: All after the fifth colon.
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn | None:
        """The parts of an ARN; None for another text."""
        fields = text.split(":", 5)
        return cls(*fields[1:]) if len(fields) == 6 and fields[0] == "arn" else None

    def __str__(self) -> str:
        return ":".join(("arn", *self))
