"""
How deep blocks stand inside each other, by the nodes of a tree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

#: How many blocks may stand inside each other: resources have some ten.
MAX_BLOCKS = 100
#: How many of them are read at once, and not when somebody asks: what is not read yet keeps the tree of its file, which
#: is several times as large as what is made of it, and slower to have than all files one by one.
AT_ONCE = 20


def too_deep(body: Node | None) -> Node | None:
    """
    A block that stands in more than `MAX_BLOCKS`; None where none does.

    Args:
        body: of a block that stands in `AT_ONCE` others; None for an empty one.
    """
    waiting = [(body, AT_ONCE + 1)] if body is not None else []
    while waiting:
        node, depth = waiting.pop()
        for child in node.children:
            if child.type == "block":
                if depth >= MAX_BLOCKS:
                    return child
                waiting.append((child, depth + 1))
            elif child.type == "body":
                waiting.append((child, depth))
    return None
