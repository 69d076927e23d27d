"""
`JustInTimeRole` and `ApprovalGrant`: approved by somebody else, and over at the end. (Who gets in: `test_use`.)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cdk.policies import allowed
from trustproof.model.request import ROLE_SESSION, USER_KEY, USER_SESSION_MFA, Caller
from trustproof_cdk import ApprovalGrant, JustInTimeRole

ACCOUNT = "arn:aws:iam::111122223333"
ALICE, BOB, CAROL = (f"{ACCOUNT}:user/{name}" for name in ("alice", "bob", "carol"))
END = datetime(2027, 6, 1, 18, tzinfo=UTC)
KEY = "trustproof-approval"
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

Resources = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize(("now", "may"), [("2027-06-01T17:59:59Z", True), ("2027-06-01T18:00:00Z", False)])
def test_sessions_end_with_the_role(stack: cdk.Stack, resources: Resources, now: str, may: bool) -> None:
    """A session that began before the end can do nothing after it, whatever the role may."""
    JustInTimeRole(stack, "Role", users=[ALICE], approval="INC-42", valid_until=END)
    (policy,) = resources("AWS::IAM::Policy")
    caller = Caller(ROLE_SESSION, f"{ACCOUNT}:role/Role", session="alice")
    ends = {**policy["PolicyDocument"], "Statement": policy["PolicyDocument"]["Statement"][:1]}
    documents = [ends, ADMINISTRATOR]
    assert allowed(documents, caller, "ec2:StopInstances", aws_CurrentTime=now) is may


OWN, OTHER = f"{ACCOUNT}:role/Role", f"{ACCOUNT}:role/Other"


@pytest.mark.parametrize(
    "action",
    "DeleteRolePolicy PutRolePolicy UpdateAssumeRolePolicy DeleteRole AttachRolePolicy DetachRolePolicy "
    "PutRolePermissionsBoundary DeleteRolePermissionsBoundary".split(),
)
def test_a_session_cannot_take_the_end_away(stack: cdk.Stack, resources: Resources, action: str) -> None:
    """An administrator changes other roles, and not the one whose session it is."""
    role = JustInTimeRole(stack, "Role", users=[ALICE], approval="INC-42", valid_until=END)
    (policy,) = resources("AWS::IAM::Policy")
    deny_all, deny_own = policy["PolicyDocument"]["Statement"]
    assert deny_own["Resource"] == [stack.resolve(role.role_arn)]
    documents = [{"Version": "2012-10-17", "Statement": [deny_all, {**deny_own, "Resource": OWN}]}, ADMINISTRATOR]
    caller = Caller(ROLE_SESSION, OWN, session="alice")
    before = {"aws_CurrentTime": "2027-06-01T17:00:00Z"}
    assert not allowed(documents, caller, f"iam:{action}", OWN, **before)
    assert allowed(documents, caller, f"iam:{action}", OTHER, **before)


def test_a_session_cannot_rewrite_what_its_role_hangs_on(stack: cdk.Stack, resources: Resources) -> None:
    """Neither a managed policy, whoever attaches it, nor the boundary, also where it is given to all; AWS's nobody."""
    everything = [iam.PolicyStatement(actions=["*"], resources=["*"])]
    given, added, naming, boundary = (
        iam.ManagedPolicy(stack, name, statements=everything) for name in ("Given", "Added", "Naming", "Boundary")
    )
    of_aws = iam.ManagedPolicy.from_aws_managed_policy_name("AdministratorAccess")
    role = JustInTimeRole(
        stack, "Role", users=[ALICE], approval="INC-42", valid_until=END, managed_policies=iter([given, of_aws])
    )
    role.add_managed_policy(added)
    naming.attach_to_role(role)
    iam.PermissionsBoundary.of(stack).apply(boundary)
    (policy,) = resources("AWS::IAM::Policy")
    denied = policy["PolicyDocument"]["Statement"][1]
    assert {"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"} <= {*denied["Action"]}
    hangs_on = [one.managed_policy_arn for one in (boundary, given, added, naming)]
    assert denied["Resource"] == [stack.resolve(arn) for arn in (role.role_arn, *hangs_on)]


@pytest.mark.parametrize(("name", "denied"), [("Naming", "policy/team/Naming"), (None, "policy/*")])
def test_a_session_cannot_rewrite_a_policy_of_another_stack(
    app: cdk.App, stack: cdk.Stack, resources: Resources, name: str | None, denied: str
) -> None:
    """It is deployed after the role, which so knows it by its name only."""
    role = JustInTimeRole(stack, "Role", users=[ALICE], approval="INC-42", valid_until=END)
    other = cdk.Stack(app, "Other")
    everything = [iam.PolicyStatement(actions=["*"], resources=["*"])]
    for known, roles in ((name, [role]), ("Unrelated", [])):
        iam.ManagedPolicy(
            other, str(known), managed_policy_name=known, path="/team/", statements=everything, roles=roles
        )
    (policy,) = resources("AWS::IAM::Policy")
    own, *others = policy["PolicyDocument"]["Statement"][1]["Resource"]
    assert own == stack.resolve(role.role_arn)
    assert others == [stack.resolve(f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:{denied}")]


@pytest.mark.parametrize(("spare", "fits"), [(900, True), (200, False)])
def test_the_end_counts_to_the_inline_policies(app: cdk.App, stack: cdk.Stack, spare: int, fits: bool) -> None:
    """It is one of those that IAM measures together: with long ones the role was refused when it was deployed."""
    statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:aws:s3:::{'b' * (10_140 - spare)}"])
    inline = {"Long": iam.PolicyDocument(statements=[statement])}
    JustInTimeRole(stack, "Role", users=[ALICE], approval="INC-42", valid_until=END, inline_policies=inline)
    if fits:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=r"the inline policies have together at least .* at most 10240"):
        app.synth()


#: Caller, action, on whom, tags, whether it is allowed.
APPROVALS: list[tuple[Caller, str, str, dict[str, Any], bool]] = [
    (Caller(USER_SESSION_MFA, BOB), "iam:TagUser", ALICE, {KEY: "INC-42"}, True),
    (Caller(USER_SESSION_MFA, BOB), "iam:UntagUser", ALICE, {KEY: None}, True),
    (Caller(USER_KEY, BOB), "iam:TagUser", ALICE, {KEY: "INC-42"}, False),
    (Caller(USER_SESSION_MFA, BOB), "iam:TagUser", CAROL, {KEY: "INC-42"}, False),
    (Caller(USER_SESSION_MFA, BOB), "iam:TagUser", ALICE, {"team": "ops"}, False),
    (Caller(USER_SESSION_MFA, BOB), "iam:TagUser", ALICE, {KEY: "INC-42", "team": "ops"}, False),
    (Caller(USER_SESSION_MFA, ALICE), "iam:TagUser", ALICE, {KEY: "INC-42"}, False),
]


def tagging(tags: dict[str, Any]) -> dict[str, Any]:
    """The keys of a request that sets or takes tags."""
    values = {f"aws_RequestTag/{key}": value for key, value in tags.items() if value is not None}
    return {"aws_TagKeys": tuple(tags), **values}


@pytest.mark.parametrize(("caller", "action", "whom", "tags", "may"), APPROVALS)
def test_approvers_may(
    stack: cdk.Stack, resources: Resources, caller: Caller, action: str, whom: str, tags: dict[str, Any], may: bool
) -> None:
    """One tag, on those who may be approved, with MFA, and not on oneself."""
    ApprovalGrant(stack, "Grant", for_users=[ALICE])
    (policy,) = resources("AWS::IAM::ManagedPolicy")
    assert allowed([policy["PolicyDocument"]], caller, action, whom, **tagging(tags)) is may


@pytest.mark.parametrize("key", [KEY, KEY.upper()])
def test_nobody_approves_oneself(stack: cdk.Stack, resources: Resources, key: str) -> None:
    """An administrator neither; and in no other spelling, since keys of tags are compared without regard to case."""
    ApprovalGrant(stack, "Grant", for_users=[ALICE, BOB])
    (policy,) = resources("AWS::IAM::ManagedPolicy")
    documents = [policy["PolicyDocument"], ADMINISTRATOR]
    bob = Caller(USER_SESSION_MFA, BOB)
    assert not allowed(documents, bob, "iam:TagUser", BOB, **tagging({key: "INC-42"}))
    assert allowed(documents, bob, "iam:TagUser", ALICE, **tagging({key: "INC-42"}))


def test_values_may_be_given(stack: cdk.Stack, resources: Resources) -> None:
    """Where approvals are of certain requests only."""
    ApprovalGrant(stack, "Grant", for_users=[ALICE], approvals=["INC-42"], users=[iam.User(stack, "Bob")])
    (policy,) = resources("AWS::IAM::ManagedPolicy")
    bob = Caller(USER_SESSION_MFA, BOB)
    assert allowed([policy["PolicyDocument"]], bob, "iam:TagUser", ALICE, **tagging({KEY: "INC-42"}))
    assert not allowed([policy["PolicyDocument"]], bob, "iam:TagUser", ALICE, **tagging({KEY: "INC-43"}))


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"valid_until": None}, TypeError, "valid_until must be a datetime with a time zone, got None"),
        ({"valid_until": datetime(2027, 1, 1)}, ValueError, "valid_until must have a time zone"),
        ({"valid_from": END}, ValueError, "valid_until must be after valid_from"),
        ({"approval": "INC-42 "}, ValueError, "approval cannot begin or end with a blank"),
        ({"approval": "*"}, ValueError, "approval must be 1 to 256 characters of ASCII without wildcards"),
        ({"approval_tag": "aws:x"}, ValueError, "approval_tag must be the key of a tag"),
        ({"users": []}, ValueError, "users must have at least one entry, got none"),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, given: dict[str, Any], error: type[Exception], message: str) -> None:
    """A role without an end, or one that anybody could approve."""
    least = {"users": [ALICE], "valid_until": END, "approval": "INC-42"}
    with pytest.raises(error, match=re.escape(message)):
        JustInTimeRole(stack, "Role", **{**least, **given})


def test_grant_refuses(stack: cdk.Stack) -> None:
    """Whom approvers approve are certain users."""
    with pytest.raises(ValueError, match="for_users must be the ARN of an IAM user like"):
        ApprovalGrant(stack, "Grant", for_users=[f"{ACCOUNT}:user/*"])
    other = cdk.Stack(cdk.App(), "Other", env=cdk.Environment(account="222233334444"))
    with pytest.raises(ValueError, match="for_users must be of account 222233334444, that of the stack, since"):
        ApprovalGrant(other, "Grant", for_users=[ALICE])


@pytest.mark.parametrize(
    ("grant", "said"),
    [
        ({}, ""),
        ({"approvals": ["INC-41", "INC-42"]}, ""),
        # Keys of tags are compared without regard to case.
        ({"approval_tag": KEY.upper()}, ""),
        ({"approvals": [cdk.Aws.STACK_NAME]}, ""),
        # Somebody of whom the app says nothing approves alice.
        ({"for_users": [CAROL], "approval_tag": "other"}, ""),
        ({"approval_tag": "other"}, "Grant: the tag other"),
        ({"approvals": ["INC-41"]}, f"Grant: {KEY}=INC-41"),
    ],
)
@pytest.mark.parametrize("by_arn", [True, False])
def test_an_approval_that_no_grant_may_give_is_warned_of(
    app: cdk.App, grant: dict[str, Any], said: str, by_arn: bool
) -> None:
    """Nobody gets in, where the app has grants for the user, and none for what the role waits for."""
    stack = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    alice = iam.User(stack, "Alice", user_name="alice")
    role = JustInTimeRole(stack, "Role", users=[ALICE if by_arn else alice], approval="INC-42", valid_until=END)
    ApprovalGrant(stack, "Grant", **{"for_users": [alice], "users": [iam.User(stack, "Bob")], **grant})
    app.synth()
    warned = [str(entry.data) for entry in role.node.metadata if entry.type == "aws:cdk:warning"]
    assert len(warned) == bool(said)
    if said:
        assert f"waits for {KEY}=INC-42 on " in warned[0]
        assert f"the grants of the app let nobody set that (Hub/{said})" in warned[0]


@pytest.mark.parametrize(
    ("members", "is_warned"),
    [([], False), (["alice"], True), (["bob"], False), (["alice", "bob"], False), (["imported"], False)],
)
@pytest.mark.parametrize("by_arn", [True, False])
def test_an_approver_who_is_alone_is_warned_of(app: cdk.App, members: list[str], is_warned: bool, by_arn: bool) -> None:
    """Nobody approves oneself; a group without members is filled by others."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333"))
    users: dict[str, iam.IUser] = {name: iam.User(hub, name, user_name=name) for name in ("alice", "bob")}
    users["imported"] = iam.User.from_user_name(hub, "Carol", "carol")
    group = iam.Group(hub, "Approvers")
    for member in members:
        users[member].add_to_group(group)
    ApprovalGrant(hub, "Grant", for_users=[ALICE if by_arn else users["alice"]], groups=[group])
    said = cdk.assertions.Match.string_like_regexp("is the only approver of .* nobody approves oneself")
    assert bool(cdk.assertions.Annotations.from_stack(hub).find_warning("*", said)) is is_warned


@pytest.mark.parametrize(("value", "is_warned"), [("INC-42", True), ("INC-41", False)])
def test_an_approval_by_the_app_itself_is_warned_of(stack: cdk.Stack, value: str, is_warned: bool) -> None:
    """Tags of a stack are given to its users too, and stay there."""
    cdk.Tags.of(stack).add("Trustproof-Approval", value)
    alice = iam.User(stack, "Alice")
    JustInTimeRole(stack, "Role", users=[alice], approval="INC-42", valid_until=END)
    said = cdk.assertions.Match.string_like_regexp(
        "Stack/Alice/Resource has the tag trustproof-approval .* by the app itself"
    )
    assert bool(cdk.assertions.Annotations.from_stack(stack).find_warning("*", said)) is is_warned


def _tagging(*resources: str, **more: Any) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=["iam:TagUser"], resources=list(resources), **more)


SELF_TAGGING: list[tuple[iam.PolicyStatement, bool]] = [
    (_tagging("*"), True),
    (_tagging("*", conditions={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), True),
    (_tagging(f"{ACCOUNT}:user/al*"), True),
    (iam.PolicyStatement(actions=["iam:*"], resources=["*"]), True),
    (_tagging(f"{ACCOUNT}:user/${{aws:username}}"), True),
    (_tagging(f"{ACCOUNT}:user/ops/${{aws:username}}"), False),
    (_tagging(BOB), False),
    (_tagging("*", conditions={"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}), False),
    (_tagging("*", conditions={"StringEquals": {"aws:PrincipalTag/team": "people"}}), False),
    (_tagging("*", conditions={"StringEquals": {"aws:username": "alice"}}), True),
    (_tagging("*", conditions={"StringNotEquals": {"aws:username": "alice"}}), False),
    (iam.PolicyStatement(actions=["iam:UntagUser"], resources=["*"]), False),
]


@pytest.mark.parametrize(("statement", "is_warned"), SELF_TAGGING)
@pytest.mark.parametrize("by_group", [False, True])
@pytest.mark.parametrize("is_denied", [False, True])
def test_who_may_tag_oneself_is_warned_of(
    app: cdk.App, statement: iam.PolicyStatement, is_warned: bool, by_group: bool, is_denied: bool
) -> None:
    """Whoever has other permissions to set the tag on itself needs no approver; a Deny of it anywhere stops that."""
    stack = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    alice = iam.User(stack, "Alice", user_name="alice")
    group = iam.Group(stack, "Group")
    alice.add_to_group(group)
    policy = iam.ManagedPolicy(stack, "Policy", statements=[statement])
    (group if by_group else alice).add_managed_policy(policy)
    if is_denied:
        deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["iam:Tag*"], resources=[ALICE])
        group.add_to_policy(deny)
    JustInTimeRole(stack, "Role", users=[ALICE if by_group else alice], approval="INC-42", valid_until=END)
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    assert any("Hub/Alice/Resource needs nobody to approve it" in one for one in said) == (is_warned and not is_denied)


def test_approvers_who_approve_one_another_are_not_warned_of(app: cdk.App) -> None:
    """The grant denies them to approve themselves, whatever else it allows."""
    stack = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    users = [iam.User(stack, name, user_name=name) for name in ("alice", "bob")]
    group = iam.Group(stack, "Group")
    for user in users:
        group.add_user(user)
    JustInTimeRole(stack, "Role", users=users, approval="INC-42", valid_until=END)
    ApprovalGrant(stack, "Grant", for_users=users, groups=[group])
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    assert not any("needs nobody" in one for one in said)
