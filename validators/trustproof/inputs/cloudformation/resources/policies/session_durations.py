"""
How long sessions last, where a template says: of roles, of permission sets, of profiles of Roles Anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import ceil
from typing import NamedTuple

from trustproof.inputs.cloudformation.evaluation.declarations.work import OverBudget
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.grammar.malformed_policies import MalformedPolicy, quote_value
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.grammar.variants import TooManyVariants, variants
from trustproof.model.policy import Guard, Path
from trustproof.model.principals import SessionFacts
from trustproof.model.text import Symbolic, Text

#: One hour, where nothing is said.
DEFAULT_SESSION_DURATION = 3600
#: No number of seconds is longer: AWS admits five digits, and Python reads some thousand.
_DIGITS = 9
_ISO = (
    r"P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?"
)
_DAY = 86400
_UNITS = (365 * _DAY, 30 * _DAY, 7 * _DAY, _DAY, 3600, 60, 1)


class _Kind(NamedTuple):
    """A property that says how long sessions last."""

    key: str
    #: What AWS takes for it, in seconds.
    least: int
    most: int
    read: Callable[[str], int | None]
    #: What is accepted, in words.
    accepted: str


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else None


def _iso(text: str) -> int | None:
    found = re.fullmatch(_ISO, text)
    if found is None or not any(found.groups()):
        return None
    return ceil(sum(float(part or 0) * unit for part, unit in zip(found.groups(), _UNITS, strict=True)))


#: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
ROLE = _Kind("MaxSessionDuration", 3600, 43200, _number, "a number of seconds")
_KINDS = {
    # https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreatePermissionSet.html
    "AWS::SSO::PermissionSet": _Kind("SessionDuration", 3600, 43200, _iso, "a duration such as PT1H"),
    # https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_CreateProfile.html
    "AWS::RolesAnywhere::Profile": _Kind("DurationSeconds", 900, 43200, _number, "a number of seconds"),
}


def sessions(
    resolver: Resolver,
    logical_id: str,
    type_: str,
    properties: dict[str, object],
    path: Path,
    guards: tuple[Guard, ...],
    construct_path: str | None,
) -> Iterator[SessionFacts | MalformedPolicy]:
    """How long the sessions last that a permission set or a profile gives, for each value that conditions decide."""
    kind = _KINDS[type_]
    place = (*path, kind.key) if kind.key in properties else path[:-1]
    for duration, inner, written in durations(resolver, kind, properties.get(kind.key), guards):
        if isinstance(duration, str):
            yield wrong(kind, duration, place)
        else:
            longest = at_most(resolver, kind, duration)
            yield SessionFacts(logical_id, type_, kind.key, duration, written, place, construct_path, inner, longest)


def wrong(kind: _Kind, value: str, path: Path) -> MalformedPolicy:
    """What is said of a duration that is none."""
    return MalformedPolicy(f"{kind.key} is {quote_value(value)}, expected {kind.accepted}", path)


def durations(
    resolver: Resolver, kind: _Kind, given: object, guards: tuple[Guard, ...]
) -> Iterator[tuple[int | Text, tuple[Guard, ...], str]]:
    """
    A duration for each value that conditions decide, and how it is written: seconds, or what is not known before
    deployment; text where it is no duration.
    """
    if given is None or isinstance(given, int):
        yield (DEFAULT_SESSION_DURATION, guards, "") if given is None else (given, guards, str(given))
        return
    try:
        found = variants(resolver, guards, lambda reading: reading.text(given))
    except (OverBudget, TooManyVariants) as error:
        found = [(guards, resolver.unresolved(kind.key, given, str(error)))]
    except Unreadable:
        found = [(guards, resolver.unresolved(kind.key, given))]
    for inner, text in found:
        if isinstance(text, str):
            seconds = kind.read(text)
            yield (text if seconds is None else seconds), inner, text
        elif isinstance(text, Symbolic):
            yield text, inner, str(text)
        else:
            yield DEFAULT_SESSION_DURATION, inner, ""


def at_most(resolver: Resolver, kind: _Kind, duration: int | Text) -> int | None:
    """The most that a duration may be which is the value of a parameter; None where that is not known."""
    if not isinstance(duration, Symbolic) or len(duration.parts) != 1 or kind.read is not _number:
        return None
    (symbol,) = duration.symbols
    parameter = resolver.environment.parameters.get(symbol.name) if symbol.kind == "parameter" else None
    return None if parameter is None else parameter.largest(kind.least, kind.most)
