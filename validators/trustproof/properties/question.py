"""
The values that pass between a property and the prover: the subject, the question, the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property, partial
from typing import Any, NamedTuple

from trustproof.config.model import Config
from trustproof.engine.region import Region
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.policy import ALLOW, Path, Policy, Statement
from trustproof.model.principals import Holder, Program, Sender
from trustproof.model.request import Request
from trustproof.model.text import Symbol, Symbolic, Text, arn_in_partition
from trustproof.results.result import ERROR, REFUTED, Reach, Remedy, Severity, Undeclared, Verdict
from trustproof.spec.decision import Decision

#: Stands for the organization of the template's own account, which no template says.
OWN_ORGANIZATION = "o-yourorganization"
#: In its place: the account is in no organization, and no request has the keys of one.
NO_ORGANIZATION = "none"
#: What a control policy that counts for a role or resource is called.
_RESOURCE_CONTROL = "RESOURCE_CONTROL_POLICY"


def operands_of(statements: Iterable[Statement], keys: tuple[str, ...]) -> frozenset[Text]:
    """What conditions of statements compare keys with, which are given lower-cased."""
    return frozenset(
        operand
        for statement in statements
        for condition in statement.conditions
        if condition.key.lower() in keys
        for operand in condition.operands
    )


class Neighbours:
    """
    The policies of a template: what is asked of all of them for each of them is looked for once.

    Args:
        documents: gives them; most policies are judged without their neighbours, which then are not read.
        holders: gives who holds them.
        programs: gives the programs that have roles.
        trusts: gives the trust policies of the roles that have an identity policy, by its place.
        senders: gives whom the template sends to its roles, by the logical id and path of a trust policy.
        users_of_programs: gives the users that are taken for programs'.
    """

    def __init__(
        self,
        documents: Callable[[], tuple[Document, ...]] = tuple,
        holders: Callable[[], tuple[Holder, ...]] = tuple,
        programs: Callable[[], tuple[Program, ...]] = tuple,
        trusts: Callable[[], Mapping[Path, tuple[Document, ...]]] = dict,
        senders: Callable[[], Mapping[tuple[str, Path], tuple[Sender, ...]]] = dict,
        users_of_programs: Callable[[], tuple[Holder, ...]] = tuple,
    ) -> None:
        self._given = (documents, holders, programs, trusts, senders, users_of_programs)
        self._operands: dict[tuple[str, ...], frozenset[Text]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        # To another process goes what is there, since who would look for it goes to none.
        return _neighbours_at_hand, tuple(given() for given in self._given)

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        return self._given[0]()

    @cached_property
    def _holders(self) -> tuple[Holder, ...]:
        return self._given[1]()

    @cached_property
    def _programs(self) -> tuple[Program, ...]:
        return self._given[2]()

    @cached_property
    def _trusts(self) -> Mapping[Path, tuple[Document, ...]]:
        return self._given[3]()

    @cached_property
    def _senders(self) -> Mapping[tuple[str, Path], tuple[Sender, ...]]:
        return self._given[4]()

    @cached_property
    def users_of_programs(self) -> tuple[Holder, ...]:
        """The users of the template that are taken for programs'."""
        return self._given[5]()

    def senders_to(self, document: Document) -> tuple[Sender, ...]:
        """Whom the template itself sends to the role of a trust policy."""
        return self._senders.get((document.logical_id, document.path), ())

    @property
    def documents(self) -> tuple[Document, ...]:
        """The policies themselves."""
        return self._documents

    @property
    def _statements(self) -> Iterator[Statement]:
        return (statement for document in self._documents for statement in document.policy.statements)

    def operands(self, keys: tuple[str, ...]) -> frozenset[Text]:
        """What their conditions compare keys with, which are given lower-cased."""
        if keys not in self._operands:
            self._operands[keys] = operands_of(self._statements, keys)
        return self._operands[keys]

    def operands_on(self, resource: Text, logical_id: str, keys: tuple[str, ...]) -> frozenset[Text]:
        """
        The same of the policies of one resource only.

        Args:
            resource: its ARN, as far as that is known.
            logical_id: of the resource that makes it and has a policy in its own properties.
        """
        return operands_of(self.statements_on(resource, logical_id), keys)

    def statements_on(self, resource: Text, logical_id: str) -> list[Statement]:
        """The statements of the policies of one resource, of which the arguments are said as there."""
        by_arn, by_id = self._places
        on = by_arn.get(resource, []) if resource != "*" else []
        on = [*on, *(by_id.get(logical_id, ()) if logical_id else ())]
        return [statement for document in on for statement in document.policy.statements]

    @cached_property
    def _places(self) -> tuple[dict[Text, list[Document]], dict[str, list[Document]]]:
        """The documents by the ARN of their resource, and by the resource that makes it."""
        by_arn: dict[Text, list[Document]] = {}
        by_id: dict[str, list[Document]] = {}
        for document in self._documents:
            by_arn.setdefault(document.resource_arn, []).append(document)
            by_id.setdefault(document.logical_id, []).append(document)
        return by_arn, by_id

    def all_actions_of(self, logical_id: str) -> frozenset[str]:
        """The actions, lower-cased, that a role of the template is allowed; empty where not all of them are known."""
        for one in self._holders:
            if one.kind == "role" and one.logical_id == logical_id:
                is_whole = not (one.foreign or one.doubts or one.by_name or one.by_reference or one.unread)
                policies = [self._documents[index].policy for index in one.documents] if is_whole else []
                allowed = [s for policy in policies for s in policy.statements if s.effect == ALLOW]
                if any(s.actions is None for s in allowed):
                    return frozenset()
                return frozenset(str(action).lower() for s in allowed for action in s.actions or ())
        return frozenset()

    def trusts_of_roles_with(self, document: Document) -> Sequence[Document]:
        """The trust policies of the roles of the template that have an identity policy."""
        return self._trusts.get(document.path, ())

    def members_of(self, group: Holder) -> Sequence[Holder]:
        """The users that the template puts into a group."""
        called = {group.logical_id, str(group.name)} - {""}
        return [one for one in self._holders if any(member.group in called for member in one.groups)]

    def has_password(self, name: str) -> bool:
        """Whether the template gives a password to a user of that name, or logical id where it has no other."""
        return any(one.has_password and name in (str(one.name), one.logical_id) for one in self._holders)

    @cached_property
    def tells_roles_elsewhere(self) -> bool:
        """Whether a program of the template is told a role that the template does not make."""
        own = {str(one.arn) for one in self._holders if one.kind == "role" and one.logical_id}
        return any(str(arn) not in own for one in self._programs for arn in one.told)

    def allowing(self, service: str) -> Sequence[Statement]:
        """The Allow statements that name a service among their principals."""
        return self._by_service.get(service, ())

    @cached_property
    def role_arns(self) -> tuple[str, ...]:
        """The ARNs of roles that the template makes in each of its deployments, where they are known."""
        trusting = (one for one in self._documents if one.kind == TRUST and not one.guards)
        return tuple(dict.fromkeys(one.resource_arn for one in trusting if isinstance(one.resource_arn, str)))

    @cached_property
    def roles_let_in(self) -> Mapping[str, str]:
        """The roles that resource policies let in by a known ARN, each with the logical id of one such policy."""
        return {
            entry.value: document.logical_id
            for document in self._documents
            if document.kind == RESOURCE
            for statement in document.policy.statements
            for entry in (statement.principals or () if statement.effect == ALLOW else ())
            if isinstance(entry.value, str) and ":role/" in entry.value and "*" not in entry.value
        }

    @cached_property
    def _by_service(self) -> Mapping[str, Sequence[Statement]]:
        found: dict[str, list[Statement]] = {}
        for statement in self._statements:
            entries = (statement.principals or ()) if statement.effect == ALLOW else ()
            for service in dict.fromkeys(str(entry.value) for entry in entries if entry.kind == "Service"):
                found.setdefault(service, []).append(statement)
        return found


def _neighbours_at_hand(*found: Any) -> Neighbours:
    return Neighbours(*(partial(_at_hand, one) for one in found))


def _at_hand(found: Any) -> Any:
    return found


class StandsOn(NamedTuple):
    """
    What the resource is called that a policy stands on.
    """

    #: By its ARN and as the template gives it; empty where none is known.
    names: tuple[str, ...] = ()
    #: Of one policy of several queues or topics, those of all of them.
    logical_ids: tuple[str, ...] = ()
    #: Names of which only a part is known, or the values that there are.
    open_names: tuple[Symbolic, ...] = ()
    #: ARNs by some value of a parameter that is not its default.
    open_arns: tuple[Symbolic, ...] = ()
    #: The logical ids that stand in names which CloudFormation makes up, as they stand there.
    generated: tuple[str, ...] = ()
    #: The name of the stack, which such a name begins with; empty where nobody says it.
    stack: str = ""


class Subject(NamedTuple):
    """
    A policy that a property is asked of, and what is known around it.
    """

    document: Document
    #: The account that the template is deployed to; assumed where the template does not say.
    account: str
    #: The empty string where it is not known.
    partition: str
    config: Config
    #: Policies of the same holder: their Denies count too.
    others: Sequence[Document] = ()
    #: The holder's permissions boundary, where the template has it.
    permissions_boundary: Document | None = None
    #: Who holds the policy; None for a trust or resource policy.
    holder: Holder | None = None
    #: The organization of the template's account; no template says it.
    organization: str = OWN_ORGANIZATION
    #: Whether the account is known, and not assumed.
    account_known: bool = False
    #: Whether the same is asked at each account that the policy names, one after the other.
    accounts_apart: bool = False
    #: The policies of the template, which may say whose it is that is meant here too.
    neighbours: Neighbours = Neighbours()
    #: Of identity policies of a user or group: where those stand that roles and permission sets have too, and which.
    roles_with: tuple[tuple[Path, tuple[str, ...]], ...] = ()
    #: Of the policy of a resource, where an invariant may name that.
    stands_on: StandsOn = StandsOn()

    @property
    def policy(self) -> Policy:
        """The policy itself."""
        return self.document.policy

    @property
    def senders(self) -> tuple[Sender, ...]:
        """Of a trust policy: whom the template itself sends to the role."""
        return self.neighbours.senders_to(self.document) if self.document.kind == TRUST else ()

    @property
    def programs(self) -> tuple[Holder, ...]:
        """Of a trust policy: the users of the template that are taken for programs'."""
        return self.neighbours.users_of_programs if self.document.kind == TRUST else ()

    @property
    def naming(self) -> Policy:
        """
        The policy, with what resource control policies deny around it: whom these leave in is meant by the policy too.
        """
        around = [s for one in self.others if one.name == _RESOURCE_CONTROL for s in one.policy.statements]
        return self.policy._replace(statements=(*self.policy.statements, *around)) if around else self.policy

    @property
    def documents(self) -> tuple[Document, ...]:
        """Everything that decides: the policy, the others of its holder, the boundary."""
        return (
            self.document,
            *self.others,
            *((self.permissions_boundary,) if self.permissions_boundary is not None else ()),
        )

    def together_with(self, statement: Statement) -> Subject:
        """The subject with those statements of its policy that a deployment may have together with one of them."""
        values = {guard.name: guard.value for guard in statement.guards}
        if not values:
            return self
        policy = self.policy
        kept = tuple(
            one for one in policy.statements if all(values.get(g.name, g.value) == g.value for g in one.guards)
        )
        return self._replace(document=self.document._replace(policy=policy._replace(statements=kept)))

    def to_partition(self, partition: str) -> Subject:
        """The same deployed to a partition: who holds the policies is there too."""
        holder = self.holder
        if holder is not None and partition:
            holder = holder._replace(arn=arn_in_partition(holder.arn, partition))
        return self._replace(partition=partition, holder=holder)


class Question(NamedTuple):
    """
    Is there a request in one of these regions that an Allow statement lets in?
    """

    regions: tuple[Region, ...]
    #: The regions' predicate, for the evaluator: whether letting this request in is what the property forbids.
    violates: Callable[[Request], bool]
    #: Which of the property's questions it is; the property words its answer by it.
    about: str = ""
    #: A question in which all of this one is contained, as a later one is, or the same of whoever has a policy: where
    #: nothing answers that, nothing answers this.
    larger: Question | None = None
    #: What the holder has once such a request is done, a subject for each of its policies: where the inquiry is proved
    #: of all of them, the request does not matter. None where it matters in any case.
    afterwards: Callable[[], Iterable[Subject]] | None = None


class Direction(Enum):
    """
    What a request that gets through says of a policy.
    """

    #: It refutes the property: nobody may get in so.
    FORBIDDEN = "forbidden"
    #: It proves the property: somebody is to get in so.
    WANTED = "wanted"


class Inquiry(NamedTuple):
    """
    What a prover is to find out of the Allow statements of a policy.
    """

    #: What it is called where a proof does not hold, and where answers are kept: a property's identifier.
    ident: str
    #: What to ask of one Allow statement, by its index; the first question with an answer decides.
    questions: Callable[[Subject, int], Iterable[Question]]
    direction: Direction = Direction.FORBIDDEN
    #: The subject as the questions look at it.
    normalize: Callable[[Subject], Subject] = lambda subject: subject
    #: What to ask where the questions leave a statement open.
    reconsidered: Callable[[Subject, int], Sequence[Question]] = lambda subject, index: ()
    #: A value for something unknown before deployment, by the place where it stands; None without a preference.
    binding: Callable[[Subject, Symbol, str], str | None] = lambda subject, symbol, place: None


class Refutation(NamedTuple):
    """
    A request that was replayed: the evaluator allows it, and it is what a question is about.
    """

    request: Request
    decision: Decision
    #: The concrete statement that lets it in.
    statement: Statement
    #: Template parameters and other values unknown before deployment to the values they have here.
    parameters: dict[str, str]
    question: Question
    #: Where the question says what the holder has afterwards: what refutes the inquiry then, in the same deployment,
    #: and of whom. None where that is not decided, or nothing is asked.
    then: tuple[Subject, Refutation] | None = None

    @property
    def about(self) -> str:
        """Which of the property's questions it answers."""
        return self.question.about


class Finding(NamedTuple):
    """
    A refutation in words.
    """

    message: str
    label: str
    #: What in the template it is about.
    path: Path
    why: tuple[str, ...] = ()
    remedy: Remedy | None = None
    reasons: tuple[str, ...] = ()
    #: `UNKNOWN` where the request is real, and whether it is wanted is not known.
    verdict: Verdict = REFUTED
    #: What to do instead where the remedy would not do, or would let in or lock out somebody else; the best first.
    otherwise: tuple[Remedy, ...] = ()
    #: How bad it is at most, where the property's own severity would say too much and the project says nothing.
    severity: Severity = ERROR
    #: From how far away somebody gets in; None for what is usual of the property.
    reach: Reach | None = None
    #: Whose it is that nobody has said.
    undeclared: tuple[Undeclared, ...] = ()
    #: An account that is most likely the template's own, where the verdict depends on that.
    likely_own: str = ""
    #: What it has in common with findings at other resources that are closed together; empty where nothing.
    cause: str = ""
