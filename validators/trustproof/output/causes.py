"""
What reports that are read from the top say of findings with one cause: one of them in full, and which others there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.output import humanize
from trustproof.output.findings import findings, paragraphs
from trustproof.output.run_notes import without_run_notes
from trustproof.results.groups import Group, groups
from trustproof.results.report import Report
from trustproof.results.result import REFUTED, SEVERITIES, UNKNOWN

#: How many resources or properties are named of those that have one cause.
_NAMED = 5


def causes(report: Report) -> tuple[list[Group], tuple[str, ...]]:
    """
    What is neither proved nor waived, put together: the worst first, and of these who gets in from furthest away.

    Returns:
        the findings, and sentences about the whole run.
    """
    counted, said = without_run_notes(result for result in findings(report) if result.suppression is None)
    return sorted(groups(counted), key=_severity), said


def _severity(group: Group) -> tuple[int, bool]:
    return SEVERITIES.index(group.lead.severity), group.lead.verdict != REFUTED


def cause_paragraphs(group: Group) -> Iterator[tuple[str, list[str]]]:
    """The same for a finding that says it for others, and what these are."""
    said = list(paragraphs(group.lead))
    more: list[tuple[str, list[str]]] = []
    if group.lead.verdict == UNKNOWN:
        reasons = dict.fromkeys(reason for one in group.like for reason in one.reasons)
        more += [("reason", [reason]) for reason in reasons if reason not in group.lead.reasons]
    more += [("and so also", [f"{one.message} ({one.property})"]) for one in group.also]
    names = dict.fromkeys(one.logical_id for one in group.like if one.logical_id)
    where = f": {humanize.names(list(names), _NAMED)}" if names and set(names) != {group.lead.logical_id} else ""
    if group.like:
        more.append(("also", [f"{len(group.like)} more like it{where}"]))
    end = next((at for at, (name, _) in enumerate(said) if name == "help"), len(said))
    yield from (*said[:end], *more, *said[end:])


def properties_of(group: Group) -> str:
    """What a finding that says it for others is on: ``mfa-required``."""
    found = dict.fromkeys(one.property for one in (group.lead, *group.like))
    return ", ".join(found) if len(found) <= _NAMED else f"{len(found)} properties"
