"""
What is called something else than it was: resources, and values that are looked up by the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from trustproof.comparison.matching.matching import Pair, renamed_ids
from trustproof.comparison.subjects.subjects import Subject
from trustproof.comparison.values.look_ups import names_in


def renamed_names(pairs: Sequence[Pair]) -> dict[str, str]:
    """
    Logical ids and ARNs of the new side, and names of values that both sides look up alike, to what the old side calls
    the same.
    """
    found: dict[str, set[str]] = {}
    for new, old in pairs:
        if new is None or old is None:
            continue
        after, before = (names_in(one.all_documents) for one in (new, old))
        there = _by_look_up(old, before - after)
        for look_up, names in _by_look_up(new, after - before).items():
            # One of several may be any of them.
            others = there.get(look_up, [])
            for name in names if len(names) == len(others) == 1 else ():
                found.setdefault(name, set()).update(others)
    return {**renamed_ids(pairs), **{name: others.pop() for name, others in found.items() if len(others) == 1}}


def _by_look_up(subject: Subject, names: Iterable[str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for name in sorted(names):
        if look_up := subject.context.template.look_up(name):
            out.setdefault(look_up, []).append(name)
    return out
