"""
What loops make of what stands at a place of a template, as if each of it were written there.
"""

from __future__ import annotations

from trustproof.inputs.cloudformation.evaluation.declarations.environment import Environment
from trustproof.inputs.cloudformation.values.intrinsics import FOREACH
from trustproof.model.policy import Path


def without_loops(environment: Environment, path: Path, prefix: Path = ()) -> tuple[Path, ...]:
    """
    The paths to what loops make of what stands at a path: ``("Resources", "HubRole", …)`` for each hub. The path itself
    where it leads through no loop that has been written out.

    Args:
        prefix: where the template stands in its file.
    """
    start = len(prefix) + 1
    if not environment.turns or len(path) <= start or not str(path[start]).startswith(FOREACH):
        return (path,)
    for end in range(len(path), start, -1):
        if (found := environment.made_at.get(path[:end])) is not None:
            return tuple((*prefix, "Resources", logical_id, *path[end:]) for logical_id in found)
    return (path,)
