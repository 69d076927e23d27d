"""
Service and resource control policies of an accounts file, in a sandbox of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.accounts import read_accounts
from tests.sandbox.cast import HOME, OTHER, Cast, allow, policy, refusal, root, trust
from trustproof.sandbox import Sandbox
from trustproof.sandbox.errors import SandboxError

ACCOUNTS = f"""
[organization]
id = "o-a1b2c3d4e5"
[organization.units]
production = "ou-ab12-22222222"
[organization.service-control-policies]
production = ["FullAWSAccess", "no-users.json"]
[organization.resource-control-policies]
"*" = ["ours-only.json"]
[accounts.hub]
kind = "hub"
id = "{HOME}"
region = "eu-central-1"
[accounts.prod]
id = "{OTHER}"
region = "eu-central-1"
unit = "production"
"""
NO_USERS = {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}
OURS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sts:AssumeRole",
    "Resource": "*",
    "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalAccount": OTHER}},
}


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    (tmp_path / "no-users.json").write_text(policy(NO_USERS))
    (tmp_path / "ours-only.json").write_text(policy(OURS_ONLY))
    path = tmp_path / "accounts.toml"
    path.write_text(ACCOUNTS)
    return path


@pytest.fixture
def controlled(accounts: Path) -> Iterator[Sandbox]:
    with Sandbox(accounts) as running:
        yield running


def test_control_policies(controlled: Sandbox) -> None:
    """A unit's accounts are held to its service control policy, and every resource to the resource control policies."""
    refused = refusal(lambda: controlled.client("iam", account=OTHER).create_user(UserName="a"))
    assert refused[1].endswith("with an explicit deny in a service control policy")
    assert refusal(lambda: controlled.client("iam", controlled.root_keys(OTHER)).create_user(UserName="a"))
    cast = Cast(controlled)
    user = cast.user(allow("sts:AssumeRole"))
    assert cast.assume(user, cast.role(trust(root(HOME))))
    service = controlled.as_service("lambda.amazonaws.com")
    refused = refusal(lambda: cast.assume(service, cast.role(trust({"Service": "lambda.amazonaws.com"}))))
    assert refused[1].endswith("with an explicit deny in a resource control policy")


def test_control_policies_restrain_deployments(accounts: Path) -> None:
    """A policy that was attached before anything was deployed holds in stacks: as administrator, and with a role."""
    accounts.write_text(ACCOUNTS.replace('"*" = ["ours-only.json"]', ""))
    with Sandbox(accounts) as controlled:
        _deploy_under_control(controlled)


def _deploy_under_control(controlled: Sandbox) -> None:
    stacks = controlled.client("cloudformation", account=OTHER)
    iam = controlled.client("iam", account=OTHER)
    lets = policy(trust({"Service": "cloudformation.amazonaws.com"}))
    role = iam.create_role(RoleName="deploys", AssumeRolePolicyDocument=lets)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="deploys", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    for kind, status in (("Group", "CREATE_COMPLETE"), ("User", "ROLLBACK_COMPLETE")):
        template = json.dumps({"Resources": {"R": {"Type": f"AWS::IAM::{kind}"}}})
        for name, more in ((f"{kind}-by-caller", {}), (f"{kind}-by-role", {"RoleARN": role})):
            stacks.create_stack(StackName=name, TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"], **more)
            assert stacks.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"] == status, name
            if kind == "User":
                events = stacks.describe_stack_events(StackName=name)["StackEvents"]
                reasons = " ".join(one.get("ResourceStatusReason", "") for one in events)
                assert "explicit deny in a service control policy" in reasons
    assert iam.list_users()["Users"] == []


def test_the_app_takes_the_same_file(accounts: Path) -> None:
    """The keys for control policies are a part of the accounts file, and do not change what is deployed."""
    assert read_accounts(accounts)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('production = ["Full', 'nowhere = ["Full'),
        ("no-users.json", "none.json"),
        ('["ours-only.json"]', '"ours-only.json"'),
    ],
)
def test_mistakes_in_control_policies(accounts: Path, old: str, new: str) -> None:
    """A target that is none, a file that is not there and a value that is no list are refused."""
    accounts.write_text(ACCOUNTS.replace(old, new))
    with pytest.raises(SandboxError, match=r"accounts\.toml|none\.json"):
        Sandbox(accounts)


def test_a_policy_that_is_none(accounts: Path) -> None:
    """A control policy with a mistake is refused with its file."""
    accounts.with_name("no-users.json").write_text(json.dumps({"Statement": [{"Effect": "Maybe"}]}))
    with pytest.raises(SandboxError, match=r"no-users\.json"):
        Sandbox(accounts)
