"""
What the templates of nested stacks are, and what these are passed.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.evaluation.passed_values import (
    UNKNOWN,
    Reading,
    readings,
    written_parameters,
)
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.grammar.values import NO_VALUE, Unreadable
from trustproof.inputs.grammar.variants import TooManyVariants
from trustproof.inputs.nested_stacks.files import written_places
from trustproof.inputs.text.source import read
from trustproof.model.policy import Guard


class Children(NamedTuple):
    """
    What the template of a nested stack may be.
    """

    #: Each file, and where the stack has it.
    files: tuple[tuple[str, Reading], ...]
    #: Whether it is none but these.
    are_all: bool


def places(template: Template, location: object, guards: tuple[Guard, ...]) -> list[Reading]:
    """What the place of the template of a nested stack may be; where that cannot be said, all that is written."""
    try:
        found = readings(template.resolver, location, guards)
    except (TooManyVariants, Unreadable):
        found = [Reading(template.resolver, guards, place) for place in written_places(location, template.data)]
    return found or [Reading(template.resolver, guards, NO_VALUE)]


def passed_to(resource: Mapping[str, object], file: str, *, is_known: bool) -> Mapping[str, object]:
    """
    The parameters that a template passes to a nested stack, to what it passes.

    Args:
        resource: the nested stack.
        file: the template of the nested stack.
        is_known: whether nothing may change the template that passes them.
    """
    declared = _mapping(content_of(file).get("Parameters"))
    if is_known and (given := written_parameters(resource, declared)) is not None:
        return given
    return dict.fromkeys(map(str, declared), UNKNOWN)


def content_of(file: str) -> Mapping[str, object]:
    """What a template says; nothing of one that cannot be read."""
    try:
        return _mapping(read(file).load())
    except InputError:
        # What is wrong with it is said where it is read for good.
        return {}


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
