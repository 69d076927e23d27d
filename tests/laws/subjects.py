"""
Policies as the prover sees them: where they stand, and under which configuration.
"""

from __future__ import annotations

from tests.generate.words import OTHER, OWN, ROLE, VENDOR
from trustproof.config.model import Boundary, Config, PropertySettings, ThirdParty
from trustproof.model.document import TRUST, Document
from trustproof.model.policy import Policy
from trustproof.model.request import Request
from trustproof.properties.base import Property
from trustproof.properties.question import Question, Refutation, Subject
from trustproof.properties.registry import find
from trustproof.properties.shared.regions import own_values
from trustproof.proving.answers import Proof, Undecided
from trustproof.proving.prover import Prover
from trustproof.spec.decision import actions_needed, call_of, decide

#: The properties of trust policies that are refuted by a request, and the one that is proved by one.
MFA, BOUNDARY, USABLE = find("mfa-required"), find("inside-boundary"), find("statement-usable")

CONFIGURATIONS = (
    Config(),
    Config(boundary=Boundary(accounts=(OTHER,), organizations=("o-a1b2c3d4e5",))),
    Config(
        third_parties=(ThirdParty("vendor", (VENDOR,)),),
        properties={"mfa-required": PropertySettings(None, {"max-age": 3600})},
    ),
)

Answer = Proof | Refutation | Undecided


def subject_of(policy: Policy, configuration: Config = CONFIGURATIONS[0]) -> Subject:
    """The trust policy of a role of `OWN`."""
    document = Document(TRUST, policy, "Role", "AWS::IAM::Role", (), resource_arn=ROLE)
    return Subject(document, OWN, "aws", configuration)


def answers(subject: Subject, asked: Property) -> dict[int, Answer]:
    """The answer for each Allow statement."""
    prover = Prover(subject, asked.inquiry)
    return {index: prover.settle(index) for index in prover.compiled.allow_indices}


def questions(subject: Subject, asked: Property) -> list[Question]:
    """What a property asks; the same for every statement."""
    return list(asked.questions(subject, 0))


def lets_in(policy: Policy, request: Request) -> bool:
    """Whether the evaluator allows a request, and all that the call needs besides."""
    needed = {request.action, *actions_needed(call_of(request))}
    return all(decide(policy, request._replace(action=action)).allowed for action in needed)


def is_asked_about(subject: Subject, request: Request) -> bool:
    """Whether a request carries what is known of the resource, as every request that a property asks about does."""
    return all(request.context.get(key) == value for key, value in own_values(subject))
