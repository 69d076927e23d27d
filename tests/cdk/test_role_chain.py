"""
`RoleChain`: behind one role, for an hour.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam

import trustproof
from trustproof_cdk import (
    AssumeRoleGrant,
    CrossAccountRole,
    EksPodIdentityRole,
    EksServiceAccountRole,
    OrganizationRole,
    RoleChain,
    Trusted,
)

ENTRY = "arn:aws:iam::111122223333:role/Entry"

Resources = Callable[[str], list[dict[str, Any]]]


def test_both_sides_are_written(stack: cdk.Stack, resources: Resources) -> None:
    """The target trusts the entry role and nobody else, and the entry role may assume the target."""
    entry = CrossAccountRole(stack, "Entry", trusted=Trusted.accounts("111122223333"))
    target = RoleChain(stack, "Target", entry=entry)
    assert target.trust_policy["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": stack.resolve(entry.role_arn)}}
    ]
    (policy,) = resources("AWS::IAM::Policy")
    assert policy["Roles"] == [stack.resolve(entry.role_name)]
    assert policy["PolicyDocument"]["Statement"] == [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": stack.resolve(target.role_arn)}
    ]


def test_entry_of_another_account_is_named(stack: cdk.Stack, resources: Resources) -> None:
    """Of a role that is not ours only the trust is written; a source identity may go on."""
    target = RoleChain(stack, "Target", entry=ENTRY, carries_source_identity=True)
    assert target.trust_policy["Statement"] == [
        {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"], "Principal": {"AWS": ENTRY}}
    ]
    assert resources("AWS::IAM::Policy") == []


def test_transitive_tags_may_go_on(stack: cdk.Stack, resources: Resources) -> None:
    """A session with transitive tags passes them with every call, which both sides must allow."""
    entry = CrossAccountRole(
        stack,
        "Entry",
        trusted=Trusted.accounts("111122223333"),
        session_tags={"team": ["red"]},
        transitive_tags=["team"],
    )
    target = RoleChain(stack, "Target", entry=entry, carries_session_tags=True)
    (statement,) = target.trust_policy["Statement"]
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    (policy,) = resources("AWS::IAM::Policy")
    assert policy["PolicyDocument"]["Statement"][0]["Action"] == ["sts:AssumeRole", "sts:TagSession"]


def test_a_role_is_not_its_own_entry(app: cdk.App) -> None:
    """IAM takes no principal that does not exist, which a role does not before it is made."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    arn = "arn:aws:iam::222233334444:role/Target"
    with pytest.raises(ValueError, match=f"entry must be another role than this one, got '{arn}'"):
        RoleChain(stack, "Target", entry=arn, role_name="Target")
    RoleChain(stack, "Other", entry=arn.replace("222233334444", "111122223333"), role_name="Target")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"max_session_duration": cdk.Duration.hours(2)},
            "max_session_duration must be 1 hour, the most that AWS gives",
        ),
        (
            {"max_session_duration": cdk.Duration.millis(5)},
            "max_session_duration must be 1 hour to 12 hours in whole seconds, got 5 millis",
        ),
        ({"entry": "arn:aws:iam::111122223333:user/alice"}, "entry must be the ARN of an IAM role like"),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A longer session would fail when it is asked for, and a user is no entry role."""
    with pytest.raises(ValueError, match=re.escape(message)):
        RoleChain(stack, "Target", **{"entry": ENTRY, **arguments})


def test_a_source_identity_goes_on_by_itself(stack: cdk.Stack, resources: Resources) -> None:
    """Sessions of an entry role that demands a source identity have one, and both sides let it go on."""
    entry = CrossAccountRole(
        stack, "Entry", trusted=Trusted.accounts("111122223333"), source_identities=["${aws:username}"]
    )
    first = RoleChain(stack, "First", entry=entry)
    second = RoleChain(stack, "Second", entry=first)
    for target in (first, second):
        assert target.trust_policy["Statement"][0]["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]
    for policy in resources("AWS::IAM::Policy"):
        assert policy["PolicyDocument"]["Statement"][0]["Action"] == ["sts:AssumeRole", "sts:SetSourceIdentity"]


def test_a_source_identity_cannot_stay_behind(stack: cdk.Stack) -> None:
    """A role that does not let it be set would refuse every session of such an entry role."""
    entry = CrossAccountRole(stack, "Entry", trusted=Trusted.accounts("111122223333"), source_identities=["alice"])
    with pytest.raises(ValueError, match="carries_source_identity cannot be False"):
        RoleChain(stack, "Target", entry=entry, carries_source_identity=False)


def tagged(stack: cdk.Stack) -> CrossAccountRole:
    """A role whose sessions may have transitive tags."""
    return CrossAccountRole(
        stack,
        "Tagged",
        trusted=Trusted.accounts("111122223333"),
        session_tags={"team": ["red"]},
        transitive_tags=["team"],
    )


def pods(stack: cdk.Stack) -> EksPodIdentityRole:
    """A role all of whose sessions have transitive tags."""
    return EksPodIdentityRole(stack, "Pods", namespace="a", service_account="b")


@pytest.mark.parametrize("entry", [tagged, pods])
def test_whether_tags_go_on_must_be_said(stack: cdk.Stack, entry: Callable[[cdk.Stack], Any]) -> None:
    """A role that lets no tags go on refuses sessions that have transitive ones."""
    role = entry(stack)
    with pytest.raises(ValueError, match="carries_session_tags must be given where the entry role passes tags on"):
        RoleChain(stack, "Refused", entry=role)
    RoleChain(stack, "Target", entry=role, carries_session_tags=True)
    RoleChain(stack, "Without", entry=role, carries_session_tags=False)


@pytest.mark.parametrize(
    ("entry", "says", "said"),
    [
        ({"session_tags": {"team": ["red"]}, "transitive_tags": ["team"]}, {}, "say carries_session_tags; with True"),
        (
            {"session_tags": {"team": ["red"]}, "transitive_tags": ["team"]},
            {"carries_session_tags": False},
            "",
        ),
        ({"source_identities": ["*"]}, {}, "say carries_source_identity=True"),
        ({"source_identities": ["*"]}, {"carries_source_identity": True}, ""),
        ({}, {}, ""),
    ],
)
def test_an_entry_that_is_given_by_its_arn_is_asked_as_well(
    app: cdk.App, entry: dict[str, Any], says: dict[str, Any], said: str
) -> None:
    """Over accounts a role knows its entry by name; what the app makes is known all the same."""
    hub, target = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Hub", "111122223333"), ("Target", "222233334444"))
    )
    CrossAccountRole(hub, "Entry", trusted=Trusted.accounts("333344445555"), role_name="Entry", **entry)
    RoleChain(target, "Chained", entry="arn:aws:iam::111122223333:role/Entry", role_name="Chained", **says)
    if said:
        with pytest.raises(RuntimeError, match=f"Target/Chained: sessions of the entry role, Hub/Entry, .*{said}"):
            app.synth()
    else:
        app.synth()


def test_tags_are_carried_over_every_hop(stack: cdk.Stack) -> None:
    """Transitive tags go on with each call of a chain, so that the third role has to let them in as well."""
    pods = EksPodIdentityRole(stack, "Pods", namespace="a", service_account="b")
    middle = RoleChain(stack, "Middle", entry=pods, carries_session_tags=True)
    with pytest.raises(ValueError, match="carries_session_tags must be given where the entry role passes tags on"):
        RoleChain(stack, "Last", entry=middle)
    last = RoleChain(stack, "Tagged", entry=middle, carries_session_tags=True)
    assert last.trust_policy["Statement"][0]["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    plain = RoleChain(stack, "Plain", entry=CrossAccountRole(stack, "Entry", trusted=Trusted.accounts("111122223333")))
    RoleChain(stack, "Behind", entry=plain)


@pytest.mark.parametrize("grants", [True, False])
def test_an_entry_that_takes_no_policies_is_warned_of(app: cdk.App, grants: bool) -> None:
    """Over accounts, nobody gets in without one."""
    stacks = [
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Entry", "111122223333"), ("Target", "222233334444"))
    ]
    entry = CrossAccountRole(stacks[0], "Role", trusted=Trusted.accounts("333344445555"), role_name="Entry")
    RoleChain(stacks[1], "Chain", entry=entry if grants else entry.without_policy_updates(), role_name="Target")
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("Target").messages]
    assert len([one for one in said if "Entry/Role takes no policies from here" in one]) == (0 if grants else 1)


def test_roles_that_somebody_else_makes_are_reported_by_the_cdk(app: cdk.App) -> None:
    """The first synthesis says which names are missing: nothing of ours stops it before."""
    named = cdk.Stack(app, "Named", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    iam.Role.customize_roles(named)
    entry = CrossAccountRole(named, "Entry", trusted=Trusted.accounts("111122223333"))
    chain = RoleChain(named, "Chain", entry=entry)
    AssumeRoleGrant(named, "Grant", target_roles=[entry, chain], groups=[iam.Group(named, "Group")])
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("Named").messages]
    for path in ("Named/Entry", "Named/Chain"):
        assert any("must provide a precreated role name" in one and f'"{path}"' in one for one in said)


def test_a_role_that_somebody_else_makes_is_not_proved(app: cdk.App, stack: cdk.Stack) -> None:
    """The template has no role, so that nothing is refuted either."""
    iam.Role.customize_roles(stack, use_precreated_roles={"Stack/Role": "Theirs"})
    CrossAccountRole(stack, "Role", trusted=Trusted.accounts("111122223333"))
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("Stack").messages]
    assert [one.partition(",")[0] for one in said] == [
        "Stack/Role is not deployed by this app (Role.customize_roles)"
    ]  # fmt: skip


def test_what_no_report_can_say_is_refused(stack: cdk.Stack) -> None:
    """
    The CDK's report has neither a key that only a deployment knows nor what each account makes by a StackSet.
    """
    iam.Role.customize_roles(stack)
    with pytest.raises(
        ValueError, match="the issuer must be known at synthesis where somebody else is to make the role"
    ):
        EksServiceAccountRole(
            stack, "Pods", issuer=cdk.Fn.import_value("issuer"), namespace="shop", service_account="cart"
        )
    with pytest.raises(ValueError, match=re.escape("Role.customize_roles around it leaves it to somebody else")):
        OrganizationRole(
            stack,
            "Everywhere",
            organizational_units=["ou-ab12-11111111"],
            role=lambda inner: CrossAccountRole(inner, "Role", trusted=Trusted.accounts("111122223333"), role_name="R"),
        )


def test_the_entry_is_granted_the_path_that_the_role_has_got(app: cdk.App) -> None:
    """A company's Aspect gives another one, and the policy in the other account has the ARN as a text."""
    stacks = [
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Entry", "111122223333"), ("Target", "222233334444"))
    ]
    entry = CrossAccountRole(stacks[0], "Role", trusted=Trusted.accounts("333344445555"), role_name="Entry")
    chain = RoleChain(stacks[1], "Chain", entry=entry, role_name="Target", path="/own/")
    resource = chain.node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.path = "/team/"
    with pytest.raises(RuntimeError, match="Target/Chain/Resource has the path '/team/'"):
        app.synth()


@jsii.implements(cdk.IPropertyInjector)
class InATeam:
    """A blueprint of a company, which gives each role a path."""

    @property
    def construct_unique_id(self) -> str:
        """Of what it changes the properties."""
        return iam.Role.PROPERTY_INJECTION_ID

    def inject(self, original_props: Any, _context: Any) -> Any:
        """The properties, changed."""
        return {**original_props, "path": "/team/"}


def test_the_entry_is_granted_what_a_blueprint_makes_of_the_role(app: cdk.App) -> None:
    """The policy in the other account has the path that is deployed."""
    cdk.PropertyInjectors.of(app).add(InATeam())
    stacks = [
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Entry", "111122223333"), ("Target", "222233334444"))
    ]
    entry = CrossAccountRole(stacks[0], "Role", trusted=Trusted.accounts("333344445555"), role_name="Entry")
    RoleChain(stacks[1], "Chain", entry=entry, role_name="Target")
    policies = app.synth().get_stack_by_name("Entry").template["Resources"].values()
    (granted,) = [one["Properties"] for one in policies if one["Type"] == "AWS::IAM::Policy"]
    (statement,) = granted["PolicyDocument"]["Statement"]
    assert "222233334444:role/team/Target" in json.dumps(statement["Resource"])


@pytest.mark.parametrize(
    ("entry", "confined"),
    [
        (lambda stack: cdk.Fn.import_value("EntryArn"), True),
        (lambda stack: iam.Role.from_role_arn(stack, "Entry", cdk.Fn.import_value("EntryArn")), True),
        (lambda stack: cdk.CfnParameter(stack, "Entry").value_as_string, True),
        (lambda stack: iam.Role.from_role_name(stack, "Entry", "Entry"), False),
        (lambda stack: iam.Role(stack, "Entry", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com")), False),
    ],
)
def test_an_entry_that_only_a_deployment_knows_is_a_role(
    app: cdk.App, entry: Callable[[cdk.Stack], Any], confined: bool
) -> None:
    """It could be an account, whose users would get in without MFA; the trust policy says that it is a role."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    chain = RoleChain(stack, "Chain", entry=entry(stack))
    condition = chain.trust_policy["Statement"][0].get("Condition")
    assert condition == ({"ArnLike": {"aws:PrincipalArn": "arn:*:iam::*:role/*"}} if confined else None)
    template = app.synth().get_stack_by_name("Own").template
    found = trustproof.check([template], account="222233334444", properties=["mfa-required"]).results
    assert {result.verdict for result in found} == {"proved"}


@pytest.mark.parametrize(
    ("operator", "namespace", "is_met"),
    [
        ("StringEquals", "a", True),
        ("StringLike", "?", True),
        ("StringEquals", "b", False),
        ("StringEqualsIfExists", "b", False),
        ("StringNotEquals", "a", False),
        ("StringEquals", "${aws:ResourceTag/namespace}", True),
        pytest.param("StringEquals", cdk.Aws.STACK_NAME, True, id="token"),
    ],
)
def test_a_chain_behind_pods_of_another_namespace(
    stack: cdk.Stack, operator: str, namespace: str, is_met: bool
) -> None:
    """Sessions of pods have the tags that EKS asks for them with."""
    conditions = {operator: {"aws:PrincipalTag/kubernetes-namespace": namespace}}
    entry = pods(stack)
    if is_met:
        RoleChain(stack, "Chain", entry=entry, carries_session_tags=True, conditions=conditions)
        return
    with pytest.raises(ValueError, match="of which aws:PrincipalTag/kubernetes-namespace is a: nobody would get in"):
        RoleChain(stack, "Chain", entry=entry, carries_session_tags=True, conditions=conditions)
