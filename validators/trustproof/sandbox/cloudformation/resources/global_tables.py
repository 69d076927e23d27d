"""
Tables of DynamoDB that may be in several Regions, and here are in one: `AWS::DynamoDB::GlobalTable`, which is what
`TableV2` of the CDK makes.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-globaltable.html
"""

from __future__ import annotations

from typing import Any

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.foreign import ForeignType, foreign_type

_TABLE = "AWS::DynamoDB::Table"
_REPLICAS, _TAGS, _KEY, _BILLING = "Replicas", "Tags", "SSESpecification", "BillingMode"
#: Properties that are those of a table, and those of its one replica that are.
_SAME = (
    "AttributeDefinitions",
    _BILLING,
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "StreamSpecification",
    "TableName",
    "TimeToLiveSpecification",
)
_OF_REPLICA = (
    "ContributorInsightsSpecification",
    "DeletionProtectionEnabled",
    "KinesisStreamSpecification",
    "PointInTimeRecoverySpecification",
    "ResourcePolicy",
    "TableClass",
    _TAGS,
)
#: What decides about nobody's access, and is left out.
_LEFT_OUT = ("WarmThroughput", "WriteOnDemandThroughputSettings")
_LEFT_OUT_OF_REPLICA = ("GlobalSecondaryIndexes", "ReadOnDemandThroughputSettings", "Region")


class GlobalTable:
    """A table with one replica, which is in the Region of its stack: a table as any other."""

    name = "AWS::DynamoDB::GlobalTable"
    name_property: str | None = "TableName"
    identifier: str | None = None
    #: Whether the tags of a stack come to the replicas is not documented: they are only looked at.
    has_tags = True

    def check(self, properties: Properties) -> None:
        """
        See that there is one replica, with nothing that a table has not.

        Raises:
            ResourceFailed: there is none or several, the capacity is provisioned, or a policy is not enforced.
        """
        replicas = properties.get(_REPLICAS)
        if not isinstance(replicas, list) or len(replicas) != 1:
            raise ResourceFailed(f"the sandbox has no replicas of a resource of type {self.name} in other Regions")
        if properties.get(_BILLING) != "PAY_PER_REQUEST":
            raise ResourceFailed(f"the sandbox has no provisioned capacity of a resource of type {self.name}")
        others = set(properties) - {*_SAME, *_LEFT_OUT, _REPLICAS, _KEY, _TAGS}
        others |= set(replicas[0]) - {*_OF_REPLICA, *_LEFT_OUT_OF_REPLICA, _KEY}
        if others:
            raise ResourceFailed(f"the sandbox has no {sorted(others)[0]} of a resource of type {self.name}")
        own = replicas[0].get(_TAGS) or []
        if any(tag not in own for tag in properties.get(_TAGS) or []):
            raise ResourceFailed(
                f"whether the tags of a stack come to a resource of type {self.name} is not known here"
            )
        self._kind().check(_of_table(properties))

    def replaces(self, old: Properties, new: Properties) -> bool:
        """Whether a change makes another table."""
        return self._kind().replaces(_of_table(old), _of_table(new))

    def check_update(self, old: Properties, new: Properties) -> None:
        """See that the table can be changed so."""
        self._kind().check_update(_of_table(old), _of_table(new))

    def create(self, place: Place, properties: Properties) -> Made:
        """Make the table."""
        if properties[_REPLICAS][0].get("Region") != place.region:
            raise ResourceFailed("the sandbox has the replica of a table in the Region of its stack only")
        return self._kind().create(place, _of_table(properties))

    def existing(self, place: Place, physical_id: str) -> Made:
        """No such table is imported."""
        return self._kind().existing(place, physical_id)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        """Change the table."""
        if new[_REPLICAS][0].get("Region") != place.region:
            raise ResourceFailed("the sandbox has the replica of a table in the Region of its stack only")
        return self._kind().update(place, made, _of_table(old), _of_table(new))

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """Delete the table."""
        self._kind().delete(place, made, _of_table(properties))

    def attribute(self, made: Made, name: str) -> Any:
        """Those of a table, and its id."""
        return self._kind().attribute(made, name)

    def _kind(self) -> ForeignType:
        found = foreign_type(_TABLE)
        if found is None:
            raise ResourceFailed(f"the sandbox makes no resources of type {_TABLE}")
        return found


def _of_table(properties: Properties) -> dict[str, Any]:
    """The properties of the table that a global one with one replica is."""
    replica = properties[_REPLICAS][0]
    found = {name: properties[name] for name in _SAME if name in properties}
    found |= {name: replica[name] for name in _OF_REPLICA if name in replica}
    if "GlobalSecondaryIndexes" in found:
        kept = ("IndexName", "KeySchema", "Projection")
        found["GlobalSecondaryIndexes"] = [
            {name: one[name] for name in kept if name in one} for one in found["GlobalSecondaryIndexes"]
        ]
    encrypted = {**(properties.get(_KEY) or {}), **(replica.get(_KEY) or {})}
    return {**found, **({_KEY: encrypted} if encrypted else {})}
