"""
Nested blocks of resources: what they do not say, the provider may say.

https://developer.hashicorp.com/terraform/language/syntax/configuration#blocks
"""

from __future__ import annotations

from trustproof.inputs.terraform.types.types_of_aws import CLOUD_CONTROL
from trustproof.inputs.terraform.values.place import Place
from trustproof.inputs.terraform.values.values import (
    ATTRIBUTE,
    Choice,
    Entry,
    Fields,
    Items,
    Known,
    Maybe,
    Rest,
    Symbol,
    Value,
)


class NestedBlock(Fields):
    """
    A nested block of a resource, with what it says.
    """

    __slots__ = ()


class NestedBlocks(Items):
    """
    The nested blocks of one type that a resource has, as far as they are written.
    """

    __slots__ = ()


class OtherAttributes(Symbol):
    """
    The key of an object that stands for whatever else it has.

    Args:
        of: what the object is called: ``aws_eks_cluster.c.vpc_config[0]``.
    """

    __slots__ = ("of",)

    def __init__(self, of: str, place: Place | None = None) -> None:
        super().__init__(f"other attributes of {of}", ATTRIBUTE, place=place)
        self.of: str = of

    def attribute(self, name: str, place: Place | None) -> Symbol:
        """One of them."""
        return Symbol(f"{self.of}.{name}", ATTRIBUTE, place=place)


def as_made(value: Value, called: str, type_: str) -> Value:
    """
    What a resource says of itself, as others read it: a nested block has what the provider computes beside what it
    says, and in the place of null. Where none is surely written, nobody knows what there is.

    Args:
        called: the value, by the address of the resource: ``aws_eks_cluster.c.vpc_config``.
        type_: of the resource: to the provider awscc, objects are what blocks are elsewhere.
    """
    if isinstance(value, NestedBlocks) and all(isinstance(one, Rest) for one in value.items):
        # Where none is written, the provider may make one.
        return Symbol(called, ATTRIBUTE, place=value.place)
    if isinstance(value, Items):
        items = (as_made(item, f"{called}[{number}]", type_) for number, item in enumerate(value.items))
        return type(value)(tuple(items), value.is_set, value.place, value.sensitive)
    if isinstance(value, Maybe):
        there = as_made(value.value, called, type_)
        return Maybe(value.condition, there, value.of, value.place, value.sensitive)
    if not isinstance(value, Fields if type_.startswith(CLOUD_CONTROL) else NestedBlock):
        return value
    others = OtherAttributes(called, value.place)
    entries = []
    for one in value.entries:
        name = str(getattr(one.key, "value", ""))
        found = or_computed(one.value, others.attribute(name, one.value.place))
        entries.append(Entry(one.key, as_made(found, f"{called}.{name}", type_)))
    rest = Entry(others, others.attribute("*", value.place))
    return Fields((*entries, rest), value.place, value.sensitive)


def or_computed(value: Value, computed: Value) -> Value:
    """What is set to null is not set, and the provider may say what it is."""
    if isinstance(value, Choice):
        then, otherwise = or_computed(value.then, computed), or_computed(value.otherwise, computed)
        if then is value.then and otherwise is value.otherwise:
            return value
        return Choice(value.condition, then, otherwise, value.place, value.sensitive)
    return computed if isinstance(value, Known) and value.value is None else value
