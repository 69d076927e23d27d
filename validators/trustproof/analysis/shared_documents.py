"""
Remedies of a document that several resources share: what is right for one of them may lock out whom another one is for.

A YAML anchor, a document that a data source of Terraform gives, or a module that is called twice stands in one place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.inputs.source_texts import SourceTexts
from trustproof.results.result import REFUTED, Remedy, Result

#: How many resources a remedy names.
_NAMED = 3


class _Place(NamedTuple):
    """
    Where findings of one property stand.
    """

    template: str
    property: str
    position: object


def for_sharers(results: Sequence[Result], sources: SourceTexts) -> list[Result]:
    """
    The results, in words where the diffs of several resources would change one document, each in another way.
    """
    places = _places(results, sources)
    together: dict[_Place, list[Result]] = {}
    for result, place in zip(results, places, strict=True):
        if place is not None:
            together.setdefault(place, []).append(result)
    return [
        result if place is None else _in_words(result, together[place])
        for result, place in zip(results, places, strict=True)
    ]


def _places(results: Sequence[Result], sources: SourceTexts) -> list[_Place | None]:
    """Where each refutation stands; None for other results, and where a template says nothing in two ways."""
    remedies: dict[tuple[str, str], set[object]] = {}
    for result in results:
        if result.verdict == REFUTED and result.remedy is not None:
            remedies.setdefault((result.template, result.property), set()).add(_changed(result.remedy))
    found: list[_Place | None] = []
    for result in results:
        about = (result.template, result.property)
        is_asked = result.verdict == REFUTED and result.remedy is not None and len(remedies[about]) > 1
        position = sources.position(result.template, (*result.path, *result.caret)) if is_asked else None
        at = (
            None
            if position is None or not position.in_file
            else (position.file, position.line, position.column, position.end_column)
        )
        found.append(None if at is None else _Place(*about, at))
    return found


def _changed(remedy: Remedy) -> object:
    """What a remedy changes, wherever that stands: the words count where there are no edits only."""
    return repr([(e.path[-1], e.operation, e.before, e.value) for e in remedy.edits]) if remedy.edits else remedy.text


def _in_words(result: Result, beside: Sequence[Result]) -> Result:
    """A result without its diff where another resource at the same place is to be put right in another way."""
    assert result.remedy is not None
    own = _changed(result.remedy)
    differing = [one for one in beside if one.remedy is not None and _changed(one.remedy) != own]
    others = [name for name in dict.fromkeys(one.logical_id for one in differing) if name != result.logical_id]
    if not others:
        return result
    shown = " and ".join(others[:_NAMED]) + (f" and {len(others) - _NAMED} more" if len(others) > _NAMED else "")
    has = "has" if len(others) == 1 else "have"
    text = f"{shown} {has} the same document, and may not share this change: give {result.logical_id} one of its own"
    return result._replace(remedy=Remedy(f"{text}; there, {result.remedy.text}"))
