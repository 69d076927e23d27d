"""
Policies of which a value is not known: a hidden parameter (`NoEcho`), as a rule the external id of a trust policy.

What such a policy lets in is between two others: one without the tests that are not known, and one without the
statements that have them. What lies outside of these is a difference, whatever the value is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from trustproof.live.policy_comparison import DIFFERS, ONLY_DEPLOYED, ONLY_TEMPLATE, UNKNOWN, Comparison
from trustproof.model.policy import ALLOW, DENY
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import NO_VALUE

#: Elements that may be anything where they are not known.
_ANY = {"Action": "*", "Principal": "*", "Resource": "*"}
_CONDITION = "Condition"

Resolve = Callable[[Any], Any]


class PolicyBounds(NamedTuple):
    """
    A policy that is known in part.
    """

    #: The text of a policy that allows whatever it may allow; None where that is nothing.
    widest: str | None
    #: The text of one that allows what it allows whatever the values are; None where it says nothing.
    narrowest: str | None
    #: What is not known.
    reason: str


def bounds_of(document: Any, resolve: Resolve, reason: str) -> PolicyBounds | None:
    """
    The bounds of a policy; None where even its statements are not known.

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
    return PolicyBounds(
        json.dumps({**more, "Statement": widest}) if widest else None,
        json.dumps({**more, "Statement": narrowest}) if narrowest else None,
        reason,
    )


def compare_bounds(
    bounds: Sequence[PolicyBounds],
    known: Sequence[str],
    deployed: Sequence[str],
    compare: Callable[[Sequence[str], Sequence[str]], Comparison],
) -> Comparison:
    """
    Compare deployed policies with the bounds of what templates say.

    Args:
        bounds: of policies of the templates.
        known: the texts of those that are known, which stand beside them.
        deployed: the texts of the policies that are deployed.
        compare: says first what the second of two sets of policies allows that the first does not.
    """
    widest = [*known, *(one.widest for one in bounds if one.widest is not None)]
    more = compare(widest, deployed)
    if more.verdict == DIFFERS and more.lines[0] == ONLY_DEPLOYED:
        return more
    narrowest = [*known, *(one.narrowest for one in bounds if one.narrowest is not None)]
    if narrowest:
        less = compare(deployed, narrowest)
        if less.verdict == DIFFERS and less.lines[0] == ONLY_DEPLOYED:
            return Comparison(DIFFERS, (ONLY_TEMPLATE, *less.lines[1:]))
    return Comparison(UNKNOWN, tuple(dict.fromkeys(one.reason for one in bounds)))


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
