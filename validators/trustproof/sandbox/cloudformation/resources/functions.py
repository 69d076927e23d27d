"""
What belongs to a function of Lambda: `AWS::Lambda::Version`, `Alias` and `Url`. No function is run, and no address of
one answers.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resources.base import Made, Place, Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType
from trustproof.sandbox.errors import RefusedRequest

_FUNCTION, _URL = "FunctionName", "FunctionUrl"
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


TYPES = (Alias, Url, Version)
