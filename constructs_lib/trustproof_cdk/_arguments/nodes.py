"""
Where what somebody gives stands in an app, and of which class it is.
"""

from __future__ import annotations

from typing import Any

from constructs import Construct, Node

from trustproof_cdk._synthesis import stacks


def node_of(value: object) -> Node | None:
    """The node of a construct; None of what is none, and of what the CDK gives no node, as a managed policy of AWS."""
    if isinstance(value, Construct):
        return stacks.node_of(value)
    try:
        found: Any = getattr(value, "node", None)
    except RuntimeError:
        # iam.ManagedPolicy.from_aws_managed_policy_name: the CDK lets nobody ask.
        return None
    return found if isinstance(found, Node) else None


def class_of(value: object) -> str:
    """The class of an object, for a message: what is imported is known by its interface, as 'IManagedPolicy'."""
    behind = vars(value).get("_delegates") if hasattr(value, "__dict__") else None
    kind = type(behind[-1] if isinstance(behind, list) and behind else value).__name__
    return kind.removeprefix("_").removesuffix("Proxy") if behind else kind
