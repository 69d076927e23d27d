"""
Clusters and instances of databases, and what their secrets say of them: `AWS::RDS::DBCluster`, `AWS::RDS::DBInstance`,
`AWS::SecretsManager::SecretTargetAttachment`. No database is run.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import STRING, DeclaredType, Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType, Tagging
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.operations import operation

_ID, _ARN = "DBInstanceIdentifier", "DBInstanceArn"
_SECRET, _TARGET, _KIND = "SecretId", "TargetId", "TargetType"
_CLUSTER, _CLUSTER_ARN = "DBClusterIdentifier", "DBClusterArn"
#: What a secret is told of an instance, besides where it is.
_TOLD = {"engine": "Engine", "username": "MasterUsername", "dbname": "DBName", "dbInstanceIdentifier": _ID}
_PLACE = {"host": "Address", "port": "Port"}
#: Likewise of a cluster, with where it is.
_OF_CLUSTER = {
    "engine": "Engine",
    "username": "MasterUsername",
    "dbname": "DatabaseName",
    "dbClusterIdentifier": _CLUSTER,
    "host": "Endpoint",
    "port": "Port",
}


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


class DBCluster(PlainType):
    """A cluster of databases (Aurora), with its key."""

    name = "AWS::RDS::DBCluster"
    name_property: str | None = _CLUSTER
    service = "rds"
    creation = "CreateDBCluster"
    beside: ClassVar[frozenset[str]] = frozenset({"DeleteAutomatedBackups"})
    refused: ClassVar[Mapping[str, str]] = {
        "AssociatedRoles": "moto gives a cluster no roles",
        "DomainIAMRoleName": "there are no directories",
        "GlobalClusterIdentifier": "clusters of other Regions are not there",
        "ManageMasterUserPassword": "the secret that RDS makes is not there",
        "ReplicationSourceIdentifier": "there are no replicas",
        "SnapshotIdentifier": "there are no snapshots",
        "SourceDBClusterIdentifier": "there are no replicas",
    }
    answer = "DBCluster"
    ref = _CLUSTER
    told: ClassVar[Mapping[str, str]] = {
        _CLUSTER_ARN: _CLUSTER_ARN,
        "DBClusterResourceId": "DbClusterResourceId",
        "Endpoint.Address": "Endpoint",
        "ReadEndpoint.Address": "ReaderEndpoint",
    }
    named = _CLUSTER
    longest = 63
    create_only: ClassVar[frozenset[str]] = frozenset(
        {
            "AvailabilityZones",
            "DBSubnetGroupName",
            "DatabaseName",
            "Engine",
            "EngineMode",
            "KmsKeyId",
            "MasterUsername",
            "StorageEncrypted",
            _CLUSTER,
        }
    )
    about: ClassVar[Mapping[str, str]] = {_CLUSTER: REF}
    change = "ModifyDBCluster"
    deletion = "DeleteDBCluster"
    tagging = Tagging("ResourceName", by=_CLUSTER_ARN, gives="AddTagsToResource", takes="RemoveTagsFromResource")

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        name = str(properties.get(_CLUSTER) or place.generated_name(self.longest))
        return {**properties, _CLUSTER: name.lower()}

    def create(self, place: Place, properties: Properties) -> Made:
        given = self.completed(place, properties)
        if _clusters(place, given[_CLUSTER]):
            # moto would put the new one in the place of the other.
            raise ResourceFailed(f"DB Cluster already exists (Identifier: {given[_CLUSTER]})")
        made = super().create(place, given)
        port = _clusters(place, made.physical_id)[0].get("Port")
        return Made(made.physical_id, {**made.attributes, "Endpoint.Port": str(port)}, made.physical_id)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._delete(place, self.deletion, {**self._about(made, properties), "SkipFinalSnapshot": True})


class SecretTargetAttachment(DeclaredType):
    """What a secret says of the instance or the cluster that it is for."""

    name = "AWS::SecretsManager::SecretTargetAttachment"
    required: ClassVar[frozenset[str]] = frozenset({_SECRET, _TARGET, _KIND})
    properties: ClassVar[Mapping[str, str]] = {_SECRET: STRING, _TARGET: STRING, _KIND: STRING}
    create_only: ClassVar[frozenset[str]] = frozenset({_SECRET, _TARGET, _KIND})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        if properties[_KIND] not in (DBInstance.name, DBCluster.name):
            raise ResourceFailed(f"the sandbox attaches no secrets to {properties[_KIND]}")

    def create(self, place: Place, properties: Properties) -> Made:
        target = str(properties[_TARGET])
        if properties[_KIND] == DBCluster.name:
            if not (clusters := _clusters(place, target)):
                raise ResourceFailed(f"DBCluster {target} not found.")
            told = {name: clusters[0][member] for name, member in _OF_CLUSTER.items() if member in clusters[0]}
        else:
            found = _instance(place, target)
            there = found.get("Endpoint") or {}
            told = {name: found[member] for name, member in _TOLD.items() if member in found}
            told |= {name: there[one] for name, one in _PLACE.items() if one in there}
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


_ALL = {*_TOLD, *_PLACE, *_OF_CLUSTER}


def _clusters(place: Place, name: str) -> list[dict[str, Any]]:
    """The clusters of a name: one, or none."""
    found = operation("rds", "DescribeDBClusters", place.account, place.region, {})["DBClusters"]
    return [dict(one) for one in found if one[_CLUSTER] == name.lower()]


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


TYPES = (DBCluster, DBInstance, SecretTargetAttachment)
