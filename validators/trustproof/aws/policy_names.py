"""
Names of the policies that AWS manages: which one was meant by a name with a slip in it.
"""

from __future__ import annotations

import difflib
import re
from functools import cache

from trustproof.aws.published import managed_policy_names

#: Names are read by their words: ``AmazonEC2ReadOnlyAccess`` has seven.
_WORD = re.compile(r"[A-Z]?[a-z]+|[0-9]|.")
#: Whoever changes a letter of a short word may mean another service, which AWS names so next year.
_LONG = 5
_NEAR = 0.8


def managed_policy_meant(name: str) -> str | None:
    """
    The policy that AWS manages which was meant by a name with a slip in it: in one long word, in how it is capitalized,
    or in its path.

    A name that is another one by more words, a short one or a number may be that of a policy that AWS has published
    since; of those that it has published, none has a name that is a slip of another one's.

    >>> managed_policy_meant("ReadOnlyAcess"), managed_policy_meant("ViewOnlyAccess")
    ('ReadOnlyAccess', 'job-function/ViewOnlyAccess')

    Args:
        name: what follows ``policy/`` in an ARN.

    Returns:
        None where the name is one of AWS's, or no slip of one.
    """
    return _meant(name)


@cache
def _meant(name: str) -> str | None:
    known = managed_policy_names()
    if name in known:
        return None
    plain = _plain(name)
    # Nobody remembers which ones have a path.
    same = next((one for one in known if _plain(one).lower() == plain.lower()), None)
    words = _WORD.findall(plain)
    return same or next((one for one in known if _is_slip(words, _WORD.findall(_plain(one)))), None)


def _plain(name: str) -> str:
    return name.rpartition("/")[2]


def _is_slip(words: list[str], others: list[str]) -> bool:
    """Whether one long word is written otherwise, and nearly so."""
    if len(words) != len(others):
        return False
    different = [(one, other) for one, other in zip(words, others, strict=True) if one != other]
    return len(different) == 1 and all(
        min(len(one), len(other)) >= _LONG
        and one[0] == other[0]
        and difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= _NEAR
        for one, other in different
    )
