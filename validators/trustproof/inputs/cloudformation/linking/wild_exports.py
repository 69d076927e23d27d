"""
Exports whose value may have a wildcard, by the names that they may have.

What a template imports by a name that is only decided at deployment, here or where it is exported, may be each of them:
it is not taken for a text without wildcards, as what is given at deployment otherwise is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.cloudformation.linking.exports import outputs
from trustproof.inputs.cloudformation.linking.relocation import constant_text
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.intrinsics import names_in
from trustproof.inputs.cloudformation.values.references import CROSS_STACK_FUNCTIONS, IMPORT, OUTPUTS
from trustproof.model.text import Symbol, Symbolic

_WILDCARDS = frozenset("*?")
#: What is not known of a name.
_ANYTHING = "<>"


def wild_exports(template: Template) -> Iterator[str]:
    """The names, what is not known of them in angle brackets (``<Stage>-subject``)."""
    for entry in outputs(template).values():
        export = entry.get("Export")
        if isinstance(export, Mapping) and _may_be_wild(template, entry.get("Value")):
            yield _name(template, export.get("Name"))


def _name(template: Template, written: object) -> str:
    """A name in which parameters that nobody gives are not known, also those with a default."""
    if not isinstance(written, Mapping):
        return str(written)
    if "Fn::If" in str(written):
        return _ANYTHING
    given = {*template.resolver.values, *template.environment.bindings}
    opened = {name: _ANYTHING for name in names_in(written) if name not in given}
    resolver = Resolver(template.environment, {**template.resolver.values, **opened})
    return str(constant_text(resolver, written) or _ANYTHING)


def asks_for_exports(template: Template) -> bool:
    """Whether a template imports something, or is passed what the stack around it imports."""
    texts = template.environment.bindings.values()
    passed = (symbol for text in texts if isinstance(text, Symbolic) for symbol in text.symbols)
    return IMPORT.removeprefix("Fn::") in template.text or any(symbol.name.startswith(IMPORT) for symbol in passed)


def _may_be_wild(template: Template, value: object) -> bool:
    if isinstance(value, str):
        return not _WILDCARDS.isdisjoint(value)
    if isinstance(value, list):
        return any(_may_be_wild(template, one) for one in value)
    if not isinstance(value, dict):
        return False
    # Of what this stack takes from others, nothing is asked here.
    others = any(key in CROSS_STACK_FUNCTIONS or (key == "Fn::GetAtt" and OUTPUTS in str(value)) for key in value)
    mapped = "Fn::FindInMap" in value and _may_be_wild(template, [*template.environment.mappings.values()])
    named = any(_is_wild_parameter(template, name) for name in names_in(value))
    return others or mapped or named or any(_may_be_wild(template, one) for one in value.values())


def _is_wild_parameter(template: Template, name: str) -> bool:
    """Whether one of the values that are known of a parameter has a wildcard, or nobody knows which others pass."""
    environment = template.environment
    passed, parameter = environment.bindings.get(name), environment.parameters.get(name)
    if isinstance(passed, Symbolic):
        parts = [part.allowed or () if isinstance(part, Symbol) else part for part in passed.parts]
        is_taken = any(isinstance(part, Symbol) and part.kind != "parameter" for part in passed.parts)
        return is_taken or _may_be_wild(template, [[*one] if isinstance(one, tuple) else one for one in parts])
    if passed is not None:
        return _may_be_wild(template, passed)
    if parameter is None:
        return False
    return _may_be_wild(template, [parameter.default or "", *(parameter.allowed or ()), *parameter.listed])
