"""
Policies and other resources that a construct vouches for, held against the template: an override changes them without
a word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk._policies import policy_meaning as meaning
from trustproof_cdk._policies.readings import document, is_read, readings
from trustproof_cdk._synthesis import injectors, stacks
from trustproof_cdk._synthesis.promises import promise


def refuse_injected(
    construct: Construct, policy: iam.Policy | iam.ManagedPolicy, document: iam.PolicyDocument, statements: int
) -> None:
    """
    Refuse a policy that a property injector has made another one than its construct wrote.

    Args:
        construct: that vouches for it.
        policy: its own, or one that it made, and that nobody has had a hand in since.
        document: that it was given.
        statements: as many as that had then.

    Raises:
        ValueError: the injector, and what it does.
    """
    if policy.document is document and document.statement_count == statements:
        return
    kind = iam.ManagedPolicy if isinstance(policy, iam.ManagedPolicy) else iam.Policy
    injector = injectors.injector_of(policy, kind.PROPERTY_INJECTION_ID) or "somebody"
    raise ValueError(
        f"{policy.node.path} must have the statements of {type(construct).__name__}, which vouches for nothing else, "
        f"and {injector} gives it another document or other statements: have it leave those of this policy as they are"
    )


def hold_to_statements(
    construct: Construct, policy: iam.Policy | iam.ManagedPolicy, *, holder: iam.Role | None = None
) -> None:
    """
    Have the plugin see that a policy allows no more, and denies no less, than its construct says in the end.

    Args:
        construct: that vouches for it.
        policy: its own, or one that it made.
        holder: a role of the construct to which the policy must be attached, and which must not be without it.
    """
    stack, resource = stacks.stack_of(construct), stacks.node_of(policy).default_child

    def said(properties: Mapping[str, Any]) -> str:
        if holder is not None and stack.resolve(holder.role_name) not in _listed(properties.get("Roles")):
            return f"{policy.node.path} is attached to {holder.node.path} no more, which cannot do without it"
        written = properties.get("PolicyDocument")
        own = stack.resolve(policy.document)
        if _text(written) == _text(own):
            return ""
        what = next((found for read in readings(own, written) if (found := _changed(stack, *read))), "")
        if not what:
            return ""
        return f"{policy.node.path}: an override has changed what {construct.node.path} vouches for, and it {what}"

    promise(stack, lambda: resource, said, owner=holder)


def _changed(stack: cdk.Stack, own: Any, written: Any) -> str:
    """What an identity policy does that it was not made for, or does no more; empty where it means no such thing."""
    kept = written.get("Statement") if isinstance(written, Mapping) else written
    found = [one for one in _listed(kept) if isinstance(one, Mapping)]
    made = own["Statement"]
    wider = [one for one in found if one.get("Effect") != "Deny" and not any(is_within(one, of) for of in made)]
    if (wider or not is_read(written)) and not meaning.allows_no_more(stack, own, written):
        return "allows what it was not made for"
    weaker = [one for one in made if one["Effect"] == "Deny" and one not in found]
    if weaker and not meaning.denies_no_less(stack, own, written):
        return "denies less than it was made to"
    denied = [{**one, "Effect": "Allow"} for one in found if one.get("Effect") == "Deny" and one not in made]
    if any(is_within(of, one) for one in denied for of in made):
        return "denies what it was made to allow"
    return ""


def hold_to_properties(
    resource: cdk.CfnResource, expected: Callable[[], Mapping[str, Any]], what: str, owner: Construct | None = None
) -> None:
    """
    Have the plugin see that properties of a resource are what its construct made them.

    Args:
        resource: of the construct.
        expected: gives them by their names in a template, unresolved; a list has them all, and may have more.
        what: they are for, to end the message.
        owner: that must not be without the resource.
    """
    stack = stacks.stack_of(resource)

    def said(properties: Mapping[str, Any]) -> str:
        changed = [
            name for name, value in stack.resolve(dict(expected())).items() if not _has(properties.get(name), value)
        ]
        if not changed:
            return ""
        return f"{resource.node.path} has another {' and '.join(changed)} than it was made with, {what}"

    promise(stack, lambda: resource, said, owner=owner)


def _has(written: Any, value: Any) -> bool:
    if isinstance(value, list) and isinstance(written, list):
        return all(any(_has(other, one) for other in written) for one in value)
    return _text(written) == _text(value) or (isinstance(value, Mapping) and document(written) == value)


def is_within(statement: Mapping[str, Any], own: Mapping[str, Any]) -> bool:
    """Whether a statement is one that was made, perhaps with more conditions."""
    names = {*statement, *own} - {"Condition", "Sid"}
    if any(statement.get(name) != own.get(name) for name in names):
        return False
    conditions: Any = statement.get("Condition", {})
    return all(
        key in conditions.get(operator, {}) and conditions[operator][key] == values
        for operator, keys in own.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
