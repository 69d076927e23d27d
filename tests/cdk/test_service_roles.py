"""
`ServiceRole` and `RolesAnywhereRole`: for a service, and for us.
"""

from __future__ import annotations

import re
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_rolesanywhere as rolesanywhere

from trustproof.aws.service_principals import IN_TRUST_POLICIES
from trustproof_cdk import RolesAnywhereRole, ServiceRole
from trustproof_cdk._arguments.service_principals import SILENT_SERVICES
from trustproof_cdk.service_role import SENDING_SERVICES

ANCHOR = "arn:aws:rolesanywhere:eu-central-1:222233334444:trust-anchor/11111111-2222-3333-4444-555555555555"
MACHINE = "arn:aws:states:eu-central-1:222233334444:stateMachine:*"


@pytest.mark.parametrize("service", SENDING_SERVICES)
def test_service_that_says_for_whom_it_calls_must_call_for_us(app: cdk.App, service: str) -> None:
    """Our own account is demanded without being asked for."""
    stack = cdk.Stack(app, "Stack", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    (statement,) = ServiceRole(stack, "Role", service=service).trust_policy["Statement"]
    assert statement == {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": service},
        "Condition": {"StringEquals": {"aws:SourceAccount": "222233334444"}},
    }


def test_what_the_gate_expects_is_what_the_construct_demands() -> None:
    """No role for a service is refuted for a condition that the construct does not write."""
    # Bedrock's pages show it for each of its roles one by one, so the construct demands it; the gate asks for no more
    # than what is said of a service as a whole.
    assert set(SENDING_SERVICES) == {*IN_TRUST_POLICIES, "bedrock.amazonaws.com"}
    assert not {*SILENT_SERVICES} & {*IN_TRUST_POLICIES}


@pytest.mark.parametrize("service", [*SILENT_SERVICES, "backup.amazonaws.com"])
def test_other_services_are_trusted_as_they_are(stack: cdk.Stack, service: str) -> None:
    """A condition on what a service does not send would lock it out."""
    (statement,) = ServiceRole(stack, "Role", service=service).trust_policy["Statement"]
    assert "Condition" not in statement


@pytest.mark.parametrize("service", SILENT_SERVICES)
def test_a_condition_on_what_is_not_sent_locks_the_service_out(stack: cdk.Stack, service: str) -> None:
    """Unless it is met without the key too."""
    with pytest.raises(ValueError, match=f"{service} sends neither aws:SourceAccount nor aws:SourceArn"):
        ServiceRole(stack, "Refused", service=service, conditions={"ArnLike": {"AWS:SourceArn": MACHINE}})
    ServiceRole(stack, "Role", service=service, conditions={"StringEqualsIfExists": {"aws:SourceAccount": "1" * 12}})


SUFFIX = cdk.Aws.URL_SUFFIX


@pytest.mark.parametrize(
    "service",
    [
        "states.cn-north-1.amazonaws.com.cn",
        "codebuild.eu-central-1.amazonaws.com",
        f"states.{SUFFIX}",
        cdk.Fn.sub("states.${AWS::URLSuffix}"),
        f"states.{cdk.Aws.REGION}.{SUFFIX}",
        iam.ServicePrincipal.service_principal_name("states.amazonaws.com"),
    ],
    # A token is another text in each process.
    ids=["China", "Region", "suffix", "sub", "Region and suffix", "principal"],
)
def test_service_is_known_by_its_other_names(stack: cdk.Stack, service: str) -> None:
    """In China, where a Region is in it, and as the CDK and CloudFormation write it."""
    (statement,) = ServiceRole(stack, "Role", service=service).trust_policy["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


@pytest.mark.parametrize(
    ("service", "more", "message"),
    [
        (f"lamda.{SUFFIX}", {}, "got 'lamda.amazonaws.com'; did you mean 'lambda.amazonaws.com'"),
        (f"pods.eks.{SUFFIX}", {}, "use EksPodIdentityRole"),
        (f"ec2.{SUFFIX}", {"source_account": "222233334444"}, "ec2.amazonaws.com sends neither .* source_account out"),
    ],
    ids=["misspelt", "pods", "silent"],
)
def test_and_refused_by_them(stack: cdk.Stack, service: str, more: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ServiceRole(stack, "Role", service=service, **more)


def test_account_of_an_environment_agnostic_stack_is_its_own(stack: cdk.Stack) -> None:
    """The account is known when the stack is deployed."""
    (statement,) = ServiceRole(stack, "Role", service="states.amazonaws.com").trust_policy["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_sources_can_be_demanded_of_any_other_service(stack: cdk.Stack) -> None:
    """Whoever has read the service's documentation knows better than a table."""
    role = ServiceRole(
        stack, "Role", service="backup.amazonaws.com", source_account="222233334444", source_arns=[MACHINE]
    )
    (statement,) = role.trust_policy["Statement"]
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "222233334444"},
        "ArnLike": {"aws:SourceArn": MACHINE},
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"service": "states"}, "service must be a service principal like 'states.amazonaws.com', got 'states'"),
        ({"service": "*"}, "service must be a service principal like"),
        (
            {"service": "lambda.amazonaws.com", "source_account": "222233334444"},
            "lambda.amazonaws.com sends neither aws:SourceAccount nor aws:SourceArn",
        ),
        (
            {"service": "ec2.amazonaws.com.cn", "source_account": "222233334444"},
            "ec2.amazonaws.com.cn sends neither aws:SourceAccount nor aws:SourceArn",
        ),
        (
            {"service": "states.amazonaws.com", "source_account": "111122223333", "source_arns": [MACHINE]},
            f"source_arns must be of account 111122223333, for which the service calls, got '{MACHINE}'",
        ),
        ({"service": "states.amazonaws.com", "source_account": "me"}, "source_account must be a 12-digit"),
        ({"service": "states.amazonaws.com", "source_arns": ["*"]}, "source_arns must be an ARN with an account"),
    ],
)
def test_service_role_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """A bad argument fails where it is given, and the message shows it."""
    with pytest.raises(ValueError, match=re.escape(message)):
        ServiceRole(stack, "Role", **arguments)


def test_roles_anywhere_demands_anchor_and_certificate(stack: cdk.Stack) -> None:
    """The three actions Roles Anywhere needs, of one authority, for certificates that match every attribute."""
    role = RolesAnywhereRole(
        stack,
        "Role",
        trust_anchors=[ANCHOR],
        certificate={"x509Subject/CN": ["build-1", "build-2"], "x509SAN/DNS": ["*.build.example.com"]},
    )
    assert role.trust_policy["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["sts:AssumeRole", "sts:SetSourceIdentity", "sts:TagSession"],
            "Principal": {"Service": "rolesanywhere.amazonaws.com"},
            "Condition": {
                "ArnEquals": {"aws:SourceArn": ANCHOR},
                "StringEquals": {"aws:PrincipalTag/x509Subject/CN": ["build-1", "build-2"]},
                "StringLike": {"aws:PrincipalTag/x509SAN/DNS": "*.build.example.com"},
            },
        }
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trust_anchors": ["arn:aws:iam::222233334444:root"]}, "trust_anchors must be the ARN of a trust anchor like"),
        ({"trust_anchors": []}, "trust_anchors must have at least one entry, got none"),
        ({"certificate": {}}, "certificate must have at least one entry, got none"),
        (
            {"certificate": {"x509Issuer/CN": ["CA"]}},
            "certificate must have an attribute of the machine (x509Subject/… or x509SAN/…), got only x509Issuer/CN",
        ),
        ({"certificate": {"CN": ["build-1"]}}, "certificate must be an attribute of a certificate like"),
        (
            {"certificate": {"x509Subject/CN": ["*"]}},
            "certificate['x509Subject/CN'] must be a value of 1 to 256 characters of ASCII that is not only wildcards",
        ),
        ({"certificate": {"x509Subject/CN": ["${aws:username}"]}}, "without '${', got '${aws:username}'"),
    ],
)
def test_roles_anywhere_refuses(stack: cdk.Stack, arguments: dict[str, Any], message: str) -> None:
    """Every certificate of an authority is too many."""
    given = {"trust_anchors": [ANCHOR], "certificate": {"x509Subject/CN": ["build-1"]}, **arguments}
    with pytest.raises(ValueError, match=re.escape(message)):
        RolesAnywhereRole(stack, "Role", **given)


OWN = "222233334444"


@pytest.mark.parametrize(
    ("service", "arn", "kind"),
    [
        ("scheduler", f"arn:aws:scheduler:eu-central-1:{OWN}:schedule/default/nightly", "a group of schedules"),
        ("scheduler", f"arn:aws:scheduler:*:{OWN}:schedule/*", "a group of schedules"),
        ("scheduler", f"arn:aws:events:eu-central-1:{OWN}:rule/nightly", "a group of schedules"),
        ("scheduler", f"arn:aws:scheduler:*:{OWN}:schedule-group/default", ""),
        ("scheduler", f"arn:aws:scheduler:*:{OWN}:schedule*", ""),
        ("scheduler", f"arn:aws:scheduler:*:{OWN}:*", ""),
        ("vpc-flow-logs", f"arn:aws:ec2:eu-central-1:{OWN}:vpc/vpc-1", "a flow log"),
        ("vpc-flow-logs", f"arn:aws:logs:eu-central-1:{OWN}:log-group:flows", "a flow log"),
        ("vpc-flow-logs", f"arn:aws:ec2:eu-central-1:{OWN}:vpc-flow-log/fl-1", ""),
        ("states", f"arn:aws:states:eu-central-1:{OWN}:execution:Nightly:1", "a state machine"),
        ("states", f"arn:aws:states:eu-central-1:{OWN}:stateMachine:*", ""),
        ("codebuild", f"arn:aws:codebuild:eu-central-1:{OWN}:build/shop:1", "a project"),
        ("codebuild", f"arn:aws:codebuild:eu-central-1:{OWN}:project/shop", ""),
        ("ssm-incidents", f"arn:aws:ssm-incidents::{OWN}:response-plan/shop", "an incident record"),
        ("ssm-incidents", f"arn:aws:ssm-incidents:*:{OWN}:incident-record/shop/*", ""),
        ("resources.cloudformation", f"arn:aws:cloudformation:eu-central-1:{OWN}:stack/shop/1", "a type of extension"),
        ("resources.cloudformation", f"arn:aws:cloudformation:eu-central-1:{OWN}:type/resource/Acme-A-B", ""),
        ("personalize", f"arn:aws:s3:eu-central-1:{OWN}:bucket", "something of Personalize"),
        ("personalize", f"arn:aws:personalize:eu-central-1:{OWN}:*", ""),
        ("iot", f"arn:aws:iot:eu-central-1:{OWN}:*", ""),
        # What only a deployment knows may be of the kind.
        ("scheduler", "arn:aws:scheduler:REGION:ACCOUNT:NAME", ""),
        (
            "scheduler",
            f"arn:aws:scheduler:REGION:{OWN}:schedule/NAME",
            "a group of schedules",
        ),
    ],
)
def test_a_source_is_of_the_kind_that_the_service_sends(app: cdk.App, service: str, arn: str, kind: str) -> None:
    """A condition on another one is met by no call, so that the service could not use the role."""
    stack = cdk.Stack(app, "Own", env=cdk.Environment(account=OWN, region="eu-central-1"))
    for name, token in (("REGION", cdk.Aws.REGION), ("ACCOUNT", cdk.Aws.ACCOUNT_ID), ("NAME", cdk.Aws.STACK_NAME)):
        arn = arn.replace(name, token)
    given = {"service": f"{service}.amazonaws.com", "source_arns": [arn]}
    if not kind:
        ServiceRole(stack, "Role", **given)
        return
    with pytest.raises(ValueError, match=f"source_arns must be of {kind}.* since it sends no other"):
        ServiceRole(stack, "Role", **given)


@pytest.mark.parametrize(("enabled", "warned"), [((False,), True), ((False, True), False), ((None,), False)])
def test_trust_anchors_that_are_all_disabled_are_said(
    app: cdk.App, enabled: tuple[bool | None, ...], warned: bool
) -> None:
    """Nobody gets a session by one, also where it is disabled after the role is made."""
    stack = cdk.Stack(app, "S", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    data = rolesanywhere.CfnTrustAnchor.SourceDataProperty(acm_pca_arn="arn:aws:acm-pca:eu-central-1:222233334444:x")
    source = rolesanywhere.CfnTrustAnchor.SourceProperty(source_type="AWS_ACM_PCA", source_data=data)
    anchors = [
        rolesanywhere.CfnTrustAnchor(stack, f"Anchor{at}", name="a", source=source) for at in range(len(enabled))
    ]
    arns = [one.attr_trust_anchor_arn for one in anchors]
    RolesAnywhereRole(stack, "Role", trust_anchors=arns, certificate={"x509Subject/CN": ["build"]})
    for anchor, one in zip(anchors, enabled, strict=True):
        anchor.enabled = one
    said = [str(one.entry.data) for one in app.synth().get_stack_by_name("S").messages]
    assert any("nobody gets into S/Role: S/Anchor0 is disabled" in one for one in said) is warned
