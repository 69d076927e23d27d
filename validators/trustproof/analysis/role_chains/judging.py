"""
What is found of role chains at the readings that templates may have together.

Where these are too many, the roles that are asked about are judged with those templates alone that may lead to them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from functools import partial
from typing import NamedTuple, TypeAlias

from trustproof.analysis.assignments.assignments import merge_readings, name_assignments
from trustproof.analysis.role_chains.graph_memory import GraphMemory
from trustproof.analysis.role_chains.leading import known_anyhow, leading_templates
from trustproof.analysis.role_chains.mfa_tests import mfa_tests
from trustproof.analysis.role_chains.named_values import Attaching, attaching_templates, values_beside
from trustproof.analysis.role_chains.readings import ChainedTemplate, ChainReading, consistent_readings, values_of
from trustproof.analysis.role_chains.roles import with_attached
from trustproof.analysis.role_chains.search import Chains
from trustproof.analysis.role_chains.shared_values import SharedValues
from trustproof.inputs.reader import Number
from trustproof.properties.base import RunProperty
from trustproof.results.result import REFUTED, Result

#: A template, the stack that is made of it where there are several, and a logical id.
Resource: TypeAlias = "tuple[str, str, str]"
#: So many assignments of the parameters of templates together are judged.
MAX_TOGETHER = 256


class Met(NamedTuple):
    """What the searches for chains came across."""

    #: The templates with roles of chains that were found, or are not decided.
    involved: set[Number]
    #: The roles that demand MFA of people, and let in sessions of some role.
    entered: set[Resource]
    #: The templates with roles that demand MFA in some deployments alone.
    switching: set[Number]


class Judged(NamedTuple):
    """The results about all roles, over all assignments: of each role the worst."""

    results: list[Result]
    met: Met
    #: The roles that were judged at one assignment, since there are too many.
    left: Set[Resource] = frozenset()

    @property
    def decided(self) -> list[Result]:
        """Those about roles that were judged at all assignments."""
        return [one for one in self.results if resource_of(one) not in self.left]


def resource_of(result: Result) -> Resource:
    """The role that a result is about."""
    return result.template, result.stack, result.logical_id


def judged(
    templates: Sequence[ChainedTemplate],
    options: Sequence[Sequence[ChainReading]],
    asked: RunProperty,
    *,
    certify: bool,
    memory: GraphMemory,
    of: Set[Number] | None = None,
    or_first: bool = True,
    or_one: bool = True,
) -> Judged:
    """
    What is found at the readings that templates may have together.

    Args:
        options: the readings of each template.
        memory: of what has been asked with the same allowance.
        of: the templates whose roles are asked about; None for all.
        or_first: whether roles are judged at the first readings where none go together; else nothing is said of them.
        or_one: whether each role is judged at some reading that has it where there are too many; else likewise.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    met = Met(set(), set(), set())
    together = consistent_readings(templates, options, MAX_TOGETHER)
    if together is None:
        return _in_parts(
            templates, options, asked, met, certify=certify, memory=memory, of=of, or_first=or_first, or_one=or_one
        )
    first = [tuple(readings[0] for readings in options)] if or_first else []
    return Judged(_over(together or first, asked, met, certify=certify, memory=memory, of=of), met)


def _in_parts(
    templates: Sequence[ChainedTemplate],
    options: Sequence[Sequence[ChainReading]],
    asked: RunProperty,
    met: Met,
    *,
    certify: bool,
    memory: GraphMemory,
    of: Set[Number] | None,
    or_first: bool,
    or_one: bool,
) -> Judged:
    """The same where there are too many: each role with the templates alone that may have to do with its chains."""
    results: list[Result] = []
    left: set[Resource] = set()
    asked_of = None if of is None else {place for place, one in enumerate(templates) if one.number in of}
    for leading in leading_templates(options, asked_of):
        here = [templates[place] for place in leading.by]
        readings = [options[place] for place in leading.by]
        others = [place for place in range(len(templates)) if place not in leading.by]
        together = consistent_readings(here, readings, MAX_TOGETHER)
        if together is None:
            to = [leading.by.index(place) for place in leading.to]
            chosen = _with_each_role(here, readings, to) if or_one else []
        else:
            first = [tuple(several[0] for several in readings)] if or_first else []
            chosen = _possible([(templates[place], options[place]) for place in others], here, together) or first
        found = _over(
            chosen,
            asked,
            met,
            certify=certify,
            memory=memory,
            of={templates[place].number for place in leading.to},
            known=known_anyhow(options[place] for place in others),
        )
        left |= {resource_of(one) for one in found} if together is None else set()
        results += found
    return Judged(results, met, left)


def _with_each_role(
    templates: Sequence[ChainedTemplate], options: Sequence[Sequence[ChainReading]], to: Sequence[int]
) -> list[tuple[ChainReading, ...]]:
    """
    Readings of templates at which each role that may demand MFA is there, with each trust policy that it may have.

    What is only there at a later reading, or demands it there, would be left out in silence. At most as many are given
    as are judged elsewhere, those that have another role before those that have another policy.

    Args:
        options: the readings of each template.
        to: the places of those whose roles are asked about.
    """
    told = {place: _told_apart(options[place])[:MAX_TOGETHER] for place in to}
    found: list[tuple[ChainReading, ...]] = []
    for number in range(max(map(len, told.values()), default=0)):
        chosen = {place: several[min(number, len(several) - 1)] for place, several in told.items()}
        values = SharedValues()
        for place, reading in chosen.items():
            values = values.joined(values_of(templates[place], reading))
        for place, several in enumerate(options):
            if place not in chosen:
                here = [(reading, values_of(templates[place], reading)) for reading in several]
                # The others are at what goes with it, as far as that is found by taking one after the other.
                chosen[place], further = next((one for one in here if not one[1].excludes(values)), here[0])
                values = values.joined(further)
        found.append(tuple(chosen[place] for place in range(len(options))))
    return found


def _told_apart(readings: Sequence[ChainReading]) -> list[ChainReading]:
    """Those with a role that may demand MFA, or a trust policy of one, which none before has; the first one anyhow."""
    seen: set[object] = set()
    by_role: list[ChainReading] = [*readings[:1]]
    by_policy: list[ChainReading] = []
    for number, reading in enumerate(readings):
        targets = [node for node in reading.nodes if mfa_tests(node.trust.policy)]
        roles = {node.path for node in targets}
        policies = {(node.path, node.trust.document) for node in targets}
        if number and not roles <= seen:
            by_role.append(reading)
        elif number and not policies <= seen:
            by_policy.append(reading)
        seen |= {*roles, *policies}
    return [*by_role, *by_policy]


def _possible(
    others: Sequence[tuple[ChainedTemplate, Sequence[ChainReading]]],
    here: Sequence[ChainedTemplate],
    together: Sequence[tuple[ChainReading, ...]],
) -> list[tuple[ChainReading, ...]]:
    """Readings of some templates without those at which another one has none, by the parameters that both know."""
    known = [[values_of(one, reading) for reading in readings] for one, readings in others]
    found: list[tuple[ChainReading, ...]] = []
    for chosen in together:
        values = SharedValues()
        for one, reading in zip(here, chosen, strict=True):
            values = values.joined(values_of(one, reading))
        if all(any(not one.excludes(values) for one in several) for several in known):
            found.append(chosen)
    return found


def _over(
    together: Sequence[Sequence[ChainReading]],
    asked: RunProperty,
    met: Met,
    *,
    certify: bool,
    memory: GraphMemory,
    of: Set[Number] | None = None,
    known: frozenset[str] = frozenset(),
) -> list[Result]:
    """
    What is found at some readings of templates.

    Args:
        met: receives what it comes across.
        of: the templates whose roles are asked about; None for all.
        known: the ARNs of roles of others.
    """
    attaching = attaching_templates(together)
    found = [
        list(_at(chosen, attaching, asked, met, certify=certify, memory=memory, of=of, known=known))
        for chosen in together
    ]
    return found[0] if len(found) == 1 else _one_answer(merge_readings(found))


def _at(
    chosen: Sequence[ChainReading],
    attaching: Attaching,
    asked: RunProperty,
    met: Met,
    *,
    certify: bool,
    memory: GraphMemory,
    of: Set[Number] | None,
    known: frozenset[str],
) -> Iterator[Result]:
    nodes = with_attached(
        [node for reading in chosen for node in reading.nodes],
        [attached for reading in chosen for attached in reading.attached],
    )
    assignments = [reading.assignment for reading in chosen if reading.assignment is not None]
    beside = partial(values_beside, chosen, attaching)
    chains = Chains(nodes, asked, beside, certify=certify, known=known, memory=memory)
    for result in chains.results(of):
        yield name_assignments(result, *assignments)
    met.involved.update(chains.involved)
    met.entered.update(chains.entered)
    met.switching.update(chains.switching)


def _one_answer(results: Sequence[Result]) -> list[Result]:
    """
    The results without what is not decided of a role that is reached at another assignment, wherever that stands, and
    with one chain of those through the same roles by other names.
    """
    reached = {resource_of(one) for one in results if one.verdict == REFUTED}
    found: dict[object, Result] = {}
    for number, one in enumerate(results):
        if one.verdict == REFUTED:
            through = tuple((place.template, place.path) for place in one.related)
            found.setdefault((resource_of(one), one.path, through), one)
        elif resource_of(one) not in reached:
            found[number] = one
    return [*found.values()]
