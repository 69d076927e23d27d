"""
A role for workflows of GitHub Actions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Unpack

from constructs import Construct

from trustproof_cdk._arguments import arguments, known_later
from trustproof_cdk._constructor import construct
from trustproof_cdk._roles.role import RoleOptions
from trustproof_cdk._trust import claims as claimed
from trustproof_cdk._trust import github_claims as contradictions
from trustproof_cdk._trust import issuers
from trustproof_cdk._trust.issuers import Provider
from trustproof_cdk.conditions import ConditionBlock
from trustproof_cdk.web_identity_role import WebIdentityRole

_WORKFLOW = "job_workflow_ref"
#: How full names of branches, tags and pull requests begin.
_REFS = ("refs/heads/", "refs/tags/", "refs/pull/")
_ISSUER = "token.actions.githubusercontent.com"


@construct
class GitHubActionsRole(WebIdentityRole):
    """
    A role that workflows of certain GitHub repositories may assume, from the given branches, tags and environments.

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
        repositories: several of the organization instead: their names, or a mapping of their names to their numbers.
        branches: branches that may; ``*`` stands for any run of characters. At least one of `branches`, `tags`,
            `environments` and `pull_requests` must be given.
        tags: tags that may; ``*`` as above.
        environments: environments that may; ``*`` as above.
        pull_requests: whether workflows that a pull request starts may, from whichever branch.
        organization_id: number of the organization, together with `repository_id`. Subjects of repositories created
            since 15 July 2026 have both, so that nobody who takes over a name gets in; older repositories can ask for
            it.
        repository_id: number of the repository.
        accept_names: True accepts, beside the subjects with numbers, those without, for repositories that still have
            them.
        job_workflow_refs: the reusable workflow that the job is in must be one of these, like
            ``acme/deploy/.github/workflows/deploy.yml@refs/heads/main``; ``*`` as above, after the repository.
        claims: further claims to accepted values, like ``actor_id`` or ``enterprise_id``.
        audience: the ``aud`` of the token, as ``aws-actions/configure-aws-credentials`` asks for it.
        issuer: of a GitHub Enterprise with an issuer of its own.
        provider: the provider in IAM, by ARN or as an object. Default: that of the issuer in the account of the stack.
        conditions: further conditions; they narrow the trust.
        options: what every role takes, see `RoleOptions`.

    Raises:
        ValueError: a wildcard in the organization or the repository, nothing of the repository that may, claims that no
            token for it has, or an argument that GitHub or IAM would refuse.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        organization: str,
        repository: str | None = None,
        repositories: Iterable[str] | Mapping[str, str] | None = None,
        branches: Iterable[str] | None = None,
        tags: Iterable[str] | None = None,
        environments: Iterable[str] | None = None,
        pull_requests: bool = False,
        organization_id: str | None = None,
        repository_id: str | None = None,
        accept_names: bool = False,
        job_workflow_refs: Iterable[str] | None = None,
        claims: Mapping[str, str | Iterable[str]] | None = None,
        audience: str = "sts.amazonaws.com",
        issuer: str = _ISSUER,
        provider: Provider | None = None,
        conditions: ConditionBlock | None = None,
        **options: Unpack[RoleOptions],
    ) -> None:
        named = _repositories(repository, repository_id, repositories)
        full_names = [
            full_name
            for name, number in named.items()
            for full_name in _full_names(organization, name, organization_id, number, accept_names)
        ]
        contexts = [
            *(f"ref:refs/heads/{name}" for name in _listed(branches, "branches", claimed.ref_name)),
            *(f"ref:refs/tags/{name}" for name in _listed(tags, "tags", claimed.ref_name)),
            # GitHub writes a colon in a name so, which keeps it apart from those that divide the subject.
            *(
                f"environment:{name if arguments.is_token(name) else name.replace(':', '%3A')}"
                for name in _listed(environments, "environments", _environment)
            ),
            *(["pull_request"] if arguments.flag(pull_requests, "pull_requests") else []),
        ]
        if not contexts:
            raise ValueError(
                "branches, tags, environments or pull_requests must say what of the repository may, got none"
            )
        subjects = [f"repo:{full_name}:{context}" for full_name in full_names for context in contexts]
        exact, patterns = _workflows(job_workflow_refs, claims)
        contradictions.refuse_contradictions(full_names, contexts, contradictions.listed(exact))
        # What is no text is refused where the provider is looked at.
        compared = contradictions.listed(contradictions.in_conditions(conditions, str(issuer)))
        contradictions.refuse_contradictions(full_names, contexts, compared, "conditions")
        super().__init__(
            scope,
            construct_id,
            issuer=issuers.without_slash(issuer, "GitHub"),
            provider=provider,
            audiences=[audience],
            **claimed.subject_arguments(subjects),
            claims=exact,
            claim_patterns=patterns,
            conditions=conditions,
            **options,
        )


def _repositories(
    one: str | None, number: str | None, several: Iterable[str] | Mapping[str, str] | None
) -> dict[str, str | None]:
    """Name to number of each repository."""
    if (one is None) is (several is None):
        raise ValueError("repository or repositories must be given, and not both")
    if one is not None:
        return {_repository(one, "repository"): number}
    if number is not None:
        raise ValueError("repository_id is for one repository: give repositories as a mapping of names to numbers")
    if isinstance(several, Mapping) and several:
        return {
            _repository(name, "repositories"): claimed.numeric_id(value, f"repositories[{name!r}]")
            for name, value in several.items()
        }
    listed = list(several) if isinstance(several, Mapping) else several
    return dict.fromkeys(arguments.each(listed, "repositories", _repository))


def _full_names(
    organization: str, repository: str, organization_id: str | None, repository_id: str | None, accept_names: bool
) -> list[str]:
    """How the repository is called in subjects."""
    _name(organization, "organization", r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,99}", "'octo-org'")
    _repository(repository, "repository")
    if (organization_id is None) is not (repository_id is None):
        raise ValueError(
            "organization_id and repository_id must be given together, got "
            f"organization_id={organization_id!r} and repository_id={repository_id!r} (of several repositories, the "
            "numbers in repositories)"
        )
    plain = f"{organization}/{repository}"
    if organization_id is None or repository_id is None:
        if arguments.flag(accept_names, "accept_names"):
            raise ValueError("accept_names is for subjects with numbers: give organization_id and repository_id too")
        return [plain]
    claimed.numeric_id(organization_id, "organization_id")
    claimed.numeric_id(repository_id, "repository_id")
    numbered = f"{organization}@{organization_id}/{repository}@{repository_id}"
    return [numbered, plain] if arguments.flag(accept_names, "accept_names") else [numbered]


def _repository(value: str, argument: str) -> str:
    accepted = "the name of one repository like 'octo-repo', without '.git', since a wildcard would let others in"
    # The end of its URL, which no name of a repository has: GitHub takes it away.
    return arguments.matching(value, argument, r"(?!.*\.git$)[\w.-]{1,100}", accepted)


def _workflows(
    refs: Iterable[str] | None, claims: Mapping[str, str | Iterable[str]] | None
) -> tuple[dict[str, str | Iterable[str]], dict[str, str | Iterable[str]]]:
    """The claims of a token, as arguments of `WebIdentityRole`: those that are compared as they stand, and the rest."""
    given = {} if claims is None else arguments.mapping(claims, "claims")
    # An iterator is read once, and they are compared too.
    exact: dict[str, str | Iterable[str]] = {
        name: value if isinstance(value, str) else arguments.once(value) for name, value in given.items()
    }
    if refs is None:
        return exact, {}
    if _WORKFLOW in exact:
        raise ValueError(f"claims cannot have {_WORKFLOW!r} beside job_workflow_refs")
    listed = arguments.each(refs, "job_workflow_refs", _workflow)
    if any(map(claimed.has_wildcard, listed)):
        return exact, {_WORKFLOW: listed}
    return {**exact, _WORKFLOW: listed}, {}


def _workflow(value: str, argument: str) -> str:
    accepted = (
        "a workflow like 'acme/deploy/.github/workflows/deploy.yml@refs/heads/main', with wildcards after it only"
    )
    expression = r"[\w-]+/[\w.-]+/\.github/workflows/[\w./-]+\.ya?ml@[^\x00-\x20~^:\[\\\x7f-\U0010ffff]{1,200}"
    arguments.matching(value, argument, expression, accepted)
    if arguments.is_token(value):
        known_later.note(value, argument, lambda text: _workflow(text, argument))
        return value
    ref = value.partition("@")[2]
    literal = re.split(r"[*?]", ref)[0]
    is_pattern = literal != ref
    is_ref = literal.startswith(_REFS) or (is_pattern and any(one.startswith(literal) for one in _REFS))
    if not is_ref and not re.fullmatch(r"[0-9a-f]{0,39}" if is_pattern else r"[0-9a-f]{40}", literal):
        raise ValueError(
            f"{argument} must be {accepted}, got {value!r}: tokens have the full ref after the @, or the SHA of a "
            f"commit (for a branch '@refs/heads/{ref}', for a tag '@refs/tags/{ref}')"
        )
    return value


def _name(value: str, argument: str, pattern: str, example: str) -> str:
    accepted = f"the name of one {argument} like {example}, since a wildcard would let others in"
    return arguments.matching(value, argument, pattern, accepted)


def _listed(values: Iterable[str] | None, argument: str, check: claimed.Check) -> list[str]:
    return [] if values is None else arguments.each(values, argument, check)


def _environment(value: str, argument: str) -> str:
    accepted = "the name of an environment of 1 to 255 characters of ASCII, without '${'"
    claimed.as_it_stands(value, argument)
    return arguments.matching(value, argument, r"(?! *$)(?!.*\$\{)[\x20-\x7e]{1,255}", accepted)
