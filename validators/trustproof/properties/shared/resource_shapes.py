"""
Resources that no action of a statement is about, and which field of the ARN is wrong.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from trustproof.aws.resources_of_actions import resources_of_action
from trustproof.model.policy import Statement
from trustproof.sets.patterns import Pattern, arn_like, like, matches
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: What the fields of an ARN are called.
_FIELDS = ("beginning", "partition", "service", "Region", "account", "resource")
_COLONS = 5
_ACCOUNT = "?" * 12


class MisshapenResource(NamedTuple):
    """
    A resource that is none of those that an action is about.
    """

    resource: str
    #: An action of the statement, as it is written.
    action: str
    #: What the action is about: an ARN as ``ArnLike`` has it.
    expected: str
    #: The field that is wrong.
    field: str

    def __str__(self) -> str:
        expected = self.expected.replace(_ACCOUNT, "ACCOUNT")
        written = dict(zip(_FIELDS, self.resource.split(":", _COLONS), strict=True))[self.field]
        return (
            f"{self.resource} is read with the {self.field} {written or '(empty)'}: {self.action} is about {expected}"
        )


@lru_cache(maxsize=1024)
def misshapen_arns(statement: Statement) -> tuple[MisshapenResource, ...]:
    """
    The ARNs of a statement, where none of its actions is about any of them; empty where that is not certain, and where
    something else stands there.
    """
    actions, resources = statement.actions, statement.resources
    if not actions or not resources:
        return ()
    shapes: list[tuple[str, str]] = []
    for action in actions:
        found = resources_of_action(action) if isinstance(action, str) else ()
        if not found:
            return ()
        shapes += ((str(action), arn) for arn in found)
    out: list[MisshapenResource] = []
    for resource in resources:
        if not isinstance(resource, str) or "$" in resource or resource.count(":") < _COLONS:
            return ()
        if any(_may_be(resource, arn) for _, arn in shapes):
            return ()
        action, expected = min(shapes, key=lambda shape: len(_wrong(resource, shape[1])))
        field = next(iter(_wrong(resource, expected)), "")
        if not field:
            # Only wildcards that reach across colons would make it one.
            return ()
        out.append(MisshapenResource(resource, action, expected, field))
    return tuple(out)


def _wrong(resource: str, arn: str) -> list[str]:
    """The fields in which a resource is no such ARN."""
    fields = zip(_FIELDS, resource.split(":", _COLONS), arn.split(":", _COLONS), strict=True)
    return [name for name, one, other in fields if not _meet(one, other)]


def _may_be(resource: str, arn: str) -> bool:
    """Whether a resource, whose wildcards may reach across colons, matches such an ARN, or ``*`` as every wildcard."""
    return matches(like(resource), "*") or _overlap(like(resource), arn_like(tuple(map(like, arn.split(":", _COLONS)))))


def _meet(one: str, other: str) -> bool:
    return _overlap(like(one), like(other))


@lru_cache(maxsize=4096)
def _overlap(one: Pattern, other: Pattern) -> bool:
    """Whether some text matches both patterns."""
    try:
        return (StringSet.of([one]) & StringSet.of([other])).sample() is not None
    except BudgetReached:
        return True
