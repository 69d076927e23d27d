"""
inside-boundary: nobody outside the declared accounts and organizations gets credentials of a role.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from trustproof.engine.question import Region
from trustproof.engine.values import Values, not_text
from trustproof.engine.world import World
from trustproof.model.aws import LOAD_BALANCING_ACCOUNTS, REDSHIFT_ACCOUNTS, REDSHIFT_USER, SIGNED_ONLY
from trustproof.model.document import RESOURCE, TRUST
from trustproof.model.keys import ASSUME_ROLE, spelling
from trustproof.model.policy import Policy
from trustproof.model.request import (
    ANONYMOUS,
    FEDERATED_USER,
    IDENTITY_CENTER,
    ROLE_SESSION,
    ROOT,
    SERVICE,
    USER_KEY,
    USER_KEY_MFA,
    USER_SESSION,
    USER_SESSION_MFA,
    Request,
)
from trustproof.model.text import Symbol, Symbolic
from trustproof.properties._base import (
    Constraints,
    Finding,
    Property,
    Question,
    Refutation,
    Subject,
    outside_accounts,
    own_organization,
    own_values,
    third_party_accounts,
    trust_regions,
)
from trustproof.sets.collections import CollectionSet
from trustproof.sets.patterns import exact, like
from trustproof.sets.strings import StringSet

#: Everybody who can sign an AssumeRole call; the simplest caller first.
_ASSUMERS = (USER_KEY, ROLE_SESSION, USER_KEY_MFA, USER_SESSION, USER_SESSION_MFA, IDENTITY_CENTER)
#: Everybody who may use a resource; anonymous callers first, since nobody is further outside.
_USERS_OF_RESOURCES = (
    ANONYMOUS,
    USER_KEY,
    ROLE_SESSION,
    USER_SESSION,
    USER_SESSION_MFA,
    IDENTITY_CENTER,
    FEDERATED_USER,
    ROOT,
)
#: What no anonymous caller can do.
_UNSIGNED: Constraints = (("action", not_text(*(like(f"{service}:*") for service in SIGNED_ONLY))),)
ORG_ID = "aws:principalorgid"
_ORG_PATHS = "aws:principalorgpaths"

PUBLIC = "public"
ANYONE = "anyone"
FOREIGN = "foreign"
UNDECLARED = "undeclared"


class InsideBoundary(Property):
    """
    Nobody outside the trust boundary gets credentials of a role, or uses a resource by its resource policy.

    Claim:
        No request by a principal of another account is given credentials of the role, or let in by the resource policy,
        unless that account, or its organization, is declared in ``[boundary]``, or the account belongs to a declared
        third party. In a resource policy a fixed network (a VPC, a VPC endpoint, a narrow range of addresses) bounds
        everybody, as AWS itself counts it, and the proof says that it rests on the network; it does not bound an
        account or organization that the policy lets in by name, and ``network-bounds = false`` in ``[boundary]``
        refuses it. Where a resource policy admits everybody, no service is let in that calls for somebody outside.

    Threat:
        A role that anybody may assume is anybody's: the caller's own identity policies, which AWS asks for too, are
        written by the caller. A wrong digit in an account id, or a condition that an outsider satisfies, is enough.

    Refuted by:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}}]}

    Proved for:
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
         "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"aws:PrincipalAccount": "111122223333"}}}]}

    Remedy:
        Name the account in Principal, or test a key that the caller cannot choose: aws:PrincipalOrgID,
        aws:PrincipalAccount, aws:PrincipalArn with a literal account, with an operator that is false when the key is
        absent.

    Limits:
        Services and identity providers that a policy names are not principals of an account; other properties ask
        about them. Without a
        ``[boundary]`` only "anyone at all" is refuted, and a named foreign account is unknown. Unique ids (``AIDA…``,
        ``AROA…``) do not say which account they belong to, and are believed. Accounts with which AWS delivers logs
        are AWS itself. Where the policy of a bucket is public as S3 means it, so that it grants access to more than
        fixed values, and the bucket is in the template and has ``RestrictPublicBuckets`` or ``BlockPublicPolicy``, the
        proof rests on that; access points and secrets have such settings too.
    """

    ident = "inside-boundary"
    summary = "a principal outside the trust boundary gets in"

    def applies_to(self, subject: Subject) -> bool:
        """Trust policies and resource policies."""
        return subject.document.kind in (TRUST, RESOURCE)

    def seen(self, subject: Subject) -> Subject:
        """Where a wildcard goes with a condition on a source, services are meant; and a network is one network."""
        if subject.document.kind != RESOURCE:
            return subject
        from trustproof.properties._bounds import with_fixed_networks
        from trustproof.properties._open_services import with_services

        policy = with_fixed_networks(subject.policy)
        return with_services(subject._replace(document=subject.document._replace(policy=policy)))

    def questions(self, subject: Subject, index: int) -> Sequence[Question]:
        """Anybody first, then whoever the policy names that is not declared; and services that act for outsiders."""
        if subject.document.kind != RESOURCE:
            return _questions(subject, ())
        from trustproof.properties._bounds import names_callers
        from trustproof.properties._open_services import service_questions

        boundary = subject.config.boundary
        network = boundary is None or boundary.network_bounds
        network = network and not names_callers(subject.policy.statements[index])
        if network and subject.document.in_vpc:
            return ()
        bounds = _bounds(subject, network=network)
        people, services = _questions(subject, bounds), service_questions(subject, index, bounds)
        if not subject.document.kept_private:
            return (*people, *services)
        from trustproof.properties._public import is_settled

        public = (_public(subject),) if is_settled(subject, subject.policy.statements[index]) else ()
        return (*public, *people, *services)

    def rests_on(self, subject: Subject) -> Sequence[tuple[str, Sequence[Question]]]:
        """What a proof would not hold without: the network."""
        if subject.document.kind != RESOURCE:
            return ()
        written = {c.key.lower(): c.key for s in subject.policy.statements for c in s.conditions}
        tested = (name.removeprefix("key:").partition("#")[0] for name, _ in _networks(subject))
        found = {spelling(written.get(key, key)) for key in tested}
        keys = ", ".join(sorted({*found, subject.document.in_vpc} - {""}))
        if not keys:
            return ()
        reason = f"this rests on the network a request comes from, not on who sends it ({keys})"
        return ((reason, _questions(subject, _bounds(subject, network=False))),)

    def binding(self, subject: Subject, symbol: Symbol, place: str) -> str | None:
        """What is not known before deployment is taken to be ours, so that no deployment is accused of a guess."""
        from trustproof.properties._sources import own_value

        boundary = subject.config.boundary
        if (found := own_value(subject, symbol, place)) is not None:
            return found
        if place == "AWS" and "role" in symbol.name.lower():
            return f"arn:{subject.partition or 'aws'}:iam::{subject.account}:role/app"
        if place == "AWS" or place.endswith("account"):
            return subject.account
        if place == ORG_ID and boundary is not None and boundary.organizations:
            return boundary.organizations[0]
        return None

    def found(self, subject: Subject, refutation: Refutation) -> Finding:
        """Say who gets in, and how far away they are."""
        if refutation.request.caller.kind == SERVICE:
            from trustproof.properties._open_services import service_finding

            return service_finding(subject, refutation)
        from trustproof.properties._boundary_words import finding

        return finding(subject, refutation, self.proved(subject))

    def outweighed(self, subject: Subject, found: Mapping[int, Refutation]) -> Sequence[int]:
        """One public statement makes the whole policy public: then whoever else it names is kept out too."""
        from trustproof.properties._public import makes_public

        statements = subject.policy.statements
        public = [i for i, one in found.items() if one.about == PUBLIC and makes_public(subject, statements[i])]
        people = (i for i, one in found.items() if one.about != PUBLIC and one.request.caller.kind != SERVICE)
        return tuple(people) if public else ()

    def proved(self, subject: Subject) -> str:
        """Word the proof."""
        name = subject.document.logical_id
        if subject.document.kind == TRUST:
            return f"nobody outside the boundary gets credentials of {name}"
        return f"nobody outside the boundary is let in by {name}"


def _bounds(subject: Subject, *, network: bool) -> Constraints:
    """What bounds the callers of a resource policy besides who they are."""
    from trustproof.properties._bounds import other_bounds

    networks = _networks(subject) if network else ()
    return (*other_bounds(subject.policy, _inside_accounts(subject)), *networks)


def _networks(subject: Subject) -> Constraints:
    boundary = subject.config.boundary
    organizations = (*(boundary.organizations if boundary is not None else ()), *own_organization(subject))
    from trustproof.properties._bounds import network_bounds

    return network_bounds(subject.policy, _inside_accounts(subject), organizations)


def _questions(subject: Subject, bounds: Constraints) -> Sequence[Question]:
    boundary = subject.config.boundary
    own = _inside_accounts(subject)
    mentioned = mentioned_accounts(subject.policy)
    organizations = (*(boundary.organizations if boundary is not None else ()), *own_organization(subject))
    named_organizations = tuple(sorted({*organizations, *_mentioned_organizations(subject.policy)}))
    anyone = _question(subject, (*own, *mentioned), named_organizations, bounds, ANYONE)
    about = FOREIGN if boundary is not None else UNDECLARED
    outsiders = _question(subject, own, organizations, bounds, about)
    return (anyone._replace(larger=outsiders), outsiders)


def _public(subject: Subject) -> Question:
    """Is the policy public, as AWS means it: does it let in somebody to whom no value brings them that it fixes?"""
    from trustproof.properties._public import with_no_fixed_value

    policy = subject.policy
    accounts = (*_inside_accounts(subject), *mentioned_accounts(policy))
    organizations = sorted({*own_organization(subject), *_mentioned_organizations(policy)})
    return _question(subject, accounts, organizations, with_no_fixed_value(policy), PUBLIC)


def _inside_accounts(subject: Subject) -> tuple[str, ...]:
    boundary = subject.config.boundary
    declared = boundary.accounts if boundary is not None else ()
    return (subject.account, *declared, *third_party_accounts(subject.config), *_of_aws(subject.policy))


def _of_aws(policy: Policy) -> list[str]:
    """The accounts that a policy names and that are AWS itself; of Redshift's, where it names the one user only."""
    named = mentioned_accounts(policy)
    out = [account for account in named if account in LOAD_BALANCING_ACCOUNTS]
    for account in named:
        if account in REDSHIFT_ACCOUNTS:
            texts = [text for text in _texts(policy) if account in text.split(":")]
            out += [account] if all(text.endswith(REDSHIFT_USER) for text in texts) else []
    return out


def _question(
    subject: Subject, accounts: Sequence[str], organizations: Sequence[str], bounds: Constraints, about: str
) -> Question:
    named = _unique_ids(subject.policy)
    constraints = (*outside_accounts(accounts, named), *bounds)
    if organizations:
        ids = StringSet.outside(exact(o) for o in organizations)
        paths = StringSet.outside(like(f"{o}/*") for o in organizations)
        constraints += (
            (f"key:{ORG_ID}", Values(True, ids)),
            (f"key:{_ORG_PATHS}", Values(True, CollectionSet(paths))),
        )
    if subject.document.kind == TRUST:
        regions = [r for kind in _ASSUMERS for r in trust_regions(subject, kind, ASSUME_ROLE, constraints)]
    else:
        from trustproof.properties._bounds import consulted_for

        asked = (*constraints, *consulted_for(subject))
        worlds = [World(kind, "", subject.partition, fixed=own_values(subject)) for kind in _users(subject)]
        regions = [Region(w, (*asked, *(_UNSIGNED if w.kind == ANONYMOUS else ()))) for w in worlds]
    return Question(tuple(regions), _predicate(frozenset(accounts), frozenset(organizations), named), about)


def _users(subject: Subject) -> tuple[str, ...]:
    """Everybody who may use a resource; nobody sends unsigned requests to some."""
    signed = subject.document.resource_type.startswith(tuple(SIGNED_ONLY.values()))
    return _USERS_OF_RESOURCES[1:] if signed else _USERS_OF_RESOURCES


def _predicate(
    accounts: frozenset[str], organizations: frozenset[str], named: tuple[str, ...]
) -> Callable[[Request], bool]:
    def violates(request: Request) -> bool:
        if request.caller.kind == ANONYMOUS:
            return True
        account = request.caller.account
        if request.caller.userid.partition(":")[0] in named:
            # An entity that the policy names for ever is not somebody outside.
            return False
        return account is not None and account not in accounts and request.context.get(ORG_ID) not in organizations

    return violates


def _texts(policy: Policy) -> list[str]:
    """Every literal that may name an account or an organization."""
    out: list[str] = []
    for statement in policy.statements:
        entries = (*(statement.principals or ()), *(statement.not_principals or ()))
        for entry in entries:
            choices = entry.value.choices if isinstance(entry.value, Symbolic) else ()
            out.extend(choices or (str(entry.value),))
        for condition in statement.conditions:
            out.extend(str(operand) for operand in condition.operands)
    return out


def mentioned_accounts(policy: Policy) -> tuple[str, ...]:
    found = {part for text in _texts(policy) for part in text.split(":") if len(part) == 12 and part.isdigit()}
    return tuple(sorted(found))


def _mentioned_organizations(policy: Policy) -> tuple[str, ...]:
    found = {text.split("/")[0] for text in _texts(policy) if text.startswith("o-")}
    return tuple(sorted(o for o in found if "*" not in o and "?" not in o))


def _unique_ids(policy: Policy) -> tuple[str, ...]:
    """The unique ids of users and roles that the policy names; each belongs to one principal for ever."""
    texts = [str(p.value) for s in policy.statements for p in (s.principals or ()) if p.kind == "AWS"]
    texts += [
        str(operand).partition(":")[0]
        for s in policy.statements
        for c in s.conditions
        if c.key.lower() == "aws:userid"
        for operand in c.operands
    ]
    return tuple(sorted({t for t in texts if t.startswith(("AIDA", "AROA")) and t.isalnum()}))
