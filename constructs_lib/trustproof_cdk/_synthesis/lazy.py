"""
Values that the CDK asks for when it synthesizes, when everything that they depend on is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from weakref import WeakSet

import aws_cdk as cdk
import jsii
from constructs import IConstruct, IValidation

#: Resolves a value for the stack that asks, and lets the CDK see what of other stacks is in it.
Resolve: TypeAlias = "Callable[[Any], Any]"


def lazily(produce: Callable[[Resolve], Any]) -> Any:
    """
    A value for the property of a resource that is made anew in every synthesis.

    Args:
        produce: makes the value; what it raises fails the synthesis. It must resolve with the function it is given: a
            synthesis asks first for what refers to other stacks, and only a reference that is found then is exported
            there and imported here. `Stack.resolve` keeps it from being found, and the template refers to nothing.
    """
    return cdk.Lazy.uncached_any(_Produced(produce))


def lazily_checked(value: Any, check: Callable[[Any], None]) -> Any:
    """
    A value that is looked at when all is there, and again when it is written into the template.

    Args:
        value: to resolve.
        check: what it raises, given what the value comes out as, fails the synthesis, for the resource that has it.
    """
    return cdk.Lazy.uncached_any(_Checked(value, check))


def lazily_listed(produce: Callable[[], list[str]]) -> list[str]:
    """
    A list of texts, which may be tokens, that is made anew in every synthesis.

    Args:
        produce: makes the list; what it raises fails the synthesis.
    """
    return cdk.Lazy.uncached_list(_ProducedList(produce))


@jsii.implements(cdk.IListProducer)
class _ProducedList:
    """What the CDK calls."""

    def __init__(self, produce: Callable[[], list[str]]) -> None:
        self._produce = produce

    def produce(self, _context: cdk.IResolveContext) -> list[str]:
        return self._produce()


@jsii.implements(cdk.IAnyProducer)
class _Checked:
    """What the CDK calls."""

    def __init__(self, value: Any, check: Callable[[Any], None]) -> None:
        self._value, self._check = value, check
        self._asking: WeakSet[IConstruct] = WeakSet()

    def produce(self, context: cdk.IResolveContext) -> Any:
        found = context.resolve(self._value)
        if not context.preparing:
            self._check(found)
        elif context.scope not in self._asking:
            # The CDK looks for references only, and makes no text of what stands beside one; but now it is a resource
            # that asks, and an error of that has its path, where one while a template is written has no place.
            self._asking.add(context.scope)
            context.scope.node.add_validation(_Asking(context.scope, self._value, self._check))
        return found


@jsii.implements(IValidation)
class _Asking:
    """Looks at a value for a resource that has it."""

    def __init__(self, scope: IConstruct, value: Any, check: Callable[[Any], None]) -> None:
        self._scope, self._value, self._check = scope, value, check

    def validate(self) -> list[str]:
        try:
            self._check(cdk.Stack.of(self._scope).resolve(self._value))
        except ValueError as error:
            return [str(error)]
        return []


@jsii.implements(cdk.IAnyProducer)
class _Produced:
    """What the CDK calls."""

    def __init__(self, produce: Callable[[Resolve], Any]) -> None:
        self._produce = produce

    def produce(self, context: cdk.IResolveContext) -> Any:
        return self._produce(context.resolve)
