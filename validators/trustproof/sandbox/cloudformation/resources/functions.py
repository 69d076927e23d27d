"""
What belongs to a function of Lambda: `AWS::Lambda::Version`, `Alias`, `Url` and `EventInvokeConfig`. No function is
run, and no address of one answers.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType
from trustproof.sandbox.errors import RefusedRequest

_FUNCTION, _QUALIFIER, _URL = "FunctionName", "Qualifier", "FunctionUrl"
_LATEST = "$LATEST"
_NOT_RUN = "functions are not run here"


class Version(PlainType):
    """A version of a function."""

    name = "AWS::Lambda::Version"
    has_tags = False
    service = "lambda"
    creation = "PublishVersion"
    ref = "FunctionArn"
    told: ClassVar[Mapping[str, str]] = {"FunctionArn": ref, "Version": "Version"}
    required: ClassVar[frozenset[str]] = frozenset({_FUNCTION})
    create_only: ClassVar[frozenset[str]] = frozenset({"CodeSha256", "Description", _FUNCTION})
    beside: ClassVar[frozenset[str]] = frozenset(
        {"FunctionScalingConfig", "ProvisionedConcurrencyConfig", "RuntimePolicy"}
    )
    about: ClassVar[Mapping[str, str]] = {_FUNCTION: REF}
    deletion = "DeleteFunction"


class Alias(PlainType):
    """An alias of a function."""

    name = "AWS::Lambda::Alias"
    has_tags = False
    service = "lambda"
    creation = "CreateAlias"
    ref = "AliasArn"
    told: ClassVar[Mapping[str, str]] = {"AliasArn": ref}
    required: ClassVar[frozenset[str]] = frozenset({_FUNCTION, "FunctionVersion", "Name"})
    create_only: ClassVar[frozenset[str]] = frozenset({_FUNCTION, "Name"})
    beside: ClassVar[frozenset[str]] = frozenset({"ProvisionedConcurrencyConfig"})
    refused: ClassVar[Mapping[str, str]] = {"RoutingConfig": _NOT_RUN}
    about: ClassVar[Mapping[str, str]] = {_FUNCTION: _FUNCTION, "Name": "Name"}
    change = "UpdateAlias"
    deletion = "DeleteAlias"


class Url(PlainType):
    """The address of a function on the web."""

    name = "AWS::Lambda::Url"
    has_tags = False
    service = "lambda"
    creation = "CreateFunctionUrlConfig"
    renamed: ClassVar[Mapping[str, str]] = {"TargetFunctionArn": _FUNCTION}
    ref = "FunctionArn"
    told: ClassVar[Mapping[str, str]] = {"FunctionArn": ref, _URL: _URL}
    refused: ClassVar[Mapping[str, str]] = {"Qualifier": "moto has one address for each function"}
    required: ClassVar[frozenset[str]] = frozenset({"AuthType", "TargetFunctionArn"})
    create_only: ClassVar[frozenset[str]] = frozenset({"TargetFunctionArn"})
    about: ClassVar[Mapping[str, str]] = {_FUNCTION: "TargetFunctionArn"}
    change = "UpdateFunctionUrlConfig"
    deletion = "DeleteFunctionUrlConfig"

    def create(self, place: Place, properties: Properties) -> Made:
        """Make it, if the function has none: moto would take it from another resource."""
        function = {_FUNCTION: str(properties["TargetFunctionArn"])}
        try:
            self._call(place, "GetFunctionUrlConfig", function)
        except RefusedRequest:
            made = super().create(place, properties)
            # moto leaves the path out.
            return replace(made, attributes={**made.attributes, _URL: f"{made.attributes[_URL].rstrip('/')}/"})
        raise ResourceFailed("Failed to create function url config: it exists already")


class EventInvokeConfig(PlainType):
    """What becomes of calls for which nobody waits."""

    name = "AWS::Lambda::EventInvokeConfig"
    has_tags = False
    service = "lambda"
    creation = "PutFunctionEventInvokeConfig"
    required: ClassVar[frozenset[str]] = frozenset({_FUNCTION, _QUALIFIER})
    create_only: ClassVar[frozenset[str]] = required
    about: ClassVar[Mapping[str, str]] = {_FUNCTION: _FUNCTION}
    deletion = "DeleteFunctionEventInvokeConfig"

    def check(self, properties: Properties) -> None:
        super().check(properties)
        if properties[_QUALIFIER] != _LATEST:
            raise ResourceFailed("moto has no settings of this kind of the versions and aliases of a function")

    def check_update(self, old: Properties, new: Properties) -> None:
        """All of it is put anew."""

    def create(self, place: Place, properties: Properties) -> Made:
        try:
            self._call(place, "GetFunctionEventInvokeConfig", {_FUNCTION: str(properties[_FUNCTION])})
        except RefusedRequest:
            self._put(place, properties)
            return Made(f"{properties[_FUNCTION]}|{properties[_QUALIFIER]}")
        raise ResourceFailed("An EventInvokeConfig already exists for this function")

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        # moto keeps the first one that it is told.
        self.delete(place, made, old)
        self._put(place, new)
        return made

    def _put(self, place: Place, properties: Properties) -> None:
        self._ask(place, properties, str(properties[_FUNCTION]))
        self._call(place, self.creation, self._parameters(self.creation, properties))


TYPES = (Alias, EventInvokeConfig, Url, Version)
