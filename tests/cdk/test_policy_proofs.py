"""
Policies, groups, guardrails and StackSets: what an escape hatch breaks in them is refuted.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from tests.cdk.generated import ACCOUNT, ENTRY, ENVIRONMENT, HUB
from trustproof import prove
from trustproof_cdk import (
    AssumeRoleGrant,
    CrossAccountRole,
    FederationBroker,
    MfaEnforcedGroup,
    MfaPolicy,
    OrganizationRole,
    RequireMfaGuardrail,
    Trusted,
    TrustproofChecks,
)

CONFIG = {"boundary": {"accounts": [HUB]}, "sensitive": {"actions": ["ec2:TerminateInstances", "kms:Schedule*"]}}
WITHOUT_MFA = {"aws:MultiFactorAuthPresent": "false"}

Broken = Callable[[cdk.Stack], cdk.CfnResource]


def resource_of(construct: Any) -> cdk.CfnResource:
    """The resource in a construct, or the construct that is one."""
    found = construct.node.default_child or construct
    assert isinstance(found, cdk.CfnResource)
    return found


def policy(stack: cdk.Stack) -> cdk.CfnResource:
    """Actions that need MFA."""
    people = iam.Group(stack, "People")
    return resource_of(MfaPolicy(stack, "It", actions=["ec2:TerminateInstances"], resources=["*"], groups=[people]))


def group(stack: cdk.Stack) -> cdk.CfnResource:
    """What holds back the members of a group who may do a lot."""
    people = MfaEnforcedGroup(stack, "It")
    people.add_to_policy(iam.PolicyStatement(actions=["ec2:*"], resources=["*"]))
    return resource_of(people.node.find_child("MfaEnforcement"))


def grant(stack: cdk.Stack) -> cdk.CfnResource:
    """One role that may be assumed."""
    return resource_of(AssumeRoleGrant(stack, "It", target_roles=[ENTRY], groups=[iam.Group(stack, "People")]))


def broker(stack: cdk.Stack) -> cdk.CfnResource:
    """Permissions for sessions, and not for the user who hands them out."""
    may = iam.PolicyStatement(actions=["kms:ScheduleKeyDeletion"], resources=["*"])
    programs = iam.Group(stack, "Programs")
    given = FederationBroker(stack, "It", federated_users=["app-*"], session_permissions=[may], groups=[programs])
    return resource_of(given)


def everywhere(stack: cdk.Stack) -> cdk.CfnResource:
    """A role in every account."""
    return OrganizationRole(
        stack,
        "It",
        organizational_units=["ou-ab12-11111111"],
        role=lambda inner: CrossAccountRole(inner, "Role", trusted=Trusted.accounts(HUB), role_name="Role"),
    )


def weakened(resource: cdk.CfnResource) -> None:
    """The body of a StackSet with the operator that is true of a request without the key."""
    assert isinstance(resource, OrganizationRole)
    body = json.dumps(resource.template).replace('"Bool"', '"BoolIfExists"')
    resource.add_property_override("TemplateBody", body)


def without_condition(number: int) -> Callable[[cdk.CfnResource], None]:
    """A statement that has lost its condition."""
    return lambda resource: resource.add_property_deletion_override(f"PolicyDocument.Statement.{number}.Condition")


def deaf(resource: cdk.CfnResource) -> None:
    """A Deny that a request without the key does not meet."""
    place = "PolicyDocument.Statement.5.Condition"
    resource.add_property_deletion_override(f"{place}.BoolIfExists")
    resource.add_property_override(f"{place}.Bool", WITHOUT_MFA)


BROKEN: list[tuple[Broken, Callable[[cdk.CfnResource], None], str]] = [
    (policy, without_condition(0), "sensitive-actions-require-mfa"),
    (group, deaf, "sensitive-actions-require-mfa"),
    (
        grant,
        lambda resource: resource.add_property_override("PolicyDocument.Statement.0.Resource", "*"),
        "assume-role-scoped",
    ),
    (broker, without_condition(1), "sensitive-actions-require-mfa"),
    (everywhere, weakened, "mfa-required"),
]


@pytest.mark.parametrize(("made", "weaken", "property_"), BROKEN)
def test_override_is_refuted(
    app: cdk.App, made: Broken, weaken: Callable[[cdk.CfnResource], None], property_: str
) -> None:
    """As the construct writes it, it passes the strict gate; as the override leaves it, it does not."""
    cdk.Validations.of(app).add_plugins(TrustproofChecks(config=CONFIG, strict=True))
    resource = made(cdk.Stack(app, "Stack", env=ENVIRONMENT))
    app.synth()
    weaken(resource)
    with pytest.raises(RuntimeError, match=f"trustproof::{property_}"):
        app.synth(force=True)


@pytest.mark.parametrize("policy_type", ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"])
def test_guardrail_holds_back_whoever_may_do_everything(app: cdk.App, policy_type: str) -> None:
    """
    An IAM user who may do everything needs MFA under the guardrail, and does not under a weakened one.

    Policies of an organization are no resource of the template whose holder could be judged, so this asks about the
    user.
    """
    stack = cdk.Stack(app, "Stack", env=ENVIRONMENT)
    guardrail = RequireMfaGuardrail(stack, "It", targets=["r-ab12"], policy_type=policy_type)
    assert verdict_of_administrator(app, stack) == "proved"
    place = "Content.Statement.0.Condition"
    guardrail.add_property_deletion_override(f"{place}.BoolIfExists")
    guardrail.add_property_override(f"{place}.Bool", WITHOUT_MFA)
    assert verdict_of_administrator(app, stack) == "refuted"


def verdict_of_administrator(app: cdk.App, stack: cdk.Stack) -> str:
    """Whether a user who may do everything does something sensitive without MFA, under the guardrail of a stack."""
    template = app.synth(force=True).get_stack_artifact(stack.artifact_id).template
    (found,) = template["Resources"].values()
    (statement,) = found["Properties"]["Content"]["Statement"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    both = [everything, {key: value for key, value in statement.items() if key != "Principal"}]
    config = {"sensitive": {"actions": ["s3:DeleteBucket", "kms:ScheduleKeyDeletion"]}}
    document = {"Version": "2012-10-17", "Statement": both}
    return prove(document, "sensitive-actions-require-mfa", account=ACCOUNT, config=config, kind="identity").verdict
