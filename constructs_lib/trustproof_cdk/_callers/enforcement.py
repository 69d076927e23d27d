"""
What enforces MFA of the members of a group, held against the template: an override takes it away without a word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_iam as iam

from trustproof_cdk._names import order
from trustproof_cdk._policies import policy_meaning as meaning
from trustproof_cdk._policies.readings import readings
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import promise


def hold_to_enforcement(group: iam.Group, policy: iam.ManagedPolicy) -> None:
    """
    Have the plugin see that the policy is the group's, and has its Denies.

    Args:
        group: whose members need MFA.
        policy: that denies them the rest.
    """
    stack = stacks.stack_of(group)

    def said(properties: Mapping[str, Any]) -> str:
        if stack.resolve(group.group_name) not in _listed(properties.get("Groups")):
            return f"{policy.node.path} is attached to {group.node.path} no more, whose members need no MFA then"
        both = stack.resolve(policy.document), properties.get("PolicyDocument")
        lost = next((found for read in readings(*both) if (found := _lost(stack, *read))), [])
        if not lost:
            return ""
        return f"{policy.node.path} has another {' and '.join(lost)} than it was made with, which enforces MFA"

    resource = stacks.node_of(policy).default_child
    promise(stack, lambda: resource, said, owner=group)


def _lost(stack: cdk.Stack, document: Any, written: Any) -> list[str]:
    """The Denies of a policy that are not in another one, and what they deny neither."""
    denied = [one for one in document["Statement"] if one["Effect"] == "Deny"]
    kept = [*map(_text, _listed(written.get("Statement")))] if isinstance(written, Mapping) else []
    lost = [one["Sid"] for one in denied if _text(one) not in kept]
    return [] if not lost or meaning.denies_no_less(stack, document, written) else lost


def hold_to_group(group: iam.Group, user: iam.IUser) -> None:
    """
    Have the plugin see that a member is in the group.

    Args:
        user: of this app, which names its groups itself.
    """
    resource = order.created(user)
    if not isinstance(resource, iam.CfnUser):
        return
    stack = stacks.stack_of(resource)

    def said(properties: Mapping[str, Any]) -> str:
        if stack.resolve(group.group_name) in _listed(properties.get("Groups")):
            return ""
        return f"{user.node.path} is in {group.node.path} no more, and needs no MFA then"

    promise(stack, lambda: resource, said)


def hold_to_members(group: iam.Group, addition: iam.CfnUserToGroupAddition, names: list[str]) -> None:
    """
    Have the plugin see that those who are named are added to the group.

    Args:
        addition: that names them.
        names: of users.
    """
    stack = stacks.stack_of(addition)

    def said(properties: Mapping[str, Any]) -> str:
        users = [*map(_text, _listed(properties.get("Users")))]
        lost = [one for one in stack.resolve(names) if _text(one) not in users]
        if properties.get("GroupName") == stack.resolve(group.group_name) and not lost:
            return ""
        return f"{addition.node.path} no more adds to {group.node.path} whom it was made for, who need no MFA then"

    promise(stack, lambda: addition, said, owner=group)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
