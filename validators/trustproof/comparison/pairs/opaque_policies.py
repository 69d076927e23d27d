"""
Policies that somebody holds and nobody can read.
"""

from __future__ import annotations

from collections.abc import Iterator

from trustproof.comparison.subjects.subjects import Subject
from trustproof.model.text import Symbolic


def opaque_reasons(new: Subject | None, old: Subject | None) -> tuple[str, ...]:
    """Why it is not known what somebody may do, or who gets in: what decides it, and is not the same on both sides."""
    none: frozenset[str] = frozenset()
    before, after = (none if one is None else one.opaque for one in (old, new))
    out = [f"{name} is there on the new side only, and what it says is not known" for name in sorted(after - before)]
    out += [f"{name} is there on the old side only, and what it says is not known" for name in sorted(before - after)]
    if new is not None and old is not None:
        here, there = (one.context.template for one in (new, old))
        same = (name for name in sorted(before & after) if here.made_of(name) != there.made_of(name))
        out += [f"{name} is made of something else on the new side, and what it says is not known" for name in same]
        named = [name for name in _names_of_whom(new) if here.made_of(name) != there.made_of(name)]
        stood_on = [repr(one.home.other_resource(one.path[:2])) for one in (new, old)]
        if not named and stood_on[0] == stood_on[1] and here.made_of(stood_on[0]) != there.made_of(stood_on[0]):
            named = [f"what {new.logical_id} stands on"]
        out += [f"whom it is about is not known: {name} is made of something else on the new side" for name in named]
    return tuple(out)


def _names_of_whom(subject: Subject) -> Iterator[str]:
    """What is not known of the names of the subject, and is something else than its own name."""
    known = (subject.arn, *(() if subject.holder is None else (subject.holder.name, subject.holder.arn)))
    symbols = (symbol.name for text in known if isinstance(text, Symbolic) for symbol in text.symbols)
    return (name for name in dict.fromkeys(symbols) if name != subject.logical_id)
