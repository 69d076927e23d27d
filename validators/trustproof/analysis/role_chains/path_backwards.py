"""
One way to walk a chain of roles, from its end: each step demands something of the session that takes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trustproof.analysis.role_chains.edge import Step
from trustproof.analysis.role_chains.graph import RoleGraph
from trustproof.analysis.role_chains.roles import Node
from trustproof.analysis.role_chains.sessions import SessionRequirement, SessionState, requirement_of

#: How many ways to walk one path are tried.
MAX_TRIES = 64


class PathBackwards:
    """
    Walks one path backwards: a step demands something of the session that takes it, and the step before it gives that.
    """

    def __init__(self, graph: RoleGraph, path: Sequence[Node], states: Sequence[SessionState]) -> None:
        self._graph = graph
        self._path = path
        self._states = states
        self._left = MAX_TRIES

    def reach(self, index: int, wanted: SessionRequirement | None) -> list[Step] | None:
        """The steps to a session of one of the roles, with what is demanded of it; None where none were found."""
        node = self._path[index]
        if index == 0:
            assert wanted is not None
            entered = self._graph.entered(node, wanted).refutation
            return None if entered is None else [Step(entered.request, entered.parameters)]
        source = self._path[index - 1]
        for step in self._graph.steps(source, node, self._states[index - 1], wanted):
            self._left -= 1
            if self._left < 0:
                return None
            assert step.request is not None
            asked = requirement_of(source, self._graph.inspect(source, node), step.request, wanted)
            before = None if asked is None else self.reach(index - 1, asked)
            if before is not None:
                return [*before, step]
        return None


def path_back(source: Node, target: Node, came: Mapping[int, Node]) -> list[Node]:
    """The roles from one to another, by which one each was come by."""
    path = [source]
    while path[-1] is not target:
        path.append(came[id(path[-1])])
    return path
