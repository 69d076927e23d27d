"""
Names of which there is one: two constructs that would make the same are told apart by their authors.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import aws_cdk as cdk
from constructs import Construct

#: By app or stage, which is deployed on its own: what is taken, and the path of who has it.
_TAKEN: WeakKeyDictionary[cdk.Stage, dict[tuple[str, ...], str]] = WeakKeyDictionary()


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
