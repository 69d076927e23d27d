"""
Trust policies of which a value is not known: a hidden parameter (`NoEcho`), as a rule the external id.

What such a policy lets in is between two others: one without the tests that are not known, and one without the
statements that have them. What lies outside of these is a difference, whatever the value is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from trustproof.live.policy_comparison import DIFFERS, ONLY_DEPLOYED, ONLY_TEMPLATE, UNKNOWN, Comparison
from trustproof.model.policy import ALLOW, DENY
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import NO_VALUE

#: Elements that may be anything where they are not known.
_ANY = {"Action": "*", "Principal": "*"}
_CONDITION = "Condition"

Resolve = Callable[[Any], Any]


class TrustBounds(NamedTuple):
    """
    A trust policy that is known in part.
    """

    #: The text of a policy that lets in whoever it may let in.
    widest: str
    #: The text of one that lets in whom it lets in whatever the values are; None where that is nobody.
    narrowest: str | None
    #: What is not known.
    reason: str


def bounds_of(document: Any, resolve: Resolve, reason: str) -> TrustBounds | None:
    """
    The bounds of a trust policy; None where even its statements are not known.

    Args:
        document: as the template has it.
        resolve: gives a value with its functions evaluated.
        reason: why the policy is not known.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("Statement"), (list, Mapping)):
        return None
    statements = document["Statement"]
    widest: list[Any] = []
    narrowest: list[Any] = []
    try:
        for one in statements if isinstance(statements, list) else [statements]:
            known = _resolved(one, resolve)
            if known is NO_VALUE:
                continue
            if known is not None:
                widest.append(known)
                narrowest.append(known)
                continue
            part = _known_part(one, resolve)
            (widest if part["Effect"] == ALLOW else narrowest).append(part)
        more = {name: resolve(value) for name, value in document.items() if name != "Statement"}
    except RefusedRequest:
        return None
    granted = any(one["Effect"] == ALLOW for one in narrowest)
    return TrustBounds(
        json.dumps({**more, "Statement": widest}),
        json.dumps({**more, "Statement": narrowest}) if granted else None,
        reason,
    )


def compare_bounds(bounds: TrustBounds, deployed: str, compare: Callable[[str, str], Comparison]) -> Comparison:
    """
    Compare a deployed policy with the bounds of what a template says.

    Args:
        bounds: of the template's policy.
        deployed: the text of the policy.
        compare: says first what the second of two policies lets in that the first does not.
    """
    more = compare(bounds.widest, deployed)
    if more.verdict == DIFFERS and more.lines[0] == ONLY_DEPLOYED:
        return more
    if bounds.narrowest is not None:
        less = compare(deployed, bounds.narrowest)
        if less.verdict == DIFFERS and less.lines[0] == ONLY_DEPLOYED:
            return Comparison(DIFFERS, (ONLY_TEMPLATE, *less.lines[1:]))
    return Comparison(UNKNOWN, (bounds.reason,))


def _resolved(value: Any, resolve: Resolve) -> Any:
    try:
        return resolve(value)
    except RefusedRequest:
        return None


def _known_part(statement: Any, resolve: Resolve) -> dict[str, Any]:
    """
    A statement with everything in the place of what is not known.

    Raises:
        RefusedRequest: it is not known what kind of statement it is.
    """
    if not isinstance(statement, Mapping) or statement.get("Effect") not in (ALLOW, DENY):
        raise RefusedRequest("what a statement does is not known")
    found: dict[str, Any] = {}
    for name, value in statement.items():
        if name == _CONDITION:
            found[name] = _known_tests(value, resolve)
            continue
        known = _resolved(value, resolve)
        if known is None and name not in _ANY:
            raise RefusedRequest(f"{name} of a statement is not known")
        if known is not NO_VALUE:
            found[name] = _ANY[name] if known is None else known
    return found


def _known_tests(block: Any, resolve: Resolve) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for operator, tests in block.items() if isinstance(block, Mapping) else ():
        for key, values in tests.items() if isinstance(tests, Mapping) else ():
            known = _resolved({key: values}, resolve)
            if isinstance(known, Mapping):
                found.setdefault(operator, {}).update(known)
    return found
