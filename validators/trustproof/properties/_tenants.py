"""
Web identity providers, and the claims that say whose token it is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html
https://docs.github.com/en/actions/reference/security/oidc
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from trustproof.engine.world import BUILT_IN_PROVIDERS
from trustproof.model.keys import lookup
from trustproof.model.operators import parse_operator
from trustproof.model.policy import ALLOW, Policy
from trustproof.sets.patterns import ANY_RUN, Pattern, exact, join, like
from trustproof.sets.strings import StringSet


class Tenancy(NamedTuple):
    """
    How the tokens of a provider say to whom they belong.
    """

    #: What a person calls the provider.
    name: str
    #: Parts of ``sub`` that name a tenant, each with the character that ends the name.
    subject_parts: tuple[tuple[str, str], ...] = ()
    #: Claims whose whole value names a tenant (or a person of it).
    whole_claims: tuple[str, ...] = ()
    #: Claims that begin with the tenant's name and a slash.
    prefix_claims: tuple[str, ...] = ()
    #: A subject of somebody else, for the counterexample; ``{}`` is a name that nobody has been given.
    outsider: str = ""
    #: What to test instead, for the remedy.
    remedy: str = ""


GITHUB = Tenancy(
    "GitHub Actions",
    (
        ("repo", "/"),
        ("repository", "/"),
        ("job_workflow_ref", "/"),
        ("repository_owner", ":"),
        ("repository_owner_id", ":"),
        ("repository_id", ":"),
    ),
    ("repository_owner", "repository_owner_id", "repository_id", "enterprise_id"),
    ("repository",),
    "repo:{}/app:ref:refs/heads/main",
    '"StringLike": {"HOST:sub": "repo:ORGANIZATION/REPOSITORY:ref:refs/heads/main"}',
)
GITLAB = Tenancy(
    "GitLab",
    (("project_path", "/"),),
    ("namespace_id", "project_id", "user_id", "user_email"),
    ("project_path", "namespace_path"),
    "project_path:{}/app:ref_type:branch:ref:main",
    '"StringLike": {"HOST:sub": "project_path:GROUP/PROJECT:ref_type:branch:ref:main"}',
)
ORGANIZATIONS = Tenancy(
    "Terraform Cloud",
    (("organization", ":"),),
    ("terraform_organization_id", "organization_id"),
    (),
    "organization:{}:project:default:workspace:app:run_phase:apply",
    '"StringLike": {"HOST:sub": "organization:ORGANIZATION:project:PROJECT:workspace:WORKSPACE:run_phase:*"}',
)
BUILDKITE = ORGANIZATIONS._replace(
    name="Buildkite", outsider="organization:{}:pipeline:app:ref:refs/heads/main:commit:0:step:deploy"
)
EKS = Tenancy(
    "EKS",
    (("system:serviceaccount", ":"),),
    (),
    (),
    "system:serviceaccount:{}:default",
    '"StringEquals": {"HOST:sub": "system:serviceaccount:NAMESPACE:NAME"}',
)
COGNITO = Tenancy("Cognito", whole_claims=("aud", "sub"), remedy='"StringEquals": {"HOST:aud": "REGION:POOL-ID"}')
GOOGLE = Tenancy(
    "Google",
    whole_claims=("aud", "oaud", "sub", "email", "google/organization_number"),
    remedy='"StringEquals": {"HOST:aud": "CLIENT-ID"}',
)
FACEBOOK = Tenancy("Facebook", whole_claims=("app_id", "id"), remedy='"StringEquals": {"HOST:app_id": "APP-ID"}')
AMAZON = FACEBOOK._replace(name="Login with Amazon", whole_claims=("app_id", "user_id"))
PULUMI = Tenancy("Pulumi Cloud", whole_claims=("aud",), remedy='"StringEquals": {"HOST:aud": "aws:ORGANIZATION"}')

#: Providers that many customers share, by host (and path).
SHARED: dict[str, Tenancy] = {
    "token.actions.githubusercontent.com": GITHUB,
    "vstoken.actions.githubusercontent.com": GITHUB,
    "gitlab.com": GITLAB,
    "app.terraform.io": ORGANIZATIONS,
    "agent.buildkite.com": BUILDKITE,
    "api.pulumi.com/oidc": PULUMI,
    **dict.fromkeys((host for host in BUILT_IN_PROVIDERS if host.startswith("cognito-identity")), COGNITO),
    "accounts.google.com": GOOGLE,
    "graph.facebook.com": FACEBOOK,
    "www.amazon.com": AMAZON,
}


def tenancy(host: str) -> Tenancy | None:
    """How tokens of a provider name their tenant; None for a provider that belongs to one customer."""
    lowered = host.lower()
    if lowered in SHARED:
        return SHARED[lowered]
    if lowered.startswith("token.actions.githubusercontent.com/"):
        return GITHUB
    if lowered.startswith("oidc.eks."):
        return EKS
    return GITLAB if lowered.startswith("gitlab.") else None


def providers(policy: Policy) -> tuple[str, ...]:
    """The hosts of the web identity providers that a policy names, as principals or, where unknown, by claim."""
    found: set[str] = set()
    unknown = False
    for statement in policy.statements:
        for entry in statement.principals or ():
            text = str(entry.value)
            if entry.kind != "Federated" or ":saml-provider/" in text:
                continue
            host = text.partition(":oidc-provider/")[2] or (text if text in BUILT_IN_PROVIDERS else "")
            if host and "<" not in host:
                found.add(host)
            else:
                unknown = True
    if unknown:
        found.update(host for host in map(_host, _keys(policy)) if host)
    return tuple(sorted(found))


def _keys(policy: Policy) -> list[str]:
    return [c.key for s in policy.statements for c in s.conditions]


def _host(key: str) -> str:
    host, _, claim = key.rpartition(":")
    return host if claim and "." in host and lookup(key).known else ""


def operands(policy: Policy, host: str, claim: str) -> list[str]:
    """What the Allow statements ask of a claim, by operators that are not negated."""
    out: set[str] = set()
    for statement in policy.statements:
        for condition in statement.conditions if statement.effect == ALLOW else ():
            operator = parse_operator(condition.operator)
            if operator is None or operator.negated or operator.base == "Null":
                continue
            if condition.key.lower() == f"{host}:{claim}".lower():
                out.update(str(operand) for operand in condition.operands)
    return sorted(out)


def literal(values: Sequence[str]) -> list[str]:
    """Those without wildcards."""
    return [value for value in values if not set(value) & set("*?")]


def named_tenants(subject: str, parts: Sequence[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """
    The tenants that a subject pattern names in full: (part, name, the character that ends it).
    """
    found: list[tuple[str, str, str]] = []
    for part, end in parts:
        for start in _starts(subject, part + ":"):
            name, closed, _ = subject[start:].partition(end)
            # "repo:org*" names nobody: the wildcard comes before the slash.
            if name and not set(name) & set("*?") and (closed or end == ":"):
                found.append((part, name, end))
    return found


def _starts(text: str, word: str) -> list[int]:
    """Where what follows a word begins; the word stands at the beginning of the text, or after a colon."""
    out = [len(word)] if text.startswith(word) else []
    at = text.find(":" + word)
    while at >= 0:
        out.append(at + 1 + len(word))
        at = text.find(":" + word, at + 1)
    return out


def subjects_of_others(policy: Policy, host: str, found: Tenancy) -> StringSet:
    """The subjects that belong to none of the tenants that the policy names."""
    # No provider puts a wildcard into a subject, so an operand with one that is compared literally matches nothing.
    ours: list[Pattern] = [exact(""), *(join(ANY_RUN, char, ANY_RUN) for char in "*?")]
    for subject in operands(policy, host, "sub"):
        for part, name, end in named_tenants(subject, found.subject_parts):
            whole = f"{part}:{name}"
            for head in (whole, f"*:{whole}"):
                ours.append(like(f"{head}{end}*"))
                if end == ":":
                    ours.append(like(head) if "*" in head else exact(head))
    return StringSet.outside(ours)


def _filled(subject: str, found: Tenancy) -> str:
    """A subject that a pattern admits, its first wildcard filled with somebody else."""
    before, star, after = subject.partition("*")
    if not star:
        return subject.replace("?", "x")
    if not before:
        # The wildcard covers the part that names the tenant.
        whole = found.outsider.format("evil")
        fill = ":".join(whole.split(":")[:2])
    else:
        # Where the name of the tenant ends at a slash, a project follows it.
        slash = any(end == "/" and before == f"{part}:" for part, end in found.subject_parts)
        fill = "evil/app" if slash and not after.startswith("/") else "evil"
    return (before + fill + after).replace("*", "any").replace("?", "x")


def outsiders(policy: Policy, host: str, found: Tenancy) -> tuple[str, ...]:
    """Subjects of somebody else that read well: a name that begins like one that the policy admits."""
    if not found.outsider:
        return ()
    out: list[str] = []
    for subject in operands(policy, host, "sub"):
        for part, end in found.subject_parts:
            for start in _starts(subject, part + ":"):
                name = subject[start:].partition(end)[0]
                known = name.split("*")[0].split("?")[0]
                out.append(found.outsider.format(f"{known}-evil" if known else "evil"))
        out.append(_filled(subject, found))
    return (*dict.fromkeys(out), found.outsider.format("evil"))
