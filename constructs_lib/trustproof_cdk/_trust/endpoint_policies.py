"""
Policies of the VPC endpoints by which roles are to be assumed: one that does not allow it is deployed without a word,
and nobody gets in.

https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam

from trustproof_cdk._arguments import references
from trustproof_cdk._policies import written_out
from trustproof_cdk._policies.calls import Call, may_allow
from trustproof_cdk._synthesis import stacks
from trustproof_cdk._synthesis.promises import look_at_template
from trustproof_cdk._trust.trust import TrustStatement

_SOURCE = "aws:sourcevpce"
_ASSUMING = "sts:AssumeRole"
#: What is acknowledged of a role that nobody gets into by an endpoint.
_USABLE = "statement-usable"


class _Way(NamedTuple):
    """
    An endpoint that a role names as one to come through.
    """

    role: iam.Role
    endpoint: ec2.CfnVPCEndpoint
    #: By which the role is assumed.
    actions: tuple[str, ...]


#: By the stack of the endpoint.
_WAYS: WeakKeyDictionary[cdk.Stack, list[_Way]] = WeakKeyDictionary()


def hold_to_endpoints(role: iam.Role, statements: Iterable[TrustStatement]) -> None:
    """
    Have the plugin look whether the endpoints of the app that a role names let its callers through.

    Args:
        role: whose trust policy it is.
        statements: that policy; endpoints that are no references to resources of the app pass.
    """
    for statement in statements:
        actions = tuple(one for one in statement.actions if one.startswith(_ASSUMING))
        for value in _endpoints(statement):
            made = references.referred_to(value)
            if isinstance(made, ec2.CfnVPCEndpoint) and actions:
                stack = stacks.stack_of(made)
                _WAYS.setdefault(stack, []).append(_Way(role, made, actions))
                look_at_template(stack, _look, _USABLE)


def _endpoints(statement: TrustStatement) -> Iterator[str]:
    for operator, keys in statement.conditions.items():
        for key, values in keys.items() if operator == "StringEquals" else ():
            if key.lower() == _SOURCE:
                listed = [values] if isinstance(values, str) else values
                yield from (one for one in listed if isinstance(one, str))


def _look(stack: cdk.Stack, resources: Mapping[str, Any]) -> Iterator[tuple[cdk.CfnResource, str]]:
    for way in _WAYS[stack]:
        properties = resources.get(stack.resolve(way.endpoint.logical_id), {}).get("Properties", {})
        # Without a policy it lets through everything.
        document = written_out.in_template_of(stack, properties.get("PolicyDocument"))
        made = way.role.node.default_child
        arn = written_out.arn_of(made) if isinstance(made, iam.CfnRole) else None
        for action in way.actions:
            if not may_allow(document, Call(action, arn)):
                said = (
                    f"the policy of {way.endpoint.node.path} does not let through {action} of {way.role.node.path}, "
                    "which is to be assumed by this endpoint: nobody gets in by it; allow it in the policy_document "
                    "of the endpoint"
                )
                yield way.endpoint, said
                break
