"""
What of policies speaks of the same actions as one statement: what decides about others need not be known, nor assigned.
"""

from __future__ import annotations

import re

from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Policy, Statement
from trustproof.sets.patterns import like, matches

_WILDCARD = re.compile(r"[*?]")


class RelevantStatements:
    """
    Tells the statements that may speak of a call which one statement allows.

    Args:
        statement: the one that allows it.
        kind: of the policies. With a call that a trust policy allows come others, which it has to allow as well.
    """

    def __init__(self, statement: Statement, kind: str) -> None:
        listed = statement.actions
        known = [one.lower() for one in listed or () if isinstance(one, str)]
        is_known = listed is not None and len(known) == len(listed) and not statement.unreadable
        self._actions = known if is_known and kind != TRUST else None
        #: Whether lists of actions may have one of these.
        self._may_meet: dict[object, bool] = {}

    def may_be_about(self, statement: Statement) -> bool:
        """Whether a statement may speak of one of the actions."""
        listed = statement.actions
        if self._actions is None or listed is None or statement.unreadable:
            return True
        if listed not in self._may_meet:
            self._may_meet[listed] = any(
                not isinstance(one, str) or any(_may_be_one(one.lower(), own) for own in self._actions)
                for one in listed
            )
        return self._may_meet[listed]

    def of(self, policy: Policy) -> Policy:
        """A policy without the statements that speak of none of the actions."""
        left = tuple(one for one in policy.statements if self.may_be_about(one))
        return policy if len(left) == len(policy.statements) else policy._replace(statements=left)

    def of_document(self, document: Document) -> Document:
        """The same of a document."""
        policy = self.of(document.policy)
        return document if policy is document.policy else document._replace(policy=policy)


def _may_be_one(one: str, other: str) -> bool:
    """Whether an action may match two lower-cased patterns; False is certain."""
    heads = [_WILDCARD.split(text, maxsplit=1)[0] for text in (one, other)]
    if heads[0] == one:
        return matches(like(other), one)
    if heads[1] == other:
        return matches(like(one), other)
    return heads[0].startswith(heads[1]) or heads[1].startswith(heads[0])
