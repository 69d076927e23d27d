"""
Ids of accounts and organizations that somebody is told to copy: those that an input or the project says, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from trustproof.properties.neighbours import Neighbours
from trustproof.properties.question import Subject
from trustproof.results.edit import WrittenValue
from trustproof.results.result import Remedy, Undeclared

#: What nobody copies, since it says itself that something is to be put in its place, is none of them.
_ID = re.compile(r"(?<![\w-])(?:o-[a-z0-9]{10,32}|[0-9]{12})(?![\w-])")
#: What is said in the place of an id that nobody has.
DECLARE = "declare in trustproof.toml which accounts and organizations are yours: [boundary]"


def made_up_ids(subject: Subject, remedy: object, undeclared: object) -> frozenset[str]:
    """
    The ids in a remedy, and in what is to be declared, that stand nowhere: a search made them up for its example.

    Args:
        subject: what the result is about, with all that is known around it.
        remedy: a `Remedy`; None where there is none.
        undeclared: an `Undeclared` for each of whom nobody has said whose they are.
    """
    if remedy is None and not undeclared:
        return frozenset()
    said, edits = (remedy.text, remedy.edits) if isinstance(remedy, Remedy) else ("", ())
    asked = undeclared if isinstance(undeclared, tuple) else ()
    offered = {one.ident for one in asked if isinstance(one, Undeclared) and _ID.fullmatch(one.ident)}
    for text in (said, *_texts([edit.value for edit in edits])):
        offered.update(_ID.findall(text))
    offered -= {subject.account, subject.organization}
    if not offered:
        return frozenset()
    for text in _texts((*subject, *([edit.before for edit in edits]))):
        offered.difference_update(_ID.findall(text))
        if not offered:
            break
    return frozenset(offered)


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, whatever holds it."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, WrittenValue):
        yield value.json
    elif isinstance(value, Neighbours):
        yield from _texts(value.documents)
    elif isinstance(value, Mapping):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, (Sequence, frozenset)):
        for one in value:
            yield from _texts(one)
