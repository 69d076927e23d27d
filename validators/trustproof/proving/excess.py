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

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from trustproof.aws.condition_keys import (
    CREDENTIAL_ACTIONS,
    NO_POLICY_DECIDES,
    SET_CONTEXT,
    SET_SOURCE_IDENTITY,
    TAG_SESSION,
)
from trustproof.aws.examples import GRAVE_ACTIONS
from trustproof.engine.allowance import WORK, current_allowance, spend
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.domains import not_text, text
from trustproof.engine.query import ask
from trustproof.engine.region import AllowedPart, ClosedRegion, Region
from trustproof.engine.request_space import request_space
from trustproof.engine.witness import build, neighbours
from trustproof.model.document import IDENTITY, TRUST
from trustproof.model.policy import ALLOW, DENY, Policy, Statement
from trustproof.model.request import ANONYMOUS, SERVICE, Request
from trustproof.properties.shared.regions import absent_extras, may_name
from trustproof.proving.call_parts import calls_as
from trustproof.proving.further_requests import (
    NOTHING_FURTHER,
    Further,
    FurtherQuestion,
    Part,
    Pieces,
    Question,
    Source,
)
from trustproof.proving.likely_requests import gravest, with_likely_keys
from trustproof.proving.published_actions import (
    is_about_nothing,
    is_of_unpublished,
    published_instead,
    unpublished,
)
from trustproof.proving.sides import Scene, Side, all_units, allows, only, same_limit, with_other_effect
from trustproof.proving.units import Cover, left_of, units
from trustproof.proving.variables import VariableInstantiation
from trustproof.results.result import BUDGET
from trustproof.sets.patterns import exact
from trustproof.sets.search import BudgetReached
from trustproof.spec.decision import actions_needed
from trustproof.spec.realism import impossibilities, may_call

#: What nobody calls by itself: parts of a call for credentials, which a trust policy has to allow besides.
_PARTS = (TAG_SESSION, SET_SOURCE_IDENTITY, SET_CONTEXT)
_TRUST_ACTIONS = (*CREDENTIAL_ACTIONS, *_PARTS)
#: The actions about which an identity policy says anything.
_DECIDED = (("action", not_text(*map(exact, NO_POLICY_DECIDES))),)
#: Units of an allowance for each statement of both sides: to read it, to look at it in a search (most statements are
#: about somebody else, as is seen at once), and to replay a request.
_COMPILED, _LOOKED_AT, _REPLAYED = 128, 16, 64
#: What each search costs besides, and whatever two sides are compared: of thousands of short policies, most of the time
#: goes there.
_SEARCHED, _SIDES = 120, 600
#: Why something is not known, where the search and the evaluator disagree.
UNCONFIRMED = "a difference was found that the evaluator does not confirm"


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
    #: What else is written in the statement and lets in more; where that was asked for.
    further: Further = NOTHING_FURTHER

    @property
    def request(self) -> Request:
        """The request that says most: the one that anybody could send, else the first."""
        return next((one for one in self.requests if one.caller.kind == ANONYMOUS), self.requests[0])

    def where(self, told: Callable[[Request], Request | None]) -> Excess:
        """
        The same with other requests.

        Args:
            told: what a request becomes; None where it shows nothing.
        """
        requests = [one for one in map(told, self.requests) if one is not None]
        further = [(part.piece, told(part.request)) for part in self.further.parts]
        parts = [Part(piece, request) for piece, request in further if request is not None]
        first = self.further.first
        if parts and not requests:
            (first, request), *parts = parts
            requests = [request]
        return self._replace(requests=tuple(requests), further=self.further._replace(first=first, parts=tuple(parts)))


def excess(
    first: Side,
    others: Side,
    scene: Scene,
    *,
    all_callers: bool = True,
    whole_calls: bool = True,
    in_pieces: Callable[[int, Statement], bool] = lambda policy, statement: False,
    is_asked: Callable[[int, Statement], bool] = lambda policy, statement: True,
) -> Iterator[Excess]:
    """
    What the Allow statements of one side let in and the other side does not; nothing where there is surely nothing.

    Args:
        first: may have values that are not known: then nothing is replayed, and what is not closed is a doubt.
        others: likewise; what both do not know by the same name is the same.
        all_callers: whether a request is wanted for every kind of caller, and not the first one only.
        whole_calls: whether what is a part of another call counts only where that call is let in, too.
        in_pieces: of which statements it is said piece by piece what lets in more, by the number of the policy.
        is_asked: of which statements it is said at all, likewise.
    """
    comparison = _Comparison(first, others, scene, whole_calls=whole_calls)
    allowance = current_allowance()
    if allowance is not None:
        allowance.left -= _SIDES + _COMPILED * comparison.around
    for question in (one for one in comparison.questions() if is_asked(one.policy, one.statement)):
        number, statement, asked = question.policy, question.statement, question.asked
        requests: list[Request] = []
        doubts: list[str] = []
        if allowance is not None and allowance.is_spent:
            yield Excess(statement, number, (), (_reached(BudgetReached(WORK, allowance.limit)),))
            continue
        for caller in scene.kinds:
            found = comparison.caller(caller, number, asked)
            if isinstance(found, Request):
                requests.append(found)
                if not all_callers:
                    break
            else:
                doubts += found
        if requests or doubts:
            found_here = Excess(statement, number, tuple(requests), tuple(dict.fromkeys(doubts)))
            if requests and in_pieces(number, statement):
                found_here = found_here._replace(further=comparison.pieces.further_than(question, found_here.request))
            yield found_here


def _reached(budget: BudgetReached) -> str:
    return f"{BUDGET}: {budget.name} ({budget.limit})"


class _Comparison:
    """
    The two sides, with what is left to ask.
    """

    def __init__(self, first: Side, others: Side, scene: Scene, *, whole_calls: bool) -> None:
        self._first, self._others, self._scene = first, others, scene
        self._parts = _PARTS if whole_calls else ()
        #: What a search costs besides, which looks at the statements of both sides.
        self.around: int = sum(len(policy.statements) for side in (first, others) for policy in side.policies)
        self._boundary = None if first.permissions_boundary is None else CompiledPolicy(first.permissions_boundary)
        self._denying = [CompiledPolicy(only(policy, DENY)) for policy in first.policies]
        self._granting = _compiled(with_other_effect(policy, ALLOW) for policy in others.policies)
        self._stopping = list(_compiled(_more_denies(first, others.policies)))
        self.pieces: Pieces = Pieces(first, others, scene.kinds, self._beside)
        #: Of the limit of the others: what it grants, turned into Denies.
        self._limit: tuple[CompiledPolicy, ...] | None = None
        limit = others.permissions_boundary
        if limit is not None and not same_limit(first.permissions_boundary, limit):
            self._limit = _compiled([with_other_effect(limit, ALLOW)])
            self._stopping += _compiled([with_other_effect(limit, DENY)])

    def questions(self) -> Iterator[Question]:
        """What is to be asked about each Allow statement of the first side that is not on the other side as well."""
        there = Cover(unit for policy in self._others.policies for unit in all_units(policy, ALLOW))
        for number, policy in enumerate(self._first.policies):
            # Their own Denies are asked about with the policy itself.
            siblings = tuple(one for place, one in enumerate(self._denying) if place != number)
            for statement in policy.statements:
                if statement.effect != ALLOW:
                    continue
                own = units(policy, statement)
                left = there.uncovered(own)
                asked: list[FurtherQuestion] = []
                sources: list[Source] = []
                if left:
                    rest = _beside_denies(policy, left_of(statement, own, left))
                    asked.append(FurtherQuestion(rest, (*siblings, *self._granting), None))
                    sources.append(Source(left, None, self._granting))
                if self._stopping or self._limit is not None:
                    whole = _beside_denies(policy, (statement,))
                    if self._limit is not None:
                        asked.append(FurtherQuestion(whole, (*siblings, *self._limit), None))
                        sources.append(Source(own, None, self._limit))
                    asked += [FurtherQuestion(whole, siblings, stop) for stop in self._stopping]
                    sources += [Source(own, stop.policy, ()) for stop in self._stopping]
                if asked:
                    yield Question(number, statement, asked, sources)

    def caller(self, caller: str, number: int, asked: Sequence[FurtherQuestion]) -> Request | list[str]:
        """A request of a kind of caller; else why it is not known, if it is not."""
        doubts: list[str] = []
        scene = self._scene
        constraints = (*scene.constraints, *(_DECIDED if scene.kind == IDENTITY else ()))
        trusted = tuple(action for action in _TRUST_ACTIONS if may_call(caller, action))
        for action, absent in self._calls_with(trusted) if scene.kind == TRUST else (("", ()),):
            space = request_space(
                caller,
                action,
                scene.partition,
                absent,
                own_name=scene.kind == IDENTITY,
                known_keys=scene.known_keys,
            )
            region = Region(space, constraints)
            for one in asked:
                for index in one.policy.allow_indices:
                    found = self._existing(one, index, region)
                    if isinstance(found, Request):
                        return found
                    doubts += found
        return doubts

    def _beside(self, caller: str, number: int, asked: Sequence[FurtherQuestion]) -> Request | list[str]:
        """The same beside what is said already: what a pattern gives besides by actions that AWS may add is no news."""
        found = self.caller(caller, number, asked)
        return found if isinstance(found, Request) else [one for one in found if not is_of_unpublished(one)]

    def _calls_with(self, actions: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """
        Actions, each with the condition keys that a call for it does not carry: it fails where it passes a tag or a
        source identity and the side does not let it.
        """
        absent = absent_extras(self._first.policies, self._others.policies) if self._parts else ((),)
        for action in actions:
            if action in CREDENTIAL_ACTIONS:
                yield from ((action, keys) for keys in absent)
            else:
                yield action, ()

    def _existing(self, asked: FurtherQuestion, index: int, region: Region) -> Request | tuple[str, ...]:
        """A request by an action that AWS has, unless what is written is about none of these."""
        found = self._by_caller(asked, index, region)
        if not isinstance(found, Request) or is_about_nothing(asked.policy.policy.statements[index], found.action):
            return found
        known = published_instead(found.action, self._first, self._others)
        if known is None:
            return found
        again = self._by_caller(asked, index, region._replace(constraints=(*region.constraints, ("action", known))))
        return again if isinstance(again, Request) else (*again, unpublished(found.action))

    def _by_caller(self, asked: FurtherQuestion, index: int, region: Region) -> Request | tuple[str, ...]:
        """A request that meets what is known by who calls: it is looked for again where one does not."""
        search = self._search_part if region.space.action in self._parts else self._search
        found = search(asked, index, region)
        is_split = found and self._scene.by_caller and region.space.kind != SERVICE
        if not is_split or (isinstance(found, Request) and self._scene.is_for_every_caller(found.action)):
            return found
        doubts: list[str] = []
        for constraints in self._scene.by_caller:
            found = search(asked, index, region._replace(constraints=(*region.constraints, *constraints)))
            if isinstance(found, Request):
                return found
            doubts += found
        return tuple(dict.fromkeys(doubts))

    def _search_part(self, asked: FurtherQuestion, index: int, region: Region) -> Request | tuple[str, ...]:
        """
        The same about an action that is a part of another call: where that call is let in, too, and was so before. What
        only comes with a call that is let in by now is told with that.

        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
        """
        caller, action = region.space.kind, region.space.action
        calls, before = (self._calls(side, caller, action) for side in (self._first, self._others))
        if calls is None or before is None:
            return ()
        if asked.within is not None:
            # Of what is stopped on the other side, that the call is let in is seen when a request is replayed.
            return self._search(asked, index, region)
        found = self._search(asked._replace(within=calls), index, region)
        if isinstance(found, Request) and not self._is_whole(found, self._others):
            known = self._search(asked._replace(within=before), index, region)
            if not known or (isinstance(known, Request) and self._is_whole(known, self._others)):
                return known
        return found

    def _calls(self, side: Side, caller: str, action: str) -> CompiledPolicy | None:
        """What a side says of the calls that an action is a part of, as if it said that of the action."""
        found = calls_as(side.policies, [one for one in CREDENTIAL_ACTIONS if may_call(caller, one)], action)
        return CompiledPolicy(Policy(found)) if found else None

    def _is_whole(self, request: Request, side: Side) -> bool:
        """Whether a side lets in what a request is a part of, if it is a part of another call."""
        if self._scene.kind != TRUST or request.action.lower() not in self._parts:
            return True
        calls = (one for one in CREDENTIAL_ACTIONS if may_call(request.caller.kind, one))
        return any(allows(side, request._replace(action=one)) for one in calls)

    def _search(self, asked: FurtherQuestion, index: int, region: Region) -> Request | tuple[str, ...]:
        try:
            spend(_SEARCHED + _LOOKED_AT * self.around)
            found = self._asked(asked, index, region)
            if isinstance(found, ClosedRegion):
                return ()
            spend(_REPLAYED * self.around)
            return self._replayed(found) or self._filled(asked, index, found) or found.notes or (UNCONFIRMED,)
        except BudgetReached as reached:
            if reached.name == WORK:
                # Nothing is left for less either.
                return (_reached(reached),)
            return self._one_by_one(asked, index, region) or (_reached(reached),)

    def _asked(self, asked: FurtherQuestion, index: int, region: Region) -> AllowedPart | ClosedRegion:
        return ask(
            asked.policy,
            region,
            index,
            others=asked.others,
            permissions_boundary=self._boundary,
            within=asked.within,
            accounts=(self._scene.account,),
            resource=self._scene.resource,
        )

    def _filled(self, asked: FurtherQuestion, index: int, found: AllowedPart) -> Request | None:
        """A request in which policy variables have values that were tried."""
        instantiation = VariableInstantiation(
            (*self._first.policies, *self._others.policies),
            lambda region: self._asked(asked, index, region),
            lambda part: (self._built(part), self._replayed(part)),
        )
        try:
            return instantiation.refute(found, self._built(found))
        except BudgetReached:
            # Without these values it is not known either, and why is said already.
            return None

    def _built(self, found: AllowedPart) -> Request:
        return build(found, accounts=(self._scene.account,), resource=self._scene.resource)

    def _one_by_one(self, asked: FurtherQuestion, index: int, region: Region) -> Request | None:
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

    def _replayed(self, found: AllowedPart) -> Request | None:
        likely = self._built(found)
        tried: list[Request] = [likely, *(neighbours(likely, found) if found.notes else ())]
        for request in tried:
            try:
                if self._is_confirmed(request):
                    if self._scene.kind == IDENTITY:
                        return gravest(request, found, self._is_confirmed)
                    return with_likely_keys(request, self._is_confirmed)
            except ValueError:
                # Something is known only when it is deployed.
                return None
        return None

    def _is_confirmed(self, request: Request) -> bool:
        needed: tuple[str, ...] = (request.action,)
        if self._parts and self._scene.kind == TRUST and request.action.lower() in CREDENTIAL_ACTIONS:
            needed = actions_needed(request)
        is_let_in = all(allows(self._first, request._replace(action=action)) for action in needed)
        is_more = is_let_in and not allows(self._others, request)
        return is_more and self._is_whole(request, self._first) and not impossibilities(request)


def _more_denies(first: Side, policies: Sequence[Policy]) -> Iterator[Policy]:
    """The Denies that the first side does not have, turned into Allows."""
    there = Cover(unit for policy in first.policies for unit in all_units(policy, DENY))
    for policy in policies:
        found: list[Statement] = []
        for statement in policy.statements:
            if statement.effect == DENY:
                own = units(policy, statement)
                left = there.uncovered(own)
                found += left_of(statement, own, left) if left else ()
        yield with_other_effect(policy._replace(statements=tuple(found)), DENY)


def _compiled(policies: Iterable[Policy]) -> tuple[CompiledPolicy, ...]:
    return tuple(CompiledPolicy(policy) for policy in policies if policy.statements)


def _beside_denies(policy: Policy, allows_: Sequence[Statement]) -> CompiledPolicy:
    denies = tuple(one for one in policy.statements if one.effect == DENY)
    return CompiledPolicy(policy._replace(statements=(*allows_, *denies)))
