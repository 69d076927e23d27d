"""
Whether a policy may allow a call: what is not known about the policy or the call counts for it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

_PRESENT = "aws:multifactorauthpresent"
_AGE = "aws:multifactorauthage"
_IF_EXISTS = "IfExists"
_VARIABLE = re.compile(r"\$\{[^}]*\}")
#: What a character of a pattern may stand for beside itself.
_WILD = "*?"


class Call(NamedTuple):
    """
    What somebody asks of AWS.
    """

    #: Also a pattern: one that matches it has to be allowed.
    action: str
    #: ARNs that it may be about, as patterns: one of them has to be allowed. None: any.
    resources: tuple[str, ...] | None = None
    #: False where the caller has used no MFA: sessions of roles never have, and nobody who is still to enrol a device.
    #: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
    may_have_mfa: bool = True


def may_allow(document: Any, call: Call) -> bool:
    """
    Whether a policy may allow a call, as far as action, resource and MFA say; what cannot be read may.

    Args:
        document: as it is in a template.
        call: what is asked.
    """
    statements = statements_of(document)
    if statements is None:
        return True
    denials = [one for one in statements if _always_denies(one, call)]
    every = ("*",) if call.resources is None else call.resources
    left = tuple(one for one in every if not any(_is_surely_on(denial, one) for denial in denials))
    asked = call if call.resources is None else call._replace(resources=left)
    return bool(left) and any(_may(one, asked) for one in statements)


def statements_of(document: Any) -> list[Any] | None:
    """The statements of a policy, which may be one alone; None where they cannot be read."""
    statements = document.get("Statement") if isinstance(document, Mapping) else None
    if isinstance(statements, Mapping) and "Effect" in statements:
        return [statements]
    return statements if isinstance(statements, list) else None


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
        and _may_be_on(statement.get("Resource", "*"), call.resources)
        and (call.may_have_mfa or not _needs_mfa(statement.get("Condition", {})))
    )


def _always_denies(statement: Any, call: Call) -> bool:
    """Whether a statement is a Deny that the call meets on what it is about, whoever asks."""
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Deny":
        return False
    if not _is_about(statement, call.action, unknown=False):
        return False
    conditions = list(_entries(statement.get("Condition", {})))
    return not conditions or (not call.may_have_mfa and all(_holds_without_mfa(*one) for one in conditions))


def _is_surely_on(statement: Mapping[str, Any], asked: str) -> bool:
    """Whether a statement is about all ARNs of a pattern, as far as it writes its own out."""
    if "NotResource" in statement:
        # What is not written out may be any.
        return not _may_be_on(statement["NotResource"], (asked,))
    written = [one for one in _listed(statement.get("Resource")) if isinstance(one, str) and "${" not in one]
    return any(_covers(one, asked) for one in written)


def _is_about(statement: Mapping[str, Any], action: str, *, unknown: bool) -> bool:
    """
    Whether a statement has an action; what only a deployment knows is answered with what is given for it, and of a
    pattern it may have one action, or must have all.
    """
    listed = _listed(statement.get("Action", statement.get("NotAction")))
    if not all(isinstance(one, str) for one in listed):
        return unknown
    has_actions = "Action" in statement
    has_one = _have_one_text if has_actions == unknown else _covers
    return any(has_one(one.lower(), action.lower()) for one in listed) == has_actions


def _covers(pattern: str, action: str) -> bool:
    """Whether one pattern of IAM matches all that another one does, as far as that is plain."""
    # A mark of the other one stands for more than one character.
    if "?" in pattern and any(mark in action for mark in _WILD):
        return False
    # The characters that IAM takes for itself are no wildcards of its patterns.
    return fnmatch.fnmatchcase(action, pattern.replace("[", "[[]"))


def _may_be_on(resources: Any, asked: Sequence[str] | None) -> bool:
    listed = [arn_pattern(one) for one in _listed(resources)]
    return asked is None or any(_may_be_one(one, other) for one in listed for other in asked)


def _may_be_one(one: str, other: str) -> bool:
    """Whether two patterns may be those of one ARN, no part of which but the last has a colon."""
    parts, others = one.split(":", 5), other.split(":", 5)
    if len(parts) == len(others) == 6:
        return all(map(_have_one_text, parts, others))
    return _have_one_text(one, other)


def _have_one_text(one: str, other: str) -> bool:
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


def _needs_mfa(conditions: Any) -> bool:
    """Whether no request without MFA meets conditions, be the key for it absent or false."""
    return any(
        (operator == "bool" and key == _PRESENT and _is_only(values, "true"))
        or (key == _AGE and operator.startswith("numeric") and not operator.endswith(_IF_EXISTS.lower()))
        or (key == _AGE and operator == "null" and _is_only(values, "false"))
        for operator, key, values in _entries(conditions)
    )


def _holds_without_mfa(operator: str, key: str, values: Any) -> bool:
    """Whether each request without MFA meets a condition, be the key for it absent or false."""
    if key == _PRESENT:
        return operator == "boolifexists" and "false" in map(_written, _listed(values))
    if key == _AGE and operator == "null":
        return _is_only(values, "true")
    return key == _AGE and operator.startswith("numeric") and operator.endswith(_IF_EXISTS.lower())


def _entries(conditions: Any) -> Iterable[tuple[str, str, Any]]:
    """Operators and keys, in small letters, and values; one of each where they cannot be read."""
    if not isinstance(conditions, Mapping) or not all(isinstance(one, Mapping) for one in conditions.values()):
        return [("", "", None)]
    return [
        (str(operator).lower(), str(key).lower(), values)
        for operator, keys in conditions.items()
        for key, values in keys.items()
    ]


def _is_only(values: Any, text: str) -> bool:
    return all(_written(one) == text for one in _listed(values))


def _written(value: Any) -> str:
    return str(value).lower()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
