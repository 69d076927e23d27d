"""
REST APIs of API Gateway, with their parts: `AWS::ApiGateway::RestApi`, `Resource`, `Method`, `Deployment`, `Stage` and
`Account`. They take no requests here.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from trustproof.sandbox.cloudformation.errors import ResourceFailed
from trustproof.sandbox.cloudformation.resource_type import Made, Place, Properties, random_part
from trustproof.sandbox.cloudformation.resources.by_operations import TypeOfOperations
from trustproof.sandbox.cloudformation.resources.resource_policies import checked_policy
from trustproof.sandbox.errors import RefusedRequest

_API, _PART, _VERB = "RestApiId", "ResourceId", "HttpMethod"
_DESCRIPTION, _STAGE, _INTEGRATION, _ANSWERS = "Description", "StageName", "Integration", "IntegrationResponses"
_PATCHES, _POLICY = "patchOperations", "Policy"
_IN_BODY = "roles and functions in the text of an API are not looked at"
_NO_REQUESTS = "an API takes no requests here"


class _OfApis(TypeOfOperations):
    service = "apigateway"
    has_tags = False

    def check_update(self, old: Properties, new: Properties) -> None:
        for name in {**old, **new}:
            if old.get(name) != new.get(name) and name not in self.create_only and name not in self.changeable:
                raise ResourceFailed(f"the sandbox cannot change {name} of a resource of type {self.name}")

    #: What can be changed in place.
    changeable: ClassVar[frozenset[str]] = frozenset()

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return made

    def _patch(self, place: Place, name: str, about: Mapping[str, Any], patches: list[dict[str, str]]) -> None:
        if patches:
            self._call(place, name, {**about, _PATCHES: patches})


def _replace(path: str, value: object) -> dict[str, str]:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return {"op": "replace", "path": path, "value": text}


class RestApi(_OfApis):
    """An API."""

    name = "AWS::ApiGateway::RestApi"
    has_tags = True
    creation = "CreateRestApi"
    renamed: ClassVar[Mapping[str, str]] = {"ApiKeySourceType": "apiKeySource"}
    required: ClassVar[frozenset[str]] = frozenset({"Name"})
    refused: ClassVar[Mapping[str, str]] = {
        "Body": _IN_BODY,
        "BodyS3Location": _IN_BODY,
        "CloneFrom": "its other API is not looked at",
    }
    beside: ClassVar[frozenset[str]] = frozenset({_POLICY})
    changeable: ClassVar[frozenset[str]] = frozenset({"Name", _DESCRIPTION, _POLICY})

    def create(self, place: Place, properties: Properties) -> Made:
        _policy(place, properties, "")
        made = self._call(place, self.creation, self._parameters(self.creation, properties))
        identifier = str(made["id"])
        if policy := _policy(place, properties, identifier):
            self._patch(place, "UpdateRestApi", {"restApiId": identifier}, [_replace("/policy", policy)])
        return Made(identifier, {_API: identifier, "RootResourceId": str(made["rootResourceId"])})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        changed = [_replace(f"/{name.lower()}", new.get(name) or "") for name in ("Name", _DESCRIPTION)]
        if old.get(_POLICY) != new.get(_POLICY):
            changed.append(_replace("/policy", _policy(place, new, made.physical_id)))
        self._patch(place, "UpdateRestApi", {"restApiId": made.physical_id}, changed)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        if any(one["id"] == made.physical_id for one in self._call(place, "GetRestApis", {}).get("items", ())):
            self._delete(place, "DeleteRestApi", {"restApiId": made.physical_id})


def _policy(place: Place, properties: Properties, api: str) -> str:
    """
    The policy of an API, which takes no requests here; the empty text where it has none.

    Its resources may be written without what comes before the stage, which API Gateway puts there:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html
    """
    if not properties.get(_POLICY):
        return ""
    document: Any = json.loads(checked_policy(place, "execute-api", properties[_POLICY]))
    whole = f"arn:{place.partition}:execute-api:{place.region}:{place.account}:{api}/"
    statements = document.get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        for name in statement.keys() & {"NotResource", "Resource"}:
            given = statement[name]
            named = [_whole(str(one), whole) for one in (given if isinstance(given, list) else [given])]
            statement[name] = named if isinstance(given, list) else named[0]
    return json.dumps(document)


def _whole(resource: str, beginning: str) -> str:
    short = "execute-api:/"
    return beginning + resource.removeprefix(short) if resource.startswith(short) else resource


class Resource(_OfApis):
    """A part of the path of an API."""

    name = "AWS::ApiGateway::Resource"
    creation = "CreateResource"
    required: ClassVar[frozenset[str]] = frozenset({_API, "ParentId", "PathPart"})
    create_only: ClassVar[frozenset[str]] = required

    def create(self, place: Place, properties: Properties) -> Made:
        made = self._call(place, self.creation, self._parameters(self.creation, properties))
        return Made(str(made["id"]), {_PART: str(made["id"])})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        given = {"restApiId": str(properties[_API]), "resourceId": made.physical_id}
        found = self._call(place, "GetResources", {"restApiId": given["restApiId"]}).get("items", ())
        if any(one["id"] == made.physical_id for one in found):
            self._delete(place, "DeleteResource", given)


class Method(_OfApis):
    """A method of a part of an API, with what it is integrated with."""

    name = "AWS::ApiGateway::Method"
    creation = "PutMethod"
    beside: ClassVar[frozenset[str]] = frozenset({_INTEGRATION, "MethodResponses"})
    required: ClassVar[frozenset[str]] = frozenset({_API, _PART, _VERB})
    create_only: ClassVar[frozenset[str]] = required
    changeable: ClassVar[frozenset[str]] = frozenset(
        {
            "ApiKeyRequired",
            "AuthorizationScopes",
            "AuthorizationType",
            "AuthorizerId",
            _INTEGRATION,
            "MethodResponses",
            "OperationName",
            "RequestModels",
            "RequestParameters",
            "RequestValidatorId",
        }
    )

    def check(self, properties: Properties) -> None:
        super().check(properties)
        # What follows the method itself is held to its operations, too.
        list(self._parts(properties))

    def create(self, place: Place, properties: Properties) -> Made:
        self._ask(place, properties, str(properties[_VERB]))
        self._put(place, properties)
        return Made(f"{place.stack_name[:5]}-{place.logical_id[:5]}-{random_part()}")

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._ask(place, new, str(new[_VERB]))
        self.delete(place, made, old)
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._delete(place, "DeleteMethod", _method(properties))

    def _put(self, place: Place, properties: Properties) -> None:
        try:
            for operation, given in self._parts(properties):
                self._call(place, operation, given)
        except RefusedRequest:
            self._delete(place, "DeleteMethod", _method(properties))
            raise

    def _parts(self, properties: Properties) -> Iterator[tuple[str, dict[str, Any]]]:
        about = _method(properties)
        given = {"AuthorizationType": "NONE", **properties}
        yield self.creation, self._parameters(self.creation, given)
        for one in properties.get("MethodResponses") or ():
            yield "PutMethodResponse", self._parameters("PutMethodResponse", {**about, **one})
        integration = dict(properties.get(_INTEGRATION) or {})
        if integration:
            answers = integration.pop(_ANSWERS, None) or ()
            # The names of the two operations differ for the same thing.
            yield "PutIntegration", self._parameters("PutIntegration", {**about, **integration})
            for one in answers:
                yield "PutIntegrationResponse", self._parameters("PutIntegrationResponse", {**about, **one})


def _method(properties: Properties) -> dict[str, Any]:
    return {
        "restApiId": str(properties[_API]),
        "resourceId": str(properties[_PART]),
        "httpMethod": str(properties[_VERB]),
    }


class Deployment(_OfApis):
    """An API as it is at some time."""

    name = "AWS::ApiGateway::Deployment"
    creation = "CreateDeployment"
    required: ClassVar[frozenset[str]] = frozenset({_API})
    create_only: ClassVar[frozenset[str]] = frozenset({_API, "DeploymentCanarySettings"})
    refused: ClassVar[Mapping[str, str]] = {
        "DeploymentCanarySettings": _NO_REQUESTS,
        "StageDescription": "a stage is a resource of its own here",
    }

    def create(self, place: Place, properties: Properties) -> Made:
        made = self._call(place, self.creation, self._parameters(self.creation, properties))
        return Made(str(made["id"]), {"DeploymentId": str(made["id"])})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        about = {"restApiId": str(properties[_API])}
        stages = self._call(place, "GetStages", about).get("item", ())
        name = properties.get(_STAGE)
        if name and any((one["stageName"], one.get("deploymentId")) == (name, made.physical_id) for one in stages):
            # CloudFormation leaves none behind that it made with the deployment.
            self._delete(place, "DeleteStage", {**about, "stageName": str(name)})
        self._delete(place, "DeleteDeployment", {**about, "deploymentId": made.physical_id})


#: Settings of the methods of a stage to the paths of UpdateStage.
_SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}
_METHODS, _LOG = "MethodSettings", "AccessLogSetting"


class Stage(_OfApis):
    """A name under which a deployment is reached."""

    name = "AWS::ApiGateway::Stage"
    has_tags = True
    name_property: str | None = _STAGE
    creation = "CreateStage"
    beside: ClassVar[frozenset[str]] = frozenset({_METHODS, _LOG})
    required: ClassVar[frozenset[str]] = frozenset({_API, "DeploymentId", _STAGE})
    create_only: ClassVar[frozenset[str]] = frozenset({_API, _STAGE})
    refused: ClassVar[Mapping[str, str]] = {
        "CanarySetting": _NO_REQUESTS,
        "ClientCertificateId": _NO_REQUESTS,
    }
    changeable: ClassVar[frozenset[str]] = frozenset({"DeploymentId", _DESCRIPTION, "TracingEnabled", "Variables"})

    def check(self, properties: Properties) -> None:
        super().check(properties)
        list(_settings(properties))

    def create(self, place: Place, properties: Properties) -> Made:
        stage = str(properties[_STAGE])
        about = {"restApiId": str(properties[_API])}
        if any(one["stageName"] == stage for one in self._call(place, "GetStages", about).get("item", ())):
            raise ResourceFailed("Stage already exists")
        self._call(place, self.creation, self._parameters(self.creation, properties))
        self._patch(place, "UpdateStage", {**about, "stageName": stage}, list(_settings(properties)))
        return Made(stage)

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        before, after = (dict(one.get("Variables") or {}) for one in (old, new))
        changed = [{"op": "remove", "path": f"/variables/{name}"} for name in before if name not in after]
        changed += [_replace(f"/variables/{name}", value) for name, value in after.items()]
        changed += [
            _replace("/deploymentId", new["DeploymentId"]),
            _replace("/description", new.get(_DESCRIPTION) or ""),
            _replace("/tracingEnabled", new.get("TracingEnabled") or False),
        ]
        self._patch(place, "UpdateStage", _stage(made, new), changed)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._delete(place, "DeleteStage", _stage(made, properties))


def _stage(made: Made, properties: Properties) -> dict[str, str]:
    return {"restApiId": str(properties[_API]), "stageName": made.physical_id}


def _settings(properties: Properties) -> Iterator[dict[str, str]]:
    log = properties.get(_LOG) or {}
    for name, path in (("DestinationArn", "destinationArn"), ("Format", "format")):
        if name in log:
            yield _replace(f"/accessLogSettings/{path}", log[name])
    for one in properties.get(_METHODS) or ():
        where = f"/{str(one.get('ResourcePath') or '/*').lstrip('/').replace('/', '~1')}/{one.get(_VERB) or '*'}"
        for name, value in one.items():
            if name not in ("ResourcePath", _VERB):
                if name not in _SETTINGS:
                    raise ResourceFailed(f"#/{_METHODS}: the sandbox has no property {name} here")
                yield _replace(f"{where}/{_SETTINGS[name]}", value)


class Account(_OfApis):
    """The role with which API Gateway writes the logs of the APIs of an account and a Region."""

    name = "AWS::ApiGateway::Account"
    creation = "UpdateAccount"
    beside: ClassVar[frozenset[str]] = frozenset({"CloudWatchRoleArn"})
    changeable: ClassVar[frozenset[str]] = beside

    def create(self, place: Place, properties: Properties) -> Made:
        identifier = f"{place.stack_name}-{place.logical_id}-{random_part()}"
        self._set(place, properties, identifier)
        return Made(identifier, {"Id": identifier})

    def update(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._set(place, new, made.physical_id)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """
        The role stays, as on AWS.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigateway-account.html
        """

    def _set(self, place: Place, properties: Properties, identifier: str) -> None:
        role = properties.get("CloudWatchRoleArn")
        if role:
            self._ask(place, properties, identifier)
            self._patch(place, self.creation, {}, [_replace("/cloudwatchRoleArn", role)])


TYPES = (RestApi, Resource, Method, Deployment, Stage, Account)
