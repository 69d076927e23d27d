"""
Templates that both sides have, to the letter.
"""

from __future__ import annotations

from trustproof.comparison.subjects.linking import LinkedSide
from trustproof.inputs.reader import Input

_NOBODY: frozenset[str] = frozenset()


def alike(old: LinkedSide, new: LinkedSide) -> set[str]:
    """The templates that are written alike on both sides, and take what they take from templates that are, too."""
    before = {named.label: named.template for named in old.side.templates}
    found = {
        named.label
        for named in new.side.templates
        if (other := before.get(named.label)) is not None and are_alike(other, named.template)
    }
    taken = {label: old.sources.get(label, _NOBODY) | new.sources.get(label, _NOBODY) for label in found}
    while others := {label for label in found if not taken[label] <= found}:
        found -= others
    return found


def are_alike(old: Input, new: Input) -> bool:
    """Whether two templates are written alike, and what others pass to them is the same."""
    starts = (() if one.container is None else one.container.path for one in (old, new))
    written = [one.written(start) for one, start in zip((old, new), starts, strict=True)]
    return written[0] is not None and written[0] == written[1] and _surroundings(old) == _surroundings(new)


def _surroundings(template: Input) -> tuple[object, ...]:
    """What there is to a template besides what is written in it."""
    said = (template.account, template.partition, template.documents, template.holders)
    presentation = template.presentation
    # What is not in a template may be other than it was, though all that is there is as it was.
    nowhere = object() if presentation.hidden else None
    left_out = (presentation.left_out, presentation.left_out_words)
    return (*said, template.doubt, template.doubts, template.unread, left_out, nowhere, _made_of(template))


def _made_of(template: Input) -> str:
    """What values are made of that are only known elsewhere, where the input does not say it."""
    return "" if template.is_as_written else template.made_of(repr(template.written(())))
