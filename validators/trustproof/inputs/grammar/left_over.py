"""
Placeholders of other tools where a statement has a word of the language itself: an operator, the effect, an element.
"""

from __future__ import annotations

from typing import Final

from trustproof.inputs.grammar.values import LeftOverKey, OpenKey
from trustproof.model.text import ODD_VARIABLE, PLACEHOLDER, Symbolic

#: How the name of what is not known begins where a text says that it is left over of something.
LEFT_OVER_OF: Final = "what is left over of"


def is_left_over_key(key: str) -> bool:
    """Whether a key that is not known has a placeholder in it, and is nothing that a deployment gives."""
    return isinstance(key, LeftOverKey) if isinstance(key, OpenKey) else not key.startswith("Fn::")


def is_left_over_text(text: Symbolic) -> bool:
    """Whether a text that is not known has a placeholder in it."""
    return any(one.holds in (ODD_VARIABLE, PLACEHOLDER) or one.name.startswith(LEFT_OVER_OF) for one in text.symbols)
