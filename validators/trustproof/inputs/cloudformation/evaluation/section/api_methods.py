"""
How the methods of an API say who may call them, and the endpoints by which it is called.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeGuard

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.evaluation.declarations.implicit_api import (
    CALLED,
    IMPLICIT_API,
    is_of_implicit_api,
)
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.model.document import Document

_METHOD = "AWS::ApiGateway::Method"
_SIGNED, _UNSIGNED, _OTHER = "AWS_IAM", "NONE", "CUSTOM"
#: Of a method that asks for a key of the API, and does not say that it asks for anything else. A key is for metering
#: and says nothing of who calls, but whoever has none gets nothing:
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
_KEY = "API_KEY"
#: Of a method that does not say, or of which nobody knows what it says.
UNSAID = ""
_ASKS_FOR_KEY = "ApiKeyRequired"
#: In the place of a logical id.
_NOT_KNOWN = ""
#: The methods of a path in a definition: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-any-method.html
_OPERATIONS = frozenset(
    ("get", "put", "post", "delete", "options", "head", "patch", "trace", "x-amazon-apigateway-any-method")
)
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
_AUTHORIZED_BY = "x-amazon-apigateway-authtype"
#: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html
_AUTHORIZATION = "x-amazon-apigateway-auth"


def method_types(environment: Environment, logical_id: str) -> tuple[str, ...]:
    """
    The ``AuthorizationType`` of the methods of an API, each once: `UNSAID` where one does not say it; empty where
    nobody knows what methods there are.

    Args:
        logical_id: of the API, or of a resource that has its policy, whose ``RestApiId`` names it.
    """
    properties = environment.properties(logical_id)
    body = properties.get("Body")
    if {"BodyS3Location", "CloneFrom"} & {*properties}:
        return ()
    if body is not None:
        return _distinct(_of_definition(body))
    return _distinct(_of_methods(environment, named_by(properties.get("RestApiId")) or logical_id))


def _of_methods(environment: Environment, api: str) -> frozenset[str]:
    """What the methods say that are resources of their own: those of this API, and of one that is not known."""
    found = environment.indexes.of(environment, _methods)
    return found.get(api, frozenset()) | (found.get(_NOT_KNOWN, frozenset()))


def _methods(environment: Environment) -> Mapping[str, frozenset[str]]:
    """What methods say, by the logical ids of their APIs; under `_NOT_KNOWN` of those that nobody knows."""
    found: dict[str, set[str]] = {}
    for one in environment.of_types((_METHOD,)):
        properties = environment.properties(one)
        said = _said(properties.get("AuthorizationType"))
        found.setdefault(_api_of(environment, properties), set()).add(_or_key(said, properties.get(_ASKS_FOR_KEY)))
    return {api: frozenset(types) for api, types in found.items()}


def _api_of(environment: Environment, properties: Mapping[str, object]) -> str:
    """The logical id of the API for which something makes a method; `_NOT_KNOWN` for one that is none of these."""
    named = named_by(properties.get("RestApiId"))
    return named if named in environment.resources else _NOT_KNOWN


def _or_key(said: str, is_asked_for: object) -> str:
    """What a method says of who may call it; a key of the API where it says nothing else, and asks for one."""
    return _KEY if said == UNSAID and is_asked_for is True else said


def _said(type_: object) -> str:
    return type_ if isinstance(type_, str) else UNSAID


def _distinct(types: Iterable[object]) -> tuple[str, ...]:
    return tuple(sorted({*map(_said, types)}))


def _of_definition(body: object) -> Iterator[object]:
    """
    What the methods of a definition say, by OpenAPI's ``security``, or by the extension of API Gateway.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
    """
    if not _is_written(body):
        return
    components = body.get("components")
    found = components.get("securitySchemes") if _is_written(components) else body.get("securityDefinitions")
    schemes = found if _is_written(found) else {}
    paths = body.get("paths")
    for path in paths.values() if _is_written(paths) else ():
        for name, operation in path.items() if _is_written(path) else ():
            if str(name).lower() in _OPERATIONS:
                yield _of_operation(operation, body.get("security"), schemes)
        if not _is_written(path):
            yield UNSAID


def _of_operation(operation: object, default: object, schemes: Mapping[str, object]) -> str:
    """
    What one method says.

    Args:
        default: the ``security`` of the whole definition.
        schemes: what the names in ``security`` stand for.
    """
    if not _is_written(operation):
        return UNSAID
    own = operation.get(_AUTHORIZATION)
    if _is_written(own):
        return str(own.get("type")).upper()
    security = operation.get("security", default)
    if not isinstance(security, list) or not all(_is_written(one) and one for one in security):
        return UNSAID
    kinds = {_kind_of_scheme(schemes.get(str(name))) for one in security for name in one}
    if kinds in ({"awsSigv4"}, {_KEY}):
        return _KEY if _KEY in kinds else _SIGNED
    return _OTHER if kinds and not kinds & {"", "awsSigv4"} else UNSAID


def _kind_of_scheme(scheme: object) -> str:
    """What a scheme of a definition asks for: what its extension says, or a key of the API; empty for another."""
    if not _is_written(scheme):
        return ""
    if _AUTHORIZED_BY in scheme:
        return str(scheme[_AUTHORIZED_BY])
    is_key = (scheme.get("type"), scheme.get("in"), str(scheme.get("name")).lower()) == (
        "apiKey",
        "header",
        "x-api-key",
    )
    return _KEY if is_key else ""


def _is_written(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether a value is a mapping that is written out, and no function of CloudFormation's."""
    return isinstance(value, Mapping) and intrinsic_name(value) is None and "Fn::Transform" not in value


def method_types_of_sam(environment: Environment, logical_id: str, properties: Mapping[str, object]) -> tuple[str, ...]:
    """
    Likewise of an API of SAM, whose methods the events of functions and state machines make.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-apiauth.html
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-apifunctionauth.html

    Args:
        properties: of the API, with those of ``Globals``.
    """
    auth = properties.get("Auth")
    if not _is_written(auth):
        return ()
    by_key = auth.get(_ASKS_FOR_KEY)
    if {"DefinitionBody", "DefinitionUri"} & {*properties}:
        # SAM adds the key to all methods of a definition.
        return (_KEY,) if by_key is True else ()
    found: list[object] = [*_of_methods(environment, logical_id)]
    events = environment.indexes.of(environment, _events)
    # Without the name of an API it is the one that SAM makes besides.
    for api in dict.fromkeys((logical_id, _NOT_KNOWN)):
        own = events.get(api, frozenset())
        found += (
            _or_key(
                _authorizer(auth.get("DefaultAuthorizer")) if said is None else said, by_key if key is None else key
            )
            for said, key in own
        )
    if found and "Cors" in properties:
        # Browsers ask by OPTIONS first, of which the default is to ask for the same as of the others.
        is_same = auth.get("AddDefaultAuthorizerToCorsPreflight", True) is True and "DefaultAuthorizer" in auth
        found.append(_authorizer(auth.get("DefaultAuthorizer")) if is_same else _UNSIGNED)
    return _distinct(found)


def _events(environment: Environment) -> Mapping[str, frozenset[tuple[str | None, bool | None]]]:
    """
    How the events of functions and state machines ask who calls, and whether for a key, by the logical ids of their
    APIs, and under `_NOT_KNOWN` those of which nobody knows them; None where they do not say it.
    """
    found: dict[str, set[tuple[str | None, bool | None]]] = {}
    for one in environment.of_types(CALLED):
        events = environment.properties(one).get("Events")
        for event in events.values() if _is_written(events) else ():
            inner = event.get("Properties") if _is_written(event) and event.get("Type") == "Api" else None
            if not _is_written(inner):
                continue
            own = inner.get("Auth", {})
            # Of what is not known nobody knows whether it asks for a key.
            asked = _asks_for_key(own)
            own = own.get("Authorizer") if _is_written(own) else None
            said = (None if own is None else _authorizer(own), asked)
            if is_of_implicit_api(event):
                found.setdefault(IMPLICIT_API, set()).add(said)
            if "RestApiId" in inner:
                found.setdefault(_api_of(environment, inner), set()).add(said)
    return {api: frozenset(said) for api, said in found.items()}


def _asks_for_key(auth: object) -> bool | None:
    """Whether an event asks for a key of the API; None where it leaves that to the API, False where nobody knows it."""
    if not _is_written(auth):
        return False
    return auth[_ASKS_FOR_KEY] is True if _ASKS_FOR_KEY in auth else None


def _authorizer(name: object) -> str:
    if not isinstance(name, str):
        return UNSAID
    return name if name in (_SIGNED, _UNSIGNED) else _OTHER


def with_methods(document: Document, types: tuple[str, ...], properties: Mapping[str, object]) -> Document:
    """
    The resource policy of an API with how it is called.

    Args:
        types: what its methods say of who may call them.
        properties: of the API.
    """
    return document._replace(
        signed_only=types == (_SIGNED,),
        method_types=types,
        is_public_api=_is_public(properties),
        endpoint_types=_endpoint_types(properties),
    )


def _endpoint_types(properties: Mapping[str, object]) -> tuple[str, ...]:
    """
    The types of the endpoints of an API: ``EDGE``, ``REGIONAL`` or ``PRIVATE``; empty where they are not written out.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-endpoint-types.html
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-api-endpointconfiguration.html

    Args:
        properties: of the API.
    """
    said = properties.get("EndpointConfiguration")
    if isinstance(said, dict) and not intrinsic_name(said):
        said = said.get("Types", said.get("Type"))
    kinds = said if isinstance(said, list) else [said]
    return tuple(map(str, kinds)) if all(isinstance(kind, str) for kind in kinds) else ()


def _is_public(properties: Mapping[str, object]) -> bool:
    """Whether an API is called by the internet, which is so where nothing is written of its endpoints."""
    kinds = _endpoint_types(properties) if "EndpointConfiguration" in properties else ("EDGE",)
    return bool(kinds) and all(kind in ("EDGE", "REGIONAL") for kind in kinds)


def named_by(value: object) -> str:
    """The logical id that a ``Ref``, or a list of one, names; empty where it is anything else."""
    if isinstance(value, list):
        value = value[0] if len(value) == 1 else None
    return str(value["Ref"]) if isinstance(value, dict) and list(value) == ["Ref"] else ""
