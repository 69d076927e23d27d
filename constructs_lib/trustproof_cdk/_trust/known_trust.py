"""
Whom roles trust, as far as the app says it by now: principals that are put together are known when everything is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from constructs import Construct, IConstruct

from trustproof_cdk._arguments import known_texts
from trustproof_cdk._trust.trust import Trusting, TrustStatement


def statements_of(role: Trusting) -> tuple[TrustStatement, ...]:
    """What the trust policy of a role was made of, with the texts in it that are known."""
    return tuple(_known(one, role) for one in role.trust_statements)


def is_open(roles: Iterable[Trusting]) -> bool:
    """Whether more may be known of whom some roles trust when everything is there."""
    return any(
        known_texts.is_open(value)
        for role in roles
        for one in role.trust_statements
        for values in one.principals.values()
        for value in values
    )


def _known(statement: TrustStatement, role: Any) -> TrustStatement:
    if not isinstance(role, Construct):
        return statement
    return statement._replace(
        principals={kind: _texts(values, role) for kind, values in statement.principals.items()},
        conditions={
            operator: {key: _texts(values, role) for key, values in keys.items()}
            for operator, keys in statement.conditions.items()
        },
    )


def _texts(value: Any, role: IConstruct) -> Any:
    if isinstance(value, str):
        return known_texts.text(value, role)
    return [_texts(one, role) for one in value] if isinstance(value, (list, tuple)) else value
