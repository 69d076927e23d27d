"""
What belongs to REST APIs besides their methods, and HTTP APIs: `AWS::ApiGateway::Authorizer` and others,
`AWS::ApiGatewayV2::Api` and its parts. They take no requests here.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.resource_type import Properties
from trustproof.sandbox.cloudformation.resources.plain_types import REF, PlainType

_API, _HTTP_API = "RestApiId", "ApiId"


class _OfRestApi(PlainType):
    """A part of a REST API."""

    service = "apigateway"
    has_tags = False
    ref = "id"
    required: ClassVar[frozenset[str]] = frozenset({_API})
    create_only: ClassVar[frozenset[str]] = frozenset({_API})


class Authorizer(_OfRestApi):
    """Who says whether a request to an API is let in."""

    name = "AWS::ApiGateway::Authorizer"
    creation = "CreateAuthorizer"
    told: ClassVar[Mapping[str, str]] = {"AuthorizerId": "id"}
    about: ClassVar[Mapping[str, str]] = {"restApiId": _API, "authorizerId": REF}
    deletion = "DeleteAuthorizer"


class Model(_OfRestApi):
    """The form of bodies."""

    name = "AWS::ApiGateway::Model"
    creation = "CreateModel"
    ref = "name"
    longest = 64
    about: ClassVar[Mapping[str, str]] = {"restApiId": _API, "modelName": REF}
    deletion = "DeleteModel"

    def _parameters(self, name: str, properties: Properties) -> dict[str, Any]:
        schema = properties.get("Schema")
        text = {} if schema is None else {"Schema": schema if isinstance(schema, str) else json.dumps(schema)}
        return super()._parameters(name, {"ContentType": "application/json", **properties, **text})


class RequestValidator(_OfRestApi):
    """What of requests is looked at before they are passed on."""

    name = "AWS::ApiGateway::RequestValidator"
    creation = "CreateRequestValidator"
    told: ClassVar[Mapping[str, str]] = {"RequestValidatorId": "id"}
    about: ClassVar[Mapping[str, str]] = {"restApiId": _API, "requestValidatorId": REF}
    deletion = "DeleteRequestValidator"


class GatewayResponse(_OfRestApi):
    """What is answered where a request is not passed on."""

    name = "AWS::ApiGateway::GatewayResponse"
    creation = "PutGatewayResponse"
    ref = ""
    named = "ResponseType"
    required: ClassVar[frozenset[str]] = frozenset({_API, "ResponseType"})
    create_only: ClassVar[frozenset[str]] = frozenset({_API, "ResponseType"})
    about: ClassVar[Mapping[str, str]] = {"restApiId": _API, "responseType": "ResponseType"}
    change = creation
    deletion = "DeleteGatewayResponse"


class ApiKey(PlainType):
    """A key of clients."""

    name = "AWS::ApiGateway::ApiKey"
    service = "apigateway"
    creation = "CreateApiKey"
    ref = "id"
    told: ClassVar[Mapping[str, str]] = {"APIKeyId": "id"}
    longest = 128
    about: ClassVar[Mapping[str, str]] = {"apiKey": REF}
    deletion = "DeleteApiKey"


class UsagePlan(PlainType):
    """How much clients may ask for."""

    name = "AWS::ApiGateway::UsagePlan"
    service = "apigateway"
    creation = "CreateUsagePlan"
    renamed: ClassVar[Mapping[str, str]] = {"UsagePlanName": "name"}
    ref = "id"
    told: ClassVar[Mapping[str, str]] = {"Id": "id"}
    named = "UsagePlanName"
    longest = 128
    about: ClassVar[Mapping[str, str]] = {"usagePlanId": REF}
    deletion = "DeleteUsagePlan"


class UsagePlanKey(PlainType):
    """A key of a usage plan."""

    name = "AWS::ApiGateway::UsagePlanKey"
    service = "apigateway"
    has_tags = False
    creation = "CreateUsagePlanKey"
    ref = "id"
    told: ClassVar[Mapping[str, str]] = {"Id": "id"}
    create_only: ClassVar[frozenset[str]] = frozenset({"KeyId", "KeyType", "UsagePlanId"})
    required: ClassVar[frozenset[str]] = create_only
    about: ClassVar[Mapping[str, str]] = {"usagePlanId": "UsagePlanId", "keyId": REF}
    deletion = "DeleteUsagePlanKey"


class HttpApi(PlainType):
    """An HTTP API, or one of web sockets."""

    name = "AWS::ApiGatewayV2::Api"
    service = "apigatewayv2"
    creation = "CreateApi"
    refused: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("Body", "BodyS3Location"), "roles and functions in the text of an API are not looked at"
    )
    ref = _HTTP_API
    told: ClassVar[Mapping[str, str]] = {"ApiEndpoint": "ApiEndpoint", "ApiId": ref}
    create_only: ClassVar[frozenset[str]] = frozenset({"ProtocolType"})
    about: ClassVar[Mapping[str, str]] = {_HTTP_API: REF}
    change = "UpdateApi"
    deletion = "DeleteApi"


class _OfHttpApi(PlainType):
    """A part of an HTTP API."""

    service = "apigatewayv2"
    has_tags = False
    required: ClassVar[frozenset[str]] = frozenset({_HTTP_API})
    create_only: ClassVar[frozenset[str]] = frozenset({_HTTP_API})


class Integration(_OfHttpApi):
    """To where a route leads."""

    name = "AWS::ApiGatewayV2::Integration"
    creation = "CreateIntegration"
    ref = "IntegrationId"
    told: ClassVar[Mapping[str, str]] = {"IntegrationId": ref}
    about: ClassVar[Mapping[str, str]] = {_HTTP_API: _HTTP_API, "IntegrationId": REF}
    change = "UpdateIntegration"
    deletion = "DeleteIntegration"


class Route(_OfHttpApi):
    """A route of an API."""

    name = "AWS::ApiGatewayV2::Route"
    creation = "CreateRoute"
    ref = "RouteId"
    told: ClassVar[Mapping[str, str]] = {"RouteId": ref}
    about: ClassVar[Mapping[str, str]] = {_HTTP_API: _HTTP_API, "RouteId": REF}
    change = "UpdateRoute"
    deletion = "DeleteRoute"


class HttpAuthorizer(_OfHttpApi):
    """Who says whether a request to an HTTP API is let in."""

    name = "AWS::ApiGatewayV2::Authorizer"
    creation = "CreateAuthorizer"
    ref = "AuthorizerId"
    told: ClassVar[Mapping[str, str]] = {"AuthorizerId": ref}
    about: ClassVar[Mapping[str, str]] = {_HTTP_API: _HTTP_API, "AuthorizerId": REF}
    change = "UpdateAuthorizer"
    deletion = "DeleteAuthorizer"


class HttpStage(_OfHttpApi):
    """A stage of an HTTP API."""

    name = "AWS::ApiGatewayV2::Stage"
    has_tags = True
    creation = "CreateStage"
    ref = "StageName"
    create_only: ClassVar[frozenset[str]] = frozenset({_HTTP_API, "StageName"})
    about: ClassVar[Mapping[str, str]] = {_HTTP_API: _HTTP_API, "StageName": REF}
    deletion = "DeleteStage"


TYPES = (
    ApiKey,
    Authorizer,
    GatewayResponse,
    HttpApi,
    HttpAuthorizer,
    HttpStage,
    Integration,
    Model,
    RequestValidator,
    Route,
    UsagePlan,
    UsagePlanKey,
)
