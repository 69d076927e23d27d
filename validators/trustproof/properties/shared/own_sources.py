"""
For whom a service may call: remedies that leave in whatever of the template has it call.
"""

from __future__ import annotations

from collections.abc import Collection

from trustproof.aws.examples import EXAMPLE_SOURCES
from trustproof.aws.service_principals import BY_ARN, FOR_ORGANIZATIONS, FUNCTIONS, QUEUES, SAYING_IN, global_name
from trustproof.model.arn import is_account
from trustproof.model.document import TRUST
from trustproof.model.policy import Statement
from trustproof.model.text import REGION, Symbol, Symbolic, Text, concat
from trustproof.properties.edits import Demand
from trustproof.properties.question import Subject
from trustproof.properties.shared.neighbours import (
    accounts_apart,
    accounts_beside,
    declares_others,
    names_an_organization,
    organization,
)
from trustproof.properties.shared.sources import SOURCE_ARN, named_organizations, tests_of_sources

#: The services whose permissions to invoke a function the manual binds to an account.
_BY_ACCOUNT = ("config.amazonaws.com", "s3.amazonaws.com", "ses.amazonaws.com", "secretsmanager.amazonaws.com")

_CLOUDFRONT, _TOPICS = "cloudfront.amazonaws.com", "sns.amazonaws.com"
#: What of a service calls, in its ARN; of any other service, anything.
_THINGS = {"events": "rule/*", "cloudfront": "distribution/*", "cloudtrail": "trail/*"}


def says_in(subject: Subject, service: str) -> str:
    """The one action in which a service says for whom it calls, by its source's ARN; empty where that is not so."""
    return SAYING_IN.get(global_name(service), {}).get(subject.document.resource_type, "")


def says_by_arn(subject: Subject, service: str) -> bool:
    """
    Whether a service is to be held by the ARN of its source, and not by an account.

    "This property is not supported by all event sources", the manual says of SourceAccount; S3, SES, Config and
    Secrets Manager are bound by it:
    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_nodejs.html
    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html

    EventBridge invokes no function whose permission tests it:
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html

    CloudFront is held by the ARN of the distribution, wherever the manual lets it in, and by nothing else:
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
    """
    name = global_name(service)
    if name == _CLOUDFRONT:
        return subject.document.kind != TRUST
    has_account = EXAMPLE_SOURCES.get(name, "").partition("{}")[1] == "{}"
    by_arn = subject.document.resource_type in FUNCTIONS and has_account and name not in _BY_ACCOUNT
    by_arn |= subject.document.resource_type in BY_ARN.get(name, ())
    return by_arn or bool(says_in(subject, service))


def template_sources(subject: Subject, services: Collection[str]) -> Demand | None:
    """
    The test of ``aws:SourceArn`` that leaves in what of the template has services call; None where one of them has none
    there, and where others may have it call too.

    Args:
        services: that one statement lets in.
    """
    if subject.document.has_further_sources:
        return None
    arns: dict[Text, None] = {}
    for name in map(global_name, services):
        found = [one.arn for one in subject.document.sources if one.service == name]
        # The ARN of a bucket does not say whose it is, and a permission has one SourceArn.
        if not found or None in found or name == "s3.amazonaws.com":
            return None
        arns.update((arn, None) for arn in found if arn is not None)
    if subject.document.grant is not None and len(arns) > 1:
        return None
    return ("ArnLike", "aws:SourceArn", tuple(arns))


def has_sources_elsewhere(subject: Subject, services: Collection[str]) -> bool:
    """Whether something has one of the services call that may be of another account, as far as the template says."""
    names = {global_name(service) for service in services}
    found = (one.arn for one in subject.document.sources if one.service in names)
    return any(arn is not None and _may_be_elsewhere(arn, subject.account) for arn in found)


def imported_for(subject: Subject, services: Collection[str]) -> list[str]:
    """The key value stores for which CloudFront reads a bucket, where it is one of the services: it says for none."""
    is_asked = _CLOUDFRONT in map(global_name, services)
    named = (one for one in subject.document.sources if is_asked and one.service == _CLOUDFRONT)
    return [one.logical_id for one in named if one.arn is None]


def _may_be_elsewhere(arn: Text, account: str) -> bool:
    if isinstance(arn, Symbolic):
        return any(symbol.kind not in ("attribute", "pseudo-parameter") for symbol in arn.symbols)
    fields = arn.split(":")
    return len(fields) > 5 and is_account(fields[4]) and fields[4] != account


def ours_of_each(subject: Subject, statement: Statement, services: Collection[str]) -> Demand | None:
    """For whom the services of one statement may call; None where that is not known, or one test does not say it."""
    if has_sources_elsewhere(subject, services):
        return None
    asked = [our_own(subject, statement, service) for service in services]
    first = asked[0]
    if first is None or any(one is None or one[:2] != first[:2] for one in asked):
        return None
    return (*first[:2], tuple(dict.fromkeys(value for one in asked if one is not None for value in one[2])))


def our_own(subject: Subject, statement: Statement, service: str) -> Demand | None:
    """For whom a service may call, so that it still calls for everybody who is meant; None where that is not known."""
    boundary, apart = subject.config.boundary, accounts_apart(subject)
    by_topics = subject.document.grant is not None and global_name(service) == _TOPICS
    if by_topics and not written_for(statement, SOURCE_ARN, "sns", (subject.account,)):
        # It calls functions of other Regions too, and a permission names one Region, so its topic is to be named:
        # https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
        return None
    if says_by_arn(subject, service):
        return _by_arn(subject, statement, service)
    if subject.document.kind == TRUST or subject.document.grant is not None:
        is_for_others = subject.document.has_outward_mentions or (boundary is None and names_an_organization(subject))
        if subject.document.kind != TRUST and (is_for_others or declares_others(subject)):
            return None
        # Nobody else passes a role to a service, and a permission has no property for an organization.
        return ("StringEquals", "aws:SourceAccount", (subject.account,))
    if not _is_for_others(subject, statement, service):
        if boundary is None and names_an_organization(subject):
            # It may deliver for the accounts of that too, and not each service says whose organization it calls for.
            return None
        # What a neighbour lets in may be a source of the service too, and so may be what it lets in elsewhere.
        beside = accounts_beside(subject, statement)
        is_known = neighbours_are_ours(subject, statement)
        return ("StringEquals", "aws:SourceAccount", (subject.account, *sorted(beside))) if is_known else None
    if boundary is None:
        # The organization whose principals a neighbour lets in is the one that it delivers for.
        named = organization(subject)
        return None if named is None else ("StringEquals", "aws:SourceOrgID", (named,))
    if boundary.organizations:
        # Not each service says whose organization it calls for, and whoever is declared beside it may be of none.
        says_it = global_name(service) in FOR_ORGANIZATIONS or bool(named_organizations(subject.policy))
        return ("StringEquals", "aws:SourceOrgID", boundary.organizations) if says_it and not apart else None
    return ("StringEquals", "aws:SourceAccount", tuple(dict.fromkeys((subject.account, *boundary.accounts))))


def neighbours_are_ours(subject: Subject, statement: Statement) -> bool:
    """Whether the other statements of a policy let in nobody of an account that is neither the own one nor declared."""
    boundary = subject.config.boundary
    return accounts_beside(subject, statement) <= {*(boundary.accounts if boundary is not None else ())}


def _by_arn(subject: Subject, statement: Statement, service: str) -> Demand | None:
    """
    Whatever of one's own accounts has a service call, by its ARN; None where only an organization says which they are.
    """
    example = EXAMPLE_SOURCES[global_name(service)].split(":", 5)
    if imported_for(subject, (service,)):
        return None
    # A queue gets what a rule could not deliver, and what a bus could not:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-dlq.html
    things = "*" if subject.document.resource_type in QUEUES else _THINGS.get(example[2], "*")
    partition = subject.partition or "aws"
    # Lambda takes no wildcard for the Region: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    here = ("*" if subject.document.grant is None else Symbol(REGION, "pseudo-parameter")) if example[3] else ""
    accounts: tuple[str, ...] = (subject.account,)
    is_by_arn = subject.document.resource_type in BY_ARN.get(global_name(service), ())
    is_for_others = subject.document.has_outward_mentions or declares_others(subject)
    if is_for_others or (is_by_arn and _is_for_others(subject, statement, service)):
        boundary = subject.config.boundary
        if boundary is None or boundary.organizations or (boundary.accounts and subject.document.grant is not None):
            return None
        accounts = tuple(dict.fromkeys((*accounts, *boundary.accounts)))
    arns = written_for(statement, SOURCE_ARN, example[2], accounts) or tuple(
        concat((f"arn:{partition}:{example[2]}:", here, f":{account}:{things}")) for account in accounts
    )
    return ("ArnLike", "aws:SourceArn", arns)


def written_for(statement: Statement, key: str, service: str, accounts: Collection[str]) -> tuple[Text, ...]:
    """
    What a statement names in whatever account, in one's own; empty where it names others, or nothing.

    Args:
        key: by which it names that.
        service: whose ARNs these are: ``logs``.
    """
    found: list[Text] = []
    for condition in statement.conditions:
        if condition.key.lower() != key.lower():
            continue
        for operand in condition.operands:
            fields = operand.split(":", 5) if isinstance(operand, str) else ()
            if len(fields) < 6 or fields[2] != service or fields[4] != "*":
                return ()
            found.extend(":".join((*fields[:4], account, fields[5])) for account in accounts)
    return tuple(dict.fromkeys(found))


def _is_for_others(subject: Subject, statement: Statement, service: str) -> bool:
    """
    Whether a service may be meant to call for other accounts of one's own, too: one that delivers for organizations, or
    one that is let in by a source whose account is left open, or beside another that is let in for an organization, or
    where other accounts are told of it, or declared.
    """
    if subject.document.has_outward_mentions or declares_others(subject):
        return True
    sources = [str(o) for c in tests_of_sources(statement) if c.key.lower() == SOURCE_ARN for o in c.operands]
    is_open = any(set(source.split(":", 5)[4]) & set("*?") for source in sources if source.count(":") >= 5)
    return global_name(service) in FOR_ORGANIZATIONS or is_open or bool(named_organizations(subject.policy))
