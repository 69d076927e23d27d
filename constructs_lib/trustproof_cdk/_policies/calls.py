"""
Whether a policy may allow a call: what is not known about the policy or the call counts for it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from trustproof_cdk._policies.known_keys import KnownKey, always_met, never_met

_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:([0-9]{12}):")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
#: What a character of a pattern may stand for beside itself.
_WILD = "*?"


class Call(NamedTuple):
    """
    What somebody asks of AWS.
    """

    #: Also a pattern: one that matches it has to be allowed.
    action: str
    #: The ARN that it is about, as a pattern: one of these has to be allowed. None: any.
    resource: str | None = None
    #: What is known of the condition keys of the request.
    known: tuple[KnownKey, ...] = ()


def may_allow(document: Any, call: Call) -> bool:
    """
    Whether a policy may allow a call, as far as action, resource and known keys say; what cannot be read may.

    Args:
        document: as it is in a template.
        call: what is asked.
    """
    statements = statements_of(document)
    if statements is None:
        return True
    return not denies(document, call) and any(_may(one, call) for one in statements)


def denies(document: Any, call: Call) -> bool:
    """Whether a policy surely denies a call, likewise; what cannot be read does not."""
    return any(_always(one, "Deny", call) for one in statements_of(document) or ())


def allows(document: Any, call: Call) -> bool:
    """Whether a policy surely allows a call, unless another one denies it; what cannot be read does not."""
    statements = statements_of(document) or ()
    return any(_always(one, "Allow", call) for one in statements) and not any(
        not isinstance(one, Mapping) or one.get("Effect") not in ("Allow", "Deny") or _may_deny(one, call)
        for one in statements
    )


def statements_of(document: Any) -> list[Any] | None:
    """The statements of a policy, which may be one alone; None where they cannot be read."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    if isinstance(statements, Mapping) and "Effect" in statements:
        return [statements]
    return statements if isinstance(statements, list) else None


def denying_in(document: Any) -> list[Mapping[str, Any]]:
    """The Deny statements of a policy, as far as they can be read."""
    listed = statements_of(document) or ()
    return [one for one in listed if isinstance(one, Mapping) and one.get("Effect") == "Deny"]


def allowing(document: Any, action: str, resource: str | None) -> list[Any]:
    """
    The statements of a policy that may allow an action.

    Args:
        document: as it is in a template.
        action: of one service, written out.
        resource: a pattern, as the policy itself writes it; where no statement does, and for None, it is not asked for.
    """
    about = [
        one
        for one in statements_of(document) or ()
        if not isinstance(one, Mapping) or (one.get("Effect") != "Deny" and _is_about(one, action, unknown=True))
    ]
    named = [one for one in about if isinstance(one, Mapping) and _names(one, resource)]
    return named or about


def _names(statement: Mapping[str, Any], resource: str | None) -> bool:
    return any(arn_pattern(one) == resource for one in _listed(statement.get("Resource", [])))


def is_about_service(statement: Any, service: str, *, unknown: bool) -> bool:
    """
    Whether a statement of a resource policy is about a service.

    Args:
        statement: as it is in a template.
        service: its principal.
        unknown: the answer where only a deployment knows.
    """
    if not isinstance(statement, Mapping):
        return unknown
    excluded = "NotPrincipal" in statement
    principal = statement.get("NotPrincipal", statement.get("Principal"))
    if principal == "*":
        return not excluded
    if not isinstance(principal, Mapping):
        return unknown
    for kind in ("AWS", "Service"):
        listed = _listed(principal.get(kind, []))
        if "*" in listed or (kind == "Service" and service in listed):
            return not excluded
        if kind == "Service" and not all(isinstance(one, str) for one in listed):
            return unknown
    return excluded


def arn_pattern(value: Any) -> str:
    """
    The ARNs that a value of a template may be, as a pattern of IAM.

    Args:
        value: resolved; a text, or a function.
    """
    if isinstance(value, str):
        return _VARIABLE.sub("*", value)
    if isinstance(value, Mapping) and value.keys() == {"Fn::Join"}:
        joined = value["Fn::Join"]
        if isinstance(joined, list) and joined[0] == "" and isinstance(joined[1], list):
            return "".join(map(arn_pattern, joined[1]))
    return "*"


def _may(statement: Any, call: Call) -> bool:
    # What a condition of the template chooses among has no Effect of its own.
    if not isinstance(statement, Mapping) or not isinstance(statement.get("Effect"), str):
        return True
    return (
        statement["Effect"] == "Allow"
        and _is_about(statement, call.action, unknown=True)
        and _may_be_on(statement.get("Resource", "*"), call.resource)
        and not never_met(statement.get("Condition", {}), _known(call))
    )


def _may_deny(statement: Mapping[str, Any], call: Call) -> bool:
    return statement.get("Effect") == "Deny" and _may({**statement, "Effect": "Allow"}, call)


def _always(statement: Any, effect: str, call: Call) -> bool:
    """Whether a statement has an effect, and the call meets it, whoever asks."""
    return (
        isinstance(statement, Mapping)
        and statement.get("Effect") == effect
        and _is_about(statement, call.action, unknown=False)
        and _is_surely_on(statement, "*" if call.resource is None else call.resource)
        and always_met(statement.get("Condition", {}), _known(call))
    )


def _known(call: Call) -> Iterable[KnownKey]:
    """The keys that are known of a call, with what its resource says of its own account."""
    account = _ACCOUNT.match(call.resource or "")
    # Few actions do not have the key.
    owner = [KnownKey("aws:ResourceAccount", (None, (account[1],)))] if account is not None else []
    return (*call.known, *owner)


def _is_surely_on(statement: Mapping[str, Any], asked: str) -> bool:
    """Whether a statement is about all ARNs of a pattern, as far as it writes its own out."""
    if "NotResource" in statement:
        # What is not written out may be any.
        return not _may_be_on(statement["NotResource"], asked)
    written = [one for one in _listed(statement.get("Resource")) if isinstance(one, str) and "${" not in one]
    return any(covers(one, asked) for one in written)


def _is_about(statement: Mapping[str, Any], action: str, *, unknown: bool) -> bool:
    """
    Whether a statement has an action; what only a deployment knows is answered with what is given for it, and of a
    pattern it may have one action, or must have all.
    """
    listed = _listed(statement.get("Action", statement.get("NotAction")))
    if not all(isinstance(one, str) for one in listed):
        return unknown
    has_actions = "Action" in statement
    has_one = have_one_text if has_actions == unknown else covers
    return any(has_one(one.lower(), action.lower()) for one in listed) == has_actions


def covers(pattern: str, action: str) -> bool:
    """Whether one pattern of IAM matches all that another one does, as far as that is plain."""
    # A mark of the other one stands for more than one character.
    if "?" in pattern and any(mark in action for mark in _WILD):
        return False
    # The characters that IAM takes for itself are no wildcards of its patterns.
    return fnmatch.fnmatchcase(action, pattern.replace("[", "[[]"))


def _may_be_on(resources: Any, asked: str | None) -> bool:
    return asked is None or any(may_be_one(arn_pattern(one), asked) for one in _listed(resources))


def may_be_one(one: str, other: str) -> bool:
    """Whether two patterns may be those of one ARN, no part of which but the last has a colon."""
    parts, others = one.split(":", 5), other.split(":", 5)
    if len(parts) == len(others) == 6:
        return all(map(have_one_text, parts, others))
    return have_one_text(one, other)


def have_one_text(one: str, other: str) -> bool:
    """Whether there is a text that two patterns of IAM both match."""
    if "*" in (one, other):
        return True
    while one and other and one[0] == other[0] and one[0] not in _WILD:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1] and one[-1] not in _WILD:
        one, other = one[:-1], other[:-1]
    # From the end: whether what is left of the one, and what is left of the other, have a text in common.
    below = [all(mark == "*" for mark in other[j:]) for j in range(len(other) + 1)]
    for mark in reversed(one):
        row = [mark == "*" and below[-1]]
        for j in range(len(other) - 1, -1, -1):
            if "*" in (mark, other[j]):
                row.append((below[j] and mark == "*") or row[-1] or (other[j] == "*" and below[j]))
            else:
                row.append(below[j + 1] and (mark == other[j] or "?" in (mark, other[j])))
        below = row[::-1]
    return below[0]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
