"""
Remedies tried out before they are given: what they put right, whom they lock out, whom else they let in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from trustproof.engine.allowance import spend
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.deployments import Deployments
from trustproof.model.document import TRUST
from trustproof.model.policy import ALLOW, Path, Policy, Principal, Statement
from trustproof.model.principals import Holder
from trustproof.model.request import ANONYMOUS, ROLE_SESSION, SAML, SERVICE, USER_KEY, WEB_IDENTITY
from trustproof.properties.base import IdentityProperty, StatementProperty
from trustproof.properties.question import Direction, Finding, Inquiry, Question, Refutation, Subject
from trustproof.properties.regions import TRUST_ACTIONS, own_values, trust_regions
from trustproof.properties.registry import PROPERTIES
from trustproof.properties.remedies.apply import apart, applied, difference
from trustproof.properties.shared.bounds import CALLERS, is_everybody
from trustproof.properties.shared.neighbours import YOUR_ORGANIZATION
from trustproof.properties.shared.plain_values import plain_values
from trustproof.properties.shared.service_uses import may_send
from trustproof.properties.shared.sources import tests_of_sources
from trustproof.proving.changed_deployments import ChangedDeployments
from trustproof.proving.prover import Proof, Prover, Undecided
from trustproof.results.result import BUDGET, OFF, REFUTED, Remedy
from trustproof.sets.search import BudgetReached

#: How many changes one remedy may consist of.
_STEPS = 5
#: Where something is still missing, and nothing is known that would do.
_NOTHING = Remedy("")
_EXTERNAL_ID = "sts:externalid"
_ENCRYPTED = "kms:encryptioncontext:"
_OF_CALLERS = (*CALLERS, "aws:multifactorauthage", "aws:multifactorauthpresent")
_PEOPLE, _SERVICES = "people", "services"
#: A principal that is an account, or of one.
_ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)")
#: How many principals a remedy names.
_NAMED = 3


def made_usable(prover: Prover, asked: StatementProperty, index: int, finding: Finding) -> Finding:
    """
    The finding about a statement that nobody can use, with a remedy that makes it usable and refutes nothing else.

    Whoever takes out a condition that nobody meets lets in everybody whom the rest of the statement admits. So what
    another property then asks for is part of the remedy.
    """
    if finding.remedy is None or not finding.remedy.edits:
        return finding
    choices = (finding.remedy, *finding.otherwise)
    for remedy in choices:
        if not remedy.edits:
            return finding._replace(remedy=remedy)
        found = _complete(prover, asked, index, remedy)
        if found is not None:
            return finding._replace(remedy=found)
    return finding._replace(remedy=Remedy(f"{finding.remedy.text}; what is left must let in nobody else"))


def _complete(prover: Prover, asked: StatementProperty, index: int, remedy: Remedy) -> Remedy | None:
    """A remedy with all that it takes besides; None where that is not found."""
    subject = prover.subject
    policy = applied(subject.policy, remedy.edits)
    said = [remedy.text]
    for step in range(_STEPS):
        if policy is None:
            return None
        changed = _with(subject, policy)
        found = _next(prover, asked, changed, index)
        if found is None:
            edits = remedy.edits if step == 0 else difference(subject.policy, policy)
            return Remedy("; and ".join(dict.fromkeys(said)), edits)
        said.append(found.text)
        policy = applied(policy, found.edits)
    return None


def _next(prover: Prover, usable: StatementProperty, changed: Subject, index: int) -> Remedy | None:
    """What a changed policy is still to be given; None where it needs nothing."""
    deployments = None if prover.deployments is None else ChangedDeployments(prover.deployments, changed.document)
    again = Prover(changed, prover.inquiry, deployments)
    outcome = again.settle(index)
    if isinstance(outcome, Undecided):
        return _NOTHING
    if isinstance(outcome, Proof):
        conflict, request = again.unusable(index, outcome)
        finding = usable.unusable(again.subject, again.subject.policy.statements[index], conflict, request)
        return finding.remedy or _NOTHING
    for asked in _asking(changed):
        new = Prover(changed, asked.inquiry, deployments)
        for number in new.compiled.allow_indices:
            if not asked.concerns(new.subject, new.subject.policy.statements[number]):
                continue
            outcome = new.settle(number)
            if isinstance(outcome, Proof):
                continue
            before = Prover(prover.subject, asked.inquiry, prover.deployments).settle(number)
            if isinstance(before, Undecided) and _is_cut_short(before):
                return _NOTHING
            if not isinstance(before, Proof):
                # This was so before.
                continue
            if isinstance(outcome, Refutation) and number == index:
                finding = verify_remedy(changed, asked, deployments, outcome, asked.found(changed, outcome))
                return finding.remedy or _NOTHING
            return _NOTHING
    return None


def _asking(subject: Subject) -> Iterator[StatementProperty]:
    """The properties that a change of a policy must leave proved."""
    for asked in PROPERTIES:
        if not isinstance(asked, StatementProperty) or asked.direction is Direction.WANTED:
            continue
        if subject.holder is not None and not _asks_about(asked, subject.holder):
            continue
        if subject.config.severity(asked.ident, asked.severity) != OFF and asked.applies_to(subject):
            yield asked


def _asks_about(asked: StatementProperty, holder: Holder) -> bool:
    return isinstance(asked, IdentityProperty) and holder.kind in asked.holders


def _with(subject: Subject, policy: Policy) -> Subject:
    return subject._replace(document=subject.document._replace(policy=policy))


#: A change of a statement is tried out for each of its principals; for one of more principals it is left at words.
_MAX_TRIED = 50
#: Units of an allowance that it costs to try out a change on one form of a statement, besides the searches.
_TRIED = 200


def verify_remedy(
    subject: Subject,
    asked: StatementProperty,
    deployments: Deployments | None,
    found: Refutation,
    said: Finding,
    trials: dict[Path, Trial] | None = None,
) -> Finding:
    """
    The finding about a request that gets in, with a remedy that stops it and locks out nobody else.

    A condition for some principals of a statement is one that the others may never meet: a service, a role or a vendor
    in a statement of users. Then those whom the property is about need a statement of their own.

    Args:
        trials: what was tried out of statements of the policy, by their places; added to.
    """
    remedy = said.remedy
    if said.verdict != REFUTED or remedy is None or not remedy.edits:
        return said
    place = found.statement.path
    forms = [s for s in subject.policy.statements if s.effect == ALLOW and s.path == place]
    entries = dict.fromkeys(entry for form in forms for entry in form.principals or ())
    if len(entries) < 2 and not said.otherwise and not any(map(is_everybody, entries)):
        return said
    if len(entries) > _MAX_TRIED:
        return said._replace(remedy=remedy._replace(edits=()))
    # A statement has many forms at times, each with a request of its own that gets in.
    trial = ({} if trials is None else trials).setdefault(place, Trial(subject, asked, deployments, place))
    chosen = _chosen(subject, said, remedy, entries, forms, trial)
    # Whom the budget keeps from being tried out may be locked out.
    return said._replace(remedy=remedy._replace(edits=())) if trial.is_cut_short else chosen


def _chosen(
    subject: Subject,
    said: Finding,
    remedy: Remedy,
    entries: Collection[Principal],
    forms: Sequence[Statement],
    trial: Trial,
) -> Finding:
    """The finding with a remedy that locks nobody out, as far as all could be tried out."""
    place = trial.place
    others = [entry for entry in entries if len(entries) > 1 and not trial.minds(entry)]
    if entries and len(others) == len(entries):
        return said
    closed = ""
    for choice in (remedy, *said.otherwise):
        changed = applied(subject.policy, choice.edits)
        if changed is None or (said.otherwise and not trial.stops(changed)):
            continue
        after = [s for s in changed.statements if s.effect == ALLOW and s.path == place]
        if after != forms and said.path[: len(place)] != place:
            # The finding points at a Deny, and this is about the statement that lets the request in.
            path = (*place, "Principal") if entries else place
            said = said._replace(path=path, label="this lets the request in")
        # What one service says of whom it calls for, another one may not, though it should say it too.
        services = [entry for entry in entries if entry.kind == "Service" and entry not in others]
        locked = [entry for entry in (*others, *services) if len(entries) > 1 and trial.locks_out(entry, changed)]
        lost = "" if locked else next(filter(None, (trial.loses_by_everybody(e, changed) for e in entries)), "")
        closed = closed or lost
        if not locked and not lost:
            return said._replace(remedy=choice)
        meant = [entry for entry in entries if entry not in others and entry not in locked]
        if locked and after != forms and meant:
            names = ["everybody" if str(entry.value) == "*" else str(entry.value) for entry in meant]
            whole = "principals whom this is about" if len(names) > _NAMED else " and ".join(names)
            text = f"give {whole} a statement of {'its' if len(names) == 1 else 'their'} own, and {choice.text}"
            lines = apart(subject.policy, forms[0], after[0], meant) if len(forms) == 1 and not forms[0].guards else ()
            return said._replace(remedy=Remedy(text, lines))
    if closed:
        return said._replace(remedy=_in_words(remedy.text, closed, forms))
    return said._replace(remedy=remedy._replace(edits=())) if said.otherwise else said


def _in_words(text: str, closed: str, forms: Sequence[Statement]) -> Remedy:
    """What to do where a change of the statement for everybody locks out people or services who are meant."""
    if closed == _PEOPLE:
        # Whoever looks at whom a service calls for lets in nobody who is none.
        return Remedy(f"{text}, in a statement of its own, and say in this one which callers you mean")
    keys = " and ".join(dict.fromkeys(c.key for form in forms for c in tests_of_sources(form)))
    return Remedy(f"let services in by a statement of their own, that tests {keys} without IfExists; here, {text}")


class Trial:
    """
    Changes of one statement, tried out.

    Args:
        place: where the statement stands; it may have several forms.
    """

    def __init__(
        self, subject: Subject, asked: StatementProperty, deployments: Deployments | None, place: Path
    ) -> None:
        self._subject = subject
        self._asked = asked
        self._deployments = deployments
        self.place = place
        #: Whether a budget was reached, so that what was said of a principal may be otherwise.
        self.is_cut_short: bool = False
        self._minds: dict[Principal, bool] = {}
        self._stops: dict[Policy, bool] = {}

    def minds(self, entry: Principal) -> bool:
        """Whether the property is refuted of a principal alone."""
        if entry not in self._minds:
            self._minds[entry] = not self.stops(self._alone(self._subject.policy, entry))
        return self._minds[entry]

    def is_open(self, entry: Principal) -> bool:
        """Whether it is not decided whether the property holds of a principal alone."""
        outcomes = self._outcomes(self._alone(self._subject.policy, entry), self._asked.inquiry)
        return any(isinstance(outcome, Undecided) for outcome in outcomes)

    def stops(self, policy: Policy) -> bool:
        """Whether the property is proved of the statement, or only open since nobody has said what is one's own."""
        if policy not in self._stops:
            changed = _with(self._subject, policy)
            self._stops[policy] = all(
                isinstance(outcome, Proof)
                or (isinstance(outcome, Refutation) and self._asked.found(changed, outcome).verdict != REFUTED)
                for outcome in self._outcomes(policy, self._asked.inquiry)
            )
        return self._stops[policy]

    def locks_out(self, entry: Principal, changed: Policy) -> bool:
        """Whether a principal could use the statement with some kind of credentials, and can no more."""
        return self._loses(entry, changed, _USES)

    def loses_by_everybody(self, entry: Principal, changed: Policy) -> str:
        """
        Of whom a principal that stands for everybody lets in, who could use the statement and can no more: people, of
        whom a session of a role is not taken for locked out by being asked for MFA, or the services whose sources the
        statement looks at; the empty string where nobody is locked out.
        """
        if not is_everybody(entry):
            return ""
        people = () if self._asked.only_for_people else (_OF_USERS, _OF_ROLES)
        if any(self._loses(entry, changed, (use,)) for use in people):
            return _PEOPLE
        policy = self._subject.policy
        speaks = any(tests_of_sources(s) for s in policy.statements if s.effect == ALLOW and s.path == self.place)
        return _SERVICES if speaks and self._loses(entry, changed, (_OF_SERVICES,)) else ""

    def _loses(self, entry: Principal, changed: Policy, uses: Sequence[Inquiry]) -> bool:
        # Of an account that is named besides, nobody knows whether it is of the reader's organization.
        filled = _left_open(changed) if self._is_elsewhere(entry) else _filled_in(changed)
        before, after = self._alone(self._subject.policy, entry), self._alone(filled, entry)
        return any(
            any(isinstance(outcome, Refutation) for outcome in self._outcomes(before, use))
            and all(isinstance(outcome, Proof) for outcome in self._outcomes(after, use))
            for use in uses
        )

    def _is_elsewhere(self, entry: Principal) -> bool:
        """Whether a principal is an account, or of one, that is not the template's own."""
        found = _ACCOUNT.match(str(entry.value)) if entry.kind == "AWS" else None
        return found is not None and found[1] != self._subject.account

    def _outcomes(self, policy: Policy, inquiry: Inquiry) -> Iterator[Proof | Refutation | Undecided]:
        """The answers about each form of the statement."""
        changed = _with(self._subject, policy)
        deployments = None if self._deployments is None else ChangedDeployments(self._deployments, changed.document)
        prover = Prover(changed, inquiry, deployments)
        for index in prover.compiled.allow_indices:
            if prover.subject.policy.statements[index].path == self.place:
                try:
                    spend(_TRIED)
                    outcome = prover.settle(index)
                except BudgetReached as reached:
                    outcome = Undecided((f"{BUDGET}: {reached.name}",))
                if isinstance(outcome, Undecided) and _is_cut_short(outcome):
                    self.is_cut_short = True
                yield outcome

    def _alone(self, policy: Policy, entry: Principal) -> Policy:
        """A policy in which the statement names one of its principals only."""
        return policy._replace(
            statements=tuple(
                s._replace(principals=(entry,)) if s.effect == ALLOW and s.path == self.place else s
                for s in policy.statements
                if s.effect != ALLOW or s.path != self.place or entry in (s.principals or ())
            )
        )


def _left_open(policy: Policy) -> Policy:
    """The policy without the statements in which a remedy leaves a place for the organization of the reader."""
    open_ = [s for s in policy.statements if any(c.operands == (YOUR_ORGANIZATION,) for c in s.conditions)]
    return policy._replace(statements=tuple(s for s in policy.statements if s not in open_))


def _filled_in(policy: Policy) -> Policy:
    """The policy with an organization where a remedy leaves a place for that of the reader."""
    return policy._replace(
        statements=tuple(
            s._replace(
                conditions=tuple(
                    c._replace(operands=("o-filledin00",)) if c.operands == (YOUR_ORGANIZATION,) else c
                    for c in s.conditions
                )
            )
            for s in policy.statements
        )
    )


def _is_cut_short(outcome: Undecided) -> bool:
    """Whether it was a budget that kept a question from being answered."""
    return any(reason.startswith(BUDGET) for reason in outcome.reasons)


def _use(kind: str, *, passes: bool) -> Inquiry:
    """
    What callers of one kind can send at all.

    Args:
        passes: whether they pass an external id; whoever need not does not, and is locked out where it is asked for.
    """

    def questions(subject: Subject, index: int) -> Iterator[Question]:
        """Requests with what is told of a caller only where somebody tells it: who signs it in, or the service."""
        keys = {c.key.lower() for s in subject.policy.statements for c in s.conditions}
        heads = ((key, key.partition(":")[0]) for key in sorted(keys))
        told = [key for key, head in heads if (head == SAML != kind) or ("." in head and kind != WEB_IDENTITY)]
        if kind == SERVICE:
            told += [key for key in sorted(keys) if not _may_send(subject, index, key)]
            # A service is of no account or organization, and has no device.
            told += [key for key in _OF_CALLERS if key not in told]
        # What stands in an encryption context the catalogue does not know: it is compared as a text.
        dimensions = [key_dimension(key, "string" if key.startswith(_ENCRYPTED) else "") for key in told]
        constraints = (*plain_values(subject.policy), *((one, Values(True, None)) for one in dimensions))
        if not passes:
            constraints += ((key_dimension(_EXTERNAL_ID), Values(True, None)),)
        regions: Sequence[Region] = ()
        if subject.document.kind != TRUST:
            regions = (Region(RequestSpace(kind, "", subject.partition, known_keys=own_values(subject)), constraints),)
        elif kind != ANONYMOUS:
            actions = TRUST_ACTIONS[kind]
            regions = [region for one in actions for region in trust_regions(subject, kind, one, constraints)]
        yield Question(tuple(regions), lambda request: True)

    return Inquiry("use", questions, Direction.WANTED)


def _may_send(subject: Subject, index: int, key: str) -> bool:
    """Whether all the services of a statement are known to send a key of this kind; others never meet a test."""
    services = [entry for entry in subject.policy.statements[index].principals or () if entry.kind == "Service"]
    return all(may_send(subject.document, str(entry.value), key) for entry in services)


_USES = tuple(_use(kind, passes=passes) for kind in (*TRUST_ACTIONS, ANONYMOUS) for passes in (True, False))
#: Of a statement for everybody, whoever passes an external id passes it after the remedy too.
_OF_USERS, _OF_ROLES, _OF_SERVICES = (_use(kind, passes=True) for kind in (USER_KEY, ROLE_SESSION, SERVICE))
