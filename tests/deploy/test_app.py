"""
The app, deployed to accounts on a test server, read back from IAM, and proved again.

The server keeps what it is given and decides nothing: what the read-back policies mean is asked of the validator.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

pytest.importorskip("aws_cdk", reason="the app needs the cdk extra")

import trustproof
from infra.access import LEVELS, Level
from infra.accounts import ACCOUNTS_FILE, Account, Group, levels_in, read_accounts
from infra.application import build_app
from infra.boundary import boundary
from tests.deploy.conftest import Cloud
from tests.deploy.readback import Json, group_policies, identity, managed_policies, trust, trust_policies
from tests.infra.said import Said
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA, Caller, Request
from trustproof.spec.access import may
from trustproof.spec.callers import principal_keys

ACCOUNTS = read_accounts()
#: Every role that the app makes: its account, and its name.
ROLES = sorted((arn.split(":")[4], arn.rpartition("/")[2]) for arn in Said(ACCOUNTS_FILE).expected())
#: Those that people of the hub may be.
FOR_PEOPLE = [
    (account, level)
    for account in ACCOUNTS.accounts
    for level in levels_in(account, [group.grants for group in ACCOUNTS.groups])
]


class Deployed(NamedTuple):
    """What IAM gives back after the app was deployed."""

    #: Account id to role name to trust policy.
    roles: dict[str, dict[str, Json]]
    #: Group name to the policies of its members.
    groups: dict[str, list[Json]]


# As long as the server: a process may come back to the tests of this file, and a stack is created once.
@pytest.fixture(scope="session")
def deployed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """Every stack of the app, created in its own account, and read back."""
    assembly = build_app(ACCOUNTS, outdir=str(tmp_path_factory.mktemp("assembly"))).synth()
    for stack in assembly.stacks:
        cloud.deploy(stack.stack_name, stack.template, stack.environment.account, stack.environment.region)
    return Deployed(
        roles={account.id: trust_policies(cloud.client("iam", account.id)) for account in ACCOUNTS.accounts},
        groups=group_policies(cloud.client("iam", ACCOUNTS.hub.id)),
    )


def request(kind: str, account: Account, level: Level) -> Request:
    """Alice of the hub wants to be what a role is; her MFA code, if there was one, was entered a minute ago."""
    alice = Caller(kind, f"arn:aws:iam::{ACCOUNTS.hub.id}:user/alice", userid="AIDAEXAMPLEALICE")
    age = {"aws:multifactorauthage": "60"} if kind == USER_SESSION_MFA else {}
    return Request(
        alice, "sts:AssumeRole", account.role_arn(ACCOUNTS.role_names.members(level)), {**principal_keys(alice), **age}
    )


def test_each_account_has_its_roles_and_no_others(deployed: Deployed) -> None:
    """The roles of an account are those that the accounts file gives to somebody."""
    assert sorted((account, role) for account, roles in deployed.roles.items() for role in roles) == ROLES


def test_roles_may_do_what_their_level_says(cloud: Cloud) -> None:
    """Each role has the managed policies of its level, and no others."""
    levels = {level.name: level for level in LEVELS} | {level.title: level for level in LEVELS}
    for account, role in ROLES:
        attached = managed_policies(cloud.client("iam", account), role)
        expected = levels[role.removeprefix("Org").rpartition("-")[2]].managed_policies
        assert sorted(attached) == sorted(f"arn:aws:iam::aws:policy/{policy}" for policy in expected)


def properties(role: str) -> list[str]:
    """What is asked of a role: of one for workflows and of one for a vendor, something more."""
    of_few = {"OrgCi": ["web-identity-bound"], "OrgVendor": ["external-id-required"]}
    return ["mfa-required", "inside-boundary", "statement-usable", *of_few.get(role.partition("-")[0], [])]


ASKED = [(account, role, ident) for account, role in ROLES for ident in properties(role)]


@pytest.mark.parametrize(
    ("account", "role", "ident"), ASKED, ids=[f"{role}-{account}-{ident}" for account, role, ident in ASKED]
)
def test_what_iam_gives_back_is_proved(deployed: Deployed, account: str, role: str, ident: str) -> None:
    """The trust policy of every deployed role has every property."""
    document = deployed.roles[account][role]
    result = trustproof.prove(document, ident, account=account, config=boundary(ACCOUNTS))
    assert (result.verdict, result.reasons) == ("proved", ())


def test_workflows_are_let_in_by_a_provider_that_exists(cloud: Cloud, deployed: Deployed) -> None:
    """The provider that a role for workflows trusts is one of its account."""
    for account, role in ROLES:
        if role.startswith("OrgCi-"):
            providers = cloud.client("iam", account).list_open_id_connect_providers()["OpenIDConnectProviderList"]
            (statement,) = deployed.roles[account][role]["Statement"]
            assert [statement["Principal"]["Federated"]] == [provider["Arn"] for provider in providers]


@pytest.mark.parametrize("group", ACCOUNTS.groups, ids=lambda group: group.name)
def test_members_reach_their_roles_with_mfa_and_none_without(deployed: Deployed, group: Group) -> None:
    """A member of a group may assume the roles that the accounts file grants, after MFA; no others, and none before."""
    policies = [identity(document) for document in deployed.groups[group.name]]
    granted = {(account.name, level.name) for account, level in ACCOUNTS.reach(group.grants)}
    reached: dict[str, set[tuple[str, str]]] = {USER_KEY: set(), USER_SESSION: set(), USER_SESSION_MFA: set()}
    for account, level in FOR_PEOPLE:
        trusted = trust(deployed.roles[account.id][ACCOUNTS.member_role(group, level)])
        for kind, roles in reached.items():
            same = account == ACCOUNTS.hub
            if may(policies, None, trusted, request(kind, account, level), same_account=same):
                roles.add((account.name, level.name))
    assert reached == {USER_KEY: set(), USER_SESSION: set(), USER_SESSION_MFA: granted}
