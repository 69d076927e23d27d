"""
Two sides of which one alone has a default for a variable of Terraform: there it has that in place of its value, and on
the other side any, so that what depends on it seems to change for whoever gives it a value on both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from trustproof.comparison.assignments.other_defaults import block_of
from trustproof.comparison.gains import OpenQuestion, StatementGain
from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.results.difference import LOST

_Found: TypeAlias = "StatementGain | OpenQuestion"
_Compare: TypeAlias = "Callable[[ComparisonSide, ComparisonSide], Sequence[_Found]]"


def without_what_defaults_take(
    found: Sequence[_Found], old: ComparisonSide, new: ComparisonSide, compare: _Compare
) -> Iterator[_Found]:
    """
    What is found, without what is lost at a default that a variable newly has: whoever deployed the old side gave it a
    value. What is found at a default that is gone is unknown, since nobody knows what takes its place.

    Args:
        compare: what two sides give; it is asked where such a default may matter.
    """
    given, gone = (dict(_defaults_of(*sides)) for sides in ((new, old), (old, new)))
    about = [isinstance(one, StatementGain) and _is_about(one, given, gone) for one in found]
    if not any(about):
        yield from found
        return
    elsewhere = compare(*(_opened(side, names) for side, names in ((old, gone), (new, given))))
    still = {(one.direction, *block_of(one)) for one in elsewhere if isinstance(one, StatementGain)}
    unsure = {block_of(one): one for one in elsewhere if isinstance(one, OpenQuestion)}
    for one, is_about in zip(found, about, strict=True):
        block = block_of(one)
        if not isinstance(one, StatementGain) or not is_about or (one.direction, *block) in still:
            yield one
        elif one.direction != LOST and block in unsure:
            # A gain is told rather than left open.
            yield one
        elif names := gone.get(one.subject.label):
            listed = " and ".join(names)
            yield OpenQuestion(one.subject, (f"{listed} has no default any more: nobody knows what is given instead",))
        elif block in unsure:
            yield unsure[block]


def _is_about(found: StatementGain, given: Mapping[str, tuple[str, ...]], gone: Mapping[str, tuple[str, ...]]) -> bool:
    """
    Whether something may be given for a default on one side only.

    What the new side gives by a statement that does not speak of the variable, it gives whatever that is.
    """
    label = found.subject.label
    if found.direction != LOST:
        return _speaks_of(found, gone.get(label, ()))
    return label in gone or _speaks_of(found, given.get(label, ()))


def _speaks_of(found: StatementGain, names: Sequence[str]) -> bool:
    """Whether the statement, as it is written, says something of one of these variables."""
    path = found.found.statement.path
    written = (one for document in found.subject.all_documents for one in document.policy.statements)
    said = repr([one for one in written if one.path == path]) if names else ""
    return any(name in said for name in names)


def _defaults_of(side: ComparisonSide, other: ComparisonSide) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The variables with a default of each configuration of a side that the other side declares without one."""
    theirs = {one.label: one.template for one in other.templates}
    for one in side.templates:
        there = theirs.get(one.label)
        if there is None:
            continue
        required = there.parameter_names - there.parameter_defaults().keys()
        names = tuple(name for name in one.template.parameter_defaults() if name in required)
        if names and one.template.at_other_values(names) is not None:
            yield one.label, names


def _opened(side: ComparisonSide, names: Mapping[str, tuple[str, ...]]) -> ComparisonSide:
    """A side whose configurations have any value in place of some defaults."""
    return side._replace(
        templates=tuple(
            one._replace(template=one.template.at_other_values(names[one.label]) or one.template)
            if one.label in names
            else one
            for one in side.templates
        )
    )
