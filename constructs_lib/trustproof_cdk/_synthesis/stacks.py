"""
Where a construct is: its node and path, its stack, account, stage and app. Each is asked of the CDK once, since none of
them changes, and each question is a call into another process.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import IConstruct, Node

_NODES: WeakKeyDictionary[Any, Node] = WeakKeyDictionary()
_PATHS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
_ASPECTS: WeakKeyDictionary[Any, cdk.Aspects] = WeakKeyDictionary()
#: A construct stays in its stack, and a stack in its account.
_STACKS: WeakKeyDictionary[Any, cdk.Stack] = WeakKeyDictionary()
_ACCOUNTS: WeakKeyDictionary[cdk.Stack, str] = WeakKeyDictionary()
_STAGES: WeakKeyDictionary[cdk.Stack, cdk.Stage] = WeakKeyDictionary()
_ROOTS: WeakKeyDictionary[cdk.Stage, IConstruct] = WeakKeyDictionary()
_OWN_REGIONS: WeakKeyDictionary[cdk.Stack, str] = WeakKeyDictionary()
_OUTERMOST: WeakKeyDictionary[cdk.Stack, cdk.Stack] = WeakKeyDictionary()
#: The stacks that are templates of StackSets, and those.
_CARRIERS: WeakKeyDictionary[cdk.Stack, IConstruct] = WeakKeyDictionary()
#: Likewise, the Regions that these deploy to.
_REGIONS: WeakKeyDictionary[cdk.Stack, str] = WeakKeyDictionary()
#: The metadata of a stack that is the template of a StackSet.
_OF_EACH_ACCOUNT = "trustproof:of-each-account"


def node_of(construct: Any) -> Node:
    """The place of a construct in the tree."""
    found = _NODES.get(construct)
    if found is None:
        found = _NODES[construct] = construct.node
    return found


def path_of(construct: Any) -> str:
    """The path of a construct, which stays what it is, also of one that is taken out of the tree."""
    found = _PATHS.get(construct)
    if found is None:
        found = _PATHS[construct] = node_of(construct).path
    return found


def aspects_of(construct: Any) -> cdk.Aspects:
    """What holds the aspects of a construct, of which there may be others by and by."""
    found = _ASPECTS.get(construct)
    if found is None:
        found = _ASPECTS[construct] = cdk.Aspects.of(construct)
    return found


def stack_of(scope: Any) -> cdk.Stack:
    """The stack that a construct is in, or is."""
    if isinstance(scope, cdk.Stack):
        return scope
    found = _STACKS.get(scope)
    if found is None:
        found = _STACKS[scope] = cdk.Stack.of(scope)
    return found


def note_made_in(construct: Any, scope: Any) -> None:
    """Say in which scope a construct was just made: it has the same stack, which nobody needs to ask for again."""
    _STACKS[construct] = stack_of(scope)


def account_of(stack: cdk.Stack) -> str:
    """The account of a stack; a token where only a deployment knows it."""
    found = _ACCOUNTS.get(stack)
    if found is None:
        found = _ACCOUNTS[stack] = stack.account
    return found


def own_region_of(stack: cdk.Stack) -> str:
    """The Region of a stack itself, see `region_of`; a token where only a deployment knows it."""
    found = _OWN_REGIONS.get(stack)
    if found is None:
        found = _OWN_REGIONS[stack] = stack.region
    return found


def outermost_of(stack: cdk.Stack) -> cdk.Stack:
    """The stack that one is nested in, over however many, or itself: that one says where all of them are deployed."""
    found = _OUTERMOST.get(stack)
    if found is None:
        around = stack.nested_stack_parent
        found = _OUTERMOST[stack] = stack if around is None else outermost_of(around)
    return found


def stage_of(scope: Any) -> cdk.Stage | None:
    """The app or stage that a construct is in; None where its root is neither."""
    stack = stack_of(scope)
    found = _STAGES.get(stack)
    if found is None and (found := cdk.Stage.of(stack)) is not None:
        _STAGES[stack] = found
    return found


def root_of(stage: cdk.Stage) -> IConstruct:
    """The app that a stage is in, or itself."""
    if isinstance(stage, cdk.App):
        return stage
    found = _ROOTS.get(stage)
    if found is None:
        found = _ROOTS[stage] = node_of(stage).root
    return found


def is_in_tree(construct: IConstruct) -> bool:
    """Whether a construct is in the app still: what is taken out keeps its scope, and its scope does not have it."""
    return all(_has(around, one) for around, one in pairwise(node_of(construct).scopes))


def _has(scope: IConstruct, construct: IConstruct) -> bool:
    found = node_of(scope).try_find_child(node_of(construct).id)
    # What Python has made is one object; of what the CDK makes by itself each answer is another one.
    is_other = found is not construct and found is node_of(scope).try_find_child(node_of(construct).id)
    return found is not None and not is_other


def note_carried(stack: cdk.Stack, by: IConstruct) -> None:
    """Say which StackSet of the app around carries a stack as its template."""
    _CARRIERS[stack] = by


def carrier_of(construct: Any) -> Any:
    """The StackSet whose template a construct is in, once that is there; of any other one itself."""
    return _CARRIERS.get(stack_of(construct), construct) if _CARRIERS else construct


def carriers_of(root: IConstruct) -> list[Any]:
    """The StackSets of an app whose templates are made from stacks of their own."""
    # Who is in no app or stage is of no root.
    placed = [(one, stage_of(one)) for one in dict.fromkeys(_CARRIERS.values())]
    return [one for one, stage in placed if stage is not None and root_of(stage) is root and is_in_tree(one)]


def mark_of_each_account(stack: cdk.Stack, around: cdk.Stack) -> None:
    """
    Say of a stack that it is the template of a StackSet: what it makes is in other accounts than its own.

    Args:
        stack: the template.
        around: of the StackSet, in whose Region it deploys.
    """
    node_of(stack).add_metadata(_OF_EACH_ACCOUNT, True)
    _REGIONS[stack] = own_region_of(around)


def region_of(stack: cdk.Stack) -> str:
    """The Region that a stack is deployed to, in each account where it is the template of a StackSet."""
    return _REGIONS.get(stack) or own_region_of(stack)


def is_of_each_account(construct: Any) -> bool:
    """Whether a construct is in the template of a StackSet."""
    return any(entry.type == _OF_EACH_ACCOUNT for entry in stack_of(construct).node.metadata)
