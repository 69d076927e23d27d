"""
What a finding was found next to, in short: a kind and a digest each, so that a baseline can tell what has changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

#: A Deny that may stop a part of what is found, and a permissions boundary: without it, more is let in than before.
DENIED, BOUNDARY = "denied", "boundary"
#: A statement of a boundary, somebody who has the policy, and a role on the way: with one more, more is let in.
ALLOWED, HELD, THROUGH = "allowed", "held", "through"
#: What a policy stands on that is a resource of its own: on another one, the finding is another one.
STANDS_ON = "on"
#: The account that what is found is in, as the input says or as the run was given it. That of an input may be no other
#: one; a run may be given each account that a template goes to.
ACCOUNT, GIVEN = "account", "given"
#: Somebody who has the policy through a group that has it: whoever is in the group is no news.
MEMBER = "member"
#: How much a role gives whom it lets in, coarsely.
GIVES = "gives"
_LESS_IS_WORSE = (DENIED, BOUNDARY)
_MORE_IS_WORSE = (ALLOWED, HELD, THROUGH, GIVES)
#: Hexadecimal digits of a digest: 64 bits.
_DIGITS = 16
#: In place of the digest of a holder: what is found is about nobody's policies.
_NOBODY = "-"
#: More than so many are told as one, of which any change is taken for the worse.
_MOST = 64
_ALL = "all"
_KINDS = (DENIED, BOUNDARY, ALLOWED, HELD, THROUGH, MEMBER, GIVES, _ALL, STANDS_ON, ACCOUNT, GIVEN)
_TOLD = rf"(?:{'|'.join(_KINDS)}) (?:{_NOBODY}|[0-9a-f]{{{_DIGITS}}})(?: [0-9a-f]{{{_DIGITS}}})?"


def surrounding(kind: str, holder: str, content: str = "") -> str:
    """
    One thing that a finding is found next to.

    Args:
        holder: whose policy it is about; empty for a policy that nobody has.
    """
    whose = _digest(holder) if holder else _NOBODY
    return f"{kind} {whose} {_digest(content)}" if content else f"{kind} {whose}"


# What many hold back is said of each of them.
@lru_cache(maxsize=1_024)
def _digest(content: str) -> str:
    return sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


# A policy may have thousands of statements with a finding about each, and these are found next to the same.
@lru_cache(maxsize=8)
def shorten_surroundings(found: tuple[str, ...]) -> tuple[str, ...]:
    """What a finding is found next to, in an order that depends on nothing else."""
    every = tuple(sorted({*found}))
    if len(every) <= _MOST:
        return every
    # Where it is stays as it is: baselines that do not say it have the same of the others.
    places = tuple(one for one in every if _kind(one) == STANDS_ON)
    others = tuple(one for one in every if _kind(one) != STANDS_ON)
    return tuple(sorted((*_as_one(others), *_as_one(places))))


def _as_one(every: tuple[str, ...]) -> tuple[str, ...]:
    return every if len(every) <= _MOST else (surrounding(_ALL, "", json.dumps(every)),)


@lru_cache(maxsize=8)
def in_account(found: tuple[str, ...], account: str, *, is_given: bool) -> tuple[str, ...]:
    """
    What a finding is found next to, with the account that it is in.

    Args:
        is_given: whether the run was given the account, whatever the input says.
    """
    return tuple(sorted((*found, surrounding(GIVEN if is_given else ACCOUNT, "", account))))


def says_something(found: Iterable[str]) -> bool:
    """Whether there is more that a finding is found next to than the account that a run was given, and a role."""
    return any(_kind(one) not in (GIVEN, GIVES) for one in found)


def read_surroundings(written: object) -> tuple[str, ...] | None:
    """What was written down of what a finding was found next to; None where it is not that."""
    if not isinstance(written, list | tuple):
        return None
    found = tuple(one for one in written if isinstance(one, str) and re.fullmatch(_TOLD, one))
    return found if len(found) == len(written) else None


def is_no_worse(then: Iterable[str], now: Iterable[str]) -> bool:
    """
    Whether what a finding is found next to holds back at least as much as before.

    Args:
        then: empty where that was not written down.
    """
    before, after = {*then}, {*now}
    if not before:
        return True
    changed = before ^ after
    if any(_kind(one) == _ALL for one in changed):
        return False
    if any(_is_elsewhere(before, after, kinds) for kinds in ((STANDS_ON,), (ACCOUNT, GIVEN))):
        return False
    # Whoever is gone needs nothing that held him back.
    there = {_NOBODY, *(_whose(one) for one in after if _kind(one) in (HELD, MEMBER))}
    gone = (one for one in before - after if _kind(one) in _LESS_IS_WORSE and _whose(one) in there)
    bounded = {_whose(one) for one in before if _kind(one) == BOUNDARY}
    more = (one for one in after - before if _kind(one) in _MORE_IS_WORSE)
    # A boundary that was not there before takes something away, whatever it allows.
    more = (one for one in more if _kind(one) != ALLOWED or _whose(one) in bounded)
    # Every role gives something: where nothing is written of that, nobody has looked.
    unseen = () if any(_kind(one) == GIVES for one in before) else (GIVES,)
    more = (one for one in more if _kind(one) not in unseen)
    return not any(gone) and not any(more)


def _is_elsewhere(before: set[str], after: set[str], kinds: tuple[str, ...]) -> bool:
    """Whether a finding is about a place that it was not about; False where nobody wrote down which that was."""
    then = {one.partition(" ")[2] for one in before if _kind(one) in kinds}
    now = {one.partition(" ")[2] for one in after if _kind(one) == kinds[0]}
    return bool(then) and not now <= then


def _kind(one: str) -> str:
    return one.partition(" ")[0]


def _whose(one: str) -> str:
    return one.split(" ")[1]
