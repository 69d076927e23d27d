"""
`AssumeRoleGrant`: exactly the named roles.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam

from trustproof_cdk import AssumeRoleGrant, CrossAccountRole, Trusted

DEPLOYER = "arn:aws:iam::222233334444:role/Deployer"
READER = "arn:aws:iam::222233334444:role/people/Reader"

Resources = Callable[[str], list[dict[str, Any]]]


def test_document_names_the_roles(stack: cdk.Stack, resources: Resources) -> None:
    """One statement, the roles as they were given, attached to whom was given."""
    group = iam.Group(stack, "People")
    builder = iam.Role(stack, "Builder", assumed_by=iam.ServicePrincipal("codebuild.amazonaws.com"))
    AssumeRoleGrant(
        stack,
        "Grant",
        roles=[DEPLOYER, READER],
        groups=[group],
        users=[iam.User.from_user_name(stack, "Alice", "alice")],
        source_roles=[builder],
    )
    (properties,) = resources("AWS::IAM::ManagedPolicy")
    assert properties["PolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [DEPLOYER, READER]}],
    }
    assert properties["Groups"] == [stack.resolve(group.group_name)]
    assert properties["Users"] == ["alice"]
    assert properties["Roles"] == [stack.resolve(builder.role_name)]


def test_roles_of_other_stacks_are_named(app: cdk.App) -> None:
    """A role with a name can be granted from the stack of another account."""
    workload = cdk.Stack(app, "Workload", env=cdk.Environment(account="222233334444", region="eu-central-1"))
    hub = cdk.Stack(app, "Hub", env=cdk.Environment(account="111122223333", region="eu-central-1"))
    role = CrossAccountRole(workload, "Role", trusted=Trusted.accounts("111122223333"), role_name="Deployer")
    grant = AssumeRoleGrant(hub, "Grant", roles=[role])
    (statement,) = hub.resolve(grant.document)["Statement"]
    assert statement["Resource"] == {
        "Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":iam::222233334444:role/Deployer"]]
    }
    app.synth()


@pytest.mark.parametrize(
    ("roles", "message"),
    [
        (["arn:aws:iam::222233334444:role/*"], "roles must be the ARN of an IAM role like"),
        (["arn:aws:iam::*:role/Deployer"], "roles must be the ARN of an IAM role like"),
        (["*"], "without wildcards, got '*'"),
        ([], "roles must have at least one entry, got none"),
    ],
)
def test_constructor_refuses(stack: cdk.Stack, roles: list[str], message: str) -> None:
    """A wildcard would grant every role that trusts the account, today's and tomorrow's."""
    with pytest.raises(ValueError, match=re.escape(message)):
        AssumeRoleGrant(stack, "Grant", roles=roles)


def test_one_role_must_be_in_a_list(stack: cdk.Stack) -> None:
    """A string is not a list of its characters."""
    with pytest.raises(TypeError, match=r"roles must be a list of ARNs or roles, got the string"):
        AssumeRoleGrant(stack, "Grant", roles=DEPLOYER)
