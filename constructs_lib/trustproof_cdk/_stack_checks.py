"""
Checks of a stack when all of it is there: one validation for all of them, since each call into the CDK takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias
from weakref import WeakKeyDictionary

import aws_cdk as cdk
import jsii
from constructs import IConstruct, IValidation

#: Says what is wrong, given the stack and all that is in it.
Check: TypeAlias = "Callable[[cdk.Stack, Sequence[IConstruct]], list[str]]"

#: By stack; each check once.
_CHECKS: WeakKeyDictionary[cdk.Stack, list[Check]] = WeakKeyDictionary()


def check_later(stack: cdk.Stack, check: Check) -> None:
    """Have the CDK run a check at synthesis, once for a stack, however often it is asked for."""
    if stack not in _CHECKS:
        _CHECKS[stack] = []
        stack.node.add_validation(_All(stack))
    if check not in _CHECKS[stack]:
        _CHECKS[stack].append(check)


@jsii.implements(IValidation)
class _All:
    """Walks the stack once for all of them."""

    def __init__(self, stack: cdk.Stack) -> None:
        self._stack = stack

    def validate(self) -> list[str]:
        there = self._stack.node.find_all()
        return [said for check in _CHECKS[self._stack] for said in check(self._stack, there)]
