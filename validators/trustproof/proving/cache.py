"""
Answers that were found before: policies that say the same are searched once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trustproof.engine.allowance import spend
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Principal
from trustproof.model.query import is_concrete
from trustproof.model.text import Text
from trustproof.properties.question import Direction, Refutation, Subject
from trustproof.proving.answers import Proof, Undecided, cut_short
from trustproof.proving.prover import Prover
from trustproof.proving.witnesses import Witnesses
from trustproof.sets.search import BudgetReached

#: Policies that are remembered at a time; a run over thousands of templates meets the same few again and again.
MAX_POLICIES = 10_000
#: Units of an allowance that a refutation costs to say, but the first of a policy: its remedy is tried.
_WORDED = 2_000


class CachedProof(NamedTuple):
    """
    The answers of one property about one policy.
    """

    #: Index of each Allow statement, and the answer about it.
    outcomes: tuple[tuple[int, Proof | Refutation | Undecided], ...]
    #: What the proof rests on, where the property is proved.
    rests: tuple[str, ...]


def within_allowance(
    outcomes: Iterable[tuple[int, Proof | Refutation | Undecided]],
) -> Iterator[tuple[int, Proof | Refutation | Undecided]]:
    """The answers about the statements of one policy; open where nothing is left to say why one is refuted."""
    is_refuted = False
    for index, outcome in outcomes:
        if isinstance(outcome, Refutation):
            try:
                if is_refuted:
                    spend(_WORDED)
            except BudgetReached as reached:
                yield index, cut_short(reached)
                continue
            is_refuted = True
        yield index, outcome


class ProofCache:
    """
    What has been settled about policies that say the same.

    Args:
        concrete: whether everything in them is known: else whether they are there may depend on the deployment.
        witnesses: requests that get through policies that say the same in whatever account; None where none are kept.
    """

    __slots__ = ("_cached", "_concrete", "_declaring", "_witnesses", "minded", "trials")

    def __init__(self, *, concrete: bool, witnesses: Witnesses | None = None) -> None:
        self._concrete = concrete
        self._witnesses = witnesses
        self._cached: dict[tuple[str, Text | None], CachedProof] = {}
        #: By who is taken for ours besides, what is asked and the statement.
        self._declaring: dict[tuple[object, ...], Proof | Refutation] = {}
        #: What has been tried out of changes of them in which everything is known.
        self.trials: dict[tuple[object, ...], bool] = {}
        #: By what is asked and the statement: whether it is refuted of each of its principals alone.
        self.minded: dict[tuple[object, ...], dict[Principal, bool]] = {}

    def get(self, prover: Prover) -> CachedProof | None:
        """The answers, requests replayed against the policy at hand; None where they are still to be found."""
        ident = prover.inquiry.ident
        cached = self._cached.get((ident, None))
        if cached is None and self._is_wherever_it_stands(prover.subject):
            cached = self._cached.get((ident, _resource(prover)))
        if cached is None or prover.inquiry.direction is Direction.WANTED:
            return cached
        outcomes: list[tuple[int, Proof | Refutation | Undecided]] = []
        for index, outcome in cached.outcomes:
            found = prover.again(outcome, index) if isinstance(outcome, Refutation) else outcome
            if found is None:
                return None
            outcomes.append((index, found))
        return cached._replace(outcomes=tuple(outcomes))

    def put(self, prover: Prover, cached: CachedProof) -> None:
        """Keep answers, if they are as good for another policy that says the same."""
        inquiry = prover.inquiry
        wanted = inquiry.direction is Direction.WANTED
        # A whole account of small policies would be kept with all its searches, which nobody asks for any more.
        outcomes = tuple((index, _without_searches(outcome, wanted)) for index, outcome in cached.outcomes)
        cached = cached._replace(outcomes=outcomes)
        is_open = any(isinstance(outcome, Undecided) for _, outcome in cached.outcomes)
        if not is_open and all(isinstance(outcome, Refutation) is wanted for _, outcome in cached.outcomes):
            self._cached[inquiry.ident, None] = cached
        elif not wanted and self._is_wherever_it_stands(prover.subject):
            self._cached[inquiry.ident, _resource(prover)] = cached

    def settle(self, prover: Prover, index: int) -> Proof | Refutation | Undecided:
        """
        The answer about a statement: where a request is wanted, by one that was found in another account.

        Args:
            prover: of the policy as it stands, which checks no proof again.
        """
        if self._witnesses is None or prover.inquiry.direction is not Direction.WANTED:
            return prover.settle(index)
        return self._witnesses.settle(prover, index)

    def declaring(self, prover: Prover, index: int, named: tuple[object, ...]) -> Proof | Refutation | Undecided:
        """
        The answer about a statement where somebody is taken for ours besides, found before or settled now.

        Args:
            prover: has the configuration that declares them.
            named: who is declared.
        """
        if not self._is_wherever_it_stands(prover.subject):
            return prover.settle(index)
        key = (prover.inquiry.ident, index, named, _resource(prover))
        known: Proof | Refutation | Undecided | None = self._declaring.get(key)
        if isinstance(known, Refutation):
            known = prover.again(known, index)
        if known is not None:
            return known
        found = prover.settle(index)
        if not isinstance(found, Undecided):
            # A whole account of small policies would be kept with all its searches.
            self._declaring[key] = found._replace(closed=()) if isinstance(found, Proof) else found
        return found

    def _is_wherever_it_stands(self, subject: Subject) -> bool:
        """Whether nothing but what the policy says decides in which deployments it is there."""
        return self._concrete or not subject.document.guards


def _without_searches(outcome: Proof | Refutation | Undecided, wanted: bool) -> Proof | Refutation | Undecided:
    """An answer without where it was searched for; why nobody can use a statement is read from that."""
    if isinstance(outcome, Proof):
        return outcome if wanted else outcome._replace(closed=())
    if isinstance(outcome, Refutation) and wanted:
        return outcome._replace(question=outcome.question._replace(regions=(), larger=None))
    return outcome


def _resource(prover: Prover) -> Text | None:
    """What a refuting request is bound to, besides what the policy says; a trust policy leaves it open."""
    document = prover.subject.document
    if document.kind == TRUST:
        return None
    return document.resource_arn if isinstance(document.resource_arn, str) else "*"


class Proofs:
    """
    The answers of one run, by what the policies say.

    A policy in which everything is known means the same in every template. What is proved of any other may rest on the
    parameters and conditions of its template, and is kept for that alone.
    """

    def __init__(
        self,
        shared: dict[tuple[object, ...], ProofCache] | None = None,
        units: int = 0,
        *,
        template_units: int = 0,
    ) -> None:
        #: What each part of the work on a template may cost; 0 for all that one may have that is alone.
        self.template_units = template_units
        #: What the searches about one policy may cost: with more, what was undecided may be decided.
        self.units = units
        self._shared = {} if shared is None else shared
        self._own: dict[tuple[object, ...], ProofCache] = {}
        self._witnesses: dict[tuple[object, ...], Witnesses] = {}

    def for_template(self, units: int) -> Proofs:
        """The same answers, for the next template, where each policy has so many units of work."""
        following = Proofs(self._shared, units, template_units=self.template_units)
        following._witnesses = self._witnesses
        return following

    def about(self, subject: Subject, units: int | None = None) -> ProofCache:
        """
        What has been settled of policies that say the same on the same kind of resource.

        Args:
            units: what the searches for it may cost, where that is another part than each policy has: what another
                template has settled with less, or with more, is none of it.
        """
        document = subject.document
        concrete = is_concrete(document.policy)
        wherever = (
            self.units if units is None else units,
            document.kind,
            document.resource_type,
            subject.account_known,
            subject.accounts_apart,
            subject.partition,
            subject.organization,
            document.kept_private,
            document.in_vpc,
            document.signed_only,
            document.method_types,
            document.region,
            content(document),
        )
        key = (subject.account, wherever)
        known = self._shared if concrete else self._own
        if key in known:
            return known[key]
        if len(known) >= MAX_POLICIES:
            known.clear()
            self._witnesses.clear()
        # Who gets into a role is asked of its own policy alone, and of each account as if there were no other.
        witnesses = None
        if concrete and document.kind == TRUST:
            # A provider of the account is named with it, and is another one in each.
            said = _without_account(wherever, subject.account)
            witnesses = self._witnesses.setdefault(said, Witnesses())
        known[key] = ProofCache(concrete=concrete, witnesses=witnesses)
        return known[key]


def _without_account(said: tuple[object, ...], account: str) -> tuple[object, ...]:
    """What a policy says, with the account that it stands in left out of all texts."""
    return tuple(
        one.replace(account, "")
        if isinstance(one, str)
        else _without_account(one, account)
        if isinstance(one, tuple)
        else one
        for one in said
    )


def content(document: Document) -> tuple[object, ...]:
    """What a policy says, wherever it stands, as far as it does not speak of where it stands."""
    statements = tuple(
        (
            s.effect,
            s.principals,
            s.not_principals,
            s.actions,
            s.not_actions,
            s.resources,
            s.not_resources,
            tuple((c.operator, c.key, c.operands) for c in s.conditions),
            s.sid,
            s.unreadable,
            s.guards,
        )
        for s in document.policy.statements
    )
    named = any(s.resources is not None or s.not_resources is not None for s in document.policy.statements)
    return document.policy.version, statements, document.resource_arn if named else None, document.resource_tags
