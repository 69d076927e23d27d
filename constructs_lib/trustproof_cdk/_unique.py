"""
Names of which there is one: two constructs that would make the same are told apart by their authors.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct

from trustproof_cdk import _arguments as arguments

#: By app or stage, which is deployed on its own: what is taken, and the path of who has it.
_TAKEN: WeakKeyDictionary[cdk.Stage, dict[tuple[str, ...], str]] = WeakKeyDictionary()


#: Likewise, what is counted.
_COUNTED: WeakKeyDictionary[cdk.Stage, dict[tuple[str, ...], int]] = WeakKeyDictionary()


def claim_in_account(scope: Construct, construct_id: str, kind: str, argument: str, name: str | None) -> None:
    """
    Take a name that IAM has once in an account, in whichever case it is written.

    Args:
        scope: as of the construct that takes it.
        construct_id: likewise.
        kind: of what it is the name.
        argument: by which it is given.
        name: None where CloudFormation makes one; one that is known only in a deployment passes.

    Raises:
        ValueError: another construct of the app or stage has it in the same account.
    """
    if name is None or arguments.is_token(name):
        return
    stack = cdk.Stack.of(scope)
    # Of stacks whose account only a deployment knows, nobody knows that it is the same.
    account = stack.node.path if arguments.is_token(stack.account) else stack.account
    claim(scope, construct_id, (account, kind, name.lower()), argument, name)


def count(scope: Construct, what: tuple[str, ...]) -> int:
    """
    How often something was counted in an app or stage, this time included.

    Args:
        scope: in it.
        what: is counted.
    """
    stage = cdk.Stage.of(scope)
    if stage is None:
        return 1
    counted = _COUNTED.setdefault(stage, {})
    counted[what] = counted.get(what, 0) + 1
    return counted[what]


def claim(scope: Construct, construct_id: str, what: tuple[str, ...], argument: str, name: str) -> None:
    """
    Take a name.

    Args:
        scope: as of the construct that takes it.
        construct_id: likewise.
        what: the name, after all that it is unique in.
        argument: by which another one can be given.
        name: as it is shown.

    Raises:
        ValueError: another construct of the app or stage has it.
    """
    stage = cdk.Stage.of(scope)
    if stage is None:
        return
    mine = f"{scope.node.path}/{construct_id}"
    other = _TAKEN.setdefault(stage, {}).setdefault(what, mine)
    if other != mine:
        raise ValueError(
            f"{argument} must be another one than that of {other}, since AWS takes a name once, got {name!r} for "
            f"{mine} too: give {argument}"
        )
