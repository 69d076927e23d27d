"""
User pools with their clients, domains and groups: `AWS::Cognito::UserPool`, `UserPoolClient`, `UserPoolDomain` and
`UserPoolGroup`. Functions that a pool names are not run.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpool.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolclient.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, removed_and_added
from trustproof.sandbox.cloudformation.resources.by_operations import TypeOfOperations
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType
from trustproof.sandbox.errors import RefusedRequest

_NAME, _ID, _SCHEMA, _MFA = "UserPoolName", "UserPoolId", "Schema", "EnabledMfas"
_SMS, _TOKEN = "SMS_MFA", "SOFTWARE_TOKEN_MFA"
#: What a pool has from its beginning.
_FIXED = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


class UserPool(TypeOfOperations):
    """A user pool."""

    name = "AWS::Cognito::UserPool"
    has_tags = False
    service = "cognito-idp"
    creation = "CreateUserPool"
    renamed: ClassVar[Mapping[str, str]] = {_NAME: "PoolName"}
    beside: ClassVar[frozenset[str]] = frozenset({_MFA})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        for one in properties.get(_MFA) or ():
            if one not in (_SMS, _TOKEN):
                raise ResourceFailed(f"the sandbox has no {one} among the {_MFA} of a resource of type {self.name}")

    def check_update(self, old: Properties, new: Properties) -> None:
        for name in _FIXED:
            if old.get(name) != new.get(name):
                raise ResourceFailed(f"Updates are not allowed for property - {name}.")
        removed, _ = _attributes(old, new)
        if removed:
            raise ResourceFailed("Existing schema attributes cannot be modified or deleted.")

    def create(self, place: Place, properties: Properties) -> Made:
        given = {**properties, _NAME: properties.get(_NAME) or place.generated_name(128)}
        self._ask(place, given, str(given[_NAME]))
        pool = self._call(place, self.creation, self._parameters(self.creation, given))["UserPool"]
        identifier = str(pool["Id"])
        try:
            self._set_mfa(place, identifier, properties)
        except RefusedRequest:
            self._delete(place, "DeleteUserPool", {_ID: identifier})
            raise
        host = f"cognito-idp.{place.region}.{place.cloud.url_suffix(place.region)}/{identifier}"
        arn = f"arn:{place.partition}:cognito-idp:{place.region}:{place.account}:userpool/{identifier}"
        return Made(
            identifier,
            {"Arn": arn, "ProviderName": host, "ProviderURL": f"https://{host}", _ID: identifier},
            given[_NAME],
        )

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._ask(place, new, made.physical_id)
        name = new.get(_NAME) or made.handle
        kept = {key: value for key, value in new.items() if key not in (*_FIXED, _SCHEMA)}
        given = self._parameters("UpdateUserPool", {**kept, _NAME: name, _ID: made.physical_id})
        self._call(place, "UpdateUserPool", given)
        _, added = _attributes(old, new)
        if added:
            attributes = self._parameters("AddCustomAttributes", {"CustomAttributes": added, _ID: made.physical_id})
            self._call(place, "AddCustomAttributes", attributes)
        self._set_mfa(place, made.physical_id, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if properties.get("DeletionProtection") == "ACTIVE":
            raise ResourceFailed("The user pool cannot be deleted because deletion protection is activated.")
        self._delete(place, "DeleteUserPool", {_ID: made.physical_id})

    def _set_mfa(self, place: Place, identifier: str, properties: Properties) -> None:
        if _MFA not in properties:
            return
        given: dict[str, Any] = {
            _ID: identifier,
            "SoftwareTokenMfaConfiguration": {"Enabled": _TOKEN in properties[_MFA]},
            "MfaConfiguration": properties.get("MfaConfiguration") or "OFF",
        }
        if _SMS in properties[_MFA]:
            given["SmsMfaConfiguration"] = {"SmsConfiguration": properties.get("SmsConfiguration") or {}}
        self._call(place, "SetUserPoolMfaConfig", self._parameters("SetUserPoolMfaConfig", given))


def _attributes(old: Properties, new: Properties) -> tuple[list[Any], list[Any]]:
    """The attributes of users that a change takes away, and those that it adds."""
    before, after = ({repr(one): one for one in properties.get(_SCHEMA) or ()} for properties in (old, new))
    removed, added = removed_and_added(before, after)
    return [before[one] for one in removed], [after[one] for one in added]


class UserPoolClient(TypeOfOperations):
    """A client of a user pool."""

    name = "AWS::Cognito::UserPoolClient"
    has_tags = False
    service = "cognito-idp"
    creation = "CreateUserPoolClient"
    required: ClassVar[frozenset[str]] = frozenset({_ID})
    create_only: ClassVar[frozenset[str]] = frozenset({_ID, "GenerateSecret"})

    def create(self, place: Place, properties: Properties) -> Made:
        given = {**properties, "ClientName": properties.get("ClientName") or place.generated_name(128)}
        made = self._call(place, self.creation, self._parameters(self.creation, given))["UserPoolClient"]
        identifier = str(made["ClientId"])
        told = {"ClientId": identifier, "Name": made["ClientName"]}
        if made.get("ClientSecret"):
            told["ClientSecret"] = made["ClientSecret"]
        return Made(identifier, told)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        kept = {key: value for key, value in new.items() if key != "GenerateSecret"}
        given = {"ClientName": made.attributes["Name"], **kept, "ClientId": made.physical_id}
        changed = self._parameters("UpdateUserPoolClient", given)
        self._call(place, "UpdateUserPoolClient", changed)
        return Made(made.physical_id, {**made.attributes, "Name": changed["ClientName"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        given = {_ID: str(properties[_ID]), "ClientId": made.physical_id}
        self._delete(place, "DeleteUserPoolClient", given)


class UserPoolDomain(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpooldomain.html"""

    name = "AWS::Cognito::UserPoolDomain"
    service = "cognito-idp"
    has_tags = False
    creation = "CreateUserPoolDomain"
    named = "Domain"
    required: ClassVar[frozenset[str]] = frozenset({"Domain", _ID})
    create_only: ClassVar[frozenset[str]] = frozenset({"Domain", _ID})
    about: ClassVar[Mapping[str, str]] = {"Domain": REF, _ID: _ID}
    deletion = "DeleteUserPoolDomain"


class UserPoolGroup(PlainType):
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cognito-userpoolgroup.html"""

    name = "AWS::Cognito::UserPoolGroup"
    service = "cognito-idp"
    has_tags = False
    creation = "CreateGroup"
    named = "GroupName"
    longest = 128
    required: ClassVar[frozenset[str]] = frozenset({_ID})
    create_only: ClassVar[frozenset[str]] = frozenset({"GroupName", _ID})
    about: ClassVar[Mapping[str, str]] = {"GroupName": REF, _ID: _ID}
    change = "UpdateGroup"
    deletion = "DeleteGroup"


TYPES = (UserPool, UserPoolClient, UserPoolDomain, UserPoolGroup)
