"""
What the subjects of web identity tokens look like, for providers whose format leaves no choice.

https://docs.github.com/en/actions/reference/security/oidc
https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html
https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from trustproof.sets.patterns import ANY_RUN, Pattern, Wildcard, exact, join


def some(chars: str, *, negated: bool = False) -> Pattern:
    """One character of a class, or more."""
    return join(Wildcard(chars, negated, False), Wildcard(chars, negated, True))


#: The name of an organization, a user or a repository of GitHub.
LOGIN = some("-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
DIGITS = some("0123456789")
#: An owner and a repository; in subjects that outlive a change of name, both with their ids.
REPOSITORIES = (
    join("repo:", LOGIN, "/", LOGIN),
    join("repo:", LOGIN, "@", DIGITS, "/", LOGIN, "@", DIGITS),
)
#: Characters of the name of a claim. Which claims a customised subject may be put together from grows.
_CLAIM = "0123456789_abcdefghijklmnopqrstuvwxyz"
_FIELD = some(":", negated=True)
_KUBERNETES = some("/:", negated=True)


def _claims_but(name: str) -> Iterator[Pattern]:
    """The names of all claims but one."""
    for place, char in enumerate(name):
        if place:
            yield exact(name[:place])
        yield join(name[:place], Wildcard(_CLAIM.replace(char, ""), False, False), Wildcard(_CLAIM, False, True))
    yield join(name, some(_CLAIM))


_GITHUB = (
    *(join(claim, ":", ANY_RUN) for claim in _claims_but("repo")),
    exact("pull_request"),
    *(
        join(repository, *rest)
        for repository in REPOSITORIES
        for rest in ((), (":pull_request",), (":", some(_CLAIM), ":", ANY_RUN))
    ),
)
_EKS = (join("system:serviceaccount:", _KUBERNETES, ":", _KUBERNETES),)
_TERRAFORM = (join("organization:", _FIELD, ":", ANY_RUN),)


@lru_cache(maxsize=256)
def subjects(host: str) -> tuple[Pattern, ...]:
    """What every subject of a provider, named by its host and path, looks like; empty where that is not known."""
    lowered = host.lower()
    if lowered.partition("/")[0] == "token.actions.githubusercontent.com":
        return _GITHUB
    if lowered.startswith("oidc.eks."):
        return _EKS
    return _TERRAFORM if lowered in ("app.terraform.io", "app.eu.terraform.io") else ()
