"""
The web identity providers that a policy names, and the condition keys that tell their tokens apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.aws.condition_keys import ASSUME_ROLE_WITH_WEB_IDENTITY, lookup
from trustproof.aws.oidc_issuers import BUILT_IN_PROVIDERS, tenancy
from trustproof.engine.caller_records import SEPARATOR
from trustproof.engine.domains import text
from trustproof.engine.region import Region
from trustproof.model.policy import ALLOW, Policy, Statement
from trustproof.model.text import Symbol, Symbolic
from trustproof.properties.question import Subject
from trustproof.properties.shared.regions import may_name
from trustproof.sets.patterns import exact

#: A provider that many an account has.
_LIKELY = "token.actions.githubusercontent.com"


class Providers(NamedTuple):
    """
    The web identity providers that a policy names.
    """

    #: Host and path of each: of a principal, or of a claim where some principal is not known.
    hosts: tuple[str, ...]
    #: Whether there is one that is not known before deployment.
    unknown: bool


def admits_every_token(statement: Statement, action: str = ASSUME_ROLE_WITH_WEB_IDENTITY) -> bool:
    """Whether a statement may let in everybody with a token or, by the other action, with an assertion."""
    everybody = any(entry.kind == "*" for entry in statement.principals or ())
    return everybody and statement.effect == ALLOW and may_name(statement, action)


def providers(policy: Policy) -> Providers:
    """The web identity providers that a policy names; one that lets in everybody leaves it to the caller."""
    found: set[str] = set()
    unknown = False
    for statement in policy.statements:
        unreadable = statement.principals is None and statement.not_principals is None and statement.unreadable
        unknown = unknown or bool(unreadable) or admits_every_token(statement)
        for entry in statement.principals or ():
            value = str(entry.value)
            if entry.kind != "Federated" or ":saml-provider/" in value:
                continue
            host = value.partition(":oidc-provider/")[2] or (value if value in BUILT_IN_PROVIDERS else "")
            if isinstance(entry.value, str) and host:
                found.add(host)
            else:
                unknown = True
    if unknown:
        found.update(claimed_hosts(policy))
    return Providers(tuple(sorted(found)), unknown)


def likely_first(subject: Subject, regions: tuple[Region, ...]) -> tuple[Region, ...]:
    """
    The regions of a question about every provider. Where everybody gets in, one that the account may well have comes
    first: the next best is of another partition.
    """
    if not any(map(admits_every_token, subject.policy.statements)):
        return regions
    arn = f"arn:{subject.partition or 'aws'}:iam::{subject.account}:oidc-provider/{_LIKELY}"
    own = ("caller", text(exact(arn + SEPARATOR)))
    return (*(region._replace(constraints=(*region.constraints, own)) for region in regions), *regions)


def likely_provider(subject: Subject, symbol: Symbol, place: str) -> str | None:
    """For a provider that is not known before deployment, one whose claims the policy tests; None for anything else."""
    hosts = claimed_hosts(subject.policy)
    entries = [e.value for s in subject.policy.statements for e in s.principals or () if e.kind == "Federated"]
    used = [e for e in entries if isinstance(e, Symbolic) and symbol in e.symbols]
    if place != "Federated" or not hosts or not used or symbol.kind == "pseudo-parameter":
        return None
    if ":saml-provider/" in str(used[0]):
        return None
    arn = f"arn:{subject.partition or 'aws'}:iam::{subject.account}:oidc-provider/"
    return hosts[0] if ":oidc-provider/" in str(used[0]) else arn + hosts[0]


def claimed_hosts(policy: Policy) -> tuple[str, ...]:
    """The hosts of the web identity providers whose claims a policy tests."""
    found = {host_and_claim(c.key)[0] for s in policy.statements for c in s.conditions}
    return tuple(sorted(found - {""}))


def key_of(host: str, claim: str) -> str:
    """The condition key, lower-cased, of a claim; of a key of STS itself, that key."""
    return claim.lower() if claim.lower().startswith("sts:") else f"{host}:{claim}".lower()


def told_by(key: str, hosts: Sequence[str]) -> tuple[str, str]:
    """
    The provider whose tokens a condition key tells apart, and by which claim: a claim of any, or the key of STS by
    which one of these providers says whose a token is. Empty for any other key.
    """
    for host in hosts if key.lower().startswith("sts:") else ():
        for claim in tenancy(host).whole_claims:
            if claim.lower() == key.lower():
                return host, claim
    return host_and_claim(key)


def host_and_claim(key: str) -> tuple[str, str]:
    """A claim's condition key in its two parts; empty for any other key."""
    host, _, claim = key.rpartition(":")
    return (host, claim) if claim and "." in host.partition("/")[0] and lookup(key).known else ("", "")
