"""
Values with wildcards that the templates which a template carries put where others read them by name: those of stacks
that Terraform makes, and of StackSets.

Such a template is judged by itself; here it is only looked at, as nobody links it to those around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from trustproof.errors import InputError
from trustproof.inputs.cloudformation.evaluation.functions.resolver import Resolver
from trustproof.inputs.cloudformation.resources.other_templates.stored_values import KEPT
from trustproof.inputs.cloudformation.resources.other_templates.template_bodies import template_body
from trustproof.inputs.cloudformation.values.catalogue import NESTED_STACK, STACK_SET, TEMPLATE_BODY
from trustproof.inputs.cloudformation.values.partly_known_names import ANYTHING
from trustproof.inputs.grammar.values import Unreadable
from trustproof.inputs.text.source import Source
from trustproof.model.wildcards import may_stand_for_wildcard

CARRYING = (NESTED_STACK, STACK_SET)
#: What gives a parameter its value.
_GIVING = ("Default", "AllowedValues")


def kept_by_stacks(resolver: Resolver) -> Iterator[str]:
    """The names under which they keep what may have a wildcard; what is not known of one stands in angle brackets."""
    for template, given in _carried(resolver, tuple(KEPT)):
        for logical_id, resource in _mapping(template.get("Resources")).items():
            found = _mapping(resource)
            properties = _mapping(found.get("Properties"))
            if found.get("Type") not in KEPT:
                continue
            prefix, saying = KEPT[str(found.get("Type"))]
            if any(_may_have_wildcard(properties.get(one), template, given) for one in saying):
                yield prefix + _name(properties.get("Name", f"<stack>-{logical_id}-<>"))


def exported_by_stacks(resolver: Resolver) -> Iterator[str]:
    """The names of exports that may have a wildcard, likewise."""
    for template, given in _carried(resolver, ("Export",)):
        for output in _mapping(template.get("Outputs")).values():
            said = _mapping(output)
            export = said.get("Export")
            if isinstance(export, Mapping) and _may_have_wildcard(said.get("Value"), template, given):
                yield _name(export.get("Name"))


def _carried(resolver: Resolver, words: tuple[str, ...]) -> Iterator[tuple[Mapping[str, object], object]]:
    """The templates in which one of these words stands, each with the parameters that it is passed."""
    environment = resolver.environment
    for logical_id in environment.of_types(CARRYING):
        properties = environment.properties(logical_id)
        try:
            body = template_body(resolver, properties.get(TEMPLATE_BODY))
            content = body if isinstance(body, str) and any(word in body for word in words) else ""
            template = Source(logical_id, content).load() if content else None
        except (InputError, Unreadable):
            # It is said where the template is read by itself.
            continue
        if isinstance(template, Mapping):
            yield template, properties.get("Parameters")


def _may_have_wildcard(value: object, template: Mapping[str, object], given: object) -> bool:
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    if may_stand_for_wildcard(written) or not isinstance(value, Mapping):
        return may_stand_for_wildcard(written)
    declared = [
        _mapping(one).get(giving) for one in _mapping(template.get("Parameters")).values() for giving in _GIVING
    ]
    return may_stand_for_wildcard(json.dumps([declared, template.get("Mappings"), given], default=str))


def _name(written: object) -> str:
    return ANYTHING if isinstance(written, Mapping) else str(written)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
