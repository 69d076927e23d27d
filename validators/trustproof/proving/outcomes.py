"""
From the prover's answers to results: one policy, one property.
"""

from __future__ import annotations

import functools
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.model.deployments import Deployments
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import ALLOW, Path, Principal, Statement
from trustproof.model.text import Symbol
from trustproof.properties.base import Property, StatementProperty
from trustproof.properties.question import OWN_ORGANIZATION, Direction, Finding, Refutation, Subject
from trustproof.properties.remedies.effects import for_one_effect
from trustproof.properties.remedies.placeholder_account import as_it_is, as_the_template_says
from trustproof.properties.wording.admitted_principals import (
    admitting_entry,
    element,
    first_entry,
    giving_account,
    with_parameters,
    without_made_up_ids,
)
from trustproof.proving.allow_statements import certificate, evidence, used_otherwise, variants
from trustproof.proving.answers import Proof, Undecided, unless_milder
from trustproof.proving.budget_advice import with_advice
from trustproof.proving.cache import CachedProof, ProofCache, within_allowance
from trustproof.proving.counterexamples import counterexample, deciding_policies
from trustproof.proving.deployment_tests import for_optional_test
from trustproof.proving.hints import by_whoever_deploys, givable, hints, names_of_nothing
from trustproof.proving.instantiate import unknowns
from trustproof.proving.made_up_ids import DECLARE, made_up_ids
from trustproof.proving.optional_external_ids import Forms, for_optional_external_id, nowhere, passing_external_id
from trustproof.proving.program_remedies import for_programs
from trustproof.proving.proofs_alone import is_proved
from trustproof.proving.prover import Prover
from trustproof.proving.remedies import made_usable, verify_remedy
from trustproof.proving.senders import for_senders
from trustproof.proving.surroundings import no_surroundings, surroundings
from trustproof.proving.template_switches import other_forms, switched_off, switched_on
from trustproof.proving.undeclared_principals import with_undeclared_principals
from trustproof.results.fingerprint import WrittenPolicies, fingerprints, of_stack
from trustproof.results.result import (
    ERROR,
    OWN,
    PROVED,
    REFUTED,
    UNKNOWN,
    Counterexample,
    Milder,
    Reach,
    Remedy,
    Result,
    Severity,
    Verdict,
)
from trustproof.results.surroundings import shorten_surroundings
from trustproof.results.unknown_kinds import VALUE, UnknownKind

#: What a finding is found next to, by the names of today or by those that stay; None for what the subject says.
_Around = Callable[[bool], Sequence[str]] | None


class Place(NamedTuple):
    """
    Where a policy stands, for the results about it.
    """

    template: str
    #: As the template or the user says; None where nobody does.
    account: str | None
    #: Values at which parameters were judged by their Default, for the parameters that a part of the template uses.
    defaults: Callable[[Path], Mapping[str, str]]
    #: Pseudo-parameters that had to be given a value.
    assumed: Mapping[str, str]
    #: Of `defaults`, those that decide by a condition what is there.
    deciding: Callable[[Path], Mapping[str, str]] = lambda path: {}
    #: What the policies say that results are about, for their fingerprints.
    written: WrittenPolicies = WrittenPolicies()
    #: Values of parameters with what rules of the template demand of others.
    completed: Callable[[Mapping[str, str]], Mapping[str, str]] = lambda values: values
    #: The account that was made up where nobody knows it, and what the template calls it.
    made_up: tuple[str, Symbol] | None = None
    #: The parameters at whose other values a statement, by its path, looks at a condition key, with their defaults.
    asking_elsewhere: Callable[[Path, str], Mapping[str, str]] = nowhere
    #: The stack of an assembly, where several are made of the template; empty elsewhere.
    stack: str = ""
    #: Gives a remedy the names that the template gives to what the remedy names.
    written_as: Callable[[Remedy, Document], Remedy] = as_it_is


def check_statements(
    subject: Subject,
    asked: StatementProperty,
    place: Place,
    deployments: Deployments | None,
    *,
    certify: bool = False,
    cache: ProofCache | None = None,
    is_first_enough: bool = False,
) -> list[Result]:
    """
    Every refutation and every open question of one policy; where there is none, the one proof.

    Args:
        is_first_enough: whether one result that is no proof may stand for all, which says nothing but that it is none.
        certify: whether proofs are checked again, and results say what they consist of.
        cache: what has been settled of policies that say the same; what is settled here is added.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    wanted = asked.direction is Direction.WANTED
    prover = Prover(subject, asked.inquiry, deployments, certify=certify)
    cached = None if cache is None else cache.get(prover)
    if cached is None:
        plain = not certify and prover.subject is subject
        settled: dict[int, Proof | Refutation | Undecided] = {}
        for index, _ in variants(prover, deployments):
            settled[index] = outcome = cache.settle(prover, index) if cache and plain else prover.settle(index)
            if is_first_enough and not wanted and (doubt := _doubt(subject, asked, place, index, outcome)) is not None:
                return [doubt]
        outcomes = tuple(settled.items())
        proved = all(isinstance(outcome, Refutation) is wanted for _, outcome in outcomes)
        rests = () if not proved else tuple(assumptions(asked, prover, certify=certify))
        cached = CachedProof(outcomes, rests)
        if cache is not None:
            cache.put(prover, cached)
    if not wanted:
        found_by = functools.partial(asked.found, subject)
        cached = cached._replace(outcomes=tuple((at, unless_milder(one, found_by)) for at, one in cached.outcomes))
    out: list[Result] = []
    lines: list[str] = []
    refuted = {index: outcome for index, outcome in cached.outcomes if isinstance(outcome, Refutation)}
    superseded = asked.superseded(prover.subject, refuted) if len(refuted) > 1 else ()
    # Each statement asks it of all its other forms.
    said = functools.cache(lambda index: asked.found(subject, refuted[index]))
    refuted_alone = functools.partial(_is_refuted_alone, functools.cache(lambda: _for_one(subject, refuted)), said)
    if wanted:
        superseded = used_otherwise(prover.subject.policy, refuted)
    for index, outcome in cached.outcomes if wanted else within_allowance(cached.outcomes):
        if index in superseded:
            continue
        statement = prover.subject.policy.statements[index]
        lines.extend(evidence(outcome, statement, index))
        if isinstance(outcome, Undecided):
            around = no_surroundings if is_first_enough else None
            out.append(_unknown(subject, asked, place, subject.policy.statements[index], outcome, around=around))
        elif isinstance(outcome, Refutation) and not wanted:
            forms = functools.partial(other_forms, prover.subject.policy, index, refuted, lambda one: said(one).reach)
            try_out = functools.partial(verify_remedy, cache=cache, refuted_alone=refuted_alone)
            found = _refuted(
                subject,
                asked,
                place,
                index,
                outcome,
                deployments,
                said(index),
                other_forms=forms,
                try_out=try_out,
                cache=cache,
            )
            out.append(found._replace(certificate=found.reasons) if certify and found.verdict == PROVED else found)
        elif not isinstance(outcome, Refutation) and wanted:
            out.append(unusable(subject, asked, place, prover, index, outcome))
    if not out:
        found = _proved(subject, asked, place, cached.rests)
        out.append(found._replace(certificate=certificate(lines)) if certify else found)
    return _once(out)


def _doubt(
    subject: Subject, asked: StatementProperty, place: Place, index: int, outcome: Proof | Refutation | Undecided
) -> Result | None:
    """
    What keeps a statement from being proved; None where it is. Nobody reads its words: what these ask of the whole
    template, and what stands around the statement, is left out.
    """
    outcome = unless_milder(outcome, functools.partial(asked.found, subject))
    if isinstance(outcome, Proof):
        return None
    statement = subject.policy.statements[index]
    if isinstance(outcome, Undecided):
        return _unknown(subject, asked, place, statement, outcome, around=no_surroundings)
    said = asked.found(subject, outcome)
    if said.verdict == PROVED:
        return None
    path = said.path or subject.document.path
    return result(subject, asked, place, said.verdict, path, said.message, about=statement, around=no_surroundings)


def _for_one(subject: Subject, refuted: Iterable[int]) -> Mapping[tuple[Path, Principal], Sequence[int]]:
    """Those of some statements that name one principal, by where they stand and whom they name."""
    found: dict[tuple[Path, Principal], list[int]] = {}
    for index in refuted:
        statement = subject.policy.statements[index]
        if len(named := statement.principals or ()) == 1:
            found.setdefault((statement.path, named[0]), []).append(index)
    return found


def _is_refuted_alone(
    of_one: Callable[[], Mapping[tuple[Path, Principal], Sequence[int]]],
    said: Callable[[int], Finding],
    place: Path,
    entry: Principal,
) -> bool:
    """Whether a form of a statement that names a principal, and nobody else, is refuted."""
    return any(said(index).verdict == REFUTED for index in of_one().get((place, entry), ()))


def assumptions(asked: StatementProperty, prover: Prover, *, certify: bool) -> Iterator[str]:
    """
    What a proof rests on: whatever it does not hold without.

    Where that is open, as in a template that leaves the resource to the deployment, it is said too.
    """
    for why, weaker in asked.assumptions(prover.subject):
        if not all(is_proved(prover, index, weaker, certify=certify) for index in prover.compiled.allow_indices):
            yield why


def _once(results: list[Result]) -> list[Result]:
    """Variants of a statement that differ in a template condition may be wrong in the same way: once is enough."""
    seen: dict[tuple[Path, str, str], Result] = {}
    for one in results:
        seen.setdefault((one.path, one.verdict, one.message), one)
    return list(seen.values())


def result(
    subject: Subject,
    asked: Property,
    place: Place,
    verdict: Verdict,
    path: Path,
    message: str,
    *,
    about: Statement | str | None = None,
    at_most: Severity = ERROR,
    unknown: UnknownKind = VALUE,
    reach: Reach | None = None,
    around: _Around = None,
    **more: object,
) -> Result:
    """
    A result about a policy, with what every result says.

    Args:
        about: the statement that it is about, or in words what it is about besides policies; the whole policy else.
        at_most: how bad it is at most.
        unknown: of what is unknown, what keeps it from being answered.
        reach: from how far away somebody gets in; None for what is usual of the property.
        around: what it is found next to, by the names of today or by those that stay; None for what the subject says.
    """
    document = subject.document
    if verdict == UNKNOWN:
        more["reasons"] = with_advice(more.get("reasons", ()))  # type: ignore[arg-type]
    remedy = more.pop("remedy", None)
    if made_up_ids(subject, remedy, more.get("undeclared", ())):
        remedy, more["undeclared"], more["label"] = None, (), ""
        if verdict == UNKNOWN:
            message, more["reasons"] = f"not decided whether {asked.summary}: {document.logical_id}", (DECLARE,)
    if place.made_up is not None:
        message = message.replace(f"account {place.made_up[0]}", "its own account")
    if isinstance(remedy, Remedy):
        # How a text is written is known of it as it was judged, with the account that was made up.
        more["remedy"] = as_the_template_says(place.written_as(remedy, document), place.made_up)
    said = about if isinstance(about, str) else place.written.content(document, about)
    more.update(fingerprints(asked.ident, document.construct_path or document.logical_id, said))
    if place.stack:
        more.update(of_stack(place.stack, str(more["fingerprint"])))
    near: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    if around is not None or verdict != PROVED:
        around = around or _near(subject, None if isinstance(about, str) else about, place)
        near = moved = shorten_surroundings(tuple(around(False)))
        if place.written.names:
            moved = shorten_surroundings(tuple(around(True)))
    return Result(
        asked.ident,
        verdict,
        asked.severity_of(subject.config, verdict, more.get("reasons", ()), at_most, unknown),  # type: ignore[arg-type]
        place.template,
        document.logical_id,
        document.resource_type,
        document.construct_path,
        place.account,
        path,
        message,
        reach=reach or asked.reach,
        around=near,
        moved_around=moved,
        own_name=place.written.own_name(document),
        **more,  # type: ignore[arg-type]
    )


def _near(subject: Subject, about: Statement | None, place: Place) -> Callable[[bool], Sequence[str]]:
    return lambda moved: surroundings(subject, about, place.written.moved if moved else place.written)


def _proved(subject: Subject, asked: StatementProperty, place: Place, rests: tuple[str, ...]) -> Result:
    document = subject.document
    return result(subject, asked, place, PROVED, document.path, asked.proved(subject), reasons=rests)


def _unknown(
    subject: Subject, asked: Property, place: Place, statement: Statement, left: Undecided, around: _Around = None
) -> Result:
    message = f"not decided whether {asked.summary}: {subject.document.logical_id}"
    path, kind, why = statement.path or subject.document.path, left.kind, left.reasons
    return result(
        subject, asked, place, UNKNOWN, path, message, about=statement, unknown=kind, reasons=why, around=around
    )


def _refuted(
    subject: Subject,
    asked: StatementProperty,
    place: Place,
    index: int,
    refutation: Refutation,
    deployments: Deployments | None,
    finding: Finding,
    *,
    other_forms: Callable[[], Mapping[int, bool]],
    try_out: Callable[..., Finding] | None = None,
    cache: ProofCache | None = None,
) -> Result:
    statement = subject.policy.statements[index]
    if try_out is not None:
        finding = try_out(subject, asked, deployments, refutation, finding)
    finding = for_senders(subject, asked, deployments, refutation, finding)
    finding = for_programs(subject, asked, deployments, refutation, finding)
    content = place.written.content(subject.document, statement).text
    defaults = place.defaults(refutation.statement.path)
    needed = {**place.assumed, **defaults, **refutation.parameters}
    completed = place.completed(needed)
    left_out = sorted(name for name, value in completed.items() if not value)
    forms = Forms(content, left_out, defaults, place.asking_elsewhere)
    if not subject.senders or asked.ident != "mfa-required":
        read_at = {**place.defaults(subject.document.path), **defaults}
        finding = for_optional_test(subject, asked.ident, refutation, finding, read_at, place.asking_elsewhere)
    finding = for_optional_external_id(subject, asked.ident, refutation, finding, forms)
    if finding.verdict != REFUTED:
        finding = passing_external_id(
            statement,
            with_undeclared_principals(subject, asked, deployments, refutation, finding, cache=cache),
            forms,
        )
        finding = with_parameters(finding, refutation.parameters, hints(subject))
        return to_result(subject, asked, place, finding, None, about=statement)
    finding = without_made_up_ids(finding, refutation.parameters, hints(subject))
    if refutation.request.caller.account != subject.account and not subject.senders:
        # Whose account it is decides what to do, and whoever deploys the template knows it. One from which the template
        # itself has somebody assume the role is no vendor's.
        finding = by_whoever_deploys(finding, givable(giving_account(refutation), hints(subject)))
    nothing = names_of_nothing(subject)
    finding = finding._replace(
        why=(*finding.why, *(nothing[name] for name in sorted({*refutation.parameters} & {*nothing})))
    )
    made = {one.symbol.name for one in unknowns(subject) if one.symbol.kind == "attribute"} | {*nothing}
    # A Deny may be another one at other values.
    denied = ChainMap(*({**place.defaults(one.path)} for one in subject.policy.statements if one.effect != ALLOW))
    given = {name: value for name, value in {**denied, **completed}.items() if name not in made}
    needed, looked_at = {**denied, **needed}, deciding_policies(subject, refutation.statement)
    shown = counterexample(refutation.request, looked_at, needed, lambda _: given, asks_for_mfa=asked.reach == OWN)
    if subject.document.kind != TRUST:
        # Nobody means the world to get credentials of a role, whatever the parameter is called.
        finding = switched_on(finding, statement, refutation, deployments, completed, other_forms, subject.policy)
    return to_result(subject, asked, place, finding, shown, about=statement)


def unusable(
    subject: Subject, asked: StatementProperty, place: Place, prover: Prover, index: int, proof: Proof
) -> Result:
    """The result for a statement that nobody can use."""
    statement = prover.subject.policy.statements[index]

    conflict, request = prover.unusable(index, proof)
    finding = made_usable(prover, asked, index, asked.unusable(prover.subject, statement, conflict, request))
    finding = switched_off(finding, statement, place.defaults(statement.path))
    shown = None
    if request is not None:
        parameters = place.completed({**place.assumed, **place.defaults(statement.path)})
        shown = counterexample(request, [subject.policy], parameters, asks_for_mfa=asked.reach == OWN)
        shown = shown._replace(refused=True)
    # What denies all of it does not make it worse where it is gone.
    found = to_result(subject, asked, place, finding, shown, about=statement, around=no_surroundings)
    caret = found.caret or first_entry(subject.policy, found.path)
    return found._replace(certificate=proof.certificate, caret=caret)


def to_result(
    subject: Subject,
    asked: Property,
    place: Place,
    finding: Finding,
    shown: Counterexample | None,
    *,
    about: Statement | str | None = None,
    around: _Around = None,
) -> Result:
    """The result that a finding words; what it is found next to is as of `result`."""
    finding = finding._replace(
        path=element(subject.policy, finding.path), remedy=for_one_effect(subject, finding.remedy)
    )
    asks = None if shown is None or shown.refused else shown.request
    caret = () if asks is None else admitting_entry(subject.policy, finding.path, asks, about)
    milder = None
    if finding.by_what_it_gives:
        otherwise = asked.severity_of(subject.config, finding.verdict)
        milder = Milder(subject.document.resource_arn, otherwise, finding.by_what_it_gives)
    return result(
        subject,
        asked,
        place,
        finding.verdict,
        finding.path or subject.document.path,
        finding.message,
        about=about,
        at_most=finding.severity,
        reach=finding.reach,
        label=finding.label,
        caret=caret,
        undeclared=finding.undeclared,
        likely_own=finding.likely_own,
        cause=finding.cause,
        counterexample=shown,
        why=finding.why,
        reasons=finding.reasons,
        remedy=finding.remedy,
        milder=milder,
        around=around,
    )


def subject_for(
    document: Document, account: str, partition: str, config: object, organization: str = OWN_ORGANIZATION
) -> Subject:
    """A subject; resource-level conditions of the template become guards of every statement."""
    if document.guards:
        statements = tuple(
            s._replace(guards=tuple(dict.fromkeys((*document.guards, *s.guards)))) for s in document.policy.statements
        )
        document = document._replace(policy=document.policy._replace(statements=statements))
    return Subject(document, account, partition, config, organization=organization)  # type: ignore[arg-type]
