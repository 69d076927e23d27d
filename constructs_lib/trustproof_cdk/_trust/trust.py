"""
The statements of a trust policy, written exactly as they are given.

`iam.Role` writes its own trust statement from the principal it is given; a condition that is added afterwards stands
in a second statement, beside the open first one. So the principal itself writes the conditioned statement here, and no
open statement ever exists.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, Protocol, runtime_checkable

from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import arguments

#: How a text begins that stands for what only a deployment knows, and what a number has that does.
_UNKNOWN = ("Token[", "e+")

#: Kind of principal (``AWS``, ``Service``, ``Federated``) to its values.
Principals = Mapping[str, Sequence[str]]

ASSUME_ROLE = "sts:AssumeRole"
ASSUME_ROLE_WITH_SAML = "sts:AssumeRoleWithSAML"
ASSUME_ROLE_WITH_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
SET_SOURCE_IDENTITY = "sts:SetSourceIdentity"
TAG_SESSION = "sts:TagSession"


class TrustStatement(NamedTuple):
    """
    One ``Allow`` statement of a trust policy.
    """

    principals: Principals
    actions: Sequence[str]
    #: As `conjoin` returns them.
    conditions: Mapping[str, Mapping[str, Any]]
    sid: str | None = None

    def to_policy_statement(self) -> iam.PolicyStatement:
        """The statement as the CDK writes it."""
        return iam.PolicyStatement(
            sid=self.sid,
            actions=list(self.actions),
            principals=[_principal(kind, value) for kind, values in self.principals.items() for value in values],
            conditions=dict(self.conditions) or None,
        )


@runtime_checkable
class Trusting(Protocol):
    """
    A role that says whom it trusts, as those of the constructs here do.
    """

    @property
    def trust_statements(self) -> tuple[TrustStatement, ...]:
        """What its trust policy was made of."""


class TrustPrincipal(iam.PrincipalBase):
    """
    The principal to create roles with: the trust policy of each is the given statements and nothing else.
    """

    def __init__(self, *statements: TrustStatement) -> None:
        super().__init__()
        self._statements = statements
        self._made: list[iam.PolicyStatement] = []
        #: The trust policy of the role that was created with this last; None before.
        self.written: iam.PolicyDocument | None = None

    def add_to_assume_role_policy(self, document: iam.PolicyDocument) -> None:
        """Called by `iam.Role` to have its trust policy written."""
        self.written = document
        self._made = self._made or [statement.to_policy_statement() for statement in self._statements]
        document.add_statements(*self._made)

    @property
    def policy_fragment(self) -> iam.PrincipalPolicyFragment:
        """All principals of all statements; without their conditions they say nothing about who may do what."""
        principals: dict[str, list[str]] = {}
        for statement in self._statements:
            for kind, values in statement.principals.items():
                principals.setdefault(kind, []).extend(values)
        return iam.PrincipalPolicyFragment(principals, {})

    def dedupe_string(self) -> str | None:
        """No two of these are the same."""
        return None


def trust_principal(statements: Sequence[TrustStatement]) -> iam.IPrincipal:
    """
    The principal that writes statements, the same one for all roles that trust alike.

    Very many roles of an app do, and each object is a call into the CDK. A token may stand for something else in
    another app.
    """
    try:
        text = json.dumps(statements)
    except TypeError:
        return _trusting(statements)
    return _trusting(statements) if is_open(text) else _known_trusting(text)


def is_open(text: str) -> bool:
    """Whether a value as JSON may have something in it that only a deployment knows."""
    return any(mark in text for mark in _UNKNOWN)


def unwritten(principal: iam.IPrincipal) -> iam.IPrincipal:
    """The principal, of which `written_with` says nothing until a role is created with it again."""
    if isinstance(principal, TrustPrincipal):
        principal.written = None
    return principal


def written_with(principal: iam.IPrincipal) -> iam.PolicyDocument | None:
    """The trust policy of the role that was created with a principal last, where that was written here."""
    return principal.written if isinstance(principal, TrustPrincipal) else None


@lru_cache(maxsize=256)
def _known_trusting(statements: str) -> iam.IPrincipal:
    return _trusting([TrustStatement(*one) for one in json.loads(statements)])


def _trusting(statements: Sequence[TrustStatement]) -> iam.IPrincipal:
    """The CDK writes the usual statement itself, in one too, and need not ask here what to write for each role."""
    first = statements[0] if len(statements) == 1 else None
    if first is None or len(first.principals) != 1 or len(first.actions) != 1 or first.sid is not None:
        return TrustPrincipal(*statements)
    ((kind, callers),), (action,) = first.principals.items(), first.actions
    if len(callers) == 1 and kind == "Federated":
        return iam.FederatedPrincipal(callers[0], dict(first.conditions), action)
    if len(callers) != 1 or kind != "AWS" or action != ASSUME_ROLE:
        return TrustPrincipal(*statements)
    caller = _principal("AWS", callers[0])
    return iam.PrincipalWithConditions(caller, dict(first.conditions)) if first.conditions else caller


def _principal(kind: str, value: str) -> iam.IPrincipal:
    # A token may stand for something else in another app.
    return _made(kind, value) if arguments.is_token(value) else _known(kind, value)


@lru_cache(maxsize=256)
def _known(kind: str, value: str) -> iam.IPrincipal:
    """The same few accounts and services are trusted by very many roles, and each object is a call into the CDK."""
    return _made(kind, value)


def _made(kind: str, value: str) -> iam.IPrincipal:
    if kind == "Service":
        return iam.ServicePrincipal(value)
    if kind == "Federated":
        return iam.FederatedPrincipal(value)
    # Also "*" and account ids: both are values of the AWS principal, and IAM refuses the bare "*" in a trust policy.
    return iam.ArnPrincipal(value)
