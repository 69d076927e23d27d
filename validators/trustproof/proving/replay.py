"""
The one place where engine and evaluator meet: what the search finds is replayed before anybody sees it.
"""

from __future__ import annotations

from itertools import chain

from trustproof.aws.condition_keys import CREDENTIAL_ACTIONS
from trustproof.aws.tags import TAGS_OF_RESOURCES
from trustproof.engine.own_names import by_written_names
from trustproof.engine.region import AllowedPart
from trustproof.engine.witness import build, neighbours
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.policy import Statement
from trustproof.model.query import is_concrete
from trustproof.model.request import Request
from trustproof.properties.question import Question, Refutation, Subject
from trustproof.proving.likely_requests import graver
from trustproof.spec.callers import faults
from trustproof.spec.decision import EXPLICIT_DENY, Decision, call_of, decide, is_held_back, may_get_credentials
from trustproof.spec.realism import impossibilities, resource_faults

#: Begins what is said of a request that nobody sends.
NOT_SENT = "nobody is taken to send the request that was found"


def accounts_and_resource(subject: Subject) -> tuple[tuple[str, ...], str]:
    """The account of the caller, and the resource, of a request that reads best."""
    resource = subject.document.resource_arn
    return (subject.account,), resource if isinstance(resource, str) else "*"


def confirm(subject: Subject, found: AllowedPart, question: Question) -> tuple[Request, Refutation | None]:
    """
    Build the request that the search has found and ask the evaluator; without refutation where it does not agree.
    """
    accounts, resource = accounts_and_resource(subject)
    first = build(found, accounts=accounts, resource=resource)
    for request in chain((first,), by_written_names(first, found), neighbours(first, found) if found.notes else ()):
        refutation = replay(subject, found.encoded.statement, question, request)
        if refutation is not None:
            return _of_gravest_action(subject, found, question, refutation)
    return first, None


def _of_gravest_action(
    subject: Subject, found: AllowedPart, question: Question, first: Refutation
) -> tuple[Request, Refutation]:
    """What refutes by the action that matters most of those that a statement of a resource policy lets in."""
    for request in graver(first.request, found) if subject.document.kind == RESOURCE else ():
        other = replay(subject, found.encoded.statement, question, request)
        if other is not None and other.statement == first.statement:
            return request, other
    return first.request, first


def not_sent(subject: Subject, request: Request | None) -> tuple[str, ...]:
    """
    Why nobody sends a request that the search has found, where the template names who would or what it is about.

    It may name whom there cannot be, with more characters than a name has; then it is not the search that is wrong.
    """
    if request is None:
        return ()
    found = faults(request.caller)
    if request.resource == subject.document.resource_arn:
        found = found or resource_faults(request)
    return (f"{NOT_SENT}: {'; '.join(found)}",) if found else ()


def replay(subject: Subject, statement: Statement, question: Question, request: Request) -> Refutation | None:
    """Ask the evaluator whether a request exists, is what a question is about, and gets in; None where it does not."""
    decision = decide(subject.policy, request)
    if _has_other_tags(subject, request):
        return None
    if not decision.allowed or impossibilities(request) or not question.violates(request):
        return None
    return refutation_by(decision, statement, question, request) if lets_in(subject, request) else None


def _has_other_tags(subject: Subject, request: Request) -> bool:
    """Whether a request to what a policy stands on carries tags with other values than that has."""
    tags = subject.document.resource_tags
    about = request.context
    return any(
        about.get(family + key, value) not in (value, (value,)) for family in TAGS_OF_RESOURCES for key, value in tags
    )


def refutation_by(decision: Decision, statement: Statement, question: Question, request: Request) -> Refutation:
    """The refutation by a request that a policy lets in, by a statement if that is among those which decide."""
    deciding = [explanation.statement for explanation in decision.deciding]
    return Refutation(request, decision, statement if statement in deciding else deciding[0], {}, question)


def lets_in(subject: Subject, request: Request) -> bool:
    """Whether the policies let a request in, as the evaluator reads them."""
    if subject.document.kind == TRUST and (call := call_of(request)).action.lower() in CREDENTIAL_ACTIONS:
        return may_get_credentials(subject.policy, call) and not is_held_back((d.policy for d in subject.others), call)
    decisions = [decide(document.policy, request) for document in subject.documents]
    if any(decision.outcome == EXPLICIT_DENY for decision in decisions):
        return False
    return decisions[0].allowed and (subject.permissions_boundary is None or decisions[-1].allowed)


def is_decidable(subject: Subject) -> bool:
    """Whether the evaluator can be asked: everything in the policies is known."""
    return all(is_concrete(document.policy) for document in subject.documents)
