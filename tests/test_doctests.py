"""
The examples in docstrings are true.
"""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


def modules_with_examples() -> list[str]:
    """Names of the modules of both packages that show an interpreter's session."""
    return [
        ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        for root in (REPOSITORY / "validators", REPOSITORY / "constructs_lib")
        for file in sorted(root.rglob("*.py"))
        if ">>> " in file.read_text(encoding="utf-8")
    ]


@pytest.mark.parametrize("module", modules_with_examples())
def test_examples_in_docstrings(module: str) -> None:
    """What a docstring shows as the answer is the answer."""
    failed, tried = doctest.testmod(importlib.import_module(module))
    assert tried > 0, "none of the examples stands in a docstring"
    assert failed == 0
