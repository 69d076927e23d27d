"""
Service and resource control policies that a stack of the management account makes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-policy.html
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from trustproof.sandbox.authorization.controls import KINDS, ControlPolicy, check_text
from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    DOCUMENT,
    LIST,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    tags,
)
from trustproof.sandbox.cloudformation.resources.iam_identities import policy_text
from trustproof.sandbox.errors import SandboxError
from trustproof.sandbox.organization import MANAGEMENT_ACCOUNT

_ID = string.ascii_lowercase + string.digits


class Policy(DeclaredType):
    """A control policy, with what it is attached to."""

    name = "AWS::Organizations::Policy"
    properties: ClassVar[Mapping[str, str]] = {
        "Content": DOCUMENT,
        "Description": STRING,
        "Name": STRING,
        "Tags": LIST,
        "TargetIds": LIST,
        "Type": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"Content", "Name", "Type"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Type"})

    def create(self, place: Place, properties: Properties) -> Made:
        made = _policy(place, "p-" + "".join(secrets.choice(_ID) for _ in range(8)), properties)
        _keep(place, made.id, made)
        return _made(place, made)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        changed = _policy(place, made.physical_id, new)
        _keep(place, made.physical_id, changed)
        return _made(place, changed)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        _keep(place, made.physical_id, None)


def _made(place: Place, policy: ControlPolicy) -> Made:
    organization = place.cloud.organization.id
    kind = policy.type.lower()
    arn = f"arn:{place.partition}:organizations::{MANAGEMENT_ACCOUNT}:policy/{organization}/{kind}/{policy.id}"
    return Made(policy.id, {"Arn": arn, "AwsManaged": "false", "Id": policy.id})


def _keep(place: Place, policy_id: str, policy: ControlPolicy | None) -> None:
    """Put a policy in the place of the one with its id."""
    state = place.cloud.state
    others = tuple(one for one in state.controls.deployed if one.id != policy_id)
    state.controls = replace(state.controls, deployed=others if policy is None else (*others, policy))


def _policy(place: Place, policy_id: str, properties: Properties) -> ControlPolicy:
    organization = place.cloud.organization
    if not organization.manages(place.account):
        raise ResourceFailed(
            f"control policies are for the management account, and for those that it has made administrators; whether "
            f"{place.account} is one is not known here"
        )
    kind = KINDS.get(str(properties["Type"]))
    if kind is None:
        raise ResourceFailed(f"the sandbox enforces the types {' and '.join(KINDS)}, and no {properties['Type']}")
    text = policy_text(properties["Content"])
    try:
        check_text(text, kind)
    except SandboxError as refused:
        raise ResourceFailed(f"The provided policy document does not meet the requirements: {refused}") from None
    targets = tuple(dict.fromkeys(str(one) for one in properties.get("TargetIds") or ()))
    known = {organization.root_id, *organization.units.values(), *organization.accounts, MANAGEMENT_ACCOUNT}
    if any(one not in known for one in targets):
        raise ResourceFailed("You specified a target that doesn't exist.")
    name = str(properties["Name"])
    if any(one.name == name and one.id != policy_id for one in place.cloud.state.controls.deployed):
        raise ResourceFailed("A policy with the same name already exists.")
    tags(properties)
    return ControlPolicy(
        policy_id, name, str(properties["Type"]), str(properties.get("Description") or ""), text, targets
    )
