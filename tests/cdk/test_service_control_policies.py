"""
Enrolment, and what policies grant, against service control policies of the app.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_organizations as organizations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from trustproof_cdk import (
    ApprovalGrant,
    CrossAccountRole,
    DecodeAuthorizationGrant,
    MfaEnforcedGroup,
    MfaPolicy,
    RequireMfaGuardrail,
    Trusted,
)

OWN, MANAGEMENT = "222233334444", "999988887777"
ALICE = f"arn:aws:iam::{OWN}:user/alice"
TO_USERS = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}
TO_ROLES = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}
HUB = "111122223333"
WITHOUT_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}

Make = Callable[[cdk.Stack], Construct]


def denied(action: str | list[str], **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": "*", **more}


def tagging(key: str) -> dict[str, Any]:
    return {"ForAnyValue:StringLike": {"aws:TagKeys": key}}


def outside(*regions: str, **more: Any) -> dict[str, Any]:
    """All that is in other Regions, as the policies are that confine an organization to some."""
    condition = {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}
    return {"Effect": "Deny", "Resource": "*", "Condition": condition, **(more or {"Action": "*"})}


def group(stack: cdk.Stack) -> Construct:
    return MfaEnforcedGroup(stack, "It", users=["alice"])


def managing(stack: cdk.Stack) -> Construct:
    return MfaEnforcedGroup(stack, "It", users=["alice"], self_management=["access-keys", "ssh-keys"])


def attached_later(stack: cdk.Stack) -> Construct:
    policy = MfaPolicy(stack, "It", actions=["iam:CreateUser"], resources=["*"])
    iam.User(stack, "Alice").add_managed_policy(policy)
    return policy


def approvers(stack: cdk.Stack) -> Construct:
    return ApprovalGrant(stack, "It", for_users=[ALICE], groups=[iam.Group(stack, "Approvers")])


def decoding(stack: cdk.Stack) -> Construct:
    return DecodeAuthorizationGrant(stack, "It", groups=[iam.Group(stack, "People")])


def decoding_role(stack: cdk.Stack) -> Construct:
    role = iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("ec2.amazonaws.com"))
    return DecodeAuthorizationGrant(stack, "It", mfa=False, roles=[role])


def allowing(*actions: str) -> Make:
    return lambda stack: MfaPolicy(stack, "It", actions=actions, resources=["*"], groups=[iam.Group(stack, "People")])


def allowing_on(*resources: str) -> Make:
    actions = ["s3:GetObject", "sqs:SendMessage"]
    return lambda stack: MfaPolicy(
        stack, "It", actions=actions, resources=resources, groups=[iam.Group(stack, "People")]
    )


def sending(*regions: str, action: str = "sqs:SendMessage", account: str = OWN, **more: Any) -> Make:
    """What is allowed on queues of these Regions."""
    queues = [f"arn:aws:sqs:{one}:{account}:orders" for one in regions]
    return lambda stack: MfaPolicy(
        stack, "It", actions=[action], resources=queues, groups=[iam.Group(stack, "People")], **more
    )


def of_the_app(make: Callable[[cdk.Stack], str], action: str) -> Make:
    """What is allowed on something that the same stack makes."""
    return lambda stack: MfaPolicy(
        stack, "It", actions=[action], resources=[make(stack)], groups=[iam.Group(stack, "People")]
    )


def said_of(app: cdk.App, statement: dict[str, Any], make: Make, region: str = "eu-central-1", **more: Any) -> str:
    """What the synthesis says where a policy is attached to the root."""
    management = cdk.Stack(app, "Management", env=cdk.Environment(account=MANAGEMENT, region=region))
    content = {"Version": "2012-10-17", "Statement": [statement]}
    given = {"type": "SERVICE_CONTROL_POLICY", "target_ids": ["r-ab12"], **more}
    organizations.CfnPolicy(management, "Ours", name="Ours", content=content, **given)
    make(cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region=region)))
    return " ".join(str(one.entry.data) for one in app.synth().get_stack_by_name("Own").messages)


@pytest.mark.parametrize(
    ("make", "statement", "said"),
    [
        (group, denied("iam:EnableMFADevice"), "no member of Own/It can enrol a device"),
        (group, denied(["iam:*MFADevice"]), "leave what enrolment takes out"),
        (group, denied("iam:*", Resource="arn:aws:iam::*:user/*"), "iam:EnableMFADevice"),
        (group, denied("iam:*", Condition=WITHOUT_MFA), "iam:EnableMFADevice"),
        (group, denied("iam:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/*"}}), "can enrol"),
        (group, denied("iam:*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}), ""),
        (group, denied("iam:*", Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/root"}}), ""),
        (group, denied("iam:*", Resource="arn:aws:iam::*:role/*"), ""),
        (group, denied("iam:DeactivateMFADevice"), ""),
        (group, {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": WITHOUT_MFA}, ""),
        (group, outside("eu-central-1"), "spare global services there"),
        (group, outside("eu-central-1", NotAction=["s3:*"]), "spare global services there"),
        (group, outside("eu-central-1", NotAction=["iam:*"]), ""),
        (group, outside("eu-central-1", "us-east-1"), ""),
        # A session of the console has the key, and a long-term access key has none.
        (group, denied("iam:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}), "in the console"),
        (group, denied("iam:*", Condition={"Null": {"aws:MultiFactorAuthPresent": "true"}}), ""),
        (managing, denied("iam:CreateAccessKey"), "no member of Own/It gets what 'access-keys'"),
        (managing, denied("iam:*SSHPublicKey"), "'ssh-keys' in self_management is for"),
        (managing, denied("iam:DeleteAccessKey"), ""),
        (managing, denied("iam:CreateAccessKey", Condition=WITHOUT_MFA), ""),
        (attached_later, denied("iam:*", Condition=TO_USERS), "nobody gets anything by Own/It"),
        (attached_later, denied("iam:*", Condition=TO_ROLES), ""),
        (approvers, denied("iam:TagUser", Condition=tagging("trustproof-*")), "nobody gets anything by Own/It"),
        (approvers, denied("iam:TagUser", Condition=tagging("team")), ""),
        (approvers, denied("iam:TagUser"), "nobody gets anything by Own/It"),
        (approvers, denied("iam:TagUser", Condition=WITHOUT_MFA), ""),
        (approvers, denied("iam:UntagUser"), "nobody takes back what Own/It approves"),
        (approvers, denied("iam:UntagUser", Condition=tagging("trustproof-*")), "nobody takes back"),
        (approvers, denied("iam:UntagUser", Condition=tagging("team")), ""),
        (approvers, outside("eu-central-1"), "spare global services there"),
        (approvers, outside("us-east-1"), ""),
        (decoding, denied("sts:Decode*"), "nobody gets anything by Own/It"),
        (decoding, denied("sts:Assume*"), ""),
        (decoding, denied("sts:*", Condition=WITHOUT_MFA), ""),
        # It may be called in whichever Region.
        (decoding, outside("eu-central-1"), ""),
        (decoding_role, denied("sts:*", Condition=WITHOUT_MFA), "nobody gets anything by Own/It"),
        (allowing("ec2:StopInstances"), denied("ec2:*"), "Management/Ours denies account 222233334444 ec2:Stop"),
        (allowing("ec2:StopInstances"), denied("ec2:*", Condition=WITHOUT_MFA), ""),
        (allowing("ec2:StopInstances", "s3:GetObject"), denied("ec2:*"), ""),
        (allowing("ec2:*"), denied("ec2:StopInstances"), ""),
        (allowing("route53:ListHostedZones"), outside("eu-central-1"), "spare global services there"),
        (sending("eu-west-1"), outside("eu-central-1", NotAction=["iam:*"]), "let the Region of what it is about pass"),
        (sending("eu-west-1", "us-east-1"), outside("eu-central-1"), "nobody gets anything by Own/It"),
        (sending("eu-west-1", "eu-central-1"), outside("eu-central-1"), ""),
        (sending("eu-*"), outside("eu-central-1"), ""),
        # It may be of the Region that a copy is made in.
        (sending("eu-west-1", action="rds:CopyDBSnapshot"), outside("eu-central-1"), ""),
        (sending("eu-west-1", action="rds:*"), outside("eu-central-1"), ""),
        (sending("eu-west-1", action="sqs:*"), outside("eu-central-1"), "nobody gets anything by Own/It"),
        (sending("eu-west-1", action="*"), outside("eu-central-1"), ""),
        (allowing("s3:GetObject"), outside("eu-central-1"), ""),
        (
            of_the_app(lambda stack: sns.Topic(stack, "T").topic_arn, "sns:Publish"),
            outside("us-east-1"),
            "the Region of",
        ),
        (of_the_app(lambda stack: sqs.Queue(stack, "Q").queue_arn, "sqs:*"), outside("eu-central-1"), ""),
        (
            of_the_app(lambda stack: f"arn:aws:s3:::{s3.Bucket(stack, 'B').bucket_name}/*", "s3:GetObject"),
            {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::ledger/*"},
            "",
        ),
        (
            allowing_on("arn:aws:s3:::ledger/*", "arn:aws:sqs:eu-central-1:333344445555:orders"),
            denied("*", Condition={"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}),
            "",
        ),
        (
            sending("*", account="333344445555"),
            denied("*", Condition={"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}),
            "nobody gets anything by Own/It",
        ),
        (
            sending("*"),
            denied("*", Condition={"StringNotEquals": {"aws:ResourceAccount": "${aws:principalaccount}"}}),
            "",
        ),
        (
            sending("*", account="333344445555"),
            denied("*", Condition={"StringNotEquals": {"aws:ResourceAccount": "${aws:PrincipalTag/trusted}"}}),
            "",
        ),
        (
            sending("*", conditions={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
            outside("eu-central-1"),
            "nobody gets anything by Own/It",
        ),
    ],
)
def test_what_a_policy_of_the_root_denies(app: cdk.App, make: Make, statement: dict[str, Any], said: str) -> None:
    """The synthesis warns where nobody may do what a construct is for, and of nothing that somebody may."""
    found = said_of(app, statement, make)
    assert said in found if said else "Management/Ours" not in found


@pytest.mark.parametrize("more", [{"target_ids": ["ou-ab12-11111111"]}, {"type": "RESOURCE_CONTROL_POLICY"}])
def test_what_may_not_reach_the_members(app: cdk.App, more: dict[str, Any]) -> None:
    """In which unit the account is the app does not say, and IAM is not what resource control policies are about."""
    assert "Management/Ours" not in said_of(app, denied("iam:EnableMFADevice"), group, **more)


@pytest.mark.parametrize(
    "target",
    [
        lambda management: organizations.CfnOrganization(management, "Organization").attr_root_id,
        lambda management: (
            cdk.CfnParameter(management, "Root", default="r-ab12", allowed_values=["r-ab12"]).value_as_string
        ),
    ],
)
@pytest.mark.parametrize("kind", ["SERVICE", "RESOURCE"])
def test_root_that_a_template_names_otherwise(app: cdk.App, target: Callable[[cdk.Stack], str], kind: str) -> None:
    """The root of the organization of the app is one, whatever its id is."""
    management = cdk.Stack(app, "Management", env=cdk.Environment(account=MANAGEMENT, region="eu-central-1"))
    statement = denied("sts:AssumeRole") | ({"Principal": "*"} if kind == "RESOURCE" else {})
    content = {"Version": "2012-10-17", "Statement": [statement]}
    given = {"type": f"{kind}_CONTROL_POLICY", "target_ids": [target(management)]}
    organizations.CfnPolicy(management, "Ours", name="Ours", content=content, **given)
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    CrossAccountRole(own, "It", trusted=Trusted.accounts(OWN))
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("Own").messages]
    assert any("Management/Ours denies sts:AssumeRole" in one for one in said)


@pytest.mark.parametrize(("here", "is_said"), [("cn-north-1", False), ("us-east-1", True)])
def test_region_of_iam_in_another_partition(app: cdk.App, here: str, is_said: bool) -> None:
    """Each partition has its own."""
    found = said_of(app, outside(here), group, region="cn-northwest-1")
    assert ("can enrol a device" in found) == is_said


def test_guardrail_spares_enrolment(app: cdk.App) -> None:
    """A guardrail that asks for MFA has to let people get it."""
    management = cdk.Stack(app, "Management", env=cdk.Environment(account=MANAGEMENT, region="eu-central-1"))
    RequireMfaGuardrail(management, "Users", targets=["r-ab12"])
    own = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    group(own)
    assert not any("Management/Users" in str(one.entry.data) for one in app.synth().get_stack_by_name("Own").messages)


@pytest.mark.parametrize(
    ("kind", "condition", "target", "is_said"),
    [
        # No stack of the app is of the account of the callers.
        ("SERVICE", {}, HUB, True),
        ("SERVICE", {}, "333344445555", False),
        ("SERVICE", {}, "r-ab12", False),
        # Nobody but a user has used MFA.
        ("SERVICE", TO_USERS, HUB, True),
        ("SERVICE", TO_ROLES, HUB, False),
        ("RESOURCE", TO_USERS, OWN, True),
        ("RESOURCE", TO_ROLES, OWN, False),
        ("RESOURCE", {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}, OWN, True),
        ("RESOURCE", {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ops/*"}}, OWN, False),
    ],
)
def test_what_denies_a_role_to_an_account_with_mfa(
    app: cdk.App, kind: str, condition: dict[str, Any], target: str, is_said: bool
) -> None:
    """Whom a role trusts by their account, and asks for MFA, are its users."""
    statement = denied("sts:AssumeRole", Condition=condition) | ({"Principal": "*"} if kind == "RESOURCE" else {})
    more = {"type": f"{kind}_CONTROL_POLICY", "target_ids": [target]}
    found = said_of(app, statement, lambda stack: CrossAccountRole(stack, "It", trusted=Trusted.accounts(HUB)), **more)
    assert ("Management/Ours denies sts:AssumeRole" in found) == is_said
