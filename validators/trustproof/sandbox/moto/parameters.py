"""
The door to how moto reads the parameters of a request, and a repair: it takes them from more places than there are.

moto merges fields of forms into the address of every service, and where an address has no parameters it looks for
some in the text of the body and among the headers: `{"Description": "a&SecretId=other&b"}` named another secret.

All of it is internal to moto 5.2, which is pinned; a test holds it to that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from botocore.model import Shape
from moto.core.request import Request
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model
from werkzeug.datastructures import ImmutableMultiDict

from trustproof.sandbox.moto.routing import region_of

#: The mark in the environ of WSGI of a request whose protocol has no forms.
_FORMLESS = "trustproof.formless"
_MOTOS: Callable[..., None] = BaseResponse.setup_class


class Places(NamedTuple):
    """
    Which names the model of an operation puts where.
    """

    #: In the query of the address; None where it may have any.
    query: frozenset[str] | None
    #: Those of them that may stand there several times.
    several: frozenset[str]
    #: In the path, the address and the headers.
    elsewhere: frozenset[str]


class Body(NamedTuple):
    """
    What the model of an operation has in a body.
    """

    shape: Shape
    #: Members of the shape that are somewhere else.
    elsewhere: frozenset[str]
    #: The name of the element of XML; None where the model says none.
    element: str | None


def repair() -> None:
    """Let moto take parameters of a request without a form from its address and body alone."""
    setattr(BaseResponse, "setup_class", _set_up)  # noqa: B010


def mark_formless(environ: dict[str, Any]) -> None:
    """Say of a request that its protocol has no forms, whatever type its body says that it is of."""
    environ[_FORMLESS] = True


def without_form(request: Request) -> None:
    """Keep a request that is marked so from being read as a form."""
    if request.environ.get(_FORMLESS):
        request.get_data()
        request.__dict__.update(form=ImmutableMultiDict(), files=ImmutableMultiDict())


def places_of(service: str, operation: str) -> Places:
    """
    Where an operation has its parameters.

    Args:
        service: as botocore names it.
        operation: as its model names it.
    """
    model = get_service_model(service).operation_model(operation)
    members = {} if model.input_shape is None else dict(model.input_shape.members)
    query: set[str] = set(model.http_trait.query_args)
    several: set[str] = set()
    elsewhere: set[str] = set()
    any_query = False
    for name, shape in members.items():
        location = shape.serialization.get("location")
        said = str(shape.serialization.get("name", name))
        if location == "querystring":
            any_query = any_query or shape.type_name == "map"
            query.add(said)
            several.update([said] if shape.type_name in ("list", "map") else [])
        if location is not None:
            elsewhere.update((name, said))
    return Places(None if any_query else frozenset(query), frozenset(several), frozenset(elsewhere))


def input_of(service: str, operation: str) -> Any:
    """The shape of the parameters of an operation; None where its model has none."""
    return get_service_model(service).operation_model(operation).input_shape


def body_of(service: str, operation: str) -> Body | None:
    """
    What the model of an operation has in a body of JSON or XML.

    Args:
        service: as botocore names it.
        operation: as its model names it.

    Returns:
        None where the body is no structure of the model's.
    """
    shape = input_of(service, operation)
    payload = None if shape is None else shape.serialization.get("payload")
    if shape is not None and payload is not None:
        shape = shape.members[payload]
    if shape is None or shape.type_name != "structure":
        return None
    elsewhere = {name for name, one in shape.members.items() if payload is None and one.serialization.get("location")}
    return Body(shape, frozenset(elsewhere), shape.serialization.get("name"))


def has_bytes(service: str, operation: str) -> bool:
    """Whether the body of an operation is a text or bytes."""
    shape = input_of(service, operation)
    payload = None if shape is None else shape.serialization.get("payload")
    return shape is not None and payload is not None and shape.members[payload].type_name in ("string", "blob")


def path_of(service: str, operation: str) -> tuple[str, dict[str, str]]:
    """
    How the path of an operation is written: `/things/{thingName}`, and the member that each name stands for.

    Args:
        service: as botocore names it.
        operation: as its model names it.
    """
    model = get_service_model(service).operation_model(operation)
    members = {} if model.input_shape is None else model.input_shape.members
    named = {
        str(shape.serialization.get("name", name)): str(name)
        for name, shape in members.items()
        if shape.serialization.get("location") == "uri"
    }
    return str(model.http["requestUri"]).partition("?")[0], named


def _set_up(
    response: BaseResponse,
    request: Request,
    full_url: str | None = None,
    headers: Any = None,
    use_raw_body: bool | None = None,
) -> None:
    region = region_of(request.environ)
    if region is not None:
        # moto would take it from the name of the host, of an object, or of the client for itself.
        setattr(response, "get_region_from_url", lambda *_: region)  # noqa: B010
    if not request.environ.get(_FORMLESS):
        _MOTOS(response, request, full_url, headers, use_raw_body)
        return
    without_form(request)
    # Parsed when it is known from where: by the operation that the body may seem to name it would be another's.
    parses, response.automated_parameter_parsing = response.automated_parameter_parsing, False
    _MOTOS(response, request, full_url, headers, use_raw_body)
    response.automated_parameter_parsing = parses
    response.querystring = parse_qs(response.parsed_url.query, keep_blank_values=True)
    response.data = response.querystring
    if parses and response._get_action():
        response.parse_parameters(request)
