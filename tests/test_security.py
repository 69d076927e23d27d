"""
The promises of SECURITY.md: each names tests, and these are there.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
SECURITY = (REPOSITORY / "SECURITY.md").read_text(encoding="utf-8")
#: Promise, file, and the test in it; the empty string for all tests of the file.
PROMISES = re.findall(r"^\| ([^|]+) \| `(tests/[\w/]+\.py)(?:::(\w+))?` \|$", SECURITY, re.MULTILINE)


@pytest.mark.parametrize(("promise", "file", "test"), PROMISES, ids=[promise for promise, _, _ in PROMISES])
def test_a_promise_has_its_test(promise: str, file: str, test: str) -> None:
    """The test that a promise names is in the suite, and says what it holds."""
    module = ast.parse((REPOSITORY / file).read_text(encoding="utf-8"))
    found = {
        node.name: ast.get_docstring(node)
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert found, promise
    assert not test or found.get(test), promise


def test_every_row_of_the_table_is_a_promise() -> None:
    """No row is written so that nobody reads it, and there is a contact."""
    rows = [line for line in SECURITY.splitlines() if line.startswith("|")]
    assert len(PROMISES) == len(rows) - 2 > 10
    assert "The contact is" in SECURITY
