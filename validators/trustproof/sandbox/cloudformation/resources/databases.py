"""
Instances of databases, and what their secrets say of them: `AWS::RDS::DBInstance`,
`AWS::SecretsManager::SecretTargetAttachment`. No database is run.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resources.base import STRING, DeclaredType, Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType, Tagging
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.operations import operation

_ID, _ARN = "DBInstanceIdentifier", "DBInstanceArn"
_SECRET, _TARGET, _KIND = "SecretId", "TargetId", "TargetType"
#: What a secret is told of an instance, besides where it is.
_TOLD = {"engine": "Engine", "username": "MasterUsername", "dbname": "DBName", "dbInstanceIdentifier": _ID}
_PLACE = {"host": "Address", "port": "Port"}


class DBInstance(PlainType):
    """A database, with its roles and its key."""

    name = "AWS::RDS::DBInstance"
    name_property: str | None = _ID
    service = "rds"
    creation = "CreateDBInstance"
    renamed: ClassVar[Mapping[str, str]] = {"VPCSecurityGroups": "VpcSecurityGroupIds"}
    beside: ClassVar[frozenset[str]] = frozenset(
        {"AllowMajorVersionUpgrade", "ApplyImmediately", "DeleteAutomatedBackups", "UseDefaultProcessorFeatures"}
    )
    refused: ClassVar[Mapping[str, str]] = {
        "AssociatedRoles": "moto gives an instance no roles",
        "DBSnapshotIdentifier": "there are no snapshots",
        "ManageMasterUserPassword": "the secret that RDS makes is not there",
        "SourceDBInstanceIdentifier": "there are no replicas",
    }
    answer = "DBInstance"
    ref = _ID
    told: ClassVar[Mapping[str, str]] = {_ARN: _ARN, "DbiResourceId": "DbiResourceId"}
    named = _ID
    longest = 63
    create_only: ClassVar[frozenset[str]] = frozenset(
        {
            "AvailabilityZone",
            "DBClusterIdentifier",
            "DBName",
            "DBSubnetGroupName",
            "Engine",
            "KmsKeyId",
            "MasterUsername",
            "StorageEncrypted",
            _ID,
        }
    )
    about: ClassVar[Mapping[str, str]] = {_ID: REF}
    change = "ModifyDBInstance"
    deletion = "DeleteDBInstance"
    tagging = Tagging("ResourceName", by=_ARN, gives="AddTagsToResource", takes="RemoveTagsFromResource")

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        # RDS writes names small.
        name = str(properties.get(_ID) or place.generated_name(self.longest))
        return {**properties, _ID: name.lower()}

    def create(self, place: Place, properties: Properties) -> Made:
        made = super().create(place, properties)
        found = _instance(place, made.physical_id).get("Endpoint") or {}
        told = {f"Endpoint.{name}": str(found[name]) for name in _PLACE.values() if name in found}
        return Made(made.physical_id, {**made.attributes, **told}, made.physical_id)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._delete(place, self.deletion, {**self._about(made, properties), "SkipFinalSnapshot": True})


class SecretTargetAttachment(DeclaredType):
    """What a secret says of the instance that it is for."""

    name = "AWS::SecretsManager::SecretTargetAttachment"
    required: ClassVar[frozenset[str]] = frozenset({_SECRET, _TARGET, _KIND})
    properties: ClassVar[Mapping[str, str]] = {_SECRET: STRING, _TARGET: STRING, _KIND: STRING}
    create_only: ClassVar[frozenset[str]] = frozenset({_SECRET, _TARGET, _KIND})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        if properties[_KIND] != DBInstance.name:
            raise ResourceFailed(f"the sandbox attaches no secrets to {properties[_KIND]}")

    def create(self, place: Place, properties: Properties) -> Made:
        found = _instance(place, str(properties[_TARGET]))
        told = {name: found[member] for name, member in _TOLD.items() if member in found}
        told |= {name: found["Endpoint"][one] for name, one in _PLACE.items() if one in (found.get("Endpoint") or {})}
        secret = _call(place, "DescribeSecret", {_SECRET: str(properties[_SECRET])})["ARN"]
        _write(place, secret, {**told, **_read(place, secret)})
        return Made(str(secret), {"Id": str(secret)})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        try:
            held = _read(place, made.physical_id)
            kept = {name: one for name, one in held.items() if name in ("username", "password") or name not in _ALL}
            _write(place, made.physical_id, kept)
        except (RefusedRequest, ResourceFailed):
            # The secret is gone, or says something else by now.
            return


_ALL = {*_TOLD, *_PLACE}


def _instance(place: Place, name: str) -> dict[str, Any]:
    found = operation("rds", "DescribeDBInstances", place.account, place.region, {_ID: name})
    return dict(found["DBInstances"][0])


def _call(place: Place, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return operation("secretsmanager", name, place.account, place.region, given)


def _read(place: Place, secret: str) -> dict[str, Any]:
    text = _call(place, "GetSecretValue", {_SECRET: secret}).get("SecretString") or "{}"
    try:
        held = json.loads(text)
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise ResourceFailed("the secret is no JSON object")
    return held


def _write(place: Place, secret: str, held: Mapping[str, Any]) -> None:
    _call(place, "PutSecretValue", {_SECRET: secret, "SecretString": json.dumps(held)})


TYPES = (DBInstance, SecretTargetAttachment)
