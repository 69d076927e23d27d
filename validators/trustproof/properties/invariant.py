"""
Invariants that a project declares: who may get into some of its roles and resources, and under which conditions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from trustproof.aws.condition_keys import MFA_AGE, MFA_PRESENT
from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS
from trustproof.aws.resource_policies import CONSULTED_FOR
from trustproof.aws.service_principals import LOG_GROUPS
from trustproof.config.invariants import Invariant, Issuer
from trustproof.config.model import Config
from trustproof.engine.caller_records import ACCOUNT, SEPARATOR
from trustproof.engine.domains import Values, not_text, text
from trustproof.model.construct_paths import names_of_construct
from trustproof.model.document import RESOURCE, TRUST, Document
from trustproof.model.policy import Path
from trustproof.model.request import (
    ANONYMOUS,
    CREDENTIALS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SAML,
    SERVICE,
    USER_KEY_MFA,
    USER_SESSION_MFA,
    USERS,
    USERS_WITHOUT_MFA,
    WEB_IDENTITY,
    Request,
)
from trustproof.model.text import Symbolic
from trustproof.properties.base import StatementProperty
from trustproof.properties.external_id_required import with_literal_ids
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.sentences import because, who_from_elsewhere
from trustproof.properties.shared.allowed_requests import (
    AGE,
    ID,
    MFA,
    NETWORK,
    SUBJECT,
    WHO,
    named_roles,
    named_sessions,
    services_named,
    violates,
)
from trustproof.properties.shared.bucket_principals import asked_by_makers
from trustproof.properties.shared.callers import OF_ACCOUNTS, arn_pattern, callers_in, parse_caller, requests_of
from trustproof.properties.shared.external_ids import literal_external_ids
from trustproof.properties.shared.open_names import may_be_generated, may_be_name, may_match, named_by
from trustproof.properties.shared.own_resource import with_own_resource
from trustproof.properties.shared.owned_values import paths_of
from trustproof.properties.shared.regions import Constraints
from trustproof.results.result import FOREIGN, OWN, OWN_PROPERTY, WORLD, Reach
from trustproof.sets.addresses import AddressSet
from trustproof.sets.collections import CollectionSet
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join, like
from trustproof.sets.strings import StringSet
from trustproof.spec.matching import matches_wildcards, pattern

_ORG, _ORG_PATHS, _EXTERNAL_ID = "aws:principalorgid", "aws:principalorgpaths", "sts:externalid"
_PRINCIPAL_ACCOUNT = "aws:principalaccount"
_ADDRESS, _ENDPOINT = "aws:sourceip", "aws:sourcevpce"
_ROLES = (ROLE_SESSION, IDENTITY_CENTER)
_PROVIDERS = (SAML, WEB_IDENTITY)

#: What stands behind the address of a resource or module of Terraform that `count` or `for_each` makes.
_INSTANCE = re.compile(r"\[[^\]]*\]")
_WILDCARDS = ("*", "?")


class OwnInvariant(StatementProperty):
    """
    Nobody gets in but those whom an ``[[invariant]]`` of the configuration names, under its conditions.

    Claim:
        Of the roles and resources that the patterns of the invariant match, no policy lets in a caller that it does not
        name, or one that does not meet its conditions.

    Threat:
        What a project has agreed on is forgotten by one of its templates.

    Severity:
        That of the invariant, *error* where it does not say. What is unknown is a *warning*.

    Remedy:
        Name fewer in the policy, ask for the condition there, or change the invariant.

    Limits:
        Sessions of roles never carry MFA: ``mfa`` is not asked of the roles that the invariant names. A pattern is
        compared with names, logical ids, construct paths and ARNs; of an ARN or a part of a name that is known only at
        deployment, the invariant is asked wherever the pattern may match it. Conditions are not asked of services, and
        neither MFA nor an external id of identity providers.
    """

    ident = OWN_PROPERTY
    summary = "somebody gets in whom an invariant of the project does not allow"

    def applies_to(self, subject: Subject) -> bool:
        """Trust and resource policies of what the patterns of the invariant match."""
        return any(self.patterns(subject))

    def patterns(self, subject: Subject) -> Iterator[str]:
        """Those of the invariant that match what a policy stands on."""
        found = self.declared(subject.config)
        if found is not None and subject.document.kind in (TRUST, RESOURCE):
            yield from (one for one in found.resources if _is_about(one, subject))

    def is_about_any_name(self, subject: Subject) -> bool:
        """Whether a pattern matches what a policy stands on whatever it is called."""
        given = {*_own_names(subject.document), *_addresses(*subject.stands_on.logical_ids)}
        return any(
            matches_wildcards(name, pattern(one)) for one in self.patterns_wherever_it_goes(subject) for name in given
        )

    def patterns_wherever_it_goes(self, subject: Subject) -> Sequence[str]:
        """Its patterns, without the account that they name where the template may go to any."""
        found = self.declared(subject.config)
        return () if found is None else [_wherever_it_goes(one, subject) for one in found.resources]

    def declared(self, config: Config) -> Invariant | None:
        """What the configuration says; None for one that does not have the invariant."""
        return next((one for one in config.invariants if one.ident == self.ident), None)

    def _invariant(self, subject: Subject) -> Invariant:
        found = self.declared(subject.config)
        assert found is not None
        return found

    def normalize(self, subject: Subject) -> Subject:
        """
        What a policy stands on is one resource in one Region, and an external id that is given at deployment is some
        literal; which ones does not matter. An account that is named by another id is asked about like any other.
        """
        subject = with_own_resource(asked_by_makers(subject))
        if not self._invariant(subject).external_id:
            return subject
        policy = subject.policy
        policy = policy._replace(statements=tuple(with_literal_ids(one) for one in policy.statements))
        return subject._replace(document=subject.document._replace(policy=policy))

    def questions(self, subject: Subject, index: int) -> Iterator[Question]:
        """Anybody who is not named, and then whoever does not meet a condition."""
        asked = self._invariant(subject)
        if asked.says_who:
            # With a token or an assertion nobody calls for more than credentials, which is asked of trust policies.
            kinds = (k for k in CREDENTIALS if k != SERVICE and (k not in _PROVIDERS or subject.document.kind == TRUST))
            others = [(kind, _not_named(asked, subject, kind)) for kind in kinds]
            yield _question(asked, subject, WHO, [*others, *_other_services(asked, subject)])
        for issuer in asked.issuers:
            if issuer.subjects:
                yield _question(asked, subject, SUBJECT, [(kind, _other_subjects(issuer, kind)) for kind in _PROVIDERS])
        if asked.mfa or asked.max_mfa_age is not None:
            yield _question(asked, subject, MFA, list(_without_mfa(asked, subject)))
        if asked.max_mfa_age is not None:
            old = (f"key:{MFA_AGE}", Values(False, NumberSet.above(asked.max_mfa_age).integers()))
            yield _question(asked, subject, AGE, [(kind, (old,)) for kind in (USER_KEY_MFA, USER_SESSION_MFA)])
        if asked.external_id and subject.document.kind == TRUST:
            other = (f"key:{_EXTERNAL_ID}", Values(True, StringSet.outside(literal_external_ids(subject))))
            yield _question(asked, subject, ID, [(kind, (other,)) for kind in (*USERS, *_ROLES)])
        if network := tuple(_elsewhere(asked)):
            yield _question(asked, subject, NETWORK, [(kind, network) for kind in CREDENTIALS if kind != SERVICE])

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say who gets in, and what the invariant asks for."""
        asked = self._invariant(subject)
        request = refutation.request
        whose = f", which the invariant {asked.name} does not allow"
        whose += f" ({asked.description})" if asked.description else ""
        may = "assume" if subject.document.kind == TRUST else f"call {request.action} on"
        message = f"{_who(request, subject.account)} may {may} {_called(asked, subject)}{_how(refutation)}{whose}"
        path: Path = (*refutation.statement.path, "Principal")
        label = "admits whom the invariant does not name" if refutation.about == WHO else "does not ask for that"
        why = because(refutation, refutation.statement, subject.policy)
        return Finding(message, label, path, why, reach=_reach(subject, request))

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        asked = self._invariant(subject)
        return f"whoever gets into {_called(asked, subject)} may, by the invariant {asked.name}"


@lru_cache(maxsize=256)
def invariant(ident: str) -> OwnInvariant:
    """The property of an invariant, by its identifier; what it asks is in the configuration of each subject."""
    # A page of its own needs a class of its own.
    members = {"ident": ident, "__doc__": OwnInvariant.__doc__}
    found: OwnInvariant = type("OwnInvariant", (OwnInvariant,), members)()
    return found


# -- what it is about


def _is_about(one: str, subject: Subject) -> bool:
    """Whether a pattern of an invariant matches what a policy stands on, or may at some deployment."""
    document = subject.document
    arn = document.resource_arn
    known = {*_own_names(document), *subject.stands_on.names, *_addresses(*subject.stands_on.logical_ids)} - {""}
    if isinstance(arn, str) and arn != "*":
        # What has no colon is for a name, also where it begins like every ARN (`a*`).
        is_for_arns = ":" in one or one.startswith(_WILDCARDS)
        known |= {*((arn,) if is_for_arns else ()), arn.rpartition(":")[2].rpartition("/")[2]}
    one = _wherever_it_goes(one, subject)
    if any(matches_wildcards(name, pattern(one)) for name in known):
        return True
    if one.startswith("arn:"):
        if arn == "*" and document.resource_type not in LOG_GROUPS and is_of_service(one, document):
            # Nothing is known of what the policy is put on.
            return True
        arns = (*((arn,) if isinstance(arn, Symbolic) else ()), *subject.stands_on.open_arns)
        return any(may_match(named_by(one), each) for each in arns)
    found = subject.stands_on
    if not may_be_name(one, "" if document.kind == TRUST else document.resource_type):
        return False
    is_generated = any(may_be_generated(one, found.stack, logical_id) for logical_id in found.generated)
    return is_generated or any(may_match(like(one), name) for name in found.open_names)


def is_of_service(one: str, document: Document) -> bool:
    """Whether a pattern for ARNs may be one of the service that looks at a resource policy."""
    services = CONSULTED_FOR.get(document.resource_type, "").split()
    # A permission is for what its action is about.
    actions = () if services else (one for each in document.policy.statements for one in each.actions or ())
    services += [str(one).partition(":")[0].lower() for one in actions]
    wanted = one.split(":")[2] if one.count(":") > 1 else "*"
    return document.kind == RESOURCE and any(matches_wildcards(each, pattern(wanted)) for each in services)


def _wherever_it_goes(one: str, subject: Subject) -> str:
    """A pattern without the account that it names, where the template may go to any."""
    parts = one.split(":", 5)
    if subject.account_known or len(parts) < 6 or not parts[4]:
        return one
    return ":".join((*parts[:4], "*", parts[5]))


def _own_names(document: Document) -> set[str]:
    constructs = names_of_construct(document.construct_path, document.resource_type)
    return {*_addresses(document.logical_id), *constructs} - {""}


def _addresses(*logical_ids: str) -> set[str]:
    """Some logical ids, and those of Terraform without the keys of instances, which stand for all instances."""
    return {*logical_ids, *(_INSTANCE.sub("", one) for one in logical_ids)}


def _matches(asked: Invariant, name: str) -> bool:
    return any(matches_wildcards(name, pattern(one)) for one in asked.resources)


def _called(asked: Invariant, subject: Subject) -> str:
    """What the role or resource is called: as the invariant has it, and not by the name of the policy on it."""
    document, stands_on = subject.document, subject.stands_on
    if document.kind == TRUST:
        return document.logical_id
    if found := [one for one in stands_on.logical_ids if any(_matches(asked, each) for each in _addresses(one))]:
        return " and ".join(found)
    if found := [one for one in stands_on.names if _matches(asked, one)]:
        return found[0]
    if any(_matches(asked, one) for one in _own_names(document)):
        return document.logical_id
    return " and ".join(stands_on.logical_ids or stands_on.names[:1]) or document.logical_id


def _who(request: Request, account: str) -> str:
    return "anybody" if request.caller.kind == ANONYMOUS else who_from_elsewhere(request, account)


def _how(refutation: Refutation) -> str:
    """What of the request is not as the invariant asks for it; empty where it is the caller."""
    context = refutation.request.context
    match refutation.about:
        case about if about == SUBJECT:
            return " with another subject"
        case about if about == MFA:
            return " without MFA"
        case about if about == AGE:
            return f" with an MFA that is {context.get(MFA_AGE)} seconds old"
        case about if about == ID:
            return " without an external id that the policy fixes"
        case about if about == NETWORK:
            return " from elsewhere"
        case _:
            return ""


def _reach(subject: Subject, request: Request) -> Reach:
    if request.caller.kind == ANONYMOUS:
        return WORLD
    return OWN if request.caller.account == subject.account else FOREIGN


# -- the requests that it forbids, for the engine


def _question(
    asked: Invariant, subject: Subject, about: str, restricted: Sequence[tuple[str, Constraints | None]]
) -> Question:
    """A question about kinds of caller, each with what restricts it; None for a kind that it is not about."""
    regions = tuple(
        region
        for kind, constraints in restricted
        if constraints is not None
        for region in requests_of(subject, kind, constraints)
    )
    return Question(regions, lambda request: violates(asked, subject, about, request), about)


def _not_named(asked: Invariant, subject: Subject, kind: str) -> Constraints:
    """Callers of a kind that an invariant does not name."""
    out: Constraints = ()
    patterns = _named(asked, subject, kind)
    if patterns:
        out += (("caller", not_text(*patterns)),)
    if kind in OF_ACCOUNTS and asked.organizations:
        paths = StringSet.outside(paths_of(organization) for organization in asked.organizations)
        out += (
            (f"key:{_ORG}", Values(True, StringSet.outside(exact(one) for one in asked.organizations))),
            (f"key:{_ORG_PATHS}", Values(True, CollectionSet(paths))),
        )
    return out


def _other_services(asked: Invariant, subject: Subject) -> Iterator[tuple[str, Constraints]]:
    """
    Services that an invariant does not name; of those that a wildcard of a resource policy lets in, the ones that send
    none of its accounts.

    Whom such a service calls for is all that ties it to an account: see the limits about ``aws:PrincipalAccount``.
    """
    named = tuple(join(like(service), SEPARATOR) for service in asked.services)
    accounts = _accounts(asked, subject)
    written = services_named(subject.policy)
    if subject.document.kind != RESOURCE or not accounts or written is None:
        yield SERVICE, _not_named(asked, subject, SERVICE)
        return
    by_name = tuple(join(exact(one), SEPARATOR) for one in written)
    foreign = Values(True, StringSet.outside(exact(one) for one in accounts))
    yield SERVICE, (("caller", not_text(*named, *by_name)), (f"key:{_PRINCIPAL_ACCOUNT}", foreign))
    unnamed = [one for one in written if not any(matches_wildcards(one, pattern(other)) for other in asked.services)]
    if unnamed:
        yield SERVICE, (("caller", text(*(join(exact(one), SEPARATOR) for one in unnamed))),)


def _named(asked: Invariant, subject: Subject, kind: str) -> tuple[Pattern, ...]:
    """The records of the callers of a kind that an invariant names by what they are called."""
    if kind == SERVICE:
        return tuple(join(like(service), SEPARATOR) for service in asked.services)
    if kind in _PROVIDERS:
        return tuple(one for issuer in asked.issuers for one in _records(issuer, kind))
    if kind == ANONYMOUS:
        return ()
    out = [one for account in _accounts(asked, subject) for one in callers_in(account)]
    if kind in _ROLES:
        out += _role_sessions(asked, subject)
    if kind in USERS:
        out += _with_ids(asked.users)
    return tuple(out)


def _role_sessions(asked: Invariant, subject: Subject) -> tuple[Pattern, ...]:
    sessions = (parse_caller(one).patterns for one in named_sessions(asked, subject))
    return (*_with_ids(named_roles(asked, subject)), *(pattern for patterns in sessions for pattern in patterns))


def _with_ids(arns: Sequence[str]) -> tuple[Pattern, ...]:
    return tuple(join(arn_pattern(one), SEPARATOR, ANY_RUN) for one in arns)


def _accounts(asked: Invariant, subject: Subject) -> tuple[str, ...]:
    return (*asked.accounts, *((subject.account,) if asked.own_account else ()))


def _records(issuer: Issuer, kind: str) -> tuple[Pattern, ...]:
    if issuer.provider.startswith("arn:"):
        return (join(arn_pattern(issuer.provider), SEPARATOR),)
    if kind == SAML:
        return ()
    any_account = join("arn:", Wildcard(":", True, True), ":iam::", ACCOUNT, ":oidc-provider/")
    built_in = (join(issuer.provider, SEPARATOR),) if issuer.provider in BUILT_IN_PROVIDERS else ()
    return (join(any_account, like(issuer.provider), SEPARATOR), *built_in)


def _other_subjects(issuer: Issuer, kind: str) -> Constraints | None:
    records = _records(issuer, kind)
    if not records or (kind == SAML) is not (":saml-provider/" in issuer.provider):
        return None
    others = StringSet.outside(like(one) for one in issuer.subjects)
    return (("caller", text(*records)), (f"key:{_subject_key(issuer)}", Values(True, others)))


def _subject_key(issuer: Issuer) -> str:
    if ":saml-provider/" in issuer.provider:
        return "saml:sub"
    return f"{issuer.provider.rpartition('oidc-provider/')[2]}:sub".lower()


def _without_mfa(asked: Invariant, subject: Subject) -> Iterator[tuple[str, Constraints]]:
    yield from ((kind, ()) for kind in USERS_WITHOUT_MFA)
    roles = _role_sessions(asked, subject)
    others: Constraints = (("caller", not_text(*roles)),) if roles else ()
    yield from ((kind, others) for kind in _ROLES)
    absent = (f"key:{MFA_PRESENT}", Values(True, StringSet.of([exact("false")])))
    yield from ((kind, (absent,)) for kind in (FEDERATED_USER, ROOT))


def _elsewhere(asked: Invariant) -> Iterator[tuple[str, Values]]:
    if not asked.source_addresses and not asked.vpc_endpoints:
        return
    inside = AddressSet.empty()
    for block in asked.source_addresses:
        inside |= AddressSet.prefix(block)
    if asked.source_addresses:
        yield f"key:{_ADDRESS}", Values(True, ~inside)
    if asked.vpc_endpoints:
        yield f"key:{_ENDPOINT}", Values(True, StringSet.outside(exact(one) for one in asked.vpc_endpoints))
