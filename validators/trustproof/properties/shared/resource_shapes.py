"""
Resources that no action of a statement is about, and which field of the ARN is wrong.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from trustproof.aws.action_resources import about
from trustproof.aws.resources_of_actions import resources_of_action
from trustproof.model.policy import Statement
from trustproof.model.text import Text
from trustproof.properties.shared.fitting_resources import may_fit
from trustproof.sets.patterns import Pattern, like
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet

#: What the fields of an ARN are called.
_FIELDS = ("beginning", "partition", "service", "Region", "account", "resource")
_COLONS = 5
_ACCOUNT = "?" * 12
#: The first of the characters that stand for parts that are not known, and how many there may be: the first private use
#: area.
_MARK, _MARKS = 0xE100, 0x1000


class MisshapenResource(NamedTuple):
    """
    A resource that is none of those that an action is about.
    """

    resource: str
    #: An action of the statement, as it is written.
    action: str
    #: What the action is about: an ARN as ``ArnLike`` has it.
    expected: str
    #: The field that is wrong, and what stands in it; empty where there are too few, and how many.
    field: str
    written: str
    #: What the action is about beside such a resource, where it looks like one: ``what is in one``.
    instead: str = ""

    def __str__(self) -> str:
        expected = self.expected.replace(f":?*:{_ACCOUNT}:", ":REGION:ACCOUNT:").replace(_ACCOUNT, "ACCOUNT")
        read = f"{self.resource} is read with the {self.field} {self.written or '(empty)'}"
        if not self.field:
            read = f"{self.resource} has {self.written} fields of {_COLONS + 1}"
        return f"{read}: {self.action} is about {expected}{self.instead}"


@lru_cache(maxsize=1024)
def misshapen_arns(statement: Statement) -> tuple[MisshapenResource, ...]:
    """
    The ARNs of a statement, where none of its actions is about any of them; empty where that is not certain, and where
    something else stands there.
    """
    if may_fit(statement):
        return ()
    shapes: list[tuple[str, str]] = []
    for action in statement.actions or ():
        found = _shapes(action) if isinstance(action, str) else ()
        if not found:
            return ()
        shapes += ((str(action), arn) for arn in found)
    out: list[MisshapenResource] = []
    for resource in statement.resources or ():
        text, names = _marked(resource)
        colons = text.count(":")
        if "$" in text or (colons < _COLONS and (names or not text.startswith("arn:"))):
            return ()
        if colons < _COLONS:
            out.append(MisshapenResource(text, *shapes[0], "", str(colons + 1)))
            continue
        action, expected = min(shapes, key=lambda shape: len(_wrong(text, shape[1])))
        # It looks like one, and is what stands inside of it.
        field = next(iter(_wrong(text, expected)), _FIELDS[-1])
        written = dict(zip(_FIELDS, text.split(":", _COLONS), strict=True))[field]
        instead = ""
        if not _wrong(text, expected):
            is_inside = written.count("/") > expected.rpartition(":")[2].count("/")
            instead = " itself, and not about what is in it" if is_inside else ", which is in it, and not about it"
        out.append(MisshapenResource(str(resource), action, expected, field, _shown(written, names), instead))
    return tuple(out)


def _shapes(action: str) -> tuple[str, ...]:
    """The ARNs of what an action is about; of a pattern, those that the service has."""
    if not {*action} & {*"*?"}:
        return resources_of_action(action)
    rows = about(action.partition(":")[0].lower())
    return tuple(dict.fromkeys(arn for row in rows for arn in row.arns if not row.actions)) or tuple(
        dict.fromkeys(arn for row in rows for arn in row.arns)
    )


def _marked(resource: Text) -> tuple[str, tuple[str, ...]]:
    """A text with a mark for each part that is not known, which no text of a policy has; and what these are called."""
    if isinstance(resource, str):
        return resource, ()
    names = tuple(f"<{symbol.name}>" for symbol in resource.symbols)
    marks = iter(range(len(names)))
    return "".join(one if isinstance(one, str) else chr(_MARK + next(marks)) for one in resource.parts), names


def _shown(text: str, names: tuple[str, ...]) -> str:
    return "".join(names[ord(char) - _MARK] if _is_mark(char) else char for char in text)


def _is_mark(char: str) -> bool:
    return _MARK <= ord(char) < _MARK + _MARKS


def _wrong(resource: str, arn: str) -> list[str]:
    """The fields in which a resource is no such ARN."""
    written = "".join("*" if _is_mark(char) else char for char in resource)
    fields = zip(_FIELDS, written.split(":", _COLONS), arn.split(":", _COLONS), strict=True)
    return [name for name, one, other in fields if not _meet(one, other)]


def _meet(one: str, other: str) -> bool:
    return _overlap(like(one), like(other))


@lru_cache(maxsize=4096)
def _overlap(one: Pattern, other: Pattern) -> bool:
    """Whether some text matches both patterns."""
    try:
        return (StringSet.of([one]) & StringSet.of([other])).sample() is not None
    except BudgetReached:
        return True
