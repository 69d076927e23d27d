"""
`OrganizationRole`: a StackSet whose template is made by the constructs that make every other role.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets

from trustproof_cdk import AssumeRoleGrant, CrossAccountRole, OrganizationRole, Trusted

Resources = Callable[[str], list[dict[str, Any]]]

HUB = "111122223333"
UNIT = "ou-ab12-11111111"


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


def test_feature_flags_are_those_of_the_app(tmp_path: Any) -> None:
    """What the app decided about the CDK holds inside the StackSet too."""
    app = cdk.App(outdir=str(tmp_path), context={"@aws-cdk/example:flag": True, "aws:cdk:enable-path-metadata": True})
    seen: list[Any] = []

    def role(stack: cdk.Stack) -> iam.Role:
        seen.append(stack.node.try_get_context("@aws-cdk/example:flag"))
        return auditor(stack)

    found = OrganizationRole(cdk.Stack(app, "Stack"), "Everywhere", organizational_units=[UNIT], role=role)
    assert seen == [True]
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


def test_role_of_another_stack_is_refused(stack: cdk.Stack) -> None:
    """It would not be in the template that accounts get."""
    with pytest.raises(ValueError, match="role must make a role in the stack it is given, and return it"):
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=lambda inner: auditor(stack))


def test_reference_to_another_stack_fails(stack: cdk.Stack) -> None:
    """No account has the resources of this stack."""
    account = cdk.CfnParameter(stack, "Account").value_as_string
    with pytest.raises(RuntimeError, match="Cannot reference across apps"):
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

    with pytest.raises(RuntimeError, match="assets"):
        OrganizationRole(stack, "Everywhere", organizational_units=[UNIT], role=with_file)


def test_quotas_of_the_role_hold(stack: cdk.Stack) -> None:
    """What fails the synthesis of a role fails it inside a StackSet too."""
    accounts = [f"{number:012}" for number in range(200)]
    with pytest.raises(RuntimeError, match="the trust policy has 3"):
        OrganizationRole(
            stack,
            "Everywhere",
            organizational_units=[UNIT],
            role=lambda inner: CrossAccountRole(inner, "R", trusted=Trusted.accounts(*accounts), role_name="R"),
        )
