"""
Trust policies that name a role by its unique id, which is the role as much as its ARN.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from trustproof.model.document import TRUST, Document
from trustproof.model.names import unique_id
from trustproof.model.policy import Principal, Statement
from trustproof.model.principals import RoleFacts
from trustproof.model.text import Text

#: How the unique ids of roles begin.
_ROLE = "AROA"


def ids_of(roles: Iterable[RoleFacts]) -> dict[str, Text]:
    """What stands for the unique ids of the roles of a template, to their ARNs."""
    return {unique_id(_ROLE, role.logical_id): role.arn for role in roles}


def by_arn(document: Document, ids: Mapping[str, Text]) -> Document:
    """
    A trust policy that names roles by their ARNs, where it names them by their unique ids.

    Args:
        ids: what stands for the unique ids of the template's roles, to their ARNs.
    """
    before = document.policy.statements
    if document.kind != TRUST or not any(p.value in ids for one in before for p in one.principals or ()):
        return document
    after = tuple(_statement(one, ids) for one in before)
    return document._replace(policy=document.policy._replace(statements=after))


def _statement(statement: Statement, ids: Mapping[str, Text]) -> Statement:
    if statement.principals is None:
        return statement
    return statement._replace(principals=tuple(_principal(one, ids) for one in statement.principals))


def _principal(entry: Principal, ids: Mapping[str, Text]) -> Principal:
    named = ids.get(entry.value) if isinstance(entry.value, str) else None
    return entry if named is None or entry.kind != "AWS" else entry._replace(value=named)
