"""
One campaign: so many hostile templates, and what became of them.
"""

from __future__ import annotations

import json
import signal
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import trustproof
from tests.fuzz.law import vanished
from tests.fuzz.mutations import mutants
from trustproof.results.report import Report

#: Seconds after which an input counts as one that hangs.
PATIENCE = 60


class Outcome(NamedTuple):
    """
    What became of the inputs of a campaign.
    """

    inputs: int
    #: Error, place in the program, and the first input with it.
    tracebacks: dict[str, str]
    hangs: list[str]
    #: Inputs with policies of which the report says nothing, and these.
    vanished: list[str]
    #: How many reports had errors, findings, and neither.
    reports: Counter[str]


class _Hangs(BaseException):
    pass


def campaign(count: int, seed: int = 0) -> Outcome:
    """Check so many mutated templates, in this process."""
    out = Outcome(count, {}, [], [], Counter())
    made = mutants(Random(seed))
    for _ in range(count):
        template = next(made)
        text = json.dumps(template)
        try:
            with _patience():
                report = trustproof.check([json.loads(text)])
        except _Hangs:
            out.hangs.append(text)
        except trustproof.TrustproofError:
            out.reports["refused"] += 1
        except Exception as error:  # noqa: BLE001
            place = traceback.extract_tb(error.__traceback__)[-1]
            out.tracebacks.setdefault(f"{type(error).__name__} at {place.filename}:{place.lineno}", text)
        else:
            out.reports[_kind(report)] += 1
            gone = vanished(json.loads(text), report)
            if gone:
                out.vanished.append(f"{gone}: {text}")
    return out


def _kind(report: Report) -> str:
    return "errors" if report.errors else "findings" if report.failures() else "green"


@contextmanager
def _patience() -> Iterator[None]:
    """Let nothing go on for ever, where the system has a timer."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(_: int, __: FrameType | None) -> NoReturn:
        raise _Hangs

    before: Any = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
