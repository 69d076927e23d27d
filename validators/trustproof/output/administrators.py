"""
The administrators of a run: that they may assume any role, too, is said once of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trustproof.output import humanize
from trustproof.results.groups import is_of_administrator
from trustproof.results.result import Result

#: How many of them are named.
_NAMED = 5


def without_administrators(results: Iterable[Result]) -> tuple[list[Result], tuple[str, ...]]:
    """
    The results that are to be shown one by one, and what is said once of all others.

    Returns:
        the results, and a sentence in lower case and without a full stop, or none.
    """
    given = list(results)
    said = [one for one in given if is_of_administrator(one)]
    return [one for one in given if not is_of_administrator(one)], ((administrators(said),) if said else ())


def administrators(results: Sequence[Result]) -> str:
    """Who may do anything, by results that only say that it may assume roles, too."""
    holders = dict.fromkeys((one.template, name) for one in results for name in one.holders)
    several = len({template for template, _ in holders}) > 1
    named = [f"{name} of {template}" if several else name for template, name in holders]
    return f"{humanize.names(named, _NAMED)} may do anything, or all but some, so also assume roles of any account"
