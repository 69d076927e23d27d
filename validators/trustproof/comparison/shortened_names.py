"""
Long expressions, of which a name shows the beginning, without the digest behind it that tells two of them apart, where
there is only one that begins so.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from trustproof.analysis.presentation.presentation import in_other_words
from trustproof.results.difference import Difference

_CUT = re.compile(r"(?P<start>.{0,40})(?P<sign>…) #(?P<digest>[0-9a-f]{8})")
#: So many characters before the cut are compared.
_COMPARED = 24
_SHOWN = ("access", "verdicts", "undecided", "moved", "notes")


def without_digests(found: Difference) -> Difference:
    """The same, with names that people can read."""
    digests: dict[str, set[str]] = {}

    def collect(text: str) -> str:
        for one in _CUT.finditer(text):
            digests.setdefault(one["start"][-_COMPARED:], set()).add(one["digest"])
        return text

    def shortened(one: re.Match[str]) -> str:
        return one[0] if len(digests[one["start"][-_COMPARED:]]) > 1 else one["start"] + one["sign"]

    shown: dict[str, Any] = {name: getattr(found, name) for name in _SHOWN}
    in_other_words(tuple(shown.values()), collect)
    changed: dict[str, Any] = {
        name: in_other_words(value, lambda text: _CUT.sub(shortened, text)) for name, value in shown.items()
    }
    return replace(found, **changed) if digests else found
