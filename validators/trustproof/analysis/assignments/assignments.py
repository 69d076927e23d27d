"""
Whatever is said of a template is said of each assignment of its parameters at which it has to be judged.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from trustproof.analysis.presentation.regional_findings import told_in_which_region
from trustproof.analysis.remedies.shared_statements import (
    Callers,
    CallersByPath,
    callers,
    changed_statements,
    is_right_for,
    right_where,
)
from trustproof.config.model import Config
from trustproof.engine.allowance import spend
from trustproof.model.deployments import Assignment, Deployments, is_given
from trustproof.model.document import Document
from trustproof.model.policy import ALLOW, Guard, Path
from trustproof.model.query import is_concrete
from trustproof.properties.base import Property, RoleProperty, StatementProperty
from trustproof.properties.question import Direction
from trustproof.proving.budget_advice import with_advice
from trustproof.results.result import (
    BUDGET,
    ERROR,
    PROVED,
    REFUTED,
    UNKNOWN,
    WARNING,
    WORLD,
    Remedy,
    Result,
    milder,
    with_defaults,
)
from trustproof.sets.search import BudgetReached

#: Units of an allowance that a refutation costs, and a question that stays open, at each assignment but the first: its
#: request is replayed, and its remedy tried.
_WORDED = 2_000
_TRUST = "AssumeRolePolicyDocument"
_NOBODY: frozenset[Callers] = frozenset()
_MEANT = "this is taken to be meant"
_IF_NOT = "if this is not meant: "


class AssignmentFindings(NamedTuple):
    """
    What is found at one assignment.
    """

    results: list[Result]
    #: The Allow statements that exist there, and whom they let in.
    allows: CallersByPath = MappingProxyType({})


def at_each(
    asked: Property,
    config: Config,
    classes: tuple[Assignment, ...] | str,
    here: Callable[[], list[Result]],
    ask: Callable[[Assignment], AssignmentFindings],
    proofs: Callable[[], list[Result]] = list,
    nowhere: Callable[[], list[Assignment]] = list,
) -> list[Result]:
    """
    The results over all assignments: what is wrong, or not decided, at one of them is so.

    Args:
        config: says how bad the project finds what the property refutes.
        classes: text for a reason why they are not known.
        here: gives the results of the one reading that says it all where there are no others.
        ask: gives what is found at an assignment.
        proofs: gives the proof of each document, where a request is wanted.
        nowhere: gives further assignments, at which there is nothing that could be found.
    """
    if isinstance(classes, str):
        return _left_open(asked, here(), proofs(), classes)
    if not classes:
        return here()
    readings = []
    try:
        for assignment in classes:
            reading = ask(assignment)
            readings.append(reading._replace(results=[name_assignments(one, assignment) for one in reading.results]))
            spend(_WORDED * sum(one.verdict != PROVED for one in reading.results if assignment != classes[0]))
    except BudgetReached as reached:
        return _left_open(asked, here(), proofs(), f"{BUDGET}: {reached.name} ({reached.limit})")
    wrong = [{result.path for result in other.results if result.verdict == REFUTED} for other in readings]
    everywhere = set.intersection(*wrong)
    readings = [
        _chosen(asked, config, one, everywhere, assignment) for one, assignment in zip(readings, classes, strict=True)
    ]
    told = told_in_which_region([reading.results for reading in readings], classes)
    readings = [reading._replace(results=results) for reading, results in zip(readings, told, strict=True)]
    only_where = _OnlyWhere(readings, classes)
    if len(readings) > 1:
        said, same = _said_in_edits(readings), _remedies_alike(readings)
        readings = [_in_words(number, one, only_where, said, same) for number, one in enumerate(readings)]
    readings = [
        _without_values(one, readings, assignment, classes, nowhere)
        for one, assignment in zip(readings, classes, strict=True)
    ]
    wanted = isinstance(asked, StatementProperty) and asked.direction is Direction.WANTED
    found = _wanted(readings, proofs()) if wanted else merge_readings([reading.results for reading in readings])
    return found or here()


def _left_open(asked: Property, found: Sequence[Result], proofs: Sequence[Result], reason: str) -> list[Result]:
    """
    What one reading gives, where a budget keeps the others from being made: it refutes, and decides nothing else.

    Args:
        proofs: of each document, as `at_each` is given them.
    """
    results: list[Result] = []
    for one in found:
        if one.verdict == REFUTED:
            results.append(one)
        elif reason not in one.reasons:
            left = undecided_result(asked, one, reason)
            results.append(left._replace(reasons=(*one.reasons, reason)) if one.verdict == UNKNOWN else left)
        else:
            results.append(one)
    if all(one.verdict == REFUTED and one.severity != ERROR for one in results):
        # What is worse may be at an assignment that nobody has looked at.
        results += [undecided_result(asked, one, reason) for one in proofs]
    return results


def _chosen(
    asked: Property,
    config: Config,
    one: AssignmentFindings,
    wrong: Collection[Path],
    assignment: Assignment,
) -> AssignmentFindings:
    """
    A reading in which what lets the world to a resource, or lasts too long, is a warning where another value of a
    parameter does not: whoever deploys the template chooses that.

    Args:
        wrong: the places at which something is refuted in all readings.
    """
    values = {name: value for name, value in assignment.named if is_given(name)}
    switches = " and ".join(f"{name} is {value or 'empty'}" for name, value in values.items())
    results: list[Result] = []
    for result in one.results:
        # Nobody means the world to get credentials of a role, whatever the parameter is called.
        world = result.reach == WORLD and _TRUST not in result.path
        chosen = (world or isinstance(asked, RoleProperty)) and bool(switches or not assignment.named)
        if result.verdict == REFUTED and chosen and result.path not in wrong:
            severity = asked.severity_of(config, REFUTED, (), WARNING)
            where = f"where {switches}" if switches else "since other values of the parameters leave it out"
            # What decides on the statement itself may have said so already.
            is_said = not switches and any(one.startswith(_MEANT) for one in result.why)
            why = result.why if is_said else (f"{_MEANT} {where}", *result.why)
            result = result._replace(severity=milder(severity, result.severity), why=why)
            if world and (said := result.remedy) is not None and not said.edits and [*values.values()] == [""]:
                # With a value it lets in somebody else.
                text = f"{_IF_NOT}give {switches.split(' ')[0]} a value; or {said.text.removeprefix(_IF_NOT)}"
                result = result._replace(remedy=Remedy(text))
        results.append(result)
    return one._replace(results=results)


def _said_in_edits(readings: Sequence[AssignmentFindings]) -> dict[Path, list[object]]:
    """What stands where remedies replace something, in each of the forms that readings have of it."""
    said: dict[Path, list[object]] = {}
    for result in (result for reading in readings for result in reading.results):
        for edit in result.remedy.edits if result.remedy is not None else ():
            held = said.setdefault(edit.path, [])
            if edit.before not in held:
                held.append(edit.before)
    return said


def _remedies_alike(readings: Sequence[AssignmentFindings]) -> dict[object, list[Remedy]]:
    """The remedies of all readings by what their results have in common."""
    same: dict[object, list[Remedy]] = {}
    for result in (result for reading in readings for result in reading.results):
        if result.remedy is not None:
            same.setdefault(_same(result), []).append(result.remedy)
    return same


def _in_words(
    number: int,
    one: AssignmentFindings,
    only_where: _OnlyWhere,
    said: Mapping[Path, Sequence[object]],
    same: Mapping[object, Sequence[Remedy]],
) -> AssignmentFindings:
    """
    A reading whose remedies replace nothing that a parameter decides: what an edit takes out is not written there. Nor
    do they say what is right at this value only: whom another value lets in, beside or instead, may be locked out.

    Args:
        number: of the reading.
        said: see `_said_in_edits`.
        same: see `_remedies_alike`.
    """
    results: list[Result] = []
    for result in one.results:
        remedy = result.remedy
        if remedy is not None and remedy.edits:
            words = next((other for other in same[_same(result)] if not other.edits), None)
            if any(len(said[edit.path]) > 1 for edit in remedy.edits):
                text = f"{remedy.text}, in each form that parameters and conditions give it"
                result = result._replace(remedy=Remedy(text))
            elif words is not None:
                result = result._replace(remedy=words)
            elif where := only_where(result, number):
                result = result._replace(remedy=right_where(remedy, where))
        results.append(result)
    return one._replace(results=results)


class _OnlyWhere:
    """
    Tells the values at which remedies are right that are not at all; the same is asked of many assignments.
    """

    def __init__(self, readings: Sequence[AssignmentFindings], classes: Sequence[Assignment]) -> None:
        self._readings = readings
        self._classes = classes
        self._paths = {path for reading in readings for path in reading.allows}
        self._known: dict[object, list[tuple[str, str]]] = {}

    def __call__(self, result: Result, number: int) -> list[tuple[str, str]]:
        """
        The values of some parameters at which a remedy is right; empty where it is right at all.

        Args:
            number: of the reading that the result is of.
        """
        assert result.remedy is not None
        here = self._readings[number].allows
        paths = changed_statements(result.remedy, self._paths)
        key = _same(result), repr(result.remedy.edits), tuple(here.get(path, _NOBODY) for path in paths)
        if key not in self._known:
            self._known[key] = self._asked(result, number, paths)
        return self._known[key]

    def _asked(self, result: Result, number: int, paths: Sequence[Path]) -> list[tuple[str, str]]:
        here = self._readings[number].allows
        named = self._classes[number].named
        apart: list[list[tuple[str, str]]] = []
        for there, values in zip(self._readings, self._classes, strict=True):
            if not all(
                is_right_for(result, here.get(path, _NOBODY), there.allows.get(path, _NOBODY), there.results, path)
                for path in paths
            ):
                other = dict(values.named)
                apart.append([(name, value) for name, value in named if other.get(name, value) != value])
        return min(apart, key=len) if apart else []


def _same(result: Result) -> object:
    """What a result has in common with what is found there at other values."""
    return result.path, result.logical_id, result.message


def _without_values(
    one: AssignmentFindings,
    readings: Sequence[AssignmentFindings],
    assignment: Assignment,
    read: Sequence[Assignment],
    nowhere: Callable[[], list[Assignment]],
) -> AssignmentFindings:
    """
    A reading whose counterexamples name no value of a parameter that changes nothing: the same request does the same at
    all assignments.

    Args:
        read: the assignments of the readings. What is one value at all of them may be so since there is nothing to
            judge at another one.
        nowhere: gives those at which there is nothing to judge, which the values that are named have to tell apart.
    """
    if len(readings) == 1 or all(result.counterexample is None for result in one.results):
        return one
    values: dict[str, set[str]] = {}
    for name, value in (pair for other in read for pair in other.named):
        values.setdefault(name, set()).add(value)
    names = {name for name, _ in assignment.named if len(values[name]) > 1}
    for other in nowhere() if names else ():
        telling = {name for name, value in other.named if name in values and value not in values[name]}
        # What is named anyhow may tell it apart.
        if telling <= names:
            names -= telling or {name for name, _ in other.named}
    found = [[_request(result, names) for result in reading.results] for reading in readings]
    results: list[Result] = []
    for result in one.results:
        request = _request(result, names)
        if result.counterexample is not None and all(request in there for there in found):
            left = {name: value for name, value in result.counterexample.parameters.items() if name not in names}
            result = result._replace(counterexample=result.counterexample._replace(parameters=left))
        results.append(result)
    return one._replace(results=results)


def _request(result: Result, names: Collection[str]) -> object:
    """What a result shows, whatever some parameters are; None where it shows nothing."""
    shown = result.counterexample
    if shown is None:
        return None
    left = {name: value for name, value in shown.parameters.items() if name not in names}
    return result.path, result.logical_id, result.message, shown._replace(parameters=left)


def merge_readings(readings: Sequence[Sequence[Result]]) -> list[Result]:
    """The results over several readings, of each resource the worst."""
    by_resource: dict[tuple[str, ...], list[Result]] = {}
    for reading in readings:
        for result in reading:
            key = (result.template, result.stack, result.logical_id, result.resource_type)
            by_resource.setdefault(key, []).append(result)
    return [result for results in by_resource.values() for result in _worst(results)]


def _worst(results: Sequence[Result]) -> Iterator[Result]:
    found: dict[tuple[Path, str], Result] = {}
    for result in results:
        if result.verdict != PROVED:
            key = (result.path, result.message)
            found[key] = with_undeclared(found.get(key, result), result)
    refuted = {result.path for result in found.values() if result.verdict == REFUTED}
    # Where something is refuted, it does not matter what is open elsewhere.
    yield from (result for result in found.values() if result.verdict == REFUTED or result.path not in refuted)
    wrong = [result.path for result in found.values()]
    proofs: dict[Path, list[Result]] = {}
    for result in results:
        if result.verdict == PROVED and not any(_is_part(path, result.path) for path in wrong):
            proofs.setdefault(result.path, []).append(result)
    for same in proofs.values():
        lines = dict.fromkeys(line for result in same for line in result.certificate)
        defaults = [pair for result in same for pair in result.at_defaults]
        one = min(same, key=lambda result: not result.reasons)
        yield with_defaults(one._replace(certificate=tuple(lines)), defaults)


def _is_part(path: Path, whole: Path) -> bool:
    """Whether a place is in another one of the same resource, or where stands what several resources have."""
    if path[:2] == whole[:2]:
        return is_within(path, whole)
    # Globals of SAM name the properties behind the section and the type.
    return any(path[2:][: len(whole) - step] == whole[step:] for step in range(3, len(whole)))


def with_undeclared(one: Result, other: Result) -> Result:
    """A result with whoever another reading of the same finds besides, of whom nobody has said whose they are."""
    more = tuple(there for there in other.undeclared if there not in one.undeclared)
    return one._replace(undeclared=(*one.undeclared, *more)) if more else one


def _wanted(readings: Sequence[AssignmentFindings], proofs: Sequence[Result]) -> list[Result]:
    """The same where a request is wanted: a statement that somebody can use at one assignment can be used."""
    usable: set[Path] = set()
    left: dict[Path, Result] = {}
    for reading in readings:
        wrong = [result.path for result in reading.results if result.verdict != PROVED]
        usable |= {path for path in reading.allows if not any(_is_in(other, path) for other in wrong)}
    statements = {path for reading in readings for path in reading.allows}
    for result in (result for reading in readings for result in reading.results if result.verdict != PROVED):
        statement = next((path for path in statements if _is_in(result.path, path)), result.path)
        if statement not in usable and (statement not in left or left[statement].verdict == REFUTED != result.verdict):
            left[statement] = result
    proved = [[result for result in reading.results if result.verdict == PROVED] for reading in readings]
    there = {result.path for results in proved for result in results}
    # Each statement may be wrong somewhere, and right elsewhere.
    return merge_readings([*proved, [*left.values()], [result for result in proofs if result.path not in there]])


def is_within(path: Path, other: Path) -> bool:
    """Whether one of two places is in the other."""
    return path[: len(other)] == other or other[: len(path)] == path


def _is_in(path: Path, statement: Path) -> bool:
    return path[: len(statement)] == statement


def undecided_result(asked: Property, proof: Result, reason: str) -> Result:
    """What is left of a proof that does not cover everything."""
    message = f"not decided whether {asked.summary}: {proof.logical_id}"
    reasons = with_advice((reason,))
    severity = asked.unknown_severity(proof.severity, reasons)
    return proof._replace(verdict=UNKNOWN, severity=severity, message=message, reasons=reasons, certificate=())


def name_assignments(result: Result, *assignments: Assignment) -> Result:
    """A result whose certificate names the assignments that it is for."""
    if not result.certificate or not assignments:
        return result
    where = ", ".join(map(str, assignments))
    return result._replace(certificate=tuple(f"where {where}: {line}" for line in result.certificate))


def is_alike(document: Document, others: Iterable[Document]) -> bool:
    """Whether a document, in which everything is known, says the same as another one."""
    return not document.guards and is_concrete(document.policy) and document in others


def allow_statements(documents: Iterable[Document], deployments: Deployments) -> CallersByPath:
    """The Allow statements of some documents that exist in a deployment, and whom they let in."""
    return callers(
        statement
        for document in documents
        for statement in document.policy.statements
        if statement.effect == ALLOW and _may_exist((*document.guards, *statement.guards), deployments)
    )


def _may_exist(guards: Sequence[Guard], deployments: Deployments) -> bool:
    try:
        return not guards or deployments.satisfy(guards) is not None
    except BudgetReached:
        return True
