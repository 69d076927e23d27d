"""
One template as it is judged: for an account and an organization, and where parameters matter, at an assignment of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from trustproof.analysis.assignments.assignments import is_alike
from trustproof.analysis.assignments.declared import Declared
from trustproof.analysis.assignments.managed_policies import managed_policy
from trustproof.analysis.assignments.settled_permissions import is_settled
from trustproof.analysis.assignments.targets import (
    account_written,
    accounts_let_in,
    compared_organizations,
    compared_values,
    compares_with_own,
    is_of_some_account,
    names_organization,
    placeholder_account,
    targets,
)
from trustproof.analysis.assignments.template_assignments import FurtherReadings, TemplateAssignments
from trustproof.analysis.assignments.template_budget import share_of_each, units_of
from trustproof.analysis.presentation.resource_names import Called
from trustproof.analysis.presentation.what_it_stands_on import stands_on
from trustproof.analysis.presentation.written_policies import written_policies
from trustproof.analysis.remedies.parameters_as_written import Parameters
from trustproof.analysis.remedies.remedies_as_written import Content, content_of, placed_callers
from trustproof.analysis.remedies.remedies_at_home import Home, RemediesAtHome
from trustproof.analysis.remedies.remedies_in_parameters import InParameters, in_source, parameters
from trustproof.analysis.remedies.senders import senders
from trustproof.config.model import Config
from trustproof.inputs.input_deployments import InputDeployments
from trustproof.inputs.reader import Input
from trustproof.model.deployments import Assignment, is_other_account
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.policy import Path
from trustproof.model.principals import Sender
from trustproof.model.substitution import bind_document, bind_text
from trustproof.model.text import ACCOUNT_ID, ORGANIZATION_ID, PARTITION, Symbol
from trustproof.properties.base import StatementProperty
from trustproof.properties.neighbours import Neighbours
from trustproof.properties.question import NO_ORGANIZATION, OWN_ORGANIZATION, StandsOn, Subject
from trustproof.proving.cache import Proofs
from trustproof.proving.outcomes import Place, result, subject_for
from trustproof.results.fingerprint import WrittenPolicies
from trustproof.results.result import PROVED, Remedy, Result

#: In a logical id: what is inside of another template, or of a module.
_INSIDE = re.compile(r"/|^module\.")
#: In so many accounts a template is kept at a time.
_KEPT_ELSEWHERE = 16
#: What a template calls the account that it is deployed to.
_OWN_ACCOUNT = Symbol(ACCOUNT_ID, "pseudo-parameter")


class TemplateContext:
    """
    One template, with what is known and what had to be assumed about where it goes.

    Args:
        account: where it is taken to go, if it does not say; empty for one that it does not speak of.
        organization: that of the account is taken to be.
        controls: control policies, of whatever template, with what they are attached to.
        accounts: those that other templates say; none of them stands for one that nobody says.
        assigned: of a template that is read at an assignment, who judges it otherwise, and the assignment.
        further: what readings at other values than defaults have cost so far.
        alike: who judges the same template for somewhere else: what it says wherever it goes is found once.
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
        assigned: tuple[TemplateContext, Assignment] | None = None,
        controls: tuple[Document, ...] = (),
        accounts: frozenset[str] = frozenset(),
        further: FurtherReadings | None = None,
        alike: TemplateContext | None = None,
    ) -> None:
        self.template = template
        self.config = config
        self.certify = certify
        self.controls = controls
        self.accounts = accounts
        #: Who judges the template otherwise, where this is one at an assignment.
        self.outer: TemplateContext | None = None if assigned is None else assigned[0]
        if assigned is None:
            self._stand_in: str = self._placeholder() if alike is None else alike._stand_in
            self.account: str = template.account or account or self._stand_in
            #: Whether the account is one that the template names, and results have to say so.
            self.named: bool = template.account is None and self.account != self._stand_in
            self._written: WrittenPolicies = written_policies(template) if alike is None else alike._written
            named = "" if self.account != self._stand_in else next(iter(sorted(template.account_names)), "")
            self._made_up = (self._stand_in, Symbol(named, "pseudo-parameter")) if self._stand_in and named else None
        else:
            outer, own = assigned[0], dict(assigned[1].values).get(ACCOUNT_ID)
            self.account, self.named, self._written = own or outer.account, outer.named, outer._written
            self._made_up = outer._made_up if own is None else None
        self.is_elsewhere: bool = self.named and alike is not None
        self.organization: str = (
            (template.organization or organization) if organization == OWN_ORGANIZATION else organization
        )
        self._elsewhere: dict[tuple[str, str], TemplateContext] = {}
        self.assumed: dict[str, str] = (
            {} if template.account is not None else dict.fromkeys(template.account_names, self.account)
        )
        self.partition: str = template.partition
        own = self.organization if organization != NO_ORGANIZATION else OWN_ORGANIZATION
        self._organizations: dict[str, str] = {ORGANIZATION_ID: own}
        self.deployments: InputDeployments = template.deployments({**self.assumed, **self._organizations})
        # Of a template at one assignment, the share is that of the template.
        #: What each part of the work on the template may cost.
        self.units: int = units_of(template, proofs.template_units) if assigned is None else assigned[0].units
        self.proofs: Proofs = proofs.for_template(proofs.units or share_of_each(template, self.units))
        self.assignment: Assignment | None = None if assigned is None else assigned[1]
        self.assignments: TemplateAssignments = TemplateAssignments(template, certify=certify)
        self.further: FurtherReadings = further or FurtherReadings()
        self._assigned: dict[Assignment, TemplateContext] = {}
        self._others: dict[tuple[str, ...], TemplateContext] = {}
        self._homes: dict[str, TemplateContext] = {}
        self.by_name: dict[object, object] = {}  #: What `matching_names` has found, asked again for each answer.
        self.declared = Declared(template, self.assumed)
        self._called: Called = {}  #: What its resources are called, as far as policies say nothing but that.
        #: The policy that was asked about last, by where it is, and what it is at each of its assignments.
        self._formed: tuple[object, tuple[tuple[Assignment, tuple[Document, ...]], ...]] = (None, ())

    def _placeholder(self) -> str:
        """What stands for the account of the template; empty where it says it."""
        template, accounts = self.template, self.accounts
        if template.account is not None:
            return ""
        return placeholder_account(
            template.documents, self.config, lambda one: one in accounts or template.mentions(one)
        )

    @property
    def is_anywhere(self) -> bool:
        """Whether nothing says or takes for granted where the template goes: its account is made up."""
        return self.template.account is None and not self.named and self.assignment is None

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents of the template, for the account that it is taken to go to."""
        if self.outer is not None and self.template.documents is self.outer.template.documents:
            return self.outer.documents
        return self.bound(self.template.documents)

    def _senders(self) -> Mapping[tuple[str, Path], tuple[Sender, ...]]:
        unknown = (self._made_up[0],) if self._made_up else ()
        return senders(self.template, self.document, lambda text: bind_text(text, self.assumed), unknown)

    def document(self, number: int) -> Document:
        """One of the documents: where only that one is asked about, no other is read for this account."""
        if "documents" in self.__dict__:
            return self.documents[number]
        if self.outer is not None and self.template.documents is self.outer.template.documents:
            return self.outer.document(number)
        return self.bound(self.template.documents[number : number + 1])[0]

    @cached_property
    def _neighbours(self) -> Neighbours:
        """What only the wording of what is wrong asks of all of the template: a policy is judged without reading it."""
        return Neighbours(
            lambda: self.documents,
            lambda: self.template.holders,
            lambda: self.template.programs,
            senders=self._senders,
            users_of_programs=lambda: self.declared.users_of_programs,
            is_settled=lambda: is_settled(self.template, self.deployments, self.assignments),
            managed=managed_policy,
        )

    def bound(self, documents: tuple[Document, ...]) -> tuple[Document, ...]:
        """Documents for the account that the template is taken to go to, and its organization."""
        if self.assumed:
            documents = tuple(bind_document(document, self.assumed) for document in documents)
        return tuple(
            bind_document(document, self._organizations)._replace(assumes_account=document.assumes_account)
            if names_organization(document)
            else document
            for document in documents
        )

    def at(self, assignment: Assignment, *, once: bool = False) -> TemplateContext:
        """
        The same template, read at an assignment of its parameters.

        Args:
            once: whether it is not kept for who asks for the same again: it holds as much as the template.
        """
        if assignment in self._assigned:
            return self._assigned[assignment]
        found = TemplateContext(
            self.template.assigned(assignment, once=once),
            self.config,
            self.proofs,
            certify=self.certify,
            organization=self.organization,
            assigned=(self, assignment),
            controls=self.controls,
            accounts=self.accounts,
            further=self.further,
        )
        if not once:
            self._assigned[assignment] = found
        return found

    def at_other_values(self, names: tuple[str, ...]) -> TemplateContext:
        """The same template where some parameters have other values than their defaults."""
        if (made := self.made_again_at(names)) is None:
            return self.at(Assignment((), names, ()))
        left = tuple(name for name in names if name in made.template.parameter_defaults())
        return made.at(Assignment((), left, ())) if left else made

    def made_again_at(self, names: tuple[str, ...]) -> TemplateContext | None:
        """The same, made again where variables among them have other values; None where all of them are parameters."""
        template = None if names in self._others else self.template.at_other_values(names)
        if template is not None:
            if len(self._others) >= template.readings_kept():
                del self._others[next(iter(self._others))]
            # Where a default says the account, that may be any without it.
            account = "" if self.says_account_by_default(template) else self.account
            self._others[names] = self._of(template, account, self.organization)
        return self._others.get(names)

    def says_account_by_default(self, opened: Input) -> bool:
        """
        Whether a default says where the template goes.

        Args:
            opened: the template without it.
        """
        return opened.account is None and self.template.account is not None

    def wherever(self, opened: TemplateContext, about: Document | None = None) -> tuple[TemplateContext, ...]:
        """
        The template at other values than its defaults, and that in all accounts that its policies tell apart where a
        default says the account.

        Args:
            opened: the template at these values.
            about: whether one policy is asked about, and which of this template.
        """
        if opened.assignment is not None or not self.says_account_by_default(opened.template):
            return (opened,)
        numbers = None if about is None else opened.template.numbers_of(about)
        documents = opened.documents if numbers is None else [opened.documents[number] for number in numbers]
        return (opened, *opened.elsewhere(documents))

    def around(self, inner: Input) -> TemplateContext:
        """A template that stands inside of this one, in the same account where it does not say its own."""
        return self._of(inner, inner.account or self.account, self.organization)

    def in_account(self, account: str) -> TemplateContext:
        """The same template in an account that it does not say."""
        return self._of(self.template, account, self.organization)

    def _of(self, template: Input, account: str, organization: str) -> TemplateContext:
        return TemplateContext(
            template,
            self.config,
            self.proofs,
            certify=self.certify,
            account=account,
            organization=organization,
            controls=self.controls,
            accounts=self.accounts,
            further=self.further,
            alike=self if template is self.template and self.assignment is None else None,
        )

    def forms(self, document: Document) -> Iterator[tuple[Assignment, Document]]:
        """What a document is at each assignment at which it has to be judged, what says the same once."""
        before: list[Document] = []
        for assignment, forms in self._forms(document) if self.assignment is None else ():
            for form in forms:
                if self.certify or not is_alike(form, before):
                    before.append(form)
                    yield assignment, form

    def _forms(self, document: Document) -> Sequence[tuple[Assignment, tuple[Document, ...]]]:
        """What a document is at each assignment at which it has to be judged, none where it is not there."""
        place = document.logical_id, document.path
        if self._formed[0] != place:
            # All that is asked about a policy is asked before the next one, and whatever is found of it asks again.
            classes = self.assignments.of((document.path,))
            each = classes if isinstance(classes, tuple) else ()
            self._formed = place, tuple((one, tuple(self._forms_at(one, document))) for one in each)
        return self._formed[1]

    def _forms_at(self, assignment: Assignment, document: Document) -> Iterator[Document]:
        if self.is_elsewhere and is_other_account(assignment, self.account):
            return
        check = self.at(assignment)
        for form in check.bound(check.template.documents_at(document.logical_id, document.path)):
            if not check.deployments.refuses(form):
                yield form

    def without(self, document: Document) -> list[Assignment]:
        """Those of the assignments at which a document has to be judged at which there is none."""
        return [assignment for assignment, forms in self._forms(document) if not forms]

    def subject(self, document: Document) -> Subject:
        """A document of the template, as what properties ask about."""
        subject = subject_for(document, self.account, self.partition, self.config, self.organization)
        if document.kind == TRUST and not self.template.is_as_written:
            # What its file calls who gets in tells who is meant, whatever value it is judged at.
            given = (name for path in placed_callers(document) for name in self._names_at(path))
            described = (*document.described, *given)
            subject = subject._replace(document=subject.document._replace(described=described))
        return subject._replace(
            account_known=self.template.account is not None,
            accounts_apart=self._is_open(document),
            neighbours=self._neighbours,
            stands_on=self._stands_on(document),
        )

    def _names_at(self, path: Path) -> tuple[str, ...]:
        """What the file that was written calls the values in a text by."""
        text = self.template.text_with_names(path)
        return () if text is None else tuple(symbol.name for symbol in text.symbols)

    def _stands_on(self, document: Document) -> StandsOn:
        """What an invariant may call the resource of a policy."""
        if not self.config.invariants:
            return StandsOn()
        return stands_on(self.template, document, self._called, is_decided=self.assignment is not None)

    def place(self, document: Document | None) -> Place:
        """Where results about a document stand, or results about nothing that is one document."""
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
            deployments.completed,
            self._made_up,
            written_as=self._written_as(document),
        )

    def _written_as(self, document: Document | None) -> Callable[[Remedy, Document], Remedy]:
        """What gives remedies the names that the template has: of several together, the one that has the policy."""
        template = self.template
        given, content = template.is_given_elsewhere, self._content_of
        found = InParameters(document, self._parameters_of, given, content, template.is_closed)
        return found if template.home_of(()) is None else RemediesAtHome(self._home, found)

    def _home(self, document: Document) -> Home | None:
        if (home := self.template.home_of(document.path)) is None:
            return None
        template, path, prefix = home
        there = template.documents_at(str(path[1]), path) if len(path) > 1 else ()
        if not there:
            return None
        if template.name not in self._homes:
            self._homes[template.name] = self._of(template, self.account, self.organization)
        return Home(self._homes[template.name]._written_as(there[0]), there[0], prefix)

    def _parameters_of(self, document: Document) -> Parameters:
        """
        What parameters stand for in the file of a document: what is inside of something else calls them otherwise than
        the whole does.
        """
        written = in_source(document, self.template.text_with_names, self.account)
        if self.template.account is not None and self.template.has_account_name(document.logical_id):
            # The template may be deployed to other accounts, too, and is the same there.
            written = written._replace(own=(self.account, _OWN_ACCOUNT))
        if self.template.has_partition_name(document.logical_id):
            written = written._replace(partition=(f"arn:{self.partition}:", Symbol(PARTITION, "pseudo-parameter")))
        if _INSIDE.search(document.logical_id):
            return written
        boundary = self.config.boundary
        declared = () if boundary is None else (*boundary.accounts, *boundary.organizations)
        # What is declared is meant as it is: a parameter that another resource names has it for its default only.
        return written.over(self._parameters.without(declared))

    def _content_of(self, document: Document) -> Content:
        content = content_of(document, self.template)
        return content if self._made_up is None else content._replace(made_up=self._made_up[0])

    @cached_property
    def _parameters(self) -> Parameters:
        if self.outer is not None:
            return self.outer._parameters
        given, template = self.template.by_itself()
        alone = self._of(template, self.account, self.organization) if given else self
        defaults = template.parameter_defaults()
        documents = alone.at_other_values(tuple(defaults)).documents if defaults or given else ()
        return parameters(documents, {**defaults, **given}, self.account, {**self.assumed, PARTITION: self.partition})

    def proof(self, asked: StatementProperty, document: Document) -> Result:
        """The result that a property holds of a document."""
        subject = self.subject(document)
        return result(subject, asked, self.place(document), PROVED, document.path, asked.proved(subject))

    def _is_open(self, document: Document) -> bool:
        """Whether a document is of a resource in whatever account the template goes to."""
        return document.kind == RESOURCE and self.template.account is None

    def elsewhere(self, documents: Iterable[Document]) -> tuple[TemplateContext, ...]:
        """
        The template in the accounts, and in the organizations, that conditions of these documents name.

        Its own account may be any where it is not known, and so may its organization.
        """
        documents = tuple(documents)
        any_account = bool(self.assumed) or any(map(self._is_open, documents))
        named = {
            target
            for document in documents
            for form in (document, *(form for _, form in self.forms(document)))
            for target in (targets if self.assumed or self._is_open(document) else compared_values)(form)
        }
        named.update(compared_organizations(documents))
        compared = (one for one in documents if self.assumed and compares_with_own(one, self.account))
        judged = (form for one in compared for form in (one, *(form for _, form in self.forms(one))))
        named.update(target for form in judged for target in accounts_let_in(form, self.config))
        elsewhere = (one for one in documents if self._is_open(one) and is_of_some_account(one))
        forms = (form for one in elsewhere for _, form in self.forms(one))
        named.update((account, "") for form in forms if (account := account_written(form)))
        known = self.template.organization
        open_ = [(account, "" if known is not None else organization) for account, organization in named]
        found = sorted({(account, organization) for account, organization in open_ if organization or any_account})
        kept = self._elsewhere
        made = {one: kept.get(one) or self._of(self.template, one[0], one[1] or OWN_ORGANIZATION) for one in found}
        # Each may read all policies for its account, and each policy may name others.
        self._elsewhere = {**(kept if len(kept) < _KEPT_ELSEWHERE else {}), **made}
        return tuple(made.values())
