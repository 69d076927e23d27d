"""
Role chains over all templates: who reaches a role that demands MFA, by assuming other roles first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from trustproof._answers import Place, counterexample, result
from trustproof._bindings import Deployments, is_concrete
from trustproof._proofs import content
from trustproof._prove import Proof, Prover, Undecided
from trustproof._typing import NamedTuple
from trustproof._verdict import PROVED, REFUTED, UNKNOWN, Remedy, Result
from trustproof.engine.question import Region
from trustproof.engine.values import text
from trustproof.engine.world import SEPARATOR, World
from trustproof.model.keys import ASSUME_ROLE
from trustproof.model.policy import Path, Policy
from trustproof.model.request import ROLE_SESSION, USER_KEY_MFA, USER_SESSION_MFA, Request
from trustproof.properties._base import Property, Question, Refutation, Subject, trust_regions
from trustproof.properties.mfa_required import MfaRequired
from trustproof.sets.patterns import ANY_RUN, Wild, exact, join

#: How the names of the condition keys about MFA begin, in lower case.
_MFA_KEYS = "aws:multifactorauth"


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


class Answer(NamedTuple):
    """
    Whether some Allow statement of a policy lets a request in.
    """

    refutation: Refutation | None
    #: Why nobody knows; empty where there is a request, and where there is surely none.
    doubts: tuple[str, ...] = ()

    @property
    def is_no(self) -> bool:
        """Whether there is surely no request."""
        return self.refutation is None and not self.doubts


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

    Args:
        certify: whether the proofs that no step leads further are checked again.
    """

    def __init__(self, nodes: Sequence[Node], asked: Property, *, certify: bool = False) -> None:
        self._nodes = sorted(nodes, key=lambda node: (node.arn, node.place.template))
        self._asked = asked
        self._certify = certify
        self._entries: dict[int, Answer] = {}
        self._hops: dict[tuple[int, int], Hop | None] = {}
        self._open: dict[tuple[int, str], bool] = {}
        self._demands: dict[tuple[object, ...], bool] = {}

    def results(self) -> Iterator[Result]:
        """
        One result for each role that demands MFA of people.

        Raises:
            CertificateError: a proof does not stand up to being checked again.
        """
        for node in self._nodes:
            if self._demands_mfa(node):
                yield self._result(node)

    def _demands_mfa(self, node: Node) -> bool:
        """Whether users get in with MFA, and none without."""
        if not _speaks_of_mfa(node.trust.policy):
            # Whoever gets in with MFA then gets in without: nothing tells the two requests apart.
            return False
        if not is_concrete(node.trust.policy):
            return self._find_demand(node)
        # Most roles are for services, and say the same.
        key = (content(node.trust.document), node.trust.account, node.trust.partition)
        if key not in self._demands:
            self._demands[key] = self._find_demand(node)
        return self._demands[key]

    def _find_demand(self, node: Node) -> bool:
        regions = tuple(
            region
            for kind in (USER_KEY_MFA, USER_SESSION_MFA)
            for region in trust_regions(node.trust, kind, ASSUME_ROLE)
        )
        admitted = self._may(node.trust, Question(regions, lambda request: True), node.deployments)
        return admitted.refutation is not None and self._entry(node).refutation is None

    def _may(self, subject: Subject, question: Question, deployments: Deployments) -> Answer:
        return _first(Prover(subject, _Asked(question), deployments, certify=self._certify))

    def _entry(self, node: Node) -> Answer:
        """How a user without MFA enters a role directly."""
        if id(node) not in self._entries:
            self._entries[id(node)] = _first(Prover(node.trust, MfaRequired(), node.deployments, certify=self._certify))
        return self._entries[id(node)]

    def _result(self, target: Node) -> Result:
        came: dict[int, Hop] = {}
        queue = deque([target])
        seen = {id(target)}
        reached = [target]
        doubtful: tuple[list[Hop], Answer] | None = None
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
                if entry.refutation is None:
                    queue.append(source)
                    reached.append(source)
                if entry.is_no:
                    continue
                path = _path(source, target, came)
                if entry.refutation is not None and not any(step.unknown for step in path):
                    return self._refuted(target, path, entry.refutation)
                doubtful = doubtful or (path, entry)
        if doubtful is not None:
            return self._unknown(target, *doubtful)
        return result(
            target.trust,
            self._asked,
            target.place,
            PROVED,
            target.path,
            self._asked.proved(target.trust),
            certificate=tuple(self._evidence(reached)) if self._certify else (),
        )

    def _evidence(self, reached: Sequence[Node]) -> Iterator[str]:
        """Why no chain goes on: the roles that lead to the target, the target first, and who may assume them."""
        for number, node in enumerate(reached):
            if number:
                yield f"{node.arn} lets in no user without MFA"
            if not self._admits_roles(node):
                yield f"{node.arn} lets in no role session"
                continue
            sources = [source.arn for source in self._nodes if self._hop(source, node) is not None]
            yield f"{node.arn} lets in, of the roles in these templates, {', '.join(sources) or 'none'}"

    def _admits_roles(self, node: Node, account: str = "") -> bool:
        """Whether the sessions of some role get in, of an account; mostly none do, and there is nobody to look for."""
        if (id(node), account) not in self._open:
            everybody = join("arn:", Wild(":", True, True), f":iam::{account}:role/", ANY_RUN)
            caller = (("caller", text(everybody)),) if account else ()
            regions = tuple(trust_regions(node.trust, ROLE_SESSION, ASSUME_ROLE, caller))
            prover = Prover(
                node.trust,
                _Asked(Question(regions, lambda request: True)),
                node.deployments,
                certify=self._certify,
            )
            closed = all(isinstance(prover.settle(index), Proof) for index in prover.compiled.allow_indices)
            self._open[id(node), account] = not closed
        return self._open[id(node), account]

    def _hop(self, source: Node, target: Node) -> Hop | None:
        key = (id(source), id(target))
        if key not in self._hops:
            self._hops[key] = self._find_hop(source, target)
        return self._hops[key]

    def _refuted(self, target: Node, path: Sequence[Hop], entry: Refutation) -> Result:
        first = path[0].source
        request = entry.request
        steps = " -> ".join([request.caller.display_arn, *(hop.source.arn for hop in path), target.arn])
        why = [f"{request.caller.display_arn} may assume {first.arn} without MFA"]
        why += [
            f"a session of {hop.source.arn} may assume {hop.target.arn}; it carries no MFA information" for hop in path
        ]
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

    def _find_hop(self, source: Node, target: Node) -> Hop | None:
        """Whether a session of one role may assume another."""
        if not self._admits_roles(target, source.account):
            return None
        caller = ("caller", text(join(source.arn, SEPARATOR, ANY_RUN)))
        regions = tuple(trust_regions(target.trust, ROLE_SESSION, ASSUME_ROLE, (caller,)))
        question = Question(regions, lambda request: request.caller.arn == source.arn)
        admitted = self._may(target.trust, question, target.deployments)
        if admitted.is_no:
            return None
        same_account = source.account == target.account
        if admitted.refutation is not None and same_account and _names(admitted.refutation, source):
            # Within one account a trust policy that names the role is enough.
            return Hop(source, target, "")
        allowed = self._identity_allows(source, target)
        whether = f"whether {source.arn} may assume {target.arn}"
        if admitted.refutation is None and (same_account or not allowed.is_no or source.unknown):
            return Hop(source, target, f"{whether} is not decided: {'; '.join(admitted.doubts)}")
        if allowed.refutation is not None:
            return Hop(source, target, "")
        if source.unknown:
            return Hop(source, target, f"{whether} hangs on {', '.join(source.unknown)}, which is in no template")
        return None if allowed.is_no else Hop(source, target, f"{whether} is not decided: {'; '.join(allowed.doubts)}")

    def _identity_allows(self, source: Node, target: Node) -> Answer:
        """Whether the identity policies of a role allow its sessions to assume another."""
        doubts: list[str] = []
        for subject in source.policies:
            world = World(ROLE_SESSION, ASSUME_ROLE, subject.partition)
            caller = ("caller", text(join(source.arn, SEPARATOR, ANY_RUN)))
            region = Region(world, (caller, ("resource", text(exact(target.arn)))))
            found = self._may(subject, Question((region,), _assumes(target.arn)), source.deployments)
            if found.refutation is not None:
                return found
            doubts.extend(found.doubts)
        return Answer(None, tuple(dict.fromkeys(doubts)))

    def _unknown(self, target: Node, path: Sequence[Hop], entry: Answer) -> Result:
        first = path[0].source.arn
        if entry.refutation is not None:
            start = f"{entry.refutation.request.caller.display_arn} may assume {first} without MFA"
        else:
            start = f"whether a user without MFA may assume {first} is not decided: {'; '.join(entry.doubts)}"
        reasons = tuple(hop.unknown for hop in path if hop.unknown)
        return result(
            target.trust,
            self._asked,
            target.place,
            UNKNOWN,
            target.path,
            f"not decided whether {self._asked.summary}: {target.trust.document.logical_id}",
            reasons=(start, *reasons),
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


def _speaks_of_mfa(policy: Policy) -> bool:
    """Whether anything in a policy may look at MFA: a condition, a variable, or a part that could not be read."""
    return any(
        statement.unreadable
        or any(
            _MFA_KEYS in condition.key.lower()
            or any(not isinstance(text, str) or _MFA_KEYS in text.lower() for text in condition.operands)
            for condition in statement.conditions
        )
        for statement in policy.statements
    )


def _names(admitted: Refutation, source: Node) -> bool:
    entries = admitted.statement.principals or ()
    return any(entry.value in ("*", source.arn) for entry in entries)


def _assumes(arn: str) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        return request.resource == arn

    return violates


def _first(prover: Prover) -> Answer:
    """The first request that some Allow statement lets in."""
    doubts: list[str] = []
    for index in prover.compiled.allow_indices:
        answer = prover.settle(index)
        if isinstance(answer, Refutation):
            return Answer(answer)
        if isinstance(answer, Undecided):
            doubts.extend(answer.reasons)
    return Answer(None, tuple(dict.fromkeys(doubts)))
