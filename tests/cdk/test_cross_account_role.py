"""
`CrossAccountRole`: the documents it writes, what it refuses, and that it is a role like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from trustproof_cdk import CrossAccountRole, Trusted

HUB = "111122223333"
ORGANIZATION = "o-a1b2c3d4e5"
UNIT = f"{ORGANIZATION}/r-ab12/ou-ab12-11111111"
ALICE = f"arn:aws:iam::{HUB}:user/people/alice"
BUILDER = f"arn:aws:iam::{HUB}:role/Builder"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def trust(statement: dict[str, Any]) -> dict[str, Any]:
    """The trust policy of one statement that allows AssumeRole."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", **statement}]}


DOCUMENTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    # arguments, the statement
    ({"trusted": Trusted.accounts(HUB)}, {"Principal": {"AWS": HUB}, "Condition": MFA}),
    (
        {"trusted": Trusted.accounts(HUB, "222233334444")},
        {"Principal": {"AWS": [HUB, "222233334444"]}, "Condition": MFA},
    ),
    ({"trusted": Trusted.users(ALICE)}, {"Principal": {"AWS": ALICE}, "Condition": MFA}),
    ({"trusted": Trusted.roles(BUILDER), "mfa": False}, {"Principal": {"AWS": BUILDER}}),
    (
        {"trusted": Trusted.organization(ORGANIZATION)},
        {"Principal": {"AWS": "*"}, "Condition": {**MFA, "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}},
    ),
    (
        {"trusted": Trusted.organizational_unit(UNIT)},
        {
            "Principal": {"AWS": "*"},
            "Condition": {**MFA, "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{UNIT}/*"}},
        },
    ),
    (
        {"trusted": Trusted.accounts(HUB), "max_mfa_age": cdk.Duration.minutes(15)},
        {
            "Principal": {"AWS": HUB},
            "Condition": {**MFA, "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "900"}},
        },
    ),
    (
        {"trusted": Trusted.accounts(HUB), "session_name_is_user_name": True},
        {"Principal": {"AWS": HUB}, "Condition": {**MFA, "StringLike": {"sts:RoleSessionName": "${aws:username}"}}},
    ),
    (
        {
            "trusted": Trusted.organization(ORGANIZATION),
            "conditions": {"StringEquals": {"aws:PrincipalTag/team": "ops"}},
        },
        {
            "Principal": {"AWS": "*"},
            "Condition": {
                **MFA,
                "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalTag/team": "ops"},
            },
        },
    ),
]


@pytest.mark.parametrize(("arguments", "statement"), DOCUMENTS)
def test_trust_policy_is(stack: cdk.Stack, arguments: dict[str, Any], statement: dict[str, Any]) -> None:
    """Each way to trust has one document."""
    assert CrossAccountRole(stack, "Role", **arguments).trust_policy == trust(statement)


def test_permission_sets_are_confined_by_the_role_of_the_set(stack: cdk.Stack) -> None:
    """The account is the principal, and only the 16 characters that change are left open."""
    role = CrossAccountRole(stack, "Role", trusted=Trusted.permission_sets("Admin", accounts=[HUB]), mfa=False)
    (statement,) = role.trust_policy["Statement"]
    assert statement["Principal"] == {"AWS": HUB}
    join = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]["Fn::Join"][1]
    assert join[-1] == f":iam::{HUB}:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_{'?' * 16}"


def test_several_trusted_are_several_statements(stack: cdk.Stack) -> None:
    """Who is trusted through an organization is not confined by what confines somebody else."""
    role = CrossAccountRole(stack, "Role", trusted=[Trusted.users(ALICE), Trusted.organization(ORGANIZATION)])
    first, second = role.trust_policy["Statement"]
    assert first["Condition"] == MFA
    assert second["Condition"] == {**MFA, "StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}


def test_trust_policy_is_what_the_template_has(
    stack: cdk.Stack, resources: Callable[[str], list[dict[str, Any]]]
) -> None:
    """No open statement of the CDK stands beside ours."""
    role = CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB))
    (properties,) = resources("AWS::IAM::Role")
    assert properties == {
        "AssumeRolePolicyDocument": trust({"Principal": {"AWS": HUB}, "Condition": MFA}),
        "MaxSessionDuration": 3600,
    }
    assert role.trust_policy == properties["AssumeRolePolicyDocument"]


def test_all_options_reach_the_template(stack: cdk.Stack, resources: Callable[[str], list[dict[str, Any]]]) -> None:
    """What `iam.Role` takes, this takes."""
    CrossAccountRole(
        stack,
        "Role",
        trusted=Trusted.accounts(HUB),
        role_name="Deployer",
        path="/people/",
        description="Deploys",
        max_session_duration=cdk.Duration.hours(2),
        session_duration_reason="Restores take two hours",
        managed_policies=[
            iam.ManagedPolicy.from_managed_policy_arn(stack, "P", "arn:aws:iam::aws:policy/ReadOnlyAccess")
        ],
        inline_policies={
            "own": iam.PolicyDocument(
                statements=[iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"])]
            )
        },
        permissions_boundary=iam.ManagedPolicy.from_managed_policy_arn(
            stack, "B", f"arn:aws:iam::{HUB}:policy/Boundary"
        ),
    )
    (properties,) = resources("AWS::IAM::Role")
    del properties["AssumeRolePolicyDocument"]
    assert properties == {
        "RoleName": "Deployer",
        "Path": "/people/",
        "Description": "Deploys",
        "MaxSessionDuration": 7200,
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "Policies": [
            {
                "PolicyName": "own",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}],
                },
            }
        ],
        "PermissionsBoundary": f"arn:aws:iam::{HUB}:policy/Boundary",
    }


def test_role_can_be_granted_to(stack: cdk.Stack, resources: Callable[[str], list[dict[str, Any]]]) -> None:
    """The construct is a role: grants of other constructs take it."""
    role = CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB))
    s3.Bucket(stack, "Bucket").grant_read(role)
    role.add_to_policy(iam.PolicyStatement(actions=["ec2:DescribeInstances"], resources=["*"]))
    role.grant_assume_role(iam.User(stack, "Alice"))
    own, users = resources("AWS::IAM::Policy")
    assert own["Roles"] == [stack.resolve(role.role_name)]
    assert "ec2:DescribeInstances" in [statement["Action"] for statement in own["PolicyDocument"]["Statement"]]
    assert users["PolicyDocument"]["Statement"][0]["Resource"] == stack.resolve(role.role_arn)


def test_logical_id_is_that_of_a_plain_role(app: cdk.App, stack: cdk.Stack) -> None:
    """A plain role can be replaced by ours without being created anew."""
    CrossAccountRole(stack, "Deployer", trusted=Trusted.accounts(HUB))
    iam.Role(cdk.Stack(app, "Before"), "Deployer", assumed_by=iam.AccountPrincipal(HUB))
    assembly = app.synth()
    ours, plain = (assembly.get_stack_by_name(name).template["Resources"].keys() for name in ("Stack", "Before"))
    assert ours == plain


def test_works_in_stages_and_nested_stacks(app: cdk.App) -> None:
    """Where the construct stands makes no difference to the trust policy."""
    for scope in (cdk.Stack(cdk.Stage(app, "Prod"), "Access"), cdk.NestedStack(cdk.Stack(app, "Parent"), "Nested")):
        role = CrossAccountRole(scope, "Role", trusted=Trusted.accounts(HUB))
        assert role.trust_policy == trust({"Principal": {"AWS": HUB}, "Condition": MFA})
    app.synth()


def test_tokens_pass(stack: cdk.Stack) -> None:
    """Accounts, ARNs and names may be known only in a deployment."""
    hub = cdk.CfnParameter(stack, "Hub").value_as_string
    role = CrossAccountRole(
        stack,
        "Role",
        trusted=[Trusted.accounts(hub), Trusted.users(f"arn:{cdk.Aws.PARTITION}:iam::{hub}:user/alice")],
        role_name=cdk.CfnParameter(stack, "Name").value_as_string,
    )
    account, user = (statement["Principal"]["AWS"] for statement in role.trust_policy["Statement"])
    assert account == {"Ref": "Hub"}
    assert user["Fn::Join"][1][1:] == [{"Ref": "AWS::Partition"}, ":iam::", {"Ref": "Hub"}, ":user/alice"]


def test_users_and_roles_of_the_app_are_trusted_by_reference(stack: cdk.Stack) -> None:
    """An object says more than a string."""
    alice = iam.User(stack, "Alice")
    builder = iam.Role(stack, "Builder", assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"))
    of_user = CrossAccountRole(stack, "OfUser", trusted=Trusted.users(alice))
    of_role = CrossAccountRole(stack, "OfRole", trusted=Trusted.roles(builder), mfa=False)
    assert of_user.trust_policy["Statement"][0]["Principal"] == {"AWS": stack.resolve(alice.user_arn)}
    assert of_role.trust_policy["Statement"][0]["Principal"] == {"AWS": stack.resolve(builder.role_arn)}


REFUSED: list[tuple[dict[str, Any], str]] = [
    # arguments, part of the message
    ({"trusted": Trusted.roles(BUILDER)}, f"Trusted.roles('{BUILDER}') cannot assume a role that demands MFA"),
    ({"trusted": Trusted.permission_sets("Admin", accounts=[HUB])}, "Trusted.permission_sets('Admin') cannot assume"),
    (
        {"trusted": Trusted.roles(BUILDER), "mfa": False, "session_name_is_user_name": True},
        "cannot assume a role that demands ${aws:username}: only requests of IAM users carry it",
    ),
    ({"trusted": []}, "trusted must name at least one caller, got an empty list"),
    (
        {"trusted": Trusted.accounts(HUB), "mfa": False, "max_mfa_age": cdk.Duration.hours(1)},
        "max_mfa_age cannot be given with mfa=False",
    ),
    (
        {"trusted": Trusted.accounts(HUB), "max_mfa_age": cdk.Duration.hours(37)},
        "max_mfa_age must be 1 second to 36 hours in whole seconds, got 37 hours",
    ),
    (
        {"trusted": Trusted.accounts(HUB), "max_session_duration": cdk.Duration.minutes(30)},
        "max_session_duration must be 1 hour to 12 hours in whole seconds, got 30 minutes",
    ),
    (
        {"trusted": Trusted.accounts(HUB), "conditions": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}},
        "Bool aws:MultiFactorAuthPresent cannot be both 'true' and 'false'",
    ),
    (
        {"trusted": Trusted.accounts(HUB), "role_name": "my role"},
        "role_name must be 1 to 64 letters, digits or any of _+=,.@-, got 'my role'",
    ),
    ({"trusted": Trusted.accounts(HUB), "path": "people"}, "path must be '/', or up to 512 characters"),
    ({"trusted": Trusted.accounts(HUB), "description": "déploie — vite"}, "description must be at most 1000"),
    (
        {"trusted": Trusted.accounts(HUB), "max_trust_policy_size": 9000},
        "max_trust_policy_size must be 2048 to 8192, got 9000",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        CrossAccountRole(stack, "Role", **arguments)


def test_trusted_must_be_trusted(stack: cdk.Stack) -> None:
    """An account id alone does not say what is trusted."""
    with pytest.raises(TypeError, match=r"trusted must be Trusted\.accounts"):
        CrossAccountRole(stack, "Role", trusted=HUB)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [None, 0, ""])
def test_mfa_is_not_taken_away_by_accident(stack: cdk.Stack, value: Any) -> None:
    """Only False says that MFA is not wanted."""
    with pytest.raises(TypeError, match="mfa must be True or False, got"):
        CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB), mfa=value)


def test_conditions_are_conjoined_with_ours(stack: cdk.Stack) -> None:
    """A condition of the user on a key of ours narrows it."""
    role = CrossAccountRole(
        stack,
        "Role",
        trusted=Trusted.accounts(HUB),
        max_mfa_age=cdk.Duration.hours(1),
        conditions={"NumericLessThanEquals": {"aws:MultiFactorAuthAge": 900}},
    )
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"] == {**MFA, "NumericLessThanEquals": {"aws:MultiFactorAuthAge": "900"}}


@pytest.mark.parametrize(
    ("trusted", "is_warned"),
    [
        ([Trusted.roles("arn:aws:iam::111122223333:role/Build")], True),
        ([Trusted.permission_sets("Admin", accounts=["111122223333"])], True),
        ([Trusted.roles("arn:aws:iam::111122223333:role/Build"), Trusted.accounts("333344445555")], False),
    ],
)
def test_whoever_has_a_session_gets_an_hour(stack: cdk.Stack, trusted: list[Trusted], is_warned: bool) -> None:
    """Role chaining, whatever the role says: only a user gets more."""
    lasting: Any = {"max_session_duration": cdk.Duration.hours(8), "session_duration_reason": "restores take long"}
    CrossAccountRole(stack, "Role", trusted=trusted, mfa=False, **lasting)
    said = cdk.assertions.Match.string_like_regexp("get an hour of Stack/Role at most")
    assert bool(cdk.assertions.Annotations.from_stack(stack).find_warning("*", said)) is is_warned


@pytest.mark.parametrize(("name", "is_warned"), [("ReadOnlyAccess", True), ("Deploy", False)])
def test_a_policy_of_ones_own_is_called_like_one_of_aws(stack: cdk.Stack, name: str, is_warned: bool) -> None:
    """``from_managed_policy_name`` for ``from_aws_managed_policy_name``: the deployment finds no such policy."""
    own = iam.ManagedPolicy.from_managed_policy_name(stack, "Own", name)
    CrossAccountRole(stack, "Role", trusted=Trusted.accounts("111122223333"), managed_policies=[own])
    said = cdk.assertions.Match.string_like_regexp(r"^managed_policies has the policy .* and not AWS's of that name")
    assert bool(cdk.assertions.Annotations.from_stack(stack).find_warning("*", said)) is is_warned
