"""
`AssumeRoleGrant`: exactly the named roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_organizations as organizations
from aws_cdk.assertions import Annotations, Match
from constructs import Construct

from trustproof_cdk import (
    AssumeRoleGrant,
    CrossAccountRole,
    GoogleRole,
    JustInTimeRole,
    MfaEnforcedGroup,
    OrganizationRole,
    RoleChain,
    Trusted,
)

DEPLOYER = "arn:aws:iam::222233334444:role/Deployer"
READER = "arn:aws:iam::222233334444:role/people/Reader"

Resources = Callable[[str], list[dict[str, Any]]]


def test_document_names_the_roles(stack: cdk.Stack, resources: Resources) -> None:
    """One statement, the roles as they were given, attached to whom was given."""
    group = iam.Group(stack, "People")
    builder = iam.Role(stack, "Builder", assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"))
    AssumeRoleGrant(
        stack,
        "Grant",
        target_roles=[DEPLOYER, READER],
        groups=[group],
        users=[iam.User.from_user_name(stack, "Alice", "alice")],
        roles=[builder],
    )
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["PolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [DEPLOYER, READER]}],
    }
    assert properties["Groups"] == [stack.resolve(group.group_name)]
    assert properties["Users"] == ["alice"]
    assert properties["Roles"] == [stack.resolve(builder.role_name)]


def test_roles_of_other_stacks_are_named(app: cdk.App) -> None:
    """A role with a name can be granted from the stack of another account."""
    workload = cdk.Stack(app, "Workload", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    role = CrossAccountRole(workload, "Role", trusted=Trusted.accounts("111122223333"), role_name="Deployer")
    grant = AssumeRoleGrant(hub, "Grant", target_roles=[role])
    (statement,) = hub.resolve(grant.document)["Statement"]
    assert statement["Resource"] == {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::222233334444:role/Deployer"]]
    }
    app.synth()


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (["arn:aws:iam::222233334444:role/*"], "target_roles must be the ARN of an IAM role like"),
        (["arn:aws:iam::*:role/Deployer"], "target_roles must be the ARN of an IAM role like"),
        (["*"], "without wildcards, got '*'"),
        ([], "target_roles must have at least one entry, got none"),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, roles: list[str], message: str) -> None:
    """A wildcard would grant every role that trusts the account, today's and tomorrow's."""
    with pytest.raises(ValueError, match=re.escape(message)):
        AssumeRoleGrant(stack, "Grant", target_roles=roles)


def test_one_role_must_be_in_a_list(stack: cdk.Stack) -> None:
    """A string is not a list of its characters."""
    with pytest.raises(TypeError, match=r"target_roles must be a list of ARNs or roles, got the string"):
        AssumeRoleGrant(stack, "Grant", target_roles=DEPLOYER)


ORGANIZATION = "o-a1b2c3d4e5"


def test_roles_of_every_account_of_an_organization(stack: cdk.Stack, resources: Resources) -> None:
    """Where there are more accounts than ARNs fit: the name of the role, and whose its account must be."""
    AssumeRoleGrant(stack, "Grant", role_names=["Auditor", "ops/Reader"], organization=ORGANIZATION)
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Resource": [
                {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, f":iam::*:role/{name}"]]}
                for name in ("Auditor", "ops/Reader")
            ],
            "Condition": {"StringEquals": {"aws:ResourceOrgID": ORGANIZATION}},
        }
    ]


def test_roles_of_the_accounts_of_units(stack: cdk.Stack, resources: Resources) -> None:
    """Of some units only, and beside them a role by its ARN."""
    path = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111"
    AssumeRoleGrant(stack, "Grant", target_roles=[DEPLOYER], role_names=["Auditor"], organizational_units=[path])
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    exact, named = properties["PolicyDocument"]["Statement"]
    assert exact == {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": DEPLOYER}
    assert named["Condition"] == {"ForAnyValue:StringLike": {"aws:ResourceOrgPaths": f"{path}/*"}}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "target_roles or role_names must be given, got neither"),
        ({"role_names": ["Auditor"]}, "role_names must come with organization or organizational_units, got neither"),
        (
            {
                "role_names": ["Auditor"],
                "organization": ORGANIZATION,
                "organizational_units": [f"{ORGANIZATION}/r-ab12/ou-ab12-11111111"],
            },
            "organization and organizational_units cannot be given together",
        ),
        ({"role_names": ["*"], "organization": ORGANIZATION}, "role_names must be the name of a role"),
        ({"role_names": ["Audit*"], "organization": ORGANIZATION}, "role_names must be the name of a role"),
        ({"role_names": ["/ops/Reader"], "organization": ORGANIZATION}, "got '/ops/Reader'; did you mean 'ops/Reader'"),
        ({"role_names": ["ops//Reader"], "organization": ORGANIZATION}, "got 'ops//Reader'; did you mean 'ops/Reader'"),
        ({"target_roles": [DEPLOYER], "organization": ORGANIZATION}, "organization is for role_names, got none"),
    ],
)
def test_names_need_an_organization(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A name alone is that of a role in anybody's account."""
    with pytest.raises(ValueError, match=re.escape(message)):
        AssumeRoleGrant(stack, "Grant", **arguments)


def test_old_names_still_work(stack: cdk.Stack, resources: Resources) -> None:
    """What `roles` and `source_roles` were before is said, and done."""
    builder = iam.Role(stack, "Builder", assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"))
    with pytest.warns(DeprecationWarning, match="is deprecated: its name is") as warned:
        AssumeRoleGrant(stack, "Grant", roles=[DEPLOYER], source_roles=[builder])
    assert [str(one.message) for one in warned] == [
        "roles is deprecated: its name is target_roles",
        "source_roles is deprecated: its name is roles",
    ]
    assert {one.filename for one in warned} == {__file__}
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["PolicyDocument"]["Statement"][0]["Resource"] == DEPLOYER
    assert properties["Roles"] == [stack.resolve(builder.role_name)]


def test_roles_beside_names_are_holders(stack: cdk.Stack, resources: Resources) -> None:
    """With `role_names` the targets are given, and `roles` are those whose sessions may assume them."""
    builder = iam.Role(stack, "Builder", assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"))
    AssumeRoleGrant(stack, "Grant", role_names=["Auditor"], organization="o-a1b2c3d4e5", roles=[builder])
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert len(properties["PolicyDocument"]["Statement"]) == 1
    assert properties["Roles"] == [stack.resolve(builder.role_name)]


def test_a_target_of_another_account_has_a_name(app: cdk.App) -> None:
    """Nothing refers to a role of another account that CloudFormation is to name, which is said by its path."""
    workload = cdk.Stack(app, "Workload", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    role = CrossAccountRole(workload, "Role", trusted=Trusted.accounts("111122223333"))
    with pytest.raises(ValueError, match="target_roles cannot have Workload/Role/Resource of another account"):
        AssumeRoleGrant(hub, "Grant", target_roles=[role])


def test_too_many_roles_are_named_by_name(app: cdk.App, stack: cdk.Stack) -> None:
    """Where the ARNs do not fit, the message says what does."""
    arns = [f"arn:aws:iam::{account:012}:role/Auditor" for account in range(1000)]
    AssumeRoleGrant(stack, "Grant", target_roles=arns)
    with pytest.raises(RuntimeError, match="give role_names and organization"):
        app.synth()


HUB, DEV = "111122223333", "222233334444"
END = datetime(2099, 1, 1, tzinfo=UTC)


def _arn(name: str) -> str:
    return f"arn:aws:iam::{HUB}:user/{name}"


#: Whom the role lets in, who is granted it in the account of the hub, and why that is in vain.
GRANTED: list[tuple[Callable[[cdk.Stack], Any], str, str]] = [
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.accounts(HUB), role_name="R"), "users", ""),
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.accounts(HUB), role_name="R"), "groups", ""),
    (
        lambda s: CrossAccountRole(s, "R", trusted=Trusted.accounts(HUB), role_name="R"),
        "roles",
        "demands MFA, which no",
    ),
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.accounts(HUB), mfa=False, role_name="R"), "roles", ""),
    (
        lambda s: CrossAccountRole(s, "R", trusted=Trusted.accounts(DEV), role_name="R"),
        "groups",
        "none of them lets it",
    ),
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.organization("o-a1b2c3d4e5"), role_name="R"), "groups", ""),
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.users(_arn("bob")), role_name="R"), "users", ""),
    (
        lambda s: CrossAccountRole(s, "R", trusted=Trusted.users(_arn("team/bob")), role_name="R"),
        "users",
        "none of them",
    ),
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.users(_arn("alice")), role_name="R"), "users", "none of them"),
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.users(_arn("alice")), role_name="R"), "unnamed", ""),
    (
        lambda s: CrossAccountRole(s, "R", trusted=Trusted.users(_arn("alice")), role_name="R"),
        "imported",
        "none of them",
    ),
    (lambda s: CrossAccountRole(s, "R", trusted=Trusted.users(_arn("alice")), role_name="R"), "groups", ""),
    (lambda s: RoleChain(s, "R", entry=f"arn:aws:iam::{HUB}:role/Entry", role_name="R"), "groups", "none of them"),
    (
        lambda s: JustInTimeRole(s, "R", users=[_arn("alice")], approval="x", valid_until=END, role_name="R"),
        "users",
        "none of them",
    ),
    (lambda s: GoogleRole(s, "R", client_ids=["1.apps.googleusercontent.com"], role_name="R"), "users", "none of them"),
    # Nobody knows whom these trust.
    (lambda s: iam.Role(s, "R", assumed_by=iam.AccountPrincipal(DEV), role_name="R"), "users", ""),
    (lambda s: f"arn:aws:iam::{DEV}:role/Other", "users", ""),
]


@pytest.mark.parametrize(
    "grant",
    [
        lambda role, grantee: role.grant_assume_role(grantee),
        lambda role, grantee: role.grants.assume_role(grantee),
        lambda role, grantee: role.grant(grantee, "sts:assumerole"),
    ],
)
@pytest.mark.parametrize(
    ("options", "whom", "said"),
    [
        ({}, "role", "since it demands MFA, which no session of a role has"),
        ({}, "function", f"to In{DEV}/Code/ServiceRole/Resource, since it demands MFA, which no session of a role has"),
        ({}, "elsewhere", "since it does not let it in by its trust policy"),
        ({"session_tags": {"team": ["*"]}}, "user", "it demands what needs sts:TagSession too: use AssumeRoleGrant"),
        ({"mfa": False}, "role", ""),
        ({}, "user", ""),
    ],
)
def test_a_grant_of_the_cdk_to_who_gets_nowhere_is_refused(
    app: cdk.App, grant: Callable[[Any, Any], object], options: dict[str, Any], whom: str, said: str
) -> None:
    """The CDK allows the call, and knows nothing of what the role demands."""
    hub, dev = (
        cdk.Stack(app, f"In{one}", env=cdk.Environment(account=one, region="eu-central-1")) for one in (HUB, DEV)
    )
    role = CrossAccountRole(dev, "Role", trusted=Trusted.accounts(DEV), role_name="Deployer", **options)
    made: dict[str, Callable[[], Any]] = {
        "user": lambda: iam.User(dev, "Alice"),
        "role": lambda: iam.Role(dev, "Function", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")),
        "function": lambda: lambda_.Function(
            dev, "Code", runtime=lambda_.Runtime.PYTHON_3_13, handler="i.h", code=lambda_.Code.from_inline("h = None")
        ),
        "elsewhere": lambda: iam.User(hub, "Bob", user_name="bob"),
    }
    if said:
        with pytest.raises(ValueError, match=re.escape(said)):
            grant(role, made[whom]())
    else:
        grant(role, made[whom]())
        role.grant(iam.Group(dev, "All"), "sts:AssumeRole", "sts:TagSession")
        role.grant(iam.Group(hub, "Elsewhere"), "iam:GetRole")
        role.grants.pass_role(iam.Group(dev, "Passing"))
        app.synth()


@pytest.mark.parametrize(
    ("name", "later", "works"),
    [
        ("fn", None, False),
        ("fn", "fn", True),
        ("Other-Fn-1ABCDEF23456", None, False),
        ("Dev-Fn-1ABCDEF23456", None, True),
        ("svc/Dev-Fn-1ABCDEF23456", None, False),
    ],
)
def test_a_grant_to_who_has_another_name_than_is_trusted_fails(
    app: cdk.App, name: str, later: str | None, works: bool
) -> None:
    """A role that is given none has one of CloudFormation's, unless an Aspect or a line below gives it another."""
    dev, prod = (
        cdk.Stack(app, one, env=cdk.Environment(account=account)) for one, account in (("Dev", DEV), ("Prod", HUB))
    )
    function = iam.Role(dev, "Fn", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    trusted = Trusted.roles(f"arn:aws:iam::{DEV}:role/{name}")
    role = CrossAccountRole(prod, "Role", trusted=trusted, mfa=False, role_name="Role")
    role.grant_assume_role(function)
    AssumeRoleGrant(dev, "Grant", target_roles=[role], roles=[function])
    made = function.node.default_child
    assert isinstance(made, iam.CfnRole)
    made.role_name = later
    if works:
        app.synth()
        return
    with pytest.raises(RuntimeError, match="Dev/Fn/Resource gets nothing by being granted Prod/Role: CloudForm"):
        app.synth()


@pytest.mark.parametrize("account", [DEV, HUB])
@pytest.mark.parametrize("mutable", [True, False])
def test_a_role_that_demands_mfa_is_granted_to_no_role_that_is_imported(
    app: cdk.App, account: str, mutable: bool
) -> None:
    """Whoever writes its policies, none helps."""
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    role = CrossAccountRole(dev, "Role", trusted=Trusted.accounts(DEV, HUB))
    builder = iam.Role.from_role_arn(dev, "Builder", f"arn:aws:iam::{account}:role/builder", mutable=mutable)
    with pytest.raises(ValueError, match="Dev/Role cannot be granted to Dev/Builder, since it demands MFA"):
        role.grant_assume_role(builder)


def test_a_grant_that_the_cdk_drops_is_said(app: cdk.App) -> None:
    """It says that it has granted, also to a role whose policies are written elsewhere."""
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    entry = iam.Role(dev, "Entry", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    for name, grantee, is_said in (
        ("Updates", entry, False),
        ("WithoutUpdates", entry.without_policy_updates(), True),
        ("Imported", iam.Role.from_role_name(dev, "Named", "named"), False),
        ("Immutable", iam.Role.from_role_arn(dev, "Own", f"arn:aws:iam::{DEV}:role/own", mutable=False), True),
        ("Elsewhere", iam.Role.from_role_arn(dev, "Other", f"arn:aws:iam::{HUB}:role/other"), True),
        ("ByArn", iam.ArnPrincipal(f"arn:aws:iam::{HUB}:user/alice"), True),
    ):
        role = CrossAccountRole(dev, name, trusted=Trusted.accounts(DEV, HUB), role_name=name, path="/a/", mfa=False)
        role.grant_assume_role(grantee)
        warned = Annotations.from_stack(dev).find_warning(f"/Dev/{name}", Match.string_like_regexp("takes no policies"))
        assert bool(warned) == is_said
        shown = f'"Action": ["sts:AssumeRole"], "Resource": "arn:aws:iam::{DEV}:role/a/{name}"'
        assert all(shown in str(one.entry.data) for one in warned)
    # Within an account a trust policy that names a role is enough.
    own = f"arn:aws:iam::{DEV}:role/own"
    named = CrossAccountRole(dev, "Trusting", trusted=Trusted.roles(entry, own), mfa=False)
    named.grant_assume_role(entry.without_policy_updates())
    named.grant_assume_role(iam.ArnPrincipal(own))
    assert not Annotations.from_stack(dev).find_warning("/Dev/Trusting", Match.any_value())


@pytest.mark.parametrize(
    ("grantee", "what"),
    [
        (iam.OrganizationPrincipal("o-a1b2c3d4e5"), "an organization"),
        (iam.FederatedPrincipal("accounts.google.com"), "an identity provider"),
        (iam.WebIdentityPrincipal("accounts.google.com"), "an identity provider"),
        (iam.CanonicalUserPrincipal("0" * 64), "a canonical user"),
    ],
)
def test_a_grant_to_what_has_no_policies_is_refused(app: cdk.App, grantee: iam.PrincipalBase, what: str) -> None:
    """The CDK adds nothing for it, and says nothing."""
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    role = CrossAccountRole(dev, "Role", trusted=Trusted.organization("o-a1b2c3d4e5"))
    for grant in (role.grant_assume_role, lambda one: role.grant(one, "iam:PassRole"), role.grant_pass_role):
        with pytest.raises(ValueError, match=f"Dev/Role cannot be granted to {what}, which has no policies"):
            grant(grantee)


def test_a_grant_to_a_namesake_is_refused(app: cdk.App) -> None:
    """The CDK writes the policy of a user of another account for the user of that name in this one."""
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    role = CrossAccountRole(dev, "Role", trusted=Trusted.accounts(DEV, HUB), role_name="Deployer")
    role.grant_assume_role(iam.User.from_user_arn(dev, "Own", f"arn:aws:iam::{DEV}:user/alice"))
    with pytest.raises(ValueError, match=f"Dev/Bob of account {HUB} from a stack of {DEV}"):
        role.grant_assume_role(iam.User.from_user_arn(dev, "Bob", f"arn:aws:iam::{HUB}:user/bob"))


@pytest.mark.parametrize("is_text", [False, True])
@pytest.mark.parametrize(("target", "holder", "said"), GRANTED)
def test_a_grant_to_who_gets_nowhere_is_refused(
    app: cdk.App, target: Callable[[cdk.Stack], Any], holder: str, said: str, is_text: bool
) -> None:
    """The app knows both sides, also by an ARN; a role that it knows nothing of may let anybody in."""
    hub, dev = (
        cdk.Stack(app, f"In{one}", env=cdk.Environment(account=one, region="eu-central-1")) for one in (HUB, DEV)
    )
    made: dict[str, Callable[[], Any]] = {
        "users": lambda: iam.User(hub, "Bob", user_name="bob"),
        "unnamed": lambda: iam.User(hub, "Bob"),
        "imported": lambda: iam.User.from_user_arn(hub, "Bob", _arn("bob")),
        "groups": lambda: iam.Group(hub, "People"),
        "roles": lambda: iam.Role(hub, "Function", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")),
    }
    argument = holder if holder in ("groups", "roles") else "users"
    given: dict[str, Any] = {argument: [made[holder]()], "target_roles": [target(dev)]}
    if is_text:
        given["target_roles"] = [f"arn:aws:iam::{DEV}:role/R"]
    if not said:
        AssumeRoleGrant(hub, "Grant", **given)
        return
    shown = rf"{argument} cannot have .*, which gets into none of target_roles: .*{said}"
    if is_text:
        AssumeRoleGrant(hub, "Grant", **given)
    with pytest.raises((ValueError, RuntimeError), match=shown):
        app.synth() if is_text else AssumeRoleGrant(hub, "Grant", **given)


def people(hub: cdk.Stack) -> dict[str, Any]:
    """A group."""
    return {"groups": [iam.Group(hub, "People")]}


def function(hub: cdk.Stack) -> dict[str, Any]:
    """A role that no user has."""
    service = iam.ServicePrincipal("lambda.amazonaws.com")
    return {"roles": [iam.Role(hub, "Function", assumed_by=service, role_name="Function")]}


#: What the role demands; what the grant says beside the name of the role; what is said of it.
NAMED: list[tuple[dict[str, Any], dict[str, Any], Callable[[cdk.Stack], dict[str, Any]], str]] = [
    ({"session_tags": {"ticket": ["*"]}}, {}, people, "Role demands what takes sts:TagSession, .*; say session_tags="),
    ({"source_identities": ["*"]}, {}, people, "takes sts:SetSourceIdentity, .*: .*; say source_identity=True"),
    ({"session_tags": {"ticket": ["*"]}}, {"session_tags": True}, people, ""),
    ({}, {}, people, ""),
]
BY_NAMES = [
    ({}, {}, function, "Function gets into none of the roles .* called 'Auditor': each of them demands MFA"),
    ({"trusted": Trusted.accounts(DEV)}, {}, people, "Hub/People gets into none of the roles .*: none of them lets it"),
    ({"trusted": Trusted.roles(f"arn:aws:iam::{HUB}:role/Function"), "mfa": False}, {}, function, ""),
]


@pytest.mark.parametrize("where", ["here", "in a stage", "in units"])
@pytest.mark.parametrize(
    ("demands", "says", "holders", "said", "by"),
    [(*row, by) for row in NAMED for by in ("arn", "name")] + [(*row, "name") for row in BY_NAMES],
)
def test_a_role_that_is_granted_by_arn_or_name_is_asked_as_well(
    app: cdk.App,
    demands: dict[str, Any],
    says: dict[str, Any],
    holders: Callable[[cdk.Stack], dict[str, Any]],
    said: str,
    by: str,
    where: str,
) -> None:
    """Over accounts both sides know each other by name; what the app makes is known all the same."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))

    def role(scope: Construct) -> CrossAccountRole:
        return CrossAccountRole(scope, "Role", **{"trusted": Trusted.accounts(HUB), "role_name": "Auditor", **demands})

    env = cdk.Environment(account=DEV, region="eu-central-1")
    if where == "in units":
        organization = cdk.Stack(app, "Management", env=cdk.Environment(account="999988887777", region="eu-central-1"))
        OrganizationRole(organization, "Role", organizational_units=["ou-ab12-11111111"], role=role)
    else:
        role(cdk.Stack(app if where == "here" else cdk.Stage(app, "Prod"), "Dev", env=env))
    target: dict[str, Any] = {"target_roles": [f"arn:aws:iam::{DEV}:role/Auditor"]}
    if by == "name":
        target = {"role_names": ["Auditor"], "organization": "o-a1b2c3d4e5"}
    grant = AssumeRoleGrant(hub, "Grant", **target, **holders(hub), **says)
    app.synth()
    warned = [str(entry.data) for entry in grant.node.metadata if entry.type == "aws:cdk:warning"]
    assert len(warned) == bool(said)
    assert not said or re.search(said, warned[0])


def test_what_another_grant_allows_is_not_lacking(app: cdk.App) -> None:
    """Both hold for the group."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    CrossAccountRole(dev, "R", trusted=Trusted.accounts(HUB), role_name="Deployer", session_tags={"ticket": ["*"]})
    group = iam.Group(hub, "People")
    for name, says in (("Grant", False), ("Tags", True)):
        AssumeRoleGrant(hub, name, target_roles=[DEPLOYER], groups=[group], session_tags=says)
    assert not [one for one in app.synth().get_stack_by_name("Hub").messages if "demands" in str(one.entry.data)]


def _attached(hub: cdk.Stack, action: str, resource: str) -> None:
    policy = iam.PolicyStatement(actions=[action], resources=[resource])
    iam.ManagedPolicy(hub, "P", statements=[policy], roles=[iam.Role.from_role_name(hub, "I", "Scanner")])


def _aws(name: str) -> dict[str, Any]:
    return {"managed_policies": [iam.ManagedPolicy.from_aws_managed_policy_name(name)]}


#: What the caller has, what else is attached to it, and whether it may ask.
ASKING: list[tuple[dict[str, Any], Callable[[cdk.Stack], object], bool]] = [
    ({}, lambda _: None, False),
    (_aws("ReadOnlyAccess"), lambda _: None, False),
    ({}, lambda hub: _attached(hub, "sts:AssumeRole", f"arn:aws:iam::{DEV}:role/Other"), False),
    ({}, lambda hub: _attached(hub, "s3:*", "*"), False),
    (_aws("AdministratorAccess"), lambda _: None, True),
    ({}, lambda hub: _attached(hub, "sts:AssumeRole", DEPLOYER), True),
    ({}, lambda hub: _attached(hub, "sts:*", "arn:aws:iam::*:role/Dep*"), True),
]


@pytest.mark.parametrize("by", ["arn", "object"])
@pytest.mark.parametrize(("has", "attached", "may_ask"), ASKING)
def test_a_role_of_another_account_that_may_not_ask_is_warned_of(
    app: cdk.App, has: dict[str, Any], attached: Callable[[cdk.Stack], object], may_ask: bool, by: str
) -> None:
    """Over accounts the trust policy alone lets in nobody."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    service = iam.ServicePrincipal("ecs-tasks.amazonaws.com")
    scanner = iam.Role(hub, "Scanner", assumed_by=service, role_name="Scanner", **has)
    caller = Trusted.roles(scanner if by == "object" else f"arn:aws:iam::{HUB}:role/Scanner")
    role = CrossAccountRole(dev, "R", trusted=caller, mfa=False, role_name="Deployer")
    attached(hub)
    app.synth()
    warned = [str(entry.data) for entry in role.node.metadata if entry.type == "aws:cdk:warning"]
    assert len(warned) == (not may_ask)
    assert may_ask or re.search(f"Hub/Scanner/Resource of account {HUB} does not get in: .* on Dev/R,", warned[0])


def test_a_role_that_a_role_of_its_account_names_needs_no_grant(app: cdk.App) -> None:
    """Nor is anything said of one whose policies are not known."""
    hub, dev = (
        cdk.Stack(app, f"In{one}", env=cdk.Environment(account=one, region="eu-central-1")) for one in (HUB, DEV)
    )
    service = iam.ServicePrincipal("ecs-tasks.amazonaws.com")
    own = iam.Role(dev, "Own", assumed_by=service, role_name="Own")
    kept = [iam.ManagedPolicy.from_managed_policy_name(hub, "Kept", "Kept")]
    other = iam.Role(hub, "Other", assumed_by=service, role_name="Other", managed_policies=kept)
    CrossAccountRole(dev, "R", trusted=Trusted.roles(own, other), mfa=False, role_name="Deployer")
    assert not app.synth().get_stack_by_name(f"In{DEV}").messages


TEAM = "aws:PrincipalTag/team"


@pytest.mark.parametrize(
    ("condition", "tags", "said"),
    [
        ({"StringEquals": {TEAM: "ops"}}, {}, "has no tag 'team'"),
        ({"StringEquals": {TEAM: "ops"}}, {"team": "dev"}, "has the tag team=dev"),
        ({"StringLike": {TEAM: "*"}}, {"other": "ops"}, "has no tag 'team'"),
        # Keys of tags are compared without regard to case.
        ({"StringEquals": {TEAM: "ops"}}, {"Team": "ops"}, ""),
        ({"StringEqualsIfExists": {TEAM: "ops"}}, {}, ""),
        ({"StringNotEquals": {TEAM: "ops"}}, {}, ""),
        ({"StringEquals": {TEAM: "${aws:username}"}}, {"team": "dev"}, ""),
        ({"StringEquals": {TEAM: "ops"}}, {"team": cdk.Aws.STACK_NAME}, ""),
    ],
)
@pytest.mark.parametrize("by", ["grant", "trust", "arn"])
def test_a_user_without_the_tag_that_a_role_demands_is_warned_of(
    app: cdk.App, condition: dict[str, Any], tags: dict[str, str], said: str, by: str
) -> None:
    """Of a user of the app the tags are known, but for those that somebody gives by hand."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    target = cdk.Stack(app, "Target", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    user = iam.User(hub, "User", user_name="alice")
    named = {"trust": user, "arn": "arn:aws:iam::111122223333:user/alice"}
    trusted = Trusted.accounts("111122223333") if by == "grant" else Trusted.users(named[by])
    role = CrossAccountRole(target, "Role", trusted=trusted, role_name="Role", conditions=condition)
    said_of: Construct = AssumeRoleGrant(hub, "Grant", target_roles=[role], users=[user]) if by == "grant" else role
    for key, value in tags.items():
        cdk.Tags.of(user).add(key, value)
    app.synth()
    warned = [str(entry.data) for entry in said_of.node.metadata if entry.type == "aws:cdk:warning"]
    assert len(warned) == bool(said)
    assert all(f"gets into Target/Role by a tag only, and in the app {said}" in one for one in warned)


@pytest.mark.parametrize(
    ("tags", "named", "said"),
    [(["dev", "qa"], [], True), (["dev", "ops"], [], False), (["dev"], ["bob"], False), ([], [], False)],
)
def test_a_group_none_of_whose_members_has_the_tag_is_warned_of(
    app: cdk.App, tags: list[str], named: list[str], said: bool
) -> None:
    """One that has the roles of several teams has members who lack the tags of others."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    users = [iam.User(hub, tag, user_name=tag) for tag in tags]
    for user, tag in zip(users, tags, strict=True):
        cdk.Tags.of(user).add("team", tag)
    group = MfaEnforcedGroup(hub, "People", users=[*users, *named])
    trusted, condition = Trusted.accounts(HUB), {"StringEquals": {TEAM: "ops"}}
    role = CrossAccountRole(dev, "Role", trusted=trusted, role_name="Deployer", conditions=condition)
    AssumeRoleGrant(hub, "Grant", target_roles=[role], groups=[group])
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    expected = "no member of Hub/People/Resource gets into Dev/Role, which lets in by a tag only: Hub/dev/Resource in"
    assert len([one for one in messages if expected in one]) == said


@pytest.mark.parametrize(
    ("of_user", "of_role", "said"),
    [
        ("ops", "ops", ""),
        ("dev", "ops", "has the tag team=dev"),
        (None, "ops", "has no tag 'team'"),
        # The stack may give the role its tag, and what stands in a tag need not be a text.
        ("dev", None, ""),
        pytest.param("dev", cdk.Aws.STACK_NAME, "", id="token"),
    ],
)
def test_a_user_whose_tag_is_not_that_of_the_role_is_warned_of(
    app: cdk.App, of_user: str | None, of_role: str | None, said: str
) -> None:
    """Where both are known, the variable for the tag of the role is its value."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    user = iam.User(hub, "User", user_name="alice")
    condition = {"StringEquals": {TEAM: "${aws:ResourceTag/Team}"}}
    role = CrossAccountRole(hub, "Role", trusted=Trusted.users(user), conditions=condition)
    for construct, tag in ((user, of_user), (role, of_role)):
        if tag is not None:
            cdk.Tags.of(construct).add("team", tag)
    app.synth()
    warned = [str(entry.data) for entry in role.node.metadata if entry.type == "aws:cdk:warning"]
    assert [f"in the app {said}" in one for one in warned] == [True] * bool(said)


@pytest.mark.parametrize(
    ("trusted", "made", "named", "said"),
    [
        (["user/carol"], [], ["alice", "bob"], True),
        (["user/carol"], ["alice"], ["bob"], True),
        # A user has a name once in an account, whatever the path.
        (["user/people/Carol"], ["alice"], ["carol"], False),
        (["user/carol"], ["carol"], ["bob"], False),
        (["user/carol"], [], [], False),
        (["root"], [], ["alice"], False),
    ],
)
@pytest.mark.parametrize("by", ["object", "arn", "stage", "names", "everywhere"])
def test_a_group_none_of_whose_members_a_role_trusts_is_warned_of(
    app: cdk.App, trusted: list[str], made: list[str], named: list[str], said: bool, by: str
) -> None:
    """Of those whom the app puts there; a group that is empty is filled by somebody else."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    around = cdk.Stage(app, "Prod") if by == "stage" else app
    dev = cdk.Stack(around, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    group = MfaEnforcedGroup(hub, "People", users=[*(iam.User(hub, one, user_name=one) for one in made), *named])
    entities = [f"arn:aws:iam::{HUB}:{one}" for one in trusted]
    whom = Trusted.accounts(HUB) if trusted == ["root"] else Trusted.users(*entities)

    def make(scope: cdk.Stack) -> CrossAccountRole:
        return CrossAccountRole(scope, "Role", trusted=whom, role_name="Deployer")

    if by == "everywhere":
        OrganizationRole(dev, "Roles", organizational_units=["ou-ab12-11111111"], role=make)
    else:
        role = make(dev)
    given: dict[str, Any] = {"target_roles": [role if by == "object" else f"arn:aws:iam::{DEV}:role/Deployer"]}
    if by in ("names", "everywhere"):
        given = {"role_names": ["Deployer"], "organization": "o-a1b2c3d4e5"}
    grant = AssumeRoleGrant(hub, "Grant", groups=[group], **given)
    app.synth()
    warned = [str(entry.data) for entry in grant.node.metadata if entry.type == "aws:cdk:warning"]
    assert [
        "no member of Hub/People (" in one and f"gets into any of {next(iter(given))}" in one for one in warned
    ] == [True] * said


@pytest.mark.parametrize(
    ("trusted", "said"), [("bob", True), ("Alice", False), ("account", False), ("reference", False)]
)
def test_a_member_that_is_made_by_its_type_is_asked(app: cdk.App, trusted: str, said: bool) -> None:
    """As those that the group is given; it may be trusted by a reference to its resource."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    group = iam.Group(hub, "People", group_name="people")
    alice = iam.CfnUser(hub, "Alice", user_name="Alice", groups=["people"])
    by_name = Trusted.users(f"arn:aws:iam::{HUB}:user/{trusted}")
    whom = {"account": Trusted.accounts(HUB), "reference": Trusted.users(alice.attr_arn)}.get(trusted, by_name)
    role = CrossAccountRole(hub, "Role", trusted=whom, role_name="Deployer")
    grant = AssumeRoleGrant(hub, "Grant", groups=[group], target_roles=[role])
    app.synth()
    warned = [str(entry.data) for entry in grant.node.metadata if entry.type == "aws:cdk:warning"]
    assert ["no member of Hub/People (Hub/Alice)" in one for one in warned] == [True] * said


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, True),
        ({"Action": "s3:*"}, False),
        ({"Resource": f"arn:aws:iam::{DEV}:role/Deployer"}, True),
        ({"Resource": f"arn:aws:iam::{DEV}:role/Other"}, False),
        ({"Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}, False),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{HUB}:user/alice"}}}, False),
        ({"Condition": {"StringNotEquals": {"aws:PrincipalAccount": HUB}}}, False),
        ({"Condition": {"StringEquals": {"aws:PrincipalAccount": HUB}}}, True),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}}, True),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/a*"}}}, False),
        ({"Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}, False),
        ({"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}}, True),
        ({"Condition": {"StringEquals": {"aws:PrincipalType": "User"}}}, True),
        ({"targets": ["ou-ab12-11111111"]}, False),
        ({"targets": [DEV]}, False),
        ({"type": "RESOURCE_CONTROL_POLICY"}, False),
    ],
)
def test_service_control_policy_of_the_app(app: cdk.App, changed: dict[str, Any], said: bool) -> None:
    """The synthesis warns of one that surely denies all roles of a grant; not of one that may spare somebody."""
    given = {"targets": ["r-ab12"], "type": "SERVICE_CONTROL_POLICY", **changed}
    targets, kind = (given.pop(name) for name in ("targets", "type"))
    statement = {"Effect": "Deny", "Action": "sts:Assume*", "Resource": "*", **given}
    management = cdk.Stack(app, "Management", env=cdk.Environment(account="999900001111", region="eu-central-1"))
    content = {"Version": "2012-10-17", "Statement": [statement]}
    organizations.CfnPolicy(management, "Ours", name="Ours", type=kind, target_ids=targets, content=content)
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    group = iam.Group(hub, "People")
    AssumeRoleGrant(hub, "Grant", target_roles=[f"arn:aws:iam::{DEV}:role/Deployer"], groups=[group])
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    assert said == any("Management/Ours denies account" in one for one in messages)


@pytest.mark.parametrize(
    ("denied", "demanded", "said"),
    [
        ("sts:TagSession", {"session_tags": {"team": ["red"]}}, "denies sts:TagSession to all whom it trusts"),
        ("sts:SetSourceIdentity", {"source_identities": ["alice"]}, "denies sts:SetSourceIdentity to all"),
        ("sts:TagSession", {"source_identities": ["alice"]}, ""),
        ("sts:TagSession", {}, ""),
    ],
)
def test_service_control_policy_against_what_a_role_demands(
    app: cdk.App, denied: str, demanded: dict[str, Any], said: str
) -> None:
    """Who may not pass what the role demands does not get in."""
    management = cdk.Stack(app, "Management", env=cdk.Environment(account="999900001111", region="eu-central-1"))
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": denied, "Resource": "*"}]}
    kind = "SERVICE_CONTROL_POLICY"
    organizations.CfnPolicy(management, "Ours", name="Ours", type=kind, target_ids=["r-ab12"], content=content)
    iam.Group(cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1")), "People")
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    CrossAccountRole(dev, "Role", trusted=Trusted.accounts(HUB), role_name="Role", **demanded)
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Dev").messages]
    found = [one for one in messages if "Management/Ours denies" in one]
    assert bool(found) == bool(said)
    assert all(said in one for one in found)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ({}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}, False),
        ({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/En*"}}, False),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, True),
    ],
)
@pytest.mark.parametrize("by", ["object", "arn"])
def test_service_control_policy_against_all_whom_a_role_trusts(
    app: cdk.App, condition: dict[str, Any], said: bool, by: str
) -> None:
    """Where somebody may be spared, or the account of the callers is none of the app, nobody is warned."""
    management = cdk.Stack(app, "Management", env=cdk.Environment(account="999900001111", region="eu-central-1"))
    statement = {"Effect": "Deny", "Action": "sts:*", "Resource": "*", "Condition": condition}
    content = {"Version": "2012-10-17", "Statement": [statement]}
    kind = "SERVICE_CONTROL_POLICY"
    organizations.CfnPolicy(management, "Ours", name="Ours", type=kind, target_ids=["r-ab12"], content=content)
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    entry = iam.Role(hub, "Entry", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"), role_name="Entry")
    dev = cdk.Stack(app, "Dev", env=cdk.Environment(account=DEV, region="eu-central-1"))
    RoleChain(dev, "Chain", entry=entry if by == "object" else f"arn:aws:iam::{HUB}:role/Entry", role_name="Chain")
    RoleChain(dev, "Other", entry="arn:aws:iam::333344445555:role/Entry", role_name="Other")
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Dev").messages]
    assert ["nobody gets into Dev/Chain: Management/Ours denies" in one for one in messages if "nobody" in one] == [
        True
    ] * said
