"""
Texts in which much is opened and nothing is closed.
"""

from __future__ import annotations

import pytest

from trustproof.inputs.cloudformation.evaluation import leftovers
from trustproof.model.text import Symbol, Text


def _shown(symbol: Symbol) -> Text:
    return f"<{symbol.name}>"


@pytest.mark.parametrize("opened", ["${", "{{resolve:", "$${"])
def test_what_is_never_closed_is_looked_for_once(opened: str) -> None:
    """A megabyte of braces that are never closed is read as it is, in one go."""
    text = opened * (1_000_000 // len(opened))
    assert leftovers.read(text, _shown) == text
    assert not leftovers.is_left_over(text)


def test_what_is_closed_before_is_found() -> None:
    """What follows the last brace is a part of the text, and what stands before it is read as ever."""
    assert leftovers.read("a{{resolve:ssm:x}}b${c}d${e", _shown) == "a<ssm:x>b<${c}>d${e"
