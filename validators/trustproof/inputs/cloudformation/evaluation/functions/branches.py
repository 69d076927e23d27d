"""
What stands at a place of a template in each of its deployments.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.inputs.cloudformation.evaluation.declarations.other_stacks import expression_of
from trustproof.inputs.cloudformation.evaluation.declarations.scope import Scope
from trustproof.inputs.cloudformation.values.intrinsics import intrinsic_name
from trustproof.inputs.grammar.expressions import Choices
from trustproof.inputs.grammar.values import NO_VALUE
from trustproof.model.policy import Guard, Path


def branches(
    scope: Scope, value: object, path: Path, guards: tuple[Guard, ...], *, absent: bool = False
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
    if (given := expression_of(scope.under(Choices(guards)), value)) is not value:
        # A condition of another stack may decide what it gives.
        yield from branches(scope, given, path, guards)
        return
    if name == "Ref" and argument == "AWS::NoValue":
        if absent:
            yield NO_VALUE, path, guards
        return
    if name != "Fn::If" or not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
        yield value, path, guards
        return
    scope.environment.work.step()
    for index, inner in outcomes(scope, argument[0], guards):
        yield from branches(scope, argument[index], (*path, name, index), inner, absent=absent)


def outcomes(scope: Scope, condition: str, guards: tuple[Guard, ...]) -> Iterator[tuple[int, tuple[Guard, ...]]]:
    """Of the arguments of an ``Fn::If``, the number of each that may be taken, and the guards under which it is."""
    decided = scope.under(Choices(guards)).decide(condition)
    for index, holds in ((1, True), (2, False)):
        if decided is None:
            inner = (*guards, Guard(condition, holds))
            if scope.under(Choices(inner)).possible():
                yield index, inner
        elif decided is holds:
            yield index, guards


def items(
    scope: Scope, value: object, path: Path, guards: tuple[Guard, ...]
) -> Iterator[tuple[object, Path, tuple[Guard, ...]]]:
    """
    The items of a list, or the one value that stands for a list, each for every outcome of the ``Fn::If`` around it.
    """
    for inner, inner_path, inner_guards in branches(scope, value, path, guards):
        if isinstance(inner, list):
            for index, item in enumerate(inner):
                yield from items(scope, item, (*inner_path, index), inner_guards)
        else:
            yield inner, inner_path, inner_guards
