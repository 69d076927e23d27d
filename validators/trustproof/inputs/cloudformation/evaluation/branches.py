"""
What stands at a place of a template in each of its deployments.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.resolver import Resolver
from trustproof.inputs.grammar.values import NO_VALUE, intrinsic_name
from trustproof.inputs.grammar.variants import Choices
from trustproof.model.policy import Guard, Path


def branches(
    resolver: Resolver, value: object, path: Path, guards: tuple[Guard, ...], *, absent: bool = False
) -> Iterator[tuple[object, Path, tuple[Guard, ...]]]:
    """
    What stands at a place, for each outcome of the ``Fn::If`` there.

    Args:
        absent: whether ``AWS::NoValue`` is an outcome as well, as `NO_VALUE`; else there is nothing for it.
    """
    name = intrinsic_name(value)
    if name is None or not isinstance(value, dict):
        yield value, path, guards
        return
    argument = value[name]
    if (linked := resolver.linked_value(value)) is not value:
        # A condition of another stack may decide what it gives.
        yield from branches(resolver, linked, path, guards)
        return
    if name == "Ref" and argument == "AWS::NoValue":
        if absent:
            yield NO_VALUE, path, guards
        return
    if name != "Fn::If" or not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
        yield value, path, guards
        return
    for index, inner in outcomes(resolver, argument[0], guards):
        yield from branches(resolver, argument[index], (*path, name, index), inner, absent=absent)


def outcomes(resolver: Resolver, condition: str, guards: tuple[Guard, ...]) -> Iterator[tuple[int, tuple[Guard, ...]]]:
    """Of the arguments of an ``Fn::If``, the number of each that may be taken, and the guards under which it is."""
    resolver.choices = Choices(guards)
    decided = resolver.decide(condition)
    for index, holds in ((1, True), (2, False)):
        if decided is None:
            inner = (*guards, Guard(condition, holds))
            resolver.choices = Choices(inner)
            if resolver.possible():
                yield index, inner
        elif decided is holds:
            yield index, guards


def items(
    resolver: Resolver, value: object, path: Path, guards: tuple[Guard, ...]
) -> Iterator[tuple[object, Path, tuple[Guard, ...]]]:
    """
    The items of a list, or the one value that stands for a list, each for every outcome of the ``Fn::If`` around it.
    """
    for inner, inner_path, inner_guards in branches(resolver, value, path, guards):
        if isinstance(inner, list):
            for index, item in enumerate(inner):
                yield from items(resolver, item, (*inner_path, index), inner_guards)
        else:
            yield inner, inner_path, inner_guards
