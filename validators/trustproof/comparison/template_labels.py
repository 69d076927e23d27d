"""
What the templates of one file are called where there are several: a configuration of Terraform is one for each account.

Each side numbers its own. So with one account more, or fewer, what has stayed would be called like something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trustproof.comparison.subjects.sides import ComparisonSide, NamedTemplate
from trustproof.inputs.reader import Input


def labelled_alike(old: ComparisonSide, new: ComparisonSide) -> tuple[ComparisonSide, ComparisonSide]:
    """Both sides, with the templates of the new one called like those of the old one in the same file and account."""
    names = {id(one): called for these, those in _files(old, new) for one, called in _called(these, those)}
    templates = tuple(one._replace(label=names.get(id(one), one.label)) for one in new.templates)
    return old, new._replace(templates=templates)


def _files(
    old: ComparisonSide, new: ComparisonSide
) -> Iterator[tuple[Sequence[NamedTemplate], Sequence[NamedTemplate]]]:
    """The templates that both sides have of one file, where either has several."""
    sides: list[dict[tuple[str, str], list[NamedTemplate]]] = [{}, {}]
    for found, side in zip(sides, (old, new), strict=True):
        for named in side.templates:
            container = named.template.container
            file = side.label(named.template.name), "" if container is None else container.name
            found.setdefault(file, []).append(named)
    before, after = sides
    yield from (
        (before[file], after[file])
        for file in before
        if file in after and max(map(len, (before[file], after[file]))) > 1
    )


def _called(old: Sequence[NamedTemplate], new: Sequence[NamedTemplate]) -> Iterator[tuple[NamedTemplate, str]]:
    """What each template of the new side is called: by its account, else by the order of what is left."""
    left, without = list(old), list[NamedTemplate]()
    for one in new:
        same = next((other for other in left if _place(other.template) == _place(one.template)), None)
        if same is None:
            without.append(one)
        else:
            left = [other for other in left if other is not same]
            yield one, same.label
    taken = {one.label for one in old}
    for one in without:
        if left:
            yield one, left.pop(0).label
            continue
        called, number = one.label, 1
        while called in taken:
            number += 1
            called = f"{one.label} {number}"
        taken.add(called)
        yield one, called


def _place(template: Input) -> tuple[str | None, str]:
    """Where it is deployed: its account, and where nobody knows that, by which credentials."""
    return template.account, "" if template.account is not None else template.presentation.credentials
