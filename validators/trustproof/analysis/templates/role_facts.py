"""
What a template says of roles and sessions besides their policies: how long they last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

from trustproof.analysis.assignments.assignments import AssignmentFindings, at_each
from trustproof.analysis.assignments.defaults import say_defaults
from trustproof.analysis.assignments.template_context import TemplateContext
from trustproof.model.deployments import Assignment
from trustproof.model.document import Document
from trustproof.model.policy import Path, Policy
from trustproof.model.principals import RoleFacts
from trustproof.model.text import Symbolic
from trustproof.properties.base import RoleProperty
from trustproof.properties.question import Finding, Refutation, Subject
from trustproof.proving.allow_statements import certificate
from trustproof.proving.answers import Proof
from trustproof.proving.counterexamples import counterexample
from trustproof.proving.outcomes import Place, subject_for, to_result
from trustproof.proving.prover import Prover
from trustproof.results.result import BUDGET, PROVED, REFUTED, UNKNOWN, Counterexample, Remedy, Result
from trustproof.sets.search import BudgetReached

_DURATION = "MaxSessionDuration"
#: Of what is found in several accounts, the worst counts.
_BADNESS = {PROVED: 0, UNKNOWN: 1, REFUTED: 2}


def role_facts(context: TemplateContext, asked: RoleProperty) -> list[Result]:
    """
    What the template says of roles and sessions besides their policies, at each assignment, and in each account that
    the trust policies are compared with.
    """
    results = _in_one_place(context, asked)
    for place in _places_compared(context, asked) if context.assignment is None else ():
        there = {result.path: result for result in _in_one_place(place, asked)}
        results = [max(one, there.get(one.path, one), key=lambda result: _BADNESS[result.verdict]) for one in results]
    return results


def _places_compared(context: TemplateContext, asked: RoleProperty) -> tuple[TemplateContext, ...]:
    """Where else who may assume a role may be others, as far as that matters for any."""
    return context.elsewhere(
        context.documents[role.trust]
        for role in context.template.roles
        if role.trust is not None and _asks_for_callers(context, asked, role)
    )


def _in_one_place(context: TemplateContext, asked: RoleProperty) -> list[Result]:
    def here(check: TemplateContext = context) -> list[Result]:
        return [*_roles(check, asked), *_sessions(check, asked)]

    classes = () if context.assignment is not None else _classes(context, asked)
    at = context.at
    results = at_each(asked, context.config, classes, here, lambda assignment: AssignmentFindings(here(at(assignment))))
    # Of the values that a parameter lists, the last that is wrong stands for all.
    wrong = {result.path: result for result in results if result.verdict == REFUTED}
    return [one for one in results if one.verdict != REFUTED or one is wrong[one.path]]


def facts_at_defaults(context: TemplateContext, asked: RoleProperty, results: list[Result]) -> list[Result]:
    """The same results, where proofs that rest on defaults of parameters say so."""
    defaults = context.template.holder_defaults()
    judge = partial(_judged, asked)
    return say_defaults(context, results, defaults, _classes(context, asked), judge, _places_compared(context, asked))


def _judged(asked: RoleProperty, context: TemplateContext, _: Collection[Path]) -> list[Result]:
    return _in_one_place(context, asked)


def _classes(context: TemplateContext, asked: RoleProperty) -> tuple[Assignment, ...] | str:
    """The assignments at which roles and sessions are judged; text for a reason why they are not known."""
    found: dict[Assignment, None] = {}
    for path in _deciding_facts(context, asked):
        classes = context.assignments.of(path)
        if isinstance(classes, str):
            return classes
        found.update(dict.fromkeys(classes))
    return tuple(found)


def _deciding_facts(context: TemplateContext, asked: RoleProperty) -> Iterator[tuple[Path, ...]]:
    """What decides of each role, and of whatever else gives sessions, how long they last, and who gets them."""
    for role in context.template.roles:
        if role.trust is not None:
            # What the role is called, and what it may do, is nothing to how long its sessions last.
            says = role.path if role.path[-1] == _DURATION else (*role.path, "Properties", _DURATION)
            yield (says, context.documents[role.trust].path) if _asks_for_callers(context, asked, role) else (says,)
    for session in context.template.sessions:
        yield (session.path,)


def _asks_for_callers(context: TemplateContext, asked: RoleProperty, role: RoleFacts) -> bool:
    """
    Whether it may matter at some assignment who may assume a role. What writes no duration has the same one at each,
    and a trust policy may have as many assignments as there are roles, at each of which all of these would be read.
    """
    if context.certify or role.path[-1] == _DURATION or role.trust is None:
        return True
    document = context.documents[role.trust]
    return asked.depends_on_callers(subject_for(document, context.account, context.partition, context.config), role)


def _roles(context: TemplateContext, asked: RoleProperty) -> Iterator[Result]:
    """What the template says of each role besides its policies."""
    for role in context.template.roles:
        if role.trust is None:
            continue
        undecided = ""
        try:
            if role.guards and context.deployments.satisfy(role.guards) is None:
                continue
        except BudgetReached as reached:
            # Whether it exists is not decided, so it is asked about.
            undecided = f"whether there is such a role is not decided: {BUDGET}: {reached.name}"
        document = context.documents[role.trust]
        subject = subject_for(document, context.account, context.partition, context.config)
        callers: dict[str, Refutation | None] = {}
        most = "" if role.longest is None else f", at most {role.longest}"
        lines = [f"MaxSessionDuration is {role.max_session_duration}{most}"]
        if context.certify or asked.depends_on_callers(subject, role):
            callers, proofs = _callers(context, subject, asked)
            lines.extend(line for proof in proofs for line in proof.certificate)
        place = context.place(document)
        finding = asked.judge(subject, role, [*callers])
        if undecided and finding.verdict == REFUTED:
            finding = finding._replace(verdict=UNKNOWN, reasons=(undecided,), why=(), remedy=None)
        shown = _at_most(subject, role, place, callers) if finding.verdict == REFUTED else None
        finding = _as_listed(finding, role, context)
        found = to_result(
            subject, asked, place, finding, shown, about=f"MaxSessionDuration {role.max_session_duration}"
        )
        proved = context.certify and found.verdict == PROVED
        yield found._replace(certificate=certificate(lines)) if proved else found


def _sessions(context: TemplateContext, asked: RoleProperty) -> Iterator[Result]:
    """How long the sessions last that no role gives."""
    for one in context.template.sessions:
        try:
            if one.guards and context.deployments.satisfy(one.guards) is None:
                continue
        except BudgetReached:
            # Whether there are such sessions is not decided, so it is asked.
            pass
        document = Document("", Policy(()), one.logical_id, one.resource_type, one.path, one.construct_path)
        subject = Subject(document, context.account, context.partition, context.config)
        finding = asked.judge_sessions(subject, one)
        about = f"{one.key} {one.duration}"
        found = to_result(subject, asked, context.place(document), finding, None, about=about)
        yield found._replace(certificate=(f"{one.key} is {one.duration}",)) if context.certify else found


def _callers(
    context: TemplateContext, subject: Subject, asked: RoleProperty
) -> tuple[dict[str, Refutation | None], list[Proof]]:
    """
    Which of the property's questions some request answers, with a request where there is one, and the proofs that
    none answers the others.
    """
    prover = Prover(subject, asked.inquiry, context.deployments, certify=context.certify)
    callers: dict[str, Refutation | None] = {}
    closed: list[Proof] = []
    for question in asked.callers(subject):
        outcomes = [prover.settle(i, (question,)) for i in prover.compiled.allow_indices]
        proofs = [outcome for outcome in outcomes if isinstance(outcome, Proof)]
        if len(proofs) < len(outcomes):
            requests = (outcome for outcome in outcomes if isinstance(outcome, Refutation))
            callers[question.about] = next(requests, None)
        else:
            closed.extend(proofs)
    return callers, closed


def _as_listed(finding: Finding, role: RoleFacts, context: TemplateContext) -> Finding:
    """The finding with the parameter to change, where a duration is one of those that a parameter lists."""
    duration = str(role.max_session_duration)
    listed = () if context.assignment is None else context.assignment.named
    names = [name for name, value in listed if value == duration]
    if finding.verdict != REFUTED or not names:
        return finding
    return finding._replace(remedy=Remedy(f"take {duration} out of the values that the parameter {names[0]} lists"))


def _at_most(
    subject: Subject, role: RoleFacts, place: Place, callers: Mapping[str, Refutation | None]
) -> Counterexample | None:
    """A caller of a role whose sessions last as long as a parameter says, with the most that it may say."""
    # AWS ends the session of a caller with a role's session after an hour, whatever the role says.
    refutation = callers.get("people")
    duration = role.max_session_duration
    if refutation is None or not (isinstance(duration, Symbolic) or str(duration) in place.assumed.values()):
        return None
    parameters = {**place.assumed, **place.defaults(refutation.statement.path), **refutation.parameters}
    if isinstance(duration, Symbolic):
        (parameter,) = duration.symbols
        parameters = {**parameters, parameter.name: str(role.longest)}
    return counterexample(refutation.request, [subject.policy], place.completed(parameters), asks_for_mfa=False)
