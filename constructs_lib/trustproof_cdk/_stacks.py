"""
The stack of a scope and its account, asked of the CDK once: each question is a call into another process.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import aws_cdk as cdk

#: A construct stays in its stack, and a stack in its account.
_STACKS: WeakKeyDictionary[Any, cdk.Stack] = WeakKeyDictionary()
_ACCOUNTS: WeakKeyDictionary[cdk.Stack, str] = WeakKeyDictionary()


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
