"""
What a template cannot be deployed without.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.linking.relocation import constant, depends
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.references import CROSS_STACK_FUNCTIONS, output_of, reference_of, symbol_of
from trustproof.model.text import Symbol


def always_asks(template: Template, symbol: Symbol) -> bool:
    """Whether every deployment of a template takes a value of another stack: no condition of its own decides that."""
    resources = template.environment.resources
    always = (key for key, resource in resources.items() if "Condition" not in resource)
    return any(symbol == taken for key in always for taken in _taken(template, template.environment.properties(key)))


def _taken(template: Template, value: object) -> Iterator[Symbol]:
    """What stands for the values of other stacks that an expression takes, whatever its conditions are."""
    if isinstance(value, list):
        for item in value:
            yield from _taken(template, item)
    if not isinstance(value, dict) or "Fn::If" in value:
        return
    for key, inner in value.items():
        if key in CROSS_STACK_FUNCTIONS and not depends(template, inner):
            reference = reference_of(lambda part: constant(template, part), key, inner)
        else:
            reference = output_of(key, inner)
        if reference is not None:
            yield symbol_of(reference)
        yield from _taken(template, inner)
