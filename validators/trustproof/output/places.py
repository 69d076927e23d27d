"""
Where results stand, in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.escaping.text import inside_line
from trustproof.output import json_pointer
from trustproof.results.report import Sources
from trustproof.results.result import Result


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


def read_there_too(sources: Sources, lead: Result, others: Sequence[Result]) -> list[str]:
    """The templates that have one place in common with a result, as configurations that call the same module have."""
    here = place_of(sources, lead)
    return [one.template for one in others if here and place_of(sources, one) == here]
