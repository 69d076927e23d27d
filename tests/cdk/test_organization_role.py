"""
`OrganizationRole`: a StackSet whose template is made by the constructs that make every other role.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_sns as sns
from constructs import IConstruct

import trustproof
from trustproof_cdk import (
    AssumeRoleGrant,
    CrossAccountRole,
    EksPodIdentityRole,
    OrganizationRole,
    RoleChain,
    SamlRole,
    ServiceRole,
    Trusted,
    TrustproofChecks,
    require_mfa,
    waive,
)

Resources = Callable[[str], list[dict[str, Any]]]

HUB = "111122223333"
UNIT = "ou-ab12-11111111"
REPOSITORY = Path(__file__).parents[2]


def auditor(stack: cdk.Stack) -> iam.Role:
    """A role for every account."""
    return CrossAccountRole(stack, "Auditor", trusted=Trusted.accounts(HUB), role_name="Auditor", path="/org/")


def test_stack_set_is_service_managed(stack: cdk.Stack, resources: Resources) -> None:
    """Accounts get the role when they join the unit, and lose it when they leave."""
    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor, description="Reads")
    (properties,) = resources("AWS::CloudFormation::StackSet")
    properties.pop("TemplateBody")
    assert properties == {
        "StackSetName": "Auditor",
        "Description": "Reads",
        "PermissionModel": "SERVICE_MANAGED",
        "CallAs": "SELF",
        "AutoDeployment": {"Enabled": True, "RetainStacksOnAccountRemoval": False},
        "ManagedExecution": {"Active": True},
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "StackInstancesGroup": [
            {"Regions": [{"Ref": "AWS::Region"}], "DeploymentTargets": {"OrganizationalUnitIds": [UNIT]}}
        ],
    }


def test_template_is_that_of_the_role_and_nothing_else(stack: cdk.Stack, resources: Resources) -> None:
    """What is deployed is what the construct writes in a stack of its own, as JSON text."""
    role = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor)
    (properties,) = resources("AWS::CloudFormation::StackSet")
    assert json.loads(properties["TemplateBody"]) == role.template
    (resource,) = role.template["Resources"].values()
    assert role.template.keys() == {"Resources"}
    assert resource == {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "RoleName": "Auditor",
            "Path": "/org/",
            "MaxSessionDuration": 3600,
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "sts:AssumeRole",
                        "Principal": {"AWS": HUB},
                        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                    }
                ],
            },
        },
    }


def test_template_is_the_same_everywhere(app: cdk.App) -> None:
    """The place of the construct does not change what accounts get."""
    places = [cdk.Stack(app, "Plain"), cdk.Stack(cdk.Stage(app, "Prod"), "Access")]
    first, second = (
        OrganizationRole(place, f"Role{number}", organizational_units=[UNIT], role=auditor).template_body
        for number, place in enumerate(places)
    )
    assert first == second


def test_context_is_that_of_the_app(tmp_path: Any) -> None:
    """What the app decided about the CDK holds inside the StackSet too, and what its author asks for is there."""
    app = cdk.App(
        outdir=str(tmp_path),
        builtin_cloud_formation_validation=False,
        context={"@aws-cdk/example:flag": True, "aws:cdk:enable-path-metadata": True, "path": "/audit/"},
    )
    seen: list[Any] = []

    def role(inner: cdk.Stack) -> iam.Role:
        seen.extend(map(inner.node.try_get_context, ("@aws-cdk/example:flag", "path", "team")))
        return auditor(inner)

    stack = cdk.Stack(app, "Stack")
    stack.node.set_context("team", "security")
    found = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    assert seen == [True, "/audit/", "security"]
    assert "Metadata" not in str(found.template)


def test_arn_leads_to_the_role_in_an_account(stack: cdk.Stack) -> None:
    """The other side can grant it."""
    role = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor)
    grant = AssumeRoleGrant(stack, "MayAudit", target_roles=[role.arn_in("333344445555")])
    (statement,) = stack.resolve(grant.document)["Statement"]
    assert statement["Resource"] == {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::333344445555:role/org/Auditor"]]
    }


def test_pseudo_parameters_are_those_of_the_account(stack: cdk.Stack) -> None:
    """What each account knows of itself may be in the role."""

    def role(inner: cdk.Stack) -> iam.Role:
        own = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:user/alice"
        return CrossAccountRole(inner, "Role", trusted=Trusted.users(own), role_name="Own")

    found = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    assert '{"Ref":"AWS::AccountId"}' in str(stack.resolve(found.template_body))


def nameless(stack: cdk.Stack) -> iam.Role:
    """A role that CloudFormation names."""
    return CrossAccountRole(stack, "Role", trusted=Trusted.accounts(HUB))


def huge(stack: cdk.Stack) -> iam.Role:
    """A role among policies that are too many for a request."""
    for number in range(60):
        iam.ManagedPolicy(
            stack,
            f"Policy{number}",
            statements=[iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:aws:s3:::{'x' * 900}/*"])],
        )
    return auditor(stack)


def forgetful(stack: cdk.Stack) -> Any:
    """A role that is not returned."""
    auditor(stack)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"role": nameless}, "role must have a role_name (and path) known at synthesis, by which other accounts can refer"),
    ({"role": forgetful}, "role must make a role in the stack it is given, and return it, got None"),
    ({"role": huge}, "role must have a template of at most 51200 bytes, got "),
    ({"organizational_units": []}, "organizational_units must have at least one entry, got none"),
    ({"organizational_units": ["ou-1"]}, "organizational_units must be the id of an organizational unit like"),
    (
        {"organizational_units": [UNIT, "ou-cd34-11111111"]},
        "organizational_units must be of one organization, which has one root, got r-ab12 and r-cd34: a StackSet is of",
    ),
    ({"stack_set_name": "a_b"}, "stack_set_name must be 1 to 128 letters, digits or hyphens, beginning with a letter"),
    ({"description": ""}, "description must be 1 to 1024 characters, got ''"),
    ({"call_as": "ROOT"}, "call_as must be one of 'SELF', 'DELEGATED_ADMIN', got 'ROOT'"),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    given = {"organizational_units": [UNIT], "role": auditor, **arguments}
    with pytest.raises(ValueError, match=re.escape(message)):
        OrganizationRole(stack, "Everywhere", **given)


@pytest.mark.parametrize("macro", [None, "AWS::Serverless-2016-10-31"])
def test_macros_are_warned_of(app: cdk.App, stack: cdk.Stack, macro: str | None) -> None:
    """StackSets with service-managed permissions take none."""

    def made(inner: cdk.Stack) -> iam.IRole:
        if macro is not None:
            inner.add_transform(macro)
        return CrossAccountRole(inner, "Role", trusted=Trusted.accounts("111122223333"), role_name="Role")

    OrganizationRole(stack, "Everywhere", organizational_units=["ou-ab12-11111111"], role=made)
    messages = [str(one.entry.data) for one in app.synth().stacks[0].messages]
    assert [f"has the macro {macro}" in one for one in messages if "macro" in one] == [True] * (macro is not None)


NAMED: dict[str, Callable[[cdk.Stack], object]] = {
    "managed policy": lambda inner: iam.ManagedPolicy(
        inner,
        "Beside",
        managed_policy_name="Beside",
        statements=[iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])],
    ),
    "OIDC provider": lambda inner: iam.CfnOIDCProvider(
        inner, "Beside", url="https://token.actions.githubusercontent.com", client_id_list=["sts.amazonaws.com"]
    ),
    "role": lambda inner: iam.Role(
        inner, "Beside", role_name="Beside", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")
    ),
}


@pytest.mark.parametrize("kind", NAMED)
@pytest.mark.parametrize(
    ("unit", "is_named", "is_conditional"),
    [(UNIT, True, False), (UNIT, True, True), (UNIT, False, False), ("ou-ab12-22222222", True, False)],
)
def test_what_else_two_templates_make_of_one_name(
    stack: cdk.Stack, kind: str, unit: str, is_named: bool, is_conditional: bool
) -> None:
    """IAM takes the name of whatever has one once in an account, not that of the role alone."""

    def made(name: str) -> Callable[[cdk.Stack], iam.IRole]:
        def make(inner: cdk.Stack) -> iam.IRole:
            if is_named or name == "First":
                NAMED[kind](inner)
            condition = cdk.CfnCondition(inner, "Some", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-west-1"))
            for one in inner.node.find_all() if is_conditional else ():
                if isinstance(one, cdk.CfnResource):
                    one.cfn_options.condition = condition
            return CrossAccountRole(inner, "Role", trusted=Trusted.accounts("111122223333"), role_name=name)

        return make

    OrganizationRole(stack, "First", organizational_units=[UNIT], role=made("First"))
    given = {"organizational_units": [unit], "role": made("Second")}
    if unit == UNIT and is_named and not is_conditional:
        with pytest.raises(ValueError, match=f"First makes a {kind} called .* in accounts of {UNIT} too"):
            OrganizationRole(stack, "Second", **given)  # type: ignore[arg-type]
    else:
        OrganizationRole(stack, "Second", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "given", "said"),
    [
        ("r-ab12", {}, True),
        ("r-ab12", {"include_accounts": ["222233334444"]}, True),
        ("r-ab12", {"include_accounts": ["333344445555"]}, False),
        ("r-ab12", {"exclude_accounts": ["222233334444"]}, False),
        # Which account is in it the app does not say.
        ("ou-ab12-11111111", {}, False),
    ],
)
@pytest.mark.parametrize("name", ["Auditor", "auditor", "Reader"])
def test_role_of_the_same_name_in_an_account_is_warned_of(
    app: cdk.App, unit: str, given: dict[str, Any], said: bool, name: str
) -> None:
    """IAM takes a name once, and the StackSet would fail there."""

    def made(inner: cdk.Stack) -> iam.IRole:
        return CrossAccountRole(inner, "Role", trusted=Trusted.accounts("111122223333"), role_name="Auditor")

    management = cdk.Stack(app, "Management", env=cdk.Environment(account="999900001111", region="eu-central-1"))
    OrganizationRole(management, "Everywhere", organizational_units=[unit], role=made, **given)
    for stack, account in (("Own", "222233334444"), ("Hub", "999900001111")):
        own = cdk.Stack(app, stack, env=cdk.Environment(account=account, region="eu-central-1"))
        iam.Role(own, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"), role_name=name)
    messages = [str(one.entry.data) for one in app.synth().get_stack_by_name("Management").messages]
    found = [one for one in messages if "where IAM takes a name once" in one]
    assert ["Own/Role/Resource has the name of this role in account 222233334444" in one for one in found] == [True] * (
        said and name != "Reader"
    )


def test_role_of_another_stack_is_refused(stack: cdk.Stack) -> None:
    """It would not be in the template that accounts get."""
    with pytest.raises(ValueError, match="role must make a role in the stack it is given, and return it"):
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=lambda inner: auditor(stack))


def test_the_role_inside_is_none_of_the_stack_around(stack: cdk.Stack) -> None:
    """It is in each account, and a reference would be to a role of this one: trust, chains and grants refuse it."""
    made: list[iam.Role] = []

    def role(inner: cdk.Stack) -> iam.Role:
        made.append(auditor(inner))
        return made[0]

    everywhere = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    said = "which is made in each of its accounts, and not in this one: name it by arn_in(account)"
    with pytest.raises(ValueError, match=re.escape(said)):
        CrossAccountRole(stack, "T", trusted=Trusted.roles(made[0]), mfa=False)
    with pytest.raises(ValueError, match=re.escape(said)):
        AssumeRoleGrant(stack, "G", target_roles=[made[0]], users=[iam.User(stack, "U")])
    with pytest.raises(ValueError, match=re.escape(said)):
        RoleChain(stack, "C", entry=made[0])
    AssumeRoleGrant(stack, "H", target_roles=[everywhere.arn_in(HUB)], users=[iam.User(stack, "V")])


@pytest.mark.parametrize("hub", [HUB, "222233334444"])
def test_who_is_granted_the_role_of_an_account_by_its_arn_is_asked(app: cdk.App, hub: str) -> None:
    """It trusts one account, and a group of another one gets into none."""
    management = cdk.Stack(app, "Management", env=cdk.Environment(account="999988887777"))
    everywhere = OrganizationRole(management, "Everywhere", organizational_units=[UNIT], role=auditor)
    people = cdk.Stack(app, "People", env=cdk.Environment(account=hub))
    AssumeRoleGrant(
        people, "Grant", target_roles=[everywhere.arn_in("333344445555")], groups=[iam.Group(people, "Group")]
    )
    (made,) = (one for one in app.synth().stacks if one.stack_name == "People")
    said = [str(one.entry.data) for one in made.messages]
    told = "groups cannot have People/Group, which gets into none of target_roles"
    assert [one for one in said if told in one] == said
    assert bool(said) == (hub != HUB)


def listing() -> dict[str, Any]:
    """What a policy is made of."""
    return {"statements": [iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"])]}


#: How a role comes into what a stack makes: the arguments are the stack and the role.
USES: dict[str, Callable[[cdk.Stack, iam.IRole], object]] = {
    "grant of a bucket": lambda stack, role: s3.Bucket(stack, "B", bucket_name="central-logs").grant_read(role),
    "grant of a key": lambda stack, role: kms.Key(stack, "K").grant_decrypt(role),
    "grant of a topic": lambda stack, role: sns.Topic(stack, "T", topic_name="alarms").grant_publish(role),
    "principal": lambda stack, role: s3.Bucket(stack, "B").add_to_resource_policy(
        iam.PolicyStatement(actions=["s3:GetObject"], principals=[role], resources=["*"])
    ),
    "grant to a user": lambda stack, role: role.grant_assume_role(iam.User(stack, "U")),
    "output": lambda stack, role: cdk.CfnOutput(stack, "O", value=role.role_arn),
    "policy": lambda stack, role: iam.Policy(stack, "P", roles=[role], **listing()),
    "attached policy": lambda stack, role: role.attach_inline_policy(iam.Policy(stack, "P", **listing())),
    "managed policy": lambda stack, role: iam.ManagedPolicy(stack, "P", roles=[role], **listing()),
    "instance profile": lambda stack, role: iam.InstanceProfile(stack, "I", role=role),
}


def meant(app: cdk.App, env: cdk.Environment | None, use: str, when: str) -> None:
    """Synthesize a stack that means the role inside."""
    stack = cdk.Stack(app, "Around", env=env)
    made: list[iam.Role] = []

    def role(inner: cdk.Stack) -> iam.Role:
        # A role of the CDK, which nobody of ours has a say in.
        made.append(iam.Role(inner, "Inner", role_name="Inner", assumed_by=iam.AccountPrincipal(HUB)))
        if when == "inside the function":
            USES[use](stack, made[0])
        return made[0]

    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    if when == "after it":
        USES[use](stack, made[0])
    app.synth()


#: Where no account is known, the CDK takes the two for one, and writes the grant into a policy of the role alone.
ONE_SIDED = ("grant of a bucket", "grant of a topic")
MEANT = [
    pytest.param(env, use, when, id=f"{use}, {when}, {'any' if env is None else 'a known'} account")
    for env in (None, cdk.Environment(account=HUB, region="eu-central-1"))
    for use in USES
    for when in ("inside the function", "after it")
    if env is not None or use not in ONE_SIDED or when == "after it"
]


@pytest.mark.parametrize(("env", "use", "when"), MEANT)
def test_no_stack_of_the_app_means_the_role_inside(
    app: cdk.App, use: str, env: cdk.Environment | None, when: str
) -> None:
    """A policy of the app would name a role of its own account, which has none or one of somebody else."""
    said = "Cannot reference across apps|what has that name in its own account|the role inside is not what|any account"
    with pytest.raises((RuntimeError, ValueError), match=said):
        meant(app, env, use, when)


@pytest.mark.parametrize("use", USES)
def test_what_is_made_inside_is_of_each_account(app: cdk.App, use: str) -> None:
    """In the stack inside, everything may refer to the role: each account has both."""
    stack = cdk.Stack(app, "Around", env=cdk.Environment(account=HUB, region="eu-central-1"))

    def role(inner: cdk.Stack) -> iam.Role:
        made = iam.Role(inner, "Inner", role_name="Inner", assumed_by=iam.AccountPrincipal(HUB))
        USES[use](inner, made)
        return made

    found = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    app.synth()
    assert HUB not in json.dumps(
        {
            **found.template,
            "Resources": {
                name: one for name, one in found.template["Resources"].items() if one["Type"] != "AWS::IAM::Role"
            },
        }
    )


def changed(around: cdk.Stack, role: iam.Role, how: str) -> None:
    """Change a role by a method that people have for it."""
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["s3:*"], resources=["*"])
    resource = role.node.default_child
    assert isinstance(resource, iam.CfnRole)
    if how in ("statement", "first statement"):
        role.add_to_policy(deny)
    elif how == "grant":
        s3.Bucket.from_bucket_name(around, "Archive", "archive").grant_read(role)
    elif how == "grant of what has no name":
        s3.Bucket(around, "Archive").grant_read(role)
    elif how == "attached":
        role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess"))
    elif how == "MFA":
        require_mfa(role)
    elif how == "trust":
        assert role.assume_role_policy is not None
        role.assume_role_policy.add_statements(
            iam.PolicyStatement(
                effect=iam.Effect.DENY, actions=["sts:AssumeRole"], principals=[iam.AccountPrincipal(HUB)]
            )
        )
    elif how == "waiver":
        waive(role, "mfa-required", reason="a hardware token stands in the room")
    elif how == "accepted":
        cdk.Validations.of(role).acknowledge(cdk.Acknowledgment(id="trustproof::mfa-required", reason="of old"))
    elif how == "boundary":
        iam.PermissionsBoundary.of(role).apply(iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAccess"))
    elif how == "tag":
        cdk.Tags.of(role).add("team", "ops")
    elif how == "override":
        resource.add_property_override("Description", "reads")


@pytest.mark.parametrize(
    ("how", "where"),
    [
        ("statement", "Resources.InnerDefaultPolicy"),
        ("first statement", "Resources.InnerDefaultPolicy"),
        ("grant", "Resources.InnerDefaultPolicy"),
        ("grant of what has no name", "Stack/Archive"),
        ("attached", "Resources.Inner.Properties.ManagedPolicyArns"),
        ("MFA", "Resources.Inner.Properties.AssumeRolePolicyDocument"),
        ("trust", "Resources.Inner.Properties.AssumeRolePolicyDocument"),
        ("waiver", "Resources.Inner.Metadata"),
        ("accepted", "what is accepted of it"),
        ("boundary", "Resources.Inner.Properties.PermissionsBoundary"),
        ("tag", "Resources.Inner.Properties.Tags"),
        ("override", "Resources.Inner.Properties.Description"),
    ],
)
def test_what_is_added_later_fails_the_synthesis(app: cdk.App, stack: cdk.Stack, how: str, where: str) -> None:
    """The template is finished, so no account would have it: a Deny or MFA that is lost lets people in."""
    made: list[iam.Role] = []

    def role(inner: cdk.Stack) -> iam.Role:
        made.append(iam.Role(inner, "Inner", role_name="Inner", assumed_by=iam.AccountPrincipal(HUB)))
        if how != "first statement":
            made[0].add_to_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"]))
        return made[0]

    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    changed(stack, made[0], how)
    with pytest.raises(RuntimeError) as failed:
        app.synth()
    assert "the role inside is not what is in its template any more" in str(failed.value)
    assert where in re.sub(r"Inner(DefaultPolicy)?[0-9A-F]{8}", r"Inner\1", str(failed.value))


def test_what_a_construct_inside_refuses_later_is_said_of_the_stack_set(app: cdk.App, stack: cdk.Stack) -> None:
    """By its name in the template, and by that of the OrganizationRole: the stack inside is in no app of a user."""
    made: list[iam.Role] = []

    def role(inner: cdk.Stack) -> iam.Role:
        made.append(auditor(inner))
        return made[0]

    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    other = iam.PolicyStatement(actions=["sts:AssumeRole"], principals=[iam.AccountPrincipal("333344445555")])
    with pytest.raises(RuntimeError, match="role cannot have files beside it"):
        assets.Asset(cdk.Stack.of(made[0]), "File", path=__file__)
    assume_role_policy = made[0].assume_role_policy
    assert assume_role_policy is not None
    assume_role_policy.add_statements(other)
    said = r"\[Stack/Everywhere\] in the template of the role, Auditor: its trust policy was given another Allow"
    with pytest.raises(RuntimeError, match=said):
        app.synth()


def _with_boundary(inner: cdk.Stack) -> iam.Role:
    own = iam.ManagedPolicy.from_managed_policy_name(inner, "Own", "Limit")
    return CrossAccountRole(inner, "R", trusted=Trusted.accounts(HUB), role_name="R", permissions_boundary=own)


def _with_a_later_boundary(inner: cdk.Stack) -> iam.Role:
    iam.PermissionsBoundary.of(inner).apply(iam.ManagedPolicy.from_managed_policy_name(inner, "Own", "Limit"))
    return CrossAccountRole(inner, "R", trusted=Trusted.accounts(HUB), role_name="R")


def _with_a_policy_added(inner: cdk.Stack) -> iam.Role:
    made = CrossAccountRole(inner, "R", trusted=Trusted.accounts(HUB), role_name="R")
    made.add_managed_policy(iam.ManagedPolicy.from_managed_policy_name(inner, "Own", "Read"))
    return made


def _trusting(who: Callable[[cdk.Stack], Trusted], *, mfa: bool = True) -> Callable[[cdk.Stack], iam.Role]:
    return lambda inner: CrossAccountRole(inner, "R", trusted=who(inner), mfa=mfa, role_name="R")


#: What names the account of the stack inside, which is each account that gets the role.
OF_EACH_ACCOUNT: dict[str, Callable[[cdk.Stack], iam.Role]] = {
    "boundary": _with_boundary,
    "boundary of an aspect": _with_a_later_boundary,
    "policy that is added": _with_a_policy_added,
    "account": _trusting(lambda inner: Trusted.accounts(inner.account)),
    "user": _trusting(lambda inner: Trusted.users(iam.User.from_user_name(inner, "U", "alice"))),
    "role": _trusting(lambda inner: Trusted.roles(iam.Role.from_role_name(inner, "I", "Entry")), mfa=False),
}


@pytest.mark.parametrize("make", OF_EACH_ACCOUNT.values(), ids=OF_EACH_ACCOUNT)
def test_what_is_named_inside_is_named_in_each_account(app: cdk.App, make: Callable[[cdk.Stack], iam.Role]) -> None:
    """Values of the stack inside are looked at again there, and are no reference of the stack around."""
    stack = cdk.Stack(app, "Around", env=cdk.Environment(account=HUB, region="eu-central-1"))
    found = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=make)
    app.synth()
    assert '{"Ref": "AWS::AccountId"}' in json.dumps(found.template)


ROOT = f"arn:aws:iam::{HUB}:root"
#: What only the template inside says, in the place of a role.
SAID_INSIDE: dict[str, Callable[[cdk.Stack], str]] = {
    "parameter": lambda inner: cdk.CfnParameter(inner, "Entry", default=ROOT).value_as_string,
    "mapping": lambda inner: cdk.CfnMapping(inner, "Hub", mapping={"a": {"b": ROOT}}).find_in_map("a", "b"),
}


@pytest.mark.parametrize("said", SAID_INSIDE)
def test_what_a_value_inside_comes_to_is_refused_at_once(stack: cdk.Stack, said: str) -> None:
    """The parameters and mappings inside are those of the template, and none of the stack around."""
    with pytest.raises(ValueError, match="in the template of the role, R: roles must be the ARN of an IAM role"):
        OrganizationRole(
            stack,
            "Everywhere",
            organizational_units=[UNIT],
            role=_trusting(lambda inner: Trusted.roles(SAID_INSIDE[said](inner)), mfa=False),
        )


def test_a_policy_of_another_account_is_said_with_its_account(app: cdk.App, stack: cdk.Stack) -> None:
    """Of its ARN the partition is left to the deployment, so that it is no text that could be shown."""
    other = cdk.Stack(app, "Other", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    limit = iam.ManagedPolicy.from_managed_policy_name(other, "Limit", "staff/Limit")
    iam.PermissionsBoundary.of(stack).apply(limit)
    with pytest.raises(ValueError, match="got policy/staff/Limit of account 222233334444"):
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor)


@jsii.implements(cdk.IAspect)
class Counting:
    """An aspect that says something else each time."""

    seen = 0

    def visit(self, node: IConstruct) -> None:
        """Called for every construct."""
        if isinstance(node, iam.CfnRole):
            self.seen += 1
            node.description = f"seen {self.seen} times"


def test_an_aspect_that_counts_is_no_change(app: cdk.App, stack: cdk.Stack) -> None:
    """Aspects are applied in each synthesis, and nobody has added anything."""
    cdk.Aspects.of(app).add(Counting())
    role = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor)
    (resource,) = role.template["Resources"].values()
    assert resource["Properties"]["Description"] == "seen 1 times"
    app.synth()


def attaching(policy: iam.IManagedPolicy, by: str) -> Callable[[cdk.Stack], iam.Role]:
    """Makes a role that has a policy of the stack around."""

    def role(inner: cdk.Stack) -> iam.Role:
        if by == "construct":
            return CrossAccountRole(inner, "R", trusted=Trusted.accounts(HUB), role_name="R", managed_policies=[policy])
        return iam.Role(inner, "R", assumed_by=iam.AccountPrincipal(HUB), role_name="R", managed_policies=[policy])

    return role


@pytest.mark.parametrize(
    ("by", "name", "account"),
    [
        ("construct", None, None),
        ("construct", None, HUB),
        ("construct", "Outer", None),
        ("construct", "Outer", HUB),
        ("role of the CDK", None, None),
        ("role of the CDK", "Outer", None),
        ("role of the CDK", None, HUB),
        ("role of the CDK", "Outer", HUB),
    ],
)
def test_a_policy_of_the_stack_around_is_refused(app: cdk.App, account: str | None, name: str | None, by: str) -> None:
    """It is in one account, so that the template could be deployed in no other."""
    stack = cdk.Stack(app, "Around", env=cdk.Environment(account=account, region="eu-central-1"))
    reads = iam.PolicyStatement(actions=["s3:GetObject"], resources=["*"])
    outer = iam.ManagedPolicy(stack, "Outer", managed_policy_name=name, statements=[reads])
    with pytest.raises(ValueError, match=r"which is made in the account of its stack|must make sense in any account"):
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=attaching(outer, by))


def test_a_policy_that_each_account_has_is_attached_by_its_name(app: cdk.App) -> None:
    """Whether it is named for the stack inside, or by the ARN that it has in the account around."""
    stack = cdk.Stack(app, "Around", env=cdk.Environment(account=HUB, region="eu-central-1"))

    def role(inner: cdk.Stack) -> iam.Role:
        own = iam.ManagedPolicy.from_managed_policy_name(inner, "Own", "Deploy")
        theirs = iam.ManagedPolicy.from_managed_policy_arn(inner, "Their", f"arn:aws:iam::{HUB}:policy/Read")
        return CrossAccountRole(
            inner, "R", trusted=Trusted.accounts(HUB), role_name="R", managed_policies=[own, theirs]
        )

    found = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    (resource,) = found.template["Resources"].values()
    for arn in resource["Properties"]["ManagedPolicyArns"]:
        assert {"Ref": "AWS::AccountId"} in arn["Fn::Join"][1]


@pytest.mark.parametrize(
    ("given", "account", "message"),
    [
        ({"exclude_accounts": ["222233334444"]}, "222233334444", "exclude_accounts leaves it out"),
        ({"include_accounts": ["222233334444"]}, "333344445555", "include_accounts does not have it"),
        ({"exclude_accounts": ["222233334444"]}, "333344445555", None),
        ({"include_accounts": ["222233334444"]}, "222233334444", None),
        ({}, "222233334444", None),
    ],
)
def test_no_arn_of_an_account_that_does_not_get_the_role(
    stack: cdk.Stack, given: dict[str, Any], account: str, message: str | None
) -> None:
    """A grant with it would be for a role that is nowhere."""
    role = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor, **given)
    if message is None:
        assert role.arn_in(account).endswith(f":iam::{account}:role/org/Auditor")
    else:
        with pytest.raises(ValueError, match=f"account must be one that gets the role, got '{account}': {message}"):
            role.arn_in(account)


def test_reference_to_another_stack_fails(stack: cdk.Stack) -> None:
    """No account has the resources of this stack."""
    account = cdk.CfnParameter(stack, "Account").value_as_string
    with pytest.raises(ValueError, match="role must make sense in any account, and refers to a resource of another"):
        OrganizationRole(
            stack,
            "Everywhere",
            organizational_units=[UNIT],
            role=lambda inner: CrossAccountRole(inner, "R", trusted=Trusted.accounts(account), role_name="R"),
        )


def test_files_fail(stack: cdk.Stack) -> None:
    """A StackSet has no bucket to put files into."""

    def with_file(inner: cdk.Stack) -> iam.Role:
        assets.Asset(inner, "File", path=__file__)
        return auditor(inner)

    with pytest.raises(ValueError, match="role cannot have files beside it \\(assets"):
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=with_file)


@pytest.mark.parametrize("level", ["warning", "error"])
def test_what_is_said_of_the_role_is_said_of_the_stack_set(app: cdk.App, stack: cdk.Stack, level: str) -> None:
    """An error fails the synthesis there, and a warning has the path of what is in the app."""

    def role(inner: cdk.Stack) -> iam.Role:
        made = auditor(inner)
        say = cdk.Annotations.of(made)
        (say.add_error if level == "error" else say.add_warning)("look at the role")
        return made

    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)
    artifact = app.synth().get_stack_artifact(stack.artifact_id)
    assert [(one.id, one.level.name.lower()) for one in artifact.messages] == [("/Stack/Everywhere", level)]


def test_what_is_said_of_the_role_is_printed_once(tmp_path: Path) -> None:
    """The stack inside is synthesized several times, and nobody is to see a report of that."""
    flags = json.loads((REPOSITORY / "cdk.json").read_text(encoding="utf-8"))["context"]
    program = f"""
import aws_cdk as cdk
from trustproof_cdk import CrossAccountRole, OrganizationRole, Trusted

def role(inner):
    made = CrossAccountRole(inner, "R", trusted=Trusted.accounts("{HUB}"), role_name="R")
    cdk.Annotations.of(made).add_warning("look at the role")
    return made

app = cdk.App(outdir={str(tmp_path / "cdk.out")!r}, context={flags!r}, builtin_cloud_formation_validation=False)
OrganizationRole(cdk.Stack(app, "S"), "O", organizational_units=["{UNIT}"], role=role)
app.synth()
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (ran.stderr + ran.stdout).count("look at the role") == 1


def test_nested_stacks_fail(stack: cdk.Stack) -> None:
    """The template of one is a file."""

    def role(inner: cdk.Stack) -> iam.Role:
        iam.Group(cdk.NestedStack(inner, "Nested"), "Group")
        return auditor(inner)

    with pytest.raises(ValueError, match=r"role cannot have files beside it \(.*nested stacks have them"):
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=role)


def test_quotas_of_the_role_hold(stack: cdk.Stack) -> None:
    """What fails the synthesis of a role fails it inside a StackSet too."""
    accounts = [f"{number:012}" for number in range(200)]
    with pytest.raises(ValueError, match="in the template of the role, R: the trust policy has 3"):
        OrganizationRole(
            stack,
            "Everywhere",
            organizational_units=[UNIT],
            role=lambda inner: CrossAccountRole(inner, "R", trusted=Trusted.accounts(*accounts), role_name="R"),
        )


OTHER_HUB = "999900001111"
DEV, PROD = "222233334444", "333344445555"


def of_parameter(stack: cdk.Stack, default: str | None = HUB) -> iam.Role:
    """A role that trusts the account which a parameter names."""
    hub = cdk.CfnParameter(stack, "Hub", default=default)
    return CrossAccountRole(stack, "Auditor", trusted=Trusted.accounts(hub.value_as_string), role_name="Auditor")


ALICE = f"arn:aws:iam::{HUB}:user/alice"


def _of_user(inner: cdk.Stack) -> Trusted:
    return Trusted.users(cdk.CfnParameter(inner, "Who", default=ALICE).value_as_string)


def _of_joined_user(inner: cdk.Stack) -> Trusted:
    hub = cdk.CfnParameter(inner, "Hub", default=HUB).value_as_string
    who = cdk.CfnParameter(inner, "Who", default="user/alice").value_as_string
    return Trusted.users(cdk.Fn.join("", ["arn:aws:iam::", hub, ":", who]))


def _of_one_of_users(inner: cdk.Stack) -> Trusted:
    listed = cdk.CfnParameter(inner, "Who", type="CommaDelimitedList", default=ALICE).value_as_list
    return Trusted.users(cdk.Fn.select(1, listed))


def _of_stored_user(inner: cdk.Stack) -> Trusted:
    kind = "AWS::SSM::Parameter::Value<String>"
    return Trusted.users(cdk.CfnParameter(inner, "Who", type=kind, default="/alice").value_as_string)


def _of_user_if_said(inner: cdk.Stack) -> Trusted:
    who = cdk.CfnParameter(inner, "Who", default="").value_as_string
    is_said = cdk.CfnCondition(inner, "IsSaid", expression=cdk.Fn.condition_not(cdk.Fn.condition_equals(who, "")))
    return Trusted.users(cdk.Fn.condition_if(is_said.logical_id, who, ALICE).to_string())


def _of_account(inner: cdk.Stack) -> Trusted:
    return Trusted.accounts(cdk.CfnParameter(inner, "Who", default=HUB).value_as_string)


#: Who is trusted by a parameter, its values for all accounts and for one, and which argument is refused, if any.
VALUES_INSIDE: list[tuple[Callable[[cdk.Stack], Trusted], dict[str, str], dict[str, str], str]] = [
    (_of_user, {}, {"Who": f"arn:aws:iam::{HUB}:user/bob"}, ""),
    (_of_user, {}, {"Who": HUB}, "account"),
    (_of_user, {"Who": HUB}, {}, "parameters"),
    (_of_user, {"Who": HUB}, {"Who": ALICE}, "parameters"),
    (_of_user, {}, {"Who": ROOT}, "account"),
    (_of_user, {}, {"Who": f"arn:aws:iam::{HUB}:user/*"}, "account"),
    (_of_joined_user, {"Hub": OTHER_HUB}, {"Who": "user/bob"}, ""),
    (_of_joined_user, {"Hub": OTHER_HUB}, {"Who": "root"}, "account"),
    (_of_one_of_users, {}, {"Who": f"{ALICE}, {ALICE}"}, ""),
    (_of_one_of_users, {}, {"Who": f"{ALICE}, {HUB}"}, "account"),
    # The condition takes another one instead.
    (_of_user_if_said, {"Who": ""}, {"Who": ALICE}, ""),
    (_of_user_if_said, {"Who": ""}, {"Who": HUB}, "account"),
    (_of_user, {"Who": ""}, {}, "parameters"),
    # The value is the name of what is stored in the account.
    (_of_stored_user, {}, {"Who": HUB}, ""),
    (_of_account, {"Who": OTHER_HUB}, {"Who": HUB}, ""),
    (_of_account, {}, {"Who": "*"}, "account"),
]


@pytest.mark.parametrize(("who", "values", "own", "refused"), VALUES_INSIDE)
def test_a_value_of_a_parameter_is_held_to_the_argument_inside(
    stack: cdk.Stack,
    who: Callable[[cdk.Stack], Trusted],
    values: dict[str, str],
    own: dict[str, str],
    refused: str,
) -> None:
    """As the default is: the id of an account in the place of a user would let in everybody in it."""

    def make() -> None:
        given = {"parameters": values, "account_parameters": {DEV: own}}
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=_trusting(who), **given)  # type: ignore[arg-type]

    if not refused:
        make()
        return
    argument = {"account": f"account_parameters['{DEV}']", "parameters": "parameters"}[refused]
    with pytest.raises(ValueError, match=re.escape(f"{argument}: in the template of the role, R: ")):
        make()


@pytest.mark.parametrize(("value", "refused"), [(ALICE, False), (HUB, True)])
def test_a_value_that_comes_out_later_is_held_likewise(
    app: cdk.App, stack: cdk.Stack, value: str, *, refused: bool
) -> None:
    """What the stack around says by a token, the synthesis refuses."""
    later = cdk.Lazy.string(Said(value))
    OrganizationRole(
        stack, "Everywhere", organizational_units=[UNIT], role=_trusting(_of_user), parameters={"Who": later}
    )
    if not refused:
        app.synth()
        return
    with pytest.raises(RuntimeError, match="parameters: in the template of the role, R: "):
        app.synth()


@jsii.implements(cdk.IStableStringProducer)
class Said:
    """A text that is there in the synthesis only."""

    def __init__(self, text: str) -> None:
        self._text = text

    def produce(self) -> str:
        return self._text


def groups(resources: Resources) -> list[dict[str, Any]]:
    """Which accounts get the role, and with which values."""
    (properties,) = resources("AWS::CloudFormation::StackSet")
    found: list[dict[str, Any]] = properties["StackInstancesGroup"]
    return [{name: value for name, value in one.items() if name != "Regions"} for one in found]


def targets(kind: str | None = None, *accounts: str) -> dict[str, Any]:
    """Accounts of the unit."""
    filtered = {} if kind is None else {"AccountFilterType": kind, "Accounts": list(accounts)}
    return {"OrganizationalUnitIds": [UNIT], **filtered}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"include_accounts": [DEV]}, targets("INTERSECTION", DEV)),
        ({"include_accounts": [DEV, DEV]}, targets("INTERSECTION", DEV)),
        ({"exclude_accounts": [DEV, PROD]}, targets("DIFFERENCE", DEV, PROD)),
        ({}, targets()),
    ],
)
def test_accounts_are_filtered(
    stack: cdk.Stack, resources: Resources, given: dict[str, Any], wanted: dict[str, Any]
) -> None:
    """Some of the units, or all but some."""
    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor, **given)
    assert groups(resources) == [{"DeploymentTargets": wanted}]


def test_trust_is_different_in_an_account(stack: cdk.Stack, resources: Resources) -> None:
    """A parameter of the template has a value for all accounts, and another one for some."""
    OrganizationRole(
        stack,
        "Everywhere",
        organizational_units=[UNIT],
        role=of_parameter,
        exclude_accounts=[DEV],
        parameters={"Hub": HUB},
        account_parameters={PROD: {"Hub": OTHER_HUB}},
    )
    assert groups(resources) == [
        {"DeploymentTargets": targets("DIFFERENCE", DEV, PROD)},
        {
            "DeploymentTargets": targets("INTERSECTION", PROD),
            "ParameterOverrides": [{"ParameterKey": "Hub", "ParameterValue": OTHER_HUB}],
        },
    ]
    (properties,) = resources("AWS::CloudFormation::StackSet")
    assert properties["Parameters"] == [{"ParameterKey": "Hub", "ParameterValue": HUB}]


def test_each_included_account_has_one_group(stack: cdk.Stack, resources: Resources) -> None:
    """An account with values of its own is not among the others."""
    OrganizationRole(
        stack,
        "Everywhere",
        organizational_units=[UNIT],
        role=of_parameter,
        include_accounts=[DEV, PROD],
        account_parameters={PROD: {"Hub": OTHER_HUB}, DEV: {"Hub": OTHER_HUB}},
    )
    assert [one["DeploymentTargets"] for one in groups(resources)] == [
        targets("INTERSECTION", PROD),
        targets("INTERSECTION", DEV),
    ]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"include_accounts": [DEV], "exclude_accounts": [PROD]},
            ValueError,
            "include_accounts and exclude_accounts cannot be given together",
        ),
        ({"include_accounts": []}, ValueError, "include_accounts must have at least one entry, got none"),
        ({"exclude_accounts": ["1"]}, ValueError, "exclude_accounts must be a 12-digit AWS account id, got '1'"),
        ({"parameters": {"Hob": HUB}}, ValueError, "parameters must be parameters of the template, which has Hub, got"),
        ({"parameters": {"Hub": "é" * 2_049}}, ValueError, "parameters['Hub'] must have at most 4096 bytes"),
        ({"parameters": {"Hub": 7}}, TypeError, "parameters['Hub'] must be a text, got 7"),
        ({"account_parameters": {"1": {}}}, ValueError, "account_parameters must be a 12-digit AWS account id"),
        (
            {"account_parameters": {DEV: {"Hob": HUB}}},
            ValueError,
            f"account_parameters['{DEV}'] must be parameters of the template, which has Hub, got 'Hob'",
        ),
        (
            {"exclude_accounts": [DEV], "account_parameters": {DEV: {"Hub": HUB}}},
            ValueError,
            f"account_parameters cannot have '{DEV}', which exclude_accounts leaves out",
        ),
        (
            {"include_accounts": [PROD], "account_parameters": {DEV: {"Hub": HUB}}},
            ValueError,
            f"account_parameters must be one of '{PROD}', got '{DEV}'",
        ),
        (
            {"role": lambda stack: of_parameter(stack, default=None)},
            ValueError,
            "parameters must have 'Hub', which has no default",
        ),
        (
            {
                "role": lambda stack: of_parameter(stack, default=None),
                "include_accounts": [DEV],
                "account_parameters": {DEV: {"Hub": HUB}},
            },
            ValueError,
            "CloudFormation makes no StackSet without a value for all accounts",
        ),
    ],
)
def test_filters_and_parameters_are_checked(
    stack: cdk.Stack, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    """A value that goes nowhere, and an account that gets two or none."""
    with pytest.raises(error, match=re.escape(message)):
        OrganizationRole(stack, "Everywhere", **{"organizational_units": [UNIT], "role": of_parameter, **given})


@jsii.implements(cdk.IAspect)
class Longer:
    """An aspect that changes roles, and speaks of them."""

    def visit(self, node: IConstruct) -> None:
        """Called for every construct."""
        if isinstance(node, iam.CfnRole):
            node.description = "Seen by an aspect"
            cdk.Annotations.of(node).add_warning(f"{node.node.id} was seen")


def test_aspects_of_the_app_reach_the_role(app: cdk.App, stack: cdk.Stack) -> None:
    """Tags and a boundary too, and what an aspect says of the role is heard."""
    boundary = iam.ManagedPolicy.from_aws_managed_policy_name("PowerUserAccess")
    cdk.Tags.of(app).add("team", "ops")
    iam.PermissionsBoundary.of(stack).apply(boundary)
    cdk.Aspects.of(app).add(Longer())
    role = OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor)
    (resource,) = role.template["Resources"].values()
    properties = resource["Properties"]
    assert properties["Tags"] == [{"Key": "team", "Value": "ops"}]
    assert properties["PermissionsBoundary"] == stack.resolve(boundary.managed_policy_arn)
    assert properties["Description"] == "Seen by an aspect"
    messages = app.synth().get_stack_artifact(stack.artifact_id).messages
    assert [str(one.entry.data) for one in messages] == ["Resource was seen"]


def test_late_aspects_are_warned_of(app: cdk.App, stack: cdk.Stack) -> None:
    """The template is finished when the construct is made."""
    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=auditor)
    cdk.Tags.of(app).add("team", "ops")
    (message,) = app.synth().get_stack_artifact(stack.artifact_id).messages
    assert "aspects or tags that were added to the app after Stack/Everywhere do not reach" in str(message.entry.data)


def restorer(stack: cdk.Stack) -> iam.Role:
    """A role for every account with long sessions, and the reason for them."""
    return CrossAccountRole(
        stack,
        "Restorer",
        trusted=Trusted.accounts(HUB),
        role_name="Restorer",
        max_session_duration=cdk.Duration.hours(4),
        session_duration_reason="restores take half a day",
    )


def with_another(stack: cdk.Stack) -> iam.Role:
    """The same, and beside it a role whose long sessions nobody gave a reason for."""
    iam.Role(
        stack,
        "Other",
        assumed_by=iam.AccountPrincipal(HUB).with_conditions({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
        max_session_duration=cdk.Duration.hours(4),
    )
    return restorer(stack)


def test_a_reason_for_long_sessions_reaches_the_plugin(app: cdk.App, stack: cdk.Stack) -> None:
    """What the author of the role inside accepted with a reason is accepted at the StackSet."""
    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=restorer)
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config={"boundary": {"accounts": [HUB]}}))
    config = {"boundary": {"accounts": [HUB]}, "template-waivers": True}
    report = trustproof.check([app.synth().directory], config=config)
    assert [result.property for result in report.failures("warning")] == []


def test_a_reason_for_one_role_accepts_no_other(app: cdk.App, stack: cdk.Stack) -> None:
    """Where the template has a second role, a reason at the StackSet would be one for that too."""
    OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=with_another)
    limit = {"session-duration-bounded": {"max-seconds": 3600}}
    config = {"boundary": {"accounts": [HUB]}, "properties": limit}
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=config))
    with pytest.raises(RuntimeError, match="session-duration-bounded"):
        app.synth()


def test_a_provider_of_one_account_is_refused(stack: cdk.Stack) -> None:
    """STS looks for the provider in the account of the role, which is another one each time."""
    arn = f"arn:aws:iam::{HUB}:saml-provider/Corporate"
    with pytest.raises(ValueError, match=f"role must have a provider of the account .* got '{arn}'"):
        OrganizationRole(
            stack,
            "Refused",
            organizational_units=[UNIT],
            role=lambda inner: SamlRole(inner, "Role", provider=arn, role_name="Staff"),
        )
    OrganizationRole(
        stack,
        "Everywhere",
        organizational_units=[UNIT],
        role=lambda inner: SamlRole(
            inner,
            "Role",
            provider=inner.format_arn(service="iam", region="", resource="saml-provider", resource_name="Corporate"),
            role_name="Staff",
        ),
    )


@pytest.mark.parametrize(
    ("make", "arn"),
    [
        (
            lambda inner, arn: EksPodIdentityRole(
                inner, "It", service_accounts=["a/b"], clusters=[arn], role_name="It"
            ),
            "arn:aws:eks:eu-central-1:{account}:cluster/prod",
        ),
        (
            lambda inner, arn: ServiceRole(
                inner, "It", service="states.amazonaws.com", source_arns=[arn], role_name="It"
            ),
            "arn:aws:states:eu-central-1:{account}:stateMachine:*",
        ),
        (
            lambda inner, account: ServiceRole(
                inner, "It", service="states.amazonaws.com", source_account=account, role_name="It"
            ),
            "{account}",
        ),
    ],
)
def test_what_calls_from_one_account_is_refused(stack: cdk.Stack, make: Any, arn: str) -> None:
    """It gets the roles of its own account only, and there is one in each."""
    with pytest.raises(ValueError, match=rf"must be of each account that the OrganizationRole is for.*{HUB}"):
        OrganizationRole(
            stack,
            "Refused",
            organizational_units=[UNIT],
            role=lambda inner: make(inner, arn.format(account=HUB)),
        )
    OrganizationRole(
        stack,
        "Everywhere",
        organizational_units=[UNIT],
        role=lambda inner: make(inner, arn.format(account=cdk.Aws.ACCOUNT_ID)),
    )


def test_a_chain_from_the_account_around(app: cdk.App) -> None:
    """The entry role is one, and its policy cannot name a role in each account by a reference."""
    known = cdk.Stack(app, "Known", env=cdk.Environment(account=HUB, region="eu-central-1"))
    entry = CrossAccountRole(known, "Entry", trusted=Trusted.accounts(HUB), role_name="Entry")

    def everywhere(construct_id: str, given: str | iam.IRole) -> OrganizationRole:
        return OrganizationRole(
            known,
            construct_id,
            organizational_units=[UNIT],
            role=lambda inner: RoleChain(inner, "Second", entry=given, role_name="Second"),
        )

    with pytest.raises(ValueError, match=r"entry cannot have Known/Entry, .* AssumeRoleGrant with role_names"):
        everywhere("Refused", entry)
    everywhere("Everywhere", f"arn:aws:iam::{HUB}:role/Entry")


def of_teams(stack: cdk.Stack) -> iam.Role:
    """A role with parameters of which only some values are allowed."""
    hub = cdk.CfnParameter(stack, "Hub", default=HUB, allowed_values=[HUB, "222233334444"])
    cdk.CfnParameter(stack, "Mail", default="a@b", allowed_pattern=".+@.+", min_length=3, max_length=9)
    cdk.CfnParameter(stack, "Badge", default="ab", min_length=2)
    cdk.CfnParameter(stack, "Age", type="Number", default=900, min_value=60, max_value=3600)
    cdk.CfnParameter(stack, "Ages", type="List<Number>", default="900")
    cdk.CfnParameter(stack, "Teams", type="CommaDelimitedList", default="red", allowed_values=["red", "blue"])
    return CrossAccountRole(
        stack,
        "Role",
        trusted=Trusted.accounts(hub.value_as_string),
        role_name="Role",
    )


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"Hub": "999999999999"}, f"['Hub'] must be one of '{HUB}', '222233334444', got '999999999999'"),
        ({"Teams": "red,green"}, "['Teams'] must be one of 'red', 'blue', got 'green'"),
        ({"Mail": "nobody"}, "['Mail'] must match '.+@.+', got 'nobody'"),
        ({"Mail": "somebody@example.com"}, "['Mail'] must be of 3 to 9 characters, got 'somebody@example.com'"),
        ({"Badge": "x"}, "['Badge'] must be of at least 2 characters, got 'x'"),
        ({"Age": "9"}, "['Age'] must be a number of 60 to 3600, got '9'"),
        ({"Age": "an hour"}, "['Age'] must be a number of 60 to 3600, got 'an hour'"),
        ({"Ages": "900, soon"}, "['Ages'] must be a number, got 'soon'"),
        ({"Hub": "222233334444", "Teams": "red, blue", "Mail": "x@y.z", "Age": "60", "Ages": "1, 2.5"}, None),
    ],
)
def test_values_are_those_that_the_template_allows(
    stack: cdk.Stack, values: dict[str, str], message: str | None
) -> None:
    """CloudFormation refuses any other value, in every account."""
    for number, given in enumerate(({"parameters": values}, {"account_parameters": {"333344445555": values}})):
        made: dict[str, Any] = {"organizational_units": [f"{UNIT}{number}"], "role": of_teams, **given}
        if message is None:
            OrganizationRole(stack, f"Everywhere{number}", stack_set_name=f"Role{number}", **made)
        else:
            with pytest.raises(ValueError, match=re.escape(message)):
                OrganizationRole(stack, f"Refused{number}", **made)


def test_the_management_account_gets_no_role(app: cdk.App) -> None:
    """Which is that of the stack, unless it is a delegated administrator's."""
    stack = cdk.Stack(app, "Management", env=cdk.Environment(account=HUB, region="eu-central-1"))
    given: dict[str, Any] = {"organizational_units": [UNIT], "role": auditor}
    message = f"cannot have '{HUB}', that of the stack, which is the management account with call_as 'SELF'"
    with pytest.raises(ValueError, match=f"^account {message}"):
        OrganizationRole(stack, "Everywhere", **given).arn_in(HUB)
    given["include_accounts"] = [HUB, "333344445555"]
    with pytest.raises(ValueError, match=f"^include_accounts {message}"):
        OrganizationRole(stack, "Included", **given)
    given |= {"stack_set_name": "Delegated", "organizational_units": ["ou-ab12-22222222"]}
    assert HUB in OrganizationRole(stack, "Delegated", call_as="DELEGATED_ADMIN", **given).arn_in(HUB)
