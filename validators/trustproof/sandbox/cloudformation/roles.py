"""
The roles that a resource of a template hands over, and to whom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trustproof.aws.handed_roles import HANDED, HandedRole
from trustproof.sandbox.authorization.actions.common import roles_in
from trustproof.sandbox.credentials.credentials import iam_of

_ROLE = re.compile(r"role(arns?|name)?s?$", re.IGNORECASE)

#: What is compared with roles, or given to a program to read, and hands over none.
_TOLD = (
    "Definition",
    "DefinitionSubstitutions",
    "Environment",
    "EventPattern",
    "FilterCriteria",
    "FilterPolicy",
    "Tags",
)


class PassedRole(NamedTuple):
    """A role that is handed over: its ARN, None where it is not known; and to whom, None likewise."""

    role: str | None
    service: str | None
    #: Whether what is named is an instance profile, which a service takes whatever its role says.
    profile: bool = False


def handed_over(account: str, partition: str, kind: str, properties: Any) -> list[PassedRole]:
    """
    The roles that a resource hands over.

    Args:
        account: of the resource.
        partition: likewise.
        kind: `AWS::Lambda::Function`.
        properties: with their values.
    """
    rows = {one.property: one for one in HANDED.get(kind, ())}
    return list(dict.fromkeys(_found(account, partition, rows, properties)))


def _found(account: str, partition: str, rows: Mapping[str, HandedRole], value: Any) -> Iterator[PassedRole]:
    if isinstance(value, list):
        for one in value:
            yield from _found(account, partition, rows, one)
    if not isinstance(value, Mapping):
        return
    for name, one in value.items():
        row = rows.get(str(name))
        if row is not None:
            for text in _texts(one):
                yield from _of_row(account, partition, row, text)
        elif _ROLE.search(str(name)) and name not in _TOLD:
            named = _arn(account, partition, str(one)) if _is_name(str(name), one) else one
            yield from (PassedRole(role, None) for role in roles_in(named))
        if row is None and name not in _TOLD:
            yield from _found(account, partition, rows, one)


def _is_name(property_name: str, value: Any) -> bool:
    """Whether a property has the name of a role, and not its ARN."""
    return property_name.endswith("RoleName") and isinstance(value, str) and bool(value) and ":" not in value


def _of_row(account: str, partition: str, row: HandedRole, text: str) -> Iterator[PassedRole]:
    name = text.rpartition("/")[2]
    if not row.profile:
        named = text if text.startswith("arn:") else _arn(account, partition, name)
        # Who calls needs no role for it: `arn:aws:iam::*:user/*` as the credentials of an integration.
        yield from (PassedRole(role, row.service) for role in roles_in(named))
        return
    profiles = list(iam_of(account).instance_profiles.values())
    held = next((one for one in profiles if one.name == name), None)
    if held is None:
        yield PassedRole(None, row.service, profile=True)
    else:
        yield from (PassedRole(str(role.arn), row.service, profile=True) for role in held.roles)


def _arn(account: str, partition: str, name: str) -> str:
    roles = list(iam_of(account).roles.values())
    found = next((str(role.arn) for role in roles if role.name == name), None)
    return found or f"arn:{partition}:iam::{account}:role/{name}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
