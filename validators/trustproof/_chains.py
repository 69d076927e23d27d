"""
Role chains over all templates: who reaches a role that demands MFA, by assuming other roles first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from trustproof._answers import Place, counterexample, result
from trustproof._bindings import Deployments
from trustproof._prove import Proof, Prover
from trustproof._verdict import PROVED, REFUTED, UNKNOWN, Remedy, Result
from trustproof.engine.question import Region
from trustproof.engine.values import text
from trustproof.engine.world import SEPARATOR, World
from trustproof.model.keys import ASSUME_ROLE
from trustproof.model.policy import Path
from trustproof.model.request import ROLE_SESSION, USER_KEY_MFA, USER_SESSION_MFA, Request
from trustproof.properties._base import Property, Question, Refutation, Subject, trust_world
from trustproof.properties.mfa_required import MfaRequired
from trustproof.sets.patterns import ANY_RUN, exact, join


class Node(NamedTuple):
    """
    A role: who may enter it, and what its sessions may do.
    """

    #: The role's ARN; a generated name is written as the logical id.
    arn: str
    trust: Subject
    #: One subject for each identity policy.
    policies: tuple[Subject, ...]
    #: Managed policies whose content is not known.
    unknown: tuple[str, ...]
    place: Place
    deployments: Deployments
    #: Where the trust policy stands.
    path: Path

    @property
    def account(self) -> str:
        """The role's account."""
        return self.arn.split(":")[4]

    @property
    def name(self) -> str:
        """The role's name."""
        return self.arn.rsplit("/", 1)[-1]


class Hop(NamedTuple):
    """
    One step of a chain: a session of one role may assume the next.
    """

    source: Node
    target: Node
    #: Empty where both sides were decided; else what the step hangs on.
    unknown: str


class _Asked(Property):
    """A question of its own, for the prover."""

    ident = "mfa-survives-chaining"

    def __init__(self, question: Question) -> None:
        self._question = question

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """The one question."""
        return (self._question,)


class Chains:
    """
    Finds the chains of roles that lead to roles that demand MFA.
    """

    def __init__(self, nodes: Sequence[Node], asked: Property) -> None:
        self._nodes = sorted(nodes, key=lambda node: (node.arn, node.place.template))
        self._asked = asked
        self._entries: dict[int, Refutation | None] = {}
        self._hops: dict[tuple[int, int], Hop | None] = {}
        self._open: dict[int, bool] = {}

    def results(self) -> Iterator[Result]:
        """One result for each role that demands MFA of people."""
        for node in self._nodes:
            if self._demands_mfa(node):
                yield self._result(node)

    def _demands_mfa(self, node: Node) -> bool:
        """Whether users get in with MFA, and none without."""
        if self._entry(node) is not None:
            return False
        regions = tuple(
            Region(trust_world(node.trust, kind, ASSUME_ROLE)) for kind in (USER_KEY_MFA, USER_SESSION_MFA)
        )
        return _may(node.trust, Question(regions, lambda request: True), node.deployments) is not None

    def _entry(self, node: Node) -> Refutation | None:
        """How a user without MFA enters a role directly."""
        if id(node) not in self._entries:
            self._entries[id(node)] = _first(Prover(node.trust, MfaRequired(), node.deployments))
        return self._entries[id(node)]

    def _result(self, target: Node) -> Result:
        came: dict[int, Hop] = {}
        queue = deque([target])
        seen = {id(target)}
        doubtful: tuple[list[Hop], Refutation] | None = None
        while queue:
            node = queue.popleft()
            for source in self._nodes if self._admits_roles(node) else ():
                if id(source) in seen:
                    continue
                hop = self._hop(source, node)
                if hop is None:
                    continue
                seen.add(id(source))
                came[id(source)] = hop
                entry = self._entry(source)
                if entry is None:
                    queue.append(source)
                    continue
                path = _path(source, target, came)
                if not any(step.unknown for step in path):
                    return self._refuted(target, path, entry)
                doubtful = doubtful or (path, entry)
        if doubtful is not None:
            return self._unknown(target, *doubtful)
        return result(
            target.trust, self._asked, target.place, PROVED, target.path, self._asked.proved(target.trust)
        )

    def _admits_roles(self, node: Node) -> bool:
        """Whether the sessions of some role get in; mostly none do, and then there is nobody to look for."""
        if id(node) not in self._open:
            world = trust_world(node.trust, ROLE_SESSION, ASSUME_ROLE)
            prover = Prover(node.trust, _Asked(Question((Region(world),), lambda request: True)), node.deployments)
            closed = all(isinstance(prover.settle(index), Proof) for index in prover.compiled.allow_indices)
            self._open[id(node)] = not closed
        return self._open[id(node)]

    def _hop(self, source: Node, target: Node) -> Hop | None:
        key = (id(source), id(target))
        if key not in self._hops:
            self._hops[key] = _hop(source, target)
        return self._hops[key]

    def _refuted(self, target: Node, path: Sequence[Hop], entry: Refutation) -> Result:
        first = path[0].source
        request = entry.request
        steps = " -> ".join([request.caller.display_arn, *(hop.source.arn for hop in path), target.arn])
        why = [f"{request.caller.display_arn} may assume {first.arn} without MFA"]
        why += [f"a session of {hop.source.arn} may assume {hop.target.arn}; it carries no MFA information" for hop in path]
        return result(
            target.trust,
            self._asked,
            target.place,
            REFUTED,
            target.path,
            f"a user without MFA reaches {target.trust.document.logical_id} through {_through(path)}: {steps}",
            label=f"this role demands MFA of people, and trusts {path[-1].source.name}",
            counterexample=counterexample(request, [first.trust.policy], {**first.place.assumed, **entry.parameters}),
            why=tuple(why),
            remedy=Remedy(
                f"demand MFA where people enter {first.name}, or do not let {target.name} trust {path[-1].source.name}"
            ),
        )

    def _unknown(self, target: Node, path: Sequence[Hop], entry: Refutation) -> Result:
        reasons = tuple(hop.unknown for hop in path if hop.unknown)
        return result(
            target.trust,
            self._asked,
            target.place,
            UNKNOWN,
            target.path,
            f"not decided whether {self._asked.summary}: {target.trust.document.logical_id}",
            reasons=(f"{entry.request.caller.display_arn} may assume {path[0].source.arn} without MFA", *reasons),
        )


def _path(source: Node, target: Node, came: dict[int, Hop]) -> list[Hop]:
    path: list[Hop] = []
    node = source
    while node is not target:
        hop = came[id(node)]
        path.append(hop)
        node = hop.target
    return path


def _through(path: Sequence[Hop]) -> str:
    return ", ".join(hop.source.name for hop in path)


def _hop(source: Node, target: Node) -> Hop | None:
    """Whether a session of one role may assume another."""
    world = trust_world(target.trust, ROLE_SESSION, ASSUME_ROLE)
    caller = ("caller", text(join(source.arn, SEPARATOR, ANY_RUN)))
    question = Question((Region(world, (caller,)),), lambda request: request.caller.arn == source.arn)
    admitted = _may(target.trust, question, target.deployments)
    if admitted is None:
        return None
    if source.account == target.account and _names(admitted, source):
        # Within one account a trust policy that names the role is enough.
        return Hop(source, target, "")
    if _identity_allows(source, target):
        return Hop(source, target, "")
    if source.unknown:
        names = ", ".join(source.unknown)
        unknown = f"whether {source.arn} may assume {target.arn} hangs on {names}, which is in no template"
        return Hop(source, target, unknown)
    return None


def _names(admitted: Refutation, source: Node) -> bool:
    entries = admitted.statement.principals or ()
    return any(entry.value in ("*", source.arn) for entry in entries)


def _identity_allows(source: Node, target: Node) -> bool:
    for subject in source.policies:
        world = World(ROLE_SESSION, ASSUME_ROLE, subject.partition)
        caller = ("caller", text(join(source.arn, SEPARATOR, ANY_RUN)))
        region = Region(world, (caller, ("resource", text(exact(target.arn)))))
        question = Question((region,), _assumes(target.arn))
        if _may(subject, question, source.deployments) is not None:
            return True
    return False


def _assumes(arn: str) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        return request.resource == arn

    return violates


def _may(subject: Subject, question: Question, deployments: Deployments) -> Refutation | None:
    return _first(Prover(subject, _Asked(question), deployments))


def _first(prover: Prover) -> Refutation | None:
    """The first request that some Allow statement lets in; what is undecided is not one."""
    for index in prover.compiled.allow_indices:
        answer = prover.settle(index)
        if isinstance(answer, Refutation):
            return answer
    return None
