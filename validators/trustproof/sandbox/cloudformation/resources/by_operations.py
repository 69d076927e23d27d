"""
Resource types that are made by an operation of their service, as CloudFormation makes them, where moto has the
operation and no model of the type.

A property is a parameter of the operation, of the same name but for its capitals; one that is none fails the resource.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import DescribedType, Made, Place, Properties, check_tags
from trustproof.sandbox.cloudformation.resources import asked_by_services
from trustproof.sandbox.errors import RefusedRequest
from trustproof.sandbox.moto.operations import input_shape, operation

#: Codes of services for what is not there (any more).
_GONE = ("NotFound", "NoSuch", "NonExist", "DoesNotExist")


class TypeOfOperations(DescribedType):
    """A type of resource that operations make, change and delete."""

    has_tags = True
    #: As botocore names it.
    service: ClassVar[str]
    #: The operation that makes one.
    creation: ClassVar[str]
    #: Property to the parameter that it is, where that is called otherwise.
    renamed: ClassVar[Mapping[str, str]] = {}
    #: Properties that other operations set.
    beside: ClassVar[frozenset[str]] = frozenset()
    #: Property to why the sandbox does not have it.
    refused: ClassVar[Mapping[str, str]] = {}

    def check(self, properties: Properties) -> None:
        """
        Hold properties to the parameters of the operation.

        Raises:
            ResourceFailed: for one that is none, of another kind, missing, or not there in the sandbox.
        """
        check_tags(properties.get("Tags"))
        for name, reason in self.refused.items():
            if properties.get(name):
                raise ResourceFailed(f"the sandbox has no {name} of a resource of type {self.name}: {reason}")
        if missing := sorted(self.required - properties.keys()):
            raise ResourceFailed(f"#: required key [{missing[0]}] not found")
        self._parameters(self.creation, properties)

    def attribute(self, made: Made, name: str) -> Any:
        """What `Fn::GetAtt` of the resource is; it may have attributes in AWS that are not known here."""
        if name not in made.attributes:
            raise ResourceFailed(f"the sandbox has no attribute {name} of a resource of type {self.name}")
        return made.attributes[name]

    def _parameters(self, name: str, properties: Properties) -> dict[str, Any]:
        """The parameters of an operation that properties are; those that another one sets are left out."""
        given = {self.renamed.get(key, key): value for key, value in properties.items() if key not in self.beside}
        return parameters_of(self.service, name, given)

    def _ask(self, place: Place, properties: Properties, name: str) -> None:
        """See that the service takes the roles that it is handed."""
        asked_by_services.check(place, self.name, properties, name)

    def _call(self, place: Place, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        return operation(self.service, name, place.account, place.region, given)

    def _delete(self, place: Place, name: str, given: Mapping[str, Any]) -> None:
        """Delete by an operation; that it is gone already is no error."""
        try:
            self._call(place, name, given)
        except RefusedRequest as refused:
            if not any(code in refused.code for code in _GONE):
                raise


def parameters_of(service: str, name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """
    Properties in the form of an operation's parameters.

    Args:
        service: as botocore names it.
        name: of the operation.
        properties: by the names of the parameters, but for capitals.

    Raises:
        ResourceFailed: one is no parameter, or has another kind.
    """
    found: dict[str, Any] = _converted(input_shape(service, name), properties, "#")
    return found


def _converted(shape: Any, value: Any, where: str) -> Any:
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping):
        members = {member.lower(): member for member in shape.members}
        for key in value:
            if str(key).lower() not in members:
                raise ResourceFailed(f"{where}: the sandbox has no property {key} here")
        named = {members[str(key).lower()]: (key, one) for key, one in value.items()}
        return {name: _converted(shape.members[name], one, f"{where}/{key}") for name, (key, one) in named.items()}
    if kind == "map":
        if isinstance(value, list):
            # Tags that the service has in a map.
            value = {tag["Key"]: tag["Value"] for tag in value}
        if isinstance(value, Mapping):
            return {str(key): _converted(shape.value, one, f"{where}/{key}") for key, one in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_converted(shape.member, one, f"{where}/{index}") for index, one in enumerate(value)]
    if kind not in ("structure", "map", "list") and isinstance(value, (str, int, float)):
        return _scalar(kind, value, where)
    raise ResourceFailed(f"{where}: expected type: {kind}, found: {type(value).__name__}")


def _scalar(kind: str, value: str | float, where: str) -> Any:
    if kind == "boolean":
        if str(value).lower() not in ("true", "false"):
            raise ResourceFailed(f"{where}: expected type: Boolean")
        return str(value).lower() == "true"
    if kind in ("integer", "long", "float", "double"):
        try:
            return int(value) if kind in ("integer", "long") else float(value)
        except ValueError:
            raise ResourceFailed(f"{where}: expected type: Number") from None
    return str(value).lower() if isinstance(value, bool) else str(value)
