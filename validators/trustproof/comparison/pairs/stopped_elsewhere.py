"""
What other policies in sight stop of what a policy gives: whom a resource or a trust policy lets in may deny it to
himself, or have a permissions boundary that does not allow it, and what somebody may do a resource may deny him.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from trustproof.aws.resource_policies import CONSULTED_FOR, INSIDE
from trustproof.comparison.gains import StatementGain, scene_of
from trustproof.comparison.pairs.in_sight import InSight, deny_something
from trustproof.comparison.pairs.names_across import bound, called, names_across, names_of, of_own_role, read_off
from trustproof.comparison.pairs.names_of_callers import called_by_own_name, names_of_callers
from trustproof.comparison.subjects.subjects import Subject
from trustproof.engine.domains import Values, not_text
from trustproof.engine.request_space import OWN_NAME
from trustproof.model.document import IDENTITY, RESOURCE, TRUST
from trustproof.model.identity_memory import IdentityMemory
from trustproof.model.policy import DENY, Policy, Principal, Statement
from trustproof.model.query import is_concrete
from trustproof.model.request import ROLE_SESSION, USERS, Request
from trustproof.model.text import REGION, Symbolic
from trustproof.properties.shared.regions import held_by
from trustproof.proving.excess import Excess, excess
from trustproof.proving.first_excess import first_denied
from trustproof.proving.own_account import LIMITS, narrow_side
from trustproof.proving.sides import Scene, Side, denies
from trustproof.sets.patterns import ANY_RUN, join
from trustproof.spec.decision import decide

#: So often it is asked what is denied no more.
_MOST = 24
_NOT_BY_OWN_NAME: tuple[str, Values] = ("resource", not_text(join(ANY_RUN, OWN_NAME, ANY_RUN)))
#: So often it is asked what is left of a statement beside what others stop.
_OFTEN = 8
#: What users and roles of a template are called.
_NAMES = IdentityMemory["dict[str, str]"](4)


def held_back(
    given: StatementGain, others: Sequence[Subject], asked: Callable[[Side, Side, Scene], Iterable[Excess]]
) -> StatementGain | None:
    """
    What a statement gives without what other policies of its side stop; None where that is all.

    Args:
        others: everything of its side.
        asked: asks the same of other policies, and where they stand.
    """
    mine, theirs = sides_of(given)
    names = names_where(given)
    scene = called_by_own_name(scene_of(given.subject, given.other), given.subject, names)
    scene = scene._replace(constraints=(*scene.constraints, *of_own_role(called(given.subject, names))))
    if given.subject.kind == IDENTITY and not any(map(_has_variables, (*mine.policies, *theirs.policies))):
        # Without variables a name that is written out is no other way to say the caller's own.
        scene = scene._replace(constraints=(*scene.constraints, _NOT_BY_OWN_NAME))
    for _ in range(_OFTEN):
        stopping = tuple(_stopping_elsewhere(given, names, others))
        if not stopping:
            break
        mine = mine._replace(policies=(*mine.policies, *stopping))
        left = [*asked(mine, theirs, scene)]
        if not left:
            return None
        if not left[0].requests:
            break
        given = given._replace(found=left[0])
    return given


def sides_of(given: StatementGain) -> tuple[Side, Side]:
    """The policies of both sides where a statement gives something."""
    others = given.others
    limits = [one is not None and one.permissions_boundary is not None for one in (given.subject, given.other)]
    return _side(given.policies, is_limited=limits[0]), _side(others, is_limited=bool(others) and limits[1])


def _side(policies: tuple[Policy, ...], *, is_limited: bool) -> Side:
    return Side(policies[:-1], policies[-1]) if is_limited else Side(policies)


def _has_variables(policy: Policy) -> bool:
    return any(
        "${" in str(one)
        for statement in policy.statements
        for one in (*(statement.resources or ()), *(statement.not_resources or ()))
    )


def names_where(given: StatementGain) -> dict[str, str]:
    """What is called how where a statement gives something: its own resource or holder as well."""
    subject, holder = given.subject, given.subject.holder
    own = names_of(subject) if holder is None else read_off(holder.arn, given.request.caller.arn)
    return {**own, **given.parameters}


def _stopping_elsewhere(given: StatementGain, names: Mapping[str, str], others: Sequence[Subject]) -> Iterator[Policy]:
    """
    What stops requests that a statement lets in, in policies of other users, roles and resources, as Denies beside it.

    Args:
        names: what is called how there.
        others: everything of its side.
    """
    requests = (*given.found.requests, *(part.request for part in given.parts))
    seen: set[tuple[str, str]] = set()
    for request in requests:
        for one, denying in _stopping(request, given.subject, names, others):
            key = (one.label, str(one.arn))
            if key not in seen:
                seen.add(key)
                yield denying
        key = ("", request.caller.arn)
        is_own = request.caller.account == given.subject.context.account
        if key not in seen and is_own and request.caller.kind == ROLE_SESSION and given.without != LIMITS:
            limit = _limit_that_stops(given, request, names, others)
            if limit is not None:
                seen.add(key)
                yield limit


def denied_still(
    before: Side, now: Side, scene: Scene, subject: Subject, others: Sequence[Subject]
) -> Request | tuple[str, ...]:
    """
    A request that one side denies, and neither the other one nor what else there is on that side; as `first_denied`.

    Args:
        subject: whose policies these are.
        others: everything of the side that denies it no more.
    """
    is_caller = subject.kind == IDENTITY
    if is_caller:
        names = names_of_callers([subject])
    else:
        names = {**names_near(others, subject.label)}
    names |= _names_of_denying(others, subject.label) if is_caller else names_of(subject)
    scene = called_by_own_name(scene, subject, names) if is_caller else scene
    before, now = (
        Side(
            tuple(bound(policy, names) for policy in side.policies),
            None if side.permissions_boundary is None else bound(side.permissions_boundary, names),
        )
        for side in (before, now)
    )
    found = first_denied(before, now, scene)
    for _ in range(_MOST):
        if not isinstance(found, Request):
            break
        more = tuple(denying for _, denying in _stopping(found, subject, names, others))
        if not more:
            break
        now = now._replace(policies=(*now.policies, *more))
        found = first_denied(before, now, scene)
    return found


def _stopping(
    request: Request, subject: Subject, names: Mapping[str, str], others: Sequence[Subject]
) -> Iterator[tuple[Subject, Policy]]:
    """Others that deny a request, each with all that it denies, as far as that is known in any case."""
    asked = _callers if subject.kind != IDENTITY else _resources
    if subject.kind == TRUST:
        arn = called(subject, names).documents[0].resource_arn
        request = request._replace(resource=arn) if isinstance(arn, str) else request
    for one, policy in asked(request, subject, names, others):
        if policy.statements and denies(Side((policy,)), request):
            yield one, policy


def _callers(
    request: Request, subject: Subject, names: Mapping[str, str], others: Sequence[Subject]
) -> Iterator[tuple[Subject, Policy]]:
    """Who sends a request, with what his own policies deny him."""
    for one in who_sends(request, subject, names, others):
        whom = (Principal("AWS", str(one.arn)),)
        statements = tuple(it._replace(principals=whom) for it in _denies(one))
        yield one, Policy(statements)


def who_sends(
    request: Request, subject: Subject, names: Mapping[str, str], others: Iterable[Subject]
) -> Iterator[Subject]:
    """
    The user or role in sight that sends a request, called as it is there, where it is known what it has.

    Args:
        names: what is called how where the request is let in.
        others: everything of a side.
    """
    if request.caller.kind not in (*USERS, ROLE_SESSION):
        return
    account = request.caller.account
    near = others.callers(account, request.caller.arn, names) if isinstance(others, InSight) else others
    for one in near:
        is_caller = one.kind == IDENTITY and one.holder is not None and one.holder.kind in ("user", "role")
        if is_caller and one.context.account == account and not _is_open(one):
            found = called(one, {**names_of_callers((one,)), **names_across(names, subject, one)})
            if found.holder is not None and found.arn == request.caller.arn:
                yield found._replace(holder=found.holder._replace(arn=found.arn))


def _resources(
    request: Request, subject: Subject, names: Mapping[str, str], others: Sequence[Subject]
) -> Iterator[tuple[Subject, Policy]]:
    """What a request is about, with what its policy, or the trust policy of a role, denies of itself."""
    near = others.denying_about(request.resource) if isinstance(others, InSight) else _denying(others)
    for one in near:
        service = CONSULTED_FOR.get(one.resource_type, "")
        if one.context.account != subject.context.account or _is_open(one):
            continue
        found = called(one, names_across(names, subject, one))
        if one.kind == TRUST and found.documents[0].resource_arn == request.resource:
            # A trust policy is about its role, and says so nowhere.
            denied = (it._replace(resources=(request.resource,)) for it in _denies(found))
            yield found, Policy(tuple(denied))
        if one.kind != RESOURCE or not service:
            continue
        if isinstance(found.arn, Symbolic) and all(it.name == REGION for it in found.arn.symbols):
            found = called(found, read_off(found.arn, request.resource, INSIDE.get(service, "")))
        inside = f"{found.arn}{INSIDE[service]}" if service in INSIDE else ""
        if isinstance(found.arn, str) and (
            request.resource == found.arn or (inside and request.resource.startswith(inside))
        ):
            yield found, Policy(tuple(_of_itself(found.arn, inside, _denies(found))))


def _of_itself(arn: str, inside: str, statements: Iterable[Statement]) -> Iterator[Statement]:
    """Denies as far as they are about the resource that they stand on."""
    own = (arn, *([f"{inside}*"] if inside else []))
    for one in statements:
        about = tuple(
            dict.fromkeys(
                it
                for pattern in one.resources or ()
                for it in (own if pattern == "*" else (str(pattern),))
                if it == arn or (inside and it.startswith(inside))
            )
        )
        if about:
            yield one._replace(resources=about)


def _denies(subject: Subject) -> Iterator[Statement]:
    """What somebody or something surely denies, in whatever deployment."""
    for document in subject.all_documents:
        for one in document.policy.statements:
            if one.effect == DENY and not one.guards and not one.unreadable and is_concrete(Policy((one,))):
                yield one


def names_near(others: Sequence[Subject], label: str) -> Mapping[str, str]:
    """Names of the users and roles of one template: asked for each of its resources, they are the same for all."""
    return _NAMES.get(partial(_names_near, others, label), others, values=label)


def _names_near(others: Sequence[Subject], label: str) -> dict[str, str]:
    """Names of the users and roles of one template."""
    near = others.of_template(label) if isinstance(others, InSight) else others
    return names_of_callers(one for one in near if one.label == label)


def _names_of_denying(others: Sequence[Subject], label: str) -> Mapping[str, str]:
    """Names of the resources and roles of a template whose own policies deny something."""
    if isinstance(others, InSight):
        return others.names_of_denying(label)
    return {name: value for one in _denying(others) if one.label == label for name, value in names_of(one).items()}


def _denying(others: Sequence[Subject]) -> Sequence[Subject]:
    """Resources and roles whose own policies deny something."""
    return [one for one in others if one.kind != IDENTITY and deny_something(one)]


def _is_open(subject: Subject) -> bool:
    """Whether it is not known what somebody has, or conditions decide."""
    return bool(subject.unclear or subject.doubts or subject.alternatives or subject.under)


def _limit_that_stops(
    given: StatementGain, request: Request, names: Mapping[str, str], others: Sequence[Subject]
) -> Policy | None:
    """A Deny of all that a role does, where a statement gives it nothing since its permissions boundary allows none."""
    mine, theirs = sides_of(given)
    if given.without:
        # Whom the other side lets in only with an identity policy, it keeps out where that is not asked for.
        mine, theirs = narrow_side(mine, given.without), narrow_side(theirs, given.without)
    for role in who_sends(request, given.subject, names, others):
        limit = None if role.permissions_boundary is None else role.permissions_boundary.policy
        if limit is None or any(one.guards or one.unreadable for one in limit.statements) or not is_concrete(limit):
            continue
        if decide(limit, request).allowed:
            continue
        scene = scene_of(given.subject, given.other)
        scene = scene._replace(
            account=given.subject.context.account,
            callers=(ROLE_SESSION,),
            constraints=(*scene.constraints, *of_own_role(given.subject), *held_by(role.asked)),
        )
        # Whom a policy names as a session is not held to the boundary of the role.
        asked = (mine._replace(permissions_boundary=limit), narrow_side(mine, LIMITS))
        if not any(
            True
            for side in asked
            for _ in excess(side, theirs, scene, is_asked=lambda _, one: one.path == given.found.statement.path)
        ):
            everything = Statement(DENY, actions=("*",), resources=("*",))
            return Policy((everything._replace(principals=(Principal("AWS", str(role.arn)),)),))
    return None
