"""
Exports and outputs whose value may have a wildcard, by the names that they may have, and who reads by name.

What a template imports by a name that is only decided at deployment, here or where it is exported, may be each of them:
it is not taken for a text without wildcards, as what is given at deployment otherwise is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trustproof.inputs.cloudformation.evaluation.declarations.wildcards import may_have_wildcard
from trustproof.inputs.cloudformation.evaluation.stacks.names_for_others import open_name
from trustproof.inputs.cloudformation.linking.exports import outputs
from trustproof.inputs.cloudformation.linking.relocation import section
from trustproof.inputs.cloudformation.resources.other_templates.kept_by_stacks import CARRYING, exported_by_stacks
from trustproof.inputs.cloudformation.resources.other_templates.stored_values import KEPT
from trustproof.inputs.cloudformation.template import Template
from trustproof.inputs.cloudformation.values.partly_known_names import ANYTHING
from trustproof.inputs.cloudformation.values.references import IMPORT, STACK_OUTPUT, output_of_some_stack
from trustproof.model.document import TRUST
from trustproof.model.stored_values import output_of_stack
from trustproof.model.text import Symbolic


def wild_exports(template: Template) -> Iterator[str]:
    """The names, what is not known of them in angle brackets (``<Stage>-subject``)."""
    for entry in outputs(template).values():
        export = entry.get("Export")
        if isinstance(export, Mapping) and may_have_wildcard(template.environment, entry.get("Value")):
            yield open_name(template.resolver, export.get("Name"))
    yield from exported_by_stacks(template.resolver)


def wild_outputs(template: Template, stack: str | None) -> Iterator[tuple[str, str | None]]:
    """
    Outputs that may have a wildcard, by what stands for them where they are read, each with its value; None where
    nobody knows that.

    Args:
        stack: the name of the stack; None where nobody knows it.
    """
    for key, entry in outputs(template).items():
        value = entry.get("Value")
        if not may_have_wildcard(template.environment, value):
            continue
        if stack is None:
            # A template that asks a stack by its name is linked to it where that name is known.
            yield output_of_some_stack(key), None
        is_certain = isinstance(value, str) and "{{" not in value and "Condition" not in entry
        yield output_of_stack(key, stack or ANYTHING), str(value) if stack is not None and is_certain else None


def reads_by_name(template: Template) -> bool:
    """Whether a trust policy of a template reads something by a name under which others may keep it."""
    if STACK_OUTPUT.removeprefix("Fn::") in template.text:
        return True
    conditions = (
        one
        for found in template.documents
        if found.kind == TRUST
        for s in found.policy.statements
        for one in s.conditions
    )
    texts = (text for one in conditions for text in one.operands if isinstance(text, Symbolic))
    return any(template.names_read(name) for name in {symbol.name for text in texts for symbol in text.symbols})


def keeps_by_name(template: Template) -> bool:
    """Whether a template may keep something where others read it by a name."""
    return bool(
        template.environment.of_types((*KEPT, *CARRYING)) or section(template, "Outputs") or template.source.maker
    )


def asks_for_exports(template: Template) -> bool:
    """Whether a template imports something, or is passed what the stack around it imports."""
    texts = template.environment.bindings.values()
    passed = (symbol for text in texts if isinstance(text, Symbolic) for symbol in text.symbols)
    return IMPORT.removeprefix("Fn::") in template.text or any(symbol.name.startswith(IMPORT) for symbol in passed)
