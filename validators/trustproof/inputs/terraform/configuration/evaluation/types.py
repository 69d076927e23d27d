"""
Types of variables, and values as variables of these types have them.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from trustproof.inputs.terraform.configuration.evaluation import null_operands
from trustproof.inputs.terraform.configuration.evaluation.set_items import set_of
from trustproof.inputs.terraform.configuration.syntax.expressions import Call, Expression, Literal, Name, ObjectOf
from trustproof.inputs.terraform.configuration.values import convert
from trustproof.inputs.terraform.configuration.values.expression_names import expression_text
from trustproof.inputs.terraform.configuration.values.one_type import unify
from trustproof.inputs.terraform.configuration.values.work import Fault
from trustproof.inputs.terraform.values.scalar_null import ScalarNull
from trustproof.inputs.terraform.values.several_items import Several
from trustproof.inputs.terraform.values.typed_objects import TypedObject
from trustproof.inputs.terraform.values.unordered_items import Unordered, listed
from trustproof.inputs.terraform.values.unset_variable import Shape, Variable
from trustproof.inputs.terraform.values.values import (
    Choice,
    Entry,
    Fields,
    Items,
    JsonText,
    Known,
    Maybe,
    Rest,
    Text,
    Value,
)

#: How a value becomes one of each simple type.
SCALARS: Mapping[str, Callable[[Value], Value]] = {
    "string": convert.text,
    "number": convert.numeric,
    "bool": convert.truth,
}
ANY = "any"


class Attribute(NamedTuple):
    """
    An attribute of an object type.
    """

    type: Type
    is_optional: bool
    default: Expression | None


class Type:
    """
    What a variable admits.

    Args:
        name: ``string``, ``list``, ``object``, ``any`` and so on.
        of: of the items of a list, set or map.
        attributes: of an object.
        items: of a tuple.
    """

    __slots__ = ("attributes", "items", "name", "of")

    def __init__(
        self,
        name: str,
        of: Type | None = None,
        attributes: Mapping[str, Attribute] | None = None,
        items: tuple[Type, ...] = (),
    ) -> None:
        self.name: str = name
        self.of: Type | None = of
        self.attributes: Mapping[str, Attribute] = attributes or {}
        self.items: tuple[Type, ...] = items


def type_of(expression: Expression) -> Type:
    """The type that an expression names; one that is not understood admits anything."""
    if isinstance(expression, Literal):
        # Before version 0.12 types were texts, and `list` and `map` had none of their own.
        return Type({"string": "string", "list": "list", "map": "map"}.get(str(expression.value), ANY))
    if isinstance(expression, Name):
        return Type(expression.name)
    if not isinstance(expression, Call) or not expression.arguments:
        return Type(ANY)
    argument = expression.arguments[0]
    if expression.name == "object" and isinstance(argument, ObjectOf):
        attributes = {str(key.value): _attribute(value) for key, value in argument.entries if isinstance(key, Literal)}
        return Type("object", attributes=attributes)
    if expression.name == "tuple":
        return Type("tuple", items=tuple(type_of(item) for item in getattr(argument, "items", ())))
    if expression.name in ("list", "set", "map"):
        return Type(expression.name, type_of(argument))
    return Type(ANY)


def _attribute(expression: Expression) -> Attribute:
    if isinstance(expression, Call) and expression.name == "optional" and expression.arguments:
        default = expression.arguments[1] if len(expression.arguments) > 1 else None
        return Attribute(type_of(expression.arguments[0]), True, default)
    return Attribute(type_of(expression), False, None)


def defaults_within(wanted: Type, place: Sequence[str]) -> Iterator[Expression]:
    """
    The defaults of optional attributes that may decide what stands in some place inside of a value: of the attributes
    that lead there, and of what is below.

    Args:
        place: its steps, each the name of an attribute, or anything for an item of a list, set or map.
    """
    if not wanted.attributes:
        inner = (wanted.of,) if wanted.of is not None else wanted.items
        for one in inner:
            yield from defaults_within(one, place[1:])
        return
    for name, attribute in wanted.attributes.items():
        if not place or place[0] == name:
            if attribute.default is not None:
                yield attribute.default
            yield from defaults_within(attribute.type, place[1:])


def type_text(expression: Expression) -> str:
    """A type as it is written."""
    return str(expression.value) if isinstance(expression, Literal) else expression_text(expression)


def convert_to_type(value: Value, wanted: Type, evaluate: Callable[[Expression], Value]) -> Value:
    """
    A value as a variable of a type has it.

    Args:
        evaluate: gives the default of an optional attribute.

    Raises:
        Fault: the type does not admit the value.
    """
    if isinstance(value, Choice):
        return convert.choose(value, lambda one: convert_to_type(one, wanted, evaluate))
    if isinstance(value, Known) and value.value is None:
        return ScalarNull(value.place, value.sensitive) if wanted.name in SCALARS else value
    if wanted.name in SCALARS:
        return SCALARS[wanted.name](value)
    if isinstance(value, Items):
        return _items(value, wanted, evaluate)
    if isinstance(value, Fields):
        return _fields(value, wanted, evaluate)
    if isinstance(value, Variable) and value.shape is not None and wanted.name != ANY:
        return value.with_shape(common_shape(value.shape, shape_of(wanted)))
    if wanted.name != ANY and isinstance(value, (Known, Text, JsonText)):
        raise Fault(f"it is {convert.what(value)}, expected {_article(wanted.name)}")
    return value


def shape_of(wanted: Type) -> Shape | None:
    """What a type says of what is inside; None where it says nothing."""
    if wanted.name in SCALARS:
        return Shape(wanted.name, {})
    if wanted.name in ("list", "set", "map") and wanted.of is not None:
        of = shape_of(wanted.of)
        return Shape("", {}, of, is_set=wanted.name == "set", is_map=wanted.name == "map") if of is not None else None
    found = ((name, shape_of(attribute.type), attribute.default) for name, attribute in wanted.attributes.items())
    attributes = {
        name: shape._replace(is_nullable=default is None or getattr(default, "value", "") is None)
        for name, shape, default in found
        if shape is not None
    }
    return Shape("", attributes) if attributes else None


def common_shape(one: Shape | None, other: Shape | None) -> Shape | None:
    """What two types both say of what is inside."""
    if one is None or other is None or one.kind != other.kind:
        return None
    of = common_shape(one.of, other.of)
    names = sorted(one.attributes.keys() & other.attributes.keys())
    found = ((name, common_shape(one.attributes[name], other.attributes[name])) for name in names)
    attributes = {name: shape for name, shape in found if shape is not None}
    if not one.kind and of is None and not attributes:
        return None
    is_nullable, is_set = one.is_nullable and other.is_nullable, one.is_set and other.is_set
    return Shape(one.kind, attributes, of, is_nullable, is_set, one.is_map or other.is_map)


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _item(item: Value, wanted: Type, evaluate: Callable[[Expression], Value]) -> Value:
    if isinstance(item, Maybe):
        return Maybe(item.condition, convert_to_type(item.value, wanted, evaluate), item.of, item.place, item.sensitive)
    if isinstance(item, Several):
        return Several(convert_to_type(item.one, wanted, evaluate), item.condition, item.of, item.place)
    return item if isinstance(item, Rest) else convert_to_type(item, wanted, evaluate)


def _items(value: Items, wanted: Type, evaluate: Callable[[Expression], Value]) -> Value:
    if wanted.name in ("map", "object"):
        raise Fault(f"it is {convert.what(value)}, expected {_article(wanted.name)}")
    if wanted.name == "tuple" and len(wanted.items) == len(value.items):
        types = wanted.items
    else:
        types = (wanted.of or Type(ANY),) * len(value.items)
    found = tuple(_item(item, kind, evaluate) for item, kind in zip(value.items, types, strict=True))
    if wanted.name in ("list", "set") and _has_any(wanted.of):
        found = unify(found)
    if wanted.name == "set" or (wanted.name == ANY and value.is_set and not isinstance(value, Unordered)):
        return set_of(found, value.place, value.sensitive)
    return listed(found, convert.is_ordered(value), value.place, value.sensitive)


def _fields(value: Fields, wanted: Type, evaluate: Callable[[Expression], Value]) -> Value:
    if wanted.name == "object":
        return _object(value, wanted, evaluate)
    if wanted.name not in ("map", ANY):
        raise Fault(f"it is an object, expected {_article(wanted.name)}")
    of = wanted.of or Type(ANY)
    values: Sequence[Value] = [convert_to_type(entry.value, of, evaluate) for entry in value.entries]
    if wanted.name == "map" and _has_any(wanted.of):
        values = unify(values)
    entries = tuple(Entry(entry.key, inner) for entry, inner in zip(value.entries, values, strict=True))
    is_map = wanted.name == "map" and of.name in SCALARS
    return Fields(entries, value.place, value.sensitive, of.name if is_map else value.of)


def _has_any(wanted: Type | None) -> bool:
    """Whether a type leaves open what its values are: then those of a list or map have the same."""
    if wanted is None or wanted.name == ANY:
        return True
    inner = [attribute.type for attribute in wanted.attributes.values()] + [*wanted.items]
    if wanted.name in ("list", "set", "map"):
        return _has_any(wanted.of)
    return any(map(_has_any, inner))


def _default(default: Expression, kind: Type, evaluate: Callable[[Expression], Value]) -> Value:
    return convert_to_type(evaluate(default), kind, evaluate)


def _object(value: Fields, wanted: Type, evaluate: Callable[[Expression], Value]) -> Value:
    if len(value.by_key) < len(value.entries):
        return value
    keys = {str(entry.key.value): entry.key for entry in value.entries if isinstance(entry.key, Known)}
    entries = []
    for name, attribute in wanted.attributes.items():
        given = value.by_key.get(name)
        if given is None and not attribute.is_optional:
            raise Fault(f"there is no attribute {name}")
        made = convert_to_type(Known(None, value.place) if given is None else given, attribute.type, evaluate)
        if attribute.default is not None:
            default = partial(_default, attribute.default, attribute.type, evaluate)
            made = null_operands.or_else(made, default)
        entries.append(Entry(keys.get(name, Known(name, value.place)), made))
    return TypedObject(tuple(entries), value.place, value.sensitive)
