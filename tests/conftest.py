"""
How Hypothesis runs: the same examples for the same commit, or many new ones, counted (``make deep``, ``make deepest``).
And how often Python looks for garbage.
"""

from __future__ import annotations

import gc
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests import tally
from tests.strategies import DEEPEST, is_deep

# No deadlines: a test that fails because a machine is busy says nothing about the code.
# The same examples in every run, so that a change is what makes a law fail; `make deep` looks for new ones.
settings.register_profile("default", deadline=None, derandomize=True, max_examples=30)
# What fails says how it is reproduced, so that new examples need no database.
for profile, examples in (("deep", DEEPEST // 4), ("deepest", DEEPEST)):
    settings.register_profile(
        profile,
        deadline=None,
        derandomize=False,
        max_examples=examples,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
    )
settings.load_profile("default")

# Modules, tests and their parameters are millions of objects that live to the end: by Python's own thresholds they are
# looked through again and again, which takes a seventh of the time of most tests.
gc.set_threshold(50_000, 20, 100)

#: What the processes of pytest-xdist have counted.
_from_workers: Counter[tuple[str, str]] = Counter()


def pytest_collection_finish() -> None:
    """What there is once the tests are collected is no garbage."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a process of pytest-xdist: hand the figures over."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = [(*key, times) for key, times in tally.counts.items()]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """In the process that started the others: add up."""
    for family, what, times in getattr(node, "workeroutput", {}).get("tally", ()):
        _from_workers[family, what] += times


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many cases were compared, where that is what the run was for."""
    total = tally.counts + _from_workers
    if total and is_deep():
        terminalreporter.section("cases compared")
        for line in tally.lines(total):
            terminalreporter.write_line(line)
