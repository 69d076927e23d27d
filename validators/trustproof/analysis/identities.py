"""
Identity policies, composed: what a user, a group or a role may do by everything that the template attaches to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.aws.condition_keys import TAG_SESSION
from trustproof.aws.managed_policies import managed_boundary, managed_policy
from trustproof.config.model import Config
from trustproof.model.deployments import Deployments
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.policy import Guard, Path, Policy, Statement
from trustproof.model.principals import Foreign, Holder, PermissionsBoundary
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.base import IdentityProperty
from trustproof.properties.question import OWN_ORGANIZATION, Direction, Refutation, Subject
from trustproof.properties.regions import may_allow
from trustproof.properties.wording.admitted import with_parameters
from trustproof.proving.outcomes import (
    Place,
    assumptions,
    certificate,
    counterexample,
    evidence,
    result,
    subject_for,
    unusable,
    variants,
)
from trustproof.proving.prover import Proof, Prover, Undecided, hints
from trustproof.proving.remedies import verify_remedy
from trustproof.results.fingerprint import fingerprint
from trustproof.results.result import OWN, PROVED, REFUTED, UNKNOWN, Result

#: Properties of a holder in which policies are attached.
_HELD = ("Groups", "ManagedPolicyArns", "PermissionsBoundary", "Policies")
#: How many principals a message names.
_NAMED = 3
_TYPES = {
    "user": "AWS::IAM::User",
    "group": "AWS::IAM::Group",
    "role": "AWS::IAM::Role",
    "permission set": "AWS::SSO::PermissionSet",
}
#: Kinds of holder whose AWS managed policies do not stand under ``ManagedPolicyArns``.
_MANAGED = {"permission set": "ManagedPolicies"}


class Holding(NamedTuple):
    """
    A holder with the documents that decide what it may do.
    """

    holder: Holder
    documents: tuple[Document, ...]
    permissions_boundary: Document | None
    #: Managed policies that are not in the template and whose content is not known.
    unknown: tuple[Foreign, ...]
    #: Managed policies that only read.
    reading: tuple[str, ...]
    #: A boundary that is not in the template, and so may stop anything.
    unknown_boundary: Text
    #: What must hold in the deployments that this is about, besides what must hold for the holder to exist.
    guards: tuple[Guard, ...]
    deployments: Deployments
    #: Why it is not known what it holds: several templates declare something by the same name.
    unclear: tuple[str, ...] = ()

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why what the documents let in may be stopped all the same."""
        if self.unclear:
            return self.unclear
        if self.unknown_boundary:
            return (f"the permissions boundary {self.unknown_boundary} is not in the template, and may stop this",)
        # AWS's own managed policies allow; one's own may be the policy that denies whatever lacks MFA.
        own = [arn for arn in self.unknown_arns if ":iam::aws:policy/" not in arn]
        return (f"the managed policy {', '.join(own)} is not in the template, and may deny this",) if own else ()

    @property
    def unknown_arns(self) -> tuple[str, ...]:
        """The names of the managed policies whose content is not known."""
        return tuple(dict.fromkeys(str(policy.arn) for policy in self.unknown))

    def parts(self) -> Iterator[Holding]:
        """The whole, and what is left in the deployments that take away the policies that are not known."""
        yield self
        if self.doubts and not self.unknown_boundary and any(policy.guards for policy in self.unknown):
            last = [policy.guards[-1] for policy in self.unknown if policy.guards]
            guards = dict.fromkeys((*self.guards, *(guard._replace(value=not guard.value) for guard in last)))
            certain = tuple(policy for policy in self.unknown if not policy.guards)
            yield self._replace(unknown=certain, guards=tuple(guards))


class Tally:
    """
    What was found at one Allow statement, over all holders that it reaches.
    """

    def __init__(self, about: Statement) -> None:
        self.about = about
        self.refuted: tuple[Subject, Refutation, Deployments] | None = None
        self.unknown: tuple[Subject, tuple[str, ...]] | None = None
        self.reached: list[str] = []
        self.undecided: list[str] = []
        #: For a property that wants a request: whether some holder can send one, and who cannot.
        self.usable = False
        self.unusable: tuple[Prover, int, Proof] | None = None


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
            for key in (holder.logical_id, str(holder.name))
            if key
        }
        #: Groups to the users that the template puts into them, as messages name both.
        self._members: dict[str, list[str]] = {}
        for holder in holders:
            for membership in holder.groups if holder.kind == "user" else ():
                group = self._groups.get(membership.group)
                if group is not None:
                    self._members.setdefault(_name(group), []).append(_name(holder))
        self._holdings = [
            holding
            for holder in holders
            for holding in self._held_by(holder._replace(arn=bind(holder.arn), tags=self._tags(holder)))
        ]

    def _held_by(self, holder: Holder) -> Iterator[Holding]:
        """What one holder has, for each boundary that conditions may give it."""
        holders: list[tuple[Holder, tuple[Guard, ...]]] = [(holder, ())]
        holders += [(self._groups[m.group], m.guards) for m in holder.groups if m.group in self._groups]
        found = dict.fromkeys((index, guards) for one, guards in holders for index in one.documents)
        documents = [_under(self._documents[index], guards) for index, guards in found]
        unknown: list[Foreign] = []
        reading: list[str] = []
        for one, guards in holders:
            for policy in one.foreign:
                under = (*guards, *policy.guards)
                known = managed_policy(_text(policy.arn))
                if known is None:
                    unknown.append(Foreign(policy.arn, under))
                elif not known.statements:
                    reading.append(str(policy.arn))
                else:
                    key = _MANAGED.get(one.kind, "ManagedPolicyArns")
                    foreign = _foreign_document(one, known._replace(path=one.path), str(policy.arn), key)
                    documents.append(_under(foreign, under))
        deployments = _HolderDeployments(self._deployments, _own_symbol(holder))
        seen = tuple(deployments.with_own_name(document) for document in documents)
        unclear = tuple(dict.fromkeys(doubt for one, _ in holders for doubt in one.doubts))
        for boundary in holder.boundaries or (PermissionsBoundary(),):
            permissions_boundary, outside = self._permissions_boundary(holder, boundary)
            permissions_boundary = (
                None if permissions_boundary is None else deployments.with_own_name(permissions_boundary)
            )
            yield Holding(
                holder,
                seen,
                permissions_boundary,
                tuple(unknown),
                tuple(reading),
                outside,
                boundary.guards,
                deployments,
                unclear,
            )

    def _tags(self, holder: Holder) -> tuple[tuple[str, str], ...]:
        """The tags of all requests of a holder: a session of a role may have others where it may be tagged."""
        if holder.kind != "role" or not holder.tags:
            return holder.tags
        trusting = [d.policy for d in self._documents if d.kind == TRUST and d.logical_id == holder.logical_id]
        is_tagged = not trusting or any(may_allow(policy, TAG_SESSION) for policy in trusting)
        return () if is_tagged else holder.tags

    def _permissions_boundary(self, holder: Holder, boundary: PermissionsBoundary) -> tuple[Document | None, Text]:
        """The document of a boundary; its ARN where that is all that is known."""
        if boundary.document is not None:
            return self._documents[boundary.document], ""
        if boundary.foreign is None:
            return None, ""
        known = managed_boundary(_text(boundary.foreign))
        if known is None:
            return None, boundary.foreign
        return _foreign_document(holder, known, str(boundary.foreign), "PermissionsBoundary"), ""

    def results(self, asked: IdentityProperty, place: Place) -> tuple[list[Result], set[Path]]:
        """
        The results of one property, and the documents that were asked about.

        Raises:
            CertificateError: a proof does not stand up to being checked again.
        """
        tallies: dict[tuple[Path, Path], Tally] = {}
        #: Document to what its proof consists of, and whom each line is about.
        lines: dict[Path, dict[str, list[str]]] = {}
        asked_about: dict[Path, tuple[Subject, Holding]] = {}
        out: list[Result] = []
        last: Holder | None = None
        for whole in self._holdings:
            if whole.holder.kind not in asked.holders:
                continue
            for holding in whole.parts():
                for subject in self._subjects(holding):
                    if not asked.applies_to(subject):
                        continue
                    asked_about.setdefault(subject.document.path, (subject, holding))
                    self._ask(asked, subject, holding, tallies, lines.setdefault(subject.document.path, {}))
            if whole.holder is last:
                # What follows is the same for each boundary.
                continue
            last = whole.holder
            if reasons := _left_open(asked, whole, self._config):
                out.append(_foreign(asked, whole, self._config, place, reasons))
        for tally in tallies.values():
            found = self._tallied(asked, tally, place)
            if found is not None:
                out.append(found)
        wrong = {r.path for r in out}
        for path, (subject, holding) in asked_about.items():
            if not any(p[: len(path)] == path for p in wrong):
                proved = self._proved(asked, subject, holding, place)
                out.append(proved._replace(certificate=_certificate(lines[path])) if self._certify else proved)
        return out, set(asked_about)

    def roles(self) -> Iterator[tuple[Holding, tuple[Subject, ...]]]:
        """What each role has, for each boundary that it may have, with its policies, one subject each."""
        for holding in self._holdings:
            if holding.holder.kind == "role":
                yield holding, tuple(self._subjects(holding))

    def _subjects(self, holding: Holding) -> Iterator[Subject]:
        guards = (*holding.holder.guards, *holding.guards)
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
                holding.permissions_boundary,
                holding.holder,
                self._organization,
            )

    def _ask(
        self,
        asked: IdentityProperty,
        subject: Subject,
        holding: Holding,
        tallies: dict[tuple[Path, Path], Tally],
        lines: dict[str, list[str]],
    ) -> None:
        wanted = asked.direction is Direction.WANTED
        prover = Prover(subject, asked.inquiry, holding.deployments, certify=self._certify)
        for index, statement in variants(prover, holding.deployments):
            # The quick look leaves out what the search would prove at once; a proof that is checked again has it.
            if not asked.concerns(subject, statement) and (wanted or not self._certify):
                continue
            outcome = prover.settle(index)
            for line in evidence(outcome, statement, index):
                lines.setdefault(line, []).append(_name(holding.holder))
            if wanted:
                self._ask_usable(asked, prover, index, outcome, tallies)
                continue
            if not isinstance(outcome, (Refutation, Undecided)):
                continue
            statement = subject.policy.statements[index]
            tally = tallies.setdefault((subject.document.path, statement.path), Tally(statement))
            name = _name(holding.holder)
            if isinstance(outcome, Refutation) and not holding.doubts:
                tally.refuted = tally.refuted or (subject, outcome, holding.deployments)
                tally.reached.append(name)
            else:
                reasons = outcome.reasons if isinstance(outcome, Undecided) else holding.doubts
                tally.unknown = tally.unknown or (subject, reasons)
                tally.undecided.append(name)

    def _ask_usable(
        self,
        asked: IdentityProperty,
        prover: Prover,
        index: int,
        outcome: Proof | Refutation | Undecided,
        tallies: dict[tuple[Path, Path], Tally],
    ) -> None:
        """A property that wants a request is refuted where no holder can send one."""
        subject = prover.subject
        statement = subject.policy.statements[index]
        tally = tallies.setdefault((subject.document.path, statement.path), Tally(statement))
        if isinstance(outcome, Refutation):
            tally.usable = True
        elif isinstance(outcome, Undecided):
            tally.unknown = tally.unknown or (subject, outcome.reasons)
        elif tally.unusable is None:
            tally.unusable = (prover, index, outcome)

    def _tallied(self, asked: IdentityProperty, tally: Tally, place: Place) -> Result | None:
        if tally.usable:
            return None
        if tally.unusable is not None and tally.unknown is None:
            return unusable(tally.unusable[0].subject, asked, place, *tally.unusable)
        if tally.refuted is not None:
            subject, refutation, deployments = tally.refuted
            finding = verify_remedy(subject, asked, deployments, refutation, asked.found(subject, refutation))
            finding = with_parameters(finding, refutation.parameters, hints(subject))
            shown = counterexample(
                refutation.request,
                [document.policy for document in subject.documents],
                {**_at_defaults(subject, refutation.statement, place), **refutation.parameters},
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
                label=finding.label,
                counterexample=shown if finding.verdict == REFUTED else None,
                why=(*finding.why, *self._others(tally)),
                reasons=finding.reasons,
                remedy=finding.remedy,
            )
        if tally.unknown is not None:
            subject, reasons = tally.unknown
            message = f"not decided whether {asked.summary}: {subject.document.logical_id}"
            path = subject.document.path
            return result(subject, asked, place, UNKNOWN, path, message, about=tally.about, reasons=reasons)
        return None

    def _others(self, tally: Tally) -> Iterator[str]:
        """Who else may do what the members of a group may not that the template puts into it."""
        for group in dict.fromkeys(tally.reached):
            members = self._members.get(group, [])
            if members and not {*members} & {*tally.reached, *tally.undecided}:
                yield f"{_reached(members)} may not do it, by other policies; another member of {group} may"

    def _proved(self, asked: IdentityProperty, subject: Subject, holding: Holding, place: Place) -> Result:
        prover = Prover(subject, asked.inquiry, holding.deployments)
        rests = tuple(assumptions(asked, prover))
        return result(subject, asked, place, PROVED, subject.document.path, asked.proved(subject), reasons=rests)


class _HolderDeployments:
    """
    The deployments of a template, as one holder sees its policies: with a policy variable for its own name, and with
    the policies of AWS, which no template has.

    Args:
        name: the symbol that is the name of the user; None where the name is known, or the holder has none.
    """

    def __init__(self, deployments: Deployments, name: Symbol | None) -> None:
        self._deployments = deployments
        self._values = {} if name is None else {name.name: "${aws:username}"}

    def satisfy(self, guards: Sequence[Guard]) -> dict[str, str] | None:
        """Parameter values under which all the guards hold; None where there are none."""
        return self._deployments.satisfy(guards)

    def document(self, document: Document, values: Mapping[str, str]) -> Document | None:
        """The same document, read again with these values bound; None where it then does not exist."""
        if document.is_foreign:
            return _deployed(document) if self._deployments.holds(document.guards, values) else None
        found = self._deployments.document(document, values)
        return None if found is None else self.with_own_name(found)

    def holds(self, guards: Sequence[Guard], values: Mapping[str, str]) -> bool:
        """Whether all the guards hold with these values bound."""
        return self._deployments.holds(guards, values)

    def partition(self, values: Mapping[str, str]) -> str:
        """The partition of a deployment with these values; the empty string where they do not say."""
        return self._deployments.partition(values)

    def sample(self, symbol: Symbol) -> str | None:
        """A value that a symbol may have."""
        return self._deployments.sample(symbol)

    def admits(self, symbol: Symbol, value: str) -> bool:
        """Whether a symbol may have a value."""
        return self._deployments.admits(symbol, value)

    def with_own_name(self, document: Document) -> Document:
        """A document with the holder's own name as the policy variable that stands for it."""
        policy = document.policy
        if not self._values or not policy.has_variables:
            return document
        return document._replace(policy=policy._replace(statements=tuple(map(self._statement, policy.statements))))

    def _statement(self, statement: Statement) -> Statement:
        return statement._replace(
            resources=self._texts(statement.resources),
            not_resources=self._texts(statement.not_resources),
            conditions=tuple(c._replace(operands=self._texts(c.operands) or ()) for c in statement.conditions),
        )

    def _texts(self, texts: tuple[Text, ...] | None) -> tuple[Text, ...] | None:
        if texts is None:
            return None
        return tuple(text.bind(self._values) if isinstance(text, Symbolic) else text for text in texts)


def _own_symbol(holder: Holder) -> Symbol | None:
    """The symbol that is the name of a user; None where that is known, or may only be some names."""
    if holder.kind != "user" or not isinstance(holder.name, Symbolic) or len(holder.name.parts) != 1:
        return None
    (symbol,) = holder.name.symbols
    return symbol if symbol.allowed is None and symbol.pattern is None else None


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


def _under(document: Document, guards: tuple[Guard, ...]) -> Document:
    """A document that is there only where more guards hold: those of a membership."""
    return document._replace(guards=tuple(dict.fromkeys((*document.guards, *guards)))) if guards else document


def _text(text: Text) -> str:
    """Text with an unknown partition taken for ``aws``: the names of AWS's policies are the same in all."""
    if isinstance(text, Symbolic):
        return "".join(p if isinstance(p, str) else "aws" if p.name == "AWS::Partition" else "?" for p in text.parts)
    return text


def _foreign_document(holder: Holder, policy: Policy, arn: str, key: str) -> Document:
    """A managed policy of AWS as a document; it stands in the property in which the holder names it."""
    path = (*holder.path, "Properties", key) if holder.path else ()
    statements = tuple(s._replace(path=path, sid=arn.rsplit("/", 1)[-1]) for s in policy.statements)
    type_ = _TYPES[holder.kind]
    # Where several templates are judged together, the name of the stack is before it.
    logical_id = holder.logical_id.rpartition("/")[2]
    return Document(
        IDENTITY, policy._replace(statements=statements), logical_id, type_, path, name=arn, is_foreign=True
    )


def _deployed(document: Document) -> Document:
    """A managed policy of AWS in a deployment that has it."""
    statements = tuple(statement._replace(guards=()) for statement in document.policy.statements)
    return document._replace(guards=(), policy=document.policy._replace(statements=statements))


def _certificate(lines: dict[str, list[str]]) -> tuple[str, ...]:
    """What the proof for one document consists of; a line tells whom it is about."""
    return certificate([f"{line}, for {_reached(names)}" for line, names in lines.items()])


def _name(holder: Holder) -> str:
    return f"{holder.kind} {holder.logical_id or holder.name}"


def _reached(names: Sequence[str], of_groups: str = "") -> str:
    unique = list(dict.fromkeys(names))
    shown = ", ".join(f"{of_groups}{name}" if name.startswith("group ") else name for name in unique[:_NAMED])
    return shown if len(unique) <= _NAMED else f"{shown} and {len(unique) - _NAMED} more"


def _left_open(asked: IdentityProperty, holding: Holding, config: Config) -> tuple[str, ...]:
    """Why what else a holder may do leaves a property open; empty where it does not."""
    if asked.needs_whole_holder and holding.unclear and holding.holder.logical_id:
        return holding.unclear
    if asked.needs_whole_holder and holding.unknown:
        names = ", ".join(holding.unknown_arns)
        return (f"the managed policy {names} is not in the template, and what it allows is not known",)
    if holding.reading and asked.needs_read_actions(config):
        reason = "only reads, and which of the actions that are called sensitive it allows is not known"
        return (f"the managed policy {', '.join(holding.reading)} {reason}",)
    return ()


def _foreign(
    asked: IdentityProperty, holding: Holding, config: Config, place: Place, reasons: tuple[str, ...]
) -> Result:
    holder = holding.holder
    return Result(
        asked.ident,
        UNKNOWN,
        asked.severity_of(config, UNKNOWN, reasons),
        place.template,
        holder.logical_id or str(holder.name),
        _TYPES[holder.kind],
        None,
        place.account,
        holder.path,
        f"not decided whether {asked.summary}: {_name(holder)}",
        reasons=reasons,
        fingerprint=fingerprint(asked.ident, holder.logical_id or str(holder.name), "\n".join(reasons)),
    )
