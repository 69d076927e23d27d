"""
What stays open since a policy itself says what has no documented meaning.

Whoever writes a policy can write that at will: beside a statement that lets everybody in, one such Deny would make of
what is gained something that is not known.
"""

from __future__ import annotations

from collections.abc import Iterable

from trustproof.model.open_keys import is_left_over
from trustproof.model.query import open_texts
from trustproof.model.text import MISTAKE, ODD_VARIABLE, PLACEHOLDER
from trustproof.proving.excess import UNCONFIRMED
from trustproof.proving.published_actions import is_of_unpublished
from trustproof.proving.replay import NOT_SENT
from trustproof.proving.sides import Side
from trustproof.results.result import BUDGET

#: What is said of each value that nobody knows before deployment.
_VALUE = "is not known before deployment"


def is_left_open_by_wording(mine: Side, theirs: Side, doubts: Iterable[str]) -> bool:
    """
    Whether one of some doubts of a search is due to what the policies say, and to no value that a deployment gives.

    A placeholder of another tool, and what looks like a policy variable of a key that nobody knows, is wording: as it
    is written, it is nothing that a deployment knows.
    """
    limits = (one.permissions_boundary for one in (mine, theirs))
    policies = (*mine.policies, *theirs.policies, *(one for one in limits if one is not None))
    statements = [statement for policy in policies for statement in policy.statements]
    unread = {reason for statement in statements for reason in statement.unreadable}
    symbols = {symbol for statement in statements for text, _ in open_texts(statement) for symbol in text.symbols}
    odd = [symbol.name for symbol in symbols if symbol.holds in (MISTAKE, ODD_VARIABLE, PLACEHOLDER)]

    def is_wording(doubt: str) -> bool:
        if is_left_over(doubt):
            return True
        if doubt in unread or is_of_unpublished(doubt) or any(one in doubt for one in (BUDGET, UNCONFIRMED, NOT_SENT)):
            return False
        return _VALUE not in doubt or any(name in doubt for name in odd)

    return any(map(is_wording, doubts))
