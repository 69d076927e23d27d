"""
Requests that get through policies that say the same in several accounts: one that was found for a role in one account
is tried in the next, as if it were made there, before anything is searched.

Nothing is concluded from the other account: the evaluator decides the request anew, for the policy, the account and the
question at hand, and what does not get through there is searched for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trustproof.engine.allowance import current_allowance
from trustproof.model.request import Caller, ContextValue, Request
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import Prover
from trustproof.proving.replay import accounts_and_resource, is_decidable, replay


class _Witness(NamedTuple):
    """
    A request that a statement lets in.
    """

    request: Request
    #: Of the role.
    account: str
    #: What it has cost to find: whoever is spared the search has no more left for it.
    units: int


class Witnesses:
    """
    What has been found of policies that say the same, in whatever accounts they stand.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        #: By what is asked, and the index of the statement.
        self._found: dict[tuple[str, int], _Witness] = {}

    def settle(self, prover: Prover, index: int) -> Proof | Refutation | Undecided:
        """The answer about an Allow statement, by a request that is known or by one that is searched for."""
        key, allowance = (prover.inquiry.ident, index), current_allowance()
        known = self._found.get(key)
        if known is not None and (allowance is None or allowance.left >= known.units):
            found = _by_request(prover, index, known)
            if found is not None:
                if allowance is not None:
                    allowance.left -= known.units
                return found
        before = 0 if allowance is None else allowance.left
        answer = prover.settle(index)
        if isinstance(answer, Refutation) and not answer.parameters:
            # One that did not get in here gives way: in the account that a policy names, its users are at home, and
            # come from elsewhere in all others.
            units = 0 if allowance is None else before - allowance.left
            self._found[key] = _Witness(answer.request, prover.subject.account, units)
        return answer


def _by_request(prover: Prover, index: int, known: _Witness) -> Refutation | None:
    """
    The answer about a statement of a trust policy by a request that was found in another account; None where that does
    not get in here, and where more than the policy by itself decides.
    """
    subject = prover.subject
    policy, account = subject.policy, subject.account
    if subject.others or not is_decidable(subject) or any(s.guards for s in policy.statements):
        return None
    if account != known.account and any(account in text for text in _texts(known.request)):
        # Somebody from elsewhere would be of this account, and then may have other keys.
        return None
    request = _moved(known.request, known.account, account)._replace(resource=accounts_and_resource(subject)[1])
    statement = policy.statements[index]
    for question in prover.inquiry.questions(subject, index):
        found = replay(subject, statement, question, request)
        if found is not None and found.statement == statement:
            return found
    return None


def _texts(request: Request) -> Iterator[str]:
    yield from request.caller
    yield request.resource
    for value in request.context.values():
        yield from (value,) if isinstance(value, str) else value


def _moved(request: Request, account: str, to: str) -> Request:
    """A request as it would be in another account."""

    def moved(value: ContextValue) -> ContextValue:
        return (
            value.replace(account, to) if isinstance(value, str) else tuple(one.replace(account, to) for one in value)
        )

    return Request(
        Caller(*(one.replace(account, to) for one in request.caller)),
        request.action,
        request.resource.replace(account, to),
        {key: moved(value) for key, value in request.context.items()},
    )
