"""
Why a request is not let in: by the policy of what it asks for, by its caller's own, or by what limits both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from trustproof.access.own_policies import HeldPolicies
from trustproof.access.questions import known_entries
from trustproof.access.resources import Resource
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.analysis.controls.surroundings import SURROUNDINGS
from trustproof.engine.operands import action_pattern
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.query import is_concrete
from trustproof.model.request import Request
from trustproof.properties.question import Refutation, Subject
from trustproof.properties.sentences import deny_name, sentence
from trustproof.proving.answers import Proof
from trustproof.proving.counterexamples import counterexample, deciding_policies
from trustproof.proving.own_account import LIMITS, narrow_side
from trustproof.proving.prover import Prover
from trustproof.proving.sides import Side, denies
from trustproof.results.explanation import Obstacle, Place
from trustproof.sets.patterns import matches
from trustproof.spec.decision import EXPLICIT_DENY, Decision, decide
from trustproof.spec.matching import matches_wildcards, pattern

#: What control policies are called.
_CONTROLS = {
    "SERVICE_CONTROL_POLICY": "service control policy",
    "RESOURCE_CONTROL_POLICY": "resource control policy",
}


def place_of(context: TemplateContext, subject: Subject, index: int) -> Place:
    """A statement of a policy, and where it stands."""
    statement = subject.policy.statements[index]
    located = context.template.locate(statement.path) if statement.path else None
    return Place(statement.sid or f"statement {index + 1}", located)


def obstacles_of(
    resource: Resource, prover: Prover, index: int, answer: object, held: HeldPolicies, why: Callable[[], str]
) -> Iterator[Obstacle]:
    """
    Why nobody that was asked about gets in by a statement.

    Args:
        answer: what the prover found of their requests.
        why: says it where nobody can show the request that comes nearest.
    """
    subject, context = prover.subject, resource.context
    place = place_of(context, subject, index)
    statement = subject.policy.statements[index]
    reasons: tuple[str, ...]
    if isinstance(answer, Refutation):
        nearest, limit = answer.request, held.limit(answer.request.caller.arn)
        denying = held.denials(nearest.caller.arn)
        own = [document for one in denying for document in one.beside(context, subject.document)]
        reasons = tuple(denials(own, nearest))
        if limit is not None and stopped_by_boundary(context.account, nearest, subject.document, statement, held):
            reasons = (f"{_boundary(limit)} does not allow {nearest.action}", *reasons)
        if not reasons:
            return
    elif isinstance(answer, Proof):
        asked = prover
        _, found = asked.unusable(index, answer)
        if found is None and (known := known_entries(prover, index)) is not None:
            # Nobody replays a request to what is not known; that it lets nobody in either is proved.
            subject, asked = known.subject, known
            _, found = asked.unusable(index, answer)
        if found is None:
            yield Obstacle(place, (why(),))
            return

        def where(denying: int) -> str:
            there = place_of(context, subject, denying)
            number = f"statement {denying + 1}"
            return number if there.position is None else f"{number}, {there.position.shown(context.template.name)}"

        def stopping(request: Request) -> tuple[str, ...]:
            return (*failed_conditions(subject.policy, index, request, where), *denials(subject.others, request))

        nearest, reasons = _nearest(asked, index, answer, found, stopping)
    else:
        return
    shown = counterexample(
        nearest, deciding_policies(without_settings(subject), statement), {}, asks_for_mfa=resource.kind == TRUST
    )
    yield Obstacle(place, reasons or (why(),), shown._replace(refused=True))


def _nearest(
    prover: Prover, index: int, proof: Proof, found: Request, stopping: Callable[[Request], tuple[str, ...]]
) -> tuple[Request, tuple[str, ...]]:
    """
    Of the requests that come nearest, by the kind of caller, the first of those that nothing else stops than the others
    too, with what stops it: whoever has MFA is not stopped by a Deny of those who have none.

    Args:
        found: the one that meets most of the statement.
    """
    reasons = stopping(found)
    for closed in proof.closed if len(reasons) > 1 else ():
        _, other = prover.unusable(index, proof._replace(closed=(closed,)))
        fewer = stopping(other) if other is not None else ()
        if other is not None and fewer and {*fewer} < {*reasons}:
            found, reasons = other, fewer
    return found, reasons


def without_settings(subject: Subject) -> Subject:
    """A subject as its policies have it: what settings around it deny is no condition that anybody has written."""
    return subject._replace(others=tuple(one for one in subject.others if one.name != SURROUNDINGS))


# -- policies


def failed_conditions(policy: Policy, index: int, request: Request, where: Callable[[int], str]) -> Iterator[str]:
    """
    What stops a request, condition by condition.

    Args:
        where: gives the place of a statement of the policy.
    """
    decision = decide(policy, request)
    mine = decision.explanations[index]
    if not mine.principal:
        yield "Principal does not name the caller"
    if not mine.action:
        yield f"Action does not name {request.action}"
    if not mine.resource:
        yield f"Resource does not name {request.resource}"
    for finding in mine.conditions:
        if not finding.matched:
            yield sentence(finding)
    places = {id(one): f" ({where(number)})" for number, one in enumerate(decision.explanations)}
    yield from _denials(decision, lambda found: places[id(found)])


def denials(own: Sequence[Document], request: Request) -> Iterator[str]:
    """What of a caller's own policies, of control policies, and of settings around the resource, denies a request."""
    for document in own:
        if document.name == SURROUNDINGS:
            if decide(document.policy, request).outcome == EXPLICIT_DENY:
                yield f"the caller is kept out: {document.kept_private}"
        elif is_concrete(document.policy):
            kind = _CONTROLS.get(document.name, "policies of")
            whose = f" of the {kind} {document.logical_id}"
            yield from _denials(decide(document.policy, request), partial(_always, whose))


def _always(whose: str, _: object) -> str:
    return whose


def _denials(decision: Decision, whose: Callable[[object], str]) -> Iterator[str]:
    if decision.outcome == EXPLICIT_DENY:
        for found in decision.deciding:
            said = "; ".join(sentence(finding) for finding in found.conditions)
            yield f"{deny_name(found.statement)}{whose(found)} applies{f': {said}' if said else ''}"


def is_denied(own: Sequence[Document], request: Request) -> bool:
    """Whether one of several policies surely denies a request."""
    return denies(Side(tuple(one.policy for one in own if is_concrete(one.policy))), request)


# -- permissions boundaries


def stopped_by_boundary(
    account: str | None, request: Request, document: Document, statement: Statement, held: HeldPolicies
) -> bool:
    """
    Whether the permissions boundary of a caller lets it make no such request at all by a statement.

    Args:
        account: of what the statement stands on.
        document: that the statement is of.
    """
    limit = _limit(account, request, statement, held)
    # A trust policy names no resource: each request by it is about its role.
    role = request.resource if document.kind == TRUST and request.resource == document.resource_arn else "*"
    return limit is not None and not any(_may_allow(one, request.action, role) for one in limit.policy.statements)


def boundary_that_may_stop(request: Request, statement: Statement, resource: Resource, held: HeldPolicies) -> str:
    """The permissions boundary that does not allow a request, in words; empty where none stands in the way."""
    limit = _limit(resource.context.account, request, statement, held)
    if limit is None or not is_concrete(limit.policy) or decide(limit.policy, request).allowed:
        return ""
    return _boundary(limit)


def _limit(account: str | None, request: Request, statement: Statement, held: HeldPolicies) -> Document | None:
    """
    The permissions boundary that limits what a caller gets by a statement; None where there is none.

    It does not limit a user or a session that a policy of the same account names.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    limit = held.limit(request.caller.arn)
    if limit is None:
        return None
    named = narrow_side(Side((Policy((statement,)),)), LIMITS)
    if request.caller.account == account and any(one.statements for one in named.policies):
        return None
    return limit


def _boundary(limit: Document) -> str:
    return f"the permissions boundary {limit.logical_id or limit.name} of the caller".replace("  ", " ")


def _may_allow(statement: Statement, action: str, role: str) -> bool:
    """
    Whether a statement may allow an action.

    Args:
        role: the ARN of what it is to be allowed on; ``*`` where that may be anything.
    """
    if statement.effect != ALLOW or not (role == "*" or _may_name(statement, role)):
        return False
    if statement.actions is None:
        return True
    larger = (pattern for entry in statement.actions for pattern in action_pattern(entry).larger)
    return any(matches(pattern, action.lower()) for pattern in larger)


def _may_name(statement: Statement, role: str) -> bool:
    """Whether a statement may be about a role: what has variables, or only a deployment says, may be anything."""
    entries = statement.resources if statement.resources is not None else statement.not_resources or ()
    if not all(isinstance(one, str) and "${" not in one for one in entries):
        return True
    is_named = any(matches_wildcards(role, pattern(str(one))) for one in entries)
    return is_named is (statement.resources is not None)
