"""
`MfaEnforcedGroup`: what a member may do, with and without MFA, as the evaluator of the validator decides it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from tests.cdk.policies import allowed
from trustproof.model.request import USER_KEY, USER_SESSION, USER_SESSION_MFA, Caller
from trustproof_cdk import MfaEnforcedGroup, RequireMfaGuardrail, TrustproofChecks
from trustproof_cdk.mfa_enforced_group import SELF_MANAGEMENT

ACCOUNT = "arn:aws:iam::111122223333"
ALICE = f"{ACCOUNT}:user/alice"
BOB = f"{ACCOUNT}:user/bob"
PATHED = f"{ACCOUNT}:user/people/alice"
OWN_DEVICE = f"{ACCOUNT}:mfa/alice"
ADMINISTRATOR = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
ROLE = "arn:aws:iam::222233334444:role/Deployer"

Resources = Callable[[str], list[dict[str, Any]]]

#: Action, resource, without MFA, with MFA; of a member who has no other permissions.
MEMBER = [
    ("iam:ListVirtualMFADevices", "*", True, True),
    ("iam:CreateVirtualMFADevice", OWN_DEVICE, True, True),
    ("iam:CreateVirtualMFADevice", f"{ACCOUNT}:mfa/second", False, False),
    ("iam:EnableMFADevice", ALICE, True, True),
    ("iam:EnableMFADevice", BOB, False, False),
    ("iam:ResyncMFADevice", ALICE, True, True),
    ("iam:GetUser", ALICE, True, True),
    ("iam:ListMFADevices", ALICE, True, True),
    ("iam:GetMFADevice", ALICE, True, True),
    ("iam:DeactivateMFADevice", ALICE, False, True),
    ("iam:DeactivateMFADevice", BOB, False, False),
    ("iam:DeleteVirtualMFADevice", OWN_DEVICE, True, True),
    # A second device, and a new phone in the place of the old one.
    ("iam:CreateVirtualMFADevice", f"{OWN_DEVICE}-phone", False, True),
    ("iam:DeleteVirtualMFADevice", f"{OWN_DEVICE}-phone", False, True),
    ("iam:DeleteVirtualMFADevice", f"{ACCOUNT}:mfa/bob", False, False),
    # Only who is let may change the password or delete a device before MFA.
    ("iam:ChangePassword", ALICE, True, True),
    ("iam:GetAccountPasswordPolicy", "*", True, True),
    ("iam:CreateAccessKey", ALICE, False, False),
    ("sts:AssumeRole", ROLE, False, False),
]

#: The same of a member who is an administrator.
ADMIN = [
    ("iam:EnableMFADevice", BOB, False, True),
    ("iam:CreateVirtualMFADevice", f"{ACCOUNT}:mfa/second", False, True),
    ("iam:DeactivateMFADevice", ALICE, False, True),
    ("iam:DeleteVirtualMFADevice", OWN_DEVICE, True, True),
    ("iam:CreateAccessKey", ALICE, False, True),
    # Nor does an access key tell which devices others have.
    ("iam:GetMFADevice", BOB, False, True),
    ("iam:ListMFADevices", BOB, False, True),
    ("iam:GetUser", BOB, False, True),
    ("iam:GetUser", ALICE, True, True),
    ("sts:AssumeRole", ROLE, False, True),
    ("ec2:TerminateInstances", "arn:aws:ec2:eu-central-1:111122223333:instance/i-1", False, True),
]


@pytest.fixture
def enforcement(stack: cdk.Stack, resources: Resources) -> dict[str, Any]:
    """The policy that comes with the group."""
    MfaEnforcedGroup(stack, "People")
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    document: dict[str, Any] = properties["PolicyDocument"]
    return document


@pytest.mark.parametrize(("action", "resource", "without", "with_mfa"), MEMBER)
def test_member_may(enforcement: dict[str, Any], action: str, resource: str, without: bool, with_mfa: bool) -> None:
    """A member enrols a device without MFA, and needs MFA to take it away."""
    assert allowed([enforcement], Caller(USER_KEY, ALICE), action, resource) is without
    assert allowed([enforcement], Caller(USER_SESSION, ALICE), action, resource) is without
    assert allowed([enforcement], Caller(USER_SESSION_MFA, ALICE), action, resource) is with_mfa


@pytest.mark.parametrize(("action", "resource", "without", "with_mfa"), ADMIN)
def test_other_permissions_of_a_member_wait_for_mfa(
    enforcement: dict[str, Any], action: str, resource: str, without: bool, with_mfa: bool
) -> None:
    """Whatever other policies allow, without MFA only the enrolment of the member's own device is left."""
    documents = [enforcement, ADMINISTRATOR]
    assert allowed(documents, Caller(USER_KEY, ALICE), action, resource) is without
    assert allowed(documents, Caller(USER_SESSION, ALICE), action, resource) is without
    assert allowed(documents, Caller(USER_SESSION_MFA, ALICE), action, resource) is with_mfa


def test_member_with_a_path_may_enrol(enforcement: dict[str, Any]) -> None:
    """The name of a user is unique with any path."""
    caller = Caller(USER_KEY, PATHED)
    assert allowed([enforcement], caller, "iam:EnableMFADevice", PATHED)
    assert not allowed([enforcement, ADMINISTRATOR], caller, "iam:EnableMFADevice", f"{ACCOUNT}:user/people/bob")


def test_group_is_a_group(stack: cdk.Stack, resources: Resources) -> None:
    """Users join it, and it has name, path and policies."""
    group = MfaEnforcedGroup(
        stack,
        "People",
        group_name="people",
        path="/hub/",
        managed_policies=[
            iam.ManagedPolicy.from_managed_policy_arn(stack, "P", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        ],
    )
    iam.User(stack, "Alice").add_to_group(group)
    assert resources("AWS::IAM::Group") == [
        {"GroupName": "people", "Path": "/hub/", "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}
    ]
    assert resources("AWS::IAM::User") == [{"Groups": [stack.resolve(group.group_name)]}]
    (policy,) = resources("AWS::IAM::ManagedPolicy")
    assert policy["Groups"] == [stack.resolve(group.group_name)]


def test_constructor_refuses(stack: cdk.Stack) -> None:
    """A bad name fails where it is given."""
    with pytest.raises(ValueError, match="group_name must be 1 to 128 letters"):
        MfaEnforcedGroup(stack, "People", group_name="all people")


#: Arguments, action, resource, without MFA, with MFA.
OPTIONS: list[tuple[dict[str, Any], str, str, bool, bool]] = [
    ({}, "iam:ChangePassword", ALICE, True, True),
    ({}, "iam:ChangePassword", BOB, False, False),
    ({}, "iam:GetAccountPasswordPolicy", "*", True, True),
    ({}, "iam:UpdateLoginProfile", ALICE, False, False),
    ({}, "iam:DeleteVirtualMFADevice", OWN_DEVICE, True, True),
    ({}, "iam:DeleteVirtualMFADevice", f"{OWN_DEVICE}-phone", False, True),
    ({}, "iam:DeleteVirtualMFADevice", f"{ACCOUNT}:mfa/bob", False, False),
    ({}, "iam:DeactivateMFADevice", ALICE, False, True),
    ({"self_management": ["access-keys"]}, "iam:CreateAccessKey", ALICE, False, True),
    ({"self_management": ["access-keys"]}, "iam:CreateAccessKey", BOB, False, False),
    ({"password_change": False}, "iam:ChangePassword", ALICE, False, False),
    ({"re_enrolment": False}, "iam:DeleteVirtualMFADevice", OWN_DEVICE, False, True),
    ({"password_change": False, "self_management": ["password"]}, "iam:ChangePassword", ALICE, False, True),
    ({"self_management": ["ssh-keys"]}, "iam:UploadSSHPublicKey", ALICE, False, True),
    ({"self_management": ["signing-certificates"]}, "iam:UploadSigningCertificate", ALICE, False, True),
    ({"self_management": SELF_MANAGEMENT}, "iam:CreateServiceSpecificCredential", ALICE, False, True),
    ({"self_management": SELF_MANAGEMENT}, "iam:CreateServiceSpecificCredential", BOB, False, False),
    ({"self_management": SELF_MANAGEMENT}, "iam:GetAccountSummary", "*", False, True),
    ({"self_management": SELF_MANAGEMENT}, "iam:AttachUserPolicy", ALICE, False, False),
]


@pytest.mark.parametrize(("given", "action", "resource", "without", "with_mfa"), OPTIONS)
def test_member_may_manage(
    stack: cdk.Stack,
    resources: Resources,
    given: dict[str, Any],
    action: str,
    resource: str,
    without: bool,
    with_mfa: bool,
) -> None:
    """What is asked for, of the own user only, and with MFA where MFA is possible."""
    MfaEnforcedGroup(stack, "People", **given)
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    document = properties["PolicyDocument"]
    assert allowed([document], Caller(USER_KEY, ALICE), action, resource) is without
    assert allowed([document], Caller(USER_SESSION_MFA, ALICE), action, resource) is with_mfa


@pytest.mark.parametrize("given", [{"password_change": True}, {"re_enrolment": True}])
@pytest.mark.parametrize(
    ("action", "resource"), [("iam:ChangePassword", BOB), ("iam:DeleteVirtualMFADevice", f"{ACCOUNT}:mfa/bob")]
)
def test_administrator_without_mfa_may_manage_nobody_else(
    stack: cdk.Stack, resources: Resources, given: dict[str, Any], action: str, resource: str
) -> None:
    """What is spared before MFA is spared for the own user only, whatever other policies allow."""
    MfaEnforcedGroup(stack, "People", **given)
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    documents = [properties["PolicyDocument"], ADMINISTRATOR]
    assert not allowed(documents, Caller(USER_KEY, ALICE), action, resource)
    assert allowed(documents, Caller(USER_SESSION_MFA, ALICE), action, resource)


@pytest.mark.parametrize(
    ("password_change", "must_change", "joins", "said"),
    [
        (False, True, "given", True),
        (False, True, "joined", True),
        (False, False, "given", False),
        (True, True, "given", False),
    ],
)
def test_a_first_password_that_cannot_be_changed_is_warned_of(
    app: cdk.App, stack: cdk.Stack, password_change: bool, must_change: bool, joins: str, said: bool
) -> None:
    """It is changed before the member can have used MFA."""
    password = cdk.SecretValue.secrets_manager("first")
    user = iam.User(stack, "Alice", password=password, password_reset_required=must_change)
    given = [user] if joins == "given" else []
    group = MfaEnforcedGroup(stack, "People", password_change=password_change, users=given)
    if joins == "joined":
        user.add_to_group(group)
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Stack").messages]
    assert len([one for one in messages if "Stack/Alice/Resource must change its password" in one]) == said


CHANGING = "iam:ChangePassword"


def _bounded(user: iam.User) -> None:
    allowed = iam.PolicyStatement(not_actions=[CHANGING], resources=["*"])
    iam.PermissionsBoundary.of(user).apply(iam.ManagedPolicy(user, "Boundary", statements=[allowed]))


def _own(user: iam.User, action: str) -> None:
    user.add_to_policy(iam.PolicyStatement(effect=iam.Effect.DENY, actions=[action], resources=["*"]))


def _attached(user: iam.User) -> None:
    denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=[CHANGING], resources=["*"])
    user.add_managed_policy(iam.ManagedPolicy(user, "Attached", statements=[denied]))


def _in_a_group(user: iam.User) -> None:
    denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["iam:*Password"], resources=["*"])
    policy = iam.ManagedPolicy(user, "OfGroup", statements=[denied])
    user.add_to_group(iam.Group(user, "Other", managed_policies=[policy]))


def _of_somebody_else(user: iam.User) -> None:
    denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["iam:*"], resources=["*"])
    iam.User(user, "Else").add_managed_policy(iam.ManagedPolicy(user, "OfElse", statements=[denied]))


def _controlled(user: iam.User, action: str) -> None:
    management = cdk.Stack(user.node.root, "Management", env=cdk.Environment(account="999988887777"))
    content = {"Statement": {"Effect": "Deny", "Action": action, "Resource": "*"}}
    given = {"type": "SERVICE_CONTROL_POLICY", "target_ids": ["r-ab12"], "content": content}
    organizations.CfnPolicy(management, "Ours", name="Ours", **given)


def _guarded(user: iam.User) -> None:
    management = cdk.Stack(user.node.root, "Management", env=cdk.Environment(account="999988887777"))
    RequireMfaGuardrail(management, "Ours", targets=["r-ab12"])


@pytest.mark.parametrize(
    ("deny", "said"),
    [
        (_bounded, "boundary Stack/Alice/Boundary/Resource does not allow it iam:ChangePassword"),
        (lambda user: _own(user, CHANGING), "its policy Stack/Alice/DefaultPolicy denies it iam:ChangePassword"),
        (lambda user: _own(user, "iam:CreateUser"), ""),
        (_attached, "Stack/Alice/Attached/Resource, which it has, denies it iam:ChangePassword"),
        (_in_a_group, "Stack/Alice/OfGroup/Resource, which it has, denies it iam:ChangePassword"),
        (_of_somebody_else, ""),
        (lambda user: _controlled(user, "iam:Change*"), "Management/Ours denies it iam:ChangePassword"),
        (lambda user: _controlled(user, "iam:Create*"), ""),
        (_guarded, ""),
    ],
)
@pytest.mark.parametrize("must_change", [True, False])
def test_a_first_password_that_something_else_keeps_from_being_changed_is_warned_of(
    app: cdk.App, deny: Callable[[iam.User], None], said: str, must_change: bool
) -> None:
    """The group allows it, and what the member has besides does not."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    password = cdk.SecretValue.secrets_manager("first")
    user = iam.User(stack, "Alice", password=password, password_reset_required=must_change)
    MfaEnforcedGroup(stack, "People", users=[user])
    deny(user)
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Stack").messages]
    found = [one for one in messages if "Stack/Alice/Resource must change its password" in one]
    assert len(found) == bool(said and must_change)
    assert all(said in one for one in found)


def test_members_are_given(stack: cdk.Stack, resources: Resources) -> None:
    """Users of the app, imported ones, and names."""
    carol = iam.User(stack, "Carol")
    bob = iam.User.from_user_name(stack, "Bob", "bob")
    group = MfaEnforcedGroup(stack, "People", users=["alice", bob, carol])
    additions = resources("AWS::IAM::UserToGroupAddition")
    assert sorted(tuple(one["Users"]) for one in additions) == [("alice",), ("bob",)]
    assert [one["GroupName"] for one in additions] == [stack.resolve(group.group_name)] * 2
    assert resources("AWS::IAM::User") == [{"Groups": [stack.resolve(group.group_name)]}]


def test_a_user_may_be_imported_by_a_reference(stack: cdk.Stack, resources: Resources) -> None:
    """The CDK's own group cannot add one: it names a construct after the user."""
    made = [iam.CfnUser(stack, name) for name in ("Alice", "Bob")]
    alice, bob = [iam.User.from_user_name(stack, f"{one.node.id}Imported", one.ref) for one in made]
    MfaEnforcedGroup(stack, "People", users=[alice]).add_user(bob)
    added = [one["Users"] for one in resources("AWS::IAM::UserToGroupAddition")]
    assert added == [[{"Ref": "Alice"}], [{"Ref": "Bob"}]]


def test_an_imported_user_may_be_in_several_groups(stack: cdk.Stack, resources: Resources) -> None:
    """Each group may import the user for itself, and the same one twice."""
    for name in ("Developers", "Operators"):
        users = [iam.User.from_user_name(stack, f"Alice{name}{number}", "alice") for number in range(2)]
        MfaEnforcedGroup(stack, name, users=users)
    added = [
        (one["GroupName"]["Ref"].rstrip("0123456789ABCDEF"), user)
        for one in resources("AWS::IAM::UserToGroupAddition")
        for user in one["Users"]
    ]
    assert sorted(set(added)) == [("Developers", "alice"), ("Operators", "alice")]


def test_who_is_imported_again_may_be_added(stack: cdk.Stack, resources: Resources) -> None:
    """To a group that has the user already, it adds nothing; the CDK would say that a construct is there already."""
    first, again, last = (iam.User.from_user_name(stack, name, "alice") for name in ("First", "Again", "Last"))
    group = MfaEnforcedGroup(stack, "Developers", users=[first])
    group.add_user(again)
    MfaEnforcedGroup(stack, "Operators").add_user(last)
    MfaEnforcedGroup(stack, "Auditors", users=["Alice"]).add_user(last)
    added = [
        (one["GroupName"]["Ref"].rstrip("0123456789ABCDEF"), user.lower())
        for one in resources("AWS::IAM::UserToGroupAddition")
        for user in one["Users"]
    ]
    assert sorted(added) == [("Auditors", "alice"), ("Developers", "alice"), ("Operators", "alice")]


#: A member, the ending of a device's name after that of the member, and whether the member may create and delete it.
OTHERS = [
    ("alice", "", True),
    ("alice", "-phone", True),
    # The only name under which the other one enrols a first device.
    ("alice", "-admin", False),
    ("alice", "-admin-phone", True),
    ("alice-admin", "", True),
    ("alice-admin", "-phone", True),
    ("bob", "-admin", True),
    ("Carol", "-adm", False),
    ("dave", "-admin", False),
    ("dave", "-ops", False),
]


def test_members_leave_each_other_the_names_of_devices(stack: cdk.Stack, resources: Resources) -> None:
    """Also where the other one is a member of a group that is made later, or is added later, or written otherwise."""
    people = MfaEnforcedGroup(stack, "People", users=["alice", iam.User(stack, "B", user_name="bob"), "Carol", "dave"])
    MfaEnforcedGroup(stack, "Admins", users=[iam.User(stack, "A", user_name="alice-admin"), "carol-adm"])
    people.add_user(iam.User(stack, "D", user_name="dave-admin"))
    people.add_user(iam.User.from_user_name(stack, "O", "dave-ops"))
    of_people, of_admins = [one["PolicyDocument"] for one in resources("AWS::IAM::ManagedPolicy")]
    for member, ending, may in OTHERS:
        document = of_admins if member.endswith("-admin") else of_people
        caller = Caller(USER_SESSION_MFA, f"{ACCOUNT}:user/{member}")
        for action in ("iam:CreateVirtualMFADevice", "iam:DeleteVirtualMFADevice"):
            assert allowed([document], caller, action, f"{ACCOUNT}:mfa/{member}{ending}") is may, (member, ending)


def _by_the_group(group: MfaEnforcedGroup, stack: cdk.Stack, name: str, **given: Any) -> None:
    group.add_user(iam.User(stack, name, user_name=name, **given))


def _by_the_user(group: MfaEnforcedGroup, stack: cdk.Stack, name: str, **given: Any) -> None:
    iam.User(stack, name, user_name=name, groups=[group], **given)


def _by_its_type(group: MfaEnforcedGroup, stack: cdk.Stack, name: str, **given: Any) -> None:
    boundary = given.get("permissions_boundary")
    arn = None if boundary is None else boundary.managed_policy_arn
    iam.CfnUser(stack, name, user_name=name, groups=["people"], permissions_boundary=arn)


def _by_an_addition(group: MfaEnforcedGroup, stack: cdk.Stack, name: str, **given: Any) -> None:
    iam.User(stack, name, user_name=name, **given)
    iam.CfnUserToGroupAddition(stack, f"{name}Joins", group_name=group.group_name, users=[name])


JOIN = [_by_the_group, _by_the_user, _by_its_type, _by_an_addition]


@pytest.mark.parametrize("join", JOIN)
def test_however_a_member_joins_the_device_is_left_to_it(
    stack: cdk.Stack, resources: Resources, join: Callable[..., None]
) -> None:
    """Whoever joins by the resource of the user, or beside both, is a member like those that the group was given."""
    group = MfaEnforcedGroup(stack, "People", group_name="people", users=["alice"])
    join(group, stack, "alice-admin")
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    caller = Caller(USER_SESSION_MFA, ALICE)
    document = properties["PolicyDocument"]
    assert not allowed([document], caller, "iam:CreateVirtualMFADevice", f"{ACCOUNT}:mfa/alice-admin")
    assert allowed([document], caller, "iam:CreateVirtualMFADevice", f"{ACCOUNT}:mfa/alice-phone")


@pytest.mark.parametrize("policy", ["ReadOnlyAccess", "PowerUserAccess", "AdministratorAccess"])
@pytest.mark.parametrize("join", JOIN)
def test_however_a_member_joins_its_boundary_is_asked(
    app: cdk.App, stack: cdk.Stack, join: Callable[..., None], policy: str
) -> None:
    """One that does not allow to enrol a device leaves the member with nothing."""
    group = MfaEnforcedGroup(stack, "People", group_name="people")
    join(group, stack, "alice", permissions_boundary=iam.ManagedPolicy.from_aws_managed_policy_name(policy))
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Stack").messages]
    assert len([one for one in messages if "this member can enrol no device" in one]) == (
        policy != "AdministratorAccess"
    )


def test_a_name_that_begins_many_others_is_that_of_one_device(stack: cdk.Stack, resources: Resources) -> None:
    """The policy of a group has room for a few names; the others keep all of theirs."""
    MfaEnforcedGroup(stack, "People", users=["ops", *(f"ops-{number}" for number in range(300))])
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    document = properties["PolicyDocument"]
    for member, device, may in [("ops", "ops", True), ("ops", "ops-7", False), ("ops-7", "ops-7", True)]:
        caller = Caller(USER_SESSION_MFA, f"{ACCOUNT}:user/{member}")
        assert allowed([document], caller, "iam:CreateVirtualMFADevice", f"{ACCOUNT}:mfa/{device}") is may


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"users": "alice"}, TypeError, "users must be a list of users, or of names of users, got 'alice'"),
        (
            {"users": {"alice": "bob"}},
            TypeError,
            "users must be a list of users, or of names of users, got {'alice': 'bob'}",
        ),
        ({"users": [7]}, TypeError, "users must be a list of users, or of names of users, got 7 in it"),
        ({"users": [ALICE]}, ValueError, "users must be names of users like 'alice', without a path, got 'arn:"),
        ({"self_management": "password"}, TypeError, "self_management must be a list of strings, got 'password'"),
        ({"self_management": ["keys"]}, ValueError, "self_management must be one of 'access-keys', 'password', "),
        ({"password_change": "no"}, TypeError, "password_change must be True or False, got 'no'"),
    ],
)
def test_constructor_refuses_what_is_no_member(
    stack: cdk.Stack, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(error, match=re.escape(message)):
        MfaEnforcedGroup(stack, "People", **given)


#: Is not met by an access key, whose requests do not have the key.
ASKED_WITH_A_KEY = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
#: What is overridden, and what is said.
OVERRIDDEN: list[tuple[Callable[[MfaEnforcedGroup, iam.User], Any], str]] = [
    (lambda group, _: enforcing(group).add_property_deletion_override("Groups"), "attached to Stack/People no more"),
    (lambda group, _: enforcing(group).add_property_override("Groups", ["others"]), "attached to Stack/People no"),
    (
        lambda group, _: enforcing(group).add_property_override(
            "PolicyDocument.Statement.5.Condition", ASKED_WITH_A_KEY
        ),
        "has another DenyAllButEnrolmentWithoutMfa than it was made with",
    ),
    (lambda _, user: user.node.default_child.add_property_deletion_override("Groups"), "Stack/Alice is in Stack/Peo"),
    (lambda group, _: named(group).add_property_override("Users", ["carol"]), "whom it was made for, who need no MFA"),
    (lambda group, _: enforcing(group).add_property_override("Description", "Other"), ""),
    (lambda _, user: user.node.default_child.add_property_override("Groups.1", "others"), ""),
    (lambda group, _: named(group).add_property_override("Users.1", "carol"), ""),
]


def enforcing(group: MfaEnforcedGroup) -> cdk.CfnResource:
    """The policy that enforces MFA."""
    policy = group.node.find_child("MfaEnforcement").node.default_child
    assert isinstance(policy, cdk.CfnResource)
    return policy


def named(group: MfaEnforcedGroup) -> cdk.CfnResource:
    """What adds those who are given by name."""
    addition = group.node.find_child("Members")
    assert isinstance(addition, cdk.CfnResource)
    return addition


@pytest.mark.parametrize(("override", "said"), OVERRIDDEN)
def test_who_an_override_takes_out_of_the_enforcement_fails_the_gate(
    app: cdk.App, stack: cdk.Stack, override: Any, said: str
) -> None:
    """It stands in the template only, where nobody sees that somebody was meant to need MFA."""
    alice = iam.User(stack, "Alice")
    people = MfaEnforcedGroup(stack, "People", users=[alice, "bob"])
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["222233334444"]}}))
    override(people, alice)
    if not said:
        app.synth()
        return
    with pytest.raises(RuntimeError, match="construct-unchanged") as failed:
        app.synth()
    assert said in " ".join(str(failed.value).split())


def test_an_imported_member_is_held_to_the_group_too(app: cdk.App, stack: cdk.Stack) -> None:
    """The CDK adds one by a resource beside the group."""
    MfaEnforcedGroup(stack, "People", users=[iam.User.from_user_name(stack, "Alice", "alice")])
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": ["222233334444"]}}))
    addition = stack.node.find_child("aliceGroup0")
    assert isinstance(addition, cdk.CfnResource)
    addition.add_property_override("Users", ["bob"])
    with pytest.raises(RuntimeError, match="no more adds to Stack/People whom it was made for"):
        app.synth()
