"""
Whom policies keep out by an ARN.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trustproof.inputs.reader import Input
from trustproof.model.document import TRUST
from trustproof.model.policy import DENY, Path
from trustproof.model.text import Text

_OF_AWS = "AWS"


class KeptOut(NamedTuple):
    """Somebody whom a policy denies something, or who is not among all others whom it lets in."""

    path: Path
    arn: Text
    #: Whether it is about who may assume a role.
    is_of_role: bool
    #: Whether a plan or state says that the policy was there before.
    existed: bool


def made_anew(template: Input) -> Iterator[Text]:
    """The ARNs of the users and roles of a template of which nothing says that they are there already."""
    for holder in template.holders:
        if holder.path and holder.kind in ("user", "role") and not template.has_existed(holder.logical_id):
            yield holder.arn


def kept_out(template: Input) -> Iterator[KeptOut]:
    """Whom policies keep out by an ARN."""
    for document in template.documents:
        for statement in document.policy.statements:
            said = statement.principals if statement.effect == DENY else statement.not_principals
            for one in said or ():
                if one.kind == _OF_AWS and one.value != "*" and not str(one.value).isdigit():
                    existed = template.has_existed(document.logical_id)
                    yield KeptOut(document.path, one.value, document.kind == TRUST, existed)
