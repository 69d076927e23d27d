"""
Answers about users, groups and roles that hold the same: the work is done for the first of them.

Where no policy can tell two names apart, exchanging these changes no answer. What refutes a property of one holder is
sent by the other and replayed there; what is proved of one is proved of the other. Who has the same policy beside
others may send the same request too: there it refutes where all of these let it in, and else it says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from trustproof.engine.allowance import spend
from trustproof.engine.completion import caller_context, caller_of
from trustproof.engine.request_space import RequestSpace
from trustproof.model.document import Document
from trustproof.model.policy import Statement
from trustproof.model.principals import Holder
from trustproof.model.query import is_known, placeless, texts
from trustproof.model.request import Caller, Request
from trustproof.model.text import GENERATED_NAME, Symbol, Text
from trustproof.properties.base import IdentityProperty
from trustproof.properties.question import Direction, Question, Refutation, Subject
from trustproof.properties.shared.regions import held_by
from trustproof.proving.answers import Proof, Undecided, cut_short
from trustproof.proving.cache import content
from trustproof.proving.outcomes import assumptions
from trustproof.proving.prover import Prover
from trustproof.proving.replay import is_decidable, refutation_by, replay
from trustproof.sets.search import BudgetReached
from trustproof.spec.decision import decide

Outcome: TypeAlias = "Proof | Refutation | Undecided"

#: Beginnings of condition keys, lower-cased, of which a value may tell who calls.
_TELLING = ("aws:principal", "aws:user", "aws:federated", "aws:source", "iam:", "saml:", "sts:")
#: Of those that begin so, others: of the same kind, in the same account and with the same tags, all have the same.
_NOT_TELLING = (
    "aws:principaltag/",
    "aws:principalaccount",
    "aws:principalorg",
    "aws:principaltype",
    "aws:principalisawsservice",
    "aws:sourceip",
    "aws:sourcevpc",
)
#: How many colons an ARN has before what it names, and which of its fields is the service.
_COLONS, _SERVICE = 5, 2
#: What ARNs that end in the name of a user, group or role have before it.
_NAMED = ("user", "group", "role", "mfa", "sms-mfa", "u2f")
_WILDCARDS = {*"*?"}
_TOKENS = re.compile(r"[:/]")
#: Units of an allowance that it costs to replay a request, for each policy of a holder; and what an answer costs that
#: is looked for, besides the searches: the request that is found is built, and replayed.
_REPLAYED, _LOOKED_FOR = 32, 1_000


class Meaning(NamedTuple):
    """
    What a policy and what is beside it say, and who holds it as far as that makes a difference: numbers, equal for what
    is alike.
    """

    policy: int
    #: The policy with all that is beside it, and who holds these.
    together: int
    partition: str
    #: Which of the policies it is, and where all stand: who has the very same ones, and not only such as say the same.
    places: int
    #: Who holds it but for the name, whatever else that has.
    person: int


class _Answer(NamedTuple):
    """What was found of the first of several holders."""

    prover: Prover
    outcome: Outcome
    #: Of which policy it was found, and where it and those beside it stand.
    places: int


class AlikeHolders:
    """
    What was found of the policies of some holders, for others that hold the same.
    """

    def __init__(self) -> None:
        #: Meanings to small numbers, so that one that is made of others is short.
        self._numbers: dict[object, int] = {}
        #: By the number of a policy: whether all of it is known, and whether it can tell names apart.
        self._known: dict[int, bool] = {}
        self._telling: dict[int, bool] = {}
        self._answers: dict[tuple[object, ...], _Answer] = {}
        #: The last request that was found of who has the same policy, whatever is beside it.
        self._requests: dict[tuple[object, ...], _Answer] = {}
        #: Of which holders a request has been replayed that another one sends: by the property, the holder, and what
        #: that has.
        self._replayed: set[tuple[object, ...]] = set()
        self._callers: dict[tuple[object, ...], Caller | None] = {}
        self._rests: dict[tuple[str, Meaning], tuple[str, ...]] = {}

    def meanings(self, subjects: Sequence[Subject]) -> list[Meaning | None]:
        """
        What each policy of one holder means beside the others; None where it may be another one in each deployment.
        """
        if not subjects:
            return []
        holder, boundary = subjects[0].holder, subjects[0].permissions_boundary
        assert holder is not None
        numbers = [self._number(subject.document) for subject in subjects]
        everything = [*numbers, *(() if boundary is None else (self._number(boundary),))]
        if not all(self._known[number] for number in everything):
            return [None] * len(subjects)
        # Control policies are the same for all, and may tell one from another all the same.
        controls = [self._number(document) for document in subjects[0].others[len(subjects) - 1 :]]
        tells = any(self._telling[number] for number in everything)
        tells = tells or any(self._telling[number] or not self._known[number] for number in controls)
        whole = (tuple(everything), len(numbers), _who(holder, tells=tells))
        person = self._numbers.setdefault(_person(holder), len(self._numbers))
        together = self._numbers.setdefault(whole, len(self._numbers))
        documents = (*(subject.document for subject in subjects), *(() if boundary is None else (boundary,)))
        stand = tuple((document.logical_id, document.path) for document in documents)
        found: list[Meaning | None] = []
        for index, number in enumerate(numbers):
            # One may say what another of them says, and what is found of it is shown at its own place.
            places = self._numbers.setdefault(("stand", index, stand), len(self._numbers))
            found.append(Meaning(number, together, subjects[0].partition, places, person))
        return found

    def _number(self, document: Document) -> int:
        said = content(document)
        found = self._numbers.setdefault(said, len(self._numbers))
        if found not in self._known:
            statements = document.policy.statements
            self._known[found] = not document.guards and all(map(is_known, statements))
            self._telling[found] = any(map(_tells_names, statements))
        return found

    def settle(self, prover: Prover, index: int, meaning: Meaning | None) -> Outcome:
        """
        The answer about one Allow statement.

        Args:
            meaning: of the policy; None where it is to be found for this one alone.
        """
        try:
            return self._looked_for(prover, index) if meaning is None else self._settled(prover, index, meaning)
        except BudgetReached as reached:
            return cut_short(reached)

    def _settled(self, prover: Prover, index: int, meaning: Meaning) -> Outcome:
        key = (prover.inquiry.ident, meaning.policy, meaning.together, meaning.partition, index)
        # Of the very same policy rather than of another one that says the same.
        answer = self._answers.get((*key, meaning.places)) or self._answers.get(key)
        found = None if answer is None else self._of_another(answer, prover, index, meaning)
        if found is None:
            sent = (prover.inquiry.ident, meaning.policy, meaning.person, meaning.partition, index)
            known = self._requests.get(sent)
            found = None if known is None else self._by_request(known, prover, index)
            if found is None:
                found = self._looked_for(prover, index)
            if isinstance(found, Refutation):
                self._requests[sent] = _Answer(prover, found, meaning.places)
        answer = _Answer(prover, found, meaning.places)
        self._answers.setdefault(key, answer)
        self._answers.setdefault((*key, meaning.places), answer)
        return found

    def _looked_for(self, prover: Prover, index: int) -> Outcome:
        spend(_LOOKED_FOR)
        return prover.settle(index)

    def rests(self, asked: IdentityProperty, prover: Callable[[], Prover], meaning: Meaning | None) -> tuple[str, ...]:
        """What a proof rests on."""
        if meaning is None:
            return tuple(assumptions(asked, prover(), certify=True))
        key = (asked.ident, meaning)
        if key not in self._rests:
            self._rests[key] = tuple(assumptions(asked, prover(), certify=True))
        return self._rests[key]

    def _of_another(self, answer: _Answer, prover: Prover, index: int, meaning: Meaning) -> Outcome | None:
        """The answer about a policy of another holder; None where it is to be looked for."""
        if answer.places != meaning.places:
            return self._of_other_policies(answer, prover, index)
        holder = prover.subject.holder
        assert holder is not None
        # The very same policies: what is shown of the first is shown for all, and one replay tells that they are alike.
        who = (prover.inquiry.ident, meaning.together, holder.kind, holder.logical_id, holder.path)
        if who in self._replayed:
            return answer.outcome
        found = self._of_other_policies(answer, prover, index)
        if isinstance(found, Refutation):
            self._replayed.add(who)
        return found

    def _of_other_policies(self, answer: _Answer, prover: Prover, index: int) -> Outcome | None:
        """The same for policies that say the same, and may stand elsewhere."""
        if isinstance(answer.outcome, Undecided):
            return answer.outcome
        wanted = prover.inquiry.direction is Direction.WANTED
        if isinstance(answer.outcome, Proof):
            # Why nobody can use a statement is shown by what this holder may send.
            return None if wanted else answer.outcome
        if answer.outcome.question.afterwards is not None or answer.outcome.left:
            # What follows from the request is said of policies that this holder may not have.
            return None
        before, subject = answer.prover.subject, prover.subject
        statement = subject.policy.statements[index]
        if before.holder == subject.holder:
            # All that this one holds has been asked; only the place of the policy is another.
            asked = answer.outcome.request
            return refutation_by(decide(subject.policy, asked), statement, answer.outcome.question, asked)
        spend(_REPLAYED * (len(subject.others) + 1))
        for question in prover.inquiry.questions(subject, index):
            if question.about == answer.outcome.about:
                request = self._sent_by(answer.outcome.request, answer.outcome.question, before, question, subject)
                return None if request is None else replay(subject, statement, question, request)
        return None

    def _by_request(self, known: _Answer, prover: Prover, index: int) -> Refutation | None:
        """
        The refutation by the request that another holder sends who has the same policy beside others; None where this
        one does not send it, or where something graver may be found.
        """
        subject, before = prover.subject, known.outcome
        if not isinstance(before, Refutation) or before.parameters or not is_decidable(subject):
            return None
        spend(_REPLAYED * (len(subject.others) + 1))
        # Nothing comes before what is asked first.
        asked = next(iter(prover.inquiry.questions(subject, index)), None)
        if asked is None or not _asks_the_same(asked, before.question):
            return None
        request = self._sent_by(before.request, before.question, known.prover.subject, asked, subject)
        return None if request is None else replay(subject, subject.policy.statements[index], asked, request)

    def _sent_by(
        self, request: Request, question: Question, before: Subject, asked: Question, subject: Subject
    ) -> Request | None:
        """The same request, sent by another holder; None where it may be about the name of either."""
        one = self._caller(request, question, before)
        other = self._caller(request, asked, subject)
        if one is None or other is None or one != request.caller:
            return None
        if one == other:
            return request
        follows = caller_context(one)
        if any(request.context.get(key) != value for key, value in follows.items()):
            return None
        names = {one.arn.rpartition("/")[2], other.arn.rpartition("/")[2]}
        if request.resource == one.arn:
            request = request._replace(resource=other.arn)
        elif names & set(_TOKENS.split(request.resource)):
            return None
        return request._replace(caller=other, context={**request.context, **caller_context(other)})

    def _caller(self, request: Request, question: Question, subject: Subject) -> Caller | None:
        """The caller of a question that reads best, of the kind of one that was found."""
        spaces = [region.space for region in question.regions if region.space.kind == request.caller.kind]
        if not spaces or subject.holder is None:
            return None
        key = (subject.holder.kind, str(subject.holder.arn), request.resource, spaces[0].key)
        if key not in self._callers:
            self._callers[key] = _holding_caller(request, spaces[0], subject)
        return self._callers[key]


def _asks_the_same(question: Question, other: Question) -> bool:
    """Whether two questions are about the same requests, but for who sends these, and about nothing that follows."""
    both = (question, other)
    return all(one.afterwards is None for one in both) and _whoever_sends(question) == _whoever_sends(other)


def _whoever_sends(question: Question) -> tuple[object, ...]:
    """What a question is about, whoever sends it; what is left out of that is left to its predicate."""
    return (
        question.about,
        *(
            (
                region.space.key,
                tuple(one for one in region.constraints if one[0] != "caller"),
                tuple(space.key for space in region.also),
            )
            for region in question.regions
        ),
    )


def _who(holder: Holder, *, tells: bool) -> tuple[object, ...]:
    """Who holds something, without the name where nothing tells names apart."""
    groups = tuple(membership.group for membership in holder.groups)
    return (holder.logical_id, str(holder.name), str(holder.arn)) if tells else (), groups, *_person(holder)


def _person(holder: Holder) -> tuple[object, ...]:
    """What a request says of who sends it, but for the name, which is the sender's own in each."""
    return holder.kind, _shape(holder.arn), holder.tags, holder.has_key, holder.has_password


def _shape(arn: Text) -> tuple[object, ...]:
    """An ARN without the name that ends it, and without a name that CloudFormation makes."""
    if isinstance(arn, str):
        return ("known", arn.rpartition("/")[0])
    *first, last = arn.parts
    ending = last.rpartition("/")[0] if isinstance(last, str) else last
    return (
        "open",
        *(("made",) if isinstance(p, Symbol) and p.holds == GENERATED_NAME else p for p in (*first, ending)),
    )


def _tells_names(statement: Statement) -> bool:
    """Whether what a statement says may be another thing for a user, group or role of another name."""
    return _tells_placeless(placeless(statement))


@lru_cache(maxsize=512)
def _tells_placeless(statement: Statement) -> bool:
    """The same of one that stands nowhere: a policy of AWS is attached everywhere, and says a thousand things."""
    keys = [condition.key.lower() for condition in statement.conditions]
    if any(key.startswith(_TELLING) and not key.startswith(_NOT_TELLING) for key in keys):
        return True
    if any("${" in str(text) for text, _ in texts(statement)):
        return True
    entries = {*(statement.resources or ()), *(statement.not_resources or ())}
    return any(_names_one(str(entry)) for entry in entries)


def _names_one(entry: str) -> bool:
    """
    Whether an entry of Resource may match what has one name, and not what has another one in its place.

    The path of a user may have colons, so a wildcard before what an ARN names may reach into that.
    """
    *head, named = entry.split(":", _COLONS)
    if len(head) < _COLONS:
        return entry != "*"
    if head[_SERVICE] != "iam" and not set("".join(head[: _SERVICE + 1])) & _WILDCARDS:
        return False
    type_, _, rest = named.partition("/")
    if named == "*" or (rest == "*" and not set(type_) & _WILDCARDS):
        return False
    return type_ in _NAMED or bool(set(type_) & _WILDCARDS) or bool(set("".join(head)) & _WILDCARDS)


def _holding_caller(request: Request, space: RequestSpace, subject: Subject) -> Caller | None:
    values = space.domain("caller")
    for dimension, held in held_by(subject):
        if dimension == "caller":
            values = values & held
    return None if values.is_empty else caller_of({"caller": values}, space, (subject.account,), request.resource)
