"""
The values that pass between a property and the prover: the subject, the question, the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from trustproof.config.model import Config
from trustproof.engine.region import Region
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Path, Policy, Statement
from trustproof.model.principals import Holder, Sender
from trustproof.model.request import Request
from trustproof.model.text import Symbol, Symbolic, arn_in_partition
from trustproof.properties.neighbours import Neighbours
from trustproof.results.result import ERROR, REFUTED, Reach, Remedy, Severity, Undeclared, Verdict
from trustproof.results.unknown_kinds import VALUE, UnknownKind
from trustproof.spec.decision import Decision

#: Stands for the organization of the template's own account, which no template says.
OWN_ORGANIZATION = "o-yourorganization"
#: In its place: the account is in no organization, and no request has the keys of one.
NO_ORGANIZATION = "none"
#: What a control policy that counts for a role or resource is called.
_RESOURCE_CONTROL = "RESOURCE_CONTROL_POLICY"


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
    #: What keeps graver questions that were asked before this one from being decided; empty where they are.
    left: tuple[str, ...] = ()
    left_kind: UnknownKind = VALUE

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
    #: Where it is milder by what the role gives, why, as it stands in `why`: nobody else may give the role more. Empty
    #: elsewhere.
    by_what_it_gives: str = ""
