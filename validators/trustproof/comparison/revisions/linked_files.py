"""
Symbolic links of one side, to templates that are read there under their own names, which are files on the other side.
"""

from __future__ import annotations

import os
from collections import Counter

from trustproof.comparison.revisions.links import lead_to_the_same
from trustproof.comparison.subjects.alike import are_alike
from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.files.paths import place_of, real_path


def with_linked_files(old: ComparisonSide, new: ComparisonSide) -> tuple[ComparisonSide, ComparisonSide]:
    """
    Both sides, each with the templates that it reads once and the other twice by both names; those that say the same
    by the second name have no part in the comparison.
    """
    old, new = _by_both_names(old, new)
    new, old = _by_both_names(new, old)
    return old, new


def without_unread_files(old: ComparisonSide, new: ComparisonSide) -> tuple[ComparisonSide, ComparisonSide]:
    """
    Both sides without the templates that the other side has passed over: nobody knows what they are there, so nothing
    of what they say is gained or lost. A link that stays within what was named holds no template of its own, and what
    it leads to is judged where that is, so it hides nothing of the other side.
    """
    return _without_those_of(old, new), _without_those_of(new, old)


def _without_those_of(side: ComparisonSide, other: ComparisonSide) -> ComparisonSide:
    unread = tuple(label for label, path, _ in other.passed_over if not leads_inside(path, other))
    there = {named.label for named in other.templates}
    kept = (
        named for named in side.templates if named.label in there or not any(_is_of(named.label, one) for one in unread)
    )
    return side._replace(templates=tuple(kept))


def _is_of(label: str, file: str) -> bool:
    """Whether a template is a file, a part of one, or in a directory, by what these are called on both sides."""
    return label == file or label.startswith((f"{file}/", f"{file} "))


def leads_inside(path: str, side: ComparisonSide) -> bool:
    """Whether what a side has passed over is a link to what was named: that is read, or passed over, by itself."""
    return os.path.islink(path) and side.is_within(place_of(path))


def is_alike_there(label: str, path: str, other: ComparisonSide) -> bool:
    """Whether a link that one side has passed over leads to what the other side has by that name."""
    there = _path(other, label)
    return there is not None and os.path.islink(path) and os.path.lexists(there) and lead_to_the_same(path, there)


def _by_both_names(side: ComparisonSide, other: ComparisonSide) -> tuple[ComparisonSide, ComparisonSide]:
    """The same with the links of one side."""
    there = {named.label for named in other.templates}
    templates, same = list(side.templates), set[str]()
    for named, target in _linked(side, other):
        if target.label not in there:
            # The file has moved to where the link was.
            templates = [NamedTemplate(one.template, named.label) if one is target else one for one in templates]
        elif are_alike(target.template, named.template):
            same.add(named.label)
        else:
            templates.append(NamedTemplate(target.template, named.label))
    kept = tuple(one for one in other.templates if one.label not in same)
    return side._replace(templates=tuple(templates)), other._replace(templates=kept)


def _linked(side: ComparisonSide, other: ComparisonSide) -> list[tuple[NamedTemplate, NamedTemplate]]:
    """The templates of another side that are links on this one, each with what the link leads to."""
    labels = {named.label for named in side.templates}
    # Of a file with several templates, none is known to be the one that is meant.
    several = Counter(named.template.name for named in side.templates)
    there = {real_path(one.template.name): one for one in side.templates if several[one.template.name] == 1}
    found: list[tuple[NamedTemplate, NamedTemplate]] = []
    for named in other.templates:
        path = None if named.label in labels else _path(side, named.label)
        if path is not None and _is_behind_link(path, side) and (target := there.get(place_of(path))) is not None:
            found.append((named, target))
    return found


def _is_behind_link(path: str, side: ComparisonSide) -> bool:
    """Whether a path below something that was named is a link, or any directory on the way there is one."""
    for root in side.roots:
        if isinstance(root.path, str) and path.startswith(os.path.join(root.path, "")):
            inside = os.path.relpath(path, root.path)
            return place_of(path) != os.path.normpath(os.path.join(place_of(root.path), inside))
    return False


def _path(side: ComparisonSide, label: str) -> str | None:
    """Where a side has what is called so on both; None for what a program gives, and for a part of a file."""
    number, slash, inside = label.partition("/")
    root = side.roots[int(number)] if slash and number.isdecimal() and int(number) < len(side.roots) else None
    return os.path.join(root.path, inside) if root is not None and isinstance(root.path, str) else None
