"""
Which roles the sessions of a role reach over others on one side only.

Single steps are changes of trust and of identity policies, and are said as such. Here is what follows from them: a
chain of two steps or more that was not there, one of whose steps may have changed far away.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from trustproof.analysis.role_chains.edge import Step
from trustproof.analysis.role_chains.graph import RoleGraph
from trustproof.analysis.role_chains.nodes import chained_template
from trustproof.analysis.role_chains.roles import Node, with_attached
from trustproof.analysis.role_chains.sessions import SessionState, at_most
from trustproof.analysis.template_context import TemplateContext
from trustproof.model.policy import Path
from trustproof.sets.strings import BudgetReached

#: A role on both sides: the label of its template, and where its trust policy stands there.
Key = tuple[str, Path]
#: How many roles a change names that reach another one.
_NAMED = 3


class Chain(NamedTuple):
    """
    A chain of roles that is there on one side only.
    """

    #: From the first to the last, three at least.
    nodes: tuple[Node, ...]
    steps: tuple[Step, ...]
    #: Which of the steps is there on this side only.
    new: int
    #: Further roles whose sessions reach the same one, by name.
    others: tuple[str, ...]


class Undecided(NamedTuple):
    """
    A step of which it is not known on one side whether it is there.
    """

    node: Node
    reason: str


class Roles:
    """
    The roles of one side.

    Args:
        contexts: of its templates, by label.
        numbers: labels to the same numbers on both sides.
        keys: what a role of the old side is called, where it is another one on the new side.
    """

    def __init__(
        self, contexts: Mapping[str, TemplateContext], numbers: Mapping[str, int], keys: Mapping[Key, Key]
    ) -> None:
        readings = {
            label: chained_template(context, (numbers[label], 0)).readings[0] for label, context in contexts.items()
        }
        labels = {(numbers[label], 0): label for label in contexts}
        nodes = with_attached(
            [node for reading in readings.values() for node in reading.nodes],
            [attached for reading in readings.values() for attached in reading.attached],
        )
        self.nodes: dict[Key, Node] = {}
        for node in nodes:
            key = (labels[node.number], node.path)
            # A role that conditions make several of is judged as the first of them.
            self.nodes.setdefault(keys.get(key, key), node)
        self.labels = labels
        self._graph = RoleGraph()
        self._most: SessionState = at_most(self.nodes.values())
        self.steps: dict[tuple[Key, Key], Step] = {}
        for there, target in self.nodes.items():
            try:
                if not self._graph.admits_roles(target):
                    continue
            except BudgetReached:
                pass
            for here, source in self.nodes.items():
                step = self._step(source, target) if here != there else None
                if step is not None:
                    self.steps[here, there] = step

    def _step(self, source: Node, target: Node) -> Step | None:
        try:
            return self._graph.edge(source, target, self._most)
        except BudgetReached as reached:
            return Step(None, {}, f"budget reached: {reached.name} ({reached.limit})")

    def paths(self, *, decided: bool) -> Iterator[tuple[Key, ...]]:
        """
        The shortest path from each role to each that its sessions reach.

        Args:
            decided: whether only steps count that surely can be taken.
        """
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
                        queue.append((*path, after))
                        yield (*path, after)


def chains(side: Roles, other: Roles) -> Iterator[Chain | Undecided]:
    """The chains that are there on one side and surely not on the other, once for each role that they reach."""
    known = {(path[0], path[-1]) for path in other.paths(decided=False)}
    for pair, step in side.steps.items():
        before = other.steps.get(pair)
        if step.request is None and before is None and set(pair) <= other.nodes.keys():
            yield Undecided(side.nodes[pair[1]], step.doubt)
    found: dict[Key, list[tuple[Key, ...]]] = {}
    for path in side.paths(decided=True):
        if len(path) > 2 and (path[0], path[-1]) not in known:
            found.setdefault(path[-1], []).append(path)
    for several in found.values():
        several.sort(key=lambda path: (len(path), path))
        yield _chain(side, other, several)


def _chain(side: Roles, other: Roles, paths: Sequence[tuple[Key, ...]]) -> Chain:
    first, *others = paths
    pairs = list(itertools.pairwise(first))
    new = next(number for number, pair in enumerate(pairs) if pair not in other.steps)
    return Chain(
        tuple(side.nodes[key] for key in first),
        tuple(side.steps[pair] for pair in pairs),
        new,
        tuple(dict.fromkeys(side.nodes[path[0]].name for path in others)),
    )


def message(chain: Chain, *, lost: bool) -> str:
    """A chain in a sentence."""
    first, *between, last = (node.name for node in chain.nodes)
    may = "may no longer" if lost else "may"
    return f"a session of role {first} {may} become {last} through {', then '.join(between)}"


def notes(chain: Chain) -> Iterator[str]:
    """Which of the steps has changed, and for whom else it matters."""
    pairs = pairwise(chain.nodes)
    for number, (source, target) in enumerate(pairs):
        changed = "; this step is the one that the other side does not have" if number == chain.new else ""
        yield f"step {number + 1}: a session of {source.arn} assumes {target.arn}{changed}"
    if chain.others:
        names = ", ".join(chain.others[:_NAMED])
        more = f" and {len(chain.others) - _NAMED} more" if len(chain.others) > _NAMED else ""
        yield f"the same holds of sessions of {names}{more}"
