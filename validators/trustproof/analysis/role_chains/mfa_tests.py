"""
Which statements of a trust policy may look at MFA, and whether they are about users: nobody else has any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trustproof.engine.principals import cover
from trustproof.engine.request_space import RequestSpace
from trustproof.model.policy import Policy, Statement

#: How the names of the condition keys about MFA begin, in lower case.
_MFA_KEYS = "aws:multifactorauth"


def mfa_tests(policy: Policy) -> Sequence[int]:
    """The indices of the statements that may look at MFA: by a condition, a variable, or what could not be read."""
    return [index for index, statement in enumerate(policy.statements) if _speaks_of_mfa(statement)]


def _speaks_of_mfa(statement: Statement) -> bool:
    return bool(statement.unreadable) or any(
        _MFA_KEYS in condition.key.lower()
        or any(not isinstance(text, str) or _MFA_KEYS in text.lower() for text in condition.operands)
        for condition in statement.conditions
    )


def may_demand_mfa(policy: Policy) -> bool:
    """Whether a statement asks for MFA whatever is known of it only at deployment; of one that nobody reads it may."""
    return any(
        statement.unreadable
        or any(
            _MFA_KEYS in condition.key.lower() and all(isinstance(text, str) for text in condition.operands)
            for condition in statement.conditions
        )
        for statement in policy.statements
    )


def may_name(statement: Statement, spaces: Iterable[RequestSpace]) -> bool:
    """Whether a statement may be about callers of some request spaces, by its principals."""
    if statement.unreadable or statement.principals is None:
        return True
    return any(cover(entry, space).larger for space in spaces for entry in statement.principals)
