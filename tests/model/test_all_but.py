"""
Documents without one of them.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trustproof.model.document import IDENTITY, AllBut, Document
from trustproof.model.policy import Policy


@pytest.mark.parametrize("named", ["", "a", "b", "c", "ab", "ac", "bc", "abc"])
def test_what_holds_of_one_of_them_is_asked_once_of_each(named: str) -> None:
    """It is what a walk over the others would find, whichever is left out, and no document is asked twice."""
    documents = tuple(Document(IDENTITY, Policy(()), name, "", ()) for name in "abc")
    asked: list[str] = []

    def told(document: Document) -> bool:
        asked.append(document.logical_id)
        return document.logical_id in named

    known: dict[Callable[[Document], bool], tuple[int, ...]] = {}
    for place in range(3):
        others = AllBut(documents, place, known)
        assert others.has(told) is any(one.logical_id in named for one in others)
    assert len(asked) <= 3
