"""
The app, deployed to accounts on a test server, read back from IAM, and proved again.

The server keeps what it is given and decides nothing: what the read-back policies mean is asked of the validator.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

pytest.importorskip("aws_cdk", reason="the app needs the cdk extra")

import trustproof
from infra.accounts import Access, Account, read_accounts
from infra.application import build_app
from infra.boundary import boundary
from tests.deploy.conftest import Cloud
from tests.deploy.readback import Json, group_policies, identity, managed_policies, trust, trust_policies
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA, Caller, Request
from trustproof.spec.access import may
from trustproof.spec.callers import principal_keys

ACCOUNTS = read_accounts()
#: Every role that the app makes, with its account.
ROLES = [(account, access) for account in ACCOUNTS.workloads for access in ACCOUNTS.access_in(account)]


class Deployed(NamedTuple):
    """What IAM gives back after the app was deployed."""

    #: Account name to role name to trust policy.
    roles: dict[str, dict[str, Json]]
    #: Group name to the policies of its members.
    groups: dict[str, list[Json]]


@pytest.fixture(scope="module")
def deployed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Every stack of the app, created in its own account, and read back."""
    assembly = build_app(ACCOUNTS, outdir=str(tmp_path_factory.mktemp("assembly"))).synth()
    for stack in assembly.stacks:
        cloud.deploy(stack.stack_name, stack.template, stack.environment.account, stack.environment.region)
    return Deployed(
        roles={account.name: trust_policies(cloud.client("iam", account.id)) for account in ACCOUNTS.workloads},
        groups=group_policies(cloud.client("iam", ACCOUNTS.hub.id)),
    )


def request(kind: str, account: Account, access: Access) -> Request:
    """Alice of the hub wants to be what a role is; her MFA code, if there was one, was entered a minute ago."""
    alice = Caller(kind, f"arn:aws:iam::{ACCOUNTS.hub.id}:user/alice", userid="AIDAEXAMPLEALICE")
    age = {"aws:multifactorauthage": "60"} if kind == USER_SESSION_MFA else {}
    return Request(
        alice, "sts:AssumeRole", f"arn:aws:iam::{account.id}:role/{access.role}", {**principal_keys(alice), **age}
    )


def test_each_account_has_its_roles_and_no_others(deployed: Deployed) -> None:
    """The roles of an account are those that somebody has access to there."""
    assert {account: sorted(roles) for account, roles in deployed.roles.items()} == {
        account.name: sorted(access.role for access in ACCOUNTS.access_in(account)) for account in ACCOUNTS.workloads
    }


def test_roles_may_do_what_the_accounts_file_says(cloud: Cloud, deployed: Deployed) -> None:
    """Each role has the managed policies of its access, and no others."""
    for account, access in ROLES:
        attached = managed_policies(cloud.client("iam", account.id), access.role)
        assert sorted(attached) == sorted(f"arn:aws:iam::aws:policy/{policy}" for policy in access.managed_policies)


@pytest.mark.parametrize("ident", ["mfa-required", "inside-boundary", "statement-usable"])
@pytest.mark.parametrize(("account", "access"), ROLES, ids=[f"{role.role}-{home.name}" for home, role in ROLES])
def test_what_iam_gives_back_is_proved(deployed: Deployed, account: Account, access: Access, ident: str) -> None:
    """The trust policy of every deployed role has every property."""
    document = deployed.roles[account.name][access.role]
    result = trustproof.prove(document, ident, account=account.id, config=boundary(ACCOUNTS))
    assert (result.verdict, result.reasons) == ("proved", ())


@pytest.mark.parametrize("group", sorted(ACCOUNTS.groups))
def test_members_reach_their_roles_with_mfa_and_none_without(deployed: Deployed, group: str) -> None:
    """A member of a group may assume the roles that the accounts file grants, after MFA; no others, and none before."""
    policies = [identity(document) for document in deployed.groups[group]]
    granted = {(account.name, access.role) for account, access in ACCOUNTS.granted_to(group)}
    reached: dict[str, set[tuple[str, str]]] = {USER_KEY: set(), USER_SESSION: set(), USER_SESSION_MFA: set()}
    for account, access in ROLES:
        trusted = trust(deployed.roles[account.name][access.role])
        for kind, roles in reached.items():
            if may(policies, None, trusted, request(kind, account, access), same_account=False):
                roles.add((account.name, access.role))
    assert reached == {USER_KEY: set(), USER_SESSION: set(), USER_SESSION_MFA: granted}
