"""
What roles were given, asked of the CDK once for each while everything is there: several checks look at the name, the
path, the boundary and the trust policy of every role of an app, and each answer is a call into another process.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from aws_cdk import aws_iam as iam

#: By role, its properties as the CDK calls them.
_Known: TypeAlias = "dict[iam.CfnRole, Mapping[str, Any]]"

_KNOWN: ContextVar[_Known | None] = ContextVar("_KNOWN", default=None)


@contextmanager
def remembered() -> Iterator[None]:
    """Remember meanwhile what was asked; nobody may change a role then."""
    before = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(before)


def name_of(role: iam.CfnRole) -> str | None:
    """Its name, if it was given one."""
    return _value(role, "role_name", "roleName")  # type: ignore[no-any-return]


def path_of(role: iam.CfnRole) -> str | None:
    """Its path, if it was given one."""
    return _value(role, "path", "path")  # type: ignore[no-any-return]


def boundary_of(role: iam.CfnRole) -> str | None:
    """The ARN of the permissions boundary that it was given as an argument; aspects are not asked."""
    return _value(role, "permissions_boundary", "permissionsBoundary")  # type: ignore[no-any-return]


def trust_of(role: iam.CfnRole) -> object:
    """Its trust policy."""
    return _value(role, "assume_role_policy_document", "assumeRolePolicyDocument")


def _value(role: iam.CfnRole, name: str, called: str) -> Any:
    known = _KNOWN.get()
    # What is only seen as a role has no such properties, and is made without a call.
    if known is None or not issubclass(type(role), iam.CfnRole):
        return getattr(role, name)
    if role not in known:
        known[role] = role._cfn_properties
    return known[role].get(called)
