"""
What IAM, Organizations and CloudFormation would refuse is refused before a deployment, in words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from constructs import IConstruct

from trustproof_cdk import (
    AssumeRoleGrant,
    CrossAccountRole,
    MfaEnforcedGroup,
    OrganizationRole,
    RequireMfaGuardrail,
    ThirdPartyRole,
    Trusted,
)
from trustproof_cdk._organizations.stack_set_accounts import StackSetAccounts, claim

HUB, OWN, OTHER = "111122223333", "222233334444", "333344445555"
UNIT = "ou-ab12-11111111"
BOUNDARY = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":policy/B"]]}


def placed(scope: Any, name: str, account: str, region: str = "eu-central-1", **more: Any) -> cdk.Stack:
    return cdk.Stack(scope, name, env=cdk.Environment(account=account, region=region), **more)


def member(inner: cdk.Stack, **more: Any) -> CrossAccountRole:
    return CrossAccountRole(inner, "Role", trusted=Trusted.accounts(HUB), role_name="Member", **more)


def everywhere(stack: cdk.Stack, construct_id: str = "Wide", **more: Any) -> OrganizationRole:
    return OrganizationRole(stack, construct_id, **{"organizational_units": [UNIT], "role": member, **more})


def reached(*units: str, only: Iterable[str] = (), without: Iterable[str] = ()) -> StackSetAccounts:
    return StackSetAccounts(units, bool(only), frozenset(only or without))


def inner_role(stack_set: OrganizationRole) -> dict[str, Any]:
    """The properties of the role in the template of a StackSet."""
    (role,) = (one for one in stack_set.template["Resources"].values() if one["Type"] == "AWS::IAM::Role")
    found: dict[str, Any] = role["Properties"]
    return found


def of_the_stage(app: cdk.App) -> cdk.Stack:
    return placed(cdk.Stage(app, "Prod", permissions_boundary=cdk.PermissionsBoundary.from_name("B")), "S", OWN)


def of_the_stack(app: cdk.App) -> cdk.Stack:
    return placed(app, "S", OWN, permissions_boundary=cdk.PermissionsBoundary.from_name("B"))


def of_the_app(app: cdk.App) -> cdk.Stack:
    stack = placed(app, "S", OWN)
    policy = iam.ManagedPolicy.from_managed_policy_name(stack, "Boundary", "B")
    iam.PermissionsBoundary.of(app).apply(policy)
    return stack


@pytest.mark.parametrize("made", [of_the_stage, of_the_stack, of_the_app])
def test_boundary_around_is_that_of_each_account(app: cdk.App, made: Callable[[cdk.App], cdk.Stack]) -> None:
    """IAM takes a boundary of the role's own account only."""
    text = json.dumps(inner_role(everywhere(made(app)))["PermissionsBoundary"])
    assert OWN not in text
    assert '{"Ref": "AWS::AccountId"}' in text
    assert ":policy/B" in text


def test_boundary_of_the_guide_has_the_account_in_its_name() -> None:
    """The name that the CDK's guide shows works for roles in many accounts too."""
    name = "cdk-${Qualifier}-PB-${AWS::AccountId}-${AWS::Region}"
    app = cdk.App(
        builtin_cloud_formation_validation=False, context={"@aws-cdk/core:permissionsBoundary": {"name": name}}
    )
    boundary = json.dumps(inner_role(everywhere(placed(app, "S", OWN)))["PermissionsBoundary"])
    assert OWN not in boundary
    assert boundary.count("AWS::AccountId") == 2
    assert "eu-central-1" in boundary


@pytest.mark.parametrize("argument", ["managed_policies", "permissions_boundary"])
def test_policies_of_another_account_are_refused(app: cdk.App, argument: str) -> None:
    """IAM attaches those of the account and of AWS; in a template for many accounts, those of each account."""
    stack = placed(app, "S", OWN)

    def given(scope: Any, account: str) -> dict[str, Any]:
        arn = f"arn:aws:iam::{account}:policy/P"
        policy = iam.ManagedPolicy.from_managed_policy_arn(scope, f"P{account}", arn)
        return {argument: policy if argument == "permissions_boundary" else [policy]}

    with pytest.raises(ValueError, match=f"{argument} must be of account {OWN}, .* got a policy of account {OTHER}"):
        member(stack, **given(stack, OTHER))
    member(stack, **given(stack, OWN))
    with pytest.raises(ValueError, match=f"role must have managed policies .* got policy/P of account {OTHER}"):
        everywhere(stack, role=lambda inner: member(inner, **given(inner, OTHER)))


def test_names_that_aws_has_given_to_no_policy_are_refused(stack: cdk.Stack) -> None:
    """With the name that was meant; one that is newer than the release is given by its ARN."""
    for name, meant in (("ReadOnlyAcces", "ReadOnlyAccess"), ("ViewOnlyAccess", "job-function/ViewOnlyAccess")):
        policy = iam.ManagedPolicy.from_aws_managed_policy_name(name)
        with pytest.raises(ValueError, match=re.escape(f"cannot have '{name}'") + f".* did you mean '{meant}'"):
            member(stack, managed_policies=[policy])
        with pytest.raises(ValueError, match=re.escape(f"cannot have '{name}'")):
            MfaEnforcedGroup(stack, "People", managed_policies=[policy])
    newer = iam.ManagedPolicy.from_managed_policy_arn(stack, "Newer", "arn:aws:iam::aws:policy/NobodyKnowsThis")
    member(stack, managed_policies=[newer])


@pytest.mark.parametrize("arn", ["arn:aws:iam::333344445555:policy/P", ""])
def test_policies_that_are_attached_later_are_refused_too(app: cdk.App, arn: str) -> None:
    """By the methods that attach one more."""
    stack = placed(app, "S", OWN)
    policy = (
        iam.ManagedPolicy.from_managed_policy_arn(stack, "Other", arn)
        if arn
        else iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAcces")
    )
    for holder in (member(stack), MfaEnforcedGroup(stack, "People")):
        with pytest.raises(ValueError, match=f"policy must be of account {OWN}|policy cannot have 'ReadOnlyAcces'"):
            holder.add_managed_policy(policy)


def test_two_guardrails_of_one_type_need_names(app: cdk.App) -> None:
    """Organizations takes a name once; stages may be of different organizations."""
    stack = placed(app, "S", OWN)
    RequireMfaGuardrail(stack, "Dev", targets=[UNIT])
    RequireMfaGuardrail(stack, "Resources", targets=[UNIT], policy_type="RESOURCE_CONTROL_POLICY")
    with pytest.raises(ValueError, match="policy_name must be another one than that of S/Dev"):
        RequireMfaGuardrail(stack, "Prod", targets=["ou-ab12-22222222"], exempt_actions=["iam:ChangePassword"])
    RequireMfaGuardrail(stack, "Named", targets=["ou-ab12-22222222"], policy_name="RequireMfaProd")
    RequireMfaGuardrail(placed(cdk.Stage(app, "Test"), "S", OWN), "Dev", targets=[UNIT])


def test_two_stack_sets_need_names(app: cdk.App) -> None:
    """One role in two units, with different trust, is two StackSets; in another account the name is free."""
    stack = placed(app, "S", OWN)
    everywhere(stack)
    with pytest.raises(ValueError, match="stack_set_name must be another one than that of S/Wide"):
        everywhere(stack, "Other")
    everywhere(stack, "Named", stack_set_name="Other", organizational_units=["ou-ab12-22222222"])
    everywhere(placed(app, "T", OTHER), organizational_units=["ou-ab12-33333333"])


#: Of two StackSets for one role name: units, whether the accounts are the only ones, and the accounts; and where they
#: meet.
BESIDE: list[tuple[StackSetAccounts, StackSetAccounts, str]] = [
    (reached(UNIT), reached(UNIT), UNIT),
    (reached(UNIT), reached("r-ab12"), UNIT),
    (reached("r-ab12"), reached(UNIT), UNIT),
    (reached(UNIT), reached("r-cd34", "ou-cd34-11111111"), ""),
    (reached(UNIT, only=[OTHER]), reached(UNIT), UNIT),
    (reached(UNIT, only=[OTHER]), reached(UNIT, only=[OTHER, HUB]), UNIT),
    (reached(UNIT, only=[OTHER]), reached(UNIT, only=[HUB]), ""),
    (reached(UNIT, only=[OTHER]), reached(UNIT, without=[OTHER, HUB]), ""),
    (reached(UNIT, without=[OTHER]), reached(UNIT, only=[OTHER, HUB]), UNIT),
    (reached(UNIT, without=[OTHER]), reached(UNIT, without=[HUB]), UNIT),
    (reached(UNIT, only=[cdk.Fn.import_value("Dev")]), reached(UNIT, without=[HUB]), ""),
]


@pytest.mark.parametrize(("first", "second", "unit"), BESIDE)
def test_accounts_of_two_stack_sets(app: cdk.App, first: StackSetAccounts, second: StackSetAccounts, unit: str) -> None:
    """As far as ids of units say it: which is in which one only the organization knows."""
    claim(placed(app, "S", OWN), "Wide", "role", "Member", first)
    there = placed(app, "T", OWN, "us-east-1")
    claim(there, "Wide", "role", "Other", second)
    if not unit:
        claim(there, "Wide", "role", "Member", second)
        return
    with pytest.raises(ValueError, match=f"S/Wide makes a role called 'member' in accounts of {unit} too, where IAM"):
        claim(there, "Wide", "role", "member", second)


def test_two_stack_sets_for_one_role(app: cdk.App) -> None:
    """An account takes the name once; of stages, and of what has a condition, there may be one."""
    stack = placed(app, "S", OWN)
    wide = everywhere(stack)
    with pytest.raises(ValueError, match="role must have another role_name, or be for other accounts: S/Wide makes"):
        everywhere(placed(app, "Elsewhere", OWN, "us-east-1"))
    in_stage = everywhere(placed(cdk.Stage(app, "Stage"), "S", OWN))
    (warned,) = (str(one.data) for one in in_stage.node.metadata if one.type == "aws:cdk:warning")
    assert "S/Wide makes a role called 'Member' in accounts of ou-ab12-11111111 too" in warned
    assert "Stage cannot be deployed beside it" in warned
    never = cdk.Fn.condition_equals(cdk.Aws.REGION, "us-east-1")
    wide.cfn_options.condition = cdk.CfnCondition(stack, "Never", expression=never)
    everywhere(stack, "Other", stack_set_name="Other")


def test_group_has_ten_policies(stack: cdk.Stack) -> None:
    """The one that enforces MFA, those that it is made with, and grants count together."""
    policies = [iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess")] * 10
    with pytest.raises(ValueError, match="managed_policies must be at most 9, got 10: IAM attaches 10 to a group"):
        MfaEnforcedGroup(stack, "TooMany", managed_policies=policies)
    group = MfaEnforcedGroup(stack, "People", managed_policies=policies[:1])
    for number in range(8):
        AssumeRoleGrant(stack, f"G{number}", groups=[group], target_roles=[f"arn:aws:iam::{OTHER}:role/R{number}"])
    with pytest.raises(ValueError, match="groups cannot have Stack/People once more: it has 10 managed policies"):
        AssumeRoleGrant(stack, "G8", groups=[group], target_roles=[f"arn:aws:iam::{OTHER}:role/R8"])


def test_users_that_differ_by_case_are_one(stack: cdk.Stack) -> None:
    """IAM does not tell them apart."""
    with pytest.raises(ValueError, match="users cannot have both 'Alice' and 'alice'"):
        MfaEnforcedGroup(stack, "People", users=["Alice", "alice"])


def test_secure_string_is_no_external_id(stack: cdk.Stack) -> None:
    """CloudFormation puts it into no trust policy."""
    secret = cdk.SecretValue.ssm_secure("/vendor/id", "1").unsafe_unwrap()
    with pytest.raises(ValueError, match="external_id cannot be a secure string"):
        ThirdPartyRole(stack, "Role", vendor="V", trusted=Trusted.accounts(OTHER), external_id=secret)


def test_default_must_be_allowed(stack: cdk.Stack) -> None:
    """A default that the parameter does not allow is refused, as a value is."""

    def made(inner: cdk.Stack) -> CrossAccountRole:
        hub = cdk.CfnParameter(inner, "Hub", default=OTHER, allowed_values=[HUB])
        return CrossAccountRole(inner, "R", trusted=Trusted.accounts(hub.value_as_string), role_name="R")

    with pytest.raises(ValueError, match=f"the default of parameter 'Hub' must be one of '{HUB}', got '{OTHER}'"):
        everywhere(stack, role=made)


@pytest.mark.parametrize("path", ["/aws-reserved/", "/aws-service-role/x/"])
def test_paths_of_aws_are_refused(stack: cdk.Stack, path: str) -> None:
    """They are for roles that AWS makes."""
    with pytest.raises(ValueError, match=f"path cannot be '{path}': AWS keeps it for roles of its own"):
        member(stack, path=path)


def test_an_app_is_no_scope(app: cdk.App) -> None:
    """A role is in a stack."""
    with pytest.raises(TypeError, match="scope must be a Stack, or in one, got"):
        CrossAccountRole(app, "R", trusted=Trusted.accounts(HUB))


@pytest.mark.parametrize("kind", ["ours", "plain"])
def test_a_name_that_the_cdk_makes_is_a_name(app: cdk.App, kind: str) -> None:
    """`PhysicalName.GENERATE_IF_NEEDED` is how the CDK refers from account to account."""
    stack, hub = placed(app, "S", OWN), placed(app, "Hub", HUB)
    generated = cdk.PhysicalName.GENERATE_IF_NEEDED
    role: iam.IRole
    if kind == "ours":
        role = CrossAccountRole(stack, "R", trusted=Trusted.accounts(HUB), role_name=generated)
    else:
        role = iam.Role(stack, "R", assumed_by=iam.AccountPrincipal(HUB), role_name=generated)
    AssumeRoleGrant(hub, "Grant", groups=[iam.Group(hub, "G")], target_roles=[role])
    assembly = app.synth()
    roles = assembly.get_stack_by_name("S").template["Resources"].values()
    (name,) = (one["Properties"]["RoleName"] for one in roles if one["Type"] == "AWS::IAM::Role")
    assert f":iam::{OWN}:role/{name}" in json.dumps(assembly.get_stack_by_name("Hub").template)


@pytest.mark.parametrize(("account", "where"), [(OWN, "Region"), (OTHER, "account")])
def test_a_role_without_a_name_is_refused_from_elsewhere(app: cdk.App, account: str, where: str) -> None:
    """From another Region of its account too, since references end there."""
    role = CrossAccountRole(placed(app, "S", OWN, "us-east-1"), "R", trusted=Trusted.accounts(HUB))
    with pytest.raises(ValueError, match=f"target_roles cannot have S/R/Resource of another {where} without a role_n"):
        AssumeRoleGrant(placed(app, "T", account), "Grant", target_roles=[role])


@jsii.implements(cdk.IAspect)
class Prefix:
    """What companies do to names."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnRole) and not str(node.role_name).startswith("acme-"):
            node.role_name = f"acme-{node.role_name}"


@pytest.mark.parametrize("user", ["grant", "trust"])
def test_a_role_that_is_renamed_after_the_fact_fails_the_synthesis(app: cdk.App, user: str) -> None:
    """Another account knows it by the old name; the error has both."""
    stack, hub = placed(app, "S", OWN), placed(app, "Hub", HUB)
    role = CrossAccountRole(stack, "R", trusted=Trusted.accounts(HUB), role_name="R")
    if user == "grant":
        AssumeRoleGrant(hub, "Grant", groups=[iam.Group(hub, "G")], target_roles=[role])
    else:
        CrossAccountRole(hub, "T", trusted=Trusted.roles(role), mfa=False, role_name="acme-T")
    app.synth()
    cdk.Aspects.of(stack).add(Prefix())
    with pytest.raises(RuntimeError, match=r"S/R/Resource is called 'acme-R', .* refers to it as 'R'"):
        app.synth(force=True)


SOME = iam.PolicyDocument(statements=[iam.PolicyStatement(actions=["*"], resources=["*"])])


def attached(stack: cdk.Stack, name: str) -> Any:
    return member(stack, managed_policies=[iam.ManagedPolicy.from_managed_policy_name(stack, "Named", name)])


def added(stack: cdk.Stack, name: str) -> Any:
    member(stack).add_managed_policy(iam.ManagedPolicy.from_managed_policy_name(stack, "Named", name))


def of_a_group(stack: cdk.Stack, name: str) -> Any:
    MfaEnforcedGroup(
        stack, "Group", managed_policies=[iam.ManagedPolicy.from_managed_policy_name(stack, "Named", name)]
    )


def bounded(stack: cdk.Stack, name: str) -> Any:
    return member(stack, permissions_boundary=iam.ManagedPolicy.from_managed_policy_name(stack, "Named", name))


def bounded_by_the_app(stack: cdk.Stack, name: str) -> Any:
    boundary = iam.ManagedPolicy.from_managed_policy_name(stack, "Named", name)
    iam.PermissionsBoundary.of(stack.node.root).apply(boundary)
    member(stack)


@pytest.mark.parametrize("account", [OWN, None])
@pytest.mark.parametrize("name", ["teams/Limits", "Limits", "other/Limits", "teams/limits"])
@pytest.mark.parametrize("give", [attached, added, of_a_group, bounded, bounded_by_the_app])
def test_a_managed_policy_is_named_as_the_app_has_it(
    app: cdk.App, give: Callable[[cdk.Stack, str], Any], name: str, account: str | None
) -> None:
    """Its name is taken once in an account, so under another path there is none."""
    stack = cdk.Stack(app, "S", env=cdk.Environment(account=account))
    iam.ManagedPolicy(stack, "Policy", managed_policy_name="Limits", path="/teams/", document=SOME)
    give(stack, name)
    if name == "teams/Limits":
        app.synth()
        return
    with pytest.raises(
        RuntimeError, match=f"names the managed policy {name}, which nobody makes, .*: write teams/Limi"
    ):
        app.synth()


def test_a_managed_policy_of_another_account_is_another_one(app: cdk.App) -> None:
    iam.ManagedPolicy(placed(app, "Hub", HUB), "Policy", managed_policy_name="Limits", path="/teams/", document=SOME)
    bounded(placed(app, "S", OWN), "Limits")
    app.synth()
