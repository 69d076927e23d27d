"""
Whether a configuration is the one that a plan was made of, as far as the plan's own ``configuration`` tells: the same
blocks, and in each argument the same constants and the same names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof.inputs.terraform.configuration.blocks import Block
from trustproof.inputs.terraform.configuration.expressions import Literal
from trustproof.inputs.terraform.configuration.written import names
from trustproof.inputs.terraform.configured import Configured
from trustproof.inputs.terraform.instances import steps

#: Arguments that say how Terraform goes about a resource: the plan has them elsewhere, or not at all.
_ASIDE = frozenset("count depends_on for_each lifecycle provider providers".split())


def difference(planned: Configured, blocks: Mapping[str, Block], absent: Sequence[str]) -> str:
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
            found = _in_block(planned.expressions[address], blocks[address])
            if found:
                return f"{address}: {found}"
    return ""


def _in_block(planned: Mapping[str, object], block: Block) -> str:
    arguments = block.body.arguments
    nested = {one.labels[0] if one.type == "dynamic" and one.labels else one.type for one in block.body.blocks()}
    nested |= block.body.either.keys()
    for name, argument in arguments.items():
        if name in _ASIDE or name in nested:
            continue
        expression = argument.expression
        if isinstance(expression, Literal) and expression.value is None:
            continue
        if name not in planned:
            return f"{name} is set in the configuration, and not in the plan"
        said = planned[name]
        if not isinstance(said, Mapping):
            continue
        if "constant_value" in said:
            if isinstance(expression, Literal) and not _is_same(said["constant_value"], expression.value):
                return f"{name} has another value"
            continue
        found = names(expression)
        wanted = set(_bases(said))
        if found is not None and wanted and found != wanted:
            here, there = sorted(found - wanted), sorted(wanted - found)
            which = f"refers to {here[0]} in the configuration" if here else f"refers to {there[0]} in the plan"
            return f"{name} {which}, and not in the {'plan' if here else 'configuration'}"
    missing = next((name for name in planned if name not in arguments and name not in nested), None)
    return f"{missing} is set in the plan, and not in the configuration" if missing is not None else ""


def _is_same(planned: object, written: object) -> bool:
    """Whether two constants are the same, in whatever type the provider wants them."""
    if isinstance(planned, bool) or isinstance(written, bool):
        return str(planned).lower() == str(written).lower()
    if isinstance(planned, (list, dict)):
        return True
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
