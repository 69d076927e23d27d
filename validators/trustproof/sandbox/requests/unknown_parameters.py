"""
Parameters that an operation does not have, and fields of forms where a protocol has none.

moto looks for a parameter by its name wherever it may be: in the query, in the body, at last in the path. What AWS
takes from the path alone would be named anew by a query or a body. So a request goes on with nothing but what the model
of its operation has, where the model has it; all of that the gateway has read as well.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from trustproof.sandbox.errors import Undecided
from trustproof.sandbox.moto.parameters import Places, body_of, has_bytes, input_of, places_of
from trustproof.sandbox.requests import form_bodies, json_bodies, xml_bodies
from trustproof.sandbox.requests.wire import Call

_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/"
#: Operations of S3 whose body is an object, of which a client may say that it is anything.
_OBJECTS = ("PutObject", "UploadPart")
#: Operations of S3 whose body is written anew for moto, by what was read in it.
_WRITTEN_ANEW = ("DeleteObjects",)
#: What every request of the query protocol says.
_OF_EVERY_FORM = frozenset(("Action", "Version"))
#: What clients say of an operation besides.
_OF_CLIENTS = "x-id"


def has_forms(protocol: str) -> bool:
    """Whether the parameters of a protocol are those of a form."""
    return protocol in ("query", "ec2")


def check(call: Call, protocol: str) -> None:
    """
    See that a request has nothing that its operation does not have.

    Args:
        call: the request.
        protocol: that its service speaks.

    Raises:
        Undecided: it has.
    """
    given = call.http
    places = places_of(call.service, call.operation)
    kind = given.headers.get("content-type", "").strip().lower()
    form = has_forms(protocol) and "x-amz-target" not in given.headers
    address = [name for name, _ in parse_qsl(given.raw_query, keep_blank_values=True)]
    if form:
        fields = parse_qsl(given.raw_query, keep_blank_values=True)
        fields += parse_qsl(given.body.decode("utf-8", "replace"), keep_blank_values=True)
        said = [one for one in fields if one[0] not in _OF_EVERY_FORM]
        _refuse(call, form_bodies.strangers(input_of(call.service, call.operation), said, protocol))
        return
    _check_address(call, places, address)
    is_object = call.service == "s3" and call.operation in _OBJECTS
    if kind.startswith(_MULTIPART) or (kind.startswith(_FORM) and not is_object):
        raise Undecided(f"the body of a request for {call.operation} is no form, and this one says that it is")
    if protocol == "rest-xml":
        if call.service != "s3" or call.operation not in _WRITTEN_ANEW:
            _check_xml(call)
    else:
        _check_json(call, places)


def _check_address(call: Call, places: Places, address: Iterable[str]) -> None:
    counted = Counter(address)
    if twice := [name for name, count in counted.items() if count > 1 and name not in places.several]:
        raise Undecided(f"the request has {', '.join(twice)} more than once")
    if places.query is not None:
        _refuse(call, {name for name in counted if name not in places.query and name != _OF_CLIENTS})
    else:
        _refuse(call, {name for name in counted if name in places.elsewhere and name not in places.several})


def _check_xml(call: Call) -> None:
    if not call.http.body or has_bytes(call.service, call.operation):
        return
    body = body_of(call.service, call.operation)
    if body is None or len(body.elsewhere) == len(body.shape.members):
        raise Undecided(f"a request for {call.operation} has no body")
    try:
        found = xml_bodies.read(call.http.body)
    except ValueError as error:
        raise Undecided(f"the body of the request cannot be read in one way only: {error}") from None
    if body.element not in (None, found.name):
        _refuse(call, [found.name])
    _refuse(call, xml_bodies.strangers(body.shape, found, body.elsewhere))


def _check_json(call: Call, places: Places) -> None:
    try:
        found: Any = json.loads(call.http.body)
    except (ValueError, RecursionError):
        return
    if not isinstance(found, dict):
        return
    body = body_of(call.service, call.operation)
    if body is not None:
        _refuse(call, json_bodies.strangers(body.shape, found, body.elsewhere))
    elif input_of(call.service, call.operation) is not None:
        _refuse(call, {str(name) for name in found if name in places.elsewhere})
    else:
        _refuse(call, map(str, found))


def _refuse(call: Call, names: Iterable[str]) -> None:
    if unknown := sorted(names):
        said = f"{call.operation} has no parameter {', '.join(unknown)} there, or not in this form"
        raise Undecided(f"{said}: it might be read in another way than it was authorized")
