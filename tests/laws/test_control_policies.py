"""
Control policies next to a trust policy: verdicts agree with the evaluation of all policies level by level.
"""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given

from tests import tally
from tests.generate.conditions import EXACT, WILD, Flavour
from tests.generate.statements import any_policy
from tests.generate.words import OTHER, OWN
from tests.laws.subjects import BOUNDARY, CONFIGURATIONS, MFA, answers, is_asked_about, questions, subject_of
from tests.strategies import choices, examples, requests_near
from trustproof.analysis.controls.control_policies import around
from trustproof.config.model import Organization
from trustproof.model.document import CONTROL, Document
from trustproof.model.policy import ALLOW, DENY, Policy, Principal, Statement
from trustproof.model.request import Request
from trustproof.properties.base import Property
from trustproof.properties.question import Refutation
from trustproof.proving.answers import Proof
from trustproof.spec.access import may
from trustproof.spec.decision import actions_needed, call_of

ROOT = "r-ab12"
EVERYTHING = Policy((Statement(ALLOW, actions=("*",), resources=("*",)),))
EVERYBODY = Policy((Statement(ALLOW, principals=(Principal("*", "*"),), actions=("*",), resources=("*",)),))
TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


def control(rng: Random, flavour: Flavour, type_: str) -> Policy:
    """A control policy that denies what a trust policy might speak of."""
    principals = (Principal("*", "*"),) if type_ == TYPES[1] else None
    found = any_policy(rng, flavour)
    denies = tuple(
        s._replace(effect=DENY, principals=principals, not_principals=None, resources=("*",)) for s in found.statements
    )
    return Policy(denies, found.version)


@pytest.mark.parametrize("asked", [MFA, BOUNDARY], ids=lambda asked: asked.ident)
@pytest.mark.parametrize("flavour", [EXACT, WILD], ids=["exact", "wild"])
@examples(40, in_deep=1_500)
@given(rng=choices())
def test_verdicts_agree_with_every_level(asked: Property, flavour: Flavour, rng: Random) -> None:
    """A counterexample gets past the policies of every level, and after a proof no request does."""
    trust = any_policy(rng, flavour)
    type_ = TYPES[rng.randrange(2)]
    denied = control(rng, flavour, type_)
    members = ((OWN, OTHER), (OTHER,), (OWN,))[rng.randrange(3)]
    target = (ROOT, *members)[rng.randrange(len(members) + 1)]
    configuration = CONFIGURATIONS[rng.randrange(len(CONFIGURATIONS))]
    configuration = configuration._replace(organization=Organization(ROOT, members))
    attached = Document(CONTROL, denied, "P", "AWS::Organizations::Policy", (), name=type_, targets=(target,))
    subject = subject_of(trust, configuration)
    context: Any = SimpleNamespace(
        controls=(attached,), config=configuration, template=SimpleNamespace(account=subject.account)
    )
    subject = subject._replace(others=around(context, subject.document))
    held = members if target == ROOT else (target,)

    def gets_in(request: Request) -> bool:
        account = request.caller.account
        service = [[EVERYTHING, denied]] if type_ == TYPES[0] and account in held else []
        resource = [[EVERYBODY, denied]] if type_ == TYPES[1] and OWN in held else []
        return all(
            may(
                [EVERYTHING],
                None,
                trust,
                request._replace(action=action),
                same_account=account == OWN,
                service_control=service,
                resource_control=resource,
            )
            for action in {request.action, *actions_needed(call_of(request))}
        )

    found = answers(subject, asked)
    for answer in found.values():
        tally.note(f"{asked.ident} next to control policies: verdicts", type(answer).__name__.lower())
        if isinstance(answer, Refutation):
            real = gets_in(answer.request)
            tally.agree("next to control policies: refuted is real", real, f"{trust}\n{attached}\n{answer.request}")
    if all(isinstance(answer, Proof) for answer in found.values()):
        for request in (*requests_near(rng, trust, 6), *requests_near(rng, denied, 6)):
            if not request.action.startswith("sts:AssumeRole") or not is_asked_about(subject, request):
                continue
            violated = any(question.violates(request) for question in questions(subject, asked))
            true = not (violated and gets_in(request))
            tally.agree("next to control policies: proved is true", true, f"{trust}\n{attached}\n{request}")
