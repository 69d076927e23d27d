"""
Policies of which a value is not known: a hidden parameter (`NoEcho`), as a rule the external id of a trust policy.

What such a policy lets in is between two others: one whose tests that are not known are met by every value, and one
without the statements that have them. What lies outside of these is a difference, whatever the value is. So is what
differs both with each value that the deployed policies test for and with one that they do not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

from trustproof.live.policy_comparison import DIFFERS, ONLY_DEPLOYED, ONLY_TEMPLATE, SAME, UNKNOWN, Comparison
from trustproof.model.policy import ALLOW, DENY
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import NO_VALUE

#: Elements that may be anything where they are not known.
_ANY = {"Action": "*", "Principal": "*", "Resource": "*"}
_CONDITION, _EQUALS, _NULL = "Condition", "StringEquals", "Null"
#: What is compared only with a key that is there.
_POSITIVE = frozenset(
    """
    arnequals arnlike binaryequals bool dateequals dategreaterthan dategreaterthanequals datelessthan datelessthanequals
    ipaddress numericequals numericgreaterthan numericgreaterthanequals numericlessthan numericlessthanequals
    stringequals stringequalsignorecase stringlike
    """.split()
)
_OF_ANY = "foranyvalue:"
#: Stands for a value that is not known.
_SOME_VALUE = "a-value-that-is-hidden"
#: Some value that no deployed policy tests for: the id of an account may be a name, a tag and an external id too.
_UNTESTED = 700000000001
#: So many values are tried.
_VALUES = 12

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
    #: The text with `_SOME_VALUE` for the one parameter that is not known; None where that stands elsewhere than as a
    #: whole value of `StringEquals` in an Allow.
    with_value: str | None = None
    #: The text with parameters of Systems Manager as they are now, which need not be what they were when it was
    #: deployed: that it is the same says enough, and that it is not says nothing. None where that is not known.
    present: str | None = None

    def changed(self, change: Callable[[str], str]) -> PolicyBounds:
        """The same with texts that are changed."""
        widest, narrowest, with_value, present = (
            None if one is None else change(one) for one in (self.widest, self.narrowest, self.with_value, self.present)
        )
        return PolicyBounds(widest, narrowest, self.reason, with_value, present)


def bounds_of(document: Any, resolve: Resolve, reason: str, present: str | None = None) -> PolicyBounds | None:
    """
    The bounds of a policy; None where even its statements are not known.

    Args:
        document: as the template has it.
        resolve: gives a value with its functions evaluated.
        reason: why the policy is not known.
        present: its text with the values that there are now; None where that is not known.
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
        _with_value(document, resolve),
        present,
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
    if len(bounds) == 1 and bounds[0].with_value is not None:
        values = _tested(deployed)
        given = (bounds[0].with_value.replace(_SOME_VALUE, json.dumps(value)[1:-1]) for value in values)
        if len(values) <= _VALUES and all(_lets_in_more(compare([*known, one], deployed)) for one in given):
            # No request: it might say the value.
            return Comparison(
                DIFFERS, (ONLY_DEPLOYED, f"  whatever the value is that is not known ({bounds[0].reason})")
            )
    present = [one.present for one in bounds if one.present is not None]
    if len(present) == len(bounds):
        now = compare([*known, *present], deployed)
        if now.verdict == SAME:
            return now
    return Comparison(UNKNOWN, tuple(dict.fromkeys(one.reason for one in bounds)))


def _lets_in_more(comparison: Comparison) -> bool:
    return comparison.verdict == DIFFERS and comparison.lines[0] == ONLY_DEPLOYED


def _tested(texts: Sequence[str]) -> list[str]:
    """The values in the conditions of policies, and one that is not there."""
    found: set[str] = set()
    for text in texts:
        statements = json.loads(text)["Statement"]
        for one in statements if isinstance(statements, list) else [statements]:
            found |= {leaf for leaf in _leaves(one.get(_CONDITION)) if leaf != _SOME_VALUE}
    return sorted(found | {next(str(one) for one in count(_UNTESTED) if str(one) not in found)})


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, (str, bool, int, float)):
        yield str(value).lower() if isinstance(value, bool) else str(value)
    elif isinstance(value, (list, Mapping)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _leaves(one)


def _with_value(document: Any, resolve: Resolve) -> str | None:
    hidden: set[str] = set()

    def named(value: Any) -> Any:
        if isinstance(value, list):
            return [named(one) for one in value]
        if isinstance(value, Mapping) and list(value) == ["Ref"] and _resolved(value, resolve) is None:
            hidden.add(str(value["Ref"]))
            return _SOME_VALUE
        return value

    statements = document["Statement"]
    given = []
    for one in statements if isinstance(statements, list) else [statements]:
        tests = one.get(_CONDITION) if isinstance(one, Mapping) and one.get("Effect") == ALLOW else None
        if isinstance(tests, Mapping) and isinstance(tests.get(_EQUALS), Mapping):
            tests = {**tests, _EQUALS: {key: named(value) for key, value in tests[_EQUALS].items()}}
            one = {**one, _CONDITION: tests}
        given.append(one)
    known = _resolved({**document, "Statement": given}, resolve)
    return json.dumps(known) if known is not None and len(hidden) == 1 else None


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
    present: set[str] = set()
    for operator, tests in block.items() if isinstance(block, Mapping) else ():
        for key, values in tests.items() if isinstance(tests, Mapping) else ():
            known = _resolved({key: values}, resolve)
            if isinstance(known, Mapping):
                found.setdefault(operator, {}).update(known)
            elif str(operator).lower().removeprefix(_OF_ANY) in _POSITIVE:
                present.add(key)
    for key in sorted(present):
        found.setdefault(_NULL, {}).setdefault(key, "false")
    return found
