"""
Arguments of resources and data sources as others read them: as the type that the schema of the provider gives them, and
not as they were written.

``tags = { mfa = true }`` is a map of texts, and ``users = ["b", "a"]`` is a set. ``data/argument_types.tsv`` has the
types of the provider hashicorp/aws; where none is known, or several are, a value is whatever these may make of it.

https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from trustproof.inputs.terraform.configuration.block_contents.resource_blocks import argument_names
from trustproof.inputs.terraform.configuration.evaluation import types
from trustproof.inputs.terraform.configuration.syntax.blocks import Body
from trustproof.inputs.terraform.configuration.syntax.numerals import may_be_number, number, numeral
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.work import Fault, NotKnown
from trustproof.inputs.terraform.types.nested_blocks import NestedBlock, NestedBlocks, as_made
from trustproof.inputs.terraform.types.types_of_aws import AWS
from trustproof.inputs.terraform.values.unordered_items import Unordered
from trustproof.inputs.terraform.values.unset_variable import BOOL, NUMBER, STRING, Variable
from trustproof.inputs.terraform.values.untyped_scalar import UntypedScalar
from trustproof.inputs.terraform.values.values import (
    ATTRIBUTE,
    Choice,
    Entry,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Symbol,
    Value,
)
from trustproof.results.result import BUDGET

_FILE = Path(__file__).parents[2] / "data" / "argument_types.tsv"
_SCALARS = {"text": "string", "truth": "bool", "number": "number"}
_TRUTHS = ("true", "false")
_BLOCKS = frozenset(("blocks", "set-of-blocks"))
#: What keeps a value with its own type.
_OF_ANY_TYPE = ("terraform_data", "terraform_remote_state")
#: Maps of texts of other providers: null, random, template, external.
_OTHER_MAPS = frozenset(("keepers", "query", "triggers", "vars"))


@cache
def _types() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kinds, _, names = line.partition("\t")
            found.update(dict.fromkeys(names.split(), frozenset(kinds.split())))
    return found


def _types_of(type_: str, name: str) -> frozenset[str]:
    """The types that an argument may have; empty where nothing is known."""
    if type_.startswith(AWS):
        return _types().get(f"{type_}.{name}") or _types().get(name, frozenset())
    return frozenset(("map-of-text",)) if name in _OTHER_MAPS and "_" in type_ else frozenset()


def read_back(value: Value, type_: str, body: Body, name: str, called: str) -> Value:
    """
    An attribute of a resource or data source as others read it, of what its block says.

    Args:
        value: what the block says of it, or what stands for what it does not say.
        type_: of the resource or data source.
        body: of its block.
        name: of the attribute.
        called: the attribute, with the address.
    """
    kept = as_kept(value, type_, name, called) if name in argument_names(body) else value
    return as_made(kept, called, type_)


def as_kept(value: Value, type_: str, name: str, called: str) -> Value:
    """
    What a resource or data source has for what an argument is given.

    Args:
        value: what it is given.
        type_: of the resource or data source.
        name: of the argument.
        called: the argument, with the address.
    """
    if type_ in _OF_ANY_TYPE:
        return value
    if isinstance(value, Choice):
        if convert.outcomes(value) > convert.MAX_OUTCOMES:
            budget = f"{BUDGET}: outcomes of conditions for one value ({convert.MAX_OUTCOMES})"
            return Symbol(called, ATTRIBUTE, budget, value.place, value.sensitive)
        then, otherwise = (as_kept(side, type_, name, called) for side in (value.then, value.otherwise))
        return Choice(value.condition, then, otherwise, value.place, value.sensitive)
    if isinstance(value, Maybe):
        there = as_kept(value.value, type_, name, called)
        return Maybe(value.condition, there, value.of, value.place, value.sensitive)
    kinds = _types_of(type_, name)
    if isinstance(value, (Items, Fields)):
        return _collection(value, kinds - _SCALARS.keys(), type_, name, called)
    scalars = [*kinds & {*_SCALARS, "any"}]
    wanted = _SCALARS.get(scalars[0]) if len(scalars) == 1 else None
    return _untyped(value, called) if wanted is None else _converted(value, types.Type(wanted), called)


def _collection(value: Items | Fields, kinds: frozenset[str], type_: str, name: str, called: str) -> Value:
    """See `as_kept`; `kinds` are the types that it may have."""
    are_blocks = bool(kinds) and kinds <= _BLOCKS
    if isinstance(value, NestedBlocks) or (isinstance(value, Items) and are_blocks):
        found = tuple(as_kept(item, type_, name, f"{called}[{at}]") for at, item in enumerate(value.items))
        may_be_set = len(found) > 1 and (not kinds or "set-of-blocks" in kinds)
        if may_be_set and not isinstance(value, NestedBlocks):
            return Unordered(found, True, value.place, value.sensitive)
        return type(value)(found, value.is_set or may_be_set, value.place, value.sensitive)
    if isinstance(value, NestedBlock) or (isinstance(value, Fields) and are_blocks):
        named = ((one, str(getattr(one.key, "value", ""))) for one in value.entries)
        entries = (Entry(one.key, as_kept(one.value, type_, inner, f"{called}.{inner}")) for one, inner in named)
        return type(value)(tuple(entries), value.place, value.sensitive)
    if len(kinds) == 1 and not are_blocks and "any" not in kinds:
        (kind,) = kinds
        collection, _, of = kind.partition("-of-")
        return _converted(value, types.Type(collection, types.Type(_SCALARS[of])), called)
    return _untyped(value, called)


def _converted(value: Value, wanted: types.Type, called: str) -> Value:
    if isinstance(value, Symbol):
        return value
    try:
        return types.convert_to_type(value, wanted, _no_default)
    except NotKnown as fault:
        return Symbol(called, ATTRIBUTE, fault.reason, value.place, value.sensitive)
    except Fault:
        # Terraform refuses it, or a later version of the provider has another type.
        return _untyped(value, called)


def _no_default(_: object) -> Value:
    raise AssertionError("a type of a provider has no defaults")


def _untyped(value: Value, called: str) -> Value:
    """A value whatever type of scalars, lists and maps its argument has."""
    if isinstance(value, JsonText) and isinstance(value.of, Known):
        value = convert.plain_text(value)
    if isinstance(value, Known):
        return _untyped_scalar(value, called)
    if isinstance(value, Variable):
        return UntypedScalar(value) if value.kind in (BOOL, NUMBER, STRING) else value
    if isinstance(value, Choice):
        then, otherwise = _untyped(value.then, called), _untyped(value.otherwise, called)
        return Choice(value.condition, then, otherwise, value.place, value.sensitive)
    if isinstance(value, Fields):
        entries = (Entry(one.key, _untyped(one.value, called)) for one in value.entries)
        return type(value)(tuple(entries), value.place, value.sensitive)
    if isinstance(value, Items):
        items = tuple(_untyped(item, called) for item in value.items)
        if value.is_set or _is_in_order(items):
            return type(value)(items, value.is_set, value.place, value.sensitive)
        # A set has another order, and what is equal once; which of the two it is goes by the name of the argument.
        among = items if all(isinstance(item, Known) and isinstance(item.value, str) for item in items) else ()
        whole = Symbol(called, ATTRIBUTE, place=value.place, sensitive=value.sensitive)
        return Items((Rest(whole, among=among),), False, value.place, value.sensitive)
    return value


def _is_in_order(items: tuple[Value, ...]) -> bool:
    """Whether a set of some items is what a list of them is."""
    texts = [item.value for item in items if isinstance(item, Known) and isinstance(item.value, str)]
    is_sorted = all(one < other for one, other in pairwise(texts))
    return len(items) < 2 or (len(texts) == len(items) and is_sorted)


def _untyped_scalar(value: Known, called: str) -> Value:
    found = value.value
    if found is None or (isinstance(found, str) and found not in _TRUTHS and not may_be_number(found)):
        return value
    # Assumed: what begins with 0, as the number of an account may, is no number.
    if isinstance(found, str) and found not in _TRUTHS and not (found.isascii() and found.isdigit()):
        read = number(found)
        if read is None or numeral(read) != found:
            # As a number, it is another text.
            return Symbol(called, ATTRIBUTE, place=value.place, sensitive=value.sensitive)
    return UntypedScalar(value)
