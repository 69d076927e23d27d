"""
Roles for workflows of GitHub Actions.

Without an account of kind ``ci``, a workflow comes into each account by the identity provider there. With one, it comes
in there only, and goes on from its entry role: one provider to watch, and the others trust a role of their own
organization.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TypedDict

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra._grants import Assumable, add_grants
from infra._roles import role_arguments, within
from infra.accounts import Account, Accounts, Repository, levels_in
from trustproof_cdk import GitHubActionsRole, RoleChain

_ISSUER = "token.actions.githubusercontent.com"
_AUDIENCE = "sts.amazonaws.com"
#: Managed policies that IAM attaches to a role at most, unless the account asked for more, less the one for grants by
#: name.
_POLICIES_OF_A_ROLE = 10 - 1


def add_roles(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    """Add a role for each level that workflows have in the account."""
    entry = accounts.of_kind("ci")
    if entry is None:
        _add_direct(stack, accounts, account)
        return
    entries = _add_entries(stack, accounts) if account == entry else None
    for repository in accounts.repositories:
        for level in levels_in(account, [repository.grants]):
            name = accounts.role_names.workflows(repository.name, level)
            role = RoleChain(
                within(stack, "workflows", repository.name),
                level.name,
                entry=entry.role_arn(accounts.role_names.entry(repository.name)),
                **role_arguments(stack, name, level, repository.full_name),
            )
            # IAM refuses to trust a role that does not exist.
            if entries is not None:
                role.node.add_dependency(entries[repository.name])


def _add_direct(stack: cdk.Stack, accounts: Accounts, account: Account) -> None:
    provider = None
    for repository in accounts.repositories:
        for level in levels_in(account, [repository.grants]):
            provider = provider or _provider(stack)
            scope = within(stack, "workflows", repository.name)
            name = accounts.role_names.workflows(repository.name, level)
            arguments = role_arguments(stack, name, level, repository.full_name)
            GitHubActionsRole(scope, level.name, provider=provider, **_rules(repository), **arguments)


def _add_entries(stack: cdk.Stack, accounts: Accounts) -> dict[str, Construct]:
    """The entry role of each repository that goes anywhere, which may do nothing but go on."""
    entries: dict[str, Construct] = {}
    provider = None
    for repository in accounts.repositories:
        if not repository.grants.levels:
            continue
        provider = provider or _provider(stack)
        scope = within(stack, "workflows", repository.name)
        entry = GitHubActionsRole(
            scope,
            "entry",
            provider=provider,
            role_name=accounts.role_names.entry(repository.name),
            description=f"Where workflows of {repository.full_name} enter",
            **_rules(repository),
        )
        add_grants(
            entry,
            Assumable(accounts, repository.grants, partial(accounts.role_names.workflows, repository.name)),
            description=f"The roles that workflows of {repository.full_name} go on to",
            most=_POLICIES_OF_A_ROLE,
            roles=[entry],
        )
        entries[repository.name] = entry
    return entries


class _Rules(TypedDict):
    """
    Which workflows, as arguments of `GitHubActionsRole`.
    """

    organization: str
    repository: str | None
    repositories: Sequence[str] | None
    organization_id: str | None
    repository_id: str | None
    branches: Sequence[str] | None
    tags: Sequence[str] | None
    environments: Sequence[str] | None
    pull_requests: bool
    job_workflow_refs: Sequence[str] | None


def _rules(repository: Repository) -> _Rules:
    return {
        "organization": repository.organization,
        "repository": None if repository.also else repository.repository,
        "repositories": [repository.repository, *repository.also] if repository.also else None,
        "organization_id": repository.organization_id,
        "repository_id": repository.repository_id,
        "branches": repository.branches or None,
        "tags": repository.tags or None,
        "environments": repository.environments or None,
        "pull_requests": repository.pull_requests,
        "job_workflow_refs": repository.job_workflow_refs or None,
    }


def _provider(stack: cdk.Stack) -> iam.OidcProviderNative:
    """The identity provider of GitHub in an account; IAM takes one for each issuer."""
    return iam.OidcProviderNative(
        within(stack, "workflows"), "GitHub", url=f"https://{_ISSUER}", client_ids=[_AUDIENCE]
    )
