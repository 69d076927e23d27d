"""
web-identity-bound: only tokens of one's own tenant get in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from trustproof.aws.condition_keys import ASSUME_ROLE_WITH_WEB_IDENTITY
from trustproof.aws.oidc_claims import claims as claims_of
from trustproof.aws.oidc_issuers import COGNITO, GOOGLE, Tenancy, tenancy
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import Values, not_text, text
from trustproof.engine.region import Region
from trustproof.model.document import GUESTS, TRUST
from trustproof.model.policy import Condition, Path, Policy, Statement
from trustproof.model.request import WEB_IDENTITY, Request
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.base import StatementProperty
from trustproof.properties.edits import as_written, demand
from trustproof.properties.question import Finding, Question, Refutation, Subject
from trustproof.properties.remedies.smaller_edits import strict, without
from trustproof.properties.remedies.tenants import pools_beside, pools_giving, subject_narrowing
from trustproof.properties.sentences import because
from trustproof.properties.shared.constrained_requests import meets
from trustproof.properties.shared.plain_values import plain_values
from trustproof.properties.shared.regions import Constraints, may_allow, trust_world
from trustproof.properties.shared.token_subjects import (
    asked_for_by_others,
    audiences_of_all,
    is_literal,
    is_of_account,
    linked_tokens,
    named_at_deployment,
    operands,
    outsiders,
    tenants,
    tokens_for_anybody,
    tokens_of_others,
    wild_value,
)
from trustproof.properties.shared.web_identity_providers import (
    admits_every_token,
    key_of,
    likely_first,
    likely_provider,
    providers,
    told_by,
)
from trustproof.properties.wording.every_token import every_token_finding
from trustproof.properties.wording.guests import guests_finding
from trustproof.properties.wording.service_accounts import for_service_accounts
from trustproof.results.edit import Edit
from trustproof.results.result import WORLD, Reach, Remedy
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import ANY_RUN, Pattern, exact, ignoring_case, join
from trustproof.sets.strings import StringSet

TENANT = "tenant"
GUEST = "guest"
#: About a provider that is not known before deployment, or is whichever the caller likes.
ANY_PROVIDER = "provider"


class WebIdentityBound(StatementProperty):
    """
    Only web identity tokens of one's own tenant get credentials of the role.

    Claim:
        No token that belongs to another tenant of the identity provider is given credentials of the role: another
        organization's repository on GitHub or GitLab, another organization of Terraform Cloud, any pod of an EKS
        cluster, another identity pool of Cognito, or its guests, another application of Google, Facebook or Amazon,
        whoever has signed in to that. Of a provider of one's own, as a GitLab server, the audience or the subject must
        be tested.

    Threat:
        The provider signs tokens for everybody. If the role does not look at the claim that says whose token it is,
        everybody's workflow, workspace or app can become the role.

    Severity:
        *error*; *warning* where guests get in and an identity pool of the template gives its guests the role: they are
        taken to be meant; *note* where the role names pools of the template that take no guests, or an account that
        says it is a service account of Google: only who may act as it gets a token. What is unknown is a *warning*.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
         "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
         "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:my-org*"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
         "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
         "Action": "sts:AssumeRoleWithWebIdentity",
         "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:my-org/*"}}}]}

    Remedy:
        Test the claim that names the tenant, up to and with the character that ends the name (``repo:org/``), with an
        operator that is false when the claim is absent. An audience that the caller chooses bounds nothing.

    Limits:
        Whoever a policy names is taken to be your tenant: where ``[[boundary.tokens]]`` says which tokens are yours,
        inside-boundary asks whether it is. Which part of the tenant gets in (which branch, which environment) is not
        asked. A reusable workflow that is named by ``job_workflow_ref`` counts as one's own, also where others may call
        it. A name that is given at deployment is taken to have no wildcard. Guests of Cognito are meant, and not
        refuted, where the role asks for ``unauthenticated``.
    """

    ident = "web-identity-bound"
    summary = "a web identity token of another tenant gets in"
    of_roles = True
    takes_names = True
    reach: ClassVar[Reach] = WORLD

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies that name a web identity provider, or may turn out to."""
        if subject.document.kind != TRUST:
            return False
        found = providers(subject.policy)
        return bool(found.hosts) or (found.unknown and may_allow(subject.policy, ASSUME_ROLE_WITH_WEB_IDENTITY))

    def normalize(self, subject: Subject) -> Subject:
        """A name that is given at deployment is some name; which one does not matter."""
        document = subject.document
        hosts = providers(document.policy).hosts
        statements = tuple(_with_names(s, hosts) for s in document.policy.statements)
        return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))

    def assumptions(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """What a proof would not hold without: that an issuer signs for nobody else, where all of its tokens get in."""
        return [
            (
                f"this rests on {host} signing for nobody else: an audience that everybody has names nobody",
                (_question(subject, _tokens_of(host), tokens_for_anybody(subject.policy, host), (), TENANT),),
            )
            for host in providers(subject.policy).hosts
            if tenancy(host).own and audiences_of_all(subject.policy, host)
        ]

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """A provider that is not known is one whose claims the policy tests; of names, a wildcard is asked about."""
        if told_by(place, providers(subject.policy).hosts)[0]:
            return wild_value(symbol)
        return likely_provider(subject, symbol, place)

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """For each provider, the tokens of everybody else; of Cognito, guests as well."""
        found = providers(subject.policy)
        asked: list[Question] = []
        for host in found.hosts:
            asked += self._others(subject, host)
            if tenancy(host) is COGNITO and GUESTS not in operands(subject.policy, host, "amr"):
                asked.append(self._guests(subject, host))
        if found.unknown:
            known = [ignoring_case(pattern) for host in found.hosts for pattern in _issuers(host)]
            callers = (("caller", not_text(*known)),) if known else ()
            any_token = _question(subject, callers, (), (), ANY_PROVIDER)
            asked += [any_token._replace(regions=likely_first(subject, any_token.regions))]
        return asked

    def _others(self, subject: Subject, host: str) -> list[Question]:
        found, naming = tenancy(host), subject.naming
        constraints = tokens_of_others(naming, host, found)
        hints = outsiders(naming, host, found)
        further = dict.fromkeys(asked_for_by_others(naming, host, found))
        questions = [
            _question(subject, _tokens_of(host), (*constraints, *more), hints, f"{TENANT} {host}")
            for more in further or ((),)
        ]
        agreeing = linked_tokens(naming, host, found)
        return [self._agreeing(subject, host, questions[0], agreeing)] if agreeing else questions

    def _agreeing(
        self, subject: Subject, host: str, question: Question, agreeing: Sequence[tuple[Constraints, str]]
    ) -> Question:
        hints = outsiders(subject.naming, host, tenancy(host))
        # A token whose claims agree comes first; of any other, nothing is said that the policy does not ask.
        (region,) = question.regions
        key = f"{host}:sub".lower()
        others = tuple(
            region._replace(
                constraints=(*region.constraints, *more), hints=((key, (token,)), *(p for p in hints if p[0] != key))
            )
            for more, token in agreeing
        )
        asks = bool(operands(subject.policy, host, "sub"))
        last = region if asks else region._replace(hints=tuple(p for p in hints if p[0] != key))
        return question._replace(regions=(*others, last))

    def _guests(self, subject: Subject, host: str) -> Question:
        # Of a guest the claim says that, and nothing else:
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
        guest = Values(False, CollectionSet(StringSet.of([exact(GUESTS)])))
        return _question(
            subject, _tokens_of(host), ((key_dimension(f"{host}:amr".lower()), guest),), (), f"{GUEST} {host}"
        )

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say whose token gets in."""
        about, _, host = refutation.about.partition(" ")
        role = subject.document.logical_id
        found, claims = tenancy(host), _telling(refutation.statement.conditions, host, about)
        path: Path = claims[0].path if claims else (*refutation.statement.path, "Principal")
        why = (
            *because(refutation, refutation.statement, subject.policy),
            *self._open_ends(subject, host),
            *_assumed(subject),
        )
        name = found.name or host
        if about == GUEST:
            return guests_finding(subject, refutation, host, path, why)
        if claims and all(_says_who(claim, found) for claim in claims):
            finding = Finding(
                f"a token that another application of {name} holds may get credentials of {role}",
                "this says who has signed in, and not to which application",
                path,
                (*why, "every application that they sign in to holds such a token"),
                Remedy("name the application as well: its audience is {2[0]} in {1}".format(*found.demand(host))),
            )
            return for_service_accounts(finding, host, role, claims) if found is GOOGLE else finding
        if about == ANY_PROVIDER and admits_every_token(refutation.statement):
            return every_token_finding(role, refutation.statement, why)
        token = refutation.request.context.get(key_of(host, "sub"))
        whose = f'"{token}"' if isinstance(token, str) else "any subject"
        if all(claim.startswith("sts:") for claim in found.whole_claims or ("sub",)):
            whose = f'the session "{refutation.request.context.get(found.whole_claims[0].lower())}"'
        first, *others = _remedies(subject, refutation, host, claims)
        return Finding(
            f"a token of {name} for {whose} may get credentials of {role}",
            _admitting(name, claims),
            path,
            why if claims else (*why, "no condition looks at a claim that says whose token it is"),
            first,
            otherwise=tuple(others),
        )

    def _open_ends(self, subject: Subject, host: str) -> list[str]:
        """For each subject that ends in a wildcard before it has named a tenant, that it does."""
        parts = tenancy(host).subject_parts
        return [
            f'"{asked}" has a wildcard before the name ends, so it names no tenant'
            for asked in operands(self.normalize(subject).policy, host, "sub")
            if parts and not is_literal(asked) and not tenants(asked, parts)
        ]

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        given = _given(subject.policy)
        taken = f", given {' and '.join(given)} without a wildcard" if given else ""
        return f"only tokens of the tenants it names get credentials of {subject.document.logical_id}{taken}"


def _says_who(condition: Condition, found: Tenancy) -> bool:
    """Whether a test is of a claim that says who somebody is, and not to which application a token was given."""
    claim = condition.key.lower().rpartition(":")[2]
    of_account = claim == "aud" and all(is_of_account(str(operand), found) for operand in condition.operands)
    return claim in found.person_claims or (of_account and bool(condition.operands))


def _telling(conditions: Sequence[Condition], host: str, about: str) -> list[Condition]:
    """Of the conditions on claims, those that a finding is about: how somebody has signed in, or whose a token is."""
    found = tenancy(host)
    told = [(c, *told_by(c.key, (host,))) for c in conditions]
    of_host = [(c, claim.lower()) for c, issuer, claim in told if issuer.lower() == host.lower()]
    # Of a claim that STS makes no key of, a test says nothing of whoever gets in: the claim is in no request.
    by_claim = [(c, claim) for c, claim in of_host if claim in claims_of(host) or claim.startswith("sts:")]
    if about == GUEST:
        return [c for c, claim in by_claim if claim == "amr"]
    subject = ("sub",) if found.subject_parts else ()
    whose = (*subject, *found.whole_claims, *found.prefix_claims, *found.loose_claims, *found.person_claims)
    named = [c for c, claim in by_claim if claim in {one.lower() for one in whose}]
    others = [c for c, claim in by_claim if claim not in ("amr", "aud")]
    return named or others or [c for c, claim in by_claim if claim != "amr"]


def _admitting(name: str, claims: Sequence[Condition]) -> str:
    """What a caret says of what lets tokens in."""
    if not claims:
        return f"admits every token of {name}"
    return "this admits tokens of other tenants" if claims[0].operands else "of no values, this admits any token"


def _remedies(subject: Subject, refutation: Refutation, host: str, claims: Sequence[Condition]) -> list[Remedy]:
    """What to change, the least first: the operator, then the values that name nobody in full; or words."""
    found, statement = tenancy(host), refutation.statement
    _, key, (form,) = found.demand(host)
    claim = key.rpartition(":")[2]
    written = as_written(subject, statement)
    asked = [c for c in claims if c.key.lower() == key.lower()]
    narrow = subject_narrowing(written, host, found)

    def names_a_tenant(operand: Text) -> bool:
        text = str(named_at_deployment(operand, claim.lower(), found))
        return is_literal(text) or (claim == "sub" and bool(tenants(text, found.subject_parts)))

    wide = [o for c in written.conditions if c.key.lower() == key.lower() for o in c.operands if not names_a_tenant(o)]
    kept: tuple[Edit, ...] = ()
    if asked and all(map(narrow, wide)):
        kept = without(subject, statement, asked, names_a_tenant, narrow)
    pools = pools_giving(subject) if found is COGNITO and not asked else ()
    given = demand(subject, statement, ("StringEquals", key, pools)) if pools else ()
    if empty := [c.key for c in claims if not c.operands]:
        # Whoever asks for one of no values lets in nobody.
        return [Remedy(f"give {' and '.join(empty)} a value, and test it with an operator that is false without it")]
    mild = (
        (f"name the identity pool{'s that give' if len(pools) > 1 else ' that gives'} the role", given),
        ("ask for the claim with an operator that is false without it", strict(subject, statement, claims)),
        ("name the tenant in full", kept),
    )
    # A form is no name: whoever copied it would lock out whom the template means.
    words = f"name the tenant in full: {key} has the form {form}" if form != "..." else f"test {key}, in full"
    words += pools_beside(subject) if found is COGNITO else ""
    named = " and ".join(f'"{one}"' for one in dict.fromkeys(map(str, wide)))
    if claim == "sub" and named and all(str(one).strip("*?") for one in wide):
        # Whoever mends one of them is let in by the next.
        words = f"name the tenant in place of the wildcard in {named}, and leave the rest: {form} is the form"
    return [*(Remedy(text, edits) for text, edits in mild if edits), Remedy(words)]


def _assumed(subject: Subject) -> list[str]:
    return [f"{name} is given at deployment, and taken for a name here" for name in _given(subject.policy)]


def _issuers(host: str) -> tuple[Pattern, ...]:
    """The records of a provider, as the caller of its tokens."""
    return (join(ANY_RUN, f":oidc-provider/{host}{SEPARATOR}"), exact(host + SEPARATOR))


def _tokens_of(host: str) -> Constraints:
    return (("caller", text(*_issuers(host))),)


def _question(
    subject: Subject,
    callers: Constraints,
    constraints: Constraints,
    hints: tuple[tuple[str, tuple[str, ...]], ...],
    about: str,
) -> Question:
    space = trust_world(subject, WEB_IDENTITY, ASSUME_ROLE_WITH_WEB_IDENTITY)
    constraints = (*plain_values(subject.policy), *constraints)
    region = Region(space, (*callers, *constraints), hints=hints)
    return Question((region,), _predicate(constraints), about)


def _with_names(statement: Statement, hosts: Sequence[str]) -> Statement:
    return statement._replace(conditions=tuple(_with_name(c, hosts) for c in statement.conditions))


def _with_name(condition: Condition, hosts: Sequence[str]) -> Condition:
    host, claim = told_by(condition.key, hosts)
    if not host:
        return condition
    found = tenancy(host)
    return condition._replace(operands=tuple(named_at_deployment(o, claim.lower(), found) for o in condition.operands))


def _given(policy: Policy) -> list[str]:
    """What names a tenant only at deployment, and may be anything then."""
    hosts = providers(policy).hosts
    return sorted(
        {
            symbol.name
            for statement in policy.statements
            for condition in statement.conditions
            if told_by(condition.key, hosts)[0]
            for operand in condition.operands
            if isinstance(operand, Symbolic)
            for symbol in operand.symbols
            if symbol.kind not in ("attribute", "pseudo-parameter")
        }
    )


def _predicate(constraints: Constraints) -> Callable[[Request], bool]:
    return lambda request: request.caller.kind == WEB_IDENTITY and meets(constraints, request)
