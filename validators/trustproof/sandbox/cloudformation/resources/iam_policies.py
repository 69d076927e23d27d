"""
Policies as resources of their own: `AWS::IAM::ManagedPolicy`, `AWS::IAM::Policy`, and one inline policy of a role, a
user or a group.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IAM.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    DOCUMENT,
    LIST,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    random_part,
    removed_and_added,
)
from trustproof.sandbox.cloudformation.resources.iam_identities import policy_text
from trustproof.sandbox.iam.iam_rules import VERSIONS_QUOTA
from trustproof.sandbox.moto.iam import IamError

#: Property of a policy to the kind of what it names.
_TARGETS = {"Groups": "group", "Roles": "role", "Users": "user"}


def _targets(properties: Properties) -> list[tuple[str, str]]:
    return [(kind, str(name)) for key, kind in _TARGETS.items() for name in dict.fromkeys(properties.get(key) or [])]


def _identity(iam: Any, kind: str, name: str) -> Any:
    """An identity; None when it is gone."""
    try:
        return getattr(iam, f"get_{kind}")(name)
    except IamError:
        return None


class ManagedPolicy(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html"""

    name = "AWS::IAM::ManagedPolicy"
    name_property: str = "ManagedPolicyName"
    identifier = "PolicyArn"
    properties: ClassVar[Mapping[str, str]] = {
        "Description": STRING,
        "Groups": LIST,
        "ManagedPolicyName": STRING,
        "Path": STRING,
        "PolicyDocument": DOCUMENT,
        "Roles": LIST,
        "Users": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"PolicyDocument"})
    create_only: ClassVar[frozenset[str]] = frozenset({"ManagedPolicyName", "Description", "Path"})

    def create(self, place: Place, properties: Properties) -> Made:
        policy = place.iam.create_policy(
            str(properties.get("Description") or ""),
            str(properties.get("Path") or "/"),
            policy_text(properties["PolicyDocument"]),
            str(properties.get("ManagedPolicyName") or place.generated_name(128)),
            [],
        )
        try:
            self._bring(place, policy.arn, {}, properties)
        except Exception:
            self._bring(place, policy.arn, properties, {})
            place.iam.delete_policy(policy.arn)
            raise
        return Made(policy.arn, self._attributes(policy))

    def existing(self, place: Place, physical_id: str) -> Made:
        policy = place.iam.get_policy(physical_id)
        if f":{place.account}:" not in policy.arn:
            raise ResourceFailed(f"{policy.arn} is managed by AWS")
        return Made(policy.arn, self._attributes(policy))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        iam = place.iam
        policy = iam.get_policy(made.physical_id)
        if old["PolicyDocument"] != new["PolicyDocument"]:
            if len(policy.versions) >= VERSIONS_QUOTA:
                oldest = next(one for one in policy.versions if one.version_id != policy.default_version_id)
                iam.delete_policy_version(policy.arn, oldest.version_id)
            iam.create_policy_version(policy.arn, policy_text(new["PolicyDocument"]), True)
        self._bring(place, made.physical_id, old, new)
        return Made(made.physical_id, self._attributes(policy))

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        iam = place.iam
        if made.physical_id not in iam.managed_policies:
            return
        self._bring(place, made.physical_id, properties, {})
        policy = iam.get_policy(made.physical_id)
        for version in list(policy.versions):
            if version.version_id != policy.default_version_id:
                iam.delete_policy_version(policy.arn, version.version_id)
        iam.delete_policy(policy.arn)

    def _bring(self, place: Place, arn: str, old: Properties, new: Properties) -> None:
        """Attach the policy where only one state has it, and no longer where only another had it."""
        iam = place.iam
        gone, added = removed_and_added(_targets(old), _targets(new))
        for kind, name in gone:
            identity = _identity(iam, kind, name)
            if identity is not None and arn in identity.managed_policies:
                getattr(iam, f"detach_{kind}_policy")(arn, name)
        for kind, name in added:
            getattr(iam, f"attach_{kind}_policy")(arn, name)

    def _attributes(self, policy: Any) -> dict[str, Any]:
        return {
            "AttachmentCount": policy.attachment_count,
            "CreateDate": policy.create_date.isoformat(),
            "DefaultVersionId": policy.default_version_id,
            "IsAttachable": True,
            "PermissionsBoundaryUsageCount": 0,
            "PolicyArn": policy.arn,
            "PolicyId": policy.id,
            "UpdateDate": policy.update_date.isoformat(),
        }


class Policy(DeclaredType):
    """
    One inline policy on several identities.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-policy.html
    """

    name = "AWS::IAM::Policy"
    properties: ClassVar[Mapping[str, str]] = {
        "Groups": LIST,
        "PolicyDocument": DOCUMENT,
        "PolicyName": STRING,
        "Roles": LIST,
        "Users": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"PolicyDocument", "PolicyName"})

    def create(self, place: Place, properties: Properties) -> Made:
        if not _targets(properties):
            raise ResourceFailed("At least one of [Groups,Roles,Users] must be non-empty.")
        try:
            self._bring(place, {}, properties)
        except Exception:
            self._bring(place, properties, {})
            raise
        physical_id = f"{place.stack_name[:5]}-{place.logical_id[:4]}-{random_part()}"
        return Made(physical_id, {"Id": physical_id})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        if not _targets(new):
            raise ResourceFailed("At least one of [Groups,Roles,Users] must be non-empty.")
        self._bring(place, old, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._bring(place, properties, {})

    def _bring(self, place: Place, old: Properties, new: Properties) -> None:
        iam = place.iam
        before, after = (
            {(kind, name, str(one["PolicyName"])): one["PolicyDocument"] for kind, name in _targets(one)}
            for one in (old, new)
        )
        for kind, name, policy in [one for one in before if one not in after]:
            identity = _identity(iam, kind, name)
            if identity is not None and policy in identity.policies:
                getattr(iam, f"delete_{kind}_policy")(name, policy)
        for (kind, name, policy), document in after.items():
            if before.get((kind, name, policy)) != document:
                getattr(iam, f"put_{kind}_policy")(name, policy, policy_text(document))


class _PolicyOfOne(DeclaredType):
    """
    One inline policy of one identity.
    """

    kind: str
    holder: str

    def create(self, place: Place, properties: Properties) -> Made:
        holder, policy = str(properties[self.holder]), str(properties["PolicyName"])
        identity = getattr(place.iam, f"get_{self.kind}")(holder)
        if policy in identity.policies:
            raise ResourceFailed(f"{policy}|{holder} already exists")
        self._put(place, properties)
        return Made(f"{policy}|{holder}")

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        identity = _identity(place.iam, self.kind, str(properties[self.holder]))
        if identity is not None and properties["PolicyName"] in identity.policies:
            getattr(place.iam, f"delete_{self.kind}_policy")(identity.name, properties["PolicyName"])

    def _put(self, place: Place, properties: Properties) -> None:
        if "PolicyDocument" not in properties:
            raise ResourceFailed("#: required key [PolicyDocument] not found")
        put = getattr(place.iam, f"put_{self.kind}_policy")
        put(str(properties[self.holder]), str(properties["PolicyName"]), policy_text(properties["PolicyDocument"]))


class RolePolicy(_PolicyOfOne):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-rolepolicy.html"""

    name = "AWS::IAM::RolePolicy"
    kind = "role"
    holder = "RoleName"
    properties: ClassVar[Mapping[str, str]] = {
        "PolicyDocument": DOCUMENT,
        "PolicyName": STRING,
        "RoleName": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"PolicyName", "RoleName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"PolicyName", "RoleName"})


class UserPolicy(_PolicyOfOne):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-userpolicy.html"""

    name = "AWS::IAM::UserPolicy"
    kind = "user"
    holder = "UserName"
    properties: ClassVar[Mapping[str, str]] = {
        "PolicyDocument": DOCUMENT,
        "PolicyName": STRING,
        "UserName": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"PolicyName", "UserName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"PolicyName", "UserName"})


class GroupPolicy(_PolicyOfOne):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-grouppolicy.html"""

    name = "AWS::IAM::GroupPolicy"
    kind = "group"
    holder = "GroupName"
    properties: ClassVar[Mapping[str, str]] = {
        "PolicyDocument": DOCUMENT,
        "PolicyName": STRING,
        "GroupName": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"PolicyName", "GroupName"})
    create_only: ClassVar[frozenset[str]] = frozenset({"PolicyName", "GroupName"})
