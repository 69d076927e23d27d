"""
Role chains at each assignment of the parameters of the templates that have the roles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from trustproof.analysis.assignments import merge_readings, name_assignments, undecided_result
from trustproof.analysis.defaults import MAX_ASKED
from trustproof.analysis.role_chains.roles import Attached, Node, with_attached
from trustproof.analysis.role_chains.search import Chains
from trustproof.model.deployments import Assignment
from trustproof.model.policy import Path
from trustproof.properties.base import RunProperty
from trustproof.results.result import PROVED, Result

#: So many assignments of the parameters of all templates together are judged.
MAX_TOGETHER = 256


class ChainReading(NamedTuple):
    """
    The roles of a template at one assignment.
    """

    #: None where one reading says it all.
    assignment: Assignment | None
    nodes: tuple[Node, ...]
    #: Policies that the template attaches by name, for roles of other templates.
    attached: tuple[Attached, ...]


class OtherReadings(NamedTuple):
    """
    The roles of a template where parameters have other values than their defaults.
    """

    #: Those that have, and the defaults.
    defaults: Mapping[str, str]
    readings: tuple[ChainReading, ...]


class ChainedTemplate(NamedTuple):
    """
    The roles of a template, at each assignment at which they have to be judged.
    """

    readings: tuple[ChainReading, ...]
    #: Why there are more; empty where these are all.
    left_open: str = ""
    #: The same at other values than the defaults that make a difference: at those of all of them, then of each.
    at_other_values: tuple[OtherReadings, ...] = ()


def chain_results(templates: Sequence[ChainedTemplate], asked: RunProperty, *, certify: bool) -> list[Result]:
    """
    The results about all roles, over all assignments: of each role the worst.

    Raises:
        CertificateError: a proof does not stand up to being checked again.
    """
    several = [template for template in templates if template.readings]
    reasons = [template.left_open for template in several if template.left_open]
    if prod(len(template.readings) for template in several) > MAX_TOGETHER:
        reasons.append(f"budget reached: assignments of the parameters of all templates ({MAX_TOGETHER})")
        several = [template._replace(readings=template.readings[:1]) for template in several]
    found = [list(_at(chosen, asked, certify=certify)) for chosen in product(*(t.readings for t in several))]
    results = found[0] if len(found) == 1 else merge_readings(found)
    return [undecided_result(asked, one, reasons[0]) if reasons and one.verdict == PROVED else one for one in results]


def chains_at_defaults(templates: Sequence[ChainedTemplate], asked: RunProperty, results: list[Result]) -> list[Result]:
    """The results about all roles, where proofs that rest on defaults of parameters say so."""
    proved = {_at_home(one) for one in results if one.verdict == PROVED}
    widest = {number: one.at_other_values[0] for number, one in enumerate(templates) if one.at_other_values}
    if not proved or not widest:
        return results
    resting: dict[tuple[str, Path], dict[str, str]] = {key: {} for key in proved}
    single = [(n, other) for n in widest for other in templates[n].at_other_values if len(other.defaults) == 1]
    for number, other in single[:MAX_ASKED]:
        for key in proved & _unproved(templates, asked, {number: other}):
            resting[key].update(_named(other, templates[number], key))
    several = sum(len(other.defaults) for other in widest.values()) > 1
    for key in proved & _unproved(templates, asked, widest) if several else ():
        for number, other in () if resting[key] else widest.items():
            resting[key].update(_named(other, templates[number], key))
    return [one._replace(at_defaults=tuple(resting.get(_at_home(one), {}).items())) for one in results]


def _at_home(result: Result) -> tuple[str, Path]:
    return result.template, result.path


def _unproved(
    templates: Sequence[ChainedTemplate], asked: RunProperty, others: Mapping[int, OtherReadings]
) -> set[tuple[str, Path]]:
    """The places at and around what is not proved of a role, where some templates have other values."""
    there = [
        template._replace(readings=others[number].readings) if number in others else template
        for number, template in enumerate(templates)
    ]
    # A role that demands no MFA there is asked nothing. What is wrong stands at the statement that lets somebody in.
    wrong = (one for one in chain_results(there, asked, certify=False) if one.verdict != PROVED)
    return {(one.template, one.path[:length]) for one in wrong for length in range(len(one.path) + 1)}


def _named(other: OtherReadings, template: ChainedTemplate, of: tuple[str, Path]) -> Iterator[tuple[str, str]]:
    """Parameters with their defaults, as a result calls them; those of another template with its name."""
    home = next((node.place.template for reading in template.readings for node in reading.nodes), of[0])
    for name, value in other.defaults.items():
        yield name if home == of[0] else f"{name} of {home}", value


def _at(chosen: Sequence[ChainReading], asked: RunProperty, *, certify: bool) -> Iterator[Result]:
    nodes = with_attached(
        [node for reading in chosen for node in reading.nodes],
        [attached for reading in chosen for attached in reading.attached],
    )
    assignments = [reading.assignment for reading in chosen if reading.assignment is not None]
    for result in Chains(nodes, asked, certify=certify).results():
        yield name_assignments(result, *assignments)
