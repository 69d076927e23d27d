"""
Which provider configurations a module leaves to whoever calls it: without one that passes them, Terraform refuses it.

https://developer.hashicorp.com/terraform/language/modules/develop/providers#provider-aliases-within-modules
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from trustproof.inputs.terraform.configuration.modules.modules import Module
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import (
    Expression,
    ListOf,
    Literal,
    Name,
    ObjectOf,
    Traversal,
)


def needs_caller(module: Module) -> bool:
    """
    Whether a module names provider configurations with an alias that none of its own blocks declares. Of one that is
    not read as a whole that is not known, and taken not to be so.
    """
    return next(_left_to_caller(module), None) is not None


def why_refused(module: Module, passed: Container[str]) -> str:
    """
    Why Terraform refuses a call of a module, which is not passed a provider configuration that it names with an alias;
    empty where it is passed all of them.

    Args:
        module: that is called.
        passed: what it is passed, as `Module.provider_named` calls it.
    """
    missing = next((name for name in _left_to_caller(module) if module.provider_named(name) not in passed), None)
    if missing is None:
        return ""
    return f"is not passed the provider {missing} that it names (providers), and Terraform refuses that"


def _left_to_caller(module: Module) -> Iterator[str]:
    for name in _named(module) if module.is_whole else ():
        if "." in name and module.provider_named(name) not in module.providers:
            yield name


def _named(module: Module) -> Iterator[str]:
    """What a module calls the provider configurations that it asks for, uses and passes on, without keys."""
    for settings in module.settings:
        for required in settings.body.blocks("required_providers"):
            for argument in required.body.arguments.values():
                aliases = _entry(argument.expression, "configuration_aliases")
                yield from map(_reference, aliases.items if isinstance(aliases, ListOf) else ())
    for block in module.resources.values():
        yield from _given(block, "provider")
    for call in module.calls.values():
        passed = call.body.argument("providers")
        if passed is not None and isinstance(passed.expression, ObjectOf):
            yield from (_reference(value) for _, value in passed.expression.entries)


def _given(block: Block, name: str) -> Iterator[str]:
    argument = block.body.argument(name)
    if argument is not None:
        yield _reference(argument.expression)


def _entry(expression: Expression, name: str) -> Expression | None:
    """The value at a key of an object that is written out; None where it is none, or has no such key."""
    entries = expression.entries if isinstance(expression, ObjectOf) else ()
    return next((value for key, value in entries if isinstance(key, Literal) and key.value == name), None)


def _reference(expression: Expression) -> str:
    """The provider configuration that an expression names, without a key: ``aws.hub``; empty for anything else."""
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value.partition("[")[0]
    if isinstance(expression, Traversal) and isinstance(expression.of, Name) and expression.steps[0].name:
        return f"{expression.of.name}.{expression.steps[0].name}"
    return ""
