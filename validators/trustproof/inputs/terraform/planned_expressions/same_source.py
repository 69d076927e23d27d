"""
Whether a configuration is the one that a plan was made of, as far as the plan's own ``configuration`` tells: the same
blocks, and in each argument the same constants and the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from trustproof.inputs.terraform.configuration.modules.static_references import names, reference_of
from trustproof.inputs.terraform.configuration.syntax.blocks import Argument, Block, Body
from trustproof.inputs.terraform.configuration.syntax.expressions import Expression, ListOf, Literal, ObjectOf
from trustproof.inputs.terraform.configuration.values.expression_names import expression_text
from trustproof.inputs.terraform.plans.plan_configuration import PlanConfiguration
from trustproof.inputs.terraform.values.instances import steps

#: Arguments that say how Terraform goes about a resource: the plan has them elsewhere, or not at all.
_ASIDE = frozenset("count depends_on for_each lifecycle provider providers".split())
_OF_CALLS = _ASIDE | {"source", "version"}
_NOT_CONSTANT = object()


def difference(planned: PlanConfiguration, blocks: Mapping[str, Block], absent: Sequence[str]) -> str:
    """
    The first difference between the two, a clause; empty where there is none.

    Args:
        planned: the configuration as the plan has it.
        blocks: those of the configuration, by address without keys.
        absent: beginnings of addresses in modules that are not at hand.
    """
    for address in sorted({*planned.expressions, *blocks}):
        if address.startswith(tuple(absent)):
            continue
        if address not in blocks:
            # Data sources of checks stand inside these.
            if "data" not in steps(address):
                return f"{address} is in the plan, and not in the configuration"
        elif address not in planned.expressions:
            return f"{address} is in the configuration, and not in the plan"
        else:
            found = _in_block(planned.expressions[address], blocks[address].body, _ASIDE)
            if found := found or _in_repeats(planned.repeats.get(address, {}), blocks[address].body.arguments):
                return f"{address}: {found}"
    return ""


def other_difference(planned: PlanConfiguration, blocks: Mapping[str, Block]) -> str:
    """
    The first difference between what modules are given, what they give, and what their variables are by default; empty
    where there is none.

    Args:
        blocks: module calls, outputs and variables of the configuration.
    """
    for address, said in planned.others.items():
        block = blocks.get(address)
        if block is None:
            # What refers to it has been compared, or is in a module that is not at hand.
            continue
        kind = steps(address)[-2]
        given = block.body.arguments
        if kind != "module":
            given = {name: argument for name, argument in given.items() if name in said}
            if kind == "var" and _is_converted(block.body.arguments.get("type")):
                continue
        found = _in_arguments(said, given, _OF_CALLS if kind == "module" else frozenset())
        if not found and kind == "module":
            missing = next((name for name in said if name not in given), None)
            found = f"{missing} is set in the plan, and not in the configuration" if missing is not None else ""
        if found := found or _in_repeats(planned.repeats.get(address, {}), block.body.arguments):
            return f"{address}: {found}"
    return ""


def _is_converted(type_: Argument | None) -> bool:
    """Whether the plan may have the default of a variable with other items than are written."""
    return type_ is not None and re.search("set|object|tuple", expression_text(type_.expression)) is not None


def _in_repeats(planned: Mapping[str, object], arguments: Mapping[str, Argument]) -> str:
    """The first difference between how often something is there, and what for, as far as the plan tells."""
    both = {name: argument for name, argument in arguments.items() if name in planned}
    return _in_arguments(planned, both, frozenset())


def _in_block(planned: Mapping[str, object], body: Body, aside: frozenset[str]) -> str:
    arguments = body.arguments
    nested = {one.labels[0] if one.type == "dynamic" and one.labels else one.type for one in body.blocks()}
    nested |= body.either.keys()
    found = _in_arguments(planned, arguments, aside | nested)
    if found:
        return found
    for name in nested:
        said = planned.get(name)
        if isinstance(said, list):
            found = _in_blocks(name, said, list(body.blocks(name)))
            if found:
                return found
    missing = next((name for name in planned if name not in arguments and name not in nested), None)
    return f"{missing} is set in the plan, and not in the configuration" if missing is not None else ""


def _in_blocks(name: str, planned: Sequence[object], blocks: Sequence[Block]) -> str:
    """The first difference between blocks of one type that are written, and not made by ``dynamic``."""
    if not blocks:
        return ""
    if len(planned) != len(blocks):
        return f"there are {len(blocks)} blocks {name} in the configuration, and {len(planned)} in the plan"
    for said, block in zip(planned, blocks, strict=True):
        found = _in_block(said, block.body, frozenset()) if isinstance(said, Mapping) else ""
        if found:
            return f"{name}: {found}"
    return ""


def _in_arguments(planned: Mapping[str, object], arguments: Mapping[str, Argument], aside: frozenset[str]) -> str:
    for name, argument in arguments.items():
        if name in aside:
            continue
        expression = argument.expression
        if isinstance(expression, Literal) and expression.value is None:
            continue
        if name not in planned:
            return f"{name} is set in the configuration, and not in the plan"
        said = planned[name]
        found = _in_expression(name, said, expression) if isinstance(said, Mapping) else ""
        if found:
            return found
    return ""


def _in_expression(name: str, said: Mapping[str, object], expression: Expression) -> str:
    if "constant_value" in said:
        written = _constant(expression)
        if written is not _NOT_CONSTANT:
            return "" if _is_same(said["constant_value"], written) else f"{name} has another value"
        others = sorted(names(expression) or ())
        return f"{name} refers to {others[0]} in the configuration, and not in the plan" if others else ""
    found = reference_of(expression)
    wanted = set(_bases(said))
    if found is None or not wanted:
        return ""
    if found.names != wanted:
        return _other(name, found.names, wanted)
    attributes = set(_attributes(said))
    # Of some the plan names only what they are an attribute of.
    whole = {one.rpartition(".")[0] for one in attributes}
    return _other(name, {one for one in found.attributes if one.rpartition(".")[0] in whole}, attributes)


def _other(name: str, found: AbstractSet[str], wanted: AbstractSet[str]) -> str:
    here, there = sorted(found - wanted), sorted(wanted - found)
    if not here and not there:
        return ""
    which = f"refers to {here[0]} in the configuration" if here else f"refers to {there[0]} in the plan"
    return f"{name} {which}, and not in the {'plan' if here else 'configuration'}"


def _constant(expression: Expression) -> object:
    """What is written, where nothing has to be evaluated; `_NOT_CONSTANT` elsewhere."""
    if isinstance(expression, Literal):
        return expression.value
    if isinstance(expression, ListOf):
        items = [_constant(item) for item in expression.items]
        return _NOT_CONSTANT if _NOT_CONSTANT in items else items
    if isinstance(expression, ObjectOf):
        entries = [(_constant(key), _constant(value)) for key, value in expression.entries]
        return _NOT_CONSTANT if any(_NOT_CONSTANT in entry for entry in entries) else dict(entries)
    return _NOT_CONSTANT


def _is_same(planned: object, written: object) -> bool:
    """Whether two constants are the same, in whatever type the provider wants them."""
    if isinstance(planned, list) and isinstance(written, list):
        return len(planned) == len(written) and all(map(_is_same, planned, written))
    if isinstance(planned, dict) and isinstance(written, dict):
        there = {str(key): value for key, value in written.items()}
        return planned.keys() == there.keys() and all(_is_same(value, there[key]) for key, value in planned.items())
    if isinstance(planned, bool) or isinstance(written, bool):
        return str(planned).lower() == str(written).lower()
    if planned is None or written is None:
        return planned is written
    if isinstance(planned, (list, dict)) or isinstance(written, (list, dict)):
        return False
    try:
        return str(planned) == str(written) or float(str(planned)) == float(str(written))
    except ValueError:
        return False


def _bases(said: Mapping[str, object]) -> Iterator[str]:
    """The references of an argument, without keys and attributes."""
    given = said.get("references")
    for reference in given if isinstance(given, list) else ():
        found = [step.partition("[")[0] for step in steps(str(reference))]
        yield ".".join(found[: 3 if found[0] == "data" else 2])


def _attributes(said: Mapping[str, object]) -> Iterator[str]:
    """The references of an argument that name an attribute, without keys and what is inside of it."""
    given = said.get("references")
    for reference in given if isinstance(given, list) else ():
        found = [step.partition("[")[0] for step in steps(str(reference))]
        length = 4 if found[0] == "data" else 3
        if len(found) >= length:
            yield ".".join(found[:length])
