"""
Roles, users and groups: `AWS::IAM::Role`, `AWS::IAM::User`, `AWS::IAM::Group`.

Each touches only what its own template says, and of that only what a new template says otherwise: what a person has
changed by hand stays. What another resource, or a person, attached to an identity stays attached when the identity
changes; and an identity that still holds such a thing cannot be deleted.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IAM.html
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    DOCUMENT,
    INTEGER,
    LIST,
    OBJECT,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
    changed_tags,
    named_policies,
    removed_and_added,
    tags,
)
from trustproof.sandbox.moto.iam import IamError


def policy_text(document: Any) -> str:
    """A policy document as IAM is given it."""
    return document if isinstance(document, str) else json.dumps(document)


def _differs(name: str, old: Properties, new: Properties) -> bool:
    return bool(old.get(name) != new.get(name))


class _Identity(DeclaredType):
    """
    What holds policies.
    """

    #: The part of the names of moto's functions: `role`, `user`, `group`.
    kind: str
    longest_name: int

    def check(self, properties: Properties) -> None:
        super().check(properties)
        named_policies(properties)
        tags(properties)

    def create(self, place: Place, properties: Properties) -> Made:
        assert self.name_property is not None
        name = str(properties.get(self.name_property) or place.generated_name(self.longest_name))
        entity = self._make(place, name, properties)
        made = Made(name, self._attributes(entity))
        try:
            self._bring(place, name, {}, properties)
        except Exception:
            self._empty(place, name, properties)
            self._call(place, "delete")(name)
            raise
        return made

    def existing(self, place: Place, physical_id: str) -> Made:
        return Made(physical_id, self._attributes(self._call(place, "get")(physical_id)))

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._change(place, made.physical_id, old, new)
        self._bring(place, made.physical_id, old, new)
        return self.existing(place, made.physical_id)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if self._find(place, made.physical_id) is None:
            return
        self._empty(place, made.physical_id, properties)
        self._call(place, "delete")(made.physical_id)

    def _empty(self, place: Place, name: str, properties: Properties) -> None:
        """Take from an identity what its template gave it."""
        self._bring(place, name, properties, {})

    def _bring(self, place: Place, name: str, old: Properties, new: Properties) -> None:
        """Give an identity the policies of one state instead of those of another; whatever it has of both now."""
        entity = self._call(place, "get")(name)
        gone, added = removed_and_added(old.get("ManagedPolicyArns") or [], new.get("ManagedPolicyArns") or [])
        for arn in gone:
            if arn in entity.managed_policies:
                self._call(place, "detach", "policy")(arn, name)
        for arn in added:
            self._call(place, "attach", "policy")(str(arn), name)
        before, after = named_policies(old), named_policies(new)
        for policy in before:
            if policy not in after and policy in entity.policies:
                self._call(place, "delete", "policy")(name, policy)
        for policy, document in after.items():
            if policy not in before or before[policy] != document:
                self._call(place, "put", "policy")(name, policy, policy_text(document))

    def _call(self, place: Place, verb: str, noun: str | None = None) -> Any:
        return getattr(place.iam, f"{verb}_{self.kind}" + (f"_{noun}" if noun else ""))

    def _find(self, place: Place, name: str) -> Any:
        try:
            return self._call(place, "get")(name)
        except IamError:
            return None

    @abstractmethod
    def _make(self, place: Place, name: str, properties: Properties) -> Any: ...

    @abstractmethod
    def _change(self, place: Place, name: str, old: Properties, new: Properties) -> None: ...

    @abstractmethod
    def _attributes(self, entity: Any) -> dict[str, Any]: ...


class Role(_Identity):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html"""

    name = "AWS::IAM::Role"
    name_property: str = "RoleName"
    identifier = "RoleName"
    kind = "role"
    longest_name = 64
    properties: ClassVar[Mapping[str, str]] = {
        "AssumeRolePolicyDocument": DOCUMENT,
        "Description": STRING,
        "ManagedPolicyArns": LIST,
        "MaxSessionDuration": INTEGER,
        "Path": STRING,
        "PermissionsBoundary": STRING,
        "Policies": LIST,
        "RoleName": STRING,
        "Tags": LIST,
    }
    required: ClassVar[frozenset[str]] = frozenset({"AssumeRolePolicyDocument"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Path", "RoleName"})

    def _make(self, place: Place, name: str, properties: Properties) -> Any:
        return place.iam.create_role(
            name,
            policy_text(properties["AssumeRolePolicyDocument"]),
            str(properties.get("Path") or "/"),
            properties.get("PermissionsBoundary"),
            str(properties.get("Description") or ""),
            tags(properties),
            int(properties.get("MaxSessionDuration") or 3_600),
        )

    def _change(self, place: Place, name: str, old: Properties, new: Properties) -> None:
        iam, role = place.iam, place.iam.get_role(name)
        description, duration = str(role.description or ""), int(role.max_session_duration)
        if _differs("Description", old, new):
            description = str(new.get("Description") or "")
        if _differs("MaxSessionDuration", old, new):
            duration = int(new.get("MaxSessionDuration") or 3_600)
        if _differs("Description", old, new) or _differs("MaxSessionDuration", old, new):
            iam.update_role(name, description, duration)
        if _differs("AssumeRolePolicyDocument", old, new):
            iam.update_assume_role_policy(name, policy_text(new["AssumeRolePolicyDocument"]))
        if _differs("PermissionsBoundary", old, new):
            if new.get("PermissionsBoundary"):
                iam.put_role_permissions_boundary(name, new["PermissionsBoundary"])
            else:
                iam.delete_role_permissions_boundary(name)
        gone, given = changed_tags(old, new)
        if gone:
            iam.untag_role(name, gone)
        if given:
            iam.tag_role(name, given)

    def _attributes(self, entity: Any) -> dict[str, Any]:
        return {"Arn": entity.arn, "RoleId": entity.id}


class User(_Identity):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-user.html"""

    name = "AWS::IAM::User"
    name_property: str = "UserName"
    identifier = "UserName"
    kind = "user"
    longest_name = 64
    properties: ClassVar[Mapping[str, str]] = {
        "Groups": LIST,
        "LoginProfile": OBJECT,
        "ManagedPolicyArns": LIST,
        "Path": STRING,
        "PermissionsBoundary": STRING,
        "Policies": LIST,
        "Tags": LIST,
        "UserName": STRING,
    }
    create_only: ClassVar[frozenset[str]] = frozenset({"UserName"})

    def _make(self, place: Place, name: str, properties: Properties) -> Any:
        boundary = properties.get("PermissionsBoundary")
        user = place.iam.create_user(place.region, name, str(properties.get("Path") or "/"), tags(properties))
        if boundary:
            try:
                place.iam.put_user_permissions_boundary(name, boundary)
            except IamError:
                place.iam.delete_user(name)
                raise
        return user

    def _change(self, place: Place, name: str, old: Properties, new: Properties) -> None:
        iam = place.iam
        user = iam.get_user(name)
        if _differs("Path", old, new):
            # Tags are kept under the ARN, of which the path is a part.
            kept = [dict(tag) for tag in iam.list_user_tags(name)]
            if kept:
                iam.untag_user(name, [tag["Key"] for tag in kept])
            user.path = str(new.get("Path") or "/")
            if kept:
                iam.tag_user(name, kept)
        gone, given = changed_tags(old, new)
        if gone:
            iam.untag_user(name, gone)
        if given:
            iam.tag_user(name, given)
        if _differs("PermissionsBoundary", old, new):
            if new.get("PermissionsBoundary"):
                iam.put_user_permissions_boundary(name, new["PermissionsBoundary"])
            else:
                vars(user)["permissions_boundary"] = None

    def _bring(self, place: Place, name: str, old: Properties, new: Properties) -> None:
        super()._bring(place, name, old, new)
        iam = place.iam
        member_of = {group.name for group in iam.get_groups_for_user(name)}
        gone, added = removed_and_added(old.get("Groups") or [], new.get("Groups") or [])
        for group in gone:
            if group in member_of:
                iam.remove_user_from_group(group, name)
        for group in added:
            iam.add_user_to_group(str(group), name)
        self._bring_password(iam, name, old.get("LoginProfile"), new.get("LoginProfile"))

    def _bring_password(self, iam: Any, name: str, old: Any, new: Any) -> None:
        user = iam.get_user(name)
        if new is None:
            if old is not None and user.password:
                iam.delete_login_profile(name)
            return
        if not isinstance(new.get("Password"), str):
            raise ResourceFailed("#/LoginProfile: required key [Password] not found")
        if old != new:
            if not user.password:
                iam.create_login_profile(name, new["Password"])
            iam.update_login_profile(name, new["Password"], new.get("PasswordResetRequired") in (True, "true"))

    def _attributes(self, entity: Any) -> dict[str, Any]:
        return {"Arn": entity.arn}


class Group(_Identity):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-group.html"""

    name = "AWS::IAM::Group"
    name_property: str = "GroupName"
    identifier = "GroupName"
    kind = "group"
    longest_name = 128
    properties: ClassVar[Mapping[str, str]] = {
        "GroupName": STRING,
        "ManagedPolicyArns": LIST,
        "Path": STRING,
        "Policies": LIST,
    }
    create_only: ClassVar[frozenset[str]] = frozenset({"GroupName"})

    def _make(self, place: Place, name: str, properties: Properties) -> Any:
        return place.iam.create_group(name, str(properties.get("Path") or "/"))

    def _change(self, place: Place, name: str, old: Properties, new: Properties) -> None:
        if _differs("Path", old, new):
            place.iam.get_group(name).path = str(new.get("Path") or "/")

    def _attributes(self, entity: Any) -> dict[str, Any]:
        return {"Arn": entity.arn}
