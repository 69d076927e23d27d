"""
no-confused-deputy: a service that says for whom it calls is held to us.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from trustproof.aws.condition_keys import ASSUME_ROLE
from trustproof.aws.service_principals import FOR_OWNERS, global_name
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.domains import Values, text
from trustproof.engine.region import Region
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.policy import Path, Statement
from trustproof.model.request import SERVICE, Request
from trustproof.model.text import Symbol
from trustproof.properties.base import StatementProperty
from trustproof.properties.edits import Demand
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.sentences import because
from trustproof.properties.shared.asked_services import asked_services, in_one_region, services_in, shown_services
from trustproof.properties.shared.boundary_questions import mentioned_accounts
from trustproof.properties.shared.bounds import consulted_for
from trustproof.properties.shared.neighbours import source_bounds
from trustproof.properties.shared.open_services import names_service, of_callers
from trustproof.properties.shared.own_resource import with_own_resource
from trustproof.properties.shared.own_sources import (
    neighbours_are_ours,
    ours_of_each,
    says_by_arn,
    says_in,
    template_sources,
)
from trustproof.properties.shared.own_stacks import with_callers_of_own_stacks
from trustproof.properties.shared.plain_values import plain_values
from trustproof.properties.shared.regions import Constraints, regions_of_resource, third_party_accounts, trust_regions
from trustproof.properties.shared.service_keys import (
    accounts_named,
    calling_for,
    example,
    is_told_by_token,
    own_word,
    strangers_named,
    with_own_tokens,
)
from trustproof.properties.shared.service_uses import (
    KEYS,
    harm_of,
    is_useful,
    log_of,
    log_owners,
    named_in_logs,
    premise_of_logs,
    uses,
    writes_own_logs,
)
from trustproof.properties.shared.sources import (
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    called_for,
    calls_for,
    examples,
    in_others_names,
    named_organizations,
    nameless_sources,
    own_value,
    somebody_else,
    tests_of_sources,
    undeclared_source,
    with_own_sources,
    without_source_keys,
)
from trustproof.properties.wording.confused_deputy import (
    as_others_do,
    for_every_skill,
    held_to,
    is_made,
    told_by_context,
    with_own_role,
)
from trustproof.properties.wording.optional_tests import asking_for_them, optional_tests
from trustproof.results.result import ERROR, FOREIGN, HARDENING, NOTE, WARNING, Reach, Remedy, Severity, milder
from trustproof.sets.patterns import ANY_RUN, exact, join

DEPUTY = "deputy"
UNDECLARED = "undeclared"

#: What uses a key: what tells about it is open to everybody.
_USES_OF_KEYS = ("kms:creategrant", "kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:reencrypt")

#: Keys by which a service says for whom it calls.
_SOURCES = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")


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
        *error* in a resource policy; *warning* where a key policy lets CloudWatch Logs encrypt everybody's log groups,
        where every skill of Alexa may call a function (whose code may ask for the skill itself), and where a parameter
        or variable switches on that the policy says for whom the service may call.
        *warning* where little is gained: GuardDuty reads a list of addresses from a bucket, of which the customer
        learns what findings tell.
        *note* where another customer of the service could add lines to the logs of a log group, and read, change or
        remove none: the statement that EventBridge itself makes for a log group has no condition either.
        *note* where the manual gives the policy that a service needs, and the statement allows only what is not in it,
        as ``s3:PutBucketAcl`` for CloudTrail: the service may never call it.
        *note* where the service has to be in the account of what it calls: a function for a load balancer, a bucket for
        access logs of S3, a log group for EventBridge, Route 53 or X-Ray.
        *note* in a trust policy, one line for each template: a service assumes the role that somebody has passed to it,
        and ``iam:PassRole`` does not reach across accounts, so the condition is hardening.

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
        * Which services send the keys is a catalogue with sources (``aws/service_principals.py``). One that is not in
          it is not asked about; one that only a deployment knows may be in it.
        * A key is in a request only where the service passes it, so ``IfExists`` and ``ForAllValues`` hold nobody; one
          test that is false without its key is enough.
        * A literal ARN without an account, as of a bucket, is one's own, unless another test lets in accounts or
          organizations outside, or keeps one's own out. Without a ``[boundary]`` an account or organization that the
          policy names is unknown.
        * Not asked about is what gives another customer nothing: what a bucket is called, where it is and who may use
          it (``s3:GetBucketAcl``, ``s3:GetBucketPolicy``, ``s3:GetBucketLocation``, ``s3:ListBucket``), making log
          streams, which are empty, and reading or subscribing to a topic, to which services publish only.
        * Nor are objects below ``AWSLogs/`` and an account or organization of one's own, where CloudTrail, Config,
          CloudWatch Logs, GuardDuty and Macie deliver logs: each writes below the account that it calls for, behind a
          prefix that the customer chooses, and which has no ``AWSLogs`` in it. A proof that needs it says so, and names
          the services of which the last is not documented. Of other services, as the exports of S3 and SES, a key below
          ``AWSLogs/`` says nothing.
        * Of key policies, the use of the key by CloudTrail, Config, CloudWatch Logs, GuardDuty, Inspector and Macie is
          asked about. A test of ``kms:EncryptionContext:aws:cloudtrail:arn`` or ``kms:EncryptionContext:aws:logs:arn``
          holds CloudTrail and the log groups of CloudWatch Logs too, as one of ``aws:Referer`` in the policy of a
          bucket or topic, and one of ``aws:SourceOwner`` in that of a topic, hold SES. Of anybody but SES
          ``aws:Referer`` is what the caller writes.
        * Left alone are IAM Roles Anywhere and EKS Pod Identity, which assume roles of their own account only: without
          a condition each trust anchor of the account, or each cluster, may use the role.
    """

    ident = "no-confused-deputy"
    summary = "a service that acts for somebody else is let in"
    reach: ClassVar[Reach] = FOREIGN
    guards_entry = False

    def applies_to(self, subject: Subject) -> bool:
        """Trust and resource policies that name a service of the catalogue, or one that may be in it."""
        return bool(asked_services(subject))

    def normalize(self, subject: Subject) -> Subject:
        """What the template makes or imports is a resource of its own account; one Region is like another."""
        subject = with_own_resource(with_callers_of_own_stacks(subject))
        statements = tuple(_as_deployed(s, subject.account) for s in subject.policy.statements)
        document: Document = subject.document
        return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """The services of the catalogue that the policy names, calling for somebody else."""
        statement, vendors = subject.policy.statements[index], third_party_accounts(subject.config)
        # Whom another statement names is not asked about where a deployment has this one in its place.
        subject = subject.together_with(statement)
        named = _others(subject), in_others_names(subject, statement, vendors)
        if subject.config.boundary is not None:
            return (_question(subject, named[0], DEPUTY, named[1], statement=statement),)
        # An account or organization that the policy names may be one of ours, where nobody has said which are.
        inside = (*vendors, *accounts_named(subject, asked_services(subject))), named_organizations(subject.policy)
        unnamed = somebody_else(subject, *inside), in_others_names(subject, statement, *inside)
        named = named[0], in_others_names(subject, statement, vendors, named_only=True)
        # Below the prefix of an account or organization a service writes for that alone, whoever that is.
        logs = named_in_logs(subject)
        return (
            _question(subject, unnamed[0], DEPUTY, unnamed[1], logs_of=logs, statement=statement),
            _question(subject, named[0], UNDECLARED, named[1], statement=statement),
        )

    def assumptions(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """What a proof would not hold without: that what has a name of ours stays ours, and that logs go by account."""
        out: list[tuple[str, Sequence[Question]]] = []
        if nameless_sources(subject.policy):
            reason = (
                "this rests on a source whose ARN does not say whose it is, as of a bucket: its name must stay yours"
            )
            out.append((reason, (_question(subject, _others(subject, believe_names=False), DEPUTY),)))
        if subject.document.kind == RESOURCE and writes_own_logs(subject):
            reason = premise_of_logs(asked_services(subject))
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
            return undeclared_source(subject, request, path)
        if is_told_by_token(service):
            return for_every_skill(subject, refutation)
        beside = [one for one in asked_services(subject) if one != service and names_service(refutation.statement, one)]
        named = (service, *beside)
        contexts = {one: told_by_context(subject, refutation.statement, one) for one in named}
        by_context = contexts[service]
        sources = template_sources(subject, named)
        asks = by_context or sources or ours_of_each(subject, refutation.statement, named)
        by_arn = {one: says_by_arn(subject, one) for one in named}
        told = {one: demand[1] for one, demand in contexts.items() if demand is not None}
        remedy = held_to(subject, refutation.statement, asks, by_arn, told)
        if by_context is not None and not neighbours_are_ours(subject, refutation.statement):
            whose = "for each account that has it used, which another statement lets in"
            remedy = Remedy(f"say for whom the service may call, with {by_context[1]}, {whose}")
        otherwise: tuple[Remedy, ...] = ()
        # What another statement lets in is let in already, where the template itself says who is meant.
        siblings = () if sources else source_bounds(subject, refutation.statement, service)
        only = says_by_arn(subject, service) and any(key.lower() != SOURCE_ARN for _, key, _ in siblings)
        if only or by_context is not None:
            # It does not send what they test.
            siblings = ()
        if siblings:
            # A permission has one principal, so that nobody else is locked out.
            otherwise, remedy = (
                () if subject.document.grant is not None else (remedy,),
                as_others_do(subject, refutation.statement, siblings),
            )
        optional = optional_tests(subject, refutation.statement, request, _SOURCES) if by_context is None else ()
        if optional:
            otherwise, remedy = (remedy, *otherwise), Remedy(*asking_for_them(subject, refutation.statement, optional))
        if signed := of_callers(refutation.statement):
            # Who tests the source keeps out everybody who is no service.
            otherwise, remedy = (remedy, *otherwise), signed
        if refutation.statement.principals is None:
            # NotPrincipal lets in people too, of whom none says for whom a service calls.
            otherwise, remedy = (), Remedy(f"{remedy.text}, in a statement of its own; and say here whom you mean")
        if apart := _by_one_action(subject, refutation.statement, service):
            otherwise, remedy = (), apart
        if is_made(subject.document):
            path, remedy = subject.document.path, with_own_role(subject, service)
        path = optional[0].path if optional else path
        harm, harmless = harm_of(subject, request)
        label = "lets the service in for other customers too" if tested else f"admits {service} for every customer"
        if not tested and not names_service(refutation.statement, service):
            label = f"admits everybody, and so {service} for every customer"
        if tested and (stranger := _stranger(subject, request)):
            label = f"account {stranger} is outside the boundary"
            if any(stranger in str(value) for value in (*(sources or ("", "", ()))[2], *(c.operands for c in tested))):
                # The statement says so, or something of the template has the service call for it.
                what = f"add {stranger} to accounts in {subject.config.boundary_table}, or as a [[third-party]]"
                otherwise, remedy = (), Remedy(f"remove it, or declare it: {what}")
        return Finding(
            f"{service}{_beside(subject, refutation, service)} is let in by {name} when it {_acts(subject, request)}",
            label,
            path,
            (
                *because(refutation, refutation.statement, subject.policy),
                *(() if asked else (f"no condition looks at what {service} says of whom it calls for",)),
                *((harmless,) if harmless else ()),
            ),
            remedy,
            otherwise=otherwise,
            severity=milder(_severity(subject, service, by_context), harm),
            reach=HARDENING if _is_hardening(subject, service) else FOREIGN,
        )

    def superseded(self, subject: Subject, found: Mapping[int, Refutation]) -> Sequence[int]:
        """What lets a service in with everybody, where another statement lets it in by name: that one is the cause."""
        callers = {index: one.request.caller.arn for index, one in found.items()}
        by_name = {index for index, service in callers.items() if names_service(found[index].statement, service)}
        named = {callers[index] for index in by_name if found[index].about == DEPUTY}
        return tuple(index for index, service in callers.items() if index not in by_name and service in named)

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        services, name = shown_services(subject), subject.document.logical_id
        return f"{services} is let in by {name} for nobody else who could turn that to account"


def _by_one_action(subject: Subject, statement: Statement, service: str) -> Remedy | None:
    """Words, where a condition on the whole statement would stop a service that sends its key in one action only."""
    said = {named: says_in(subject, named) for named in sorted(services_in([statement]))}
    for one, action in said.items():
        others = (str(listed).lower() for listed in statement.actions or ("",))
        if action and (len(said) > 1 or any(other != action.lower() for other in others)):
            rest = " and ".join(sorted({*said, service} - {one}))
            beside = f"; and in another, with aws:SourceAccount, for whom {rest} may call" if rest else ""
            return Remedy(
                f"let {one} call {action} in a statement of its own, and say for which rule there, with aws:SourceArn, "
                f"since {one} does the rest without that key{beside}"
            )
    return None


def _is_hardening(subject: Subject, service: str) -> bool:
    """Whether a service calls for the owner only, as things are, though the policy does not say so."""
    document = subject.document
    if document.kind == TRUST:
        # Whoever passes a role to a service is of the role's own account, so nobody else has it assume the role.
        return True
    return document.resource_type in FOR_OWNERS.get(global_name(service), ())


def _beside(subject: Subject, refutation: Refutation, service: str) -> str:
    """The other services that a statement lets assume a role as it does this one, to follow its name."""
    if subject.document.kind != TRUST or tests_of_sources(refutation.statement):
        return ""
    others = [one for one in asked_services(subject) if one != service and names_service(refutation.statement, one)]
    return f" (and {', '.join(others)})" if others else ""


def _severity(subject: Subject, service: str, by_context: Demand | None) -> Severity:
    if _is_hardening(subject, service):
        return NOTE
    # The manual offers the context to restrict the key further, and asks nobody to.
    return ERROR if by_context is None else WARNING


def _others(subject: Subject, *, believe_names: bool = True) -> Constraints:
    """What a service sends that calls for somebody outside; third parties are inside."""
    return somebody_else(subject, third_party_accounts(subject.config), believe_names=believe_names)


def _stranger(subject: Subject, request: Request) -> str:
    """The account that a service calls for where the policy names it, and nobody has said that it is ours."""
    account = called_for(request)
    return account if subject.config.boundary is not None and account in mentioned_accounts(subject.policy) else ""


def _acts(subject: Subject, request: Request) -> str:
    account = called_for(request)
    if not account:
        return "does not say for whom it acts"
    return (
        f"acts for account {account}" if account in mentioned_accounts(subject.policy) else "acts for another customer"
    )


def _regions_of(subject: Subject) -> Callable[[Constraints], Sequence[Region]]:
    """Gives the requests of services: what is the same in all of them is looked for once."""
    if subject.document.kind == TRUST:
        return partial(trust_regions, subject, SERVICE, ASSUME_ROLE)
    consulted, regions = consulted_for(subject), regions_of_resource(subject)
    return lambda constraints: regions(SERVICE, (*constraints, *consulted))


def _caller(service: str) -> tuple[str, Values]:
    return ("caller", text(exact(service + SEPARATOR)))


def _question(
    subject: Subject,
    constraints: Constraints,
    about: str,
    names: Constraints = (),
    *,
    own_logs: bool = True,
    logs_of: Sequence[str] = (),
    statement: Statement | None = None,
) -> Question:
    services = asked_services(subject)
    plain = (*plain_values(subject.policy), *_uses_of_keys(subject))
    ways = {one: dict(uses(subject, one, own_logs=own_logs, logs_of=logs_of)) for one in services}
    for one in services:
        if statement is None or not names_service(statement, one):
            # What a service is not known to do is worth a word where somebody has allowed it to that service.
            ways[one].pop(NOTE, None)
    likely, regions_of = {one: examples(subject, one) for one in services}, _regions_of(subject)
    *partly, nothing = without_source_keys(constraints)
    # A request that does the most harm, and then one that says it all, makes the better example.
    regions = tuple(
        region._replace(hints=likely[service])
        for rank in (ERROR, WARNING, NOTE)
        for said in (constraints, *partly, nothing, *((names,) if names else ()))
        for service in services
        if rank in ways[service] and (said is nothing or not is_told_by_token(service))
        for sent in (*_of_logs(subject, service, said, dict(likely[service]), rank), said)
        for region in regions_of(
            (_caller(service), *plain, *ways[service][rank], *sent, *own_word(subject, services, service))
        )
    )
    for service, account in strangers_named(subject, services) if about != DEPUTY or subject.config.boundary else ():
        said = (
            _caller(service),
            *plain,
            *calling_for(account, constraints),
            *own_word(subject, services, service, account),
        )
        regions = (
            *(
                one._replace(hints=example(subject, service, account))
                for way in ways[service].values()
                for one in regions_of((*said, *way))
            ),
            *regions,
        )
    calls = calls_for(constraints, services), *((calls_for(names),) if names else ())

    def violates(request: Request) -> bool:
        return any(one(request) for one in calls) and is_useful(subject, request, own_logs=own_logs, logs_of=logs_of)

    return Question(regions, violates, about)


def _of_logs(
    subject: Subject, service: str, said: Constraints, likely: Mapping[str, Sequence[str]], rank: Severity
) -> list[Constraints]:
    """
    What a service sends, and where it writes, that writes the logs of somebody else: likelier than any other key.

    Args:
        likely: what `examples` has.
    """
    owners = log_owners(subject, service, likely[SOURCE_ACCOUNT] if rank == ERROR else ())
    return [(*calling_for(one, said), *log_of(one)) for one in owners]


def _uses_of_keys(subject: Subject) -> Constraints:
    if subject.document.resource_type not in KEYS:
        return ()
    return (("action", text(*(join(action, ANY_RUN) for action in _USES_OF_KEYS))),)


def _as_deployed(statement: Statement, account: str) -> Statement:
    principals = statement.principals
    return with_own_tokens(with_own_sources(statement, account))._replace(
        principals=None if principals is None else tuple(p._replace(value=in_one_region(p.value)) for p in principals)
    )
