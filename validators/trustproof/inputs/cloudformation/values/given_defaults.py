"""
Defaults as a reason shows them: whose names stand in a text, and how another value is given.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

#: How objects, and lists of them, are given.
VAR_FILE: Final = "--var-file FILE"
#: Defaults that are empty.
EMPTY: Final = ("[]", "{}", '""', "")
#: A word in which the name of a variable may stand, with what is said of its value: ``var.a.b``.
_WORD = re.compile(r"[\w.-]+")


def given_as(name: str, default: str, *, is_text: bool) -> str:
    """
    How a variable is given a value that is of the kind of its default.

    Args:
        is_text: whether what it gives is a text or a list of texts.
    """
    if default.startswith("{") or (default.startswith("[") and not is_text):
        return VAR_FILE
    return f"--parameter '{name}=[\"VALUE\"]'" if default.startswith("[") else f"--parameter {name}=VALUE"


class NamesInTexts:
    """
    Finds which of some names stand in a text: each of its words is looked at once, whatever the names are.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._plain = {name for name in names if _WORD.fullmatch(name)}
        self._lengths = {name.count(".") + 1 for name in self._plain}
        self._others = [name for name in names if name not in self._plain]

    def of(self, text: str) -> set[str]:
        """Those that stand in a text."""
        words = {*_WORD.findall(text)}
        begun = {".".join(word.split(".", length)[:length]) for word in words for length in self._lengths}
        others = (one for one in self._others if re.search(rf"(?<![\w.-]){re.escape(one)}(?![\w-])", text))
        return {*(begun & self._plain), *others}


def named_in(text: str, names: Collection[str]) -> set[str]:
    """Those of some names that stand in one text."""
    return NamesInTexts(names).of(text)
