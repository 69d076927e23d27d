"""
Objects as the type of a variable has them: what the type does not name is not there.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints#conversion-of-complex-types
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.values import Fields, Items, Known, Value


class TypedObject(Fields):
    """
    An object of a type that names its attributes.
    """

    __slots__ = ()


def is_closed(value: Value, key: str | int) -> bool:
    """Whether a type decides that an object, or an item of a list, has a key or none: it may have one that is null."""
    if isinstance(value, Items):
        return any(isinstance(item, TypedObject) for item in value.items)
    if not isinstance(value, TypedObject):
        return False
    found = value.by_key.get(str(key))
    return not (isinstance(found, Known) and found.value is None)
