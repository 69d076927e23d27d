"""
One template: every property asked of every policy that it is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import NamedTuple

from trustproof.analysis.assignments import Classes, Reading, allowing, at_each, is_alike, is_refused, merged
from trustproof.analysis.execution.fork import Forked, may_fork
from trustproof.analysis.identities import Holding, IdentityChecker
from trustproof.analysis.role_chains.assignments import ChainedTemplate, ChainReading
from trustproof.analysis.role_chains.roles import Attached, IdentityPolicy, Node, may_decide
from trustproof.analysis.senders import senders
from trustproof.analysis.targets import compared, merge_deployments, merge_results, placeholder_account, targets
from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.config.model import Config
from trustproof.engine.allowance import TEMPLATE_UNITS, limited_to, share_of
from trustproof.errors import CertificateError
from trustproof.inputs.discovery import LINKING
from trustproof.inputs.reader import Container, Doubt, ExternalTemplate, Input, InputDeployments, Linkable, Number
from trustproof.model.deployments import Assignment
from trustproof.model.document import IDENTITY, TRUST, Document
from trustproof.model.policy import Path, Policy
from trustproof.model.principals import RoleFacts
from trustproof.model.substitution import bind_document, bind_text
from trustproof.model.text import Symbolic
from trustproof.properties.base import IdentityProperty, Property, RoleProperty, RunProperty, StatementProperty
from trustproof.properties.question import OWN_ORGANIZATION, Refutation, Subject
from trustproof.properties.regions import may_allow
from trustproof.proving.cache import ProofCache, Proofs
from trustproof.proving.outcomes import (
    Place,
    certificate,
    check_statements,
    counterexample,
    result,
    subject_for,
    to_result,
)
from trustproof.proving.prover import Proof, Prover
from trustproof.results.fingerprint import WrittenPolicies, fingerprint
from trustproof.results.result import PROVED, REFUTED, UNKNOWN, Counterexample, Result
from trustproof.sets.strings import BudgetReached

#: A process costs more to double than so many different policies cost to check.
_MIN_SHARE = 15


class Checked(NamedTuple):
    """
    What one template gave.
    """

    #: About policies one by one.
    results: tuple[Result, ...]
    #: About identity policies, composed.
    composed: tuple[Result, ...]
    #: About what else the template says.
    others: tuple[Result, ...]
    #: How many policies were asked about: one by one, and composed.
    policies: tuple[int, int]
    #: The roles, for what is asked of all templates together.
    chained: ChainedTemplate = ChainedTemplate(())
    #: Why nothing can be proved of the template, whatever its policies say; empty where nothing stands in the way.
    doubt: str = ""
    #: The same for parts of it.
    doubts: tuple[Doubt, ...] = ()
    #: What the template refers to and does not hold.
    external_templates: tuple[ExternalTemplate, ...] = ()
    #: By which names other templates may speak of what it declares, and how to read it again; None where no template
    #: can, and it speaks of nothing of theirs.
    names: Linkable | None = None
    #: What the template stands inside of; None for a file of its own.
    container: Container | None = None

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The roles of the template, as they are at each assignment of its parameters."""
        return tuple(node for reading in self.chained.readings for node in reading.nodes)


def check_template(
    template: Input,
    config: Config,
    properties: Sequence[Property],
    number: Number = (0, 0),
    *,
    certify: bool = False,
    proofs: Proofs | None = None,
    jobs: int = 1,
) -> Checked:
    """
    Ask each property about each policy of a template that it applies to.

    Args:
        number: of what was read in the run, and of the template therein; tells generated names of templates apart.
        certify: whether proofs are checked again, and results say what they consist of.
        proofs: those of the templates before this one, found with the same configuration.
        jobs: how many processes may share the work, where the template has many policies.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    try:
        return _Check(template, config, proofs or Proofs(), certify=certify).run(properties, number, jobs)
    except CertificateError as error:
        raise CertificateError(f"{template.name}: {error}") from None


def check_composed(
    template: Input, config: Config, properties: Sequence[Property], *, certify: bool = False, proofs: Proofs
) -> tuple[list[Result], set[Path]]:
    """
    Ask each property about everybody's identity policies, and nothing else.

    Returns:
        The results, and the documents that were asked about.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    try:
        return _Check(template, config, proofs, certify=certify).composed(properties)
    except CertificateError as error:
        raise CertificateError(f"{template.name}: {error}") from None


class _PolicyTask(NamedTuple):
    """
    What is asked about one document.
    """

    #: Of the document in its template.
    number: int
    subject: Subject
    properties: tuple[StatementProperty, ...]
    #: What has been settled of policies that say the same.
    cache: ProofCache


class _Check:
    """
    One template, with what is known and what had to be assumed about where it goes.

    Args:
        account: where it is taken to go, if it does not say; empty for one that it does not speak of.
        organization: that of the account is taken to be.
        assigned: of a template that is read at an assignment, who judges it otherwise, and the assignment.
    """

    def __init__(
        self,
        template: Input,
        config: Config,
        proofs: Proofs,
        *,
        certify: bool,
        account: str = "",
        organization: str = OWN_ORGANIZATION,
        assigned: tuple[_Check, Assignment] | None = None,
    ) -> None:
        self.template = template
        self.config = config
        self.certify = certify
        if assigned is None:
            made_up = "" if template.account is not None else placeholder_account(template.documents, config)
            self.account = template.account or account or made_up
            #: Whether the account is one that the template names, and results have to say so.
            self.named = template.account is None and self.account != made_up
            self._written = WrittenPolicies(template.documents, template.account)
        else:
            self.account, self.named, self._written = assigned[0].account, assigned[0].named, assigned[0]._written
        self.organization = organization
        self._elsewhere_checks: dict[tuple[str, str], _Check] = {}
        self.assumed = {} if template.account is not None else dict.fromkeys(template.account_names, self.account)
        self.partition = template.partition
        self.deployments = template.deployments(self.assumed)
        self._senders = senders(template, self.documents, lambda text: bind_text(text, self.assumed))
        # Of a template at one assignment, the share is that of the template.
        self.proofs = proofs.for_template(proofs.units or share_of(len(self.documents)))
        self.assignment = None if assigned is None else assigned[1]
        self._classes = Classes(template)
        self._assigned: dict[Assignment, _Check] = {}

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents of the template, for the account that it is taken to go to."""
        return self._bound(self.template.documents)

    def _bound(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        if not self.assumed:
            return documents
        return tuple(bind_document(document, self.assumed) for document in documents)

    def at(self, assignment: Assignment) -> _Check:
        """The same template, read at an assignment of its parameters."""
        if assignment not in self._assigned:
            template = self.template.assigned(assignment)
            self._assigned[assignment] = _Check(
                template,
                self.config,
                self.proofs,
                certify=self.certify,
                organization=self.organization,
                assigned=(self, assignment),
            )
        return self._assigned[assignment]

    def run(self, properties: Sequence[Property], number: Number, jobs: int) -> Checked:
        """Every property, then what is left over: what could not be read, and the roles for the chains."""
        asking = list(self._asking(properties))
        asked_about = {self.documents[one.number].path for one in asking}
        own, others = _shares(asking, jobs)
        forked = [Forked(partial(self._share, share)) for share in others]
        by_document = self._share(own)
        with limited_to(TEMPLATE_UNITS):
            composed, composed_about = self.composed(properties)
        facts: list[Result] = []
        for asked in properties:
            if isinstance(asked, RoleProperty):
                facts.extend(self._facts(asked))
        for path, reason in self.template.unread:
            type_ = self.template.resource_type(_resource_at(path))
            concerned = (asked for asked in properties if asked.may_concern(type_, self.config))
            facts.extend(_unread(self.template, self.config, asked, path, reason) for asked in concerned)
        across = any(isinstance(asked, RunProperty) for asked in properties)
        chained = self._chained(number) if across else ChainedTemplate(())
        asked_about.update(node.path for reading in chained.readings for node in reading.nodes)
        for other in forked:
            by_document.update(other.result())
        return Checked(
            tuple(self._merge_deployments(asking, by_document)),
            tuple(composed),
            tuple(facts),
            (len(asked_about), len(composed_about)),
            chained,
            self.template.doubt,
            self.template.doubts,
            self.template.external_templates(),
            LINKING.linkable(self.template),
            self.template.container,
        )

    def composed(self, properties: Sequence[Property]) -> tuple[list[Result], set[Path]]:
        """The results about everybody's identity policies, and the documents that were asked about."""
        results: list[Result] = []
        asked_about: set[Path] = set()
        identity = [asked for asked in properties if isinstance(asked, IdentityProperty)]
        if identity and self._has_identities:
            targets = self._targets([document for document in self.documents if document.kind == IDENTITY])
            for asked in identity:
                found, about = self._composed(asked)
                for target in targets:
                    found = merge_results(asked, found, target._composed(asked)[0])
                results.extend(found)
                asked_about |= about
        return results, asked_about

    def _subject(self, document: Document) -> Subject:
        subject = subject_for(document, self.account, self.partition, self.config, self.organization)
        sent = self._senders.get(document.path, ()) if document.kind == TRUST else ()
        return subject._replace(account_known=self.template.account is not None, senders=sent)

    def _asking(self, properties: Sequence[Property]) -> Iterator[_PolicyTask]:
        """What is to be asked about each document as a policy by itself, for those about which something is."""
        about_policies = [asked for asked in properties if isinstance(asked, StatementProperty)]
        for index, document in enumerate(self.documents):
            subject = self._subject(document)
            forms = (subject, *(self._subject(form) for _, form in self._forms(document)))
            applying = tuple(asked for asked in about_policies if any(map(asked.applies_to, forms)))
            if applying:
                yield _PolicyTask(index, subject, applying, self.proofs.about(subject))

    def _share(self, share: Sequence[_PolicyTask]) -> dict[int, list[Result]]:
        """The answers about some documents, by the index of the document."""
        found: dict[int, list[Result]] = {}
        for one in share:
            with limited_to(self.proofs.units):
                found[one.number] = self._answers(one)
        return found

    def _answers(self, one: _PolicyTask) -> list[Result]:
        results: list[Result] = []
        targets = self._targets((self.documents[one.number],))
        for asked in one.properties:
            here = self._check_statements(asked, one)
            for target in targets:
                here = merge_results(asked, here, target._check_statements(asked, target._alike(one)))
            results.extend(here)
        return results

    def _merge_deployments(
        self, asking: Sequence[_PolicyTask], by_document: Mapping[int, list[Result]]
    ) -> Iterator[Result]:
        """The answers about each document, over all that it may be in different deployments."""
        by_path: dict[Path, list[Result]] = {}
        for one in asking:
            path, found = self.documents[one.number].path, by_document[one.number]
            if path in by_path:
                before = by_path[path]
                found = [
                    result
                    for asked in one.properties
                    for result in merge_deployments(
                        asked,
                        [result for result in before if result.property == asked.ident],
                        [result for result in found if result.property == asked.ident],
                    )
                ]
            by_path[path] = found
        return (result for found in by_path.values() for result in found)

    def _alike(self, one: _PolicyTask) -> _PolicyTask:
        """What is asked about the same document of the template somewhere else."""
        subject = self._subject(self.documents[one.number])
        return _PolicyTask(one.number, subject, one.properties, self.proofs.about(subject))

    def _forms(self, document: Document) -> Iterator[tuple[Assignment, Document]]:
        """What a document is at each assignment at which it has to be judged, what says the same once."""
        classes = () if self.assignment is not None else self._classes.of((document.path,))
        before: list[Document] = []
        for assignment in classes if isinstance(classes, tuple) else ():
            check = self.at(assignment)
            for form in check._bound(check.template.documents_at(document.logical_id, document.path)):
                if is_refused(form) and "AWS::Region" in dict(assignment.values):
                    continue
                if self.certify or not is_alike(form, before):
                    before.append(form)
                    yield assignment, form

    def _check_statements(self, asked: StatementProperty, one: _PolicyTask) -> list[Result]:
        """The answers of one property about one document."""
        document = self.documents[one.number]

        def here() -> list[Result]:
            place, deployments = self._place(document), self.deployments
            return check_statements(one.subject, asked, place, deployments, certify=self.certify, cache=one.cache)

        forms: dict[Assignment, list[Document]] = {}
        for assignment, form in self._forms(document):
            forms.setdefault(assignment, []).append(form)
        classes = self._classes.of((document.path,)) if not forms else tuple(forms)
        return at_each(
            asked,
            classes,
            here,
            lambda assignment: self.at(assignment)._about(asked, forms[assignment]),
            lambda: [self._proof(asked, document)],
        )

    def _about(self, asked: StatementProperty, forms: Sequence[Document]) -> Reading:
        """The answers about what a document may be."""
        found: list[list[Result]] = []
        for form in forms:
            subject = self._subject(form)
            if asked.applies_to(subject):
                cache, place = self.proofs.about(subject), self._place(form)
                found.append(
                    check_statements(subject, asked, place, self.deployments, certify=self.certify, cache=cache)
                )
        return Reading(found[0] if len(found) == 1 else merged(found), allowing(forms, self.deployments))

    def _proof(self, asked: StatementProperty, document: Document) -> Result:
        subject = self._subject(document)
        return result(subject, asked, self._place(document), PROVED, document.path, asked.proved(subject))

    def _composed(self, asked: IdentityProperty) -> tuple[list[Result], set[Path]]:
        """The answers of one property about everybody's identity policies, and the documents it was asked about."""
        about: set[Path] = set()

        def here(check: _Check = self) -> list[Result]:
            checker = check._identity(check.documents, check.deployments, check.assumed)
            found, there = ([], set()) if checker is None else checker.results(asked, check._place(None))
            about.update(there)
            return found

        def there(assignment: Assignment) -> Reading:
            check = self.at(assignment)
            documents = [document for document in check.documents if document.kind == IDENTITY]
            if "AWS::Region" in dict(assignment.values) and any(map(is_refused, documents)):
                return Reading([])
            return Reading(here(check), allowing(documents, check.deployments))

        def proofs() -> list[Result]:
            return [self._proof(asked, document) for document in self.documents if document.path in about]

        classes = () if self.assignment is not None else self._classes.of_holders(self.template.holders, self.documents)
        return at_each(asked, classes, here, there, proofs), about

    def _targets(self, documents: Iterable[Document]) -> tuple[_Check, ...]:
        """
        The template in the accounts, and in the organizations, that conditions of these documents name.

        Its own account may be any where it is not known, and its organization is never known.
        """
        named = {target for document in documents for target in (targets if self.assumed else compared)(document)}
        found = sorted((account, organization) for account, organization in named if organization or self.assumed)
        for account, organization in found:
            if (account, organization) not in self._elsewhere_checks:
                self._elsewhere_checks[account, organization] = _Check(
                    self.template,
                    self.config,
                    self.proofs,
                    certify=self.certify,
                    account=account,
                    organization=organization or OWN_ORGANIZATION,
                )
        return tuple(self._elsewhere_checks[target] for target in found)

    def _facts(self, asked: RoleProperty) -> list[Result]:
        """What the template says of roles and sessions besides their policies, at each assignment."""

        def here(check: _Check = self) -> list[Result]:
            return [*check._roles(asked), *check._sessions(asked)]

        found: dict[Assignment, None] = {}
        for path in self._deciding_facts():
            classes = self._classes.of(path)
            if isinstance(classes, str):
                return at_each(asked, classes, here, lambda assignment: Reading([]))
            found.update(dict.fromkeys(classes))
        results = at_each(asked, tuple(found), here, lambda assignment: Reading(here(self.at(assignment))))
        # Of the values that a parameter lists, the last that is wrong stands for all.
        wrong = {result.path: result for result in results if result.verdict == REFUTED}
        return [one for one in results if one.verdict != REFUTED or one is wrong[one.path]]

    def _deciding_facts(self) -> Iterator[tuple[Path, ...]]:
        """What decides of each role, and of whatever else gives sessions, how long they last, and who gets them."""
        for role in self.template.roles:
            if role.trust is not None:
                yield role.path, self.documents[role.trust].path
        for session in self.template.sessions:
            yield (session.path,)

    def _roles(self, asked: RoleProperty) -> Iterator[Result]:
        """What the template says of each role besides its policies."""
        for role in self.template.roles:
            if role.trust is None:
                continue
            undecided = ""
            try:
                if role.guards and self.deployments.satisfy(role.guards) is None:
                    continue
            except BudgetReached as reached:
                # Whether it exists is not decided, so it is asked about.
                undecided = f"whether there is such a role is not decided: budget reached: {reached.name}"
            document = self.documents[role.trust]
            subject = subject_for(document, self.account, self.partition, self.config)
            callers: dict[str, Refutation | None] = {}
            most = "" if role.longest is None else f", at most {role.longest}"
            lines = [f"MaxSessionDuration is {role.max_session_duration}{most}"]
            if self.certify or asked.depends_on_callers(subject, role):
                callers, proofs = self._callers(subject, asked)
                lines.extend(line for proof in proofs for line in proof.certificate)
            place = self._place(document)
            finding = asked.judge(subject, role, [*callers])
            if undecided and finding.verdict == REFUTED:
                finding = finding._replace(verdict=UNKNOWN, reasons=(undecided,), why=(), remedy=None)
            shown = _at_most(subject, role, place, callers) if finding.verdict == REFUTED else None
            found = to_result(
                subject, asked, place, finding, shown, about=f"MaxSessionDuration {role.max_session_duration}"
            )
            proved = self.certify and found.verdict == PROVED
            yield found._replace(certificate=certificate(lines)) if proved else found

    def _sessions(self, asked: RoleProperty) -> Iterator[Result]:
        """How long the sessions last that no role gives."""
        for one in self.template.sessions:
            try:
                if one.guards and self.deployments.satisfy(one.guards) is None:
                    continue
            except BudgetReached:
                # Whether there are such sessions is not decided, so it is asked.
                pass
            document = Document("", Policy(()), one.logical_id, one.resource_type, one.path, one.construct_path)
            subject = Subject(document, self.account, self.partition, self.config)
            finding = asked.judge_sessions(subject, one)
            about = f"{one.key} {one.duration}"
            found = to_result(subject, asked, self._place(document), finding, None, about=about)
            yield found._replace(certificate=(f"{one.key} is {one.duration}",)) if self.certify else found

    def _callers(self, subject: Subject, asked: RoleProperty) -> tuple[dict[str, Refutation | None], list[Proof]]:
        """
        Which of the property's questions some request answers, with a request where there is one, and the proofs that
        none answers the others.
        """
        prover = Prover(subject, asked.inquiry, self.deployments, certify=self.certify)
        callers: dict[str, Refutation | None] = {}
        closed: list[Proof] = []
        for question in asked.callers(subject):
            outcomes = [prover.settle(i, (question,)) for i in prover.compiled.allow_indices]
            proofs = [outcome for outcome in outcomes if isinstance(outcome, Proof)]
            if len(proofs) < len(outcomes):
                requests = (outcome for outcome in outcomes if isinstance(outcome, Refutation))
                callers[question.about] = next(requests, None)
            else:
                closed.extend(proofs)
        return callers, closed

    def _place(self, document: Document | None) -> Place:
        shown = self.assumed if self.named or (document is not None and document.assumes_account) else {}
        if self.assignment is not None:
            shown = {**shown, **dict(self.assignment.named)}
        deployments = self.deployments
        return Place(
            self.template.name,
            self.template.account,
            deployments.defaults_in,
            shown,
            deployments.deciding_in,
            self._written,
        )

    @property
    def _has_identities(self) -> bool:
        """Whether anything is attached to anybody."""
        return any(holder.documents or holder.foreign or holder.boundaries for holder in self.template.holders)

    def _identity(
        self, documents: Sequence[Document], deployments: InputDeployments, values: dict[str, str]
    ) -> IdentityChecker | None:
        """Asks about what users, groups and roles may do; None where nothing is attached to anybody."""
        if not self._has_identities:
            return None
        return IdentityChecker(
            documents,
            self.template.holders,
            lambda text: bind_text(text, values),
            self.account,
            self.partition,
            self.config,
            deployments,
            certify=self.certify,
            organization=self.organization,
        )

    def _chained(self, number: Number) -> ChainedTemplate:
        """The roles of the template, at each assignment at which they have to be judged together."""
        here = ChainReading(None, *self._nodes(number))
        if not any(isinstance(role.trust, int) for role in self.template.roles):
            return ChainedTemplate((here,))
        documents = [document for document in self.documents if document.kind == TRUST or may_decide(document)]
        holders = [holder.path for holder in self.template.holders if holder.kind == "role" and holder.path]
        classes = self._classes.of([*(document.path for document in documents), *holders])
        if isinstance(classes, str):
            return ChainedTemplate((here,), classes)
        readings = tuple(ChainReading(one, *self.at(one)._nodes(number)) for one in classes)
        return ChainedTemplate(readings or (here,))

    def _nodes(self, number: Number) -> tuple[tuple[Node, ...], tuple[Attached, ...]]:
        """
        The roles of the template, with names made up where CloudFormation generates them, and the policies that it
        attaches by name to roles of other templates.
        """
        names = self.template.names_in_chains(number)
        values = {**self.assumed, **names, **self.template.linked_names()}
        # Only policies that may allow or deny the next step matter here.
        documents = tuple(
            bind_document(document, values) if document.kind == TRUST or may_decide(document) else document
            for document in self.documents
        )
        deployments = self.template.deployments(values)
        checker = self._identity(documents, deployments, values)
        holdings: dict[str, list[tuple[Holding, tuple[Subject, ...]]]] = {}
        for holding, policies in checker.roles() if checker is not None else ():
            holdings.setdefault(holding.holder.logical_id, []).append((holding, policies))
        nodes: dict[str, list[Node]] = {}
        for role in self.template.roles:
            arn = bind_text(role.arn, values)
            if role.trust is None or not isinstance(arn, str) or role.logical_id in nodes:
                continue
            document = documents[role.trust]
            name = arn.rsplit("/", 1)[-1]
            node = Node(
                arn,
                self._subject(document),
                (),
                (),
                None,
                (),
                "",
                None if role.tags is None else tuple((k.lower(), bind_text(v, values)) for k, v in role.tags),
                self._place(document),
                deployments,
                document.path,
                number,
                role.logical_id if name in names.values() else name,
            )
            nodes[role.logical_id] = [
                self._holding_node(node, document, holding, policies, values)
                for holding, policies in holdings.get(role.logical_id, ())
            ] or [node]
        everything = [node for variants in nodes.values() for node in variants]
        return tuple(everything), tuple(self._attached(documents, values, deployments, number))

    def _holding_node(
        self, node: Node, document: Document, holding: Holding, policies: tuple[Subject, ...], values: dict[str, str]
    ) -> Node:
        """A role with what it has in some deployments."""
        if holding.guards:
            # It is this role only there.
            document = document._replace(guards=tuple(dict.fromkeys((*document.guards, *holding.guards))))
            node = node._replace(trust=self._subject(document))
        return node._replace(
            policies=tuple(
                IdentityPolicy(one, node.deployments) for one in policies if may_allow(one.policy, ASSUME_ROLE)
            ),
            own=tuple(one.document for one in policies),
            permissions_boundary=holding.permissions_boundary,
            unknown=tuple(dict.fromkeys(str(bind_text(policy.arn, values)) for policy in holding.unknown)),
            unknown_boundary=str(bind_text(holding.unknown_boundary, values)),
        )

    def _attached(
        self, documents: Sequence[Document], values: dict[str, str], deployments: InputDeployments, number: Number
    ) -> Iterator[Attached]:
        """The policies that the roles of other templates may have by name."""
        for holder in self.template.holders:
            if holder.kind != "role" or holder.logical_id:
                continue
            if isinstance(name := bind_text(holder.name, values), str):
                for index in holder.documents:
                    identity_policy = IdentityPolicy(self._subject(documents[index]), deployments)
                    yield Attached(self.account, name, "", identity_policy, number)
        for arn, indices in self.template.managed:
            bound = bind_text(arn, values)
            if isinstance(bound, str):
                for index in indices:
                    yield Attached(
                        self.account, "", bound, IdentityPolicy(self._subject(documents[index]), deployments), number
                    )


def _shares(asking: Sequence[_PolicyTask], jobs: int) -> tuple[list[_PolicyTask], list[list[_PolicyTask]]]:
    """
    What this process does of the work, and what others do; what says the same stays together, and is proved once.

    This one has the composed policies and the roles besides, so it takes half as much of these.
    """
    different: dict[int, list[_PolicyTask]] = {}
    for one in asking:
        different.setdefault(id(one.cache), []).append(one)
    processes = min(jobs, len(different) // _MIN_SHARE)
    if processes < 2 or not may_fork():
        return list(asking), []
    # Policies on the same kind of resource need the same modules and memories, so they stay together too.
    alike = sorted(different.values(), key=lambda same: same[0].subject.document.resource_type)
    shares: list[list[_PolicyTask]] = [[] for _ in range(processes)]
    parts, before = 2 * processes - 1, 0
    total = sum(len(same[0].properties) for same in alike)
    for same in alike:
        shares[(before * parts // total + 1) // 2].extend(same)
        before += len(same[0].properties)
    return shares[0], shares[1:]


def _at_most(
    subject: Subject, role: RoleFacts, place: Place, callers: Mapping[str, Refutation | None]
) -> Counterexample | None:
    """A caller of a role whose sessions last as long as a parameter says, with the most that it may say."""
    refutation = next((found for found in callers.values() if found is not None), None)
    if refutation is None or not isinstance(role.max_session_duration, Symbolic):
        return None
    (parameter,) = role.max_session_duration.symbols
    parameters = {**place.assumed, **place.defaults(refutation.statement.path), **refutation.parameters}
    parameters = {**parameters, parameter.name: str(role.longest)}
    return counterexample(refutation.request, [subject.policy], parameters, asks_for_mfa=False)


def _resource_at(path: Path) -> str:
    """The logical id that a path leads through, or the section that it leads to."""
    return str(path[1]) if len(path) > 1 else str(path[0])


def _unread(template: Input, config: Config, asked: Property, path: Path, reason: str) -> Result:
    logical_id = _resource_at(path)
    return Result(
        asked.ident,
        UNKNOWN,
        asked.severity_of(config, UNKNOWN, (reason,)),
        template.name,
        logical_id,
        template.resource_type(logical_id),
        None,
        template.account,
        path,
        f"a part of the template could not be read: {logical_id}",
        reasons=(reason,),
        fingerprint=fingerprint(asked.ident, logical_id, reason),
        reach=asked.reach,
        unread=True,
    )
