"""
What IAM Identity Center knows of people: groups, who is in them, and the attributes that access control looks at.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_IdentityStore.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    LIST,
    OBJECT,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
)
from trustproof.sandbox.services.identity_center import identity_center, identity_store, why_elsewhere


class Group(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-identitystore-group.html"""

    name = "AWS::IdentityStore::Group"
    properties: ClassVar[Mapping[str, str]] = dict.fromkeys(("Description", "DisplayName", "IdentityStoreId"), STRING)
    required: ClassVar[frozenset[str]] = frozenset({"DisplayName", "IdentityStoreId"})
    create_only: ClassVar[frozenset[str]] = frozenset({"IdentityStoreId"})

    def create(self, place: Place, properties: Properties) -> Made:
        store = str(properties["IdentityStoreId"])
        group, _ = _store(place, store).create_group(
            store, str(properties["DisplayName"]), str(properties.get("Description") or "")
        )
        return Made(f"{group}|{store}", {"GroupId": group}, group)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        store = str(new["IdentityStoreId"])
        groups = _store(place, store).identity_stores[store].groups
        if made.handle not in groups:
            raise ResourceFailed(f"GROUP {made.handle} not found")
        name = str(new["DisplayName"])
        if any(one.DisplayName == name for key, one in groups.items() if key != made.handle):
            raise ResourceFailed("Duplicate GroupDisplayName")
        described = str(new.get("Description") or "")
        groups[made.handle] = groups[made.handle]._replace(DisplayName=name, Description=described)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        store = str(properties["IdentityStoreId"])
        _store(place, store).delete_group(store, made.handle)


class GroupMembership(DeclaredType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-identitystore-groupmembership.html"""

    name = "AWS::IdentityStore::GroupMembership"
    properties: ClassVar[Mapping[str, str]] = {"GroupId": STRING, "IdentityStoreId": STRING, "MemberId": OBJECT}
    required: ClassVar[frozenset[str]] = frozenset(properties)
    create_only: ClassVar[frozenset[str]] = frozenset(properties)

    def create(self, place: Place, properties: Properties) -> Made:
        store, member = str(properties["IdentityStoreId"]), properties["MemberId"]
        if "UserId" not in member:
            raise ResourceFailed("#/MemberId: required key [UserId] not found")
        made, _ = _store(place, store).create_group_membership(store, str(properties["GroupId"]), member)
        return Made(f"{made}|{store}", {"MembershipId": made}, made)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        store = str(properties["IdentityStoreId"])
        _store(place, store).delete_group_membership(store, made.handle)


class AccessControlAttributes(DeclaredType):
    """
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sso-instanceaccesscontrolattributeconfiguration.html
    """

    name = "AWS::SSO::InstanceAccessControlAttributeConfiguration"
    properties: ClassVar[Mapping[str, str]] = {
        "AccessControlAttributes": LIST,
        "InstanceAccessControlAttributeConfiguration": OBJECT,
        "InstanceArn": STRING,
    }
    required: ClassVar[frozenset[str]] = frozenset({"InstanceArn"})
    create_only: ClassVar[frozenset[str]] = frozenset({"InstanceArn"})

    def create(self, place: Place, properties: Properties) -> Made:
        instance = str(properties["InstanceArn"])
        _center(place).create_attributes(instance, _attributes(properties))
        return Made(instance)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        _center(place).update_attributes(made.physical_id, _attributes(new))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        center = _center(place)
        if center.attributes is not None:
            center.delete_attributes(made.physical_id)


def _attributes(properties: Properties) -> list[Any]:
    """The second place is deprecated, and read."""
    older = properties.get("InstanceAccessControlAttributeConfiguration") or {}
    return list(properties.get("AccessControlAttributes") or older.get("AccessControlAttributes") or [])


def _center(place: Place) -> Any:
    if why := why_elsewhere(place.account, place.region):
        raise ResourceFailed(why)
    return identity_center()


def _store(place: Place, store: str) -> Any:
    if why := why_elsewhere(place.account, place.region):
        raise ResourceFailed(why)
    found = identity_store(store)
    if found is None:
        raise ResourceFailed(f"there is no identity store {store}")
    return found
