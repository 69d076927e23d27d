"""
Identity policies, composed: what a user, a group or a role may do by everything that the template attaches to it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache, partial

from trustproof.analysis.assignments.assignments import is_within
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.control_policies import attached_to, resting_on
from trustproof.analysis.holders.alike_holders import AlikeHolders, Meaning
from trustproof.analysis.holders.foreign_policies import foreign, idle_additions, is_said, left_open
from trustproof.analysis.holders.held_policies import HeldPolicies, HeldPolicy, at_of
from trustproof.analysis.holders.holdings import Holding, Holdings, everybody, holder_name
from trustproof.analysis.holders.other_members import by_another_member
from trustproof.analysis.holders.tallies import At, Tally
from trustproof.config.model import Config
from trustproof.engine.allowance import spend
from trustproof.escaping.text import first_of
from trustproof.inputs.input_deployments import InputDeployments
from trustproof.model.deployments import Deployments
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Path, Statement
from trustproof.model.principals import Holder, Program
from trustproof.model.substitution import bind_text
from trustproof.model.text import Text
from trustproof.properties.base import IdentityProperty
from trustproof.properties.neighbours import Neighbours
from trustproof.properties.question import OWN_ORGANIZATION, Direction, Refutation, Subject
from trustproof.properties.wording.admitted_principals import admitting_entry, with_parameters, without_made_up_ids
from trustproof.proving.allow_statements import certificate, evidence, variants
from trustproof.proving.answers import Proof, Undecided, cut_short, unless_milder
from trustproof.proving.counterexamples import counterexample, deciding_policies
from trustproof.proving.hints import hints
from trustproof.proving.outcomes import Place, result, unusable
from trustproof.proving.prover import Prover
from trustproof.proving.surroundings import surroundings
from trustproof.results.fingerprint import WrittenPolicies
from trustproof.results.result import OWN, PROVED, REFUTED, UNKNOWN, Result, with_defaults
from trustproof.sets.search import BudgetReached

#: Properties of a holder in which policies are attached.
_HELD = ("Groups", "ManagedPolicyArns", "PermissionsBoundary", "Policies")
#: How many principals a message names.
_NAMED = 3
#: Units of an allowance that a question about one policy costs for each policy beside it.
_DOCUMENT = 8


class IdentityChecker:
    """
    Asks a property about the identity policies of one template.

    Args:
        certify: whether proofs are checked again, and results say what they consist of.
        organization: of the account.
        controls: what service control policies deny in the account.
        programs: of the template, which are told roles.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        holders: Sequence[Holder],
        bind: Callable[[Text], Text],
        account: str,
        partition: str,
        config: Config,
        deployments: Deployments,
        *,
        certify: bool = False,
        organization: str = OWN_ORGANIZATION,
        controls: tuple[Document, ...] = (),
        programs: tuple[Program, ...] = (),
    ) -> None:
        self._controls = controls
        self._config = config
        self._certify = certify
        self._alike = AlikeHolders()
        holdings = Holdings(documents, holders, bind, deployments)
        self._holdings = holdings.everything
        neighbours = Neighbours(lambda: (), lambda: tuple(holders), lambda: programs, holdings.trusts)
        self._policies = HeldPolicies(
            account, partition, config, organization, controls, holdings.roles_with, neighbours
        )
        self._users = frozenset(str(bind(one.arn)) for one in holders if one.kind == "user" and one.path)
        #: Groups to the users that the template puts into them, as messages name both.
        self._members: dict[str, list[str]] = {}
        for holder in holders:
            for membership in holder.groups if holder.kind == "user" else ():
                group = holdings.groups.get(membership.group)
                if group is not None:
                    self._members.setdefault(holder_name(group), []).append(holder_name(holder))

    def results(
        self,
        asked: IdentityProperty,
        place: Place,
        is_asked: Callable[[Holding, Sequence[Document]], bool] = everybody,
        places: Collection[Path] = ((),),
    ) -> tuple[list[Result], set[At]]:
        """
        The results of one property, and the documents that were asked about.

        Args:
            is_asked: whether it is asked of a holder, with the control policies of the account.
            places: where results are wanted; there are none about documents elsewhere, which take no search.

        Raises:
            CertificateError: a proof does not stand up to being checked again.
        """

        @cache
        def is_wanted(at: At) -> bool:
            return any(is_within(at[1], place) for place in places)

        tallies: dict[tuple[At, Path], Tally] = {}
        #: Document to what its proof consists of, and whom each line is about.
        lines: dict[At, dict[str, list[str]]] = {}
        asked_about: dict[At, tuple[Subject, Holding, Meaning | None]] = {}
        left: list[tuple[Holding, tuple[str, ...]]] = []
        last: Holder | None = None
        idle = idle_additions(asked, self._holdings, self._policies) if asked.needs_whole_holder else frozenset()
        for whole in self._holdings:
            if whole.holder.kind not in asked.holders or not is_asked(whole, self._controls):
                continue
            for holding in whole.parts():
                for held, meaning in self._held(holding):
                    if not asked.applies_to(held.subject):
                        continue
                    asked_about.setdefault(held.at, (held.subject, holding, meaning))
                    if not is_wanted(held.at):
                        continue
                    self._ask(asked, held, holding, meaning, tallies, lines.setdefault(held.at, {}))
            if whole.holder is last:
                # What follows is the same for each boundary.
                continue
            last = whole.holder
            if reasons := left_open(asked, whole, self._config, idle):
                left.append((whole, reasons))
        out = [
            foreign(asked, whole, self._config, place, reasons)
            for whole, reasons in left
            if not is_said(whole, tallies.values())
        ]
        out += [found for tally in tallies.values() if (found := self._tallied(asked, tally, place)) is not None]
        wrong = {(found.logical_id, found.path[:end]) for found in out for end in range(len(found.path) + 1)}
        opened = {_key(whole.holder) for whole, _ in left}
        for at, (subject, holding, meaning) in asked_about.items():
            if not is_wanted(at):
                continue
            is_open = _key(holding.holder) in opened and _is_own(subject.document, holding.holder)
            if not is_open and at not in wrong:
                proved = self._proved(asked, subject, holding, meaning, place)
                out.append(proved._replace(certificate=_certificate(lines[at])) if self._certify else proved)
        return out, set(asked_about)

    def roles(self) -> Iterator[tuple[Holding, tuple[Subject, ...]]]:
        """What each role has, for each boundary that it may have, with its policies, one subject each."""
        for holding in self._holdings:
            if holding.holder.kind == "role":
                yield holding, tuple(held.subject for held in self._policies.of(holding))

    def _held(self, holding: Holding) -> Iterator[tuple[HeldPolicy, Meaning | None]]:
        """The policies of a holder, and what each means; None where a proof is to be found for this one alone."""
        held = self._policies.of(holding)
        meanings = [None] * len(held) if self._certify else self._alike.meanings([one.subject for one in held])
        return zip(held, meanings, strict=True)

    def _ask(
        self,
        asked: IdentityProperty,
        held: HeldPolicy,
        holding: Holding,
        meaning: Meaning | None,
        tallies: dict[tuple[At, Path], Tally],
        lines: dict[str, list[str]],
    ) -> None:
        subject, at = held.subject, held.at
        wanted = asked.direction is Direction.WANTED
        try:
            spend(_DOCUMENT * (1 + len(subject.others) + (subject.permissions_boundary is not None)))
        except BudgetReached as reached:
            self._left(subject, holding, tallies, cut_short(reached))
            return
        prover = Prover(subject, asked.inquiry, holding.deployments, certify=self._certify)
        for index, statement in variants(prover, holding.deployments):
            if wanted and not self._certify and (at, statement.path) in tallies and tallies[at, statement.path].usable:
                # Who else can use it makes no difference.
                continue
            # The quick look leaves out what the search would prove at once; a proof that is checked again has it.
            if not asked.concerns(subject, statement) and (wanted or not self._certify):
                if wanted and statement.guards:  # Another form of it need not be usable.
                    tallies.setdefault((at, statement.path), Tally(statement)).usable = True
                continue
            outcome = self._alike.settle(prover, index, meaning)
            for line in evidence(outcome, statement, index):
                lines.setdefault(line, []).append(holder_name(holding.holder))
            if wanted:
                self._ask_usable(asked, prover, index, outcome, tallies)
                continue
            outcome = unless_milder(outcome, partial(asked.found, subject))
            if not isinstance(outcome, (Refutation, Undecided)):
                continue
            statement = subject.policy.statements[index]
            tally = tallies.setdefault((at, statement.path), Tally(statement))
            name = holder_name(holding.holder)
            tally.subjects.setdefault((name, held.has), subject)
            if isinstance(outcome, Refutation) and not holding.doubts:
                outcome = by_another_member(prover, outcome, index, self._users)
                tally.refuted.setdefault(held.has, (subject, outcome, holding.deployments))
                tally.reached.append(name)
            else:
                tally.leave_open(subject, outcome if isinstance(outcome, Undecided) else Undecided(holding.doubts))
                tally.undecided.append(name)

    def _left(self, subject: Subject, holding: Holding, tallies: dict[tuple[At, Path], Tally], left: Undecided) -> None:
        """Leave open all that a policy allows."""
        for statement in subject.policy.statements:
            if statement.effect == ALLOW:
                tally = tallies.setdefault((at_of(subject.document), statement.path), Tally(statement))
                tally.leave_open(subject, left)
                tally.undecided.append(holder_name(holding.holder))

    def _ask_usable(
        self,
        asked: IdentityProperty,
        prover: Prover,
        index: int,
        outcome: Proof | Refutation | Undecided,
        tallies: dict[tuple[At, Path], Tally],
    ) -> None:
        """A property that wants a request is refuted where no holder can send one."""
        subject = prover.subject
        statement = subject.policy.statements[index]
        tally = tallies.setdefault((at_of(subject.document), statement.path), Tally(statement))
        if isinstance(outcome, Refutation):
            tally.usable = True
        elif isinstance(outcome, Undecided):
            tally.leave_open(subject, outcome)
        elif tally.unusable is None:
            tally.unusable = (prover, index, outcome)

    def _tallied(self, asked: IdentityProperty, tally: Tally, place: Place) -> Result | None:
        if tally.usable:
            return None
        if tally.unusable is not None and tally.unknown is None:
            return unusable(tally.unusable[0].subject, asked, place, *tally.unusable)
        if tally.refuted:
            subject, refutation, finding = tally.found(asked)
            if len({*tally.reached}) == 1:
                finding = asked.for_one_holder(subject, finding)
            else:
                finding = asked.for_holders(subject, refutation, finding, tally.holders)
            finding = with_parameters(finding, refutation.parameters, hints(subject))
            finding = without_made_up_ids(finding, refutation.parameters, hints(subject))
            shown = counterexample(
                refutation.request,
                deciding_policies(subject, refutation.statement),
                {**_at_defaults(subject, refutation.statement, place), **refutation.parameters},
                place.completed,
                asks_for_mfa=asked.reach == OWN,
            )
            return result(
                subject,
                asked,
                place,
                finding.verdict,
                finding.path or subject.document.path,
                f"{finding.message}: {_reached(tally.reached, of_groups='members of ')}",
                about=tally.about,
                at_most=finding.severity,
                reach=finding.reach,
                undeclared=finding.undeclared,
                cause=finding.cause,
                around=lambda moved: self._around(tally, place.written.moved if moved else place.written),
                holders=tuple(dict.fromkeys(tally.reached)),
                label=finding.label,
                caret=admitting_entry(subject.policy, finding.path, shown.request),
                counterexample=shown if finding.verdict == REFUTED else None,
                why=(*finding.why, *self._others(tally)),
                reasons=finding.reasons,
                remedy=finding.remedy,
            )
        if tally.unknown is not None:
            subject, left = tally.unknown
            message = f"not decided whether {asked.summary}: {subject.document.logical_id}"
            path = subject.document.path
            return result(
                subject,
                asked,
                place,
                UNKNOWN,
                path,
                message,
                about=tally.about,
                unknown=left.kind,
                reasons=left.reasons,
                around=lambda moved: self._around(tally, place.written.moved if moved else place.written),
            )
        return None

    def _around(self, tally: Tally, written: WrittenPolicies) -> tuple[str, ...]:
        """What a finding is found next to, over all whom it reaches."""
        reached = {*tally.reached, *tally.undecided}
        by_groups = {member for group in reached for member in self._members.get(group, ())}
        return tuple(
            one
            for (name, _), subject in tally.subjects.items()
            for holder in (written.holder(name),)
            for one in surroundings(subject, tally.about, written, holder, by_group=name in by_groups)
        )

    def _others(self, tally: Tally) -> Iterator[str]:
        """Who else may do what the members of a group may not that the template puts into it."""
        for group in dict.fromkeys(tally.reached):
            members = self._members.get(group, [])
            if members and not {*members} & {*tally.reached, *tally.undecided}:
                yield f"{_reached(members)} may not do it, by other policies; another member of {group} may"

    def _proved(
        self, asked: IdentityProperty, subject: Subject, holding: Holding, meaning: Meaning | None, place: Place
    ) -> Result:
        rests = self._alike.rests(asked, lambda: Prover(subject, asked.inquiry, holding.deployments), meaning)
        reasons = (*rests, *resting_on(self._controls))
        found = result(subject, asked, place, PROVED, subject.document.path, asked.proved(subject), reasons=reasons)
        return with_defaults(found, (pair for one in self._controls for pair in one.at_defaults))


def _key(holder: Holder) -> tuple[str, str, Path]:
    return holder.kind, holder.logical_id, holder.path


def _is_own(document: Document, holder: Holder) -> bool:
    """Whether a proof about a document speaks of its holder, so also of what nobody has read of that."""
    return document.is_foreign or (bool(holder.path) and is_within(document.path, holder.path))


def has_identities(context: TemplateContext) -> bool:
    """Whether anything is attached to anybody."""
    return any(holder.documents or holder.foreign or holder.boundaries for holder in context.template.holders)


def identity_checker(
    context: TemplateContext, documents: Sequence[Document], deployments: InputDeployments, values: dict[str, str]
) -> IdentityChecker | None:
    """Asks about what users, groups and roles may do; None where nothing is attached to anybody."""
    if not has_identities(context):
        return None
    return IdentityChecker(
        documents,
        context.template.holders,
        lambda text: bind_text(text, values),
        context.account,
        context.partition,
        context.config,
        deployments,
        certify=context.certify,
        organization=context.organization,
        controls=attached_to(context),
        programs=context.template.programs,
    )


def _at_defaults(subject: Subject, statement: Statement, place: Place) -> dict[str, str]:
    """
    The parameters' defaults that decide about a statement: by a condition they may leave out the policy that denies.
    """
    out = {**place.assumed, **place.defaults(statement.path)}
    holder = subject.holder
    paths = [document.path for document in subject.documents if document.path and not document.is_foreign]
    if holder is not None and holder.path:
        paths += [(*holder.path, "Properties", key) for key in _HELD]
    for path in paths:
        out.update(place.deciding(path))
    return out


def _certificate(lines: dict[str, list[str]]) -> tuple[str, ...]:
    """What the proof for one document consists of; a line tells whom it is about."""
    return certificate([f"{line}, for {_reached(names)}" for line, names in lines.items()])


def _reached(names: Sequence[str], of_groups: str = "") -> str:
    return first_of([f"{of_groups}{n}" if n.startswith("group ") else n for n in dict.fromkeys(names)], _NAMED)
