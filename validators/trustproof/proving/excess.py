"""
What some policies allow and others do not: decided for every request, with one request to show.

The question needs no search of its own. An Allow of the first is asked with the Allows of the others turned into
Denies: what is found is granted by none of them. Then it is asked within the Denies of the others turned into Allows:
what is found is allowed by the first, and stopped there. Closed on both sides, the first allow nothing more.

What is written alike on both sides is not searched. That leaves less to do, and it is sound also where a value is not
known that both have: an Allow of the first that the others have too is granted by them, whatever it says, and a Deny of
the others that the first have too stops nothing that these allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from trustproof.aws.condition_keys import CREDENTIAL_ACTIONS, SET_CONTEXT, SET_SOURCE_IDENTITY, TAG_SESSION
from trustproof.aws.examples import GRAVE_ACTIONS
from trustproof.engine.domains import Values, text
from trustproof.engine.operands import action_pattern
from trustproof.engine.query import Compiled, ask
from trustproof.engine.region import Closed, Found, Region
from trustproof.engine.request_space import request_space
from trustproof.engine.witness import build, neighbours
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.policy import ALLOW, DENY, Policy, Statement
from trustproof.model.request import (
    ANONYMOUS,
    CREDENTIALS,
    FEDERATED_USER,
    SAML,
    SERVICE,
    WEB_IDENTITY,
    Request,
)
from trustproof.properties.regions import may_name
from trustproof.proving.likely_requests import gravest
from trustproof.proving.units import Unit, left_of, uncovered_units, units
from trustproof.sets.patterns import exact, matches
from trustproof.sets.search import BudgetReached
from trustproof.spec.decision import EXPLICIT_DENY, decide
from trustproof.spec.realism import impossibilities, may_call

#: Callers without identity policies.
_WITHOUT_IDENTITY = (SERVICE, SAML, WEB_IDENTITY, ANONYMOUS, FEDERATED_USER)
#: What nobody calls by itself: parts of a call for credentials, which a trust policy has to allow besides.
_PARTS = (TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT)
_TRUST_ACTIONS = (*CREDENTIAL_ACTIONS, *_PARTS)
_UNCONFIRMED = "a difference was found that the evaluator does not confirm"


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

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of caller to ask about."""
        if self.callers is not None:
            return self.callers
        without = _WITHOUT_IDENTITY if self.kind == IDENTITY else ()
        return tuple(one for one in CREDENTIALS if one not in without)


class Excess(NamedTuple):
    """
    What one Allow statement lets in and the other side does not.
    """

    #: As it is written.
    statement: Statement
    #: Of the policy that has it, on its side.
    policy: int
    #: One for each kind of caller that gets in, replayed by the evaluator; empty where none was found.
    requests: tuple[Request, ...] = ()
    #: Why it is not known whether there are more; empty where it is.
    doubts: tuple[str, ...] = ()


def first_excess(first: Side, others: Side, scene: Scene) -> Request | tuple[str, ...]:
    """A request that one side allows and the other does not; else why it is not known, empty where there is none."""
    doubts: list[str] = []
    for found in excess(first, others, scene, all_callers=False):
        if found.requests:
            return found.requests[0]
        doubts += found.doubts
    return tuple(dict.fromkeys(doubts))


def first_denied(first: Side, others: Side, scene: Scene) -> Request | tuple[str, ...]:
    """
    A request that one side denies explicitly and the other does not; else why it is not known, empty where there is
    none.

    Beside policies that allow, such as those of another principal or of the resource, this decides, also where nothing
    on either side allows the request.
    """
    doubts: list[str] = []
    denied = _of_denies(first), _of_denies(others)
    for found in excess(*denied, scene, all_callers=False, whole_calls=False):
        for request in found.requests:
            if denies(first, request) and not denies(others, request):
                return request
        doubts += found.doubts or ((_UNCONFIRMED,) if found.requests else ())
    return tuple(dict.fromkeys(doubts))


def denies(side: Side, request: Request) -> bool:
    """Whether one of the policies that stand together denies a request explicitly, by the evaluator."""
    return any(decide(policy, request).outcome == EXPLICIT_DENY for policy in side.policies)


def _of_denies(side: Side) -> Side:
    """What a side denies, as if it were allowed."""
    return Side(tuple(_flipped(policy, DENY) for policy in side.policies))


def excess(
    first: Side, others: Side, scene: Scene, *, all_callers: bool = True, whole_calls: bool = True
) -> Iterator[Excess]:
    """
    What the Allow statements of one side let in and the other side does not; nothing where there is surely nothing.

    Args:
        first: may have values that are not known: then nothing is replayed, and what is not closed is a doubt.
        others: likewise; what both do not know by the same name is the same.
        all_callers: whether a request is wanted for every kind of caller, and not the first one only.
        whole_calls: whether what is a part of another call counts only where that call is let in, too.
    """
    comparison = _Comparison(first, others, scene, whole_calls=whole_calls)
    for number, statement, asked in comparison.questions():
        requests: list[Request] = []
        doubts: list[str] = []
        for caller in scene.kinds:
            found = comparison.caller(caller, number, asked)
            if isinstance(found, Request):
                requests.append(found)
                if not all_callers:
                    break
            else:
                doubts += found
        if requests or doubts:
            yield Excess(statement, number, tuple(requests), tuple(dict.fromkeys(doubts)))


class _Asked(NamedTuple):
    """
    One question about some Allow statements.
    """

    policy: Compiled
    #: Policies whose Denies count too.
    others: tuple[Compiled, ...]
    #: What must let the request in besides; None without such a policy.
    within: Compiled | None


class _Comparison:
    """
    The two sides, with what is left to ask.
    """

    def __init__(self, first: Side, others: Side, scene: Scene, *, whole_calls: bool) -> None:
        self._first, self._others, self._scene = first, others, scene
        self._parts = _PARTS if whole_calls else ()
        self._boundary = None if first.permissions_boundary is None else Compiled(first.permissions_boundary)
        self._denying = [Compiled(_only(policy, DENY)) for policy in first.policies]
        self._granting = _compiled(_flipped(policy, ALLOW) for policy in others.policies)
        self._stopping = list(_compiled(_more_denies(first, others.policies)))
        #: Of the limit of the others: what it grants, turned into Denies.
        self._limit: tuple[Compiled, ...] | None = None
        limit = others.permissions_boundary
        if limit is not None and not _same_limit(first.permissions_boundary, limit):
            self._limit = _compiled([_flipped(limit, ALLOW)])
            self._stopping += _compiled([_flipped(limit, DENY)])

    def questions(self) -> Iterator[tuple[int, Statement, list[_Asked]]]:
        """What is to be asked about each Allow statement of the first side that is not on the other side as well."""
        there = [unit for policy in self._others.policies for unit in _all_units(policy, ALLOW)]
        for number, policy in enumerate(self._first.policies):
            # Their own Denies are asked about with the policy itself.
            siblings = tuple(one for place, one in enumerate(self._denying) if place != number)
            for statement in policy.statements:
                if statement.effect != ALLOW:
                    continue
                own = units(policy, statement)
                left = uncovered_units(own, there)
                asked: list[_Asked] = []
                if left:
                    rest = _beside_denies(policy, left_of(statement, own, left))
                    asked.append(_Asked(rest, (*siblings, *self._granting), None))
                if self._stopping or self._limit is not None:
                    whole = _beside_denies(policy, (statement,))
                    if self._limit is not None:
                        asked.append(_Asked(whole, (*siblings, *self._limit), None))
                    asked += [_Asked(whole, siblings, stop) for stop in self._stopping]
                if asked:
                    yield number, statement, asked

    def caller(self, caller: str, number: int, asked: Sequence[_Asked]) -> Request | list[str]:
        """A request of a kind of caller; else why it is not known, if it is not."""
        doubts: list[str] = []
        scene = self._scene
        trusted = tuple(action for action in _TRUST_ACTIONS if may_call(caller, action))
        for action in trusted if scene.kind == TRUST else ("",):
            space = request_space(
                caller,
                action,
                scene.partition,
                own_name=scene.kind == IDENTITY,
                known_keys=scene.known_keys,
            )
            region = Region(space, scene.constraints)
            for one in self._within_a_call(caller, action, asked):
                for index in one.policy.allow_indices:
                    found = self._search(one, index, region)
                    if isinstance(found, Request):
                        return found
                    doubts += found
        return doubts

    def _within_a_call(self, caller: str, action: str, asked: Sequence[_Asked]) -> Sequence[_Asked]:
        """
        The questions about an action, for one that is a part of another call: where that call is let in as well.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
        """
        if action not in self._parts:
            return asked
        calls = tuple(one for one in CREDENTIAL_ACTIONS if may_call(caller, one))
        found = [_as_action(one, action) for policy in self._first.policies for one in _calling(policy, calls)]
        if not found:
            return ()
        within = Compiled(Policy(tuple(found)))
        # Of what is stopped on the other side, that the call is let in is seen when a request is replayed.
        return [one if one.within is not None else one._replace(within=within) for one in asked]

    def _is_whole(self, request: Request) -> bool:
        """Whether a request that is a part of another call is let in with that."""
        if self._scene.kind != TRUST or request.action.lower() not in self._parts:
            return True
        calls = (one for one in CREDENTIAL_ACTIONS if may_call(request.caller.kind, one))
        return any(allows(self._first, request._replace(action=one)) for one in calls)

    def _search(self, asked: _Asked, index: int, region: Region) -> Request | tuple[str, ...]:
        scene = self._scene
        try:
            found = ask(
                asked.policy,
                region,
                index,
                others=asked.others,
                permissions_boundary=self._boundary,
                within=asked.within,
                accounts=(scene.account,),
                resource=scene.resource,
            )
        except BudgetReached as reached:
            return self._one_by_one(asked, index, region) or (f"budget reached: {reached.name} ({reached.limit})",)
        if isinstance(found, Closed):
            return ()
        return self._replayed(found) or found.notes or (_UNCONFIRMED,)

    def _one_by_one(self, asked: _Asked, index: int, region: Region) -> Request | None:
        """A request for one of the actions that matter most: of each of them there is less to search than of all."""
        if region.space.action or any(dimension == "action" for dimension, _ in region.constraints):
            return None
        statement = asked.policy.policy.statements[index]
        for action in (one for one in GRAVE_ACTIONS if may_name(statement, one.lower())):
            only = region._replace(constraints=(*region.constraints, ("action", text(exact(action.lower())))))
            found = self._search(asked, index, only)
            if isinstance(found, Request):
                return found
        return None

    def _replayed(self, found: Found) -> Request | None:
        likely = build(found, accounts=(self._scene.account,), resource=self._scene.resource)
        tried: list[Request] = [likely, *(neighbours(likely, found) if found.notes else ())]
        for request in tried:
            try:
                if self._is_confirmed(request):
                    return gravest(request, found, self._is_confirmed) if self._scene.kind == IDENTITY else request
            except ValueError:
                # Something is known only when it is deployed.
                return None
        return None

    def _is_confirmed(self, request: Request) -> bool:
        is_more = allows(self._first, request) and not allows(self._others, request)
        return is_more and self._is_whole(request) and not impossibilities(request)


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


def same(first: Side, others: Side) -> bool:
    """Whether two sides are written alike, but for order, lists and spelling: then they mean the same."""
    return _written(first.policies) == _written(others.policies) and _same_limit(
        first.permissions_boundary, others.permissions_boundary
    )


def _same_limit(first: Policy | None, other: Policy | None) -> bool:
    if first is None or other is None:
        return first is other
    return _written([first]) == _written([other])


def _written(policies: Iterable[Policy]) -> frozenset[Unit]:
    return frozenset(unit for policy in policies for effect in (ALLOW, DENY) for unit in _all_units(policy, effect))


def _all_units(policy: Policy, effect: str) -> Iterator[Unit]:
    return (unit for statement in policy.statements if statement.effect == effect for unit in units(policy, statement))


def _more_denies(first: Side, policies: Sequence[Policy]) -> Iterator[Policy]:
    """The Denies that the first side does not have, turned into Allows."""
    there = [unit for policy in first.policies for unit in _all_units(policy, DENY)]
    for policy in policies:
        found: list[Statement] = []
        for statement in policy.statements:
            if statement.effect == DENY:
                own = units(policy, statement)
                left = uncovered_units(own, there)
                found += left_of(statement, own, left) if left else ()
        yield _flipped(policy._replace(statements=tuple(found)), DENY)


def _compiled(policies: Iterable[Policy]) -> tuple[Compiled, ...]:
    return tuple(Compiled(policy) for policy in policies if policy.statements)


def _beside_denies(policy: Policy, allows_: Sequence[Statement]) -> Compiled:
    denies = tuple(one for one in policy.statements if one.effect == DENY)
    return Compiled(policy._replace(statements=(*allows_, *denies)))


def _only(policy: Policy, effect: str) -> Policy:
    return policy._replace(statements=tuple(one for one in policy.statements if one.effect == effect))


def _calling(policy: Policy, calls: Sequence[str]) -> Iterator[Statement]:
    """The Allow statements of a policy that may be about one of some calls."""
    for statement in policy.statements:
        if statement.effect != ALLOW:
            continue
        patterns = [one for entry in statement.actions or () for one in action_pattern(entry).larger]
        # What is not about some actions may be about any other.
        if statement.actions is None or any(matches(one, call.lower()) for one in patterns for call in calls):
            yield statement


def _as_action(statement: Statement, action: str) -> Statement:
    return statement._replace(actions=(action,), not_actions=None)


def _flipped(policy: Policy, effect: str) -> Policy:
    """The statements of one effect, with the other effect."""
    other = DENY if effect == ALLOW else ALLOW
    return policy._replace(statements=tuple(one._replace(effect=other) for one in _only(policy, effect).statements))
