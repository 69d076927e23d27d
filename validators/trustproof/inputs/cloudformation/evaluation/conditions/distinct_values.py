"""
Values that stand for all others: of parameters that nothing is compared with, of symbols, and of pseudo-parameters.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count

from trustproof.aws.partitions import PARTITIONS, REGIONS, regions_in
from trustproof.inputs.cloudformation.evaluation.declarations.refusals import refusal
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.parameters.samples import admits, candidates
from trustproof.inputs.cloudformation.values.parameter import Parameter
from trustproof.model.text import Symbol

_PSEUDO_VALUES = {
    "AWS::Region": REGIONS,
    "AWS::Partition": PARTITIONS,
    "AWS::AccountId": ("111122223333", "444455556666", "777788889999", "123456789012"),
}
#: Those that may be any, with what makes values of theirs of numbers.
_FREE = {"AWS::AccountId": "{:012d}", "AWS::StackName": "stack-{}"}


def pseudo_values(scope: Scope, name: str, taken: Collection[str]) -> tuple[str, ...]:
    """
    The values that stand for all others of a pseudo-parameter; where the partition is known, Regions of it.

    Args:
        taken: what something is compared with, of which an account and the name of a stack can be none.
    """
    partition = scope.values.get("AWS::Partition")
    if name == "AWS::Region" and partition is not None:
        return regions_in(partition)
    usual = _PSEUDO_VALUES.get(name) or tuple(candidates(Symbol(name, "pseudo-parameter")))
    if name not in _FREE or not {*usual} <= {*taken}:
        return usual
    return (next(fresh for number in count(1) if (fresh := _FREE[name].format(number)) not in taken), *usual)


def fresh_values(
    parameter: Parameter, admitting: Sequence[Parameter], taken: Collection[str], count: int
) -> tuple[list[str], bool]:
    """
    Values that a parameter admits and that nothing is compared with; whether there are as many as are wanted.

    Args:
        admitting: other declarations that it is to suit; those values are first that suit all of them.
        taken: what something is compared with.
        count: so many may have to differ.
    """
    samples = dict.fromkeys(value for value in _samples(parameter, admitting) if value not in taken)
    own = [value for value in samples if parameter.refusal(value) is None]
    suiting = [value for value in own if _suits(value, admitting)]
    others = [value for value in own if value not in suiting] if admitting else []
    return suiting[:count] + others[:count], len(suiting) >= count


def values_of_symbol(symbol: Symbol, admitting: Sequence[Parameter], own: Collection[str]) -> list[str] | None:
    """
    The values of a symbol that is no parameter of the template: those that it is compared with and may be, and one that
    nothing is compared with; None where no such value was found.

    Args:
        admitting: declarations that it is to suit.
        own: what it is compared with.
    """
    if symbol.allowed:
        return [*symbol.allowed]
    samples = (*candidates(symbol), *(value for one in admitting for value in _samples(one, ())))
    possible = (value for value in samples if admits(symbol, value) and _suits(value, admitting))
    fresh = next((value for value in possible if value not in own), None)
    return None if fresh is None else [*(value for value in own if admits(symbol, value)), fresh]


def _samples(parameter: Parameter, admitting: Sequence[Parameter]) -> Iterator[str]:
    for one in (parameter, *admitting):
        yield from candidates(one.symbol)


def _suits(value: str, admitting: Sequence[Parameter]) -> bool:
    return not any(refusal(one, value) for one in admitting)
