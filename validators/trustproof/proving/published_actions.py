"""
Differences between policies that show in actions which AWS publishes, and those that show in no such action.

`s3:L*` and `s3:List*` are about the same actions as long as AWS publishes no other action of S3 that begins with an L.
Whether it has done so since, nobody here knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from trustproof.aws import published
from trustproof.aws.examples import EXAMPLE_ACTIONS
from trustproof.engine.domains import Values, text
from trustproof.model.policy import Statement
from trustproof.model.request import Request
from trustproof.proving.sides import Scene, Side
from trustproof.sets.patterns import Pattern, exact, like, matches

_ALONE = "what differs is about actions alone that AWS has not published by "
_UNPUBLISHED = _ALONE + "{}, if there are any, such as {}"

#: So many answers are kept: the pieces of a statement are asked about one after the other, beside the same policies.
_KEPT = 16

#: Gives a request that tells two sides apart, or else why it is not known whether there is one.
Question = Callable[[Side, Side, Scene], Request | tuple[str, ...]]


def in_published_actions(question: Question, first: Side, others: Side, scene: Scene) -> Request | tuple[str, ...]:
    """
    The answer to a question by an action that there is: one that AWS publishes, that a policy writes out, or of a
    service that AWS does not list.

    Args:
        question: asks what one side does and the other does not.
        first: the one side.
        others: the other one.
        scene: where they stand.

    Returns:
        a request; or why it is not known whether there is a difference, empty where there is none at all.
    """
    found = question(first, others, scene)
    if not isinstance(found, Request):
        return found
    known = published_instead(found.action, first, others)
    if known is None:
        return found
    again = question(first, others, scene._replace(constraints=(*scene.constraints, ("action", known))))
    return again if isinstance(again, Request) else (*again, unpublished(found.action))


def published_instead(action: str, first: Side, others: Side) -> Values | None:
    """
    The actions by which to ask again, where none is known of this name; None where it is one that AWS publishes, that a
    policy writes out, or of a service that AWS does not list.

    Args:
        action: of a request that was found.
        first: the one side.
        others: the other one.
    """
    statements = [one for side in (first, others) for policy in side.policies for one in policy.statements]
    written = {entry.lower() for one in statements for entry in _entries(one)}
    if _is_known(action.lower(), written):
        return None
    return _known_actions(
        action.lower().partition(":")[0], frozenset(written), all_fit=any(one.not_actions for one in statements)
    )


def is_about_nothing(statement: Statement, action: str) -> bool:
    """Whether what a statement says of an action says nothing of one that AWS publishes, as a typing error does."""
    prefix, _, _ = action.lower().partition(":")
    service = published.service(prefix)
    patterns = [like(entry.lower()) for entry in statement.actions or () if isinstance(entry, str)]
    about = [one for one in patterns if matches(one, action.lower())]
    names = () if service is None else service.actions
    return bool(about) and not any(matches(one, f"{prefix}:{name}") for one in about for name in names)


def unpublished(action: str) -> str:
    """Why it is not known whether there is a difference, where only such an action shows one."""
    return _UNPUBLISHED.format(published.release_day(), action)


def is_of_unpublished(reason: str) -> bool:
    """Whether a reason is that one."""
    return reason.startswith(_ALONE)


def _entries(statement: Statement) -> Iterator[str]:
    """What a statement says of actions, as far as it is known."""
    for entries in (statement.actions, statement.not_actions):
        yield from (entry for entry in entries or () if isinstance(entry, str))


def _is_known(action: str, written: Iterable[str]) -> bool:
    prefix, _, name = action.partition(":")
    service = published.service(prefix)
    return service is None or name in service.actions or action in written


@lru_cache(maxsize=_KEPT)
def _known_actions(prefix: str, written: frozenset[str], *, all_fit: bool) -> Values:
    """The actions of a service and of those that are named, what is written out, and some of all others."""
    found = {entry for entry in written if not _is_pattern(entry)} | {action.lower() for action in EXAMPLE_ACTIONS}
    unlisted: list[str] = []
    for entry in (f"{prefix}:*", *written):
        named = entry.partition(":")[0]
        service = None if _is_pattern(named) else published.service(named)
        if service is not None:
            found |= {f"{named}:{name}" for name in service.actions}
        elif not _is_pattern(named):
            unlisted.append(entry)
    fitting = found if all_fit else set(_fitting(found, written))
    return text(*map(exact, sorted(fitting)), *map(like, sorted(unlisted)))


def _fitting(actions: Iterable[str], written: frozenset[str]) -> Iterator[str]:
    """The actions that an entry is about: of one service where it names one, and itself where it has no wildcard."""
    patterns: dict[str, list[Pattern]] = {}
    for entry in written:
        if _is_pattern(entry):
            prefix = entry.partition(":")[0]
            patterns.setdefault("" if _is_pattern(prefix) else prefix, []).append(like(entry))
    for action in actions:
        of_service = (*patterns.get(action.partition(":")[0], ()), *patterns.get("", ()))
        if action in written or any(matches(one, action) for one in of_service):
            yield action


def _is_pattern(entry: str) -> bool:
    return bool(set(entry) & set("*?"))
