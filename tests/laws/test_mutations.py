"""
Policies that allow more can only lose proofs.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.generate.conditions import EXACT, WILD, Flavour, pick
from tests.generate.statements import any_policy
from tests.laws.subjects import BOUNDARY, CONFIGURATIONS, MFA, USABLE, Answer, answers, subject_of
from tests.strategies import choices, examples
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Statement
from trustproof.properties.base import Property
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof


def looser(policy: Policy, rng: Random) -> Iterator[tuple[str, Policy]]:
    """The policy with a Deny less, with a condition of an Allow less, with an operand of an Allow more."""
    statements = policy.statements
    for number, statement in enumerate(statements):
        rest = statements[:number], statements[number + 1 :]
        if statement.effect == DENY:
            yield "without a Deny", policy._replace(statements=(*rest[0], *rest[1]))
            continue
        for place, condition in enumerate(statement.conditions):
            kept = statement.conditions[:place] + statement.conditions[place + 1 :]
            yield "without a condition", _with(policy, number, statement._replace(conditions=kept))
            wider = _wider(condition, rng)
            if wider is not None:
                changed = (*statement.conditions[:place], wider, *statement.conditions[place + 1 :])
                yield "with a wider operand", _with(policy, number, statement._replace(conditions=changed))


def _with(policy: Policy, number: int, statement: Statement) -> Policy:
    return policy._replace(statements=(*policy.statements[:number], statement, *policy.statements[number + 1 :]))


def _wider(condition: Condition, rng: Random) -> Condition | None:
    """One operand more, where operands are alternatives; or one less, where none of them may match."""
    operator = parse_operator(condition.operator)
    if operator is None or not condition.operands:
        return None
    if operator.negated:
        return condition._replace(operands=condition.operands[1:]) if len(condition.operands) > 1 else None
    more = {"bool": ("true", "false"), "null": ("true", "false"), "string": ("*", "alice"), "numeric": ("3600", "7200")}
    words = more.get(operator.family)
    return None if words is None else condition._replace(operands=(*condition.operands, pick(rng, words)))


@pytest.mark.parametrize("asked", [MFA, BOUNDARY, USABLE], ids=lambda asked: asked.ident)
@pytest.mark.parametrize("flavour", [EXACT, WILD], ids=["exact", "wild"])
@examples(40)
@given(rng=choices())
def test_a_looser_policy_only_loses_proofs(asked: Property, flavour: Flavour, rng: Random) -> None:
    """What a policy lets in, a looser one lets in: a refuted property is not proved of it."""
    policy = any_policy(rng, flavour)
    configuration = CONFIGURATIONS[rng.randrange(len(CONFIGURATIONS))]
    before = _by_name(policy, answers(subject_of(policy, configuration), asked))
    if not any(isinstance(answer, Refutation) for answer in before.values()):
        return
    for what, changed in looser(policy, rng):
        after = _by_name(changed, answers(subject_of(changed, configuration), asked))
        for name, answer in before.items():
            if isinstance(answer, Refutation):
                lost = isinstance(after[name], Proof)
                tally.agree("looser policies", not lost, f"{what}: {name} is proved\n{policy}\n{changed}\n{answer}")


def _by_name(policy: Policy, found: dict[int, Answer]) -> dict[str | None, Answer]:
    return {policy.statements[number].sid: answer for number, answer in found.items()}


def test_the_changes_are_changes() -> None:
    """Every kind of change is made, and each is one that allows more or the same."""
    rng = Random(7)
    made = {what for _ in range(200) for what, _ in looser(any_policy(rng), rng)}
    assert made == {"without a Deny", "without a condition", "with a wider operand"}
    policy = Policy((Statement(ALLOW, conditions=(Condition("Bool", "aws:SecureTransport", ("true",)),)),))
    removed = next(changed for what, changed in looser(policy, rng) if what == "without a condition")
    assert removed.statements[0].conditions == ()
