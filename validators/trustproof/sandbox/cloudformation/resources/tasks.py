"""
Definitions of tasks of ECS, services, and what clusters run on: `AWS::ECS::TaskDefinition`, `AWS::ECS::Service`,
`AWS::ECS::ClusterCapacityProviderAssociations`. No task is run.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-taskdefinition.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType, Tagging

_TAGGING = Tagging("resourceArn", "tagKeys", tags="tags")


class TaskDefinition(PlainType):
    """A definition of tasks: every change of it makes another revision."""

    name = "AWS::ECS::TaskDefinition"
    service = "ecs"
    creation = "RegisterTaskDefinition"
    answer = "taskDefinition"
    ref = "taskDefinitionArn"
    told: ClassVar[Mapping[str, str]] = {"TaskDefinitionArn": ref}
    named = "Family"
    longest = 255
    about: ClassVar[Mapping[str, str]] = {"taskDefinition": REF}
    deletion = "DeregisterTaskDefinition"
    tagging = _TAGGING

    def replaces(self, old: Properties, new: Properties) -> bool:
        return {**old, "Tags": None} != {**new, "Tags": None}


class Service(PlainType):
    """A service of a cluster."""

    name = "AWS::ECS::Service"
    name_property: str | None = "ServiceName"
    service = "ecs"
    creation = "CreateService"
    answer = "service"
    ref = "serviceArn"
    told: ClassVar[Mapping[str, str]] = {"ServiceArn": ref, "Name": "serviceName"}
    named = "ServiceName"
    longest = 255
    create_only: ClassVar[frozenset[str]] = frozenset(
        {"Cluster", "DeploymentController", "LaunchType", "Role", "SchedulingStrategy", "ServiceName"}
    )
    about: ClassVar[Mapping[str, str]] = {"cluster": "Cluster", "service": REF}
    change = "UpdateService"
    deletion = "DeleteService"
    tagging = _TAGGING

    def completed(self, place: Place, properties: Properties) -> dict[str, Any]:
        return {"DesiredCount": 0 if properties.get("SchedulingStrategy") == "DAEMON" else 1, **properties}

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._delete(place, self.deletion, {**self._about(made, properties), "force": True})


class CapacityProviders(PlainType):
    """On what the tasks of a cluster run."""

    name = "AWS::ECS::ClusterCapacityProviderAssociations"
    service = "ecs"
    has_tags = False
    creation = "PutClusterCapacityProviders"
    answer = "cluster"
    ref = "clusterName"
    required: ClassVar[frozenset[str]] = frozenset({"CapacityProviders", "Cluster", "DefaultCapacityProviderStrategy"})
    create_only: ClassVar[frozenset[str]] = frozenset({"Cluster"})
    change = creation
    deletion = creation

    def _about(self, made: Made, properties: Properties) -> dict[str, Any]:
        return {"cluster": made.physical_id}

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        none: dict[str, Any] = {"capacityProviders": [], "defaultCapacityProviderStrategy": []}
        self._delete(place, self.deletion, {**self._about(made, properties), **none})


TYPES = (CapacityProviders, Service, TaskDefinition)
