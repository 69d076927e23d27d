"""
Accounts that nobody knows: whether what both sides have is in one and the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.comparison.subjects.sides import ComparisonSide
from trustproof.inputs.reader import Input
from trustproof.results.difference import Undecided, Where


def in_another_account(new: ComparisonSide, old: ComparisonSide) -> Iterator[Undecided]:
    """
    Templates of the new side whose resources are there on the old side, too, by other credentials: what they let in may
    be in another account since, whatever their policies say. Once for each template.
    """
    there = _by_file(old)
    for named in new.templates:
        template = named.template
        if template.account is not None:
            continue
        before = {
            logical_id: one.presentation.credentials
            for one in there.get(new.label(template.name), ())
            for logical_id in _judged(one)
            if one.account is None
        }
        now = template.presentation.credentials
        moved = sorted(one for one in _judged(template) if before.get(one, now) != now)
        if moved:
            listed = ", ".join(moved[:3]) + (" and others" if len(moved) > 3 else "")
            why = (
                f"which account {listed} is in is not known, and the provider does not say its credentials as it did: "
                "it may be another account (--provider-account says which)"
            )
            yield Undecided(Where(new.shown(template.name), "", ""), (why,))


def _by_file(side: ComparisonSide) -> dict[str, list[Input]]:
    """The templates of a side, of one file or directory one for each account, by what that is called on both sides."""
    found: dict[str, list[Input]] = {}
    for named in side.templates:
        found.setdefault(side.label(named.template.name), []).append(named.template)
    return found


def _judged(template: Input) -> set[str]:
    """The logical ids of what has policies."""
    return ({one.logical_id for one in template.documents} | {one.logical_id for one in template.holders}) - {""}
