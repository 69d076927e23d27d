"""
Which roles the sessions of which others may assume, step by step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping

from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.role_chains.chained_templates import first_reading
from trustproof.analysis.role_chains.edge import Step
from trustproof.analysis.role_chains.graph import RoleGraph
from trustproof.analysis.role_chains.roles import Node, with_attached
from trustproof.analysis.role_chains.sessions import SessionState, at_most
from trustproof.engine.allowance import TEMPLATE_UNITS, has_come_to_its_end, limited_to, spend
from trustproof.model.policy import Path
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USERS
from trustproof.results.result import BUDGET
from trustproof.results.unknown_kinds import OUR_BUDGET
from trustproof.sets.search import BudgetReached

#: A role: what its template is called, its logical id, and where its trust policy stands there; that may be where
#: those of others do: one body of `Fn::ForEach` declares several.
Key = tuple[str, str, Path]
#: So many pairs of roles are asked about whether the one may assume the other: those of 700 roles, and a stack has 500
#: resources at most.
MAX_PAIRS = 500_000
#: Units of an allowance that it costs to ask this of a role with policies of its own; of many pairs of a side that is
#: compared it is seen at once that the one may not assume the other.
_ASKED, _ASKED_OF_SIDE = 256, 32
#: The part of what a template may cost that this may for a side that is compared.
_PART = 8
#: So many roles are written down on the ways between roles.
MAX_ON_PATHS = 1_000_000
#: Whoever assumes a role names its session, also where this needs MFA.
_ENTERING = (*USERS, ROLE_SESSION, IDENTITY_CENTER)


class Roles:
    """
    The roles of some templates, and the steps between them.

    Args:
        contexts: of the templates, by what they are called.
        numbers: what they are called to numbers, by which names are made up that AWS generates.
        keys: roles to what they are called instead.
        is_compared: whether this is one of two sides that are compared, which share the pairs that are asked about, and
            make no use of some of the steps where there are too many to look for all.
    """

    def __init__(
        self,
        contexts: Mapping[str, TemplateContext],
        numbers: Mapping[str, int],
        keys: Mapping[Key, Key],
        *,
        is_compared: bool = False,
    ) -> None:
        readings = {label: first_reading(context, (numbers[label], 0)) for label, context in contexts.items()}
        labels = {(numbers[label], 0): label for label in contexts}
        nodes = with_attached(
            [node for reading in readings.values() for node in reading.nodes],
            [attached for reading in readings.values() for attached in reading.attached],
        )
        self.nodes: dict[Key, Node] = {}
        for node in nodes:
            key = (labels[node.number], node.trust.document.logical_id, node.path)
            # A role that conditions make several of is judged as the first of them.
            self.nodes.setdefault(keys.get(key, key), node)
        self.labels = labels
        graph = RoleGraph(entering=_ENTERING, known=frozenset(node.arn for node in nodes))
        self._most: SessionState = at_most(self.nodes.values())
        self.steps: dict[tuple[Key, Key], Step] = {}
        #: Which budget was reached before all steps and paths were known; empty where none was.
        self.reached: str = ""
        # What is remembered of each pair is of no use thereafter, and there are hundreds of thousands.
        units = TEMPLATE_UNITS // _PART if is_compared else TEMPLATE_UNITS
        self._asked: int = _ASKED_OF_SIDE if is_compared else _ASKED
        with limited_to(units):
            self._find_steps(graph, is_compared, units)

    def _find_steps(self, graph: RoleGraph, is_compared: bool, units: int) -> None:
        left = MAX_PAIRS // 2 if is_compared else MAX_PAIRS
        reached = f"{BUDGET}: steps between roles ({left} pairs, or {units} of work)"
        targets = [key for key, target in self.nodes.items() if _may_admit_roles(graph, target)]
        if is_compared and len(targets) * len(self.nodes) > left:
            self.reached = reached
            return
        for there in targets:
            left -= len(self.nodes)
            if left < 0 or has_come_to_its_end():
                self.reached = reached
                return
            for here, source in self.nodes.items():
                step = self._step(graph, source, self.nodes[there]) if here != there else None
                if step is not None:
                    self.steps[here, there] = step

    def _step(self, graph: RoleGraph, source: Node, target: Node) -> Step | None:
        try:
            if source.policies or source.unknown:
                spend(self._asked)
            return graph.edge(source, target, self._most)
        except BudgetReached as reached:
            return Step(None, {}, f"{BUDGET}: {reached.name} ({reached.limit})", kind=OUR_BUDGET)

    def paths(self, *, decided: bool) -> Iterator[tuple[Key, ...]]:
        """
        The shortest path from each role to each that its sessions reach; where `reached` says so, not all of them.

        Args:
            decided: whether only steps count that surely can be taken.
        """
        left = MAX_ON_PATHS
        following: dict[Key, list[Key]] = {}
        for (here, there), step in self.steps.items():
            if step.request is not None or not decided:
                following.setdefault(here, []).append(there)
        for start in following:
            seen = {start}
            queue: deque[tuple[Key, ...]] = deque([(start,)])
            while queue:
                path = queue.popleft()
                for after in following.get(path[-1], ()):
                    if after not in seen:
                        seen.add(after)
                        left -= len(path)
                        if left < 0:
                            self.reached = f"{BUDGET}: roles on the way to other roles ({MAX_ON_PATHS})"
                            return
                        queue.append((*path, after))
                        yield (*path, after)


def _may_admit_roles(graph: RoleGraph, target: Node) -> bool:
    try:
        return graph.admits_roles(target)
    except BudgetReached:
        return True
