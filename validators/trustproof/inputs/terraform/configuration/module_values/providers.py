"""
Which provider configuration of the root module a module means.

https://developer.hashicorp.com/terraform/language/modules/develop/providers
https://opentofu.org/docs/language/providers/configuration/#for_each-multiple-instances-of-a-provider-configuration
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from trustproof.inputs.terraform.configuration.block_contents import resource_blocks
from trustproof.inputs.terraform.configuration.block_contents.block_instances import variables_of, with_key
from trustproof.inputs.terraform.configuration.evaluation.evaluate import Evaluator
from trustproof.inputs.terraform.configuration.evaluation.expansion import Made, for_each
from trustproof.inputs.terraform.configuration.evaluation.names import Variables
from trustproof.inputs.terraform.configuration.modules.modules import Module
from trustproof.inputs.terraform.configuration.syntax.blocks import Block
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, Literal, Name, ObjectOf, Traversal
from trustproof.inputs.terraform.values.values import Known, Value


def resolve_provider(
    local: str, passed: Mapping[str, str], module: Module, address: str, outer: Callable[[str], str]
) -> str:
    """
    A provider configuration as the root module calls it.

    Args:
        local: what the module calls it.
        passed: what the caller passes: by what the module calls it, what the caller does.
        module: that is called.
        address: of the module instance, with a dot behind it.
        outer: gives what the caller calls it as the root module calls it.
    """
    if local in passed:
        return outer(passed[local])
    if local.partition("[")[0] in module.providers:
        return f"{address[:-1]}:{local}"
    # Only those without an alias are handed down by themselves.
    return outer(local) if "." not in local else f"{address[:-1]}:{local}"


def passed_by(call: Block, evaluator: Evaluator, variables: Variables) -> dict[str, str]:
    """The provider configurations that a module call passes, by what the module calls them."""
    argument = call.body.argument("providers")
    expression = argument.expression if argument is not None else None
    found: dict[str, str] = {}
    for key, value in expression.entries if isinstance(expression, ObjectOf) else ():
        name = str(key.value) if isinstance(key, Literal) else reference(key, evaluator, variables)
        found[name] = reference(value, evaluator, variables)
    return found


def reference(expression: Expression, evaluator: Evaluator, variables: Variables) -> str:
    """
    The provider configuration that an expression names, as it is written: ``aws.hub``; with the value of a key:
    ``aws.hub["a"]``, ``aws.hub[*]`` where nobody knows it. Empty for anything else.
    """
    if isinstance(expression, Literal) and isinstance(expression.value, str):
        return expression.value
    if isinstance(expression, Name):
        return expression.name
    if not isinstance(expression, Traversal) or not isinstance(expression.of, Name):
        return ""
    alias, *keys = expression.steps
    name = f"{expression.of.name}.{alias.name}"
    if not alias.name or len(keys) > 1 or (keys and keys[0].key is None):
        return ""
    if not keys:
        return name
    key = evaluator.value(keys[0].key, variables) if keys[0].key is not None else None
    return with_key(name, key.value) if isinstance(key, Known) and isinstance(key.value, (str, int)) else f"{name}[*]"


def configurations(module: Module, evaluator: Evaluator) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """The provider configurations of a module, with their arguments: one for each that ``for_each`` makes."""
    for name, block in module.providers.items():
        each = block.body.argument("for_each")
        instances = (Made(None),) if each is None else for_each(evaluator.value(each.expression, {})).instances
        for made in instances:
            called = with_key(name, made.key)
            yield called, resource_blocks.values(evaluator, block.body, variables_of(block, made, name)).by_key
