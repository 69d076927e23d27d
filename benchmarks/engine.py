"""
How long the engine takes for a question about a trust policy, against Z3 on the same questions.

    python benchmarks/engine.py

The policies are drawn at random, the same ones on every run, from what both can decide. Each answers once: neither
remembers a policy, and both build what they need from the policy alone. The solver is one for every purpose and is
given a straightforward encoding, so this says what a direct search is worth here, and nothing of the solver.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from random import Random
from statistics import median, quantiles

# Run as a file, Python looks for imports beside it; the tests stand beside its folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.differential.test_z3 import is_encoded, verdict
from tests.generate.conditions import EXACT
from tests.generate.statements import any_policy
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.query import ask
from trustproof.engine.region import ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.policy import Policy
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA

QUESTIONS = 400
_ACTION = "sts:assumerole"
_KINDS = (USER_KEY, USER_SESSION, USER_SESSION_MFA)


def drawn(count: int) -> list[tuple[Policy, str, int]]:
    """Questions: a policy, a kind of caller, and the Allow statement that may let it in."""
    rng = Random(1)
    found: list[tuple[Policy, str, int]] = []
    while len(found) < count:
        policy = any_policy(rng, EXACT)
        if is_encoded(policy):
            allows = CompiledPolicy(policy).allow_indices
            found.extend((policy, rng.choice(_KINDS), index) for index in allows[:1])
    return found


def main() -> None:
    """Print the table."""
    ours: list[float] = []
    theirs: list[float] = []
    agree = disagree = unknown = 0
    for policy, kind, index in drawn(QUESTIONS):
        start = time.perf_counter()
        answer = ask(CompiledPolicy(policy), Region(RequestSpace(kind, _ACTION, "aws")), index)
        middle = time.perf_counter()
        other = verdict(policy, kind, index)
        ours.append((middle - start) * 1000)
        theirs.append((time.perf_counter() - middle) * 1000)
        if other == "unknown":
            unknown += 1
        elif isinstance(answer, ClosedRegion) is (other == "unsat"):
            agree += 1
        else:
            disagree += 1
    print(
        f"{QUESTIONS} questions about trust policies: {agree} agree, {disagree} disagree, {unknown} not answered by Z3"
    )
    for what, at in (
        ("median", median),
        ("99th percentile", lambda times: quantiles(times, n=100)[98]),
        ("slowest", max),
    ):
        engine, solver = at(ours), at(theirs)
        print(f"{what + ' of a question':<48} {engine:8.2f} ms {engine / solver:6.3f} x Z3 ({solver:.1f} ms)")
    if disagree:
        sys.exit(1)


if __name__ == "__main__":
    main()
