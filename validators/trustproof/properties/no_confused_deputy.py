"""
no-confused-deputy: a service that says for whom it calls is held to us.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.aws.service_principals import (
    FUNCTIONS,
    IN_FUNCTION_POLICIES,
    IN_KEY_POLICIES,
    IN_RESOURCE_POLICIES,
    IN_TRUST_POLICIES,
    NOT_TO,
    global_name,
)
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.domains import Values, text
from trustproof.engine.region import Region
from trustproof.engine.request_space import RequestSpace
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.policy import ALLOW, Path, Statement
from trustproof.model.request import SERVICE, Request
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.base import StatementProperty
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.regions import Constraints, own_values, third_party_accounts, trust_regions
from trustproof.properties.remedies.edits import Demand, demand
from trustproof.properties.shared.bounds import consulted_for
from trustproof.properties.shared.ours import NO_NAMES, SOMETHING, things_of
from trustproof.properties.shared.own_resource import with_own_resource
from trustproof.properties.shared.plain_values import plain_values
from trustproof.properties.shared.service_uses import is_useful, useful, writes_own_logs
from trustproof.properties.shared.sources import (
    called_for,
    calls_for,
    examples,
    named_accounts,
    named_organizations,
    nameless_sources,
    own_value,
    somebody_else,
    tests_of_sources,
    undeclared,
    unsaid,
    with_own_sources,
)
from trustproof.properties.wording.sentences import because
from trustproof.results.result import ERROR, FOREIGN, HARDENING, NOTE, Remedy
from trustproof.sets.patterns import ANY_RUN, exact, join
from trustproof.sets.strings import StringSet

DEPUTY = "deputy"
UNDECLARED = "undeclared"

#: Keys of customers encrypt for services whatever they call for; the services' own policies hold those. Asked about are
#: the services in `IN_KEY_POLICIES`, when they use the key: what tells them about it is open to everybody.
_KEYS = ("AWS::KMS::Key", "AWS::KMS::ReplicaKey")
_USES_OF_KEYS = ("kms:creategrant", "kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:reencrypt")


class NoConfusedDeputy(StatementProperty):
    """
    A service that says for whom it calls is held to the boundary.

    Claim:
        No request by a service that is documented to send aws:SourceAccount and aws:SourceArn is let in when it calls
        for an account that is neither the template's own, nor in the boundary, nor a declared third party's, or leaves
        out what would say so, and when it does something that another customer can turn to account. Services that are
        not known to send these keys (EC2, Lambda and most others in trust policies) are left alone.

    Threat:
        A service acts for all its customers with one principal. Another customer points the service at your role or
        queue, and it uses your permission for them.

    Severity:
        *error* in a resource policy: of a bucket, a topic, a queue, a function, an event bus. *note* in a trust policy,
        one line for each template: a service assumes the role that somebody has passed to it, and ``iam:PassRole``
        does not reach across accounts, so the condition is hardening. With ``severity`` in the configuration both are
        what it says.

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
        Which services send the keys is a catalogue with sources (``aws/service_principals.py``); one that is not in it
        is not asked about. A key is in a request only where the service passes it, so ``IfExists`` and ``ForAllValues``
        hold nobody; one test that is false without its key is enough. A literal ARN without an account, as of a bucket,
        is taken to be one's own. Without a ``[boundary]`` an account or organization that the policy names is unknown.
        Asking a bucket what it is called, where it is and who may use it (``s3:GetBucketAcl``,
        ``s3:GetBucketLocation``, ``s3:ListBucket``) gives another customer nothing and is not asked about; nor are
        objects below ``AWSLogs/`` and an account of one's own, where services write for that account only: a proof that
        needs it says so.
        Of key policies, the use of the key by CloudTrail is asked about; a test of
        ``kms:EncryptionContext:aws:cloudtrail:arn`` holds it too. Left alone are IAM Roles Anywhere and EKS Pod
        Identity, which assume roles of their own account only: without a condition each trust anchor of the account, or
        each cluster, may use the role.
    """

    ident = "no-confused-deputy"
    summary = "a service that acts for somebody else is let in"
    reach = FOREIGN
    guards_entry = False

    def applies_to(self, subject: Subject) -> bool:
        """Trust and resource policies that name a service of the catalogue."""
        return bool(_services(subject))

    def normalize(self, subject: Subject) -> Subject:
        """What the template makes or imports is a resource of its own account; one Region is like another."""
        subject = with_own_resource(subject)
        statements = tuple(_as_deployed(s, subject.account) for s in subject.policy.statements)
        document: Document = subject.document
        return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """The services of the catalogue that the policy names, calling for somebody else."""
        if subject.config.boundary is not None:
            return (_question(subject, _others(subject), DEPUTY),)
        # An account or organization that the policy names may be one of ours, where nobody has said which are.
        policy = subject.policy
        accounts = (*third_party_accounts(subject.config), *named_accounts(policy))
        unnamed = somebody_else(subject, accounts, named_organizations(policy))
        return (_question(subject, unnamed, DEPUTY), _question(subject, _others(subject), UNDECLARED))

    def assumptions(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """What a proof would not hold without: that what has a name of ours stays ours, and that logs go by account."""
        out: list[tuple[str, Sequence[Question]]] = []
        if nameless_sources(subject.policy):
            reason = (
                "this rests on a source whose ARN does not say whose it is, as of a bucket: its name must stay yours"
            )
            out.append((reason, (_question(subject, _others(subject, believe_names=False), DEPUTY),)))
        if subject.document.kind == RESOURCE and writes_own_logs(subject):
            reason = "this rests on services that write below AWSLogs/ and an account id for that account only"
            out.append((reason, (_question(subject, _others(subject), DEPUTY, own_logs=False),)))
        return out

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """What is not known before deployment is taken to be ours, so that no deployment is accused of a guess."""
        return own_value(subject, symbol, place)

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say for whom the service calls."""
        request = refutation.request
        service = request.caller.arn
        name = subject.document.logical_id
        tested = tests_of_sources(refutation.statement)
        asked = any(tests_of_sources(statement) for statement in subject.policy.statements)
        path: Path = tested[0].path if tested else (*refutation.statement.path, "Principal")
        if refutation.about == UNDECLARED:
            return undeclared(subject, request, path)
        remedy = Remedy(
            "say for whom the service may call",
            demand(subject, refutation.statement, ("StringEquals", "aws:SourceAccount", (subject.account,))),
        )
        otherwise: tuple[Remedy, ...] = ()
        siblings = _bounds_of_siblings(subject, refutation.statement, service)
        if siblings:
            edits = demand(subject, refutation.statement, *siblings)
            otherwise, remedy = (
                (remedy,),
                Remedy("say for whom the service may call, as its other statements do", edits),
            )
        if _is_made(subject.document):
            path, remedy = subject.document.path, _with_own_role(subject, service)
        label = "lets the service in for other customers too" if tested else f"admits {service} for every customer"
        return Finding(
            f"{service} is let in by {name} when it {_acts(request)}",
            label,
            path,
            (
                *because(refutation, refutation.statement, subject.policy),
                *(() if asked else (f"no condition looks at what {service} says of whom it calls for",)),
            ),
            remedy,
            otherwise=otherwise,
            # Whoever passes a role to a service is of the role's own account, so nobody else has it assume the role.
            severity=NOTE if subject.document.kind == TRUST else ERROR,
            reach=HARDENING if subject.document.kind == TRUST else FOREIGN,
        )

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        services, name = ", ".join(_services(subject)), subject.document.logical_id
        return f"{services} is let in by {name} for nobody else who could turn that to account"


def _others(subject: Subject, *, believe_names: bool = True) -> Constraints:
    """What a service sends that calls for somebody outside; third parties are inside."""
    return somebody_else(subject, third_party_accounts(subject.config), believe_names=believe_names)


def _bounds_of_siblings(subject: Subject, statement: Statement, service: str) -> tuple[Demand, ...]:
    """For whom the same service may call by another statement of the policy, as that one says it."""
    for other in subject.policy.statements:
        named = {str(entry.value) for entry in other.principals or () if entry.kind == "Service"}
        if other.effect != ALLOW or other.path == statement.path or service not in named:
            continue
        found = [(c.operator, c.key, c.operands) for c in tests_of_sources(other)]
        if found and len({key.lower() for _, key, _ in found}) == len(found):
            return tuple(found)
    return ()


def _is_made(document: Document) -> bool:
    """Whether SAM makes the policy, so that it has no place in the template."""
    return (
        document.kind == TRUST
        and document.resource_type.startswith("AWS::Serverless::")
        and "AssumeRolePolicyDocument" not in document.path
    )


def _with_own_role(subject: Subject, service: str) -> Remedy:
    name = subject.document.logical_id
    return Remedy(
        f"the role that SAM makes for {name} asks nothing of the service: give {name} the property Role, with a role "
        f"whose trust policy lets in {service} where aws:SourceAccount is {subject.account}"
    )


def _services(subject: Subject) -> tuple[str, ...]:
    document = subject.document
    if document.kind not in (TRUST, RESOURCE):
        return ()
    catalogue = {*IN_TRUST_POLICIES} if document.kind == TRUST else {*IN_RESOURCE_POLICIES}
    if document.resource_type in _KEYS:
        catalogue = {*IN_KEY_POLICIES}
    if document.resource_type in FUNCTIONS:
        catalogue |= {*IN_FUNCTION_POLICIES}
    entries = [
        entry for s in document.policy.statements for entry in (*(s.principals or ()), *(s.not_principals or ()))
    ]
    named = {_in_one_region(e.value) for e in entries if e.kind == "Service"}
    return tuple(
        sorted(
            service
            for service in named
            if isinstance(service, str)
            and (name := global_name(service)) in catalogue
            and document.resource_type not in NOT_TO.get(name, ())
        )
    )


def _acts(request: Request) -> str:
    account = called_for(request)
    return f"acts for account {account}" if account else "does not say for whom it acts"


def _in_one_region(service: Text) -> Text:
    return service.bind({"AWS::Region": "us-east-1"}) if isinstance(service, Symbolic) else service


def _regions(subject: Subject, constraints: Constraints) -> Sequence[Region]:
    if subject.document.kind == TRUST:
        return trust_regions(subject, SERVICE, ASSUME_ROLE, constraints)

    space = RequestSpace(SERVICE, "", subject.partition, known_keys=own_values(subject))
    return (Region(space, (*constraints, *consulted_for(subject))),)


def _caller(service: str) -> tuple[str, Values]:
    return ("caller", text(exact(service + SEPARATOR)))


def _question(subject: Subject, constraints: Constraints, about: str, *, own_logs: bool = True) -> Question:
    services = _services(subject)
    plain = (*plain_values(subject.policy), *_uses_of_keys(subject), *useful(subject, own_logs=own_logs))
    # A request that says it all makes the better example.
    regions = tuple(
        region._replace(hints=examples(subject, service))
        for said in (constraints, *unsaid(constraints))
        for service in services
        for region in _regions(subject, (_caller(service), *plain, *said, *_encrypting(subject, service)))
    )
    calls = calls_for(constraints, services)
    return Question(regions, lambda request: calls(request) and is_useful(subject, request, own_logs=own_logs), about)


def _uses_of_keys(subject: Subject) -> Constraints:
    if subject.document.resource_type not in _KEYS:
        return ()
    return (("action", text(*(join(action, ANY_RUN) for action in _USES_OF_KEYS))),)


def _encrypting(subject: Subject, service: str) -> Constraints:
    """That what a service encrypts with a key says that it is somebody else's."""
    context = IN_KEY_POLICIES.get(global_name(service), ("", ""))[0]
    if subject.document.resource_type not in _KEYS or not context:
        return ()
    boundary = subject.config.boundary
    declared = boundary.accounts if boundary is not None else named_accounts(subject.policy)
    accounts = sorted({subject.account, *declared, *third_party_accounts(subject.config)})
    others = StringSet.of([SOMETHING]) & StringSet.outside([*map(things_of, accounts), *NO_NAMES])
    return ((f"key:kms:encryptioncontext:{context}#string", Values(True, others)),)


def _as_deployed(statement: Statement, account: str) -> Statement:
    principals = statement.principals
    return with_own_sources(statement, account)._replace(
        principals=None if principals is None else tuple(p._replace(value=_in_one_region(p.value)) for p in principals)
    )
