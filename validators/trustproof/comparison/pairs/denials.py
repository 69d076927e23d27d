"""
What a resource or identity denies on one side only: whom another policy allows it has gained it, or lost it.

The policies in sight are asked: what users and roles may do by their own, where a resource denied it, and whom trust
and resource policies let in by themselves, where a user or role denied it to itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from trustproof.aws.resource_policies import CONSULTED_FOR, INSIDE, WITHOUT_RESOURCE_POLICIES
from trustproof.comparison.gains import CALLERS, OpenQuestion, StatementGain, are_written, scene_of
from trustproof.comparison.matching.retained_resources import goes_with_its_resource
from trustproof.comparison.pairs.concerned import Concerned
from trustproof.comparison.pairs.names_across import (
    bound,
    called,
    names_across,
    names_given,
    names_of,
    of_own_role,
    told_apart,
)
from trustproof.comparison.pairs.names_of_callers import called_by_own_name, names_of_callers
from trustproof.comparison.pairs.stopped_elsewhere import denied_still, names_near
from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.domains import Values, not_text, text
from trustproof.model.arn import Arn
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.policy import ALLOW, DENY, Guard, Policy, Statement
from trustproof.model.request import Request
from trustproof.model.substitution import bind_statement
from trustproof.model.text import Symbolic
from trustproof.properties.sentences import who
from trustproof.properties.shared.regions import held_by, own_tags, own_values
from trustproof.proving.excess import Excess, excess
from trustproof.proving.first_excess import first_excess
from trustproof.proving.own_account import IDENTITY_SIDE, LIMITS, OWN_IS_ENOUGH, callers_of, narrow_side
from trustproof.proving.sides import Scene, Side, only
from trustproof.results.difference import GAINED, LOST, Direction
from trustproof.results.result import BUDGET
from trustproof.sets.patterns import ANY_RUN, exact, join
from trustproof.sets.search import BudgetReached

_EVERYTHING = (Policy((Statement(ALLOW, actions=("*",), resources=("*",)),)),)
#: Who is gone takes what it was denied with it.
_GONE = ("user", "role", "permission set")
#: Types that have one policy, without which nobody outside of their account gets in: no second one, no list of grants.
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
_ONE_POLICY = ("secretsmanager", "sns", "sqs")
#: So many conditions besides are taken not to hold, one by one.
_OUTCOMES = 6
_NOT_ELSEWHERE: tuple[tuple[str, Values], ...] = (
    ("action", not_text(*(join(f"{service}:", ANY_RUN) for service in WITHOUT_RESOURCE_POLICIES))),
)


def no_longer_denied(
    old: Subject,
    new: Subject | None,
    scene: Scene,
    renamed: Mapping[str, str],
    everything: tuple[Sequence[Subject], Sequence[Subject]],
) -> tuple[str, ...]:
    """
    Why somebody may have gained what the policies of one side denied; empty where nobody can have.

    Without a trust policy that allows it nobody assumes a role, so what one denies decides nothing beside others. What
    a user or role may do is what its policies say, but for services that look at the policies of resources as well.

    Args:
        scene: of the requests; whoever is named in no other way is of the account of the template.
        renamed: logical ids of the new side to those that the same resources have on the old side.
        everything: what there is on the new side and on the old one.
    """
    if old.kind == TRUST or (new is None and _goes(old)):
        return ()
    others = [*everything[0], *everything[1]] if new is None or _account_of(old) else []
    if new is None and goes_with_its_resource(old, others):
        return ()
    now, before = Side(()) if new is None else new.side(old, renamed), old.side(new, renamed)
    if _is_elsewhere(old) and (bounded := _no_longer_bounded(before, now, scene)):
        return bounded
    is_hidden = _is_elsewhere(old) or any(one is not None and _is_hidden(one) for one in (old, new))
    if _is_one(old) and not is_hidden:
        scene = scene._replace(constraints=(*scene.constraints, *_NOT_ELSEWHERE))
    account = _account_of(old)
    if account and (new is None or _account_of(new) == account) and not _has_another(old, new, others):
        # Whom the policy lets in from outside is compared with it: nothing else lets anybody in from there.
        scene = scene._replace(constraints=(*scene.constraints, callers_of(account)))
    found = denied_still(before, now, scene, new or old, everything[0])
    if isinstance(found, Request):
        return (f"it was denied and is no more, so where another policy allows it, {may_call(found)}",)
    return found


def _no_longer_bounded(before: Side, now: Side, scene: Scene) -> tuple[str, ...]:
    """Why somebody whom others allow anything may have gained what the permissions boundary did not allow."""
    if before.permissions_boundary is None:
        return ()
    found = first_excess(now._replace(policies=_EVERYTHING), before._replace(policies=_EVERYTHING), scene)
    if isinstance(found, Request):
        return (f"the permissions boundary allows it now, so where another policy does, {may_call(found)}",)
    return found


def may_call(request: Request) -> str:
    """Who may do what, as the end of a sentence."""
    return f"{who(request)} may call {request.action} on {request.resource}"


def let_in_since(
    direction: Direction,
    first: Subject | None,
    other: Subject | None,
    others: Sequence[Subject],
    renamed: Mapping[str, str],
) -> Iterator[StatementGain | OpenQuestion]:
    """
    What other policies of a side allow, which this resource or identity denies on the other side only.

    Of what is gained, `no_longer_denied` says why it is not known, but for what was not looked at since a budget had
    come to its end; of what is lost, nobody else does.

    Args:
        first: on the side that gives it; None where it is on the other side only.
        other: on the other side.
        others: everything else of the side that gives it.
        renamed: logical ids of the new side to those that the same resources have on the old side.
    """
    if other is None or other.kind == TRUST or (first is None and _goes(other)):
        return
    every = _denies(other, first, renamed), () if first is None else _denies(first, other, renamed)
    if not any(policy.statements for policy in every[0]) or set(every[0]) == set(every[1]):
        return
    own = names_of_callers((other,)) if other.kind == IDENTITY else names_of(other)
    unnamed = other
    doubts: list[str] = []
    asked_of = (
        one
        for one in others
        if one.context.account == unnamed.context.account
        and (_may_let_in(one, unnamed) if unnamed.kind == IDENTITY else _may_use(one, unnamed))
    )
    concerned = Concerned(Side(every[0]), Side(every[1]), unnamed if unnamed.kind == IDENTITY else None)
    for one in concerned.among(asked_of):
        # A resource that denies something is called by one name, and so is one that lets in whom his own policies stop.
        its_own = told_apart(names_of(one), own) if unnamed.kind == IDENTITY else {}
        themselves: dict[str, str] = {}
        named = {**names_across(its_own, one, unnamed), **own}
        called_there = {**its_own, **names_across(own, unnamed, one)}
        # Whoever may use it, or is denied it, may use other things as well, which have names like any other.
        if unnamed.kind == IDENTITY:
            named = {**names_given(unnamed, (*every[0], *every[1]), named), **named}
        else:
            policies = [document.policy for document in one.all_documents]
            called_there = {**names_given(one, policies, called_there), **called_there}
            if one.label != unnamed.label:
                # So have users and roles whom it exempts or denies, of whom one may be the caller.
                themselves = names_of_callers((one,))
                written = names_across(themselves, one, unnamed)
                referred = names_given(unnamed, (*every[0], *every[1]), {**written, **named})
                written = {name: value for name, value in written.items() if name in referred}
                named = {**referred, **written, **named}
                themselves = themselves if referred else {}
        denied, allowed = ((*map(partial(bound, values=named), policies),) for policies in every)
        other, one = called(unnamed, named), called(one, called_there)
        asked = _by_resource(one, other, first) if other.kind == IDENTITY else _by_identity(one, other)
        if asked is None:
            continue
        allowing, scene = asked
        scene = called_by_own_name(scene, one, themselves)
        mine = allowing._replace(policies=(*allowing.policies, *allowed))
        theirs = allowing._replace(policies=(*allowing.policies, *denied))
        for found in excess(mine, theirs, scene, in_pieces=are_written(one)):
            given = (found, mine, denied, dict[str, str]()) if found.requests else None
            if given is None and found.doubts:
                is_near = one.label == other.label
                names = {**names_of_callers((other,)), **names_near(others, other.label)} if is_near else {}
                sides = _Denials(one, first, other, denied, allowed, names)
                given = next(sides.where_denied(allowing, scene, found), None)
            if given is None:
                doubts += found.doubts if direction == LOST else of_budgets(found.doubts)
                continue
            # What others are let in by it, or by more of the same statement, may not have been looked at.
            doubts += of_budgets((*found.doubts, *found.further.doubts))
            shown, side, denying, values = given
            was = "no longer denies" if direction == GAINED else "did not deny"
            decided = (
                side.policies if side.permissions_boundary is None else (*side.policies, side.permissions_boundary)
            )
            yield StatementGain(
                direction,
                one,
                shown,
                decided,
                {**named, **values},
                (f"{other.called} {was} it",),
                other=other,
                denied=denying,
            )
    if doubts:
        yield OpenQuestion(other, tuple(dict.fromkeys(doubts)))


class _Denials(NamedTuple):
    """
    What a resource or identity denies on one side only, and somebody whom the policies of the other side allow it.
    """

    caller: Subject
    #: On the side of the caller; None where it is on the other side only.
    first: Subject | None
    other: Subject
    #: By the other side, and by that of the caller.
    denied: tuple[Policy, ...]
    allowed: tuple[Policy, ...]
    #: Of users and roles that are given one when they are made.
    names: Mapping[str, str]

    def where_denied(
        self, allowing: Side, scene: Scene, found: Excess
    ) -> Iterator[tuple[Excess, Side, tuple[Policy, ...], dict[str, str]]]:
        """
        What a statement allows in a deployment in which it and what denies it are there, the policies of both sides
        there, and the values of such a deployment.

        Conditions of the template decide what is there: that on which one of these hangs is left open by `found`.
        """
        others = [self.caller, *(() if self.first is None else (self.first,))]
        if any(one.label != self.other.label or one.parts for one in (*others, self.other)):
            # The conditions of another template are others, whatever their names are.
            return
        # Whoever is in sight is not read at the values that the two are compared at.
        assignment = self.other.context.assignment
        read_at = {**self.names, **({} if assignment is None else dict(assignment.values))}
        holding = self.caller if self.caller.kind == IDENTITY else self.other
        scene = called_by_own_name(scene, holding, self.names)
        asked = tuple(_own(guard, self.caller) for guard in found.statement.guards)
        denials = dict.fromkeys(
            tuple(_own(guard, self.other) for guard in statement.guards)
            for policy in self.denied
            for statement in policy.statements
        )
        for guards in (it for one in denials for it in self._outcomes((*one, *asked))):
            try:
                satisfying = self.other.deployments.satisfy(guards) if guards else {}
                if satisfying is None:
                    continue
                values = {**read_at, **satisfying}
                if not all(_may_have(one, values) for one in others):
                    continue
            except BudgetReached:
                continue
            denying = tuple(_deployed(policy, self.other, values, guards) for policy in self.denied)
            beside = tuple(_deployed(policy, self.first or self.other, values) for policy in self.allowed)
            policies = tuple(_deployed(policy, self.caller, values) for policy in allowing.policies)
            limit = allowing.permissions_boundary
            side = Side(policies, None if limit is None else _deployed(limit, self.caller, values))
            mine = side._replace(policies=(*policies, *beside))
            for one in excess(
                mine,
                side._replace(policies=(*policies, *denying)),
                scene,
                in_pieces=are_written(self.caller),
                is_asked=lambda policy, it: (policy, it.path) == (found.policy, found.statement.path),
            ):
                if one.requests:
                    yield one, mine, denying, values

    def _outcomes(self, known: tuple[Guard, ...]) -> Iterator[tuple[Guard, ...]]:
        """What is to hold, and with it, one by one and all together, that what else denies it is not there."""
        yield known
        names = {guard.name for guard in known}
        sides = ((self.allowed, self.first or self.other), (self.denied, self.other))
        others = dict.fromkeys(
            own._replace(value=not own.value)
            for policies, subject in sides
            for policy in policies
            for statement in policy.statements
            for own in (_own(guard, subject) for guard in statement.guards)
            if isinstance(own.value, bool) and own.name not in names
        )
        yield from ((*known, one) for one in [*others][:_OUTCOMES])
        if len(others) > 1:
            yield (*known, *others)


def of_budgets(reasons: Iterable[str]) -> tuple[str, ...]:
    """Those of some reasons that name a budget: whatever else is found, that not all was looked at is to be said."""
    return tuple(one for one in reasons if one.startswith(BUDGET))


def _own(guard: Guard, subject: Subject) -> Guard:
    """A guard by the name that its condition has on its own side."""
    return guard._replace(name=guard.name.removesuffix(f" ({subject.side_name})"))


def _may_have(subject: Subject, values: Mapping[str, str]) -> bool:
    """Whether a side can be deployed with some values."""
    declared = subject.context.template.parameter_names
    given = tuple(Guard(name, value) for name, value in sorted(values.items()) if name in declared)
    return not given or subject.deployments.satisfy(given) is not None


def _deployed(
    policy: Policy, subject: Subject, values: Mapping[str, str], known: Sequence[Guard] | None = None
) -> Policy:
    """
    What of a policy is there in a deployment with some values.

    Args:
        known: what holds besides: what depends on anything else that the values do not decide is left out; None to
            keep it.
    """

    def is_there(guard: Guard) -> bool:
        if not subject.deployments.holds([guard], values):
            return False
        if known is None or guard in known:
            return True
        if isinstance(guard.value, bool):
            return not subject.deployments.holds([guard._replace(value=not guard.value)], values)
        return guard.name in values

    return policy._replace(
        statements=tuple(
            bind_statement(one._replace(guards=()), values)
            for one in policy.statements
            if all(is_there(_own(guard, subject)) for guard in one.guards)
        )
    )


def _is_one(subject: Subject) -> bool:
    """Whether it is a user or role, and not whoever is in a group or has a policy."""
    return subject.holder is not None and subject.holder.kind in _GONE


def _goes(subject: Subject) -> bool:
    """Whether a user or role is gone where it has no policy any more, and not only the policies that others gave it."""
    return _is_one(subject) and not _is_elsewhere(subject)


def _is_elsewhere(subject: Subject) -> bool:
    """Whether it is somebody whom the template gives policies, and does not make: others may give it more."""
    holder = subject.holder
    if holder is None or not holder.logical_id:
        return holder is not None
    # A permission set that is named by its ARN has a place of its own all the same.
    return holder.kind == "permission set" and subject.home.resource_type(holder.logical_id) != subject.resource_type


def _account_of(subject: Subject) -> str:
    """The account of a resource that has one policy, which alone lets in others; empty where that is not known."""
    account = subject.home.account
    if CONSULTED_FOR.get(subject.resource_type) not in _ONE_POLICY or account is None:
        return ""
    # Where the account stands is known, whatever its name and Region are.
    parts = subject.arn.parts if isinstance(subject.arn, Symbolic) else (subject.arn,)
    arn = Arn.parse("".join(part if isinstance(part, str) else "-" for part in parts))
    return account if arn is not None and arn.account == account else ""


def _has_another(old: Subject, new: Subject | None, others: Sequence[Subject]) -> bool:
    """Whether another policy stands on the same resource, of which nobody knows which one holds."""
    own = {one.logical_id for one in (old, new) if one is not None}
    return any(one.kind == RESOURCE and one.arn == old.arn and one.logical_id not in own for one in others)


def _is_hidden(subject: Subject) -> bool:
    """Whether it has something that nobody can read."""
    return bool(subject.opaque or subject.unclear)


def _denies(subject: Subject, other: Subject | None, renamed: Mapping[str, str]) -> tuple[Policy, ...]:
    """Its policies and the limit of these, as far as they deny."""
    side = subject.side(other, renamed)
    policies = side.policies if side.permissions_boundary is None else (*side.policies, side.permissions_boundary)
    return tuple(only(one, DENY) for one in policies)


def _may_let_in(resource: Subject, caller: Subject) -> bool:
    """Whether something may let a user or role in by a policy of its own."""
    return resource.kind != IDENTITY and _is_one(caller)


def _may_use(caller: Subject, resource: Subject) -> bool:
    """Whether the policies of somebody are known, and may be enough for a resource."""
    if resource.kind != RESOURCE or CONSULTED_FOR.get(resource.resource_type, "") not in OWN_IS_ENOUGH:
        return False
    return caller.kind == IDENTITY and _is_one(caller) and not _is_hidden(caller)


def _by_resource(resource: Subject, caller: Subject, again: Subject | None) -> tuple[Side, Scene] | None:
    """
    A trust or resource policy as far as it lets a user or role in by itself; None where it is about others.

    Args:
        again: the caller on the side of the resource; None where it is on the other side only.
    """
    holder = caller.holder
    if holder is None or not _may_let_in(resource, caller):
        return None
    # What such a policy gives a role by its name is looked up with its boundary.
    limited = any(one is not None and (one.permissions_boundary or _is_hidden(one)) for one in (caller, again))
    side = narrow_side(Side(tuple(one.policy for one in resource.documents)), LIMITS if limited else IDENTITY_SIDE)
    scene = scene_of(resource)
    whose = (*held_by(caller.asked), *of_own_role(resource))
    return side, scene._replace(
        account=resource.context.account,
        callers=CALLERS[holder.kind],
        known_keys=tuple(dict.fromkeys((*scene.known_keys, *own_tags(caller.asked)))),
        constraints=(*scene.constraints, *whose),
    )


def _by_identity(caller: Subject, resource: Subject) -> tuple[Side, Scene] | None:
    """What somebody may do by policies of its own with a resource; None where these are not enough, or not known."""
    service = CONSULTED_FOR.get(resource.resource_type, "")
    if not _may_use(caller, resource) or not isinstance(resource.arn, str):
        return None
    inside = (join(f"{resource.arn}{INSIDE[service]}", ANY_RUN),) if service in INSIDE else ()
    about = (("action", text(join(f"{service}:", ANY_RUN))), ("resource", text(exact(resource.arn), *inside)))
    limit = caller.permissions_boundary
    side = Side(tuple(one.policy for one in caller.documents), None if limit is None else limit.policy)
    scene = scene_of(caller)
    return side, scene._replace(
        resource=resource.arn,
        known_keys=tuple(dict.fromkeys((*scene.known_keys, *own_values(resource.asked)))),
        constraints=(*scene.constraints, *about),
    )
