"""
Where results stand, in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.escaping.text import inside_line
from trustproof.output import humanize, json_pointer
from trustproof.results.groups import Group
from trustproof.results.remedy_kinds import kind_of_remedy
from trustproof.results.report import Sources
from trustproof.results.result import Result

#: How many resources and templates are named of those that have one place.
_NAMED = 5


def place_of(sources: Sources, result: Result) -> str:
    """The place of a result in a file; empty where that is not known."""
    at = sources.position(result.template, (*result.path, *result.caret))
    return "" if at is None else at.shown(result.template)


def places(sources: Sources, results: Sequence[Result]) -> list[str]:
    """Where some results stand, each place once."""
    found: dict[str, None] = {}
    for one in results:
        place = inside_line(place_of(sources, one)) or json_pointer.shown(sources, one)
        found[f"{place} (stack {one.stack})" if one.stack else place] = None
    return list(found)


def of_one_place(sources: Sources, lead: Result, others: Sequence[Group]) -> tuple[list[str], list[Group]]:
    """
    What has one place in common with a result, as several roles of a module that many configurations call have, in
    lines; and the rest, of other places and templates.
    """
    here = place_of(sources, lead)
    there = [one for one in others if here and place_of(sources, one.lead) == here]
    verbose = "--verbose shows all"
    if any(kind_of_remedy(one.lead)[0] != kind_of_remedy(lead)[0] for one in there):
        verbose += ", and what to do about each"
    lines: list[str] = []
    own = [one for group in there if group.lead.template == lead.template for one in (group.lead, *group.like)]
    if own:
        names = humanize.names(list(dict.fromkeys(one.logical_id for one in own)), _NAMED)
        lines.append(f"{len(own)} more at the same place: {names} ({verbose})")
    readers = [one for one in dict.fromkeys(group.lead.template for group in there) if one != lead.template]
    if readers:
        reads = f"{humanize.names(readers, _NAMED)} {'reads' if len(readers) == 1 else 'read'} it"
        lines.append(f"the same place, as {reads} ({verbose})")
    return lines, [one for one in others if one not in there and one.lead.template not in readers]
