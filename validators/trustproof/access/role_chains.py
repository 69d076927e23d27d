"""
Over which roles somebody gets in who does not get in at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trustproof.access.resources import Resource
from trustproof.analysis.role_chains.reach import Key, Roles


def key_of(resource: Resource) -> Key:
    """What a role is called in chains."""
    return resource.label, resource.logical_id, resource.path


def chains(roles: Roles, resource: Resource) -> Iterator[tuple[str, ...]]:
    """The chains of two steps and more over which sessions of other roles get in."""
    for path in roles.paths(decided=True):
        if path[-1] == key_of(resource) and len(path) > 2:
            yield tuple(roles.nodes[key].name for key in path)


def chains_of(
    roles: Roles, resource: Resource, caller: str, entered: Collection[Key], left_out: Collection[Key]
) -> Iterator[tuple[str, ...]]:
    """
    The chains that begin with a caller, over roles that it may assume.

    Args:
        entered: the roles that the caller gets into at once.
        left_out: those of them over which, or to which, no chain is shown.
    """
    for path in roles.paths(decided=True):
        # What leads over another role that is entered at once is a detour.
        if path[-1] == key_of(resource) and path[0] in entered and not any(key in left_out for key in path[1:]):
            yield (caller, *(roles.nodes[key].name for key in path))
