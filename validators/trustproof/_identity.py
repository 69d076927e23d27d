"""
Identity policies, composed: what a user, a group or a role may do by everything that the template attaches to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from trustproof._answers import Place, certificate, counterexample, evidence, result, subject_for, unusable, variants
from trustproof._bindings import Deployments
from trustproof._prove import Proof, Prover, Undecided
from trustproof._typing import NamedTuple
from trustproof._verdict import PROVED, REFUTED, UNKNOWN, Result
from trustproof.config import Config
from trustproof.model.document import IDENTITY, Document, Holder
from trustproof.model.managed_policies import managed_policy
from trustproof.model.policy import Path, Policy
from trustproof.model.text import Symbolic, Text
from trustproof.properties._base import OWN_ORGANIZATION, Property, Refutation, Subject

#: How many principals a message names.
_NAMED = 3
_TYPES = {"user": "AWS::IAM::User", "group": "AWS::IAM::Group", "role": "AWS::IAM::Role"}


class Holding(NamedTuple):
    """
    A holder with the documents that decide what it may do.
    """

    holder: Holder
    documents: tuple[Document, ...]
    limit: Document | None
    #: Managed policies that are not in the template and whose content is not known.
    unknown: tuple[str, ...]
    #: A boundary that is not in the template, and so may stop anything.
    unknown_limit: str


class Tally:
    """
    What was found at one Allow statement, over all holders that it reaches.
    """

    def __init__(self) -> None:
        self.refuted: tuple[Subject, Refutation] | None = None
        self.unknown: tuple[Subject, tuple[str, ...]] | None = None
        self.reached: list[str] = []
        #: For a property that wants a request: whether some holder can send one, and who cannot.
        self.usable = False
        self.unusable: tuple[Prover, int] | None = None
        self.certificate: tuple[str, ...] = ()


class IdentityChecker:
    """
    Asks a property about the identity policies of one template.

    Args:
        certify: whether proofs are checked again, and results say what they consist of.
        organization: of the account.
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
    ) -> None:
        self._documents = documents
        self._account = account
        self._partition = partition
        self._organization = organization
        self._config = config
        self._deployments = deployments
        self._certify = certify
        self._groups = {
            key: holder
            for holder in holders
            if holder.kind == "group"
            for key in (holder.logical_id, holder.name)
            if key
        }
        self._holdings = [self._holding(holder._replace(arn=bind(holder.arn))) for holder in holders]

    def _holding(self, holder: Holder) -> Holding:
        held = [holder, *(self._groups[name] for name in holder.groups if name in self._groups)]
        indices = dict.fromkeys(index for one in held for index in one.documents)
        documents = [self._documents[index] for index in indices]
        unknown: list[str] = []
        for one in held:
            for arn in one.foreign:
                known = managed_policy(_text(arn))
                if known is None:
                    unknown.append(str(arn))
                elif known.statements:
                    documents.append(_foreign_document(one, known._replace(path=one.path), str(arn)))
        limit = None if holder.boundary is None else self._documents[holder.boundary]
        outside = str(holder.foreign_boundary) if limit is None and holder.foreign_boundary is not None else ""
        return Holding(holder, tuple(documents), limit, tuple(unknown), outside)

    def results(self, asked: Property, place: Place) -> tuple[list[Result], set[Path]]:
        """
        The results of one property, and the documents that were asked about.

        Raises:
            CertificateError: a proof does not stand up to being checked again.
        """
        tallies: dict[tuple[Path, Path], Tally] = {}
        #: Document to what its proof consists of, and whom each line is about.
        lines: dict[Path, dict[str, list[str]]] = {}
        asked_about: dict[Path, Subject] = {}
        out: list[Result] = []
        for holding in self._holdings:
            if holding.holder.kind not in asked.holders:
                continue
            subjects = list(self._subjects(holding))
            for subject in subjects:
                if not asked.applies_to(subject):
                    continue
                asked_about.setdefault(subject.document.path, subject)
                self._ask(asked, subject, holding, tallies, lines.setdefault(subject.document.path, {}))
            if asked.needs_whole_holder and holding.unknown:
                out.append(_foreign(asked, holding, self._config, place))
        for tally in tallies.values():
            found = self._tallied(asked, tally, place)
            if found is not None:
                out.append(found)
        wrong = {r.path for r in out}
        for path, subject in asked_about.items():
            if not any(p[: len(path)] == path for p in wrong):
                proved = self._proved(asked, subject, place)
                out.append(proved._replace(certificate=_certificate(lines[path])) if self._certify else proved)
        return out, set(asked_about)

    def roles(self) -> Iterator[tuple[str, tuple[tuple[Subject, ...], tuple[str, ...]]]]:
        """Logical id of each role to its policies, one subject each, and the managed policies that are not known."""
        for holding in self._holdings:
            if holding.holder.kind == "role":
                yield holding.holder.logical_id, (tuple(self._subjects(holding)), holding.unknown)

    def _subjects(self, holding: Holding) -> Iterator[Subject]:
        guards = holding.holder.guards
        documents = [d._replace(guards=tuple(dict.fromkeys((*d.guards, *guards)))) for d in holding.documents]
        guarded = [
            subject_for(document, self._account, self._partition, self._config).document for document in documents
        ]
        for index, document in enumerate(guarded):
            others = tuple(other for number, other in enumerate(guarded) if number != index)
            yield Subject(
                document,
                self._account,
                self._partition,
                self._config,
                others,
                holding.limit,
                holding.holder,
                self._organization,
            )

    def _ask(
        self,
        asked: Property,
        subject: Subject,
        holding: Holding,
        tallies: dict[tuple[Path, Path], Tally],
        lines: dict[str, list[str]],
    ) -> None:
        prover = Prover(subject, asked, self._deployments, certify=self._certify)
        for index, statement in variants(prover, self._deployments):
            # The quick look leaves out what the search would prove at once; a proof that is checked again has it.
            if not asked.concerns(statement) and (asked.wants_request or not self._certify):
                continue
            outcome = prover.settle(index)
            for line in evidence(outcome, statement, index):
                lines.setdefault(line, []).append(_name(holding.holder))
            if asked.wants_request:
                self._ask_usable(asked, prover, index, outcome, tallies)
                continue
            if not isinstance(outcome, (Refutation, Undecided)):
                continue
            tally = tallies.setdefault((subject.document.path, statement.path), Tally())
            name = _name(holding.holder)
            if isinstance(outcome, Refutation) and not holding.unknown_limit:
                tally.refuted = tally.refuted or (subject, outcome)
                tally.reached.append(name)
            else:
                reasons = outcome.reasons if isinstance(outcome, Undecided) else (_outside(holding),)
                tally.unknown = tally.unknown or (subject, reasons)

    def _ask_usable(
        self,
        asked: Property,
        prover: Prover,
        index: int,
        outcome: Proof | Refutation | Undecided,
        tallies: dict[tuple[Path, Path], Tally],
    ) -> None:
        """A property that wants a request is refuted where no holder can send one."""
        subject = prover.subject
        tally = tallies.setdefault((subject.document.path, subject.policy.statements[index].path), Tally())
        if isinstance(outcome, Refutation):
            tally.usable = True
        elif isinstance(outcome, Undecided):
            tally.unknown = tally.unknown or (subject, outcome.reasons)
        elif tally.unusable is None:
            tally.unusable = (prover, index)
            tally.certificate = evidence(outcome, subject.policy.statements[index], index)

    def _tallied(self, asked: Property, tally: Tally, place: Place) -> Result | None:
        if tally.usable:
            return None
        if tally.unusable is not None and tally.unknown is None:
            found = unusable(tally.unusable[0].subject, asked, place, *tally.unusable)
            return found._replace(certificate=tally.certificate)
        if tally.refuted is not None:
            subject, refutation = tally.refuted
            finding = asked.found(subject, refutation)
            shown = counterexample(
                refutation.request,
                [document.policy for document in subject.documents],
                {**place.assumed, **place.defaults(refutation.statement.path), **refutation.parameters},
            )
            return result(
                subject,
                asked,
                place,
                finding.verdict,
                finding.path or subject.document.path,
                f"{finding.message}: {_reached(tally.reached)}",
                label=finding.label,
                counterexample=shown if finding.verdict == REFUTED else None,
                why=finding.why,
                reasons=finding.reasons,
                remedy=finding.remedy,
            )
        if tally.unknown is not None:
            subject, reasons = tally.unknown
            message = f"not decided whether {asked.summary}: {subject.document.logical_id}"
            return result(subject, asked, place, UNKNOWN, subject.document.path, message, reasons=reasons)
        return None

    def _proved(self, asked: Property, subject: Subject, place: Place) -> Result:
        prover = Prover(subject, asked, self._deployments)
        rests = tuple(
            reason
            for reason, weaker in asked.rests_on(subject)
            if any(isinstance(prover.settle(i, weaker), Refutation) for i in prover.compiled.allow_indices)
        )
        return result(subject, asked, place, PROVED, subject.document.path, asked.proved(subject), reasons=rests)


def _text(text: Text) -> str:
    """Text with an unknown partition taken for ``aws``: the names of AWS's policies are the same in all."""
    if isinstance(text, Symbolic):
        return "".join(p if isinstance(p, str) else "aws" if p.name == "AWS::Partition" else "?" for p in text.parts)
    return text


def _foreign_document(holder: Holder, policy: Policy, arn: str) -> Document:
    """A managed policy of AWS as a document; it stands where the holder names it."""
    path = (*holder.path, "Properties", "ManagedPolicyArns") if holder.path else ()
    statements = tuple(s._replace(path=path, sid=arn.rsplit("/", 1)[-1]) for s in policy.statements)
    type_ = _TYPES[holder.kind]
    return Document(
        IDENTITY, policy._replace(statements=statements), holder.logical_id, type_, path, name=arn, is_foreign=True
    )


def _outside(holding: Holding) -> str:
    return f"the permissions boundary {holding.unknown_limit} is not in the template, and may stop this"


def _certificate(lines: dict[str, list[str]]) -> tuple[str, ...]:
    """What the proof for one document consists of; a line tells whom it is about."""
    return certificate([f"{line}, for {_reached(names)}" for line, names in lines.items()])


def _name(holder: Holder) -> str:
    return f"{holder.kind} {holder.logical_id or holder.name}"


def _reached(names: Sequence[str]) -> str:
    unique = list(dict.fromkeys(names))
    shown = ", ".join(unique[:_NAMED])
    return shown if len(unique) <= _NAMED else f"{shown} and {len(unique) - _NAMED} more"


def _foreign(asked: Property, holding: Holding, config: Config, place: Place) -> Result:
    holder = holding.holder
    names = ", ".join(holding.unknown)
    return Result(
        asked.ident,
        UNKNOWN,
        config.severity(asked.ident, asked.severity),
        place.template,
        holder.logical_id or str(holder.name),
        _TYPES[holder.kind],
        None,
        place.account,
        holder.path,
        f"not decided whether {asked.summary}: {_name(holder)}",
        reasons=(f"the managed policy {names} is not in the template, and what it allows is not known",),
    )
