"""
Comparisons with policy variables: the facts that tie two keys hold of every request, and proofs that rest on them too.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given

from tests import tally
from tests.generate.conditions import once_in, pick
from tests.generate.words import ROLE
from tests.laws.membership import is_inside, is_member
from tests.laws.subjects import MFA, USABLE, Answer, answers, lets_in, questions, subject_of
from tests.strategies import choices, examples, requests_near
from trustproof.aws.condition_keys import lookup
from trustproof.aws.single_values import has_one
from trustproof.engine.certificate import verify
from trustproof.engine.comparisons import comparisons, equalities, outcome
from trustproof.engine.compiled_policy import CompiledPolicy
from trustproof.engine.denote import denote
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.statements import encode_allow
from trustproof.model.policy import ALLOW, DENY, Condition, Policy, Principal, Statement
from trustproof.model.request import USER_KEY, Caller, Request
from trustproof.properties.base import Property
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import DISAGREEMENT
from trustproof.spec.callers import principal_keys
from trustproof.spec.conditions import evaluate
from trustproof.spec.decision import decide
from trustproof.spec.statements import applies

_KEYS = (
    "sts:RoleSessionName",
    "aws:username",
    "aws:PrincipalTag/team",
    "sts:SourceIdentity",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "aws:userid",
    "aws:PrincipalOrgPaths",
    "acme:tier",
)
_OPERATORS = (
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringEqualsIfExists",
    "StringNotLike",
    "ArnLike",
    "ArnNotEquals",
    "StringEqualsIgnoreCase",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringLike",
    "ForAnyValue:StringNotEquals",
    "ForAllValues:StringNotLikeIfExists",
)
_OPERANDS = (
    "${aws:username}",
    "${sts:RoleSessionName}",
    "${aws:PrincipalTag/team}",
    "${aws:PrincipalTag/team, 'alice'}",
    "${acme:tier}",
    "${aws:userid}",
    "${aws:PrincipalArn}",
    "${aws:PrincipalAccount}",
    "arn:aws:iam::${aws:PrincipalAccount}:user/${aws:username}",
    "${aws:username}*",
    "${aws:username}-7",
    "a${aws:username}*",
    "alice",
    "bob",
    "a*",
    "111122223333",
)
_WITHOUT_MFA = Condition("BoolIfExists", "aws:MultiFactorAuthPresent", ("false",))
_ACTIONS = ("sts:AssumeRole", "sts:SetSourceIdentity")


def any_comparison(rng: Random) -> Condition:
    """A condition that mostly compares with a policy variable."""
    operands = tuple(pick(rng, _OPERANDS) for _ in range(pick(rng, (1, 1, 1, 2))))
    return Condition(pick(rng, _OPERATORS), pick(rng, _KEYS), operands)


def any_comparing(rng: Random) -> Policy:
    """A trust policy whose statements compare, often the same keys."""
    shared = any_comparison(rng)
    statements = []
    for effect in (ALLOW, *((DENY,) * pick(rng, (1, 2, 0)))):
        conditions = [any_comparison(rng) for _ in range(pick(rng, (1, 0, 2)))]
        if once_in(rng, 2):
            conditions.append(shared)
        if effect == DENY and once_in(rng, 2):
            conditions.append(_WITHOUT_MFA)
        statements.append(
            Statement(effect, principals=(Principal("AWS", "*"),), actions=_ACTIONS, conditions=tuple(conditions))
        )
    return Policy(tuple(statements))


def any_request(rng: Random) -> Request:
    """A request of a user whose keys often have the same values; whether anybody could send it does not matter here."""
    user = f"arn:aws:iam::111122223333:user/{pick(rng, ('alice', 'bob'))}"
    caller = Caller(USER_KEY, user, "", "AIDAALICE00000000001")
    context = principal_keys(caller)
    words = ("alice", "bob", "ALICE", "", "alice-7", "aalice7", user, "111122223333", "AIDAALICE00000000001")
    for name in (*_KEYS, "aws:PrincipalOrgPaths"):
        if name.lower() in context or once_in(rng, 4):
            continue
        multi = lookup(name).multi or (not has_one(lookup(name)) and once_in(rng, 3))
        # An empty string is no value of a collection.
        several = tuple(dict.fromkeys(pick(rng, words) or "alice" for _ in range(pick(rng, (1, 2)))))
        context[name.lower()] = several if multi else pick(rng, words)
    return Request(caller, "sts:AssumeRole", ROLE, context)


@examples(400)
@given(choices())
def test_a_comparison_is_what_the_evaluator_says(rng: Random) -> None:
    """The dimension of a comparison has one of the values that a condition wants if and only if the condition holds."""
    condition = any_comparison(rng)
    literal = outcome(condition)
    if literal is None or not any("${" in str(operand) for operand in condition.operands):
        return
    for _ in range(4):
        request = any_request(rng)
        value = request.context.get(condition.key.lower())
        if isinstance(value, tuple) and ":" not in condition.operator:
            # What is tested without a set operator is taken to have one value.
            continue
        meant = evaluate(condition, request.context, variables=True).matched
        shown = f"{condition}\n{literal}\n{request}\nthe evaluator says {meant}"
        tally.agree("comparisons", is_member(literal.yes, literal.dimension, request) is meant, shown)
        tally.agree("comparisons", is_member(literal.no, literal.dimension, request) is not meant, shown)


@examples(200)
@given(choices())
def test_no_request_is_in_a_fact_about_a_comparison(rng: Random) -> None:
    """What a comparison says of its keys is true of every request, and an Allow's box holds what the Allow matches."""
    policy = any_comparing(rng)
    space = RequestSpace(USER_KEY, "sts:assumerole", "aws")
    shapes = [encode_allow(s, i, space, True) for i, s in enumerate(policy.statements)]
    mentioned_literals = [literal for shape in shapes for literal in shape.box.literals]
    # The facts are about the values that a question speaks of.
    keys = dict.fromkeys(condition.key for s in policy.statements for condition in s.conditions)
    plain = [
        denote(Condition("StringEquals", key, (word,)), space, True) for key in keys for word in ("alice", "ALICE")
    ]
    mentioned_literals += [reading.over for reading in plain if reading is not None and not reading.note]
    found = [*comparisons(space, mentioned_literals), *equalities(space, mentioned_literals)]
    for _ in range(6):
        request = any_request(rng)
        for fact in found:
            tally.agree("comparisons", not is_inside(fact, request), f"{fact.label}\n{fact}\n{request}\n{policy}")
        for shape in shapes:
            meant = applies(shape.statement, request, variables=True).applies
            tally.agree("comparisons", is_inside(shape.box, request) or not meant, f"{shape}\n{request}")


@pytest.mark.parametrize("asked", [MFA, USABLE], ids=lambda asked: asked.ident)
@examples(50, in_deep=2_000)
@given(rng=choices())
def test_what_is_proved_of_comparisons_is_true(asked: Property, rng: Random) -> None:
    """No request that violates a property gets in after a proof, and a refutation is never without its request."""
    policy = any_comparing(rng)
    subject = subject_of(policy)
    near = requests_near(rng, policy, 12)
    for index, answer in answers(subject, asked).items():
        _count(asked, policy, answer)
        if isinstance(answer, Proof):
            regions = [region for question in asked.questions(subject, index) for region in question.regions]
            for region, closed in zip(regions, answer.closed, strict=True):
                verify(closed, region, index, CompiledPolicy(policy))
        for request in near if isinstance(answer, Proof) else ():
            violated = any(question.violates(request) for question in questions(subject, asked))
            used = request.action == "sts:AssumeRole" and violated and _lets_in(policy, index, request)
            tally.agree("comparisons", not used, f"{asked.ident}: proved, and yet\n{request}\n{policy}")


def _lets_in(policy: Policy, index: int, request: Request) -> bool:
    deciding = [one.statement for one in decide(policy, request).deciding]
    return policy.statements[index] in deciding and lets_in(policy, request)


def _count(asked: Property, policy: Policy, answer: Answer) -> None:
    tally.note(f"{asked.ident}: comparisons", type(answer).__name__.lower())
    if isinstance(answer, Undecided):
        tally.agree("comparisons", DISAGREEMENT not in answer.reasons, f"{policy}\n{answer.reasons}")
    elif isinstance(answer, Refutation):
        tally.agree("comparisons", lets_in(policy, answer.request), f"{policy}\n{answer.request}")
