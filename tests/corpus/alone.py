"""
Each file of the corpus, checked by itself and without a configuration: once for all tests that ask.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import NamedTuple

import pytest

import trustproof
from tests.corpus.files import CORPUS
from trustproof import Report
from trustproof.engine.search import StepBudget


class Run(NamedTuple):
    """
    One file, checked.
    """

    file: str
    report: Report
    #: Steps of the search.
    steps: int


@cache
def alone(file: str) -> Run:
    """A file, all properties."""
    counted = Counter[str]()
    original = StepBudget.take

    def take(self: StepBudget) -> None:
        counted["steps"] += 1
        original(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StepBudget, "take", take)
        return Run(file, trustproof.check([str(CORPUS / file)], config={}), counted["steps"])
