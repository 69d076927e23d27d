"""
Tokens of web identity providers that are not one's own, by what the boundary declares of a provider's customers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from string import ascii_lowercase, ascii_uppercase

from trustproof.aws.condition_keys import ASSUME_ROLE_WITH_WEB_IDENTITY
from trustproof.aws.oidc_issuers import COGNITO, SHARED, Tenancy, tenancy
from trustproof.aws.oidc_tenants import NUMBERS, naming_claims, why_not_one_customer
from trustproof.config.model import OwnTokens
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.dimensions import key_dimension
from trustproof.engine.domains import ABSENT, Values, text
from trustproof.engine.region import Region
from trustproof.model.document import IDENTITY_POOLS
from trustproof.model.policy import Condition, Policy, Statement
from trustproof.model.request import WEB_IDENTITY, Request
from trustproof.model.text import Symbol, Symbolic, Text
from trustproof.properties.question import Question, Subject
from trustproof.properties.shared.constrained_requests import meets
from trustproof.properties.shared.plain_values import plain_values
from trustproof.properties.shared.regions import Constraints, trust_world
from trustproof.properties.shared.token_subjects import (
    asked_texts,
    is_literal,
    is_of_account,
    operands,
    outsiders,
    tokens_of_others,
)
from trustproof.properties.shared.web_identity_providers import key_of, providers
from trustproof.sets.numbers import NumberSet
from trustproof.sets.patterns import ANY_RUN, Pattern, exact, ignoring_case, join, like
from trustproof.sets.strings import StringSet
from trustproof.spec.matching import matches_wildcards, pattern

#: About a token that is somebody else's; one of which nobody says whose it is; one of a provider of whose customers
#: nobody says which are one's own. The host of the provider follows.
OTHERS, OPEN, UNDECLARED_HOST = "token of others", "token of somebody", "token of an undeclared provider"
#: Stands for the id of an identity pool that the template itself makes.
OWN_POOL = "own-region:00000000-0000-0000-0000-000000000000"
_NO_WILDCARD: tuple[Pattern, ...] = (exact(""), *(join(ANY_RUN, char, ANY_RUN) for char in "*?"))
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)


def is_about_tokens(about: str) -> bool:
    """Whether a question is one of these."""
    return about.startswith((f"{OTHERS} ", f"{OPEN} ", f"{UNDECLARED_HOST} "))


def declared(subject: Subject, host: str) -> OwnTokens | None:
    """Which tokens of a provider are one's own; None where nobody says so."""
    return next((one for one in subject.config.tokens or () if one.provider.lower() == host.lower()), None)


def with_own_pools(subject: Subject) -> Subject:
    """
    The same, where an identity pool of the template that gives the role, or takes no guests, is one's own, whatever its
    id will be.
    """
    if not subject.config.tokens:
        return subject
    document = subject.document
    pools = frozenset(one.arn for one in document.sources if one.service == IDENTITY_POOLS and _is_made(one.arn))
    statements = tuple(_with_own_pools(one, pools) for one in document.policy.statements)
    return subject._replace(document=document._replace(policy=document.policy._replace(statements=statements)))


def token_questions(subject: Subject) -> Sequence[Question]:
    """
    Does somebody get in by a token that is not one's own?

    Nothing is asked where nobody declares which tokens are. Of the tokens of a provider that is declared, those come
    first of which all that the policy tests is known to be somebody else's.
    """
    if not subject.config.tokens:
        return ()
    known = [(host, own) for host in providers(subject.policy).hosts if (own := declared(subject, host)) is not None]
    return [one for host, own in known for one in _others(subject, host, own)]


def open_token_questions(subject: Subject) -> Sequence[Question]:
    """Does somebody get in by a token of whom nobody can say, or has said, whether it is one of us?"""
    if not subject.config.tokens:
        return ()
    out: list[Question] = []
    for host in providers(subject.policy).hosts:
        own = declared(subject, host)
        if own is not None:
            outside = tuple(_outside(host, claim, listed) for claim, listed in own.claims)
            out.append(_question(subject, host, outside, OPEN, own))
        elif host.lower() in SHARED:
            pools = ("aud", ()) if tenancy(host) is COGNITO else None
            outside = (_outside(host, *pools),) if pools is not None else ()
            nobody = OwnTokens(host, (pools,) if pools is not None else ())
            out.append(_question(subject, host, outside, UNDECLARED_HOST, nobody))
    return out


def open_claims(subject: Subject, own: OwnTokens, host: str) -> Iterator[tuple[str, list[str], bool]]:
    """
    The claims of which a policy tests values, and nobody can say whether these are one's own: each with the values, and
    whether they are known only at deployment.
    """
    listed = dict(own.claims)
    for claim in naming_claims(tenancy(host)):
        if claim not in listed and (named := operands(subject.policy, host, claim)):
            yield claim, named, False
        elif found := [str(one) for one, _ in _maybe_ours(subject.policy, host, claim, listed.get(claim, ()))]:
            yield claim, found, True


def _others(subject: Subject, host: str, own: OwnTokens) -> Iterator[Question]:
    found, policy = tenancy(host), subject.naming
    listed = dict(own.claims)
    dimensions = {key_dimension(key_of(host, claim)): claim for claim in naming_claims(found)}
    # Of claims that nobody has declared, what the policy names may be one's own.
    constraints = {
        name: _unlike_open(policy, host, dimensions[name], found, values)
        for name, values in tokens_of_others(policy, host, found)
        if name in dimensions and dimensions[name] not in listed
    }
    for claim in naming_claims(found):
        name = key_dimension(key_of(host, claim))
        if claim not in listed and name not in constraints and [*asked_texts(policy, host, claim)]:
            constraints[name] = ABSENT
    outside = {claim: _outside(host, claim, patterns) for claim, patterns in own.claims}
    maybe = {claim: [p for _, p in _maybe_ours(policy, host, claim, patterns)] for claim, patterns in own.claims}
    rest = tuple(
        (name, values & Values(True, StringSet.outside(maybe[claim])) if maybe[claim] else values)
        for claim, (name, values) in outside.items()
    )
    yield _question(subject, host, (*constraints.items(), *rest), OTHERS, own)
    for claim in (one for one, _ in own.claims if one not in NUMBERS):
        written = [one for one in asked_texts(policy, host, claim) if isinstance(one, str)]
        in_full = [one for one in written if not why_not_one_customer(one, claim, found)]
        name, values = outside[claim]
        if written and maybe[claim]:
            # What is written out beside what is not known says by itself whose it is.
            named = dict(rest) | {name: values & _like(written)}
            yield _question(subject, host, (*constraints.items(), *named.items()), OTHERS, own)
        if in_full:
            # So does who is named in full, whatever else is asked of a token of theirs.
            named = dict(outside.values()) | {name: values & _like(in_full)}
            yield _question(subject, host, tuple(named.items()), OTHERS, own)


def _like(written: Sequence[str]) -> Values:
    return text(*(ignoring_case(like(one)) for one in written))


def _unlike_open(policy: Policy, host: str, claim: str, found: Tenancy, values: Values) -> Values:
    """The values of a claim that nobody has declared, without those that may be what is known at deployment only."""
    asked = list(asked_texts(policy, host, claim))
    is_open = any(isinstance(one, Symbolic) for one in asked)
    numbered = claim == "aud" and any(is_of_account(str(one), found) for one in asked)
    return ABSENT if is_open or numbered else values


def _maybe_ours(policy: Policy, host: str, claim: str, patterns: Sequence[str]) -> Iterator[tuple[Text, Pattern]]:
    """What a policy asks of a declared claim, is known at deployment only, and may be one's own then."""
    if claim in NUMBERS:
        return
    ours = StringSet.of([ignoring_case(like(one)) for one in patterns])
    for one in asked_texts(policy, host, claim):
        if isinstance(one, Symbolic) and any(symbol.allowed is None for symbol in one.symbols):
            wide = join(*(part for each in one.parts for part in _wide(each)))
            if (ours & StringSet.of([ignoring_case(wide)])).sample() is not None:
                yield one, wide


def _wide(part: str | Symbol) -> Pattern:
    return like(part) if isinstance(part, str) else join(ANY_RUN)


def _outside(host: str, claim: str, patterns: Sequence[str]) -> tuple[str, Values]:
    """The values of a claim that are not one's own; it may be absent."""
    name, found = key_dimension(key_of(host, claim)), tenancy(host)
    if claim in NUMBERS:
        ours = NumberSet.empty()
        for one in patterns:
            ours = ours | NumberSet.only(int(one))
        return name, Values(True, (~ours).integers())
    looks: Sequence[Pattern] = found.subjects if claim == "sub" and found.subjects else ()
    looks = [shape for key, shape in found.shapes if key == claim] or looks or [(ANY_RUN,)]
    listed = [ignoring_case(like(one)) for one in _patterns(host, claim, patterns)]
    return name, Values(True, StringSet.of(looks) & StringSet.outside((*_NO_WILDCARD, *listed)))


def _patterns(host: str, claim: str, patterns: Sequence[str]) -> tuple[str, ...]:
    is_pool = claim == "aud" and tenancy(host) is COGNITO
    return (*patterns, *((OWN_POOL,) if is_pool else ()))


def _question(subject: Subject, host: str, constraints: Constraints, about: str, own: OwnTokens) -> Question:
    space = trust_world(subject, WEB_IDENTITY, ASSUME_ROLE_WITH_WEB_IDENTITY)
    tokens = text(join(ANY_RUN, f":oidc-provider/{host}{SEPARATOR}"), exact(host + SEPARATOR))
    asked = (("caller", tokens), *plain_values(subject.policy), *constraints)
    region = Region(space, asked, hints=_hints(subject.naming, host))
    return Question((region,), _is_outsider(host, own, constraints), f"{about} {host}")


def _hints(policy: Policy, host: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Claims of somebody else's token that read well; first those that a policy names up to what a project runs on."""
    found = tenancy(host)
    _, _, end = found.outsider.partition("/app:")
    named = [
        one[:-1] + end for one in operands(policy, host, "sub") if end and one.endswith(":*") and is_literal(one[:-1])
    ]
    hints = dict(outsiders(policy, host, found))
    key = key_of(host, "sub")
    return tuple({**hints, key: (*named, *hints.get(key, ()))}.items()) if named else tuple(hints.items())


# -- for the evaluator


def _is_outsider(host: str, own: OwnTokens, constraints: Constraints) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        named = request.caller.arn.rpartition(":oidc-provider/")[2]
        if request.caller.kind != WEB_IDENTITY or named.lower() != host.lower():
            return False
        is_ours = any(_is_ours(request, host, claim, patterns) for claim, patterns in own.claims)
        return not is_ours and meets(constraints, request)

    return violates


def _is_ours(request: Request, host: str, claim: str, patterns: Sequence[str]) -> bool:
    given = request.context.get(key_of(host, claim))
    if not isinstance(given, str):
        return False
    if claim in NUMBERS:
        return given.isascii() and given.isdigit() and int(given) in map(int, patterns)
    sent = given.translate(_LOWER)
    return any(matches_wildcards(sent, pattern(one.translate(_LOWER))) for one in _patterns(host, claim, patterns))


# -- identity pools of the template


def _with_own_pools(statement: Statement, pools: Collection[Text | None]) -> Statement:
    return statement._replace(conditions=tuple(_with_own_pool(one, pools) for one in statement.conditions))


def _with_own_pool(condition: Condition, pools: Collection[Text | None]) -> Condition:
    host, _, claim = condition.key.lower().rpartition(":")
    if claim != "aud" or tenancy(host) is not COGNITO:
        return condition
    return condition._replace(operands=tuple(OWN_POOL if one in pools else one for one in condition.operands))


def _is_made(pool: Text | None) -> bool:
    """Whether the id of a pool is that of a resource of the template, and no text that somebody has written."""
    return isinstance(pool, Symbolic) and len(pool.parts) == 1 and pool.symbols[0].kind == "attribute"
