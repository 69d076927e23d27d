"""
One walk through all stacks of an app or stage when everything is there, for whoever looks at them: each call into the
CDK takes long.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeAlias
from weakref import WeakKeyDictionary, WeakSet

import aws_cdk as cdk
import jsii
from constructs import Construct, IConstruct, IValidation

from trustproof_cdk._synthesis import raw_resources, role_properties, stacks

#: The stacks of an app or stage, and all that is in each.
Walked: TypeAlias = "Sequence[tuple[cdk.Stack, Sequence[IConstruct]]]"
#: Says what is wrong with an app or stage, given these.
Check: TypeAlias = "Callable[[cdk.Stage, Walked], list[str]]"

#: By app or stage, what looks at all of it, in the order in which it is to; each once.
_CHECKS: WeakKeyDictionary[cdk.Stage, dict[Check, None]] = WeakKeyDictionary()
#: Who wants to know how large an app is, before its templates are written.
_EXPECTING: WeakSet[Expecting] = WeakSet()
#: Whether a walk is being made: everything is there then.
_UNDER_WAY: ContextVar[bool] = ContextVar("_UNDER_WAY", default=False)
#: The known stages that stand in a stack, as those of CDK Pipelines do: to look for them there takes long.
_IN_STACKS: WeakSet[cdk.Stage] = WeakSet()


def check_all(scope: Construct, check: Check) -> cdk.Stage | None:
    """
    Have a check look at all stacks of an app or stage when it is validated.

    Args:
        scope: in it.
        check: is made once, after those that were asked for before it.

    Returns:
        The app or stage; None where the scope is in none.
    """
    stage = stacks.stage_of(scope)
    if stage is None:
        return None
    if stage not in _CHECKS:
        if any(isinstance(one, cdk.Stack) for one in stacks.node_of(stage).scopes):
            _IN_STACKS.add(stage)
        validation = _Walk(stage)
        # What it says is shown as of the scope that it is added to, and as of nothing where that is the app.
        stacks.node_of(scope).add_validation(validation)
        stacks.node_of(stage).add_validation(_Without(scope, validation))
    _CHECKS.setdefault(stage, {})[check] = None
    return stage


class Expecting(Protocol):
    """Prepares for what is going to be written."""

    def expect(self, stacks: int) -> None:
        """Be told how many stacks an app or stage has."""


def tell(one: Expecting) -> None:
    """Have somebody told how many stacks there are, as long as it is there, whenever an app or stage is walked."""
    _EXPECTING.add(one)


def no_longer_tell(one: Expecting) -> None:
    """Have somebody told no more, who has what was waited for."""
    _EXPECTING.discard(one)


def is_under_way() -> bool:
    """Whether an app or stage is being looked at, with everything in it."""
    return _UNDER_WAY.get()


@contextmanager
def under_way() -> Iterator[None]:
    """Say meanwhile that everything is there, as a validation of one construct knows."""
    before = _UNDER_WAY.set(True)
    try:
        yield
    finally:
        _UNDER_WAY.reset(before)


@jsii.implements(IValidation)
class _Walk:
    """Walks an app or stage, for all checks of it."""

    def __init__(self, stage: cdk.Stage) -> None:
        self._stage = stage

    def validate(self) -> list[str]:
        with under_way(), role_properties.remembered():
            found = walked(self._stage)
            for one in list(_EXPECTING):
                one.expect(len(found))
            return [said for check in _CHECKS[self._stage] for said in check(self._stage, found)]


@jsii.implements(IValidation)
class _Without:
    """Is asked in the place of a validation whose scope was taken out of the app or stage, and which no one asks."""

    def __init__(self, scope: Construct, validation: _Walk) -> None:
        self._scope, self._validation = scope, validation

    def validate(self) -> list[str]:
        return [] if stacks.is_in_tree(self._scope) else self._validation.validate()


def walked(stage: cdk.Stage) -> Walked:
    """The stacks of an app or stage, and all that is in each, as it is now."""
    return [(stack, there_in(stack)) for stack in stacks_of(stage)]


def there_in(stack: cdk.Stack) -> Sequence[IConstruct]:
    """All that is in a stack, without the stages in it, which are deployed on their own."""
    found = raw_resources.all_in(stack)
    inside = [one for one in found if isinstance(one, cdk.Stage)]
    _IN_STACKS.update(inside)
    return list(_without_stages(stack)) if inside else found


def _without_stages(construct: IConstruct) -> Iterator[IConstruct]:
    yield raw_resources.typed(construct)
    for child in construct.node.children:
        if not isinstance(child, cdk.Stage):
            yield from _without_stages(child)


def walked_beside(stage: cdk.Stage, known: Container[cdk.Stage]) -> Iterator[tuple[cdk.Stage, Walked]]:
    """
    The other stages of an app, and all that is in each.

    Args:
        stage: that is left out.
        known: stages that are not walked again, which takes long; for them there is nothing.
    """
    for one in stages_of(stacks.root_of(stage)):
        if one is not stage:
            yield one, () if one in known else walked(one)


def stacks_of(construct: IConstruct) -> Iterator[cdk.Stack]:
    """The stacks of an app or stage, without those of stages in it, which are deployed on their own."""
    for child in stacks.node_of(construct).children:
        if isinstance(child, cdk.Stack):
            yield child
        elif not isinstance(child, cdk.Stage):
            yield from stacks_of(child)


def stages_of(construct: IConstruct) -> Iterator[cdk.Stage]:
    """An app, and the stages in it; of those in a stack, where something of this library is or a walk came by."""
    yield from _outside_of_stacks(construct)
    inside = [one for one in _IN_STACKS if stacks.root_of(one) is construct and stacks.is_in_tree(one)]
    yield from sorted(inside, key=stacks.path_of)


def _outside_of_stacks(construct: IConstruct) -> Iterator[cdk.Stage]:
    if isinstance(construct, cdk.Stage):
        yield construct
    for child in stacks.node_of(construct).children:
        if not isinstance(child, cdk.Stack):
            yield from _outside_of_stacks(child)
