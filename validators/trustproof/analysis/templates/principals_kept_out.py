"""
Whom policies keep out by an ARN.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trustproof.model.document import TRUST, Document
from trustproof.model.policy import DENY, Path
from trustproof.model.text import Text

_OF_AWS = "AWS"


def kept_out(documents: Iterable[Document]) -> Iterator[tuple[Path, Text, bool]]:
    """
    Where policies deny something to somebody whom they name by an ARN, or let in all but that one; with the ARN, and
    whether it is about who may assume a role.
    """
    for document in documents:
        for statement in document.policy.statements:
            said = statement.principals if statement.effect == DENY else statement.not_principals
            for one in said or ():
                if one.kind == _OF_AWS and one.value != "*" and not str(one.value).isdigit():
                    yield document.path, one.value, document.kind == TRUST
