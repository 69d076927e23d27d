"""
Services behind a wildcard: ``"Principal": "*"`` admits them too, and a condition on ``aws:SourceArn`` or
``aws:SourceAccount`` says for whom they may call.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof._verdict import Remedy
from trustproof.engine.question import Region
from trustproof.engine.values import ABSENT, text
from trustproof.engine.world import SEPARATOR, World
from trustproof.model.document import RESOURCE
from trustproof.model.policy import ALLOW, Principal, Statement
from trustproof.model.request import SERVICE
from trustproof.properties._base import (
    Constraints,
    Finding,
    Question,
    Refutation,
    Subject,
    own_values,
    third_party_accounts,
)
from trustproof.properties._bounds import consulted_for
from trustproof.properties._remedies import demand
from trustproof.properties._sources import (
    SOURCE_ACCOUNT,
    calls_for,
    examples,
    named_accounts,
    named_organizations,
    somebody_else,
    tests_of_sources,
    undeclared,
    with_own_sources,
)
from trustproof.properties._words import because
from trustproof.sets.patterns import exact

ANY_SERVICE = "any service"
UNDECLARED_SERVICE = "any service, undeclared"

#: One stands for all: the first that the policy does not name, since what it names is asked about by name.
_SERVICES = ("sns.amazonaws.com", "s3.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com")
#: What a service may send besides and nobody relies on: whether it does is not documented.
_NOT_SENT: Constraints = (("key:aws:principalaccount", ABSENT), ("key:aws:userid", ABSENT))


def relies_on_sources(statement: Statement) -> bool:
    """Whether an Allow statement admits everybody, and looks at whom a service calls for."""
    return (
        statement.effect == ALLOW
        and any(_is_everybody(principal) for principal in statement.principals or ())
        and bool(tests_of_sources(statement))
    )


def _is_everybody(principal: Principal) -> bool:
    return principal.kind == "*" or (principal.kind == "AWS" and principal.value == "*")


def with_services(subject: Subject) -> Subject:
    """
    The subject as it is meant: whoever looks at ``aws:SourceArn`` means services, by ``{"AWS": "*"}`` too.
    """
    if subject.document.kind != RESOURCE or not any(relies_on_sources(s) for s in subject.policy.statements):
        return subject
    statements = tuple(
        with_own_sources(s, subject.account)._replace(principals=(Principal("*", "*"),)) if relies_on_sources(s) else s
        for s in subject.policy.statements
    )
    return subject._replace(
        document=subject.document._replace(policy=subject.policy._replace(statements=statements)),
    )


def service_questions(subject: Subject, index: int, bounds: Constraints) -> Sequence[Question]:
    """May a service use the resource for somebody else, by a statement that admits everybody?"""
    if subject.document.kind != RESOURCE or not relies_on_sources(subject.policy.statements[index]):
        return ()
    vendors = third_party_accounts(subject.config)
    if subject.config.boundary is not None:
        return (_question(subject, somebody_else(subject, vendors), bounds, ANY_SERVICE),)
    policy = subject.policy
    unnamed = somebody_else(subject, (*vendors, *named_accounts(policy)), named_organizations(policy))
    return (
        _question(subject, unnamed, bounds, ANY_SERVICE),
        _question(subject, somebody_else(subject, vendors), bounds, UNDECLARED_SERVICE),
    )


def _question(subject: Subject, constraints: Constraints, bounds: Constraints, about: str) -> Question:
    named = {p.value for s in subject.policy.statements for p in s.principals or () if p.kind == "Service"}
    service = next((s for s in _SERVICES if s not in named), _SERVICES[-1])
    caller = ("caller", text(exact(service + SEPARATOR)))
    world = World(SERVICE, "", subject.partition, fixed=own_values(subject))
    asked = (caller, *constraints, *_NOT_SENT, *bounds, *consulted_for(subject))
    region = Region(world, asked, prefer=examples(subject, service))
    return Question((region,), calls_for(constraints), about)


def service_finding(subject: Subject, refutation: Refutation) -> Finding:
    """Word what a service may do for somebody else."""
    request = refutation.request
    tested = tests_of_sources(refutation.statement)
    path = tested[0].path if tested else (*refutation.statement.path, "Principal")
    if refutation.about == UNDECLARED_SERVICE:
        return undeclared(subject, request, path)
    return Finding(
        f"a service that acts for account {request.context[SOURCE_ACCOUNT]} may call {request.action} "
        f"by {subject.document.logical_id}",
        "lets services in for other customers too",
        path,
        because(refutation, refutation.statement, subject.policy),
        Remedy(
            "say for whom services may call",
            demand(subject, refutation.statement, ("StringEquals", "aws:SourceAccount", (subject.account,))),
        ),
    )
