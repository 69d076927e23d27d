"""
Answers the questions of a property about one policy: a proof, a request that was replayed, or why neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial

from trustproof.engine.allowance import CONFIRMED, STATEMENT, has_come_to_its_end, spend, spend_on_question
from trustproof.engine.compiled_policy import CompiledPolicy, compiled
from trustproof.engine.conflict import Conflict, find_conflict
from trustproof.engine.query import ask, ask_again
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.search import Box
from trustproof.engine.statements import guard_literal
from trustproof.engine.witness import build
from trustproof.model.deployments import Deployments
from trustproof.model.document import TRUST
from trustproof.model.policy import Guard, Statement
from trustproof.model.query import is_concrete
from trustproof.model.request import Request
from trustproof.properties.question import Direction, Inquiry, Question, Refutation, Subject
from trustproof.proving.answers import (
    Proof,
    Undecided,
    answer_of_all,
    beside_graver,
    cut_short,
    followed,
    together,
    up_to_refuted,
)
from trustproof.proving.certify import Certifier
from trustproof.proving.changed_deployments import deployed_with
from trustproof.proving.deployment_guards import (
    beside_statement,
    by_deployment,
    deployed_values,
    excluded,
    guards_of,
    made_by_macros,
    outside_mappings,
)
from trustproof.proving.instantiate import at_worst, bindings, of_values, relevant, same_statement, unknowns
from trustproof.proving.needed_actions import with_needed_actions
from trustproof.proving.needless_values import open_reasons
from trustproof.proving.passed_tags import NOT_LISTED, PassedTags
from trustproof.proving.replay import (
    NOT_SENT,
    accounts_and_resource,
    confirm,
    is_decidable,
    lets_in,
    refutation_by,
    replay,
)
from trustproof.proving.tagged_resources import with_tags
from trustproof.proving.undocumented_meaning import (
    DISAGREEMENT,
    deployments_of,
    kind_of_notes,
    mistakes,
    reasons_of,
    without_left_over,
)
from trustproof.proving.variables import VariableInstantiation
from trustproof.results.unknown_kinds import UNDOCUMENTED, VALUE, UnknownKind, gravest
from trustproof.sets.search import BudgetReached
from trustproof.spec.decision import decide
from trustproof.spec.realism import impossibilities

#: How many impossible combinations of template conditions are set aside in one question.
MAX_BLOCKED = 64

#: So many times that is what it costs to read a policy at other values of parameters; and how many statements a policy
#: has that AWS takes, and what each one beyond costs then.
_READING, _FEW_STATEMENTS, _FURTHER = 2, 100, 256


class Prover:
    """
    Answers the questions of an inquiry about one policy.

    Args:
        certify: whether every proof is checked again, without the search.
    """

    def __init__(
        self, subject: Subject, inquiry: Inquiry, deployments: Deployments | None = None, *, certify: bool = False
    ) -> None:
        given, self.subject = subject, (subject := inquiry.normalize(subject))
        #: Where a request is wanted, what it is to get through besides: whatever stands where something is mistaken.
        self._given = given if inquiry.direction is Direction.WANTED and subject is not given else None
        self.inquiry = inquiry
        self.deployments = deployments
        #: What one question costs besides the searches: it looks at all statements, and at all policies.
        self._around = STATEMENT * len((*subject.policy.statements, *subject.others)) + of_values(subject.policy)
        self._further = _FURTHER * max(len(subject.policy.statements) - _FEW_STATEMENTS, 0)
        self._tags = PassedTags(subject)
        self._certifier = Certifier(subject, inquiry, deployments) if certify else None
        #: By statement, question and region, what is asked again; regions are kept, so that no other is taken for one.
        self._remembered: dict[tuple[int, str, int], tuple[Region, ClosedRegion | Refutation | Undecided]] = {}
        #: By statement, what is the same for all that is asked about it.
        self._at_worst: dict[int, Proof | Refutation | Undecided | None] = {}
        self._open: dict[int, bool] = {}

    @cached_property
    def compiled(self) -> CompiledPolicy:
        """The policy as the engine takes it; who finds that its answers are known does not need it."""
        return compiled(self.subject.policy)

    @cached_property
    def _permissions_boundary(self) -> CompiledPolicy | None:
        boundary = self.subject.permissions_boundary
        return None if boundary is None else compiled(boundary.policy)

    @cached_property
    def _others(self) -> tuple[CompiledPolicy, ...]:
        return tuple(compiled(other.policy) for other in self.subject.others)

    def settle(self, index: int, questions: Sequence[Question] | None = None) -> Proof | Refutation | Undecided:
        """
        Decide one Allow statement: the first question with an answer decides.

        Args:
            index: of the statement in the policy.
            questions: asked instead of the inquiry's own.

        Raises:
            CertificateError: a proof does not stand up to being checked again.
        """
        try:
            found = self._settled(index, questions)
            if isinstance(found, Refutation) and self._given is not None:
                worst = Prover(
                    at_worst(self._given), self.inquiry._replace(normalize=lambda one: one), self.deployments
                )
                if not isinstance(worst.settle(index, questions), Refutation):
                    return Undecided(mistakes(self._given))
            return found
        except BudgetReached as reached:
            return cut_short(reached)

    def _settled(self, index: int, questions: Sequence[Question] | None) -> Proof | Refutation | Undecided:
        spend_on_question(self._around)
        closed: list[ClosedRegion] = []
        left: list[Undecided] = []
        idle: dict[int, tuple[str, ...]] = {}
        asked = tuple(questions if questions is not None else self.inquiry.questions(self.subject, index))
        for number, question in enumerate(asked):
            if question.larger is not None and self._certifier is None and self._is_closed(index, question.larger):
                continue
            answers = up_to_refuted(self.region(index, question, region) for region in question.regions)
            after: Proof | Refutation | Undecided | None = None
            if question.afterwards is not None and not all(isinstance(one, ClosedRegion) for one in answers):
                after = answer_of_all(self._proves, question.afterwards())
            if isinstance(after, Proof):
                idle[number] = after.certificate
                continue
            for answer in answers:
                if isinstance(answer, Refutation):
                    return beside_graver(followed(answer, after), left)
                if isinstance(answer, Undecided):
                    left.append(answer)
                else:
                    closed.append(answer)
            if left and has_come_to_its_end():
                break
        if not left:
            return self._certified(index, questions, closed, idle)
        if questions is None and (beside := beside_statement(self.subject, index, self.deployments)) is not None:
            # What is asked may be about statements that no deployment has together with this one.
            fewer = tuple(self.inquiry.questions(*beside))
            if sum(len(one.regions) for one in fewer) < sum(len(one.regions) for one in asked):
                return self.settle(index, fewer)
        again = () if questions is not None else self.inquiry.reconsidered(self.subject, index)
        found = self.settle(index, again) if again else None
        return found if isinstance(found, Proof) else together(left)

    def _proves(self, subject: Subject) -> Iterator[Proof | Refutation | Undecided]:
        """What is found of what somebody has after a request, statement by statement."""
        prover = Prover(subject, self.inquiry, self.deployments, certify=self._certifier is not None)
        return map(prover.settle, prover.compiled.allow_indices)

    def _is_closed(self, index: int, question: Question) -> bool:
        """Whether nothing answers a question that is still to come; what is found is remembered until then."""
        for region in question.regions:
            answer = self.region(index, question, region)
            self._remembered[index, question.about, id(region)] = (region, answer)
            if not isinstance(answer, ClosedRegion):
                return False
        return True

    def _certified(
        self,
        index: int,
        questions: Sequence[Question] | None,
        closed: Sequence[ClosedRegion],
        idle: Mapping[int, tuple[str, ...]],
    ) -> Proof | Undecided:
        if self._certifier is None:
            return Proof(tuple(closed))
        try:
            certificate = self._certifier.certify(index, questions, closed, idle)
            return Proof(tuple(closed), (*certificate, *(line for lines in idle.values() for line in lines)))
        except BudgetReached as reached:
            return cut_short(reached, " where the proof was checked again")

    def region(self, index: int, question: Question | None, region: Region) -> ClosedRegion | Refutation | Undecided:
        """The answer about a part of a question; without one, no request is made of what is found: it is undecided."""
        known = self._remembered.get((index, question.about, id(region))) if question else None
        tagged = partial(with_tags, self.subject, partial(self._search, index, question))
        asked = partial(self._tags.answer, index, search=tagged)
        return known[1] if known is not None else with_needed_actions(self.subject, asked, region)

    def _search(self, index: int, question: Question | None, region: Region) -> ClosedRegion | Refutation | Undecided:
        blocked: list[Box] = []
        doubts: dict[str, None] = {}
        try:
            spend_on_question(self._around // STATEMENT)
            for _ in range(MAX_BLOCKED):
                answer = self._ask(index, region, blocked)
                if isinstance(answer, ClosedRegion):
                    return Undecided((*doubts,)) if doubts else answer
                guards = guards_of(answer)
                values = deployed_values(guards, self.deployments, self.subject.partition)
                made = made_by_macros(values or {})
                doubts.update(dict.fromkeys(made))
                if values is None or made:
                    # They cannot hold together: a fact, and so a deny. Of what a macro makes nothing is known.
                    blocked.append(excluded(guards, None if made else self.deployments))
                    continue
                found = self._refute(answer, question, values, guards, blocked) if question else Undecided(())
                if (
                    isinstance(found, Undecided)
                    and found.reasons == (DISAGREEMENT,)
                    and (unread := outside_mappings(self.subject, guards)) is not None
                ):
                    blocked.append(unread)
                    doubts[unread.label] = None
                    continue
                if not (apart := self._undecided_together(found, values)):
                    return found
                doubts[apart] = None
                if not guards:
                    break
                blocked.append(Box(tuple(map(guard_literal, guards)), apart))
            else:
                raise BudgetReached("combinations of template conditions", MAX_BLOCKED)
        except BudgetReached as reached:
            return together([Undecided((*doubts,)), cut_short(reached)])
        return Undecided((*doubts,))

    def _undecided_together(self, found: Refutation | Undecided, values: Mapping[str, str]) -> str:
        """Why it is not known whether a case that refutes, or may, can be; empty where it can."""
        if self.deployments is None or self.inquiry.direction is Direction.WANTED:
            return ""
        return self.deployments.undecided_together(values if isinstance(found, Undecided) else found.parameters)

    def _ask(self, index: int, region: Region, blocked: Sequence[Box]) -> AllowedPart | ClosedRegion:
        accounts, resource = accounts_and_resource(self.subject)
        return (ask_again if self._certifier is None else ask)(
            self.compiled,
            region,
            index,
            others=self._others,
            permissions_boundary=self._permissions_boundary,
            blocked=blocked,
            accounts=accounts,
            resource=resource,
        )

    def _refute(
        self,
        found: AllowedPart,
        question: Question,
        values: dict[str, str],
        guards: Sequence[Guard],
        blocked: Sequence[Box],
    ) -> Refutation | Undecided:
        statement = self.subject.policy.statements[found.encoded.number]
        subject = relevant(self.subject, statement)
        if is_decidable(subject):
            spend_on_question(self._around, CONFIRMED)
            request, refutation = confirm(subject, found, question)
            if refutation is None and found.notes:
                refutation = self._filled(subject, found, request, question, blocked)
            if refutation is not None or not guards:
                reasons = () if refutation is not None else reasons_of(found, subject, request)
                return refutation or Undecided(reasons, kind_of_notes(subject, reasons))
            # What lets the request in may be an Allow that a condition of the template decides.
        refused: tuple[str, ...] = ()
        kind: UnknownKind = VALUE
        for deployed, bound in self._deployed(subject, values, guards):
            spend(_READING * self._around + self._further)
            for index in same_statement(deployed.policy, statement):
                concrete = relevant(deployed, deployed.policy.statements[index])
                if not is_decidable(concrete):
                    continue
                number = concrete.policy.statements.index(deployed.policy.statements[index])
                answer = Prover(concrete, self.inquiry).settle(number)
                if isinstance(answer, Refutation) and answer.about == question.about:
                    return answer._replace(parameters=bound)
                if isinstance(answer, Undecided):
                    kind = UNDOCUMENTED if answer.kind == UNDOCUMENTED else kind
                    refused = refused or tuple(one for one in answer.reasons if one.startswith((NOT_SENT, NOT_LISTED)))
        doubts = tuple(dict.fromkeys(u.symbol.doubt for u in unknowns(subject) if u.symbol.doubt))
        if doubts:
            worst = self._whatever(subject, found.encoded.number)
            if isinstance(worst, Refutation) and worst.about == question.about:
                return worst
            kind = UNDOCUMENTED if isinstance(worst, Undecided) and worst.kind == UNDOCUMENTED else kind
        if not doubts and not found.notes:
            doubts = by_deployment(values, self.deployments, self.subject.partition)
        doubts = doubts or (() if found.notes else refused)
        if is_decidable(subject):
            kind = gravest((kind, kind_of_notes(subject, found.notes)))
        elif self._is_open_without_left_over(subject, found.encoded.number):
            kind = UNDOCUMENTED
        reasons = doubts or open_reasons(found, reasons_of(found, subject), subject, self.inquiry.direction)
        return Undecided(reasons, kind)

    def _whatever(self, subject: Subject, index: int) -> Proof | Refutation | Undecided | None:
        """
        The answer whatever stands where nobody can say it; None where that is not asked.

        Args:
            subject: what is relevant for a statement.
            index: of the statement in the whole policy.
        """
        if index not in self._at_worst:
            worst = at_worst(subject)
            depends = any(s.guards for document in worst.documents for s in document.policy.statements)
            if depends or not is_decidable(worst) or self.inquiry.direction is not Direction.FORBIDDEN:
                self._at_worst[index] = None
            else:
                number = subject.policy.statements.index(self.subject.policy.statements[index])
                self._at_worst[index] = Prover(worst, self.inquiry).settle(number)
        return self._at_worst[index]

    def _is_open_without_left_over(self, subject: Subject, index: int) -> bool:
        """
        Whether somebody gets in where no Deny counts that nobody can rely on, as far as its own text goes.

        Args:
            subject: what is relevant for a statement.
            index: of the statement in the whole policy.
        """
        if index not in self._open:
            found = without_left_over(subject, self.subject.policy.statements[index])
            is_open = False
            if found is not None and self.inquiry.direction is Direction.FORBIDDEN:
                without, number = found
                answer = Prover(without, self.inquiry, deployments_of(without, self.deployments)).settle(number)
                is_undocumented = isinstance(answer, Undecided) and answer.kind == UNDOCUMENTED
                is_open = isinstance(answer, Refutation) or is_undocumented
            self._open[index] = is_open
        return self._open[index]

    def _filled(
        self, subject: Subject, found: AllowedPart, request: Request, question: Question, blocked: Sequence[Box]
    ) -> Refutation | None:
        """The refutation by a request in which policy variables have values that were tried."""
        instantiation = VariableInstantiation(
            [document.policy for document in subject.documents],
            lambda region: self._ask(found.encoded.number, region, blocked),
            lambda part: confirm(subject, part, question),
        )
        return instantiation.refute(found, request)

    def _deployed(
        self, subject: Subject, values: dict[str, str], guards: Sequence[Guard]
    ) -> Iterator[tuple[Subject, dict[str, str]]]:
        """The policies as they may be deployed, with what was filled in; the likeliest first."""
        if self.deployments is None:
            return
        for bound in bindings(subject, self.inquiry, self.deployments, values, guards):
            deployed = self._with(bound)
            if deployed is not None:
                yield deployed, bound

    def _with(self, bound: dict[str, str]) -> Subject | None:
        """The policies as they are deployed with some values; None where they are not."""
        found = None if self.deployments is None else deployed_with(self.subject, self.deployments, bound)
        return None if found is None else self.inquiry.normalize(found)

    def again(self, refutation: Refutation, index: int) -> Refutation | None:
        """
        The refutation of another policy that says the same, by the same request to the resource of this one; None where
        that is not let in, is not what the property asks about, or leaves something graver open.
        """
        if refutation.question.afterwards is not None or refutation.left:
            # What follows from the request, or is left open, is to be found for these policies.
            return None
        request, statement = refutation.request, self.subject.policy.statements[index]
        if not is_concrete(self.subject.policy):
            return self.again_deployed(refutation, statement)
        if self.subject.document.kind == TRUST:
            request = request._replace(resource=accounts_and_resource(self.subject)[1])
        if request == refutation.request:
            # It has been asked of a policy that says the same; only the places of the statements are others.
            decision = decide(self.subject.policy, request)
            return refutation_by(decision, statement, refutation.question, request)
        return replay(self.subject, statement, refutation.question, request)

    def again_deployed(self, refutation: Refutation, statement: Statement) -> Refutation | None:
        """The same where not everything is known before deployment: in the deployment of the refutation, replayed."""
        request = refutation.request
        for deployed in self._deployed_as(refutation):
            if self.subject.document.kind == TRUST:
                request = request._replace(resource=accounts_and_resource(deployed)[1])
            for index in same_statement(deployed.policy, statement):
                concrete = relevant(deployed, deployed.policy.statements[index])
                if not is_decidable(concrete):
                    continue
                found = replay(concrete, deployed.policy.statements[index], refutation.question, request)
                if found is not None:
                    return found._replace(parameters=refutation.parameters)
        return None

    def _deployed_as(self, refutation: Refutation) -> Iterator[Subject]:
        """The policies where the parameters have the values of a refutation: without any, at the defaults too."""
        if not refutation.parameters:
            yield self.subject
        if (deployed := self._with(refutation.parameters)) is not None:
            yield deployed

    def unusable(self, index: int, proof: Proof) -> tuple[Conflict | None, Request | None]:
        """Why nobody can use a statement, with the request that comes nearest, replayed and refused."""
        regions = [closed.region for closed in proof.closed]
        accounts = (self.subject.account,)
        try:
            found = find_conflict(
                self.compiled,
                regions,
                index,
                others=self._others,
                permissions_boundary=self._permissions_boundary,
                accounts=accounts,
            )
        except BudgetReached:
            # That nobody can use it is proved; which conditions exclude each other is not known.
            found = None
        if found is None or not is_decidable(self.subject):
            return found, None
        request = build(found.nearest, accounts=accounts)
        if impossibilities(request) or lets_in(self.subject, request):
            return found, None
        return found, request
