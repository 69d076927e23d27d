"""
Permissions boundaries of callers that the app has: who may not ask for a role gets into none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct, IConstruct

import trustproof_cdk
from trustproof_cdk import (
    ApprovalGrant,
    AssumeRoleGrant,
    BreakGlassAlarm,
    BreakGlassRole,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    FederationBroker,
    MfaEnforcedGroup,
    MfaPolicy,
    RoleChain,
    Trusted,
)

HUB, TARGET = "111122223333", "333344445555"
SAID = "has the permissions boundary Hub/Limit/Resource, which does not allow sts:AssumeRole"


def boundary(hub: cdk.Stack, **statement: Any) -> iam.ManagedPolicy:
    """A permissions boundary of one statement."""
    given = {"Effect": "Allow", "Resource": "*", **statement}
    return iam.ManagedPolicy(
        hub, "Limit", managed_policy_name="Limit", statements=[iam.PolicyStatement.from_json(given)]
    )


def chained(hub: cdk.Stack, target: cdk.Stack, limit: iam.ManagedPolicy | None) -> None:
    """A role behind one that has the boundary."""
    entry = CrossAccountRole(hub, "Entry", trusted=Trusted.accounts(HUB), role_name="Entry", permissions_boundary=limit)
    RoleChain(target, "Chained", entry=entry, role_name="Chained")


def trusted_user(hub: cdk.Stack, target: cdk.Stack, limit: iam.ManagedPolicy | None) -> None:
    """A role that trusts a user who has the boundary."""
    user = iam.User(hub, "Bound", user_name="bound", permissions_boundary=limit)
    CrossAccountRole(target, "Trusting", trusted=Trusted.users(user), role_name="Trusting")


def named_entry(hub: cdk.Stack, target: cdk.Stack, limit: iam.ManagedPolicy | None) -> None:
    """As over accounts: the role has the one that has the boundary by its ARN."""
    CrossAccountRole(hub, "Entry", trusted=Trusted.accounts(HUB), role_name="Entry", permissions_boundary=limit)
    RoleChain(target, "Chained", entry=f"arn:aws:iam::{HUB}:role/Entry", role_name="Chained")


def named_user(hub: cdk.Stack, target: cdk.Stack, limit: iam.ManagedPolicy | None) -> None:
    """Likewise."""
    iam.User(hub, "Bound", user_name="bound", path="/people/", permissions_boundary=limit)
    arn = f"arn:aws:iam::{HUB}:user/people/bound"
    CrossAccountRole(target, "Trusting", trusted=Trusted.users(arn), role_name="Trusting")


def granted(hub: cdk.Stack, target: cdk.Stack, limit: iam.IManagedPolicy | None) -> None:
    """A grant for a user who has the boundary."""
    user = iam.User(hub, "Bound", user_name="bound", permissions_boundary=limit)
    AssumeRoleGrant(hub, "Grant", target_roles=[f"arn:aws:iam::{TARGET}:role/Auditor"], users=[user])


@pytest.mark.parametrize("layout", [chained, trusted_user, named_entry, named_user, granted])
@pytest.mark.parametrize(
    ("statement", "may_ask"),
    [
        ({"Action": "s3:*"}, False),
        ({"NotAction": ["iam:*", "STS:Assume*"]}, False),
        ({"Action": ["s3:*", "sts:*Role"]}, True),
        ({"NotAction": "iam:*"}, True),
        ({"Action": "*"}, True),
    ],
)
def test_a_caller_that_may_not_ask_fails_the_synthesis(
    app: cdk.App,
    layout: Callable[[cdk.Stack, cdk.Stack, iam.ManagedPolicy], None],
    statement: dict[str, Any],
    may_ask: bool,
) -> None:
    """A role that only it can enter, or a grant for it, would be there for nobody."""
    hub, target = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Hub", HUB), ("Target", TARGET))
    )
    layout(hub, target, boundary(hub, **statement))
    if may_ask:
        app.synth()
    else:
        with pytest.raises(RuntimeError, match=SAID):
            app.synth()


@pytest.mark.parametrize("layout", [trusted_user, named_user])
def test_a_user_whom_its_own_account_names_needs_no_boundary(
    app: cdk.App, layout: Callable[[cdk.Stack, cdk.Stack, iam.ManagedPolicy], None]
) -> None:
    """A trust policy that names a user is all that the user needs there."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    layout(hub, hub, boundary(hub, Action="s3:*"))
    app.synth()


def by_aspect(scope: IConstruct, limit: iam.ManagedPolicy) -> None:
    """Gives everything in a scope a boundary; that of an app goes by its name, since each account has its own."""
    named: iam.IManagedPolicy = limit
    if isinstance(scope, cdk.App):
        arn = f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:policy/Limit"
        named = iam.ManagedPolicy.from_managed_policy_arn(limit, "OfEach", arn)
    iam.PermissionsBoundary.of(scope).apply(named)


def taken_away(scope: IConstruct, limit: iam.ManagedPolicy) -> None:
    """Gives it to everything, and then to nothing."""
    iam.PermissionsBoundary.of(scope).apply(limit)
    iam.PermissionsBoundary.of(scope).clear()


@pytest.mark.parametrize(
    ("resource", "warned"),
    [
        ("*", []),
        (f"arn:aws:iam::{TARGET}:role/*", []),
        (f"arn:aws:iam::{TARGET}:role/Auditor", [f"on arn:aws:iam::{TARGET}:role/Reader: it gets into the other"]),
    ],
)
def test_a_boundary_for_some_of_the_granted_roles_is_warned_of(app: cdk.App, resource: str, warned: list[str]) -> None:
    """Who may get into one of the roles is let do so, and is told of those that the boundary keeps it from."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    user = iam.User(hub, "Bound", permissions_boundary=boundary(hub, Action="sts:AssumeRole", Resource=resource))
    roles = [f"arn:aws:iam::{TARGET}:role/{name}" for name in ("Auditor", "Reader")]
    AssumeRoleGrant(hub, "Grant", target_roles=roles, users=[user])
    messages = app.synth().get_stack_artifact(hub.artifact_id).messages
    said = [str(one.entry.data) for one in messages if "permissions boundary" in str(one.entry.data)]
    assert len(said) == len(warned)
    assert all(part in one for part, one in zip(warned, said, strict=True))


@pytest.mark.parametrize("layout", [chained, trusted_user, granted])
@pytest.mark.parametrize("whole_app", [True, False])
@pytest.mark.parametrize(
    ("give", "action", "may_ask"), [(by_aspect, "s3:*", False), (by_aspect, "sts:*", True), (taken_away, "s3:*", True)]
)
def test_a_boundary_of_an_app_or_stack_counts(
    app: cdk.App,
    layout: Callable[[cdk.Stack, cdk.Stack, Any], None],
    give: Callable[[IConstruct, iam.ManagedPolicy], None],
    action: str,
    whole_app: bool,
    may_ask: bool,
) -> None:
    """Whoever is made without one has that of the app or stack around, and gets into no role that it is against."""
    hub, target = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Hub", HUB), ("Target", TARGET))
    )
    layout(hub, target, None)
    give(app if whole_app else hub, boundary(hub, Action=action))
    if may_ask:
        app.synth()
    else:
        with pytest.raises(RuntimeError, match=SAID):
            app.synth()


def test_an_inner_boundary_replaces_that_of_the_app(app: cdk.App) -> None:
    """The CDK applies aspects from the outside in, and the last one counts."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    granted(hub, hub, None)
    iam.PermissionsBoundary.of(hub).apply(boundary(hub, Action="*"))
    wide = iam.ManagedPolicy(hub, "App", statements=[iam.PolicyStatement(actions=["s3:*"], resources=["*"])])
    iam.PermissionsBoundary.of(app).apply(wide)
    app.synth()


@pytest.mark.parametrize("layout", [chained, trusted_user, granted])
@pytest.mark.parametrize("account", [HUB, None])
@pytest.mark.parametrize(
    ("action", "named", "may_ask"),
    [("s3:*", "Limit", False), ("sts:AssumeRole", "Limit", True), ("s3:*", "Another", True)],
)
def test_a_boundary_that_is_given_by_its_name_counts(
    app: cdk.App,
    layout: Callable[[cdk.Stack, cdk.Stack, Any], None],
    account: str | None,
    action: str,
    named: str,
    may_ask: bool,
) -> None:
    """The name is that of a policy which the app has in the account of the caller; of any other nothing is known."""
    of_name = cdk.PermissionsBoundary.from_name(named)
    hub = cdk.Stack(
        app, "Hub", env=cdk.Environment(account=account, region="eu-central-1"), permissions_boundary=of_name
    )
    target = cdk.Stack(app, "Target", env=cdk.Environment(account=account and TARGET, region="eu-central-1"))
    # The policy of that name in another account is another one.
    elsewhere = iam.ManagedPolicy(target, "Limit", managed_policy_name="Limit" if account else "Elsewhere")
    elsewhere.add_statements(iam.PolicyStatement(actions=["*" if action == "s3:*" else "s3:*"], resources=["*"]))
    boundary(hub, Action=action)
    layout(hub, target, None)
    # Where no account is known, user and role are taken to be of one, in which the user needs no other policy.
    if may_ask or (account is None and layout is trusted_user):
        app.synth()
    else:
        with pytest.raises(RuntimeError, match=SAID):
            app.synth()


OF_AWS = "Bound/Resource has the permissions boundary ReadOnlyAccess, which does not allow sts:AssumeRole"


@pytest.mark.parametrize(
    ("name", "may_ask"), [("ReadOnlyAccess", False), ("PowerUserAccess", True), ("job-function/ViewOnlyAccess", False)]
)
@pytest.mark.parametrize("by", ["constructor", "aspect"])
def test_a_boundary_of_aws_counts(app: cdk.App, name: str, may_ask: bool, by: str) -> None:
    """What AWS manages is published, so that it is read as a policy of the app is."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    limit: Any = iam.ManagedPolicy.from_aws_managed_policy_name(name)
    granted(hub, hub, limit if by == "constructor" else None)
    if by == "aspect":
        iam.PermissionsBoundary.of(hub).apply(limit)
    if may_ask:
        app.synth()
        return
    with pytest.raises(RuntimeError) as failed:
        app.synth()
    assert OF_AWS.replace("ReadOnlyAccess", name) in str(failed.value)
    assert "give it another boundary, or take the caller away" in str(failed.value)


def tagged(hub: cdk.Stack, user: iam.User) -> None:
    """A grant to pass what a role asks for."""
    target = [f"arn:aws:iam::{TARGET}:role/Auditor"]
    AssumeRoleGrant(hub, "Grant", target_roles=target, users=[user], session_tags=True, source_identity=True)


def demanding(hub: cdk.Stack, user: iam.User) -> None:
    """A role of another account that nobody gets into without a tag."""
    target = cdk.Stack(hub.node.root, "Target", env=cdk.Environment(account=TARGET, region="eu-central-1"))
    trusted = Trusted.users(user)
    CrossAccountRole(target, "Role", trusted=trusted, role_name="Role", session_tags={"team": ["ops"]})


def broker(hub: cdk.Stack, user: iam.User) -> None:
    """A program that hands out sessions."""
    put = iam.PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::uploads/*"])
    FederationBroker(hub, "Broker", federated_users=["up-*"], session_permissions=[put], users=[user])


@pytest.mark.parametrize(
    ("layout", "action", "lacking"),
    [
        (tagged, "sts:AssumeRole", "sts:SetSourceIdentity and sts:TagSession"),
        (tagged, "sts:*", ""),
        (demanding, "sts:AssumeRole", "sts:TagSession"),
        (demanding, "sts:*", ""),
        (broker, "s3:*", "sts:GetFederationToken"),
        (broker, ["sts:Get*", "s3:Put*"], ""),
    ],
)
def test_a_boundary_has_all_that_is_called(
    app: cdk.App, layout: Callable[[cdk.Stack, iam.User], None], action: Any, lacking: str
) -> None:
    """Not only `sts:AssumeRole`: what a call passes, and sessions that are handed out."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    layout(hub, iam.User(hub, "Bound", user_name="bound", permissions_boundary=boundary(hub, Action=action)))
    if not lacking:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=f"Hub/Limit/Resource, which does not allow {lacking}: whatever"):
        app.synth()


@pytest.mark.parametrize(
    ("layout", "resource", "may_ask"),
    [
        (chained, f"arn:aws:iam::{TARGET}:role/Chained", True),
        (chained, "arn:*:iam::*:role/Ch?ine*", True),
        (chained, f"arn:aws:iam::{TARGET}:role/Other", False),
        (chained, f"arn:aws:iam::{HUB}:role/*", False),
        (trusted_user, f"arn:aws:iam::{TARGET}:role/Trusting", True),
        (trusted_user, f"arn:aws:iam::{TARGET}:role/x/Trusting", False),
        (granted, f"arn:aws:iam::{TARGET}:role/A*", True),
        (granted, f"arn:aws:iam::{TARGET}:role/B*", False),
        (granted, "arn:aws:iam::${aws:PrincipalTag/account}:role/Auditor", True),
    ],
)
def test_a_boundary_has_the_role_among_its_resources(
    app: cdk.App,
    layout: Callable[[cdk.Stack, cdk.Stack, iam.ManagedPolicy], None],
    resource: str,
    may_ask: bool,
) -> None:
    """One that lets its holders into other roles only lets them into none of these."""
    hub, target = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Hub", HUB), ("Target", TARGET))
    )
    layout(hub, target, boundary(hub, Action="sts:AssumeRole", Resource=resource))
    if may_ask:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=f"{SAID} on (this role|any of the roles): .*let the boundary allow that"):
        app.synth()


PRESENT, AGE = "aws:MultiFactorAuthPresent", "aws:MultiFactorAuthAge"
MFA = [
    ({"Bool": {PRESENT: "true"}}, "Allow", False),
    ({"Bool": {"AWS:multifactorauthpresent": [True]}}, "Allow", False),
    ({"NumericLessThan": {AGE: "3600"}}, "Allow", False),
    ({"Null": {AGE: "false"}}, "Allow", False),
    ({"BoolIfExists": {PRESENT: "true"}}, "Allow", True),
    ({"Bool": {PRESENT: ["true", "false"]}}, "Allow", True),
    ({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}, "Allow", True),
    ({"BoolIfExists": {PRESENT: "false"}}, "Deny", False),
    ({"NumericGreaterThanIfExists": {AGE: "3600"}}, "Deny", False),
    ({"Null": {AGE: "true"}}, "Deny", False),
    ({"Bool": {PRESENT: "false"}}, "Deny", True),
    ({"BoolIfExists": {PRESENT: "false"}, "StringEquals": {"aws:RequestedRegion": "eu-central-1"}}, "Deny", True),
]


def bounded(hub: cdk.Stack, conditions: dict[str, Any], effect: str) -> iam.ManagedPolicy:
    """A boundary that allows everything under conditions, or denies it under them."""
    limit = boundary(hub, Action="*", **({"Condition": conditions} if effect == "Allow" else {}))
    if effect == "Deny":
        denied = {"Effect": effect, "Action": "*", "Resource": "*", "Condition": conditions}
        limit.add_statements(iam.PolicyStatement.from_json(denied))
    return limit


@pytest.mark.parametrize(("conditions", "effect", "may_ask"), MFA)
def test_a_boundary_that_asks_for_mfa_lets_no_session_of_a_role_go_on(
    app: cdk.App, conditions: dict[str, Any], effect: str, may_ask: bool
) -> None:
    """Sessions of roles carry no MFA; a user, who may, passes."""
    hub, target = (
        cdk.Stack(app, name, env=cdk.Environment(account=account, region="eu-central-1"))
        for name, account in (("Hub", HUB), ("Target", TARGET))
    )
    limit = bounded(hub, conditions, effect)
    granted(hub, target, limit)
    chained(hub, target, limit)
    if may_ask:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=f"{SAID} without MFA, which no session of a role has") as failed:
        app.synth()
    assert "Hub/Bound" not in str(failed.value)


def test_a_deny_without_a_condition_counts(app: cdk.App) -> None:
    """Whatever else a boundary allows."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    limit = boundary(hub, Action="*")
    granted(hub, hub, limit)
    on_others = iam.PolicyStatement(actions=["sts:*"], resources=["arn:aws:iam::*:role/x"], effect=iam.Effect.DENY)
    limit.add_statements(on_others)
    app.synth()
    limit.add_statements(iam.PolicyStatement(actions=["sts:*"], resources=["*"], effect=iam.Effect.DENY))
    with pytest.raises(RuntimeError, match=f"{SAID}: whatever else"):
        app.synth(force=True)


@pytest.mark.parametrize(
    "named",
    [
        {"Resource": f"arn:aws:iam::{TARGET}:role/Auditor"},
        {"Resource": "arn:aws:iam::*:role/A*"},
        {"NotResource": f"arn:aws:iam::{HUB}:role/*"},
    ],
)
def test_a_deny_of_the_role_counts(app: cdk.App, named: dict[str, Any]) -> None:
    """By its ARN, by a pattern, or as none of others."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    limit = boundary(hub, Action="*")
    granted(hub, hub, limit)
    limit.add_statements(iam.PolicyStatement.from_json({"Effect": "Deny", "Action": "sts:AssumeRole", **named}))
    with pytest.raises(RuntimeError, match=re.escape(f"{SAID} on any of the roles: whatever else")):
        app.synth()


def by_name(hub: cdk.Stack, limit: iam.ManagedPolicy) -> None:
    """A role that may get into those of one name in an organization."""
    asking = iam.Role(hub, "Bound", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"), permissions_boundary=limit)
    AssumeRoleGrant(hub, "Grant", role_names=["Auditor"], organization="o-a1b2c3d4e5", roles=[asking])


def by_arn(hub: cdk.Stack, limit: iam.ManagedPolicy) -> None:
    """A user who may get into a role of another account."""
    granted(hub, hub, limit)


def approving(hub: cdk.Stack, limit: iam.ManagedPolicy) -> None:
    """A user who may tag others with an approval."""
    user = iam.User(hub, "Bound", permissions_boundary=limit)
    ApprovalGrant(hub, "Grant", for_users=[f"arn:aws:iam::{HUB}:user/alice"], approvals=["INC-1"], users=[user])


def alarmed(hub: cdk.Stack, limit: iam.ManagedPolicy) -> None:
    """A user of another account, for emergencies in one Region."""
    target = cdk.Stack(hub.node.scope, "Target", env=cdk.Environment(account=TARGET, region="eu-central-1"))  # type: ignore[arg-type]
    user = iam.User(hub, "Bound", user_name="bound", permissions_boundary=limit)
    role = BreakGlassRole(target, "Role", users=[user], alarm_topic=sns.Topic(target, "Topic"), role_name="Emergency")
    BreakGlassAlarm(hub, "Alarm", roles=[role], alarm_topic=sns.Topic(hub, "Topic"))
    AssumeRoleGrant(hub, "Grant", target_roles=[role], users=[user])


OFFICE = {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
REGION, KIND, TAGS, OWNER = "aws:RequestedRegion", "aws:PrincipalType", "aws:TagKeys", "aws:ResourceAccount"


@pytest.mark.parametrize(
    ("layout", "effect", "condition", "said"),
    [
        (by_name, "Allow", {"StringEquals": {KIND: "User"}}, "where aws:PrincipalType is AssumedRole"),
        (by_name, "Allow", {"StringEquals": {KIND: "AssumedRole"}}, ""),
        (by_name, "Deny", {"StringLike": {KIND: "Assumed*"}}, "where aws:PrincipalType is AssumedRole"),
        (by_name, "Deny", {"StringEquals": {KIND: "User"}}, ""),
        (
            by_name,
            "Allow",
            {"StringEquals": {"aws:ResourceOrgID": "o-zzzzzzzzzz"}},
            "aws:ResourceOrgID is o-a1b2c3d4e5",
        ),
        (by_name, "Deny", {"StringNotEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}, ""),
        (by_name, "Deny", {"StringNotEquals": {OWNER: HUB}}, ""),
        (by_arn, "Deny", {"StringNotEquals": {OWNER: HUB}}, "on any of the roles"),
        (by_arn, "Deny", {"StringNotEquals": {OWNER: [HUB, TARGET]}}, ""),
        (by_arn, "Deny", {"StringNotEquals": {OWNER: HUB}, "Bool": {"aws:ViaAWSService": "false"}}, ""),
        (by_arn, "Deny", {"StringNotEquals": {REGION: "us-east-1"}}, ""),
        (by_arn, "Allow", {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}, ""),
        (alarmed, "Allow", {"StringEqualsIfExists": {REGION: "us-east-1"}}, "aws:RequestedRegion is eu-central-1"),
        (alarmed, "Allow", {"StringEquals": {REGION: ["us-east-1", "eu-central-1"]}}, ""),
        (alarmed, "Deny", {"ForAnyValue:StringNotEquals": {REGION: "eu-*"}}, "aws:RequestedRegion is eu-central-1"),
        (alarmed, "Deny", {"StringNotLike": {REGION: "eu-*"}}, ""),
        (approving, "Allow", {"ForAllValues:StringEquals": {TAGS: "team"}}, "where aws:TagKeys is trustproof-approval"),
        (approving, "Allow", {"ForAllValues:StringEquals": {TAGS: ["team", "trustproof-approval"]}}, ""),
        (approving, "Deny", {"Null": {"aws:RequestTag/trustproof-approval": "true"}}, ""),
        (approving, "Deny", {"Null": {TAGS: "false"}}, "where aws:TagKeys is trustproof-approval"),
    ],
)
def test_what_is_known_of_a_request_counts(
    app: cdk.App, layout: Callable[[cdk.Stack, iam.ManagedPolicy], None], effect: str, condition: Any, said: str
) -> None:
    """The kind of the caller, whose the role is, and what the grant or the trust policy demands."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    limit = boundary(hub, Action="*", **({"Condition": condition} if effect == "Allow" else {}))
    if effect == "Deny":
        denied = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}
        limit.add_statements(iam.PolicyStatement.from_json(denied))
    layout(hub, limit)
    if said:
        with pytest.raises(
            RuntimeError, match=f"does not allow (sts:AssumeRole|iam:TagUser) .*{re.escape(said)}: what"
        ):
            app.synth()
    else:
        app.synth()


@pytest.mark.parametrize("named", ["arn", "reference"])
def test_a_user_whom_its_own_account_names_is_stopped_by_a_deny(app: cdk.App, named: str) -> None:
    """What a trust policy lets in without another policy, no boundary has to allow; but one may deny it."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    limit = boundary(hub, Action="*")
    trusted_user(hub, hub, limit)
    role = hub.node.find_child("Trusting")
    assert isinstance(role, iam.Role)
    arn = role.role_arn if named == "reference" else f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role/Trust*"
    limit.add_statements(iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:AssumeRole"], resources=[arn]))
    with pytest.raises(
        RuntimeError, match=r"which denies sts:AssumeRole on this role: .*take that out of the boundary"
    ):
        app.synth()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ({"Action": "sts:GetFederationToken"}, "s3:PutObject: whatever else allows it, its sessions can do nothing"),
        ({"Action": ["sts:*", "s3:*"]}, ""),
        (
            {"Action": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
            "sts:GetFederationToken where aws:MultiFactorAuthPresent is absent",
        ),
        ({"Action": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}, ""),
    ],
)
def test_a_broker_whose_sessions_a_boundary_keeps_from_all_is_refused(
    app: cdk.App, statement: dict[str, Any], said: str
) -> None:
    """A session has what the boundary of its user has too, and neither has MFA."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    FederationBroker(
        hub,
        "Broker",
        federated_users=["app-*"],
        session_permissions=[iam.PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::uploads/*"])],
        users=[iam.User(hub, "Bound", permissions_boundary=boundary(hub, **statement))],
    )
    if said:
        with pytest.raises(RuntimeError, match=f"does not allow {re.escape(said)}"):
            app.synth()
    else:
        app.synth()


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("added", [True, False])
@pytest.mark.parametrize(
    ("denied", "condition", "stopped"), [("sts:*", {}, True), ("sts:*", OFFICE, False), ("s3:*", {}, False)]
)
def test_an_own_policy_that_denies_the_call_is_named(
    app: cdk.App, denied: str, condition: dict[str, Any], stopped: bool, added: bool, named: bool
) -> None:
    """The entry of a chain that may not go on: one that always may not, and none that may at times."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    deny = iam.PolicyStatement.from_json({"Effect": "Deny", "Action": denied, "Resource": "*", "Condition": condition})
    inline = None if added else {"Careful": iam.PolicyDocument(statements=[deny])}
    entry = CrossAccountRole(hub, "Entry", trusted=Trusted.accounts(HUB), role_name="Entry", inline_policies=inline)
    RoleChain(hub, "Chained", entry=f"arn:aws:iam::{HUB}:role/Entry" if named else entry)
    if added:
        entry.add_to_policy(deny)
    if stopped:
        with pytest.raises(
            RuntimeError, match=r"has the inline policy \S*(Careful|DefaultPolicy), which denies sts:Assume"
        ):
            app.synth()
    else:
        app.synth()


@pytest.mark.parametrize("added", [True, False])
def test_an_own_policy_that_denies_what_is_granted_is_named(app: cdk.App, added: bool) -> None:
    """It stops the caller as a boundary does; of some roles only, the synthesis warns."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    here, there = (f"arn:aws:iam::{account}:role/Deployer" for account in ("222233334444", "333344445555"))
    denied = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:Assume*"], resources=[here])
    user, other = iam.User(hub, "User"), iam.User(hub, "Other")
    role = iam.Role(
        hub,
        "Role",
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
        inline_policies=None if added else {"Careful": iam.PolicyDocument(statements=[denied])},
    )
    if added:
        role.add_to_policy(denied)
    user.add_to_policy(denied)
    some = AssumeRoleGrant(hub, "Some", target_roles=[here, there], users=[user, other], roles=[role])
    AssumeRoleGrant(hub, "All", target_roles=[there], users=[user], roles=[role])
    app.synth()
    warned = [str(entry.data) for entry in some.node.metadata if entry.type == "aws:cdk:warning"]
    assert len(warned) == 2
    assert all(f"which denies sts:AssumeRole on {here}: it gets into the other roles only" in one for one in warned)
    AssumeRoleGrant(hub, "None", target_roles=[here], roles=[role])
    with pytest.raises(RuntimeError, match=r"Hub/Role/Resource has the inline policy \S+, which denies sts:AssumeRole"):
        app.synth(force=True)


@pytest.mark.parametrize("condition", [{}, OFFICE], ids=["always", "at times"])
@pytest.mark.parametrize("kind", ["inline", "managed", "named by its holder", "of who is trusted"])
def test_an_attached_policy_that_denies_is_named(app: cdk.App, kind: str, condition: dict[str, Any]) -> None:
    """A Deny of the app counts wherever it stands; one that is met at times only stops nobody for certain."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    deny = iam.PolicyStatement.from_json(
        {"Effect": "Deny", "Action": "sts:Assume*", "Resource": "*", "Condition": condition}
    )
    is_managed = kind in ("managed", "named by its holder")
    made = (iam.ManagedPolicy if is_managed else iam.Policy)(hub, "Careful", statements=[deny])
    if kind == "named by its holder":
        assert isinstance(made, iam.ManagedPolicy)
        user = iam.User(hub, "User", managed_policies=[made])
    else:
        user = iam.User(hub, "User")
        made.attach_to_user(user)
    if kind == "of who is trusted":
        CrossAccountRole(hub, "Role", trusted=Trusted.users(user))
    else:
        AssumeRoleGrant(hub, "Grant", target_roles=["arn:aws:iam::222233334444:role/Deployer"], users=[user])
    if condition:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=r"has the (inline|managed) policy Hub/Careful, which denies sts:AssumeRole"):
        app.synth()


#: How a Deny comes to somebody by a group: who has the Deny, who is granted, and what is said.
BY_GROUPS = [
    ("group", "member", "Hub/User/Resource has the managed policy Hub/Careful, which denies sts:AssumeRole"),
    ("group", "group", "Hub/Group/Resource has the managed policy Hub/Careful, which denies sts:AssumeRole"),
    ("added to group", "group", "Hub/Group/Resource has the inline policy Hub/Group/DefaultPolicy, which denies"),
    ("added to group", "trusted member", "Hub/User/Resource has the inline policy Hub/Group/DefaultPolicy, which"),
    ("property of group", "group", "Hub/Group/Resource has the inline policy careful of Hub/Group, which denies"),
    ("property of group", "trusted member", "Hub/User/Resource has the inline policy careful of Hub/Group, which"),
    ("member", "group", "no member of Hub/Group/Resource gets anything by it: Hub/User/Resource has the managed"),
    ("other group", "group", "no member of Hub/Group/Resource gets anything by it: Hub/User/Resource has the managed"),
    ("other group", "other member", ""),
]


@pytest.mark.parametrize(("denied", "granted", "said"), BY_GROUPS)
def test_a_deny_of_a_group_counts_for_its_members(app: cdk.App, denied: str, granted: str, said: str) -> None:
    """A group has no calls of its own: what it denies, it denies to whoever is in it."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    user, other, group, second = iam.User(hub, "User"), iam.User(hub, "X"), iam.Group(hub, "Group"), iam.Group(hub, "G")
    group.add_user(user)
    second.add_user(user)
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:*"], resources=["*"])
    if denied == "added to group":
        group.add_to_policy(deny)
    elif denied == "property of group":
        careful_one = {"policy_name": "careful", "policy_document": iam.PolicyDocument(statements=[deny])}
        resource = group.node.default_child
        assert isinstance(resource, iam.CfnGroup)
        resource.policies = [iam.CfnGroup.PolicyProperty(**careful_one)]
    else:
        careful = iam.ManagedPolicy(hub, "Careful", statements=[deny])
        holders: dict[str, Any] = {"group": group, "member": user, "other group": second}
        holders[denied].add_managed_policy(careful)
    if granted == "trusted member":
        CrossAccountRole(hub, "Role", trusted=Trusted.users(user))
    else:
        held: dict[str, dict[str, Any]] = {
            "group": {"groups": [group]},
            "member": {"users": [user]},
            "other member": {"users": [other]},
        }
        AssumeRoleGrant(hub, "Grant", target_roles=["arn:aws:iam::222233334444:role/Deployer"], **held[granted])
    if not said:
        app.synth()
        return
    with pytest.raises(RuntimeError, match=re.escape(said)):
        app.synth()


#: How a user comes to be granted a role.
GRANTED: dict[str, Callable[[cdk.Stack, CrossAccountRole, iam.User, iam.Group], object]] = {
    "argument": lambda hub, role, user, group: AssumeRoleGrant(hub, "Grant", target_roles=[role], users=[user]),
    "group": lambda hub, role, user, group: AssumeRoleGrant(hub, "Grant", target_roles=[role], groups=[group]),
    "names its policy": lambda hub, role, user, group: user.add_managed_policy(
        AssumeRoleGrant(hub, "Grant", target_roles=[role])
    ),
    "attached later": lambda hub, role, user, group: AssumeRoleGrant(hub, "Grant", target_roles=[role]).attach_to_user(
        user
    ),
    "group names its policy": lambda hub, role, user, group: group.add_managed_policy(
        AssumeRoleGrant(hub, "Grant", target_roles=[role])
    ),
    "by the role": lambda hub, role, user, group: role.grant_assume_role(user),
    "by grant": lambda hub, role, user, group: role.grant(user, "sts:AssumeRole"),
    "by grants": lambda hub, role, user, group: role.grants.assume_role(user),
    "by the role to the group": lambda hub, role, user, group: role.grant_assume_role(group),
}
#: What is against it.
AGAINST = ["boundary", "property", "added", "attached", "added to the group", ""]


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("granted_by", GRANTED)
def test_whoever_is_granted_a_role_is_asked_whichever_way(app: cdk.App, granted_by: str, against: str) -> None:
    """The call fails alike, whether the grant is a construct, is attached later or is a method of the role."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    target = cdk.Stack(app, "Target", env=cdk.Environment(account=TARGET, region="eu-central-1"))
    limit = boundary(hub, Action="s3:*") if against == "boundary" else None
    user, group = iam.User(hub, "User", permissions_boundary=limit), iam.Group(hub, "Group")
    group.add_user(user)
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:*"], resources=["*"])
    resource = user.node.default_child
    assert isinstance(resource, iam.CfnUser)
    if against == "property":
        document = iam.PolicyDocument(statements=[deny])
        resource.policies = [iam.CfnUser.PolicyProperty(policy_name="careful", policy_document=document)]
    elif against == "attached":
        iam.ManagedPolicy(hub, "Careful", statements=[deny], users=[user])
    elif against.startswith("added"):
        (group if against == "added to the group" else user).add_to_policy(deny)
    role = CrossAccountRole(target, "Role", trusted=Trusted.accounts(HUB), role_name="Role")
    GRANTED[granted_by](hub, role, user, group)
    if not against:
        assert not app.synth().get_stack_artifact(hub.artifact_id).messages
        return
    with pytest.raises(RuntimeError, match=r"does not allow sts:AssumeRole|which denies sts:AssumeRole") as refused:
        app.synth()
    # Each time once.
    assert str(refused.value).count("sts:AssumeRole") == 1 + str(refused.value).count("add sts:AssumeRole")


@pytest.mark.parametrize("elsewhere", ["user", "role"])
def test_a_deny_in_another_stage_than_that_of_the_role_counts(app: cdk.App, elsewhere: str) -> None:
    """Policies are attached where their holders are."""
    stage = cdk.Stage(app, "Stage")
    scopes: dict[str, Construct] = {"user": app, "role": app, elsewhere: stage}
    hub = cdk.Stack(scopes["user"], "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    target = cdk.Stack(scopes["role"], "Target", env=cdk.Environment(account=TARGET, region="eu-central-1"))
    user = iam.User(hub, "User", user_name="alice")
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:*"], resources=["*"])
    iam.ManagedPolicy(hub, "Careful", statements=[deny], users=[user])
    CrossAccountRole(target, "Role", trusted=Trusted.users(user), role_name="Role")
    with pytest.raises(RuntimeError, match="Hub/Careful, which denies sts:AssumeRole"):
        app.synth()


def test_a_user_whom_a_role_trusts_is_granted_it_besides(app: cdk.App) -> None:
    """In one account the trust policy alone lets it in, whatever a boundary does not have."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    user = iam.User(hub, "User", permissions_boundary=boundary(hub, Action="s3:*"))
    role = CrossAccountRole(hub, "Role", trusted=Trusted.users(user))
    role.grant_assume_role(user)
    app.synth()


@pytest.mark.parametrize("others", [True, False])
def test_members_to_whom_a_role_is_granted_by_itself_are_asked(app: cdk.App, others: bool) -> None:
    """Where others get in, the one who does not is warned of."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    target = cdk.Stack(app, "Target", env=cdk.Environment(account=TARGET, region="eu-central-1"))
    group = iam.Group(hub, "Group")
    group.add_user(iam.User(hub, "Bound", permissions_boundary=boundary(hub, Action="s3:*")))
    if others:
        group.add_user(iam.User(hub, "Free"))
    role = CrossAccountRole(target, "Role", trusted=Trusted.accounts(HUB), role_name="Role")
    role.grant_assume_role(group)
    if others:
        (message,) = app.synth().get_stack_artifact(target.artifact_id).messages
        assert f"of the members of Hub/Group/Resource, Hub/Bound/Resource {SAID}" in str(message.entry.data)
        return
    with pytest.raises(RuntimeError, match=f"no member of Hub/Group/Resource gets anything by it: .*{SAID}"):
        app.synth()


def test_one_of_several_members_who_is_denied_is_warned_of(app: cdk.App) -> None:
    """The others get in, and a Deny may be there to take from one what a group gives."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    alice, bob, group = iam.User(hub, "Alice"), iam.User(hub, "Bob"), iam.Group(hub, "Group")
    group.add_user(alice)
    group.add_user(bob)
    deny = iam.PolicyStatement(effect=iam.Effect.DENY, actions=["sts:*"], resources=["*"])
    iam.ManagedPolicy(hub, "Careful", statements=[deny], users=[bob])
    AssumeRoleGrant(hub, "Grant", target_roles=["arn:aws:iam::222233334444:role/Deployer"], groups=[group])
    (message,) = app.synth().get_stack_artifact(hub.artifact_id).messages
    assert str(message.entry.data).startswith(
        "of the members of Hub/Group/Resource, Hub/Bob/Resource has the managed policy Hub/Careful, which denies"
    )


def test_roles_that_have_a_policy_for_people_are_warned_of(app: cdk.App) -> None:
    """Whoever attaches it later is told what the argument says at once: no session of a role has MFA."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    role = iam.Role(hub, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    user = iam.User(hub, "User")
    useless = [
        MfaPolicy(hub, "Mfa", actions=["ec2:StopInstances"], resources=["*"]),
        DecodeAuthorizationGrant(hub, "Decode"),
    ]
    for policy in (*useless, DecodeAuthorizationGrant(hub, "ForRoles", mfa=False)):
        role.add_managed_policy(policy)
        user.add_managed_policy(policy)
    messages = app.synth().get_stack_artifact(hub.artifact_id).messages
    said = {one.id: str(one.entry.data) for one in messages}
    assert said.keys() == {"/Hub/Mfa", "/Hub/Decode"}
    assert all("Hub/Role/Resource gets nothing by this policy, since no session" in one for one in said.values())


def test_roles_that_are_bounded_by_a_policy_for_people_are_warned_of(app: cdk.App) -> None:
    """No session of a role has MFA, so that such a boundary leaves it nothing, whoever sets it; of a user it may."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    policy = MfaPolicy(hub, "Mfa", actions=["ec2:StopInstances"], resources=["*"])
    role = CrossAccountRole(hub, "Role", trusted=Trusted.accounts(HUB), permissions_boundary=policy)
    later = iam.Role(hub, "Later", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
    for one in (later, iam.User(hub, "User")):
        iam.PermissionsBoundary.of(one).apply(policy)
    messages = app.synth().get_stack_artifact(hub.artifact_id).messages
    said = [str(one.entry.data) for one in messages if one.id == "/Hub/Mfa"]
    begins = [f"{one.node.path}/Resource has this policy as its permissions boundary" for one in (later, role)]
    assert [one.partition(",")[0] for one in sorted(said)] == begins


def test_a_boundary_that_a_condition_chooses_is_warned_of(app: cdk.App) -> None:
    """In some deployments it keeps the caller out, in others there is another one, or none."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    strict = boundary(hub, Action="s3:*")
    wide = iam.ManagedPolicy(hub, "Wide", statements=[iam.PolicyStatement(actions=["sts:*"], resources=["*"])])
    stage = cdk.CfnParameter(hub, "Stage")
    cdk.CfnCondition(hub, "Prod", expression=cdk.Fn.condition_equals(stage.value_as_string, "prod"))
    for name, other in (("None", cdk.Aws.NO_VALUE), ("Wide", wide.managed_policy_arn)):
        user = iam.User(hub, f"User{name}")
        resource = user.node.default_child
        assert isinstance(resource, iam.CfnUser)
        chosen = cdk.Fn.condition_if("Prod", strict.managed_policy_arn, other)
        resource.permissions_boundary = cdk.Token.as_string(chosen)
        AssumeRoleGrant(hub, f"Grant{name}", target_roles=[f"arn:aws:iam::{TARGET}:role/Auditor"], users=[user])
    messages = app.synth().get_stack_artifact(hub.artifact_id).messages
    said = [(one.id, str(one.entry.data)) for one in messages if "chooses it" in str(one.entry.data)]
    assert [path for path, _ in said] == ["/Hub/GrantNone", "/Hub/GrantWide"]
    assert all(f"{SAID}: whatever" in one for _, one in said)


def test_one_statement_may_stand_alone(app: cdk.App) -> None:
    """IAM takes it without a list around it."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    alone = iam.CfnManagedPolicy(hub, "Alone", policy_document=document)
    granted(hub, hub, iam.ManagedPolicy.from_managed_policy_arn(hub, "Imported", alone.ref))
    with pytest.raises(RuntimeError, match="Hub/Alone, which does not allow sts:AssumeRole"):
        app.synth()


@pytest.mark.parametrize(
    ("statement", "may_enrol"),
    [
        ({"Action": "s3:*"}, False),
        ({"Action": ["s3:*", "iam:*MFA*"]}, True),
        ({"Action": "*", "Condition": {"Bool": {PRESENT: "true"}}}, False),
    ],
)
def test_members_whose_boundary_lets_them_enrol_no_device_are_named(
    app: cdk.App, statement: dict[str, Any], may_enrol: bool
) -> None:
    """They would do nothing in the group, unless somebody enrols a device for them: a warning, and no error."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    user = iam.User(hub, "Bound", user_name="bound", permissions_boundary=boundary(hub, **statement))
    MfaEnforcedGroup(hub, "People", users=[user, iam.User(hub, "Free", user_name="free")])
    found = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    said = [one for one in found if "does not allow iam:EnableMFADevice without MFA" in one]
    assert len(said) == (not may_enrol)
    assert all(one.startswith("Hub/Bound/Resource has the permissions boundary Hub/Limit/Resource") for one in said)


@pytest.mark.parametrize(
    ("statement", "may_enrol"),
    [
        ({"Action": "iam:*"}, False),
        ({"Action": "iam:EnableMFADevice", "Condition": {"BoolIfExists": {PRESENT: "false"}}}, False),
        ({"Action": "iam:*", "Condition": {"Bool": {PRESENT: "true"}}}, True),
        ({"Action": ["sts:*", "iam:CreateUser"]}, True),
    ],
)
@pytest.mark.parametrize("by", ["itself", "other group", "group"])
def test_members_whom_a_policy_lets_enrol_no_device_are_named(
    app: cdk.App, by: str, statement: dict[str, Any], may_enrol: bool
) -> None:
    """A Deny stops what the group allows, and the Denies of the group the rest."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    user, other = iam.User(hub, "User", user_name="alice"), iam.Group(hub, "Other")
    people = MfaEnforcedGroup(hub, "People")
    user.add_to_group(people)
    user.add_to_group(other)
    deny = iam.PolicyStatement.from_json({"Effect": "Deny", "Resource": "*", **statement})
    {"itself": user, "other group": other, "group": people}[by].add_to_policy(deny)
    found = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    assert len([one for one in found if "which denies iam:EnableMFADevice" in one]) == (not may_enrol)
    assert len(found) == (not may_enrol)


def test_a_member_who_comes_later_is_asked_for_its_boundary(app: cdk.App) -> None:
    """As one who is given at once, and each once."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    limit = boundary(hub, Action="s3:*")
    first, later = (iam.User(hub, name, user_name=name, permissions_boundary=limit) for name in ("first", "later"))
    MfaEnforcedGroup(hub, "People", users=[first]).add_user(later)
    found = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    assert [one.partition(" has ")[0] for one in found] == ["Hub/first/Resource", "Hub/later/Resource"]


def test_statements_that_a_condition_of_the_template_chooses_may_allow(app: cdk.App) -> None:
    """Nobody knows before a deployment which of them is there."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    condition = cdk.CfnCondition(hub, "Wide", expression=cdk.Fn.condition_equals(cdk.Aws.REGION, "eu-central-1"))
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    chosen = cdk.Fn.condition_if(condition.logical_id, statement, {**statement, "Action": "s3:*"})
    document = {"Version": "2012-10-17", "Statement": [chosen]}
    iam.CfnManagedPolicy(hub, "Limit", policy_document=document, managed_policy_name="Limit")
    granted(hub, hub, iam.ManagedPolicy.from_managed_policy_name(hub, "Named", "Limit"))
    app.synth()


MISSPELT = "arn:aws:iam::aws:policy/ReadOnlyAcess"


@jsii.implements(cdk.IAspect)
class _Gives:
    """An aspect of one's own that gives roles a boundary."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, iam.CfnRole):
            node.permissions_boundary = MISSPELT


def test_a_boundary_that_comes_later_is_held_to_what_one_is_that_is_given() -> None:
    """However it comes: each fails the synthesis with what was meant, and not the deployment."""
    app = cdk.App(builtin_cloud_formation_validation=False, analytics_reporting=False)
    env = cdk.Environment(account=HUB, region="eu-central-1")
    ways = ("stage", "construct", "role", "stack", "context", "own aspect", "property")
    stages = {way: cdk.Stage(app, way.replace(" ", "-"), env=env) for way in ways}
    stages["context"].node.set_context("@aws-cdk/core:permissionsBoundary", {"arn": MISSPELT})
    roles = {}
    for way, stage in stages.items():
        of_stack = cdk.PermissionsBoundary.from_arn(MISSPELT) if way == "stack" else None
        team = Construct(cdk.Stack(stage, "S", permissions_boundary=of_stack), "T")
        roles[way] = CrossAccountRole(team, "R", trusted=Trusted.accounts(HUB))
    named = iam.ManagedPolicy.from_aws_managed_policy_name("ReadOnlyAcess")
    for around in (stages["stage"], roles["construct"].node.scope, roles["role"]):
        assert around is not None
        iam.PermissionsBoundary.of(around).apply(named)
    cdk.Aspects.of(stages["own aspect"]).add(_Gives())
    resource = roles["property"].node.default_child
    assert isinstance(resource, iam.CfnRole)
    resource.permissions_boundary = MISSPELT
    said = "S/T/R/Resource: permissions_boundary cannot have 'ReadOnlyAcess', .*did you mean 'ReadOnlyAccess'"
    for stage in stages.values():
        with pytest.raises(RuntimeError, match=said):
            stage.synth()


@pytest.mark.parametrize("named", [True, False])
def test_a_boundary_that_iam_does_not_take_is_refused(app: cdk.App, named: bool) -> None:
    """As an argument, and as the property of a resource: of another account or partition, and what is no policy."""
    stack = cdk.Stack(app, "S", env=cdk.Environment(account=HUB, region="eu-central-1"))
    wrong = {
        f"arn:aws:iam::{TARGET}:policy/P": f"must be of account {HUB}, that of the stack, or of AWS",
        "arn:aws-cn:iam::aws:policy/ReadOnlyAccess": "must be of partition aws",
        "arn:aws:iam::aws:policy/ViewOnlyAccess": "did you mean 'job-function/ViewOnlyAccess'",
        "arn:aws:iam::aws:policy/readonlyaccess": "did you mean 'ReadOnlyAccess'",
        "arn:aws:iam::aws:policy/aws-service-role/AmazonEKSServiceRolePolicy": "only the service",
    }
    no_policies = (
        f"arn:aws:iam::{HUB}:role/P",
        f"arn:aws:iam:eu-central-1:{HUB}:policy/P",
        "arn:aws:iam::11112222333:policy/P",
        "arn:aws:iam::aws:policy/ReadOnlyAccess ",
        f"arn:aws:iam::{HUB}:policy/*",
        f"arn:aws:iam::{HUB}:policy/P:v3",
        f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:role/P",
        "arn:aws:s3:::bucket",
        "Limit",
    )
    wrong |= dict.fromkeys(no_policies, "must be the ARN of a managed policy like")
    right = (
        f"arn:aws:iam::{HUB}:policy/deploy/P",
        f"arn:{cdk.Aws.PARTITION}:iam::{cdk.Aws.ACCOUNT_ID}:policy/P",
        cdk.Fn.import_value("Limit"),
        f"arn:aws:iam::{HUB}:policy/{cdk.Fn.import_value('Name')}",
    )
    CrossAccountRole(stack, "R", trusted=Trusted.accounts(HUB))
    if named:
        for position, (arn, said) in enumerate(wrong.items()):
            limit = iam.ManagedPolicy.from_managed_policy_arn(stack, f"P{position}", arn)
            with pytest.raises(ValueError, match=f"permissions_boundary .*{said}"):
                CrossAccountRole(stack, "Bound", trusted=Trusted.accounts(HUB), permissions_boundary=limit)
        return
    for position, arn in enumerate((*wrong, *right)):
        iam.CfnUser(stack, f"U{position}", permissions_boundary=arn)
    with pytest.raises(RuntimeError) as failed:
        app.synth()
    for position, said in enumerate(wrong.values()):
        assert re.search(rf"S/U{position}: permissions_boundary [^\n]*{said}", str(failed.value))
    assert str(failed.value).count("permissions_boundary") == len(wrong)


def test_a_policy_that_aws_may_have_made_since_is_warned_of(app: cdk.App) -> None:
    """AWS makes new ones every week: once for a stack, and with the name that may be meant."""
    stack = cdk.Stack(app, "S", env=cdk.Environment(account=HUB, region="eu-central-1"))
    arn = "arn:aws:iam::aws:policy/AmazonS3FulAccess"
    limit = iam.ManagedPolicy.from_managed_policy_arn(stack, "P", arn)
    CrossAccountRole(stack, "R", trusted=Trusted.accounts(HUB), permissions_boundary=limit)
    iam.CfnUser(stack, "U", permissions_boundary=arn)
    found = [str(one.entry.data) for one in app.synth().get_stack_artifact(stack.artifact_id).messages]
    assert len(found) == 1
    assert "permissions_boundary has 'AmazonS3FulAccess'" in found[0]
    assert "did you mean 'AmazonS3FullAccess'" in found[0]


CALLERS = {"ToUser": "Bound", "ToGroup": "Member", "ToLater": "Later", "ToLast": "Last"}
GRANTS: dict[str, tuple[Callable[..., iam.ManagedPolicy], str]] = {
    "mfa": (partial(MfaPolicy, actions=["ec2:Stop*"], resources=["*"]), r"ec2:Stop\*"),
    "decode": (DecodeAuthorizationGrant, "sts:DecodeAuthorizationMessage"),
    "approve": (partial(ApprovalGrant, for_users=[f"arn:aws:iam::{HUB}:user/alice"]), "iam:TagUser"),
    "assume": (partial(AssumeRoleGrant, target_roles=[f"arn:aws:iam::{TARGET}:role/Auditor"]), "sts:AssumeRole"),
    "broker": (
        partial(
            FederationBroker,
            federated_users=["up-*"],
            session_permissions=[iam.PolicyStatement(actions=["s3:PutObject"], resources=["arn:aws:s3:::uploads/*"])],
        ),
        "sts:GetFederationToken",
    ),
}


def test_no_grant_is_silent_about_boundaries(app: cdk.App) -> None:
    """Whatever is granted, to a user, to the only member of a group, or later; also by what is still to be written."""
    policies = {
        one
        for name in trustproof_cdk.__all__
        if isinstance(one := getattr(trustproof_cdk, name), type) and issubclass(one, iam.ManagedPolicy)
    }
    assert policies == {getattr(make, "func", make) for make, _ in GRANTS.values()}
    env = cdk.Environment(account=HUB, region="eu-central-1")
    for name, (make, _) in GRANTS.items():
        hub = cdk.Stack(app, name, env=env)
        limit = boundary(hub, Action="s3:*")
        user, member, later, last = (
            iam.User(hub, called, permissions_boundary=limit) for called in ("Bound", "Member", "Later", "Last")
        )
        make(hub, "ToUser", users=[user])
        group = iam.Group(hub, "Group")
        make(hub, "ToGroup", groups=[group])
        group.add_user(member)
        make(hub, "ToLater", users=[iam.User(hub, "Free")]).attach_to_user(later)
        last.add_managed_policy(make(hub, "ToLast"))
    with pytest.raises(RuntimeError) as failed:
        app.synth()
    for name, (_, action) in GRANTS.items():
        said = f"has the permissions boundary {name}/Limit/Resource, which does not allow {action}"
        for grant, caller in CALLERS.items():
            assert re.search(rf"{name}/{grant}: .*{name}/{caller}/Resource {said}", str(failed.value))
    assert str(failed.value).count("no member of") == len(GRANTS)
    assert str(failed.value).count("has the permissions boundary") == len(CALLERS) * len(GRANTS)


@pytest.mark.parametrize("other", ["made", "named"])
def test_members_of_a_group_from_whom_a_boundary_takes_a_grant_are_named(app: cdk.App, other: str) -> None:
    """Where another member may, or is not of the app, the group is given the grant for that one."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    group = iam.Group(hub, "Group", group_name="people")
    iam.User(hub, "Bound", groups=[group], permissions_boundary=boundary(hub, Action="s3:*"))
    if other == "made":
        iam.User(hub, "Free", groups=[group])
    else:
        iam.CfnUserToGroupAddition(hub, "Others", group_name="people", users=["bob"])
    imported = iam.Group.from_group_name(hub, "Imported", "people")
    MfaPolicy(hub, "Stop", actions=["ec2:StopInstances"], resources=["*"], groups=[imported])
    found = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    assert len(found) == 1
    assert found[0].startswith("of the members of Hub/Group/Resource, Hub/Bound/Resource has the permissions boundary")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("ec2:*", "which does not allow s3:DeleteObject: it gets the rest of the policy only"),
        (["ec2:Stop*", "s3:Delete*"], ""),
        ("*", ""),
    ],
)
def test_what_a_boundary_leaves_of_a_grant_is_said(app: cdk.App, action: Any, said: str) -> None:
    """A boundary is there to take something away: where it takes all, the synthesis fails, and else it warns."""
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1"))
    user = iam.User(hub, "Bound", permissions_boundary=boundary(hub, Action=action))
    MfaPolicy(hub, "Both", actions=["ec2:StopInstances", "s3:DeleteObject"], resources=["*"], users=[user])
    found = [str(one.entry.data) for one in app.synth().get_stack_by_name("Hub").messages]
    assert len(found) == bool(said)
    assert all(said in one for one in found)
