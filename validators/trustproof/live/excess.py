"""
What some policies allow and others do not: decided for every request, with one request to show.

The question needs no search of its own. An Allow of the first is asked with the Allows of the others turned into
Denies: what is found is granted by none of them. Then it is asked within the Denies of the others turned into Allows:
what is found is allowed by the first, and stopped there. Closed on both sides, the first allow nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trustproof.aws.condition_keys import CREDENTIAL_ACTIONS, SET_CONTEXT, SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof.engine.query import Compiled, ask
from trustproof.engine.region import Closed, Found, Region
from trustproof.engine.request_space import request_space
from trustproof.engine.witness import build
from trustproof.model.document import TRUST
from trustproof.model.policy import ALLOW, DENY, Policy
from trustproof.model.request import (
    ANONYMOUS,
    CREDENTIALS,
    FEDERATED_USER,
    SAML,
    SERVICE,
    WEB_IDENTITY,
    Request,
)
from trustproof.sets.automata import BudgetReached
from trustproof.spec.decision import EXPLICIT_DENY, decide
from trustproof.spec.realism import impossibilities

#: Callers without identity policies.
_WITHOUT_IDENTITY = (SERVICE, SAML, WEB_IDENTITY, ANONYMOUS, FEDERATED_USER)
_TRUST_ACTIONS = (*CREDENTIAL_ACTIONS, TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT)


@dataclass(frozen=True)
class Excess:
    """
    Requests that the first policies allow and the others do not.

    Args:
        request: one of them, replayed by the evaluator; None where none was found.
        doubts: why it is not known whether there is one; empty where it is.
    """

    request: Request | None = None
    doubts: tuple[str, ...] = ()


def excess(
    first: Sequence[Policy], others: Sequence[Policy], *, kind: str, account: str, partition: str, resource: str = "*"
) -> Excess:
    """
    What policies allow that others do not; the policies of either side stand together on one identity or resource.

    Args:
        first: policies of one side, concrete.
        others: policies of the other side, concrete.
        kind: `trust`, `resource` or `identity`: who may be the caller follows from it.
        account: tried first as the caller's account, where a request is shown.
        partition: of the resource.
        resource: what the request shown is about, where the policies say nothing of it.
    """
    sides = _Sides(first, others, account, resource)
    doubts: list[str] = []
    for caller in _callers(kind):
        for action in _TRUST_ACTIONS if kind == TRUST else ("",):
            region = Region(request_space(caller, action.lower(), partition))
            for number, index in sides.allows():
                found = sides.search(number, index, region)
                if isinstance(found, Request):
                    return Excess(found)
                doubts += found
    return Excess(None, tuple(dict.fromkeys(doubts)))


def _callers(kind: str) -> Iterable[str]:
    return CREDENTIALS if kind != "identity" else [one for one in CREDENTIALS if one not in _WITHOUT_IDENTITY]


class _Sides:
    """The two sides of a comparison, compiled once."""

    def __init__(self, first: Sequence[Policy], others: Sequence[Policy], account: str, resource: str) -> None:
        self._first = first
        self._others = others
        self._account = account
        self._resource = resource
        self._compiled = [Compiled(policy) for policy in first]
        self._granting = [Compiled(flipped) for policy in others if (flipped := _flipped(policy, ALLOW)).statements]
        self._denying = [Compiled(flipped) for policy in others if (flipped := _flipped(policy, DENY)).statements]

    def allows(self) -> list[tuple[int, int]]:
        """Every Allow of the first side: the number of the policy, and the index in it."""
        return [(number, index) for number, one in enumerate(self._compiled) for index in one.allow_indices]

    def search(self, number: int, index: int, region: Region) -> Request | list[str]:
        """A request that one Allow lets in and the other side does not; else why it is not known, if it is not."""
        doubts: list[str] = []
        siblings = [one for place, one in enumerate(self._compiled) if place != number]
        for limit in (None, *self._denying):
            others = (*siblings, *(self._granting if limit is None else ()))
            try:
                found = ask(
                    self._compiled[number],
                    region,
                    index,
                    others=others,
                    permissions_boundary=limit,
                    accounts=(self._account,),
                    resource=self._resource,
                )
            except BudgetReached as reached:
                doubts.append(f"budget reached: {reached.name} ({reached.limit})")
                continue
            if isinstance(found, Closed):
                continue
            request = self._replayed(found)
            if request is not None:
                return request
            doubts += found.notes or ("a difference was found that the evaluator does not confirm",)
        return doubts

    def _replayed(self, found: Found) -> Request | None:
        request = build(found, accounts=(self._account,), resource=self._resource)
        if impossibilities(request):
            return None
        return request if _allowed(self._first, request) and not _allowed(self._others, request) else None


def _flipped(policy: Policy, effect: str) -> Policy:
    """The statements of one effect, with the other effect."""
    other = DENY if effect == ALLOW else ALLOW
    statements = tuple(one._replace(effect=other) for one in policy.statements if one.effect == effect)
    return policy._replace(statements=statements)


def _allowed(policies: Sequence[Policy], request: Request) -> bool:
    decisions = [decide(policy, request) for policy in policies]
    if any(decision.outcome == EXPLICIT_DENY for decision in decisions):
        return False
    return any(decision.allowed for decision in decisions)
