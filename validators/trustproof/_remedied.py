"""
Remedies tried out before they are given: what they put right, whom they lock out, whom else they let in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from trustproof._bindings import Deployments, bind_document
from trustproof._prove import Proof, Prover
from trustproof._verdict import OFF, Remedy
from trustproof.model.document import Document
from trustproof.model.policy import Guard, Policy
from trustproof.model.text import Symbol
from trustproof.properties._applied import applied, difference
from trustproof.properties._base import Finding, Property, Refutation, Subject

#: How many changes one remedy may consist of.
_STEPS = 5
#: Where something is still missing, and nothing is known that would do.
_NOTHING = Remedy("")


def made_usable(prover: Prover, index: int, finding: Finding) -> Finding:
    """
    The finding about a statement that nobody can use, with a remedy that makes it usable and refutes nothing else.

    Whoever takes out a condition that nobody meets lets in everybody whom the rest of the statement admits. So what
    another property then asks for is part of the remedy.
    """
    if finding.remedy is None or not finding.remedy.diff:
        return finding
    choices = (finding.remedy, *finding.otherwise)
    for remedy in choices:
        if not remedy.diff:
            return finding._replace(remedy=remedy)
        found = _complete(prover, index, remedy)
        if found is not None:
            return finding._replace(remedy=found)
    return finding._replace(remedy=Remedy(f"{finding.remedy.text}; what is left must let in nobody else"))


def _complete(prover: Prover, index: int, remedy: Remedy) -> Remedy | None:
    """A remedy with all that it takes besides; None where that is not found."""
    subject = prover.subject
    policy = applied(subject.policy, subject.policy.statements[index], remedy.diff)
    said = [remedy.text]
    for step in range(_STEPS):
        if policy is None:
            return None
        changed = _with(subject, policy)
        found = _next(prover, changed, index)
        if found is None:
            lines = remedy.diff if step == 0 else difference(subject.policy, policy)
            return Remedy("; and ".join(dict.fromkeys(said)), lines)
        said.append(found.text)
        policy = applied(policy, policy.statements[index], found.diff) if found.diff else None
    return None


def _next(prover: Prover, changed: Subject, index: int) -> Remedy | None:
    """What a changed policy is still to be given; None where it needs nothing."""
    deployments = None if prover.deployments is None else _Changed(prover.deployments, changed.document)
    again = Prover(changed, prover.property, deployments)
    if not isinstance(again.settle(index), Refutation):
        blame, request = again.unusable(index)
        finding = prover.property.unusable(again.subject, again.subject.policy.statements[index], blame, request)
        return finding.remedy or _NOTHING
    for asked in _asking(changed):
        new = Prover(changed, asked, deployments)
        for number in new.compiled.allow_indices:
            if not asked.concerns(new.subject.policy.statements[number]):
                continue
            outcome = new.settle(number)
            if isinstance(outcome, Proof):
                continue
            if not isinstance(Prover(prover.subject, asked, prover.deployments).settle(number), Proof):
                # This was so before.
                continue
            if isinstance(outcome, Refutation) and number == index:
                return asked.found(new.subject, outcome).remedy or _NOTHING
            return _NOTHING
    return None


def _asking(subject: Subject) -> Iterator[Property]:
    """The properties that a change of a policy must leave proved."""
    from trustproof.properties.registry import PROPERTIES

    for asked in PROPERTIES:
        if asked.wants_request or asked.about_roles or asked.across_templates:
            continue
        if subject.holder is not None and subject.holder.kind not in asked.holders:
            continue
        if subject.config.severity(asked.ident, asked.severity) != OFF and asked.applies_to(subject):
            yield asked


def _with(subject: Subject, policy: Policy) -> Subject:
    return subject._replace(document=subject.document._replace(policy=policy))


class _Changed:
    """
    The deployments of a template of which one document is changed.
    """

    def __init__(self, deployments: Deployments, document: Document) -> None:
        self._deployments = deployments
        self._document = document

    def realise(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""
        return self._deployments.realise(guards)

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document with these values bound; only one that is not changed can be read again."""
        if document.path != self._document.path:
            return self._deployments.document(document, values)
        bound = bind_document(document, dict(values))
        there = tuple(
            statement._replace(guards=())
            for statement in bound.policy.statements
            if all(values.get(guard.name, guard.value) == guard.value for guard in statement.guards)
        )
        return bound._replace(policy=bound.policy._replace(statements=there))

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""
        return self._deployments.sample(symbol)

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""
        return self._deployments.admits(symbol, value)
