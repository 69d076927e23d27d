"""
The claims of web identity tokens that STS makes condition keys of.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain

#: The claims that STS makes condition keys of, for every provider.
_OIDC_DEFAULT = ("amr", "aud", "email", "oaud", "sub")
_OF_GITHUB = (
    "actor actor_id enterprise_id environment job_workflow_ref ref repository repository_id repository_owner_id "
    "workflow"
).split()
_OF_GITLAB = (
    "namespace_id pipeline_source project_id ref_protected runner_environment user_access_level user_email user_id "
    "user_login"
).split()
_OF_BUILDKITE = (
    "build_branch cluster_id cluster_name organization_id organization_slug pipeline_id pipeline_slug"
).split()
#: How the name of a provider begins, how it ends, and which further claims STS makes keys of. That it does so for a
#: GitHub server of one's own, and for the issuer that GitHub has left behind, is not documented, and assumed.
_OIDC_MORE: tuple[tuple[str, str, Sequence[str]], ...] = (
    ("token.actions.githubusercontent.com", "", _OF_GITHUB),
    ("", "/_services/token", _OF_GITHUB),
    ("vstoken.actions.githubusercontent.com", "", _OF_GITHUB),
    ("token.actions.", ".ghe.com", _OF_GITHUB),
    ("github.com/enterprises/", "", _OF_GITHUB),
    ("gitlab.com", "gitlab.com", _OF_GITLAB),
    ("agent.", ".buildkite.com", _OF_BUILDKITE),
    ("agent.buildkite.com", "", _OF_BUILDKITE),
    ("agent.", ".buildkite.dev", _OF_BUILDKITE),
    ("agent.", ".buildkite.site", _OF_BUILDKITE),
    ("accounts.google.com", "", ("google/organization_number",)),
    ("www.amazon.com", "", ("app_id", "user_id")),
    ("graph.facebook.com", "", ("app_id", "id")),
    ("oidc.circleci.com", "", ("oidc.circleci.com/project-id",)),
    ("", ".oraclecloud.com", ("rpst_id",)),
)

#: Issuers of OAuth 2.0 whose access tokens STS takes (``ProviderId``), and the claims that say for which app and of
#: whom one is: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
ACCESS_TOKENS = {"graph.facebook.com": ("app_id", "id"), "www.amazon.com": ("app_id", "user_id")}


@cache
def claims(host: str) -> tuple[str, ...]:
    """The claims, lower-cased, of which STS makes condition keys, for a provider named by its host and path."""
    name = host.lower()
    more = (some for begins, ends, some in _OIDC_MORE if name.startswith(begins) and name.endswith(ends))
    return (*_OIDC_DEFAULT, *chain.from_iterable(more))
