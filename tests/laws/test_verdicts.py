"""
Verdicts of full policies: what is refuted is real, and nothing real was proved away.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.generate.conditions import EXACT, WILD, Flavour
from tests.generate.statements import any_policy
from tests.laws.subjects import (
    BOUNDARY,
    CONFIGURATIONS,
    MFA,
    USABLE,
    Answer,
    answers,
    is_asked_about,
    lets_in,
    questions,
    subject_of,
)
from tests.strategies import choices, examples, requests_near
from trustproof.model.policy import Policy
from trustproof.model.request import Request
from trustproof.properties.base import Property
from trustproof.properties.question import Refutation, Subject
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import DISAGREEMENT
from trustproof.spec.decision import decide
from trustproof.spec.realism import impossibilities


@pytest.mark.parametrize("asked", [MFA, BOUNDARY], ids=lambda asked: asked.ident)
@pytest.mark.parametrize("flavour", [EXACT, WILD], ids=["exact", "wild"])
@examples(60, in_deep=3_000)
@given(rng=choices())
def test_refuted_is_real_and_proved_is_true(asked: Property, flavour: Flavour, rng: Random) -> None:
    """
    A refutation is a request that can be sent, violates the property and is allowed; after a proof no request is.
    """
    policy = any_policy(rng, flavour)
    subject = subject_of(policy, CONFIGURATIONS[rng.randrange(len(CONFIGURATIONS))])
    found = answers(subject, asked)
    for answer in found.values():
        count(asked.ident, answer)
        check_decided(flavour, policy, answer)
        if isinstance(answer, Refutation):
            violated = any(q.violates(answer.request) for q in questions(subject, asked) if q.about == answer.about)
            check_real(asked.ident, policy, answer.request, violated)
    if all(isinstance(answer, Proof) for answer in found.values()):
        for request in requests_near(rng, policy, 8):
            check_proof(asked, subject, request)


def check_decided(flavour: Flavour, policy: Policy, answer: Answer) -> None:
    """The exact fragment has an answer, and search and evaluator disagree nowhere without a reason."""
    if isinstance(answer, Undecided):
        tally.agree("exact fragment is decided", not flavour.exact, f"{policy}\n{answer.reasons}")
        tally.agree("search against evaluator", DISAGREEMENT not in answer.reasons, f"{policy}\n{answer.reasons}")
    else:
        tally.agree("exact fragment is decided" if flavour.exact else "search against evaluator", True)


def check_real(family: str, policy: Policy, request: Request, violated: bool) -> None:
    """A counterexample can be sent, is allowed, and violates the property."""
    against = impossibilities(request)
    real = not against and violated and lets_in(policy, request)
    tally.agree(f"{family}: refuted is real", real, f"{policy}\n{request}\n{against}")


def check_proof(asked: Property, subject: Subject, request: Request) -> None:
    """No request that violates the property is allowed."""
    if not request.action.startswith("sts:AssumeRole") or not is_asked_about(subject, request):
        return
    violated = any(question.violates(request) for question in questions(subject, asked))
    true = not (violated and lets_in(subject.policy, request))
    tally.agree(f"{asked.ident}: proved is true", true, f"{subject}\n{request}")


@pytest.mark.parametrize("flavour", [EXACT, WILD], ids=["exact", "wild"])
@examples(60, in_deep=3_000)
@given(rng=choices())
def test_usable_is_shown_and_unusable_is_true(flavour: Flavour, rng: Random) -> None:
    """For statement-usable it is the other way round: a request is wanted, and a proof says that there is none."""
    policy = any_policy(rng, flavour)
    subject = subject_of(policy)
    found = answers(subject, USABLE)
    near = [request for request in requests_near(rng, policy, 8) if is_asked_about(subject, request)]
    for number, answer in found.items():
        count("statement-usable", answer)
        check_decided(flavour, policy, answer)
        statement = policy.statements[number]
        if isinstance(answer, Refutation):
            check_real("statement-usable", policy, answer.request, violated=True)
        elif isinstance(answer, Proof):
            for request in near:
                used = any(e.statement is statement for e in decide(policy, request).deciding)
                true = not (used and lets_in(policy, request))
                tally.agree("statement-usable: proved is true", true, f"{policy}\nstatement {number}\n{request}")


def count(family: str, answer: Answer) -> None:
    """Count an answer by its kind."""
    tally.note(f"{family}: verdicts", type(answer).__name__.lower())
