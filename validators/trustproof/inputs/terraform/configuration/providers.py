"""
Which provider configuration of the root module a module means.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from collections.abc import Callable

from trustproof.inputs.terraform.configuration.blocks import Block
from trustproof.inputs.terraform.configuration.expressions import Expression, Literal, ObjectOf
from trustproof.inputs.terraform.configuration.modules import Module
from trustproof.inputs.terraform.configuration.resource_blocks import reference


def resolved(local: str, call: Block, module: Module, address: str, outer: Callable[[str], str]) -> str:
    """
    A provider configuration as the root module calls it.

    Args:
        local: what the module calls it.
        call: of the module.
        module: that is called.
        address: of the module instance, with a dot behind it.
        outer: gives what the caller calls it as the root module calls it.
    """
    argument = call.body.argument("providers")
    passed = _passed(argument.expression) if argument is not None else {}
    if local in passed:
        return outer(passed[local])
    if local in module.providers:
        return f"{address[:-1]}:{local}"
    # Only those without an alias are handed down by themselves.
    return outer(local) if "." not in local else f"{address[:-1]}:{local}"


def _passed(expression: Expression) -> dict[str, str]:
    found: dict[str, str] = {}
    if isinstance(expression, ObjectOf):
        for key, value in expression.entries:
            name = str(key.value) if isinstance(key, Literal) else reference(key)
            found[name] = reference(value)
    return found
