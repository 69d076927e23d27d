"""
Which roles the sessions of a role may assume next, as users and other roles can come by these sessions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from trustproof.analysis.role_chains.edge import Answer, Edges, Step, may_ask, one_question, whether
from trustproof.analysis.role_chains.graph_memory import GraphMemory
from trustproof.analysis.role_chains.named_roles import let_in, roles_named, surely_may_not
from trustproof.analysis.role_chains.roles import Node, deployed_role
from trustproof.analysis.role_chains.sessions import (
    ANY,
    IDENTITY,
    NAME,
    NEW_IDENTITY,
    NEW_TAG,
    TAG,
    InspectedKeys,
    SessionRequirement,
    SessionState,
    callers_named,
    demanded_requests,
    is_given,
    region_with_keys,
    sets_identity,
    speaks_of,
)
from trustproof.analysis.role_chains.written_names import written_name
from trustproof.aws.condition_keys import ASSUME_ROLE, SET_SOURCE_IDENTITY, TAG_SESSION, spelling
from trustproof.engine.allowance import check_what_is_left
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.dimensions import condition_key, key_dimension
from trustproof.engine.domains import Values, text
from trustproof.model.policy import ALLOW, Path
from trustproof.model.request import ROLE_SESSION, USERS_WITHOUT_MFA, Request
from trustproof.properties.mfa_required import MfaRequired
from trustproof.properties.question import Question, Refutation
from trustproof.properties.sentences import show
from trustproof.properties.shared.regions import may_allow, trust_regions
from trustproof.properties.wording.admitted_principals import admitting_entry
from trustproof.proving.answers import Proof
from trustproof.proving.prover import Prover
from trustproof.proving.witnesses import Witnesses
from trustproof.sets.patterns import ANY_RUN, Wildcard, exact, join
from trustproof.sets.search import BudgetReached
from trustproof.sets.strings import StringSet
from trustproof.spec.decision import decide

#: How many names of a session are set aside before a step is given up.
MAX_NAMES = 8
#: Who may enter a role on the way.
_ENTERING = (*USERS_WITHOUT_MFA, ROLE_SESSION)
#: Beginnings of keys that come from the session, and not from the call.
_OF_SESSIONS = ("aws:principal", "aws:userid", "aws:multifactorauth", IDENTITY, "aws:tokenissuetime", "aws:federated")


class RoleGraph:
    """
    Answers whether sessions of one role may assume another, and remembers it.

    Args:
        certify: whether the proofs that they may not are checked again.
        entering: the kinds of caller by whom sessions on the way may be named and tagged.
        known: the ARNs of all roles.
        memory: what others have found who ask with the same allowance, and likewise but for the ARNs.
    """

    def __init__(
        self,
        *,
        certify: bool = False,
        entering: Sequence[str] = _ENTERING,
        known: frozenset[str] = frozenset(),
        memory: GraphMemory | None = None,
    ) -> None:
        self._known = known
        self._entering = entering
        self._edges = Edges(certify=certify)
        self._memory = memory or GraphMemory()
        #: The steps with what is not known of names, which depends on what other roles there are.
        self._steps: dict[tuple[int, int, SessionState], Step | None] = {}

    # -- the first step

    def entry(self, node: Node) -> Answer:
        """How a user without MFA enters a role directly."""
        if self._number(node) not in self._memory.entries:
            self._memory.entries[self._number(node)] = self._edges.first(
                Prover(node.trust, MfaRequired().inquiry, node.deployments, **self._edges.checked)
            )
        return self._memory.entries[self._number(node)]

    def is_open(self, node: Node) -> bool:
        """Whether users without MFA enter a role directly, others than those who are worth no more than a note."""
        asked, first = MfaRequired(), self.entry(node).refutation
        if first is None or not asked.is_mild(node.trust, first):
            return first is not None
        prover = Prover(node.trust, asked.inquiry, node.deployments, **self._edges.checked)
        found = (prover.settle(index) for index in prover.compiled.allow_indices)
        return any(isinstance(one, Refutation) and not asked.is_mild(node.trust, one) for one in found)

    def entered(self, node: Node, wanted: SessionRequirement) -> Answer:
        """How a user without MFA comes by such a session of a role."""
        (question,) = (q for q in MfaRequired().questions(node.trust, 0) if q.about == "absent")

        def violates(request: Request) -> bool:
            return question.violates(request) and is_given(request, wanted)

        regions = demanded_requests(question.regions, wanted, may_have_identity=False)
        found = self.ask(node, Question(regions, violates))
        if found.refutation is None and not found.is_no:
            # As a rule a name that is tied to another key is the user's own.
            own = text(join("arn:", Wildcard(":", True, True), ":iam::", ANY_RUN, "/", wanted.name, SEPARATOR, ANY_RUN))
            narrow = tuple(r._replace(constraints=(*r.constraints, ("caller", own))) for r in regions)
            found = self.ask(node, Question(narrow, violates))
        return found

    def ask(self, node: Node, question: Question, witnesses: Witnesses | None = None) -> Answer:
        """
        Whether some request that a question is about enters a role.

        Args:
            witnesses: what has answered the same question about roles that say the same.
        """
        prover = Prover(node.trust, one_question(question), node.deployments, **self._edges.checked)
        return self._edges.first(prover, witnesses)

    def may_answer(self, node: Node, question: Question, index: int) -> bool:
        """Whether some request that a question is about may enter a role by one of its Allow statements."""
        prover = Prover(node.trust, one_question(question), node.deployments, **self._edges.checked)
        return not isinstance(prover.settle(index), Proof)

    # -- the next ones

    def admits_roles(self, node: Node, account: str = "") -> bool:
        """Whether the sessions of some role get in, of an account; mostly none do, and there is nobody to look for."""
        if (self._number(node), account) not in self._memory.open:
            everybody = join("arn:", Wildcard(":", True, True), f":iam::{account}:role/", ANY_RUN)
            caller = (("caller", text(everybody)),) if account else ()
            question = Question(trust_regions(node.trust, ROLE_SESSION, ASSUME_ROLE, caller), lambda request: True)
            prover = Prover(node.trust, one_question(question), node.deployments, **self._edges.checked)
            closed = all(isinstance(prover.settle(index), Proof) for index in prover.compiled.allow_indices)
            self._memory.open[self._number(node), account] = not closed
        return self._memory.open[self._number(node), account]

    def _surely_may_not(self, source: Node, target: Node) -> bool:
        """Whether a role surely may not assume another, by the names in their policies."""
        number, other = self._number(target), self._number(source)
        if number not in self._memory.let_in:
            self._memory.let_in[number] = let_in(target)
        if other not in self._memory.roles_named:
            self._memory.roles_named[other] = roles_named(source)
        return surely_may_not(source, self._memory.let_in[number], self._memory.roles_named[other], target)

    def edge(self, source: Node, target: Node, state: SessionState) -> Step | None:
        """Whether some session of a role that a user can come by may assume another; None where surely none may."""
        key = (self._number(source), self._number(target), state)
        if key not in self._steps:
            if self._surely_may_not(source, target):
                return None
            step = self._step(source, target, state)
            account = "" if source.is_anywhere else source.account
            meant = "" if step is not None else written_name(source, target, self._known)
            if meant and self.admits_roles(target, account):
                step = Step(None, {}, f"{whether(source, target)} is not decided: {meant}")
            self._steps[key] = step
        return self._steps[key]

    def _step(self, source: Node, target: Node, state: SessionState) -> Step | None:
        key = (self._number(source), self._number(target), state)
        if key not in self._memory.steps:
            self._memory.count_decided()
            step = self._find_edge(source, target, state)
            if step is not None and state.tags and not state.inherited and not self._may_be_tagged(source, target):
                step = None
            self._memory.steps[key] = step
        return self._memory.steps[key]

    def _number(self, node: Node) -> int:
        return self._memory.number(node)

    def _find_edge(self, source: Node, target: Node, state: SessionState) -> Step | None:
        if not may_ask(source, target) or not self.admits_roles(target, source.account):
            return None
        if _exclude_each_other(source, target):
            return None
        # With nothing left for it each step is as open as the next, and there are as many as pairs of roles.
        check_what_is_left()
        state = self._as_entered(source, state)
        if not self._edges.inspect(source, target).name:
            return self._may_assume(source, target, (callers_named(source, StringSet.full()),), state)
        refused: list[str] = []
        for _ in range(MAX_NAMES):
            step = self._may_assume(source, target, self._sessions(source, refused), state)
            if step is None or step.request is None or self._may_be_named(source, step.request.caller.session):
                return step
            refused.append(step.request.caller.session)
        return Step(None, {}, f"{whether(source, target)} depends on the name of the session")

    def _may_assume(
        self,
        source: Node,
        target: Node,
        callers: Sequence[Values],
        state: SessionState,
        wanted: SessionRequirement | None = None,
    ) -> Step | None:
        """As `Edges.may_assume`, and not decided where what nobody knows of the source may stop it."""
        step = self._edges.may_assume(source, target, callers, state, wanted)
        if step is None or step.request is None or not (stopped := source.stopped_by):
            return step
        return Step(None, {}, f"{whether(source, target)} is not decided: {'; '.join(stopped)}", step.names)

    def steps(
        self, source: Node, target: Node, state: SessionState, wanted: SessionRequirement | None
    ) -> Iterator[Step]:
        """
        Steps that were decided, with different sessions; not all there are.

        Args:
            wanted: of the session of the target.
        """
        entry = self.entry(source).refutation
        usual = entry.request.context.get(NAME) if entry is not None else None
        for way in self._as_entered(source, state).ways:
            tried: list[str] = []
            waiting = [usual] if isinstance(usual, str) else []
            # Where nobody looks at the name, one is as good as another.
            for _ in range(MAX_NAMES if self._edges.inspect(source, target).name else 2):
                name = waiting.pop(0) if waiting else ""
                callers = (
                    (callers_named(source, StringSet.of([exact(name)])),) if name else self._sessions(source, tried)
                )
                step = self._may_assume(source, target, callers, way, wanted)
                if step is not None and not step.doubt and step.request is not None:
                    yield step
                elif not name and not (step is not None and step.names):
                    break
                tried += [name] if name else []
                tried += [step.request.caller.session] if step is not None and step.request is not None else []
                waiting += [new for new in (step.names if step is not None else ()) if new not in (*tried, *waiting)]

    # -- which sessions there are

    def _sessions(self, source: Node, refused: Iterable[str]) -> tuple[Values, ...]:
        """The sessions of a role, as far as those who enter it may name them."""
        others = StringSet.outside([exact(name) for name in refused])
        return tuple(callers_named(source, names & others) for names in self._nameable(source))

    def _nameable(self, node: Node) -> tuple[StringSet, ...]:
        """The names that the Allow statements of a trust policy admit; any where it takes too much to tell."""
        if self._number(node) not in self._memory.names:
            try:
                self._memory.names[self._number(node)] = tuple(dict.fromkeys(self._find_names(node)))
            except BudgetReached:
                self._memory.names[self._number(node)] = (StringSet.full(),)
        return self._memory.names[self._number(node)]

    def _find_names(self, node: Node) -> Iterator[StringSet]:
        if not speaks_of(node.trust.policy, NAME):
            yield StringSet.full()
            return
        regions = [r for kind in self._entering for r in trust_regions(node.trust, kind, ASSUME_ROLE)]
        for region in regions:
            question = Question((region,), lambda request: True)
            prover = Prover(node.trust, one_question(question), node.deployments, **self._edges.checked)
            for index in prover.compiled.allow_indices:
                if isinstance(prover.settle(index), Proof):
                    continue
                names = StringSet.full()
                for literal in prover.compiled.allow(index, region.space).box.literals:
                    if literal.dimension == key_dimension(NAME) and isinstance(literal.yes.present, StringSet):
                        names &= literal.yes.present
                yield names

    def _as_entered(self, node: Node, state: SessionState) -> SessionState:
        """What sessions of a role carry, by what its trust policy demands of those who enter it."""
        if self._number(node) not in self._memory.identified:
            policy = node.trust.policy
            asks = may_allow(policy, SET_SOURCE_IDENTITY) and any(
                speaks_of(policy, key) for key in (NEW_IDENTITY, IDENTITY)
            )
            regions = [
                region
                for kind in (self._entering if asks else ())
                for region in trust_regions(node.trust, kind, ASSUME_ROLE)
                if not sets_identity(region)
            ]
            self._memory.identified[self._number(node)] = (
                asks and self.ask(node, Question(tuple(regions), lambda request: True)).is_no
            )
        return state._replace(identified=self._memory.identified[self._number(node)])

    def _may_be_named(self, node: Node, name: str) -> bool:
        """Whether anybody may give a session of a role this name, as far as is known."""
        if (self._number(node), name) not in self._memory.named:
            wanted = SessionRequirement(name, ANY)
            regions = [r for kind in self._entering for r in trust_regions(node.trust, kind, ASSUME_ROLE)]
            question = Question(
                demanded_requests(regions, wanted, may_have_identity=True), lambda request: is_given(request, wanted)
            )
            self._memory.named[self._number(node), name] = not self.ask(node, question).is_no
        return self._memory.named[self._number(node), name]

    def _may_be_tagged(self, source: Node, target: Node) -> bool:
        """Whether those who enter a role can give its sessions the tags that the next one demands, as far as known."""
        regions = trust_regions(
            target.trust, ROLE_SESSION, ASSUME_ROLE, (("caller", callers_named(source, StringSet.full())),)
        )
        question = Question(regions, lambda request: True)
        prover = Prover(target.trust, one_question(question), target.deployments, **self._edges.checked)
        for index in prover.compiled.allow_indices:
            for region in () if isinstance(prover.settle(index), Proof) else regions:
                try:
                    literals = prover.compiled.allow(index, region.space).box.literals
                except BudgetReached:
                    return True
                demanded = [one for one in literals if condition_key(one.dimension).startswith(TAG)]
                tags = [(condition_key(one.dimension).removeprefix(TAG), one.yes) for one in demanded]
                if all(self._may_have_tag(source, tag, values) for tag, values in tags):
                    return True
        return False

    def _may_have_tag(self, source: Node, tag: str, values: Values) -> bool:
        """Whether a session of a role may have one of these values of a tag: the role's own, or one it is given."""
        if source.tags is None or values.absent or not isinstance(values.present, StringSet):
            return True
        own = dict(source.tags).get(tag)
        if own is not None and (not isinstance(own, str) or own in values.present):
            return True
        key = (self._number(source), tag, values)
        if key not in self._memory.tagged:
            given = (key_dimension(f"{NEW_TAG}{tag}"), values)
            regions = [
                region_with_keys(region, {}, (), [TAG_SESSION])._replace(constraints=(*region.constraints, given))
                for kind in self._entering
                for region in trust_regions(source.trust, kind, ASSUME_ROLE)
            ]
            asked = Question(tuple(dict.fromkeys(regions)), lambda request: True)
            self._memory.tagged[key] = not self.ask(source, asked).is_no
        return self._memory.tagged[key]

    def inspect(self, source: Node, target: Node) -> InspectedKeys:
        """What the policies that decide a step look at."""
        return self._edges.inspect(source, target)

    def described(self, source: Node, target: Node, request: Request) -> str:
        """The session that takes a step, in words."""
        inspected = self._edges.inspect(source, target)
        more: list[str] = []
        if inspected.name:
            more.append(f"the name {request.caller.session}")
        if isinstance(identity := request.context.get(IDENTITY), str):
            more.append(f"the source identity {identity}")
        tags = {key: request.context.get(TAG + key) for key in inspected.tags}
        more += [f"the tag {key}={value}" for key, value in tags.items() if value is not None]
        return f"a session of {source.arn}" + (f" with {' and '.join(more)}" if more else "")

    def sent(self, source: Node, target: Node, request: Request) -> list[str]:
        """What a step sends besides the session that takes it, as far as the policies that decide it look at it."""
        documents = (target.trust.document, *source.own)
        asked = {c.key.lower() for d in documents for s in d.policy.statements for c in s.conditions}
        there = [key for key in sorted(asked) if key in request.context and not key.startswith(_OF_SESSIONS)]
        return [f"{spelling(key)} {show(request.context[key])}" for key in there]

    def entrance(self, target: Node, values: Mapping[str, str], request: Request) -> Path:
        """Where the statement stands that lets a request into a role."""
        there = deployed_role(target, values) or target
        try:
            deciding = decide(there.trust.policy, request).deciding
        except ValueError:
            # Something in another statement is known only when it is deployed.
            deciding = ()
        allowing = [one.statement.path for one in deciding if one.statement.effect == ALLOW]
        return (*allowing[0], "Principal") if allowing else target.path

    def admitted_at(self, target: Node, values: Mapping[str, str], request: Request, path: Path) -> Path:
        """From an `entrance`, the steps to the principal that lets a request in."""
        return admitting_entry((deployed_role(target, values) or target).trust.policy, path, request)

    def passed(self, first: Node, second: Node, request: Request) -> list[str]:
        """The keys by which a user's call decides what the session can do next."""
        given = [key for key in request.context if key.startswith(NEW_TAG) or key == NEW_IDENTITY]
        return [*given, *([NAME] if self._edges.inspect(first, second).name else [])]


def _exclude_each_other(source: Node, target: Node) -> bool:
    """Whether no deployment of a template has both of its roles."""
    guards = tuple(dict.fromkeys((*source.trust.document.guards, *target.trust.document.guards)))
    if source.number != target.number or not guards:
        return False
    try:
        return target.deployments.satisfy(guards) is None
    except BudgetReached:
        return False
