"""
Role chains at each assignment of the parameters of the templates that have the roles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from trustproof.analysis.assignments import merge_readings, name_assignments, undecided_result
from trustproof.analysis.role_chains.roles import Attached, Node, with_attached
from trustproof.analysis.role_chains.search import Chains
from trustproof.model.deployments import Assignment
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


class ChainedTemplate(NamedTuple):
    """
    The roles of a template, at each assignment at which they have to be judged.
    """

    readings: tuple[ChainReading, ...]
    #: Why there are more; empty where these are all.
    left_open: str = ""


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


def _at(chosen: Sequence[ChainReading], asked: RunProperty, *, certify: bool) -> Iterator[Result]:
    nodes = with_attached(
        [node for reading in chosen for node in reading.nodes],
        [attached for reading in chosen for attached in reading.attached],
    )
    assignments = [reading.assignment for reading in chosen if reading.assignment is not None]
    for result in Chains(nodes, asked, certify=certify).results():
        yield name_assignments(result, *assignments)
