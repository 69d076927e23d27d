"""
Does a statement apply to a request?

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from trustproof.model.policy import ALLOW, Statement
from trustproof.model.request import ContextValue, Request
from trustproof.model.text import Text
from trustproof.spec.conditions import ConditionOutcome, evaluate
from trustproof.spec.matching import TokenPattern, fold, matches_wildcards, pattern
from trustproof.spec.principals import LARGEST, SMALLEST, covers
from trustproof.spec.variables import substitute

# How to read ``NotPrincipal``, where two readings exist.
#: The reading that lets more callers in: a Deny spares whom any entry covers, an Allow leaves out only whom all do.
PERMISSIVE = "permissive"
#: The opposite.
RESTRICTIVE = "restrictive"

_OF_KEYS = "kms:"


class Explanation(NamedTuple):
    """
    Whether a statement applies to a request, element by element.
    """

    statement: Statement
    #: Whether ``Principal`` or ``NotPrincipal`` admits the caller; true for a statement with neither.
    principal: bool
    action: bool
    resource: bool
    conditions: tuple[ConditionOutcome, ...]

    @property
    def applies(self) -> bool:
        """Whether every element matches; conditions are a conjunction."""
        return self.principal and self.action and self.resource and all(found.matched for found in self.conditions)


def applies(statement: Statement, request: Request, *, variables: bool, not_principal: str = PERMISSIVE) -> Explanation:
    """
    Compare each element of a statement with a request.

    Args:
        statement: concrete; without guards, unreadable parts or unknown text.
        request: what is asked.
        variables: whether ``${...}`` is a policy variable in this document.
        not_principal: `PERMISSIVE` or `RESTRICTIVE`.

    Raises:
        ValueError: when the statement is not concrete or has an unknown operator.
    """
    if statement.guards or statement.unreadable:
        reasons = ", ".join((*statement.unreadable, *(f"condition {guard.name}" for guard in statement.guards)))
        raise ValueError(f"only a concrete statement has a meaning, this one depends on: {reasons}")
    return Explanation(
        statement,
        principal=_principal_matches(statement, request, not_principal),
        action=_action_matches(statement, request.action),
        resource=_resource_matches(statement, request, variables),
        conditions=tuple(evaluate(one, request.context, variables=variables) for one in statement.conditions),
    )


def _principal_matches(statement: Statement, request: Request, not_principal: str) -> bool:
    if statement.principals is not None:
        return covers(statement.principals, request.caller)
    if statement.not_principals is not None:
        if not_principal not in (PERMISSIVE, RESTRICTIVE):
            raise ValueError(f"unknown reading {not_principal!r}, expected 'permissive' or 'restrictive'")
        # The list names who is left out. An Allow admits more when fewer are left out, a Deny when more are.
        few = (statement.effect == ALLOW) is (not_principal == PERMISSIVE)
        return not covers(statement.not_principals, request.caller, reading=SMALLEST if few else LARGEST)
    # An identity policy speaks of the identity that it is attached to.
    return True


def _action_matches(statement: Statement, action: str) -> bool:
    """Service prefixes and names are compared without regard to case, and have wildcards but no variables."""
    if statement.actions is not None:
        return _names_action(statement.actions, action)
    if statement.not_actions is not None:
        return not _names_action(statement.not_actions, action)
    return False


@lru_cache(maxsize=4096)
def _names_action(actions: tuple[Text, ...], action: str) -> bool:
    """Whether an entry names an action; the same policy of AWS is asked about one for everybody who has it."""
    folded = fold(action)
    return any(matches_wildcards(folded, _action_pattern(_known(one))) for one in actions)


@lru_cache(maxsize=8192)
def _action_pattern(text: str) -> TokenPattern:
    """The pattern of actions that a text is; a policy of AWS names more than a thousand, again for each request."""
    return pattern(fold(text))


def _resource_matches(statement: Statement, request: Request, variables: bool) -> bool:
    """A wildcard may reach across colons; what names a variable without value names no resource."""

    def named(resources: Sequence[Text]) -> bool:
        patterns = (_resource_pattern(_known(one), request.context, variables) for one in resources)
        return any(one is not None and matches_wildcards(request.resource, one) for one in patterns)

    if statement.resources is not None:
        return named(statement.resources)
    if statement.not_resources is not None:
        return not named(statement.not_resources)
    # A trust policy has neither: it speaks of the role that it is attached to. In a key policy the statement has no
    # effect: https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
    return not fold(request.action).startswith(_OF_KEYS)


def _resource_pattern(text: str, context: Mapping[str, ContextValue], variables: bool) -> TokenPattern | None:
    return substitute(text, context, wild=True) if variables else pattern(text)


def _known(text: Text) -> str:
    if not isinstance(text, str):
        raise ValueError(f"{str(text)!r} is not known before deployment")
    return text
