"""
Policies that stand together, where they stand, and what the evaluator says of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from trustproof.engine.domains import Values
from trustproof.model.document import IDENTITY
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
from trustproof.proving.units import Unit, units
from trustproof.sets.strings import StringSet
from trustproof.spec.decision import EXPLICIT_DENY, decide

#: Callers without identity policies.
_WITHOUT_IDENTITY = (SERVICE, SAML, WEB_IDENTITY, ANONYMOUS, FEDERATED_USER)


class Side(NamedTuple):
    """
    Policies that stand together on one identity or resource.
    """

    policies: tuple[Policy, ...]
    #: What limits them; None without a limit.
    permissions_boundary: Policy | None = None


class Scene(NamedTuple):
    """
    Where the policies of both sides stand.
    """

    #: `TRUST`, `RESOURCE` or `IDENTITY`: who may be the caller follows from it.
    kind: str
    #: Tried first as the caller's account, where a request is shown.
    account: str
    #: Of the resource.
    partition: str
    #: What the request shown is about, where the policies say nothing of it.
    resource: str = "*"
    #: The kinds of caller that there may be; None for those that such a policy may be about.
    callers: tuple[str, ...] | None = None
    #: What is known of every request: condition keys, lower-cased, with their values, and values of dimensions.
    known_keys: tuple[tuple[str, str], ...] = ()
    constraints: tuple[tuple[str, Values], ...] = ()
    #: What is known by who calls, services aside: each request meets all constraints of one of these, or there is none.
    by_caller: tuple[tuple[tuple[str, Values], ...], ...] = ()

    def is_for_every_caller(self, action: str) -> bool:
        """Whether nothing that is known by who calls keeps an action from anybody."""
        known = [one for part in self.by_caller for one in part if one[0] != "caller"]
        sets = [values.present for dimension, values in known if dimension == "action"]
        return len(sets) == len(known) and all(isinstance(s, StringSet) and action.lower() in s for s in sets)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of caller to ask about."""
        if self.callers is not None:
            return self.callers
        without = _WITHOUT_IDENTITY if self.kind == IDENTITY else ()
        return tuple(one for one in CREDENTIALS if one not in without)


def allows(side: Side, request: Request) -> bool:
    """
    Whether policies that stand together let a request in, by the evaluator.

    Raises:
        ValueError: something in them is known only when it is deployed.
    """
    limit = side.permissions_boundary
    decisions = [decide(policy, request) for policy in side.policies]
    if any(decision.outcome == EXPLICIT_DENY for decision in decisions):
        return False
    return any(decision.allowed for decision in decisions) and (limit is None or decide(limit, request).allowed)


def denies(side: Side, request: Request) -> bool:
    """Whether one of the policies that stand together denies a request explicitly, by the evaluator."""
    return any(decide(only(policy, DENY), request).outcome == EXPLICIT_DENY for policy in side.policies)


def same(first: Side, others: Side) -> bool:
    """Whether two sides are written alike, but for order, lists and spelling: then they mean the same."""
    return _written(first.policies) == _written(others.policies) and same_limit(
        first.permissions_boundary, others.permissions_boundary
    )


def same_limit(first: Policy | None, other: Policy | None) -> bool:
    """The same of what limits them."""
    if first is None or other is None:
        return first is other
    return _written([first]) == _written([other])


def _written(policies: Iterable[Policy]) -> frozenset[Unit]:
    return frozenset(unit for policy in policies for effect in (ALLOW, DENY) for unit in all_units(policy, effect))


def all_units(policy: Policy, effect: str) -> Iterator[Unit]:
    """The units of the statements of one effect."""
    return (unit for statement in policy.statements if statement.effect == effect for unit in units(policy, statement))


def only(policy: Policy, effect: str) -> Policy:
    """The policy with its statements of one effect alone."""
    return policy._replace(statements=tuple(one for one in policy.statements if one.effect == effect))


def with_other_effect(policy: Policy, effect: str) -> Policy:
    """The statements of one effect, with the other effect."""
    other = DENY if effect == ALLOW else ALLOW
    return policy._replace(statements=tuple(one._replace(effect=other) for one in only(policy, effect).statements))
