"""
Remedies of a document that several resources share: what is right for one of them may lock out whom another one is for.

A YAML anchor, a document that a data source of Terraform gives, or a module that is called twice stands in one place.
A data source with ``for_each`` stands in one place too, and need not say the same for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from trustproof.escaping.text import first_of
from trustproof.inputs.source_texts import SourceTexts
from trustproof.model.policy import Path
from trustproof.model.position import Position
from trustproof.results.result import REFUTED, Remedy, Result

#: How many resources a remedy names.
_NAMED = 3
_RESOURCES = ("Resources",)
_STATEMENT, _EFFECT = "Statement", "Effect"
#: How types begin of which several resources may have one policy that is written once.
_OF_TERRAFORM = "aws_"


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
    found = [
        result if place is None else _in_words(result, together[place])
        for result, place in zip(results, places, strict=True)
    ]
    return _where_called_for(found, sources)


def _where_called_for(results: Sequence[Result], sources: SourceTexts) -> list[Result]:
    """
    The results, in words where a diff would change a statement of another resource too, where it is not called for: a
    condition that one service meets, another one may never meet.
    """
    changing: dict[str, list[Result]] = {}
    for result in results:
        if _statements_changed(result):
            changing.setdefault(result.template, []).append(result)
    words: dict[int, Result] = {}
    for template, found in changing.items():
        sharers: dict[Position, list[Path]] = {}
        # One of which nothing is asked is not among the results.
        resources = sources.written(template, _RESOURCES)
        for name, resource in resources.items() if isinstance(resources, Mapping) else ():
            for path in _statements(resource, (*_RESOURCES, name)):
                position = sources.position(template, path)
                if position is not None and position.in_file:
                    sharers.setdefault(position, []).append(path)
        asked = {(one.property, path, _changed(one.remedy)) for one in found for path in _statements_changed(one)}
        for result in found:
            there = [sources.position(template, path) for path in _statements_changed(result)]
            others = [
                str(path[1])
                for path in dict.fromkeys(path for at in there if at is not None for path in sharers.get(at, ()))
                if path[:2] != result.path[:2] and (result.property, path, _changed(result.remedy)) not in asked
            ]
            if others:
                words[id(result)] = _with_one_of_its_own(result, list(dict.fromkeys(others)))
    return [words.get(id(result), result) for result in results]


def _statements_changed(result: Result) -> list[Path]:
    """The statements that the diff of a resource of Terraform changes: elsewhere all that is shared says the same."""
    if result.verdict != REFUTED or result.remedy is None or not result.resource_type.startswith(_OF_TERRAFORM):
        return []
    found = [edit.path for edit in result.remedy.edits if _STATEMENT in edit.path[:-1]]
    return list(dict.fromkeys(path[: len(path) - path[::-1].index(_STATEMENT) + 1] for path in found))


def _statements(value: object, path: Path) -> Iterator[Path]:
    """Where the statements in a part of a template stand."""
    if isinstance(value, Mapping):
        if _EFFECT in value:
            yield path
            return
        for key, inner in value.items():
            yield from _statements(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _statements(inner, (*path, number))


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


def _changed(remedy: Remedy | None) -> object:
    """What a remedy changes, wherever that stands: the words count where there are no edits only."""
    if remedy is None:
        return ""
    return repr([(e.path[-1], e.operation, e.before, e.value) for e in remedy.edits]) if remedy.edits else remedy.text


def _in_words(result: Result, beside: Sequence[Result]) -> Result:
    """A result without its diff where another resource at the same place is to be put right in another way."""
    assert result.remedy is not None
    own = _changed(result.remedy)
    differing = [one for one in beside if one.remedy is not None and _changed(one.remedy) != own]
    others = [name for name in dict.fromkeys(one.logical_id for one in differing) if name != result.logical_id]
    return _with_one_of_its_own(result, others) if others else result


def _with_one_of_its_own(result: Result, others: Sequence[str]) -> Result:
    """A result without its diff, which names the other resources that this would change."""
    assert result.remedy is not None
    shown = first_of(others, _NAMED, " and ")
    has = "has" if len(others) == 1 else "have"
    text = f"{shown} {has} the same document, and may not share this change: give {result.logical_id} one of its own"
    return result._replace(remedy=Remedy(f"{text}; there, {result.remedy.text}"))
