"""
Holders of a policy, and members of a group, are of the account of the stack: CloudFormation takes their names only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from constructs import Construct

from trustproof_cdk import (
    ApprovalGrant,
    AssumeRoleGrant,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    FederationBroker,
    MfaEnforcedGroup,
    MfaPolicy,
    Trusted,
)

OWN, OTHER = "222233334444", "111122223333"
DEPLOYER = f"arn:aws:iam::{OWN}:role/Deployer"
ALICE = f"arn:aws:iam::{OWN}:user/alice"

Make = Callable[[cdk.Stack, cdk.Stack], Any]

#: Who is of another account: as an object of its stack, or imported by ARN.
FOREIGN: list[tuple[str, Make]] = [
    ("groups", lambda own, other: iam.Group(other, "People", group_name="people")),
    ("groups", lambda own, other: iam.Group.from_group_arn(own, "Group", f"arn:aws:iam::{OTHER}:group/people")),
    ("users", lambda own, other: iam.User(other, "Carol", user_name="carol")),
    ("users", lambda own, other: iam.User.from_user_arn(own, "User", f"arn:aws:iam::{OTHER}:user/carol")),
    ("users", lambda own, other: iam.User.from_user_name(other, "Named", "carol")),
    ("roles", lambda own, other: iam.Role(other, "Builder", assumed_by=iam.AccountRootPrincipal(), role_name="b")),
    ("roles", lambda own, other: iam.Role.from_role_arn(own, "Role", f"arn:aws:iam::{OTHER}:role/b")),
]

#: What takes them, with its other arguments.
TAKERS: list[tuple[Any, tuple[str, ...], dict[str, Any]]] = [
    (AssumeRoleGrant, ("groups", "users", "roles"), {"target_roles": [DEPLOYER]}),
    (MfaPolicy, ("groups", "users"), {"actions": ["ec2:StopInstances"], "resources": ["*"]}),
    (ApprovalGrant, ("groups", "users"), {"for_users": [ALICE]}),
    (
        FederationBroker,
        ("groups", "users"),
        {
            "federated_users": ["report-*"],
            "session_permissions": [iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])],
        },
    ),
    (DecodeAuthorizationGrant, ("groups", "users", "roles"), {"mfa": False}),
    (MfaEnforcedGroup, ("users",), {}),
]


@pytest.fixture
def own(app: cdk.App) -> cdk.Stack:
    """The stack of the policy."""
    return cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))


@pytest.fixture
def other(app: cdk.App) -> cdk.Stack:
    """A stack of another account."""
    return cdk.Stack(app, "Other", env=cdk.Environment(account=OTHER, region="eu-central-1"))


@pytest.mark.parametrize(("construct", "takes", "arguments"), TAKERS)
def test_of_another_account(
    own: cdk.Stack, other: cdk.Stack, construct: Any, takes: tuple[str, ...], arguments: dict[str, Any]
) -> None:
    """Whoever is of another account would become the one of that name in this account, and is refused."""
    for number, (argument, make) in enumerate(FOREIGN):
        if argument in takes:
            message = f"{argument} must be of account {OWN}, that of the stack, .* of account {OTHER}"
            foreign = make(stack_of(own, f"Own{number}"), stack_of(other, f"Other{number}"))
            with pytest.raises(ValueError, match=message):
                construct(own, f"Refused{number}", **{argument: [foreign]}, **arguments)


def stack_of(other: cdk.Stack, name: str) -> cdk.Stack:
    """One more stack of the environment of another one."""
    return cdk.Stack(other, name, env=cdk.Environment(account=other.account, region=other.region))


ACCEPTED: list[tuple[str, Make]] = [
    ("groups", lambda own, other: iam.Group(own, "People")),
    ("groups", lambda own, other: iam.Group.from_group_name(own, "Group", "people")),
    ("users", lambda own, other: iam.User.from_user_arn(own, "User", f"arn:aws:iam::{OWN}:user/carol")),
    ("roles", lambda own, other: iam.Role.from_lookup(own, "LookedUp", role_name="b")),
    ("roles", lambda own, other: iam.Role.from_role_arn(own, "Role", f"arn:aws:iam::{OWN}:role/b")),
]


@pytest.mark.parametrize(("argument", "make"), ACCEPTED)
def test_of_the_account(own: cdk.Stack, other: cdk.Stack, argument: str, make: Make) -> None:
    """Those of the account of the stack are taken, however they are given."""
    AssumeRoleGrant(own, "Grant", target_roles=[DEPLOYER], **{argument: [make(own, other)]})


def test_of_an_account_that_nobody_knows(stack: cdk.Stack) -> None:
    """In a stack for any account nothing is said of those that are imported by ARN."""
    imported = iam.Role.from_role_arn(stack, "Role", f"arn:aws:iam::{OTHER}:role/b")
    AssumeRoleGrant(stack, "Grant", target_roles=[DEPLOYER], roles=[imported])


def test_nobody_approves_oneself(own: cdk.Stack) -> None:
    """An only approver who is the only one to be approved could approve nobody."""
    alice = iam.User(own, "Alice")
    with pytest.raises(ValueError, match="users must be others than for_users"):
        ApprovalGrant(own, "Refused", for_users=[alice], users=[alice])
    ApprovalGrant(own, "Grant", for_users=[alice, iam.User(own, "Bob")], users=[alice])


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Dev_0123456789abcdef", "only IAM Identity Center"),
        ("aws-service-role/ec2.amazonaws.com/AWSServiceRoleForEC2", "which is linked to a service"),
    ],
)
def test_a_role_that_only_aws_changes_holds_no_policy_of_ours(own: cdk.Stack, path: str, said: str) -> None:
    """IAM attaches nothing to it for anybody else, so that the stack could not be deployed."""
    role = iam.Role.from_role_arn(own, "Theirs", f"arn:aws:iam::{OWN}:role/{path}")
    with pytest.raises(ValueError, match=said):
        AssumeRoleGrant(own, "Grant", target_roles=[DEPLOYER], roles=[role])


def test_a_name_of_a_managed_policy_is_there_once(own: cdk.Stack) -> None:
    """IAM takes it once in an account, in whichever case, whatever construct has it."""
    AssumeRoleGrant(own, "First", target_roles=[DEPLOYER], managed_policy_name="Same")
    with pytest.raises(ValueError, match="managed_policy_name must be another one than that of Own/First"):
        MfaPolicy(own, "Second", actions=["ec2:StopInstances"], resources=["*"], managed_policy_name="same")
    AssumeRoleGrant(own, "Third", target_roles=[DEPLOYER], managed_policy_name="Other")


@pytest.mark.parametrize("by_name", [True, False])
def test_a_user_is_in_so_many_groups_as_iam_takes(own: cdk.Stack, by_name: bool) -> None:
    """The eleventh is refused, whether the user is given by name or as an object."""
    user: Any = "agnes" if by_name else iam.User(own, "Agnes", user_name="agnes")
    for number in range(10):
        MfaEnforcedGroup(own, f"Group{number}", users=[user])
    with pytest.raises(ValueError, match="users cannot have Agnes in one more group: it is in 10 already"):
        MfaEnforcedGroup(own, "Group10", users=["Agnes"])
    MfaEnforcedGroup(own, "Others", users=["bert"])


def raw_policy(stack: Construct, name: str, condition: cdk.CfnCondition | None, construct_id: str = "Raw") -> None:
    """A managed policy of the CDK's."""
    reads = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])
    made = iam.ManagedPolicy(stack, construct_id, managed_policy_name=name, statements=[reads])
    assert isinstance(made.node.default_child, iam.CfnManagedPolicy)
    made.node.default_child.cfn_options.condition = condition


@pytest.mark.parametrize(
    ("name", "account", "with_condition", "refused"),
    [
        ("Same", "111122223333", False, True),
        ("sAME", "111122223333", False, True),
        ("Other", "111122223333", False, False),
        ("Same", "222233334444", False, False),
        # Which of two stacks is deployed where is not known, of one that is the same account.
        ("Same", None, False, False),
        ("Same", "111122223333", True, False),
    ],
)
def test_a_resource_of_the_cdk_that_has_the_name_fails_the_synthesis(
    app: cdk.App, name: str, account: str | None, with_condition: bool, refused: bool
) -> None:
    """IAM takes a name once in an account, whoever made what has it."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    other = cdk.Stack(app, "Other", env=cdk.Environment(account=account, region="eu-central-1"))
    AssumeRoleGrant(own, "First", target_roles=[DEPLOYER], managed_policy_name="Same")
    condition = None
    if with_condition:
        condition = cdk.CfnCondition(
            other, "Sometimes", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1")
        )
    raw_policy(other, name, condition)
    if refused:
        said = "Own/First/Resource and Other/Raw/Resource have one name, and AWS takes that of a managed policy once"
        with pytest.raises(RuntimeError, match=said):
            app.synth()
    else:
        app.synth()


@pytest.mark.parametrize("kind", ["role", "group"])
def test_roles_and_groups_of_the_cdk_count_likewise(app: cdk.App, kind: str) -> None:
    """A construct beside a role or group of its name."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    if kind == "role":
        iam.Role(stack, "Raw", role_name="Same", assumed_by=iam.AccountPrincipal("111122223333"))
        CrossAccountRole(stack, "First", trusted=Trusted.accounts("222233334444"), role_name="Same")
    else:
        iam.Group(stack, "Raw", group_name="Same")
        MfaEnforcedGroup(stack, "First", group_name="Same")
    with pytest.raises(RuntimeError, match=f"have one name, and AWS takes that of a {kind} once"):
        app.synth()


def _named(scope: Construct, construct_id: str, kind: str, name: str) -> None:
    """A resource of the CDK's own constructs."""
    if kind == "role":
        iam.Role(scope, construct_id, role_name=name, assumed_by=iam.AccountPrincipal("111122223333"))
    elif kind == "group":
        iam.Group(scope, construct_id, group_name=name)
    elif kind == "user":
        iam.User(scope, construct_id, user_name=name)
    else:
        raw_policy(scope, name, None, construct_id)


@pytest.mark.parametrize("kind", ["role", "group", "user", "managed policy"])
@pytest.mark.parametrize(
    ("place", "account", "refused"),
    [
        ("the stack", "111122223333", True),
        ("the stack", None, True),
        ("a nested stack", "111122223333", True),
        ("a nested stack", None, True),
        ("a stack in the stack", "111122223333", True),
        ("a stack in the stack", "222233334444", False),
        ("another stack", "111122223333", True),
        ("another stack", "222233334444", False),
        # Two stacks without an account may go to two.
        ("another stack", None, False),
        ("a stage", "111122223333", False),
    ],
)
def test_two_resources_of_the_cdk_with_one_name_fail_the_synthesis_beside_a_construct(
    app: cdk.App, kind: str, place: str, account: str | None, refused: bool
) -> None:
    """Whoever uses a construct is told of every name that is taken twice, in whichever case it is written."""
    first = "111122223333" if account is not None else None
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=first, region="eu-central-1"))
    CrossAccountRole(own, "Ours", trusted=Trusted.accounts("333344445555"))
    other: Construct = own
    there = cdk.Environment(account=account, region="eu-central-1")
    if place == "a nested stack":
        other = cdk.NestedStack(own, "Other")
    elif place == "a stack in the stack":
        other = cdk.Stack(own, "Other", env=there)
    elif place == "another stack":
        other = cdk.Stack(app, "Other", env=there)
    elif place == "a stage":
        other = cdk.Stack(cdk.Stage(app, "Stage"), "Other", env=there)
    _named(own, "Raw", kind, "Same")
    _named(other, "Second", kind, "same")
    if refused:
        with pytest.raises(RuntimeError, match=f"have one name, and AWS takes that of a {kind} once in an account"):
            app.synth()
    else:
        app.synth()


@pytest.mark.parametrize("given", ["members", "holders of a policy", "trusted"])
@pytest.mark.parametrize(
    ("other", "account", "refused"),
    [
        ("alice", "111122223333", True),
        ("Alice", "111122223333", True),
        ("bob", "111122223333", False),
        (None, "111122223333", False),
        ("alice", "222233334444", False),
    ],
)
def test_users_of_one_name_fail_the_synthesis(
    app: cdk.App, given: str, other: str | None, account: str, refused: bool
) -> None:
    """A construct is given one of two users that IAM takes for one, in whichever stack of the account the other is."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    beside = cdk.Stack(app, "Beside", env=cdk.Environment(account=account, region="eu-central-1"))
    user = iam.User(own, "First", user_name="alice")
    iam.User(beside, "Second", user_name=other)
    if given == "members":
        MfaEnforcedGroup(own, "Group", users=[user])
        # Somebody may be in several groups.
        MfaEnforcedGroup(own, "Another", users=[user])
    elif given == "trusted":
        CrossAccountRole(own, "Role", trusted=Trusted.users(user))
    else:
        AssumeRoleGrant(own, "Grant", target_roles=[DEPLOYER], users=[user])
    if refused:
        said = "Own/First/Resource and Beside/Second/Resource have one name, and AWS takes that of a user once"
        with pytest.raises(RuntimeError, match=said):
            app.synth()
    else:
        app.synth()


@pytest.mark.parametrize(
    ("account", "url", "said"),
    [
        ("111122223333", "https://idp.example.com", "Own/Idp/Resource and Other/Idp/Resource have one URL"),
        ("111122223333", "https://idp.example.com/two", ""),
        ("222233334444", "https://idp.example.com", ""),
    ],
)
def test_a_provider_is_made_once_in_an_account(app: cdk.App, account: str, url: str, said: str) -> None:
    """IAM takes its URL once, and the deployment of the second stack would fail."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    other = cdk.Stack(app, "Other", env=cdk.Environment(account=account, region="eu-central-1"))
    CrossAccountRole(own, "Ours", trusted=Trusted.accounts("333344445555"))
    iam.OidcProviderNative(own, "Idp", url="https://idp.example.com", client_ids=["app"])
    iam.OidcProviderNative(other, "Idp", url=url, client_ids=["app"])
    if said:
        with pytest.raises(RuntimeError, match=said):
            app.synth()
    else:
        app.synth()
