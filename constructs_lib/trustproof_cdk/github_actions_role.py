"""
A role for workflows of GitHub Actions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from constructs import Construct

from trustproof_cdk import _arguments as arguments
from trustproof_cdk import _claims as claimed
from trustproof_cdk._constructor import construct
from trustproof_cdk._issuers import Provider
from trustproof_cdk._role import RoleOptions
from trustproof_cdk.conditions import ConditionBlock
from trustproof_cdk.web_identity_role import WebIdentityRole

_ISSUER = "token.actions.githubusercontent.com"


@construct
class GitHubActionsRole(WebIdentityRole):
    """
    A role that workflows of one GitHub repository may assume, from the given branches, tags and environments.

    The issuer is the same for all of GitHub, and a workflow chooses its audience itself: only the subject of the token
    says whose workflow it is. So the repository is always in it, without a wildcard.
    https://docs.github.com/en/actions/reference/security/oidc

    A job that names an environment has the environment in its subject and not the branch: let only protected branches
    deploy to the environment, in its settings.

    Args:
        scope: as of every construct.
        construct_id: as of every construct.
        organization: the organization or user that the repository belongs to.
        repository: its name, without the organization.
        branches: branches that may; ``*`` stands for any run of characters. At least one of `branches`, `tags`,
            `environments` and `pull_requests` must be given.
        tags: tags that may; ``*`` as above.
        environments: environments that may; ``*`` as above.
        pull_requests: whether workflows that a pull request starts may, from whichever branch.
        organization_id: number of the organization, together with `repository_id`. Subjects of repositories created
            since 15 July 2026 have both, so that nobody who takes over a name gets in; older repositories can ask for
            it.
        repository_id: number of the repository.
        audience: the ``aud`` of the token, as ``aws-actions/configure-aws-credentials`` asks for it.
        issuer: of a GitHub Enterprise with an issuer of its own.
        provider: the provider in IAM, by ARN or as an object. Default: that of the issuer in the account of the stack.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: a wildcard in the organization or the repository, nothing of the repository that may, or an argument
            that GitHub or IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        organization: str,
        repository: str,
        branches: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        environments: Iterable[str] | None = None,
        pull_requests: bool = False,
        organization_id: str | None = None,
        repository_id: str | None = None,
        audience: str = "sts.amazonaws.com",
        issuer: str = _ISSUER,
        provider: Provider | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        full_name = _full_name(organization, repository, organization_id, repository_id)
        contexts = [
            *(f"ref:refs/heads/{name}" for name in _listed(branches, "branches", claimed.ref_name)),
            *(f"ref:refs/tags/{name}" for name in _listed(tags, "tags", claimed.ref_name)),
            # GitHub writes a colon in a name so, which keeps it apart from those that divide the subject.
            *(
                f"environment:{name.replace(':', '%3A')}"
                for name in _listed(environments, "environments", _environment)
            ),
            *(["pull_request"] if arguments.flag(pull_requests, "pull_requests") else []),
        ]
        if not contexts:
            raise ValueError(
                "branches, tags, environments or pull_requests must say what of the repository may, got none"
            )
        subjects = [f"repo:{full_name}:{context}" for context in contexts]
        super().__init__(
            scope,
            construct_id,
            issuer=issuer,
            provider=provider,
            audiences=[audience],
            **claimed.subject_arguments(subjects),
            conditions=conditions,
            **options,
        )


def _full_name(organization: str, repository: str, organization_id: str | None, repository_id: str | None) -> str:
    _name(organization, "organization", r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}", "'octo-org'")
    _name(repository, "repository", r"[\w.-]{1,100}", "'octo-repo'")
    if (organization_id is None) is not (repository_id is None):
        raise ValueError(
            "organization_id and repository_id must be given together, got "
            f"organization_id={organization_id!r} and repository_id={repository_id!r}"
        )
    if organization_id is None or repository_id is None:
        return f"{organization}/{repository}"
    claimed.numeric_id(organization_id, "organization_id")
    claimed.numeric_id(repository_id, "repository_id")
    return f"{organization}@{organization_id}/{repository}@{repository_id}"


def _name(value: str, argument: str, pattern: str, example: str) -> str:
    accepted = f"the name of one {argument} like {example}, since a wildcard would let others in"
    return arguments.matching(value, argument, pattern, accepted)


def _listed(values: Iterable[str] | None, argument: str, check: claimed.Check) -> list[str]:
    return [] if values is None else arguments.each(values, argument, check)


def _environment(value: str, argument: str) -> str:
    accepted = "the name of an environment of 1 to 255 characters of ASCII, without '${'"
    return arguments.matching(value, argument, r"(?!.*\$\{)[\x20-\x7e]{1,255}", accepted)
