"""
The lazy search against a finite partition: two engines of different design must agree.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.differential.atoms import arn_wildcards, exactly, parts, wildcards
from tests.differential.partition import Outcome, search
from tests.generate.conditions import EXACT, WILD, Flavour
from tests.generate.statements import any_policy
from tests.laws.subjects import BOUNDARY, CONFIGURATIONS, MFA, Answer, answers, is_asked_about, questions, subject_of
from tests.strategies import choices, examples
from trustproof.model.policy import ALLOW, Condition, Policy, Principal, Statement
from trustproof.model.request import IDENTITY_CENTER, ROLE_SESSION, USER_KEY, USERS, Request
from trustproof.properties.base import Property
from trustproof.properties.question import OWN_ORGANIZATION, Refutation, Subject
from trustproof.proving.answers import Proof
from trustproof.spec.matching import matches_wildcards, pattern

#: An Allow for everybody.
STATEMENT = Statement(ALLOW, principals=(Principal("AWS", "*"),), actions=("sts:AssumeRole",))
_FAMILY = "lazy search against partition"
_KINDS = {"mfa-required": USERS, "inside-boundary": (*USERS, ROLE_SESSION, IDENTITY_CENTER)}


def distinguished(subject: Subject, asked: Property) -> list[Condition]:
    """What a property's predicate tells apart besides the caller's account."""
    if asked is MFA:
        return [Condition("NumericGreaterThan", "aws:MultiFactorAuthAge", ("3600",))]
    boundary = subject.config.boundary
    organizations = (*(boundary.organizations if boundary is not None else ()), OWN_ORGANIZATION)
    return [Condition("StringEquals", "aws:PrincipalOrgID", (name,)) for name in organizations]


def enumerate_cells(subject: Subject, asked: Property) -> Outcome:
    """Whether some cell of the partition violates the property."""
    asked_of = questions(subject, asked)

    def violates(request: Request) -> bool:
        return is_asked_about(subject, request) and any(question.violates(request) for question in asked_of)

    return search(subject.policy, violates, _KINDS[asked.ident], distinguished(subject, asked))


@pytest.mark.parametrize("asked", [MFA, BOUNDARY], ids=lambda asked: asked.ident)
@pytest.mark.parametrize("flavour", [EXACT, WILD], ids=["exact", "wild"])
@examples(60)
@given(rng=choices())
def test_both_engines_agree(asked: Property, flavour: Flavour, rng: Random) -> None:
    """
    What the partition finds is never proved away; where the partition is complete, proofs are where it finds nothing.
    """
    policy = any_policy(rng, flavour)
    subject = subject_of(policy, CONFIGURATIONS[rng.randrange(len(CONFIGURATIONS))])
    found = answers(subject, asked)
    outcome = enumerate_cells(subject, asked)
    compare(flavour, policy, found, outcome)


def compare(flavour: Flavour, policy: Policy, found: dict[int, Answer], outcome: Outcome) -> None:
    proved = all(isinstance(answer, Proof) for answer in found.values())
    refuted = next((answer for answer in found.values() if isinstance(answer, Refutation)), None)
    if outcome.request is not None:
        tally.agree(_FAMILY, not proved, f"proved, and yet: {outcome.request}\n{policy}")
        tally.note(_FAMILY, "found")
    elif outcome.complete:
        tally.agree(_FAMILY, refuted is None, f"refuted, and no cell found: {refuted}\n{policy}")
        tally.agree(_FAMILY, proved or not flavour.exact, f"no cell found, and not proved: {found}\n{policy}")
        tally.note(_FAMILY, "complete and empty")
    else:
        tally.note(_FAMILY, "incomplete and empty")


@examples(100)
@given(rng=choices())
def test_parts_are_all_there_are(rng: Random) -> None:
    """Every way that short words match a list of patterns is the way of one part, and all parts are different."""
    written = ["".join("ab*?"[rng.randrange(4)] for _ in range(rng.randrange(4))) for _ in range(rng.randrange(1, 4))]
    found = parts([wildcards(text) for text in written])
    assert found is not None

    def signature(word: str) -> tuple[bool, ...]:
        return tuple(matches_wildcards(word, pattern(text)) for text in written)

    signatures = [signature(word) for word in found]
    assert len(set(signatures)) == len(signatures)
    every = [
        "",
        *"abz",
        *(a + b for a in "abz" for b in "abz"),
        *(a + b + c for a in "abz" for b in "abz" for c in "abz"),
    ]
    assert {signature(word) for word in every} <= set(signatures)


def test_parts_of_arns() -> None:
    """A part keeps to its shape, and a wildcard in a field to its field."""
    found = parts([arn_wildcards("arn:aws:s3:::b*"), exactly("arn:aws:s3:::b")], arn_wildcards("arn:*:*:*:*:*"))
    assert found is not None
    inside = sorted(word for word in found if word.startswith("arn:aws:s3:::b"))
    assert len(inside) == 2
    assert inside[0] == "arn:aws:s3:::b"
    assert all(word.count(":") >= 5 for word in found)
    assert len(found) == 3


def test_a_partition_can_be_complete_and_empty() -> None:
    """A policy that demands MFA has no violating cell, and one that forgets the absent key has."""
    for operator, violated in (("Bool", False), ("BoolIfExists", True)):
        condition = Condition(operator, "aws:MultiFactorAuthPresent", ("true",))
        subject = subject_of(Policy((STATEMENT._replace(conditions=(condition,)),)))
        outcome = enumerate_cells(subject, MFA)
        assert outcome.complete
        assert (outcome.request is not None) is violated
        assert outcome.request is None or outcome.request.caller.kind == USER_KEY
