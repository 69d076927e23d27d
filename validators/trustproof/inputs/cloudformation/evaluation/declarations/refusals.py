"""
Values that CloudFormation refuses for certain, by the declaration of a parameter: with these nothing is deployed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.evaluation.texts.leftovers import stands_for_something
from trustproof.inputs.cloudformation.values.parameter import Parameter


def refusal(parameter: Parameter, value: str) -> str | None:
    """
    Why CloudFormation refuses a value for certain: a number may be written otherwise than it is listed, what is written
    may stand for another value, and whether an empty text is an item of a list says no page.
    """
    if stands_for_something(value):
        return None
    items = [item.strip() for item in value.split(",")] if parameter.is_list else [value]
    if parameter.is_list and "" in items:
        return None
    if parameter.allowed is not None and all(_is_same_number(parameter.allowed, item) for item in items):
        return None
    return parameter.refusal(value)


def _is_same_number(listed: tuple[str, ...], value: str) -> bool:
    return (number := _number(value)) is not None and number in map(_number, listed)


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None
