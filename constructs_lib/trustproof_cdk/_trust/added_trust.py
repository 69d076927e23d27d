"""
What is added to the trust policy of a role after it was made: whoever is let in so meets none of what the role demands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._policies import calls
from trustproof_cdk._policies import policy_meaning as meaning
from trustproof_cdk._policies.readings import is_read, readings
from trustproof_cdk._synthesis import injectors, stacks
from trustproof_cdk._synthesis.promises import promise
from trustproof_cdk._trust.trust import TrustStatement, is_open

#: An account as a principal, as the CDK writes it where the partition is not known, and in the usual ones.
_ACCOUNT = re.compile(r'.*"?arn:(?:aws[a-z-]*|", \{"Ref": "AWS::Partition"\}, ")?:iam::(\d{12}):root".*')


#: By stack, what statements that are written alike let in: very many roles of an app trust alike.
_OWN: WeakKeyDictionary[cdk.Stack, dict[str, frozenset[_Entry]]] = WeakKeyDictionary()


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

    A Deny may be added, and an Allow that lets in nobody else; of somebody whom no Allow names any more, the synthesis
    warns. What an override writes into the template is there only
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
        # To ask the CDK what it makes of its own statements takes long.
        own = _own_entries(stacks.stack_of(role), statements)
        after = {*_entries(document)}
        if is_read(document) and not {*map(_let_in, own)} <= {*map(_let_in, after)}:
            _warn_of_lost(role, statements, after)
        is_own = is_read(document) and all(any(_is_within(one, of) for of in own) for one in after)
        return "" if is_own else compared(document)

    def written(properties: Mapping[str, Any]) -> str:
        document, text = properties.get("AssumeRolePolicyDocument"), own_text()
        is_own = text is not None and document == stacks.stack_of(role).resolve(text)
        return "" if is_own else compared(document)

    def compared(document: Any) -> str:
        added = added_callers(stacks.stack_of(role), _own_document(role, statements), document)
        if not added:
            return ""
        injector = injectors.injector_of(role, iam.Role.PROPERTY_INJECTION_ID)
        return (
            f"{role.node.path}: its trust policy was given another Allow {f'by {injector}, or ' if injector else ''}"
            f"after the role was made, for {' and '.join(added)}, and {type(role).__name__} vouches only for whom and "
            "what its constructor is given: give them to it, or make an iam.Role for them"
        )

    def unchanged() -> object:
        return seen[0] if seen else None

    promise(stacks.stack_of(role), lambda: stacks.node_of(role).default_child, written, unchanged)
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


def _own_document(role: iam.Role, statements: Sequence[TrustStatement]) -> Any:
    """What the CDK makes of the statements of a role, as in its template."""
    made = iam.PolicyDocument(statements=[one.to_policy_statement() for one in statements])
    return stacks.stack_of(role).resolve(made)


def _let_in(entry: _Entry) -> tuple[str, str]:
    return entry[:2]


def _warn_of_lost(role: iam.Role, statements: Sequence[TrustStatement], after: Set[_Entry]) -> None:
    """Warn of those whom a role was made for, and whom its trust policy does not name."""
    left = {*map(_let_in, after)}
    lost = [one.caller for one in _entries(_own_document(role, statements)) if _let_in(one) not in left]
    if lost:
        named = " and ".join(dict.fromkeys(lost))
        injector = injectors.injector_of(role, iam.Role.PROPERTY_INJECTION_ID)
        cdk.Annotations.of(role).add_warning_v2(
            "trustproof:trust-taken-away",
            f"the trust policy of {role.node.path} lets in {named} no more, for whom it was made: "
            f"{injector or 'an Aspect, or who holds the role,'} has taken that away; let it leave this trust policy as "
            "it is, or trust others",
        )


def _own_entries(stack: cdk.Stack, statements: Sequence[TrustStatement]) -> frozenset[_Entry]:
    """What the statements of a role let in, written without the CDK."""
    written = [
        {
            "Effect": "Allow",
            "Principal": {kind: list(values) for kind, values in one.principals.items()},
            "Action": list(one.actions),
            "Condition": dict(one.conditions),
        }
        for one in statements
    ]
    try:
        text = json.dumps(written)
    except TypeError:
        return frozenset(_entries({"Statement": stack.resolve(written)}))
    known = _OWN.setdefault(stack, {})
    if text not in known:
        known[text] = frozenset(_entries({"Statement": stack.resolve(written) if is_open(text) else written}))
    return known[text]


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
