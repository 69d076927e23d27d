"""
A property says one thing twice: a region for the engine, and a predicate for the evaluator.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.generate.statements import any_policy
from tests.laws.membership import is_in_region
from tests.laws.subjects import BOUNDARY, CONFIGURATIONS, MFA, is_asked_about, questions, subject_of
from tests.strategies import choices, examples, requests_near
from trustproof.engine.certificate import verify
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.properties.base import Property
from trustproof.proving.answers import Proof
from trustproof.proving.proofs_alone import is_proved
from trustproof.proving.prover import Prover


@pytest.mark.parametrize("asked", [MFA, BOUNDARY], ids=lambda asked: asked.ident)
@examples(60, in_deep=3_000)
@given(rng=choices())
def test_regions_hold_what_the_predicate_says(asked: Property, rng: Random) -> None:
    """A request for credentials violates a property if and only if one of the property's regions holds it."""
    policy = any_policy(rng)
    subject = subject_of(policy, CONFIGURATIONS[rng.randrange(len(CONFIGURATIONS))])
    for request in requests_near(rng, policy, 8):
        if request.action != "sts:AssumeRole" or not is_asked_about(subject, request):
            continue
        for question in questions(subject, asked):
            held = any(is_in_region(region, request) for region in question.regions)
            shown = f"{question.about}: in a region {held}\n{request}\n{subject}"
            tally.agree("regions and predicates", held is question.violates(request), shown)


@pytest.mark.parametrize("asked", [MFA, BOUNDARY], ids=lambda asked: asked.ident)
@examples(60)
@given(rng=choices())
def test_every_proof_has_a_certificate_that_stands(asked: Property, rng: Random) -> None:
    """Each closed search of a proof is accepted by the checker, for a policy that the checker compiles itself."""
    policy = any_policy(rng)
    subject = subject_of(policy)
    # One that shows its proofs skips no question.
    prover = Prover(subject, asked.inquiry, certify=True)
    for index in prover.compiled.allow_indices:
        answer = prover.settle(index)
        if not isinstance(answer, Proof):
            continue
        regions = [region for question in asked.questions(subject, index) for region in question.regions]
        assert len(regions) == len(answer.closed)
        for region, closed in zip(regions, answer.closed, strict=True):
            verify(closed, region, index, CompiledPolicy(policy))
            tally.agree("certificates", True)


@pytest.mark.parametrize("asked", [MFA, BOUNDARY], ids=lambda asked: asked.ident)
@examples(60, in_deep=3_000)
@given(rng=choices())
def test_whether_there_is_a_proof_is_told_without_a_request(asked: Property, rng: Random) -> None:
    """Who reads nothing but whether something is proved learns of it what whoever reads the answer does."""
    subject = subject_of(any_policy(rng), CONFIGURATIONS[rng.randrange(len(CONFIGURATIONS))])
    prover = Prover(subject, asked.inquiry)
    for index in prover.compiled.allow_indices:
        wanted = asked.questions(subject, index)
        answer = Prover(subject, asked.inquiry).settle(index, wanted)
        tally.agree("proofs and requests", is_proved(prover, index, wanted) is isinstance(answer, Proof), f"{subject}")
