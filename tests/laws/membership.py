"""
Is a concrete request in a set of the engine? The sets decide by membership alone, never by search.
"""

from __future__ import annotations

from trustproof.aws.condition_keys import lookup
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.domains import Values
from trustproof.engine.region import Region
from trustproof.engine.request_space import COMPARISON
from trustproof.engine.search import Box
from trustproof.model.policy import Condition
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USERS, Caller, ContextValue, Request
from trustproof.sets.addresses import AddressSet
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.strings import StringSet
from trustproof.spec.conditions import evaluate
from trustproof.spec.operators.address import parse_block
from trustproof.spec.operators.date import parse_date
from trustproof.spec.operators.numeric import parse_number


def record(caller: Caller) -> str:
    """The caller as one string, the way the engine writes it."""
    has_id = caller.kind in (*USERS, ROLE_SESSION, IDENTITY_CENTER)
    return caller.arn + SEPARATOR + (caller.userid if has_id else "")


def is_member(values: Values, dimension: str, request: Request) -> bool:
    """Whether a request has one of these values in a dimension."""
    if dimension == "caller":
        return _holds(values, record(request.caller), "string")
    if dimension == "action":
        return _holds(values, request.action.lower(), "string")
    if dimension == "resource":
        return _holds(values, request.resource, "string")
    if dimension.startswith(COMPARISON):
        return _holds(values, _outcome(dimension, request), "string")
    assert dimension.startswith("key:"), dimension
    name, _, use = dimension[4:].partition("#")
    key = lookup(name)
    value = request.context.get(name)
    type_ = "multi" if key.multi or use == "multi" else use or key.type
    return _holds(values, value, type_)


def _outcome(dimension: str, request: Request) -> str | None:
    """Whether a comparison holds, for the evaluator; None where there is nothing to compare."""
    operator, key, *operands = dimension.removeprefix(COMPARISON).split("\x1f")
    found = evaluate(Condition(operator, key, tuple(operands)), request.context, variables=True)
    value = found.value
    if ":" in operator:
        value = "".join(value or ()) or None
    return None if value is None else str(found.matched).lower()


def _holds(values: Values, value: ContextValue | None, type_: str) -> bool:
    present = values.present
    if type_ == "multi" and isinstance(value, str):
        value = (value,)
    if isinstance(value, tuple):
        # An empty string is no value.
        value = tuple(one for one in value if one) or None
    if value is None:
        return values.absent
    if isinstance(value, tuple) and type_ != "multi":
        # What is tested without a set operator is taken to have one value.
        return False
    if isinstance(present, StringSet):
        return isinstance(value, str) and value in present
    if isinstance(present, CollectionSet):
        return all(one in present.every for one in value) and all(
            any(one in demand for one in value) for demand in present.some
        )
    if isinstance(present, NumberSet):
        number = parse_date(str(value)) if type_ == "date" else parse_number(str(value))
        return number is not None and number in present
    if isinstance(present, AddressSet):
        return isinstance(value, str) and parse_block(value) is not None and value in present
    assert present is None
    return False


def is_inside(box: Box, request: Request) -> bool:
    """Whether a request meets every literal of a box."""
    return all(is_member(literal.yes, literal.dimension, request) for literal in box.literals)


def is_in_region(region: Region, request: Request) -> bool:
    """Whether a request is of the region's request space and meets its constraints."""
    space = region.space
    return (
        request.caller.kind == space.kind
        and space.action in ("", request.action.lower())
        and all(request.context.get(key) == value for key, value in space.known_keys.items())
        and all(is_member(values, dimension, request) for dimension, values in region.constraints)
        and not any(is_inside(box, request) for box in region.without)
    )
