"""
Z3 as an oracle: an SMT solver is asked what the engine is asked. For development only.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

pytest.importorskip("z3", reason="z3-solver is not installed; it is in the extra called deep")

import z3  # type: ignore[import-untyped]

from tests import tally
from tests.differential.partition import is_plain
from tests.differential.smt import Encoding
from tests.differential.test_partition import STATEMENT
from tests.generate.conditions import EXACT
from tests.generate.statements import any_policy
from tests.strategies import choices, examples
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.query import ask
from trustproof.engine.region import ClosedRegion, Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.policy import Condition, Policy
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA

_FAMILY = "engine against Z3"
_ACTION = "sts:assumerole"
#: What a solver may spend on one question; counted in its own units, so that the answer is the same on every machine.
_EFFORT = 2_000_000
#: Kind of user to what ``aws:MultiFactorAuthPresent`` is in its requests.
_MFA = {USER_KEY: None, USER_SESSION: "false", USER_SESSION_MFA: "true"}


def is_encoded(policy: Policy) -> bool:
    """Whether the encoding knows all keys of a policy, and the facts about them."""
    conditions = [c for s in policy.statements for c in s.conditions]
    left_out = ("aws:viaaws", "aws:calledvia", "aws:principalisaws", "binary")
    return is_plain(policy, conditions, wildcards=True) and not any(
        c.key.lower().startswith(left_out) or not c.operands for c in conditions
    )


def verdict(policy: Policy, kind: str, index: int) -> str:
    """What the solver says: ``sat``, ``unsat`` or ``unknown``."""
    solver = z3.Solver()
    solver.set("rlimit", _EFFORT)
    solver.add(Encoding(policy, kind, _ACTION, _MFA[kind]).question(index))
    return str(solver.check())


@examples(40)
@given(rng=choices())
def test_the_solver_agrees(rng: Random) -> None:
    """There is a request that one Allow lets in and no Deny stops if and only if the solver says so."""
    policy = any_policy(rng, EXACT)
    if not is_encoded(policy):
        return
    compiled = CompiledPolicy(policy)
    kind = tuple(_MFA)[rng.randrange(len(_MFA))]
    for index in compiled.allow_indices[:2]:
        found = ask(compiled, Region(RequestSpace(kind, _ACTION, "aws")), index)
        answer = verdict(policy, kind, index)
        if answer == "unknown":
            tally.note(_FAMILY, "not answered by Z3")
            continue
        agrees = isinstance(found, ClosedRegion) is (answer == "unsat")
        tally.agree(_FAMILY, agrees, f"{kind}, statement {index}: Z3 says {answer}\n{found}\n{policy}")
        tally.note(_FAMILY, answer)


def test_the_encoding_knows_the_absent_key() -> None:
    """``Bool true`` stops a long-term key, ``BoolIfExists true`` does not."""
    for operator, answer in (("Bool", "unsat"), ("BoolIfExists", "sat")):
        condition = Condition(operator, "aws:MultiFactorAuthPresent", ("true",))
        assert verdict(Policy((STATEMENT._replace(conditions=(condition,)),)), USER_KEY, 0) == answer
