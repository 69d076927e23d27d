"""
Distributions of CloudFront, and by what they get into their buckets: `AWS::CloudFront::Distribution` and
`AWS::CloudFront::OriginAccessControl`. Nobody is served: who reads a bucket for one is played as the
service.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudfront-distribution.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import (
    LIST,
    OBJECT,
    DeclaredType,
    Made,
    Place,
    Properties,
    changed_tags,
    random_part,
)
from trustproof.sandbox.cloudformation.resources.by_operations import parameters_of
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.operations import input_shape, operation

_CONFIG, _CONTROL, _TAGS = "DistributionConfig", "OriginAccessControlConfig", "Tags"
_ITEMS, _QUANTITY = "Items", "Quantity"
#: What of a configuration is not here, and why.
_REFUSED = {
    "CNAMEs": "its name by now is Aliases",
    "ConnectionMode": "there are no tenants",
    "CustomOrigin": "it is replaced by Origins",
    "LambdaFunctionAssociations": "functions are not run",
    "Logging": "whether the bucket lets the logs in is not asked",
    "OriginGroups": "nobody is served",
    "S3Origin": "it is replaced by Origins",
    "TenantConfig": "there are no tenants",
    "ViewerMtlsConfig": "nobody is served",
}
#: What templates call otherwise than the service.
_RENAMED = {"IPV6Enabled": "IsIPV6Enabled", "Locations": _ITEMS, "OriginCustomHeaders": "CustomHeaders"}
#: What the service wants of an origin, and templates may leave out.
_DEFAULTS = {"HTTPPort": 80, "HTTPSPort": 443, "OriginAccessIdentity": ""}
#: The service takes any version of a resource by this.
_ANY_VERSION = "*"
_GONE = ("NoSuchDistribution", "NoSuchOriginAccessControl")


class Distribution(DeclaredType):
    """A distribution."""

    name = "AWS::CloudFront::Distribution"
    properties: ClassVar[Mapping[str, str]] = {_CONFIG: OBJECT, _TAGS: LIST}
    required: ClassVar[frozenset[str]] = frozenset({_CONFIG})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        _refuse(properties[_CONFIG])
        _configuration(properties, "")

    def create(self, place: Place, properties: Properties) -> Made:
        config = _configuration(properties, f"{place.logical_id}-{random_part()}")
        given = {_CONFIG: config, _TAGS: {_ITEMS: list(properties.get(_TAGS) or ())}}
        found = _call(place, "CreateDistributionWithTags", {"DistributionConfigWithTags": given})["Distribution"]
        told = {"Id": found["Id"], "DomainName": found["DomainName"], "Arn": found["ARN"]}
        return Made(str(found["Id"]), told, config["CallerReference"])

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        config = _configuration(new, str(made.handle))
        _call(place, "UpdateDistribution", {"Id": made.physical_id, "IfMatch": _ANY_VERSION, _CONFIG: config})
        removed, added = changed_tags(old, new)
        if removed:
            given = {"Resource": made.attributes["Arn"], "TagKeys": {_ITEMS: list(removed)}}
            _call(place, "UntagResource", given)
        if added:
            _call(place, "TagResource", {"Resource": made.attributes["Arn"], _TAGS: {_ITEMS: list(added)}})
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        _delete(place, "DeleteDistribution", made)


class OriginAccessControl(DeclaredType):
    """By what a distribution signs its requests to a bucket."""

    name = "AWS::CloudFront::OriginAccessControl"
    properties: ClassVar[Mapping[str, str]] = {_CONTROL: OBJECT}
    required: ClassVar[frozenset[str]] = frozenset({_CONTROL})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        parameters_of("cloudfront", "CreateOriginAccessControl", properties)

    def create(self, place: Place, properties: Properties) -> Made:
        wanted = str(properties[_CONTROL].get("Name"))
        held = _call(place, "ListOriginAccessControls", {})["OriginAccessControlList"].get(_ITEMS) or []
        if any(one["Name"] == wanted for one in held):
            raise ResourceFailed("An origin access control with the same name already exists.")
        found = _call(place, "CreateOriginAccessControl", dict(properties))["OriginAccessControl"]
        return Made(str(found["Id"]), {"Id": found["Id"]})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        given = {**new, "Id": made.physical_id, "IfMatch": _ANY_VERSION}
        _call(place, "UpdateOriginAccessControl", given)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        _delete(place, "DeleteOriginAccessControl", made)


def _call(place: Place, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return operation("cloudfront", name, place.account, place.region, given)


def _delete(place: Place, name: str, made: Made) -> None:
    try:
        _call(place, name, {"Id": made.physical_id, "IfMatch": _ANY_VERSION})
    except RefusedRequest as refused:
        if refused.code not in _GONE:
            raise


def _refuse(value: Any) -> None:
    """
    Refuse what the sandbox does not have, wherever it stands.

    Raises:
        ResourceFailed: there is some.
    """
    if isinstance(value, Mapping):
        for name, one in value.items():
            if one and name in _REFUSED:
                raise ResourceFailed(f"the sandbox has no {name} of a distribution: {_REFUSED[name]}")
            _refuse(one)
    elif isinstance(value, list):
        for one in value:
            _refuse(one)


def _configuration(properties: Properties, reference: str) -> dict[str, Any]:
    """A configuration as the service takes it; it wants a reference, and words about it."""
    given = {"Comment": "", **properties[_CONFIG], "CallerReference": reference}
    shape = input_shape("cloudfront", "UpdateDistribution").members[_CONFIG]
    counted = _counted(shape, given)
    found: dict[str, Any] = parameters_of("cloudfront", "UpdateDistribution", {_CONFIG: counted})[_CONFIG]
    return found


def _counted(shape: Any, value: Any) -> Any:
    """A value whose lists are counted, where the service counts its own."""
    if shape.type_name == "list" and isinstance(value, list):
        return [_counted(shape.member, one) for one in value]
    if shape.type_name != "structure":
        return value
    if isinstance(value, list):
        if _ITEMS not in shape.members:
            return value
        items = [_counted(shape.members[_ITEMS].member, one) for one in value]
        return _with_number(shape, {_ITEMS: items} if items else {}, len(items))
    if not isinstance(value, Mapping):
        return value
    members = {member.lower(): one for member, one in shape.members.items()}
    named: dict[str, Any] = {name: one for name, one in _DEFAULTS.items() if name in shape.members}
    named |= {str(_RENAMED.get(name, name)): one for name, one in value.items()}
    if "AllowedMethods" in shape.members and "CachedMethods" in named:
        # The service has the ones within the others.
        cached = named.pop("CachedMethods")
        named.setdefault("AllowedMethods", ["GET", "HEAD"])
        inner = _counted(members["allowedmethods"], named.pop("AllowedMethods"))
        cached = _counted(members["allowedmethods"].members["CachedMethods"], cached)
        rest = _each(members, named)
        return {**rest, "AllowedMethods": {**inner, "CachedMethods": cached}}
    found = _each(members, named)
    if _QUANTITY in shape.members and _QUANTITY not in found:
        return _with_number(shape, found, len(found.get(_ITEMS) or ()))
    return found


def _each(members: Mapping[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """What is no member is left as it is: it is refused later."""
    return {
        name: _counted(members[name.lower()], one) if name.lower() in members else one for name, one in named.items()
    }


def _with_number(shape: Any, found: dict[str, Any], number: int) -> dict[str, Any]:
    if "Enabled" in shape.members:
        found.setdefault("Enabled", number > 0)
    return {**found, _QUANTITY: number}


TYPES = (Distribution, OriginAccessControl)
