"""
What policies say of calls, as if they said it of an action that is a part of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from trustproof.engine.operands import action_pattern
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.sets.patterns import matches


def calls_as(policies: Iterable[Policy], calls: Sequence[str], action: str) -> tuple[Statement, ...]:
    """
    The Allow statements that may be about one of some calls, each with an action in place of what it is about.

    Args:
        policies: with these statements.
        calls: actions, as AWS writes them.
        action: lower-cased.
    """
    found = (one for policy in policies for one in _calling(policy, calls))
    return tuple(one._replace(actions=(action,), not_actions=None) for one in found)


def _calling(policy: Policy, calls: Sequence[str]) -> Iterator[Statement]:
    """The Allow statements of a policy that may be about one of some calls."""
    for statement in policy.statements:
        if statement.effect != ALLOW:
            continue
        patterns = [one for entry in statement.actions or () for one in action_pattern(entry).larger]
        # What is not about some actions may be about any other.
        if statement.actions is None or any(matches(one, call.lower()) for one in patterns for call in calls):
            yield statement
