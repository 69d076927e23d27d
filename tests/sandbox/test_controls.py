"""
Service and resource control policies of an accounts file, in a sandbox of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
USES = ["kms:GenerateDataKey", "kms:ListGrants", "kms:RetireGrant"]
NO_USE = {"Effect": "Deny", "Principal": "*", "Action": USES, "Resource": "*"}


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    (tmp_path / "no-users.json").write_text(policy(NO_USERS))
    (tmp_path / "ours-only.json").write_text(policy(OURS_ONLY, NO_USE))
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


def test_keys_and_resource_control_policies(controlled: Sandbox) -> None:
    """They restrict the use of a key of the account's own, not that of a key that AWS manages, nor retiring a grant."""
    s3, kms = (controlled.client(service, account=OTHER, region="eu-central-1") for service in ("s3", "kms"))
    s3.create_bucket(Bucket="controlled", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    key = kms.create_key()["KeyMetadata"]["Arn"]
    encrypted = {"Bucket": "controlled", "Key": "a", "Body": b"a", "ServerSideEncryption": "aws:kms"}
    assert s3.put_object(**encrypted)
    refused = [
        refusal(lambda: s3.put_object(**encrypted, SSEKMSKeyId=key)),
        refusal(lambda: kms.list_grants(KeyId=key)),
    ]
    assert all(said.endswith("with an explicit deny in a resource control policy") for _, said in refused)
    arn = f"arn:aws:iam::{OTHER}:role/OrganizationAccountAccessRole"
    grant = kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Decrypt"])["GrantId"]
    assert kms.retire_grant(KeyId=key, GrantId=grant)


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


def control(type_: str, statement: dict[str, Any], *targets: str, **more: Any) -> str:
    """A template with a control policy."""
    content = {"Version": "2012-10-17", "Statement": [statement]}
    properties = {"Name": "own", "Type": type_, "Content": content, "TargetIds": list(targets), **more}
    return json.dumps({"Resources": {"P": {"Type": "AWS::Organizations::Policy", "Properties": properties}}})


def test_control_policies_of_stacks() -> None:
    """What a stack of the management account attaches holds as long as the stack says so, besides all others."""
    with Sandbox([HOME, OTHER]) as aws:
        stacks, organizations = aws.client("cloudformation"), aws.client("organizations")
        makes = [lambda one=one: aws.client("iam", account=one).create_group(GroupName="g") for one in (HOME, OTHER)]
        no_groups = {**NO_USERS, "Action": "iam:CreateGroup"}
        stacks.create_stack(StackName="guard", TemplateBody=control("SERVICE_CONTROL_POLICY", no_groups, HOME))
        assert refusal(makes[0])[1].endswith("with an explicit deny in a service control policy")
        assert makes[1]()
        made = stacks.describe_stack_resource(StackName="guard", LogicalResourceId="P")["StackResourceDetail"]
        policy_id = made["PhysicalResourceId"]
        assert organizations.describe_policy(PolicyId=policy_id)["Policy"]["PolicySummary"]["Name"] == "own"
        changed = control("SERVICE_CONTROL_POLICY", no_groups, "r-ab12")
        stacks.update_stack(StackName="guard", TemplateBody=changed)
        (target,) = organizations.list_targets_for_policy(PolicyId=policy_id)["Targets"]
        assert (target["TargetId"], target["Type"]) == ("r-ab12", "ROOT")
        aws.client("iam", account=OTHER).delete_group(GroupName="g")
        assert all(refusal(one)[0] == "AccessDenied" for one in makes)
        # The management account is held to none.
        assert aws.client("iam").create_group(GroupName="g")
        stacks.delete_stack(StackName="guard")
        assert all(one() for one in makes)
        theirs = trust({"AWS": f"arn:aws:iam::{OTHER}:root"})
        cast = Cast(aws)
        user, role = cast.user(allow("sts:AssumeRole"), account=OTHER), cast.role(theirs)
        assert cast.assume(user, role)
        nobody = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
        rest = {**nobody, "Condition": {"StringEquals": {"aws:PrincipalAccount": OTHER}}}
        stacks.create_stack(StackName="guard", TemplateBody=control("RESOURCE_CONTROL_POLICY", rest, HOME))
        refused = refusal(lambda: cast.assume(user, role))
        assert refused[1].endswith("with an explicit deny in a resource control policy")


ALLOWS = {**NO_USERS, "Principal": "*", "Effect": "Allow"}
#: The account of the stack, the type, the statement, the target, and why it is refused.
REFUSED: list[tuple[str | None, str, dict[str, Any], str, str]] = [
    (HOME, "SERVICE_CONTROL_POLICY", NO_USERS, HOME, "for the management account"),
    (None, "TAG_POLICY", NO_USERS, HOME, "and no TAG_POLICY"),
    (None, "SERVICE_CONTROL_POLICY", NO_USERS, "ou-ab12-22222222", "target that doesn't exist"),
    (None, "RESOURCE_CONTROL_POLICY", ALLOWS, HOME, "the Effect Allow"),
]


def test_what_is_no_control_policy() -> None:
    """What Organizations would refuse, or whom it is not known to let, fails the stack, and nothing is attached."""
    with Sandbox([HOME, OTHER]) as aws:
        for number, (account, type_, statement, target, said) in enumerate(REFUSED):
            stacks, name = aws.client("cloudformation", account=account), f"none{number}"
            stacks.create_stack(StackName=name, TemplateBody=control(type_, statement, target))
            events = stacks.describe_stack_events(StackName=name)["StackEvents"]
            assert any(said in one.get("ResourceStatusReason", "") for one in events), said
        assert aws.state.controls.deployed == ()


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
    with pytest.raises(SandboxError, match=r"accounts\.toml:7: .*'nowhere'|accounts\.toml: .*resource|none\.json"):
        Sandbox(accounts)


def test_a_policy_that_is_none(accounts: Path) -> None:
    """A control policy with a mistake is refused with its file."""
    accounts.with_name("no-users.json").write_text(json.dumps({"Statement": [{"Effect": "Maybe"}]}))
    with pytest.raises(SandboxError, match=r"no-users\.json"):
        Sandbox(accounts)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Effect": "Allow"}, "statement 1 of a resource control policy has the Effect Allow"),
        ({"Principal": {"AWS": HOME}}, "statement 1 of a resource control policy has another Principal"),
        ({"Sid": "Ours", "Principal": None, "NotPrincipal": "*"}, "statement Ours of a resource control policy has an"),
        ({"Action": None, "NotAction": "s3:*"}, "NotAction is not supported"),
    ],
)
def test_what_no_resource_control_policy_says(accounts: Path, changed: dict[str, Any], said: str) -> None:
    """What AWS Organizations would not take as a resource control policy is refused with its file and statement."""
    file = accounts.parent / "ours-only.json"
    statement = {name: value for name, value in {**OURS_ONLY, **changed}.items() if value is not None}
    file.write_text(policy(statement))
    with pytest.raises(SandboxError) as refused, Sandbox(accounts):
        pass
    assert str(file) in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["ours-only.json", "no-users.json"])
def test_control_policies_have_the_new_version(accounts: Path, name: str) -> None:
    """A control policy of the old version is refused."""
    file = accounts.parent / name
    file.write_text(file.read_text().replace("2012-10-17", "2008-10-17"))
    with pytest.raises(SandboxError, match=f"{name}: a control policy has the Version 2012-10-17"), Sandbox(accounts):
        pass


def test_what_is_attached_anyway_may_be_named(accounts: Path) -> None:
    """`RCPFullAWSAccess` takes nothing away."""
    accounts.write_text(ACCOUNTS.replace('["ours-only.json"]', '["RCPFullAWSAccess"]'))
    with Sandbox(accounts) as controlled:
        service = controlled.as_service("lambda.amazonaws.com")
        cast = Cast(controlled)
        assert cast.assume(service, cast.role(trust({"Service": "lambda.amazonaws.com"})))
