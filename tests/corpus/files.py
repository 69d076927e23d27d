"""
The corpus of real templates, where it is: next to the repository.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"

missing = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real templates is not here")


@cache
def entries(folder: str) -> tuple[dict[str, Any], ...]:
    """The manifest's entries for files in a folder; none where the corpus is missing."""
    if not CORPUS.is_dir():
        return ()
    manifest = json.loads((CORPUS / "MANIFEST.json").read_text(encoding="utf-8"))
    return tuple(entry for entry in manifest["files"] if entry["file"].startswith(folder))


@cache
def labels() -> tuple[dict[str, Any], ...]:
    """Every labelled case; none where the corpus is missing."""
    if not CORPUS.is_dir():
        return ()
    found = json.loads((CORPUS / "labelled" / "labels.json").read_text(encoding="utf-8"))
    return tuple(found["labels"])


def text(file: str) -> str:
    """The text of a file of the corpus."""
    return (CORPUS / file).read_text(encoding="utf-8-sig")
