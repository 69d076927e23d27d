"""
Users, roles and permission sets of the app whom an `OrganizationRole` trusts by their ARNs or names, as a role of the
app itself would: they get in, or the synthesis says why not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations

from trustproof_cdk import (
    CrossAccountRole,
    JustInTimeRole,
    OrganizationRole,
    PermissionSet,
    Trusted,
    TrustproofChecks,
)

MANAGEMENT, HUB, ANY = "999988887777", "111122223333", "333344445555"
BOB, ENTRY = f"arn:aws:iam::{HUB}:user/bob", f"arn:aws:iam::{HUB}:role/Entry"
READS = iam.ManagedPolicy.from_aws_managed_policy_name("AmazonS3ReadOnlyAccess")
DENY: dict[str, Any] = {"effect": iam.Effect.DENY, "actions": ["sts:AssumeRole"], "resources": ["*"]}

Make = Callable[[cdk.Stack], iam.IRole]


def trusts(*users: Any, **more: Any) -> Make:
    """A role for users."""
    return lambda inner: CrossAccountRole(inner, "Role", trusted=Trusted.users(*users), role_name="Operator", **more)


def trusts_role(role: str) -> Make:
    """A role for the sessions of another one."""
    return lambda inner: CrossAccountRole(inner, "Role", trusted=Trusted.roles(role), mfa=False, role_name="Operator")


def just_in_time(inner: cdk.Stack) -> iam.IRole:
    return JustInTimeRole(
        inner, "Role", users=[BOB], approval="INC-1", valid_until=datetime(2099, 1, 1, tzinfo=UTC), role_name="Operator"
    )


def trusts_set(name: str) -> Make:
    """A role for who has a permission set in the hub."""
    trusted = Trusted.permission_sets(name, accounts=[HUB])
    return lambda inner: CrossAccountRole(inner, "Role", trusted=trusted, mfa=False, role_name="Operator")


def user(hub: cdk.Stack, **more: Any) -> iam.User:
    return iam.User(hub, "Bob", **{"user_name": "bob", **more})


def with_own_deny(hub: cdk.Stack) -> None:
    user(hub).add_to_policy(iam.PolicyStatement(**DENY))


def with_attached_deny(hub: cdk.Stack) -> None:
    iam.ManagedPolicy(hub, "Policy", users=[user(hub)], statements=[iam.PolicyStatement(**DENY)])


def with_late_boundary(hub: cdk.Stack) -> None:
    made = user(hub).node.default_child
    assert isinstance(made, cdk.CfnResource)
    made.add_property_override("PermissionsBoundary", READS.managed_policy_arn)


def approved(hub: cdk.Stack) -> None:
    cdk.Tags.of(user(hub)).add("trustproof-approval", "INC-1")


def guarded(hub: cdk.Stack) -> None:
    user(hub)
    content = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}]}
    # None of these reaches the management account, whose stack has them.
    stack = cdk.Stack(hub.node.scope, "Root", env=cdk.Environment(account=MANAGEMENT, region="eu-central-1"))
    organizations.CfnPolicy(
        stack, "Policy", name="guard", type="SERVICE_CONTROL_POLICY", target_ids=["r-ab12"], content=content
    )


def entry(*resources: str) -> Callable[[cdk.Stack], object]:
    """A role that may assume some roles."""

    def made(hub: cdk.Stack) -> None:
        role = iam.Role(hub, "Entry", role_name="Entry", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
        for resource in resources:
            role.add_to_policy(iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[resource]))

    return made


def permission_set(hub: cdk.Stack, *resources: str) -> None:
    """A permission set whose people may assume some roles."""
    statements = [iam.PolicyStatement(actions=["sts:AssumeRole"], resources=list(resources))] if resources else []
    statements.append(iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"]))
    PermissionSet(
        hub,
        "Set",
        name="Operators",
        instance_arn="arn:aws:sso:::instance/ssoins-0123456789abcdef",
        inline_policy=iam.PolicyDocument(statements=statements),
    )


def granted_set(hub: cdk.Stack) -> None:
    permission_set(hub, f"arn:aws:iam::{ANY}:role/Operator")


#: Whom the app makes, whom the role trusts, and what is said; empty where they get in.
TRUSTED: dict[str, tuple[Callable[[cdk.Stack], object], Make, str]] = {
    "a user": (user, trusts(BOB), ""),
    "somebody else": (with_own_deny, trusts(f"arn:aws:iam::{HUB}:user/alice"), ""),
    "another path": (
        lambda hub: user(hub, path="/staff/"),
        trusts(BOB),
        "Everywhere: arn:aws:iam::111122223333:user/b",
    ),
    "other letters": (lambda hub: user(hub, user_name="Bob"), trusts(BOB), "that name and another path or other let"),
    "boundary": (
        lambda hub: user(hub, permissions_boundary=READS),
        trusts(BOB),
        "Everywhere: Hub/Bob/Resource has the",
    ),
    "own Deny": (with_own_deny, trusts(BOB), "Hub/Bob/DefaultPolicy, which denies sts:AssumeRole"),
    "attached Deny": (with_attached_deny, trusts(BOB), "the managed policy Hub/Policy, which denies sts:AssumeRole"),
    "late boundary": (with_late_boundary, trusts(BOB), "an override is against what Management/Everywhere is for"),
    "control policy": (guarded, trusts(BOB), "nobody gets into Management/Everywhere: Root/Policy denies"),
    "no tag": (
        user,
        trusts(BOB, conditions={"StringEquals": {"aws:PrincipalTag/team": "red"}}),
        "Hub/Bob/Resource gets into Management/Everywhere by a tag only",
    ),
    "approved": (approved, just_in_time, "it is approved from its first deployment on"),
    "to be approved": (user, just_in_time, ""),
    "no grant": (entry(), trusts_role(ENTRY), "Hub/Entry/Resource of account 111122223333 does not get in"),
    "another grant": (entry(f"arn:aws:iam::{ANY}:role/Other"), trusts_role(ENTRY), "does not get in"),
    "a grant": (entry(f"arn:aws:iam::{ANY}:role/Operator"), trusts_role(ENTRY), ""),
    "a set": (granted_set, trusts_set("Operators"), ""),
    "set in other letters": (
        granted_set,
        trusts_set("operators"),
        "Management/Everywhere trusts who has the permission",
    ),
    "set without a grant": (permission_set, trusts_set("Operators"), "nobody gets into the roles that trust the set"),
}


def said_of(app: cdk.App, inside: Make, made: Callable[[cdk.Stack], object], **more: Any) -> str:
    """What a synthesis says."""
    hub, management = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Hub", HUB), ("Management", MANAGEMENT))
    )
    made(hub)
    OrganizationRole(management, "Everywhere", organizational_units=["ou-ab12-11111111"], role=inside, **more)
    try:
        said = [str(one.entry.data) for stack in app.synth().stacks for one in stack.messages]
    except RuntimeError as error:
        report = Path(app.outdir, "validation-report.json")
        return str(error) + (report.read_text(encoding="utf-8") if report.is_file() else "")
    return " ".join(said)


def checked(folder: Path) -> cdk.App:
    app = cdk.App(outdir=str(folder), builtin_cloud_formation_validation=False, tree_metadata=False)
    config = {"boundary": {"accounts": [HUB, MANAGEMENT, ANY]}}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config, jobs=1))
    return app


@pytest.mark.parametrize("case", TRUSTED)
def test_who_is_trusted_by_arn_gets_in_or_it_is_said(tmp_path: Path, case: str) -> None:
    """The template of the role is of other accounts, and whom it trusts is of the app."""
    made, inside, told = TRUSTED[case]
    said = said_of(checked(tmp_path / "cdk.out"), inside, made)
    assert "Organization/" not in said
    assert told in said if told else not said


@pytest.mark.parametrize("case", TRUSTED)
def test_so_does_whom_another_role_of_the_template_trusts(app: cdk.App, case: str) -> None:
    """The function may make more roles than the one that it returns."""
    made, inside, told = TRUSTED[case]

    def beside(inner: cdk.Stack) -> iam.IRole:
        inside(inner)
        return CrossAccountRole(inner, "Returned", trusted=Trusted.accounts(HUB), role_name="Returned")

    said = said_of(app, beside, made)
    # What only a template has the plugin says, which this app is without.
    if "override" not in told:
        assert told in said if told else not said


def by_partition(inner: cdk.Stack) -> iam.IRole:
    return trusts(f"arn:{cdk.Aws.PARTITION}:iam::{HUB}:user/bob")(inner)


def imported(inner: cdk.Stack) -> iam.IRole:
    return trusts(iam.User.from_user_arn(inner, "Imported", BOB))(inner)


def by_default(inner: cdk.Stack) -> iam.IRole:
    return trusts(cdk.CfnParameter(inner, "User", default=BOB).value_as_string)(inner)


def by_parameter(inner: cdk.Stack) -> iam.IRole:
    return trusts(cdk.CfnParameter(inner, "User", default=f"{BOB}-2").value_as_string)(inner)


#: How the role has the ARN, and what the StackSet is given beside it.
WRITTEN: dict[str, tuple[Make, dict[str, Any]]] = {
    "without a partition": (by_partition, {}),
    "imported": (imported, {}),
    "the default of a parameter": (by_default, {}),
    "a parameter": (by_parameter, {"parameters": {"User": BOB}}),
    "a parameter of an account": (by_parameter, {"account_parameters": {ANY: {"User": BOB}}}),
}


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("denied", [False, True])
def test_an_arn_is_the_same_one_however_it_is_written(app: cdk.App, written: str, denied: bool) -> None:
    """In the value of a parameter too."""
    inside, more = WRITTEN[written]
    said = said_of(app, inside, with_own_deny if denied else user, **more)
    assert ("Management/Everywhere: Hub/Bob/Resource has the inline policy" in said) == denied
    assert bool(said) == denied


@pytest.mark.parametrize(("accounts", "is_said"), [([HUB], False), ([HUB, ANY], True)])
def test_whom_the_only_account_names_needs_no_other_policy(app: cdk.App, accounts: list[str], is_said: bool) -> None:
    """Within an account the trust policy is enough."""
    said = said_of(app, trusts_role(ENTRY), entry(), include_accounts=accounts)
    assert ("does not get in" in said) == is_said


def test_a_default_that_no_account_has_is_nobody(app: cdk.App) -> None:
    """What the StackSet gives stands in the place of the default."""
    assert not said_of(app, by_default, with_own_deny, parameters={"User": f"{BOB}-2"})
