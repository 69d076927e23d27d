"""
Role chains over all templates: who reaches a role that demands MFA, by assuming other roles first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, partial
from itertools import pairwise
from typing import NamedTuple

from trustproof.analysis.holders.denied_to_users import resting_on_denials
from trustproof.analysis.role_chains.graph import RoleGraph
from trustproof.analysis.role_chains.graph_memory import GraphMemory
from trustproof.analysis.role_chains.guards import apart, guarded_templates, guards_together
from trustproof.analysis.role_chains.mfa_tests import may_name, mfa_tests
from trustproof.analysis.role_chains.named_values import parameters_of
from trustproof.analysis.role_chains.path_backwards import PathBackwards, path_back
from trustproof.analysis.role_chains.roles import Node, deployed_role
from trustproof.analysis.role_chains.sessions import SessionState, at_most
from trustproof.analysis.role_chains.surroundings_of_paths import surroundings_of_path
from trustproof.analysis.role_chains.unique_ids import resting_on_ids
from trustproof.aws.condition_keys import ASSUME_ROLE, lookup
from trustproof.inputs.reader import Number
from trustproof.model.policy import ALLOW, Path
from trustproof.model.query import is_concrete
from trustproof.model.request import USER_KEY_MFA, USER_SESSION_MFA, Request
from trustproof.properties.base import RunProperty
from trustproof.properties.question import Question
from trustproof.properties.shared.regions import trust_regions
from trustproof.proving.cache import content
from trustproof.proving.counterexamples import counterexample
from trustproof.proving.outcomes import result
from trustproof.proving.witnesses import Witnesses
from trustproof.results.groups import cause_of_entry
from trustproof.results.result import BUDGET, PROVED, REFUTED, UNKNOWN, RelatedPlace, Remedy, Result
from trustproof.results.unknown_kinds import OUR_BUDGET, UnknownKind, gravest
from trustproof.sets.search import BudgetReached


class Walk(NamedTuple):
    """
    A chain that was walked: each step by a session that the step before it gives.
    """

    #: The request of the user, then one for each role on the way.
    requests: tuple[Request, ...]
    #: Template parameters to the values they have here.
    parameters: dict[str, str]


class Chains:
    """
    Finds the chains of roles that lead to roles that demand MFA.

    Args:
        beside: gives the parameters of other templates at whose values the roles of a chain are what they are.
        certify: whether the proofs that no step leads further are checked again.
        known: the ARNs of further roles, none of which leads to these.
        memory: of what has been asked of the same roles with the same allowance.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        asked: RunProperty,
        beside: Callable[[Sequence[Node]], Mapping[str, str]] = lambda _: {},
        *,
        certify: bool = False,
        known: frozenset[str] = frozenset(),
        memory: GraphMemory | None = None,
    ) -> None:
        self._beside = beside
        self._nodes = sorted(nodes, key=lambda node: (node.arn, node.place.template))
        #: Of a role, the others that may assume it, whatever their sessions carry.
        self._before: dict[int, list[Node]] = {}
        self._asked = asked
        self._certify = certify
        self._memory = memory or GraphMemory()
        self._memory.begin()
        nodes = [self._memory.known(node) for node in nodes]
        all_known = known.union(node.arn for node in nodes)
        self._graph = RoleGraph(certify=certify, known=all_known, memory=self._memory)
        self._deployed: dict[tuple[int, tuple[tuple[str, str], ...]], Node | None] = {}
        #: The templates with roles of chains that were found, or are not decided.
        self.involved: set[Number] = set()
        #: The templates with roles that demand MFA in some deployments alone.
        self.switching: set[Number] = set()
        #: The roles that demand MFA of people, and let in sessions of some role: template, stack and logical id.
        self.entered: set[tuple[str, str, str]] = set()
        #: What the sessions of any role may carry at most.
        self._most = at_most(self._nodes)

    def results(self, of: Set[Number] | None = None) -> Iterator[Result]:
        """
        One result for each role that demands MFA of people.

        Args:
            of: the templates whose roles are asked about; None for all.

        Raises:
            CertificateError: a proof does not stand up to being checked again.
        """
        found: dict[tuple[Number, Path], Result] = {}
        for node in self._nodes:
            if of is not None and node.number not in of:
                continue
            if self._demands_mfa(node) or self._memory.is_protected(node):
                key, one = (node.number, node.path), self._result(node)
                # A role that conditions make several of is as bad as the worst of them.
                found[key] = one if key not in found else _worse(found[key], one)
            elif mfa_tests(node.trust.policy) and any(one.guards for one in node.trust.policy.statements):
                self.switching.add(node.number)
        yield from found.values()

    def _demands_mfa(self, node: Node) -> bool:
        """Whether users get in with MFA, and none without but those who are worth no more than a note."""
        if not mfa_tests(node.trust.policy):
            # Whoever gets in with MFA then gets in without: nothing tells the two requests apart.
            return False
        # Most roles are for services, and say the same. What one with parameters means, its template decides.
        where = () if is_concrete(node.trust.policy) else (id(node.deployments), node.trust.document.guards)
        self._memory.number(node)
        around = tuple(map(content, node.trust.others))
        key = (content(node.trust.document), around, node.trust.account, node.trust.partition, where)
        demands = self._memory.demands
        if key not in demands:
            # A role in each of a thousand accounts lets in the same users, and one request shows it of all.
            said = (key[0], around, node.trust.partition, node.trust.organization)
            witnesses = None if where else self._memory.with_mfa.setdefault(said, Witnesses())
            demands[key] = self._find_demand(node, witnesses)
        return demands[key]

    def _find_demand(self, node: Node, witnesses: Witnesses | None) -> bool:
        if self._graph.is_open(node):
            return False
        kinds = (USER_KEY_MFA, USER_SESSION_MFA)
        regions = [region for kind in kinds for region in trust_regions(node.trust, kind, ASSUME_ROLE)]
        question = Question(tuple(regions), lambda request: True)
        found = self._graph.ask(node, question, witnesses)
        # A role is not left out since a budget was reached.
        if found.refutation is None and found.kind != OUR_BUDGET:
            return False
        # Who gets in by a way that is worth a note does so with MFA too: a test of MFA that is about services, say,
        # makes that no demand.
        statements, tests = node.trust.policy.statements, mfa_tests(node.trust.policy)
        by = None if found.refutation is None else found.refutation.statement
        return any(statements[index] == by or self._is_about(question, node, index) for index in tests)

    def _is_about(self, question: Question, node: Node, index: int) -> bool:
        """Whether a statement may let in, or deny, a request that a question is about."""
        statement = node.trust.policy.statements[index]
        if statement.effect == ALLOW:
            return self._graph.may_answer(node, question, index)
        return may_name(statement, [region.space for region in question.regions])

    # -- the search

    def _result(self, target: Node) -> Result:
        try:
            return self._backward(target)
        except BudgetReached as reached:
            # Where nobody comes in there is no chain, however many steps there are.
            if all(node is target for node in self._entered_without_mfa):
                return self._proved(target, self._resting, ["no other role here lets in a user without MFA"])
            return self._not_decided(target, OUR_BUDGET, (f"{BUDGET}: {reached.name} ({reached.limit})",))

    @cached_property
    def _entered_without_mfa(self) -> list[Node]:
        """The roles that users may enter directly; a role that is none of these, surely nobody does."""
        return [node for node in self._nodes if not self._graph.entry(node).is_no]

    @cached_property
    def _resting(self) -> tuple[str, ...]:
        """What proofs about all roles have to say, once for as many as there are."""
        return _resting_on(self._nodes)

    def _backward(self, target: Node) -> Result:
        """Follow the steps back from a role to those where users enter."""
        came: dict[int, Node] = {}
        if self._graph.admits_roles(target):
            self.entered.add((target.place.template, target.place.stack, target.trust.document.logical_id))
        queue = deque([target])
        reached = {id(target): target}
        while queue:
            node = queue.popleft()
            for source in self._sources(node):
                if id(source) in reached:
                    continue
                reached[id(source)] = source
                came[id(source)] = node
                queue.append(source)
                if self._graph.entry(source).refutation is not None:
                    path = path_back(source, target, came)
                    walk = self._walk(path)
                    if walk is not None:
                        return self._refuted(path, walk)
        return self._forward(target, list(reached.values()))

    def _sources(self, node: Node) -> Sequence[Node]:
        """The roles that may assume another, whatever their sessions carry."""
        if id(node) not in self._before:
            nodes = self._nodes if self._graph.admits_roles(node) else ()
            self._memory.count_looked_at(len(nodes))
            self._before[id(node)] = [one for one in nodes if self._graph.edge(one, node, self._most) is not None]
        return self._before[id(node)]

    def _forward(self, target: Node, reached: Sequence[Node]) -> Result:
        """
        Follow the users from where they enter, with what their sessions may carry by then.

        Whether a step can be taken depends on what was on the way: a source identity, and tags.
        """
        starts = [node for node in reached if node is not target and not self._graph.entry(node).is_no]
        queue = deque((SessionState().on(node), [node]) for node in starts)
        seen = {(id(node), SessionState().on(node)) for node in starts}
        doubtful: list[Node] = []
        # What no session may assume that carries the most, none may that carries less.
        following: dict[int, list[Node]] = {}
        for node in reached if starts else ():
            for source in self._sources(node):
                following.setdefault(id(source), []).append(node)
        while queue:
            state, path = queue.popleft()
            nodes = following.get(id(path[-1]), [])
            self._memory.count_looked_at(len(nodes))
            for node in nodes:
                if self._graph.edge(path[-1], node, state) is None:
                    continue
                longer = [*path, node]
                if node is not target:
                    after = state.on(node, path[-1])
                    if (id(node), after) not in seen:
                        seen.add((id(node), after))
                        queue.append((after, longer))
                    continue
                walk = self._walk(longer)
                if walk is not None:
                    return self._refuted(longer, walk)
                doubtful = doubtful or longer
        if doubtful:
            return self._unknown(doubtful)
        return self._proved(target, _resting_on(reached), self._evidence(reached))

    def _proved(self, target: Node, resting: tuple[str, ...], evidence: Iterable[str]) -> Result:
        return result(
            target.trust,
            self._asked,
            target.place,
            PROVED,
            target.path,
            self._asked.proved(target.trust),
            reasons=resting,
            certificate=tuple(evidence) if self._certify else (),
        )

    # -- one chain

    def _walk(self, path: Sequence[Node]) -> Walk | None:
        """One way for a user without MFA to walk a path; None where none was found."""
        found = None if apart(path) else self._walked(path)
        if found is None:
            return None
        shared = guarded_templates(path)
        if not shared:
            return found[0]
        # Roles of one template with conditions: all of them must be there at once, and no Deny that is there too.
        walk, chosen = found
        for number, nodes in shared.items():
            for values in self._assignments(nodes, [v for n, v in chosen if n == number]):
                if nodes[0].deployments.undecided_together(values):
                    continue
                there = [self._at(node, values) if node.number == number else node for node in path]
                nodes_ = [node for node in there if node is not None]
                again = self._walked(nodes_) if len(nodes_) == len(path) else None
                if again is not None:
                    path, walk = nodes_, again[0]._replace(parameters={**again[0].parameters, **values})
                    break
            else:
                return None
        return walk

    def _walked(self, path: Sequence[Node]) -> tuple[Walk, list[tuple[Number, dict[str, str]]]] | None:
        states = [SessionState().on(path[0])]
        for source, node in pairwise(path[:-1]):
            states.append(states[-1].on(node, source))
        steps = PathBackwards(self._graph, path, states).reach(len(path) - 1, None)
        if steps is None:
            return None
        parameters: dict[str, str] = {}
        for step in reversed(steps):
            parameters.update(step.parameters)
        requests = tuple(step.request for step in steps if step.request is not None)
        return Walk(requests, parameters), [
            (node.number, step.parameters) for node, step in zip(path, steps, strict=True)
        ]

    def _assignments(self, nodes: Sequence[Node], chosen: Sequence[dict[str, str]]) -> Iterator[dict[str, str]]:
        """Values of a template's parameters under which all of these roles may be there."""
        merged: dict[str, str] = {}
        for part in chosen:
            merged.update(part)
        yield merged
        for guards in guards_together(nodes):
            try:
                values = nodes[0].deployments.satisfy(guards)
            except BudgetReached:
                continue
            if values is not None:
                yield values
        yield from chosen

    def _at(self, node: Node, values: Mapping[str, str]) -> Node | None:
        """A role as it is deployed with some parameters; None where it then does not exist."""
        key = (id(node), tuple(sorted(values.items())))
        if key not in self._deployed:
            self._deployed[key] = deployed_role(node, values)
        return self._deployed[key]

    # -- results

    def _refuted(self, path: Sequence[Node], walk: Walk) -> Result:
        self.involved.update(number for node in path for number in (node.number, *node.attaching))
        target, first, last = path[-1], path[0], path[-2]
        request = walk.requests[0]
        user = request.caller.display_arn
        steps = " -> ".join([user, *(node.arn for node in path)])
        why = [f"{user} may assume {first.arn} without MFA"]
        for (source, node), step in zip(pairwise(path), walk.requests[1:], strict=True):
            who = self._graph.described(source, node, step)
            sent = " and ".join(self._graph.sent(source, node, step))
            how = f", in a call with {sent}" if sent else ""
            why.append(f"{who} may assume {node.arn}{how}; it carries no MFA information")
        values = {**self._beside(path), **parameters_of(path, walk.parameters)}
        shown = counterexample(request, [first.trust.policy], values)
        passed = {lookup(key).name: request.context[key] for key in self._graph.passed(first, path[1], request)}
        through = ", ".join(node.called for node in path[:-1])
        entry = self._graph.entry(first).refutation
        place = self._graph.entrance(target, walk.parameters, walk.requests[-1])
        enters = "" if entry is None else cause_of_entry(first.trust.document.logical_id, entry.statement.path)
        return result(
            target.trust,
            self._asked,
            target.place,
            REFUTED,
            place,
            f"a user without MFA reaches {target.trust.document.logical_id} through {through}: {steps}",
            around=partial(surroundings_of_path, path),
            label=f"this role demands MFA of people, and trusts {last.called}",
            counterexample=shown._replace(context=dict(sorted({**shown.context, **passed}.items()))),
            why=tuple(why),
            remedy=Remedy(
                f"demand MFA where people enter {first.called}, or do not let {target.called} trust {last.called}"
            ),
        )._replace(
            related=tuple(
                RelatedPlace(node.place.template, node.path, said)
                for node, said in zip(path, why, strict=False)
                if node is not target
            ),
            cause=enters,
            caret=self._graph.admitted_at(target, walk.parameters, walk.requests[-1], place),
        )

    def _unknown(self, path: Sequence[Node]) -> Result:
        self.involved.update(number for node in path for number in (node.number, *node.attaching))
        target, first = path[-1], path[0]
        entry = self._graph.entry(first)
        if entry.refutation is not None:
            start = f"{entry.refutation.request.caller.display_arn} may assume {first.arn} without MFA"
        else:
            start = f"whether a user without MFA may assume {first.arn} is not decided: {'; '.join(entry.doubts)}"
        state, before = SessionState(), None
        doubts = [found] if (found := apart(path)) else []
        kinds = [entry.kind]
        for source, node in pairwise(path):
            state, before = state.on(source, before), source
            step = self._graph.edge(source, node, state)
            if step is not None and step.doubt:
                doubts.append(step.doubt)
                kinds.append(step.kind)
        if not doubts and entry.refutation is not None:
            arns = " -> ".join(node.arn for node in path)
            doubts = [f"whether one user comes by all the sessions that {arns} takes is not decided"]
        return self._not_decided(target, gravest(kinds), (start, *doubts), around=partial(surroundings_of_path, path))

    def _not_decided(
        self,
        target: Node,
        kind: UnknownKind,
        reasons: tuple[str, ...],
        around: Callable[[bool], Sequence[str]] | None = None,
    ) -> Result:
        return result(
            target.trust,
            self._asked,
            target.place,
            UNKNOWN,
            target.path,
            f"not decided whether {self._asked.summary}: {target.trust.document.logical_id}",
            unknown=kind,
            reasons=reasons,
            around=around,
        )

    def _evidence(self, reached: Sequence[Node]) -> Iterator[str]:
        """Why no chain goes on: the roles that lead to the target, the target first, and who may assume them."""
        for number, node in enumerate(reached):
            if number and self._graph.entry(node).is_no:
                yield f"{node.arn} lets in no user without MFA"
            if not self._graph.admits_roles(node):
                yield f"{node.arn} lets in no role session"
                continue
            sources = [
                s.arn for s in self._nodes if s is not node and self._graph.edge(s, node, self._most) is not None
            ]
            yield f"{node.arn} lets in, of the roles in these templates, {', '.join(sources) or 'none'}"
            for source in reached:
                if source.arn in sources and not self._graph.entry(source).is_no:
                    yield f"{node.arn} lets in no session of {source.arn} as users come by it"


def _resting_on(reached: Sequence[Node]) -> tuple[str, ...]:
    """What a proof has to say that rests on some roles."""
    return (*resting_on_denials(one for node in reached for one in node.controls), *resting_on_ids(reached))


def _worse(one: Result, other: Result) -> Result:
    """The worse of two results about a role; a proof that rests on both has the certificates of both."""
    if one.verdict == other.verdict == PROVED:
        return one._replace(certificate=tuple(dict.fromkeys((*one.certificate, *other.certificate))))
    return min(one, other, key=lambda result: (REFUTED, UNKNOWN, PROVED).index(result.verdict))
