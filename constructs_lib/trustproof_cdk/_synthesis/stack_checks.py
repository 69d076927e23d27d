"""
Checks of a stack when all of it is there, in the one walk through an app or stage: each call into the CDK takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from constructs import IConstruct, IValidation

from trustproof_cdk._synthesis import raw_resources, stacks, walk

#: Says what is wrong, given the stack and all that is in it.
Check: TypeAlias = "Callable[[cdk.Stack, Sequence[IConstruct]], list[str]]"

#: By stack; each check once.
_CHECKS: WeakKeyDictionary[cdk.Stack, list[Check]] = WeakKeyDictionary()


def check_later(stack: cdk.Stack, check: Check) -> None:
    """Have the CDK run a check at synthesis, once for a stack, however often it is asked for."""
    if stack not in _CHECKS:
        _CHECKS[stack] = []
        if walk.check_all(stack, _check) is None:
            stack.node.add_validation(_InNoApp(stack))
    if check not in _CHECKS[stack]:
        _CHECKS[stack].append(check)


def _check(stage: cdk.Stage, walked: walk.Walked) -> list[str]:
    return [
        said
        for outer, all_there in walked
        for stack, there in ((outer, all_there), *_nested(stage, outer, all_there))
        for check in _CHECKS.get(stack, ())
        for said in check(stack, there)
    ]


def _nested(
    stage: cdk.Stage, outer: cdk.Stack, there: Sequence[IConstruct]
) -> Iterator[tuple[cdk.Stack, Sequence[IConstruct]]]:
    """The stacks in a stack that are checked, and all that is in each; those of stages in it are walked with these."""
    for one in there:
        if isinstance(one, cdk.Stack) and one is not outer and one in _CHECKS and stacks.stage_of(one) is stage:
            yield one, raw_resources.all_in(one)


@jsii.implements(IValidation)
class _InNoApp:
    """Walks a stack that is in no app or stage."""

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack

    def validate(self) -> list[str]:
        there = raw_resources.all_in(self._stack)
        return [said for check in _CHECKS[self._stack] for said in check(self._stack, there)]
