"""
Which templates have to do with the chains to the roles of a template, at whatever values they are read.

A chain is judged where the parameters of all its templates are decided, and the assignments of several templates
multiply. Most templates of a run lead nowhere, so what they are read at makes no difference to the chains of others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence, Set
from typing import NamedTuple

from trustproof.analysis.role_chains.graph import RoleGraph
from trustproof.analysis.role_chains.mfa_tests import mfa_tests
from trustproof.analysis.role_chains.readings import ChainReading
from trustproof.analysis.role_chains.roles import AttachedPolicy, Node, may_be_for
from trustproof.analysis.role_chains.sessions import at_most
from trustproof.model.policy import Guard
from trustproof.model.query import is_concrete
from trustproof.sets.search import BudgetReached


class Leading(NamedTuple):
    """
    Templates with roles that are asked about, and all that have to do with chains to these.
    """

    #: The places of both in the templates of the run.
    to: tuple[int, ...]
    by: tuple[int, ...]


def leading_templates(options: Sequence[Sequence[ChainReading]], of: Set[int] | None = None) -> Iterator[Leading]:
    """
    For the templates that have roles which may demand MFA of people: the templates by which somebody may come to them.

    It is asked of all readings of all templates together, as if they all were there, and what one template attaches to
    a role of another one may allow it anything: so it is one too many rather than one too few.

    Args:
        options: the readings of each template.
        of: the places of the templates whose roles are asked about; None for all.
    """
    steps = _Steps(options)
    by: dict[tuple[int, ...], list[int]] = {}
    for place, nodes in enumerate(steps.nodes):
        if of is not None and place not in of:
            continue
        targets = [node for node in nodes if mfa_tests(node.trust.policy)]
        if targets:
            by.setdefault(steps.leading_to(place, targets), []).append(place)
    for leading, to in by.items():
        yield Leading(tuple(to), leading)


def known_anyhow(readings: Iterable[Sequence[ChainReading]]) -> frozenset[str]:
    """The ARNs of the roles that templates have at each of their readings."""
    found: set[str] = set()
    for several in readings:
        arns = [{node.arn for node in reading.nodes} for reading in several]
        found |= set.intersection(*arns) if arns else set()
    return frozenset(found)


class _Steps:
    """
    The steps that may be between roles, where the roles of all readings are there at once.
    """

    def __init__(self, options: Sequence[Sequence[ChainReading]]) -> None:
        #: The roles of each template; what several readings say alike is there once.
        self.nodes = [_apart(node for reading in readings for node in reading.nodes) for readings in options]
        self._all = [(place, node) for place, nodes in enumerate(self.nodes) for node in nodes]
        self._attached = [
            [*{_said_of(one): one for reading in readings for one in reading.attached}.values()] for readings in options
        ]
        self._graph = RoleGraph(known=known_anyhow(options))
        self._most = at_most(node for _, node in self._all)
        self._attaching = {id(node): self._attaching_to(node) for _, node in self._all}
        self._leads: dict[tuple[int, int], bool] = {}

    def leading_to(self, place: int, targets: Sequence[Node]) -> tuple[int, ...]:
        """The templates that have to do with chains to some roles of one."""
        found = {place}
        queue = deque(targets)
        seen = {id(node) for node in targets}
        while queue:
            node = queue.popleft()
            found |= self._attaching[id(node)]
            for number, source in self._all:
                if id(source) not in seen and self._may_lead(source, node):
                    seen.add(id(source))
                    found.add(number)
                    queue.append(source)
        return tuple(sorted(found))

    def _may_lead(self, source: Node, target: Node) -> bool:
        key = (id(source), id(target))
        if key not in self._leads:
            try:
                self._leads[key] = self._find(source, target)
            except BudgetReached:
                self._leads[key] = True
        return self._leads[key]

    def _find(self, source: Node, target: Node) -> bool:
        if not self._attaching[id(source)]:
            return self._graph.edge(source, target, self._most) is not None
        # Nobody knows here what it may do with the policies of others.
        return self._graph.admits_roles(target, "" if source.is_anywhere else source.account)

    def _attaching_to(self, node: Node) -> set[int]:
        """The templates that may attach something to a role, with those of the policies that they name."""
        found: set[int] = set()
        for place, several in enumerate(self._attached):
            for one in several:
                if may_be_for(one, node):
                    found.add(place)
                    found |= self._declaring(one.arn) if one.arn else set()
        return found

    def _declaring(self, arn: str) -> set[int]:
        return {place for place, several in enumerate(self._attached) for one in several if one.arn == arn}


def _said_of(one: AttachedPolicy) -> object:
    return one.account, one.role, one.arn, one.open_name, one.is_anywhere


def _apart(nodes: Iterable[Node]) -> list[Node]:
    """Roles without those that say the same as another one, whatever else their readings decide."""
    found: dict[object, Node] = {}
    for node in nodes:
        found.setdefault(_said(node), node)
    return [*found.values()]


def _said(node: Node) -> object:
    boundary = node.permissions_boundary
    documents = (node.trust.document, *node.trust.others, *node.own, *(() if boundary is None else (boundary,)))
    guards: list[Guard] = [guard for one in documents for guard in one.guards]
    guards += [guard for one in documents for statement in one.policy.statements for guard in statement.guards]
    if guards or not all(is_concrete(one.policy) for one in documents):
        # Its deployments decide what it says.
        return id(node)
    known = (node.arn, node.names_like, node.is_anywhere, node.has_given_name, node.ident)
    return known, documents, boundary is None, node.unknown, node.unknown_boundary, node.doubts, node.tags
