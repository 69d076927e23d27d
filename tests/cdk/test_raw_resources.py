"""
Resources that are made by their type alone (`cdk.CfnResource`) are found as those of the CDK's classes are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns

from trustproof_cdk import (
    AssumeRoleGrant,
    BreakGlassAlarm,
    CognitoIdentityPoolRole,
    CrossAccountRole,
    FederationBroker,
    GitHubActionsRole,
    JustInTimeRole,
    MfaEnforcedGroup,
    RequireMfaGuardrail,
    Trusted,
)
from trustproof_cdk._synthesis import raw_resources

OWN, HUB = "222233334444", "111122223333"
ALICE = f"arn:aws:iam::{HUB}:user/alice"
DEPLOYER = f"arn:aws:iam::{OWN}:role/Deployer"

#: Makes a resource in a stack, by its type and properties.
Make = Callable[[str, dict[str, Any]], cdk.CfnResource]


def _raw(stack: cdk.Stack) -> Make:
    def made(kind: str, properties: dict[str, Any]) -> cdk.CfnResource:
        return cdk.CfnResource(stack, "Raw", type=kind, properties=properties)

    return made


def document(effect: str, action: str, **more: Any) -> dict[str, Any]:
    """A policy of one statement."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, **more}]}


DENIED = document("Deny", "sts:AssumeRole", Resource="*")
TRUST = document("Allow", "sts:AssumeRole", Principal={"Service": "ec2.amazonaws.com"})


def _trusted_by_arn(own: cdk.Stack, hub: cdk.Stack, properties: dict[str, Any]) -> None:
    _raw(hub)("AWS::IAM::User", properties)
    CrossAccountRole(own, "Role", trusted=Trusted.users(ALICE))


def _other_path(own: cdk.Stack, hub: cdk.Stack) -> None:
    _trusted_by_arn(own, hub, {"UserName": "alice", "Path": "/eng/"})


def _boundary(own: cdk.Stack, hub: cdk.Stack) -> None:
    policy = iam.ManagedPolicy(
        hub, "Policy", statements=[iam.PolicyStatement(actions=["s3:*"], resources=["*"])]
    ).managed_policy_arn
    _trusted_by_arn(own, hub, {"UserName": "alice", "PermissionsBoundary": policy})


def _denied_to_user(own: cdk.Stack, hub: cdk.Stack, kind: str, holder: str, is_list: bool) -> None:
    user = iam.User(hub, "User", user_name="alice")
    given = [user.user_name] if is_list else user.user_name
    _raw(hub)(kind, {"PolicyName": "denying", holder: given, "PolicyDocument": DENIED})
    CrossAccountRole(own, "Role", trusted=Trusted.users(user))


def _denied_to_group(own: cdk.Stack, hub: cdk.Stack) -> None:
    group = iam.Group(hub, "Group")
    given = {"PolicyName": "denying", "GroupName": group.group_name, "PolicyDocument": DENIED}
    _raw(hub)("AWS::IAM::GroupPolicy", given)
    AssumeRoleGrant(hub, "Grant", groups=[group], target_roles=[DEPLOYER])


def _role_of_other_path(own: cdk.Stack, hub: cdk.Stack) -> None:
    _raw(own)("AWS::IAM::Role", {"RoleName": "Deployer", "Path": "/x/", "AssumeRolePolicyDocument": TRUST})
    AssumeRoleGrant(hub, "Grant", groups=[iam.Group(hub, "Group")], target_roles=[DEPLOYER])


def _taken_name(own: cdk.Stack, hub: cdk.Stack) -> None:
    _raw(own)("AWS::IAM::Role", {"RoleName": "deployer", "AssumeRolePolicyDocument": TRUST})
    CrossAccountRole(own, "Role", trusted=Trusted.accounts(HUB), role_name="Deployer")


def _audience(own: cdk.Stack, hub: cdk.Stack) -> None:
    _raw(own)(
        "AWS::IAM::OIDCProvider", {"Url": "https://token.actions.githubusercontent.com", "ClientIdList": ["other"]}
    )
    GitHubActionsRole(own, "Role", organization="acme", repository="shop", branches=["main"])


def _pool(own: cdk.Stack, hub: cdk.Stack) -> None:
    pool = _raw(own)("AWS::Cognito::IdentityPool", {"AllowUnauthenticatedIdentities": False})
    CognitoIdentityPoolRole(own, "Role", identity_pool_id=pool.ref, authenticated=False)


def _broker(own: cdk.Stack, hub: cdk.Stack) -> None:
    group, user = MfaEnforcedGroup(own, "People", group_name="people"), iam.User(own, "Robot", user_name="robot")
    _raw(own)("AWS::IAM::UserToGroupAddition", {"GroupName": group.group_name, "Users": [user.user_name]})
    reading = iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::uploads/*"])
    FederationBroker(own, "Broker", users=[user], federated_users=["upload*"], session_permissions=[reading])


def _topic_policy(own: cdk.Stack, hub: cdk.Stack, kind: str, name: str, by_logical_id: bool) -> None:
    topic = sns.Topic(own, "Topic")
    made = topic.node.default_child
    assert isinstance(made, cdk.CfnResource)
    arn: Any = {"Ref": own.get_logical_id(made)} if by_logical_id else topic.topic_arn
    publish = document("Allow", "sns:Publish", Principal={"AWS": OWN}, Resource=arn)
    _raw(own)(kind, {name: [arn] if name == "Topics" else arn, "PolicyDocument": publish})
    BreakGlassAlarm(own, "Alarm", roles=[DEPLOYER], alarm_topic=topic)


def _key(own: cdk.Stack, hub: cdk.Stack) -> None:
    policy = document("Allow", "kms:*", Principal={"AWS": f"arn:aws:iam::{OWN}:root"}, Resource="*")
    key, topic = _raw(own)("AWS::KMS::Key", {"KeyPolicy": policy}), sns.Topic(own, "Topic")
    made = topic.node.default_child
    assert isinstance(made, sns.CfnTopic)
    made.kms_master_key_id = key.get_att("Arn").to_string()
    BreakGlassAlarm(own, "Alarm", roles=[DEPLOYER], alarm_topic=topic)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_other_path, "alice is nobody's, since Hub/Raw has that name and another path"),
        (_boundary, "Hub/Raw has the permissions boundary Hub/Policy/Resource, which does not allow sts:AssumeRole"),
        (lambda own, hub: _denied_to_user(own, hub, "AWS::IAM::Policy", "Users", True), "the inline policy Hub/Raw"),
        (
            lambda own, hub: _denied_to_user(own, hub, "AWS::IAM::UserPolicy", "UserName", False),
            "the inline policy Hub/Raw, which denies sts:AssumeRole",
        ),
        (_denied_to_group, "the inline policy Hub/Raw, which denies sts:AssumeRole"),
        (_role_of_other_path, "Deployer is nobody's, since Own/Raw has that name and another path"),
        (_taken_name, "have one name, and AWS takes that of a role once"),
        (_audience, "audience must be one that the provider Own/Raw has"),
        (_pool, "the identity pool Own/Raw takes none: nobody gets the role"),
        (_broker, "which denies sts:GetFederationToken where aws:MultiFactorAuthPresent is absent"),
        (
            lambda own, hub: _topic_policy(own, hub, "AWS::SNS::TopicPolicy", "Topics", False),
            "its topic has several policies (Own/Raw and Own/Topic/Policy/Resource)",
        ),
        (
            lambda own, hub: _topic_policy(own, hub, "AWS::SNS::TopicInlinePolicy", "TopicArn", True),
            "its topic has several policies (Own/Raw and Own/Topic/Policy/Resource)",
        ),
        (_key, "the policy of the key that encrypts its topic, Own/Raw, does not allow events.amazonaws.com"),
    ],
)
def test_what_is_against_a_construct(app: cdk.App, make: Callable[[cdk.Stack, cdk.Stack], None], said: str) -> None:
    """As it is where a class of the CDK made the resource."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    make(own, cdk.Stack(app, "Hub", env=cdk.Environment(account=HUB, region="eu-central-1")))
    with pytest.raises(RuntimeError) as raised:
        app.synth()
    assert said in str(raised.value)


def test_a_property_is_that_of_the_class(stack: cdk.Stack) -> None:
    """By its name in Python; what a deployment fills in is a text, a document stays one, and what is not given none."""
    given = {"UserName": {"Ref": "Name"}, "Groups": ["a", {"Fn::Sub": "b"}], "Tags": [{"Key": "team", "Value": "x"}]}
    found: Any = raw_resources.typed(cdk.CfnResource(stack, "Raw", type="AWS::IAM::User", properties=given))
    assert isinstance(found, iam.CfnUser)
    assert stack.resolve([found.user_name, found.groups]) == [{"Ref": "Name"}, ["a", {"Fn::Sub": "b"}]]
    assert found.path is None
    assert found.tags.render_tags() == [{"key": "team", "value": "x"}]
    assert stack.resolve(found.attr_arn) == {"Fn::GetAtt": ["Raw", "Arn"]}
    assert (found.node.path, cdk.Stack.of(found)) == (f"{stack.node.path}/Raw", stack)


@pytest.mark.parametrize("value", [None, 5, [None], {"Ref": 5}, {"Fn::GetAtt": []}, {"Fn::Sub": {"a": 5}}])
def test_what_is_of_no_kind_counts_as_not_given(app: cdk.App, value: Any) -> None:
    """Nobody has looked at it: CloudFormation refuses it."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    names = (
        "UserName",
        "RoleName",
        "Path",
        "Groups",
        "Users",
        "Topics",
        "TopicArn",
        "PolicyDocument",
        "Policies",
        "Url",
    )
    for kind in sorted(raw_resources.TYPES):
        cdk.CfnResource(stack, kind.replace("::", ""), type=kind, properties=dict.fromkeys(names, value))
    BreakGlassAlarm(stack, "Alarm", roles=[DEPLOYER], alarm_topic=sns.Topic(stack, "Topic"))
    AssumeRoleGrant(stack, "Grant", groups=[iam.Group(stack, "Group")], target_roles=[DEPLOYER.replace(OWN, HUB)])
    CrossAccountRole(stack, "Role", trusted=Trusted.users(ALICE), role_name="Deployer")
    app.synth()


def test_others_are_themselves(stack: cdk.Stack) -> None:
    """A resource of the CDK's classes, one of a class that is derived from one, and one of a type nobody looks for."""
    guardrail = RequireMfaGuardrail(stack, "Guardrail", targets=["r-ab12"])
    assert raw_resources.typed(guardrail) is guardrail
    bucket = cdk.CfnResource(stack, "Other", type="Custom::Thing")
    user = iam.CfnUser(stack, "User")
    assert raw_resources.typed(bucket) is bucket
    assert raw_resources.typed(user) is user


def test_a_raw_role_beside_is_nobodys_business(app: cdk.App) -> None:
    """Nor are a user and a topic policy that the constructs have nothing to do with."""
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    topics = [sns.Topic(own, name) for name in ("Topic", "Other")]
    other = topics[1].node.default_child
    assert isinstance(other, cdk.CfnResource)
    publish = document("Allow", "sns:Publish", Principal={"AWS": OWN}, Resource=topics[1].topic_arn)
    for number, (kind, given) in enumerate(
        [
            ("AWS::SNS::TopicInlinePolicy", {"TopicArn": topics[1].topic_arn, "PolicyDocument": publish}),
            ("AWS::IAM::Role", {"RoleName": "Other", "AssumeRolePolicyDocument": TRUST}),
            ("AWS::IAM::User", {"UserName": {"Fn::Sub": "alice"}, "Path": "/x/"}),
        ]
    ):
        cdk.CfnResource(own, f"Raw{number}", type=kind, properties=given)
    BreakGlassAlarm(own, "Alarm", roles=[DEPLOYER], alarm_topic=topics[0])
    CrossAccountRole(own, "Role", trusted=Trusted.users(ALICE), role_name="Deployer")
    app.synth()


@pytest.mark.parametrize("tag", [float("nan"), float("inf")])
def test_numbers_that_json_has_not(stack: cdk.Stack, tag: Any) -> None:
    """They end the process of the CDK."""
    with pytest.raises((TypeError, ValueError), match="approval_tag must be"):
        JustInTimeRole(
            stack,
            "Role",
            users=[ALICE],
            approval="INC-42",
            valid_until=datetime(2099, 6, 1, tzinfo=UTC),
            role_name="Role",
            approval_tag=tag,
        )
