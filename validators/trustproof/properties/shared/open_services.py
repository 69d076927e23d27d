"""
Services behind a wildcard: ``"Principal": "*"`` admits them too, each for all its customers, unless a condition on
``aws:SourceArn`` or ``aws:SourceAccount`` says for whom they may call.
"""

from __future__ import annotations

from collections.abc import Sequence

from trustproof.aws.service_principals import service_of
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import ABSENT, Values, text
from trustproof.engine.operands import action_pattern
from trustproof.engine.region import Region
from trustproof.model.document import RESOURCE
from trustproof.model.policy import ALLOW, Policy, Principal, Statement
from trustproof.model.request import SERVICE
from trustproof.properties.edits import change, demand
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.sentences import because
from trustproof.properties.shared.boundary_questions import Bounds, inside, inside_or_named
from trustproof.properties.shared.bounds import CALLERS, consulted_for, is_everybody, operands_of
from trustproof.properties.shared.neighbours import declares_others, names_an_organization
from trustproof.properties.shared.own_resource import from_another_account
from trustproof.properties.shared.own_sources import has_sources_elsewhere, neighbours_are_ours
from trustproof.properties.shared.regions import Constraints, resource_regions, third_party_accounts
from trustproof.properties.shared.sources import (
    SOURCE_ACCOUNT,
    SOURCE_ARN,
    calls_for,
    examples,
    in_others_names,
    named_accounts,
    named_organizations,
    somebody_else,
    tests_of_sources,
    undeclared_source,
    with_own_sources,
)
from trustproof.results.result import Remedy
from trustproof.sets.patterns import exact, matches
from trustproof.sets.strings import StringSet

ANY_SERVICE = "any service"
UNDECLARED_SERVICE = "any service, undeclared"

#: Which service stands for all where a policy names none, by an action that it is known to use for its customers.
_LIKELY = (("s3:getobject", "cloudfront.amazonaws.com"), ("s3:putobject", "cloudtrail.amazonaws.com"))
#: The same for everything else.
_ANY = "sns.amazonaws.com"
#: How many of the services that a policy tells apart are tried one by one.
_MAX_EXAMPLES = 4
#: What a service may send besides and nobody relies on: whether it does is not documented.
_NOT_SENT: Constraints = tuple((key_dimension(key), ABSENT) for key in ("aws:userid", "aws:principaltype"))
_PRINCIPAL_ACCOUNT = key_dimension("aws:principalaccount")
_UNSENT_ACCOUNT = (_PRINCIPAL_ACCOUNT, ABSENT)
_IF_EXISTS = "IfExists"
#: Keys that tell services from everybody else.
_IS_SERVICE = ("aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist")


def admits_services(policy: Policy, statement: Statement) -> bool:
    """
    Whether an Allow statement admits services by admitting everybody.

    ``{"AWS": "*"}`` does so too where the statement, or a Deny beside it, looks at whom a service calls for, or tells
    services apart.
    """
    if statement.effect != ALLOW:
        return False
    entries = statement.principals or ()
    if any(principal.kind == "*" for principal in entries) or statement.not_principals:
        return True
    return any(is_everybody(principal) for principal in entries) and _means_services(policy, statement)


def _means_services(policy: Policy, statement: Statement) -> bool:
    """Whether who wrote an Allow statement for everybody had services in mind."""
    beside = [s for s in policy.statements if s is statement or s.effect != ALLOW]
    return any(tests_of_sources(s) or any(c.key.lower() in _IS_SERVICE for c in s.conditions) for s in beside)


def with_services(subject: Subject) -> Subject:
    """
    The subject as it is meant: whoever looks at ``aws:SourceArn`` means services, by ``{"AWS": "*"}`` too.
    """
    policy = subject.policy
    if subject.document.kind != RESOURCE or not any(admits_services(policy, s) for s in policy.statements):
        return subject
    statements = tuple(_meant(subject, s) if admits_services(policy, s) else s for s in policy.statements)
    return subject._replace(
        document=subject.document._replace(policy=subject.policy._replace(statements=statements)),
    )


def _meant(subject: Subject, statement: Statement) -> Statement:
    found = with_own_sources(statement, subject.account)
    return found if found.not_principals else found._replace(principals=(Principal("*", "*"),))


def service_questions(subject: Subject, index: int, bounds: Bounds) -> Sequence[Question]:
    """May a service use the resource for somebody else, by a statement that admits everybody?"""
    statement = subject.policy.statements[index]
    if subject.document.kind != RESOURCE or not admits_services(subject.policy, statement):
        return ()
    vendors = third_party_accounts(subject.config)
    ours = bounds(*inside(subject))
    others = _others(subject, statement, vendors, named_only=subject.config.boundary is None)
    if subject.config.boundary is not None:
        return (_question(subject, statement, others, ours, ANY_SERVICE),)
    policy = subject.policy
    unnamed = _others(subject, statement, (*vendors, *named_accounts(policy)), named_organizations(policy))
    return (
        _question(subject, statement, unnamed, bounds(*inside_or_named(subject)), ANY_SERVICE),
        _question(subject, statement, others, ours, UNDECLARED_SERVICE),
    )


def _others(
    subject: Subject,
    statement: Statement,
    accounts: Sequence[str],
    organizations: Sequence[str] = (),
    *,
    named_only: bool = False,
) -> tuple[Constraints, ...]:
    """What services send that call for somebody else, by ARNs that say so and by names that another test gives away."""
    names = in_others_names(subject, statement, accounts, organizations, named_only=named_only)
    return (somebody_else(subject, accounts, organizations), *((names,) if names else ()))


def _question(
    subject: Subject, statement: Statement, others: Sequence[Constraints], bounds: Constraints, about: str
) -> Question:
    more = (*_NOT_SENT, *from_another_account(subject), *bounds, *consulted_for(subject))
    # A service that sends an account of the inside calls for that; who else is named is asked about as a caller.
    named = inside_or_named(subject)[0]
    foreign = (_PRINCIPAL_ACCOUNT, Values(True, StringSet.outside([exact(one) for one in named])))
    services = _examples(subject.policy, statement)
    regions: list[Region] = []
    for common in ((*said, *more) for said in others):
        # One that reads well, and then any: the proof is about them all.
        regions += (
            region._replace(hints=examples(subject, one))
            for one in services
            for account in (_UNSENT_ACCOUNT, foreign)
            for region in resource_regions(
                subject, SERVICE, (("caller", text(exact(one + SEPARATOR))), account, *common)
            )
        )
        regions += (
            region._replace(hints=examples(subject, services[0]))
            for region in resource_regions(subject, SERVICE, (foreign, *common))
        )
    calls = [calls_for(said) for said in others]
    return Question(tuple(regions), lambda request: any(one(request) for one in calls), about)


def _examples(policy: Policy, statement: Statement) -> list[str]:
    """Services that a counterexample may be about, the likeliest first: those that the policy tells apart."""
    tested = [operand for name in _IS_SERVICE[1:] for operand in operands_of(policy, name)]
    named = [name for name in tested if "." in name and not set(name) & set("*?<$")]
    if named:
        return named[:_MAX_EXAMPLES]
    sources = (str(o) for c in statement.conditions if c.key.lower() == SOURCE_ARN for o in c.operands)
    found = [service_of(arn) for arn in sources]
    likely = [service for action, service in _LIKELY if _may_be(statement, action)]
    return list(dict.fromkeys([*filter(None, found), *likely, _ANY]))[:1]


def _may_be(statement: Statement, action: str) -> bool:
    """Whether a statement names an action, as far as that is known."""
    return any(matches(p, action) for entry in statement.actions or () for p in action_pattern(entry).smaller)


def service_finding(subject: Subject, refutation: Refutation) -> Finding:
    """Word what a service may do for somebody else."""
    request = refutation.request
    tested = tests_of_sources(refutation.statement)
    path = tested[0].path if tested else (*refutation.statement.path, "Principal")
    if refutation.about == UNDECLARED_SERVICE:
        return undeclared_source(subject, request, path)
    return Finding(
        f"a service that acts for account {request.context[SOURCE_ACCOUNT]} may call {request.action} "
        f"by {subject.document.logical_id}",
        "lets services in for other customers too",
        path,
        because(refutation, refutation.statement, subject.policy),
        _remedy(subject, refutation.statement),
    )


def _remedy(subject: Subject, statement: Statement) -> Remedy:
    if tested_as_service(statement):
        if not _calls_for_us_only(subject, statement) or _is_for_any_account(subject, statement):
            return Remedy(
                "say for whom services may call: with aws:SourceAccount, or with aws:SourceOrgID where other accounts "
                "of yours have them call too"
            )
        return Remedy(
            "say for whom services may call",
            demand(subject, statement, ("StringEquals", "aws:SourceAccount", (subject.account,))),
        )
    # A test of the key in the statement itself would keep everybody else out.
    others = f'"StringNotEquals": {{"aws:SourceAccount": "{subject.account}"}}'
    return Remedy(
        "deny services that call for somebody else: a Deny for everybody with the condition "
        f'{others}, "Null": {{"aws:SourceAccount": "false"}}'
        + (", or turn BlockPublicPolicy on" if subject.document.kept_private else "")
    )


def _calls_for_us_only(subject: Subject, statement: Statement) -> bool:
    """Whether nothing says that services are to call for other accounts, too."""
    document = subject.document
    if (
        document.has_outward_mentions
        or declares_others(subject)
        or (subject.config.boundary is None and names_an_organization(subject))
    ):
        return False
    services = {source.service for source in document.sources}
    return neighbours_are_ours(subject, statement) and not has_sources_elsewhere(subject, services)


def _is_for_any_account(subject: Subject, statement: Statement) -> bool:
    """
    Whether a source is named in whatever account, and the template has none here: such a wildcard may stand for others
    of ours. The ARN of a bucket has no account, so there it says nothing.
    """
    document = subject.document
    if document.sources and not document.has_further_sources:
        return False
    sources = [str(o) for c in statement.conditions if c.key.lower() == SOURCE_ARN for o in c.operands]
    fields = [(*source.split(":", 5), *"*****")[:6] for source in sources]
    return any(set(one[4]) & set("*?") and one[2] != "s3" for one in fields)


def tested_as_service(statement: Statement) -> bool:
    """Whether a statement itself lets in services only, or looks at whom they call for."""
    return bool(tests_of_sources(statement)) or any(c.key.lower() in _IS_SERVICE for c in statement.conditions)


def names_service(statement: Statement, service: str) -> bool:
    """Whether a statement names a service among its principals; what leaves some out names nobody."""
    return any(entry.kind == "Service" and entry.value == service for entry in statement.principals or ())


def of_callers(statement: Statement) -> Remedy | None:
    """What keeps services out of a statement for callers whose condition they meet, having nothing of what it tests."""
    entries = statement.principals or ()
    if not entries or not all(map(is_everybody, entries)):
        return None
    loose = [c for c in statement.conditions if c.key.lower() in CALLERS and c.operator.endswith(_IF_EXISTS)]
    if not loose:
        return None
    demands = tuple((c.operator.removesuffix(_IF_EXISTS), c.key, c.operands) for c in loose)
    keys = " and ".join(dict.fromkeys(c.key for c in loose))
    return Remedy(
        f"test {keys} without IfExists, since a service has none; one that is meant is named in a statement of its own",
        change(statement, loose, demands),
    )
