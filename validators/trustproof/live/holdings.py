"""
What templates say that one identity holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trustproof.live.policy_bounds import PolicyBounds, bounds_of
from trustproof.live.references import present_text, text_in
from trustproof.live.resource_properties import ResourceProperties
from trustproof.sandbox.cloudformation.errors import RefusedRequest
from trustproof.sandbox.cloudformation.functions import Evaluator


@dataclass
class Holding:
    """
    What a role, user or group should hold.

    Args:
        documents: place in a template to the text of a policy.
        names: of inline policies and ARNs of managed ones, of which templates give the documents.
        attached: ARNs of managed policies that no template makes.
        trust: the text of the trust policy of a role.
        bounds: between what it lies, where not all of it is known.
        partial: place in a template to the bounds of a policy of which not all is known.
        facts: further properties that decide who may do what: name to value.
        made: whether a template makes the identity itself.
        unclear: whether something is not known of what the templates say of it.
        groups: that a user is put into.
        tags: name to value.
    """

    documents: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    attached: set[str] = field(default_factory=set)
    trust: str | None = None
    bounds: PolicyBounds | None = None
    partial: dict[str, PolicyBounds] = field(default_factory=dict)
    facts: dict[str, str | None] = field(default_factory=dict)
    made: bool = False
    unclear: bool = False
    groups: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)


def read_identity(
    holding: Holding, kind: str, place: str, properties: ResourceProperties, stack_tags: Mapping[str, str]
) -> None:
    """
    Add what a template says of an identity that it makes.

    Args:
        holding: of the identity; added to.
        kind: `role`, `user` or `group`.
        place: the stack and the logical id.
        properties: of its resource.
        stack_tags: of the stack.

    Raises:
        RefusedRequest: some of it is not known.
    """
    holding.attached |= {str(arn) for arn in properties.get("ManagedPolicyArns") or []}
    _read_inline(holding, place, properties)
    # It is a part of the ARN, by which policies name the identity.
    holding.facts["path"] = str(properties.get("Path") or "/")
    if kind != "group":
        holding.facts["permissions boundary"] = properties.get("PermissionsBoundary")
        holding.tags |= stack_tags
        holding.tags |= {str(tag["Key"]): str(tag["Value"]) for tag in properties.get("Tags") or []}
    if kind == "user":
        holding.groups |= {str(name) for name in properties.get("Groups") or []}
    if kind == "role":
        holding.facts["maximum session duration"] = str(properties.get("MaxSessionDuration") or 3_600)


def _read_inline(holding: Holding, place: str, properties: ResourceProperties) -> None:
    try:
        for one in properties.get("Policies") or []:
            holding.documents[f"{place}/{one['PolicyName']}"] = text_in(one["PolicyDocument"])
    except RefusedRequest:
        given = properties.given["Policies"]
        if not isinstance(given, list) or not all(
            isinstance(one, Mapping) and "PolicyDocument" in one for one in given
        ):
            raise
        for number, one in enumerate(given):
            _keep(holding, f"{place}/{number}", *bounded(one["PolicyDocument"], properties.evaluator))


def read_document(holding: Holding, place: str, properties: ResourceProperties, arn: str = "") -> None:
    """
    Add the policy of a resource that is one; likewise.

    Args:
        holding: of an identity that it is attached to; added to.
        place: the stack and the logical id.
        properties: of the resource.
        arn: of a managed policy; empty for an inline one, which has a name.
    """
    holding.names.add(arn or str(properties.get("PolicyName")))
    _keep(holding, place, *bounded(properties.given["PolicyDocument"], properties.evaluator))


def _keep(holding: Holding, place: str, text: str, bounds: PolicyBounds | None) -> None:
    if bounds is None:
        holding.documents[place] = text
    else:
        holding.partial[place] = bounds


def bounded(given: Any, evaluator: Evaluator) -> tuple[str, PolicyBounds | None]:
    """
    The text of a policy, or its bounds where not all of it is known.

    Raises:
        RefusedRequest: not even these are.
    """
    try:
        return text_in(evaluator.resolve(given)), None
    except RefusedRequest as error:
        bounds = bounds_of(given, evaluator.resolve, error.message, present_text(given, evaluator))
        if bounds is None:
            raise
        return "", bounds


def read_trust(holding: Holding, properties: ResourceProperties) -> None:
    """What is not known of a trust policy says nothing of what else the role holds."""
    text, holding.bounds = bounded(properties.given["AssumeRolePolicyDocument"], properties.evaluator)
    holding.trust = text if holding.bounds is None else None
