"""
What is added to the trust policy of a role after it was made: whoever is let in so meets none of what the role demands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import arguments
from trustproof_cdk._policies import calls
from trustproof_cdk._policies import policy_meaning as meaning
from trustproof_cdk._policies.readings import is_read, readings
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._trust.trust import TrustStatement

#: An account as a principal, as the CDK writes it where the partition is not known, and in the usual ones.
_ACCOUNT = re.compile(r'.*"?arn:(?:aws[a-z-]*|", \{"Ref": "AWS::Partition"\}, ")?:iam::(\d{12}):root".*')


class _Entry(NamedTuple):
    """
    One caller that a statement lets in, and one action.
    """

    caller: str
    action: str
    #: Operator, key and values as JSON, of each condition.
    conditions: frozenset[tuple[str, str, str]]


def added_trust(
    role: iam.Role, statements: Sequence[TrustStatement], own_text: Callable[[], object]
) -> Callable[[Any], str]:
    """
    Tells whether a trust policy lets in more than the role was made for; empty where it does not.

    A Deny may be added, and an Allow that lets in nobody else. What an override writes into the template is there only
    when that is written: `TrustproofChecks` asks then.

    Args:
        role: of this app.
        statements: that its trust policy was made of.
        own_text: gives the text that the role writes instead, as a reference is a part of it; None where it does not.

    Returns:
        Says what is wrong with the trust policy, given it as it is in the end, without tokens.
    """
    seen: list[object] = []

    def said(document: Any) -> str:
        seen[:] = [document]
        after = {*_entries(document)}
        if _is_plain(statements) and len(after) <= sum(map(_size, statements)):
            # All of them are the role's own: to ask the CDK what it makes of those takes long.
            return ""
        return compared(document)

    def written(properties: Mapping[str, Any]) -> str:
        document, text = properties.get("AssumeRolePolicyDocument"), own_text()
        is_own = text is not None and document == stacks.stack_of(role).resolve(text)
        return "" if is_own else compared(document)

    def compared(document: Any) -> str:
        stack = stacks.stack_of(role)
        own = stack.resolve(iam.PolicyDocument(statements=[one.to_policy_statement() for one in statements]))
        added = added_callers(stack, own, document)
        if not added:
            return ""
        return (
            f"{role.node.path}: its trust policy was given another Allow after the role was made, for "
            f"{' and '.join(added)}, and {type(role).__name__} vouches only for whom and what its "
            "constructor is given: give them to it, or make an iam.Role for them"
        )

    def unchanged() -> object:
        return seen[0] if seen else None

    promise(stacks.stack_of(role), lambda: role.node.default_child, written, unchanged)
    return said


def added_callers(stack: cdk.Stack, own: Mapping[str, Any], document: Any) -> list[str]:
    """
    Whom a trust policy lets in, or for what, beyond another one, in some deployment; none where both mean the same.

    Args:
        stack: of the role.
        own: what the policy was, as in its template, like the next.
        document: what it is.
    """
    return next((added for read in readings(own, document) if (added := _added(stack, *read))), [])


def _added(stack: cdk.Stack, own: Any, document: Any) -> list[str]:
    before = {*_entries(own)}
    added = sorted(one.caller for one in {*_entries(document)} if not any(_is_within(one, other) for other in before))
    if not is_read(document):
        added.append("whoever a part of it lets in that cannot be read")
    return [] if not added or meaning.lets_in_no_more(stack, own, document) else list(dict.fromkeys(added))


def _is_plain(statements: Iterable[TrustStatement]) -> bool:
    """Whether no two callers or conditions can turn out to be one."""
    callers = [value for one in statements for values in one.principals.values() for value in values]
    return len(callers) == 1 or not any(map(arguments.is_token, callers))


def _size(statement: TrustStatement) -> int:
    return sum(len({*values}) for values in statement.principals.values()) * len({*statement.actions})


def _is_within(entry: _Entry, other: _Entry) -> bool:
    """Whether whoever is let in by an entry is by another one."""
    return entry[:2] == other[:2] and entry.conditions >= other.conditions


def _entries(document: Any) -> Iterator[_Entry]:
    """What the Allow statements of a resolved document let in, as far as they can be read."""
    for statement in calls.statements_of(document) or ():
        if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
            continue
        conditions = frozenset(
            (operator, key, json.dumps(values, sort_keys=True))
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
        for caller in _callers(statement):
            for action in _several(statement.get("Action", {"NotAction": statement.get("NotAction")})):
                yield _Entry(caller, json.dumps(action, sort_keys=True).lower(), conditions)


def _callers(statement: Mapping[str, Any]) -> Iterator[str]:
    named = statement.get("Principal", {"NotPrincipal": statement.get("NotPrincipal")})
    for kind, values in named.items() if isinstance(named, Mapping) else [("AWS", named)]:
        for value in _several(values):
            text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
            account = _ACCOUNT.fullmatch(json.dumps(value))
            yield f"{kind} {text if account is None else account[1]}"


def _several(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]
