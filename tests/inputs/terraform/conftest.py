"""
Checks plans and states that a test makes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import trustproof
from trustproof.results.report import Report


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., Report]:
    """Writes a content to a file and checks it."""

    def _check(content: Any, *, name: str = "plan.json", **options: Any) -> Report:
        file = tmp_path / name
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return trustproof.check([file], **options)

    return _check
