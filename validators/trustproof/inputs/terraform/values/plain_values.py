"""
Values that are known as a whole, from JSON.
"""

from __future__ import annotations

from trustproof.inputs.terraform.values.values import Entry, Fields, Items, Known, Value


def from_json_value(value: object, sensitive: bool = False) -> Value:
    """
    A value from JSON as Terraform writes it in plans and states.

    Args:
        value: what `json.loads` gives.
    """
    if isinstance(value, dict):
        entries = tuple(Entry(Known(key), from_json_value(inner, sensitive)) for key, inner in value.items())
        return Fields(entries, sensitive=sensitive)
    if isinstance(value, list):
        return Items(tuple(from_json_value(item, sensitive) for item in value), sensitive=sensitive)
    assert value is None or isinstance(value, (str, bool, int, float))
    return Known(value, sensitive=sensitive)
