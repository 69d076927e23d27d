"""
Same input, same answer: verdicts, witnesses and certificates do not depend on the order of a hash table.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.generate.conditions import EXACT, WILD
from tests.generate.statements import any_policy
from tests.laws.subjects import BOUNDARY, CONFIGURATIONS, MFA, USABLE, answers, subject_of
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof

_REPOSITORY = Path(__file__).resolve().parents[2]
_POLICIES = 30


def write_answers() -> None:
    """Print the answers for many policies, with all that they rest on."""
    rng = Random(20)
    for number in range(_POLICIES):
        policy = any_policy(rng, EXACT if number % 2 else WILD)
        subject = subject_of(policy, CONFIGURATIONS[number % len(CONFIGURATIONS)])
        for asked in (MFA, BOUNDARY, USABLE):
            for index, answer in answers(subject, asked).items():
                shown: object = answer
                if isinstance(answer, Proof):
                    shown = [case.tree for closed in answer.closed for case in closed.cases]
                elif isinstance(answer, Refutation):
                    shown = (answer.request, answer.about)
                print(number, asked.ident, index, type(answer).__name__, shown)


def _run(seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-c", "from tests.laws.test_determinism import write_answers; write_answers()"]
    done = subprocess.run(command, cwd=_REPOSITORY, env=environment, check=True, capture_output=True, text=True)
    return done.stdout


def test_answers_do_not_depend_on_hashes() -> None:
    """Under three hash seeds the same policies get the same verdicts, the same requests and the same proofs."""
    first = _run("0")
    assert first.count("Refutation") > _POLICIES / 2
    assert first.count("Proof") > _POLICIES / 2
    for seed in ("1", "4711"):
        assert _run(seed) == first


def test_answers_do_not_depend_on_what_was_asked_before(capsys: pytest.CaptureFixture[str]) -> None:
    """What the process remembers of earlier questions changes no answer."""
    write_answers()
    first = capsys.readouterr().out
    write_answers()
    assert capsys.readouterr().out == first
