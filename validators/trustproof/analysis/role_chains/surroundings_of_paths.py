"""
What a chain of roles is found next to, by which a waiver or a baseline knows that it is no other one.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.analysis.role_chains.roles import Node
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.proving.surroundings import surroundings
from trustproof.results.fingerprint import WrittenPolicies
from trustproof.results.surroundings import THROUGH, surrounding

_NEXT_STEP = Statement(ALLOW, actions=(ASSUME_ROLE,))


def surroundings_of_path(path: Sequence[Node], moved: bool) -> tuple[str, ...]:
    """
    What the trust policies say that lead to the last role of a chain, and what keeps each from the next one.

    Args:
        moved: whether by the names that stay where resources are moved.
    """
    written = [node.place.written.moved if moved else node.place.written for node in path]
    *through, target = zip(path, written, strict=True)
    return (
        *surroundings(target[0].trust, None, target[1]),
        *(surrounding(THROUGH, "", said.content(node.trust.document).text) for node, said in through),
        *(one for node, said in through for one in _held_on_the_way(node, said)),
    )


def _held_on_the_way(node: Node, written: WrittenPolicies) -> tuple[str, ...]:
    """What keeps a role from the next one: its permissions boundary, and what its own policies deny."""
    nothing = node.trust.document._replace(policy=Policy(()))
    own = tuple(one for one in node.documents if not one.is_foreign)
    role = node.trust._replace(document=nothing, others=own, permissions_boundary=node.permissions_boundary)
    return surroundings(role, _NEXT_STEP, written, written.holder(f"role {node.called}"), by_group=True)
