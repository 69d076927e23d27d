"""
Remedies tried out before they are given: what they put right, whom they lock out, whom else they let in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from trustproof.model.deployments import Deployments
from trustproof.model.policy import ALLOW, Path, Principal, Statement
from trustproof.model.principals import Holder
from trustproof.properties.base import IdentityProperty, StatementProperty
from trustproof.properties.question import Direction, Finding, Refutation, Subject
from trustproof.properties.registry import PROPERTIES
from trustproof.properties.remedies.apply import apart, apply_edits, difference
from trustproof.properties.shared.bounds import is_everybody
from trustproof.properties.shared.sources import tests_of_sources
from trustproof.properties.statement_usable import StatementUsable
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.cache import ProofCache
from trustproof.proving.changed_deployments import ChangedDeployments
from trustproof.proving.prover import Prover
from trustproof.proving.trial import PEOPLE, Trial, is_cut_short, with_policy
from trustproof.results.result import OFF, REFUTED, Remedy

#: How many changes one remedy may consist of.
_STEPS = 5
#: What asks whether somebody can use a statement.
_USABLE = next(one for one in PROPERTIES if isinstance(one, StatementUsable))
#: Where something is still missing, and nothing is known that would do.
_NOTHING = Remedy("")
#: How many principals a remedy names.
_NAMED = 3


_WANTED: ContextVar[bool] = ContextVar("remedies", default=True)


@contextmanager
def without_remedies() -> Iterator[None]:
    """Try out no remedy: who only compares verdicts reads none, and trying one out costs as much as what it is for."""
    token = _WANTED.set(False)
    try:
        yield
    finally:
        _WANTED.reset(token)


def made_usable(prover: Prover, asked: StatementProperty, index: int, finding: Finding) -> Finding:
    """
    The finding about a statement that nobody can use, with a remedy that makes it usable and refutes nothing else.

    Whoever takes out a condition that nobody meets lets in everybody whom the rest of the statement admits. So what
    another property then asks for is part of the remedy.
    """
    if finding.remedy is None or not finding.remedy.edits or not _WANTED.get():
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
    policy = apply_edits(subject.policy, remedy.edits)
    said = [remedy.text]
    for step in range(_STEPS):
        if policy is None:
            return None
        changed = with_policy(subject, policy)
        found = _next(prover, asked, changed, index)
        if found is None:
            edits = remedy.edits if step == 0 else difference(subject.policy, policy)
            return Remedy("; and ".join(dict.fromkeys(said)), edits)
        said.append(found.text)
        policy = apply_edits(policy, found.edits)
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
            if isinstance(before, Undecided) and is_cut_short(before):
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


#: A change of a statement is tried out for each of its principals; for one of more principals it is left at words.
_MAX_TRIED = 50


def verify_remedy(
    subject: Subject,
    asked: StatementProperty,
    deployments: Deployments | None,
    found: Refutation,
    said: Finding,
    cache: ProofCache | None = None,
    refuted_alone: Callable[[Path, Principal], bool] | None = None,
) -> Finding:
    """
    The finding about a request that gets in, with a remedy that stops it and locks out nobody else.

    A condition for some principals of a statement is one that the others may never meet: a service, a role or a vendor
    in a statement of users. Then those whom the property is about need a statement of their own.

    Args:
        cache: what has been settled of policies that say the same; what is tried out here is added.
        refuted_alone: as for `Trial`.
    """
    remedy = said.remedy
    if said.verdict != REFUTED or remedy is None or not remedy.edits or not _WANTED.get():
        return said
    place = found.statement.path
    forms = [s for s in subject.policy.statements if s.effect == ALLOW and s.path == place]
    entries = dict.fromkeys(entry for form in forms for entry in form.principals or ())
    if len(entries) > _MAX_TRIED:
        return said._replace(remedy=remedy._replace(edits=()))
    trial = Trial(subject, asked, deployments, place, cache, refuted_alone)
    if len(entries) < 2 and not said.otherwise and not any(map(is_everybody, entries)):
        changed = apply_edits(subject.policy, remedy.edits)
        closes = changed is not None and trial.closes(changed, _USABLE.inquiry)
        return said._replace(remedy=remedy._replace(edits=())) if closes else said
    chosen = _of_a_deny(subject, said, found, forms, trial) or _chosen(subject, said, remedy, entries, forms, trial)
    # Whom the budget keeps from being tried out may be locked out.
    return said._replace(remedy=remedy._replace(edits=())) if trial.is_cut_short else chosen


def _of_a_deny(
    subject: Subject, said: Finding, found: Refutation, forms: Sequence[Statement], trial: Trial
) -> Finding | None:
    """
    The finding with what makes a Deny apply that a first device is spared from, where nothing but that is left then.

    Whoever asks for MFA in the Allow instead takes from new users what the Deny leaves them on purpose. What else the
    Deny spares is a finding of its own, and said when this one is mended.
    """
    place = trial.place
    if said.path[: len(place)] == place or len(forms) != 1:
        return None
    nearly = None
    for choice in (said.remedy, *said.otherwise):
        changed = None if choice is None else apply_edits(subject.policy, choice.edits)
        if changed is None or [s for s in changed.statements if s.effect == ALLOW and s.path == place] != forms:
            continue
        if trial.stops(changed):
            return None
        if nearly is None and trial.leaves_first_device(changed, found):
            nearly = choice
    return None if nearly is None else said._replace(remedy=nearly, otherwise=())


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
    closed, closes = "", False
    for choice in (remedy, *said.otherwise):
        changed = apply_edits(subject.policy, choice.edits)
        if changed is None or (said.otherwise and not trial.stops(changed)):
            continue
        if trial.closes(changed, _USABLE.inquiry):
            # What lets in nobody at all stops every request.
            closes = True
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
    words = [choice for choice in said.otherwise if not choice.edits]
    if not said.otherwise and not closes:
        return said
    return said._replace(remedy=words[-1] if words else remedy._replace(edits=()))


def _in_words(text: str, closed: str, forms: Sequence[Statement]) -> Remedy:
    """What to do where a change of the statement for everybody locks out people or services who are meant."""
    if closed == PEOPLE:
        # Whoever looks at whom a service calls for lets in nobody who is none.
        return Remedy(f"{text}, in a statement of its own, and say in this one which callers you mean")
    keys = " and ".join(dict.fromkeys(c.key for form in forms for c in tests_of_sources(form)))
    return Remedy(f"let services in by a statement of their own, that tests {keys} without IfExists; here, {text}")
