"""
What is found at one Allow statement of an identity policy, over all who have the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import TypeAlias

from trustproof.model.deployments import Deployments
from trustproof.model.document import Document
from trustproof.model.policy import Path, Statement
from trustproof.model.principals import Holder
from trustproof.properties.base import IdentityProperty
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import Prover
from trustproof.proving.remedies import verify_remedy
from trustproof.proving.undeclared_principals import with_undeclared_principals
from trustproof.results.result import REFUTED, SEVERITIES, Remedy
from trustproof.results.unknown_kinds import gravest

#: A policy: the logical id of what declares it, and its path. One body of `Fn::ForEach` declares several at one path.
At: TypeAlias = "tuple[str, Path]"
#: One of the policies that somebody has, and how often each of all these is there.
Having: TypeAlias = "tuple[At, frozenset[tuple[At, int]]]"
#: So many remedies are shown together at most.
_MOST_REMEDIES = 3


class Tally:
    """
    What was found at one Allow statement, over all holders that it reaches.
    """

    def __init__(self, about: Statement) -> None:
        self.about = about
        #: One for each set of policies that holders have beside this one.
        self.refuted: dict[Having, tuple[Subject, Refutation, Deployments]] = {}
        self.unknown: tuple[Subject, Undecided] | None = None
        #: By whom it reaches or may reach, and by what they have.
        self.subjects: dict[tuple[str, Having], Subject] = {}
        self.reached: list[str] = []
        self.undecided: list[str] = []
        #: For a property that wants a request: whether some holder can send one, and who cannot.
        self.usable = False
        self.unusable: tuple[Prover, int, Proof] | None = None

    @property
    def holders(self) -> tuple[Holder, ...]:
        """Whom it reaches."""
        found = {name: one.holder for (name, _), one in self.subjects.items() if name in self.reached}
        return tuple(holder for holder in found.values() if holder is not None)

    def leave_open(self, subject: Subject, left: Undecided) -> None:
        """Keep why it is not decided of a holder; the first of the gravest kind is shown."""
        if self.unknown is None or gravest((left.kind, self.unknown[1].kind)) != self.unknown[1].kind:
            self.unknown = (subject, left)

    def found(self, asked: IdentityProperty) -> tuple[Subject, Refutation, Finding]:
        """
        The finding to show, and of whom: the first whose remedy changes what all have; if there is none, the first with
        what has to be changed for the others.
        """
        choices: list[tuple[Subject, Refutation, Finding]] = []
        milder = self._set_milder_apart(asked)
        for subject, refutation, deployments in self._worst_first(asked):
            finding = verify_remedy(subject, asked, deployments, refutation, asked.found(subject, refutation))
            finding = with_undeclared_principals(subject, asked, deployments, refutation, finding)
            if milder and finding.remedy is not None and finding.remedy.edits:
                # Nobody has said whose it is that is left to the others, and the change would take it from them.
                kept = f"leave {' and '.join(milder)} the accounts that a Deny or a permissions boundary leaves"
                return subject, refutation, finding._replace(remedy=Remedy(f"{finding.remedy.text}; and {kept}"))
            changed = [edit.path for edit in (finding.remedy.edits if finding.remedy is not None else ())]
            choices.append((subject, refutation, finding))
            if all(_closes(path, subject, one) for one, _, _ in self.refuted.values() for path in changed):
                return choices[-1]
        subject, refutation, finding = choices[0]
        remedy = _together([one.remedy for _, _, one in choices])
        return subject, refutation, finding if remedy is None else finding._replace(remedy=remedy)

    def _worst_first(self, asked: IdentityProperty) -> list[tuple[Subject, Refutation, Deployments]]:
        """What is refuted, the worst first: by what else they have, it may be less bad of some holders."""
        found = [*self.refuted.values()]
        if len(found) < 2:
            return found
        return sorted(found, key=lambda one: SEVERITIES.index(asked.found(one[0], one[1]).severity))

    def _set_milder_apart(self, asked: IdentityProperty) -> list[str]:
        """
        Leave what is refuted of some holders to these, where of others it is not decided; those others.

        By what else they have, they reach only somebody of whom nobody has said whose they are.
        """
        if len({refutation.about for _, refutation, _ in self.refuted.values()}) < 2:
            return []
        verdicts = {r.about: asked.found(subject, r).verdict for subject, r, _ in self.refuted.values()}
        kept = {has: one for has, one in self.refuted.items() if verdicts[one[1].about] == REFUTED}
        if len(kept) in (0, len(self.refuted)):
            return []
        worse = {name for name, has in self.subjects if has in kept}
        milder = [name for name in dict.fromkeys(self.reached) if name not in worse]
        self.refuted = kept
        self.reached = [name for name in self.reached if name in worse]
        self.undecided += milder
        return milder


def _together(remedies: Sequence[Remedy | None]) -> Remedy | None:
    """What several remedies change, where each changes something else; None where they do not, or are many."""
    found: list[Remedy] = []
    for remedy in remedies:
        if remedy is None or not remedy.edits:
            return None
        if not any(remedy.edits == one.edits for one in found):
            found.append(remedy)
    paths = [edit.path for one in found for edit in one.edits]
    are_apart = not any(b[: len(a)] == a for a, b in permutations(paths, 2))
    if not are_apart or len(found) > _MOST_REMEDIES or len({bool(one.written) for one in found}) > 1:
        return None
    edits = tuple(edit for one in found for edit in one.edits)
    written = tuple(how for one in found for how in one.written)
    return Remedy("; and, for others who have this policy, ".join(one.text for one in found), edits, written)


def _closes(path: Path, subject: Subject, other: Subject) -> bool:
    """Whether what is changed for one of those who have the policy decides alike for another one."""
    # What is the boundary of the one may be one of several policies that allow the other one something.
    if _is_in(path, subject.permissions_boundary):
        return _is_in(path, other.permissions_boundary)
    return any(_is_in(path, document) for document in other.documents)


def _is_in(path: Path, document: Document | None) -> bool:
    return document is not None and path[: len(document.path)] == document.path
