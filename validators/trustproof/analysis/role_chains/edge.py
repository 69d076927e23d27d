"""
One step of a role chain: which of some sessions of a role may assume another role, by all policies together?
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

from trustproof.analysis.role_chains.roles import Node, in_no_template
from trustproof.analysis.role_chains.sessions import (
    InspectedKeys,
    SessionRequirement,
    SessionState,
    callers_named,
    demanded_requests,
    inspected_keys,
    is_given,
    keys_of_sessions,
    keys_of_target,
    region_with_keys,
    sessions_with_identity,
)
from trustproof.aws.condition_keys import ASSUME_ROLE, SET_SOURCE_IDENTITY
from trustproof.engine.domains import Values, text
from trustproof.engine.region import Region
from trustproof.engine.request_space import request_space
from trustproof.model.policy import ALLOW, Principal, Statement
from trustproof.model.query import is_concrete
from trustproof.model.request import ROLE_SESSION, Request
from trustproof.model.text import Symbolic
from trustproof.properties.question import Inquiry, Question, Refutation
from trustproof.properties.shared.regions import may_allow, may_name, trust_regions
from trustproof.proving.answers import Proof, Undecided, together
from trustproof.proving.prover import Prover
from trustproof.proving.witnesses import Witnesses
from trustproof.results.unknown_kinds import VALUE, UnknownKind, gravest
from trustproof.sets.patterns import exact
from trustproof.sets.strings import StringSet
from trustproof.spec.access import may
from trustproof.spec.decision import actions_needed, is_held_back, may_get_credentials
from trustproof.spec.realism import impossibilities


class Step(NamedTuple):
    """A session of one role may assume another."""

    #: None where that was not decided.
    request: Request | None
    parameters: dict[str, str]
    #: Empty where it was decided; else what it depends on.
    doubt: str = ""
    #: Names of sessions with which it may do.
    names: tuple[str, ...] = ()
    #: Of what is not decided.
    kind: UnknownKind = VALUE


class Answer(NamedTuple):
    """
    Whether some Allow statement of a policy lets a request in.
    """

    refutation: Refutation | None
    #: Why nobody knows; empty where there is a request, and where there is surely none.
    doubts: tuple[str, ...] = ()
    #: Of what nobody knows.
    kind: UnknownKind = VALUE

    @property
    def is_no(self) -> bool:
        """Whether there is surely no request."""
        return self.refutation is None and not self.doubts


def one_question(question: Question) -> Inquiry:
    """A question of its own, for the prover."""
    return Inquiry("mfa-survives-chaining", lambda subject, index: (question,))


class Edges:
    """
    Answers whether sessions may take a step.

    Args:
        certify: whether the proofs that they may not are checked again.
    """

    def __init__(self, *, certify: bool = False) -> None:
        self.certify = certify
        self._inspected: dict[tuple[int, int], InspectedKeys] = {}

    def may_assume(
        self,
        source: Node,
        target: Node,
        callers: Sequence[Values],
        state: SessionState,
        wanted: SessionRequirement | None = None,
    ) -> Step | None:
        """
        Whether one of these sessions may assume a role; None where surely none may.

        Args:
            callers: sessions of the source; each is asked about.
            wanted: of the session of the target.
        """
        question = self._question(source, target, callers, state, wanted)
        admitted = self.first(self._prover(source, target, question, bounded=False))
        if admitted.is_no:
            return None
        asked = whether(source, target)
        same_account = source.account == target.account
        direct = self._named_directly(source, target, question) if same_account else Answer(None)
        if direct.refutation is not None:
            request = _replayed(source, target, [direct.refutation.request], question)
            if request is not None:
                return Step(request, direct.refutation.parameters)
            direct = Answer(None, (f"{asked} depends on other policies of the role",))
        allowed = self._identity_allows(source, target, callers, state, wanted)
        found = [answer.refutation for answer in (admitted, allowed) if answer.refutation is not None]
        names = tuple(dict.fromkeys(refutation.request.caller.session for refutation in found))
        if len(found) == 2 and not source.unknown_boundary:
            request = _replayed(source, target, [one.request for one in found], question)
            if request is not None:
                return Step(request, {**found[1].parameters, **found[0].parameters}, "", names)
            both = self._together(source, target, question)
            if both.refutation is not None:
                request = _replayed(source, target, [both.refutation.request], question)
                if request is not None:
                    return Step(request, both.refutation.parameters, "", names)
            if both.is_no and not direct.doubts and not source.unknown:
                return None
            return Step(None, {}, f"{asked} in one request is not decided", names, gravest((both.kind, direct.kind)))
        if allowed.refutation is not None and source.unknown_boundary:
            boundary = source.unknown_boundary
            return Step(None, {}, f"{asked} depends on the permissions boundary {boundary}, which is in no template")
        if allowed.is_no and source.unknown:
            return Step(None, {}, f"{asked} depends on {in_no_template(source.unknown)}", names)
        if allowed.is_no and not direct.doubts:
            return None
        left = together([Undecided(one.doubts, one.kind) for one in (admitted, direct, allowed)])
        return Step(None, {}, f"{asked} is not decided: {'; '.join(left.reasons)}", names, left.kind)

    def _prover(self, source: Node, target: Node, question: Question, *, bounded: bool) -> Prover:
        """For the trust policy of a role, and what the policies of the caller deny."""
        boundary = None if bounded else source.permissions_boundary
        own = (*source.documents, *(() if boundary is None else (boundary,)))
        around = tuple(target.trust.others)
        denying = (*around, *(document for document in own if is_concrete(document.policy)))
        permissions_boundary = source.permissions_boundary if bounded else None
        if not is_concrete(target.trust.policy):
            # Its deployments are those of one template.
            denying, permissions_boundary = around, None
        subject = target.trust._replace(others=denying, permissions_boundary=permissions_boundary)
        return Prover(subject, one_question(question), target.deployments, **self.checked)

    def _together(self, source: Node, target: Node, question: Question) -> Answer:
        """
        Whether the trust policy and one of the caller's own let in the same request.

        Conditions of two templates have nothing to do with each other, so it is asked where everything is known.
        """
        documents = [identity_policy.subject.document for identity_policy in source.policies]
        if not all(is_concrete(one.policy) for one in (target.trust.document, *documents)):
            return Answer(None, ("not everything in these policies is known",))
        denying = tuple(
            one
            for one in (*target.trust.others, *source.documents, source.permissions_boundary)
            if one is not None and is_concrete(one.policy)
        )
        left: list[Undecided] = []
        for document in documents:
            subject = target.trust._replace(others=denying, permissions_boundary=document)
            found = self.first(Prover(subject, one_question(question), target.deployments, **self.checked))
            if found.refutation is not None:
                return found
            left.append(Undecided(found.doubts, found.kind))
        return Answer(None, *together(left))

    def _named_directly(self, source: Node, target: Node, question: Question) -> Answer:
        """
        Whether the trust policy lets in a session in such a way that within an account nothing else need allow it.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html
        """
        left: list[Undecided] = []
        for bounded in (False, True) if source.permissions_boundary is not None else (False,):
            prover = self._prover(source, target, question, bounded=bounded)
            for index in prover.compiled.allow_indices:
                # A boundary holds a role that is named, and not a session or everybody.
                role = (bounded or source.permissions_boundary is None) and not source.unknown_boundary
                narrow = _naming(target.trust.policy.statements[index], source, question, role=role)
                if narrow is None:
                    continue
                answer = prover.settle(index, (narrow,))
                if isinstance(answer, Refutation) and _names(answer.statement, answer.request):
                    return Answer(answer)
                if isinstance(answer, Undecided):
                    left.append(answer)
        if source.unknown_boundary and self._names_the_role(source, target, question):
            stopping = f"the permissions boundary {source.unknown_boundary} is in no template, and may stop this"
            left.append(Undecided((stopping,)))
        return Answer(None, *together(left))

    def _names_the_role(self, source: Node, target: Node, question: Question) -> bool:
        """Whether the trust policy may let in a session by the name of its role."""
        prover = self._prover(source, target, question, bounded=False)
        for index in prover.compiled.allow_indices:
            narrow = _naming(target.trust.policy.statements[index], source, question, role=True)
            if narrow is not None and not isinstance(prover.settle(index, (narrow,)), Proof):
                return True
        return False

    def _identity_allows(
        self,
        source: Node,
        target: Node,
        callers: Sequence[Values],
        state: SessionState,
        wanted: SessionRequirement | None,
    ) -> Answer:
        """Whether the identity policies of a role allow such sessions to assume another."""
        keys = keys_of_sessions(source, self.inspect(source, target), state)
        of_target = keys_of_target(target, self.inspect(source, target))
        resource = ("resource", text(exact(target.arn)))
        left: list[Undecided] = []
        for subject, deployments in source.policies:
            known_keys = tuple(sorted({**keys.known_keys, **of_target}.items()))
            here = request_space(ROLE_SESSION, ASSUME_ROLE, subject.partition, keys.absent_keys, known_keys=known_keys)
            regions: Sequence[Region] = [
                Region(here, (("caller", caller), resource, *keys.present), hints=keys.hints) for caller in callers
            ]
            if wanted is not None:
                regions = demanded_requests(regions, wanted, may_have_identity=state.identity)
            question = Question(tuple(regions), _assumes(source.arn, target.arn, wanted))
            found = self.first(Prover(subject, one_question(question), deployments, **self.checked))
            if found.refutation is not None:
                return found
            left.append(Undecided(found.doubts, found.kind))
        return Answer(None, *together(left))

    def _question(
        self,
        source: Node,
        target: Node,
        callers: Sequence[Values],
        state: SessionState,
        wanted: SessionRequirement | None,
    ) -> Question:
        """Whether such sessions get in, for the trust policy of a role."""
        keys = keys_of_sessions(source, self.inspect(source, target), state)
        of_target = keys_of_target(target, self.inspect(source, target))
        # What the caller's own policies ask for may have to be passed as well.
        own = (*source.documents, *((source.permissions_boundary,) if source.permissions_boundary is not None else ()))
        resource = ("resource", text(exact(target.arn)))
        regions: Sequence[Region] = [
            region_with_keys(region, {**keys.known_keys, **of_target}, keys.absent_keys)._replace(
                hints=(*region.hints, *keys.hints)
            )
            for caller in callers
            for region in trust_regions(
                target.trust, ROLE_SESSION, ASSUME_ROLE, (("caller", caller), resource, *keys.present), beside=own
            )
            if all(_may_be_given(source, target, space.action) for space in region.also)
        ]
        if wanted is not None:
            regions = demanded_requests(regions, wanted, may_have_identity=state.identity)
        if state.identified:
            regions = sessions_with_identity(regions) if wanted is None or wanted.source_identity else ()
        return Question(tuple(regions), _assumes(source.arn, target.arn, wanted))

    def inspect(self, source: Node, target: Node) -> InspectedKeys:
        key = (id(source), id(target))
        if key not in self._inspected:
            policies = [target.trust.policy, *(document.policy for document in source.documents)]
            if source.permissions_boundary is not None:
                policies.append(source.permissions_boundary.policy)
            inspected = inspected_keys(policies, [document.policy for document in target.trust.others])
            if not may_allow(target.trust.policy, SET_SOURCE_IDENTITY):
                # Then a session that has one does not get in.
                inspected = inspected._replace(source_identity=True)
            self._inspected[key] = inspected
        return self._inspected[key]

    @property
    def checked(self) -> dict[str, bool]:
        """The arguments of a prover."""
        return {"certify": self.certify}

    def first(self, prover: Prover, witnesses: Witnesses | None = None) -> Answer:
        """
        The first request that some Allow statement lets in.

        Args:
            witnesses: requests that are tried before one is searched for; None for none.
        """
        left: list[Undecided] = []
        for index in prover.compiled.allow_indices:
            answer = prover.settle(index) if witnesses is None else witnesses.settle(prover, index)
            if isinstance(answer, Refutation):
                return Answer(answer)
            if isinstance(answer, Undecided):
                left.append(answer)
        return Answer(None, *together(left))


def _assumes(source: str, target: str, wanted: SessionRequirement | None) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        right = request.caller.arn == source and request.resource == target
        return right and (wanted is None or is_given(request, wanted))

    return violates


def _may_be_given(source: Node, target: Node, action: str) -> bool:
    """Whether policies of a role, or the trust policy by its name, may allow an action that its call needs besides."""
    documents = [held.subject.document for held in source.policies]
    if source.unknown or any(may_allow(document.policy, action) for document in documents):
        return True
    naming = [s for s in target.trust.policy.statements if s.effect == ALLOW and may_name(s, action)]
    anybody = Question((), lambda request: True)
    return source.account == target.account and any(_naming(s, source, anybody, role=True) for s in naming)


def _naming(statement: Statement, source: Node, question: Question, *, role: bool) -> Question | None:
    """
    The question about the sessions that a statement lets in without another policy's Allow; None where there are none.

    Args:
        role: whether naming the role is enough.
    """
    if statement.principals is None:
        # NotPrincipal lets in everybody else (assumed).
        return question
    head = f"arn:{source.arn.split(':')[1]}:sts::{source.account}:assumed-role/{source.name}/"
    names: list[str] = []
    for kind, value in statement.principals:
        if isinstance(value, Symbolic) or kind == "*" or value == "*" or (role and value == source.arn):
            return question
        if kind == "AWS" and value.startswith(head):
            names.append(value.removeprefix(head))
    if not names:
        return None
    callers = callers_named(source, StringSet.of(map(exact, names)))
    regions = [region._replace(constraints=(*region.constraints, ("caller", callers))) for region in question.regions]
    return question._replace(regions=tuple(regions))


def may_ask(source: Node, target: Node) -> bool:
    """Whether a policy of a role may let it assume another, or the other one may name it; mostly neither is so."""
    if source.policies or source.unknown:
        return True
    statements = target.trust.policy.statements if source.account == target.account else ()
    anybody = Question((), lambda request: True)
    return any(s.effect == ALLOW and _naming(s, source, anybody, role=True) is not None for s in statements)


def _names(statement: Statement, request: Request) -> bool:
    """Whether a statement names a session, its role or everybody, and not just the account."""
    named = (request.caller.arn, request.caller.display_arn, "*")
    return statement.principals is None or any(_is_one_of(entry, named) for entry in statement.principals)


def _is_one_of(entry: Principal, named: Sequence[str]) -> bool:
    return entry.kind == "*" or (entry.kind == "AWS" and entry.value in named)


def _replayed(source: Node, target: Node, requests: Sequence[Request], question: Question) -> Request | None:
    """
    One of some requests, or of what they have in common, that all policies together let in; None where none is.

    Where the policies are known in part, each has been asked on its own, and the first request stands for all.
    """
    trust = target.trust.policy
    identity = [document.policy for document in source.documents]
    permissions_boundary = source.permissions_boundary.policy if source.permissions_boundary is not None else None
    if not all(
        is_concrete(policy)
        for policy in (trust, *identity, *([] if permissions_boundary is None else [permissions_boundary]))
    ):
        sessions = {request.caller.session for request in requests}
        return requests[0] if len(sessions) == 1 else None
    same_account = source.account == target.account
    for request in _joined(requests):
        if not question.violates(request) or impossibilities(request) or not may_get_credentials(trust, request):
            continue
        needed = [request._replace(action=action) for action in actions_needed(request)]
        if is_held_back((one.policy for one in target.trust.others), request):
            continue
        if all(may(identity, permissions_boundary, trust, one, same_account=same_account) for one in needed):
            return request
    return None


def _joined(requests: Sequence[Request]) -> Iterator[Request]:
    yield from requests
    for one, other in permutations(requests, 2):
        if one.caller == other.caller:
            yield one._replace(context={**other.context, **one.context})


def whether(source: Node, target: Node) -> str:
    """What is asked of two roles, in words."""
    return f"whether {source.arn} may assume {target.arn}"
