"""
Permission sets of IAM Identity Center, and who has them in which account.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_SSO.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    DOCUMENT,
    LIST,
    OBJECT,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    tags,
)
from trustproof.sandbox.cloudformation.resources.iam_identities import policy_text
from trustproof.sandbox.moto.identity_center import ResourceNotFoundException
from trustproof.sandbox.services.identity_center import identity_center, why_elsewhere


class PermissionSet(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sso-permissionset.html"""

    name = "AWS::SSO::PermissionSet"
    properties: ClassVar[Mapping[str, str]] = {
        "CustomerManagedPolicyReferences": LIST,
        "Description": STRING,
        "InlinePolicy": DOCUMENT,
        "InstanceArn": STRING,
        "ManagedPolicies": LIST,
        "Name": STRING,
        "PermissionsBoundary": OBJECT,
        "RelayStateType": STRING,
        "SessionDuration": STRING,
        "Tags": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"InstanceArn", "Name"})
    create_only: ClassVar[frozenset[str]] = frozenset({"InstanceArn", "Name"})

    def create(self, place: Place, properties: Properties) -> Made:
        center = _center(place)
        instance = str(properties["InstanceArn"])
        made = center.create_permission_set(
            str(properties["Name"]),
            _text(properties, "Description"),
            instance,
            _text(properties, "SessionDuration"),
            _text(properties, "RelayStateType"),
            tags(properties),
        )
        arn = str(made["PermissionSetArn"])
        try:
            _fill(center, instance, arn, properties)
        except Exception:
            center.delete_permission_set(instance, arn)
            raise
        return Made(f"{instance}|{arn}", {"PermissionSetArn": arn}, arn)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        center, instance = _center(place), str(new["InstanceArn"])
        center.update_permission_set(
            instance,
            made.handle,
            _text(new, "Description") or "",
            _text(new, "SessionDuration") or "PT1H",
            _text(new, "RelayStateType") or "",
        )
        _fill(center, instance, made.handle, new)
        _check(center.provision(made.handle))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        center = _center(place)
        if any(one.permission_set_arn == made.handle for one in center.permission_sets):
            center.delete_permission_set(str(properties["InstanceArn"]), made.handle)


class Assignment(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sso-assignment.html"""

    name = "AWS::SSO::Assignment"
    _names = ("InstanceArn", "TargetId", "TargetType", "PermissionSetArn", "PrincipalType", "PrincipalId")
    properties: ClassVar[Mapping[str, str]] = dict.fromkeys(_names, STRING)
    required: ClassVar[frozenset[str]] = frozenset(_names)
    create_only: ClassVar[frozenset[str]] = frozenset(_names)

    def create(self, place: Place, properties: Properties) -> Made:
        given = self._given(properties)
        _check(_center(place).create_account_assignment(*given))
        return Made("|".join(given))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        try:
            found = _center(place).delete_account_assignment(*self._given(properties))
        except ResourceNotFoundException:
            return
        _check(found)

    def _given(self, properties: Properties) -> list[str]:
        return [str(properties[name]) for name in self._names]


def _center(place: Place) -> Any:
    why = why_elsewhere(place.account, place.region)
    if why:
        raise ResourceFailed(why)
    return identity_center()


def _fill(center: Any, instance: str, arn: str, properties: Properties) -> None:
    found = center.describe(instance, arn)
    document = properties.get("InlinePolicy")
    center.put_inline_policy_to_permission_set(instance, arn, policy_text(document) if document else "")
    wanted = [str(one) for one in properties.get("ManagedPolicies") or []]
    for policy in [one.arn for one in found.managed_policies if one.arn not in wanted]:
        center.detach_managed_policy_from_permission_set(instance, arn, policy)
    there = [one.arn for one in found.managed_policies]
    for policy in [one for one in wanted if one not in there]:
        center.attach_managed_policy_to_permission_set(instance, arn, policy)
    for policy in list(found.customer_managed_policies):
        reference = {"Name": policy.name, "Path": policy.path}
        center.detach_customer_managed_policy_reference_from_permission_set(instance, arn, reference)
    for reference in properties.get("CustomerManagedPolicyReferences") or []:
        center.attach_customer_managed_policy_reference_to_permission_set(instance, arn, reference)
    center.set_boundary(instance, arn, properties.get("PermissionsBoundary"))


def _text(properties: Properties, name: str) -> str | None:
    return None if properties.get(name) is None else str(properties[name])


def _check(status: Mapping[str, Any]) -> None:
    if status["Status"] == "FAILED":
        raise ResourceFailed(str(status["FailureReason"]))
