"""
Rules of security groups: `AWS::EC2::SecurityGroupEgress` and `AWS::EC2::SecurityGroupIngress`.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupegress.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    INTEGER,
    STRING,
    DeclaredType,
    Made,
    Place,
    Properties,
)
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.operations import operation

_GROUP, _NAME, _DESCRIPTION = "GroupId", "GroupName", "Description"


class _Rule(DeclaredType):
    """One rule, of one source or destination."""

    direction: ClassVar[str]
    required: ClassVar[frozenset[str]] = frozenset({"IpProtocol"})
    #: Property to the list of a permission and the member of that which it is; of a group all of them are one entry.
    lists: ClassVar[Mapping[str, tuple[str, str]]]

    def check(self, properties: Properties) -> None:
        super().check(properties)
        if not (properties.get(_GROUP) or properties.get(_NAME)):
            raise ResourceFailed("A rule names its security group by GroupId or GroupName.")
        if len({self.lists[name][0] for name in properties if name in self.lists}) != 1:
            raise ResourceFailed("Exactly one source or destination is given for a rule.")

    def create(self, place: Place, properties: Properties) -> Made:
        authorized = f"AuthorizeSecurityGroup{self.direction}"
        made = self._call(place, authorized, properties, IpPermissions=self.permissions(properties))
        rule = str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])
        return Made(rule, {"Id": rule})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        # All else makes another rule; by its id moto describes none.
        described = {**new, _DESCRIPTION: new.get(_DESCRIPTION) or ""}
        changed = f"UpdateSecurityGroupRuleDescriptions{self.direction}"
        self._call(place, changed, new, IpPermissions=self.permissions(described))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        revoked = f"RevokeSecurityGroup{self.direction}"
        try:
            self._call(place, revoked, properties, SecurityGroupRuleIds=[made.physical_id])
        except RefusedRequest as refused:
            if "NotFound" not in refused.code:
                raise

    def permissions(self, properties: Properties) -> list[dict[str, Any]]:
        """The `IpPermissions` of a call for a rule, which stands by itself or in its group."""
        permission: dict[str, Any] = {"IpProtocol": str(properties["IpProtocol"])}
        permission |= {name: int(properties[name]) for name in ("FromPort", "ToPort") if name in properties}
        named = [(*self.lists[name], str(properties[name])) for name in self.lists if name in properties]
        entry = {member: value for _, member, value in named}
        if _DESCRIPTION in properties:
            entry[_DESCRIPTION] = str(properties[_DESCRIPTION])
        return [{**permission, named[0][0]: [entry]}]

    def _call(self, place: Place, name: str, properties: Properties, **given: Any) -> dict[str, Any]:
        group = {one: str(properties[one]) for one in (_GROUP, _NAME) if properties.get(one)}
        return operation("ec2", name, place.account, place.region, {**group, **given})


_RANGES = {"CidrIp": ("IpRanges", "CidrIp"), "CidrIpv6": ("Ipv6Ranges", "CidrIpv6")}
_COMMON = {
    **dict.fromkeys(("CidrIp", "CidrIpv6", _DESCRIPTION, _GROUP, "IpProtocol"), STRING),
    "FromPort": INTEGER,
    "ToPort": INTEGER,
}


class Egress(_Rule):
    """What a group lets out."""

    name = "AWS::EC2::SecurityGroupEgress"
    direction = "Egress"
    lists: ClassVar[Mapping[str, tuple[str, str]]] = {
        **_RANGES,
        "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
        "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    }
    properties: ClassVar[Mapping[str, str]] = {**_COMMON, **dict.fromkeys(lists, STRING)}
    create_only: ClassVar[frozenset[str]] = frozenset(properties) - {_DESCRIPTION}


class Ingress(_Rule):
    """What a group lets in."""

    name = "AWS::EC2::SecurityGroupIngress"
    direction = "Ingress"
    lists: ClassVar[Mapping[str, tuple[str, str]]] = {
        **_RANGES,
        "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
        "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
        "SourceSecurityGroupName": ("UserIdGroupPairs", "GroupName"),
        "SourceSecurityGroupOwnerId": ("UserIdGroupPairs", "UserId"),
    }
    properties: ClassVar[Mapping[str, str]] = {**_COMMON, _NAME: STRING, **dict.fromkeys(lists, STRING)}
    create_only: ClassVar[frozenset[str]] = frozenset(properties) - {_DESCRIPTION}
