"""
no-confused-deputy: a service that says for whom it calls is held to us.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trustproof._verdict import Remedy
from trustproof.engine.question import Region
from trustproof.engine.values import Values, text
from trustproof.engine.world import SEPARATOR, World
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.keys import ASSUME_ROLE
from trustproof.model.policy import Condition, Path, Statement
from trustproof.model.request import SERVICE, Request
from trustproof.model.services import IN_RESOURCE_POLICIES, IN_TRUST_POLICIES, NOT_TO
from trustproof.model.text import Symbolic, Text
from trustproof.properties._base import (
    OWN_ORGANIZATION,
    Constraints,
    Finding,
    Property,
    Question,
    Refutation,
    Subject,
    own_values,
    trust_regions,
)
from trustproof.properties._words import because
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import exact, like
from trustproof.sets.strings import StringSet

_ACCOUNT = "aws:sourceaccount"
_ARN = "aws:sourcearn"
_ORG_ID = "aws:sourceorgid"
_ORG_PATHS = "aws:sourceorgpaths"
#: Keys of customers encrypt for services whatever they call for; the services' own policies hold those.
_LEFT_ALONE = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")


class NoConfusedDeputy(Property):
    """
    A service that says for whom it calls is held to the boundary.

    Claim:
        No request by a service that is documented to send aws:SourceAccount and aws:SourceArn is let in when it calls
        for an account that is neither the template's own nor in the boundary. Services that are not documented to
        send these keys (EC2, Lambda and others in trust policies) are left alone.

    Threat:
        A service acts for all its customers with one principal. Another customer points the service at your role or
        queue, and it uses your permission for them.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"},
         "Action": "sts:AssumeRole"}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}]}

    Remedy:
        Test aws:SourceAccount, aws:SourceArn with a literal account, or aws:SourceOrgID, with an operator that is false
        when the key is absent.

    Limits:
        Which services send the keys is a catalogue with sources (``model/services.py``); a service that is not in it is
        not asked about. A literal ARN without an account, as of a bucket, is taken to be one's own. Key policies are
        left alone.
    """

    ident = "no-confused-deputy"
    summary = "a service that acts for somebody else is let in"

    def applies_to(self, subject: Subject) -> bool:
        """Trust and resource policies that name a service of the catalogue."""
        return bool(_services(subject))

    def seen(self, subject: Subject) -> Subject:
        """What CloudFormation makes for a resource of the template is the ARN of a resource of ours."""
        statements = tuple(_with_own_sources(s, subject.account) for s in subject.policy.statements)
        document: Document = subject.document
        return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """The services of the catalogue that the policy names, calling for somebody else."""
        constraints = _somebody_else(subject)
        regions = tuple(
            r for service in _services(subject) for r in _regions(subject, (_caller(service), *constraints))
        )
        return (Question(regions, _predicate(constraints), "deputy"),)

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say for whom the service calls."""
        request = refutation.request
        service = request.caller.arn
        name = subject.document.logical_id
        tested = [c for c in refutation.statement.conditions if c.key.lower() in (_ACCOUNT, _ARN, _ORG_ID, _ORG_PATHS)]
        path: Path = tested[0].path if tested else (*refutation.statement.path, "Principal")
        label = "lets the service in for other customers too" if tested else f"admits {service} for every customer"
        return Finding(
            f"{service} is let in by {name} when it acts for account {request.context[_ACCOUNT]}",
            label,
            path,
            because(refutation, refutation.statement)
            or (f"no condition looks at what {service} says of whom it calls for",),
            Remedy(
                "say for whom the service may call",
                (f'+ "Condition": {{"StringEquals": {{"aws:SourceAccount": "{subject.account}"}}}}',),
            ),
        )

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        return f"{', '.join(_services(subject))} is let in by {subject.document.logical_id} for nobody else"


def _services(subject: Subject) -> tuple[str, ...]:
    document = subject.document
    if document.kind not in (TRUST, RESOURCE) or document.resource_type in _LEFT_ALONE:
        return ()
    catalogue = IN_TRUST_POLICIES if document.kind == TRUST else IN_RESOURCE_POLICIES
    entries = [
        entry for s in document.policy.statements for entry in (*(s.principals or ()), *(s.not_principals or ()))
    ]
    named = {str(e.value) for e in entries if e.kind == "Service"} & catalogue.keys()
    return tuple(sorted(service for service in named if document.resource_type not in NOT_TO.get(service, ())))


def _regions(subject: Subject, constraints: Constraints) -> Sequence[Region]:
    if subject.document.kind == TRUST:
        return trust_regions(subject, SERVICE, ASSUME_ROLE, constraints)
    return (Region(World(SERVICE, "", subject.partition, fixed=own_values(subject)), constraints),)


def _caller(service: str) -> tuple[str, Values]:
    return ("caller", text(exact(service + SEPARATOR)))


def _somebody_else(subject: Subject) -> Constraints:
    boundary = subject.config.boundary
    accounts = sorted({subject.account, *(boundary.accounts if boundary is not None else ())})
    organizations = (*(boundary.organizations if boundary is not None else ()), OWN_ORGANIZATION)
    ours = [exact(account) for account in accounts]
    sources = [pattern for account in accounts for pattern in (like(f"arn:*:*:*:{account}:*"),)]
    sources += [exact(arn) for arn in _literal_sources(subject)]
    return (
        (f"key:{_ACCOUNT}", Values(False, StringSet.outside(ours))),
        (f"key:{_ARN}", Values(False, StringSet.of([like("arn:*:*:*:*:*")]) & StringSet.outside(sources))),
        (f"key:{_ORG_ID}", Values(True, StringSet.outside(exact(o) for o in organizations))),
        (f"key:{_ORG_PATHS}", Values(True, CollectionSet(StringSet.outside(like(f"{o}/*") for o in organizations)))),
    )


def _literal_sources(subject: Subject) -> list[str]:
    """ARNs that a policy writes out and that name no account."""
    found = {
        str(operand)
        for s in subject.policy.statements
        for c in s.conditions
        if c.key.lower() == _ARN
        for operand in c.operands
        if isinstance(operand, str) and not set(operand) & set("*?")
    }
    return sorted(arn for arn in found if arn.count(":") >= 5 and not arn.split(":")[4])


def _with_own_sources(statement: Statement, account: str) -> Statement:
    return statement._replace(conditions=tuple(_with_own_source(c, account) for c in statement.conditions))


def _with_own_source(condition: Condition, account: str) -> Condition:
    if condition.key.lower() != _ARN:
        return condition

    def ours(operand: Text) -> Text:
        if not isinstance(operand, Symbolic) or len(operand.parts) != 1 or operand.symbols[0].kind != "attribute":
            return operand
        return f"arn:aws:unknown:us-east-1:{account}:{operand.symbols[0].name}"

    return condition._replace(operands=tuple(ours(operand) for operand in condition.operands))


def _predicate(constraints: Constraints) -> Callable[[Request], bool]:
    accounts, arns = constraints[0][1].present, constraints[1][1].present
    assert isinstance(accounts, StringSet)
    assert isinstance(arns, StringSet)

    def violates(request: Request) -> bool:
        account, arn = request.context.get(_ACCOUNT), request.context.get(_ARN)
        return isinstance(account, str) and isinstance(arn, str) and account in accounts and arn in arns

    return violates
