"""
References to resources of the app: what is of another kind than the argument takes is refused, since a deployment would
put it there, and nobody would get in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_eks as eks
from aws_cdk import aws_iam as iam
from aws_cdk import aws_identitystore as identitystore
from aws_cdk import aws_kms as kms
from aws_cdk import aws_organizations as organizations
from aws_cdk import aws_rolesanywhere as rolesanywhere
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_sso as sso
from aws_cdk import aws_stepfunctions as stepfunctions

from trustproof_cdk import (
    AssumeRoleGrant,
    CognitoIdentityPoolRole,
    CrossAccountRole,
    EksPodIdentityRole,
    MfaPolicy,
    OrganizationRole,
    PermissionSet,
    RequireMfaGuardrail,
    RolesAnywhereRole,
    ServiceRole,
    Trusted,
    WebIdentityRole,
)

OWN = "222233334444"
ROLE = f"arn:aws:iam::{OWN}:role/eks"
HUB = Trusted.accounts("111122223333")
INSTANCE = "arn:aws:sso:::instance/ssoins-0123456789abcdef"
ANCHOR = {"sourceType": "AWS_ACM_PCA", "sourceData": {"acmPcaArn": "arn:aws:acm-pca:eu-central-1:222233334444:a/b"}}


def cluster(stack: cdk.Stack) -> eks.CfnCluster:
    network = {"subnetIds": ["subnet-1", "subnet-2"]}
    return eks.CfnCluster(stack, "C", role_arn=ROLE, resources_vpc_config=network)


def anchor(stack: cdk.Stack) -> rolesanywhere.CfnTrustAnchor:
    return rolesanywhere.CfnTrustAnchor(stack, "A", name="a", source=ANCHOR)


def endpoint(stack: cdk.Stack, service: str) -> str:
    made = ec2.CfnVPCEndpoint(stack, "E", vpc_id="vpc-0a1b2c3d", service_name=service, vpc_endpoint_type="Interface")
    return made.ref


def vpc(stack: cdk.Stack, network: str | None = "10.0.0.0/16") -> ec2.CfnVPC:
    return ec2.CfnVPC(stack, "V", cidr_block=network)


def reading(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: MfaPolicy(stack, "It", actions=["sqs:ReceiveMessage"], resources=[value(stack)])


def attached(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return crossing(
        managed_policies=lambda stack: [iam.ManagedPolicy.from_managed_policy_arn(stack, "Given", value(stack))]
    )


def iam_role(stack: cdk.Stack) -> iam.CfnRole:
    return iam.CfnRole(stack, "R", assume_role_policy_document={})


def organization(stack: cdk.Stack) -> organizations.CfnOrganization:
    return organizations.CfnOrganization(stack, "O")


def unit(stack: cdk.Stack) -> organizations.CfnOrganizationalUnit:
    return organizations.CfnOrganizationalUnit(stack, "U", name="dev", parent_id="r-ab12")


def people(stack: cdk.Stack) -> identitystore.CfnGroup:
    return identitystore.CfnGroup(stack, "G", display_name="dev", identity_store_id="d-1234567890")


def pool(stack: cdk.Stack) -> cognito.CfnIdentityPool:
    return cognito.CfnIdentityPool(stack, "P", allow_unauthenticated_identities=True)


def provider(stack: cdk.Stack) -> iam.CfnOIDCProvider:
    return iam.CfnOIDCProvider(stack, "I", url="https://idp.example.com", client_id_list=["aws"])


def crossing(**given: Callable[[cdk.Stack], Any]) -> Callable[[cdk.Stack], object]:
    return lambda stack: CrossAccountRole(
        stack, "It", **{"trusted": HUB, **{name: one(stack) for name, one in given.items()}}
    )


def pods(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: EksPodIdentityRole(stack, "It", namespace="a", service_account="b", clusters=[value(stack)])


def machines(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    certificate = {"x509Subject/CN": ["a"]}
    return lambda stack: RolesAnywhereRole(stack, "It", trust_anchors=[value(stack)], certificate=certificate)


def guests(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: CognitoIdentityPoolRole(stack, "It", identity_pool_id=value(stack), authenticated=False)


def service(name: str, value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: ServiceRole(stack, "It", service=f"{name}.amazonaws.com", source_arns=[value(stack)])


def tokens(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: WebIdentityRole(stack, "It", issuer=value(stack), audiences=["aws"], subjects=["x"])


def guardrail(**given: Callable[[cdk.Stack], list[str]]) -> Callable[[cdk.Stack], object]:
    return lambda stack: RequireMfaGuardrail(
        stack, "It", **{"targets": ["r-ab12"], **{name: one(stack) for name, one in given.items()}}
    )


def grant(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: AssumeRoleGrant(stack, "It", groups=[iam.Group(stack, "G")], target_roles=[value(stack)])


def everywhere(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: OrganizationRole(
        stack,
        "It",
        organizational_units=[value(stack)],
        role=lambda inner: CrossAccountRole(inner, "It", trusted=HUB, role_name="It"),
    )


def permission_set(value: Callable[[cdk.Stack], str]) -> Callable[[cdk.Stack], object]:
    return lambda stack: PermissionSet(stack, "It", name="It", instance_arn=value(stack))


def assigned(value: Callable[[cdk.Stack], str], kind: str = "GROUP") -> Callable[[cdk.Stack], object]:
    return lambda stack: PermissionSet(stack, "It", name="It", instance_arn=INSTANCE).assign(
        "All", accounts=[OWN], principal_id=value(stack), principal_type=kind
    )


def state_machine(stack: cdk.Stack) -> stepfunctions.CfnStateMachine:
    return stepfunctions.CfnStateMachine(stack, "M", role_arn=ROLE)


def schedules(stack: cdk.Stack) -> scheduler.CfnScheduleGroup:
    return scheduler.CfnScheduleGroup(stack, "S")


def bucket(stack: cdk.Stack) -> str:
    return s3.CfnBucket(stack, "B").attr_arn


def group(stack: cdk.Stack) -> str:
    return iam.CfnGroup(stack, "People").attr_arn


def instance(stack: cdk.Stack) -> ec2.CfnInstance:
    return ec2.CfnInstance(stack, "Server")


REFUSED: list[tuple[Callable[[cdk.Stack], object], str]] = [
    (pods(lambda stack: cluster(stack).ref), "got Ref of It/C (AWS::EKS::Cluster); of resources of the app, give Arn"),
    (machines(lambda stack: anchor(stack).ref), "got Ref of It/A (AWS::RolesAnywhere::TrustAnchor)"),
    (guests(lambda stack: pool(stack).attr_name), "got Name of It/P (AWS::Cognito::IdentityPool)"),
    (guests(lambda stack: cognito.UserPool(stack, "X").user_pool_id), "(AWS::Cognito::UserPool)"),
    (service("states", bucket), "source_arns must be of a state machine for states.amazonaws.com, got Arn of It/B"),
    (service("states", lambda stack: state_machine(stack).attr_name), "got Name of It/M"),
    (service("scheduler", lambda stack: schedules(stack).ref), "got Ref of It/S (AWS::Scheduler::ScheduleGroup)"),
    (service("vpc-flow-logs", bucket), "source_arns must be of a flow log for vpc-flow-logs.amazonaws.com, got Arn"),
    (tokens(lambda stack: provider(stack).attr_arn), "(AWS::IAM::OIDCProvider): give that as provider"),
    (crossing(vpc_endpoints=lambda stack: [vpc(stack).ref]), "got Ref of It/V (AWS::EC2::VPC)"),
    (
        crossing(vpc_endpoints=lambda stack: [endpoint(stack, "com.amazonaws.eu-central-1.s3")]),
        "vpc_endpoints must be endpoints for AWS STS, since its calls come through no other, got It/E, which is for s3",
    ),
    (
        crossing(vpc_endpoints=lambda stack: [endpoint(stack, f"com.amazonaws.{cdk.Aws.REGION}.ssm")]),
        "got It/E, which is for ssm",
    ),
    (crossing(source_ips=lambda stack: [vpc(stack).attr_cidr_block]), "got '10.0.0.0/16', which AWS never sees"),
    (crossing(source_ips=lambda stack: [instance(stack).attr_private_ip]), "got PrivateIp of It/Server"),
    (crossing(source_ips=lambda stack: [instance(stack).ref]), "got Ref of It/Server (AWS::EC2::Instance)"),
    (crossing(trusted=lambda stack: Trusted.users(group(stack))), "got Arn of It/People (AWS::IAM::Group)"),
    (crossing(trusted=lambda stack: Trusted.accounts(bucket(stack))), "got Arn of It/B (AWS::S3::Bucket)"),
    (
        crossing(trusted=lambda stack: Trusted.users(f"{iam.User(stack, 'Alice').user_arn}/x")),
        "got more than Arn of It/Alice/Resource (AWS::IAM::User), which is one by itself",
    ),
    (grant(lambda stack: f"{iam_role(stack).attr_arn}/x"), "got more than Arn of It/R (AWS::IAM::Role)"),
    (crossing(trusted=lambda stack: Trusted.organization(organization(stack).attr_root_id)), "got RootId of It/O"),
    (
        reading(lambda stack: sqs.CfnQueue(stack, "Q").ref),
        "must be an ARN, got Ref of It/Q (AWS::SQS::Queue), which is none",
    ),
    (reading(lambda stack: kms.CfnKey(stack, "K").attr_key_id), "resources must be an ARN, got KeyId of It/K"),
    (attached(group), "managed_policies must be the ARN of a managed policy like"),
    (attached(group), "got Arn of It/People (AWS::IAM::Group); of resources of the app, give Ref or PolicyArn of AWS"),
    (grant(group), "target_roles must be a list of ARNs or roles, got Arn of It/People (AWS::IAM::Group)"),
    (
        grant(lambda stack: CrossAccountRole(stack, "R", trusted=HUB).role_name),
        "got Ref of It/R/Resource (AWS::IAM::Role); of resources of the app, give Arn of AWS::IAM::Role",
    ),
    (guardrail(targets=lambda stack: [unit(stack).attr_arn]), "got Arn of It/U (AWS::Organizations::"),
    (guardrail(exempt_users=lambda stack: [group(stack)]), "got Arn of It/People (AWS::IAM::Group)"),
    (everywhere(lambda stack: organization(stack).attr_id), "got Id of It/O (AWS::Organizations::Organization)"),
    (permission_set(lambda stack: sso.CfnInstance(stack, "N").attr_identity_store_id), "got IdentityStoreId of It/N"),
    (assigned(lambda stack: people(stack).attr_group_id, "USER"), "got GroupId of It/G (AWS::IdentityStore::Group)"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_reference_to_another_kind(app: cdk.App, make: Callable[[cdk.Stack], object], message: str) -> None:
    """The message names the attribute, the resource and its type."""
    stack = cdk.Stack(app, "It", env=cdk.Environment(account=OWN, region="eu-central-1"))
    with pytest.raises(ValueError, match=re.escape(message)):
        make(stack)


ACCEPTED: list[Callable[[cdk.Stack], object]] = [
    pods(lambda stack: cluster(stack).attr_arn),
    machines(lambda stack: anchor(stack).attr_trust_anchor_arn),
    guests(lambda stack: pool(stack).ref),
    service("states", lambda stack: state_machine(stack).ref),
    service("scheduler", lambda stack: schedules(stack).attr_arn),
    # Of these services nobody says what they send.
    service("logs", bucket),
    tokens(lambda stack: cluster(stack).attr_open_id_connect_issuer_url),
    *(
        crossing(vpc_endpoints=lambda stack, name=name: [endpoint(stack, name)])  # type: ignore[misc]
        for name in (
            "com.amazonaws.eu-central-1.sts",
            "com.amazonaws.us-east-1.sts-fips",
            f"com.amazonaws.{cdk.Aws.REGION}.sts",
            cdk.Fn.join(".", ["com.amazonaws", cdk.Aws.REGION, "sts"]),
            cdk.Fn.import_value("endpoint-service"),
        )
    ),
    crossing(source_ips=lambda stack: [ec2.CfnEIP(stack, "Ip").ref, ec2.CfnEIP(stack, "Ip2").attr_public_ip]),
    crossing(source_ips=lambda stack: [vpc(stack, "198.51.100.0/24").attr_cidr_block]),
    crossing(source_ips=lambda stack: [vpc(stack, None).attr_cidr_block]),
    crossing(source_ips=lambda stack: [instance(stack).attr_public_ip]),
    crossing(trusted=lambda stack: Trusted.users(iam.CfnUser(stack, "Alice").attr_arn)),
    crossing(trusted=lambda stack: Trusted.organization(organization(stack).ref)),
    crossing(
        trusted=lambda stack: Trusted.accounts(
            organizations.CfnAccount(stack, "N", account_name="n", email="a@example.com").attr_account_id
        )
    ),
    reading(lambda stack: sqs.CfnQueue(stack, "Q").attr_arn),
    reading(lambda stack: sns.CfnTopic(stack, "T").ref),
    reading(lambda stack: f"arn:aws:sqs:eu-central-1:{OWN}:{sqs.CfnQueue(stack, 'Q').attr_queue_name}"),
    attached(lambda stack: iam.CfnManagedPolicy(stack, "P", policy_document={}).ref),
    attached(lambda stack: cdk.CfnParameter(stack, "X").value_as_string),
    grant(lambda stack: iam_role(stack).attr_arn),
    grant(lambda stack: f"arn:{cdk.Aws.PARTITION}:iam::{OWN}:role/{iam_role(stack).ref}"),
    grant(lambda stack: f"{cdk.Fn.import_value('Prefix')}/x"),
    guardrail(targets=lambda stack: [unit(stack).ref, organization(stack).attr_root_id]),
    guardrail(exempt_users=lambda stack: [iam.CfnUser(stack, "Robot").attr_arn]),
    everywhere(lambda stack: unit(stack).attr_id),
    permission_set(lambda stack: sso.CfnInstance(stack, "N").attr_instance_arn),
    assigned(lambda stack: people(stack).attr_group_id),
    # What may give anything.
    pods(lambda stack: cdk.CustomResource(stack, "X", service_token=ROLE).get_att_string("ClusterArn")),
    pods(lambda stack: cdk.CfnParameter(stack, "X").value_as_string),
    grant(
        lambda stack: cdk.CfnStack(stack, "X", template_url="https://example.com/t").get_att("Outputs.Arn").to_string()
    ),
]


@pytest.mark.parametrize("make", ACCEPTED)
def test_reference_to_what_the_argument_takes(app: cdk.App, make: Callable[[cdk.Stack], object]) -> None:
    """Also to a parameter, a custom resource or an output, which may give anything."""
    make(cdk.Stack(app, "It", env=cdk.Environment(account=OWN, region="eu-central-1")))
