"""
Statements as boxes: of an Allow at least what it matches, of a Deny at most; the same where nothing is approximate.
"""

from __future__ import annotations

from random import Random

from hypothesis import given

from tests import tally
from tests.generate.conditions import pick
from tests.generate.requests import ACTIONS, Hints, any_caller
from tests.generate.statements import any_statement
from tests.generate.words import TIED
from tests.laws.membership import is_inside, record
from tests.strategies import choices, examples, policies, principals, requests_near
from trustproof.engine.axioms import facts
from trustproof.engine.denote import denote
from trustproof.engine.principals import cover
from trustproof.engine.request_space import RequestSpace
from trustproof.engine.statements import encode_allow, encode_deny
from trustproof.model.policy import ALLOW, DENY, Policy, Principal, Statement
from trustproof.model.request import Request
from trustproof.sets.patterns import matches
from trustproof.spec.callers import faults
from trustproof.spec.principals import covers
from trustproof.spec.statements import applies


@examples(300)
@given(principals(), choices())
def test_a_principal_covers_the_same_callers_for_both(entry: Principal, rng: Random) -> None:
    """The engine's patterns match the record of a caller if and only if the evaluator finds the caller covered."""
    hints = Hints([Statement(ALLOW, principals=(entry,))])
    for kind in ACTIONS:
        caller = any_caller(rng, kind, hints)
        if faults(caller):
            continue
        meant = covers((entry,), caller)
        for partition in ("", "aws"):
            found = cover(entry, RequestSpace(kind, "", partition))
            for patterns in (found.larger, found.smaller):
                covered = any(matches(pattern, record(caller)) for pattern in patterns)
                tally.agree("principals", covered is meant, f"{entry}\n{caller}\nthe evaluator says {meant}")


@examples(150, in_deep=7_500)
@given(policies(), choices())
def test_a_box_holds_what_its_statement_matches(policy: Policy, rng: Random) -> None:
    """No request that an Allow matches is outside its box, and none that a Deny misses is inside."""
    for request in requests_near(rng, policy, 6):
        for number, statement in enumerate(policy.statements):
            _compare(policy, number, statement, request)


def _compare(policy: Policy, number: int, statement: Statement, request: Request) -> None:
    space = RequestSpace(request.caller.kind, request.action.lower(), "aws")
    meant = applies(statement, request, variables=policy.has_variables).applies
    allow = statement.effect == ALLOW
    shape = (encode_allow if allow else encode_deny)(statement, number, space, policy.has_variables)
    if shape is None:
        return
    inside = is_inside(shape.box, request)
    shown = f"{statement}\n{request}\nthe evaluator says {meant}, the box {inside}"
    tally.agree("boxes", inside or not meant if allow else meant or not inside, shown)
    if not shape.notes:
        tally.agree("boxes", inside is meant, f"no note and not the same\n{shown}")


@examples(150, in_deep=7_500)
@given(choices())
def test_no_real_request_is_in_a_fact(rng: Random) -> None:
    """What the engine takes for impossible, a real caller cannot send."""
    statement = any_statement(rng, keys=pick(rng, TIED))
    policy = Policy(
        (statement, any_statement(rng, keys=tuple(c.key for c in statement.conditions) or ("aws:username",)))
    )
    for request in requests_near(rng, policy, 8):
        space = RequestSpace(request.caller.kind, request.action.lower(), "aws")
        found = [denote(c, space, policy.has_variables) for s in policy.statements for c in s.conditions]
        mentioned_literals = [
            literal for reading in found if reading is not None for literal in (reading.over, reading.under)
        ]
        named = [literal for s in policy.statements for literal in encode_allow(s, 0, space, True).box.literals]
        for fact in facts(space, [*mentioned_literals, *named]):
            tally.agree("facts", not is_inside(fact, request), f"{fact.label}\n{request}\n{policy}")


_RESOURCES = (
    "*",
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/${aws:username}/*",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::*:role/a?p",
    "arn:aws:iam::*:user/${aws:username}",
    "arn:aws:s3:*:*:b:*",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'b'}/x",
    "arn:aws:s3:::${saml:sub}",
    "arn:aws:s3:::${*}",
    "b*",
    "",
)
_NAMED = (
    "arn:aws:s3:::b",
    "arn:aws:s3:::b/alice/x",
    "arn:aws:iam::111122223333:role/app",
    "arn:aws:s3:::*",
    "b",
    "arn:aws:s3:::blue/x",
)


@examples(150)
@given(choices())
def test_resources_are_between_two_readings(rng: Random) -> None:
    """A Resource element reaches at least as far for an Allow, and at most as far for a Deny, as the evaluator says."""
    entries = tuple(pick(rng, _RESOURCES) for _ in range(pick(rng, (1, 1, 2))))
    effect = pick(rng, (ALLOW, DENY))
    not_ = rng.randrange(3) == 0
    statement = Statement(
        effect,
        principals=(Principal("*", "*"),),
        actions=("*",),
        resources=None if not_ else entries,
        not_resources=entries if not_ else None,
    )
    policy = Policy((statement,), pick(rng, ("2012-10-17", None)))
    for request in requests_near(rng, policy, 4):
        for resource in _NAMED:
            _compare(policy, 0, statement, request._replace(resource=resource))


_ACTIONS = ("kms:Decrypt", "kms:*", "KMS:Describe*", "k?s:Decrypt", "*:Decrypt", "*", "sqs:SendMessage", "sts:*")


@examples(150)
@given(choices())
def test_a_statement_without_resources(rng: Random) -> None:
    """It has an effect on what its policy stands on, but in a key policy."""
    entries = tuple(pick(rng, _ACTIONS) for _ in range(pick(rng, (1, 1, 2))))
    not_ = rng.randrange(3) == 0
    statement = Statement(
        pick(rng, (ALLOW, DENY)),
        principals=(Principal("*", "*"),),
        actions=None if not_ else entries,
        not_actions=entries if not_ else None,
    )
    policy = Policy((statement,))
    for request in requests_near(rng, policy, 4):
        for action in ("kms:Decrypt", "sqs:SendMessage", "sts:AssumeRole"):
            _compare(policy, 0, statement, request._replace(action=action))
